"""The clinician's page as data: sections of lines, each with its time and a link to a message, an answer or a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.shown import Shown
from desk.transcript import Addressee
from intake import engine
from intake.enclosed import Enclosed, FileState
from intake.engine import State, Step
from intake.questionnaire import Item, Kind, Panel, Part, Questionnaire, Score, Slot, Value
from intake.rows import Intake, Row, newest
from intake.values import clean
from prompts.intake import intake_words
from triage.decision import Route
from triage.reasons import reasons


class To(StrEnum):
    """What a line leads to."""

    MESSAGE = "message"  # id of a message of the conversation
    ANSWER = "answer"  # id of an answer of an intake
    FILE = "file"  # fingerprint of the questionnaire's file


@dataclass(frozen=True, slots=True)
class Link:
    """Where a line comes from."""

    to: To
    id: str

    @property
    def text(self) -> str:
        """As a reader sees it: "answer 12"."""
        return f"{self.to.value} {self.id[:12]}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page; none is without its time and its link."""

    text: str  # own words, or the option as it was read
    at: datetime
    link: Link
    label: str = ""  # the question, the reason, or the source of a sentence
    typed: bool = False  # in the visitor's own words, word for word
    row: str = ""  # "2" for the second copy of a repeating group
    corrected: bool = False  # something else stood here before
    file: Enclosed | None = None  # that came with it; `text` is its name
    place: int = 0  # of the file among the values of its answer

    @property
    def note(self) -> str:
        """What the program did with the file, from the file's own row; "" where there is none."""
        return "" if self.file is None else note_on(self.file)


class SectionKey(StrEnum):
    """The sections that every page may have; a group of the questionnaire has one under its linkId."""

    TOPICS = "topics"
    MEDICINES = "medicines"
    TO_A_PERSON = "to_a_person"
    SKIPPED = "skipped"
    SCORES = "scores"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One answer to a follow-up on the chart and in the table beside it."""

    at: datetime
    item: str
    label: str
    panel: Panel
    value: Decimal | None  # None: in own words, so only in the table
    text: str
    link: Link
    intake: int = 0  # the follow-up it is part of


Scale = tuple[tuple[Panel, Decimal, Decimal], ...]  # panel, lowest and highest it can show


@dataclass(frozen=True, slots=True)
class Page:
    """One intake as a clinician reads it."""

    intake: int
    conversation: int
    reference: str  # of its ticket
    title: str
    version: str
    notice: str  # what the file says of its review
    language: str  # of the visitor
    begun_at: datetime
    handed_over_at: datetime
    sections: tuple[Section, ...]
    points: tuple[Point, ...] = ()  # follow-ups of this conversation, oldest first
    scale: Scale = ()

    def section(self, key: str) -> Section | None:
        """The section of that key."""
        return next((section for section in self.sections if section.key == key), None)


def build_page(
    intake: Intake,
    rows: tuple[Row, ...],
    conversation: tuple[Shown, ...],
    points: tuple[Point, ...] = (),
    scale: Scale = (),
) -> Page:
    """The page of a handed-over intake. Nothing on it is read out of an answer: it is arranged."""
    assert intake.handed_over_at is not None
    say, questionnaire = intake_words("en"), intake.questionnaire
    path = engine.steps(questionnaire, {row.slot: row.entry for row in rows})
    book = _Book(newest(rows), {row.slot for row in rows if _is_replaced(row, rows)})
    topics = (*book.unkept(path, conversation), *book.topics(path))
    sections = [Section(SectionKey.TOPICS, say("page.topics"), topics)]
    for title, key, steps in _by_group(path, say("page.answers")):
        sections.append(Section(key, title, tuple(book.answered(steps))))
    sections += [
        Section(SectionKey.MEDICINES, say("page.medicines"), tuple(book.medicines(path))),
        Section(SectionKey.TO_A_PERSON, say("page.to_a_person"), tuple(book.passed(path, State.TO_A_PERSON))),
        Section(SectionKey.SKIPPED, say("page.skipped"), tuple(book.passed(path, State.SKIPPED))),
        Section(SectionKey.SCORES, say("page.scores"), tuple(_scores(intake, path))),
        Section(SectionKey.ASKED, say("page.asked"), tuple(_asked(conversation))),
    ]
    return Page(
        intake.id,
        intake.conversation,
        f"F-{intake.ticket}",
        questionnaire.title.text,
        questionnaire.version,
        questionnaire.notice.text,
        intake.language.value,
        intake.begun_at,
        intake.handed_over_at,
        tuple(section for section in sections if section.lines),
        points,
        scale,
    )


def points_of(intake: Intake, rows: tuple[Row, ...]) -> Iterator[Point]:
    """What one follow-up adds to the chart; only what its file marks for it."""
    book = newest(rows)
    for step in engine.steps(intake.questionnaire, {row.slot: row.entry for row in rows}):
        if step.item.panel is None or step.entry is None or step.entry.at is None or not step.is_answered:
            continue
        for value in step.entry.values:
            counted = counts(step.item, value)
            link = Link(To.ANSWER, str(book[step.slot].id))
            label = step.item.short or step.item.words.text
            yield Point(
                step.entry.at,
                step.item.link_id,
                label,
                step.item.panel,
                counted,
                shown(step.item, value),
                link,
                intake.id,
            )


def counts(item: Item, value: Value) -> Decimal | None:
    """What the file says the value counts; a plain number counts itself."""
    option = item.chosen(value)
    if option is not None:
        return option.ordinal
    return Decimal(value.text) if value.kind in (Kind.INTEGER, Kind.DECIMAL) else None


def shown(item: Item, value: Value) -> str:
    """The value as it was read or typed; an option read in another language has the file's wording behind it."""
    if value.kind is Kind.BOOLEAN:
        return intake_words("en")("step.yes" if value.text == "true" else "step.no")
    if value.kind is Kind.QUANTITY:
        return f"{value.text} {value.code}".strip()
    option = item.chosen(value)
    if option is not None and option.words.text not in ("", value.text):
        return f"{value.text} ({option.words.text})"
    return value.text


