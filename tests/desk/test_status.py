"""Four states, four wordings, each only from its own row; urgent means that somebody knows."""

import socket

import pytest

from desk.alerts import AlertContact
from desk.channels import Smtp, Webhook, Words
from desk.pace import address_of
from desk.promises import Promise, promises, unkept
from desk.reach import How, Reach
from desk.roles import Role
from desk.status import Status
from desk.ticket import Outcome, Stage
from errors import BadInput, Unavailable
from store import outbox
from store.outbox import Fate
from tests.desk.desks import LINK, House
from tests.desk.made_up import MONDAY_NOON, answered, danger, eligible, unsafe
from tests.desk.test_actions import reply
from triage.decision import Care


def test_without_staff_or_channel_nobody_receives_anything(house: House):
    house.ask(danger)
    assert house.lines() == ["saved", "nobody_receives"]

    house.contacts("Priya")  # an administrator that was never let in by a password or a provider
    assert not house.reception.desk().has_staff
    assert house.lines() == ["saved", "nobody_receives"]


def staffed(house: House) -> str:
    """Somebody who can log in, and two people who are told."""
    house.contacts("Priya", "Okafor")
    secret = house.desk.invite(house.sessions["Ada"], "Dana", Role.CLINICIAN)
    house.door.accept(secret, "a longer password")
    session = house.door.log_in("Dana", "a longer password", "10.0.0.1")
    assert isinstance(session, str)
    return session


def test_each_state_is_said_only_once_its_row_is_there(house: House):
    dana = staffed(house)
    house.ask(danger)
    assert house.lines() == ["saved"]

    house.tend()
    assert house.lines() == ["saved", "alerted"]

    house.desk.acknowledge(dana, 1, 1)
    assert house.lines() == ["saved", "alerted", "seen"]
    assert house.status().seen.name == "Dana"

    reply(house, dana)
    assert house.lines() == ["saved", "alerted", "seen", "answered"]


def test_a_channel_that_is_down_alerts_nobody_and_is_tried_again(house: House):
    staffed(house)
    house.mail.is_down = True
    house.ask(danger)
    house.tend()
    assert house.lines() == ["saved"]

    house.mail.is_down = False
    house.clock.move(seconds=31)
    assert house.tend().delivered == 1
    assert house.lines() == ["saved", "alerted"]


def test_a_letter_is_given_up_in_the_end_and_that_is_shown(house: House):
    dana = staffed(house)
    house.mail.is_down = True
    house.ask(unsafe)
    for _ in range(12):
        house.tend()
        house.clock.move(hours=3)

    with house.store.reading() as connection:
        (letter,) = outbox.about(connection, "alert", 1)
    assert (letter.fate, letter.attempts, letter.trouble) == (Fate.GIVEN_UP, 9, "down")
    dana = house.desk.invite_again(house.hire("Bea", Role.ADMINISTRATOR), 2) and house.sessions["Bea"]
    assert house.desk.bench(dana, 1).told[0].fate is Fate.GIVEN_UP


def test_urgent_goes_to_the_next_contact_until_somebody_has_seen_it(house: House):
    dana = staffed(house)
    house.ask(danger)
    house.tend()
    house.clock.move(minutes=14)
    house.tend()
    assert [address for address, _ in house.mail.letters] == ["priya@example.org"]

    house.clock.move(minutes=2)
    house.tend()
    assert [address for address, _ in house.mail.letters] == ["priya@example.org", "okafor@example.org"]
    assert [told.name for told in house.desk.bench(dana, 1).told] == ["Priya", "Okafor"]


def test_what_was_seen_in_time_is_told_to_nobody_else(house: House):
    dana = staffed(house)
    house.ask(danger)
    house.tend()
    house.desk.acknowledge(dana, 1, 1)
    house.clock.move(minutes=30)
    house.tend()

    assert len(house.mail.letters) == 1


def test_more_words_in_danger_do_not_put_the_next_contact_off(house: House):
    staffed(house)
    for _ in range(4):
        house.ask(danger)
        house.tend()
        house.clock.move(minutes=5)
    house.tend()

    assert [address for address, _ in house.mail.letters] == ["priya@example.org", "okafor@example.org"]


def test_danger_after_somebody_looked_and_left_is_told_again(house: House):
    dana = staffed(house)
    house.ask(danger)
    house.tend()
    house.desk.acknowledge(dana, 1, 1)
    house.ask(danger)
    house.tend()

    assert len(house.mail.letters) == 2
    assert house.lines() == ["saved", "alerted"]
    assert list(house.reception.turns(LINK)[0].status.steps()) == ["saved", "alerted", "seen"]


def test_a_routine_ticket_that_becomes_danger_is_told_at_once(house: House):
    dana = staffed(house)
    house.ask(eligible)
    house.tend()
    house.desk.claim(dana, 1, 1)
    house.ask(danger)
    house.tend()

    assert len(house.mail.letters) == 2
    assert house.desk.bench(dana, 1).ticket.is_danger


