"""When the desk is staffed, and when an answer is due: minutes of urgency counted in staffed time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from errors import BadInput
from triage.decision import Urgency
from triage.reasons import urgency_minutes

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = ((time(9), time(17)),) * 5 + (None, None)
LONGEST_SEARCH_DAYS = 370


@dataclass(frozen=True, slots=True)
class Hours:
    """Staffed hours, Monday first; None is a day without anybody."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    week: tuple[tuple[time, time] | None, ...] = OFFICE
    closed_on: frozenset[date] = frozenset()
    minutes: Mapping[Urgency, int] = field(default_factory=urgency_minutes)

    def is_open(self, at: datetime) -> bool:
        """Somebody is meant to be at the desk at that moment."""
        window = self._window(at.astimezone(self.zone).date())
        return window is not None and window[0] <= at < window[1]

    def opens_next(self, after: datetime) -> datetime | None:
        """When the desk opens next, in UTC; None if it never does."""
        day = after.astimezone(self.zone).date()
        for ahead in range(LONGEST_SEARCH_DAYS):
            window = self._window(day + timedelta(days=ahead))
            if window is not None and window[0] > after:
                return window[0]
        return None

    def due(self, urgency: Urgency, since: datetime) -> datetime:
        """When an answer is owed. Urgent counts by the clock, everything else in staffed minutes only."""
        left = timedelta(minutes=self.minutes[urgency])
        if urgency is Urgency.NOW:
            return since + left
        day = since.astimezone(self.zone).date()
        for ahead in range(LONGEST_SEARCH_DAYS):
            window = self._window(day + timedelta(days=ahead))
            if window is None or window[1] <= since:
                continue
            start = max(window[0], since)
            if start + left <= window[1]:
                return start + left
            left -= window[1] - start
        return since + left  # a desk that never opens owes by the clock

    def _window(self, day: date) -> tuple[datetime, datetime] | None:
        """The staffed stretch of one day, in UTC; clock changes of the zone are kept."""
        hours = self.week[day.weekday()]
        if hours is None or day in self.closed_on:
            return None
        opens, closes = (datetime.combine(day, hour, self.zone).astimezone(UTC) for hour in hours)
        return opens, closes


def read_hours(week: str, zone: str, closed: str = "") -> Hours:
    """Hours as an operator writes them: "Mon-Thu 09:00-17:00, Fri 09:00-13:00"; nothing: nobody is ever there.

    BadInput names what cannot be read.
    """
    days: list[tuple[time, time] | None] = [None] * 7
    for stretch in (part.strip() for part in week.split(",") if part.strip()):
        try:
            names, hours = stretch.lower().split()
            first, _, last = names.partition("-")
            opens, closes = (time.fromisoformat(hour) for hour in hours.split("-"))
            begins, ends = DAYS.index(first), DAYS.index(last or first)
        except ValueError:
            raise BadInput(f"Hours are written like Mon-Fri 09:00-17:00, and this is not: {stretch}") from None
        if opens >= closes or begins > ends:
            raise BadInput(f"These hours end before they begin: {stretch}")
        days[begins : ends + 1] = [(opens, closes)] * (ends + 1 - begins)
    try:
        place = ZoneInfo(zone)
        away = frozenset(date.fromisoformat(day.strip()) for day in closed.split(",") if day.strip())
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(f"The zone or a closed day of the desk cannot be read: {error}") from None
    return Hours(place, tuple(days), away)
