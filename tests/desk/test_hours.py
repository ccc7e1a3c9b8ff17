"""Hours as an operator writes them."""

from datetime import UTC, date, datetime, time

import pytest

from desk.hours import OFFICE, read_hours
from errors import BadInput


def test_the_usual_hours_are_what_is_there_without_a_setting():
    assert read_hours("Mon-Fri 09:00-17:00", "UTC").week == OFFICE


def test_days_may_differ_and_some_may_be_missing():
    hours = read_hours("Mon-Thu 09:00-17:00, Fri 09:00-13:00", "America/Chicago", "2026-12-25, 2027-01-01")

    assert hours.week[4] == (time(9), time(13))
    assert hours.week[5:] == (None, None)
    assert hours.closed_on == {date(2026, 12, 25), date(2027, 1, 1)}
    assert hours.is_open(datetime(2026, 5, 4, 14, 30, tzinfo=UTC))  # half past nine in Chicago
    assert not hours.is_open(datetime(2026, 5, 4, 13, 30, tzinfo=UTC))


def test_nothing_means_that_nobody_is_ever_there():
    assert read_hours("", "UTC").opens_next(datetime(2026, 5, 4, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("week", "zone", "closed"),
    [
        ("always", "UTC", ""),
        ("Mon 17:00-09:00", "UTC", ""),
        ("Fri-Mon 09:00-17:00", "UTC", ""),
        ("Mon-Fri 9-17h", "UTC", ""),
        ("Mon-Fri 09:00-17:00", "Mars/Olympus", ""),
        ("Mon-Fri 09:00-17:00", "UTC", "Christmas"),
    ],
)
def test_hours_that_cannot_be_read_are_refused(week: str, zone: str, closed: str):
    with pytest.raises(BadInput):
        read_hours(week, zone, closed)
