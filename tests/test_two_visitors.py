"""Visitors who write at the same moment, over real websockets to a real server: nobody meets another's words."""

import asyncio
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from desk.pace import Line
from evals.day import stored_in
from evals.load import DANGER
from evals.open_page import OpenPage, open_page
from prompts.page import page_words
from prompts.resources import resources
from tests.journeys.conftest import free_port, serving
from tests.loops import run

MESSAGES = 20
QUESTIONS = ("what is anhedonia", "is there parking", "what is the weather like", "i take lamictal, could i do this")
MARK = re.compile(r"\b(?:heron|otter)\d\d\b")


@pytest.fixture
def served(tmp_path: Path) -> Callable[..., AbstractContextManager[str]]:
    """Starts the real house, by words alone, with something done to it or nothing."""

    def start(*done: str) -> AbstractContextManager[str]:
        port = free_port()
        settings = {"FOREROOM_DATA": str(tmp_path), "FOREROOM_EMBEDDING_MODEL": "no-such-model"}
        return serving([sys.executable, "-m", "tests.real_stage", str(port), *done], port, **settings)

    return start


class Listening:
    """A page whose every byte is kept."""

    def __init__(self, page: OpenPage, name: str) -> None:
        self.page, self.name, self.heard = page, name, list[str]()
        take = page.take

        def keep(message: ForwardMsg) -> None:
            self.heard += MARK.findall(message.SerializeToString().decode("utf-8", "replace"))
            take(message)

        page.take = keep  # type: ignore[method-assign]

    async def write(self, number: int) -> None:
        mark = f"{self.name}{number:02d}"
        _, said = await self.page.ask(f"{mark} {QUESTIONS[number % len(QUESTIONS)]}?")
        assert mark in said

    @property
    def others(self) -> set[str]:
        """Marks of somebody else that came to this page."""
        return {mark for mark in self.heard if not mark.startswith(self.name)}


async def two_write(address: str, messages: int) -> list[Listening]:
    """Two visitors write at once, message after message; then both pages are opened anew."""
    both = [Listening(await open_page(address), name) for name in ("heron", "otter")]
    for one in both:
        await one.page.draw()
    for number in range(messages):
        await asyncio.gather(*(one.write(number) for one in both))
    for one in both:
        await one.page.draw()
        await one.page.close()
    return both


def test_two_visitors_at_once_never_see_each_others_words(served) -> None:
    with served() as address:
        both = run(two_write(address, MESSAGES))

    for one in both:
        assert len(set(one.heard)) == MESSAGES
        assert one.others == set()


def test_a_shared_cache_would_be_noticed(served) -> None:
    async def one_after_the_other(address: str) -> Listening:
        first, second = [Listening(await open_page(address), name) for name in ("heron", "otter")]
        await first.page.draw()
        await first.write(0)
        await second.page.draw()
        await first.page.close()
        await second.page.close()
        return second

    with served("shared-cache") as address:
        assert run(one_after_the_other(address)).others == {"heron00"}


def test_above_its_limit_the_real_page_tells_everybody_to_wait_meets_danger_and_drops_nobody(
    served, tmp_path: Path
) -> None:
    wait = page_words("en")(f"slow.{Line.CROWD}", seconds="…").partition("…")[0]
    people = 6

    async def insist(page: OpenPage, text: str) -> int:
        """Send until it is taken, as the page says; how often they were told to wait."""
        for times in range(60):
            _, said = await page.ask(text)
            if text in said and page.box != text:
                return times
            assert wait in said  # told so, with the words in the box
            await asyncio.sleep(0.1)
        raise AssertionError("never taken")

    async def crowd(address: str) -> tuple[list[int], str]:
        pages = [await open_page(address) for _ in range(people + 1)]
        for page in pages:
            await page.draw()
        *calm, grave = pages
        asked = [asyncio.create_task(insist(page, f"what is anhedonia? gr00000{at}a")) for at, page in enumerate(calm)]
        await asyncio.sleep(0.1)
        _, said = await grave.ask(f"{DANGER} gr00000{people}a")
        told = list(await asyncio.gather(*asked))
        for page in pages:
            await page.close()
        return told, said

    with served("crowded") as address:
        told, said = run(crowd(address))

    assert sum(told) > 0
    assert resources("en")["lifeline"].say in said
    assert stored_in(tmp_path) == {f"gr00000{at}a": 1 for at in range(people + 1)}
