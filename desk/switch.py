"""The switch: "answers off, everything to a person"; each change is a row, the newest one counts."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.engine import METADATA, Instant

SETTING = sa.Table(
    "setting",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, index=True),
    sa.Column("value", sa.String(200), nullable=False),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

ANSWERS = "answers"


def answers_are_on(connection: Connection) -> bool:
    """The program may answer from the documents; on until somebody switched it off."""
    newest = sa.select(SETTING.c.value).where(SETTING.c.name == ANSWERS).order_by(SETTING.c.id.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() != "off"


def switch_answers(connection: Connection, on: bool, staff_id: int, now: datetime) -> None:
    """From the next message on."""
    connection.execute(SETTING.insert().values(name=ANSWERS, value="on" if on else "off", staff_id=staff_id, at=now))
