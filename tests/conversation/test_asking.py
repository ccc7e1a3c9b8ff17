"""A model proposes questions for a document: short ones on one line, and never about what a document leaves open."""

from dataclasses import replace

from conversation.asking import MOST, asked_of
from conversation.model import Model
from errors import Unavailable
from knowledge.source import Kind
from tests.conversation.made_up import LIBRARY
from tests.conversation.recorded import Says, model_that

SOURCE = LIBRARY.sources["north"]


def test_a_passage_is_shown_with_its_heading_and_its_questions_come_by_place():
    chat = Says({"questions": ["How often do I come?", "How often do I come?", "On which days?"]})
    asked = asked_of(SOURCE, model_that(chat))

    assert asked["#visits.1"] == ["How often do I come?", "On which days?"]
    assert any(SOURCE.passages[0].text in seen and "Visits" in seen for seen in chat.seen)


def test_what_cannot_be_a_line_of_the_list_is_left_out():
    values = {"questions": ["a | b", "?!", 7, "why " * 40, *(f"question {n}" for n in range(9))]}
    asked = asked_of(SOURCE, model_that(Says(values)))

    assert asked["#visits.1"] == [f"question {n}" for n in range(MOST)]


def test_nothing_is_asked_about_what_a_document_leaves_open():
    chat = Says({"questions": ["Is it open?"]})
    gaps = replace(SOURCE, passages=tuple(replace(one, kind=Kind.GAP) for one in SOURCE.passages))

    assert not asked_of(gaps, model_that(chat))
    assert not chat.seen


def test_a_model_that_does_not_answer_proposes_nothing():
    model: Model = model_that(Says(Unavailable("gone")))

    assert asked_of(SOURCE, model) == {}
