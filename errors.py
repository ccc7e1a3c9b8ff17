"""Everything we expect to break, as a small tree; each message says what to do next.

ForeroomError
├── BadInput          something handed to us cannot be used as it is
│   └── BadSource     a document, named with its file and line
├── BadSettings       a value of the environment; raised once, at start
├── Unavailable       a part that may come back: model, index, database, channel
├── NotAllowed        who asks may not do this
└── Conflict          somebody else was first; the caller's words are kept
"""


class ForeroomError(Exception):
    """The root: anything we raise on purpose."""


class BadInput(ForeroomError):
    """Something handed to us cannot be used as it is."""


class BadSource(BadInput):
    """A document cannot be read; the message names the file, the place and what to do."""


class BadSettings(ForeroomError):
    """A value read from the environment is missing, unknown or unreadable."""


class Unavailable(ForeroomError):
    """A part is not there now and may come back: a model, an index, a database, a channel."""


class NotAllowed(ForeroomError):
    """Who asks may not do this."""


class Conflict(ForeroomError):
    """Somebody else was first; nothing was changed, and the caller still has their words."""
