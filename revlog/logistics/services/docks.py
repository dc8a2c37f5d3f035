"""The dock plan: which truck comes to which door when; and where parcels go from the dock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices.models import Location, LocationKind
from revlog.logistics import facts, staging
from revlog.logistics.models import Appointment, AppointmentStatus, Carrier, StagingRule, StagingWhen

MOST = 10_000


class UnableToPlanDock(DomainError):
    """The appointment can't be kept like this."""

    code = "unable_to_plan_dock"


def require(by: Actor, hub: Hub) -> None:
    if not by.may("logistics.handover") and not by.may("logistics.plan"):
        raise NotAllowed(Reason("not_allowed", _("Planning the dock needs the right to accept loads or to plan.")))
    # A carrier's driver may hand over, and a client sees the site where its things lie: neither plans its doors.
    if not by.is_operator or not Hub.objects.visible_to(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This hub is not yours to plan.")))


def reasons_against(
    *,
    hub: Hub,
    door: Location | None,
    begins_at: datetime,
    ends_at: datetime,
    parcels: int,
    pallets: int,
    besides: Appointment | None = None,
) -> list[Reason]:
    """Why a truck can't come then and there."""
    found = []
    if not begins_at < ends_at:
        found.append(Reason("ends_at", _("It ends after it begins."), "ends_at"))
    if not (0 <= parcels <= MOST and 0 <= pallets <= MOST):
        found.append(Reason("parcels", _("Enter how many parcels and pallets it brings."), "parcels"))
    if door is None:
        return found
    if door.hub_id != hub.pk or door.kind != LocationKind.DOCK or not door.active:
        return [*found, Reason("door", _("%s is no door of this site.") % door.code, "door")]
    standing = Appointment.objects.filter(door=door, begins_at__lt=ends_at, ends_at__gt=begins_at).filter(
        status__in=[AppointmentStatus.PLANNED, AppointmentStatus.ARRIVED]
    )
    if besides is not None:
        standing = standing.exclude(pk=besides.pk)
    taken = standing.select_related("carrier").first()
    if taken is not None:
        calendar = hub.calendar
        found.append(
            Reason(
                "taken",
                _("%(door)s is taken by %(carrier)s from %(begins)s to %(ends)s.")
                % {
                    "door": door.code,
                    "carrier": taken.carrier.name,
                    "begins": f"{calendar.local(taken.begins_at):%H:%M}",
                    "ends": f"{calendar.local(taken.ends_at):%H:%M}",
                },
                "door",
            )
        )
    return found


def plan(
    *,
    hub: Hub,
    carrier: Carrier,
    door: Location | None = None,
    begins_at: datetime,
    ends_at: datetime,
    parcels: int = 0,
    pallets: int = 0,
    reference: str = "",
    by: Actor,
    at: datetime,
) -> Appointment:
    """A truck of the carrier is to come."""
    require(by, hub)
    with transaction.atomic():
        _doors_of(hub)
        if found := reasons_against(
            hub=hub, door=door, begins_at=begins_at, ends_at=ends_at, parcels=parcels, pallets=pallets
        ):
            raise UnableToPlanDock(found)
        row = Appointment.objects.create(
            id=ids.new(at), number=ids.code("AP"), hub=hub, carrier=carrier, door=door, begins_at=begins_at,
            ends_at=ends_at, parcels=parcels, pallets=pallets, reference=reference.strip()[:60],
            created_by=by.reference, created_at=at,
        )  # fmt: skip
        fact = facts.AppointmentMade(
            number=row.number,
            hub=hub.code,
            carrier=carrier.code,
            door=door.code if door else "-",
            begins=begins_at.isoformat(),
            ends=ends_at.isoformat(),
            parcels=parcels,
            pallets=pallets,
        )
        ledger.begin("appointment", row.pk, fact, by=by, at=at, owner=hub.organization_id, hub=hub.pk)
    return row


def move(
    appointment: Appointment,
    *,
    door: Location | None,
    begins_at: datetime,
    ends_at: datetime,
    parcels: int,
    pallets: int,
    by: Actor,
    at: datetime,
) -> Appointment:
    """It comes at another time, to another door, or with another load."""
    require(by, appointment.hub)
    with transaction.atomic():
        row = _planned(appointment)
        if found := reasons_against(
            hub=row.hub, door=door, begins_at=begins_at, ends_at=ends_at, parcels=parcels, pallets=pallets, besides=row
        ):
            raise UnableToPlanDock(found)
        row.door, row.begins_at, row.ends_at, row.parcels, row.pallets = door, begins_at, ends_at, parcels, pallets
        row.save()
        fact = facts.AppointmentChanged(
            number=row.number,
            door=door.code if door else "-",
            begins=begins_at.isoformat(),
            ends=ends_at.isoformat(),
            parcels=parcels,
            pallets=pallets,
        )
        _say(row, fact, by=by, at=at)
    return row


def cancel(appointment: Appointment, *, by: Actor, at: datetime) -> Appointment:
    """It doesn't come."""
    require(by, appointment.hub)
    with transaction.atomic():
        row = _planned(appointment)
        row.status = AppointmentStatus.CANCELLED
        row.save(update_fields=["status"])
        _say(row, facts.AppointmentCancelled(number=row.number), by=by, at=at)
    return row


def _doors_of(hub: Hub) -> None:
    """Two who plan the same door meet here."""
    list(Hub.objects.select_for_update(no_key=True).filter(pk=hub.pk).values_list("pk", flat=True))


def _planned(appointment: Appointment) -> Appointment:
    _doors_of(appointment.hub)
    row = (
        Appointment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hub", "carrier", "door")
        .get(pk=appointment.pk)
    )
    if row.status != AppointmentStatus.PLANNED:
        raise UnableToPlanDock(Reason("status", _("Appointment %s isn't expected any more.") % row.number))
    return row


def _say(row: Appointment, fact: Fact, *, by: Actor, at: datetime) -> None:
    ledger.append(row.pk, fact, by=by, at=at, owner=row.hub.organization_id, hub=row.hub_id)


def keep_rule(
    *,
    hub: Hub,
    position: int,
    when: StagingWhen,
    value: str = "",
    place: Location,
    active: bool = True,
    by: Actor,
    at: datetime,
) -> StagingRule:
    """Set up or change the rule at a position: where parcels of some sort go from the dock."""
    if not by.may("devices.locate") or not (by.may("logistics.plan") or by.may("accounts.stations")):
        raise NotAllowed(Reason("not_allowed", _("Where parcels go is set up by a lead or a planner.")))
    if not Hub.objects.visible_to(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This hub is not yours to set up.")))
    if not 1 <= position <= 99:
        raise BadInput(Reason("position", _("Rules are numbered 1 to 99."), "position"))
    kept = staging.checked(when, value)
    if place.hub_id != hub.pk or not place.active:
        raise BadInput(Reason("place", _("%s is no place of this site in use.") % place.code, "place"))
    if when == StagingWhen.DATA and not place.secured:
        raise BadInput(
            Reason("secured", _("What may hold data goes to a secured place; %s isn't one.") % place.code, "place")
        )
    with transaction.atomic():
        row = StagingRule.objects.select_for_update(no_key=True).filter(hub=hub, position=position).first()
        row = row or StagingRule(id=ids.new(at), hub=hub, position=position, created_at=at)
        row.when, row.value, row.place, row.active = when, kept, place, active
        row.save()
        fact = facts.StagingRuleKept(
            hub=hub.code, position=position, when=f"staging.{when}", value=kept, place=place.code, active=active
        )
        if Chain.objects.filter(pk=row.pk).exists():
            ledger.append(row.pk, fact, by=by, at=at, owner=hub.organization_id, hub=hub.pk)
        else:
            ledger.begin("staging_rule", row.pk, fact, by=by, at=at, owner=hub.organization_id, hub=hub.pk)
    return row
