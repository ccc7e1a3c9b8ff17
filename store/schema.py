"""The shape of the database, brought up to date by numbered migrations at every start."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_031_988  # any number that nobody else locks in this database


def upgrade(store: Store, to: str = "head") -> None:
    """Run the missing migrations in one transaction; a database that is up to date is left alone."""
    with store.reading() as connection:
        if to == "head" and version(connection) == newest():
            return
    from alembic import command  # slow to load, and seldom needed

    with store.writing() as connection:
        if connection.dialect.name == "postgresql":  # processes that start together take turns
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": ONE_AT_A_TIME})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def version(connection: Connection) -> str | None:
    """The number of the last migration that ran; None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def newest() -> str:
    """The number of the newest migration there is."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
