"""Staff accounts: invited by a one-time link, argon2id passwords, lock-out, sessions that end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection

from desk.conversation import hashed, new_token
from desk.roles import Role
from errors import BadInput, Conflict, NotAllowed
from store.engine import METADATA, Instant

STAFF = sa.Table(
    "staff",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("login", sa.String(120), nullable=False, unique=True),  # the name without case and double blanks
    sa.Column("name", sa.String(120), nullable=False),  # as visitors read it
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("clinic", sa.String(120)),  # null: every clinic of this operator
    sa.Column("email", sa.String(200)),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("invite_hash", sa.String(64), unique=True),
    sa.Column("invite_ends_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Instant),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("left_at", Instant),
)

SESSION = sa.Table(
    "staff_session",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("used_at", Instant, nullable=False),
)

INVITE_LASTS = timedelta(hours=48)
SESSION_LASTS = timedelta(hours=12)  # from logging in
SESSION_RESTS = timedelta(minutes=60)  # without a click
FAILURES = 5  # wrong passwords in a row
LOCKED_FOR = timedelta(minutes=15)
LONGEST_NAME = 120  # characters
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000

_passwords = PasswordHasher()


@cache
def _decoy() -> str:
    """What is checked when there is no such account, so that both take as long."""
    return _passwords.hash(new_token())


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff, as far as others may see."""

    id: int
    name: str
    role: Role
    clinic: str | None = None
    email: str | None = None
    has_password: bool = True
    left_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Their name in the audit trail."""
        return f"staff:{self.id}"

    def serves(self, clinic: str | None, *, danger: bool = False) -> bool:
        """Tickets of that clinic are theirs to see; danger nobody chose a clinic for is everybody's."""
        return self.clinic is None or self.clinic == clinic or (danger and clinic is None)


def invite(
    connection: Connection, name: str, role: Role, now: datetime, *, clinic: str | None = None, email: str | None = None
) -> tuple[Staff, str]:
    """A new account and the secret of its one-time link. Conflict if the name is taken."""
    login = _login(name)
    if not login or not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadInput("Give the name that visitors will read: one line of letters.")
    if connection.execute(sa.select(STAFF.c.id).where(STAFF.c.login == login)).first() is not None:
        raise Conflict(f"There is an account named {name} already.")
    secret = new_token()
    fresh = STAFF.insert().values(
        login=login,
        name=" ".join(name.split()),
        role=role.value,
        clinic=clinic,
        email=email,
        invite_hash=hashed(secret),
        invite_ends_at=now + INVITE_LASTS,
        failures=0,
        made_at=now,
    )
    try:
        with connection.begin_nested():
            made = connection.execute(fresh).inserted_primary_key
    except sa.exc.IntegrityError:  # another invited the same name at this very moment
        raise Conflict(f"There is an account named {name} already.") from None
    assert made is not None
    return read(connection, made[0]), secret


def invite_again(connection: Connection, staff_id: int, now: datetime) -> str:
    """A fresh one-time link for somebody who lost theirs or their password; the old password stops working."""
    secret = new_token()
    connection.execute(
        STAFF.update()
        .where(STAFF.c.id == staff_id)
        .values(password_hash=None, invite_hash=hashed(secret), invite_ends_at=now + INVITE_LASTS)
    )
    end_sessions(connection, staff_id)
    return secret


