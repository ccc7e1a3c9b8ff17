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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("i have decided and i mean to end my own life", Reason.SUICIDE),
        ("planning on being dead before the weekend", Reason.SUICIDE),
        ("I have got his pistol and I'm going to use it on myself", Reason.SUICIDE),
        ("so upset that I am still alive every morning", Reason.SUICIDE),
        ("they shouldn't have revived me", Reason.SUICIDE),
        ("it would be better for the children if their mother was dead", Reason.SUICIDE),
        ("forgive me for what I am about to do", Reason.SUICIDE),
        ("i'm scared of what i might do to myself", Reason.SUICIDE),
        ("mis hijos estarían mejor si yo estuviera muerta", Reason.SUICIDE),
        ("si no me ayudan me mato", Reason.SUICIDE),
        ("nadie se daría cuenta si me muero", Reason.SUICIDE),
        ("ya compré la soga", Reason.SUICIDE),
        ("i slashed my thighs", Reason.SELF_HARM),
        ("trying not to cut myself again tonight", Reason.SELF_HARM),
        ("i keep digging my nails into my arm", Reason.SELF_HARM),
        ("me volví a lastimar las piernas", Reason.SELF_HARM),
        ("he asked if it would be easier if he was gone", Reason.THIRD_PERSON),
        ("my dad won't stop talking about dying", Reason.THIRD_PERSON),
        ("mi hermana se quiso matar", Reason.THIRD_PERSON),
        ("mi mamá ya no quiere vivir", Reason.THIRD_PERSON),
    ],
)
def test_other_plain_words_for_it_are_found_by_rules_alone(text, reason):
    decision = alone(Message(text))

    assert decision.route is Route.CRISIS
    assert reason in decision.reasons


@pytest.mark.parametrize(
    "text",
    [
        "I mean to take my own car, may I?",
        "should I use the coupon on me or on my husband",
        "forgive me for what I am about to ask",
        "trying not to cut sugar out too fast",
        "they would be happier with a dog",
        "nobody would care if we painted the door",
        "a friend is getting over me slowly",
        "I don't trust myself around chocolate",
        "mi familia estaría mejor en una casa más grande",
        "mejor me voy temprano",
        "sticking with knitting needles in my hand luggage",
        "it would be easier if they were here",
        "nadie me va a llamar hoy, ¿verdad?",
        "mi mamá no quiere venir a la cita",
    ],
)
def test_harmless_words_of_the_same_build_are_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS
