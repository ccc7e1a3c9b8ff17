"""Limits are values with a line each, and a crowd waits its turn."""

from threading import Event, Thread

import pytest

from desk.pace import Crowd, Line, Wait
from prompts.page import page_words


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_limit_has_a_line_of_its_own_that_says_how_long(language: str):
    lines = [page_words(language)(f"slow.{line}", seconds=41) for line in Line]

    assert len(set(lines)) == len(Line)
    assert all("41" in line for line in lines)


def test_whoever_finds_no_place_is_told_to_wait_and_the_next_one_gets_it():
    crowd, let_go, is_in = Crowd(places=1, patience=0.01), Event(), Event()

    def stay() -> None:
        with crowd.place() as wait:
            assert wait is None
            is_in.set()
            let_go.wait(10)

    somebody = Thread(target=stay)
    somebody.start()
    is_in.wait(10)
    with crowd.place() as wait:
        assert wait == Wait(Line.CROWD, 1)
    let_go.set()
    somebody.join()

    for _ in range(2):  # being told to wait takes nobody's place
        with crowd.place() as wait:
            assert wait is None


def test_a_turn_that_breaks_gives_its_place_back():
    crowd = Crowd(places=1, patience=0.01)
    with pytest.raises(ZeroDivisionError), crowd.place():
        raise ZeroDivisionError

    with crowd.place() as wait:
        assert wait is None
