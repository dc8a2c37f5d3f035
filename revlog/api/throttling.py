"""So many requests a minute for each key; every answer says how many are left, a refusal when to come again.

One counter a key and minute: the list of times that DRF keeps by default grows with the rate and is carried over at each request. A
broker that is away throttles nobody (``accounts/cache.py`` counts in the process instead).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache, caches
from rest_framework import throttling
from typing_extensions import override

from revlog.accounts.cache import Steady
from revlog.api.permissions import actor_of
from revlog.common import clock

if TYPE_CHECKING:
    # DRF imports this module while its views are being defined.
    from rest_framework.request import Request
    from rest_framework.views import APIView

WINDOW = 60
"""Seconds of one count."""


@dataclass(frozen=True)
class Left:
    """Where a caller stands: ``most`` requests a window, ``remaining`` of them in this one, which ends in ``seconds``."""

    most: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """By the IETF draft (ratelimit-headers): the policy and what is left of it."""
        return {
            "RateLimit-Policy": f'"key";q={self.most};w={WINDOW}',
            "RateLimit": f'"key";r={self.remaining};t={self.seconds}',
        }


def most() -> int:
    """Requests a minute: ``API_REQUESTS_PER_MINUTE`` of the settings."""
    return int(getattr(settings, "API_REQUESTS_PER_MINUTE", 6000))


def _counted(place: str) -> int:
    """One more: in one trip by our own cache, in two by any other of Django's."""
    if isinstance(ours := caches["default"], Steady):
        return ours.count(place, timeout=2 * WINDOW)
    return 1 if cache.add(place, 1, timeout=2 * WINDOW) else int(cache.incr(place))


class PerKey(throttling.BaseThrottle):
    @override
    def allow_request(self, request: Request, view: APIView) -> bool:
        actor = actor_of(request)
        known = actor is not None and actor.organization_id is not None
        name = actor.reference if actor is not None and known else self.get_ident(request)
        now = clock.now().timestamp()
        window, into = divmod(now, WINDOW)
        count, bound = _counted(f"throttle:{name}:{int(window)}"), most()
        if count <= bound and (own := self._own(view)) is not None:
            act, most_of_it = own
            count, bound = _counted(f"throttle:{name}:{act}:{int(window)}"), min(bound, most_of_it)
        self._wait = max(1, math.ceil(WINDOW - into))
        request._request.rate_left = Left(bound, max(0, bound - count), self._wait)  # type: ignore[attr-defined]
        return count <= bound

    @staticmethod
    def _own(view: APIView) -> tuple[str, int] | None:
        """The act and how often a minute it may be done, where the view says so by ``most_a_minute``: what costs much has its own count."""
        act = str(getattr(view, "action", None) or "")
        found = getattr(view, "most_a_minute", {}).get(act)
        return (f"{getattr(view, 'tag', '')}.{act}", found) if found is not None else None

    @override
    def wait(self) -> float:
        return self._wait
