"""Reactions have moved into rooms of their own; those that still wait keep their handler under its new name."""

from django.db import migrations

ROOMS = {
    "after": "after",
    "business": "business",
    "fraud": "fraud",
    "recall": "recalls",
    "tradein": "tradein",
    "vendor": "vendors",
    "way": "ways",
}
MOVE = "UPDATE custody_reaction SET handler = replace(handler, '{old}', '{new}') WHERE done_at IS NULL AND starts_with(handler, '{old}')"


class Migration(migrations.Migration):
    dependencies = [
        ("returns", "0023_match_later"),
        ("custody", "0003_guards_look_at_our_own_tables"),
    ]

    operations = [
        migrations.RunSQL(
            [
                MOVE.format(old=f"returns.{old}_reactions.", new=f"returns.reactions.{new}.")
                for old, new in ROOMS.items()
            ],
            migrations.RunSQL.noop,
        )
    ]
