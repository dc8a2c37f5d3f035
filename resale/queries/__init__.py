"""Questions about selling: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from resale import parameters
from resale.models import LotUnit, Offer, Pool, PoolUnit, Sale, SaleState
from resale.queries import lots
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock
from revlog.common.errors import NotFound
from revlog.custody.models import Entry
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device
from revlog.terms import instructions
from revlog.terms import queries as terms
from revlog.terms.models import Order
from triage.facts import Graded

FACE = ("device", "device__product", "device__owner", "device__location", "device__hub")


@dataclass(frozen=True)
class Stock:
    """A pool with what is in it: how many could be sold now, how many are promised, its live offers."""

    pool: Pool
    free: int
    promised: int
    offers: list[Offer]

    @property
    def lowest(self) -> Offer | None:
        return min(self.offers, key=lambda offer: offer.price, default=None)


def pools(actor: Actor, *, empty: bool = False) -> list[Stock]:
    """Pools with something in them or still on offer (or all), by name: an offer of nothing is one to end."""
    free = dict(
        PoolUnit.objects.free()
        .filter(pool__in=Pool.objects.visible_to(actor))
        .values_list("pool_id")
        .annotate(count=Count("pk", distinct=True))
    )
    promised = dict(Sale.objects.visible_to(actor).open().values_list("pool_id").annotate(count=Count("pk")))
    rows = Pool.objects.visible_to(actor).select_related("hub", "owner", "variant", "product")
    if not empty:
        offered = Offer.objects.filter(ended_at=None).values("pool")
        rows = rows.filter(Q(pk__in=free) | Q(pk__in=promised) | Q(pk__in=offered))
    live: dict[uuid.UUID, list[Offer]] = {}
    for offer in Offer.objects.filter(pool__in=rows, ended_at=None).order_by("channel"):
        live.setdefault(offer.pool_id, []).append(offer)
    return [Stock(row, free.get(row.pk, 0), promised.get(row.pk, 0), live.get(row.pk, [])) for row in rows]


def pool(pk: uuid.UUID, actor: Actor) -> Pool:
    """Raises NotFound, for strangers likewise."""
    found = Pool.objects.visible_to(actor).filter(pk=pk).select_related("hub", "owner", "variant", "product").first()
    if found is None:
        raise NotFound(_("There is no such pool."))
    return found


def units_of(found: Pool) -> list[PoolUnit]:
    """What is in a pool now, longest waiting first."""
    return list(
        found.units.filter(left_at=None, device__state=State.TO_SELL.value)
        .select_related(*FACE)
        .order_by("entered_at", "id")
    )


def free_of(found: Pool) -> int:
    return PoolUnit.objects.free().filter(pool=found).count()


def live_offers(found: Pool) -> list[Offer]:
    return list(found.offers.filter(ended_at=None).order_by("channel"))


def offer(pk: uuid.UUID, actor: Actor) -> Offer:
    found = (
        Offer.objects.filter(pk=pk, pool__in=Pool.objects.visible_to(actor))
        .select_related("pool__hub", "pool__owner", "pool__variant")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such offer."))
    return found


def suggested_price(found: Pool, *, at: datetime) -> Decimal | None:
    """What the price book expects the pool's units to bring; None where it knows nothing."""
    price = terms.expected_price(
        grade=found.grade,
        at=at,
        variant=found.variant,
        product=found.product,
        organization=found.owner_id,
        currency=settings.BASE_CURRENCY,
    )
    return price.amount if price else None


def called_elsewhere(units: Sequence[Device]) -> list[dict[str, Any]]:
    """What these units are called in grade books of channels and others, as their last grades say: book, grade, how many."""
    last = (
        Entry.objects.filter(chain_id__in=[unit.pk for unit in units], kind=Graded.kind)
        .order_by("chain_id", "-sequence")
        .distinct("chain_id")
    )
    counted: Counter[tuple[str, str]] = Counter()
    for entry in last:
        counted.update((one["name"], one["called"]) for one in entry.payload.get("books") or ())
    return [{"book": _(book), "called": _(called), "count": count} for (book, called), count in sorted(counted.items())]


def unpooled(actor: Actor) -> QuerySet[Device]:
    """Units for sale that are in no pool and in no lot: their contract forbids it, they wait for a lot, or their pooling failed."""
    inside = PoolUnit.objects.filter(left_at=None, entered_at__gte=F("device__state_since")).values("device_id")
    lotted = LotUnit.objects.filter(left_at=None, is_open=True).values("device_id")
    return (
        Device.objects.visible_to(actor)
        .waiting(State.TO_SELL)
        .exclude(pk__in=inside)
        .exclude(pk__in=lotted)
        .select_related("product", "owner", "location", "hub")
    )


def why_loose(units: Sequence[Device], *, at: datetime) -> dict[uuid.UUID, str]:
    """What keeps units out of a pool, where contract or decision do."""
    told = instructions.of([unit.pk for unit in units], at=at)
    offered: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    live = Offer.objects.filter(ended_at=None, pool__owner__in={unit.owner_id for unit in units}).order_by("channel")
    like = ("pool__owner_id", "pool__hub_id", "pool__variant_id", "pool__product_id", "pool__grade")
    for *alike, channel in live.values_list(*like, "channel"):
        offered[tuple(alike)].append(channel)
    found = {}
    for unit in units:
        one = told[unit.pk]
        there = offered[unit.owner_id, unit.hub_id, unit.variant_id, unit.product_id, unit.grade]
        if why := one.sale or next((one.channels[channel] for channel in there if channel in one.channels), ""):
            found[unit.pk] = instructions.refusal(why).sentence
        elif one.by_lot:
            found[unit.pk] = _("it was decided to be sold in a lot, and is in none yet")
    return found


