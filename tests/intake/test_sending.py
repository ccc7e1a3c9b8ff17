"""The record and a FHIR server that takes it, refuses, answers by half or not at all: stored once, sent until it is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from desk.roles import Role
from desk.tending import Tending
from errors import Unavailable
from intake.rows import RECORD
from intake.sending import Records
from intake.staying import Stays
from store.outbox import PAUSES
from tests.desk.desks import LINK
from tests.desk.made_up import answered as by_documents
from tests.intake.houses import IntakeHouse


class Server:
    """Keeps resources by the identifier they are sent under, as a server with conditional updates does."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.heads: list[dict[str, str]] = []
        self.mood = "well"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = outer.take(dict(self.headers), json.loads(body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/fhir"

    def take(self, head: dict[str, str], bundle: Any) -> tuple[int, bytes]:
        self.heads.append(head)
        if self.mood == "refuses":
            return 422, b'{"resourceType": "OperationOutcome"}'
        entries = []
        for place, entry in enumerate(bundle["entry"]):
            fails = self.mood == "keeps half" and place % 2
            if not fails:
                self.kept[entry["request"]["url"]] = entry["resource"]
            entries.append({"response": {"status": "409 Conflict" if fails else "201 Created"}})
        if self.mood == "answers by half":
            entries = entries[:1]
        if self.mood == "says nothing":
            return 200, b""
        return 200, json.dumps({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).encode()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A FHIR server on this machine."""
    made = Server()
    yield made
    made.close()


def queued(house: IntakeHouse, url: str) -> tuple[Tending, int]:
    """A record on its way."""
    view = house.ready()
    house.ask(by_documents, "Where are visits held?")
    house.hand_over(view)
    house.intake_desk.send_record(house.clinician(), view.intake.id)
    senders = {RECORD: Records(house.store, house.keys, url, "secret-token")}
    return Tending(house.store, house.keys, house.clock, {}, senders=senders), view.intake.id


def test_a_record_is_sent_once_with_every_part_under_its_own_identifier(house: IntakeHouse, server: Server):
    tend, intake = queued(house, server.url)
    house.intake_desk.send_record(house.clinician(), intake)
    tend()
    tend()

    assert len(server.heads) == 1
    assert server.heads[0]["Authorization"] == "Bearer secret-token"
    kinds = [one["resourceType"] for one in server.kept.values()]
    assert kinds.count("QuestionnaireResponse") == 1
    assert kinds.count("Communication") == 3
    sent = house.intake_desk.record(house.clinician(), intake)
    assert (sent.accepted_at, sent.trouble) == (house.clock.now, "")
    house.intake_desk.send_record(house.clinician(), intake)
    tend()
    assert len(server.heads) == 1, "the same answers are not sent again"


@pytest.mark.parametrize("mood", ["refuses", "keeps half", "answers by half", "says nothing"])
def test_half_an_answer_is_none_and_sending_again_stores_nothing_twice(house: IntakeHouse, server: Server, mood: str):
    tend, intake = queued(house, server.url)
    server.mood = mood
    tend()
    sent = house.intake_desk.record(house.clinician(), intake)
    assert sent.accepted_at is None
    assert sent.trouble

    server.mood = "well"
    house.clock.move(minutes=1)
    tend()
    assert house.intake_desk.record(house.clinician(), intake).accepted_at == house.clock.now
    assert len(server.kept) == 4


def test_a_server_that_is_gone_is_tried_again_and_then_given_up_in_the_open(house: IntakeHouse):
    tend, intake = queued(house, "http://127.0.0.1:1/fhir")
    for pause in (*PAUSES, PAUSES[-1]):
        tend()
        house.clock.move(seconds=pause.total_seconds() + 121)
    sent = house.intake_desk.record(house.hire("Okafor", Role.CLINICIAN), intake)

    assert sent.given_up
    assert "did not answer" in sent.trouble


def test_answers_taken_back_are_not_sent_any_more(house: IntakeHouse, server: Server):
    tend, intake = queued(house, server.url)
    house.intakes.take_back(LINK, intake)
    tend()

    assert not server.heads


def test_the_visitor_is_told_of_a_copy_that_taking_back_does_not_reach(house: IntakeHouse, server: Server):
    tend, intake = queued(house, server.url)
    assert house.intakes.view(LINK, intake).stays == Stays()
    server.mood = "keeps half"
    tend()
    assert house.intakes.view(LINK, intake).stays == Stays(copy_tried=True)

    server.mood = "well"
    house.clock.move(minutes=1)
    tend()
    copied = Stays(copied_at=house.clock.now)
    assert house.intakes.view(LINK, intake).stays == copied
    assert house.intakes.take_back(LINK, intake).stays == copied


def test_nothing_is_sent_in_the_clear_or_where_no_server_is_set_up(house: IntakeHouse):
    tend, intake = queued(house, "http://records.example.org/fhir")
    tend()
    assert "https" in house.intake_desk.record(house.clinician(), intake).trouble
    house.intake_desk.has_record = False
    with pytest.raises(Unavailable, match="FOREROOM_FHIR_URL"):
        house.intake_desk.send_record(house.clinician(), intake)
