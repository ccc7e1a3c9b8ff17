"""What the page shows in danger: one small block a step, from reviewed wording, the same for screens and measures."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from prompts.resources import resources
from prompts.wording import Wording, wording
from triage.decision import Decision, Reason
from triage.rules import DANGER

_EMERGENCY = (Reason.EMERGENCY,)
_VIOLENCE = (Reason.BEING_HARMED,)
_OF_ANOTHER = (Reason.MINOR_IN_DANGER, Reason.VOICES)
_QUESTION = re.compile(
    r"(what|who|how|when|where|why|which|can|could|do|does|is|are|will|qué|que|quién|cómo|como|cuándo|dónde|cu[aá]nt\w+)\b",
    re.IGNORECASE,
)
# Asked of the danger itself: the next step answers it, and nothing is put off.
_WHAT_NOW = re.compile(
    r"what (?:now|next|if)|(?:what|who|how) (?:do|can|should|shall) (?:i|we) (?:do|call|tell|say|text|leave|help)\b"
    r"|(?:should|can|could|do) (?:i|we) (?:call|text|tell|go|leave|stay|wait)|help|is (?:he|she)\b"
    r"|are you (?:a|real|there|human|still|going|calling)\b"
    r"|qu[eé] (?:hago|hacemos|puedo hacer|debo)|y ahora|ayuda|(?:debo|puedo) (?:llamar|decir|ir|salir)|eres|es usted",
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
    """The block for the `step`-th turn in danger (see care_steps), counted from 0. Two in a row are never the same.
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


def care_steps(decisions: Iterable[Decision]) -> list[int]:
    """The step of each turn in danger of a conversation, oldest first. Each way to help is counted for itself: an
    emergency or violence that comes up later opens with its own first words."""
    seen: Counter[str] = Counter()
    steps = []
    for decision in decisions:
        way = _way(_kind(decision.reasons))
        steps.append(seen[way])
        seen[way] += 1
    return steps


def _asks(message: str) -> bool:
    if _WHAT_NOW.match(message.strip(" ¿")):
        return False
    return "?" in message or _QUESTION.match(message.strip()) is not None


def _kind(reasons: tuple[Reason, ...]) -> Reason:
    """The kind whose care comes first: a body in danger, then violence, then a young person who writes, then voices,
    then the rest. Who writes about a young person, or about one who hears voices, gets the words for them."""
    for first in (*_EMERGENCY, *_VIOLENCE, Reason.MINOR_IN_DANGER, Reason.VOICES):
        if first in reasons:
            return Reason.THIRD_PERSON if first in _OF_ANOTHER and Reason.THIRD_PERSON in reasons else first
    return next((reason for reason in reasons if reason in DANGER), Reason.SUICIDE)


def _way(kind: Reason) -> str:
    """The wording that holds the links of a kind."""
    if kind in _EMERGENCY:
        return "care-links-emergency"
    return "care-links-violence" if kind in _VIOLENCE else "care-links"


def _links(kind: Reason, language: str) -> tuple[tuple[tuple[str, str], ...], Wording]:
    known, used = resources(language), wording(_way(kind), language)
    if kind in _EMERGENCY:
        hrefs: tuple[str, ...] = (known["emergency"].call_link, known["poison"].call_link)
    elif kind in _VIOLENCE:
        hrefs = (known["violence"].call_link, known["violence"].text_link, known["emergency"].call_link)
    else:
        hrefs = (known["lifeline"].call_link, known["lifeline"].text_link, known["emergency"].call_link)
    return tuple(zip(used.paragraphs, hrefs, strict=True)), used
