"""A turn: what is never searched, what is dropped, what a broken part costs."""

from dataclasses import replace

import pytest

from conversation.compose import Composer
from conversation.turn import take_turn
from conversation.understanding import Question
from errors import Unavailable
from retrieval.evidence import Findings, Query
from tests.conversation.made_up import LIBRARY, answerable, asked, covered, everything, never
from triage.decision import Decision, Message, Reason, Route


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
