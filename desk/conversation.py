"""Conversations behind private links: opened, kept, protected by a passphrase, deleted with their key."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from errors import BadInput, BadSettings, NotAllowed, Unavailable
from store.engine import METADATA, Instant
from store.keys import PUT_BACK, Keys, Seal
from triage.decision import Care, Language

CONVERSATION = sa.Table(
    "conversation",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("clinic", sa.String(120)),  # null: the operator's desk
    sa.Column("language", sa.String(8)),  # null: not chosen
    sa.Column("care", sa.String(20), nullable=False),
    sa.Column("data_key", sa.LargeBinary),  # wrapped; null once the words were destroyed
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),  # when the visitor deleted it
)

LINK = sa.Table(
    "link",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("passphrase_hash", sa.String(200)),
    sa.Column("is_passing", sa.Boolean, nullable=False),  # for one device, after a passphrase; never prolonged
)

UNLOCKED = timedelta(hours=12)  # a link opened with its passphrase works this long on that device
SHORTEST_PASSPHRASE = 8
LONGEST_PASSPHRASE = 1_000
LONGEST_TOKEN = 200  # characters; ours have 43

_passphrases = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A visitor's turns and replies, as the holder of its private link sees it."""

    id: int
    clinic: str | None
    language: Language | None
    care: Care
    opened_at: datetime
    last_at: datetime
    expires_at: datetime
    is_protected: bool = False  # seen through a link that passes for some hours; the lasting one asks for a passphrase


_BEHIND = (  # made once: every page looks for its conversation several times
    sa.select(CONVERSATION, LINK.c.expires_at, LINK.c.is_passing)
    .join(LINK, LINK.c.conversation_id == CONVERSATION.c.id)
    .where(
        LINK.c.token_hash == sa.bindparam("mark", type_=sa.String),
        LINK.c.expires_at > sa.bindparam("moment", type_=Instant),
        LINK.c.passphrase_hash.is_(None),
        CONVERSATION.c.deleted_at.is_(None),
    )
)
_KEY_OF = sa.select(CONVERSATION.c.data_key).where(CONVERSATION.c.id == sa.bindparam("conversation", type_=sa.Integer))


def new_token() -> str:
    """A private link's secret: 256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is stored of a secret: SHA-256; enough, since the secret is random and long."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find(connection: Connection, token: str, now: datetime) -> Conversation | None:
    """The conversation behind a link; None if unknown, expired, deleted or locked by a passphrase."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    row = connection.execute(_BEHIND, {"mark": hashed(token), "moment": now}).one_or_none()
    return None if row is None else _conversation(row)


def find_locked(connection: Connection, token: str, now: datetime) -> Conversation | None:
    """The same for whoever goes on to write: other writers wait from here on, and it is not gone since it was found."""
    found = find(connection, token, now)
    if found is None:
        return None
    by_id(connection, found.id, lock=True)
    return find(connection, token, now)  # another may have deleted or protected it while we waited


def find_or_open(
    connection: Connection,
    keys: Keys,
    token: str,
    now: datetime,
    keep: timedelta,
    *,
    clinic: str | None,
    language: Language | None,
) -> Conversation:
    """The conversation behind a link, locked, or a new one if the link leads nowhere; one, even if two ask at once."""
    found = find_locked(connection, token, now)
    if found is not None:
        return found
    if not token or len(token) > LONGEST_TOKEN:
        raise BadInput("That is not a private link of ours. Open the page again.")
    old = connection.execute(sa.select(LINK).where(LINK.c.token_hash == hashed(token))).one_or_none()
    if old is not None and old.passphrase_hash is not None and old.expires_at > now:
        raise NotAllowed("This link is protected. Give its passphrase first.")
    try:
        with connection.begin_nested():
            return _open(connection, keys, token, now, keep, clinic, language)
    except sa.exc.IntegrityError:  # another opened the same link at this very moment; what we began is undone
        found = find_locked(connection, token, now)
        if found is None:
            raise
        return found


