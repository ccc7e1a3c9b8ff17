"""Real databases for tests: a SQLite file, and a PostgreSQL server of our own in a temporary folder."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from store.engine import Store, connect
from store.schema import upgrade

_numbers = itertools.count()


def binaries() -> Path | None:
    """The newest PostgreSQL's programs on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server, without a database name."""
    programs = binaries()
    if programs is None:
        reason = "PostgreSQL's initdb was not found (install the package postgresql)."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="foreroom-postgres-"))
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(programs / program), *arguments], check=True, capture_output=True, cwd=folder)

    run("initdb", "-D", str(folder / "data"), "-U", "foreroom", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off"
    )
    run("pg_ctl", "-D", str(folder / "data"), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        with psycopg.connect(f"host=127.0.0.1 port={port} user=foreroom dbname=postgres", autocommit=True) as server:
            server.execute("create database template_now")
        ready = connect(f"postgresql+psycopg://foreroom@127.0.0.1:{port}/template_now")
        upgrade(ready)
        ready.close()
        yield f"postgresql+psycopg://foreroom@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("template") / "foreroom.db"
    store = connect(f"sqlite:///{path}")
    upgrade(store)
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "foreroom.db")
        yield f"sqlite:///{tmp_path / 'foreroom.db'}"
    else:
        server = request.getfixturevalue("postgres")
        yield f"{server}/template_now"
        empty_postgres(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = new_postgres(server, "template1")
        yield url
        drop_postgres(server, url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a fresh database."""
    opened = connect(database_url)
    yield opened
    opened.close()


def new_postgres(server: str, template: str) -> str:
    """Make a database on the server; returns its address."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
    return f"{server}/{name}"


def empty_postgres(server: str) -> None:
    """Take every row out of the migrated database; much quicker than making a new one."""
    with psycopg.connect(server.replace("+psycopg", "") + "/template_now", autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # the trail refuses to be emptied otherwise
        named = connection.execute(
            "select string_agg(quote_ident(tablename), ', ') from pg_tables"
            " where schemaname = 'public' and tablename <> 'alembic_version'"
        ).fetchone()
        assert named is not None
        connection.execute("alter table audit disable trigger all")
        connection.execute(f"truncate {named[0]} restart identity cascade".encode())
        connection.execute("alter table audit enable trigger all")
        connection.execute("insert into audit_head (id, seq, hash) values (1, 0, repeat('0', 64))")


def drop_postgres(server: str, url: str) -> None:
    """Remove a database and everybody in it."""
    with psycopg.connect(server.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"drop database {url.rpartition('/')[2]} with (force)".encode())
