"""Finding what is unsold by the rules, proposing the best way out of it, and sending it that way once a person says so."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import RtvStatus, Unsold, UnsoldStatus, VendorReturnLine, WayOut
from returns.policy import unsold as unsold_rules
from returns.queries import quotas
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Allocation, Device
from revlog.devices.models.device import GRADED, Tracking
from revlog.devices.services import moves
from revlog.terms import agreeing, ruling
from revlog.terms import queries as terms
from revlog.terms.agreeing import Goods, Quota, VendorTerms
from revlog.terms.models import Agreement, Lifecycle, Purchase
from revlog.terms.ruling import Ruling

SWEEPER = actors.system("returns.unsold")
IN_STOCK = (State.IN_TRIAGE, State.TO_SELL, State.TO_RESTOCK)
"""Where a unit can lie unsold: what is being worked on isn't, nor what has a way out already."""
AT_ONCE = 500
KEPT_DAYS = 90
"""How long a unit that a person kept in stock isn't proposed again."""
GOES: dict[str, Disposition] = {
    WayOut.VENDOR.value: Disposition.RETURN_TO_VENDOR,
    WayOut.LIQUIDATE.value: Disposition.RESELL,
    WayOut.DONATE.value: Disposition.DONATE,
    WayOut.RECYCLE.value: Disposition.RECYCLE,
}


class UnableToSendOn(DomainError):
    """What is proposed can't go that way, or was decided already."""

    code = "unable_to_send_on"


def _may(by: Actor) -> None:
    if not by.may("returns.vendor"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to send unsold goods on.")))


def candidates() -> QuerySet[Device]:
    """What lies in stock and is ours to send away."""
    bought = Q(purchase__isnull=False) | Q(visit__why="stock")
    return (
        Device.objects.filter(state__in=[one.value for one in IN_STOCK], owner__kind=OrganizationKind.OPERATOR)
        .filter(Q(state__in=[State.TO_SELL, State.TO_RESTOCK]) | bought)
        .exclude(authority="")
        .exclude(tracking=Tracking.WEIGHED)
        .exclude(quantity=0)
        .select_related("visit", "owner", "product", "purchase__supplier")
        .order_by("id")
    )


# What is known of a unit --------------------------------------------------------------------------------------------------------------


@dataclass
class Books:
    """What a sweep reads once for all units: rules, agreements and their quotas, sales and stock per model, market lives."""

    on: date
    ruling: Ruling
    agreements: dict[uuid.UUID, Agreement]
    says: dict[uuid.UUID, VendorTerms] = field(default_factory=dict)
    quotas: dict[uuid.UUID, Quota] = field(default_factory=dict)
    sold: dict[uuid.UUID | None, int] = field(default_factory=dict)
    here: dict[uuid.UUID | None, int] = field(default_factory=dict)
    lives: dict[uuid.UUID, Lifecycle] = field(default_factory=dict)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)
    """What its vendor refused before, by the number of that return."""


def books(*, at: datetime) -> Books:
    rules = terms.in_force(unsold_rules.KIND, at=at)
    days = int(rules.parameters.get("sold_days", unsold_rules.SHIPPED["parameters"]["sold_days"]))
    gone = Device.objects.filter(state=State.SOLD, state_since__gte=at - timedelta(days=days), state_since__lte=at)
    kept = Books(on=at.date(), ruling=rules, agreements=terms.agreements_on(at.date()))
    for supplier, row in kept.agreements.items():
        kept.says[supplier] = row.says
        kept.quotas[supplier] = quotas.quota(row, on=at.date())
    kept.sold = dict(gone.order_by().values_list("product").annotate(n=Sum("quantity")))
    on_hand = Device.objects.filter(state__in=[one.value for one in IN_STOCK]).order_by()
    kept.here = dict(on_hand.values_list("product").annotate(n=Sum("quantity")))
    kept.lives = {row.product_id: row for row in Lifecycle.objects.all()}
    kept.refused = dict(
        VendorReturnLine.objects.filter(rtv__status=RtvStatus.REFUSED)
        .order_by("rtv__answered_at")
        .values_list("device", "rtv__number")
    )
    return kept


def purchase_of(device: Device) -> Purchase | None:
    return getattr(device, "purchase", None)


def is_sealed(device: Device, bought: Purchase | None) -> bool:
    return device.grade == "NEW" or bool(bought and bought.sealed)


def goods_of(device: Device, reason: str, bought: Purchase | None) -> Goods:
    """The unit as an agreement looks at it."""
    return Goods(
        device_class=device.device_class,
        model=device.product.name if device.product else device.model,
        reason=reason,
        sealed=is_sealed(device, bought),
        grade=device.grade,
        bought_on=bought.bought_on if bought else None,
        received_on=bought.received_on if bought else None,
        has_papers=bool(bought and bought.order_number),
    )


