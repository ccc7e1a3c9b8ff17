"""A whole desk on a fresh database: reception, door, staff with sessions, and channels that can fail."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet
from limits import parse

from conversation.checking import Checked, Verdict, Written
from desk.actions import Desk
from desk.alerts import AlertContact
from desk.channels import Words
from desk.door import Door
from desk.pace import Pace
from desk.reception import Reception
from desk.roles import Role
from desk.staff import invite, open_session
from desk.tending import Tending
from desk.transcript import Received, Recorded
from errors import Unavailable
from store.engine import Store
from store.keys import Keys
from tests.desk.made_up import Clock

LINK = "a-private-link-of-somebody"


def all_is_courtesy(draft: tuple[Written, ...], clinic: str, name: str) -> tuple[Checked, ...]:
    """A check with nothing to say, for stories that are about something else."""
    return tuple(Checked(one.text, Verdict.FIXED) for one in draft)


@dataclass
class Mailbox:
    """Accepts letters, or refuses them for a while."""

    letters: list[tuple[str, Words]] = field(default_factory=list)
    is_down: bool = False

    def send(self, address: str, words: Words) -> None:
        if self.is_down:
            raise Unavailable("down")
        self.letters.append((address, words))


class House:
    """One installation, ready to use."""

    def __init__(self, store: Store, **desk: Any) -> None:
        few = Pace(logins=parse("6/5 minutes"))
        self.store, self.clock, self.mail = store, Clock(), Mailbox()
        self.keys = Keys([Fernet.generate_key().decode()])
        channels = {"email": self.mail}
        self.reception = Reception(store, self.keys, self.clock, channels=channels)
        self.desk = Desk(store, self.keys, self.clock, channels=channels, **{"check": all_is_courtesy, **desk})
        self.door = Door(store, self.clock, few)
        self.tend = Tending(store, self.keys, self.clock, channels)
        self.sessions: dict[str, str] = {}

    def hire(self, name: str, role: Role, **more: str) -> str:
        """A session of a new member of staff."""
        with self.store.writing() as connection:
            person, _ = invite(connection, name, role, self.clock(), **more)
            session = open_session(connection, person.id, self.clock())
        self.sessions[name] = session
        return session

    def contacts(self, *names: str) -> None:
        """Who is told."""
        admin = self.sessions.get("Ada") or self.hire("Ada", Role.ADMINISTRATOR)
        self.desk.set_contacts(
            admin, tuple(AlertContact(name, "email", f"{name.lower()}@example.org") for name in names)
        )

    def ask(self, make, text: str = "Is it for me?", link: str = LINK, **more) -> tuple[Received, Recorded]:
        """A visitor writes and the program's turn is recorded."""
        received = self.reception.receive(link, text, clinic=None, language="en", **more)
        return received, self.reception.record(received, make(received))

    def status(self, link: str = LINK):
        """What the visitor may be told about their newest message."""
        return self.reception.turns(link)[-1].status

    def lines(self, link: str = LINK) -> list[str]:
        """What the visitor may be told."""
        return [step.value for step in self.status(link).steps()]
