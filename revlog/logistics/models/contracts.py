"""What is agreed with carriers: contracts, and their rate cards in dated versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.logistics.freight import rating
from revlog.logistics.models.travel import Carrier

SEES = ("logistics.carriers", "money.view")
"""Prices are seen by who keeps carriers and who sees money."""


def sees_prices(actor: Actor) -> bool:
    return actor.is_operator and any(actor.may(one) for one in SEES)


class Book(models.TextChoices):
    OURS = "ours", _("ours")
    OWNER = "owner", _("of whose the goods are")


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, actor: Actor) -> ContractQuerySet:
        """Those for all sites, and those for a site at which the person works."""
        if not sees_prices(actor):
            return self.none()
        if actor.kind == ActorKind.SYSTEM:
            return self
        return self.filter(Q(hubs=None) | Q(hubs__in=actor.hubs)).distinct()


class Contract(models.Model):
    """What is agreed with a carrier. Its id is its chain's; what it costs when, its cards say."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="contracts")
    name = models.CharField(max_length=120)
    reference = models.CharField(max_length=60, blank=True)
    """What the carrier calls it: our customer number, the number of the contract."""
    currency = models.CharField(max_length=3)
    hubs = models.ManyToManyField(Hub, related_name="contracts", blank=True)
    """For which sites it holds; for all when there are none."""
    inbound = models.BooleanField(default=True)
    outbound = models.BooleanField(default=True)
    """Whether we pay for what comes to us, and for what goes from us."""
    book = models.CharField(max_length=5, choices=Book.choices, default=Book.OURS.value)
    mail = models.EmailField(blank=True)
    """The carrier's mailbox for disputes and claims."""
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["carrier__name", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_contract_ends_after_it_begins", condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on"))
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class CardStatus(models.TextChoices):
    DRAFT = "draft", _("being drafted")
    PUBLISHED = "published", _("published")


class Regime(models.TextChoices):
    CMR = "cmr", _("CMR: by road between countries")
    HGB = "hgb", _("by road within Germany (HGB)")
    MONTREAL_22 = "montreal_22", _("Montreal Convention, until 27 December 2024: 22 SDR")
    MONTREAL = "montreal", _("Montreal Convention: 26 SDR")
    OWN = "own", _("as agreed")


class RateCard(models.Model):
    """One version of what a contract costs and how far its carrier is liable. Published, it changes no more; the next one follows it."""

    id = models.UUIDField(primary_key=True, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="cards")
    version = models.SmallIntegerField()
    status = models.CharField(max_length=9, choices=CardStatus.choices, default=CardStatus.DRAFT.value)
    valid_from = models.DateField(null=True, blank=True)
    lines = models.JSONField(default=list)
    extras = models.JSONField(default=list)
    zones = models.JSONField(default=dict)
    fuel = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    least = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    divisor = models.IntegerField(default=0)
    step = models.IntegerField(default=0)
    assumed_grams = models.IntegerField(default=2000)
    """What a parcel is taken to weigh that nobody weighed."""
    assumed_km = models.IntegerField(default=0)
    """How far a trip is taken to be where nobody said."""
    tolerance_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(2))
    tolerance_amount = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal("0.10"))
    tolerance_weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(5))
    """How far a bill may be above what we expect, and its weights from ours, before somebody has to look."""
    regime = models.CharField(max_length=12, choices=Regime.choices, default=Regime.CMR.value)
    sdr_per_kg = models.DecimalField(max_digits=7, decimal_places=2, default=Decimal("8.33"))
    sdr_rate = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal("1.15"))
    """What one special drawing right of the IMF is worth in the contract's currency."""
    apparent_days = models.SmallIntegerField(default=0)
    hidden_days = models.SmallIntegerField(default=7)
    delay_days = models.SmallIntegerField(default=21)
    loss_days = models.SmallIntegerField(default=365)
    """Until when a carrier is told, counted from when it brought the goods, or was to bring them."""
    drafted_by = models.CharField(max_length=80)
    """Who worked on it last; ``drafters`` are all who did."""
    drafters = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    drafted_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["contract", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contract", "version"], name="cards_are_numbered"),
            models.UniqueConstraint(fields=["contract"], condition=Q(status="draft"), name="one_draft_a_contract"),
            models.UniqueConstraint(
                fields=["contract", "valid_from"], condition=Q(status="published"), name="one_card_begins_on_a_day"
            ),
            models.CheckConstraint(
                name="a_published_card_is_dated", condition=Q(status="draft") | Q(valid_from__isnull=False)
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.contract_id} {self.version}"

    @property
    def rates(self) -> rating.Card:
        return rating.Card(
            currency=self.contract.currency,
            lines=lines_of(self.lines),
            extras=extras_of(self.extras),
            zones=self.zones,
            fuel=self.fuel,
            least=self.least,
            divisor=self.divisor,
            step=self.step,
        )

    @property
    def services(self) -> list[str]:
        return list(dict.fromkeys(str(one["service"]) for one in self.lines))


def lines_of(told: Sequence[Mapping[str, Any]]) -> list[rating.Line]:
    return [
        rating.Line(
            service=one["service"], origin=one["from"], destination=one["to"], unit=one["unit"], over=one["over"],
            upto=one["upto"], price=Decimal(one["price"]), least=Decimal(one["least"]),
        )
        for one in told
    ]  # fmt: skip


def extras_of(told: Sequence[Mapping[str, Any]]) -> list[rating.Extra]:
    return [rating.Extra(one["code"], one["basis"], Decimal(one["price"])) for one in told]


def lines_kept(lines: Sequence[rating.Line]) -> list[dict[str, Any]]:
    """Lines as a card keeps them."""
    return [
        {
            "service": one.service, "from": one.origin, "to": one.destination, "unit": str(one.unit), "over": one.over,
            "upto": one.upto, "price": str(one.price), "least": str(one.least),
        }
        for one in lines
    ]  # fmt: skip


def extras_kept(extras: Sequence[rating.Extra]) -> list[dict[str, Any]]:
    return [{"code": one.code, "basis": str(one.basis), "price": str(one.price)} for one in extras]
