"""A return with everything that is told of it, read in one statement: what an answer of the API shows, and where the return stands."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from returns.facts import rma as rma_facts
from returns.models import (
    Appeal,
    Approval,
    BusinessCase,
    Charge,
    Discrepancy,
    Offer,
    Refund,
    Review,
    Rma,
    RmaLine,
    RmaParcel,
    RmaUnit,
)
from revlog.accounts.models import Hub, Organization
from revlog.common.rows import Part, Together
from revlog.custody.models import Entry
from revlog.devices.models import Device, ProductModel, Variant
from revlog.evidence.models import Attachment
from revlog.logistics.models import Parcel
from revlog.terms.models import Order, OrderLine

GRADED = "triage.graded"
OF_LINES = "t.line_id IN (SELECT id FROM line)"
OF_UNITS = "t.unit_id IN (SELECT id FROM unit)"
ON_DEVICES = "t.chain_id IN (SELECT device_id FROM unit WHERE received_at IS NOT NULL)"

_WHOLE = Together(
    (
        Part("rma", Rma, "t.id = %(rma)s"),
        Part("line", RmaLine, "t.rma_id = %(rma)s", "line.position"),
        Part("unit", RmaUnit, OF_LINES, "unit.position"),
        Part("link", RmaParcel, "t.rma_id = %(rma)s", "link.added_at, link.id"),
        Part("sold", OrderLine, "t.id IN (SELECT order_line_id FROM line)"),
        Part(
            "bought",
            Order,
            "t.id IN (SELECT order_id FROM rma UNION SELECT order_id FROM sold UNION SELECT exchange_id FROM line)",
        ),
        Part("seller", Organization, "t.id IN (SELECT seller_id FROM rma)"),
        Part("hub", Hub, "t.id IN (SELECT hub_id FROM rma)"),
        Part("variant", Variant, "t.id IN (SELECT new_variant_id FROM line)"),
        Part("device", Device, "t.id IN (SELECT device_id FROM unit)", only=("id", "tag", "serial")),
        Part("parcel", Parcel, "t.id IN (SELECT parcel_id FROM link)"),
        Part("charge", Charge, OF_LINES, "charge.asked_at, charge.id"),
        Part("refund", Refund, OF_LINES, "refund.proposed_at, refund.id"),
        Part("offer", Offer, OF_UNITS, "offer.made_at, offer.id"),
        Part("appeal", Appeal, OF_UNITS, "appeal.opened_at, appeal.id"),
        Part("review", Review, "t.rma_id = %(rma)s"),
        Part("trouble", Discrepancy, "t.rma_id = %(rma)s AND t.resolved_at IS NULL", "trouble.due_at"),
        Part(
            "graded",
            Entry,
            f"{ON_DEVICES} AND t.kind = '{GRADED}'",
            "graded.sequence",
            only=("id", "chain_id", "sequence", "kind", "occurred_at", "actor", "payload"),
        ),
        Part(
            "photo",
            Attachment,
            f"{ON_DEVICES} AND t.audience = 'customer' AND t.use LIKE 'photo%%' AND NOT EXISTS "  # noqa: S608 - SQL of ours
            "(SELECT 1 FROM evidence_artifact a WHERE a.digest = t.artifact_id AND a.erased_at IS NOT NULL)",
            "photo.added_at",
        ),
        Part(
            "missing",
            Entry,
            f"t.chain_id = %(rma)s AND t.kind = '{rma_facts.NewOneMissing.kind}' "  # noqa: S608 - SQL of ours
            "AND EXISTS (SELECT 1 FROM line WHERE new_variant_id IS NOT NULL)",
            only=("id",),
        ),
    ),
    takes={"rma": "uuid"},
)


@dataclass(frozen=True)
class Whole:
    """One return as it stood when it was read. ``rma`` knows its lines, they their units, and so on, without a further question."""

    rma: Rma
    lines: Sequence[RmaLine]
    units: Sequence[RmaUnit]
    charges: Sequence[Charge]
    refunds: Sequence[Refund]
    offers: Sequence[Offer]
    appeals: Sequence[Appeal]
    troubles: Sequence[Discrepancy]
    """Those that nobody has decided yet, the most urgent first."""
    graded: Mapping[uuid.UUID, Sequence[Entry]] = field(repr=False)
    """By device, every grade that its chain says, in order."""
    photos: Mapping[uuid.UUID, Sequence[Attachment]] = field(repr=False)
    """By device, what staff took for the customer's eyes."""
    review: Review | None = None
    """Whether it is looked at closely; never shown to customers or partners as it is."""
    lacks_new_one: bool = False
    """Whether it was said that what is wanted instead isn't there."""


def of(rma: Rma) -> Whole:
    """All of ``rma``: as it was read with it, else as it stands now."""
    known: Whole | None = rma.__dict__.get("_whole")
    return known or read(rma.pk)


