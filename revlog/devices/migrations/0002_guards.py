from pathlib import Path

from django.db import migrations

GUARDS = Path(__file__).resolve().parents[1] / "sql" / "guards.sql"


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial"), ("custody", "0002_guards")]
    operations = [migrations.RunSQL(GUARDS.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
