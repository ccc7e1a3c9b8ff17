"""The Ask page, run from app.py: what is on it after what was done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from desk.drafting import Reply
from desk.roles import Role
from desk.shown import Shown
from desk.status import Seen, Status
from knowledge.library import Library
from screens import ask as ask_page
from screens.visitor import NO_COOKIE_KEY
from tests.screens.fakes import FakeHouse

Open = Callable[[], AppTest]
AT = datetime(2026, 3, 2, 23, 42, tzinfo=UTC)


def words(page: AppTest) -> str:
    """Everything on the page that is ours: HTML, buttons, inputs."""
    html = [element.proto.body for element in page.get("html")]
    buttons = [button.label for button in page.button]
    return "\n".join([*html, *buttons, *(box.placeholder for box in page.chat_input)])


def ask(page: AppTest, text: str) -> AppTest:
    assert not page.exception
    page = page.chat_input[0].set_value(text).run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def test_the_empty_page_says_what_it_is_who_reads_and_how_long_it_is_kept(page: Open) -> None:
    shown = words(page())

    assert "Not a clinician." in shown
    assert "Nobody receives messages here yet" in shown
    assert "90 days" in shown
    assert "Leave this page" in shown
    assert "does not belong to either clinic" in shown
    assert "tel:" in shown


def test_an_answer_names_its_clinics_and_each_sentence_has_a_chip(page: Open) -> None:
    after = ask(page(), "how many times would i go")
    shown = words(after)

    assert "From our summaries of the clinics’ articles:" in shown
    assert shown.count('class="document"') == 4
    assert [button.key for button in after.button if str(button.key).startswith("chip_")] == [
        f"chip_1_{number}" for number in (1, 2, 3, 4)
    ]


def test_a_digests_sentences_stand_without_quotation_marks(page: Open) -> None:
    shown = words(ask(page(), "how many times would i go"))

    assert "“The standard" not in shown


def test_a_suggested_question_is_asked_as_if_it_was_typed(page: Open, house: FakeHouse) -> None:
    after = press(page(), "ask_suggestion_two")

    token = after.session_state[NO_COOKIE_KEY]
    assert [turn.text for turn in house.reception.turns(token)] == ["What happens in a treatment?"]


def test_a_chip_opens_the_reader_at_the_very_sentence_and_close_closes_it(page: Open) -> None:
    after = press(ask(page(), "how many times would i go"), "chip_1_1")
    shown = words(after)

    assert "<mark>The standard protocol at Music City Ketamine opens with six infusions" in shown
    assert "Clinic practice, reported by the clinic." in shown
    assert "Not reviewed by the clinic or a clinician." in shown
    assert "When Nothing Feels Good Anymore" in shown

    closed = press(after, "ask_reader_close")
    assert "<mark>" not in words(closed)


def test_an_original_names_its_title_its_page_and_the_address_it_was_saved_from(page: Open, house: FakeHouse) -> None:
    tovani = house.library.sources["tovani"]
    leaflet = replace(
        tovani,
        digest_of=None,
        title="Leaflet for patients",
        author="",
        date="2026-04-01",
        address="https://clinic.example/leaflet",
        saved_on="2026-05-02",
        passages=tuple(replace(passage, page=4) for passage in tovani.passages),
    )
    house.library = Library.of([house.library.sources["mck"], leaflet])

    shown = words(press(ask(page(), "how many times would i go"), "chip_1_3"))

    assert "“Leaflet for patients”, 2026-04-01." in shown
    assert "Page 4 of the file." in shown
    assert "Saved from https://clinic.example/leaflet on 2026-05-02." in shown
    assert "in our words" not in shown[shown.index("provenance") :]


def test_a_new_question_closes_the_reader(page: Open) -> None:
    after = press(ask(page(), "how many times would i go"), "chip_1_1")

    assert "<mark>" not in words(ask(after, "is there parking"))


def test_older_turns_are_drawn_once_for_a_new_message(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, draw = list[int](), ask_page.thread

    def counted(turns: tuple[Shown, ...], *given: Any, **more: Any) -> None:
        drawn.append(len(turns))
        draw(turns, *given, **more)

    after = ask(page(), "how many times would i go")
    monkeypatch.setattr(ask_page, "thread", counted)
    shown = words(ask(after, "is there parking"))

    assert drawn == [2]
    assert shown.count('class="said-by-you"') == 2


def test_next_source_goes_round(page: Open) -> None:
    after = press(ask(page(), "how many times would i go"), "chip_1_4")

    assert "Next source, 1" in words(after)
    assert 'open" lang="en"' in words(press(after, "ask_reader_next"))


def test_a_study_is_named_as_one_that_was_not_read(page: Open) -> None:
    after = press(ask(page(), "what was seen in mice"), "chip_1_1")

    assert "The study itself was not read." in words(after)


def test_a_changed_source_says_so_instead_of_showing_a_wrong_place(page: Open, house: FakeHouse) -> None:
    after = ask(page(), "how many times would i go")
    mck = house.library.sources["mck"]
    house.library = Library.of([replace(mck, text=mck.text.replace("six infusions", "ten infusions"))])

    after = after.run()
    assert any(button.label.startswith("Source changed") for button in after.button)
    opened = words(press(after, "chip_1_1"))
    assert "This document has changed since the answer." in opened
    assert "<mark>" not in opened


def test_what_the_documents_do_not_say_can_be_left_for_a_person_with_one_tap(page: Open) -> None:
    after = ask(page(), "is there parking")
    assert "The documents do not say this." in words(after)
    assert "Looked in: Music City Ketamine (digest 1), Tovani Health (digest 1)." in words(after)

    left = words(press(after, "ask_leave_1"))
    assert 'class="ref">F-1<' in left
    assert "Send this question to a person" not in left


def test_safety_shows_no_sentence_of_a_document_and_only_what_was_stored(page: Open) -> None:
    shown = words(ask(page(), "i take lamictal, could i still do this?"))

    assert 'class="document"' not in shown
    assert "Saved at" in shown
    assert "F-1" in shown
    assert "Nobody receives messages on this installation yet." in shown
    assert "This one needs a clinician." in shown
    assert "alerted" not in shown
    assert "do not start, stop or change a medicine" in shown


def test_eligibility_may_show_where_a_clinic_works_below_the_handover(page: Open) -> None:
    shown = words(ask(page(), "i am in Ohio, can i"))

    assert "This one needs a clinician." in shown
    assert "Florida and New Jersey" in shown


def test_outside_staffed_hours_it_says_so_and_what_to_do_meanwhile(page: Open, house: FakeHouse) -> None:
    house.reception.statuses[1] = Status("F-9", AT, receives=True, is_staffed=False, opens_at=AT + timedelta(days=3))
    shown = words(ask(page(), "i take lamictal, could i still do this?"))

    assert "Nobody is at the desk now. It opens " in shown
    assert "your private link brings you back" in shown


def test_where_clinics_have_people_of_their_own_the_visitor_is_asked_which(page: Open, house: FakeHouse) -> None:
    status = Status("F-9", AT, receives=False, choose_from=("Music City Ketamine", "Tovani Health"))
    house.reception.statuses[1] = status
    opened = ask(page(), "i take lamictal, could i still do this?")

    assert "Which clinic should read this?" in words(opened)
    assert "Nobody receives messages" not in words(opened)
    assert [one.label for one in opened.button if "which" in str(one.key)] == ["Music City Ketamine", "Tovani Health"]


@pytest.mark.parametrize(
    ("status", "reached"),
    [
        (Status("F-9", AT, receives=True), ["Saved for the team, reference"]),
        (
            Status("F-9", AT, alerted_at=AT, receives=True),
            ["Saved for the team, reference", "The team has been alerted"],
        ),
        (
            Status("F-9", AT, AT, Seen("Dana", AT), receives=True),
            ["Saved for the team, reference", "The team has been alerted", "Seen by Dana"],
        ),
        (Status("F-9", AT, None, Seen("Dana", AT), receives=True), ["Saved for the team, reference", "Seen by Dana"]),
        (
            Status("F-9", AT, AT, Seen("Dana", AT), Seen("Dana", AT), receives=True),
            ["Saved for the team, reference", "The team has been alerted", "Seen by Dana", "Answered at"],
        ),
    ],
)
def test_a_step_is_filled_only_by_its_own_row(page: Open, house: FakeHouse, status: Status, reached: list[str]) -> None:
    house.reception.statuses[1] = status
    shown = words(ask(page(), "i take lamictal, could i still do this?"))

    filled = shown.split('<li class="reached">')[1:]
    assert [any(step in part.split("</li>")[0] for part in filled) for step in reached] == [True] * len(reached)
    assert len(filled) == len(reached)


def test_danger_brings_the_care_block_and_no_other_card(page: Open) -> None:
    after = ask(page(), "i dont want to be here anymore")
    shown = words(after)

    assert "Are you safe right now?" in shown
    assert "tel:" in shown
    assert "sms:" in shown
    assert "Nobody is watching this page now. Please do not wait here." in shown
    assert 'class="danger-line"' not in shown
    assert 'class="document"' not in shown
    assert after.chat_input[0].placeholder == "You can keep writing here"


def test_a_choice_in_the_care_block_is_sent_as_the_visitors_words(page: Open, house: FakeHouse) -> None:
    after = press(ask(page(), "i dont want to be here anymore"), "ask_safe_1_1")

    token = after.session_state[NO_COOKIE_KEY]
    assert len(house.reception.turns(token)) == 2
    assert not [button.key for button in after.button if str(button.key).startswith("ask_safe_1_")]


def test_a_persons_reply_is_signed_and_the_box_writes_back(page: Open, house: FakeHouse) -> None:
    house.reception.replies[1] = (Reply(4, "Dana Whitfield", Role.CLINICIAN, AT, "Bring the <b>list</b>."),)
    after = ask(page(), "i take lamictal, could i still do this?")
    shown = words(after)

    assert "Dana Whitfield" in shown
    assert "Bring the &lt;b&gt;list&lt;/b&gt;." in shown
    assert "Did this help?" in shown
    assert after.chat_input[0].placeholder == "Write back to Dana"


def test_what_is_typed_is_shown_as_text_whatever_it_holds(page: Open) -> None:
    shown = words(ask(page(), "<img src=x onerror=alert(1)> \u202egnp **bold** \x00 [a](javascript:b)"))

    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "\u202e" not in shown
    assert "\x00" not in shown


def test_words_that_could_not_be_stored_go_back_into_the_box(page: Open, house: FakeHouse) -> None:
    house.is_broken = True
    opened = page()
    after = opened.chat_input[0].set_value("is there parking").run()

    assert not after.exception
    assert "Your words are still in the box." in words(after)
    assert "Saved at" not in words(after)


def test_danger_is_met_even_when_nothing_can_be_stored(page: Open, house: FakeHouse) -> None:
    house.is_broken = True
    opened = page()
    after = opened.chat_input[0].set_value("i dont want to be here anymore").run()
    shown = words(after)

    assert not after.exception
    assert "Are you safe right now?" in shown
    assert "Nobody is watching this page now." in shown
    assert "reference" not in shown


def test_a_spanish_message_brings_a_spanish_frame_and_marks_the_sentences_as_english(page: Open) -> None:
    after = ask(page(), "¿cuántas sesiones son?")
    shown = words(after)

    assert "De nuestros resúmenes" in shown
    assert 'class="document" lang="en"' in shown
    assert after.chat_input[0].placeholder == "Pregunte por el tratamiento"


def test_answering_by_words_alone_is_said_until_the_model_is_there(page: Open, house: FakeHouse) -> None:
    house.is_ready = False
    after = ask(page(), "by words alone please")
    assert "Still loading." in words(after)

    house.is_ready = True
    assert "Still loading." not in words(after.run())


def test_who_asks_what_this_is_reads_that_it_is_a_program_and_who_reads_it(page: Open) -> None:
    shown = words(ask(page(), "are you a real person?"))

    assert "You are writing to a program. It is not a person and not a clinician." in shown
    assert "Nobody receives messages here yet" in shown
    assert "90 days" in shown
    assert 'class="document"' not in shown


def test_asking_for_a_person_needs_no_reason(page: Open, house: FakeHouse) -> None:
    opened = page()
    opened.session_state["ask_a_person"] = True
    opened = opened.run()
    submit = next(button for button in opened.button if button.label == "Send to a person")
    after = submit.click().run()

    assert not after.exception
    assert "F-1" in words(after)


def test_a_deleted_conversation_is_gone_from_the_page(page: Open, house: FakeHouse) -> None:
    after = ask(page(), "is there parking")
    token = after.session_state[NO_COOKIE_KEY]
    after = after.checkbox(key="ask_delete").check().run()
    after = press(after, "ask_delete_yes")

    assert "Your conversation is deleted." in words(after)
    assert house.reception.turns(token) == ()


def test_what_was_retrieved_is_shown_only_on_a_workbench(page: Open, house: FakeHouse) -> None:
    after = ask(page(), "how many times would i go")
    assert not after.expander

    house.settings = replace(house.settings, workbench=True)
    assert [panel.label for panel in after.run().expander] == ["Retrieved (workbench)"]