def facts_of(device: Device, kept: Books) -> dict[str, Any]:
    """What the rules look at; what isn't known is left out, and no rule matches it."""
    bought = purchase_of(device)
    stay = device.visit
    began = (stay.received_at or stay.opened_at).date() if stay else device.created_at.date()
    if bought is not None and stay is not None and stay.why == "stock":
        began = min(began, bought.received_on or bought.bought_on)
    here, sold = kept.here.get(device.product_id, device.quantity), kept.sold.get(device.product_id, 0)
    found: dict[str, Any] = {
        "days_in_stock": (kept.on - began).days,
        "sold": sold,
        "on_hand": here,
        "sell_through": str((Decimal(100) * sold / max(1, here + sold)).quantize(Decimal("0.1"))),
        "category": device.device_class,
        "model": device.product.name if device.product else device.model,
        "grade": device.grade,
        "sealed": is_sealed(device, bought),
        "quantity": device.quantity,
        "obsolete": False,
        "has_successor": False,
    }
    life = kept.lives.get(device.product_id) if device.product_id else None
    if life is not None:
        found["obsolete"] = life.obsolete_since is not None and life.obsolete_since <= kept.on
        found["has_successor"] = life.successor_id is not None
        if life.season_ends_on is not None:
            found["days_after_season"] = (kept.on - life.season_ends_on).days
    if bought is not None:
        found["value"] = str(bought.price * device.quantity)
        found["supplier"] = bought.supplier.code
        if bought.expires_on is not None:
            found["days_to_expiry"] = (bought.expires_on - kept.on).days
    return found


# What each way would bring --------------------------------------------------------------------------------------------------------------


def against_any(device: Device, *, promised: bool) -> list[Reason]:
    """What stands against every way out: holds, promises, and that it isn't in stock any more."""
    found = []
    if State(device.state) not in IN_STOCK:
        found.append(Reason("wrong_state", _("it isn't in stock any more")))
    if not device.authority:
        found.append(Reason("no_authority", _("it isn't ours to send away")))
    if found:
        return found
    if reason := next((one for one in moves.reasons_against(device, moves.TO_RETURN) if one.code == "on_hold"), None):
        found.append(reason)
    if promised:
        found.append(Reason("promised", _("it is promised to somebody")))
    return found


def sums_of(
    device: Device, unsold: str, allowed: Sequence[str], kept: Books, *, promised: bool, at: datetime
) -> list[unsold_rules.Sum]:
    """Every way that the rule names with its sum, and what stands against it."""
    bought = purchase_of(device)
    supplier = bought.supplier_id if bought else None
    says = kept.says.get(supplier) if supplier else None
    currency = bought.currency if bought else device.currency
    credit = says.expected(bought.price, device.quantity, currency) if says and bought else None
    expected = None
    if device.product_id is not None and device.grade in GRADED:
        row = terms.expected_prices(at=at, product=device.product_id, variant=device.variant_id).get(device.grade)
        expected = row.amount if row is not None and row.currency == currency else None
    always = against_any(device, promised=promised)
    found = []
    for way in (one for one in unsold_rules.WAYS if one in allowed):
        lines = unsold_rules.reckon(
            way,
            pieces=device.quantity,
            price=bought.price if bought else None,
            expected=expected,
            credit=credit,
            pays_carriage=says is None or says.carriage_paid_by == "us",
            parameters=kept.ruling.parameters,
            currency=currency,
        )
        against = [*always]
        if way == WayOut.VENDOR:
            against += against_vendor(device, unsold, bought, kept, credit=credit)
        elif way == WayOut.LIQUIDATE and device.tracking == Tracking.SERIALIZED and device.grade not in GRADED:
            against.append(Reason("not_graded", _("it has no grade")))
        found.append(unsold_rules.Sum(way, lines, against))
    return found


def against_vendor(
    device: Device, unsold: str, bought: Purchase | None, kept: Books, *, credit: Decimal | None
) -> list[Reason]:
    """Why the vendor doesn't take it: nobody knows whose it was, no agreement, its terms, or its quota."""
    if bought is None:
        return [Reason("no_supplier", _("nobody noted of whom it was bought"))]
    says = kept.says.get(bought.supplier_id)
    if says is None:
        return [Reason("no_agreement", _("there is no agreement with %s") % bought.supplier.name)]
    found = agreeing.reasons_against(says, goods_of(device, unsold, bought), on=kept.on)
    if device.pk in kept.refused:
        found.append(Reason("refused", _("its vendor refused it (%s)") % kept.refused[device.pk]))
    quota = kept.quotas[bought.supplier_id]
    if not found and not quota.has_room(bought.price * device.quantity, device.quantity):
        found.append(Reason("quota", _("the quota of this period is used up")))
    return found


