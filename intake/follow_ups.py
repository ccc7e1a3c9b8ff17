"""Follow-ups that staff asked for: when the visitor is told, by a neutral note, and which were never answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import reach
from desk.conversation import CONVERSATION, LINK
from desk.staff import names as staff_names
from errors import BadInput, Conflict
from intake.rows import FOLLOW_UP, INTAKE, Stage
from store import outbox
from store.outbox import Fate

LETTER = "follow_up"  # kind of letter: "a few questions wait for you"
LATE_AFTER = timedelta(days=7)
LONGEST_WEEKS = 52


class Standing(StrEnum):
    """Where a follow-up stands."""

    PLANNED = "planned"
    DUE = "due"  # the visitor's page asks for it
    LATE = "late"  # asked a week ago, and not handed over
    HANDED_OVER = "handed_over"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up that was asked for."""

    id: int
    conversation: int
    name: str  # of the questionnaire
    asked_by: str
    asked_at: datetime
    due_at: datetime
    standing: Standing
    intake: int | None = None  # once it was begun
    handed_over_at: datetime | None = None
    note_sent_at: datetime | None = None  # a channel accepted the note; None: none went
    note_trouble: str = ""


def ask(connection: Connection, conversation: int, name: str, staff: int, weeks: int, now: datetime) -> int:
    """Owe a follow-up in so many weeks, and its note where the visitor left an e-mail address; returns its id."""
    if not 1 <= weeks <= LONGEST_WEEKS:
        raise BadInput(f"Ask for it in 1 to {LONGEST_WEEKS} weeks.")
    due = now + timedelta(weeks=weeks)
    ends = connection.execute(
        sa.select(sa.func.max(LINK.c.expires_at)).where(
            LINK.c.conversation_id == conversation, LINK.c.is_passing.is_(False)
        )
    ).scalar_one()
    if ends is None:
        raise Conflict("No link opens this conversation any more; the visitor would not see it.")
    if due + LATE_AFTER > ends:
        most = max((ends - LATE_AFTER - now).days // 7, 0)
        raise BadInput(f"The conversation is kept until {ends:%d %B %Y}. Ask for it within {most} weeks.")
    made = connection.execute(
        FOLLOW_UP.insert().values(conversation_id=conversation, name=name, staff_id=staff, asked_at=now, due_at=due)
    ).inserted_primary_key
    assert made is not None
    if reach.wants_mail(connection, conversation):
        outbox.put(connection, LETTER, made[0], 0, "email", f"visitor:{conversation}", now, due)
    return int(made[0])


def call_off(connection: Connection, follow_up: int, now: datetime) -> None:
    """It is not asked any more; a note that has not gone does not go."""
    connection.execute(
        FOLLOW_UP.update().where(FOLLOW_UP.c.id == follow_up, FOLLOW_UP.c.ended_at.is_(None)).values(ended_at=now)
    )
    outbox.cancel(connection, LETTER, follow_up)


def of_conversation(connection: Connection, conversation: int, now: datetime) -> tuple[FollowUp, ...]:
    """Every follow-up of a conversation, oldest first."""
    return _follow_ups(connection, FOLLOW_UP.c.conversation_id == conversation, now)


def waiting_for(connection: Connection, conversation: int, now: datetime) -> tuple[FollowUp, ...]:
    """What the visitor's page asks for now."""
    asked = (Standing.DUE, Standing.LATE)
    return tuple(one for one in of_conversation(connection, conversation, now) if one.standing in asked)


def unanswered(connection: Connection, now: datetime) -> tuple[FollowUp, ...]:
    """What was asked for and is not handed over, the longest due first, over every conversation that is still there."""
    found = _follow_ups(connection, sa.and_(FOLLOW_UP.c.ended_at.is_(None), FOLLOW_UP.c.due_at <= now), now)
    return tuple(sorted((one for one in found if one.handed_over_at is None), key=lambda one: one.due_at))


def check(connection: Connection, conversation: int, follow_up: int | None, name: str) -> int | None:
    """The follow-up an intake answers: the one that is named, or the oldest open one of that questionnaire.

    Conflict if it is not this conversation's.
    """
    handed_over = sa.select(INTAKE.c.follow_up_id).where(
        INTAKE.c.follow_up_id.is_not(None), INTAKE.c.stage == Stage.HANDED_OVER.value
    )
    wanted = sa.select(FOLLOW_UP.c.id).where(FOLLOW_UP.c.conversation_id == conversation, FOLLOW_UP.c.name == name)
    if follow_up is not None:
        wanted = wanted.where(FOLLOW_UP.c.id == follow_up)
    open_ones = wanted.where(FOLLOW_UP.c.ended_at.is_(None), FOLLOW_UP.c.id.not_in(handed_over))
    found = connection.execute(open_ones.order_by(FOLLOW_UP.c.due_at).limit(1)).scalar_one_or_none()
    if follow_up is not None and found is None:
        raise Conflict("These questions were answered, called off, or belong to another link.")
    return found


def _follow_ups(connection: Connection, which: sa.ColumnElement[bool], now: datetime) -> tuple[FollowUp, ...]:
    people = staff_names(connection)
    answered = (
        sa.select(INTAKE.c.follow_up_id, INTAKE.c.id, INTAKE.c.stage, INTAKE.c.handed_over_at)
        .where(INTAKE.c.stage != Stage.DELETED.value)
        .subquery()
    )
    found = connection.execute(
        sa.select(FOLLOW_UP, answered.c.id.label("intake"), answered.c.stage, answered.c.handed_over_at)
        .join(CONVERSATION, CONVERSATION.c.id == FOLLOW_UP.c.conversation_id)
        .outerjoin(answered, answered.c.follow_up_id == FOLLOW_UP.c.id)
        .where(which, CONVERSATION.c.deleted_at.is_(None), CONVERSATION.c.data_key.is_not(None))
        .order_by(FOLLOW_UP.c.id, answered.c.id)
    ).all()
    newest = {row.id: row for row in found}  # of several intakes the last one counts
    return tuple(_follow_up(connection, row, people, now) for row in newest.values())


def _follow_up(connection: Connection, row: sa.Row[Any], people: dict[int, str], now: datetime) -> FollowUp:
    handed_over = row.handed_over_at if row.stage == Stage.HANDED_OVER.value else None
    if handed_over is not None:
        standing = Standing.HANDED_OVER
    elif row.ended_at is not None:
        standing = Standing.CALLED_OFF
    elif now < row.due_at:
        standing = Standing.PLANNED
    else:
        standing = Standing.LATE if now >= row.due_at + LATE_AFTER else Standing.DUE
    letters = outbox.about(connection, LETTER, row.id)
    sent = next((one.delivered_at for one in letters if one.fate is Fate.DELIVERED), None)
    trouble = next((one.trouble or "" for one in letters if one.fate is not Fate.DELIVERED), "")
    return FollowUp(
        row.id,
        row.conversation_id,
        row.name,
        people.get(row.staff_id, ""),
        row.asked_at,
        row.due_at,
        standing,
        row.intake,
        handed_over,
        sent,
        trouble,
    )
