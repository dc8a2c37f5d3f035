"""What registers and makers say of a number: reported lost, not paid off, locked to an account, managed by a company."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.devices.models import Device


class CheckKind(models.TextChoices):
    BLACKLIST = "blacklist", _("reported lost or stolen")
    FINANCE = "finance", _("not paid off")
    LOCK = "lock", _("locked to an account")
    MDM = "mdm", _("managed by a company")


class CheckState(models.TextChoices):
    CLEAR = "clear", _("clear")
    BAD = "bad", _("yes")
    UNKNOWN = "unknown", _("not known there")


class NumberCheck(models.Model):
    """One answer about one unit at one moment. It may be another tomorrow, so answers are kept and never overwritten."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="number_checks")
    kind = models.CharField(max_length=10, choices=CheckKind.choices)
    scheme = models.CharField(max_length=10)
    """imei or serial: which number was asked about."""
    state = models.CharField(max_length=8, choices=CheckState.choices)
    source = models.CharField(max_length=60)
    """Who says so: the service's name, or what a person looked at."""
    detail = models.CharField(max_length=200, blank=True)
    response = models.JSONField(default=dict)
    """What the service answered, as it came."""
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=80)

    class Meta:
        ordering: ClassVar[list[str]] = ["-checked_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "kind", "checked_at"], name="checks_of_a_unit"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.state} ({self.source})"
