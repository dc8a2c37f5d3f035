"""A medium in a unit whose seal nobody has broken was never used; only the entry that says so can prove it."""

from django.db import migrations, models

PROOF = """
CREATE OR REPLACE FUNCTION a_cleared_medium_has_proof() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state IN ('SANITIZED', 'DESTROYED', 'UNUSED')
        AND NOT EXISTS (SELECT 1 FROM custody_entry e WHERE e.digest = NEW.proof AND e.chain_id = NEW.device_id
                           AND (NEW.state <> 'UNUSED' OR e.kind = 'devices.seal_unbroken')) THEN
        PERFORM revlog_refuse('a_cleared_medium_has_proof', format('medium %s is called %s without an entry that proves it.', NEW.serial, NEW.state));
    END IF;
    RETURN NULL;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION a_cleared_medium_has_proof() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state IN ('SANITIZED', 'DESTROYED')
        AND NOT EXISTS (SELECT 1 FROM custody_entry e WHERE e.digest = NEW.proof AND e.chain_id = NEW.device_id) THEN
        PERFORM revlog_refuse('a_cleared_medium_has_proof', format('medium %s is called %s without an entry that proves it.', NEW.serial, NEW.state));
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0007_taxes")]

    operations = [
        migrations.AlterField(
            model_name="medium",
            name="state",
            field=models.CharField(
                choices=[
                    ("UNKNOWN", "not looked at"),
                    ("PRESENT", "holds data"),
                    ("SANITIZED", "wiped"),
                    ("DESTROYED", "destroyed"),
                    ("REMOVED", "taken out"),
                    ("MISSING", "not found"),
                    ("UNUSED", "never used"),
                ],
                default="UNKNOWN",
                max_length=10,
            ),
        ),
        migrations.RunSQL(PROOF, BEFORE),
    ]
