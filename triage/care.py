"""Care as a state of the conversation: asked, standing, or with a person.

    before         danger read      clearly safe     anything else    staff take it    staff clear it
    none           asked            none             none             with_a_person    none
    asked          asked            standing         asked            with_a_person    none
    standing       asked            standing         standing         with_a_person    none
    with_a_person  with_a_person    with_a_person    with_a_person    with_a_person    none

Only staff clear it. In `asked` and `with_a_person` every message keeps the route crisis.
"""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType

from triage.decision import Care


class Heard(StrEnum):
    """What one event means for care."""

    DANGER = "danger"
    SAFE = "safe"  # a clear statement of being safe, nothing said against it
    OTHER = "other"
    TAKEN = "taken"  # staff are in the conversation
    CLEARED = "cleared"  # staff say so


_TABLE = MappingProxyType(
    {
        Care.NONE: (Care.ASKED, Care.NONE, Care.NONE, Care.WITH_A_PERSON, Care.NONE),
        Care.ASKED: (Care.ASKED, Care.STANDING, Care.ASKED, Care.WITH_A_PERSON, Care.NONE),
        Care.STANDING: (Care.ASKED, Care.STANDING, Care.STANDING, Care.WITH_A_PERSON, Care.NONE),
        Care.WITH_A_PERSON: (Care.WITH_A_PERSON,) * 4 + (Care.NONE,),
    }
)


def after(care: Care, heard: Heard) -> Care:
    """Where the conversation stands after one event."""
    return _TABLE[care][list(Heard).index(heard)]


def keeps_crisis(care: Care) -> bool:
    """Every message keeps the route crisis here."""
    return care in (Care.ASKED, Care.WITH_A_PERSON)


def replay(events: Iterable[Heard]) -> Care:
    """Where a conversation stands after its events so far."""
    care = Care.NONE
    for heard in events:
        care = after(care, heard)
    return care
