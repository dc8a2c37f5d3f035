"""When a customer agreed to what was deducted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0029_taxes")]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="agreed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
