"""Questions that a document's passages answer, proposed by rule; a person accepts them before they are searched."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from errors import BadInput
from knowledge.register import place_of
from knowledge.source import Passage, Source

SHORT = 6  # words of a heading that is proposed as it stands
_ASKS = re.compile(
    r"^(?:what|who|whom|whose|when|where|why|how|which|is|are|was|can|could|do|does|did|will|would|should|may|have|has"
    r"|qué|quién|cuándo|cuánto|cuánta|cuántos|cuántas|dónde|cómo|por qué|hay|puedo)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"^(?:q(?:uestion)?[.:)]\s*)?([^.!?]{8,160}\?)", re.IGNORECASE)
_DEFINES = re.compile(r"^((?:[A-Z][\w-]+|[a-z]+)(?: [\w-]+){0,2}?) (?:is|means|refers to|describes) (?:a|an|the)\b")
_POINTS = re.compile(r"^(?:this|that|it|there|he|she|here|the (?:first|second|other))\b", re.IGNORECASE)
# What stands in a passage, and what visitors call it.
_HOLDS = (
    (re.compile(r"(?<!\d)\(?\d{3}\)?[-.\s]\d{3}[-.\s]\d{4}(?!\d)"), "what is the phone number"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"), "what is the e-mail address"),
    (
        re.compile(r"\b\d{1,5} (?:[A-Z][\w’']+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane)\b"),
        "what is the address",
    ),
    (re.compile(r"[$€£]\s?\d"), "how much does it cost"),
    (re.compile(r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.)", re.IGNORECASE), "what are the opening hours"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question for one passage."""

    place: str  # "#section.1"
    question: str

    def __str__(self) -> str:
        return f"{self.place} | {self.question}"


def propose(source: Source) -> list[Proposal]:
    """A few questions a passage, in reading order, without those that it has already."""
    proposed: list[Proposal] = []
    under: tuple[str, ...] = ()
    waiting = ""  # a question that stands as a paragraph of its own, before its answer
    for passage in source.passages:
        questions: list[str] = []
        if passage.heading != under:
            under = passage.heading
            questions += _of_heading(under[-1]) if under else []
        asked = _QUESTION.match(passage.text)
        if asked and len(passage.sentences) == 1:
            waiting = asked[1]
            continue
        questions += [waiting] if waiting else [asked[1]] if asked else []
        waiting = ""
        questions += _of_text(passage)
        known = {question.lower().rstrip("?") for question in passage.asked_as}
        for question in dict.fromkeys(map(_plain, questions)):
            if question and question not in known:
                proposed.append(Proposal(place_of(passage), question))
    return proposed


def written(source: Source, by_model: Mapping[str, Sequence[str]] | None = None) -> Iterator[str]:
    """The proposals as a file that a person edits and hands to `accept`: passages quoted, questions below them.

    `by_model` are a language model's, by place; they come after the others, and are marked as what they are.
    """
    yield f"; Questions proposed for {source.id}@{source.version}. Delete the lines that are wrong, reword the others,"
    yield f"; add your own, then run: python -m knowledge accept {source.id} THIS-FILE"
    by_rule = [(one.place, one.question) for one in propose(source)]
    for passage in source.passages:
        place = place_of(passage)
        own = [question for at, question in by_rule if at == place]
        known = {*own, *map(_plain, passage.asked_as)}
        more = [one for one in dict.fromkeys(map(_plain, (by_model or {}).get(place, ()))) if one not in known]
        if own or more:
            words = " ".join(passage.text.split())
            yield f"\n; {words if len(words) <= 150 else words[:147] + '…'}"
        yield from (str(Proposal(place, question)) for question in own)
        if more:
            yield "; from the language model:"
        yield from (str(Proposal(place, question)) for question in more)


def read_accepted(lines: list[str], name: str) -> dict[str, list[str]]:
    """Questions by place from such a file. Raises BadInput, naming the line."""
    accepted: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        at, mark, question = line.partition("|")
        if not mark or not at.strip().startswith("#") or not question.strip():
            raise BadInput(f"{name}, line {number}: write a place, a bar and a question: #parking.1 | where do i park")
        accepted.setdefault(at.strip(), []).append(_plain(question))
    if not accepted:
        raise BadInput(f"{name}: no question in it. `python -m knowledge propose ID` writes some to begin with.")
    return accepted


def _of_heading(heading: str) -> list[str]:
    if heading.endswith("?") or _ASKS.match(heading):
        return [heading]
    return [heading] if len(heading.split()) <= SHORT else []


def _of_text(passage: Passage) -> list[str]:
    questions = [question for pattern, question in _HOLDS if pattern.search(passage.text)]
    defined = _DEFINES.match(passage.text)
    if defined and not _POINTS.match(defined[1]):
        questions.append(f"what is {defined[1]}")
    return questions


def _plain(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?. ")
