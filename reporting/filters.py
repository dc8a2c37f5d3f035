"""What part of the figures somebody asks for: hub, organization, days. Read from an address, written into every link."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason

WEEKS = 13
"""So many weeks are shown when nobody says which."""
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Filters:
    """``since`` and ``until`` are days in UTC, both included."""

    since: date
    until: date
    hub: uuid.UUID | None = None
    organization: uuid.UUID | None = None

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.since, time.min, UTC)

    @property
    def end(self) -> datetime:
        """The first instant after the last day."""
        return datetime.combine(self.until, time.min, UTC) + timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Filters:
        """The same, for the span just before: what a change is measured against."""
        return replace(self, since=self.since - timedelta(days=self.days), until=self.since - timedelta(days=1))

    def query(self, **more: object) -> str:
        """The part of an address that says the same again."""
        values: dict[str, object] = {"since": self.since, "until": self.until}
        if self.hub:
            values["hub"] = self.hub
        if self.organization:
            values["organization"] = self.organization
        values |= {name: value for name, value in more.items() if value not in {None, ""}}
        return urlencode({name: str(value) for name, value in values.items()})

    def weeks(self) -> list[tuple[date, date]]:
        """The weeks (Monday to Sunday) of the span, cut to it at both ends."""
        found = []
        day = self.since
        while day <= self.until:
            last = min(day + timedelta(days=6 - day.weekday()), self.until)
            found.append((day, last))
            day = last + timedelta(days=1)
        return found


def _day(text: str, field: str, problems: list[Reason]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(Reason("no_day", _("%(text)s is not a day; write 2026-03-31") % {"text": text[:40]}, field))
        return None


def _id(text: str, field: str, problems: list[Reason]) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        problems.append(Reason("no_such", _("there is nothing called %(text)s") % {"text": text[:40]}, field))
        return None


def read(values: Mapping[str, str], *, at: datetime) -> Filters:
    """The filters that an address asks for. Raises BadInput naming each field that can't be read."""
    problems: list[Reason] = []
    until = _day(values.get("until", ""), "until", problems)
    since = _day(values.get("since", ""), "since", problems)
    hub = _id(values.get("hub", ""), "hub", problems)
    organization = _id(values.get("organization", ""), "organization", problems)
    last = until or at.astimezone(UTC).date()
    first = since or last - timedelta(days=7 * WEEKS - 1)
    if first > last:
        problems.append(Reason("backwards", _("the first day comes after the last"), "since"))
    elif last - first > LONGEST:
        problems.append(Reason("too_long", _("at most ten years at a time"), "since"))
    if problems:
        raise BadInput(problems)
    return Filters(first, last, hub, organization)
