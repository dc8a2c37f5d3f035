"""Finding what is unsold by the rules, proposing the best way out of it, and sending it that way once a person says so."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import Unsold, UnsoldLook, UnsoldStatus, WayOut
from returns.policy import unsold as unsold_rules
from returns.services.vendors.reckoning import (
    IN_STOCK,
    Books,
    books,
    facts_of,
    keep_looks,
    look_at,
    purchase_of,
    sums_of,
)
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Allocation, Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import moves
from revlog.terms import ruling
from revlog.terms.agreeing import Quota

SWEEPER = actors.system("returns.unsold")
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
    looks: list[UnsoldLook] = []
    for device in rows.iterator(chunk_size=AT_ONCE):
        looked += 1
        decided = ruling.decide(kept.ruling, facts_of(device, kept))
        looks.append(look_at(device, decided, kept, at=at))
        if len(looks) == AT_ONCE:
            keep_looks(looks)
            looks = []
        if decided.outcome.get("unsold", "no") == "no":
            continue
        found += 1
        seen.append(device.pk)
        waiting.append((device, decided))
        if len(waiting) == AT_ONCE:
            fresh += _propose(waiting, kept, by=by, at=at)
            waiting = []
    fresh += _propose(waiting, kept, by=by, at=at)
    keep_looks(looks)
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
