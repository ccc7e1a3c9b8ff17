"""What is asked next: enabled items, steps, progress and what is missing, from a questionnaire and answers alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil

from intake.questionnaire import Condition, Item, ItemType, Kind, Operator, Questionnaire, Slot, Value

SECONDS_A_QUESTION = 35


class State(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    TO_A_PERSON = "to_a_person"  # "I would rather tell a person"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a slot."""

    state: State
    values: tuple[Value, ...] = ()
    number: int = 0  # which entry of the intake it is; hand it back when correcting
    at: datetime | None = None


Answers = Mapping[Slot, Entry]


@dataclass(frozen=True, slots=True)
class Step:
    """One question as it is asked, or, after a copy of a repeating group, whether there is another."""

    slot: Slot
    item: Item
    around: tuple[Item, ...]  # the groups it stands in, outermost first
    before: tuple[Item, ...]  # texts of the file to show ahead of it
    entry: Entry | None
    asks_for_another: bool = False  # `item` is the group; the answer is yes or no

    @property
    def key(self) -> str:
        """The slot as one text."""
        return self.slot.key

    @property
    def is_missing(self) -> bool:
        """It is required and not answered."""
        return self.item.required and not self.asks_for_another and not self.is_answered

    @property
    def is_answered(self) -> bool:
        """There is an answer; a skip is none."""
        return self.entry is not None and self.entry.state is State.ANSWERED


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    total: int  # questions, as the answers stand now
    answered: int
    skipped: int  # passed over, or kept for a person
    minutes_left: int

    @property
    def left(self) -> int:
        """Questions nothing was said to yet."""
        return self.total - self.answered - self.skipped


def steps(questionnaire: Questionnaire, answers: Answers) -> tuple[Step, ...]:
    """Every enabled question in the order it is asked."""
    return tuple(_Walk(questionnaire, answers).steps(questionnaire.items, (), ()))


def next_step(path: tuple[Step, ...], after: str = "") -> Step | None:
    """The first question nothing was said to yet behind the slot `after`, or anywhere; None when all were met."""
    keys = [step.key for step in path]
    start = keys.index(after) + 1 if after in keys else 0
    return next((step for step in (*path[start:], *path[:start]) if step.entry is None), None)


def step_before(path: tuple[Step, ...], key: str) -> Step | None:
    """The step ahead of the slot `key`; the last one for a slot that is not on the path, None at the beginning."""
    keys = [step.key for step in path]
    place = keys.index(key) if key in keys else len(path)
    return path[place - 1] if place else None


def progress(path: tuple[Step, ...]) -> Progress:
    """Counts over the questions of a path."""
    questions = [step for step in path if not step.asks_for_another]
    answered = sum(step.is_answered for step in questions)
    skipped = sum(step.entry is not None and not step.is_answered for step in questions)
    left = len(questions) - answered - skipped
    return Progress(len(questions), answered, skipped, ceil(left * SECONDS_A_QUESTION / 60))


def missing(path: tuple[Step, ...]) -> tuple[Step, ...]:
    """Required questions without an answer; with any of these nothing is handed over."""
    return tuple(step for step in path if step.is_missing)


