"""A page opened without a browser is a page: it draws, asks, reads and looks again by itself."""

import asyncio
import sys
from pathlib import Path

import pytest

from evals.load import Plan, Took
from evals.open_page import open_page
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


def test_what_was_measured_is_said_with_its_counts() -> None:
    took = Took(turns=[0.1] * 19 + [0.9], waits=2, lost=1)

    assert str(took) == ("a turn: median 100 ms, 95th percentile 100 ms (20); told to wait 2; lost 1; danger NOT met")


def test_what_ran_out_first_is_named() -> None:
    plan = Plan(visitors=50, seconds=100)

    assert "processor is full (95%)" in Took(busy=95, waits=3).bottleneck(plan)
    assert "3 told to wait" in Took(busy=40, waits=3).bottleneck(plan)
    assert "other work on the machine" in Took(busy=40).bottleneck(plan)
    assert "2.0 MB more for each page" in Took(before=500_000_000, after=604_000_000, busy=1).cost(plan)
