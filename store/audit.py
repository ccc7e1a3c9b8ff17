"""The audit trail: who did what and when, appended only, each entry chained to the one before; no text."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import METADATA, Instant

Fact = str | int | bool | None

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),  # "visitor", "program", "staff:7"
    sa.Column("action", sa.String(80), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),  # "message:12", "ticket:318"
    sa.Column("facts", sa.Text, nullable=False),  # canonical JSON: ids, codes, hashes
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

HEAD = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found."""

    entries: int
    head: str  # hash of the last entry; note it elsewhere to notice a trail replaced as a whole
    broken_at: int | None = None  # the first entry that does not fit

    @property
    def is_whole(self) -> bool:
        """Nothing was altered, removed or put in between."""
        return self.broken_at is None


def note(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, facts: Mapping[str, Fact] | None = None
) -> None:
    """Append one entry in the caller's transaction; writers queue here, so call it last. Facts never hold text."""
    head = connection.execute(sa.select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.id == 1).with_for_update()).one()
    seq = head.seq + 1
    written = json.dumps(dict(facts or {}), sort_keys=True, separators=(",", ":"))
    digest = _digest(head.hash, seq, at, actor, action, subject, written)
    connection.execute(
        AUDIT.insert().values(
            seq=seq, at=at, actor=actor, action=action, subject=subject, facts=written, previous=head.hash, hash=digest
        )
    )
    connection.execute(HEAD.update().where(HEAD.c.id == 1).values(seq=seq, hash=digest))


def wait_for_others(connection: Connection) -> None:
    """Take the writers' queue at once, for a rare change of many rows; never with a conversation's row to follow."""
    connection.execute(sa.select(HEAD.c.seq).where(HEAD.c.id == 1).with_for_update()).one()


def fingerprint(sealed: bytes) -> str:
    """A hash of what was stored, sealed as it is: it proves the words unchanged and gives none of them away."""
    return hashlib.sha256(sealed).hexdigest()


def verify(connection: Connection) -> Verified:
    """Walk the whole chain and compare it with its head."""
    previous, seq = GENESIS, 0
    for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.seq)):
        seq += 1
        digest = _digest(previous, row.seq, row.at, row.actor, row.action, row.subject, row.facts)
        if row.seq != seq or row.previous != previous or row.hash != digest:
            return Verified(seq, previous, broken_at=seq)
        previous = digest
    head = connection.execute(sa.select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.id == 1)).one_or_none()
    if head is None or (head.seq, head.hash) != (seq, previous):
        return Verified(seq, previous, broken_at=seq + 1)
    return Verified(seq, previous)


def entries(connection: Connection, subject: str | None = None, limit: int = 200) -> tuple[Entry, ...]:
    """The newest entries first, of one subject or of all."""
    wanted = sa.select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(AUDIT.c.subject == subject)
    return tuple(
        Entry(row.seq, row.at, row.actor, row.action, row.subject, json.loads(row.facts))
        for row in connection.execute(wanted)
    )


def _digest(previous: str, seq: int, at: datetime, actor: str, action: str, subject: str, facts: str) -> str:
    line = json.dumps([previous, seq, at.isoformat(timespec="microseconds"), actor, action, subject, facts])
    return hashlib.sha256(line.encode()).hexdigest()
