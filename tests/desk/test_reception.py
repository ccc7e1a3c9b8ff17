"""Messages, turns and tickets at the front desk, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from desk import conversation
from desk.conversation import CONVERSATION, LINK, hashed
from desk.reception import Reception
from desk.ticket_rows import TICKET
from desk.transcript import MESSAGE, Addressee
from errors import BadInput, NotAllowed, Unavailable
from store import audit
from store.engine import Store
from store.keys import Keys
from tests.desk.made_up import Clock, answered, danger, eligible, unsafe
from triage.decision import Care, Reason, Said, Speaker

TOKEN = "a-private-link-of-somebody"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> Keys:
    return Keys([Fernet.generate_key().decode()])


@pytest.fixture
def reception(store: Store, keys: Keys, clock: Clock) -> Reception:
    return Reception(store, keys, clock)


def say(reception: Reception, text: str = "Where are visits held?", token: str = TOKEN, **more):
    return reception.receive(token, text, clinic=None, language="en", **more)


def test_a_turn_comes_back_exactly_as_it_was_recorded(reception: Reception):
    received = say(reception, "Where are visits held?\x00 <b>\u202e\ud800")
    turn = answered(received)
    reception.record(received, turn)

    (shown,) = reception.turns(TOKEN)

    assert shown.turn == turn
    assert shown.text == received.text
    assert shown.at == received.at
    assert shown.reference is None


def test_a_message_is_readable_before_its_turn_is_recorded_and_is_picked_up_again(reception: Reception):
    received = say(reception)

    assert [shown.turn for shown in reception.turns(TOKEN)] == [None]
    assert reception.unfinished() == (received,)

    reception.record(received, answered(received))
    assert reception.unfinished() == ()


def test_recording_a_turn_twice_keeps_the_first(reception: Reception):
    received = say(reception)
    first = reception.record(received, unsafe(received))
    second = reception.record(received, answered(received))

    assert second == first
    assert len(reception.turns(TOKEN)) == 1


def test_a_send_that_is_repeated_is_one_message(reception: Reception):
    first = say(reception, client_key="k1")
    again = say(reception, client_key="k1")
    other = say(reception, client_key="k2")

    assert again == first
    assert other.number == 2


def test_what_was_typed_stands_nowhere_in_the_database_in_the_clear(reception: Reception, store: Store):
    received = say(reception, "my secret words")
    reception.record(received, unsafe(received))
    reception.ask_for_person(TOKEN, note="another secret")

    with store.reading() as connection:
        for table in sa.inspect(store.engine).get_table_names():
            for row in connection.execute(sa.text(f'select * from "{table}"')):
                assert "secret" not in str(row)
                assert "my pills" not in str(row)
                assert TOKEN not in str(row)


@pytest.mark.parametrize("made", [eligible, unsafe, danger])
def test_a_message_for_a_person_gets_a_reference_at_once(reception: Reception, made):
    received = say(reception)

    assert reception.record(received, made(received)).reference == "F-1"
    assert reception.turns(TOKEN)[0].reference == "F-1"


def test_an_answered_question_makes_no_ticket(reception: Reception):
    received = say(reception)

    assert reception.record(received, answered(received)).reference is None


def test_a_burst_of_messages_is_one_ticket_with_all_its_reasons(reception: Reception, store: Store):
    for made in (eligible, unsafe, danger, eligible):
        received = say(reception)
        assert reception.record(received, made(received)).reference == "F-1"

    with store.reading() as connection:
        row = connection.execute(sa.select(TICKET)).one()
    assert row.route == "crisis"
    assert row.urgency == "now"
    assert set(row.reasons) == {"candidate", "medicine", "suicide"}


def test_care_stays_on_the_conversation(reception: Reception):
    received = say(reception)
    reception.record(received, danger(received))

    found = reception.open(TOKEN)
    assert found is not None and found.care is Care.ASKED
    assert say(reception).care is Care.ASKED


def test_an_answer_made_before_danger_was_read_is_held_back(reception: Reception):
    harmless, grave = say(reception), say(reception)
    reception.record(grave, danger(grave))
    recorded = reception.record(harmless, answered(harmless))

    assert recorded.silent
    assert recorded.turn.statements == ()
    found = reception.open(TOKEN)
    assert found is not None and found.care is Care.ASKED


def test_nobody_opens_a_conversation_without_its_link(reception: Reception):
    say(reception)

    for guess in ("", "other", TOKEN.upper(), hashed(TOKEN), TOKEN + "\x00", "x" * 10_000, "' or 1=1 --", "\ud800"):
        assert reception.open(guess) is None
        assert reception.turns(guess) == ()


def test_an_expired_link_leads_nowhere_and_a_new_message_starts_afresh(reception: Reception, clock: Clock):
    say(reception, "old words")
    clock.move(days=91)

    assert reception.open(TOKEN) is None
    assert say(reception, "new words").number == 1
    assert [shown.text for shown in reception.turns(TOKEN)] == ["new words"]


def test_a_link_lives_on_with_every_message(reception: Reception, clock: Clock):
    for _ in range(4):
        say(reception)
        clock.move(days=60)

    assert len(reception.turns(TOKEN)) == 4


def test_deleting_a_conversation_destroys_its_key(reception: Reception, store: Store):
    received = say(reception)
    reception.record(received, eligible(received))
    forgotten = reception.forget(TOKEN)

    assert forgotten is not None and forgotten.words_destroyed
    assert reception.open(TOKEN) is None
    with store.reading() as connection:
        assert connection.execute(sa.select(CONVERSATION.c.data_key)).scalar_one() is None
        assert connection.execute(sa.select(LINK)).all() == []
        assert connection.execute(sa.select(TICKET.c.outcome)).scalar_one() == "deleted_by_the_visitor"
    assert reception.forget(TOKEN) is None


def test_deleting_with_an_open_danger_ticket_says_that_the_words_are_kept(reception: Reception, store: Store):
    received = say(reception)
    reception.record(received, danger(received))
    forgotten = reception.forget(TOKEN)

    assert forgotten is not None and not forgotten.words_destroyed and forgotten.reference == "F-1"
    assert reception.turns(TOKEN) == ()
    with store.reading() as connection:
        assert connection.execute(sa.select(CONVERSATION.c.data_key)).scalar_one() is not None


def test_a_turn_that_ends_after_its_conversation_was_deleted_is_not_kept(reception: Reception):
    received = say(reception)
    reception.forget(TOKEN)

    with pytest.raises(Unavailable):
        reception.record(received, answered(received))
    assert reception.unfinished() == ()


def test_a_new_message_after_deleting_is_a_new_conversation(reception: Reception):
    first = say(reception)
    reception.forget(TOKEN)

    assert say(reception).conversation != first.conversation


def test_a_protected_link_opens_only_with_its_passphrase(reception: Reception, clock: Clock):
    say(reception)
    here = reception.protect(TOKEN, "a long passphrase")

    assert here is not None
    assert len(reception.turns(here)) == 1
    assert reception.turns(TOKEN) == ()
    with pytest.raises(NotAllowed):
        say(reception)
    assert reception.unlock(TOKEN, "another") is None
    fresh = reception.unlock(TOKEN, "a long passphrase")
    assert fresh is not None and len(reception.turns(fresh)) == 1
    clock.move(hours=13)
    assert reception.turns(fresh) == ()


def test_one_tap_leaves_a_question_once(reception: Reception):
    received = say(reception)
    reception.record(received, answered(received))

    assert reception.leave_question(TOKEN, received.id).reference == "F-1"
    assert reception.leave_question(TOKEN, received.id).reference == "F-1"
    assert reception.turns(TOKEN)[0].reference == "F-1"


def test_a_note_for_a_person_is_a_message_that_waits_for_triage(reception: Reception, store: Store):
    asked = reception.ask_for_person(TOKEN, note="Please call me Sam")

    assert asked.received is not None and asked.received.addressee is Addressee.PERSON
    assert reception.unfinished() == (asked.received,)
    recorded = reception.record(asked.received, answered(asked.received))
    assert recorded.silent and recorded.reference == asked.reference
    with store.reading() as connection:
        assert Reason.ASKED_FOR_A_PERSON in connection.execute(sa.select(TICKET.c.reasons)).scalar_one()


def test_somebody_elses_message_cannot_be_handed_over(reception: Reception):
    received = say(reception, token="someone-else")
    reception.record(received, answered(received))

    with pytest.raises(Exception, match="not in this conversation"):
        reception.ask_for_person(TOKEN, received.id)


def test_history_is_what_was_said_before(reception: Reception):
    first = say(reception, "one")
    reception.record(first, answered(first))
    second = say(reception, "two")

    assert reception.history(second) == (
        Said(Speaker.VISITOR, "one"),
        Said(Speaker.PROGRAM, "Visits take place at the clinic."),
    )


@pytest.mark.parametrize("text", ["", "   \n", "x" * 50_001])
def test_nothing_and_far_too_much_are_refused_in_words(reception: Reception, text: str):
    with pytest.raises(BadInput):
        say(reception, text)


def test_many_senders_at_once_lose_and_double_nothing(reception: Reception, store: Store):
    with ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda n: say(reception, f"message {n}", client_key=str(n // 2)), range(40)))

    assert len({one.id for one in received}) == 20
    with store.reading() as connection:
        numbers = connection.execute(sa.select(MESSAGE.c.number).order_by(MESSAGE.c.number)).scalars().all()
        assert numbers == list(range(1, 21))
        assert audit.verify(connection).is_whole


def test_a_link_opened_twice_at_one_moment_leads_to_one_conversation_with_every_word(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
):
    look, said = conversation.find, []
    other = Thread(target=lambda: said.append(say(reception, "the other's")))

    def look_and_be_overtaken(*wanted):
        found = look(*wanted)
        if other.ident is None:
            other.start()
            other.join(0.5)  # where a writer waits for another, it comes after us
        return found

    monkeypatch.setattr(conversation, "find", look_and_be_overtaken)
    said.append(say(reception, "the first's"))
    other.join()

    assert len({one.conversation for one in said}) == 1
    assert {shown.text for shown in reception.turns(TOKEN)} == {"the first's", "the other's"}


def test_times_are_aware_and_in_utc(reception: Reception, clock: Clock):
    received = say(reception)

    assert reception.turns(TOKEN)[0].at == received.at == clock.now
    assert reception.turns(TOKEN)[0].at.utcoffset() == timedelta(0)
