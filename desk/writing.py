"""Writing to a visitor, through the guard: drafts saved, proposed, marked, previewed, and sent once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Statement
from conversation.checking import Written as Put
from conversation.proposal import Proposal
from conversation.tracing import trace
from desk import alerts, drafting, marks, owing, pasted, promises, proposals, reach, staff, ticket_rows
from desk import conversation as links
from desk import ticket as moves
from desk.drafting import Draft
from desk.guard import guarded
from desk.hours import Hours
from desk.marks import Check, Judged, nothing_checked
from desk.presence import Presence
from desk.roles import Action, Role, may
from desk.shown import history_before, read_conversation
from desk.sources import FindSource, keep_sources, no_source
from desk.staff import Staff
from desk.status import desk_status, status_of
from desk.ticket import Stage, Ticket
from errors import BadInput, Conflict, NotAllowed, Unavailable
from store import audit, outbox
from store.engine import Store
from store.keys import Keys
from triage.decision import Care, Message

REPLY = "reply"  # kind of letter: "you have a reply"

# Messages of one person, who signs, the clinic ("" for any) -> a draft.
Propose = Callable[[Sequence[Message], str, str], Proposal]


@dataclass(frozen=True, slots=True)
class Written:
    """A draft was saved."""

    draft: Draft
    holds: bool  # False: somebody else has the ticket by now; the words are kept all the same


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what the visitor will read."""

    draft: int
    name: str
    role: Role
    text: str
    citations: tuple[Statement, ...]
    concerns: tuple[promises.Concern, ...]  # a reply with any of these is not sent
    unsettled: str  # what stands against sending it, in words; "" for nothing
    fingerprint: str  # hand it back to send


