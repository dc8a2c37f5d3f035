"""The cache that sign-in's limits count in: Redis, and this process's own memory while Redis is away.

Nothing that matters is in it, so that losing it is no loss; but an error from it would shut everybody out of the sign-in page. In memory
each web process counts for itself: the limits are then looser by their number, and there all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError
from typing_extensions import override

AWAY_FOR = 5.0


class Steady(RedisCache):
    """A RedisCache that never raises for a server that is gone, and asks again only after some seconds."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._spare = LocMemCache(f"spare of {server}", {})
        self._away_until = 0.0

    def _try(self, ask: Callable[[], Any], instead: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is cached can be anything
        if time.monotonic() >= self._away_until:
            try:
                return ask()
            except (RedisError, OSError):
                self._away_until = time.monotonic() + AWAY_FOR
        return instead()

    @override
    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        ask = super().add
        return bool(
            self._try(lambda: ask(key, value, *args, **kwargs), lambda: self._spare.add(key, value, *args, **kwargs))
        )

    @override
    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        ask = super().get
        return self._try(lambda: ask(key, *args, **kwargs), lambda: self._spare.get(key, *args, **kwargs))

    @override
    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        ask = super().set
        self._try(lambda: ask(key, value, *args, **kwargs), lambda: self._spare.set(key, value, *args, **kwargs))

    @override
    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        ask = super().touch
        return bool(self._try(lambda: ask(key, *args, **kwargs), lambda: self._spare.touch(key, *args, **kwargs)))

    @override
    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        ask = super().delete
        return bool(self._try(lambda: ask(key, *args, **kwargs), lambda: self._spare.delete(key, *args, **kwargs)))

    @override
    def get_many(self, keys: Any, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        ask, wanted = super().get_many, list(keys)
        found: dict[Any, Any] = self._try(
            lambda: ask(wanted, *args, **kwargs), lambda: self._spare.get_many(wanted, *args, **kwargs)
        )
        return found

    @override
    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        ask = super().set_many
        failed: list[Any] = self._try(
            lambda: ask(data, *args, **kwargs), lambda: self._spare.set_many(data, *args, **kwargs)
        )
        return failed

    @override
    def delete_many(self, keys: Any, *args: Any, **kwargs: Any) -> None:
        ask, wanted = super().delete_many, list(keys)
        self._try(lambda: ask(wanted, *args, **kwargs), lambda: self._spare.delete_many(wanted, *args, **kwargs))

    @override
    def has_key(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        ask = super().has_key
        return bool(self._try(lambda: ask(key, *args, **kwargs), lambda: self._spare.has_key(key, *args, **kwargs)))

    @override
    def incr(self, key: Any, *args: Any, **kwargs: Any) -> int:
        ask = super().incr
        return int(self._try(lambda: ask(key, *args, **kwargs), lambda: self._spare.incr(key, *args, **kwargs)))

    def count(self, key: str, *, timeout: int) -> int:
        """One more of ``key``, which is forgotten ``timeout`` seconds after the last; one trip to the server."""
        name = self.make_and_validate_key(key)

        def ask() -> int:
            trip = self._cache.get_client(name, write=True).pipeline(transaction=False)
            trip.incr(name)
            trip.expire(name, timeout)
            return int(trip.execute()[0])

        def instead() -> int:
            self._spare.add(key, 0, timeout)
            return int(self._spare.incr(key))

        return int(self._try(ask, instead))

    @override
    def clear(self) -> None:
        ask = super().clear
        self._spare.clear()
        self._try(ask, lambda: None)