def test_a_claim_that_runs_out_frees_the_ticket_and_tells_again(house: House):
    dana = staffed(house)
    house.ask(danger)
    house.desk.claim(dana, 1, 1)
    house.clock.move(minutes=31)

    assert house.tend().freed == 1
    assert house.mail.letters
    assert house.desk.bench(dana, 1).ticket.stage is Stage.WAITING


def test_words_written_after_somebody_saw_the_first_ones_are_not_called_seen(house: House):
    dana = staffed(house)
    house.ask(unsafe)
    house.desk.acknowledge(dana, 1, 99)
    house.ask(unsafe)

    first, second = house.reception.turns(LINK)
    assert first.status.seen is not None
    assert second.status.seen is None


def test_an_old_answer_does_not_answer_new_words(house: House):
    dana = staffed(house)
    house.ask(eligible)
    reply(house, dana)
    house.ask(answered)

    assert "answered" not in house.lines()
    assert house.reception.turns(LINK)[0].status.answered is not None


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_jumps_changes_no_order(house: House, hours: int):
    dana = staffed(house)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)
    draft = house.desk.write(dana, 1, "An answer.").draft
    mark = house.desk.preview(dana, draft.id).fingerprint
    if hours < 0:
        house.clock.move(hours=hours)
    house.desk.send(dana, draft.id, mark)
    house.clock.move(hours=hours)
    house.ask(answered)

    first, second = house.reception.turns(LINK)
    assert [one.text for one in first.replies] == ["An answer."]
    assert second.replies == ()
    assert second.status.answered is None


def test_outside_the_hours_it_says_so(house: House):
    staffed(house)
    house.clock.now = MONDAY_NOON.replace(hour=22)
    house.ask(danger)

    assert house.lines() == ["saved", "out_of_hours"]
    assert house.status().opens_at == MONDAY_NOON.replace(day=5, hour=9)


def test_letters_name_no_clinic_no_treatment_and_no_words(house: House):
    staffed(house)
    house.reception.begin(LINK, clinic="Tovani Health", language="es")
    house.reception.leave_reach(LINK, Reach(How.EMAIL, "sam@example.org", "Sam"))
    house.ask(unsafe, "my ketamine words")
    reply(house, house.door.log_in("Dana", "a longer password", "10.0.0.2"), "ketamine words of Dana")
    house.ask(danger, "more ketamine words")
    house.tend()

    assert {address for address, _ in house.mail.letters} == {"sam@example.org", "priya@example.org"}
    for _, words in house.mail.letters:
        for hidden in ("ketamine", "Tovani", "Music City", "Sam", "words", "Dana", "medicine", "suicid", "crisis"):
            assert hidden.lower() not in f"{words.subject} {words.body}".lower()


def test_a_visitor_is_told_of_a_reply_only_if_they_asked_for_it(house: House):
    dana = staffed(house)
    house.ask(unsafe)
    house.tend()
    house.mail.letters.clear()
    reply(house, dana)
    house.tend()
    assert house.mail.letters == []

    house.reception.leave_reach(LINK, Reach(How.EMAIL, "sam@example.org"))
    house.ask(unsafe)
    reply(house, dana, "Again", up_to=2)
    house.tend()
    assert [address for address, words in house.mail.letters if "reply" in words.subject] == ["sam@example.org"]


@pytest.mark.parametrize("address", ["", "no-at-sign", "a@b\r\nBcc: c@d", "a@b, c@d", "x" * 301 + "@example.org"])
def test_an_address_that_could_do_harm_is_refused(house: House, address: str):
    with pytest.raises(BadInput):
        house.reception.leave_reach(LINK, Reach(How.EMAIL, address))


def test_a_question_without_a_way_to_answer_sinks_and_closes_by_itself(house: House):
    dana = staffed(house)
    house.ask(eligible, link="one")
    house.clock.move(minutes=1)
    house.ask(eligible, link="two")
    assert [row.ticket.id for row in house.desk.queue(dana)] == [1, 2]
    house.reception.leave_reach("two", Reach(How.PHONE, "555 0100"))
    assert [row.ticket.id for row in house.desk.queue(dana)] == [2, 1]

    house.clock.move(days=15)
    assert house.tend().ended == 1
    (status,) = house.reception.tickets("one")
    assert status.is_closed
    assert status.steps()[-1] == "closed"


def test_a_danger_ticket_never_closes_by_itself(house: House):
    house.ask(danger)
    house.clock.move(days=400)
    house.tend()

    bea = house.hire("Bea", Role.CLINICIAN)
    assert house.desk.bench(bea, 1).ticket.stage is Stage.WAITING
    assert house.desk.bench(bea, 1).conversation


def test_words_go_when_their_time_is_over(house: House):
    house.ask(answered)
    house.clock.move(days=91)

    assert house.tend().forgotten == 1
    with house.store.reading() as connection:
        from desk.conversation import seal_of

        assert seal_of(connection, house.keys, 1) is None
    assert house.tend().forgotten == 0


