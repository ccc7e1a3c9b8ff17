"""Ordinary words about ordinary things that share words with a wish to die, and the wish itself beside them."""

import pytest

from triage.decision import Message, Reason, Route
from triage.triage import Triage

alone = Triage(None)


@pytest.mark.parametrize(
    "text",
    [
        "I can't live with this rash, which cream should I try?",
        "How do I end it? I never asked for this plan.",
        "nobody will miss my tonsils",
        "my life is over, they have discontinued my biscuits",
        "don't want to wake up at five every day, which alarm is kinder?",
        "my last day on reception is Friday",
        "this is my last resort, the tablets did little",
        "won't need it anymore, the pharmacy rang back",
        "my uncle gave me his bike, he has bought a car",
        "no aguanto más el ruido de la obra",
        "hablamos de autolesiones en la clase de salud",
        "me corté las uñas demasiado",
        "ya no voy a necesitar el turno, ya me atendieron",
        "ojalá me trague la tierra, me equivoqué de grupo",
        "my sister locked herself in the bathroom to dye it",
        "they'd win the quiz better without me",
    ],
)
def test_ordinary_words_about_ordinary_things_are_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I just can't go on", Reason.SUICIDE),
        ("i can't live with the guilt", Reason.SUICIDE),
        ("I never want to wake up again", Reason.SUICIDE),
        ("this is my last night alive", Reason.SUICIDE),
        ("everyone would be better off without me", Reason.SUICIDE),
        ("i wish i was dead", Reason.SUICIDE),
        ("I would rather be dead than live another year like this", Reason.SUICIDE),
        ("ya no quiero despertar", Reason.SUICIDE),
        ("no aguanto más esta vida", Reason.SUICIDE),
        ("no puedo más, me quiero morir", Reason.SUICIDE),
        ("me corto los brazos otra vez", Reason.SELF_HARM),
        ("I cut myself again last night", Reason.SELF_HARM),
        ("my sister says she wants to die", Reason.THIRD_PERSON),
        ("he is talking about suicide", Reason.THIRD_PERSON),
        ("my son wrote a goodbye letter", Reason.THIRD_PERSON),
    ],
)
def test_the_plain_words_of_danger_beside_them_are_still_found(text, reason):
    decision = alone(Message(text))

    assert decision.route is Route.CRISIS
    assert reason in decision.reasons