def note_on(file: Enclosed) -> str:
    """What a clinician may know of the reading of a file."""
    say = intake_words("en")
    if file.state is FileState.WAITING:
        return say("page.file_waiting")
    return say("page.file_read") if file.is_read else say("page.file_unreadable", why=file.why)


def _in_file(name: str) -> str:
    return intake_words("en")("page.in_file", name=name) if name else ""


class _Book:
    """The rows that count, by slot."""

    def __init__(self, rows: Mapping[Slot, Row], corrected: set[Slot]) -> None:
        self._rows, self._corrected = rows, corrected

    def topics(self, path: tuple[Step, ...]) -> Iterator[Line]:
        """Most careful first, each with the words that decided."""
        order, items = list(Route), {step.slot: step.item for step in path}
        counts = [row for step in path if (row := self._rows.get(step.slot)) is not None]
        found = [(row, row.topic, "") for row in counts if row.topic is not None]
        found += [(row, one.topic, one.name) for row in counts for one in row.files if one.topic is not None]
        for row, topic, file in sorted(found, key=lambda one: order.index(one[1].route)):
            if row.entry.at is None:
                continue
            label = " ".join((*(reasons()[reason].staff for reason in topic.reasons), *filter(None, [_in_file(file)])))
            words = " … ".join(one for one in topic.words if not _is_within(one, topic.words))
            if not words and not file:  # chosen, not typed: the answer means nothing without its question
                item = items[row.slot]
                label = f"{label} {item.words.text}"
                words = " / ".join(shown(item, value) for value in row.entry.values)
            yield Line(words or file, row.entry.at, _to(row), label, typed=bool(topic.words))
        for row in counts:
            for one in row.files:
                if not one.is_read:
                    yield Line(one.name, one.at, _to(row), note_on(one))

    def unkept(self, path: tuple[Step, ...], conversation: tuple[Shown, ...]) -> Iterator[Line]:
        """Danger whose words stand in no answer any more: corrected since, or too much for their place."""
        rows = [row for step in path if (row := self._rows.get(step.slot)) is not None]
        held = {row.message for row in rows} | {file.message for row in rows for file in row.files}
        for said in conversation:
            if said.addressee is Addressee.INTAKE and not said.silent and said.id not in held and said.turn is not None:
                label = " ".join(reasons()[reason].staff for reason in said.turn.decision.reasons)
                yield Line(clean(said.text), said.at, Link(To.MESSAGE, str(said.id)), label, typed=True)

    def answered(self, steps: tuple[Step, ...]) -> Iterator[Line]:
        """Answers in the order they are asked; medicines have a heading of their own."""
        for step in steps:
            if step.is_answered and step.item.part is not Part.MEDICINES:
                yield from self._lines(step)

    def medicines(self, path: tuple[Step, ...]) -> Iterator[Line]:
        """As typed."""
        for step in path:
            if step.is_answered and step.item.part is Part.MEDICINES:
                yield from self._lines(step)

    def passed(self, path: tuple[Step, ...], state: State) -> Iterator[Line]:
        """Questions without an answer that were met."""
        for step in path:
            row = self._rows.get(step.slot)
            if row is None or row.entry.state is not state or row.entry.at is None or step.asks_for_another:
                continue
            yield Line(step.item.words.text, row.entry.at, _to(row), row=_copy(step), corrected=self._is_corrected(row))

    def _lines(self, step: Step) -> Iterator[Line]:
        row = self._rows[step.slot]
        if row.entry.at is None or step.asks_for_another:
            return
        for place, value in enumerate(row.entry.values):
            yield Line(
                shown(step.item, value),
                row.entry.at,
                _to(row),
                step.item.words.text,
                value.kind in (Kind.WORDS, Kind.OWN_WORDS, Kind.REFERENCE),
                _copy(step),
                self._is_corrected(row),
                row.file(place),
                place,
            )

    def _is_corrected(self, row: Row) -> bool:
        return row.slot in self._corrected


