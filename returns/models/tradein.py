"""Used things that we buy: the quote with all that it was made of, who sells, and the numbers of things that nobody may buy."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.charities import Charity
from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices import classes
from revlog.devices.models import Hold, ProductModel, Variant
from revlog.evidence.models import Document
from revlog.terms.models import Contact


class TradeInStatus(models.TextChoices):
    """Where the quote stands; from its acceptance on, its RMA says where the thing is. What is worth nothing may be handed in too."""

    ASKED = "asked", _("waits for our price")
    QUOTED = "quoted", _("quoted")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("not wanted")
    LAPSED = "lapsed", _("ran out")
    REFUSED = "refused", _("not bought")
    RECYCLE = "recycle", _("worth nothing, may be recycled")


class Payout(models.TextChoices):
    BANK = "bank", _("bank transfer")
    CREDIT = "credit", _("store credit")
    CHARITY = "charity", _("a gift to a charity")


class VatOrigin(models.TextChoices):
    """How the thing came to us, for the VAT of its sale."""

    MARGIN = "margin", _("margin scheme")
    STANDARD = "standard", _("bought with VAT")
    REVERSE_CHARGE = "reverse_charge", _("reverse charge")
    NONE = "none", _("without VAT")


class TradeInQuerySet(models.QuerySet["TradeIn"]):
    def visible_to(self, actor: Actor) -> TradeInQuerySet:
        """The operator's people see all, a seller's people and those who serve its customers its own, a guest those of their link."""
        if actor.is_operator:
            return self
        if actor.stands_for:
            return self.filter(buyer_id__in=actor.stands_for)
        opened = [thing.removeprefix("tradein:") for thing in actor.scope if thing.startswith("tradein:")]
        return self.filter(pk__in=opened) if opened else self.none()


class TradeIn(models.Model):
    """Somebody wants to sell us a used thing. Its id is its chain's; who they are is a ``Contact``, known to the chain by nothing.

    Sum, steps, prices and the versions of the rules are frozen when it is quoted: what is promised until ``valid_until`` is what inspection
    is compared with. From its acceptance on there is an RMA of the kind *trade*, whose order line's price is the promised sum, so that
    labels, the dock, offers, appeals and payments are those of every other thing that comes in.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    key = models.UUIDField(unique=True)
    """Of the form it came by: the same form again gives the same quote."""
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="trade_ins")
    """Who buys it: the operator, or a shop for which we take things in."""
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, blank=True, related_name="trade_ins")
    """The store where it was quoted; null on the web."""
    channel = models.CharField(max_length=8)
    """portal, kiosk, staff or api."""
    status = models.CharField(max_length=8, choices=TradeInStatus.choices)
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="trade_ins")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="trade_ins")
    what = models.CharField(max_length=200)
    device_class = models.CharField(max_length=20, choices=classes.CHOICES, default="other")
    serial = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    grade = models.CharField(max_length=3, blank=True)
    """The grade that follows from the answers; what is promised for."""
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    uplift = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What is added when store credit is taken."""
    currency = models.CharField(max_length=3, default="EUR")
    steps = models.JSONField(default=list, blank=True)
    """How the sum was made: ``{"what", "amount", "rule"}``."""
    prices = models.JSONField(default=dict, blank=True)
    """Expected sale prices by grade, as they were."""
    inputs = models.JSONField(default=dict, blank=True)
    """All that the rules compared when it was quoted: the class of the thing, the answers, the prices and the lists it was on."""
    found = models.JSONField(default=dict, blank=True)
    """What inspection found of the thing, which is compared with what was told: ``{"grade", "codes"}``; empty before it is graded."""
    rules = models.IntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)
    """Why there is no sum, or what the person wrote who set it; the seller reads it."""
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    priced_by = models.CharField(max_length=80, blank=True)
    priced_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="trade_ins")
    rma = models.OneToOneField(Rma, models.PROTECT, null=True, blank=True, related_name="trade_in")
    payout = models.CharField(max_length=8, choices=Payout.choices, blank=True)
    charity = models.ForeignKey(Charity, models.PROTECT, null=True, blank=True, related_name="trade_ins")
    """Whom the seller gives the sum to."""
    business = models.BooleanField(default=False)
    """Whether a business sells it, and not a private person."""
    country = models.CharField(max_length=2, blank=True)
    """Where the seller lives."""
    declared_at = models.DateTimeField(null=True, blank=True)
    """When they declared that it is theirs."""
    accepted_at = models.DateTimeField(null=True, blank=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    paid_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    vat_origin = models.CharField(max_length=16, choices=VatOrigin.choices, blank=True)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="+")
    hold_until = models.DateTimeField(null=True, blank=True)
    """Until when the law forbids to sell it on."""
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    """The purchase document."""

    objects = TradeInQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_quote_is_not_negative", condition=Q(amount=None) | Q(amount__gte=0)),
            models.CheckConstraint(
                name="what_is_quoted_has_a_sum_and_a_date",
                condition=~Q(status="quoted") | (Q(amount__gt=0) & ~Q(valid_until=None)),
            ),
            models.CheckConstraint(
                name="what_is_accepted_has_a_return", condition=~Q(status="accepted") | ~Q(rma=None)
            ),
            models.CheckConstraint(
                name="what_is_given_away_names_its_charity",
                condition=Q(payout="charity", charity__isnull=False) | ~Q(payout="charity") & Q(charity=None),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "made_at"], name="trade_ins_by_status"),
            models.Index(fields=["hold_until"], name="trade_ins_on_hold", condition=~Q(hold=None)),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class IdentityCheck(models.Model):
    """Somebody looked at the seller's document, where the law asks for it. Kept is no more than it asks, and no longer."""

    trade_in = models.OneToOneField(TradeIn, models.PROTECT, related_name="identity")
    document = models.CharField(max_length=20)
    number = models.CharField(max_length=300, blank=True)
    """Sealed (returns/sealing.py); only where the law asks for the number."""
    country = models.CharField(max_length=2, blank=True)
    """Who issued it."""
    tail = models.CharField(max_length=4, blank=True)
    """The last four signs of its number, by which it is known again; forgotten with the number."""
    of_age = models.BooleanField()
    checked_by = models.CharField(max_length=80)
    checked_at = models.DateTimeField()
    keep_until = models.DateField()
    erased_at = models.DateTimeField(null=True, blank=True)

    @override
    def __str__(self) -> str:
        return f"{self.document} of {self.trade_in_id}"


class PayoutAccount(models.Model):
    """The account that a seller is paid to: personal, so sealed, out of every chain and log, and erased when it has served."""

    trade_in = models.OneToOneField(TradeIn, models.PROTECT, related_name="account")
    sealed = models.CharField(max_length=500, blank=True)
    tail = models.CharField(max_length=4, blank=True)
    """The last four characters, by which people talk of it."""
    told_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    @override
    def __str__(self) -> str:
        return f"…{self.tail}"


class BlockedNumber(models.Model):
    """An IMEI or serial that somebody reported lost, stolen or blocked, by the list that says so. What was lifted may be bought again."""

    scheme = models.CharField(max_length=12)
    normal_form = models.CharField(max_length=120)
    source = models.CharField(max_length=60)
    """Name of the list."""
    why = models.CharField(max_length=120, blank=True)
    listed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["normal_form", "scheme", "source"], name="a_number_is_listed_once_a_list"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.scheme} {self.normal_form}"
