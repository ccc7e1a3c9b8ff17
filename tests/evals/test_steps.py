"""Every step of a questionnaire is pressed on a page that is served, and timed."""

import sys
from pathlib import Path

from evals.steps import FIRST, Took, go_through, visitor_of
from tests.journeys.conftest import free_port, serving
from tests.loops import run


def test_a_first_conversation_is_gone_through_to_its_end(tmp_path: Path) -> None:
    async def go(address: str) -> Took:
        took = Took()
        await go_through(address, await visitor_of(address), 0, FIRST, took, 0, briefly=True)
        return took

    port = free_port()
    with serving([sys.executable, "-m", "tests.journeys.stage", str(port), str(tmp_path)], port) as address:
        took = run(go(address))

    names = [name for name, _, _ in took.steps]
    assert names[:4] == ["intake_offer_first-conversation", "intake_begin", "who", "adult"]
    assert names[-1] == "intake_hand_over"
    assert all(seconds > 0 for _, seconds, _ in took.steps)


def test_what_was_measured_names_the_largest_and_counts_what_is_above_the_goal() -> None:
    said = str(Took([("who", 0.1, 0.05), ("adult", 0.3, 0.07), ("brings", 0.15, 0.06)]))

    assert said.startswith("3 steps: median 150 ms")
    assert "largest 300 ms (adult), 1 above 200 ms" in said
    assert "processor at most 70 ms (adult)" in said