def sales(actor: Actor) -> QuerySet[Sale]:
    return Sale.objects.visible_to(actor).select_related(*FACE, "line__order", "pool", "buyer")


def open_sales(actor: Actor) -> QuerySet[Sale]:
    """Sold and not shipped yet."""
    return sales(actor).filter(state__in=[SaleState.SOLD, SaleState.PICKED])


def to_pick(actor: Actor) -> QuerySet[Sale]:
    """Sold units that nobody has picked, oldest order first."""
    return sales(actor).filter(state=SaleState.SOLD).order_by("sold_at", "line__position")


def to_ship(actor: Actor) -> QuerySet[Sale]:
    """Picked units that have not left, oldest order first."""
    return sales(actor).filter(state=SaleState.PICKED).order_by("sold_at", "line__position")


def sale(pk: uuid.UUID, actor: Actor) -> Sale:
    found = sales(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such sale."))
    return found


def open_sale_of(device: Device, actor: Actor) -> Sale | None:
    """The sale for which a scanned unit is to be picked or shipped."""
    return open_sales(actor).filter(device=device).first()


def sales_of(device: Device, actor: Actor) -> list[Sale]:
    return list(sales(actor).filter(device=device).order_by("-sold_at"))


def pool_of(device: Device) -> PoolUnit | None:
    return PoolUnit.objects.filter(device=device, left_at=None).select_related("pool").first()


def orders(actor: Actor) -> QuerySet[Order]:
    """Our own sales as orders, newest first."""
    return (
        Order.objects.filter(pk__in=Sale.objects.visible_to(actor).values("line__order_id"))
        .select_related("seller")
        .prefetch_related("lines__sales__device")
        .order_by("-ordered_at", "-id")
    )


def order(pk: uuid.UUID, actor: Actor) -> Order:
    found = orders(actor).select_related("contact").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such order."))
    return found


def buyers() -> list[Organization]:
    """Companies that may buy; private persons need no record of theirs."""
    return list(Organization.objects.filter(kind=OrganizationKind.BUYER, active=True).exclude(code="private-buyers"))


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """What in selling needs a decision: units in no pool, pools nobody can buy from, orders that wait, sales that broke."""
    at = at or clock.now()
    rules = parameters.in_force(at)
    loose = list(unpooled(actor).filter(state_since__lt=at - rules.unpooled_after)[:200])
    kept_out = why_loose(loose, at=at)
    found = [
        ExceptionRow(
            key=f"unpooled:{unit.pk}",
            kind="exception.unpooled",
            sentence=_("%(tag)s is for sale and in no pool: %(why)s.") % {"tag": unit.tag, "why": kept_out[unit.pk]}
            if unit.pk in kept_out
            else _("%(tag)s is for sale and in no pool, so nobody can buy it.") % {"tag": unit.tag},
            thing=unit.face,
            url=reverse("sales"),
            owner=_("seller"),
            since=unit.state_since,
            due=unit.state_since + rules.unpooled_after,
            money_at_risk=unit.expected_value,
            currency=unit.currency,
            next_action=_("Sell it another way") if unit.pk in kept_out else _("Pool it"),
        )
        for unit in loose
    ]
    for stock in pools(actor):
        if stock.free and not stock.offers:
            since = PoolUnit.objects.filter(pool=stock.pool, left_at=None).earliest("entered_at").entered_at
            found.append(
                ExceptionRow(
                    key=f"unpriced:{stock.pool.pk}",
                    kind="exception.unpriced",
                    sentence=_("%(count)s of %(pool)s are ready and offered nowhere.")
                    % {"count": stock.free, "pool": stock.pool},
                    thing=str(stock.pool),
                    url=reverse("sales_pool", args=[stock.pool.pk]),
                    owner=_("seller"),
                    since=since,
                    next_action=_("Set a price"),
                )
            )
    kept = set(
        Allocation.objects.filter(released_at=None, device__sales__in=open_sales(actor)).values_list(
            "device_id", "taker"
        )
    )
    for row in open_sales(actor):
        broken = row.device.state != State.TO_SELL or row.device.holds or (row.device_id, row.taker) not in kept
        if not broken and row.sold_at >= at - rules.ship_within:
            continue
        found.append(
            ExceptionRow(
                key=f"sale:{row.pk}",
                kind="exception.sale_broken" if broken else "exception.ship_late",
                sentence=(
                    _("%(tag)s was sold by order %(number)s and can't be shipped any more.")
                    if broken
                    else _("%(tag)s was sold by order %(number)s and has not shipped.")
                )
                % {"tag": row.device.tag, "number": row.line.order.number},
                thing=row.device.face,
                url=reverse("sales_order", args=[row.line.order_id]),
                owner=_("seller") if broken else _("packer"),
                since=row.sold_at,
                due=row.sold_at + rules.ship_within,
                money_at_risk=row.price,
                currency=row.currency,
                next_action=_("Cancel or replace") if broken else _("Pick and ship"),
            )
        )
    return found + lots.exceptions(actor, at=at)
