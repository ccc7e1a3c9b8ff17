"""Calls to a language model are kept without a word of what was asked; what it may not see is marked."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from conversation.calls import Call, Outcome, Purpose
from desk.model_calls import MODEL_CALL, counts, write_calls
from desk.reach import How, Reach
from desk.reception import Reception
from desk.transcript import Addressee
from store.engine import Store
from store.keys import Keys
from tests.desk.made_up import Clock, answered, eligible, unsafe
from triage.decision import Speaker

TOKEN = "a-private-link-of-somebody"
USED = Call(Purpose.CHOOSE, "made:up", "0123456789ab", Outcome.USED, 400, 12, 0.002, 900)


@pytest.fixture
def reception(store: Store) -> Reception:
    return Reception(store, Keys([Fernet.generate_key().decode()]), Clock())


def say(reception: Reception, text: str, **more):
    return reception.receive(TOKEN, text, clinic=None, language="en", **more)


def test_a_turn_s_calls_are_counted_by_what_came_of_them(reception: Reception, store: Store):
    received = say(reception, "Where are visits held?")
    calls = (USED, USED.ended(Outcome.TIMED_OUT), USED)
    reception.record(received, replace(answered(received), calls=calls, worded_with="made:up"))
    with store.writing() as connection:
        write_calls(connection, (replace(USED, purpose=Purpose.PHRASE),), Clock()())

    with store.reading() as connection:
        found = {(one.purpose, one.outcome): one for one in counts(connection)}
        kept = connection.execute(sa.select(MODEL_CALL.c.message_id, MODEL_CALL.c.prompt)).all()

    assert found[Purpose.CHOOSE, Outcome.USED].calls == 2
    assert found[Purpose.CHOOSE, Outcome.USED].tokens_in == 800
    assert found[Purpose.CHOOSE, Outcome.USED].cost == pytest.approx(0.004)
    assert found[Purpose.CHOOSE, Outcome.TIMED_OUT].calls == 1
    assert found[Purpose.PHRASE, Outcome.USED].calls == 1
    assert sorted(kept, key=str) == [(received.id, USED.prompt)] * 3 + [(None, USED.prompt)]


def test_a_turn_recorded_twice_counts_its_calls_once(reception: Reception, store: Store):
    received = say(reception, "Where are visits held?")
    for _ in range(2):
        reception.record(received, replace(answered(received), calls=(USED,)))

    with store.reading() as connection:
        assert [one.calls for one in counts(connection)] == [1]


def test_a_turn_says_later_which_model_had_a_part_in_it(reception: Reception):
    received = say(reception, "Where are visits held?")
    reception.record(received, replace(answered(received), worded_with="made:up"))

    (shown,) = reception.turns(TOKEN)

    assert shown.turn
    assert shown.turn.worded_with == "made:up"


def test_what_went_to_a_person_is_marked_in_the_history(reception: Reception):
    for text, turn_of in (("Where?", answered), ("With lithium?", unsafe), ("Am I a fit?", eligible)):
        received = say(reception, text)
        reception.record(received, turn_of(received))
    note = say(reception, "for your team only", addressee=Addressee.PERSON)
    reception.record(note, answered(note))
    last = say(reception, "and then?")

    marked = {line.text: line.for_person for line in reception.history(last) if line.speaker is Speaker.VISITOR}

    assert marked == {"Where?": False, "With lithium?": True, "Am I a fit?": True, "for your team only": True}


def test_a_name_from_a_contact_field_is_known_so_that_it_can_be_hidden(reception: Reception):
    received = say(reception, "Where are visits held?")

    assert reception.contacts(received) == ()

    reception.leave_reach(TOKEN, Reach(How.EMAIL, "dana@mail.example.org", "Dana Roth"))

    assert reception.contacts(received) == ("Dana Roth", "dana@mail.example.org")
