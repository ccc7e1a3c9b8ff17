"""The intake on the Ask page, run from app.py: one question at a time, all on one page, review, handing over."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea, TextInput

from desk.pace import Line, Wait
from errors import Unavailable
from intake.engine import State
from intake.intakes import View
from intake.questionnaire import Kind
from intake.rows import Stage
from intake.staying import Stays
from screens.visitor import NO_COOKIE_KEY
from tests.screens.conftest import APP
from tests.screens.fakes import FakeHouse
from tests.screens.test_ask import ask, press, words

Open = Callable[[], AppTest]
LINK = "i" * 43
FIRST = "first-conversation"


@pytest.fixture
def begun(house: FakeHouse) -> AppTest:
    """A page with the first question on it."""
    return resumed(house)


def opened(language: str = "en") -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=30)
    page.session_state[NO_COOKIE_KEY] = LINK
    page.session_state["ask_language"] = language
    return page.run()


def resumed(house: FakeHouse, language: str = "en") -> AppTest:
    """Opens the link and goes on where it was, as another device does."""
    number = house.intakes.begin(LINK, FIRST, language).intake.id
    return press(opened(language), f"intake_resume_{number}")


def view(house: FakeHouse) -> View:
    return house.intakes.mine(LINK)[-1]


def at(page: AppTest) -> str:
    """The question that is on the page."""
    return str(page.session_state["intake_at"])


def write(page: AppTest, text: str) -> AppTest:
    """Types into the box of the question; not sent yet."""
    box(page).set_value(text)
    return page


def box(page: AppTest) -> TextArea | TextInput:
    return next(one for one in (*page.text_area, *page.text_input) if str(one.key).startswith("intake_field_"))


def choose(page: AppTest, place: int) -> AppTest:
    radio = page.radio[0]
    radio.set_value(radio.options[place])
    return page


def kept(house: FakeHouse, key: str) -> list[str]:
    step = view(house).step(key)
    assert step is not None
    return [] if step.entry is None else [value.text for value in step.entry.values]


def test_a_notice_says_who_reads_how_long_and_how_to_delete_before_anything_is_asked(page: Open) -> None:
    notice = press(page(), f"intake_offer_{FIRST}")
    said = words(notice)

    assert "Before you begin" in said
    assert "whoever runs this installation" in said
    assert "90 days" in said
    assert "change or delete them at any time" in said
    assert "Not a validated instrument" in said
    assert not notice.radio
    assert press(notice, "intake_begin").radio


def test_too_many_conversations_from_one_address_are_told_so_before_anything_is_begun(
    page: Open, house: FakeHouse
) -> None:
    house.slow = Wait(Line.CONVERSATIONS, 90)
    waiting = press(press(page(), f"intake_offer_{FIRST}"), "intake_begin")

    assert "wait 90 seconds" in words(waiting)
    assert not waiting.radio


def test_an_answer_is_stored_before_the_next_question_is_shown(begun: AppTest, house: FakeHouse) -> None:
    after = press(choose(begun, 0), "intake_next")

    assert kept(house, "who") == ["For myself"]
    assert at(after) == "adult"
    assert "Question 2 of" in words(after)
    assert "· saved" in words(after)
    assert "Why we ask:" in words(after)


def test_words_are_taken_wherever_an_option_is_offered(begun: AppTest, house: FakeHouse) -> None:
    press(write(begun, "for my neighbour and me"), "intake_next")

    step = view(house).step("who")
    assert step is not None and step.entry is not None
    assert [(value.kind, value.text) for value in step.entry.values] == [(Kind.OWN_WORDS, "for my neighbour and me")]


def test_nothing_written_is_a_quiet_line_and_stays_at_the_question(begun: AppTest) -> None:
    after = press(begun, "intake_next")

    assert "Nothing is written here yet." in words(after)
    assert at(after) == "who"


def test_too_long_an_answer_keeps_its_words_in_the_box(begun: AppTest, house: FakeHouse) -> None:
    after = press(write(begun, "a" * 20_000), "intake_next")

    assert "That has 20,000 characters" in words(after)
    assert len(box(after).value) == 20_000
    assert kept(house, "who") == []


def test_back_keeps_what_is_typed_and_shows_what_was_answered(begun: AppTest, house: FakeHouse) -> None:
    second = press(choose(begun, 0), "intake_next")
    back = press(choose(second, 1), "intake_back")

    assert kept(house, "adult") == ["No"]
    assert at(back) == "who"
    assert back.radio[0].value == view(house).path[0].item.options[0].key


def test_a_question_is_skipped_or_kept_for_a_person_and_neither_counts_as_an_answer(
    begun: AppTest, house: FakeHouse
) -> None:
    press(press(begun, "intake_skip"), "intake_person")

    states = [step.entry.state for step in view(house).path if step.entry is not None]
    assert states == [State.SKIPPED, State.TO_A_PERSON]
    assert view(house).progress.answered == 0


def test_words_typed_before_a_skip_are_there_when_the_visitor_comes_back(begun: AppTest) -> None:
    skipped = press(write(begun, "half a sentence"), "intake_skip")

    assert box(press(skipped, "intake_back")).value == "half a sentence"


def test_a_question_of_theirs_is_answered_and_the_intake_stands_where_it_was(begun: AppTest) -> None:
    second = press(choose(begun, 0), "intake_next")
    after = ask(second, "how many times would i go")

    assert "opens with six infusions" in words(after)
    assert at(after) == "adult"
    assert after.radio


def test_danger_in_an_answer_brings_care_at_once_and_the_intake_waits(begun: AppTest, house: FakeHouse) -> None:
    after = press(write(begun, "i want to kill myself tonight"), "intake_next")
    said = words(after)

    assert "988" in said
    assert "Are you safe right now?" in said
    assert "This waits for now." in said
    assert not after.radio
    assert house.reception.turns(LINK)[-1].reference is not None


def test_danger_that_was_typed_and_skipped_is_met_as_well(begun: AppTest) -> None:
    after = press(write(begun, "i dont want to be here anymore"), "intake_skip")

    assert "Are you safe right now?" in words(after)
    assert not after.radio


def test_when_nothing_can_be_stored_the_words_stay_and_danger_is_met(
    begun: AppTest, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise Unavailable("The database is not there.")

    monkeypatch.setattr(house.intakes, "answer", broken)
    calm = press(write(begun, "for my mother"), "intake_next")
    assert "This could not be saved." in words(calm)
    assert box(calm).value == "for my mother"

    assert "Are you safe right now?" in words(press(write(calm, "i dont want to be here anymore"), "intake_next"))


def test_the_slower_of_two_devices_sees_both_answers_and_loses_none(begun: AppTest, house: FakeHouse) -> None:
    other = resumed(house)
    press(choose(other, 1), "intake_next")
    drawn_again = begun.run()  # by itself; the other's answer is not put into the box that is being written in
    assert drawn_again.radio[0].value is None
    slower = press(write(drawn_again, "for myself, mostly"), "intake_next")

    assert "answered on another device" in words(slower)
    assert "For somebody else" in words(slower)
    assert box(slower).value == "for myself, mostly"
    assert kept(house, "who") == ["For somebody else"]

    press(slower, "intake_next")
    assert "for myself, mostly" in kept(house, "who")


def test_leaving_saves_what_is_typed_and_the_link_brings_it_back(begun: AppTest, house: FakeHouse) -> None:
    left = press(write(begun, "for my sister"), "intake_leave")
    assert "1 of 14 questions seen to" in words(left)

    assert kept(house, "who") == ["for my sister"]
    assert at(resumed(house)) == "adult"


@pytest.mark.parametrize("way", ["intake_review", "intake_all_on"])
def test_what_is_typed_is_kept_on_every_way_on(begun: AppTest, house: FakeHouse, way: str) -> None:
    press(write(begun, "for my sister"), way)

    assert kept(house, "who") == ["for my sister"]


def test_all_questions_on_one_page_are_the_same_answers(begun: AppTest, house: FakeHouse) -> None:
    page = press(press(choose(begun, 0), "intake_next"), "intake_all_on")
    assert page.radio[0].value is not None

    brings = next(one for one in page.text_area if "_brings_words" in str(one.key))
    after = brings.set_value("It is grey.").run()
    assert kept(house, "brings") == ["It is grey."]
    assert at(press(after, "intake_all_off")) == "adult"

    brings = next(one for one in press(after, "intake_all_on").text_area if "_brings_words" in str(one.key))
    brings.set_value("").run()
    step = view(house).step("brings")
    assert step is not None and step.entry is not None and step.entry.state is State.SKIPPED


def test_nothing_is_handed_over_without_consent_or_without_what_is_needed(begun: AppTest, house: FakeHouse) -> None:
    review = press(begun, "intake_review")
    refused = press(review, "intake_hand_over")
    assert "Without your agreement nothing is handed over." in words(refused)

    missing = press(_agree(refused), "intake_hand_over")
    assert "Before you hand it over, this needs an answer" in words(missing)
    assert view(house).intake.stage is Stage.OPEN


def test_what_was_handed_over_shows_its_own_row_and_can_be_taken_back_and_deleted(house: FakeHouse) -> None:
    handed = _handed_over(house)
    assert f"reference F-{view(house).intake.ticket}" in words(handed)
    assert "You handed over your answers." in words(handed)
    assert not [one for one in handed.button if str(one.key).startswith("intake_change_")]

    back = press(handed, "intake_take_back")
    assert view(house).intake.stage is Stage.TAKEN_BACK
    changed = press(back, "intake_change_who")
    assert at(press(choose(changed, 1), "intake_next")) == ""

    back.checkbox(key="intake_sure").check().run()
    press(back, "intake_delete_yes")
    assert house.intakes.mine(LINK) == ()


def test_beside_taking_back_and_deleting_stands_what_they_do_not_reach(
    house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.intakes.what_stays", lambda *_: Stays(True, datetime(2026, 5, 4, 14, 30, tzinfo=UTC)))
    house.intake_desk.has_record = True
    review = press(resumed(house), "intake_review")
    assert "What sounded like danger was kept as a message too." in words(review)
    assert "record system took a copy at" in words(review)
    assert "may also put a copy into a record system" in words(review)


def test_the_intake_is_in_spanish_from_the_notice_to_the_handing_over(house: FakeHouse) -> None:
    notice = press(opened("es"), f"intake_offer_{FIRST}")
    assert "Antes de empezar" in words(notice)
    first = press(notice, "intake_begin")
    assert "Por qué lo preguntamos:" in words(first)
    assert first.radio[0].options == ["Por mí", "Por otra persona"]

    assert "Revise sus respuestas" in words(press(first, "intake_review"))


def test_a_follow_up_that_staff_asked_for_waits_on_the_page(house: FakeHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    _handed_over(house)
    _ask_follow_up(house)
    later = datetime.now(UTC) + timedelta(weeks=4, days=1)
    monkeypatch.setattr(house.intakes, "_clock", lambda: later)
    page = opened()
    assert "The clinic asks you a few questions: Follow-up." in words(page)

    wanted = next(str(one.key) for one in page.button if str(one.key).startswith("intake_asked_"))
    first = press(press(page, wanted), "intake_begin")
    assert "interest" in at(first)


def test_a_step_takes_at_most_a_fifth_of_a_second_on_the_server(house: FakeHouse) -> None:
    number = house.intakes.begin(LINK, FIRST, "en").intake.id
    taken = []
    while (step := view(house).next()) is not None and len(taken) < 40:
        start = time.process_time()
        house.intakes.skip(LINK, number, step.key)
        house.intakes.mine(LINK)
        taken.append(time.process_time() - start)

    assert sorted(taken)[len(taken) * 9 // 10] < 0.2


def _agree(page: AppTest) -> AppTest:
    return next(one for one in page.checkbox if str(one.key).startswith("intake_consent_")).check().run()


def _handed_over(house: FakeHouse) -> AppTest:
    second = press(choose(resumed(house), 0), "intake_next")
    third = press(choose(second, 0), "intake_next")
    return press(_agree(press(third, "intake_review")), "intake_hand_over")


def _ask_follow_up(house: FakeHouse) -> None:
    from desk import staff
    from desk.roles import Role

    with house.intake_desk._store.writing() as connection:
        person, _ = staff.invite(connection, "Priya", Role.CLINICIAN, datetime.now(UTC))
        session = staff.open_session(connection, person.id, datetime.now(UTC))
    ticket = view(house).intake.ticket
    assert ticket is not None
    house.intake_desk.ask_follow_up(session, ticket, "follow-up", 4)
