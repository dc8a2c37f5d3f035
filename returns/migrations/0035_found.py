from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("returns", "0034_tries"),
    ]

    operations = [
        migrations.AddField("tradein", "found", models.JSONField(blank=True, default=dict)),
    ]
