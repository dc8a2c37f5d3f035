"""What the application's login may do: all of its work, and nothing to the ledger but append."""

from __future__ import annotations

import os
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from psycopg2 import sql

WRITTEN_ONCE = (
    "custody_entry",
    "custody_log",
    "custody_checkpoint",
    "custody_subtree",
    "devices_posting",
)
KEPT = (
    "custody_chain",
    "custody_reaction",
    "devices_device",
    "devices_identifier",
    "devices_medium",
    "devices_visit",
    "evidence_artifact",
    "evidence_attachment",
    "evidence_document",
)
"""Rows that change and never go: no work that was promised, no unit and no document disappears."""
CHANGED_IN = {
    "custody_reaction": ("due_at", "attempts", "leased_until", "done_at", "parked_at", "error"),
    "evidence_artifact": ("erased_at", "erased_why"),
    "evidence_document": ("replaced_by_id",),
}
"""The only columns that change; what was promised, kept or issued stays what it was."""


def grant(*, using: str, app_config: AppConfig, **_kwargs: Any) -> None:  # noqa: ANN401 - a signal's receiver
    """After every migration, as the owner: grants to the role named by REVLOG_APP_ROLE, where it exists.

    Django tells of each app in turn; the grants are of all tables, so that they wait for the last one.
    """
    if app_config is not [one for one in apps.get_app_configs() if one.models_module is not None][-1]:
        return
    role = os.environ.get("REVLOG_APP_ROLE", "")
    connection = connections[using]
    if not role or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone() is None:
            return
        name = sql.Identifier(role)
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        cursor.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name)
        )
        cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name))
        present = set(connection.introspection.table_names(cursor))
        for table in WRITTEN_ONCE:
            if table in present:
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name)
                )
        for table in present.intersection(KEPT):
            cursor.execute(sql.SQL("REVOKE DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name))
        for table, columns in CHANGED_IN.items():
            if table in present:
                shown = sql.SQL(", ").join(map(sql.Identifier, columns))
                cursor.execute(sql.SQL("REVOKE UPDATE ON {} FROM {}").format(sql.Identifier(table), name))
                cursor.execute(sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(shown, sql.Identifier(table), name))
        if "django_migrations" in present:
            cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM {}").format(name))
