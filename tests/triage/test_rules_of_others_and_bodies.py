"""Rules alone, of other people and of the body: plain danger is found, and ordinary things said in the same words are
left alone."""

import pytest

from triage.decision import Message, Reason, Route
from triage.triage import Triage

alone = Triage(None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("My husband hits me and I am scared of him", Reason.BEING_HARMED),
        ("he took my passport", Reason.BEING_HARMED),
        ("my ex is outside my house again", Reason.BEING_HARMED),
        ("he won't let me leave the house", Reason.BEING_HARMED),
        ("he put a tracker in my bag", Reason.BEING_HARMED),
        ("our pastor touches me when we are alone", Reason.BEING_HARMED),
        ("mi papá me pega con el cinturón", Reason.BEING_HARMED),
        ("me sigue un hombre", Reason.BEING_HARMED),
        ("tengo miedo de mi esposo", Reason.BEING_HARMED),
        ("I want to kill my boss", Reason.HARM_TO_OTHERS),
        ("I'm afraid I will hurt my daughter", Reason.HARM_TO_OTHERS),
        ("lo voy a matar", Reason.HARM_TO_OTHERS),
        ("I can't breathe", Reason.EMERGENCY),
        ("my dad won't wake up", Reason.EMERGENCY),
        ("she is having a seizure", Reason.EMERGENCY),
        ("my heart is doing 190 and I feel faint", Reason.EMERGENCY),
        ("se tomó un frasco entero y no despierta", Reason.EMERGENCY),
        ("the voices are telling me to hurt people", Reason.VOICES),
        ("oigo voces que me dicen que salte", Reason.VOICES),
        ("an older man online sends me nudes", Reason.MINOR_IN_DANGER),
    ],
)
def test_plain_danger_from_others_and_of_the_body_is_found(text, reason):
    decision = alone(Message(text))

    assert decision.route is Route.CRISIS
    assert reason in decision.reasons


@pytest.mark.parametrize(
    "text",
    [
        "My mother takes my phone off me at nine every night.",
        "My husband keeps my card, he does the shopping.",
        "Am I allowed to have my phone in the room?",
        "Do you share my records without my consent?",
        "My husband held me while I cried.",
        "I was touched by your article.",
        "I was followed by a psychiatrist for years.",
        "The camera on my phone is broken, can we just talk?",
        "I'm scared for my son, he worries so much.",
        "La depresión no me deja salir de la cama.",
        "Me pega el sol en la cara toda la tarde.",
        "Me sigue doliendo la rodilla.",
        "Le tengo miedo a las agujas.",
    ],
)
def test_what_others_do_in_ordinary_homes_is_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "I want to beat this depression.",
        "I need to push my appointment to Friday.",
        "They are going to pay for it, so do you take their card?",
        "Is it going to hurt my kidneys?",
        "I hit my head last week on a shelf.",
        "Can I take my kids with me?",
        "¿Quién va a pagar, el seguro?",
        "They told me to stop eating four hours before.",
        "Something tells me that this could help.",
        "How do I get that song out of my head?",
        "I do not have good sleep patterns.",
        "I had food poisoning for two days.",
        "Todos me dicen que me anime.",
        "Do they have photos online?",
        "Please do not tell my mom or dad about my grades.",
    ],
)
def test_figures_and_errands_are_no_threat_and_no_voice(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "I can't move my appointment on the website.",
        "It is hard to wake up in the morning.",
        "My depression does not respond to pills after all these years.",
        "I have had several medications over the years.",
        "I take my blood pressure pills twice a day.",
        "My arm goes numb when I sleep on it.",
        "His face dropped when he saw the bill.",
        "My chest feels hollow.",
        "I stare at the ceiling for hours.",
        "My father had heart trouble in 2018 and now he swims.",
        "Can people have a seizure during the infusion?",
        "Does it cause slurred speech?",
        "Tomo todas mis medicinas por la mañana.",
        "La clínica no responde el teléfono.",
        "Mi papá murió de un ataque al corazón.",
    ],
)
def test_bodies_that_are_only_described_are_no_emergency(text):
    assert alone(Message(text)).route is not Route.CRISIS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("pt says he will kill his wife when discharged", Reason.HARM_TO_OTHERS),
        ("im on my way to his house with a bat", Reason.HARM_TO_OTHERS),
        ("I choked my girlfriend yesterday and I might do it again", Reason.HARM_TO_OTHERS),
        ("mi hermano dice que va a matar a su ex", Reason.HARM_TO_OTHERS),
        ("a man has been following me for days", Reason.BEING_HARMED),
        ("I am being trafficked", Reason.BEING_HARMED),
        ("my mother burns me with cigarettes", Reason.BEING_HARMED),
        ("a mi hermana la golpea su marido", Reason.BEING_HARMED),
        ("ayúdenme, me va a matar", Reason.BEING_HARMED),
        ("I overdosed", Reason.EMERGENCY),
        ("swallowed 20 ibuprofen", Reason.EMERGENCY),
        ("pt apneic, no pulse", Reason.EMERGENCY),
        ("pt with crushing chest pain, diaphoretic", Reason.EMERGENCY),
        ("necesito una ambulancia", Reason.EMERGENCY),
        ("paciente sin pulso", Reason.EMERGENCY),
        ("pt endorses command hallucinations", Reason.VOICES),
        ("dios me dijo que matara a mi hijo", Reason.VOICES),
        ("my teacher asks me for nudes", Reason.MINOR_IN_DANGER),
        ("my daughter told me her grandfather touches her", Reason.MINOR_IN_DANGER),
        ("mi hija dice que su abuelo la toca", Reason.MINOR_IN_DANGER),
    ],
)
def test_danger_told_in_few_words_is_found(text, reason):
    decision = alone(Message(text))

    assert decision.route is Route.CRISIS
    assert reason in decision.reasons


@pytest.mark.parametrize(
    "text",
    [
        "I overdosed on documentaries this weekend.",
        "I've been shot down by three clinics.",
        "Do you call 911 if something goes wrong in a session?",
        "I beat my brother at chess last night.",
        "My wife hit me with the news that we are moving.",
        "My tomatoes want to die this year.",
        "Our band covers a song about a guy who cuts himself.",
        'The line "let me die" in the requiem no longer moves me.',
        "I signed the consent form but I am not sure I can go through with it.",
        "Se me rompió el brazo esquiando.",
    ],
)
def test_grave_words_of_other_things_are_no_danger(text):
    assert alone(Message(text)).route is not Route.CRISIS
