"""A platform with short leases, whose processes and servers these tests kill."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.mailserver import MailServer, mail_server
from tests.platforms import Platform, platform, wait_for

LEASES = {"REVLOG_LEASE_FAST_SECONDS": "4", "REVLOG_LEASE_DOCUMENTS_SECONDS": "12", "REVLOG_LEASE_OUTSIDE_SECONDS": "4"}


SCENE = "from tests.faults import scenes\ntold = getattr(scenes, scene)(**values)"


@pytest.fixture(scope="session")
def mails() -> Iterator[MailServer]:
    """Where the platform's mails go."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="session")
def hurt(mails: MailServer) -> Iterator[Platform]:
    with platform(**LEASES, REVLOG_SMTP_URL=mails.url) as made:
        yield made


@contextlib.contextmanager
def stopped_at(running: Platform, table: str) -> Iterator[Any]:
    """Nobody can write to ``table`` in here: whoever comes that far in their transaction waits, with the rest of it written."""
    with running.database() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield cursor


def waiters(running: Platform, table: str) -> list[int]:
    """The database's processes that wait to write to ``table``."""
    return [
        row[0] for row in running.ask("SELECT pid FROM pg_locks WHERE relation = %s::regclass AND NOT granted", table)
    ]


def gone(running: Platform, pids: list[int]) -> bool:
    return not running.ask("SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s) AND state <> 'idle'", pids)


def kill_at(running: Platform, process: str, table: str, scene: str, **values: object) -> Any:
    """Play the scene of that name (``scenes.py``); when ``process`` has got as far as writing to ``table``, kill it there.

    Returns what the scene told.
    """
    with stopped_at(running, table):
        told = running.python(SCENE, scene=scene, values=values)
        stuck = wait_for(lambda: waiters(running, table), 40, what=f"somebody writing to {table}")
        running.kill(process)
    wait_for(lambda: gone(running, stuck), 20, what="the end of the dead worker's transaction")
    return told
