"""Unsold goods, what goes back to suppliers and what they credit for it, and what suppliers do about their defects."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device, ProductModel
from revlog.evidence.models import Document
from revlog.logistics.models import Shipment
from revlog.terms.models import Agreement

# Unsold goods -----------------------------------------------------------------------------------------------------------------------


class UnsoldClass(models.TextChoices):
    OVERSTOCK = "overstock", _("overstock")
    OBSOLETE = "obsolete", _("out of date")
    SEASONAL = "seasonal", _("out of season")
    PERISHABLE = "perishable", _("about to expire")
    EXPIRED = "expired", _("expired")


class WayOut(models.TextChoices):
    VENDOR = "vendor", _("return to the vendor")
    LIQUIDATE = "liquidate", _("sell in a lot")
    DONATE = "donate", _("donate")
    RECYCLE = "recycle", _("recycle")


class UnsoldStatus(models.TextChoices):
    OPEN = "open", _("proposed")
    SENT = "sent", _("sent on")
    KEPT = "kept", _("kept in stock")
    GONE = "gone", _("no longer unsold")


class UnsoldQuerySet(models.QuerySet["Unsold"]):
    def visible_to(self, actor: Actor) -> UnsoldQuerySet:
        """The operator's people see those of their hubs; nobody else any."""
        if not actor.is_operator:
            return self.none()
        return self.filter(device__hub_id__in=actor.hubs) if actor.hubs else self


class Unsold(models.Model):
    """A unit or counted lot that the rules call unsold, with the numbers that made it so and what each way out would bring."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="unsold")
    unsold = models.CharField(max_length=12, choices=UnsoldClass.choices)
    rule = models.CharField(max_length=60)
    version = models.IntegerField()
    """Of the rules that said so."""
    why = models.CharField(max_length=300, blank=True)
    numbers = models.JSONField()
    ways = models.JSONField()
    """Each way with its sum and what stands against it, as it was when it was found."""
    best = models.CharField(max_length=10, choices=WayOut.choices, blank=True)
    value = models.DecimalField(max_digits=12, decimal_places=2)
    """What was paid for it."""
    net = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    status = models.CharField(max_length=4, choices=UnsoldStatus.choices, default=UnsoldStatus.OPEN.value)
    way = models.CharField(max_length=10, choices=WayOut.choices, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """When a sweep last looked."""
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = UnsoldQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-value", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(status="open"), name="one_open_proposal_a_unit")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "unsold", "-value"], name="unsold_by_class")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.unsold}"


class UnsoldLook(models.Model):
    """What the rules last compared of a unit in stock, and what its ways out are reckoned from: also of one that is not unsold."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="unsold_look")
    inputs = models.JSONField()
    sums = models.JSONField()
    """``{"pieces", "price", "expected", "credit", "carriage", "currency", "against"}``; what stands against a way, by the class where
    that matters, as codes."""
    unsold = models.CharField(max_length=12, blank=True)
    """What it was found to be; empty when it isn't unsold."""
    version = models.IntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["seen_at"], name="unsold_looks_by_time")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.unsold}"


# Returns to suppliers ---------------------------------------------------------------------------------------------------------------


