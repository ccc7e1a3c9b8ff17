"""A page opened without a browser is a page: it draws, asks, reads and looks again by itself."""

import asyncio
import sys
from pathlib import Path
from typing import cast

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from evals.load import Plan, Took
from evals.open_page import OpenPage, open_page
from tests.journeys.conftest import free_port, serving
from tests.loops import run


@pytest.fixture
def stage(tmp_path: Path):
    port = free_port()
    with serving([sys.executable, "-m", "tests.journeys.stage", str(port), str(tmp_path)], port) as address:
        yield address


def test_a_simulated_visitor_asks_reads_and_waits_for_a_reply(stage: str) -> None:
    async def visit() -> None:
        page = await open_page(stage)
        other = await open_page(stage)
        await page.draw()
        await other.draw()
        seconds, said = await page.ask("what is anhedonia")
        assert 0 < seconds < 30
        assert 'class="document"' in said
        assert "what is anhedonia" in said
        assert await page.press_chip() is not None

        _, said = await page.ask("i take lamictal, could i still do this?")
        assert "F-1" in said
        assert page.fragments
        page.poll(0.1)
        await asyncio.sleep(1.5)
        assert page.looks

        _, theirs = await other.ask("what about parking")
        assert "anhedonia" not in theirs.partition('id="ask-thread"')[2]
        await page.close()
        await other.close()

    run(visit())


class Silent:
    """A socket on which nothing comes."""

    sent: list[bytes]

    def __init__(self) -> None:
        self.sent = []

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self) -> None:
        pass

    def __aiter__(self) -> "Silent":
        return self

    async def __anext__(self) -> bytes:
        await asyncio.sleep(60)
        raise StopAsyncIteration


def test_a_look_that_finds_something_new_is_over_when_the_whole_page_has_come() -> None:
    looking = ForwardMsg()
    looking.auto_rerun.fragment_id, looking.auto_rerun.interval = "part", 0.01
    begins = ForwardMsg()
    begins.new_session.name = "page"
    ends = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)

    async def look() -> None:
        socket = Silent()
        page = OpenPage(cast(ClientConnection, socket), "")
        page.take(looking)
        page.poll()
        while not socket.sent:
            await asyncio.sleep(0.01)
        assert not page.looks

        page.take(begins)
        page.take(ends)
        assert len(page.looks) == 1
        await page.close()

    run(look())


def test_what_was_measured_is_said_with_its_counts() -> None:
    took = Took(turns=[0.1] * 19 + [0.9], waits=2, lost=1)

    assert str(took) == ("a turn: median 100 ms, 95th percentile 100 ms (20); told to wait 2; lost 1; danger NOT met")


def test_what_ran_out_first_is_named() -> None:
    plan = Plan(visitors=50, seconds=100)

    assert "processor is full (95%)" in Took(busy=95, waits=3).bottleneck(plan)
    assert "3 told to wait" in Took(busy=40, waits=3).bottleneck(plan)
    assert "other work on the machine" in Took(busy=40).bottleneck(plan)
    assert "2.0 MB more for each page" in Took(before=500_000_000, after=604_000_000, busy=1).cost(plan)
