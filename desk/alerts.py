"""Urgent means someone knows: whom a ticket is told to, in which order, until somebody has seen it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.ticket import Ticket
from store import outbox
from store.engine import METADATA, Instant
from store.outbox import Fate, Letter
from triage.decision import Urgency

CONTACT = sa.Table(
    "alert_contact",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),  # 0 is told first
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),  # a name in the channels that are switched on
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("ended_at", Instant),
)

ALERT = "alert"


@dataclass(frozen=True, slots=True)
class AlertContact:
    """Somebody, or a room, that is told."""

    name: str
    channel: str
    address: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One step of telling somebody, for the desk: "e-mail reached Priya 23:47", "Dr. Okafor is next at 23:57"."""

    name: str
    channel: str
    due_at: datetime
    delivered_at: datetime | None
    fate: Fate
    trouble: str | None


_TOLD_NOW = sa.select(CONTACT).where(CONTACT.c.ended_at.is_(None)).order_by(CONTACT.c.place)  # put together once


def contacts(connection: Connection) -> tuple[AlertContact, ...]:
    """Who is told, first one first."""
    return tuple(_contact(row) for row in connection.execute(_TOLD_NOW))


def set_contacts(connection: Connection, wanted: tuple[AlertContact, ...], now: datetime) -> None:
    """Replace the whole list."""
    connection.execute(CONTACT.update().where(CONTACT.c.ended_at.is_(None)).values(ended_at=now))
    for place, contact in enumerate(wanted):
        connection.execute(
            CONTACT.insert().values(place=place, name=contact.name, channel=contact.channel, address=contact.address)
        )


def find_contact(connection: Connection, contact_id: int) -> AlertContact | None:
    """The contact of that id, also one that was replaced."""
    row = connection.execute(sa.select(CONTACT).where(CONTACT.c.id == contact_id)).one_or_none()
    return None if row is None else _contact(row)


def raise_alert(connection: Connection, ticket: Ticket, number: int, now: datetime, patience: timedelta) -> None:
    """Owe an alert about this ticket up to message `number`: to the first contact now, if urgent to the others in turn.

    Each further contact's letter is due one `patience` later; being seen cancels those that have not gone.
    """
    outbox.cancel(connection, ALERT, ticket.id)
    known = contacts(connection)
    for step, contact in enumerate(known if ticket.urgency is Urgency.NOW else known[:1]):
        recipient, due_at = f"contact:{contact.id}", now + step * patience
        outbox.put(connection, ALERT, ticket.id, number, contact.channel, recipient, now, due_at)


def stand_down(connection: Connection, ticket_id: int) -> None:
    """Somebody has it; nobody else needs to be told."""
    outbox.cancel(connection, ALERT, ticket_id)


def alerted_at(letters: tuple[Letter, ...], number: int) -> datetime | None:
    """When a channel first accepted an alert that reaches message `number`."""
    accepted = [
        letter.delivered_at
        for letter in letters
        if letter.fate is Fate.DELIVERED and letter.delivered_at is not None and letter.mark >= number
    ]
    return min(accepted, default=None)


def told(connection: Connection, ticket_id: int) -> tuple[Told, ...]:
    """Who was told and who is next, oldest first."""
    return told_of(connection, (ticket_id,)).get(ticket_id, ())


def told_of(connection: Connection, tickets: Collection[int]) -> dict[int, tuple[Told, ...]]:
    """The same for several tickets, in one reading."""
    names = {row.id: row.name for row in connection.execute(sa.select(CONTACT.c.id, CONTACT.c.name))}
    return {
        ticket: tuple(
            Told(
                names.get(int(letter.recipient.removeprefix("contact:")), ""),
                letter.channel,
                letter.due_at,
                letter.delivered_at,
                letter.fate,
                letter.trouble,
            )
            for letter in letters
        )
        for ticket, letters in outbox.about_each(connection, ALERT, tickets).items()
    }


def _contact(row: sa.Row[Any]) -> AlertContact:
    return AlertContact(row.name, row.channel, row.address, row.id)
