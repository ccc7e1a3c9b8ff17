"""The page says that a language model is on, which and where, what it does, and what may slip through."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from conversation.model import open_model
from tests.screens import fakes
from tests.screens.fakes import FakeHouse
from tests.screens.test_ask import ask, words

Open = Callable[[], AppTest]


def test_nothing_is_said_of_a_model_while_none_is_on(page: Open) -> None:
    assert "language model" not in words(page())


def test_a_model_on_this_machine_is_named_and_what_slips_through_is_said(page: Open, house: FakeHouse) -> None:
    house.model = open_model("ollama:qwen3:4b")
    shown = words(page())

    assert "A language model is on: ollama:qwen3:4b, on this machine." in shown
    assert "does not catch everything" in shown
    assert "is sent to" not in shown


def test_of_a_model_elsewhere_the_page_says_where_questions_are_sent(page: Open, house: FakeHouse) -> None:
    house.model = open_model("openai:large", address="https://models.example.org/v1")
    shown = words(page())

    assert "at models.example.org" in shown
    assert "Your question is sent to models.example.org." in shown


def test_an_answer_says_that_a_model_helped_to_choose_it(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = fakes.toy_turn
    monkeypatch.setattr(fakes, "toy_turn", lambda *given: replace(toy(*given), worded_with="ollama:qwen3:4b"))
    shown = words(ask(page(), "how many times would i go"))

    assert "A language model (ollama:qwen3:4b) helped to choose these sentences." in shown
