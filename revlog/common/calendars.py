"""When a place is open, and when something is due there: zone, opening hours, public holidays.

*Calendar days* are dates in the hub's zone; *business hours* count only while the hub is open. A due date in calendar days ends at the
end of that local day, as a customer reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

WORKING_WEEK: Mapping[int, tuple[time, time]] = {day: (time(8), time(17)) for day in range(5)}


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        # A country the library doesn't know has no holidays here rather than no calendar at all.
        return frozenset()


@dataclass(frozen=True)
class Calendar:
    """A hub's calendar. ``hours`` maps weekday (Monday is 0) to opening and closing; a missing day is closed."""

    zone: str = "UTC"
    country: str = ""
    subdivision: str | None = None
    hours: Mapping[int, tuple[time, time]] = field(default_factory=lambda: WORKING_WEEK)
    closed: frozenset[date] = frozenset()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.tz)

    def is_holiday(self, day: date) -> bool:
        return day in self.closed or day in _holidays(self.country, self.subdivision, day.year)

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing instant of ``day`` in UTC, or None when closed."""
        if self.is_holiday(day) or day.weekday() not in self.hours:
            return None
        opening, closing = self.hours[day.weekday()]
        return (
            datetime.combine(day, opening, self.tz).astimezone(UTC),
            datetime.combine(day, closing, self.tz).astimezone(UTC),
        )

    def is_open(self, at: datetime) -> bool:
        window = self.window(self.local(at).date())
        return window is not None and window[0] <= at < window[1]

    def end_of_day(self, day: date) -> datetime:
        """The first instant after ``day`` in the hub's zone, in UTC."""
        return datetime.combine(day + timedelta(days=1), time(), self.tz).astimezone(UTC)

    def after_days(self, at: datetime, days: int) -> datetime:
        """The end of the local day ``days`` calendar days after ``at``."""
        return self.end_of_day(self.local(at).date() + timedelta(days=days))

    def after_hours(self, at: datetime, hours: float) -> datetime:
        """The instant when ``hours`` open hours have passed since ``at``."""
        left = timedelta(hours=hours)
        day = self.local(at).date()
        for _ in range(3660):
            window = self.window(day)
            if window is not None:
                start = max(at, window[0])
                if start < window[1]:
                    room = window[1] - start
                    if left <= room:
                        return start + left
                    left -= room
            day += timedelta(days=1)
        raise ValueError("This calendar has no open hours in ten years.")

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """Open time between two instants."""
        total = timedelta()
        day, last = self.local(start).date(), self.local(end).date()
        while day <= last:
            window = self.window(day)
            if window is not None:
                low, high = max(start, window[0]), min(end, window[1])
                if low < high:
                    total += high - low
            day += timedelta(days=1)
        return total
