"""Every version of a source that a turn or a reply has rested on, as a row: whose it is, and a hash of its text."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.answer import Span, Statement
from desk.transcript import STATEMENT
from knowledge.source import Source
from store.engine import METADATA, Instant

SOURCE = sa.Table(
    "source",
    METADATA,
    sa.Column("id", sa.String(120), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("clinic", sa.String(120)),  # null: the operator's own
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("sha256", sa.String(64)),  # of the normalised text, where spans count; null: quoted before this was kept
    sa.Column("first_seen_at", Instant, nullable=False),
)

# Id and version -> the source, None where it is not there any more.
FindSource = Callable[[str, int], Source | None]


class Kind(StrEnum):
    """Whose sentences they are."""

    ORIGINAL = "original"
    DIGEST = "digest"  # our own short form


def no_source(source: str, version: int) -> None:
    """For a desk without documents."""


def keep_sources(
    connection: Connection, find: FindSource, now: datetime, said: Iterable[Statement], spans: Iterable[Span] = ()
) -> None:
    """A row for each version that `said` or `spans` rest on, the first time; later only what was not known then."""
    shown = {(one.span.source, one.span.version): one for one in said}
    wanted = {*shown, *((span.source, span.version) for span in spans)}
    if not wanted:
        return
    known = connection.execute(
        sa.select(SOURCE.c.id, SOURCE.c.version).where(
            sa.tuple_(SOURCE.c.id, SOURCE.c.version).in_(wanted), SOURCE.c.sha256.is_not(None)
        )
    )
    rows = [
        _row(key, find(*key), shown.get(key), now) for key in sorted(wanted - {(row.id, row.version) for row in known})
    ]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for row in filter(None, rows):  # in one order everywhere: two who begin at once wait for each other once
        fresh = insert(SOURCE).values(row)
        learnt = {"title": fresh.excluded.title, "sha256": fresh.excluded.sha256}
        connection.execute(
            fresh.on_conflict_do_update(index_elements=["id", "version"], set_=learnt, where=SOURCE.c.sha256.is_(None))
        )


def quoted(connection: Connection) -> Sequence[sa.Row[Any]]:
    """Every version there is a row of, each with `statements`: how many sentences of it the program showed."""
    shown = (
        sa.select(sa.func.count())
        .where(STATEMENT.c.source == SOURCE.c.id, STATEMENT.c.version == SOURCE.c.version)
        .scalar_subquery()
    )
    return connection.execute(
        sa.select(SOURCE, shown.label("statements")).order_by(SOURCE.c.id, SOURCE.c.version)
    ).all()


def _row(
    key: tuple[str, int], source: Source | None, said: Statement | None, now: datetime
) -> dict[str, object] | None:
    """What is known of a version; None where neither the document nor a sentence of it is there."""
    if source is None and said is None:
        return None
    of = {"id": key[0], "version": key[1], "first_seen_at": now}
    if source is None:
        assert said is not None
        kind = Kind.DIGEST if said.is_digest else Kind.ORIGINAL
        return of | {"clinic": said.clinic or None, "title": "", "kind": kind.value, "sha256": None}
    kind = Kind.DIGEST if source.is_digest else Kind.ORIGINAL
    mark = sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
    return of | {"clinic": source.clinic or None, "title": source.title, "kind": kind.value, "sha256": mark}
