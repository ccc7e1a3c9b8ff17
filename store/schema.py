"""The shape of the database, brought up to date by numbered migrations at every start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(store: Store, to: str = "head") -> None:
    """Run the missing migrations in one transaction; a database that is up to date is left alone."""
    with store.reading() as connection:
        if to == "head" and version(connection) == newest():
            return
    with store.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def version(connection: Connection) -> str | None:
    """The number of the last migration that ran; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The number of the newest migration there is."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
