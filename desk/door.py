"""In and out of the desk: logging in, invitations, sessions; the only actions that ask for no role."""

from collections.abc import Callable
from datetime import datetime

from desk import staff
from desk.pace import Pace, Wait
from desk.staff import Staff
from errors import NotAllowed
from store import audit
from store.engine import Store


class Door:
    """Lets staff in. A session is a secret; only its hash is stored."""

    def __init__(self, store: Store, clock: Callable[[], datetime], pace: Pace | None = None) -> None:
        self._store, self._clock, self._pace = store, clock, pace or Pace()

    def log_in(self, name: str, password: str, address: str) -> str | Wait | None:
        """A session's secret; None if name and password do not fit; a Wait after too many tries from one address."""
        wait = self._pace.login(address)
        if wait is not None:
            return wait
        now = self._clock()
        with self._store.writing() as connection:
            secret = staff.log_in(connection, name, password, now)
            person = None if secret is None else staff.who_is(connection, secret, now)
            actor = "somebody" if person is None else person.actor
            audit.note(connection, now, actor, "login.refused" if person is None else "login", "desk")
        return secret

    def enter_checked(self, email: str) -> str | None:
        """A session for an address that the operator's login provider has checked; None if nobody here has it."""
        now = self._clock()
        with self._store.writing() as connection:
            person = staff.by_email(connection, email)
            if person is None:
                audit.note(connection, now, "somebody", "login.refused", "desk", {"by": "provider"})
                return None
            secret = staff.open_session(connection, person.id, now)
            audit.note(connection, now, person.actor, "login", "desk", {"by": "provider"})
        return secret

    def accept(self, secret: str, password: str) -> Staff:
        """Use an invitation. NotAllowed if it was used or has ended, BadInput if the password is too short."""
        now = self._clock()
        with self._store.writing() as connection:
            person = staff.accept(connection, secret, password, now)
            audit.note(connection, now, person.actor, "invitation.accepted", f"staff:{person.id}")
        return person

    def who(self, session: str) -> Staff | None:
        """Who holds this session; None once it has ended."""
        with self._store.reading() as connection:
            return staff.who_is(connection, session, self._clock())

    def stay(self, session: str) -> Staff:
        """Who holds this session, which is in use now. NotAllowed once it has ended."""
        now = self._clock()
        with self._store.writing() as connection:
            person = staff.who_is(connection, session, now)
            if person is None:
                raise NotAllowed("Your session has ended. Log in again; what you wrote is saved.")
            staff.use_session(connection, session, now)
        return person

    def log_out(self, session: str) -> None:
        """The session ends here."""
        now = self._clock()
        with self._store.writing() as connection:
            person = staff.who_is(connection, session, now)
            staff.log_out(connection, session)
            if person is not None:
                audit.note(connection, now, person.actor, "logout", "desk")
