"""For the tests that fill a whole house in one transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection


@pytest.fixture(scope="module")
def nothing_known_of_tables(django_db_setup: None, django_db_blocker: Any) -> None:
    """What the tests before took back is removed. A table of such rows passes for empty, however many a long transaction writes to it,
    and then statements read whole tables where they have indexes."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND (relpages > 0 OR pg_relation_size(oid) > 0)"
        )
        cursor.execute("VACUUM " + ", ".join(f'"{name}"' for (name,) in cursor.fetchall()))
