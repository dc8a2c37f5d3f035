"""What hangs on a unit: its media, faults, holds, promises and money."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.models import Organization
from revlog.devices.models.device import Device, Visit


class MediumState(models.TextChoices):
    UNKNOWN = "UNKNOWN", _("not looked at")
    PRESENT = "PRESENT", _("holds data")
    SANITIZED = "SANITIZED", _("wiped")
    DESTROYED = "DESTROYED", _("destroyed")
    REMOVED = "REMOVED", _("taken out")
    MISSING = "MISSING", _("not found")
    UNUSED = "UNUSED", _("never used")
    """In a unit whose maker's seal nobody has broken; the entry that says so is its proof."""


class Medium(models.Model):
    """A drive or soldered storage, always inside a unit, or such a unit itself. UNKNOWN counts as data present.

    Taking a drive out makes it a unit of its own in the same act: this record turns REMOVED and ``became`` names the new unit, which
    carries a medium of its own from then on. Nothing is ever erased from the list: every drive that was seen is answered for.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="media")
    type = models.CharField(max_length=10, default="unknown")
    manufacturer = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    serial = models.CharField(max_length=120, blank=True)
    firmware = models.CharField(max_length=60, blank=True)
    interface = models.CharField(max_length=30, blank=True)
    capacity_bytes = models.BigIntegerField(null=True, blank=True)
    soldered = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MediumState.choices, default=MediumState.UNKNOWN)
    level = models.CharField(max_length=10, blank=True)
    """What was achieved: clear, purge or destroy; empty until then."""
    proof = models.CharField(max_length=64, blank=True)
    """Digest of the entry that proves the state."""
    became = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="was_medium")
    seen_by = models.CharField(max_length=20, default="report")
    """How it came to be known: report, manifest, removal, inspection, class."""
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["serial"], name="media_by_serial"),
            models.Index(Upper("model"), name="media_by_model"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.model or self.type} {self.serial}".strip()


class Fault(models.Model):
    """Something wrong with a unit: a code, where, how bad; found by a test or a person, cleared by a repair."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="faults")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="faults", null=True)
    code = models.CharField(max_length=40)
    zone = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=10, default="major")
    source = models.CharField(max_length=20, default="inspection")
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["found_at", "id"]

    @override
    def __str__(self) -> str:
        return self.code


class DecontaminationMethod(models.TextChoices):
    WIPED = "wiped", _("wiped with disinfectant")
    WASHED = "washed", _("washed and disinfected by machine")
    AUTOCLAVED = "autoclaved", _("autoclaved")
    GAS = "gas", _("gas (ethylene oxide, hydrogen peroxide)")
    UV = "uv", _("UV light")
    NEVER_USED = "never_used", _("never used on a patient, declared so")


class Decontamination(models.Model):
    """What the paper of a medical device says: without one for its stay nobody opens it."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="decontaminations")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="decontamination")
    done_by = models.CharField(max_length=120)
    """Who cleaned it, as the paper says: a ward, a company, perhaps a person; no entry names it."""
    done_on = models.DateField()
    method = models.CharField(max_length=12, choices=DecontaminationMethod.choices)
    paper = models.CharField(max_length=120)
    entry = models.CharField(max_length=64)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-recorded_at"]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.paper}"


class HoldKind(models.TextChoices):
    LEGAL = "legal", _("legal hold")
    SAFETY = "safety", _("safety")
    RECALL = "recall", _("recall")
    FRAUD = "fraud", _("fraud check")
    DATA = "data", _("data incident")
    AWAITING_OWNER = "awaiting_owner", _("awaiting its owner")
    RE_INSPECT = "re_inspect", _("to be inspected again")
    AWAY = "away", _("away from our sites")
    """It travels, or is with another organization. Transfers place it and end it; no person does."""

    @classmethod
    def by_hand(cls) -> tuple[HoldKind, ...]:
        """The kinds that people place and release."""
        return tuple(kind for kind in cls if kind not in {cls.AWAY, cls.RE_INSPECT})


class Hold(models.Model):
    """Why a unit may not go on. While one is open, nothing irreversible happens to it and it doesn't leave."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="hold_rows")
    kind = models.CharField(max_length=20, choices=HoldKind.choices)
    reason = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["placed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device", "kind"], condition=Q(released_at=None), name="one_open_hold_of_a_kind"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


class Allocation(models.Model):
    """A unit promised to somebody: the only way to promise one. ``one_taker_at_a_time`` is PostgreSQL's to keep."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="allocations")
    taker = models.CharField(max_length=60)
    """``order_line:<uuid>`` and the like."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(released_at=None), name="one_taker_at_a_time"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["taker"], name="allocations_by_taker")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} to {self.taker}"


class Posting(models.Model):
    """One line of money about a thing, in the book of the one whose result it is. Never changed: a correction is another posting.

    ``book`` is ``ours``, ``client`` or ``seller``; ``account`` names cost or income (``freight``, ``parts``, ``labor``, ``refund``,
    ``sale`` ...). Positive is income. ``base_amount`` is the amount in the install's currency at the day's rate.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain_id = models.UUIDField()
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="postings")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="postings")
    book = models.CharField(max_length=10)
    party = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="postings")
    account = models.CharField(max_length=30)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    currency = models.CharField(max_length=3)
    base_amount = models.DecimalField(max_digits=14, decimal_places=3)
    tax = models.CharField(max_length=16, blank=True)
    """How it is taxed, as the order line says it (``terms.Tax``); empty where nobody knows."""
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    base_tax = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    """The tax that is in ``base_amount``, with its sign."""
    entry = models.CharField(max_length=64)
    """Digest of the entry that caused it."""
    key = models.CharField(max_length=160, unique=True)
    occurred_at = models.DateTimeField()
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["chain_id"], name="postings_of_a_thing"),
            models.Index(fields=["book", "account", "occurred_at"], name="postings_of_an_account"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"


class NumberConflict(models.Model):
    """A number was found on one unit that is another's already. It stays open until a person says whether the two are one thing."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="number_conflicts")
    """The one that it was found on."""
    other = models.ForeignKey(Device, models.PROTECT, related_name="+")
    """The one that has it."""
    scheme = models.CharField(max_length=12)
    printed = models.CharField(max_length=120)
    how = models.CharField(max_length=12)
    """``dock`` or ``report``."""
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["found_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device", "other"], condition=Q(settled_at=None), name="two_units_are_asked_about_once"
            ),
            models.CheckConstraint(condition=~Q(device=models.F("other")), name="a_number_is_anothers"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.printed} {self.device_id}"
