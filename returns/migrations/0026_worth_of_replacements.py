"""Replacements that were sent before stand for what was paid for the first ones, too."""

from django.db import migrations

FILL = """
UPDATE terms_orderline new SET worth = l.price, counts_from = COALESCE(old.delivered_at, o.delivered_at)
FROM returns_rmaline l
JOIN terms_orderline old ON old.id = l.order_line_id
JOIN terms_order o ON o.id = old.order_id
WHERE l.exchange_id = new.order_id AND l.wanted = 'replace' AND new.price = 0 AND new.worth IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0025_breakage"), ("terms", "0008_worth")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