class WritingDesk:
    """What staff do with words. The first argument of every action is the session's secret."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        hours: Hours | None = None,
        channels: Collection[str] = (),
        check: Check = nothing_checked,
        propose: Propose | None = None,
        sources: FindSource = no_source,
    ) -> None:
        """`check` reads drafts against the documents; without it every sentence needs a mark before it is sent."""
        self._store, self._keys, self._clock = store, keys, clock
        self._check, self._propose, self._sources = check, propose, sources
        self._hours, self._channels, self._presence = hours or Hours(), frozenset(channels), Presence()

    def allow(self, session: str, action: Action) -> Staff:
        """Who acts. NotAllowed if the session has ended or the role may not do this."""
        with self._store.reading() as connection:
            person = staff.who_is(connection, session, self._clock())
        if person is None:
            raise NotAllowed("Your session has ended. Log in again; what you wrote is saved.")
        if not may(person.role, action):
            raise NotAllowed(f"As {person.role.value} you may not do this ({action.value}).")
        return person

    @guarded(Action.WRITE)
    def write(
        self,
        person: Staff,
        ticket_id: int,
        text: str,
        citations: tuple[Statement, ...] = (),
        *,
        put_in: tuple[Put, ...] = (),
    ) -> Written:
        """Keep what is being written, each change a row; holding the ticket goes on while somebody writes.

        `put_in` are sentences that came from a document with this change.
        """
        return self._write(person, ticket_id, text, citations, put_in)

    @guarded(Action.WRITE)
    def compose(self, person: Staff, ticket_id: int, text: str = "", citations: tuple[Statement, ...] = ()) -> Written:
        """Propose a draft for the messages that wait, below what is written already. Unavailable without documents."""
        if self._propose is None:
            raise Unavailable("The documents are not read. Write without them, or try again in a moment.")
        with self._store.reading() as connection:
            ticket = theirs(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            desk = desk_status(connection, self._hours, self._channels, self._clock())
            said = read_conversation(connection, seal, ticket.conversation, desk)
        waiting = [one for one in said if one.number >= ticket.waits_from] or said[-1:]
        clinic = ticket.clinic or ""
        messages = [Message(one.text, history_before(said, one.number), clinic=clinic or None) for one in waiting]
        proposal = self._propose(messages, person.name, clinic)
        text = "\n\n".join(part for part in (text.rstrip(), proposal.text) if part)
        return self._write(person, ticket_id, text, citations, proposal.put_in, proposal)

    @guarded(Action.LOOK)
    def review(self, person: Staff, ticket_id: int, draft_id: int) -> tuple[Judged, ...]:
        """A draft's sentences as the check and the marks on them stand now."""
        with self._store.reading() as connection:
            ticket = theirs(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            draft = drafting.read_draft(connection, seal, draft_id)
            if draft.ticket != ticket.id:
                raise Conflict("There is no such draft.")
            return self._judged(connection, ticket, draft)

    @guarded(Action.LOOK)
    def questions(self, person: Staff, ticket_id: int, draft_id: int) -> tuple[proposals.Found, ...]:
        """The questions that were found when this draft was proposed."""
        with self._store.reading() as connection:
            ticket = theirs(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            return proposals.questions_of(connection, seal, draft_id)

    @guarded(Action.WRITE)
    def mark(self, person: Staff, ticket_id: int, draft_id: int, sentence: str, reason: str) -> None:
        """Put one's name to a sentence, with a reason: in one's own draft, a clinician's in anybody's.

        What the mark settles is said by marks.Judged. Conflict if the draft has no such sentence by now.
        """
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            draft = drafting.read_draft(connection, seal, draft_id)
            if draft.ticket != ticket.id or (draft.staff != person.id and person.role is not Role.CLINICIAN):
                raise Conflict("There is no such draft of yours.")
            if sentence not in {one.text for one in trace(draft.text, draft.put_in)}:
                raise Conflict("This sentence was changed meanwhile. Look at it again.")
            marks.write_mark(connection, seal, draft.id, person, sentence, reason, self._clock())
            self._note(connection, person, "sentence.marked", ticket, {"draft": draft.id})

    @guarded(Action.LOOK)
    def rates(self, person: Staff) -> proposals.Rates:
        """What became of the sentences that drafts were offered."""
        with self._store.reading() as connection:
            return proposals.rates(connection)

    @guarded(Action.WRITE)
    def keep_pasted(self, person: Staff, conversation: int, cut: str) -> Ticket:
        """Note that a conversation came as mail that this person pasted in; returns its ticket."""
        now = self._clock()
        with self._store.writing() as connection:
            links.by_id(connection, conversation, lock=True)
            ticket = ticket_rows.open_one(connection, conversation)
            if ticket is None or not person.serves(ticket.clinic, danger=ticket.is_danger):
                raise Conflict("That conversation has no ticket of yours.")
            seal = links.need_seal(connection, self._keys, conversation)
            pasted.keep_pasted(connection, seal, conversation, person.id, cut, now)
            self._note(connection, person, "mail.pasted", ticket)
        return ticket

    def _write(
        self,
        person: Staff,
        ticket_id: int,
        text: str,
        citations: tuple[Statement, ...],
        put_in: tuple[Put, ...],
        proposal: Proposal | None = None,
    ) -> Written:
        now = self._clock()
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            draft_id = drafting.begin(connection, ticket.id, person.id, now)
            draft = drafting.save_edit(connection, seal, draft_id, text, citations, now, put_in)
            if proposal is not None:
                proposals.keep_proposal(connection, seal, draft.id, proposal, now)
            holds = ticket.stage is Stage.CLAIMED and ticket.holder == person.id
            if holds:
                ticket_rows.save(connection, ticket, moves.claimed(ticket, person.id, now))
            self._note(connection, person, "draft.saved", ticket, {"draft": draft.id, "edit": draft.edits})
        return Written(draft, holds)

    @guarded(Action.SEND)
    def preview(self, person: Staff, draft_id: int) -> Preview:
        """Exactly what the visitor will read."""
        with self._store.reading() as connection:
            return self._preview(connection, person, self._own_draft(connection, person, draft_id)[1])

    @guarded(Action.SEND)
    def send(self, person: Staff, draft_id: int, fingerprint: str) -> int:
        """Send what was previewed, once; returns the reply's id, the same one if it was sent before.

        Conflict, with the words kept, if the draft changed, the visitor wrote again or somebody else has the ticket.
        BadInput while a place is left blank, or a sentence is not borne out and bears no mark that settles it.
        """
        now = self._clock()
        with self._store.writing() as connection:
            ticket, draft = self._own_draft(connection, person, draft_id, lock=True)
            sent = drafting.reply_of(connection, draft_id)
            if sent is not None:
                return sent
            preview = self._preview(connection, person, draft)
            if preview.fingerprint != fingerprint:
                raise Conflict("The draft changed or the visitor wrote again. Read it once more, then send.")
            if not draft.text.strip():
                raise BadInput("There is nothing to send yet.")
            if preview.concerns:
                raise BadInput(
                    f"This promises what nobody can hold: “{preview.concerns[0].words}”. Say it differently."
                )
            if preview.unsettled:
                raise BadInput(preview.unsettled)
            row = links.by_id(connection, ticket.conversation)
            if row.deleted_at is not None:
                raise Conflict("The visitor deleted this conversation; a reply would not be read.")
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            answered = ticket_rows.save(connection, ticket, moves.answered(ticket, person.id, now))
            up_to = owing.last_number(connection, ticket.conversation)
            judged = self._judged(connection, ticket, draft)
            reply = drafting.send(connection, seal, draft, judged, person, ticket.conversation, up_to, now)
            spans = [one.checked.span for one in judged if one.checked.span is not None]
            keep_sources(connection, self._sources, now, draft.citations, spans)
            proposals.count(connection, seal, draft.id, reply, draft.text, draft.put_in, judged)
            alerts.stand_down(connection, ticket.id)
            if Care(row.care) in (Care.ASKED, Care.STANDING):
                links.set_care(connection, ticket.conversation, Care.WITH_A_PERSON)
            if reach.wants_mail(connection, ticket.conversation):
                outbox.put(connection, REPLY, reply, up_to, "email", f"visitor:{ticket.conversation}", now, now)
            self._note(connection, person, "reply.sent", answered, {"reply": reply, "draft": draft.id})
        return reply

    def _locked(self, connection: Connection, person: Staff, ticket_id: int) -> Ticket:
        """The ticket as it is once its conversation is ours alone to change."""
        links.by_id(connection, theirs(connection, person, ticket_id).conversation, lock=True)
        return theirs(connection, person, ticket_id)

    def _own_draft(
        self, connection: Connection, person: Staff, draft_id: int, *, lock: bool = False
    ) -> tuple[Ticket, Draft]:
        """A draft of this person and its ticket. Conflict if it is somebody else's."""
        row = connection.execute(sa.select(drafting.DRAFT).where(drafting.DRAFT.c.id == draft_id)).one_or_none()
        if row is None or row.staff_id != person.id:
            raise Conflict("There is no such draft of yours.")
        read = self._locked if lock else theirs
        ticket = read(connection, person, row.ticket_id)
        seal = links.need_seal(connection, self._keys, ticket.conversation)
        return ticket, drafting.read_draft(connection, seal, draft_id)

    def _preview(self, connection: Connection, person: Staff, draft: Draft) -> Preview:
        ticket = ticket_rows.read(connection, draft.ticket)
        desk = desk_status(connection, self._hours, self._channels, self._clock())
        status = status_of(connection, ticket, desk, ticket.waits_from, ticket.waiting_since)
        up_to = owing.last_number(connection, ticket.conversation)
        concerns = promises.unkept(draft.text, status)
        return Preview(
            draft.id,
            person.name,
            person.role,
            draft.text,
            draft.citations,
            concerns,
            marks.unsettled(self._judged(connection, ticket, draft)),
            f"{draft.fingerprint}.{up_to}",
        )

    def _judged(self, connection: Connection, ticket: Ticket, draft: Draft) -> tuple[Judged, ...]:
        seal = links.need_seal(connection, self._keys, ticket.conversation)
        writer = staff.names(connection).get(draft.staff, "")
        checked = self._check(trace(draft.text, draft.put_in), ticket.clinic or "", writer)
        return marks.judge(checked, marks.marks_on(connection, seal, draft.id), ticket.route)

    def _note(
        self,
        connection: Connection,
        person: Staff,
        action: str,
        ticket: Ticket,
        facts: dict[str, audit.Fact] | None = None,
    ) -> None:
        audit.note(connection, self._clock(), person.actor, action, f"ticket:{ticket.id}", facts)


def theirs(connection: Connection, person: Staff, ticket_id: int) -> Ticket:
    """The ticket, if this person serves its clinic. Conflict in the same words as for one that does not exist."""
    ticket = ticket_rows.read(connection, ticket_id)
    if not person.serves(ticket.clinic, danger=ticket.is_danger):
        raise Conflict(f"There is no ticket F-{ticket_id}.")
    return ticket
