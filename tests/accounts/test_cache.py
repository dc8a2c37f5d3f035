"""The cache of the sign-in limits, with a broker and with none."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from revlog.accounts.cache import Steady


@pytest.fixture(params=["broker", "no broker"])
def cache(request: Any, tmp_path: Path) -> Steady:
    address = settings.REDIS_URL if request.param == "broker" else f"unix://{tmp_path}/nobody.sock"
    made = Steady(address, {"KEY_PREFIX": f"test_cache.{tmp_path.name}", "OPTIONS": {"socket_connect_timeout": 0.3}})
    made.delete_many(["tries", "lock", "one", "two", "three"])
    return made


def test_it_counts_and_locks_with_a_broker_and_without(cache: Steady) -> None:
    assert cache.add("lock", 1, timeout=5) is True
    assert cache.add("lock", 1, timeout=5) is False
    assert cache.delete("lock") is True
    assert cache.get("tries", []) == []
    cache.set("tries", [1.5, 2.5], 60)
    assert cache.get("tries") == [1.5, 2.5]
    assert cache.has_key("tries")
    assert cache.touch("tries", 60)
    cache.set("one", 1)
    assert cache.incr("one") == 2
    assert [cache.count("three", timeout=5) for _ in range(3)] == [1, 2, 3]
    assert cache.set_many({"two": 2}) == []
    assert cache.get_many(["one", "two", "four"]) == {"one": 2, "two": 2}


def test_it_stays_fast_while_the_broker_is_away() -> None:
    # An address that nobody answers, so that only the first call may wait for the time-out.
    cache = Steady("redis://192.0.2.1:6379", {"OPTIONS": {"socket_connect_timeout": 0.2}})
    cache.get("first")

    began = time.monotonic()
    for _ in range(200):
        cache.get("later")

    assert time.monotonic() - began < 0.2


def test_it_is_what_the_house_uses() -> None:
    from revlog.settings import base

    assert base.CACHES["default"]["BACKEND"] == "revlog.accounts.cache.Steady"
