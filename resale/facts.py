"""What selling says, on the unit's chain."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class Pooled(
    Fact,
    kind="resale.pooled",
    staff=_("Pooled: {name}, grade {grade} ({pool})."),
    client=_("Ready for resale in grade {grade}."),
):
    pool: str
    name: str
    grade: str


class PoolOpened(Fact, kind="resale.pool_opened", staff=_("Pool {pool} opened: {name}, grade {grade}.")):
    """On the pool's own chain, as its offers are."""

    pool: str
    name: str
    grade: str
    warranty_months: int


class Offered(
    Fact,
    kind="resale.offered",
    staff=_("Offered at {price!m} {currency} ({channel!w})."),
    client=_("Offered at {price!m} {currency}."),
):
    offer: str
    channel: str
    price: str
    currency: str
    before: str | None = None


class OfferEnded(
    Fact,
    kind="resale.offer_ended",
    staff=_("Offer at {price!m} {currency} ended ({channel!w})."),
):
    offer: str
    channel: str
    price: str
    currency: str


class SoldTo(
    Fact,
    kind="resale.sold_to",
    staff=_("Sold: order {number}, {price!m} {currency} ({channel!w})."),
    client=_("Sold for {price!m} {currency}."),
):
    order: str
    number: str
    line: str
    price: str
    currency: str
    channel: str


class Picked(Fact, kind="resale.picked", staff=_("Picked and packed for order {number}.")):
    order: str
    number: str
    line: str


class Shipped(
    Fact,
    kind="resale.shipped",
    staff=_("Shipped to its buyer: order {number}, parcel {parcel}[ ({vat!w})]."),
    client=_("Shipped to its buyer."),
):
    order: str
    number: str
    line: str
    price: str
    currency: str
    buyer: str
    """Code of the organization the title passes to."""
    parcel: str | None = None
    vat: str | None = None
    """How it became ours, where we bought it from somebody: decides how the sale is taxed (vat.margin, vat.standard ...)."""


class WarrantyBegun(
    Fact,
    kind="resale.warranty_begun",
    staff=_("Warranty of {months} months begun, until {until!d}."),
    client=_("Warranty of {months} months begun."),
):
    months: int
    until: str
    line: str


class SaleCancelled(
    Fact,
    kind="resale.sale_cancelled",
    staff=_("Sale cancelled (order {number}): {reason}."),
    client=_("Sale cancelled: {reason}."),
):
    order: str
    number: str
    line: str
    reason: str


class Packed(Fact, kind="resale.packed", staff=_("Parcel packed for order {number}: {units:unit|units}.")):
    """On the order's chain, when all its units are picked: the packing slip follows from it."""

    number: str
    units: int
    serials: list[str]
