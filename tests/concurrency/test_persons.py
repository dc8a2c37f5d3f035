"""The first two sales to persons, at once."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction

from revlog.accounts.models import Organization
from revlog.accounts.services import persons
from tests.platforms import wait_for

pytestmark = pytest.mark.slow

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def test_private_persons_are_made_once_and_nobody_s_work_is_lost(transactional_db: None, at: datetime) -> None:
    found: list[object] = []

    def sells_too() -> None:
        try:
            with transaction.atomic():
                found.append(persons.private_persons(at).pk)
                found.append(Organization.objects.count())  # its transaction goes on
        finally:
            connection.close()

    other = threading.Thread(target=sells_too)
    with transaction.atomic():
        first = persons.private_persons(at)
        other.start()
        wait_for(somebody_waits, 20, what="the second sale to wait for the first")
    other.join(20)

    assert found == [first.pk, 1]
