"""What an intake brings to the desk: a message, its turn and its ticket, kept in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Turn
from desk import conversation as links
from desk import ticket_rows
from desk.hours import Hours
from desk.owing import owe
from desk.ticket import Outcome, Stage, Ticket, closed
from desk.transcript import MESSAGE, TURN, Addressee, write_message, write_turn
from store import audit
from store.keys import Seal
from triage.decision import Care, Decision, Language, Message, Reason


@dataclass(frozen=True, slots=True)
class Brought:
    """What was kept."""

    message: int  # id
    ticket: Ticket


def bring(
    connection: Connection,
    seal: Seal,
    hours: Hours,
    conversation: int,
    text: str,
    decision: Decision,
    now: datetime,
    keep: timedelta,
    *,
    client_key: str | None = None,
    silent: bool,
) -> Brought:
    """Keep words of an intake as a message of its conversation, with the turn and the ticket `decision` asks for.

    The conversation's row must be locked. A second call with the same `client_key` returns what the first one kept.
    """
    known = None if client_key is None else _known(connection, conversation, client_key)
    if known is not None:
        return known
    row = links.by_id(connection, conversation)
    message_id, number, sealed = write_message(
        connection,
        seal,
        conversation,
        text,
        now,
        clinic=row.clinic,
        language=None if row.language is None else Language(row.language),
        addressee=Addressee.INTAKE,
        client_key=client_key,
    )
    ticket = owe(
        connection, hours, conversation, decision.route, decision.reasons, decision.urgency, number=number, now=now
    )
    turn = Turn(Message(text, (), row.clinic, language=decision.language, care=Care(row.care)), decision)
    write_turn(connection, seal, message_id, turn, now, silent=silent, ticket=ticket.id)
    links.touch(connection, conversation, now, keep, decision.care)
    facts: dict[str, audit.Fact] = {"number": number, "sha256": audit.fingerprint(sealed), "ticket": ticket.reference}
    audit.note(connection, now, "visitor", "intake.brought", f"message:{message_id}", facts)
    return Brought(message_id, ticket)


def _known(connection: Connection, conversation: int, client_key: str) -> Brought | None:
    row = connection.execute(
        sa.select(MESSAGE.c.id, TURN.c.ticket_id)
        .join(TURN, TURN.c.message_id == MESSAGE.c.id)
        .where(MESSAGE.c.conversation_id == conversation, MESSAGE.c.client_key == client_key)
    ).one_or_none()
    return None if row is None else Brought(row.id, ticket_rows.read(connection, row.ticket_id))


def let_go(connection: Connection, ticket_id: int, now: datetime) -> bool:
    """The visitor took their answers back: a ticket that held nothing else is closed. True if it was."""
    ticket = ticket_rows.read(connection, ticket_id)
    if ticket.stage is Stage.CLOSED or ticket.is_danger or ticket.reasons != (Reason.INTAKE,):
        return False
    ticket_rows.save(connection, ticket, closed(ticket, Outcome.TAKEN_BACK, now, by_clinician=False))
    return True
