"""What became of a decision: beside what each line of its sum was expected to bring, what it brought."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Visit
from revlog.devices.models.device import DISPOSITIONS

ZERO = Decimal(0)


class OutturnQuerySet(models.QuerySet["Outturn"]):
    def visible_to(self, actor: Actor) -> OutturnQuerySet:
        """The operator's own people, those of their sites."""
        if not actor.is_operator:
            return self.none()
        return self.filter(hub_id__in=actor.hubs) if actor.hubs else self


def _amount() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(max_digits=12, decimal_places=2, default=ZERO)


class Outturn(models.Model):
    """One decision whose unit's stay has ended. Made from the decision, its valuation, the postings and the chain; made anew, it is the
    same. Amounts are in ``currency``, positive is income."""

    id = models.UUIDField(primary_key=True, editable=False)
    """The decision's."""
    decision = models.OneToOneField("triage.Decision", models.PROTECT, related_name="outturn")
    device = models.ForeignKey(Device, models.PROTECT, related_name="outturns")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    hub_id = models.UUIDField(null=True, blank=True)
    device_class = models.CharField(max_length=20)
    disposition = models.CharField(max_length=24, choices=DISPOSITIONS)
    overridden = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    decided_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    end = models.CharField(max_length=16)
    """The state in which the stay ended."""
    checked = models.BooleanField(default=True)
    """Whether the books say what it brought: of what went back into stock or to work they don't."""
    again = models.BooleanField(default=False)
    """It was decided anew later on the same stay: the path didn't lead where it was to lead."""
    days = models.IntegerField()
    planned_days = models.IntegerField(null=True, blank=True)
    planned_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What a buyer was expected to pay on the day of the decision, where it was to be sold as it is."""
    expected = _amount()
    expected_sale = _amount()
    expected_work = _amount()
    expected_material = _amount()
    expected_freight = _amount()
    expected_holding = _amount()
    planned = _amount()
    """Lines that no book keeps of a single unit (handling, wipe, warranty ...): they count as planned."""
    sold_for = _amount()
    """What buyers paid, and what the parts that were taken out are worth."""
    channel_fee = _amount()
    labor = _amount()
    parts = _amount()
    material = _amount()
    freight = _amount()
    holding = _amount()
    other = _amount()
    came = _amount()
    """All of it, what counts as planned included."""
    channel = models.CharField(max_length=24, blank=True)
    """Where it was sold."""
    folded_at = models.DateTimeField()

    objects = OutturnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-ended_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["ended_at"], name="outturns_by_time")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.disposition}"

    @property
    def miss(self) -> Decimal:
        """What it brought more than was expected; negative when it brought less."""
        missed: Decimal = self.came - self.expected
        return missed

    @property
    def late(self) -> int | None:
        """Days later than planned; negative when it was sooner."""
        return None if self.planned_days is None else self.days - self.planned_days


class RepairDone(models.Model):
    """The minutes that one fault took at the bench in one work order, and its parts where the order was for it alone."""

    outturn = models.ForeignKey(Outturn, models.CASCADE, related_name="repairs")
    work = models.CharField(max_length=40)
    fault = models.CharField(max_length=40)
    device_class = models.CharField(max_length=20)
    minutes = models.PositiveIntegerField()
    parts = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["outturn", "work", "fault"], name="a_fault_of_a_work_order_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.fault} {self.minutes} min"
