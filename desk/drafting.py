"""What people write: drafts with every edit kept, replies that leave exactly once, notes that never leave."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Span, Statement
from conversation.checking import Written as Put
from desk.marks import Judged
from desk.roles import Role
from desk.staff import Staff
from errors import BadInput, Conflict
from knowledge.source import Kind
from store.engine import METADATA, Instant
from store.keys import Seal

DRAFT = sa.Table(
    "draft",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("edits", sa.Integer, nullable=False),
)

EDIT = sa.Table(
    "edit",
    METADATA,
    sa.Column("draft_id", sa.ForeignKey("draft.id"), primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed: text and citations
)

REPLY = sa.Table(
    "reply",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("draft_id", sa.ForeignKey("draft.id"), nullable=False, unique=True),  # a draft leaves once
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("up_to", sa.Integer, nullable=False),  # the last message its writer had read
    sa.Column("name", sa.String(120), nullable=False),  # as signed
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed: text and citations
    sa.Column("helped", sa.Boolean),
    sa.Column("helped_at", Instant),
)

NOTE = sa.Table(
    "note",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), nullable=False, index=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),  # sealed
)

LONGEST_DRAFT = 20_000  # characters


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is writing, as last saved."""

    id: int
    ticket: int
    staff: int
    text: str
    citations: tuple[Statement, ...] = ()
    put_in: tuple[Put, ...] = ()  # every sentence that was put in from a document so far, with its span
    edits: int = 0
    saved_at: datetime | None = None
    is_sent: bool = False

    @property
    def fingerprint(self) -> str:
        """Tells two states of a draft apart: what was previewed is what is sent."""
        return hashlib.sha256(f"{self.id}:{self.edits}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a named person sent."""

    id: int
    name: str
    role: Role
    at: datetime
    text: str
    citations: tuple[Statement, ...] = ()
    helped: bool | None = None
    ticket: int = 0
    up_to: int = 0  # the last message its writer had read; it is shown after that one
    sentences: tuple[Put, ...] = ()  # as sent, each with the span it rested on then, if any


@dataclass(frozen=True, slots=True)
class Note:
    """A remark among staff."""

    name: str
    at: datetime
    text: str


def begin(connection: Connection, ticket: int, staff: int, now: datetime) -> int:
    """The id of this person's unsent draft on this ticket, made if there is none."""
    known = connection.execute(
        sa.select(DRAFT.c.id)
        .outerjoin(REPLY, REPLY.c.draft_id == DRAFT.c.id)
        .where(DRAFT.c.ticket_id == ticket, DRAFT.c.staff_id == staff, REPLY.c.id.is_(None))
        .order_by(DRAFT.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if known is not None:
        return int(known)
    made = connection.execute(
        DRAFT.insert().values(ticket_id=ticket, staff_id=staff, begun_at=now, edits=0)
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def save_edit(
    connection: Connection,
    seal: Seal,
    draft_id: int,
    text: str,
    citations: tuple[Statement, ...],
    now: datetime,
    put_in: tuple[Put, ...] = (),
) -> Draft:
    """Keep one more state of a draft; an unchanged one makes no row. Conflict if it was sent meanwhile.

    `put_in` are sentences that came from a document with this edit; those of earlier ones are kept.
    """
    if len(text) > LONGEST_DRAFT:
        raise BadInput(f"A reply has at most {LONGEST_DRAFT:,} characters.")
    before = read_draft(connection, seal, draft_id)
    if before.is_sent:
        raise Conflict("This draft was sent. Begin another one; your words are kept here.")
    put_in = tuple(dict.fromkeys((*before.put_in, *put_in)))
    if (before.text, before.citations, before.put_in) == (text, citations, put_in) and before.edits:
        return before
    changed = connection.execute(
        DRAFT.update().where(DRAFT.c.id == draft_id, DRAFT.c.edits == before.edits).values(edits=before.edits + 1)
    )
    if changed.rowcount != 1:
        raise Conflict("This draft was changed in another window. Your words are kept here.")
    words = seal.close_value(
        {
            "text": text,
            "citations": [_plain(one) for one in citations],
            "put_in": [(one.text, _place(one.span)) for one in put_in],
        }
    )
    connection.execute(EDIT.insert().values(draft_id=draft_id, number=before.edits + 1, at=now, words=words))
    return read_draft(connection, seal, draft_id)


def read_draft(connection: Connection, seal: Seal, draft_id: int) -> Draft:
    """A draft as last saved. Conflict if there is none."""
    row = connection.execute(
        sa.select(DRAFT, EDIT.c.at, EDIT.c.words, REPLY.c.id.label("reply"))
        .outerjoin(EDIT, sa.and_(EDIT.c.draft_id == DRAFT.c.id, EDIT.c.number == DRAFT.c.edits))
        .outerjoin(REPLY, REPLY.c.draft_id == DRAFT.c.id)
        .where(DRAFT.c.id == draft_id)
    ).one_or_none()
    if row is None:
        raise Conflict("There is no such draft.")
    held: dict[str, Any] = {"text": "", "citations": []} if row.words is None else seal.open_value(row.words)
    text, citations = _said(held)
    put_in = tuple(Put(words, Span(*place) if place else None) for words, place in held.get("put_in", ()))
    return Draft(row.id, row.ticket_id, row.staff_id, text, citations, put_in, row.edits, row.at, row.reply is not None)


def drafts_of(connection: Connection, seal: Seal, ticket: int) -> tuple[Draft, ...]:
    """Everything that was written on a ticket and not sent, oldest first; nothing written is lost."""
    ids = connection.execute(
        sa.select(DRAFT.c.id)
        .outerjoin(REPLY, REPLY.c.draft_id == DRAFT.c.id)
        .where(DRAFT.c.ticket_id == ticket, REPLY.c.id.is_(None))
        .order_by(DRAFT.c.id)
    ).scalars()
    return tuple(read_draft(connection, seal, draft_id) for draft_id in ids.all())


def edits_of(connection: Connection, seal: Seal, draft_id: int) -> tuple[tuple[datetime, str], ...]:
    """Every saved state of a draft, oldest first."""
    rows = connection.execute(sa.select(EDIT).where(EDIT.c.draft_id == draft_id).order_by(EDIT.c.number))
    return tuple((row.at, seal.open_value(row.words)["text"]) for row in rows)


def send(
    connection: Connection,
    seal: Seal,
    draft: Draft,
    judged: tuple[Judged, ...],
    staff: Staff,
    conversation: int,
    up_to: int,
    now: datetime,
) -> int:
    """Turn a draft into a reply; the database lets a draft leave once. Returns the reply's id.

    `judged` is kept with it: each sentence, its span in the version it rests on, and whose mark it left with.
    """
    made = connection.execute(
        REPLY.insert().values(
            draft_id=draft.id,
            ticket_id=draft.ticket,
            conversation_id=conversation,
            staff_id=staff.id,
            up_to=up_to,
            name=staff.name,
            role=staff.role.value,
            at=now,
            words=seal.close_value(
                {
                    "text": draft.text,
                    "citations": [_plain(one) for one in draft.citations],
                    "sentences": [_rests_on(one) for one in judged],
                }
            ),
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def reply_of(connection: Connection, draft_id: int) -> int | None:
    """The id of the reply a draft became, if it was sent."""
    return connection.execute(sa.select(REPLY.c.id).where(REPLY.c.draft_id == draft_id)).scalar_one_or_none()


def replies_to(connection: Connection, seal: Seal, conversation: int) -> tuple[Reply, ...]:
    """Every reply in a conversation, oldest first."""
    rows = connection.execute(sa.select(REPLY).where(REPLY.c.conversation_id == conversation).order_by(REPLY.c.id))
    replies = []
    for row in rows:
        held = seal.open_value(row.words)
        text, citations = _said(held)
        spans = tuple(
            Put(one["text"], Span(*one["span"]) if one["span"] else None) for one in held.get("sentences", ())
        )
        replies.append(
            Reply(
                row.id, row.name, Role(row.role), row.at, text, citations, row.helped, row.ticket_id, row.up_to, spans
            )
        )
    return tuple(replies)


def say_helped(connection: Connection, reply_id: int, conversation: int, helped: bool, now: datetime) -> int:
    """The visitor's one tap; returns the ticket's id. Conflict if the reply is not in their conversation."""
    ticket = connection.execute(
        sa.select(REPLY.c.ticket_id).where(REPLY.c.id == reply_id, REPLY.c.conversation_id == conversation)
    ).scalar_one_or_none()
    if ticket is None:
        raise Conflict("That reply is not in this conversation.")
    connection.execute(REPLY.update().where(REPLY.c.id == reply_id).values(helped=helped, helped_at=now))
    return int(ticket)


def write_note(connection: Connection, seal: Seal, ticket: int, staff: int, text: str, now: datetime) -> int:
    """Keep a remark among staff; returns its id."""
    if not text.strip() or len(text) > LONGEST_DRAFT:
        raise BadInput(f"A note has between one and {LONGEST_DRAFT:,} characters.")
    made = connection.execute(
        NOTE.insert().values(ticket_id=ticket, staff_id=staff, at=now, text=seal.close(text))
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def notes_on(connection: Connection, seal: Seal, ticket: int, names: dict[int, str]) -> tuple[Note, ...]:
    """The remarks on a ticket, oldest first."""
    rows = connection.execute(sa.select(NOTE).where(NOTE.c.ticket_id == ticket).order_by(NOTE.c.id))
    return tuple(Note(names.get(row.staff_id, ""), row.at, seal.open(row.text)) for row in rows)


def _said(held: dict[str, Any]) -> tuple[str, tuple[Statement, ...]]:
    return held["text"], tuple(_statement(one) for one in held["citations"])


def _place(span: Span | None) -> tuple[str, int, str, int, int] | None:
    return (span.source, span.version, span.passage, span.start, span.end) if span else None


def _rests_on(one: Judged) -> dict[str, Any]:
    mark = one.mark
    return {
        "text": one.checked.text,
        "verdict": one.checked.verdict.value,
        "span": _place(one.checked.span),
        "mark": None if mark is None else {"name": mark.name, "role": mark.role.value, "reason": mark.reason},
    }


def _plain(said: Statement) -> dict[str, Any]:
    return {
        "text": said.text,
        "span": _place(said.span),
        "clinic": said.clinic,
        "kind": said.kind.value,
        "is_digest": said.is_digest,
        "study": said.study,
        "notes": said.notes,
    }


def _statement(plain: dict[str, Any]) -> Statement:
    return Statement(
        plain["text"],
        Span(*plain["span"]),
        plain["clinic"],
        Kind(plain["kind"]),
        plain["is_digest"],
        plain["study"],
        tuple(plain["notes"]),
    )
