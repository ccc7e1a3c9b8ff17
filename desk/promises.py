"""A linter for outgoing wording: no promise that no row holds. Patterns are a reviewed file, in both languages."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from desk.status import Status

FILE = Path(__file__).with_name("promises.toml")


class Promise(StrEnum):
    """What a wording claims; each needs its own row, two can never have one."""

    SAVED = "saved"
    ALERTED = "alerted"
    SEEN = "seen"
    ANSWERED = "answered"
    RECEIVED = "received"  # somebody receives messages here
    WATCHED = "watched"  # somebody is watching: never
    BY_A_TIME = "by_a_time"  # a time for somebody else to act, or a result: never


_DENIAL = re.compile(r"\b(nobody|no one|not|never|no|nadie|ning[uú]n[oa]?|nunca)\b", re.IGNORECASE)
NEVER = (Promise.WATCHED, Promise.BY_A_TIME)


@dataclass(frozen=True, slots=True)
class Concern:
    """Words that claim what no row holds."""

    promise: Promise
    words: str


@cache
def _patterns() -> tuple[tuple[Promise, re.Pattern[str]], ...]:
    loaded = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        (promise, re.compile("|".join(f"(?:{one})" for one in loaded[promise.value]["patterns"]), re.IGNORECASE))
        for promise in Promise
    )


def promises(text: str) -> tuple[Concern, ...]:
    """Everything the text promises, kept or not; a clause that denies it first promises nothing."""
    found = []
    for clause in re.split(r"[.!?;:,\n]+\s*", text.replace("\u2019", "'")):
        for promise, pattern in _patterns():
            match = pattern.search(clause)
            if match and not _DENIAL.search(clause, 0, match.start()):
                found.append(Concern(promise, match.group()))
    return tuple(found)


def unkept(text: str, status: Status | None) -> tuple[Concern, ...]:
    """Promises in the text that the rows behind `status` do not hold."""
    return tuple(concern for concern in promises(text) if not _is_kept(concern.promise, status))


def _is_kept(promise: Promise, status: Status | None) -> bool:
    if promise in NEVER or status is None:
        return False
    match promise:
        case Promise.SAVED:
            return True
        case Promise.ALERTED:
            return status.alerted_at is not None
        case Promise.SEEN:
            return status.seen is not None
        case Promise.ANSWERED:
            return status.answered is not None
        case _:
            return status.receives
