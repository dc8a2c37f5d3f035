"""Asking the broker whether it is there, without waiting for it.

The client's own default is to try again three times with growing pauses, six seconds in all, which no page may wait. Nothing of
Revlog's depends on the broker: it carries wake-ups, and the sweep finds the work without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS = 0.3


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=SECONDS,
        socket_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def waiting(queues: Sequence[str]) -> dict[str, int] | None:
    """How many messages wait in each of these queues, asked in one trip; None when the broker doesn't answer at this moment."""
    asked = _client().pipeline(transaction=False)
    for queue in queues:
        asked.llen(queue)
    try:
        return dict(zip(queues, asked.execute(), strict=True))
    except (redis.RedisError, OSError):
        return None


def is_there() -> bool:
    """Whether the broker answers at this moment; never longer than a fraction of a second."""
    try:
        return bool(_client().ping())
    except (redis.RedisError, OSError):
        return False
