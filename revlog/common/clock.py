"""The clock, asked at the edge alone: pages, API, tasks and commands call ``now()`` and pass ``at`` down."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(tz=UTC)
