"""Owing an answer: a message joins its conversation's ticket or opens one, and the alert is owed with it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import alerts, reach, ticket_rows
from desk.conversation import by_id
from desk.hours import Hours
from desk.ticket import Stage, Ticket, is_graver, joined
from desk.transcript import MESSAGE
from store import outbox
from triage.decision import Reason, Route, Urgency


def owe(
    connection: Connection,
    hours: Hours,
    conversation: int,
    route: Route,
    reasons: tuple[Reason, ...],
    urgency: Urgency,
    *,
    number: int,
    now: datetime,
) -> Ticket:
    """The ticket that now holds this message. The conversation's row must be locked."""
    before = ticket_rows.open_one(connection, conversation)
    due = hours.due(urgency, now)
    if before is None:
        after = ticket_rows.open_ticket(
            connection,
            conversation=conversation,
            clinic=by_id(connection, conversation).clinic,
            route=route,
            reasons=reasons,
            urgency=urgency,
            can_reach=reach.is_known(connection, conversation),
            number=number,
            due=due,
            now=now,
        )
    else:
        moved = joined(before, route, reasons, urgency, number=number, due=due, now=now)
        after = ticket_rows.save(connection, before, moved)
    if _must_tell(connection, before, after, urgency, now):
        alerts.raise_alert(connection, after, number, now, patience(hours))
    return after


def patience(hours: Hours) -> timedelta:
    """How long an urgent alert may stay unacknowledged before the next contact is told."""
    return timedelta(minutes=hours.minutes[Urgency.NOW])


def last_number(connection: Connection, conversation: int) -> int:
    """The number of the conversation's newest message; 0 if it has none."""
    newest = sa.select(sa.func.max(MESSAGE.c.number)).where(MESSAGE.c.conversation_id == conversation)
    return connection.execute(newest).scalar_one() or 0


def _must_tell(connection: Connection, before: Ticket | None, after: Ticket, urgency: Urgency, now: datetime) -> bool:
    """A new or reopened ticket, a graver one, or urgent words that nobody holds and no alert is on its way for."""
    if before is None or before.stage is Stage.ANSWERED or is_graver(after.urgency, before.urgency):
        return True
    urgent = urgency is Urgency.NOW and not after.is_held(now)
    return urgent and not outbox.is_waiting(connection, alerts.ALERT, after.id)
