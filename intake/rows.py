"""The intake's tables: each file as it was, intakes begun on it, every answer as a row of its own, follow-ups owed."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from errors import Conflict
from intake import enclosed
from intake.enclosed import ENCLOSED, Enclosed
from intake.engine import Entry, State
from intake.findings import Topic, held_of, topic_of
from intake.questionnaire import Kind, Questionnaire, Slot, Value
from intake.reading import read
from store.engine import METADATA, Instant
from store.keys import Seal
from triage.decision import Language

FILE = sa.Table(
    "questionnaire",
    METADATA,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # the file, word for word
)

FOLLOW_UP = sa.Table(
    "follow_up",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("name", sa.String(120), nullable=False),  # of the questionnaire
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),  # when the visitor is asked
    sa.Column("ended_at", Instant),  # staff called it off
)

INTAKE = sa.Table(
    "intake",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("fingerprint", sa.ForeignKey("questionnaire.fingerprint"), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),  # the last answer or move
    sa.Column("handed_over_at", Instant),
    sa.Column("ended_at", Instant),  # taken back or deleted
    sa.Column("message_id", sa.ForeignKey("message.id")),  # of the handing over
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), index=True),
    sa.Column("follow_up_id", sa.ForeignKey("follow_up.id")),
)

ANSWER = sa.Table(
    "intake_answer",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("intake_id", sa.ForeignKey("intake.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 1, 2, … in its intake; the newest of a slot counts
    sa.Column("slot", sa.String(300), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),  # the question was read in
    sa.Column("words", sa.LargeBinary),  # sealed values; null once deleted
    sa.Column("reading", sa.LargeBinary),  # sealed: what triage read in it; null: not read yet, or deleted
    sa.Column("client_key", sa.String(64)),  # the sender's own mark, so that a repeated send is one answer
    sa.Column("message_id", sa.ForeignKey("message.id")),  # where danger was read: the message it became
    sa.UniqueConstraint("intake_id", "number"),
    sa.UniqueConstraint("intake_id", "client_key"),
)


MOST_ANSWERS = 1_000  # with corrections
MOST_BYTES = 30_000_000  # sealed, files among them

RECORD = "record"  # kind of letter: an intake on its way to a FHIR server


class Stage(StrEnum):
    """Where an intake stands."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    TAKEN_BACK = "taken_back"  # the visitor's again; staff do not see it
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Intake:
    """One visitor's way through one questionnaire, as it is stored."""

    id: int
    conversation: int
    questionnaire: Questionnaire  # as it was when they began
    language: Language
    stage: Stage
    begun_at: datetime
    changed_at: datetime
    handed_over_at: datetime | None = None
    ended_at: datetime | None = None
    message: int | None = None
    ticket: int | None = None
    follow_up: int | None = None

    @property
    def takes_answers(self) -> bool:
        """It is in the visitor's hands."""
        return self.stage in (Stage.OPEN, Stage.TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class Row:
    """One answer as it was given; nothing is ever written over."""

    id: int
    slot: Slot
    entry: Entry
    language: str
    topic: Topic | None
    message: int | None
    files: tuple[Enclosed, ...] = ()  # that came with it

    def file(self, place: int) -> Enclosed | None:
        """The file that the value at this place is."""
        return next((one for one in self.files if one.place == place), None)


def begin(
    connection: Connection,
    conversation: int,
    questionnaire: Questionnaire,
    language: Language,
    now: datetime,
    follow_up: int | None = None,
) -> int:
    """A new intake, and the file it begins on, kept as it is; returns its id."""
    known = connection.execute(sa.select(FILE.c.name).where(FILE.c.fingerprint == questionnaire.fingerprint)).first()
    if known is None:
        connection.execute(
            FILE.insert().values(
                fingerprint=questionnaire.fingerprint, name=questionnaire.name, source=questionnaire.source
            )
        )
    made = connection.execute(
        INTAKE.insert().values(
            conversation_id=conversation,
            fingerprint=questionnaire.fingerprint,
            name=questionnaire.name,
            language=language.value,
            stage=Stage.OPEN.value,
            begun_at=now,
            changed_at=now,
            follow_up_id=follow_up,
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def of_conversation(connection: Connection, conversation: int) -> tuple[Intake, ...]:
    """Every intake of a conversation, oldest first."""
    return _intakes(connection, INTAKE.c.conversation_id == conversation)


def of_ticket(connection: Connection, ticket: int) -> tuple[Intake, ...]:
    """The intakes a ticket is about."""
    return _intakes(connection, INTAKE.c.ticket_id == ticket)


def find(connection: Connection, intake: int) -> Intake:
    """The intake of that number. Conflict if there is none."""
    found = _intakes(connection, INTAKE.c.id == intake)
    if not found:
        raise Conflict("There is no such intake.")
    return found[0]


def change(connection: Connection, intake: int, now: datetime, **values: Any) -> None:
    """Keep a move."""
    connection.execute(INTAKE.update().where(INTAKE.c.id == intake).values(changed_at=now, **values))


def write(
    connection: Connection,
    seal: Seal,
    intake: int,
    slot: Slot,
    state: State,
    values: tuple[Value, ...],
    language: str,
    now: datetime,
    client_key: str | None,
    instead_of: int = 0,
) -> tuple[int, int, bytes]:
    """Store an answer; returns its id, its number and its sealed words. The conversation's row must be locked.

    `instead_of` is the number of the entry it replaces (0: none), whose files it may keep.
    """
    last = connection.execute(sa.select(sa.func.max(ANSWER.c.number)).where(ANSWER.c.intake_id == intake)).scalar_one()
    number, sealed = (last or 0) + 1, seal.close_value([_plain(value) for value in values])
    made = connection.execute(
        ANSWER.insert().values(
            intake_id=intake,
            number=number,
            slot=slot.key,
            at=now,
            state=state.value,
            language=language,
            words=sealed,
            client_key=client_key,
        )
    ).inserted_primary_key
    assert made is not None
    change(connection, intake, now)
    this = sa.and_(ANSWER.c.intake_id == intake, ANSWER.c.number == instead_of)
    before = connection.execute(sa.select(ANSWER.c.id).where(this)).scalar_one_or_none()
    for place, value in enumerate(values):
        if value.kind is Kind.FILE and value.content:
            enclosed.keep(connection, seal, int(made[0]), place, value.content, now)
        elif value.kind is Kind.FILE and before is not None:
            enclosed.carry(connection, before, int(value.system), int(made[0]), place)
    return int(made[0]), number, sealed


def is_full(connection: Connection, intake: int) -> bool:
    """It holds as much as an intake may."""
    size = sa.func.coalesce(sa.func.sum(sa.func.length(ANSWER.c.words)), 0)
    found = connection.execute(sa.select(sa.func.count(), size).where(ANSWER.c.intake_id == intake)).one()
    enclosed_size = sa.func.coalesce(sa.func.sum(sa.func.length(ENCLOSED.c.content)), 0)
    files = connection.execute(sa.select(enclosed_size).where(ENCLOSED.c.answer_id.in_(ids(intake)))).scalar_one()
    return bool(found[0] >= MOST_ANSWERS or found[1] + files >= MOST_BYTES)


def by_client_key(connection: Connection, intake: int, client_key: str) -> int | None:
    """The answer that was sent under this mark."""
    wanted = sa.select(ANSWER.c.id).where(ANSWER.c.intake_id == intake, ANSWER.c.client_key == client_key)
    return connection.execute(wanted).scalar_one_or_none()


def keep_reading(
    connection: Connection, seal: Seal, answer: int, topic: Topic | None, message: int | None = None
) -> None:
    """What triage read in an answer, once and for all; nothing of one that was erased meanwhile but its message."""
    this = ANSWER.c.id == answer
    connection.execute(ANSWER.update().where(this).values(message_id=message))
    connection.execute(
        ANSWER.update().where(this, ANSWER.c.words.is_not(None)).values(reading=seal.close_value(held_of(topic)))
    )


def rows(connection: Connection, seal: Seal, intake: int) -> tuple[Row, ...]:
    """Every answer of an intake, also corrected ones, oldest first; none once they were deleted."""
    found = connection.execute(
        sa.select(ANSWER).where(ANSWER.c.intake_id == intake, ANSWER.c.words.is_not(None)).order_by(ANSWER.c.number)
    )
    files = enclosed.of_answers(connection, seal, ids(intake))
    return tuple(_row(row, seal, files.get(row.id, ())) for row in found)


def ids(intake: int) -> sa.Select[tuple[int]]:
    """A query of the ids of its answers."""
    return sa.select(ANSWER.c.id).where(ANSWER.c.intake_id == intake)


def whole(connection: Connection, seal: Seal, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows with the content of their files, which is read only where a record leaves the house."""
    return tuple(_with_contents(connection, seal, row) if row.files else row for row in rows)


def newest(rows: tuple[Row, ...]) -> dict[Slot, Row]:
    """The row that counts in each slot."""
    return {row.slot: row for row in rows}


def answers(rows: tuple[Row, ...]) -> dict[Slot, Entry]:
    """What the engine reads."""
    return {row.slot: row.entry for row in rows}


def unread(connection: Connection) -> tuple[tuple[int, int], ...]:
    """(intake, answer) of answers triage has not read: the program was stopped between the two."""
    found = connection.execute(
        sa.select(ANSWER.c.intake_id, ANSWER.c.id)
        .where(ANSWER.c.reading.is_(None), ANSWER.c.words.is_not(None))
        .order_by(ANSWER.c.id)
    )
    return tuple((row.intake_id, row.id) for row in found)


def erase(connection: Connection, intake: int) -> None:
    """From here on nobody can read the answers."""
    enclosed.erase(connection, ids(intake))
    connection.execute(ANSWER.update().where(ANSWER.c.intake_id == intake).values(words=None, reading=None))


def _intakes(connection: Connection, which: sa.ColumnElement[bool]) -> tuple[Intake, ...]:
    wanted = sa.select(INTAKE, FILE.c.source).join(FILE, FILE.c.fingerprint == INTAKE.c.fingerprint)
    return tuple(
        Intake(
            row.id,
            row.conversation_id,
            read(row.name, row.source),
            Language(row.language),
            Stage(row.stage),
            row.begun_at,
            row.changed_at,
            row.handed_over_at,
            row.ended_at,
            row.message_id,
            row.ticket_id,
            row.follow_up_id,
        )
        for row in connection.execute(wanted.where(which).order_by(INTAKE.c.id))
    )


def _row(row: sa.Row[Any], seal: Seal, files: tuple[Enclosed, ...]) -> Row:
    values = tuple(_value(held) for held in seal.open_value(row.words))
    reading = None if row.reading is None else seal.open_value(row.reading)
    entry = Entry(State(row.state), values, row.number, row.at)
    named = tuple(replace(one, name=values[one.place].text, slot=row.slot) for one in files)
    return Row(row.id, Slot.read(row.slot), entry, row.language, topic_of(reading), row.message_id, named)


def _with_contents(connection: Connection, seal: Seal, row: Row) -> Row:
    values = list(row.entry.values)
    for one in row.files:
        content = enclosed.content_of(connection, seal, one.answer, one.place)
        values[one.place] = replace(values[one.place], content=content)
    return replace(row, entry=replace(row.entry, values=tuple(values)))


def _plain(value: Value) -> list[str]:
    if value.kind is Kind.FILE:  # its content has a row of its own
        return [value.kind.value, value.text, value.code, "", "", ""]
    return [value.kind.value, value.text, value.code, value.system, value.content, value.words]


def _value(held: list[str]) -> Value:
    kind, *rest = held
    return Value(Kind(kind), *rest)