def _by_group(path: tuple[Step, ...], otherwise: str) -> Iterator[tuple[str, str, tuple[Step, ...]]]:
    """(title, key, steps) by the outermost group, in order."""
    keys = list(dict.fromkeys(step.around[0].link_id if step.around else "answers" for step in path))
    for key in keys:
        steps = tuple(step for step in path if (step.around[0].link_id if step.around else "answers") == key)
        title = steps[0].around[0].words.text if steps[0].around else otherwise
        yield title or otherwise, key, steps


def _scores(intake: Intake, path: tuple[Step, ...]) -> Iterator[Line]:
    questionnaire, say = intake.questionnaire, intake_words("en")
    link = Link(To.FILE, questionnaire.fingerprint)
    for score in questionnaire.scores:
        found = [step for step in path if step.item.link_id in score.items and step.entry and step.entry.at]
        if not found:
            continue
        total = sum_of(score, path)
        at = max(step.entry.at for step in found if step.entry and step.entry.at)
        if total is None:
            counted = [step for step in found if _count(step) is not None]
            left = str(len(score.items) - len(counted))
            yield Line(say("page.incomplete", open=left, all=str(len(score.items))), at, link, score.words.text)
            continue
        text = say(
            "page.sum",
            sum=f"{total:f}",
            low=f"{score.low:f}",
            high=f"{score.high:f}",
            title=questionnaire.title.text,
            version=questionnaire.version,
        )
        yield Line(text, at, link, score.words.text)
        for band in score.bands:
            if band.low <= total <= band.high:
                yield Line(band.words.text, at, link, score.words.text)


def sum_of(score: Score, path: tuple[Step, ...]) -> Decimal | None:
    """The sum as the file defines it; None unless every item has one chosen option."""
    found = {step.item.link_id: _count(step) for step in path if step.item.link_id in score.items}
    values = [found.get(link_id) for link_id in score.items]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _count(step: Step) -> Decimal | None:
    if step.entry is None or not step.is_answered or len(step.entry.values) != 1:
        return None
    return counts(step.item, step.entry.values[0])


def _asked(conversation: tuple[Shown, ...]) -> Iterator[Line]:
    """The visitor's questions and the very sentences that were shown."""
    for said in conversation:
        if said.addressee is Addressee.INTAKE:
            continue
        link = Link(To.MESSAGE, str(said.id))
        yield Line(clean(said.text), said.at, link, typed=True)
        for sentence in said.turn.statements if said.turn is not None and not said.silent else ():
            digest = ", summary" if sentence.is_digest else ""
            source = f"{sentence.clinic}{digest}, {sentence.span.source} version {sentence.span.version}"
            yield Line(sentence.text, said.at, link, source)


def scale_of(follow_ups: Iterable[Questionnaire]) -> Scale:
    """How far each panel of the chart reaches, from what the options of its items count."""
    found = []
    items = [item for one in follow_ups for item in one.by_id().values()]
    for panel in (Panel.ANHEDONIA, Panel.MOOD):
        counted = [
            option.ordinal
            for item in items
            if item.panel is panel
            for option in item.options
            if option.ordinal is not None
        ]
        if counted:
            found.append((panel, min(counted), max(counted)))
    return tuple(found)


def _is_replaced(row: Row, rows: tuple[Row, ...]) -> bool:
    return any(other.slot == row.slot and other.id > row.id for other in rows)


def _is_within(words: str, others: tuple[str, ...]) -> bool:
    """Longer words beside them say the same."""
    return any(words != other and words in other for other in others)


def _to(row: Row) -> Link:
    return Link(To.ANSWER, str(row.id))


def _copy(step: Step) -> str:
    return ".".join(str(row + 1) for row in step.slot.rows)
