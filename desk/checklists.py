"""The clinic's protocol for a danger ticket: a reviewed file, and who ticked which step."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from errors import BadInput
from store.engine import METADATA, Instant
from triage.decision import Reason

CHECK_MARK = sa.Table(
    "check_mark",
    METADATA,
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    sa.Column("item", sa.String(60), primary_key=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

FILE = Path(__file__).with_name("checklists.toml")
EVERY = "every"  # the steps of all danger tickets


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the protocol, and who did it."""

    item: str  # "every.read-all"
    text: str
    done_by: str = ""
    done_at: datetime | None = None


@cache
def _protocol() -> dict[str, dict[str, str]]:
    loaded = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {kind: steps for kind, steps in loaded.items() if isinstance(steps, dict)}


def checklist(
    connection: Connection, ticket: int, reasons: tuple[Reason, ...], names: dict[int, str]
) -> tuple[Step, ...]:
    """The steps for these reasons, in the file's order, each with who did it and when."""
    marks = {row.item: row for row in connection.execute(sa.select(CHECK_MARK).where(CHECK_MARK.c.ticket_id == ticket))}
    steps = []
    for kind in (EVERY, *(reason.value for reason in reasons)):
        for name, text in _protocol().get(kind, {}).items():
            item = f"{kind}.{name}"
            mark = marks.get(item)
            steps.append(
                Step(
                    item, text, "" if mark is None else names.get(mark.staff_id, ""), None if mark is None else mark.at
                )
            )
    return tuple(steps)


def tick(connection: Connection, ticket: int, item: str, staff_id: int, now: datetime) -> None:
    """Somebody did this step; the first tick stays."""
    kind, _, name = item.partition(".")
    if name not in _protocol().get(kind, {}):
        raise BadInput("There is no such step in the protocol file.")
    known = sa.select(CHECK_MARK.c.item).where(CHECK_MARK.c.ticket_id == ticket, CHECK_MARK.c.item == item)
    if connection.execute(known).first() is None:
        connection.execute(CHECK_MARK.insert().values(ticket_id=ticket, item=item, staff_id=staff_id, at=now))
