"""The questions the page suggests are answered by both clinics' documents: the first thing a stranger tries works."""

import shutil
from pathlib import Path

import pytest

from conversation.parts import Parts
from evals.library import library_of, whole_parts
from prompts.page import page_words
from triage.decision import Message, Route


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, built_index: Path) -> Parts:
    folder = tmp_path_factory.mktemp("suggestions")
    shutil.copytree(built_index, folder / "index")
    return whole_parts(library_of(None), folder)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("place", ["one", "two", "three", "four"])
def test_a_suggested_question_is_answered_from_both_clinics_documents(parts: Parts, language: str, place: str):
    question = page_words(language)(f"suggestions.{place}")
    turn = parts.take(Message(question))

    assert turn.decision.route is Route.ANSWER, question
    assert {statement.span.source for statement in turn.statements} == {"mck", "tovani"}, question