class _Walk:
    """One reading of a questionnaire with one set of answers; what was found enabled is remembered."""

    def __init__(self, questionnaire: Questionnaire, answers: Answers) -> None:
        self._answers = answers
        self._items: dict[str, Item] = {}
        self._parents: dict[str, tuple[Item, ...]] = {}
        for item, around in questionnaire.walk():
            self._items[item.link_id], self._parents[item.link_id] = item, around
        self._known: dict[Slot, bool] = {}
        self._texts: list[Item] = []

    def steps(self, items: tuple[Item, ...], rows: tuple[int, ...], around: tuple[Item, ...]) -> Iterator[Step]:
        """The enabled questions among `items` and under them; texts of the file go to the question after them."""
        for item in items:
            if not self._is_enabled(item, rows):
                continue
            if item.type is ItemType.DISPLAY:
                self._texts.append(item)
            elif item.type is ItemType.GROUP:
                inside = (*around, item)
                yield from self._copies(item, rows, inside) if item.repeats else self.steps(item.items, rows, inside)
            else:
                slot, texts = Slot(item.link_id, rows), tuple(self._texts)
                self._texts.clear()
                yield Step(slot, item, around, texts, self._answers.get(slot))
                yield from self.steps(item.items, rows, around)

    def _copies(self, group: Item, rows: tuple[int, ...], around: tuple[Item, ...]) -> Iterator[Step]:
        for row in range(group.most):
            here = (*rows, row)
            said = False
            for step in self.steps(group.items, here, around):
                said = said or (step.is_answered and not step.asks_for_another)
                yield step
            slot = Slot(group.link_id, here)
            if said and row + 1 < group.most:
                yield Step(slot, group, around, (), self._answers.get(slot), asks_for_another=True)
            if not self._has_another(slot):
                return

    def _has_another(self, slot: Slot) -> bool:
        entry = self._answers.get(slot)
        return entry is not None and entry.state is State.ANSWERED and entry.values[:1] == (YES,)

    def _is_enabled(self, item: Item, rows: tuple[int, ...]) -> bool:
        """With the groups around it. Conditions hold no loops: reading the file made sure."""
        depth = sum(one.repeats and one.type is ItemType.GROUP for one in self._parents[item.link_id])
        slot = Slot(item.link_id, rows[:depth])
        if slot not in self._known:
            above = self._parents[item.link_id]
            self._known[slot] = (not above or self._is_enabled(above[-1], rows)) and self._is_wanted(item, slot.rows)
        return self._known[slot]

    def _is_wanted(self, item: Item, rows: tuple[int, ...]) -> bool:
        if not item.conditions:
            return True
        held = (self._holds(condition, item, rows) for condition in item.conditions)
        return any(held) if item.any_condition else all(held)

    def _holds(self, condition: Condition, item: Item, rows: tuple[int, ...]) -> bool:
        values = [value for slot in self._slots(condition.question, item, rows) for value in self._values(slot)]
        return holds(condition, tuple(values))

    def _values(self, slot: Slot) -> tuple[Value, ...]:
        """What was answered, as long as the question is asked at all."""
        entry = self._answers.get(slot)
        if entry is None or entry.state is not State.ANSWERED:
            return ()
        return entry.values if self._is_enabled(self._items[slot.item], slot.rows) else ()

    def _slots(self, question: str, asker: Item, rows: tuple[int, ...]) -> Iterator[Slot]:
        """The copy in the asker's own row, or every copy of groups the asker does not stand in."""
        theirs = [one for one in self._parents[question] if one.repeats and one.type is ItemType.GROUP]
        mine = [one for one in self._parents[asker.link_id] if one.repeats and one.type is ItemType.GROUP]
        shared = 0
        while shared < min(len(theirs), len(mine)) and theirs[shared] is mine[shared]:
            shared += 1
        yield from (Slot(question, found) for found in self._rows(theirs[shared:], rows[:shared]))

    def _rows(self, groups: list[Item], rows: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if not groups:
            yield rows
            return
        for row in range(groups[0].most):
            yield from self._rows(groups[1:], (*rows, row))
            if not self._has_another(Slot(groups[0].link_id, (*rows, row))):
                return


YES = Value(Kind.BOOLEAN, "true")
NO = Value(Kind.BOOLEAN, "false")


def holds(condition: Condition, values: tuple[Value, ...]) -> bool:
    """One condition over the values of its question; without an answer only `exists` = false holds."""
    if condition.operator is Operator.EXISTS:
        return bool(values) == (condition.value.text == "true")
    if not values:
        return False
    if condition.operator is Operator.EQUAL:
        return any(is_same(value, condition.value) for value in values)
    if condition.operator is Operator.NOT_EQUAL:
        return not any(is_same(value, condition.value) for value in values)
    return any(_compares(value, condition.operator, condition.value) for value in values)


def is_same(value: Value, other: Value) -> bool:
    """Both say the same; own words are never the same as an option."""
    if Kind.OWN_WORDS in (value.kind, other.kind) or value.kind is not other.kind:
        return False
    if value.kind is Kind.OPTION:
        named = (value.code, value.system) if value.code or other.code else (value.text, "")
        return named == ((other.code, other.system) if value.code or other.code else (other.text, ""))
    one, two = _measure(value), _measure(other)
    return (one == two and value.code == other.code) if one is not None else value.text == other.text


def _compares(value: Value, operator: Operator, other: Value) -> bool:
    one, two = _measure(value), _measure(other)
    if one is None or two is None or type(one) is not type(two) or value.code != other.code:
        return False  # own words and different units are not compared
    below, same = one < two, one == two  # type: ignore[operator]  # both are of one type
    match operator:
        case Operator.GREATER:
            return not below and not same
        case Operator.LESS:
            return below
        case Operator.AT_LEAST:
            return not below
        case _:
            return below or same


def _measure(value: Value) -> Decimal | datetime | str | None:
    """What can be put in order: numbers, and dates and times, whose canonical text orders itself."""
    match value.kind:
        case Kind.INTEGER | Kind.DECIMAL | Kind.QUANTITY:
            return Decimal(value.text)
        case Kind.DATE_TIME:
            return datetime.fromisoformat(value.text)
        case Kind.DATE | Kind.TIME:
            return value.text
        case _:
            return None
