"""The library while the page runs: notices that the register has changed, and what may not be shown any more."""

import logging
from threading import Lock

from errors import BadSource
from knowledge.library import Library
from knowledge.register import Register, Stamp

log = logging.getLogger(__name__)


class LiveLibrary:
    """One process's view of the register; `clinic` narrows it to one clinic's documents."""

    def __init__(self, register: Register, clinic: str = "") -> None:
        self._register = register
        self._clinic = clinic
        self._read: Stamp = (0, 0)
        self._known: Stamp = (0, 0)
        self._gone: frozenset[str] = frozenset()
        self._lock = Lock()

    def read(self) -> Library:
        """The library as it is now. Raises BadSource."""
        self._read = self._register.stamp()  # before reading: what changes meanwhile is read again, what is broken not
        library = self._register.library()
        return library.of_clinic(self._clinic) if self._clinic else library

    def has_changed(self) -> bool:
        """The register is not the one that was read last; two numbers are compared."""
        return self._register.stamp() != self._read

    def withdrawn(self) -> frozenset[str]:
        """The ids that may not be quoted from this moment on; the register is opened only after a change."""
        stamp = self._register.stamp()
        if stamp == self._known:
            return self._gone
        with self._lock:
            try:
                self._gone, self._known = self._register.withdrawn(), stamp
            except BadSource:
                log.warning("the register cannot be read; what was withdrawn before stays withdrawn")
        return self._gone
