"""Windows in which a van of ours comes by, and the addresses it calls at: never more in a window than fit in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import DomainError, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.logistics import facts
from revlog.logistics.models import Pickup, PickupStatus, PickupWindow

AHEAD = 14
"""For how many days pickups can be booked."""


class UnableToPickUp(DomainError):
    """There is no room (any more), it is too late, or it was done."""

    code = "unable_to_pick_up"


@dataclass(frozen=True)
class Slot:
    """One window of one day, with the places that are left in it."""

    window: PickupWindow
    day: date
    begins_at: datetime
    ends_at: datetime
    left: int

    @property
    def key(self) -> str:
        return f"{self.window.pk}:{self.day.isoformat()}"


def _slot(window: PickupWindow, day: date, taken: int) -> Slot | None:
    calendar = window.hub.calendar
    if day.weekday() != window.weekday or calendar.is_holiday(day):
        return None
    begins = datetime.combine(day, window.begins, calendar.tz)
    ends = datetime.combine(day, window.ends, calendar.tz)
    return Slot(window, day, begins, ends, window.capacity - taken)


def goes_to(window: PickupWindow, postcodes: Sequence[str]) -> bool:
    """Whether the van goes there. Codes are compared without spaces, and a window without any goes everywhere."""
    if not window.postcodes:
        return True
    return any(
        code.replace(" ", "").upper().startswith(str(one).upper()) for code in postcodes for one in window.postcodes
    )


def slots(
    hub: Hub,
    *,
    postcodes: Sequence[str],
    country: str = "",
    windows: Sequence[PickupWindow] | None = None,
    at: datetime,
) -> list[Slot]:
    """What can still be booked for an address, soonest first; our vans cross no border.

    ``windows`` are those of the site that are in use, where the caller has read them.
    """
    if country and hub.country and country != hub.country:
        return []
    if windows is None:
        windows = list(PickupWindow.objects.filter(hub=hub, active=True).select_related("hub"))
    windows = [one for one in windows if goes_to(one, postcodes)]
    if not windows:
        return []
    today = hub.calendar.local(at).date()
    taken = {
        (row["window"], row["day"]): row["n"]
        for row in Pickup.objects.filter(window__in=windows, day__gte=today)
        .exclude(status=PickupStatus.CANCELLED)
        .order_by()
        .values("window", "day")
        .annotate(n=Count("id"))
    }
    found = []
    for ahead in range(AHEAD + 1):
        day = today + timedelta(days=ahead)
        for window in windows:
            slot = _slot(window, day, taken.get((window.pk, day), 0))
            if slot and slot.left > 0 and at <= slot.begins_at - timedelta(hours=window.cutoff_hours):
                found.append(slot)
    return sorted(found, key=lambda one: (one.begins_at, str(one.window.pk)))


def book(window: PickupWindow, day: date, *, reference: str, by: Actor, at: datetime) -> Pickup:
    """Take a place in a window. Two who want the last one meet at the window: the second is told that it is gone."""
    with transaction.atomic():
        row = PickupWindow.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=window.pk)
        taken = Pickup.objects.filter(window=row, day=day).exclude(status=PickupStatus.CANCELLED).count()
        slot = _slot(row, day, taken)
        if slot is None or not row.active:
            raise UnableToPickUp(Reason("no_window", _("The van doesn't come at that time."), "slot"))
        if at > slot.begins_at - timedelta(hours=row.cutoff_hours):
            raise UnableToPickUp(Reason("too_late", _("It is too late to book that time."), "slot"))
        if slot.left < 1:
            raise UnableToPickUp(Reason("full", _("That time was taken a moment ago. Choose another one."), "slot"))
        pickup = Pickup(
            id=ids.new(at),
            number=ids.code("PU"),
            hub=row.hub,
            window=row,
            day=day,
            begins_at=slot.begins_at,
            ends_at=slot.ends_at,
            reference=reference,
            created_at=at,
        )
        ledger.begin(
            "pickup",
            pickup.id,
            facts.PickupBooked(
                number=pickup.number,
                hub=row.hub.code,
                day=day.isoformat(),
                begins=f"{row.begins:%H:%M}",
                ends=f"{row.ends:%H:%M}",
                reference=reference,
            ),
            by=by,
            at=at,
            owner=row.hub.organization_id,
            hub=row.hub_id,
        )
        pickup.save(force_insert=True)
    return pickup


def open_one(reference: str) -> Pickup | None:
    return (
        Pickup.objects.filter(reference=reference, status=PickupStatus.BOOKED)
        .select_related("window__hub", "hub")
        .first()
    )


def cut_off(pickup: Pickup) -> datetime:
    return pickup.begins_at - timedelta(hours=pickup.window.cutoff_hours)


def reasons_against_moving(pickup: Pickup, *, at: datetime) -> list[Reason]:
    """Why it can't be moved or called off by the customer (any more)."""
    if pickup.status != PickupStatus.BOOKED:
        return [Reason("status", _("The pickup is %s.") % word(f"pickup.{pickup.status}"))]
    if at > cut_off(pickup):
        return [Reason("too_late", _("It is too late to change the pickup: the van is planned."))]
    return []