def _open(
    connection: Connection,
    keys: Keys,
    token: str,
    now: datetime,
    keep: timedelta,
    clinic: str | None,
    language: Language | None,
) -> Conversation:
    """A new conversation and its link. An IntegrityError if the link leads somewhere after all."""
    gone = sa.select(CONVERSATION.c.id).where(CONVERSATION.c.deleted_at.is_not(None))
    connection.execute(
        LINK.delete().where(
            LINK.c.token_hash == hashed(token), sa.or_(LINK.c.expires_at <= now, LINK.c.conversation_id.in_(gone))
        )
    )
    made = connection.execute(
        CONVERSATION.insert().values(
            clinic=clinic,
            language=None if language is None else language.value,
            care=Care.NONE.value,
            data_key=keys.new_data_key(),
            opened_at=now,
            last_at=now,
        )
    ).inserted_primary_key
    assert made is not None
    _link(connection, token, made[0], now + keep, is_passing=False)
    return Conversation(made[0], clinic, language, Care.NONE, now, now, now + keep)


def by_id(connection: Connection, conversation_id: int, *, lock: bool = False) -> sa.Row[Any]:
    """The stored row, deleted or not, for whoever holds its id; `lock` keeps other writers waiting."""
    wanted = sa.select(CONVERSATION).where(CONVERSATION.c.id == conversation_id)
    return connection.execute(wanted.with_for_update() if lock else wanted).one()


def seal_of(connection: Connection, keys: Keys, conversation_id: int) -> Seal | None:
    """What opens a conversation's words; None once they were destroyed."""
    wrapped = connection.execute(_KEY_OF, {"conversation": conversation_id}).scalar_one_or_none()
    return None if wrapped is None else keys.seal(wrapped)


def need_seal(connection: Connection, keys: Keys, conversation_id: int) -> Seal:
    """What opens a conversation's words. Unavailable once they were destroyed."""
    seal = seal_of(connection, keys, conversation_id)
    if seal is None:
        raise Unavailable("This conversation was deleted; its words cannot be read or added to.")
    return seal


def touch(
    connection: Connection, conversation_id: int, now: datetime, keep: timedelta, care: Care | None = None
) -> None:
    """The conversation went on: its links live on with it."""
    last, ends = CONVERSATION.c.last_at, LINK.c.expires_at  # neither goes back with a clock that was put back
    values: dict[str, object] = {"last_at": sa.case((last > now, last), else_=sa.literal(now, Instant))}
    if care is not None:
        values["care"] = care.value
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id == conversation_id).values(values))
    connection.execute(
        LINK.update()
        .where(LINK.c.conversation_id == conversation_id, LINK.c.expires_at > now, LINK.c.is_passing.is_(False))
        .values(expires_at=sa.case((ends > now + keep, ends), else_=sa.literal(now + keep, Instant)))
    )


def set_care(connection: Connection, conversation_id: int, care: Care) -> None:
    """Where the conversation stands, as staff see it."""
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id == conversation_id).values(care=care.value))


def set_clinic(connection: Connection, conversation_id: int, clinic: str) -> None:
    """Which clinic may read it, as the visitor chose."""
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id == conversation_id).values(clinic=clinic))


def protect(connection: Connection, token: str, passphrase: str, now: datetime) -> str | None:
    """Put a passphrase on a link; returns a fresh link for this device, None if the old one leads nowhere.

    BadInput if the passphrase is too short or far too long.
    """
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise BadInput(f"A passphrase has at least {SHORTEST_PASSPHRASE} characters.")
    found = find_locked(connection, token, now)
    if found is None:
        return None
    connection.execute(
        LINK.update().where(LINK.c.token_hash == hashed(token)).values(passphrase_hash=_passphrases.hash(passphrase))
    )
    return _fresh_link(connection, found.id, now)


def wants_passphrase(connection: Connection, token: str, now: datetime) -> bool:
    """The link leads to a conversation, for whoever knows its passphrase."""
    wanted = sa.select(LINK.c.token_hash).where(
        LINK.c.token_hash == hashed(token), LINK.c.expires_at > now, LINK.c.passphrase_hash.is_not(None)
    )
    return connection.execute(wanted).first() is not None


def unlock(connection: Connection, token: str, passphrase: str, now: datetime) -> str | None:
    """A fresh link for this device, in exchange for the protected one and its passphrase; None if they do not fit."""
    row = connection.execute(
        sa.select(LINK).where(
            LINK.c.token_hash == hashed(token), LINK.c.expires_at > now, LINK.c.passphrase_hash.is_not(None)
        )
    ).one_or_none()
    if row is None:
        return None
    try:
        _passphrases.verify(row.passphrase_hash, passphrase[:LONGEST_PASSPHRASE])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return None
    if by_id(connection, row.conversation_id, lock=True).deleted_at is not None:  # while the passphrase was checked
        return None
    return _fresh_link(connection, row.conversation_id, now)


