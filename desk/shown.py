"""A conversation as it is read again: messages, what came of each, where its ticket stands, replies; oldest first."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Turn
from desk import alerts, ticket_rows
from desk.drafting import REPLY, Reply, replies_to
from desk.status import SIGHT, DeskStatus, Status, status_of
from desk.ticket_rows import TICKET
from desk.transcript import MESSAGE, STATEMENT, TURN, Addressee, read_turn, statements_of
from store import outbox
from store.keys import Seal
from triage.decision import Said, Speaker


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as its writer sees it, with everything that came of it."""

    id: int
    number: int
    text: str
    at: datetime
    turn: Turn | None  # None: still being answered
    reference: str | None = None
    status: Status | None = None
    replies: tuple[Reply, ...] = ()  # sent after this message and before the next
    silent: bool = False  # it went to the person in the conversation; the program said nothing
    addressee: Addressee = Addressee.ANYONE


# What open pages read again and again is put together once.
_THIS: sa.BindParameter[int] = sa.bindparam("conversation", type_=sa.Integer)
_MESSAGES = sa.select(MESSAGE.c.id).where(MESSAGE.c.conversation_id == _THIS)
_TICKETS = sa.select(TICKET.c.id).where(TICKET.c.conversation_id == _THIS)
_ALL = sa.select(MESSAGE).where(MESSAGE.c.conversation_id == _THIS).order_by(MESSAGE.c.number)
_TURNS = sa.select(TURN).where(TURN.c.message_id.in_(_MESSAGES))
_STATEMENTS = sa.select(STATEMENT).where(STATEMENT.c.message_id.in_(_MESSAGES)).order_by(STATEMENT.c.place)


def read_conversation(
    connection: Connection, seal: Seal, conversation: int, desk: DeskStatus | None
) -> tuple[Shown, ...]:
    """Every message with its turn, replies and, with `desk`, where its ticket stands."""
    this = {"conversation": conversation}
    statements = statements_of(connection.execute(_STATEMENTS, this))
    turns = {row.message_id: row for row in connection.execute(_TURNS, this)}
    tickets = {ticket.id: ticket for ticket in ticket_rows.all_of(connection, conversation)}
    rows = connection.execute(_ALL, this).all()
    replies = _replies_by_number(replies_to(connection, seal, conversation), len(rows))
    shown = []
    for row in rows:
        text, turn = seal.open(row.text), turns.get(row.id)
        ticket = None if turn is None or turn.ticket_id is None else tickets[turn.ticket_id]
        shown.append(
            Shown(
                row.id,
                row.number,
                text,
                row.at,
                None if turn is None else read_turn(turn, text, seal, statements.get(row.id, ())),
                None if ticket is None else ticket.reference,
                None if ticket is None or desk is None else status_of(connection, ticket, desk, row.number, row.at),
                replies.get(row.number, ()),
                turn is not None and turn.silent,
                Addressee(row.addressee),
            )
        )
    return tuple(shown)


def _counted(what: sa.ColumnElement[int], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(what).where(*where).scalar_subquery()


_MARK = sa.select(
    _counted(sa.func.count(), MESSAGE.c.conversation_id == _THIS),
    _counted(sa.func.count(), TURN.c.message_id.in_(_MESSAGES)),
    _counted(sa.func.count(TURN.c.ticket_id), TURN.c.message_id.in_(_MESSAGES)),
    _counted(sa.func.count() + sa.func.sum(TICKET.c.version), TICKET.c.conversation_id == _THIS),
    _counted(sa.func.count(), SIGHT.c.ticket_id.in_(_TICKETS)),
    _counted(sa.func.count(), REPLY.c.conversation_id == _THIS),
    _counted(
        sa.func.count(),
        outbox.OUTBOX.c.kind == alerts.ALERT,
        outbox.OUTBOX.c.subject.in_(_TICKETS),
        outbox.OUTBOX.c.fate == outbox.Fate.DELIVERED.value,
    ),
)


def mark_of(connection: Connection, conversation: int) -> tuple[int | None, ...]:
    """Counts that change whenever something stored changes what `read_conversation` shows; in one reading, no words."""
    return tuple(connection.execute(_MARK, {"conversation": conversation}).one())


def history_before(conversation: tuple[Shown, ...], number: int) -> tuple[Said, ...]:
    """What was said before message `number`: the visitor, the program's sentences, staff replies; oldest first."""
    said: list[Said] = []
    for shown in conversation:
        if shown.number >= number:
            break
        said.append(Said(Speaker.VISITOR, shown.text, for_person=_is_a_persons(shown)))
        if shown.turn is not None and shown.turn.statements:
            said.append(Said(Speaker.PROGRAM, " ".join(one.text for one in shown.turn.statements)))
        said.extend(Said(Speaker.STAFF, reply.text) for reply in shown.replies)
    return tuple(said)


def _is_a_persons(shown: Shown) -> bool:
    """The message was left for a person, by triage or by its writer, or is not read yet."""
    unread = shown.turn is None or shown.turn.decision.needs_person
    return unread or shown.silent or shown.addressee is Addressee.PERSON or shown.reference is not None


def _replies_by_number(replies: tuple[Reply, ...], last: int) -> dict[int, tuple[Reply, ...]]:
    """Each reply under the last message its writer had read."""
    found: dict[int, tuple[Reply, ...]] = {}
    for reply in replies:
        number = min(max(reply.up_to, 1), last)
        found[number] = (*found.get(number, ()), reply)
    return found
