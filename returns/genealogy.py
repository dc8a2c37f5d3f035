"""Where a unit and its parts came from, and where they went: read from the ledger, both ways.

Of parts that lay in stock together nobody knows which one went where; what may be is told as "may be".
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from refurb import facts as refurb_facts
from returns import recall_range
from returns.models import Criterion, Range, RmaLine
from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.models import Allocation, Device
from revlog.terms.models import Order, OrderLine

MOST = 200


@dataclass(frozen=True)
class Node:
    """A line of the tree: what it is, an address where it can be opened, when, and what hangs below it."""

    text: str
    url: str = ""
    at: datetime | None = None
    icon: str = ""
    below: Sequence[Node] = field(default_factory=tuple)


def of(device: Device, actor: Actor) -> list[Node]:
    """The tree of a unit, as its readers may see it: how it came, what is in it, what was taken out, and where it went."""
    return [
        Node(_("How it came"), icon="package-import", below=_came(device, actor)),
        Node(_("Parts put in"), icon="tools", below=_parts_in(device, actor)),
        Node(_("Parts taken out"), icon="puzzle", below=_parts_out(device, actor)),
        Node(_("Where it went"), icon="truck-delivery", below=_went(device, actor)),
    ]


def _unit(device: Device, text: str = "", *, at: datetime | None = None, below: Sequence[Node] = ()) -> Node:
    return Node(
        text or f"{device.face} {device.tag}", reverse("unit", args=[device.tag]), at, device.device_class, tuple(below)
    )


def _order(line: OrderLine, text: str, *, at: datetime | None) -> Node:
    return Node(text % {"number": line.order.number}, reverse("order", args=[line.order_id]), at, "shopping-cart")


def _came(device: Device, actor: Actor) -> list[Node]:
    found = []
    if device.lot:
        found.append(
            Node(_("Maker's lot %s") % device.lot, f"{reverse('returns_trace')}?by=lot&q={device.lot}", icon="packages")
        )
    if device.made_on:
        found.append(Node(_("Made on %s") % device.made_on.isoformat(), icon="calendar"))
    if device.parent is not None and _may_see(device.parent, actor):
        found.append(_unit(device.parent, _("Taken out of %s") % device.parent.tag))
    found += [
        _unit(medium.device, _("Taken out of %s") % medium.device.tag)
        for medium in device.was_medium.select_related("device")
        if device.parent is None and _may_see(medium.device, actor)
    ]
    visits = device.visits.order_by("number")
    if not actor.is_operator:
        visits = visits.filter(owner_id=actor.organization_id)
    for visit in visits:
        kind, _mark, key = visit.reference.partition(":")
        node = Node(
            _("Visit %(number)s: %(why)s") % {"number": visit.number, "why": word(visit.why)}, at=visit.opened_at
        )
        if kind == "rma_line" and (line := _rma_line(key, actor)) is not None:
            text = _("Visit %(number)s: return %(rma)s of order %(order)s") % {
                "number": visit.number,
                "rma": line.rma.number,
                "order": line.order_line.order.number,
            }
            node = Node(text, reverse("returns_rma", args=[line.rma.number]), visit.opened_at, "receipt-refund")
        found.append(node)
    return found


def _rma_line(key: str, actor: Actor) -> RmaLine | None:
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return None
    row = RmaLine.objects.filter(pk=pk).select_related("rma", "order_line__order").first()
    visible = row is not None and (actor.is_operator or row.rma.seller_id == actor.organization_id)
    return row if visible else None


def _may_see(device: Device, actor: Actor) -> bool:
    return Device.objects.visible_to(actor).filter(pk=device.pk).exists()


_ORIGINS = """
    SELECT DISTINCT d.id FROM custody_entry used
      JOIN custody_entry iss ON iss.chain_id = substr(used.payload->>'part', 6)::uuid AND iss.kind = 'refurb.part_issued'
       AND iss.payload->>'work' = used.payload->>'work' AND iss.payload->>'tag' = %s
      JOIN custody_entry st ON st.chain_id = iss.chain_id AND st.kind = 'refurb.part_stocked' AND st.sequence < iss.sequence
       AND st.payload ? 'parent_chain'
      JOIN devices_device d ON d.id = substr(st.payload->>'parent_chain', 6)::uuid
     WHERE used.id = %s AND NOT EXISTS (
        SELECT 1 FROM custody_entry z WHERE z.chain_id = st.chain_id AND z.sequence > st.sequence AND z.sequence < iss.sequence
           AND ((z.kind = 'refurb.part_issued' AND z.payload->>'on_hand' = '0')
             OR (z.kind = 'refurb.part_counted' AND z.payload->>'counted' = '0')))"""
"""The units that a part which was put in may have come from: their part lay in the stock when it was taken."""

_GOES = """
    SELECT DISTINCT d.id FROM custody_entry st
      JOIN custody_entry iss ON iss.chain_id = st.chain_id AND iss.kind = 'refurb.part_issued' AND iss.sequence > st.sequence
      JOIN devices_device d ON d.tag = iss.payload->>'tag'
     WHERE st.kind = 'refurb.part_stocked' AND st.payload->>'parent_chain' = %s AND upper(st.payload->>'number') = %s AND NOT EXISTS (
        SELECT 1 FROM custody_entry z WHERE z.chain_id = st.chain_id AND z.sequence > st.sequence AND z.sequence < iss.sequence
           AND ((z.kind = 'refurb.part_issued' AND z.payload->>'on_hand' = '0')
             OR (z.kind = 'refurb.part_counted' AND z.payload->>'counted' = '0')))"""
"""The units into which a part that was taken out may have gone."""


def _units(sql: str, params: Sequence[str | int], actor: Actor, text: str) -> list[Node]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        ids = [row[0] for row in cursor.fetchall()]
    rows = Device.objects.visible_to(actor).filter(pk__in=ids).select_related("product").order_by("tag")[:20]
    return [_unit(device, text % {"tag": device.tag, "name": device.face}) for device in rows]


def _parts_in(device: Device, actor: Actor) -> list[Node]:
    found = []
    for entry in Entry.objects.filter(chain_id=device.pk, kind=refurb_facts.PartUsed.kind).order_by("sequence"):
        told = entry.payload
        name = f"{told['quantity']} × {told['name']}" if told["quantity"] > 1 else str(told["name"])
        below = (
            _units(_ORIGINS, [device.tag, entry.pk], actor, _("may be from %(tag)s, %(name)s"))
            if actor.is_operator
            else []
        )
        url = f"{reverse('returns_trace')}?by=part&q={told['number']}" if actor.is_operator else ""
        found.append(
            Node(f"{name} ({told['number']}, {word(told['condition'])})", url, entry.occurred_at, "puzzle", below)
        )
    found += [
        Node(f"{word(medium.type)} {medium.model} {medium.serial}".strip(), icon="database", at=medium.added_at)
        for medium in device.media.exclude(state="REMOVED")
    ]
    return found


def _parts_out(device: Device, actor: Actor) -> list[Node]:
    found, shown = [], set()
    rows = Entry.objects.filter(chain_id=device.pk, kind=refurb_facts.PartHarvested.kind).order_by("sequence")
    for entry in rows:
        told = entry.payload
        name = f"{told['quantity']} × {told['name']}" if told["quantity"] > 1 else str(told["name"])
        text = f"{name} ({told['number']}), {word(told['destination'])}"
        below: list[Node] = []
        if told["destination"] == "part_to_stock" and actor.is_operator:
            below = _units(_GOES, [f"unit:{device.pk}", told["number"]], actor, _("may be in %(tag)s, %(name)s"))
        elif (tag := told.get("became")) is not None:
            own = Device.objects.visible_to(actor).filter(tag=tag).first()
            shown.add(tag)
            below = [_unit(own, below=_went(own, actor))] if own is not None else []
        found.append(Node(text, at=entry.occurred_at, icon="puzzle", below=below))
    taken = Device.objects.visible_to(actor)
    others = list(taken.filter(parent=device)) + list(taken.filter(was_medium__device=device))
    found += [
        _unit(one, below=_went(one, actor)) for one in {one.pk: one for one in others}.values() if one.tag not in shown
    ]
    return found


def _went(device: Device, actor: Actor) -> list[Node]:
    orders = Order.objects.visible_to(actor)
    found = []
    for row in Allocation.objects.filter(device=device, taker__startswith="order_line:").order_by("since"):
        line = (
            OrderLine.objects.filter(pk=row.taker.removeprefix("order_line:"), order__in=orders)
            .select_related("order")
            .first()
        )
        if line is None:
            continue
        gone = row.released_at is not None and str(row.device.state) in {"SOLD", "DEPLOYED"}
        text = _("Sold with order %(number)s") if gone or row.released_at else _("Promised to order %(number)s")
        found.append(_order(line, text, at=row.since))
    forms = device.identifiers.filter(scheme__in=["serial", "imei"]).values_list("normal_form", flat=True)
    known = {node.url for node in found}
    sold = OrderLine.objects.filter(sold_serials__normal_form__in=list(forms), order__in=orders).select_related("order")
    for line in sold.order_by("order__ordered_at").distinct()[:10]:
        node = _order(line, _("Shipped with order %(number)s"), at=line.shipped or line.order.ordered_at)
        if node.url not in known:
            found.append(node)
    if str(device.state) not in {"SOLD", "RECEIVED", "EXPECTED"} and device.has_departed:
        found.append(Node(word(f"state.{device.state}").capitalize(), at=device.state_since, icon="truck"))
    return found


# Both ways over many -----------------------------------------------------------------------------------------------------------------

BY = (Range.LOT, Range.PART, Range.PART_SERIAL, Range.PART_LOT, Range.TAKEN_FROM)


@dataclass(frozen=True)
class Traced:
    """A unit that a lot, a part or another unit led to, and the order that it went out with."""

    device: Device
    how: str
    order: Order | None


def trace(by: str, text: str, actor: Actor) -> list[Traced]:
    """From an inbound lot, a part or a unit to all units that have to do with it, and to the orders they went out with.

    The same question as a recall asks, without one.
    """
    if by not in {one.value for one in BY} or not text.strip():
        return []
    parent = None
    if by == Range.TAKEN_FROM:
        parent = Device.objects.visible_to(actor).filter(tag=text.strip().upper()).first()
        if parent is None:
            return []
    criterion = Criterion(id=uuid.uuid4(), range=by, text=text.strip()[:120], parent=parent, with_parts=True)
    asked = recall_range.devices([criterion])
    sql = f"""SELECT f.device_id, f.how, f.through, sold.line_id FROM ({asked.sql}) f JOIN devices_device d ON d.id = f.device_id
        LEFT JOIN LATERAL ({recall_range.SOLD_AS}) sold ON true LIMIT {MOST + 1}"""  # noqa: S608 - pieces of ours, values apart
    with connection.cursor() as cursor:
        cursor.execute(sql, asked.params)
        rows = cursor.fetchall()
    units = {
        one.pk: one
        for one in Device.objects.visible_to(actor)
        .filter(pk__in=[row[0] for row in rows])
        .select_related("product", "location", "hub", "owner")
    }
    lines = {
        one.pk: one.order
        for one in OrderLine.objects.filter(
            pk__in=[row[3] for row in rows if row[3]], order__in=Order.objects.visible_to(actor)
        ).select_related("order")
    }
    return [
        Traced(
            units[device],
            f"{word(f'recall_how.{how}')} ({through})" if through else word(f"recall_how.{how}"),
            lines.get(line),
        )
        for device, how, through, line in rows
        if device in units
    ]
