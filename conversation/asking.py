"""A language model proposes questions that a document's passages answer; none is searched until a person accepts it."""

from collections.abc import Mapping
from typing import Any

from conversation.calls import Purpose
from conversation.model import Model
from knowledge.register import place_of
from knowledge.source import Source

MOST = 5  # questions a passage
LONGEST = 20  # words of a question
PATIENCE = 4.0  # times the seconds of a visitor's turn; nobody waits for a page

ASKED: dict[str, Any] = {
    "title": "asked",
    "description": "Questions that the passage answers.",
    "type": "object",
    "properties": {"questions": {"type": "array", "maxItems": MOST, "items": {"type": "string"}}},
    "required": ["questions"],
    "additionalProperties": False,
}


def asked_of(source: Source, model: Model) -> dict[str, list[str]]:
    """Questions by place ("#section.1"), a call a passage; a passage without a usable answer has none."""
    asked = {}
    for passage in source.passages:
        if passage.is_gap:
            continue
        values, _ = model.ask(
            Purpose.ASK,
            ASKED,
            until=model.clock() + PATIENCE * model.seconds,
            heading=" › ".join(passage.heading) or source.title,
            passage=passage.text,
        )
        if questions := _usable(values):
            asked[place_of(passage)] = questions
    return asked


def _usable(values: Mapping[str, Any]) -> list[str]:
    """The questions that stand on one line, are short, and can be written into a list of proposals."""
    given = values.get("questions")
    lines = (" ".join(one.split()) for one in (given if isinstance(given, list) else ()) if isinstance(one, str))
    fitting = (line for line in lines if any(map(str.isalpha, line)) and "|" not in line)
    return [line for line in dict.fromkeys(fitting) if len(line.split()) <= LONGEST][:MOST]
