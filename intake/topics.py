"""What triage reads in one answer: danger, which does not wait, or a topic for a person, which waits for the page."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from intake.engine import State
from intake.findings import Topic
from intake.questionnaire import Item, Kind, Questionnaire, Value
from intake.rows import Row
from triage.decision import Decision, Language, Reason, Route, Urgency, Verdict

READER = "intake"
_TYPED = (Kind.WORDS, Kind.OWN_WORDS, Kind.REFERENCE, Kind.URL)
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.QUANTITY)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read."""

    topic: Topic | None
    danger: Decision | None = None
    words: str = ""  # what staff should read of it


def read_answer(questionnaire: Questionnaire, row: Row, triage: Callable[[str], Decision]) -> Read:
    """The reading of a stored answer. What was typed is triaged; of options only what the file says of them counts."""
    item = questionnaire.by_id()[row.slot.item]
    if row.entry.state is not State.ANSWERED or not item.is_question:
        return Read(None)
    words = "\n".join(filter(None, map(_said, row.entry.values)))
    decision = triage(words) if words else Decision(Route.ANSWER)
    chosen = tuple(topic for value in row.entry.values if (topic := _topic(item, value)) is not None)
    if item.same_day is not None and any(is_not_zero(item, value) for value in row.entry.values):
        said = item.words.within(row.language) + "\n" + "\n".join(value.text for value in row.entry.values)
        decision = _must_reach(item.same_day, decision, said, Language(row.language))
        words = said
    if decision.route is Route.CRISIS:
        reasons = tuple(dict.fromkeys((*decision.reasons, *chosen)))
        return Read(Topic(decision.route, reasons, decision.words), decision, words)
    if decision.route.needs_person or chosen:
        route = decision.route if decision.route.needs_person else Route.SAFETY
        found = decision.reasons if decision.route.needs_person else ()
        return Read(Topic(route, tuple(dict.fromkeys((*found, *chosen))), decision.words))
    return Read(None)


def read_file(name: str, words: str, triage: Callable[[str], Decision]) -> Read:
    """The reading of a file's words; of danger, staff read the file's name and what stands around it."""
    decision = triage(words)
    if decision.route is Route.CRISIS:
        said = f"{name}:\n{cut_around(words, decision.words)}"
        return Read(Topic(decision.route, decision.reasons, decision.words), decision, said)
    return Read(Topic(decision.route, decision.reasons, decision.words) if decision.route.needs_person else None)


def cut_around(text: str, found: tuple[str, ...], around: int = 600, most: int = 4_000) -> str:
    """A text of at most so many characters whole; of a longer one what stands around the words that were found."""
    if len(text) <= most:
        return text
    places = sorted((place, place + len(words)) for words in found if words and (place := text.find(words)) >= 0)
    cuts: list[tuple[int, int]] = []
    for start, end in places or [(0, 0)]:
        start, end = max(start - around, 0), min(end + around, len(text))
        if cuts and start <= cuts[-1][1]:
            cuts[-1] = (cuts[-1][0], max(end, cuts[-1][1]))
        else:
            cuts.append((start, end))
    parts = [f"{'… ' if start else ''}{text[start:end].strip()}" for start, end in cuts]
    return "\n".join(parts) + (" …" if cuts[-1][1] < len(text) else "")


def _said(value: Value) -> str:
    """What was typed; of a file that an earlier release took, what stands in it."""
    return value.words or (value.text if value.kind in _TYPED else "")


def is_not_zero(item: Item, value: Value) -> bool:
    """Anything but a plain zero: what cannot be counted is for a person to read."""
    option = item.chosen(value)
    if option is not None and option.ordinal is not None:
        return option.ordinal != 0
    if value.kind in _NUMBERS:
        return Decimal(value.text) != 0
    return value != Value(Kind.BOOLEAN, "false")


def _topic(item: Item, value: Value) -> Reason | None:
    option = item.chosen(value)
    return None if option is None else option.topic


def _must_reach(reason: Reason, decision: Decision, said: str, language: Language) -> Decision:
    """The file's rule: whatever triage thinks, this reaches a person as danger does."""
    danger = decision.reasons if decision.route is Route.CRISIS else ()
    return Decision(
        Route.CRISIS,
        tuple(dict.fromkeys((*danger, reason))),
        Urgency.NOW,
        (*decision.words, said.partition("\n")[2]) if danger else (said.partition("\n")[2],),
        language=language,
        verdicts=(*decision.verdicts, Verdict(READER, Route.CRISIS, reason, said)),
    )
