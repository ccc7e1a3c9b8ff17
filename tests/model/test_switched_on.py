"""A whole house with a language model switched on: what a visitor gets, what is kept, what a failing server costs."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import wiring
from answering import parts_over
from conversation.answer import Turn
from conversation.calls import Outcome
from desk.model_calls import counts
from knowledge.library import SHIPPED, read_folder
from settings import Settings
from store.engine import Store, connect
from store.keys import Keys
from store.schema import upgrade
from tests.conversation.recorded import Handle, answers, cut_off, hangs, said, server
from tests.test_quiet import ASK, HERE, heard, surroundings
from triage.decision import Message, Route

__all__ = ["heard", "surroundings"]

TOKEN = "t" * 43
QUESTION = "what is anhedonia?"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    upgrade(store)
    return store


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Callable[..., wiring.Services]:
    """A house with a model at an address, or with none."""

    def made(address: str = "", seconds: float = 5.0) -> wiring.Services:
        named = {"model": "openai:small", "model_address": address, "model_seconds": seconds} if address else {}
        settings = Settings(_env_file=None, data=tmp_path, **named)
        house = wiring.Services(settings, store, Keys.from_file(tmp_path / "master.key"), read_folder(SHIPPED))
        if house.model:
            house.model.warm_up()
        return house

    return made


@pytest.fixture(scope="module")
def plain() -> Turn:
    """The answer without a model."""
    return parts_over(read_folder(SHIPPED)).take(Message(QUESTION))


def asked(house: wiring.Services, text: str = QUESTION, token: str = TOKEN):
    shown = house.ask(token, text, clinic=None, language=None)
    return shown.turn


def outcomes(store: Store) -> dict[Outcome, int]:
    with store.reading() as connection:
        return {one.outcome: one.calls for one in counts(connection)}


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (answers(said('{"numbers": []}')), Outcome.EMPTY),
        (answers(said(None, refusal="I cannot help with that.")), Outcome.REFUSED),
        (answers(said("It costs 12 dollars and cures everyone.")), Outcome.MALFORMED),
        (answers(b'{"error": {"message": "slow down"}}', 429), Outcome.RATE_LIMITED),
        (cut_off(said('{"numbers": [2]}')), Outcome.GONE),
        (hangs(8.0), Outcome.TIMED_OUT),
    ],
    ids=lambda given: given.value if isinstance(given, Outcome) else "",
)
def test_a_server_that_fails_costs_a_visitor_the_budget_at_most_and_is_counted(
    house, store, plain: Turn, handle: Handle, outcome: Outcome
):
    with server(handle) as address:
        slow = house(address, seconds=1.0)
        began = time.monotonic()
        turn = asked(slow)
        took = time.monotonic() - began

    assert turn.decision.route is Route.ANSWER
    assert turn.statements == plain.statements
    assert turn.worded_with == ""
    assert outcomes(store) == {outcome: 1}
    assert took < 5.0


def test_with_a_model_on_this_machine_nothing_leaves_it(heard: Path, surroundings: dict[str, str]) -> None:
    words: list[bytes] = []
    with server(answers(said('{"numbers": [2]}')), words) as address:
        on = {"FOREROOM_MODEL": "openai:small", "FOREROOM_MODEL_ADDRESS": address, "FOREROOM_MODEL_SECONDS": "60"}
        done = subprocess.run(
            [sys.executable, "-c", ASK], cwd=HERE, env=surroundings | on, capture_output=True, text=True, check=False
        )

    assert done.returncode == 0, done.stderr
    assert words
    assert heard.read_text(encoding="utf-8") == ""


def test_a_sentence_a_server_writes_never_stands_in_an_answer(house):
    with server(answers(said('{"numbers": [2, 3], "text": "It is free and safe for everyone."}'))) as address:
        turn = asked(house(address))

    assert "free and safe" not in str(turn)


@pytest.mark.parametrize("text", ["can I take it with lithium?", "am i a candidate?", "I want to kill myself"])
def test_a_message_for_a_person_makes_no_call(house, store, text: str):
    with server(answers(said('{"numbers": [1]}'))) as address:
        asked(house(address), text)

    assert outcomes(store) == {}


def test_a_follow_up_to_a_message_for_a_person_shows_nothing_of_it(house):
    heard: list[bytes] = []

    with server(answers(said('{"numbers": []}')), heard) as address:
        on = house(address)
        asked(on, "can I take it with lithium after my stroke?")
        asked(on, "and what is anhedonia?")

    assert heard
    assert not any(b"lithium" in body or b"stroke" in body for body in heard)
