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


# Lots -----------------------------------------------------------------------------------------------------------------------------------


class LotJoined(
    Fact,
    kind="resale.lot_joined",
    staff=_("Put into lot {number} ({name}), list value {value!m} {currency}."),
    client=_("Put into a lot."),
):
    """On the unit's chain."""

    lot: str
    number: str
    name: str
    value: str
    currency: str


class LotLeft(
    Fact,
    kind="resale.lot_left",
    staff=_("Taken out of lot {number}: {reason}."),
    client=_("Taken out of its lot."),
):
    """On the unit's chain."""

    lot: str
    number: str
    reason: str


class LotShipped(
    Fact,
    kind="resale.lot_shipped",
    staff=_("Sold in lot {number} to {buyer!o}: {price!m} {currency} of {total!m}, parcel {parcel}[ ({vat!w})]."),
    client=_("Sold in a lot."),
):
    """On the unit's chain: it left, and what of the price is its own."""

    lot: str
    number: str
    price: str
    total: str
    currency: str
    buyer: str
    parcel: str
    vat: str | None = None


class LotOpened(
    Fact, kind="resale.lot_opened", staff=_("Lot {number} opened: {name}; proceeds are spread {spread!w}.")
):
    number: str
    name: str
    spread: str


class LotGathered(Fact, kind="resale.lot_gathered", staff=_("{units:unit|units} put in.")):
    number: str
    units: int
    by_rule: bool
    tags: list[str]


class LotPutUp(
    Fact,
    kind="resale.lot_put_up",
    staff=_(
        "Open for offers[ until {until!d}]: {units:unit|units}, {pieces:piece|pieces}, list value {value!m} {currency}."
    ),
    client=_("Open for offers[ until {until!d}]: {pieces:piece|pieces}."),
):
    number: str
    edition: int
    units: int
    pieces: int
    value: str
    asking: str | None
    currency: str
    until: str | None = None


class LotChanged(
    Fact,
    kind="resale.lot_changed",
    staff=_("{tag} taken out: {reason}. The list has edition {edition} now; offers have to be made again."),
    client=_("Something was taken out. The list has edition {edition} now; offers have to be made again."),
):
    """A lot that was open for offers has one unit less."""

    number: str
    edition: int
    tag: str
    reason: str


class LotBid(
    Fact, kind="resale.lot_bid", staff=_("{buyer!o} offers {amount!m} {currency} for edition {edition} of the list.")
):
    number: str
    offer: str
    buyer: str
    amount: str
    currency: str
    edition: int


class LotBidWithdrawn(Fact, kind="resale.lot_bid_withdrawn", staff=_("{buyer!o} offers nothing any more.")):
    number: str
    offer: str
    buyer: str


class LotAwarded(
    Fact,
    kind="resale.lot_awarded",
    staff=_("Awarded to {buyer!o} for {price!m} {currency}[, {why}]."),
):
    number: str
    offer: str
    buyer: str
    price: str
    currency: str
    why: str | None = None


class LotAwardUndone(Fact, kind="resale.lot_award_undone", staff=_("The award doesn't stand: {reason}.")):
    number: str
    reason: str


class LotSold(
    Fact,
    kind="resale.lot_sold",
    staff=_("Sold to {buyer!o} for {price!m} {currency}: {units:unit|units}, parcel {parcel}."),
):
    number: str
    buyer: str
    price: str
    currency: str
    units: int
    shipment: str
    parcel: str


class LotCancelled(Fact, kind="resale.lot_cancelled", staff=_("Called off: {reason}.")):
    number: str
    reason: str
