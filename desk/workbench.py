"""One ticket as staff see it: the conversation, why it came, what was written, who was told, what the visitor reads."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import alerts, reach, ticket_rows
from desk.alerts import Told
from desk.checklists import Step, checklist
from desk.conversation import by_id, seal_of
from desk.drafting import Draft, Note, drafts_of, notes_on
from desk.owing import last_number
from desk.pasted import Pasted, pasted_of
from desk.reach import Reach
from desk.shown import Shown, read_conversation
from desk.staff import Staff
from desk.staff import names as staff_names
from desk.status import SIGHT, DeskStatus, Seen, Status, status_of
from desk.ticket import Ticket
from store import audit
from store.keys import Keys
from triage.decision import Care


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything about one ticket, in one reading."""

    ticket: Ticket
    conversation: tuple[Shown, ...]  # empty once the words were destroyed
    up_to: int  # number of the newest message shown here; hand it back when acting
    care: Care
    visitor_reads: Status
    holder: str
    draft: Draft | None  # the viewer's own, unsent
    other_drafts: tuple[Draft, ...]
    notes: tuple[Note, ...]
    seen: tuple[Seen, ...]
    told: tuple[Told, ...]
    earlier: tuple[Ticket, ...]
    steps: tuple[Step, ...]  # the protocol; danger only
    reach: Reach | None
    trail: tuple[audit.Entry, ...]
    deleted_at: datetime | None  # the visitor deleted the conversation
    pasted: Pasted | None = None  # it came as mail that staff pasted in, and is answered by mail


def open_bench(
    connection: Connection, keys: Keys, ticket: Ticket, viewer: Staff, desk: DeskStatus, now: datetime
) -> Bench:
    """Read one ticket whole."""
    row = by_id(connection, ticket.conversation)
    seal, people = seal_of(connection, keys, ticket.conversation), staff_names(connection)
    drafts = () if seal is None else drafts_of(connection, seal, ticket.id)
    mine = [draft for draft in drafts if draft.staff == viewer.id]
    up_to = last_number(connection, ticket.conversation)
    return Bench(
        ticket,
        () if seal is None else read_conversation(connection, seal, ticket.conversation, desk),
        up_to,
        Care(row.care),
        status_of(connection, ticket, desk, ticket.waits_from, ticket.waiting_since),
        people.get(ticket.holder or 0, "") if ticket.is_held(now) else "",
        mine[-1] if mine else None,
        tuple(draft for draft in drafts if draft.staff != viewer.id and draft.text),
        () if seal is None else notes_on(connection, seal, ticket.id, people),
        _seen_by(connection, ticket.id),
        alerts.told(connection, ticket.id),
        tuple(one for one in ticket_rows.all_of(connection, ticket.conversation) if one.id < ticket.id),
        checklist(connection, ticket.id, ticket.reasons, people) if ticket.is_danger else (),
        None if seal is None else reach.read(connection, seal, ticket.conversation),
        audit.entries(connection, f"ticket:{ticket.id}"),
        row.deleted_at,
        None if seal is None else pasted_of(connection, seal, ticket.conversation),
    )


def _seen_by(connection: Connection, ticket_id: int) -> tuple[Seen, ...]:
    rows = connection.execute(sa.select(SIGHT).where(SIGHT.c.ticket_id == ticket_id).order_by(SIGHT.c.id))
    return tuple(Seen(row.name, row.at) for row in rows)