# The sweep ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Swept:
    looked_at: int
    found: int
    fresh: int
    gone: int


def sweep(*, by: Actor = SWEEPER, at: datetime, only: Iterable[uuid.UUID] | None = None) -> Swept:
    """Look at all stock: propose what is unsold, renew what is proposed, and drop what no longer is. Repeating it changes nothing."""
    kept = books(at=at)
    rows = candidates()
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    looked = found = fresh = 0
    seen: list[uuid.UUID] = []
    waiting: list[tuple[Device, ruling.Decision]] = []
    for device in rows.iterator(chunk_size=AT_ONCE):
        looked += 1
        decided = ruling.decide(kept.ruling, facts_of(device, kept))
        if decided.outcome.get("unsold", "no") == "no":
            continue
        found += 1
        seen.append(device.pk)
        waiting.append((device, decided))
        if len(waiting) == AT_ONCE:
            fresh += _propose(waiting, kept, by=by, at=at)
            waiting = []
    fresh += _propose(waiting, kept, by=by, at=at)
    stale = Unsold.objects.filter(status=UnsoldStatus.OPEN).exclude(device__in=seen)
    if only is not None:
        stale = stale.filter(device__in=list(only))
    gone = stale.update(status=UnsoldStatus.GONE, decided_at=at, decided_by=by.reference)
    return Swept(looked, found, fresh, gone)


def _propose(waiting: Sequence[tuple[Device, ruling.Decision]], kept: Books, *, by: Actor, at: datetime) -> int:
    if not waiting:
        return 0
    pks = [device.pk for device, _decided in waiting]
    promised = _promised(pks)
    with transaction.atomic():
        taken = {one.pk: one for one in moves.take(pks)}
        rows = {row.device_id: row for row in Unsold.objects.select_for_update().filter(device__in=pks, status="open")}
        # Kept in stock by a person: the rules don't ask again before the time that a class takes to come about has passed once more.
        spared = set(
            Unsold.objects.filter(
                device__in=pks, status=UnsoldStatus.KEPT, decided_at__gt=at - timedelta(days=KEPT_DAYS)
            ).values_list("device_id", flat=True)
        )
        fresh: list[tuple[Device, ruling.Decision]] = []
        for device, decided in waiting:
            if State(taken[device.pk].state) not in IN_STOCK or device.pk in spared:
                continue
            row = rows.get(device.pk)
            if row is None:
                row = Unsold(id=ids.new(at), device=device, found_at=at)
                fresh.append((device, decided))
            elif row.unsold != decided.outcome["unsold"]:
                fresh.append((device, decided))
            _fill(row, device, decided, kept, promised=device.pk in promised, at=at)
            row.save()
        if fresh:
            moves.note_many(
                [taken[device.pk] for device, _decided in fresh],
                facts=[
                    facts.UnsoldFound(
                        unsold=f"unsold.{decided.outcome['unsold']}",
                        rule=decided.rule,
                        edition=decided.version,
                        numbers=dict(decided.inputs),
                    )
                    for _device, decided in fresh
                ],
                by=by,
                at=at,
            )
    return len(fresh)


def _fill(row: Unsold, device: Device, decided: ruling.Decision, kept: Books, *, promised: bool, at: datetime) -> None:
    unsold = str(decided.outcome["unsold"])
    sums = sums_of(device, unsold, decided.outcome.get("ways", unsold_rules.ALL_WAYS), kept, promised=promised, at=at)
    best = unsold_rules.best_of(sums)
    bought = purchase_of(device)
    row.unsold, row.rule, row.version, row.why = unsold, decided.rule, decided.version, decided.why[:300]
    row.numbers, row.ways = dict(decided.inputs), [one.plain() for one in sums]
    row.best, row.net = (best.way, best.net) if best else ("", None)
    row.value = bought.price * device.quantity if bought else Decimal(0)
    row.currency = bought.currency if bought else device.currency
    row.seen_at = at


