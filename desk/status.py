"""What a visitor may be told about a ticket: saved, alerted, seen, answered, each only from its own stored row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import alerts, staff
from desk.drafting import REPLY
from desk.hours import Hours
from desk.ticket import Stage, Ticket
from store import outbox
from store.engine import METADATA, Instant

SIGHT = sa.Table(
    "sight",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),  # as shown to the visitor
    sa.Column("up_to", sa.Integer, nullable=False),  # the last message they saw
    sa.Column("at", Instant, nullable=False),
)


class Step(StrEnum):
    """One thing a visitor may be told about a ticket."""

    SAVED = "saved"
    ALERTED = "alerted"
    SEEN = "seen"
    ANSWERED = "answered"
    CLOSED = "closed"
    NOBODY_RECEIVES = "nobody_receives"
    WHICH_CLINIC = "which_clinic"
    OUT_OF_HOURS = "out_of_hours"


@dataclass(frozen=True, slots=True)
class Seen:
    """A named person, and when."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Facts about one ticket; a step that has no row of its own is None."""

    reference: str
    saved_at: datetime
    alerted_at: datetime | None = None  # a channel accepted an alert about the words that wait
    seen: Seen | None = None  # a member of staff said that they have seen those words
    answered: Seen | None = None  # who replied to those words
    is_closed: bool = False
    receives: bool = False  # there is a staff account that may read it, and a channel
    is_staffed: bool = False  # inside the desk's hours, now
    opens_at: datetime | None = None  # when the desk is staffed next
    read_by: datetime | None = None  # when an answer is due
    choose_from: tuple[str, ...] = ()  # clinics with staff of their own, until the visitor said which may read this

    def steps(self) -> tuple[Step, ...]:
        """What may be said now, in the order a visitor reads it; nothing else may."""
        steps = [Step.SAVED]
        if self.alerted_at is not None:
            steps.append(Step.ALERTED)
        if self.seen is not None:
            steps.append(Step.SEEN)
        if self.answered is not None:
            steps.append(Step.ANSWERED)
        elif self.is_closed:
            steps.append(Step.CLOSED)
        elif not self.receives:
            steps.append(Step.WHICH_CLINIC if self.choose_from else Step.NOBODY_RECEIVES)
        elif not self.is_staffed and self.seen is None:
            steps.append(Step.OUT_OF_HOURS)
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """Whether anybody receives messages on this installation."""

    has_staff: bool
    has_channel: bool
    is_staffed: bool
    opens_at: datetime | None
    served: frozenset[str | None] = frozenset({None})  # clinics somebody answers for; None: for all of them

    @property
    def receives(self) -> bool:
        """There is somebody to read a message and a way to tell them."""
        return self.has_staff and self.has_channel

    @property
    def clinics(self) -> tuple[str, ...]:
        """Two or more clinics with staff of their own: the visitor is asked which may read. Else nothing to ask."""
        own = sorted(clinic for clinic in self.served if clinic is not None)
        return tuple(own) if len(own) > 1 else ()

    def receives_for(self, ticket: Ticket) -> bool:
        """Somebody may read this very ticket, and there is a way to tell them."""
        reads = None in self.served or ticket.clinic in self.served or (ticket.is_danger and ticket.clinic is None)
        return self.receives and reads


def desk_status(connection: Connection, hours: Hours, channels: frozenset[str], now: datetime) -> DeskStatus:
    """Staff from their accounts, channels from the contacts that use one that is switched on."""
    usable = any(contact.channel in channels for contact in alerts.contacts(connection))
    served = staff.served(connection)
    return DeskStatus(bool(served), usable, hours.is_open(now), hours.opens_next(now), served)


def _first_of(table: sa.Table) -> sa.Select[Any]:
    """The first row about a ticket that reaches a message; made once, since open pages look often."""
    ticket, number = sa.bindparam("ticket", type_=sa.Integer), sa.bindparam("number", type_=sa.Integer)
    return sa.select(table).where(table.c.ticket_id == ticket, table.c.up_to >= number).order_by(table.c.id).limit(1)


_FIRST_SEEN, _FIRST_REPLY = _first_of(SIGHT), _first_of(REPLY)


def status_of(connection: Connection, ticket: Ticket, desk: DeskStatus, number: int, saved_at: datetime) -> Status:
    """The steps of message `number`, each read from its own row; a row that does not reach that far does not count."""
    reaches = {"ticket": ticket.id, "number": number}
    seen = connection.execute(_FIRST_SEEN, reaches).one_or_none()
    reply = connection.execute(_FIRST_REPLY, reaches).one_or_none()
    return Status(
        ticket.reference,
        saved_at,
        alerts.alerted_at(outbox.about(connection, alerts.ALERT, ticket.id), number),
        None if seen is None else Seen(seen.name, seen.at),
        None if reply is None else Seen(reply.name, reply.at),
        ticket.stage is Stage.CLOSED,
        desk.receives_for(ticket),
        desk.is_staffed,
        desk.opens_at,
        ticket.due_at if desk.receives_for(ticket) else None,
        desk.clinics if ticket.clinic is None else (),
    )


def write_sight(connection: Connection, ticket_id: int, person: staff.Staff, up_to: int, now: datetime) -> None:
    """A member of staff says: I have seen this, up to that message."""
    connection.execute(
        SIGHT.insert().values(ticket_id=ticket_id, staff_id=person.id, name=person.name, up_to=up_to, at=now)
    )
