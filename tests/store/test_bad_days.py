"""Keys, the trail, the outbox, backup, and days on which the database is not well."""

import logging
import sqlite3
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from errors import BadInput, BadSettings, Unavailable
from store import audit, engine, keys, outbox
from store.backup import backup, restore
from store.engine import Store, connect
from store.keys import Keys
from tests.store.overtaking import overtaken

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def write_trail(store: Store, entries: int = 3) -> None:
    with store.writing() as connection:
        for number in range(entries):
            audit.note(connection, NOON, "visitor", "message.stored", f"message:{number}", {"number": number})


def test_a_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "data" / "master.key"
    with caplog.at_level(logging.WARNING):
        wrapped = Keys.from_file(path).new_data_key()

    assert "Keep a copy elsewhere" in caplog.text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().strip() not in caplog.text
    assert Keys.from_file(path).seal(wrapped)


def test_a_key_file_others_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = tmp_path / "master.key"
    Keys.from_file(path)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        Keys.from_file(path)

    assert "chmod 600" in caplog.text


@pytest.mark.parametrize("content", ["", "not a key", "AAAA", "\u00e9"])
def test_a_broken_key_file_is_said_in_words(tmp_path: Path, content: str):
    path = tmp_path / "master.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadSettings):
        Keys.from_file(path)


def test_turning_the_master_key_keeps_every_message_readable(tmp_path: Path):
    path = tmp_path / "master.key"
    old = Keys.from_file(path)
    wrapped = old.new_data_key()
    sealed = old.seal(wrapped).close("words")
    keys.add_master(path)
    both = Keys.from_file(path)
    assert both.seal(wrapped).open(sealed) == "words"

    again = both.rewrap(wrapped)
    keys.keep_newest_master(path)
    assert Keys.from_file(path).seal(again).open(sealed) == "words"
    with pytest.raises(Unavailable):
        Keys.from_file(path).seal(wrapped)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_altered_words_do_not_open():
    made = Keys([Fernet.generate_key().decode()])
    seal = made.seal(made.new_data_key())
    sealed = bytearray(seal.close("words"))
    sealed[-5] ^= 1

    with pytest.raises(Unavailable):
        seal.open(bytes(sealed))


@pytest.mark.parametrize("statement", ["update audit set actor = 'x'", "delete from audit where seq = 2"])
def test_the_database_refuses_to_change_the_trail(store: Store, statement: str):
    write_trail(store)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.writing() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'somebody' where seq = 2",
        "update audit set at = '2026-05-04 12:00:01+00' where seq = 3",
        "update audit set facts = '{}' where seq = 1",
        "delete from audit where seq = 2",
        "delete from audit where seq = 3",
        "delete from audit",
    ],
)
def test_a_trail_changed_behind_our_back_is_noticed(store: Store, statement: str):
    write_trail(store)
    with store.writing() as connection:
        if store.is_sqlite:
            connection.execute(sa.text("drop trigger audit_no_update"))
            connection.execute(sa.text("drop trigger audit_no_delete"))
        else:
            connection.execute(sa.text("set local session_replication_role = replica"))
        connection.execute(sa.text(statement))
    with store.reading() as connection:
        assert not audit.verify(connection).is_whole


