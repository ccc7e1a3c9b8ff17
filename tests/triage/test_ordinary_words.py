"""Ordinary talk that shares its words with questions of safety calls no person by rules; the questions do."""

import pytest

from triage.decision import Route
from triage.triage import rules

ORDINARY = (
    "I told my wife about your page and she laughed. How many visits is it?",
    "The room is tiny where I live, so I read outside. What is anhedonia?",
    "Give me strength, this form is long. Who wrote the article?",
    "That film hurt me, in a good way. What does the study say about joy?",
    "She was walking alone in the park when it started to rain.",
    "For a moment I thought I was the only one who read footnotes.",
    "It is a minor point, but the date in the article looks odd to me.",
    "I met her in high school and we still write to each other.",
    "It doesn't get loud enough, and you can keep it in your pocket.",
    "You can't go wrong with soup. What is the paper about?",
    "My new phone refuses to load your page about the mice.",
    "My heart beats faster when that song comes on. Is there music?",
    "Nine months of rain and the whole village fell in love with whisky.",
    "He drove me mad at breakfast with the radio. Who runs the study?",
    "The brush strokes in that painting are lovely.",
    "I can hear their voices from the choir next door.",
    "Is there a good charger that is compatible with my laptop?",
    "I allow peanuts at my table and nothing else.",
    "She picks me up from work on Fridays and we talk about books.",
    "Could I stay awake and look out of the window while it runs?",
    "My sister refuses to admit the garden looks better this year.",
    "Tengo que aceptar que el verano se acaba. ¿De qué trata el artículo?",
)


@pytest.mark.parametrize("message", ORDINARY)
def test_ordinary_words_are_no_question_of_safety(message: str):
    assert not [v for v in rules()(message).verdicts if v.route is Route.SAFETY]


OWED = (
    ("Does there have to be a grown-up here, or do I need to have someone here with me?", "alone_at_home"),
    ("do i need to have somebody in the house", "alone_at_home"),
    ("Can I do it alone if I keep my phone close?", "alone_at_home"),
    ("How would I get home from your clinic on my own?", "driving"),
    ("how do we get back from the clinic without a car", "driving"),
    ("Mi hija me apuntó al tratamiento y yo no quiero ir.", "consent"),
    ("No quiero la ketamina, ¿tengo que aceptarla?", "consent"),
    ("My husband refuses to have the treatment. Can you make him have it?", "consent"),
    ("Can I say no once the drip is in?", "consent"),
    ("how bad could it get, and might somebody be left with lasting damage", "side_effects"),
    ("Could I end up with a problem that never goes away?", "side_effects"),
    ("Would it be safe for my mother?", "side_effects"),
    ("what are the risks", "side_effects"),
    ("I swallowed it by mistake", "dose"),
    ("Should I take two lozenges tonight?", "dose"),
    ("my son is 15, do you see teenagers", "minor"),
    ("¿Atienden a menores?", "minor"),
    ("am i allowed coffee the morning of, and should i not eat before the session", "preparation"),
    ("My heart flutters at night", "heart"),
    ("I used to hear voices as a student", "psychosis"),
    ("I am four years sober", "substance_use"),
    ("can i stop my pills for it", "stopping_medicine"),
    ("I came out in a rash with a painkiller once", "allergy"),
)


@pytest.mark.parametrize(("message", "reason"), OWED)
def test_a_question_of_safety_still_goes_to_a_person(message: str, reason: str):
    assert reason in {v.reason for v in rules()(message).verdicts}
