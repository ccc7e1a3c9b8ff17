"""Drafts that were proposed: the questions found, and what became of the sentences by the time a reply was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Span
from conversation.checking import Verdict, Written
from conversation.proposal import Asked, Blank, Proposal
from desk.marks import Judged
from store.engine import METADATA, Instant
from store.keys import Seal
from triage.decision import Route

PROPOSAL = sa.Table(
    "proposal",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("draft_id", sa.ForeignKey("draft.id"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("questions", sa.Integer, nullable=False),
    sa.Column("blanks", sa.Integer, nullable=False),
    sa.Column("sentences", sa.Integer, nullable=False),
    sa.Column("phrased_by", sa.String(120), nullable=False),  # the model that worded it; "" for none
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed: text, questions
)

ACCEPTANCE = sa.Table(
    "acceptance",
    METADATA,
    sa.Column("reply_id", sa.ForeignKey("reply.id"), primary_key=True, autoincrement=False),
    sa.Column("offered", sa.Integer, nullable=False),  # sentences that were put in from documents
    sa.Column("kept", sa.Integer, nullable=False),  # of these, sent word for word
    sa.Column("edited", sa.Integer, nullable=False),  # of these, sent in other words; the rest was left out
    sa.Column("added", sa.Integer, nullable=False),  # sentences of the writer's own
    sa.Column("marked", sa.Integer, nullable=False),  # sent on somebody's mark
    sa.Column("untouched", sa.Boolean, nullable=False),  # the proposal left as it was made
)

MOST_EVIDENCE = 5  # passages kept of each question


@dataclass(frozen=True, slots=True)
class Found:
    """One question that was found in what somebody wrote."""

    text: str
    route: Route
    blank: Blank | None  # why a person must answer it
    spans: tuple[Span, ...]  # the sentences that were found for it
    passages: tuple[str, ...]  # ids


@dataclass(frozen=True, slots=True)
class Rates:
    """What became of the sentences that were offered, over the replies that were sent."""

    replies: int = 0
    untouched: int = 0  # replies sent as they were proposed
    offered: int = 0
    kept: int = 0
    edited: int = 0
    added: int = 0
    marked: int = 0

    @property
    def left_out(self) -> int:
        """Sentences that were offered and not sent."""
        return self.offered - self.kept - self.edited


def keep_proposal(connection: Connection, seal: Seal, draft_id: int, proposal: Proposal, now: datetime) -> None:
    """Keep a proposal as it was made."""
    connection.execute(
        PROPOSAL.insert().values(
            draft_id=draft_id,
            at=now,
            questions=len(proposal.asked),
            blanks=len(proposal.blanks),
            sentences=len(proposal.put_in),
            phrased_by=proposal.phrased_by,
            words=seal.close_value({"text": proposal.text, "asked": [_plain(one) for one in proposal.asked]}),
        )
    )


def questions_of(connection: Connection, seal: Seal, draft_id: int) -> tuple[Found, ...]:
    """The questions found when this draft was last proposed; none where it never was."""
    words = _last(connection, seal, draft_id)
    return tuple(_found(one) for one in words["asked"]) if words else ()


def count(
    connection: Connection, seal: Seal, draft_id: int, reply_id: int, text: str, put_in: Sequence[Written],
    judged: Sequence[Judged],
) -> None:  # fmt: skip
    """Count what became of the sentences of a draft that has just left."""
    sent = {one.checked.text for one in judged}
    spans = {one.checked.span for one in judged if one.checked.span}
    offered = {one.span: one.text for one in put_in if one.span}
    kept = sum(text in sent for text in offered.values())
    edited = sum(words not in sent and span in spans for span, words in offered.items())
    proposed = _last(connection, seal, draft_id)
    own = [one for one in judged if one.checked.span is None and one.checked.verdict is not Verdict.FIXED]
    connection.execute(
        ACCEPTANCE.insert().values(
            reply_id=reply_id,
            offered=len(offered),
            kept=kept,
            edited=edited,
            added=len(own),
            marked=sum(one.checked.verdict.is_open for one in judged),
            untouched=proposed is not None and proposed["text"].strip() == text.strip(),
        )
    )


def rates(connection: Connection) -> Rates:
    """Over every reply that was sent with something offered."""
    columns = (ACCEPTANCE.c.offered, ACCEPTANCE.c.kept, ACCEPTANCE.c.edited, ACCEPTANCE.c.added, ACCEPTANCE.c.marked)
    row = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.cast(ACCEPTANCE.c.untouched, sa.Integer)), 0),
            *(sa.func.coalesce(sa.func.sum(column), 0) for column in columns),
        ).where(ACCEPTANCE.c.offered > 0)
    ).one()
    return Rates(*(int(value) for value in row))


def _last(connection: Connection, seal: Seal, draft_id: int) -> dict[str, Any] | None:
    words = connection.execute(
        sa.select(PROPOSAL.c.words).where(PROPOSAL.c.draft_id == draft_id).order_by(PROPOSAL.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    return None if words is None else dict(seal.open_value(words))


def _plain(one: Asked) -> dict[str, Any]:
    spans = [one.span for one in one.turn.statements]
    return {
        "text": one.text,
        "route": one.route.value,
        "blank": one.blank.value if one.blank else None,
        "spans": [(span.source, span.version, span.passage, span.start, span.end) for span in spans],
        "passages": [scored.passage for scored in one.turn.evidence[:MOST_EVIDENCE]],
    }


def _found(plain: dict[str, Any]) -> Found:
    blank = Blank(plain["blank"]) if plain["blank"] else None
    spans = tuple(Span(*one) for one in plain["spans"])
    return Found(plain["text"], Route(plain["route"]), blank, spans, tuple(plain["passages"]))
