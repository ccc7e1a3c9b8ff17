"""Two at one moment, on both databases: who is overtaken in the middle of a move loses and doubles nothing."""

from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from desk import alerts, conversation, owing, staff, tending, ticket_rows
from desk.alerts import AlertContact, contacts
from desk.channels import Words
from desk.conversation import CONVERSATION, LINK
from desk.reach import How, Reach
from desk.roles import Role
from desk.tending import SUNK_AFTER, Tending
from desk.ticket import CLAIM_LASTS, Outcome, Stage
from errors import Conflict
from store import audit
from store.keys import Keys
from tests.desk.desks import LINK as TOKEN
from tests.desk.desks import House, Mailbox
from tests.desk.made_up import danger, eligible, unsafe
from tests.store.overtaking import overtaken

WORDS = "Where are visits held?"


def write(house: House, text: str = WORDS):
    return house.reception.receive(TOKEN, text, clinic=None, language="en")


def texts(house: House) -> list[str]:
    return [shown.text for shown in house.reception.turns(TOKEN)]


def test_what_is_written_while_another_device_deletes_the_conversation_is_not_deleted_unseen(house: House, monkeypatch):
    house.ask(danger)  # so that the deleted words are kept for staff
    other = overtaken(monkeypatch, conversation, "find", lambda: house.reception.forget(TOKEN))
    write(house)
    other.end()

    if house.store.is_sqlite:  # there the other had to wait, and deleted what was written too
        assert house.reception.open(TOKEN) is None
    else:
        assert texts(house) == [WORDS]


@pytest.mark.parametrize("move", ["leave_reach", "ask_for_person", "forget"])
def test_nothing_is_done_to_a_conversation_that_was_deleted_a_moment_ago(house: House, monkeypatch, move: str):
    house.ask(eligible)
    moves = {
        "leave_reach": lambda: house.reception.leave_reach(TOKEN, Reach(How.PHONE, "615 555 0100")),
        "ask_for_person": lambda: house.reception.ask_for_person(TOKEN),
        "forget": lambda: house.reception.forget(TOKEN),
    }
    other = overtaken(monkeypatch, conversation, "find", lambda: house.reception.forget(TOKEN))
    moves[move]()
    other.end()

    assert other.error is None
    with house.store.reading() as connection:
        gone = connection.execute(sa.select(CONVERSATION).where(CONVERSATION.c.deleted_at.is_not(None))).all()
        assert [row.data_key for row in gone] == [None] * len(gone)
        for row in gone:
            assert ticket_rows.open_one(connection, row.id) is None
        assert sum(one.action == "conversation.deleted" for one in audit.entries(connection)) == len(gone)


def test_of_two_passphrases_put_on_one_link_at_once_only_one_is_promised(house: House, monkeypatch):
    write(house)
    first, second = "a long first one", "a long second one"
    other = overtaken(monkeypatch, conversation, "find", lambda: house.reception.protect(TOKEN, second))
    ours = house.reception.protect(TOKEN, first)
    other.end()

    kept = {first: ours, second: other.answer}
    assert sum(fresh is not None for fresh in kept.values()) == 1
    for passphrase, fresh in kept.items():
        assert (house.reception.unlock(TOKEN, passphrase) is not None) is (fresh is not None)


def test_a_link_unlocked_while_its_conversation_is_deleted_leads_nowhere(house: House, monkeypatch):
    write(house)
    device = house.reception.protect(TOKEN, "a long passphrase")

    class Checking:
        def verify(self, stored: str, passphrase: str) -> bool:
            return True

    checking = Checking()
    monkeypatch.setattr(conversation, "_passphrases", checking)
    other = overtaken(monkeypatch, checking, "verify", lambda: house.reception.forget(device))
    house.reception.unlock(TOKEN, "a long passphrase")
    other.end()

    with house.store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(LINK)).scalar_one() == 0


def test_a_message_that_comes_while_old_words_are_forgotten_stays(house: House, monkeypatch):
    house.reception.record(first := write(house, "long ago"), eligible(first))
    admin = house.hire("Ada", Role.COORDINATOR)
    house.desk.close(admin, 1, Outcome.NOTHING_OWED, 1)
    house.clock.move(days=31)
    tend = Tending(house.store, house.keys, house.clock, {}, keep=timedelta(days=30))  # shortened since
    other = overtaken(monkeypatch, conversation, "expired", lambda: write(house))
    done = tend()
    other.end()

    assert done.forgotten == 0
    assert texts(house) == ["long ago", WORDS]


def test_a_key_that_is_destroyed_while_keys_are_wrapped_again_stays_destroyed(house: House, monkeypatch):
    write(house)
    other = overtaken(monkeypatch, Keys, "rewrap", lambda: house.reception.forget(TOKEN))
    with house.store.writing() as connection:
        conversation.wrap_again(connection, house.keys)
    other.end()

    with house.store.reading() as connection:
        assert connection.execute(sa.select(CONVERSATION.c.data_key)).scalar_one() is None