def read(pk: uuid.UUID) -> Whole:
    """All of a return. Raises Rma.DoesNotExist."""
    told = _WHOLE.read(rma=pk)
    if not told["rma"]:
        raise Rma.DoesNotExist(f"There is no return with the id {pk}.")
    rma: Rma = told["rma"][0]
    lines, units = told["line"], told["unit"]
    orders, hubs, sellers = _by_key(told["bought"]), _by_key(told["hub"]), _by_key(told["seller"])
    rma.order, rma.hub, rma.seller = orders[rma.order_id], hubs[rma.hub_id], sellers[rma.seller_id]
    sold, variants, devices = _by_key(told["sold"]), _by_key(told["variant"]), _by_key(told["device"])
    parcels, of_line, of_unit = _by_key(told["parcel"]), _by_key(lines), _by_key(units)
    for one in told["sold"]:
        one.order = orders[one.order_id]
    for link in told["link"]:
        link.rma, link.parcel = rma, parcels[link.parcel_id]
    for line in lines:
        line.rma, line.order_line = rma, sold[line.order_line_id]
        line.new_variant = variants.get(line.new_variant_id)
        line.exchange = orders.get(line.exchange_id)
    places = {line.pk: line.position for line in lines}
    units.sort(key=lambda unit: (places[unit.line_id], unit.position))
    for unit in units:
        unit.line, unit.device = of_line[unit.line_id], devices.get(unit.device_id)
    for row in [*told["charge"], *told["refund"]]:
        row.line = of_line[row.line_id]
    for row in [*told["refund"], *told["offer"], *told["appeal"]]:
        row.unit = of_unit.get(row.unit_id)
    _know(rma, lines=lines, parcel_links=told["link"])
    for line in lines:
        _know(
            line,
            **{name: [one for one in rows if one.line_id == line.pk] for name, rows in _of_lines(told)},
        )
    for unit in units:
        _know(unit, **{name: [one for one in told[part] if one.unit_id == unit.pk] for name, part in OF_A_UNIT})
    found = Whole(
        rma=rma,
        lines=lines,
        units=units,
        charges=told["charge"],
        refunds=told["refund"],
        offers=told["offer"],
        appeals=told["appeal"],
        troubles=told["trouble"],
        graded=_by_chain(told["graded"]),
        photos=_by_chain(told["photo"]),
        review=told["review"][0] if told["review"] else None,
        lacks_new_one=bool(told["missing"]),
    )
    rma.__dict__["_whole"] = found
    return found


OF_A_UNIT = (("refunds", "refund"), ("offers", "offer"), ("appeals", "appeal"))


def _of_lines(told: Mapping[str, list[Any]]) -> list[tuple[str, list[Any]]]:
    return [("units", told["unit"]), ("charges", told["charge"]), ("refunds", told["refund"])]


def _by_key(rows: Sequence[Any]) -> dict[uuid.UUID, Any]:
    return {row.pk: row for row in rows}


def _by_chain(rows: Sequence[Any]) -> dict[uuid.UUID, list[Any]]:
    ordered = sorted(rows, key=lambda row: str(row.chain_id))
    return {chain: list(some) for chain, some in groupby(ordered, key=attrgetter("chain_id"))}


def _know(thing: Any, **related: Sequence[Any]) -> None:  # noqa: ANN401 - any row
    """As a prefetch leaves it: what belongs to ``thing`` is known and needn't be asked for."""
    cache = thing.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in related.items():
        manager = getattr(thing, name)
        queryset = manager.get_queryset()
        queryset._result_cache = list(rows)
        queryset._prefetch_done = True
        cache[name] = queryset


_WITH_LINES = Together(
    (
        Part("line", RmaLine, "t.rma_id = %(rma)s", "line.position"),
        Part("sold", OrderLine, "t.id IN (SELECT order_line_id FROM line)"),
        Part("variant", Variant, "t.id IN (SELECT variant_id FROM sold)"),
        Part(
            "product",
            ProductModel,
            "t.id IN (SELECT product_id FROM sold UNION SELECT product_id FROM variant)",
        ),
        Part("approval", Approval, "t.rma_id = %(rma)s", "approval.step"),
        Part("business", BusinessCase, "t.rma_id = %(rma)s"),
        Part("link", RmaParcel, "t.rma_id = %(rma)s", "link.added_at, link.id"),
    ),
    takes={"rma": "uuid"},
)


def with_lines(rma: Rma) -> Rma:
    """The same return, which now knows its lines with what was sold, the steps of approval that were given, its links to parcels, and what
    a business sends."""
    told = _WITH_LINES.read(rma=rma.pk)
    sold, variants, products = _by_key(told["sold"]), _by_key(told["variant"]), _by_key(told["product"])
    for variant in told["variant"]:
        variant.product = products[variant.product_id]
    for one in told["sold"]:
        one.variant, one.product = variants.get(one.variant_id), products.get(one.product_id)
        if one.order_id == rma.order_id:
            one.order = rma.order
    for line in told["line"]:
        line.rma, line.order_line = rma, sold[line.order_line_id]
    business = next(iter(told["business"]), None)
    know_lines(rma, told["line"], approvals=told["approval"], links=told["link"], business=business)
    return rma


def forget(rma: Rma) -> Rma:
    """The same return, which asks again for what belongs to it: a verb that knew it for itself gives it back like this."""
    rma.__dict__.pop("_prefetched_objects_cache", None)
    rma._state.fields_cache.pop("business", None)
    return rma


def know_lines(
    rma: Rma,
    lines: Sequence[RmaLine],
    *,
    approvals: Sequence[Approval] = (),
    links: Sequence[RmaParcel] = (),
    business: BusinessCase | None = None,
) -> None:
    """That these are all its lines, approvals and links to parcels, and what a business sends with it, if one does."""
    _know(rma, lines=lines, approvals=approvals, parcel_links=links)
    rma._state.fields_cache["business"] = business
