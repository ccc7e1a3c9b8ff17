"""A whole desk on a fresh database: reception, door, staff with sessions, and channels that can fail."""

from dataclasses import dataclass, field

from cryptography.fernet import Fernet

from desk.actions import Desk
from desk.alerts import AlertContact
from desk.channels import Words
from desk.door import Door
from desk.reception import Reception
from desk.roles import Role
from desk.staff import everyone, invite, open_session
from desk.tending import Tending
from desk.transcript import Received, Recorded
from errors import Unavailable
from store.engine import Store
from store.keys import Keys
from store.outbox import Letter
from tests.desk.made_up import Clock
from triage.decision import Language

LINK = "a-private-link-of-somebody"


@dataclass
class Mailbox:
    """Accepts letters, or refuses them for a while."""

    letters: list[tuple[str, Words]] = field(default_factory=list)
    is_down: bool = False

    def send(self, address: str, words: Words) -> None:
        if self.is_down:
            raise Unavailable("down")
        self.letters.append((address, words))


def plain_words(letter: Letter, language: Language | None) -> Words:
    return Words(letter.kind, f"{letter.kind} {letter.subject}")


class House:
    """One installation, ready to use."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.mail = store, Clock(), Mailbox()
        self.keys = Keys([Fernet.generate_key().decode()])
        channels = {"email": self.mail}
        self.reception = Reception(store, self.keys, self.clock, channels=channels)
        self.desk = Desk(store, self.keys, self.clock, channels=channels)
        self.door = Door(store, self.clock)
        self.tend = Tending(store, self.keys, self.clock, channels, plain_words)
        self.sessions: dict[str, str] = {}

    def hire(self, name: str, role: Role, **more: str) -> str:
        """A session of a new member of staff."""
        with self.store.writing() as connection:
            person, _ = invite(connection, name, role, self.clock(), **more)
            session = open_session(connection, person.id, self.clock())
        self.sessions[name] = session
        return session

    def renew(self) -> None:
        """Everybody logs in again, for a test that moved the clock far."""
        for name in self.sessions:
            with self.store.writing() as connection:
                people = {one.name: one.id for one in everyone(connection)}
                self.sessions[name] = open_session(connection, people[name], self.clock())

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
        """The names of the wordings the visitor reads."""
        return [name for name, _ in self.status(link).lines()]
