"""A check service over HTTP with JSON, as docs/floor.md writes it down ("Checks of numbers"); for whatever stands behind it."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from returns.checks import Answered, Later, Reply
from revlog.common import outside

SERVICE = "The check service"
MOST_BYTES = 100_000
STATES = frozenset({"clear", "bad", "unknown"})


class NotKnown(Exception):
    """The service has never heard of the number (404)."""


@dataclass(frozen=True)
class Generic:
    url: str
    key: str
    seconds: float

    def ask(self, *, scheme: str, number: str, kinds: Sequence[str]) -> Reply:
        """Raises Later when there is no answer now: time-out, 429, 5xx, or something unreadable."""
        asked = urllib.parse.urlencode({"scheme": scheme, "number": number, "kinds": ",".join(kinds)})
        request = urllib.request.Request(f"{self.url}/checks?{asked}", headers={"Accept": "application/json"})  # noqa: S310
        try:
            told = outside.ask(
                SERVICE, request, user=self.key, seconds=self.seconds, most_bytes=MOST_BYTES, refusal=_refusal
            )
        except NotKnown:
            return Reply(self._name, [Answered(kind, "unknown") for kind in kinds], {"status": 404})
        except OSError as error:
            raise Later(str(error)) from error
        results = told.get("results")
        results = results if isinstance(results, dict) else {}
        source = str(told.get("source") or self._name)[:60]
        return Reply(source, [_answered(kind, results.get(kind)) for kind in kinds], told)

    @property
    def _name(self) -> str:
        return (urllib.parse.urlsplit(self.url).hostname or "check service")[:60]


def _refusal(status: int, _told: dict[str, Any]) -> Exception | None:
    return NotKnown() if status == 404 else None


def _answered(kind: str, told: Any) -> Answered:  # noqa: ANN401 - whatever the service sent
    """What can't be read as clear or bad is unknown: silence is no clean record."""
    told = told if isinstance(told, dict) else {}
    state = told.get("state")
    return Answered(kind, state if state in STATES else "unknown", str(told.get("detail") or "")[:200])
