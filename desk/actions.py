"""Everything staff can do, through one guarded place: each action checks session, role and clinic, and is audited."""

from sqlalchemy.engine import Connection

from desk import alerts, checklists, drafting, owing, staff, switch, ticket_queue, ticket_rows
from desk import conversation as links
from desk import ticket as moves
from desk.alerts import AlertContact
from desk.guard import guarded
from desk.roles import Action, Role, may
from desk.staff import Staff
from desk.status import desk_status, write_sight
from desk.ticket import Outcome, Stage, Ticket
from desk.ticket_queue import Counts, Filter, QueueRow
from desk.workbench import Bench, open_bench
from desk.writing import WritingDesk, theirs
from errors import Conflict
from store import audit
from triage.decision import Care


class Desk(WritingDesk):
    """The staff's side. The first argument of every action is the session's secret."""

    @guarded(Action.LOOK)
    def queue(self, person: Staff, wanted: Filter | None = None, page: int = 0) -> tuple[QueueRow, ...]:
        """One page of what waits."""
        with self._store.reading() as connection:
            chosen, now = wanted or Filter(), self._clock()
            return ticket_queue.rows(connection, self._keys, person, chosen, self._hours, now, page)

    @guarded(Action.LOOK)
    def counts(self, person: Staff) -> Counts:
        """How much waits."""
        with self._store.reading() as connection:
            return ticket_queue.counts(connection, person, self._clock())

    @guarded(Action.LOOK)
    def bench(self, person: Staff, ticket_id: int) -> Bench:
        """One ticket whole."""
        now = self._clock()
        with self._store.reading() as connection:
            ticket = theirs(connection, person, ticket_id)
            desk = desk_status(connection, self._hours, self._channels, now)
            return open_bench(connection, self._keys, ticket, person, desk, now)

    @guarded(Action.LOOK)
    def also_looking(self, person: Staff, ticket_id: int) -> tuple[str, ...]:
        """Who else has this ticket open; call it every few seconds while the page is."""
        with self._store.reading() as connection:
            ticket = theirs(connection, person, ticket_id)
        return self._presence.look(ticket.id, person, self._clock())

    @guarded(Action.LOOK)
    def colleagues(self, person: Staff) -> tuple[Staff, ...]:
        """Everybody with an account."""
        with self._store.reading() as connection:
            return staff.everyone(connection)

    @guarded(Action.ACKNOWLEDGE)
    def acknowledge(self, person: Staff, ticket_id: int, up_to: int) -> None:
        """Say "I have seen this", up to that message; nobody else is told any more."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            self._saw(connection, ticket, person, up_to)
            self._note(connection, person, "ticket.seen", ticket, {"up_to": up_to})

    @guarded(Action.CLAIM)
    def claim(self, person: Staff, ticket_id: int, up_to: int) -> Ticket:
        """Take a ticket, or go on holding it; that is also seeing it. Conflict if somebody else has it."""
        now = self._clock()
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            staff.staying(connection, person.id)
            held = ticket_rows.save(connection, ticket, moves.claimed(ticket, person.id, now))
            self._saw(connection, held, person, up_to)
            self._note(connection, person, "ticket.claimed", held)
        return held

    @guarded(Action.RELEASE)
    def release(self, person: Staff, ticket_id: int) -> Ticket:
        """Let go of a ticket."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            free = ticket_rows.save(connection, ticket, moves.released(ticket, person.id))
            self._note(connection, person, "ticket.released", free)
        return free

    @guarded(Action.HAND_OVER)
    def hand_over(self, person: Staff, ticket_id: int, to: int) -> Ticket:
        """Give a ticket to a colleague who may answer it."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            colleague = staff.staying(connection, to)
            if not colleague.serves(ticket.clinic, danger=ticket.is_danger) or not may(colleague.role, Action.CLAIM):
                raise Conflict(f"{colleague.name} cannot take this ticket.")
            given = ticket_rows.save(connection, ticket, moves.handed_over(ticket, person.id, to, self._clock()))
            self._note(connection, person, "ticket.handed_over", given, {"to": to})
        return given

    @guarded(Action.NOTE)
    def note(self, person: Staff, ticket_id: int, text: str) -> None:
        """A remark among staff; it never leaves the desk."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            seal = links.need_seal(connection, self._keys, ticket.conversation)
            note_id = drafting.write_note(connection, seal, ticket.id, person.id, text, self._clock())
            self._note(connection, person, "note.written", ticket, {"note": note_id})

    @guarded(Action.CHECK_OFF)
    def check_off(self, person: Staff, ticket_id: int, item: str) -> None:
        """A step of the protocol was done."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            checklists.tick(connection, ticket.id, item, person.id, self._clock())
            self._note(connection, person, "step.done", ticket, {"item": item})

    @guarded(Action.CLOSE)
    def close(self, person: Staff, ticket_id: int, outcome: Outcome, up_to: int) -> Ticket:
        """End a ticket whose messages were read up to that one. NotAllowed if it is about danger.

        Conflict if the visitor wrote meanwhile: what nobody has read is not closed.
        """
        return self._close(person, ticket_id, outcome, up_to, by_clinician=False)

    @guarded(Action.CLOSE_DANGER)
    def close_danger(self, person: Staff, ticket_id: int, outcome: Outcome, up_to: int, *, clear_care: bool) -> Ticket:
        """End a ticket about danger, in the same way; `clear_care` takes the standing line away with it."""
        return self._close(person, ticket_id, outcome, up_to, by_clinician=True, clear_care=clear_care)

    @guarded(Action.CLEAR_CARE)
    def clear_care(self, person: Staff, ticket_id: int, up_to: int) -> None:
        """Take the standing line away: the program answers as if danger had never been read, up to that message."""
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            _must_have_read(connection, ticket, up_to)
            links.set_care(connection, ticket.conversation, Care.NONE)
            self._note(connection, person, "care.cleared", ticket)

    @guarded(Action.REOPEN)
    def reopen(self, person: Staff, ticket_id: int) -> Ticket:
        """Take an ended ticket up again. Conflict if the conversation has another open one."""
        now = self._clock()
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            other = ticket_rows.open_one(connection, ticket.conversation)
            if other is not None and other.id != ticket.id:
                raise Conflict(f"This conversation has an open ticket, {other.reference}.")
            again = moves.reopened(ticket, now, self._hours.due(ticket.urgency, now))
            again = ticket_rows.save(connection, ticket, again)
            self._note(connection, person, "ticket.reopened", again)
        return again

    @guarded(Action.INVITE)
    def invite(
        self, person: Staff, name: str, role: Role, *, clinic: str | None = None, email: str | None = None
    ) -> str:
        """A new account; returns the secret of its one-time link."""
        now = self._clock()
        with self._store.writing() as connection:
            colleague, secret = staff.invite(connection, name, role, now, clinic=clinic, email=email)
            audit.note(connection, now, person.actor, "staff.invited", f"staff:{colleague.id}", {"role": role.value})
        return secret

    @guarded(Action.CHANGE_STAFF)
    def invite_again(self, person: Staff, staff_id: int) -> str:
        """A fresh one-time link; the old password stops working."""
        now = self._clock()
        with self._store.writing() as connection:
            secret = staff.invite_again(connection, staff_id, now)
            audit.note(connection, now, person.actor, "staff.invited_again", f"staff:{staff_id}")
        return secret

    @guarded(Action.CHANGE_STAFF)
    def change_role(self, person: Staff, staff_id: int, role: Role) -> None:
        """Another role, from the next click on."""
        now = self._clock()
        with self._store.writing() as connection:
            staff.change_role(connection, staff_id, role)
            audit.note(connection, now, person.actor, "staff.role", f"staff:{staff_id}", {"role": role.value})

    @guarded(Action.CHANGE_STAFF)
    def end_account(self, person: Staff, staff_id: int) -> None:
        """Somebody left: logged out everywhere, and their tickets wait again."""
        now = self._clock()
        with self._store.writing() as connection:
            for held in ticket_rows.held_by(connection, staff_id):  # conversations before accounts, as everywhere
                links.by_id(connection, held.conversation, lock=True)
            staff.leave(connection, staff_id, now)
            for held in ticket_rows.held_by(connection, staff_id):
                links.by_id(connection, held.conversation, lock=True)
                ticket = ticket_rows.read(connection, held.id)
                if ticket.holder == staff_id and ticket.stage is Stage.CLAIMED:
                    ticket_rows.save(connection, ticket, moves.released(ticket, staff_id))
            audit.note(connection, now, person.actor, "staff.left", f"staff:{staff_id}")

    @guarded(Action.SET_CONTACTS)
    def set_contacts(self, person: Staff, contacts: tuple[AlertContact, ...]) -> None:
        """Who is told, first one first."""
        now = self._clock()
        with self._store.writing() as connection:
            audit.wait_for_others(connection)  # of two lists that are set at once, the later one stands whole
            alerts.set_contacts(connection, contacts, now)
            audit.note(connection, now, person.actor, "contacts.set", "desk", {"contacts": len(contacts)})

    @guarded(Action.SET_CONTACTS)
    def contacts(self, person: Staff) -> tuple[AlertContact, ...]:
        """Who is told, first one first."""
        with self._store.reading() as connection:
            return alerts.contacts(connection)

    @guarded(Action.SWITCH_ANSWERS)
    def switch_answers(self, person: Staff, on: bool) -> None:
        """Answers on, or everything to a person, from the next message on."""
        now = self._clock()
        with self._store.writing() as connection:
            switch.switch_answers(connection, on, person.id, now)
            audit.note(connection, now, person.actor, "answers.switched", "desk", {"on": on})

    @guarded(Action.READ_TRAIL)
    def trail(self, person: Staff, limit: int = 200) -> tuple[audit.Entry, ...]:
        """The newest entries of the audit trail."""
        with self._store.reading() as connection:
            return audit.entries(connection, limit=limit)

    def _close(
        self,
        person: Staff,
        ticket_id: int,
        outcome: Outcome,
        up_to: int,
        *,
        by_clinician: bool,
        clear_care: bool = False,
    ) -> Ticket:
        now = self._clock()
        with self._store.writing() as connection:
            ticket = self._locked(connection, person, ticket_id)
            ended = moves.closed(ticket, outcome, now, by_clinician=by_clinician)
            _must_have_read(connection, ticket, up_to)
            ended = ticket_rows.save(connection, ticket, ended)
            alerts.stand_down(connection, ticket.id)
            if clear_care:
                links.set_care(connection, ticket.conversation, Care.NONE)
            if links.by_id(connection, ticket.conversation).deleted_at is not None:
                links.destroy_key(connection, ticket.conversation)  # the visitor deleted it; it was kept for this
            facts: dict[str, audit.Fact] = {"outcome": outcome.value, "care_cleared": clear_care}
            self._note(connection, person, "ticket.closed", ended, facts)
        return ended

    def _saw(self, connection: Connection, ticket: Ticket, person: Staff, up_to: int) -> None:
        reached = min(up_to, owing.last_number(connection, ticket.conversation))
        write_sight(connection, ticket.id, person, reached, self._clock())
        alerts.stand_down(connection, ticket.id)


def _must_have_read(connection: Connection, ticket: Ticket, up_to: int) -> None:
    if owing.last_number(connection, ticket.conversation) > up_to:
        raise Conflict(f"The visitor wrote again in {ticket.reference}. Read it first.")
