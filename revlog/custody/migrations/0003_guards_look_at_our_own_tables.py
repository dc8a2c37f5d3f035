from __future__ import annotations

from django.db import migrations

FUNCTIONS = (
    "append_only()",
    "chains_only_grow()",
)


class Migration(migrations.Migration):
    """A session may put a temporary table before ours; without a path of its own a guard would look for its proof in there."""

    dependencies = [("custody", "0002_guards")]

    operations = [
        migrations.RunSQL(
            [f"ALTER FUNCTION {name} SET search_path = public, pg_temp" for name in FUNCTIONS],
            [f"ALTER FUNCTION {name} RESET search_path" for name in reversed(FUNCTIONS)],
        )
    ]
