"""A reply proposed from the sources: the questions found, route and cover of each, a draft of spans and blanks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conversation.answer import Statement, Turn
from conversation.checking import Written
from triage.decision import Language, Route


class Blank(StrEnum):
    """Why a place of a draft is left for a person."""

    DANGER = "danger"
    SAFETY = "safety"
    ELIGIBILITY = "eligibility"
    SILENT = "silent"  # the documents do not say it
    OFF_TOPIC = "off_topic"


class Length(StrEnum):
    """How much of what was found a draft says."""

    SHORT = "short"
    MIDDLE = "middle"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Tone:
    """How a clinic's drafts begin, end and how long they are; `greeting` and `signature` may hold $name and $clinic."""

    greeting: str
    signature: str
    length: Length = Length.MIDDLE


@dataclass(frozen=True, slots=True)
class Asked:
    """One question found in a message, and the turn the program would take for it."""

    text: str
    turn: Turn

    @property
    def route(self) -> Route:
        """Who answers this question."""
        return self.turn.decision.route

    @property
    def is_covered(self) -> bool:
        """The documents answer it, and the program may say so."""
        return self.route is Route.ANSWER and bool(self.statements)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The sentences a draft may answer it with; none where a person must decide."""
        return self.turn.statements if self.route is Route.ANSWER else ()

    @property
    def blank(self) -> Blank | None:
        """Why a person must answer it; None where the documents do."""
        return None if self.is_covered else _BLANKS.get(self.route, Blank.SILENT)


_BLANKS = {
    Route.CRISIS: Blank.DANGER,
    Route.SAFETY: Blank.SAFETY,
    Route.ELIGIBILITY: Blank.ELIGIBILITY,
    Route.OUT_OF_SCOPE: Blank.OFF_TOPIC,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that nobody has read yet."""

    text: str
    asked: tuple[Asked, ...]
    put_in: tuple[Written, ...] = ()  # its sentences with the spans they are from, in order
    citations: tuple[Statement, ...] = ()  # the statements behind them, each once
    language: Language = Language.ENGLISH
    phrased_by: str = ""  # the model that worded it; "" where the sentences are the spans themselves
    blanks: tuple[Blank, ...] = field(default=())


# Words the sentences of an answer for one question: question, numbered statements -> sentences, each with the span it
# rests on. What it returns is checked before it is seen; a sentence that is not supported is dropped. Raises
# Unavailable, or returns nothing, where the statements are to stand as they are.
Phrase = Callable[[str, Sequence[Statement]], Sequence[Written]]
