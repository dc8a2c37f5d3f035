"""What a piece that was sent free of charge stands for: the price, and the day, of the one that it replaces."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("terms", "0007_agreements")]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="worth",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="counts_from",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("worth", None), ("worth__gte", 0), _connector="OR"), name="a_worth_is_not_negative"
            ),
        ),
    ]
