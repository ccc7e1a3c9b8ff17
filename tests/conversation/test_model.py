"""A language model: off as it comes, asked within a budget, and whatever goes wrong has a name and is counted."""

import time

import pytest

from answering import model_of
from conversation.calls import Outcome, Purpose
from conversation.model import AT_ONCE, IN_A_ROW, REST, Model, Price, open_model
from errors import BadSettings
from settings import Settings
from tests.conversation.recorded import Handle, Says, answers, cut_off, hangs, model_that, said, server

SHAPE = {
    "title": "chosen",
    "description": "Numbers.",
    "type": "object",
    "properties": {"numbers": {"type": "array", "items": {"type": "integer"}}},
    "required": ["numbers"],
    "additionalProperties": False,
}
BLANKS = {"question": "how many visits", "sentences": "1. Four.", "most": "6"}
GOOD = said('{"numbers": [2, 1]}')
BROKEN = answers(b'{"error": {"message": "broken"}}', 500)


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """The library is imported once, outside of anybody's budget."""
    with server(answers(GOOD)) as address:
        ask(at(address), 60.0)


def ask(model: Model, seconds: float = 5.0):
    return model.ask(Purpose.CHOOSE, SHAPE, until=model.clock() + seconds, **BLANKS)


def at(address: str, **rest) -> Model:
    return open_model("openai:small", address=address, **rest)


def test_no_model_is_on_until_an_operator_names_one():
    assert model_of(Settings(_env_file=None)) is None


def test_a_name_without_its_provider_is_refused_at_the_start():
    with pytest.raises(BadSettings, match="provider"):
        model_of(Settings(_env_file=None, model="qwen3"))


def test_prices_are_two_numbers():
    with pytest.raises(ValueError, match="two prices"):
        Settings(_env_file=None, model_prices="cheap")


def test_an_answer_comes_with_its_tokens_cost_and_the_fingerprint_of_its_prompt():
    with server(answers(GOOD)) as address:
        values, call = ask(at(address, price=Price(read=1.0, written=10.0)))

    assert values == {"numbers": [2, 1]}
    assert (call.outcome, call.tokens_in, call.tokens_out) == (Outcome.USED, 120, 8)
    assert call.cost == pytest.approx(0.0002)
    assert len(call.prompt) == 12


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (answers(said("")), Outcome.EMPTY),
        (answers(said(None)), Outcome.EMPTY),
        (answers(said("I would choose the first one.")), Outcome.MALFORMED),
        (answers(said('{"numbers": [1, 2')), Outcome.MALFORMED),
        (answers(said('{"numbers": [1, 2', ends="length")), Outcome.MALFORMED),
        (answers(b"<html>a proxy's page</html>"), Outcome.MALFORMED),
        (answers(said(None, refusal="I cannot help with that.")), Outcome.REFUSED),
        (answers(said("", ends="content_filter")), Outcome.REFUSED),
        (answers(b'{"error": {"message": "slow down"}}', 429), Outcome.RATE_LIMITED),
        (BROKEN, Outcome.BROKEN),
        (answers(b"", 503), Outcome.GONE),
        (answers(b'{"error": {"message": "no key"}}', 401), Outcome.BROKEN),
        (cut_off(GOOD), Outcome.GONE),
        (answers(b'{"error": {"message": "loading"}}', 503), Outcome.GONE),
        (hangs(3.0), Outcome.TIMED_OUT),
    ],
    ids=lambda given: given.value if isinstance(given, Outcome) else "",
)
def test_whatever_a_server_does_the_answer_is_nothing_and_the_call_says_why(handle: Handle, outcome: Outcome):
    with server(handle) as address:
        model = at(address, seconds=1.0)
        model.warm_up()
        began = time.monotonic()
        values, call = ask(model, 1.0)

    assert values == {}
    assert call.outcome is outcome
    assert time.monotonic() - began < 1.5


def test_a_server_that_is_not_there_is_gone():
    with server(answers(GOOD)) as address:
        pass

    assert ask(at(address))[1].outcome is Outcome.GONE


def test_the_budget_holds_even_where_a_library_waits_longer():
    slow = model_that(Says(lambda _: time.sleep(2.0) or {}))
    began = time.monotonic()

    assert ask(slow, 0.2)[1].outcome is Outcome.TIMED_OUT
    assert time.monotonic() - began < 0.6


def test_calls_that_hang_do_not_pile_up():
    model = model_that(Says(lambda _: time.sleep(2.0) or {}))
    outcomes = []
    for _ in range(AT_ONCE + 1):
        model._troubles = 0  # so that it does not rest instead
        outcomes.append(ask(model, 0.05)[1].outcome)

    assert outcomes == [Outcome.TIMED_OUT] * AT_ONCE + [Outcome.BUSY]


def test_after_three_troubles_in_a_row_it_is_left_alone_for_a_minute():
    now = [0.0]
    chat = Says(ConnectionError("gone"))
    model = model_that(chat, clock=lambda: now[0])
    troubles = [ask(model)[1].outcome for _ in range(IN_A_ROW)]
    asked = len(chat.seen)

    assert troubles == [Outcome.GONE] * IN_A_ROW
    assert ask(model)[1].outcome is Outcome.RESTING
    assert len(chat.seen) == asked
    now[0] += REST
    chat.values = {"numbers": [1]}
    assert ask(model)[0] == {"numbers": [1]}


@pytest.mark.parametrize(
    ("name", "address", "place"),
    [
        ("ollama:qwen3:4b", "", ""),
        ("openai:small", "http://127.0.0.1:8080/v1", ""),
        ("openai:small", "http://localhost:8080/v1", ""),
        ("openai:small", "http://[::1]:8080/v1", ""),
        ("openai:small", "https://models.example.org/v1", "models.example.org"),
        ("ollama:qwen3:4b", "http://10.0.0.7:11434", "10.0.0.7"),
        ("azure_openai:small", "", "azure openai"),
        ("anthropic:small", "", "anthropic"),
    ],
)
def test_the_page_can_say_where_a_model_runs(name: str, address: str, place: str):
    assert open_model(name, address=address).place == place


def test_a_library_that_is_not_installed_is_told_in_the_log_and_costs_nobody_the_page(caplog: pytest.LogCaptureFixture):
    model = open_model("nobody_has_this:small")
    model.warm_up()

    assert "Answering without the language model" in caplog.text
    assert ask(model)[1].outcome is Outcome.BROKEN
