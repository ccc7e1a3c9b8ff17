"""Tickets in the database: opened once a conversation, saved only if nobody else moved them first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.ticket import Outcome, Stage, Ticket
from errors import Conflict
from store.engine import METADATA, Instant
from triage.decision import Reason, Route, Urgency

TICKET = sa.Table(
    "ticket",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("clinic", sa.String(120)),  # null: the operator's desk
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("route", sa.String(20), nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("urgency", sa.String(20), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("waiting_since", Instant, nullable=False),
    sa.Column("waits_from", sa.Integer, nullable=False),  # message number
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("can_reach", sa.Boolean, nullable=False),
    sa.Column("holder", sa.Integer),  # staff id
    sa.Column("held_until", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("outcome", sa.String(40)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_ticket_stage_rank_due_at", "stage", "rank", "due_at"),
    sa.Index(
        "uq_ticket_open",
        "conversation_id",
        unique=True,
        sqlite_where=sa.text("stage <> 'closed'"),
        postgresql_where=sa.text("stage <> 'closed'"),
    ),
)


def open_ticket(
    connection: Connection,
    *,
    conversation: int,
    clinic: str | None,
    route: Route,
    reasons: tuple[Reason, ...],
    urgency: Urgency,
    can_reach: bool,
    number: int,
    due: datetime,
    now: datetime,
) -> Ticket:
    """Store a new ticket; a conversation has at most one that is not closed."""
    fresh = Ticket(0, conversation, clinic, Stage.WAITING, route, reasons, urgency, now, now, number, due, can_reach)
    made = connection.execute(TICKET.insert().values(_values(fresh) | {"version": 0})).inserted_primary_key
    assert made is not None
    return read(connection, made[0])


def read(connection: Connection, ticket_id: int) -> Ticket:
    """The ticket of that number. Conflict if there is none."""
    row = connection.execute(sa.select(TICKET).where(TICKET.c.id == ticket_id)).one_or_none()
    if row is None:
        raise Conflict(f"There is no ticket F-{ticket_id}.")
    return from_row(row)


def open_one(connection: Connection, conversation: int) -> Ticket | None:
    """The conversation's ticket that is not closed, if it has one."""
    row = connection.execute(
        sa.select(TICKET).where(TICKET.c.conversation_id == conversation, TICKET.c.stage != Stage.CLOSED.value)
    ).one_or_none()
    return None if row is None else from_row(row)


def all_of(connection: Connection, conversation: int) -> tuple[Ticket, ...]:
    """Every ticket of a conversation, oldest first."""
    rows = connection.execute(sa.select(TICKET).where(TICKET.c.conversation_id == conversation).order_by(TICKET.c.id))
    return tuple(from_row(row) for row in rows)


def held_by(connection: Connection, staff_id: int) -> tuple[Ticket, ...]:
    """Tickets somebody holds, also when the claim ran out."""
    rows = connection.execute(
        sa.select(TICKET)
        .where(TICKET.c.stage == Stage.CLAIMED.value, TICKET.c.holder == staff_id)
        .order_by(TICKET.c.conversation_id)
    )
    return tuple(from_row(row) for row in rows)


def save(connection: Connection, before: Ticket, after: Ticket) -> Ticket:
    """Keep a move if the ticket is still the one that was read; Conflict, and nothing changed, if it is not."""
    changed = connection.execute(
        TICKET.update()
        .where(TICKET.c.id == before.id, TICKET.c.stage == before.stage.value, TICKET.c.version == before.version)
        .values(_values(after) | {"version": before.version + 1})
    )
    if changed.rowcount != 1:
        raise Conflict(f"Somebody else changed {before.reference} a moment ago. Look at it again.")
    return read(connection, before.id)


def from_row(row: sa.Row[Any]) -> Ticket:
    """A stored row as a ticket."""
    return Ticket(
        row.id,
        row.conversation_id,
        row.clinic,
        Stage(row.stage),
        Route(row.route),
        tuple(Reason(reason) for reason in row.reasons),
        Urgency(row.urgency),
        row.opened_at,
        row.waiting_since,
        row.waits_from,
        row.due_at,
        row.can_reach,
        row.holder,
        row.held_until,
        row.answered_at,
        row.closed_at,
        None if row.outcome is None else Outcome(row.outcome),
        row.version,
    )


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "conversation_id": ticket.conversation,
        "clinic": ticket.clinic,
        "stage": ticket.stage.value,
        "route": ticket.route.value,
        "reasons": [reason.value for reason in ticket.reasons],
        "urgency": ticket.urgency.value,
        "rank": ticket.rank,
        "opened_at": ticket.opened_at,
        "waiting_since": ticket.waiting_since,
        "waits_from": ticket.waits_from,
        "due_at": ticket.due_at,
        "can_reach": ticket.can_reach,
        "holder": ticket.holder,
        "held_until": ticket.held_until,
        "answered_at": ticket.answered_at,
        "closed_at": ticket.closed_at,
        "outcome": None if ticket.outcome is None else ticket.outcome.value,
    }