def _promised(pks: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    return set(Allocation.objects.filter(device__in=pks, released_at=None).values_list("device_id", flat=True))


# A person decides -----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Going:
    """A proposal with the way it would go now, or what stands against that."""

    row: Unsold
    way: str
    net: Decimal
    against: Sequence[Reason]


def look(rows: Sequence[Unsold], way: str = "", *, at: datetime) -> list[Going]:
    """What would become of these proposals now, by ``way`` or each by its best one: the preview and the act ask the same."""
    if way and way not in unsold_rules.WAYS:
        raise BadInput(Reason("way", _("Choose a way."), "way"))
    kept = books(at=at)
    pks = [row.device_id for row in rows]
    devices = {
        one.pk: one
        for one in Device.objects.filter(pk__in=pks).select_related("visit", "owner", "product", "purchase__supplier")
    }
    promised = _promised(pks)
    found = []
    for row in rows:
        found.append(_going(row, devices[row.device_id], way, kept, promised=row.device_id in promised, at=at))
        last = found[-1]
        if last.way == WayOut.VENDOR and not last.against:
            # What goes now takes its part of the quota from what comes after it in this list.
            bought = devices[row.device_id].purchase
            quota = kept.quotas[bought.supplier_id]
            took = bought.price * row.device.quantity if quota.of == "amount" else Decimal(row.device.quantity)
            kept.quotas[bought.supplier_id] = Quota(quota.of, quota.limit, quota.used + took, quota.begins, quota.ends)
    return found


def _going(row: Unsold, device: Device, way: str, kept: Books, *, promised: bool, at: datetime) -> Going:
    if row.status != UnsoldStatus.OPEN:
        return Going(row, way, Decimal(0), [Reason("decided", _("it was decided already"))])
    named = [one["way"] for one in row.ways]
    sums = sums_of(device, row.unsold, named, kept, promised=promised, at=at)
    chosen = next((one for one in sums if one.way == way), None) if way else unsold_rules.best_of(sums)
    if chosen is None and way:
        return Going(row, way, Decimal(0), [Reason("not_named", _("the rule doesn't name this way for it"))])
    if chosen is None:
        return Going(row, "", Decimal(0), sums[0].against if sums else [Reason("no_way", _("no way is open"))])
    return Going(row, chosen.way, chosen.net, chosen.against)


def send_on(
    rows: Sequence[Unsold], way: str = "", *, reason: str = "", by: Actor, at: datetime
) -> tuple[list[Unsold], list[Going]]:
    """Send these on, by ``way`` or each by its best one. Gives those that went, and those that didn't with what stood against it.

    One that is asked for alone and can't go raises UnableToSendOn.
    """
    _may(by)
    with transaction.atomic():
        taken = {one.pk: one for one in moves.take(sorted({row.device_id for row in rows}))}
        locked = list(
            Unsold.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=[row.pk for row in rows])
            .select_related("device__visit", "device__owner", "device__product", "device__purchase__supplier")
            .order_by("-value", "id")
        )
        went, stayed = [], []
        for going in look(locked, way, at=at):
            if going.against or not going.way:
                stayed.append(going)
                continue
            if problem := _send(going, taken[going.row.device_id], reason, by=by, at=at):
                stayed.append(Going(going.row, going.way, going.net, problem))
            else:
                went.append(going.row)
        if len(locked) == 1 and stayed:
            told = {"tag": locked[0].device.tag, "why": ", ".join(one.sentence for one in stayed[0].against)}
            raise UnableToSendOn(Reason(stayed[0].against[0].code, _("%(tag)s can't go: %(why)s") % told))
    return went, stayed


def _send(going: Going, device: Device, reason: str, *, by: Actor, at: datetime) -> Sequence[Reason]:
    row = going.row
    try:
        with transaction.atomic():
            moves.proceed(
                device,
                fact=facts.UnsoldSentOn(
                    unsold=f"unsold.{row.unsold}",
                    way=f"way_out.{going.way}",
                    rule=row.rule,
                    edition=row.version,
                    net=str(going.net),
                    currency=row.currency,
                    reason=" ".join(reason.split())[:200].rstrip(".") or None,
                ),
                by=by,
                at=at,
                set={
                    "disposition": GOES[going.way].value,
                    "stops_done": 0,
                    "expected_value": going.net,
                    "currency": row.currency,
                },
            )
    except moves.UnableToMove as refusal:
        return refusal.reasons
    row.status, row.way, row.net = UnsoldStatus.SENT, going.way, going.net
    row.decided_at, row.decided_by, row.reason = at, by.reference, reason.strip()[:300]
    row.save()
    return []


def keep(row: Unsold, *, reason: str, by: Actor, at: datetime) -> Unsold:
    """Leave it in stock after all, with the reason; the rules don't ask for it again for a while."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it stays."), "reason"))
    with transaction.atomic():
        device = moves.take_one(row.device_id)
        locked = Unsold.objects.select_for_update(no_key=True).get(pk=row.pk)
        if locked.status != UnsoldStatus.OPEN:
            raise UnableToSendOn(Reason("decided", _("This was decided already.")))
        locked.status, locked.reason = UnsoldStatus.KEPT, reason.strip()[:300]
        locked.decided_at, locked.decided_by = at, by.reference
        locked.save()
        fact = facts.UnsoldKept(unsold=f"unsold.{locked.unsold}", reason=locked.reason.rstrip("."))
        moves.note(device, fact=fact, by=by, at=at)
    return locked


def counted(rows: QuerySet[Unsold]) -> dict[str, int]:
    """How many there are of each class."""
    return dict(rows.order_by().values_list("unsold").annotate(n=Count("id")))
