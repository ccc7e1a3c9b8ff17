"""Care is a state of the conversation, and only staff end it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.care import Heard, after, keeps_crisis, replay
from triage.decision import Care, Message, Reason, Route, Said, Speaker, Verdict
from triage.triage import Triage

alone = Triage(None)


class SeesAnEmergency:
    """A second reader for which one line is an emergency."""

    def read(self, text, embed, *, is_well=False):
        is_one = "strange" in text
        return ((Verdict("classifier", Route.CRISIS, Reason.EMERGENCY, text, 0.9),) if is_one else ()), False


BY_VISITOR = (Heard.DANGER, Heard.SAFE, Heard.OTHER)


@given(st.lists(st.sampled_from(BY_VISITOR)))
def test_nothing_a_visitor_says_after_danger_ends_care(heard):
    care = replay([Heard.DANGER, *heard])

    assert care in (Care.ASKED, Care.STANDING)


@given(st.lists(st.sampled_from(BY_VISITOR)))
def test_answers_return_only_after_a_clear_statement_of_being_safe(heard):
    care = replay([Heard.DANGER, *heard])
    last = max((n for n, event in enumerate([Heard.DANGER, *heard]) if event is Heard.DANGER))

    assert keeps_crisis(care) is (Heard.SAFE not in [Heard.DANGER, *heard][last:])


@given(st.lists(st.sampled_from(BY_VISITOR)))
def test_a_person_in_the_conversation_stays_until_staff_clear_it(heard):
    care = replay([Heard.DANGER, Heard.TAKEN, *heard])

    assert care is Care.WITH_A_PERSON
    assert after(care, Heard.CLEARED) is Care.NONE


@pytest.mark.parametrize(
    "text", ["forget it. where is the clinic", "just joking lol", "i guess i'm safe", "whatever", "yes"]
)
def test_joking_and_changing_the_subject_do_not_end_the_question(text):
    decision = alone(Message(text, care=Care.ASKED))

    assert decision.route is Route.CRISIS
    assert decision.care is Care.ASKED


@pytest.mark.parametrize(
    "text",
    [
        "i'm safe when he is out",
        "my husband says I am safe",
        "i am safe. i will not tell you where i am going",
        "safe for now, he comes back at five",
        "yes, safe. goodbye everyone",
        "I am safe, I have finally decided",
        "safe, and tomorrow is the day",
        "estaré a salvo cuando no despierte",
        "a salvo, con las pastillas en la mano",
    ],
)
def test_safe_on_a_condition_or_with_something_still_to_come_is_not_safe(text):
    assert alone(Message(text, care=Care.ASKED)).care is Care.ASKED


@pytest.mark.parametrize(
    "text",
    [
        "Safe for now",
        "Yes, I am safe. My sister is here.",
        "I am safe. I gave the tablets to my neighbour last night, she keeps them",
        "I am safe. When do you open?",
        "Por ahora sí",
        "estoy a salvo",
    ],
)
def test_a_clear_statement_of_being_safe_brings_answers_back_under_a_standing_line(text):
    decision = alone(Message(text, care=Care.ASKED))

    assert decision.care is Care.STANDING
    assert decision.route is not Route.CRISIS


def test_care_is_replayed_from_the_visitors_lines_where_no_state_is_stored():
    history = (Said(Speaker.VISITOR, "i want to die"), Said(Speaker.PROGRAM, "Are you safe right now?"))

    assert alone(Message("how many infusions", history)).route is Route.CRISIS


def test_care_goes_on_in_the_kind_of_danger_that_was_read_by_whichever_reader():
    def after(first, then):
        history = (Said(Speaker.VISITOR, first), Said(Speaker.PROGRAM, "Are you safe right now?"))
        return alone(Message(then, history, care=Care.ASKED)).reasons

    assert Reason.BEING_HARMED in after("my husband choked me last night", "nvm")
    assert Reason.MINOR_IN_DANGER in after("im 15 and i want to die", "no")
    assert Reason.MINOR_IN_DANGER in after("im 15 and i want to die", "i started hurting my arms again")


def test_a_kind_only_the_second_reader_saw_is_not_taken_for_suicide():
    sees = Triage(lambda texts: np.zeros((len(texts), 384), np.float32), classifier=SeesAnEmergency())
    history = (Said(Speaker.VISITOR, "it is all going strange since the visit"),)

    assert sees(Message("ok", history, care=Care.ASKED)).reasons == (Reason.EMERGENCY,)


def test_what_the_program_said_discloses_nothing():
    history = (Said(Speaker.VISITOR, "what is anhedonia"), Said(Speaker.PROGRAM, "Some people want to die."))

    assert alone(Message("how many infusions", history)).route is Route.ANSWER


def test_an_earlier_disclosure_carries_into_a_question_that_leans_on_it():
    history = (Said(Speaker.VISITOR, "my left eye has glaucoma"), Said(Speaker.PROGRAM, "Every session is watched."))

    assert alone(Message("would that be a problem for me?", history)).route is Route.SAFETY
    assert alone(Message("and who wrote it?", history)).route is Route.ANSWER


def test_an_earlier_line_is_embedded_once_and_again_only_where_the_model_was_away():
    asked, is_away = list[str](), [True]

    def embed(texts):
        asked.extend(texts)
        if is_away[0]:
            raise RuntimeError("no session")
        return np.full((len(texts), 384), 384**-0.5, np.float32)

    triage, line = Triage(embed), "what does it cost"
    history = (Said(Speaker.VISITOR, line),)

    triage(Message("and at the other clinic", history=history))
    is_away[0] = False
    for text in ("how long does it take", "who pays for it"):
        triage(Message(text, history=history))

    assert asked.count(line) == 2
    assert not triage.by_rules_alone


def test_whoever_runs_the_page_is_told_when_the_rules_begin_to_read_alone(caplog):
    def broken(texts):
        raise RuntimeError("no session")

    triage = Triage(broken)
    for text in ("what does it cost", "and how long is it"):
        triage(Message(text))

    assert caplog.text.count("by its rules alone") == 1