def _lock(pickup: Pickup) -> Pickup:
    return (
        Pickup.objects.select_for_update(no_key=True, of=("self",))
        .select_related("window__hub", "hub")
        .get(pk=pickup.pk)
    )


def _say(row: Pickup, fact: Fact, *, by: Actor, at: datetime) -> None:
    ledger.append(row.pk, fact, by=by, at=at, owner=row.hub.organization_id, hub=row.hub_id)


def cancel(pickup: Pickup, *, anyway: bool = False, by: Actor, at: datetime) -> Pickup:
    """Call it off, until the cut-off; ``anyway`` when the whole return is called off, or our people do."""
    with transaction.atomic():
        row = _lock(pickup)
        found = reasons_against_moving(row, at=at)
        if found and not (anyway and row.status == PickupStatus.BOOKED):
            raise UnableToPickUp(found)
        row.status = PickupStatus.CANCELLED
        row.save(update_fields=["status"])
        _say(row, facts.PickupCancelled(number=row.number), by=by, at=at)
    return row


def done(pickup: Pickup, *, signed_by: str, photo: Artifact | None = None, by: Actor, at: datetime) -> Pickup:
    """The driver has it. Who handed it over is kept beside the chain."""
    with transaction.atomic():
        row = _lock(pickup)
        if row.status == PickupStatus.DONE:
            return row
        if row.status != PickupStatus.BOOKED:
            raise UnableToPickUp(Reason("status", _("The pickup is %s.") % word(f"pickup.{row.status}")))
        if not signed_by.strip():
            raise UnableToPickUp(Reason("no_name", _("Write down who handed it over."), "signed_by"))
        row.status, row.signed_by, row.photo = PickupStatus.DONE, signed_by.strip()[:120], photo
        row.done_at, row.done_by = at, by.reference
        row.save()
        fact = facts.PickupDone(
            number=row.number, reference=row.reference, photo=photo.digest if photo is not None else None
        )
        _say(row, fact, by=by, at=at)
    return row


def missed(pickup: Pickup, *, by: Actor, at: datetime) -> Pickup:
    """Nobody was there: another time has to be found."""
    with transaction.atomic():
        row = _lock(pickup)
        if row.status == PickupStatus.MISSED:
            return row
        if row.status != PickupStatus.BOOKED:
            raise UnableToPickUp(Reason("status", _("The pickup is %s.") % word(f"pickup.{row.status}")))
        row.status, row.done_at, row.done_by = PickupStatus.MISSED, at, by.reference
        row.save(update_fields=["status", "done_at", "done_by"])
        _say(row, facts.PickupMissed(number=row.number, reference=row.reference), by=by, at=at)
    return row
