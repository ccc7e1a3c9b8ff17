"""When the desk is staffed, and when an answer is due: minutes of urgency counted in staffed time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.decision import Urgency
from triage.reasons import urgency_minutes

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
