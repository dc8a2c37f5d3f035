"""The stock of parts: taken in, reserved for work, put in, counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from refurb import facts
from refurb.models import Part, PartUse, WorkOrder
from refurb.services import bench, orders, stopping
from refurb.services.orders import UnableToWork, need, need_for, reasons_against_working
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import ProductModel
from revlog.devices.services import money, moves, standing


def _find(hub: uuid.UUID, number: str, condition: str) -> Part | None:
    return (
        Part.objects.select_for_update(no_key=True, of=("self",))
        .filter(hub_id=hub, number=number, condition=condition)
        .first()
    )


@transaction.atomic
def stock(
    *,
    hub: Hub,
    number: str,
    name: str,
    quantity: int,
    cost: Decimal,
    currency: str = "EUR",
    fits: Iterable[ProductModel] = (),
    minimum: int | None = None,
    bin: str = "",
    lot: str = "",
    by: Actor,
    at: datetime,
) -> Part:
    """Take bought parts into stock. The cost of one becomes the average of what lies there and what came."""
    need(by, "refurb.parts")
    found = []
    if not number.strip():
        found.append(Reason("no_number", _("The part needs its number."), "number"))
    if quantity < 1:
        found.append(Reason("no_quantity", _("The quantity is at least 1."), "quantity"))
    if cost < 0:
        found.append(Reason("cost", _("A cost can't be negative."), "cost"))
    if found:
        raise BadInput(found)
    part, _entry = put_into_stock(
        hub=hub.id, number=number, name=name, condition="new", quantity=quantity, cost=cost, currency=currency,
        source="bought", by=by, at=at,
    )  # fmt: skip
    if lot.strip():
        ledger.append(
            part.pk,
            facts.LotStocked(number=part.number, lot=" ".join(lot.split())[:60].upper(), quantity=quantity),
            by=by,
            at=at,
            hub=hub.pk,
        )
    part.models_fitting.add(*fits)
    changed = {"bin": bin} if bin else {}
    if minimum is not None:
        Part.objects.filter(pk=part.pk).update(minimum=minimum, **changed)
    elif changed:
        Part.objects.filter(pk=part.pk).update(**changed)
    part.refresh_from_db()
    return part


def put_into_stock(
    *,
    hub: uuid.UUID,
    number: str,
    name: str,
    condition: str,
    quantity: int,
    cost: Decimal,
    currency: str,
    source: str,
    parent: Entry | None = None,
    by: Actor,
    at: datetime,
) -> tuple[Part, Entry]:
    """Add to the stock of a part, beginning it where there is none; ``parent`` is the entry of the unit it was taken from."""
    number = number.strip().upper()[:60]
    part = _find(hub, number, condition)
    if part is None:
        try:
            with transaction.atomic():
                part = Part.objects.create(
                    id=ids.new(at),
                    hub_id=hub,
                    number=number,
                    name=name.strip()[:120] or number,
                    condition=condition,
                    cost=Decimal(0),
                    currency=currency,
                    created_at=at,
                )
                ledger.open_chain("part", part.id)
        except IntegrityError:
            # Somebody began the same stock at this moment: add to theirs.
            part = _find(hub, number, condition)
            if part is None:
                raise
    if part.currency != currency:
        raise BadInput(
            Reason("currency", _("This part is kept in %(currency)s.") % {"currency": part.currency}, "currency")
        )
    total = part.quantity + quantity
    part.cost = money_of_one(part.cost * part.quantity + cost * quantity, total)
    part.quantity = total
    part.save(update_fields=["cost", "quantity"])
    entry = ledger.append(
        part.id,
        facts.PartStocked(
            number=part.number,
            condition=condition,
            quantity=quantity,
            cost=str(cost),
            currency=currency,
            source=source,
            on_hand=part.quantity,
            parent_chain=f"unit:{parent.chain_id}" if parent else None,
            parent_sequence=parent.sequence if parent else None,
            parent_digest=parent.digest if parent else None,
        ),
        by=by,
        at=at,
        hub=hub,
    )
    return part, entry


def money_of_one(total: Decimal, quantity: int) -> Decimal:
    return (total / quantity).quantize(Decimal("0.01"))


def _locked(part: Part) -> Part:
    return Part.objects.select_for_update(no_key=True, of=("self",)).get(pk=part.pk)


@transaction.atomic
def reserve(*, order: WorkOrder, part: Part, quantity: int = 1, key: str = "", by: Actor, at: datetime) -> PartUse:
    """Keep parts for a work order; the same ``key`` again gives what it kept then.

    Raises UnableToWork when there are not so many left, or they lie at another hub.
    """
    need_for(order.kind, by, "refurb.work")
    order, device = orders.lock(order)
    if key and (known := PartUse.objects.filter(order=order, key=key[:80]).first()):
        return known
    if quantity < 1:
        raise BadInput(Reason("no_quantity", _("The quantity is at least 1."), "quantity"))
    part = _locked(part)
    reasons = reasons_against_working(order, device)
    if order.is_harvest:
        reasons.append(Reason("harvest", _("a harvest takes parts out, it puts none in")))
    if part.hub_id != device.hub_id:
        reasons.append(Reason("elsewhere", _("%(name)s lies at another hub") % {"name": part.name}))
    reasons += stopping.reasons_against_taking(part)
    if part.hub_id == device.hub_id and part.available < quantity:
        reasons.append(
            Reason("none_left", _("of %(name)s only %(count)s are left") % {"name": part.name, "count": part.available})
        )
    if reasons:
        raise UnableToWork(reasons)
    part.reserved += quantity
    part.save(update_fields=["reserved"])
    if device.waiting_for == "part":
        standing.wait_over(device, by=by, at=at)
    bench.worked(order, by)
    return PartUse.objects.create(
        id=ids.new(at),
        order=order,
        part=part,
        quantity=quantity,
        cost=part.cost,
        currency=part.currency,
        key=key[:80],
        reserved_by=by.reference,
        reserved_at=at,
    )


@transaction.atomic
def put_in(*, use: PartUse, by: Actor, at: datetime) -> PartUse:
    """A reserved part is in the unit now: it leaves the stock, and its cost is the unit's."""
    need_for(use.order.kind, by, "refurb.work")
    order, device = orders.lock(use.order)
    use = PartUse.objects.select_for_update(no_key=True, of=("self",)).get(pk=use.pk)
    reasons = reasons_against_working(order, device)
    if use.state != "reserved":
        reasons.append(Reason("not_reserved", _("this part is not reserved any more")))
    part = _locked(use.part)
    reasons += stopping.reasons_against_taking(part)
    if reasons:
        raise UnableToWork(reasons)
    part.quantity -= use.quantity
    part.reserved -= use.quantity
    part.save(update_fields=["quantity", "reserved"])
    use.state, use.settled_at = "used", at
    use.save(update_fields=["state", "settled_at"])
    bench.worked(order, by)
    entry = moves.note(
        device,
        fact=facts.PartUsed(
            work=order.number,
            number=part.number,
            name=part.name,
            condition=part.condition,
            quantity=use.quantity,
            amount=str(use.total),
            currency=use.currency,
            part=f"part:{part.id}",
        ),
        by=by,
        at=at,
        key=f"part:{use.id}",
    )
    if use.total:
        money.post(
            entry=entry,
            account="parts",
            amount=-use.total,
            currency=use.currency,
            device=device,
            at=at,
            key=f"refurb:parts:{use.id}",
        )
    ledger.append(
        part.id,
        facts.PartIssued(
            number=part.number, quantity=use.quantity, tag=device.tag, work=order.number, on_hand=part.quantity
        ),
        by=by,
        at=at,
        key=f"use:{use.id}",
        hub=part.hub_id,
    )
    return use


