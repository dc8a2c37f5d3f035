"""After a test that commits, its rows go: those alone. Django would truncate every table and grant all rights anew, a second each time."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.test import TransactionTestCase

# What a migrated database holds before its first row; everything else is empty (`tests/contracts/test_emptying.py`).
KEPT = ("django_migrations", "django_content_type", "auth_permission")

_TABLES = """
SELECT c.relname, EXISTS (
    SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 8 > 0
)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL(%s)
"""


def filled(cursor: Any) -> dict[str, bool]:
    """The tables that hold rows; whether a guard of ours refuses to delete them."""
    cursor.execute(_TABLES, [list(KEPT)])
    guarded: dict[str, bool] = dict(cursor.fetchall())
    cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in guarded))
    return {name: guarded[name] for (name,) in cursor.fetchall()}


def empty(database: str = "default") -> None:
    """Delete every row that isn't of the migrations. Guards are the owner's to lift, until the end of the transaction."""
    with transaction.atomic(using=database), connections[database].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        found = filled(cursor)
        guarded = [name for name, held in found.items() if held]
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        for name in found:
            cursor.execute(f'DELETE FROM "{name}"')
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')


def _after_a_test(self: Any) -> None:
    from triage.services import shelf, worth

    # What this process knew to be kept goes with its rows.
    shelf._kept.clear()
    worth._kept.clear()
    for database in self._databases_names(include_mirrors=False):
        empty(database)


def instead_of_flushing() -> None:
    TransactionTestCase._fixture_teardown = _after_a_test  # type: ignore[attr-defined]
