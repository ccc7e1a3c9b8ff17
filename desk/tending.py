"""What the desk does by itself, every few seconds: deliver letters, free stale claims, end what nobody can answer."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import alerts, reach, ticket_rows
from desk import conversation as links
from desk.channels import Channels
from desk.hours import Hours
from desk.letters import write_letter
from desk.owing import last_number, patience
from desk.ticket import Outcome, Stage, Ticket, closed, timed_out
from desk.ticket_rows import TICKET, from_row
from errors import Unavailable
from store import audit, outbox
from store.engine import Store
from store.keys import Keys
from store.outbox import Letter
from triage.decision import Language, Urgency

log = logging.getLogger(__name__)

SUNK_AFTER = timedelta(days=14)  # a question about the visitor's own case that nobody can answer closes by itself
SETTLED_AFTER = timedelta(days=7)  # after an answer to which nothing came back
MOST_LETTERS = 20  # in one round


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done this time."""

    delivered: int = 0
    failed: int = 0
    freed: int = 0
    ended: int = 0
    forgotten: int = 0


class Tending:
    """Call it every few seconds; several processes may, none does another's work twice."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        channels: Channels,
        *,
        hours: Hours | None = None,
        keep: timedelta = timedelta(days=90),
        address: str = "",
        senders: Mapping[str, Callable[[Letter], None]] | None = None,
    ) -> None:
        """`address` is where staff open the desk; it stands in alerts. `senders` take letters of other kinds: each
        returns once its letter was accepted, and raises Unavailable if it was not."""
        self._senders = senders or {}
        self._store, self._keys, self._clock, self._keep = store, keys, clock, keep
        self._channels, self._address, self._hours = channels, address, hours or Hours()

    def __call__(self) -> Tended:
        """One round. Unavailable if the database is not there; nothing is lost by that."""
        freed = self._free_claims()
        ended = self._end_stale()
        forgotten = self._forget_expired()
        delivered, failed = self._deliver()
        return Tended(delivered, failed, freed, ended, forgotten)

    def _deliver(self) -> tuple[int, int]:
        sent = failed = 0
        for letter in self._letters():
            trouble = ""
            try:
                self._send(letter)
            except Unavailable as error:
                trouble = str(error)
            except Exception as error:  # a channel that breaks is a failed attempt, never the end of the round
                trouble = type(error).__name__
            with self._store.writing() as connection:
                now = self._clock()
                if trouble:
                    outbox.failed(connection, letter, now, trouble)
                    failed += 1
                else:
                    outbox.delivered(connection, letter, now)
                    sent += 1
                what = "letter.failed" if trouble else "letter.delivered"
                facts: dict[str, audit.Fact] = {"kind": letter.kind, "to": letter.recipient, "try": letter.attempts + 1}
                audit.note(connection, now, "program", what, f"{letter.kind}:{letter.subject}", facts)
            log.info(what, extra={"facts": {"letter": letter.id, "kind": letter.kind, "try": letter.attempts + 1}})
        return sent, failed

    def _letters(self) -> Iterator[Letter]:
        """Letters whose time has come, each taken when the one before it is done: its two minutes are its own."""
        for _ in range(MOST_LETTERS):
            with self._store.writing() as connection:
                letters = outbox.take_due(connection, self._clock(), limit=1)
            if not letters:
                return
            yield from letters

    def _send(self, letter: Letter) -> None:
        if letter.kind in self._senders:
            self._senders[letter.kind](letter)
            return
        channel = self._channels.get(letter.channel)
        if channel is None:
            raise Unavailable(f"The channel {letter.channel} is not switched on.")
        number = int(letter.recipient.partition(":")[2])
        if letter.kind == alerts.ALERT:
            with self._store.reading() as connection:
                contact = alerts.find_contact(connection, number)
                urgent = ticket_rows.read(connection, letter.subject).urgency is Urgency.NOW
            words = write_letter(letter, None, self._address, urgent=urgent)
            channel.send("" if contact is None else contact.address, words)
            return
        with self._store.reading() as connection:
            address, language = self._visitor(connection, number)
        if not address:
            raise Unavailable("The visitor left no address, or deleted the conversation.")
        channel.send(address, write_letter(letter, language))

    def _visitor(self, connection: Connection, conversation: int) -> tuple[str, Language | None]:
        row = links.by_id(connection, conversation)
        seal = links.seal_of(connection, self._keys, conversation)
        left = None if seal is None or row.deleted_at is not None else reach.read(connection, seal, conversation)
        return ("" if left is None else left.address), (None if row.language is None else Language(row.language))

    def _free_claims(self) -> int:
        """Claims that ran out: the ticket waits again, and urgent ones are told again."""
        now, freed = self._clock(), 0
        stale = sa.select(TICKET).where(TICKET.c.stage == Stage.CLAIMED.value, TICKET.c.held_until <= now)
        for found in self._tickets(stale):
            with self._store.writing() as connection:
                ticket = self._still(connection, stale, found)
                if ticket is None:
                    continue
                after = self._move(connection, ticket, timed_out(ticket, now), "claim.ran_out", now)
                freed += 1
                if after.urgency is Urgency.NOW:
                    number = last_number(connection, after.conversation)
                    alerts.raise_alert(connection, after, number, now, patience(self._hours))
        return freed

    def _end_stale(self) -> int:
        """Sunk questions and settled answers; never a danger ticket."""
        now, ended = self._clock(), 0
        quiet = links.CONVERSATION.c.last_at
        candidates = (
            sa.select(TICKET)
            .join(links.CONVERSATION, links.CONVERSATION.c.id == TICKET.c.conversation_id)
            .where(
                sa.or_(
                    sa.and_(TICKET.c.stage.in_([Stage.WAITING.value, Stage.REOPENED.value]), quiet < now - SUNK_AFTER),
                    sa.and_(TICKET.c.stage == Stage.ANSWERED.value, TICKET.c.answered_at < now - SETTLED_AFTER),
                )
            )
        )
        for found in self._tickets(candidates):
            if not _ends_by_itself(found):
                continue
            with self._store.writing() as connection:
                ticket = self._still(connection, candidates, found)
                if ticket is None or not _ends_by_itself(ticket):
                    continue
                outcome = Outcome.SETTLED if ticket.stage is Stage.ANSWERED else Outcome.NO_WAY_TO_REACH
                after = closed(ticket, outcome, now, by_clinician=False)
                self._move(connection, ticket, after, "ticket.closed_by_itself", now)
                ended += 1
        return ended

    def _forget_expired(self) -> int:
        """Words whose time is over, unless somebody still owes an answer to them."""
        now, forgotten = self._clock(), 0
        before = now - self._keep
        with self._store.reading() as connection:
            ended = [one for one in links.expired(connection, before) if not _is_owed(connection, one)]
        for conversation in ended:
            with self._store.writing() as connection:
                if not links.still_expired(connection, conversation, before) or _is_owed(connection, conversation):
                    continue
                links.cut_links(connection, conversation, now)
                links.destroy_key(connection, conversation)
                audit.note(connection, now, "program", "conversation.expired", f"conversation:{conversation}")
                forgotten += 1
        return forgotten

    def _tickets(self, wanted: sa.Select[tuple[object, ...]]) -> tuple[Ticket, ...]:
        with self._store.reading() as connection:
            return tuple(from_row(row) for row in connection.execute(wanted))

    def _still(self, connection: Connection, wanted: sa.Select[tuple[object, ...]], found: Ticket) -> Ticket | None:
        """The ticket once its conversation is ours alone to change; None if it is no longer among those wanted."""
        links.by_id(connection, found.conversation, lock=True)
        row = connection.execute(wanted.where(TICKET.c.id == found.id)).one_or_none()
        return None if row is None else from_row(row)

    def _move(self, connection: Connection, before: Ticket, after: Ticket, action: str, now: datetime) -> Ticket:
        saved = ticket_rows.save(connection, before, after)
        audit.note(connection, now, "program", action, f"ticket:{saved.id}")
        return saved


def _ends_by_itself(ticket: Ticket) -> bool:
    return not ticket.is_danger and (ticket.stage is Stage.ANSWERED or ticket.is_sunk)


def _is_owed(connection: Connection, conversation: int) -> bool:
    return ticket_rows.open_one(connection, conversation) is not None
