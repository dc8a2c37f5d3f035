"""The RMA: a customer's wish to give something back, line by line, unit by unit."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition
from typing_extensions import override

from returns.reasons import CHOICES as REASONS
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device, Variant
from revlog.evidence.models import Artifact
from revlog.logistics.models import Parcel, Place
from revlog.terms.models import Contact, Order, OrderLine


class Kind(models.TextChoices):
    """A return gives something back; a claim says that the delivery was at fault, and the goods may never come; a trade-in sells us
    something that was never ours."""

    RETURN = "return", _("return")
    CLAIM = "claim", _("claim")
    TRADE = "trade", _("trade-in")


class Outcome(models.TextChoices):
    """What the customer wants for it. Whether it has to come back for that is another matter: ``Goods``."""

    REFUND = "refund", _("money back")
    CREDIT = "credit", _("store credit")
    EXCHANGE = "exchange", _("exchange")
    ADVANCE = "advance", _("exchange, the new one first")
    REPAIR = "repair", _("repair")
    REPLACE = "replace", _("replacement under warranty")
    ACCOUNT = "account", _("credit to their account")


class Goods(models.TextChoices):
    """What becomes of the thing itself. Only what comes back has units, a parcel and a label."""

    BACK = "back", _("comes back")
    KEEP = "keep", _("stays with the customer")
    DONATE = "donate", _("the customer gives it away")
    NONE = "none", _("never arrived")


class Way(models.TextChoices):
    """How what comes back travels. ``ARRANGED`` is none of those that rules offer: none of them will do, and we write how."""

    LABEL = "label", _("a label to print")
    QR = "qr", _("a code, nothing to print")
    STORE = "store", _("brought to a shop, packed")
    COUNTER = "counter", _("brought to a counter, without a box")
    PICKUP = "pickup", _("picked up at home")
    ARRANGED = "arranged", _("to be arranged")


NEW_ONE = (Outcome.EXCHANGE, Outcome.ADVANCE, Outcome.REPLACE)
"""Outcomes for which another thing is sent."""


class Origin(models.TextChoices):
    PORTAL = "portal", _("by the customer")
    STAFF = "staff", _("by our support")
    API = "api", _("by API")
    UNDELIVERABLE = "undeliverable", _("undeliverable parcel")
    REFUSED = "refused", _("refused parcel")
    IMPORT = "import", _("imported")
    EDI = "edi", _("by EDI")
    RECALL = "recall", _("by a recall")


class RmaStatus(models.TextChoices):
    """The header's status; what became of a line or unit is said there. A later visit is another RMA.

    Only an appeal opens a closed one again.
    """

    REQUESTED = "requested", _("waits for approval")
    APPROVED = "approved", _("approved")
    HANDED_OVER = "handed_over", _("on its way")
    ARRIVED = "arrived", _("arrived")
    CLOSED = "closed", _("closed")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("never came")


OPEN = (RmaStatus.REQUESTED, RmaStatus.APPROVED, RmaStatus.HANDED_OVER, RmaStatus.ARRIVED)
COMING = (RmaStatus.APPROVED, RmaStatus.HANDED_OVER, RmaStatus.ARRIVED)
DEAD = (RmaStatus.REFUSED, RmaStatus.CANCELLED, RmaStatus.EXPIRED)
"""Ends in which nothing was taken back: what they named may be returned again."""


class RmaQuerySet(models.QuerySet["Rma"]):
    def visible_to(self, actor: Actor) -> RmaQuerySet:
        """The operator's people see all (a parcel may turn up at any hub), a seller's people and those who serve its customers
        its own, a guest those of their link."""
        if actor.is_operator:
            return self
        if actor.stands_for:
            return self.filter(seller_id__in=actor.stands_for)
        opened = [thing.removeprefix("rma:") for thing in actor.scope if thing.startswith("rma:")]
        return self.filter(pk__in=opened) if opened else self.none()


class Rma(FSMModelMixin, models.Model):
    """A return merchandise authorization. Its id is its chain's; the customer is a ``Contact``, known to the chain by nothing.

    The header has a status of its own, each line an outcome, each unit what became of it: a box with three phones of which one is the
    wrong one is an everyday matter. It closes when every line is settled and every unit accepted, sent back, written off or known never
    to have come; what happens to the units afterwards is their own journey.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="rmas")
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="rmas")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="rmas")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="rmas")
    """Where it is to be sent; it may turn up elsewhere."""
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.RETURN.value)
    origin = models.CharField(max_length=14, choices=Origin.choices)
    gift = models.BooleanField(default=False)
    """Given back by who got it as a gift: ``contact`` is that person, and who bought it hears nothing."""
    status = FSMField(max_length=12, choices=RmaStatus.choices, default=RmaStatus.REQUESTED.value, protected=True)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=300, blank=True)
    hand_in_by = models.DateTimeField(null=True, blank=True)
    """Until when the customer is to hand it over; after it the RMA may be given up."""
    reminded_at = models.DateTimeField(null=True, blank=True)
    """When they were written that it hasn't come although the new one is out."""
    handed_over_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    check_by = models.DateTimeField(null=True, blank=True)
    """By when we promised to have looked at it."""
    closed_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    refund_on = models.CharField(max_length=12, default="acceptance")
    """``acceptance`` or ``receipt``: the moment the policy names, kept as it was when the RMA was opened."""
    steps = models.SmallIntegerField(default=0)
    """How many people have to approve it: 0 when the rules do, 1 or 2."""
    way = models.CharField(max_length=10, choices=Way.choices, blank=True)
    """How it travels, as the customer chose of what the rules offer; empty where nothing comes."""
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")
    """Where it was handed in, once it was."""

    objects = RmaQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opened_at", "id"], name="rmas_by_age"),
            models.Index(fields=["status", "opened_at", "id"], name="rmas_by_status"),
            models.Index(fields=["seller", "opened_at", "id"], name="rmas_of_a_seller"),
            models.Index(
                fields=["opened_at", "id"], name="rmas_open", condition=Q(status__in=[one.value for one in OPEN])
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in {status.value for status in OPEN}

    def is_visible_to(self, actor: Actor) -> bool:
        """What `visible_to` says of a queryset, said of a row that was read by other means."""
        if actor.is_operator:
            return True
        return self.seller_id in actor.stands_for if actor.stands_for else f"rma:{self.pk}" in actor.scope

    # Transitions; the verbs in services/ are their only callers -------------------------------------------------------------------

    @transition(field=status, source=RmaStatus.REQUESTED.value, target=RmaStatus.APPROVED.value)
    def approve(self) -> None:
        """It may come."""

    @transition(field=status, source=RmaStatus.REQUESTED.value, target=RmaStatus.REFUSED.value)
    def refuse(self) -> None:
        """It may not."""

    @transition(
        field=status, source=[RmaStatus.REQUESTED.value, RmaStatus.APPROVED.value], target=RmaStatus.CANCELLED.value
    )
    def cancel(self) -> None:
        """The customer changed their mind again."""

    @transition(field=status, source=RmaStatus.APPROVED.value, target=RmaStatus.HANDED_OVER.value)
    def hand_over(self) -> None:
        """It is with the carrier."""

    @transition(
        field=status,
        source=[RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value, RmaStatus.EXPIRED.value],
        target=RmaStatus.ARRIVED.value,
    )
    def arrive(self) -> None:
        """Something of it stands on our dock."""

    @transition(
        field=status,
        source=RmaStatus.ARRIVED.value,
        target=RETURN_VALUE(RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value),
    )
    def take_back_arrival(self) -> str:
        """What was received of it was a slip: it is where it was before."""
        return RmaStatus.APPROVED.value if self.handed_over_at is None else RmaStatus.HANDED_OVER.value

    @transition(
        field=status, source=[RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value], target=RmaStatus.EXPIRED.value
    )
    def expire(self) -> None:
        """Nothing of it came."""

    @transition(
        field=status,
        source=[RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value, RmaStatus.ARRIVED.value],
        target=RmaStatus.CLOSED.value,
    )
    def close(self) -> None:
        """Everything is settled; where nothing is to come back, nothing ever arrives."""

    @transition(field=status, source=RmaStatus.CLOSED.value, target=RmaStatus.ARRIVED.value)
    def reopen(self) -> None:
        """Its customer appeals in time: money of it may be open again."""


class RmaLine(models.Model):
    """So many of one order line, for one reason, with one wish; its decision by rules, and how it was settled."""

    id = models.UUIDField(primary_key=True, editable=False)
    rma = models.ForeignKey(Rma, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="rma_lines")
    position = models.SmallIntegerField()
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)
    """What was paid for one piece."""
    goods = models.CharField(max_length=6, choices=Goods.choices, default=Goods.BACK.value)
    fee = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What is taken off one piece: by the rules, and for the way it travels (``way_fee`` of it)."""
    way_fee = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    bonus = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What the rules add to one piece when the customer takes store credit or another thing."""
    currency = models.CharField(max_length=3, default="EUR")
    reason = models.CharField(max_length=20, choices=REASONS)
    confirmed_reason = models.CharField(max_length=20, choices=REASONS, blank=True)
    """What inspection found the reason to be."""
    note = models.CharField(max_length=1000, blank=True)
    """The customer's own words: personal, so never on the chain."""
    answers = models.JSONField(default=dict, blank=True)
    """What the customer answered to the questions of the rules: question id -> answer."""
    wanted = models.CharField(max_length=10, choices=Outcome.choices)
    new_variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="+")
    """What is wanted instead, where it is another variant or product; the same again when null."""
    new_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """The price of one piece of it on the day of the wish."""
    given_away_at = models.DateTimeField(null=True, blank=True)
    """When the customer said that they gave it away; until then nothing is due for what was to be donated."""
    decision = models.JSONField(default=dict)
    """Version, rule and outcome by which it was allowed, or referred to a person."""
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_as = models.CharField(max_length=14, blank=True)
    """An outcome, or refused, not_received."""
    settled_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    exchange = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="exchange_for")

    class Meta:
        ordering: ClassVar[list[str]] = ["rma", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rma", "position"], name="rma_lines_are_numbered"),
            models.CheckConstraint(name="an_rma_line_has_a_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="a_fee_is_not_more_than_the_price", condition=Q(fee__gte=0, fee__lte=models.F("price"))
            ),
            models.CheckConstraint(name="a_bonus_is_not_negative", condition=Q(bonus__gte=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} {self.position}"

    @property
    def comes_back(self) -> bool:
        return self.goods == Goods.BACK

    @property
    def per_piece(self) -> Decimal:
        """What the customer gets for one piece when it is as sold."""
        return self.price - self.fee

    @property
    def amount(self) -> Decimal:
        return self.per_piece * self.quantity


class Approval(models.Model):
    """One step of approving an RMA by a person; where two are asked for, two people."""

    rma = models.ForeignKey(Rma, models.PROTECT, related_name="approvals")
    step = models.SmallIntegerField()
    approved_by = models.CharField(max_length=80)
    approved_at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["rma", "step"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rma", "step"], name="one_approval_a_step"),
            models.UniqueConstraint(fields=["rma", "approved_by"], name="nobody_approves_twice"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} step {self.step}"


class UnitStatus(models.TextChoices):
    EXPECTED = "expected", _("on its way")
    RECEIVED = "received", _("received")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused, to be sent back")
    SENT_BACK = "sent_back", _("sent back")
    NOT_RECEIVED = "not_received", _("never came")
    WRITTEN_OFF = "written_off", _("written off")


SETTLED_UNITS = (UnitStatus.ACCEPTED, UnitStatus.SENT_BACK, UnitStatus.NOT_RECEIVED, UnitStatus.WRITTEN_OFF)


class RmaUnit(models.Model):
    """One thing that a line is to bring back (or one counted lot), and the device that it was found to be.

    ``device`` is announced with the approval, so that the dock has something to expect; a serial that we know already is that device
    itself, which arrives again. When two people scan the same thing, this row and the device are what they meet at.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(RmaLine, models.PROTECT, related_name="units")
    position = models.SmallIntegerField()
    quantity = models.IntegerField(default=1)
    counted = models.IntegerField(null=True, blank=True)
    """How many of a counted lot were there."""
    serial = models.CharField(max_length=120, blank=True)
    """The one that was shipped, where only one can be meant."""
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="rma_units")
    visit = models.SmallIntegerField(null=True, blank=True)
    """Number of the device's visit that this return is."""
    status = models.CharField(max_length=12, choices=UnitStatus.choices, default=UnitStatus.EXPECTED)
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="rma_units")
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.CharField(max_length=80, blank=True)
    matched_by = models.CharField(max_length=12, blank=True)
    """serial, tag, imei, line, count: how it was known."""
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["line", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["line", "position"], name="rma_units_are_numbered"),
            models.CheckConstraint(name="an_rma_unit_has_a_quantity", condition=Q(quantity__gte=1)),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(status__in=["expected", "received", "refused"]),
                name="one_open_return_a_device",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status"], name="rma_units_by_status")]

    @override
    def __str__(self) -> str:
        return f"{self.line_id} {self.position}"

    @property
    def is_settled(self) -> bool:
        return self.status in {status.value for status in SETTLED_UNITS}


class RmaParcel(models.Model):
    """A parcel of an RMA: many RMAs may come in one, and one in many. The label is made once, by a worker."""

    rma = models.ForeignKey(Rma, models.PROTECT, related_name="parcel_links")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="rma_links")
    label = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    labelled_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rma", "parcel"], name="a_parcel_is_linked_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} in {self.parcel_id}"
