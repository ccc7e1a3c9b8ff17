"""A day of visitors against the real page: nothing that was acknowledged is lost, and memory stays as it was."""

import random
from collections import Counter

import pytest

from evals.day import Day, arrivals, day
from tests.conftest import SOAK_MINUTES


def test_what_was_acknowledged_and_is_not_stored_once_is_lost() -> None:
    held = Day(1, 1, acknowledged=["a", "b", "c"], stored=Counter({"a": 1, "b": 2}))

    assert held.lost == ["b", "c"]


def test_growth_is_counted_from_when_the_server_was_warm() -> None:
    assert Day(1, 1, memory=[100, 400, *[600] * 30, *[700] * 10]).growth == 100
    assert Day(1, 1, memory=[100, 300, *[600] * 40]).growth == 0
    assert Day(1, 1).growth == 0


def test_most_visitors_come_at_two_times_of_the_day() -> None:
    came = arrivals(1000, 24.0, random.Random(1))

    assert len(came) == 1000
    assert came == sorted(came)
    assert sum(8 < hour < 14 for hour in came) > 10 * sum(1 < hour < 4 for hour in came)


@pytest.mark.soak
@pytest.mark.timeout(SOAK_MINUTES * 60 + 900)
def test_a_day_of_traffic_loses_nothing_and_memory_stays_as_it_was() -> None:
    held = day(visitors=max(round(1000 * SOAK_MINUTES / 60), 10), minutes=SOAK_MINUTES)  # a thousand in an hour
    print(held)

    assert held.acknowledged
    assert held.lost == []
    assert held.broken == 0
    assert held.growth < 40e6  # bytes
