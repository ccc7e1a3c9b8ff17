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

import desk
import intake
from store import audit
from store.engine import METADATA, Store, connect
from store.schema import newest, upgrade, version

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


def test_data_of_the_first_version_survives(empty_url: str):
    store = connect(empty_url)
    upgrade(store, "0001")
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    with store.writing() as connection:
        audit.note(connection, at, "visitor", "message.stored", "message:1", {"number": 1})
        connection.execute(
            sa.text("insert into conversation (id, care, opened_at, last_at) values (7, 'none', :at, :at)"), {"at": at}
        )
        connection.execute(
            sa.text(
                "insert into ticket (id, conversation_id, stage, route, reasons, urgency, rank, opened_at,"
                " waiting_since, waits_from, due_at, can_reach, version)"
                " values (3, 7, 'waiting', 'safety', '[\"dose\"]', 'today', 1, :at, :at, 1, :at, false, 0)"
            ),
            {"at": at},
        )

    upgrade(store)

    with store.reading() as connection:
        assert version(connection) == newest()
        assert audit.verify(connection).is_whole
        assert audit.entries(connection)[0].at == at
        assert connection.execute(sa.text("select stage from ticket where id = 3")).scalar_one() == "waiting"
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
