"""What the page shows in danger: one small block a step, from reviewed wording, the same for screens and measures."""

import re
from dataclasses import dataclass

from prompts.resources import Resources, resources
from prompts.wording import Wording, wording
from triage.decision import Decision, Reason
from triage.rules import DANGER

_EMERGENCY = (Reason.EMERGENCY,)
_VIOLENCE = (Reason.BEING_HARMED,)
_QUESTION = re.compile(
    r"(what|who|how|when|where|why|which|can|could|do|does|is|are|will|qué|que|quién|cómo|como|cuándo|dónde|cuánto)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CareBlock:
    """A step of care. `links` are (label, href); `fingerprints` name the wording that made it."""

    title: str
    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    question: str
    choices: tuple[str, ...]
    footer: str  # that this is a program; the line about people comes from stored rows, not from here
    fingerprints: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it as one text, as a reader meets it."""
        return "\n".join(
            (self.title, *self.lines, *(label for label, _ in self.links), self.question, *self.choices, self.footer)
        ).strip()


def care_block(decision: Decision, language: str, step: int, message: str = "") -> CareBlock:
    """The block for the `step`-th turn in danger of a conversation, counted from 0. Two in a row are never the same.
    A later one opens with the visitor's question only if their `message` asked one."""
    kind = _kind(decision.reasons)
    program = wording("care-program", language)
    if step == 0:
        first = wording(f"care-{kind.value}-first", language)
        title, line, question = first.paragraphs
        choices = wording("care-choices", language)
        links, used = _links(kind, language)
        prints = tuple(part.fingerprint for part in (first, choices, used, program))
        return CareBlock(title, (line,), links, question, choices.paragraphs, program.text, prints)
    then = wording(f"care-{kind.value}-then", language)
    question = wording(f"care-{kind.value}-first", language).paragraphs[2]
    choices = wording("care-choices", language)
    later = wording("care-later" if _asks(message) else "care-still", language)
    links, used = _links(kind, language)
    line = then.paragraphs[(step - 1) % len(then.paragraphs)]
    prints = tuple(part.fingerprint for part in (then, choices, used, later, program))
    return CareBlock(later.text, (line,), links, question, choices.paragraphs, program.text, prints)


def _asks(message: str) -> bool:
    return "?" in message or _QUESTION.match(message.strip()) is not None


def _kind(reasons: tuple[Reason, ...]) -> Reason:
    """The kind whose care comes first: a body in danger, then violence, then a young person, then the rest."""
    for first in (*_EMERGENCY, *_VIOLENCE, Reason.MINOR_IN_DANGER):
        if first in reasons:
            return first
    return next((reason for reason in reasons if reason in DANGER), Reason.SUICIDE)


def _links(kind: Reason, language: str) -> tuple[tuple[tuple[str, str], ...], Wording]:
    known: Resources = resources(language)
    if kind in _EMERGENCY:
        used = wording("care-links-emergency", language)
        hrefs: tuple[str, ...] = (known["emergency"].call_link, known["poison"].call_link)
    elif kind in _VIOLENCE:
        used = wording("care-links-violence", language)
        hrefs = (known["violence"].call_link, known["violence"].text_link, known["emergency"].call_link)
    else:
        used = wording("care-links", language)
        hrefs = (known["lifeline"].call_link, known["lifeline"].text_link, known["emergency"].call_link)
    return tuple(zip(used.paragraphs, hrefs, strict=True)), used
