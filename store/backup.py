"""Backup and restore: every table in one file that either database can read; the master key is never in it."""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from errors import BadInput
from store import audit
from store.engine import Store
from store.schema import newest, upgrade, version

MANIFEST = "manifest.json"
BATCH = 500  # rows


@dataclass(frozen=True, slots=True)
class Saved:
    """What a backup holds."""

    rows: int
    sha256: str  # of the file
    audit_head: str


def backup(store: Store, path: Path, at: datetime) -> Saved:
    """Write everything to a new file, as it stood at one moment; the file appears whole or not at all."""
    if path.exists():
        raise BadInput(f"{path} exists. Choose another name; a backup never replaces a file.")
    fresh = path.with_name(path.name + ".part")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    rows: dict[str, int] = {}
    with os.fdopen(handle, "wb") as file, store.reading() as connection:
        head = audit.verify(connection)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in _tables(connection):
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
                    rows[table.name] = 0
                    for row in connection.execute(sa.select(table)).mappings():
                        lines.write(json.dumps({key: _plain(value) for key, value in row.items()}).encode() + b"\n")
                        rows[table.name] += 1
            manifest = {"version": version(connection), "at": at.isoformat(), "rows": rows, "audit": head.head}
            archive.writestr(MANIFEST, json.dumps(manifest))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return Saved(sum(rows.values()), hashlib.sha256(path.read_bytes()).hexdigest(), head.head)


def restore(store: Store, path: Path) -> Saved:
    """Fill an empty database from a backup, or change nothing; the audit trail is walked before it is kept."""
    upgrade(store)
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["version"] != newest():
                raise BadInput(f"The backup is of version {manifest['version']}; restore it with that release.")
            with store.writing() as connection:
                return _fill(store, connection, archive, manifest, path)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadInput(f"{path} is not a whole backup ({type(error).__name__}). Nothing was changed.") from None


def _fill(
    store: Store, connection: Connection, archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path
) -> Saved:
    tables = _tables(connection)
    if connection.execute(sa.select(sa.func.count()).select_from(audit.AUDIT)).scalar_one():
        raise BadInput("The database is not empty. Restore into a new one; nothing was changed.")
    connection.execute(audit.HEAD.delete())
    for table in tables:
        kept = 0
        for batch in _batches(archive, table):
            connection.execute(table.insert(), batch)
            kept += len(batch)
        if kept != manifest["rows"][table.name]:
            raise BadInput(f"The backup lacks rows of {table.name}. Nothing was changed.")
        if not store.is_sqlite:
            _count_on(connection, table)
    verified = audit.verify(connection)
    if not verified.is_whole or verified.head != manifest["audit"]:
        raise BadInput("The backup's audit trail is not whole. Nothing was changed.")
    return Saved(sum(manifest["rows"].values()), hashlib.sha256(path.read_bytes()).hexdigest(), verified.head)


def _tables(connection: Connection) -> list[sa.Table]:
    """Every table there is, parents before children."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _batches(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with archive.open(f"{table.name}.jsonl") as lines:
        for line in lines:
            row = json.loads(line)
            batch.append({key: _value(table.c[key], value) for key, value in row.items()})
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _plain(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case datetime():
            return value.isoformat()
        case _:
            return value


def _value(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, sa.LargeBinary):
        return base64.b64decode(value)
    return datetime.fromisoformat(value) if isinstance(column.type, sa.DateTime) else value


def _count_on(connection: Connection, table: sa.Table) -> None:
    """PostgreSQL numbers new rows after the restored ones."""
    for column in table.primary_key:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        if connection.execute(sa.select(sequence)).scalar_one() is not None:
            last = sa.select(sa.func.max(column)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, last)).where(last.is_not(None)))
