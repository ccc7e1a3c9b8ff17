"""The database: one address, SQLite or PostgreSQL, short transactions, errors as values we know."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine

from errors import BadInput, Unavailable

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the project stands here; each is declared by the module that owns it."""

LOCK_WAIT_SECONDS = 10  # how long a write waits for another before it gives up


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment, always aware and in UTC, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a moment without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise BadInput("A moment without a time zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Aware and in UTC; SQLite forgets the zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Store:
    """The one way to the database; safe to share between threads."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """The embedded database is in use."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block or undone whole. Unavailable if it cannot be kept."""
        with _known_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What stood at one moment, without waiting for writers. Unavailable if the database is not there."""
        with _known_errors(), self.engine.connect() as connection:
            connection = connection.execution_options(reads_only=True)
            if not self.is_sqlite:  # there each statement would see a moment of its own
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def is_ready(self) -> bool:
        """The database answers."""
        try:
            with self.reading() as connection:
                connection.execute(sa.text("select 1"))
        except Unavailable:
            return False
        return True

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def connect(url: str) -> Store:
    """A store at `url` (`sqlite:///FILE` or `postgresql+psycopg://…`); nothing is opened yet."""
    if url.startswith("sqlite"):
        _make_private(sa.make_url(url).database)
        engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif url.startswith("postgresql+psycopg://"):
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5, "options": f"-c lock_timeout={LOCK_WAIT_SECONDS * 1000}"},
        )
    else:
        raise BadInput("The database address must begin with sqlite:/// or postgresql+psycopg://.")
    return Store(engine)


def _make_private(file: str | None) -> None:
    """A database file that only its owner can read; SQLite gives its side files the same mode."""
    if file and file != ":memory:":
        Path(file).touch(mode=0o600)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers beside a writer, keys enforced, erased rows overwritten, a commit is on the disk."""
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its place at once: two of them can never both read and then both write."""
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def _known_errors() -> Iterator[None]:
    """A locked, full, damaged or missing database becomes Unavailable; parameters are hidden from every message."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise Unavailable(f"The database cannot be used now ({cause}). Nothing was changed; try again.") from None
    except sa.exc.DataError:
        raise BadInput("Something in it cannot be stored: a sign that is none, or too many of them.") from None
    except sa.exc.DBAPIError as error:
        if type(error) is sa.exc.DatabaseError:  # SQLite's word for a file whose pages make no sense
            raise Unavailable(f"The database is damaged ({error.orig}). Restore a backup: docs/backup.md.") from None
        if error.connection_invalidated:
            raise Unavailable("The connection to the database was lost. Nothing was changed; try again.") from None
        raise
