"""Migrations make exactly the tables that the modules declare, also from earlier versions with data in them."""

import importlib
import pkgutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

import desk
import intake
from desk.sources import SOURCE
from desk.ticket_rows import TICKET
from store import audit
from store.engine import METADATA, Store, connect
from store.schema import MIGRATIONS, newest, upgrade, version

HERE = Path(__file__).parents[2]

for room in (desk, intake):  # every table that is declared
    for module in pkgutil.iter_modules(room.__path__):
        if module.name != "__main__":
            importlib.import_module(f"{room.__name__}.{module.name}")


def test_the_database_has_the_tables_the_modules_declare(store: Store):
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [one for one in compare_metadata(context, METADATA) if "alembic_version" not in str(one)]

    assert differences == []


def test_migrating_twice_changes_nothing(store: Store):
    upgrade(store)

    with store.reading() as connection:
        assert version(connection) == newest()


def test_processes_that_start_together_make_the_tables_once(empty_url: str):
    start = (
        "import sys; from store.engine import connect; from store.schema import upgrade; upgrade(connect(sys.argv[1]))"
    )
    command = [sys.executable, "-c", start, empty_url]
    together = [subprocess.Popen(command, cwd=HERE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [one.communicate(timeout=120)[1] for one in together]

    assert [one.returncode for one in together] == [0, 0, 0], said
    with connect(empty_url).reading() as connection:
        assert version(connection) == newest()


VERSIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def made_up(column: sa.Column) -> object:
    """A value for one column of an older version, whatever that version was."""
    for key in column.foreign_keys:
        return made_up(key.column)
    match column.type:
        case sa.Integer():
            return 1
        case sa.Boolean():
            return False
        case sa.DateTime():
            return AT
        case sa.LargeBinary():
            return b"sealed"
        case sa.JSON():
            return ["dose"]
        case sa.Float() | sa.Numeric():
            return 1.5
        case _:
            return "waiting" if column.name == "stage" else "x"


def one_row_in_each(connection: Connection) -> list[str]:
    """A row in every table there is, parents first; the names of the tables."""
    found = sa.MetaData()
    found.reflect(connection)
    tables = [one for one in found.sorted_tables if not one.name.startswith(("alembic", "audit"))]
    for table in tables:
        connection.execute(table.insert().values({column.name: made_up(column) for column in table.columns}))
    audit.note(connection, AT, "visitor", "message.stored", "message:1", {"number": 1})
    return [table.name for table in tables]


@pytest.mark.parametrize("earlier", VERSIONS)
def test_data_of_every_earlier_version_survives(empty_url: str, earlier: str):
    store = connect(empty_url)
    upgrade(store, earlier)
    with store.writing() as connection:
        tables = one_row_in_each(connection)

    upgrade(store)

    with store.reading() as connection:
        assert version(connection) == newest()
        assert audit.verify(connection).is_whole
        assert audit.entries(connection)[0].at == AT
        assert connection.execute(sa.select(TICKET.c.stage)).scalars().all() == ["waiting"]
        quoted = connection.execute(sa.select(SOURCE)).one()
        assert (quoted.id, quoted.version, quoted.clinic, quoted.first_seen_at) == ("x", 1, "x", AT)
        if earlier < "0006":  # neither titles nor texts were kept then
            assert (quoted.title, quoted.kind, quoted.sha256) == ("", "original", None)
        for name in tables:
            assert connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one() == 1, name
    store.close()


def test_a_migration_that_breaks_leaves_the_old_version(empty_url: str):
    store = connect(empty_url)
    upgrade(store, "0001")
    with store.writing() as connection:
        connection.execute(sa.text("create table outbox (id integer)"))  # in the way of the next one

    with pytest.raises(Exception, match="outbox"):
        upgrade(store)

    with store.reading() as connection:
        assert version(connection) == "0001"
        assert "staff" not in sa.inspect(connection).get_table_names()
    store.close()
