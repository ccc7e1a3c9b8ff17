"""Who may do what at the desk: a closed list of actions and the roles each is open to."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a member of staff is here for."""

    ADMINISTRATOR = "administrator"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    READ_ONLY = "read_only"


class Action(StrEnum):
    """Everything a member of staff can do."""

    LOOK = "look"
    ACKNOWLEDGE = "acknowledge"
    CLAIM = "claim"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    WRITE = "write"
    SEND = "send"
    NOTE = "note"
    CHECK_OFF = "check_off"
    CLOSE = "close"
    CLOSE_DANGER = "close_danger"
    CLEAR_CARE = "clear_care"
    REOPEN = "reopen"
    INVITE = "invite"
    CHANGE_STAFF = "change_staff"
    SET_CONTACTS = "set_contacts"
    SWITCH_ANSWERS = "switch_answers"
    READ_TRAIL = "read_trail"


_TICKETS = frozenset(
    {
        Action.LOOK,
        Action.ACKNOWLEDGE,
        Action.CLAIM,
        Action.RELEASE,
        Action.HAND_OVER,
        Action.WRITE,
        Action.SEND,
        Action.NOTE,
        Action.CHECK_OFF,
        Action.CLOSE,
        Action.REOPEN,
    }
)
_HOUSE = frozenset({Action.INVITE, Action.CHANGE_STAFF, Action.SET_CONTACTS, Action.SWITCH_ANSWERS, Action.READ_TRAIL})

ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: _TICKETS | _HOUSE,
        Role.CLINICIAN: _TICKETS | {Action.CLOSE_DANGER, Action.CLEAR_CARE},
        Role.COORDINATOR: _TICKETS,
        Role.READ_ONLY: frozenset({Action.LOOK}),
    }
)
"""A danger ticket is closed, and care is cleared, by a clinician and nobody else."""


def may(role: Role, action: Action) -> bool:
    """The table's answer."""
    return action in ALLOWED[role]
