from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("devices", "0005_lookout"),
        ("returns", "0033_payout_files"),
    ]

    operations = [
        migrations.AddField("assessment", "inputs", models.JSONField(blank=True, default=dict)),
        migrations.AddField("review", "inputs", models.JSONField(blank=True, default=dict)),
        migrations.AddField("tradein", "inputs", models.JSONField(blank=True, default=dict)),
        migrations.AddField("businessline", "inputs", models.JSONField(blank=True, default=dict)),
        migrations.CreateModel(
            name="UnsoldLook",
            fields=[
                (
                    "device",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        related_name="unsold_look",
                        serialize=False,
                        to="devices.device",
                    ),
                ),
                ("inputs", models.JSONField()),
                ("sums", models.JSONField()),
                ("unsold", models.CharField(blank=True, max_length=12)),
                ("version", models.IntegerField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["seen_at"], name="unsold_looks_by_time")]},
        ),
        migrations.RemoveIndex("trialchange", "changes_of_a_trial"),
        migrations.RemoveConstraint("trialchange", "a_case_changes_once_a_trial"),
        migrations.AlterModelOptions("trialchange", {}),
        migrations.RenameField("trialchange", "line", "case"),
        migrations.AlterField("trialchange", "case", models.UUIDField()),
        migrations.AlterModelOptions("trialchange", {"ordering": ["trial", "case"]}),
        migrations.AddIndex(
            "trialchange", models.Index(fields=["trial", "change", "case"], name="changes_of_a_trial")
        ),
        migrations.AddConstraint(
            "trialchange",
            models.UniqueConstraint(fields=["trial", "case"], name="a_case_changes_once_a_trial"),
        ),
    ]
