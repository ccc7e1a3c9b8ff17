"""What is asked of the page itself: known as such, without hiding danger or what else was asked."""

import pytest

from triage.decision import Message, Reason, Route
from triage.triage import Triage

alone = Triage(None)


@pytest.mark.parametrize(
    "text",
    [
        "are you a real person",
        "Is this a chatbot?",
        "who can see what i write here",
        "hello, is anyone there?",
        "do you save my messages",
        "am i talking to a machine or what",
        "¿eres una persona o un robot?",
        "quién lee lo que escribo",
    ],
)
def test_a_question_about_the_page_is_known_as_one(text: str) -> None:
    decision = alone(Message(text))

    assert decision.route is Route.ANSWER
    assert decision.reasons == (Reason.ABOUT_PAGE,)
    assert decision.asks == ""
    assert not decision.needs_person


@pytest.mark.parametrize(
    "text",
    [
        "is there someone watching me while it goes in",
        "how does it work in the brain",
        "is the treatment room private",
        "who wrote the Nashville article",
        "How long do you keep me there?",
        "¿Quién es Wilma?",
        "what is the home program",
        "We won the dance, all seven of us. I feel nothing. help",
    ],
)
def test_the_clinics_and_the_treatment_are_not_the_page(text: str) -> None:
    assert Reason.ABOUT_PAGE not in alone(Message(text)).reasons


@pytest.mark.parametrize(
    "text",
    [
        "are you a real person? i want to kill myself",
        "is anyone there. i took all of my pills",
        "who reads this, he is hitting me",
    ],
)
def test_danger_comes_before_the_page(text: str) -> None:
    assert alone(Message(text)).route is Route.CRISIS


def test_what_is_asked_beside_it_is_still_asked():
    decision = alone(Message("Is this a bot? How many infusions are there in the first weeks?"))

    assert decision.reasons == (Reason.ABOUT_PAGE,)
    assert decision.asks == "How many infusions are there in the first weeks?"


def test_what_a_person_owes_is_not_lost_behind_it():
    decision = alone(Message("is this private? i take lithium, can i have ketamine"))

    assert decision.route is Route.SAFETY


def test_a_wish_for_a_person_beside_it_is_a_wish_for_a_person():
    decision = alone(Message("Are you a bot? I want to talk to a person."))

    assert decision.needs_person
