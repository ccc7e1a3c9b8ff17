"""An embedder that hangs costs a visitor a moment, never care and never more threads than there are places."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from answering import parts_over
from errors import Unavailable
from knowledge.library import SHIPPED, read_folder
from retrieval.embedding import Vectors
from retrieval.in_time import AT_ONCE, InTime
from triage.decision import Message, Route
from triage.triage import Triage


class Stuck:
    """An embedder that says nothing until it is let go."""

    def __init__(self) -> None:
        self.free, self.calls = threading.Event(), 0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        self.free.wait(30)
        return np.eye(len(texts), 384, dtype=np.float32)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    embed = Stuck()
    yield embed
    embed.free.set()


def test_the_rules_meet_danger_in_time_while_the_embedder_hangs(stuck: Stuck) -> None:
    triage = Triage(InTime(stuck, 0.05))
    began = time.perf_counter()

    assert triage(Message("i want to kill myself")).route is Route.CRISIS
    assert triage.by_rules_alone
    assert time.perf_counter() - began < 5


def test_a_question_is_answered_by_words_alone_while_the_embedder_hangs(stuck: Stuck) -> None:
    parts = parts_over(read_folder(SHIPPED), embed=InTime(stuck, 0.05))

    turn = parts.take(Message("What is anhedonia?"))

    assert turn.statements
    assert turn.by_words_alone


def test_one_that_hung_is_left_alone_for_a_while_and_then_tried_again(stuck: Stuck) -> None:
    embed = InTime(stuck, 0.02, pause=0.3)
    with pytest.raises(Unavailable):
        embed(["a"])
    with pytest.raises(Unavailable):
        embed(["b"])
    assert stuck.calls == 1  # the second did not wait for it

    stuck.free.set()
    time.sleep(0.4)
    assert embed(["c"]).shape == (1, 384)


def test_no_more_threads_hang_than_there_are_places(stuck: Stuck) -> None:
    embed = InTime(stuck, 0.01, pause=0.0)
    for number in range(AT_ONCE + 4):
        with pytest.raises(Unavailable):
            embed([str(number)])

    assert stuck.calls == AT_ONCE


def test_what_the_embedder_says_or_raises_is_handed_on() -> None:
    def embed(texts: Sequence[str]) -> Vectors:
        if texts[0] == "time":
            raise TimeoutError("its own")
        return np.ones((len(texts), 384), np.float32)

    in_time = InTime(embed, 5)

    assert in_time(["a", "b"]).shape == (2, 384)
    with pytest.raises(TimeoutError, match="its own"):
        in_time(["time"])
