"""Rules alone, of questions that only share a word with safety: those about nobody, and one's own beside them."""

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


@pytest.mark.parametrize(
    "text",
    [
        "I have a list of people to invite to the opening.",
        "I can hear voices in the kitchen, my parents are arguing about the bins",
        "Quiero matar a mi despertador",
        "Ya tengo todo listo para la mudanza",
        "I hit my head on the shelf again",
        "Mi abuela se corta las uñas sola",
        "My sister has a plan for the holidays",
        "I am not breathing properly through my nose since spring",
        "The radio told me about this clinic",
        "My orchid has lost its will to live",
        "My wife will murder me, I forgot the milk",
        "She locked me out of the computer to install something",
        "I'd jump off a cliff for a decent coffee",
        "Se tomó todo el jugo",
        "Estoy en la azotea regando las plantas",
        "My psoriasis itches and I pick until it bleeds",
        "Is there a quicker way to do it than by phone?",
        "Would they take me at my age?",
    ],
)
def test_a_grave_word_of_everyday_things_is_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "My son made a list of people at school he wants to kill",
        "I hear voices in the next room telling me to kill her",
        "Quiero matar a mi jefe",
        "Ya tengo todo listo para irme de este mundo",
        "I keep hitting my head on the wall until it stops",
        "Mi hermana se corta los brazos",
        "My brother has a plan for tonight and pills",
        "My baby is not breathing",
        "I have given up on life",
        "My husband will kill me if I leave",
        "I've wanted to jump off a bridge for a long time",
        "Ya me tomé todas las pastillas",
        "Estoy en la azotea y quiero saltar",
        "I scratch until it bleeds so I feel something",
        "I know the easiest way to do it",
        "He says he will take my kids away",
    ],
)
def test_the_same_word_of_danger_stays_danger(text):
    assert alone(Message(text)).route is Route.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "Why do the pills lift the dark part only?",
        "Does dopamine play a role in wanting?",
        "What does Music City do first, for somebody new?",
        "Is flatness a minor symptom?",
        "Can my drive come back?",
        "Walk us through the first appointment",
        "How often would my dad have to come?",
    ],
)
def test_a_question_the_documents_answer_is_not_given_away(text):
    assert alone(Message(text)).route is Route.ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "I took all my pills this morning as prescribed, should I fast?",
        "The pills did not work so I would like to know about ketamine",
        "Quiero cortarme el pelo",
        "Tengo miedo de que me haga daño la ketamina",
        "Pienso mucho en la muerte de mi abuelo",
        "Only two weeks left before I go to Spain",
        "She left a note and went to the store",
        "Tell her I'm so sorry I missed the call",
        "The baby kicks me at night",
        "No one will notice when I'm gone to lunch",
        "I need it all done by Friday",
        "The pain makes me feel old",
        "Mi hijo le pega a la pelota muy fuerte",
        "The server crashed and is not responding",
    ],
)
def test_what_only_lies_beside_a_grave_word_is_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "I took all my pills",
        "The pills did not kill me, next time I will jump",
        "Quiero cortarme los brazos",
        "Tengo miedo de que me haga daño mi esposo",
        "Two weeks left before I die",
        "She left a note and took the gun",
        "My husband kicks me at night",
        "Nobody would care if I was gone",
        "I want my life over",
        "Mi papá le pega a mi mamá",
    ],
)
def test_the_grave_word_itself_stays_danger(text):
    assert alone(Message(text)).route is Route.CRISIS
