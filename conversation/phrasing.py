"""A language model words a draft for staff: a sentence for each statement, checked before anybody sees it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conversation.answer import Statement
from conversation.calls import Call, Outcome, Purpose
from conversation.checking import Written
from conversation.model import Model
from errors import Unavailable
from knowledge.library import Library

PATIENCE = 2.0  # times the seconds of a visitor's turn; staff can wait a little

PHRASED: dict[str, Any] = {
    "title": "phrased",
    "description": "The sentences said again, each with the number of the sentence it says.",
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"number": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["number", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Words the sentences of a draft; `keep` counts each call, outside of any transaction of the caller's."""

    model: Model
    library: Library
    keep: Callable[[Call], None]

    def __call__(self, question: str, statements: Sequence[Statement]) -> tuple[Written, ...]:
        """A sentence for each statement, with its span, in the order of the statements; Unavailable without an answer.

        The question is not shown to the model: it may be part of a message that triage left for a person. The headings
        over the statements stand in its place. Sentences for numbers that were not shown are dropped.
        """
        if not statements:
            return ()
        values, call = self.model.ask(
            Purpose.PHRASE,
            PHRASED,
            until=self.model.clock() + PATIENCE * self.model.seconds,
            about="; ".join(self._headings(statements)),
            sentences="\n".join(f"{number}. {one.text}" for number, one in enumerate(statements, 1)),
        )
        written = _written(values.get("sentences"), statements)
        if call.outcome is Outcome.USED and not written:
            call = call.ended(Outcome.EMPTY)
        self.keep(call)
        if not written:
            raise Unavailable(f"The language model wrote nothing that can be used ({call.outcome.value}).")
        return written

    def _headings(self, statements: Sequence[Statement]) -> list[str]:
        passages = (self.library.passages.get(one.span.passage) for one in statements)
        return list(dict.fromkeys(one.heading[-1] for one in passages if one is not None and one.heading))


def _written(given: object, statements: Sequence[Statement]) -> tuple[Written, ...]:
    """The first sentence given for each statement; lines, brackets and what is longer than two of it are left out."""
    said: dict[int, str] = {}
    for one in given if isinstance(given, list) else ():
        number, text = (one.get("number"), one.get("text")) if isinstance(one, dict) else (None, None)
        if not isinstance(number, int) or not 1 <= number <= len(statements) or not isinstance(text, str):
            continue
        plain = " ".join(text.split())
        if plain and len(plain) <= 2 * len(statements[number - 1].text) + 40:
            said.setdefault(number, plain)
    return tuple(Written(said[number], statements[number - 1].span) for number in sorted(said))
