from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0003_board'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='queued',
            index=models.Index(fields=['hub_id', 'since', 'device_id'], name='queued_longest'),
        ),
        # The board's rows are of what was read before, too: the follower reads the log once more, and writes only what is missing.
        migrations.RunSQL("UPDATE reporting_cursor SET position = 0", migrations.RunSQL.noop),
    ]
