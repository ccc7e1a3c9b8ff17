"""Files enclosed with answers: kept sealed beside them, each with its own state: waiting, read, or unreadable."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.findings import Topic, held_of, topic_of
from store.engine import METADATA, Instant
from store.keys import Seal

ENCLOSED = sa.Table(
    "intake_file",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("answer_id", sa.ForeignKey("intake_answer.id"), nullable=False),  # the newest that holds the file
    sa.Column("place", sa.Integer, nullable=False),  # which of that answer's values it is, from 0
    sa.Column("at", Instant, nullable=False),  # when it was given
    sa.Column("content", sa.LargeBinary),  # sealed; null once deleted
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),  # how often its reading was begun
    sa.Column("begun_at", Instant),  # the last time; null: never
    sa.Column("settled_at", Instant),  # when it was read, or found unreadable
    sa.Column("reading", sa.LargeBinary),  # sealed: what triage found in it, or why it cannot be read
    sa.Column("message_id", sa.ForeignKey("message.id")),  # where danger was read: the message it became
    sa.UniqueConstraint("answer_id", "place"),
)


class FileState(StrEnum):
    """What the program did with a file, from its own row."""

    WAITING = "waiting"  # kept; its words were not read yet
    READ = "read"  # all of its words went through triage
    UNREADABLE = "unreadable"  # not all of it is words, or it is too much of them: a person has to look


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with an answer, without its content."""

    id: int
    answer: int
    place: int
    state: FileState
    at: datetime
    settled_at: datetime | None = None
    topic: Topic | None = None
    why: str = ""  # it cannot be read, for staff
    message: int | None = None
    name: str = ""  # as it was given
    slot: str = ""  # of the question it answers

    @property
    def is_read(self) -> bool:
        """Nothing in it is unknown to triage."""
        return self.state is FileState.READ


def keep(connection: Connection, seal: Seal, answer: int, place: int, content: str, now: datetime) -> int:
    """A file (in base64) that waits to be read; returns its id."""
    made = connection.execute(
        ENCLOSED.insert().values(
            answer_id=answer,
            place=place,
            at=now,
            content=seal.close(content),
            state=FileState.WAITING.value,
            tries=0,
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def carry(connection: Connection, answer: int, place: int, to_answer: int, to_place: int) -> None:
    """The file stays in the answer that replaces the one it came with, with whatever was read in it."""
    this = sa.and_(ENCLOSED.c.answer_id == answer, ENCLOSED.c.place == place)
    connection.execute(ENCLOSED.update().where(this).values(answer_id=to_answer, place=to_place))


def of_answers(connection: Connection, seal: Seal, answers: sa.Select[tuple[int]]) -> dict[int, tuple[Enclosed, ...]]:
    """The files of these answers (a query of their ids), by answer; none once they were deleted."""
    columns = [column for column in ENCLOSED.c if column.name != "content"]
    wanted = sa.select(*columns).where(ENCLOSED.c.answer_id.in_(answers), ENCLOSED.c.content.is_not(None))
    found: dict[int, tuple[Enclosed, ...]] = {}
    for row in connection.execute(wanted.order_by(ENCLOSED.c.answer_id, ENCLOSED.c.place)):
        held = None if row.reading is None else seal.open_value(row.reading)
        one = Enclosed(
            row.id,
            row.answer_id,
            row.place,
            FileState(row.state),
            row.at,
            row.settled_at,
            topic_of(held),
            (held or {}).get("why", ""),
            row.message_id,
        )
        found[row.answer_id] = (*found.get(row.answer_id, ()), one)
    return found


def content_of(connection: Connection, seal: Seal, answer: int, place: int) -> str:
    """The file itself, in base64; "" once it was deleted."""
    wanted = sa.select(ENCLOSED.c.content).where(ENCLOSED.c.answer_id == answer, ENCLOSED.c.place == place)
    sealed = connection.execute(wanted).scalar_one_or_none()
    return "" if sealed is None else seal.open(sealed)


def begin_reading(connection: Connection, file: int, now: datetime, begun_before: datetime) -> int:
    """Take a waiting file up; returns which try this is, 0 if another has it or it waits no more."""
    mine = sa.and_(ENCLOSED.c.id == file, _waits(begun_before))
    taken = connection.execute(ENCLOSED.update().where(mine).values(tries=ENCLOSED.c.tries + 1, begun_at=now))
    if not taken.rowcount:
        return 0
    return int(connection.execute(sa.select(ENCLOSED.c.tries).where(ENCLOSED.c.id == file)).scalar_one())


def settle(
    connection: Connection,
    seal: Seal,
    file: int,
    now: datetime,
    *,
    topic: Topic | None = None,
    why: str = "",
    message: int | None = None,
) -> None:
    """What came of its reading, once and for all; nothing of a file that was erased meanwhile but its message.

    `why` says that it cannot be read, or not all of it.
    """
    held = held_of(topic) | ({"why": why} if why else {})
    state = FileState.UNREADABLE if why else FileState.READ
    this = ENCLOSED.c.id == file
    connection.execute(ENCLOSED.update().where(this).values(message_id=message))
    connection.execute(
        ENCLOSED.update()
        .where(this, ENCLOSED.c.content.is_not(None))
        .values(state=state.value, settled_at=now, reading=seal.close_value(held))
    )


def erase(connection: Connection, answers: sa.Select[tuple[int]]) -> None:
    """From here on nobody can open the files of these answers (a query of their ids)."""
    this = ENCLOSED.c.answer_id.in_(answers)
    connection.execute(ENCLOSED.update().where(this).values(content=None, reading=None))


def states_of(connection: Connection, answers: sa.Select[tuple[int]]) -> Iterator[tuple[int, FileState]]:
    """Each file of these answers (a query of their ids) and where it stands."""
    this = sa.and_(ENCLOSED.c.answer_id.in_(answers), ENCLOSED.c.content.is_not(None))
    for row in connection.execute(sa.select(ENCLOSED.c.id, ENCLOSED.c.state).where(this).order_by(ENCLOSED.c.id)):
        yield row.id, FileState(row.state)


def waiting(begun_before: datetime) -> sa.Select[tuple[int]]:
    """Files that nobody reads: never begun, or begun before that moment and not settled since."""
    return sa.select(ENCLOSED.c.id).where(_waits(begun_before))


def _waits(begun_before: datetime) -> sa.ColumnElement[bool]:
    begun = sa.or_(ENCLOSED.c.begun_at.is_(None), ENCLOSED.c.begun_at <= begun_before)
    return sa.and_(ENCLOSED.c.state == FileState.WAITING.value, ENCLOSED.c.content.is_not(None), begun)
