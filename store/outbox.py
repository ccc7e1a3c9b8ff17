"""Letters that must go out: put down in the transaction that owes them, sent later, tried again, recorded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import METADATA, Instant


class Fate(StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    DELIVERED = "delivered"  # a channel accepted it
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"  # no longer needed before it went


OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("subject", sa.Integer, nullable=False),  # id of what it is about
    sa.Column("mark", sa.Integer, nullable=False),  # how far it reaches: the last message it is about
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("recipient", sa.String(80), nullable=False),  # a reference ("contact:2", "visitor:7"), never an address
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),  # not before; moves on after each failure
    sa.Column("fate", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("delivered_at", Instant),
    sa.Column("trouble", sa.String(200)),  # the last failure, by name
    sa.Index("ix_outbox_fate_due_at", "fate", "due_at"),
    sa.Index("ix_outbox_kind_subject", "kind", "subject"),
)

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 1800, 3600, 7200))
"""How long to wait after each failed attempt; after the last one the letter is given up."""

SENDING = timedelta(minutes=2)  # a letter somebody is sending is left alone this long


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to send to one recipient."""

    id: int
    kind: str
    subject: int
    mark: int
    channel: str
    recipient: str
    made_at: datetime
    due_at: datetime
    fate: Fate
    attempts: int
    delivered_at: datetime | None
    trouble: str | None


def put(
    connection: Connection,
    kind: str,
    subject: int,
    mark: int,
    channel: str,
    recipient: str,
    now: datetime,
    due_at: datetime,
) -> None:
    """Owe a letter; it exists if and only if the caller's transaction does."""
    connection.execute(
        OUTBOX.insert().values(
            kind=kind,
            subject=subject,
            mark=mark,
            channel=channel,
            recipient=recipient,
            made_at=now,
            due_at=due_at,
            fate=Fate.WAITING.value,
            attempts=0,
        )
    )


def take_due(connection: Connection, now: datetime, limit: int = 20) -> tuple[Letter, ...]:
    """Letters whose time has come, marked as being sent, so that nobody else takes them for two minutes."""
    rows = connection.execute(
        sa.select(OUTBOX)
        .where(OUTBOX.c.fate == Fate.WAITING.value, OUTBOX.c.due_at <= now)
        .order_by(OUTBOX.c.due_at, OUTBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        connection.execute(
            OUTBOX.update()
            .where(OUTBOX.c.id.in_([row.id for row in rows]))
            .values(due_at=now + SENDING, attempts=OUTBOX.c.attempts + 1)
        )
    return tuple(_letter(row) for row in rows)


def delivered(connection: Connection, letter: Letter, now: datetime) -> None:
    """A channel accepted it."""
    connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.id == letter.id)
        .values(fate=Fate.DELIVERED.value, delivered_at=now, trouble=None)
    )


def failed(connection: Connection, letter: Letter, now: datetime, trouble: str) -> None:
    """It did not go; try again later, or give up after the last attempt."""
    tries = letter.attempts + 1
    values: dict[str, Any] = {"trouble": trouble[:200]}
    if tries > len(PAUSES):
        values["fate"] = Fate.GIVEN_UP.value
    else:
        values["due_at"] = now + PAUSES[tries - 1]
    connection.execute(
        OUTBOX.update().where(OUTBOX.c.id == letter.id, OUTBOX.c.fate == Fate.WAITING.value).values(values)
    )


def cancel(connection: Connection, kind: str, subject: int) -> None:
    """Letters of this kind about this subject that have not gone are no longer needed."""
    connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.kind == kind, OUTBOX.c.subject == subject, OUTBOX.c.fate == Fate.WAITING.value)
        .values(fate=Fate.CANCELLED.value)
    )


def is_waiting(connection: Connection, kind: str, subject: int) -> bool:
    """A letter of this kind about this subject is still to go."""
    wanted = sa.select(OUTBOX.c.id).where(
        OUTBOX.c.kind == kind, OUTBOX.c.subject == subject, OUTBOX.c.fate == Fate.WAITING.value
    )
    return connection.execute(wanted.limit(1)).first() is not None


def about(connection: Connection, kind: str, subject: int) -> tuple[Letter, ...]:
    """Every letter of this kind about this subject, oldest first."""
    return about_each(connection, kind, (subject,)).get(subject, ())


def about_each(connection: Connection, kind: str, subjects: Collection[int]) -> dict[int, tuple[Letter, ...]]:
    """Every letter of this kind about each of these subjects, oldest first; in one reading."""
    found: dict[int, list[Letter]] = {}
    rows = connection.execute(
        sa.select(OUTBOX).where(OUTBOX.c.kind == kind, OUTBOX.c.subject.in_(subjects)).order_by(OUTBOX.c.id)
    )
    for row in rows:
        found.setdefault(row.subject, []).append(_letter(row))
    return {subject: tuple(letters) for subject, letters in found.items()}


def _letter(row: sa.Row[Any]) -> Letter:
    return Letter(
        row.id,
        row.kind,
        row.subject,
        row.mark,
        row.channel,
        row.recipient,
        row.made_at,
        row.due_at,
        Fate(row.fate),
        row.attempts,
        row.delivered_at,
        row.trouble,
    )
