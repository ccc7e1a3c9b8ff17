"""Rules alone, of questions that only share a word with safety: what means nobody is answered, one's own still reaches a
person."""

import pytest

from triage.decision import Message, Route
from triage.triage import Triage

alone = Triage(None)


@pytest.mark.parametrize(
    "text",
    [
        "Where does the page say how long a session lasts? I must have missed it.",
        "I play the cello and everything in A minor sounds the same now, why?",
        "A bipolar junction transistor amplifies, does dopamine amplify too?",
        "Is pregnancy discussed in either article?",
        "For the patients' council: do the pages list side effects and contraindications at all?",
        "Can it be diagnosed separately, according to the field?",
        "I'd like to begin with the doctor's own admissions: what does he call unknown?",
        "¿Qué llantas me conviene comprar?",
    ],
)
def test_a_word_of_safety_alone_is_answered(text):
    assert not alone(Message(text)).route.needs_person


@pytest.mark.parametrize(
    "text",
    [
        "I missed it last night, should I take two lozenges?",
        "Is ketamine safe in a minor?",
        "Is it safe for me? I am bipolar.",
        "I am pregnant, do the pages say whether I can have it?",
        "What are the side effects?",
        "Could I be diagnosed separately with anhedonia?",
        "I'd like to begin with the infusions.",
        "¿Me conviene la ketamina si tomo litio?",
        "In college I thought the TV was sending me messages.",
        "My throat swelled up the last time I had penicillin, years ago.",
    ],
)
def test_ones_own_question_still_reaches_a_person(text):
    decision = alone(Message(text))

    assert decision.route.needs_person
    assert decision.route is not Route.CRISIS
