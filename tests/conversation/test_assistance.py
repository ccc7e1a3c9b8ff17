"""A language model beside a turn: its numbers choose, no sentence is its own, and it decides no route."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.answer import Turn
from conversation.assistance import Assistant
from conversation.calls import Outcome
from conversation.compose import Composer
from conversation.turn import take_turn
from conversation.understanding import understand
from retrieval.evidence import Findings, Query
from tests.conversation.made_up import LIBRARY, covered, found
from tests.conversation.recorded import Says, model_that
from triage.decision import Care, Decision, Message, Reason, Route, Said, Speaker

ASKED = Message("how many visits are there and where are you")
VISITS = ("North Clinic starts with four visits.", "Each visit is on a weekday.")
GAP = "North Clinic's article does not list the findings."
WHERE = "South Clinic sees people in Utah."


def search(query: Query) -> Findings:
    """The visits, the place, a gap, and far behind them the mouse study."""
    near = found("north#visits.1", "south#place.1", "north#what-is-not-said.1", step=0.5)
    far = replace(found("north#mouse-study.1").evidence[0], score=0.0)
    return Findings((*near.evidence, far))


def answerable(message: Message) -> Decision:
    """A toy reading: a word of danger or of eligibility sends a message to a person."""
    if "heart" in message.text:
        return Decision(Route.SAFETY, (Reason.HEART,))
    if "candidate" in message.text:
        return Decision(Route.ELIGIBILITY, (Reason.CANDIDATE,))
    return Decision(Route.ANSWER)


def turn_with(chat: Says | None, message: Message = ASKED, *, triage=answerable, search=search) -> Turn:
    composer = Composer(LIBRARY, covered)
    return take_turn(
        message,
        triage=triage,
        understand=lambda asked: understand(asked, clinics=LIBRARY.clinics, named=lambda _: frozenset()),
        search=search,
        compose=composer,
        source_of=LIBRARY.source,
        assist=None if chat is None else Assistant(model_that(chat), composer, triage),
    )


def number_of(sentence: str, shown: str) -> int:
    match = re.search(rf"^(\d+)\. {re.escape(sentence)}$", shown, re.MULTILINE)
    assert match, f"{sentence!r} was not shown"
    return int(match[1])


def choosing(*sentences: str, more: tuple[object, ...] = ()) -> Says:
    return Says(lambda shown: {"numbers": [*(number_of(one, shown) for one in sentences), *more]})


def texts(turn: Turn) -> list[str]:
    return [statement.text for statement in turn.statements]


# Choosing


def test_the_numbers_choose_which_sentences_are_shown_and_in_which_order():
    assert GAP in texts(turn_with(None))

    turn = turn_with(choosing(WHERE, VISITS[1], VISITS[0]))

    assert texts(turn) == [WHERE, VISITS[1], VISITS[0]]
    assert turn.worded_with == "made:up"
    assert turn.wording == f"choose@{turn.calls[0].prompt}"


def test_numbers_it_was_not_shown_are_dropped():
    turn = turn_with(choosing(*VISITS, WHERE, more=(99, -1, 0, "2", None, 1.5, True)))

    assert texts(turn) == [*VISITS, WHERE]


def test_an_empty_choice_leaves_the_gate_s_own():
    turn = turn_with(Says({"numbers": []}))

    assert texts(turn) == texts(turn_with(None))
    assert [call.outcome for call in turn.calls] == [Outcome.EMPTY]
    assert turn.worded_with == ""


def test_a_choice_that_takes_a_sentence_far_from_the_question_is_set_aside_whole():
    turn = turn_with(choosing("In mice, one dose brought effort back.", VISITS[0], WHERE))

    assert texts(turn) == texts(turn_with(None))
    assert turn.calls[0].outcome is Outcome.SET_ASIDE


@pytest.mark.parametrize("chosen", [GAP, VISITS[1], WHERE])
def test_no_choice_takes_away_the_best_sentences_of_a_clinic(chosen: str):
    turn = turn_with(choosing(chosen))

    assert {*VISITS, WHERE} <= set(texts(turn))
    assert turn.decision.route is Route.ANSWER


def test_companions_are_added_to_what_was_chosen():
    def mice(query: Query) -> Findings:
        return found("north#mouse-study.1", "north#visits.1")

    turn = turn_with(choosing("In mice, one dose brought effort back."), search=mice)

    assert texts(turn) == ["In mice, one dose brought effort back.", GAP]
    assert turn.statements[0].notes == ("in-mice",)


NUMBERS = st.lists(st.one_of(st.integers(-2, 20), st.none(), st.text(max_size=3), st.booleans()), max_size=12)


@given(st.one_of(st.dictionaries(st.text(max_size=8), NUMBERS), st.fixed_dictionaries({"numbers": NUMBERS})))
def test_whatever_it_returns_the_route_is_the_same_and_every_sentence_is_its_span(values: dict[str, object]):
    plain, turn = turn_with(None), turn_with(Says(values))

    assert turn.decision == plain.decision
    assert 0 < len(turn.statements) <= 6
    for statement in turn.statements:
        source = LIBRARY.source(statement.span.source, statement.span.version)
        assert source
        assert source.text[statement.span.start : statement.span.end] == statement.text


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), ValueError("no JSON"), RuntimeError()])
def test_a_model_that_fails_costs_the_answer_nothing_and_is_counted(error: Exception):
    turn = turn_with(Says(error))

    assert texts(turn) == texts(turn_with(None))
    assert len(turn.calls) == 1
    assert turn.calls[0].outcome is not Outcome.USED


# What it never sees


@pytest.mark.parametrize("route", [route for route in Route if route is not Route.ANSWER])
def test_it_never_sees_a_message_that_triage_sent_elsewhere(route: Route):
    chat = Says({"numbers": [1, 2]})
    turn_with(chat, triage=lambda _: Decision(route))

    assert chat.seen == []


@pytest.mark.parametrize(
    "decision",
    [
        Decision(Route.ANSWER, (Reason.ASKED_FOR_A_PERSON,)),
        Decision(Route.ANSWER, care=Care.STANDING),
        Decision(Route.ANSWER, care=Care.WITH_A_PERSON),
        Decision(Route.ANSWER, check_in=True),
    ],
)
def test_it_never_sees_a_message_that_a_person_is_owed_or_that_is_written_in_distress(decision: Decision):
    chat = Says({"numbers": [1, 2]})
    turn_with(chat, triage=lambda _: decision)

    assert chat.seen == []


def test_it_sees_nothing_of_a_conversation_in_which_danger_was_read():
    chat = Says({"numbers": [1, 2]})
    turn_with(chat, replace(ASKED, care=Care.ASKED))

    assert chat.seen == []


@pytest.mark.parametrize(
    "earlier",
    [
        Said(Speaker.VISITOR, "my heart stumbles on the visits"),
        Said(Speaker.VISITOR, "am i a candidate for the visits"),
        Said(Speaker.VISITOR, "a word for your team about the visits", for_person=True),
    ],
)
def test_an_earlier_message_that_went_to_a_person_is_not_shown_with_a_later_one(earlier: Said):
    chat = Says({"numbers": [1, 2], "question": "my heart stumbles and how many?"})
    turn = turn_with(chat, Message("and how many?", (earlier, Said(Speaker.PROGRAM, "Noted."))))

    assert turn.understood_as
    assert not any(word in seen for seen in chat.seen for word in ("stumbles", "candidate", "your team"))


def test_personal_details_do_not_leave_and_come_back_in_the_question():
    chat = Says(lambda shown: {"question": "how many visits for [NAME-1] at [PHONE-1]?", "numbers": []})
    earlier = Said(Speaker.VISITOR, "my name is Marisol Vega, how many visits are there, my phone is 212 555 0142")
    message = Message("and for Marisol Vega at 212 555 0142?", (earlier,), names=("Marisol Vega",))
    turn = turn_with(chat, message)

    assert chat.seen
    assert not any(word in seen for seen in chat.seen for word in ("Marisol", "Vega", "555"))
    assert turn.understood_as == "how many visits for Marisol Vega at 212 555 0142?"


# A follow-up said in full

BEFORE = (Said(Speaker.VISITOR, "what does a visit at North Clinic cost"), Said(Speaker.PROGRAM, "It costs 90."))
FOLLOW_UP = Message("and how long is it?", BEFORE)


def test_a_follow_up_is_said_in_full_and_shown_as_it_was_understood():
    turn = turn_with(Says({"question": "How long is a visit at North Clinic?", "numbers": []}), FOLLOW_UP)

    assert turn.understood_as == "How long is a visit at North Clinic?"
    assert turn.calls[0].outcome is Outcome.USED


@pytest.mark.parametrize(
    "question",
    [
        "",
        "How long is a free visit at North Clinic, which cures depression?",  # words nobody said
        "How long is a visit that is not at North Clinic?",  # a denial nobody made
        "What does a visit cost?",  # another question
        "and how long is it?",  # nothing was added
        "How long is a visit? " * 20,
        "[NAME-1] how long is a visit?",  # a mark that stands for nothing
        None,
        ["How long is a visit?"],
    ],
)
def test_a_question_that_says_more_less_or_something_else_is_not_used(question: object):
    turn = turn_with(Says({"question": question, "numbers": []}), FOLLOW_UP)

    assert turn.understood_as == turn_with(None, FOLLOW_UP).understood_as
    assert turn.calls[0].outcome in (Outcome.SET_ASIDE, Outcome.EMPTY)


def test_a_question_that_triage_would_send_to_a_person_is_not_used():
    def only_together(message: Message) -> Decision:
        risky = "visit" in message.text and "long" in message.text
        return Decision(Route.SAFETY, (Reason.DOSE,)) if risky else Decision(Route.ANSWER)

    chat = Says({"question": "How long is a visit at North Clinic?", "numbers": []})
    turn = turn_with(chat, FOLLOW_UP, triage=only_together)

    assert turn.calls[0].outcome is Outcome.SET_ASIDE
    assert turn.decision.route is Route.ANSWER
    assert turn.understood_as == turn_with(None, FOLLOW_UP).understood_as


def test_the_choice_is_asked_with_the_question_as_it_was_understood():
    alone, leaning = choosing(*VISITS), Says({"question": "How long is a visit at North Clinic?", "numbers": []})
    whole = Message("how many weekday visits does North Clinic start with", BEFORE)
    turn_with(alone, whole)
    turn_with(leaning, FOLLOW_UP)

    assert f"Question: {whole.text}\n" in alone.seen[0]
    assert "Question: How long is a visit at North Clinic?\n" in leaning.seen[1]


def test_a_message_that_stands_alone_is_left_as_it_is():
    chat = Says({"question": "Something else?", "numbers": []})

    assert turn_with(chat).understood_as == ""
    assert len(chat.seen) == 1