def cut_links(connection: Connection, conversation_id: int, now: datetime) -> None:
    """No link leads here any more."""
    connection.execute(LINK.delete().where(LINK.c.conversation_id == conversation_id))
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id == conversation_id).values(deleted_at=now))


def destroy_key(connection: Connection, conversation_id: int) -> None:
    """From here on nobody can read the words."""
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id == conversation_id).values(data_key=None))


def expired(connection: Connection, before: datetime) -> tuple[int, ...]:
    """Conversations whose words are still there though nothing came since `before`."""
    return tuple(connection.execute(sa.select(CONVERSATION.c.id).where(_has_expired(before))).scalars())


def still_expired(connection: Connection, conversation_id: int, before: datetime) -> bool:
    """One of them, locked, and nothing came since it was found."""
    by_id(connection, conversation_id, lock=True)
    wanted = sa.select(CONVERSATION.c.id).where(CONVERSATION.c.id == conversation_id, _has_expired(before))
    return connection.execute(wanted).first() is not None


def _has_expired(before: datetime) -> sa.ColumnElement[bool]:
    kept = sa.and_(CONVERSATION.c.data_key.is_not(None), CONVERSATION.c.deleted_at.is_(None))
    return sa.and_(kept, CONVERSATION.c.last_at < before)


def wrap_again(connection: Connection, keys: Keys) -> int:
    """Every data key under the newest master key; returns how many. One destroyed meanwhile stays destroyed."""
    rows = connection.execute(
        sa.select(CONVERSATION.c.id, CONVERSATION.c.data_key).where(CONVERSATION.c.data_key.is_not(None))
    ).all()
    return sum(
        connection.execute(
            CONVERSATION.update()
            .where(CONVERSATION.c.id == row.id, CONVERSATION.c.data_key.is_not(None))
            .values(data_key=keys.rewrap(row.data_key))
        ).rowcount
        for row in rows
    )


def open_keys(connection: Connection, text: str, file: Path) -> Keys:
    """The master keys, out of the settings' text or a file; a file is made only where nothing is sealed yet.

    BadSettings if they are missing or do not open what was sealed last, before a message is taken under a wrong key.
    """
    sealed = sa.select(CONVERSATION.c.data_key).where(CONVERSATION.c.data_key.is_not(None))
    newest = connection.execute(sealed.order_by(CONVERSATION.c.id.desc()).limit(1)).scalar_one_or_none()
    keys = Keys.from_text(text) if text else Keys.from_file(file, may_make=newest is None)
    try:
        if newest is not None:
            keys.seal(newest)
    except Unavailable:
        raise BadSettings(f"The master key does not open what is stored here. {PUT_BACK}") from None
    return keys


class Seals:
    """Seals by conversation, remembered for the length of one reading."""

    def __init__(self, connection: Connection, keys: Keys, soon: Collection[int] = ()) -> None:
        """`soon` names conversations whose words are wanted at once: their keys are read together."""
        self._connection, self._keys = connection, keys
        wanted = sa.select(CONVERSATION.c.id, CONVERSATION.c.data_key).where(CONVERSATION.c.id.in_(soon))
        self._known: dict[int, Seal | None] = {
            row.id: None if row.data_key is None else keys.seal(row.data_key)
            for row in (connection.execute(wanted) if soon else ())
        }

    def open(self, conversation_id: int, sealed: bytes | None) -> str:
        """The text, or "" where there is none or its key was destroyed."""
        if conversation_id not in self._known:
            self._known[conversation_id] = seal_of(self._connection, self._keys, conversation_id)
        seal = self._known[conversation_id]
        return "" if seal is None or sealed is None else seal.open(sealed)


def _fresh_link(connection: Connection, conversation_id: int, now: datetime) -> str:
    token = new_token()
    _link(connection, token, conversation_id, now + UNLOCKED, is_passing=True)
    return token


def _link(connection: Connection, token: str, conversation_id: int, expires_at: datetime, *, is_passing: bool) -> None:
    connection.execute(
        LINK.insert().values(
            token_hash=hashed(token), conversation_id=conversation_id, expires_at=expires_at, is_passing=is_passing
        )
    )


def _conversation(row: sa.Row[Any]) -> Conversation:
    language = None if row.language is None else Language(row.language)
    return Conversation(
        row.id, row.clinic, language, Care(row.care), row.opened_at, row.last_at, row.expires_at, row.is_passing
    )