def test_a_letter_is_owed_only_if_its_transaction_is_kept(store: Store):
    def break_off() -> None:
        with store.writing() as connection:
            outbox.put(connection, "alert", 1, 1, "email", "contact:1", NOON, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with store.writing() as connection:
        assert outbox.take_due(connection, NOON) == ()


def test_a_letter_that_is_being_sent_is_left_alone_and_taken_again_after_a_kill(store: Store):
    with store.writing() as connection:
        outbox.put(connection, "alert", 1, 1, "email", "contact:1", NOON, NOON)
    with store.writing() as connection:
        assert len(outbox.take_due(connection, NOON)) == 1
    with store.writing() as connection:
        assert outbox.take_due(connection, NOON + timedelta(minutes=1)) == ()
        assert len(outbox.take_due(connection, NOON + timedelta(minutes=3))) == 1


def test_a_letter_cancelled_while_it_was_sent_is_not_tried_again(store: Store):
    with store.writing() as connection:
        outbox.put(connection, "alert", 1, 1, "email", "contact:1", NOON, NOON)
        (letter,) = outbox.take_due(connection, NOON)
        outbox.cancel(connection, "alert", 1)
        outbox.failed(connection, letter, NOON, "down")
        assert outbox.take_due(connection, NOON + timedelta(days=1)) == ()


def test_a_backup_restored_is_the_same(store: Store, empty_url: str, tmp_path: Path):
    write_trail(store)
    with store.writing() as connection:
        connection.execute(
            sa.text(
                "insert into conversation (care, data_key, opened_at, last_at)"
                " values ('none', :key, '2026-05-04 12:00:00.5+00', '2026-05-04 12:00:00.5+00')"
            ),
            {"key": b"\x00\xff wrapped"},
        )
    saved = backup(store, tmp_path / "one.zip", NOON)
    other = connect(empty_url)
    restored = restore(other, tmp_path / "one.zip")

    assert (saved.rows, saved.sha256, saved.audit_head) == (restored.rows, restored.sha256, restored.audit_head)
    assert stat.S_IMODE((tmp_path / "one.zip").stat().st_mode) == 0o600
    with other.writing() as connection:
        assert audit.verify(connection).is_whole
        audit.note(connection, NOON, "operator", "restored", "desk")
        assert (
            bytes(connection.execute(sa.text("select data_key from conversation")).scalar_one()) == b"\x00\xff wrapped"
        )
        connection.execute(
            sa.text("insert into conversation (care, opened_at, last_at) values ('none', :at, :at)"),
            {"at": "2026-05-04 12:00:00+00"},
        )
        assert connection.execute(sa.text("select max(id) from conversation")).scalar_one() == 2
    other.close()


def test_a_backup_never_replaces_a_file_and_is_never_restored_over_data(store: Store, tmp_path: Path):
    write_trail(store)
    backup(store, tmp_path / "one.zip", NOON)
    with pytest.raises(BadInput, match="exists"):
        backup(store, tmp_path / "one.zip", NOON)
    with pytest.raises(BadInput, match="not empty"):
        restore(store, tmp_path / "one.zip")


def test_a_damaged_backup_changes_nothing(store: Store, empty_url: str, tmp_path: Path):
    write_trail(store)
    backup(store, tmp_path / "one.zip", NOON)
    with zipfile.ZipFile(tmp_path / "one.zip") as whole, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name in whole.namelist():
            content = whole.read(name)
            bad.writestr(name, content.replace(b'"visitor"', b'"nobody"') if name == "audit.jsonl" else content)
    (tmp_path / "cut.zip").write_bytes((tmp_path / "one.zip").read_bytes()[:-200])
    other = connect(empty_url)
    for name in ("bad.zip", "cut.zip", "missing.zip"):
        with pytest.raises(BadInput):
            restore(other, tmp_path / name)
    with other.reading() as connection:
        assert audit.entries(connection) == ()
    restore(other, tmp_path / "one.zip")
    other.close()


def test_a_database_locked_by_somebody_else_is_unavailable(tmp_path: Path, sqlite_template: Path, monkeypatch):
    monkeypatch.setattr(engine, "LOCK_WAIT_SECONDS", 0.1)
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = connect(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(Unavailable, match="locked"):
        write_trail(store)
    with store.reading() as connection:
        assert audit.verify(connection).is_whole  # readers never wait
    holder.execute("rollback")
    write_trail(store)
    holder.close()
    store.close()


def test_a_full_disk_is_unavailable_and_changes_nothing(tmp_path: Path, sqlite_template: Path):
    path = tmp_path / "full.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = connect(f"sqlite:///{path}")

    def fill() -> None:
        with store.writing() as connection:
            pages = connection.exec_driver_sql("pragma page_count").scalar_one()
            connection.exec_driver_sql(f"pragma max_page_count = {pages + 2}")
            for number in range(2000):
                audit.note(connection, NOON, "visitor", "message.stored", f"message:{number}", {"number": number})

    with pytest.raises(Unavailable, match="full"):
        fill()
    with store.reading() as connection:
        assert audit.entries(connection) == ()
    store.close()


def test_a_connection_cut_by_the_server_is_unavailable_once_and_then_works(postgres: str):
    store = connect(f"{postgres}/template_now")
    assert store.is_ready()

    def write_while_it_is_cut(other: psycopg.Connection) -> None:
        with store.writing() as connection:
            connection.execute(sa.text("select 1"))
            other.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'template_now'")
            connection.execute(sa.text("select 1"))

    server = f"{postgres}/postgres".replace("+psycopg", "")
    with psycopg.connect(server, autocommit=True) as other, pytest.raises(Unavailable):
        write_while_it_is_cut(other)
    assert store.is_ready()
    store.close()


def test_a_database_that_is_not_there_is_not_ready():
    store = connect("postgresql+psycopg://nobody@127.0.0.1:1/none")

    assert not store.is_ready()


def test_an_address_of_another_kind_is_refused_in_words():
    with pytest.raises(BadInput, match="postgresql"):
        connect("mysql://root@localhost/x")


def test_the_database_file_is_readable_by_its_owner_alone(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path / 'new.db'}")
    assert store.is_ready()

    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_errors_never_repeat_what_was_written(store: Store):
    with pytest.raises(sa.exc.DBAPIError) as caught, store.writing() as connection:
        connection.execute(
            sa.text("insert into note (ticket_id, staff_id, at, text) values (9, 9, '2026-05-04', :text)"),
            {"text": b"private words"},
        )

    assert "private words" not in str(caught.value)


def test_two_processes_that_start_for_the_first_time_share_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "master.key"
    other = overtaken(monkeypatch, keys.Fernet, "generate_key", lambda: Keys.from_file(path))
    ours = Keys.from_file(path)
    other.end()

    assert other.answer.seal(ours.new_data_key()) is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]