def test_a_reply_in_a_danger_conversation_puts_it_with_a_person(house: House):
    dana = staffed(house)
    house.ask(danger)
    reply(house, dana, "I am Dana. I read what you wrote.")
    assert house.reception.open(LINK).care is Care.WITH_A_PERSON

    house.desk.close_danger(dana, 1, Outcome.SPOKE, 1, clear_care=True)
    assert house.reception.open(LINK).care is Care.NONE


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        ("Your words are saved.", Promise.SAVED),
        ("The team has been alerted.", Promise.ALERTED),
        ("We have notified the clinic.", Promise.ALERTED),
        ("Seen by Priya at 23:51.", Promise.SEEN),
        ("A clinician will answer this one.", Promise.RECEIVED),
        ("Someone will contact you.", Promise.BY_A_TIME),
        ("You will hear from us within two hours.", Promise.BY_A_TIME),
        ("We’ll call you.", Promise.BY_A_TIME),
        ("Do not worry, someone is watching this page.", Promise.WATCHED),
        ("This page is monitored around the clock.", Promise.WATCHED),
        ("Help is on the way.", Promise.WATCHED),
        ("Se ha avisado al equipo.", Promise.ALERTED),
        ("Alguien está pendiente.", Promise.WATCHED),
        ("Le llamaremos.", Promise.BY_A_TIME),
        ("Todo va a estar bien.", Promise.BY_A_TIME),
    ],
)
def test_a_promise_is_noticed(text: str, promise: Promise):
    assert promise in {concern.promise for concern in promises(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Nobody is watching this page now. Please do not wait here.",
        "Nobody receives messages on this installation yet.",
        "The article does not say who has been told.",
        "Thank you for asking. The first visit is a conversation.",
        "No hay nadie mirando esta página ahora.",
        "I read what you wrote, and I will ask the clinician about it.",
    ],
)
def test_plain_words_are_left_alone(text: str):
    assert promises(text) == ()


def test_a_promise_is_kept_only_by_its_own_row():
    saved = Status("F-1", MONDAY_NOON)
    told = Status("F-1", MONDAY_NOON, alerted_at=MONDAY_NOON, receives=True)

    assert unkept("Your words are saved.", saved) == ()
    assert unkept("The team has been alerted.", saved)
    assert unkept("The team has been alerted.", told) == ()
    assert unkept("Someone is watching this page.", told)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.9", None, (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "not an address", ("10.0.0.1",), "not an address"),
    ],
)
def test_a_forwarded_address_counts_only_from_a_known_proxy(peer, forwarded, trusted, address):
    assert address_of(peer, forwarded, trusted) == address


def test_mail_is_handed_to_a_real_server_and_a_dead_one_is_unavailable():
    from aiosmtpd.controller import Controller

    got = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 (the library's name)
            got.append((envelope.rcpt_tos, envelope.content.decode()))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    channel = Smtp("127.0.0.1", port, "desk@example.org", encrypted=False)
    channel.send("priya@example.org", Words("One waits", "Reference F-1"))
    controller.stop()

    assert got[0][0] == ["priya@example.org"]
    assert "Reference F-1" in got[0][1]
    with pytest.raises(Unavailable):
        channel.send("priya@example.org", Words("One waits", "Reference F-1"))
    with pytest.raises(Unavailable):
        channel.send("a@b\r\nBcc: c@d", Words("x", "y"))


def test_a_webhook_gets_text_and_a_refusal_is_a_failure():
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if self.path == "/fine" else 500)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    Webhook(f"{at}/fine").send("#desk", Words("One waits", "Reference F-1"))
    with pytest.raises(Unavailable):
        Webhook(f"{at}/broken").send("#desk", Words("One waits", "Reference F-1"))
    server.shutdown()

    assert got[0] == {"text": "One waits\nReference F-1"}
    with pytest.raises(Unavailable):
        Webhook("file:///etc/passwd").send("", Words("x", "y"))


def test_contacts_that_were_replaced_are_told_no_more(house: House):
    staffed(house)
    house.desk.set_contacts(house.sessions["Ada"], (AlertContact("New", "email", "new@example.org"),))
    house.ask(danger)
    house.tend()

    assert [address for address, _ in house.mail.letters] == ["new@example.org"]


def test_the_mark_of_a_conversation_changes_whenever_what_its_visitor_sees_does_and_no_more(house: House):
    dana = staffed(house)
    other = "another-private-link"
    ours = (
        lambda: house.ask(answered),
        lambda: house.ask(danger),
        house.tend,
        lambda: house.desk.acknowledge(dana, 1, 2),
        lambda: house.ask(unsafe),
        lambda: reply(house, dana),
        lambda: house.reception.receive(LINK, "One more.", clinic=None, language="en"),
        lambda: house.contacts(),
        lambda: house.reception.forget(LINK),
    )
    for step in ours:
        mark, turns = house.reception.mark(LINK), house.reception.turns(LINK)
        step()
        assert house.reception.turns(LINK) != turns
        assert house.reception.mark(LINK) != mark

    house.ask(eligible, link=other)
    mark = house.reception.mark(other)
    house.ask(answered)
    assert house.reception.mark(other) == mark
