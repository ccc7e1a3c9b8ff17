"""How a visitor may be reached: what they left, sealed, after being told what for."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from errors import BadInput
from store.engine import METADATA, Instant
from store.keys import Seal

REACH = sa.Table(
    "reach",
    METADATA,
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("wants_mail", sa.Boolean, nullable=False),  # "you have a reply" by e-mail
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed
)


class How(StrEnum):
    """The way to reach somebody."""

    EMAIL = "email"
    PHONE = "phone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a visitor left, in their own words."""

    how: How
    address: str
    name: str = ""
    when: str = ""  # when it is safe to call or write
    voicemail: bool = False  # a message may be left


def leave(connection: Connection, seal: Seal, conversation: int, reach: Reach, now: datetime) -> None:
    """Keep it, in place of what was left before."""
    if not reach.address.strip() or any(len(words) > 300 for words in (reach.address, reach.name, reach.when)):
        raise BadInput("Leave an address or a number, and at most 300 characters in each line.")
    if reach.how is How.EMAIL and ("@" not in reach.address or any(sign in reach.address for sign in " ,\r\n<>")):
        raise BadInput("That does not look like an e-mail address.")
    connection.execute(REACH.delete().where(REACH.c.conversation_id == conversation))
    connection.execute(
        REACH.insert().values(
            conversation_id=conversation,
            at=now,
            wants_mail=reach.how is How.EMAIL,
            words=seal.close_value(asdict(reach)),
        )
    )


def forget(connection: Connection, conversation: int) -> None:
    """There is no way to reach the visitor any more."""
    connection.execute(REACH.delete().where(REACH.c.conversation_id == conversation))


def read(connection: Connection, seal: Seal, conversation: int) -> Reach | None:
    """What the visitor left; None if nothing."""
    sealed = connection.execute(
        sa.select(REACH.c.words).where(REACH.c.conversation_id == conversation)
    ).scalar_one_or_none()
    if sealed is None:
        return None
    words = seal.open_value(sealed)
    return Reach(How(words["how"]), words["address"], words["name"], words["when"], words["voicemail"])


def is_known(connection: Connection, conversation: int) -> bool:
    """There is a way to reach the visitor."""
    wanted = sa.select(REACH.c.conversation_id).where(REACH.c.conversation_id == conversation)
    return connection.execute(wanted).first() is not None


def wants_mail(connection: Connection, conversation: int) -> bool:
    """The visitor asked for an e-mail when a reply is there."""
    wanted = sa.select(REACH.c.wants_mail).where(REACH.c.conversation_id == conversation)
    return bool(connection.execute(wanted).scalar_one_or_none())