def test_a_turn_is_recorded_also_while_a_claim_runs_out(house: House, monkeypatch):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(unsafe)
    house.desk.claim(dana, 1, 1)
    received = write(house)
    house.clock.move(seconds=CLAIM_LASTS.total_seconds() + 1)
    other = overtaken(monkeypatch, owing, "joined", house.tend)
    recorded = house.reception.record(received, unsafe(received))
    other.end()

    assert recorded.reference == "F-1"
    assert other.answer.freed == 1
    with house.store.reading() as connection:
        assert ticket_rows.read(connection, 1).stage is Stage.WAITING


def test_a_question_whose_writer_just_came_back_does_not_close_by_itself(house: House, monkeypatch):
    house.ask(eligible)
    house.clock.move(seconds=SUNK_AFTER.total_seconds() + 1)
    other = overtaken(monkeypatch, tending, "from_row", lambda: write(house))
    done = house.tend()
    other.end()

    assert done.ended == 0


def test_two_administrators_who_send_each_other_away_leave_one(house: House, monkeypatch):
    ada, bea = house.hire("Ada", Role.ADMINISTRATOR), house.hire("Bea", Role.ADMINISTRATOR)
    number = {one.name: one.id for one in house.desk.colleagues(ada)}
    other = overtaken(monkeypatch, staff, "_keep_an_administrator", lambda: house.desk.end_account(bea, number["Ada"]))
    house.desk.change_role(ada, number["Bea"], Role.COORDINATOR)
    other.end()

    with house.store.reading() as connection:
        assert Role.ADMINISTRATOR in {one.role for one in staff.everyone(connection)}


@pytest.mark.parametrize(("home", "name"), [(ticket_rows, "held_by"), (staff, "leave")])
def test_nobody_holds_a_ticket_they_took_in_the_moment_their_account_ended(house: House, monkeypatch, home, name: str):
    ada, dana = house.hire("Ada", Role.ADMINISTRATOR), house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    other = overtaken(monkeypatch, home, name, lambda: house.desk.claim(dana, 1, 1))
    house.desk.end_account(ada, 2)
    other.end()

    assert other.error is None or isinstance(other.error, Conflict)  # who came first is up to the two of them
    assert house.desk.bench(ada, 1).ticket.holder is None


def test_a_name_invited_twice_at_once_is_one_account_and_one_is_told(house: House, monkeypatch):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    told: list[Exception] = []
    other = overtaken(monkeypatch, staff, "new_token", lambda: house.desk.invite(ada, "Dana", Role.COORDINATOR))
    try:
        house.desk.invite(ada, "Dana", Role.CLINICIAN)
    except Conflict as error:
        told.append(error)
    other.end()

    told += [other.error] if other.error else []
    assert [type(one) for one in told] == [Conflict]
    assert [one.name for one in house.desk.colleagues(ada)] == ["Ada", "Dana"]


def test_of_two_lists_of_contacts_set_at_once_one_stands_whole(house: House, monkeypatch):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    lists = [tuple(AlertContact(name, "email", "x@example.org") for name in names) for names in ("AB", "CD")]
    other = overtaken(monkeypatch, alerts, "set_contacts", lambda: house.desk.set_contacts(ada, lists[1]))
    house.desk.set_contacts(ada, lists[0])
    other.end()

    with house.store.reading() as connection:
        assert [one.name for one in contacts(connection)] == ["C", "D"]


def test_the_trail_is_whole_also_for_whoever_walks_it_while_it_grows(house: House, monkeypatch):
    write(house)
    other = overtaken(monkeypatch, audit, "_digest", lambda: write(house, "more"))
    with house.store.reading() as connection:
        found = audit.verify(connection)
    other.end()

    assert found.is_whole


def test_a_letter_is_not_sent_twice_because_the_one_before_it_was_slow(house: House):
    class Slow(Mailbox):
        def send(self, address: str, words: Words) -> None:
            super().send(address, words)
            house.clock.move(seconds=90)
            if len(self.letters) == 2:
                beside = Thread(target=house.tend)
                beside.start()
                beside.join()

    house.contacts("Dana")
    house.tend = Tending(house.store, house.keys, house.clock, {"email": (slow := Slow())})
    for link in ("one-link", "another-link"):
        house.ask(eligible, link=link)
    house.tend()

    assert len(slow.letters) == 2


@pytest.mark.parametrize("end", ["close", "close_danger", "clear_care"])
def test_words_that_nobody_has_read_are_not_closed_over(house: House, end: str):
    priya = house.hire("Priya", Role.CLINICIAN)
    house.ask(eligible if end == "close" else danger)
    read = house.desk.bench(priya, 1).up_to
    write(house, "I am on the bridge")
    ends = {
        "close": lambda up_to: house.desk.close(priya, 1, Outcome.SPOKE, up_to),
        "close_danger": lambda up_to: house.desk.close_danger(priya, 1, Outcome.SPOKE, up_to, clear_care=True),
        "clear_care": lambda up_to: house.desk.clear_care(priya, 1, up_to),
    }

    with pytest.raises(Conflict, match="wrote again"):
        ends[end](read)
    ends[end](house.desk.bench(priya, 1).up_to)
