"""A throwaway desk to look around in: made-up people and conversations, as if they had come over two days."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from desk import staff
from desk.actions import Desk
from desk.alerts import AlertContact
from desk.conversation import new_token
from desk.reach import How, Reach
from desk.reception import Reception
from desk.roles import Role
from store.engine import Store

PEOPLE = (
    ("Ada Lund", Role.ADMINISTRATOR),
    ("Priya Nair", Role.CLINICIAN),
    ("Dana Whitfield", Role.COORDINATOR),
    ("Lou Baker", Role.READ_ONLY),
)

REPLY = (
    "Thank you for asking for her. Please let her keep taking it as agreed with her prescriber. "
    "What it would mean for a treatment is for her prescriber and our clinician to decide."
)


class House(Protocol):
    """What the demonstration needs of the wired application."""

    reception: Reception
    desk: Desk

    def ask(self, token: str, text: str, *, clinic: str | None, language: str | None) -> object:
        """The whole path of a message."""


@dataclass
class Past:
    """A clock that is put back, so that conversations have ages."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was made: one-time links by name, and a visitor's private link to a conversation that was answered."""

    invitations: dict[str, str]
    visitor: str


def fill(house: House, store: Store, clock: Past, contacts: tuple[AlertContact, ...] = ()) -> Demonstration:
    """Write two days of made-up life into an empty installation; every row comes about as it does in earnest."""
    today = clock.now
    clock.now = today - timedelta(hours=27)
    ids: dict[str, int] = {}
    with store.writing() as connection:
        for name, role in PEOPLE:
            person, _ = staff.invite(connection, name, role, clock.now)
            ids[name] = person.id
    house.desk.set_contacts(_session(store, ids["Ada Lund"], clock), contacts)

    def ask(text: str, token: str = "") -> str:
        token = token or new_token()
        house.ask(token, text, clinic=None, language="en")
        return token

    answered = ask("My sister takes lithium. Would she have to stop it before a first infusion?")
    clock.now += timedelta(hours=2)
    _reply(house, _session(store, ids["Priya Nair"], clock), answered, REPLY)
    house.reception.say_helped(answered, house.reception.turns(answered)[-1].replies[0].id, True)

    clock.now = today - timedelta(hours=5)
    parking = ask("Can somebody wait with a dog in the car park while I am inside?")
    house.reception.ask_for_person(parking, house.reception.turns(parking)[-1].id)
    clock.now = today - timedelta(minutes=70)
    ask("My blood pressure has been high since spring. Is that a problem with the lozenge?")
    clock.now = today - timedelta(minutes=40)
    candidate = ask("Forty-six, and nothing has felt like anything for two years. Am I a candidate?")
    house.reception.leave_reach(candidate, Reach(How.EMAIL, "visitor@example.org", "Sam", "after six"))
    clock.now = today - timedelta(minutes=30)
    held = ask("I was told I have glaucoma. Could I still come?")
    ask("I can also bring the letter from my eye doctor.", held)
    number = _ticket(house, held)
    clock.now = today - timedelta(minutes=10)
    session = _session(store, ids["Dana Whitfield"], clock)
    bench = house.desk.bench(session, number)
    house.desk.claim(session, number, bench.up_to)
    house.desk.write(session, number, "Thank you for writing, and for offering the letter. ")
    house.desk.note(session, number, "Asked Priya to look at this with me.")
    clock.now = today - timedelta(minutes=3)
    ask("I think they would all be better off without me.")
    clock.now = today
    with store.writing() as connection:
        invitations = {name: staff.invite_again(connection, ids[name], clock.now) for name, _ in PEOPLE}
    return Demonstration(invitations, answered)


def session_of(store: Store, role: Role, clock: Past) -> str:
    """A session of somebody made up with that role."""
    with store.reading() as connection:
        person = next(one for one in staff.everyone(connection) if one.role is role)
    return _session(store, person.id, clock)


def _ticket(house: House, token: str) -> int:
    return int(str(house.reception.tickets(token)[-1].reference).removeprefix("F-"))


def _reply(house: House, session: str, token: str, text: str) -> None:
    number = _ticket(house, token)
    house.desk.claim(session, number, house.desk.bench(session, number).up_to)
    draft = house.desk.write(session, number, text).draft
    for sentence in house.desk.review(session, number, draft.id):
        if not sentence.is_settled:
            house.desk.mark(session, number, draft.id, sentence.checked.text, "Agreed in the team meeting.")
    house.desk.send(session, draft.id, house.desk.preview(session, draft.id).fingerprint)


def _session(store: Store, person: int, clock: Past) -> str:
    with store.writing() as connection:
        return staff.open_session(connection, person, clock.now)


def listen(tell: Callable[[str], None]) -> ThreadingHTTPServer:
    """A webhook on this machine that tells what arrives; nothing leaves. Close it with `shutdown`."""

    class Told(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length", 0)), 10_000)
            tell(str(json.loads(self.rfile.read(size)).get("text", "")).strip())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet: what arrives is told once."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=server.serve_forever, name="webhook", daemon=True).start()
    return server
