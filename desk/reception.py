"""The one place where a message, its turn and its ticket are written, and where a visitor reads them again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Turn
from desk import alerts, reach, switch, ticket_rows
from desk import conversation as links
from desk.conversation import Conversation
from desk.drafting import say_helped
from desk.hours import Hours
from desk.model_calls import write_calls
from desk.owing import last_number, owe, patience
from desk.reach import Reach
from desk.shown import Shown, history_before, mark_of, read_conversation
from desk.silence import is_silent
from desk.sources import FindSource, keep_sources, no_source
from desk.status import DeskStatus, Status, desk_status, status_of
from desk.ticket import Outcome, Stage, Ticket, closed, reachable, reopened
from desk.transcript import (
    MESSAGE,
    STATEMENT,
    TURN,
    Addressee,
    Received,
    Recorded,
    read_turn,
    statements_of,
    write_message,
    write_turn,
)
from errors import BadInput, Conflict
from store import audit
from store.engine import Store
from store.keys import Keys
from triage.decision import Care, Language, Reason, Route, Said, Urgency

LONGEST_MESSAGE = 50_000  # characters; danger is read that far
CARE_ORDER = (Care.NONE, Care.STANDING, Care.WITH_A_PERSON, Care.ASKED)  # least careful first
TO_A_PERSON = (Reason.ASKED_FOR_A_PERSON, Reason.TROUBLE, Reason.ANSWERS_OFF)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person was asked for."""

    reference: str
    received: Received | None = None  # the note, a message of its own: take its turn, danger is read in it too


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A conversation is gone for its visitor."""

    words_destroyed: bool  # False: a danger ticket is open; staff keep the words until it is closed
    reference: str | None = None  # of that ticket


class Reception:
    """Takes messages in, keeps what came of them, and shows a visitor their own conversation."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        hours: Hours | None = None,
        channels: Collection[str] = (),
        keep: timedelta = timedelta(days=90),
        sources: FindSource = no_source,
    ) -> None:
        """`channels` names the ones that are switched on; `keep` is how long a link works after the last message.

        `sources` finds what a statement rests on, for the row that says which text that was.
        """
        self._store, self._keys, self._clock, self._keep = store, keys, clock, keep
        self._hours, self._channels, self._sources = hours or Hours(), frozenset(channels), sources

    def open(self, token: str) -> Conversation | None:
        """The conversation behind a private link; None if unknown, expired, deleted or locked by a passphrase."""
        with self._store.reading() as connection:
            return links.find(connection, token, self._clock())

    def begin(self, token: str, *, clinic: str | None, language: str | None) -> Conversation:
        """The conversation behind this link, made if there is none. NotAllowed if the link wants its passphrase."""
        with self._store.writing() as connection:
            return self._find_or_open(connection, token, clinic, language)

    def receive(
        self,
        token: str,
        text: str,
        *,
        clinic: str | None,
        language: str | None,
        addressee: Addressee = Addressee.ANYONE,
        client_key: str | None = None,
    ) -> Received:
        """Commit a message before anything else happens to it; once it returns, the words are on the disk.

        A second call with the same `client_key` returns the first message. Unavailable means that nothing was kept.
        """
        if not text.strip():
            raise BadInput("There is nothing to send yet.")
        if len(text) > LONGEST_MESSAGE:
            raise BadInput(f"That is too long for one message. Please send at most {LONGEST_MESSAGE:,} characters.")
        now = self._clock()
        chosen = None if language is None else Language(language)
        with self._store.writing() as connection:
            found = self._find_or_open(connection, token, clinic, language)
            seal = links.need_seal(connection, self._keys, found.id)
            if client_key is not None:
                known = connection.execute(
                    sa.select(MESSAGE, links.CONVERSATION.c.care)
                    .join(links.CONVERSATION, links.CONVERSATION.c.id == MESSAGE.c.conversation_id)
                    .where(MESSAGE.c.conversation_id == found.id, MESSAGE.c.client_key == client_key)
                ).one_or_none()
                if known is not None:
                    return _received(known, seal.open(known.text))
            message_id, number, sealed = write_message(
                connection,
                seal,
                found.id,
                text,
                now,
                clinic=clinic,
                language=chosen,
                addressee=addressee,
                client_key=client_key,
            )
            links.touch(connection, found.id, now, self._keep)
            audit.note(
                connection,
                now,
                "visitor",
                "message.stored",
                f"message:{message_id}",
                {"conversation": found.id, "number": number, "sha256": audit.fingerprint(sealed)},
            )
        return Received(message_id, found.id, number, now, text, clinic, chosen, found.care, addressee)

    def record(self, received: Received, turn: Turn) -> Recorded:
        """Keep a turn, its spans and its ticket in one transaction; a turn that was kept before stays as it was.

        Where a person has the word, or danger was read meanwhile, the statements are left out: the program is silent.
        """
        now = self._clock()
        with self._store.writing() as connection:
            row = links.by_id(connection, received.conversation, lock=True)
            before = self._recorded(connection, received)
            if before is not None:
                return before
            seal = links.need_seal(connection, self._keys, received.conversation)
            ticket = ticket_rows.open_one(connection, received.conversation)
            care = Care(row.care)
            silent = is_silent(received, turn, ticket, care, now)
            kept = replace(turn, statements=()) if silent else turn
            ticket = self._ticket_for(connection, received, turn, silent=silent, now=now)
            keep_sources(connection, self._sources, now, kept.statements)
            write_turn(
                connection, seal, received.id, kept, now, silent=silent, ticket=None if ticket is None else ticket.id
            )
            write_calls(connection, turn.calls, now, received.id)
            after = turn.decision.care
            if care is not received.care:  # another message moved it meanwhile: the more careful state stands
                after = max(care, after, key=CARE_ORDER.index)
            links.touch(connection, received.conversation, now, self._keep, after)
            facts: dict[str, audit.Fact] = {"route": turn.decision.route.value, "spans": len(kept.statements)}
            facts |= {"silent": silent, "ticket": None if ticket is None else ticket.reference}
            audit.note(connection, now, "program", "turn.recorded", f"message:{received.id}", facts)
        return Recorded(kept, None if ticket is None else ticket.reference, silent)

    def history(self, received: Received) -> tuple[Said, ...]:
        """What was said before this message, oldest first: the visitor, the program's sentences, staff replies."""
        with self._store.reading() as connection:
            seal = links.seal_of(connection, self._keys, received.conversation)
            before = () if seal is None else read_conversation(connection, seal, received.conversation, None)
            return history_before(before, received.number)

    def contacts(self, received: Received) -> tuple[str, ...]:
        """The name and the address its writer left for a reply; nothing where they left none."""
        with self._store.reading() as connection:
            seal = links.seal_of(connection, self._keys, received.conversation)
            left = None if seal is None else reach.read(connection, seal, received.conversation)
        return () if left is None else tuple(one for one in (left.name.strip(), left.address.strip()) if one)

    def turns(self, token: str) -> tuple[Shown, ...]:
        """Everything the visitor sees, oldest first; nothing for a link that leads nowhere."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            return () if found is None else self._read(connection, found.id)

    def mark(self, token: str) -> tuple[object, ...]:
        """Something else whenever `turns` gives something else; it costs a fraction, for an open page that waits."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            return () if found is None else (self._desk(connection), *mark_of(connection, found.id))

    def tickets(self, token: str) -> tuple[Status, ...]:
        """Where each of the conversation's tickets stands, oldest first, also those asked for without a message."""
        now = self._clock()
        with self._store.reading() as connection:
            found = links.find(connection, token, now)
            if found is None:
                return ()
            desk = self._desk(connection)
            return tuple(
                status_of(connection, ticket, desk, ticket.waits_from, ticket.waiting_since)
                for ticket in ticket_rows.all_of(connection, found.id)
            )

    def desk(self) -> DeskStatus:
        """Whether anybody receives messages here, and when the desk is staffed."""
        with self._store.reading() as connection:
            return self._desk(connection)

    def answers_are_on(self) -> bool:
        """The program may answer; off means: triage only, then `record` with Reason.ANSWERS_OFF."""
        with self._store.reading() as connection:
            return switch.answers_are_on(connection)

    def unfinished(self) -> tuple[Received, ...]:
        """Messages whose turn was never recorded, oldest first: the program was stopped while it answered."""
        with self._store.reading() as connection:
            rows = connection.execute(
                sa.select(MESSAGE, links.CONVERSATION.c.care, links.CONVERSATION.c.data_key)
                .join(links.CONVERSATION, links.CONVERSATION.c.id == MESSAGE.c.conversation_id)
                .outerjoin(TURN, TURN.c.message_id == MESSAGE.c.id)
                .where(TURN.c.message_id.is_(None), links.CONVERSATION.c.data_key.is_not(None))
                .order_by(MESSAGE.c.id)
            )
            return tuple(_received(row, self._keys.seal(row.data_key).open(row.text)) for row in rows)

    def has_person(self, token: str) -> bool:
        """A person is in the conversation: what the visitor writes goes to them unless they choose the documents."""
        now = self._clock()
        with self._store.reading() as connection:
            found = links.find(connection, token, now)
            ticket = None if found is None else ticket_rows.open_one(connection, found.id)
            return ticket is not None and ticket.has_person(now)

    def ask_for_person(self, token: str, message_id: int | None = None, note: str = "") -> Asked:
        """A ticket because the visitor asked for a person; a note is stored as a message of its own."""
        asked = self._hand_over(token, message_id, Reason.ASKED_FOR_A_PERSON, Urgency.NEXT_DAY)
        if not note.strip():
            return asked
        received = self.receive(token, note, clinic=None, language=None, addressee=Addressee.PERSON)
        return replace(asked, received=received)

    def leave_question(self, token: str, message_id: int) -> Asked:
        """A ticket on the visitor's one tap, for a question the documents do not answer."""
        return self._hand_over(token, message_id, Reason.DOCUMENTS_SILENT, Urgency.ROUTINE)

    def choose_clinic(self, token: str, clinic: str) -> None:
        """The visitor says which clinic may read this conversation; it stays so, and no second one ever reads it."""
        now = self._clock()
        with self._store.writing() as connection:
            found = links.find_locked(connection, token, now)
            if found is None or clinic not in self._desk(connection).clinics:
                raise Conflict("That clinic cannot be chosen here any more.")
            if found.clinic is not None:
                raise Conflict("A clinic was chosen for this conversation before.")
            links.set_clinic(connection, found.id, clinic)
            ticket = ticket_rows.open_one(connection, found.id)
            if ticket is not None:
                ticket_rows.save(connection, ticket, replace(ticket, clinic=clinic))
            audit.note(connection, now, "visitor", "clinic.chosen", f"conversation:{found.id}", {"clinic": clinic})

    def protect(self, token: str, passphrase: str) -> str | None:
        """Put a passphrase on this link; returns a fresh link for this device, None if the link leads nowhere."""
        now = self._clock()
        with self._store.writing() as connection:
            fresh = links.protect(connection, token, passphrase, now)
            if fresh is not None:
                audit.note(connection, now, "visitor", "link.protected", self._named(connection, fresh))
        return fresh

    def wants_passphrase(self, token: str) -> bool:
        """This link opens only with its passphrase."""
        with self._store.reading() as connection:
            return links.wants_passphrase(connection, token, self._clock())

    def unlock(self, token: str, passphrase: str) -> str | None:
        """A fresh link for this device, for a protected link and its passphrase; None if they do not fit."""
        now = self._clock()
        with self._store.writing() as connection:
            fresh = links.unlock(connection, token, passphrase, now)
            if fresh is None:
                audit.note(connection, now, "somebody", "link.refused", "desk")
            else:
                audit.note(connection, now, "visitor", "link.unlocked", self._named(connection, fresh))
        return fresh

    def leave_reach(self, token: str, how: Reach) -> None:
        """Keep how the visitor may be reached; a ticket that waits comes up again in the queue."""
        now = self._clock()
        with self._store.writing() as connection:
            found = self._find_or_open(connection, token, None, None)
            seal = links.need_seal(connection, self._keys, found.id)
            reach.leave(connection, seal, found.id, how, now)
            ticket = ticket_rows.open_one(connection, found.id)
            if ticket is not None:
                ticket_rows.save(connection, ticket, reachable(ticket))
            audit.note(connection, now, "visitor", "reach.left", f"conversation:{found.id}", {"how": how.how.value})

    def say_helped(self, token: str, reply_id: int, helped: bool) -> None:
        """The visitor says "this helped", or "not yet", which takes the ticket up again."""
        now = self._clock()
        with self._store.writing() as connection:
            found = links.find_locked(connection, token, now)
            if found is None:
                return
            ticket_id = say_helped(connection, reply_id, found.id, helped, now)
            ticket = ticket_rows.read(connection, ticket_id)
            if not helped and ticket.stage is Stage.ANSWERED:
                again = reopened(ticket, now, self._hours.due(ticket.urgency, now))
                again = ticket_rows.save(connection, ticket, again)
                number = last_number(connection, found.id)
                alerts.raise_alert(connection, again, number, now, patience(self._hours))
            audit.note(connection, now, "visitor", "reply.judged", f"reply:{reply_id}", {"helped": helped})

    def forget(self, token: str) -> Forgotten | None:
        """Delete a conversation: its links lead nowhere and its key is destroyed; None if the link leads nowhere.

        With an open danger ticket it disappears for the visitor now and for staff when that ticket is closed.
        """
        now = self._clock()
        with self._store.writing() as connection:
            found = links.find_locked(connection, token, now)
            if found is None:
                return None
            links.cut_links(connection, found.id, now)
            ticket = ticket_rows.open_one(connection, found.id)
            keeps = ticket is not None and ticket.is_danger
            if ticket is not None and not keeps:
                gone = closed(ticket, Outcome.DELETED, now, by_clinician=False)
                ticket_rows.save(connection, ticket, gone)
            if not keeps:
                links.destroy_key(connection, found.id)
            audit.note(
                connection, now, "visitor", "conversation.deleted", f"conversation:{found.id}", {"words_kept": keeps}
            )
        return Forgotten(not keeps, ticket.reference if ticket is not None and keeps else None)

    def _named(self, connection: Connection, token: str) -> str:
        found = links.find(connection, token, self._clock())
        return f"conversation:{found.id if found else 0}"

    def _find_or_open(
        self, connection: Connection, token: str, clinic: str | None, language: str | None
    ) -> Conversation:
        chosen = None if language is None else Language(language)
        return links.find_or_open(
            connection, self._keys, token, self._clock(), self._keep, clinic=clinic, language=chosen
        )

    def _desk(self, connection: Connection) -> DeskStatus:
        return desk_status(connection, self._hours, self._channels, self._clock())

    def _read(self, connection: Connection, conversation: int) -> tuple[Shown, ...]:
        seal = links.seal_of(connection, self._keys, conversation)
        return () if seal is None else read_conversation(connection, seal, conversation, self._desk(connection))

    def _recorded(self, connection: Connection, received: Received) -> Recorded | None:
        """The turn as it was kept before, if it was: two of us may pick up the same unfinished message."""
        row = connection.execute(sa.select(TURN).where(TURN.c.message_id == received.id)).one_or_none()
        if row is None:
            return None
        seal = links.need_seal(connection, self._keys, received.conversation)
        rows = sa.select(STATEMENT).where(STATEMENT.c.message_id == received.id).order_by(STATEMENT.c.place)
        statements = statements_of(connection.execute(rows))
        turn = read_turn(row, received.text, seal, statements.get(received.id, ()))
        return Recorded(turn, None if row.ticket_id is None else f"F-{row.ticket_id}", row.silent)

    def _ticket_for(
        self, connection: Connection, received: Received, turn: Turn, *, silent: bool, now: datetime
    ) -> Ticket | None:
        """The ticket this turn belongs to: the open one, a new one, or none."""
        decision = turn.decision
        to_person = received.addressee is Addressee.PERSON
        owed = decision.needs_person or any(reason in TO_A_PERSON for reason in decision.reasons)
        if not owed and not silent and not to_person:
            return None
        asked = (Reason.ASKED_FOR_A_PERSON,) if to_person else ()
        return owe(
            connection,
            self._hours,
            received.conversation,
            decision.route,
            tuple(dict.fromkeys((*decision.reasons, *asked))),
            decision.urgency,
            number=received.number,
            now=now,
        )

    def _hand_over(self, token: str, message_id: int | None, reason: Reason, urgency: Urgency) -> Asked:
        now = self._clock()
        with self._store.writing() as connection:
            found = self._find_or_open(connection, token, None, None)
            number = last_number(connection, found.id)
            if message_id is not None:
                turn = connection.execute(
                    sa.select(TURN, MESSAGE.c.number)
                    .join(MESSAGE, MESSAGE.c.id == TURN.c.message_id)
                    .where(TURN.c.message_id == message_id, MESSAGE.c.conversation_id == found.id)
                ).one_or_none()
                if turn is None:
                    raise Conflict("That message is not in this conversation, or is still being answered.")
                if turn.ticket_id is not None:  # tapped twice
                    return Asked(f"F-{turn.ticket_id}")
                number = turn.number
            ticket = owe(
                connection, self._hours, found.id, Route.NOT_IN_SOURCES, (reason,), urgency, number=number, now=now
            )
            if message_id is not None:
                connection.execute(TURN.update().where(TURN.c.message_id == message_id).values(ticket_id=ticket.id))
            facts: dict[str, audit.Fact] = {"reason": reason.value, "message": message_id}
            audit.note(connection, now, "visitor", "person.asked", f"ticket:{ticket.id}", facts)
        return Asked(ticket.reference)


def _received(row: sa.Row[Any], text: str) -> Received:
    return Received(
        row.id,
        row.conversation_id,
        row.number,
        row.at,
        text,
        row.clinic,
        None if row.language is None else Language(row.language),
        Care(row.care),
        Addressee(row.addressee),
    )
