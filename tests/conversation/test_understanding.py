"""Follow-ups: what carries over when a message leans on the turn before, and what does not."""

import pytest

from conversation.understanding import leans, understand
from triage.decision import Message, Said, Speaker

CLINICS = ("North Clinic", "South Clinic")


def named(text: str) -> frozenset[str]:
    return frozenset(clinic for clinic in CLINICS if clinic.split()[0].lower() in text.lower())


def after(before: str, message: str, clinic: str | None = None):
    history = (Said(Speaker.VISITOR, before), Said(Speaker.PROGRAM, "An answer."))
    return understand(Message(message, history, clinic), clinics=CLINICS, named=named)


@pytest.mark.parametrize(
    "message",
    [
        "and over how long?",
        "why?",
        "what about weekends",
        "in people?",
        "does it hurt",
        "and the other one?",
        "no, i meant the home one",
    ],
)
def test_a_message_that_cannot_stand_alone_leans_on_the_turn_before(message: str):
    question = after("how many visits does north start with", message)

    assert "visits" in question.text
    assert question.understood_as


@pytest.mark.parametrize(
    "message",
    [
        "what does the word anhedonia come from",
        "how is blood pressure monitored during an infusion",
        "who is the doctor at south",
        "thanks. which studies were done in mice",
    ],
)
def test_a_question_of_its_own_leaves_the_turn_before_behind(message: str):
    question = after("how many visits does north start with", message)

    assert question.parts[0].before == ""
    assert question.understood_as == ""


def test_the_clinic_of_the_turn_before_is_kept_by_a_message_that_leans():
    assert after("how many visits does north start with", "and over how long?").clinics == {"North Clinic"}


def test_the_other_one_is_the_other_clinic():
    assert after("how many visits does north start with", "and the other one?").clinics == {"South Clinic"}


def test_the_clinic_chosen_on_the_page_always_holds():
    assert after("how many visits does north start with", "and over how long?", "South Clinic").clinics == {
        "South Clinic"
    }


def test_a_long_story_is_read_for_its_question():
    story = "I used to restore radios. " * 10 + "Now nothing tastes of anything. Is there a name for this?"
    question = understand(Message(story), clinics=CLINICS, named=named)

    assert question.parts[0].text == "Is there a name for this?"
    assert "radios" in question.parts[0].before


def test_two_questions_are_two_parts_and_one_question_with_and_is_one():
    two = understand(Message("how many visits are there and do they have dogs?"), clinics=CLINICS, named=named)
    one = understand(Message("does it help sadness and anxiety"), clinics=CLINICS, named=named)

    assert [part.text for part in two.parts] == ["how many visits are there", "do they have dogs?"]
    assert len(one.parts) == 1


def test_the_first_message_of_a_conversation_leans_on_nothing():
    assert understand(Message("and why?"), clinics=CLINICS, named=named).understood_as == ""


def test_leaning_needs_no_history():
    assert leans("and then?") and not leans("what is the nucleus accumbens in the brain")


@pytest.mark.parametrize(
    "message",
    [
        "hello there, how many visits are there",
        "Good evening. how many visits are there",
        "hi this is Nora Field, nora.field@example.org, phone 555 010 2299. how many visits are there",
        "Thank you! How many visits are there",
    ],
)
def test_a_greeting_and_an_address_are_not_searched_for(message: str):
    question = understand(Message(message), clinics=CLINICS, named=named)

    assert [part.text.lower() for part in question.parts] == ["how many visits are there"]
    assert question.parts[0].before == ""


@pytest.mark.parametrize("message", ["hi!", "thanks", "hey there"])
def test_a_message_that_is_only_a_greeting_is_kept_as_it_is(message: str):
    assert understand(Message(message), clinics=CLINICS, named=named).parts[0].text == message
