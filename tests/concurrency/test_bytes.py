"""The same bytes sent by one while another lets them go."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction

from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from tests.platforms import wait_for

pytestmark = pytest.mark.slow

DATA = b"what two people send"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_bytes_that_come_again_while_they_are_let_go_are_there(transactional_db: None, at: datetime) -> None:
    kept = threading.Event()
    told: list[bool] = []

    def sends_them_again() -> None:
        try:
            with transaction.atomic():
                artifacts.keep(DATA, media_type="text/plain", at=at)
                kept.set()
                # Whoever lets them go comes now, before anybody can see that they are wanted again.
                wait_for(somebody_waits, 20, what="the file's end to wait")
                told.append(True)
        finally:
            connection.close()

    row = artifacts.keep(DATA, media_type="text/plain", at=at)
    other = threading.Thread(target=sends_them_again)

    def begin() -> None:
        other.start()
        assert kept.wait(20)

    with transaction.atomic():
        transaction.on_commit(begin)
        assert artifacts.discard(row)
    other.join()

    assert told == [True]
    assert artifacts.read(Artifact.objects.get(digest=row.digest)) == DATA