@transaction.atomic
def put_in_now(*, order: WorkOrder, part: Part, quantity: int = 1, key: str = "", by: Actor, at: datetime) -> PartUse:
    """What a scan of a part means at the bench: it is put in, reserved first where it wasn't. ``key`` is the scan's own."""
    kept = PartUse.objects.filter(order=order, part=part, state="reserved", quantity=quantity).first()
    known = PartUse.objects.filter(order=order, key=key[:80]).first() if key else None
    if known is not None and known.state == "used":
        return known
    use = known or kept or reserve(order=order, part=part, quantity=quantity, key=key, by=by, at=at)
    return put_in(use=use, by=by, at=at)


@transaction.atomic
def give_back(*, use: PartUse, by: Actor, at: datetime) -> PartUse:
    """A reserved part was not needed."""
    need_for(use.order.kind, by, "refurb.work")
    orders.lock(use.order)
    use = PartUse.objects.select_for_update(no_key=True, of=("self",)).get(pk=use.pk)
    if use.state != "reserved":
        raise UnableToWork(Reason("not_reserved", _("this part is not reserved any more")))
    part = _locked(use.part)
    part.reserved -= use.quantity
    part.save(update_fields=["reserved"])
    use.state, use.settled_at = "returned", at
    use.save(update_fields=["state", "settled_at"])
    return use


@transaction.atomic
def count(*, part: Part, counted: int, reason: str = "", by: Actor, at: datetime) -> Part:
    """Say how many lie there. A difference needs a reason, and isn't found by the person who put the last ones there."""
    need(by, "refurb.parts")
    part = _locked(part)
    found = []
    if counted < part.reserved:
        found.append(Reason("reserved", _("%(count)s are reserved for work") % {"count": part.reserved}, "counted"))
    if counted != part.quantity and not reason.strip():
        found.append(Reason("no_reason", _("Say where the difference comes from."), "reason"))
    last = Entry.objects.filter(chain_id=part.pk).order_by("-sequence").first()
    if counted != part.quantity and last is not None:
        found += separations.reasons_against("bin_count", doer=[last.actor], by=by)
    if found:
        raise BadInput(found)
    ledger.append(
        part.id,
        facts.PartCounted(
            number=part.number, expected=part.quantity, counted=counted, reason=reason.strip()[:200] or None
        ),
        by=by,
        at=at,
        hub=part.hub_id,
    )
    part.quantity = counted
    part.save(update_fields=["quantity"])
    return part
