"""Of a corrective action that nobody follows up any more: since when, who said so, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0026_worth_of_replacements")]

    operations = [
        migrations.AddField(
            model_name="correctiveaction",
            name="dropped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="correctiveaction",
            name="dropped_by",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="correctiveaction",
            name="dropped_why",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
