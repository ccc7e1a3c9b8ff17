"""Words that only share a sound with danger, and plain danger told by rules alone in words of its own."""

import pytest

from triage.decision import Message, Reason, Route
from triage.triage import Triage

alone = Triage(None)


@pytest.mark.parametrize(
    "text",
    [
        "the summit is right there, don't cry when the cloud comes in",
        "last time he was here he fixed the tap",
        "I wanted to tell her that I loved her soup",
        "my toddler grabs my hand at the crossing",
        "is there a member of staff who beats me at backgammon?",
        "no se mueve nada dentro de mí cuando oigo esa canción",
        "I don't think it was shock, only surprise",
        "there's a ballad about a guy saying goodbye",
        "my wife is going to kill me when she sees the bill, haha",
        "the nurse asked if I was suicidal and I said no",
        "my brother plays nothing but songs about suicide",
        "we need to live as if today were your last day on earth",
        "I get tired, that is when we stop living for the weekend",
        "faith and doubt cannot exist in one room",
        "has anyone ever stopped breathing in your chair?",
        "who drives me home when I'm ready to leave?",
        "is there a building so nobody sees me come in?",
        "it's comforting to know there is a nurse next door",
        "what's the best way to kill slugs?",
        "he took the whole month off work",
        "I hate living in this city",
        "I hope this time it will work",
        "these new marks on the page, what are they for?",
        "my headache's gone today and I feel bright",
        "the inmates were beaten and tortured in the film",
        "tampoco me quiero morir, solo estoy apagada",
        "nunca he pensado en hacerme daño",
        "¿para qué seguir probando pastillas que no sirven?",
        "take a shot at explaining glutamate",
    ],
)
def test_ordinary_talk_that_shares_words_with_danger_is_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("my mind is full of thoughts to make an end with my life", Reason.SUICIDE),
        ("tonight i put one bullet through my head", Reason.SUICIDE),
        ("I would be content to never wake up", Reason.SUICIDE),
        ("i pray not to see the morning", Reason.SUICIDE),
        ("ya puse la fecha, ya tengo las cartas", Reason.SUICIDE),
        ("please don't cry for me", Reason.SUICIDE),
        ("tell my kids I love them", Reason.SUICIDE),
        ("what is the most painless way to die", Reason.SUICIDE),
        ("I can't exist like this", Reason.SUICIDE),
        ("I keep making myself puke and then cutting", Reason.SELF_HARM),
        ("i have fresh cuts on my arms", Reason.SELF_HARM),
        ("my boyfriend busted my nose", Reason.BEING_HARMED),
        ("he gave me another black eye", Reason.BEING_HARMED),
        ("me partió el labio anoche", Reason.BEING_HARMED),
        ("they keep us locked and we cannot leave", Reason.BEING_HARMED),
        ("mi suegra me tiene encerrada", Reason.BEING_HARMED),
        ("se escuchan gritos y golpes en el piso de abajo", Reason.BEING_HARMED),
        ("they tell me not to drink the water, that it's poisoned", Reason.VOICES),
        ("the radiator sings drown yourself", Reason.VOICES),
        ("I shook the baby", Reason.HARM_TO_OTHERS),
        ("les prendo fuego con todos adentro", Reason.HARM_TO_OTHERS),
        ("her dad shook our newborn", Reason.MINOR_IN_DANGER),
        ("Patient verbalised intent with plan, left the ward", Reason.THIRD_PERSON),
        ("she would take them all at once", Reason.THIRD_PERSON),
        ("no pulse, we have begun chest compressions", Reason.EMERGENCY),
        ("I pinched his ear and no reaction", Reason.EMERGENCY),
        ("eyes half open, does not respond", Reason.EMERGENCY),
        ("three seizures in a row", Reason.EMERGENCY),
        ("he is choking and cannot speak", Reason.EMERGENCY),
    ],
)
def test_plain_danger_is_told_by_rules_alone(text, reason):
    decision = alone(Message(text))

    assert decision.route is Route.CRISIS
    assert reason in decision.reasons


def test_a_blow_beside_a_game_is_still_a_blow():
    assert alone(Message("he beats me at chess and when he loses he hits me")).route is Route.CRISIS


def test_a_denial_beside_a_plan_is_still_danger():
    text = "They asked if I was suicidal and I said no. I have the pills ready for tonight and I want to die."
    assert alone(Message(text)).route is Route.CRISIS