def accept(connection: Connection, secret: str, password: str, now: datetime) -> Staff:
    """Use a one-time link: the account gets its password. NotAllowed if the link was used or has ended."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(f"A password has at least {SHORTEST_PASSWORD} characters.")
    row = connection.execute(
        sa.select(STAFF.c.id).where(
            STAFF.c.invite_hash == hashed(secret), STAFF.c.invite_ends_at > now, STAFF.c.left_at.is_(None)
        )
    ).one_or_none()
    changed = connection.execute(
        STAFF.update()
        .where(STAFF.c.invite_hash == hashed(secret), STAFF.c.id == (row.id if row else 0))
        .values(password_hash=_passwords.hash(password), invite_hash=None, invite_ends_at=None, failures=0)
    )
    if row is None or changed.rowcount != 1:
        raise NotAllowed("This invitation was used or has ended. Ask an administrator for a new one.")
    return read(connection, row.id)


def log_in(connection: Connection, name: str, password: str, now: datetime) -> str | None:
    """The secret of a fresh session; None for a wrong name, a wrong password or a locked account alike."""
    row = connection.execute(
        sa.select(STAFF).where(STAFF.c.login == _login(name), STAFF.c.left_at.is_(None)).with_for_update()
    ).one_or_none()
    stored = None if row is None else row.password_hash
    fits = len(password) <= LONGEST_PASSWORD and _fits(stored or _decoy(), password) and stored is not None
    if row is None or (row.locked_until is not None and row.locked_until > now):
        return None
    if not fits:
        failures = row.failures + 1
        locked = now + LOCKED_FOR if failures % FAILURES == 0 else row.locked_until
        connection.execute(STAFF.update().where(STAFF.c.id == row.id).values(failures=failures, locked_until=locked))
        return None
    connection.execute(STAFF.update().where(STAFF.c.id == row.id).values(failures=0, locked_until=None))
    return open_session(connection, row.id, now)


def open_session(connection: Connection, staff_id: int, now: datetime) -> str:
    """The secret of a session, for somebody whose identity was checked."""
    secret = new_token()
    connection.execute(
        SESSION.insert().values(token_hash=hashed(secret), staff_id=staff_id, opened_at=now, used_at=now)
    )
    return secret


def who_is(connection: Connection, secret: str, now: datetime) -> Staff | None:
    """Who holds this session; None once it ended or the person left."""
    row = connection.execute(
        sa.select(STAFF)
        .join(SESSION, SESSION.c.staff_id == STAFF.c.id)
        .where(
            SESSION.c.token_hash == hashed(secret),
            SESSION.c.opened_at > now - SESSION_LASTS,
            SESSION.c.used_at > now - SESSION_RESTS,
            STAFF.c.left_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else _staff(row)


def use_session(connection: Connection, secret: str, now: datetime) -> None:
    """The session is in use."""
    connection.execute(SESSION.update().where(SESSION.c.token_hash == hashed(secret)).values(used_at=now))


def log_out(connection: Connection, secret: str) -> None:
    """The session ends here."""
    connection.execute(SESSION.delete().where(SESSION.c.token_hash == hashed(secret)))


def end_sessions(connection: Connection, staff_id: int) -> None:
    """Logged out everywhere."""
    connection.execute(SESSION.delete().where(SESSION.c.staff_id == staff_id))


def by_email(connection: Connection, email: str) -> Staff | None:
    """The account with that address, for a login that a provider has checked."""
    row = connection.execute(
        sa.select(STAFF).where(sa.func.lower(STAFF.c.email) == email.lower(), STAFF.c.left_at.is_(None))
    ).one_or_none()
    return None if row is None else _staff(row)


def change_role(connection: Connection, staff_id: int, role: Role) -> None:
    """Another role, from the next click on. Conflict if it would leave nobody to administer."""
    _keep_an_administrator(connection, staff_id, stays=role is Role.ADMINISTRATOR)
    connection.execute(STAFF.update().where(STAFF.c.id == staff_id).values(role=role.value))


def leave(connection: Connection, staff_id: int, now: datetime) -> None:
    """The account ends; what its holder wrote stays theirs by name. Conflict for the last administrator."""
    _keep_an_administrator(connection, staff_id, stays=False)
    connection.execute(
        STAFF.update()
        .where(STAFF.c.id == staff_id)
        .values(left_at=now, password_hash=None, invite_hash=None, login=f"left-{staff_id}")
    )
    end_sessions(connection, staff_id)


def read(connection: Connection, staff_id: int) -> Staff:
    """One account. Conflict if there is none."""
    row = connection.execute(sa.select(STAFF).where(STAFF.c.id == staff_id)).one_or_none()
    if row is None:
        raise Conflict("There is no such account.")
    return _staff(row)


def staying(connection: Connection, staff_id: int) -> Staff:
    """An account that a ticket may be given to: it cannot end before that is done. Conflict if it ended."""
    row = connection.execute(sa.select(STAFF).where(STAFF.c.id == staff_id).with_for_update(read=True)).one_or_none()
    if row is None or row.left_at is not None:
        raise Conflict("There is no such account any more.")
    return _staff(row)


def everyone(connection: Connection) -> tuple[Staff, ...]:
    """All accounts that are in use, by name."""
    return tuple(
        _staff(row)
        for row in connection.execute(sa.select(STAFF).where(STAFF.c.left_at.is_(None)).order_by(STAFF.c.name))
    )


def names(connection: Connection) -> dict[int, str]:
    """Names by id, also of those who left."""
    return {row.id: row.name for row in connection.execute(sa.select(STAFF.c.id, STAFF.c.name))}


_SERVED = (  # put together once: every open page looks at it
    sa.select(STAFF.c.clinic)
    .where(
        STAFF.c.left_at.is_(None),
        STAFF.c.role.in_([Role.ADMINISTRATOR.value, Role.CLINICIAN.value, Role.COORDINATOR.value]),
        sa.or_(STAFF.c.password_hash.is_not(None), STAFF.c.email.is_not(None) & STAFF.c.invite_hash.is_(None)),
    )
    .distinct()
)


def served(connection: Connection) -> frozenset[str | None]:
    """The clinics that somebody can log in and answer for; None among them: for every clinic. Empty: nobody can."""
    return frozenset(connection.execute(_SERVED).scalars())


def _keep_an_administrator(connection: Connection, staff_id: int, *, stays: bool) -> None:
    wanted = sa.select(STAFF.c.id).where(STAFF.c.role == Role.ADMINISTRATOR.value, STAFF.c.left_at.is_(None))
    # Two who send each other away at once take turns: the second finds the first one gone.
    administrators = connection.execute(wanted.order_by(STAFF.c.id).with_for_update(key_share=True)).scalars().all()
    if not stays and not set(administrators) - {staff_id}:
        raise Conflict("This is the last administrator. Make another one first.")


def _fits(stored: str, password: str) -> bool:
    try:
        return _passwords.verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _login(name: str) -> str:
    return " ".join(name.split()).casefold()[:120]


def _staff(row: sa.Row[Any]) -> Staff:
    return Staff(row.id, row.name, Role(row.role), row.clinic, row.email, row.password_hash is not None, row.left_at)
