"""What waits, most urgent first: rows for the queue, its filters and its counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import alerts
from desk.alerts import Told
from desk.conversation import Seals
from desk.hours import Hours
from desk.staff import Staff
from desk.staff import names as staff_names
from desk.ticket import Stage, Ticket
from desk.ticket_rows import TICKET, from_row
from desk.transcript import MESSAGE, TURN
from store.keys import Keys
from triage.decision import Reason, Route, Urgency

PAGE = 25  # rows
LINE = 140  # characters of the visitor's words


class Group(StrEnum):
    """When it is due, as the queue is divided."""

    NOW = "now"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a member of staff wants to see; empty: everything open."""

    reason: Reason | None = None
    urgency: Urgency | None = None
    clinic: str | None = None
    older_than: timedelta | None = None
    mine: bool = False
    closed: bool = False  # closed ones instead of open ones


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One ticket in the queue."""

    ticket: Ticket
    group: Group
    words: str  # the newest message's beginning, on one line; "" once the visitor's key was destroyed
    holder: str  # a name, or "" when nobody has it
    is_mine: bool
    is_overdue: bool
    told: tuple[Told, ...] = ()  # for urgent ones


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits, over everything this member of staff may see."""

    open: int
    mine: int
    urgency: Mapping[Urgency, int]
    reason: Mapping[Reason, int]
    clinic: Mapping[str | None, int]


def rows(
    connection: Connection, keys: Keys, viewer: Staff, wanted: Filter, hours: Hours, now: datetime, page: int = 0
) -> tuple[QueueRow, ...]:
    """One page of the queue: urgent first, then by due time; questions nobody can answer sink to the end."""
    order = (TICKET.c.closed_at.desc(),) if wanted.closed else (TICKET.c.rank, TICKET.c.due_at, TICKET.c.id)
    found = connection.execute(
        sa.select(TICKET).where(*_conditions(viewer, wanted, now)).order_by(*order).limit(PAGE).offset(page * PAGE)
    ).all()
    tickets = [from_row(row) for row in found]
    words, names = _newest_words(connection, tickets), staff_names(connection)
    seals = Seals(connection, keys, [ticket.conversation for ticket in tickets])
    told = alerts.told_of(connection, [ticket.id for ticket in tickets if ticket.urgency is Urgency.NOW])
    shown = []
    for ticket in tickets:
        text = seals.open(ticket.conversation, words.get(ticket.id))
        held = ticket.is_held(now)
        shown.append(
            QueueRow(
                ticket,
                _group(ticket, hours, now),
                " ".join(text.split())[:LINE],
                names.get(ticket.holder or 0, "") if held else "",
                held and ticket.holder == viewer.id,
                ticket.due_at < now and ticket.stage not in (Stage.ANSWERED, Stage.CLOSED),
                told.get(ticket.id, ()),
            )
        )
    return tuple(shown)


def counts(connection: Connection, viewer: Staff, now: datetime) -> Counts:
    """Counts of open tickets, for the filters and for the head of every desk page."""
    conditions = _conditions(viewer, Filter(), now)
    columns = (TICKET.c.urgency, TICKET.c.clinic, sa.cast(TICKET.c.reasons, sa.String).label("codes"))
    urgency: Counter[Urgency] = Counter()
    reason: Counter[Reason] = Counter()
    clinic: Counter[str | None] = Counter()
    for row in connection.execute(
        sa.select(*columns, sa.func.count().label("n")).where(*conditions).group_by(*columns)
    ):
        urgency[Urgency(row.urgency)] += row.n
        clinic[row.clinic] += row.n
        for one in Reason:
            if f'"{one.value}"' in row.codes:
                reason[one] += row.n
    mine = connection.execute(
        sa.select(sa.func.count()).where(*_conditions(viewer, Filter(mine=True), now))
    ).scalar_one()
    return Counts(urgency.total(), mine, urgency, reason, clinic)


def _conditions(viewer: Staff, wanted: Filter, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.closed:
        conditions.append(TICKET.c.stage == Stage.CLOSED.value)
    else:
        waits = [stage.value for stage in (Stage.WAITING, Stage.CLAIMED, Stage.REOPENED)]
        conditions.append(TICKET.c.stage.in_(waits))
    if viewer.clinic is not None:
        nobodys = sa.and_(TICKET.c.clinic.is_(None), TICKET.c.route == Route.CRISIS.value)
        conditions.append(sa.or_(TICKET.c.clinic == viewer.clinic, nobodys))
    if wanted.clinic is not None:
        conditions.append(TICKET.c.clinic == wanted.clinic)
    if wanted.reason is not None:
        conditions.append(sa.cast(TICKET.c.reasons, sa.String).contains(f'"{wanted.reason.value}"', autoescape=True))
    if wanted.urgency is not None:
        conditions.append(TICKET.c.urgency == wanted.urgency.value)
    if wanted.older_than is not None:
        conditions.append(TICKET.c.waiting_since < now - wanted.older_than)
    if wanted.mine:
        conditions += [TICKET.c.holder == viewer.id, TICKET.c.held_until > now]
    return conditions


def _newest_words(connection: Connection, tickets: list[Ticket]) -> dict[int, bytes]:
    """The sealed text of the newest message of each ticket."""
    newest = (
        sa.select(TURN.c.ticket_id, sa.func.max(TURN.c.message_id).label("message_id"))
        .where(TURN.c.ticket_id.in_([ticket.id for ticket in tickets]))
        .group_by(TURN.c.ticket_id)
        .subquery()
    )
    found = connection.execute(
        sa.select(newest.c.ticket_id, MESSAGE.c.text).join(MESSAGE, MESSAGE.c.id == newest.c.message_id)
    )
    return {row.ticket_id: row.text for row in found}


def _group(ticket: Ticket, hours: Hours, now: datetime) -> Group:
    """By the desk's own calendar day; what is overdue or urgent is due now."""
    if ticket.urgency is Urgency.NOW or ticket.due_at <= now:
        return Group.NOW
    days = (ticket.due_at.astimezone(hours.zone).date() - now.astimezone(hours.zone).date()).days
    return (Group.TODAY, Group.TOMORROW)[days] if days in (0, 1) else Group.LATER
