"""What every test stands on: real PostgreSQL and Valkey, the cast, and chains that verify after each test that touched them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.utils import timezone, translation
from playwright.sync_api import Playwright, sync_playwright

from tests import cast as casting
from tests import emptying, examples, prepared

examples.profiles()
emptying.instead_of_flushing()
# A fifth of the suite's time went into looking for garbage among what imports and collection left, which stays.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each worker's database is a copy of one that was migrated once."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = prepared.template()


@pytest.fixture
def at() -> datetime:
    """The moment at which a test happens."""
    return datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """One driver a process: the browser tests of pages and of the style guide share it, since it runs an event loop of its own."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(autouse=True)
def nothing_of_the_last_visitor() -> Iterator[None]:
    """The language and zone of a page asked in this process end with its test: the next one begins in those of the settings."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture
def cast(db: None) -> casting.Cast:
    return casting.make()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """After every test that used the database, every chain that it left holds. ``breaks_chains`` marks the few that break one."""
    yield
    used = {"db", "transactional_db", "cast"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker(
        "django_db"
    )
    if not used or item.get_closest_marker("breaks_chains"):
        return
    from revlog.custody.services import verification

    broken = list(verification.all_chains())
    assert not broken, "; ".join(str(found) for found in broken)
