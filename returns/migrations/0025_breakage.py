"""Of a store credit whose day has passed: what nobody spent of it."""

from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0024_rooms_of_reactions")]

    operations = [
        migrations.AddField(
            model_name="storecredit",
            name="lapsed",
            field=models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=12),
        ),
        migrations.AddConstraint(
            model_name="storecredit",
            constraint=models.CheckConstraint(
                condition=models.Q(("lapsed", 0), models.Q(("balance", 0), ("expires_on__isnull", False), ("lapsed__gt", 0)), _connector="OR"),
                name="what_lapsed_is_not_left",
            ),
        ),
    ]
