"""A turn: what is never searched, what is dropped, what a broken part costs."""

from dataclasses import replace

import pytest

from conversation.answer import Turn
from conversation.assistance import Alone
from conversation.compose import Composer
from conversation.gate import Coverage
from conversation.reply import reply
from conversation.turn import take_turn
from conversation.understanding import Question
from errors import Unavailable
from retrieval.evidence import Findings, Query
from tests.conversation.made_up import LIBRARY, answerable, asked, covered, everything, never
from triage.decision import Care, Decision, Message, Reason, Route, Said, Speaker
from triage.triage import Triage


def understood(message: Message) -> Question:
    return asked(message.text)


@pytest.mark.parametrize("route", [Route.CRISIS, Route.SAFETY, Route.OUT_OF_SCOPE])
def test_danger_safety_and_what_is_off_topic_are_never_searched_or_written(route: Route):
    turn = take_turn(
        Message("i can't do this anymore"),
        triage=lambda message: Decision(route),
        understand=never,
        search=never,
        compose=never,
        source_of=LIBRARY.source,
    )

    assert turn.decision.route is route
    assert turn.statements == ()


def test_an_answer_is_made_of_exact_spans_of_the_sources():
    turn = take_turn(
        Message("how many visits are there"),
        triage=answerable,
        understand=understood,
        search=everything,
        compose=Composer(LIBRARY, covered),
        source_of=LIBRARY.source,
    )

    assert turn.decision.route is Route.ANSWER
    assert turn.statements
    for statement in turn.statements:
        source = LIBRARY.source(statement.span.source, statement.span.version)
        assert source is not None
        assert source.text[statement.span.start : statement.span.end] == statement.text


def test_a_sentence_that_is_not_its_span_is_dropped():
    def altered(source_id: str, version: int | None = None):
        source = LIBRARY.source(source_id, version)
        return source and replace(source, text=source.text.replace("four visits", "nine visits"))

    turn = take_turn(
        Message("how many visits are there"),
        triage=answerable,
        understand=understood,
        search=everything,
        compose=Composer(LIBRARY, covered),
        source_of=altered,
    )

    assert not any("four visits" in statement.text for statement in turn.statements)
    assert any("weekday" in statement.text for statement in turn.statements)


def test_words_of_a_model_that_would_turn_the_route_are_set_aside():
    """A rewrite may find other sentences; whether there is an answer is settled by the visitor's own words."""

    class Rewrites(Alone):
        def rewrite(self, question: Question) -> Question:
            return asked("how many visits are there")

    def only_rewritten(findings: Findings, question: str, clinics) -> Coverage:
        return Coverage(frozenset(clinics) if "visits" in question else frozenset())

    def taken_with(helper: Alone) -> Turn:
        return take_turn(
            Message("and the weather?"),
            triage=answerable,
            understand=understood,
            search=everything,
            compose=Composer(LIBRARY, only_rewritten),
            source_of=LIBRARY.source,
            assist=lambda message, decision: helper,
        )

    assert taken_with(Alone()).decision.route is Route.NOT_IN_SOURCES
    assert taken_with(Rewrites()).decision.route is Route.NOT_IN_SOURCES
    assert taken_with(Rewrites()).understood_as == ""


def test_a_broken_search_leaves_the_message_for_a_person():
    def broken(query: Query) -> Findings:
        raise Unavailable("The index is gone. Run `make index`.")

    turn = take_turn(
        Message("how many visits are there"),
        triage=answerable,
        understand=understood,
        search=broken,
        compose=never,
        source_of=LIBRARY.source,
    )

    assert Reason.TROUBLE in turn.decision.reasons
    assert turn.decision.needs_person
    assert turn.statements == ()


DANGER = Said(Speaker.VISITOR, "i want to die")
LATER = Said(Speaker.VISITOR, "how many visits are there?")


def settled(message: Message) -> Decision:
    """Triage as it is, by its rules."""
    return Triage(None)(message)


def taken(text: str, *history: Said) -> Turn:
    return take_turn(
        Message(text, history=history, care=Care.ASKED),
        triage=settled,
        understand=understood,
        search=everything,
        compose=Composer(LIBRARY, covered),
        source_of=LIBRARY.source,
    )


@pytest.mark.parametrize("text", ["Safe for now", "Yes, I am safe. My sister is here.", "estoy a salvo"])
def test_who_says_that_they_are_safe_is_not_searched_for(text: str):
    turn = taken(text, DANGER)

    assert turn.decision.care is Care.STANDING
    assert turn.decision.route is Route.ANSWER
    assert turn.statements == ()
    assert "988" in reply(turn)


def test_what_is_asked_beside_it_is_answered():
    turn = taken("I am safe. How many visits are there?", DANGER)

    assert turn.statements
    assert turn.message.text == "I am safe. How many visits are there?"


def test_the_question_that_was_put_off_is_answered_once_they_are_safe():
    turn = taken("I'm safe now", DANGER, LATER)

    assert turn.statements
    assert turn.understood_as == LATER.text


def test_a_question_from_before_the_danger_is_not_answered_again():
    turn = taken("I'm safe now", LATER, DANGER)

    assert turn.statements == ()


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "hello", "muchas gracias"])
def test_a_courtesy_is_no_question(text: str):
    turn = take_turn(
        Message(text),
        triage=answerable,
        understand=never,
        search=never,
        compose=never,
        source_of=LIBRARY.source,
    )

    assert turn.decision.route is Route.ANSWER
    assert turn.statements == ()


def test_who_only_asks_for_a_person_is_not_read_to_from_documents():
    history = (Said(Speaker.VISITOR, "how many visits are there?"), Said(Speaker.PROGRAM, "Four visits."))
    turn = take_turn(
        Message("can i talk to a human", history),
        triage=Triage(None),
        understand=never,
        search=never,
        compose=never,
        source_of=LIBRARY.source,
    )

    assert turn.statements == ()
    assert turn.decision.reasons == (Reason.ASKED_FOR_A_PERSON,)
    assert turn.decision.needs_person


def test_who_asks_about_the_page_itself_is_told_by_the_page_and_not_by_documents():
    turn = take_turn(
        Message("are you a real person?"),
        triage=Triage(None),
        understand=never,
        search=never,
        compose=never,
        source_of=LIBRARY.source,
    )

    assert turn.statements == ()
    assert not turn.decision.needs_person
    assert "It is not a person" in reply(turn)
    assert "You can ask about the treatment" not in reply(turn)
