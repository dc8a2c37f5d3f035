from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scanning", "0001_initial")]

    operations = [
        migrations.AddField(model_name="hand", name="recent", field=models.JSONField(default=list)),
    ]
