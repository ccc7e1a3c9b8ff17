"""Mail that staff paste in: what its writer says now, cut from signature and quoted history; nothing is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from mailparser_reply import EmailReplyParser
from sqlalchemy.engine import Connection

from store.engine import METADATA, Instant
from store.keys import Seal

PASTED = sa.Table(
    "pasted",
    METADATA,
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), primary_key=True, autoincrement=False),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("cut", sa.LargeBinary, nullable=False),  # sealed: what was cut
)

_PARSER = EmailReplyParser(languages=["en", "es"])


@dataclass(frozen=True, slots=True)
class Letter:
    """A pasted mail: what its writer says now, and what was cut from around it."""

    text: str
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """That a conversation came as pasted mail: its writer has no page here, and is answered by mail."""

    by: int  # staff id
    at: datetime
    cut: str


def cut_mail(pasted: str, is_danger: Callable[[str], bool] = lambda text: False) -> Letter:
    """The newest reply of a mail without signature and quotes; all of it where nothing else would be left.

    Nothing is cut from a mail that speaks of danger: the words may stand in any part of it.
    """
    whole = pasted.replace("\r\n", "\n").strip()
    replies = _PARSER.read(whole).replies
    text = (replies[0].body or "").strip() if replies else ""
    if not text or text not in whole or is_danger(whole):
        return Letter(whole)
    return Letter(text, whole.replace(text, "", 1).strip())


def keep_pasted(connection: Connection, seal: Seal, conversation: int, staff: int, cut: str, now: datetime) -> None:
    """Keep who pasted a conversation's mail, and what was cut from it."""
    connection.execute(
        PASTED.insert().values(conversation_id=conversation, staff_id=staff, at=now, cut=seal.close(cut))
    )


def pasted_of(connection: Connection, seal: Seal, conversation: int) -> Pasted | None:
    """How a conversation came in, if it was pasted."""
    row = connection.execute(sa.select(PASTED).where(PASTED.c.conversation_id == conversation)).one_or_none()
    return None if row is None else Pasted(row.staff_id, row.at, seal.open(row.cut))