class RtvStatus(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    ASKED = "asked", _("asked for")
    AUTHORIZED = "authorized", _("authorized")
    REFUSED = "refused", _("refused")
    PACKED = "packed", _("packed")
    SHIPPED = "shipped", _("on its way to them")
    PARTLY = "partly", _("credited in part")
    CREDITED = "credited", _("credited")
    DISPUTED = "disputed", _("disputed")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("called off")


S = RtvStatus
UNSENT = (S.DRAFT, S.ASKED, S.AUTHORIZED, S.PACKED)
OWED = (S.SHIPPED, S.PARTLY, S.DISPUTED)
"""The goods are with the supplier and not all of the credit came."""
OVER = (S.REFUSED, S.CLOSED, S.CANCELLED)
IN_QUOTA = (S.ASKED, S.AUTHORIZED, S.PACKED, S.SHIPPED, S.PARTLY, S.CREDITED, S.DISPUTED, S.CLOSED)


class VendorReturnQuerySet(models.QuerySet["VendorReturn"]):
    def visible_to(self, actor: Actor) -> VendorReturnQuerySet:
        """The operator's people see those of their hubs, a supplier's people what they were asked; nobody else any."""
        if actor.is_operator:
            return self.filter(hub_id__in=actor.hubs) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(supplier_id=actor.organization_id, asked_at__isnull=False)


class VendorReturn(FSMModelMixin, models.Model):
    """What we send back to one supplier under one version of our agreement: asked for, authorized, packed, shipped, credited. Its id is
    its chain's.

    The quota is taken when it is asked for, and given back when it is refused or called off. When it ships, what the goods cost stands as
    claim in the book of whose they were; each credit is taken from it, and what is left when it is closed is written off.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="vendor_returns")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="vendor_returns")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="vendor_returns")
    currency = models.CharField(max_length=3, default="EUR")
    status = FSMField(max_length=10, choices=S.choices, default=S.DRAFT.value, protected=True)
    theirs = models.CharField(max_length=60, blank=True)
    """The supplier's number of it."""
    note = models.CharField(max_length=300, blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    """The last day on which the supplier takes it."""
    answer = models.CharField(max_length=500, blank=True)
    parcels = models.SmallIntegerField(default=1)
    packed_at = models.DateTimeField(null=True, blank=True)
    packed_by = models.CharField(max_length=80, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, blank=True, related_name="+")
    credit_by = models.DateTimeField(null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=300, blank=True)

    objects = VendorReturnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-drafted_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="only_what_was_authorized_ships", condition=Q(shipped_at=None) | Q(answered_at__isnull=False)
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["supplier", "status"], name="vendor_returns_by_status")
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @transition(field=status, source=S.DRAFT.value, target=S.ASKED.value)
    def ask(self) -> None:
        """The supplier is asked to take it."""

    @transition(field=status, source=S.ASKED.value, target=S.AUTHORIZED.value)
    def authorize(self) -> None:
        """They take it."""

    @transition(field=status, source=S.ASKED.value, target=S.REFUSED.value)
    def refuse(self) -> None:
        """They don't."""

    @transition(field=status, source=S.AUTHORIZED.value, target=S.PACKED.value)
    def pack(self) -> None:
        """It is packed, with its paper."""

    @transition(field=status, source=S.PACKED.value, target=S.SHIPPED.value)
    def ship(self) -> None:
        """It left."""

    @transition(field=status, source=[s.value for s in OWED], target=S.PARTLY.value)
    def credit_part(self) -> None:
        """Some of the credit came."""

    @transition(field=status, source=[s.value for s in OWED], target=S.CREDITED.value)
    def credit_all(self) -> None:
        """All of the credit came."""

    @transition(field=status, source=[S.SHIPPED.value, S.PARTLY.value], target=S.DISPUTED.value)
    def contest(self) -> None:
        """We don't agree with what they credit."""

    @transition(field=status, source=[s.value for s in (*OWED, S.CREDITED)], target=S.CLOSED.value)
    def close(self) -> None:
        """Nothing more comes."""

    @transition(field=status, source=[s.value for s in UNSENT], target=S.CANCELLED.value)
    def cancel(self) -> None:
        """We don't send it after all."""


class VendorReturnLine(models.Model):
    """One unit or counted lot of a return to a supplier."""

    id = models.UUIDField(primary_key=True, editable=False)
    rtv = models.ForeignKey(VendorReturn, models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    device = models.ForeignKey(Device, models.PROTECT, related_name="vendor_lines")
    reason = models.CharField(max_length=12)
    """Why it goes back: a class of unsold goods, or ``defective``."""
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)
    """What one piece was bought for."""
    order_number = models.CharField(max_length=60, blank=True)
    expected = models.DecimalField(max_digits=12, decimal_places=2)
    credited = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    written_off = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    is_open = models.BooleanField(default=True)
    """Whether the return that it is on is neither over nor called off."""

    class Meta:
        ordering: ClassVar[list[str]] = ["rtv", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rtv", "position"], name="vendor_lines_are_numbered"),
            models.UniqueConstraint(fields=["device"], condition=Q(is_open=True), name="one_open_vendor_return_a_unit"),
            models.CheckConstraint(name="a_vendor_line_has_pieces", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="no_more_is_credited_than_expected", condition=Q(credited__gte=0) & Q(credited__lte=F("expected"))
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rtv_id} {self.position}"

    @property
    def currency(self) -> str:
        return self.rtv.currency

    @property
    def value(self) -> Decimal:
        """What the goods cost."""
        return self.price * self.quantity


class VendorCredit(models.Model):
    """One credit of a supplier, by the number on their paper: the same number again is the same credit."""

    id = models.UUIDField(primary_key=True, editable=False)
    rtv = models.ForeignKey(VendorReturn, models.PROTECT, related_name="credits")
    number = models.CharField(max_length=60)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    given_on = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=80)

    class Meta:
        ordering: ClassVar[list[str]] = ["noted_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rtv", "number"], name="a_vendor_credit_counts_once"),
            models.CheckConstraint(name="a_vendor_credit_is_more_than_nothing", condition=Q(amount__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def currency(self) -> str:
        return self.rtv.currency


# What suppliers do about their defects ------------------------------------------------------------------------------------------------


class ActionStatus(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("done, to be verified")
    EFFECTIVE = "effective", _("verified as effective")
    DROPPED = "dropped", _("dropped")


class ActionQuerySet(models.QuerySet["CorrectiveAction"]):
    def visible_to(self, actor: Actor) -> ActionQuerySet:
        """The operator's people see all, a supplier's people those with them."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(supplier_id=actor.organization_id)


class CorrectiveAction(models.Model):
    """What a supplier (or we) do so that a defect doesn't come again: problem, containment, cause, action, and whether it helped.

    Its id is its chain's. That it helped is said by somebody else than who said that it is done.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="corrective_actions")
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="+")
    lot = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=600)
    containment = models.CharField(max_length=600, blank=True)
    cause = models.CharField(max_length=600, blank=True)
    action = models.CharField(max_length=600, blank=True)
    owner = models.CharField(max_length=120)
    """Whose task it is, as people say it: a post, not a person."""
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=ActionStatus.choices, default=ActionStatus.OPEN.value)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=80, blank=True)
    proof = models.CharField(max_length=300, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=80, blank=True)
    dropped_why = models.CharField(max_length=300, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["due_on", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "due_on"], name="actions_by_due"),
        ]

    @override
    def __str__(self) -> str:
        return self.number
