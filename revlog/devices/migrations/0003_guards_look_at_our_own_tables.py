from __future__ import annotations

from django.db import migrations

FUNCTIONS = (
    "revlog_refuse(text, text)",
    "state_cites_ledger()",
    "nothing_leaves_with_data()",
    "nothing_irreversible_without_authority()",
    "data_follows_media()",
    "a_cleared_medium_has_proof()",
)


class Migration(migrations.Migration):
    """A session may put a temporary table before ours; without a path of its own a guard would look for its proof in there."""

    dependencies = [("devices", "0002_guards")]

    operations = [
        migrations.RunSQL(
            [f"ALTER FUNCTION {name} SET search_path = public, pg_temp" for name in FUNCTIONS],
            [f"ALTER FUNCTION {name} RESET search_path" for name in reversed(FUNCTIONS)],
        )
    ]
