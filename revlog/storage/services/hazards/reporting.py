"""A danger is reported: the thing and all that shares its place stand still from that moment, and the assessor's clock runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids, lateness
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.devices.models import Device, Hazard, HoldKind, Location
from revlog.devices.services import moves, placing, standing
from revlog.evidence.services import artifacts
from revlog.storage import dangers
from revlog.storage.facts import hazards as facts
from revlog.storage.models import FrozenPlace, HazardCase, HazardKind, HazardState, HazardUnit, LookState, Reinspection
from revlog.storage.queries import hazards as queries
from revlog.storage.services.hazards import freezing
from revlog.storage.services.hazards.freezing import UnableToAssess


def kind_of(device: Device | None) -> HazardKind:
    """What HAZARD alone means of such a thing."""
    swollen = device is not None and device.device_class in dangers.BATTERIES
    return HazardKind.SWOLLEN if swollen else HazardKind.OTHER


def report(
    *,
    hub: Hub,
    device: Device | None = None,
    place: Location | None = None,
    kind: HazardKind | None = None,
    by: Actor,
    at: datetime,
) -> HazardCase:
    """Freeze a unit with all that shares its place, or all in a place. What is reported already gives the case that is open.

    Raises UnableToAssess for what isn't here, NotAllowed.
    """
    freezing.require(by, hub)
    if device is not None and not device.is_visible_to(by):
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
    # Also one that waited for the net: what others did meanwhile to a thing beside it must not keep it from being frozen.
    with lateness.anyway():
        return freeze(hub=hub, device=device, place=place, kind=kind, reporter=by.reference, by=by, at=at)


@transaction.atomic
def freeze(
    *,
    hub: Hub,
    device: Device | None,
    place: Location | None,
    kind: HazardKind | None,
    reporter: str,
    by: Actor,
    at: datetime,
) -> HazardCase:
    """``report`` of what a person or an inspection (``reporter``) found."""
    where = device.location if device is not None else place
    if device is None and where is None:
        raise BadInput(Reason("nothing", _("Scan the thing or its place first, then HAZARD.")))
    shared = queries.shared(where)
    keys = set(Device.objects.filter(location_id__in=shared).values_list("pk", flat=True))
    taken = moves.take(sorted(keys | ({device.pk} if device is not None else set())))
    placing.hold(shared)
    source = next((one for one in taken if device is not None and one.pk == device.pk), None)
    _demand_here(source, where, hub)
    known = _open_one(source, where)
    if known is not None:
        return known if kind is None else _recognize(known, kind, by=by, at=at)
    told = kind or kind_of(source)
    minutes = queries.steps_for(hub, told).minutes
    numbers = HazardCase.objects.filter
    number = ids.fresh(
        queries.PREFIX, 1, taken=lambda codes: numbers(number__in=codes).values_list("number", flat=True)
    )[0]
    case = HazardCase.objects.create(
        id=ids.new(at), number=number, hub=hub, kind=told, device=source, place=where, reported_by=reporter,
        reported_at=at, due_at=at + timedelta(minutes=minutes),
    )  # fmt: skip
    places = list(Location.objects.select_related("hub__organization", "parent", "client").filter(pk__in=shared))
    _stop(case, taken, source, by=by, at=at)
    _found_again(places, by=by, at=at)
    FrozenPlace.objects.bulk_create([FrozenPlace(case=case, place=one) for one in places])
    fact = facts.HazardReported(
        number=number, hub=hub.code, danger=f"danger.{told.value}", unit=source.tag if source is not None else None,
        place=where.code if where is not None else None, units=len(taken), root=freezing.root(taken),
        due=case.due_at.isoformat(timespec="minutes"),
    )  # fmt: skip
    ledger.begin(freezing.CHAIN, case.pk, fact, by=by, at=at, hub=hub.pk)
    freezing.freeze(places, number, "assessor", by=by, at=at)
    return case


def _demand_here(source: Device | None, where: Location | None, hub: Hub) -> None:
    if source is not None and (source.has_ended or source.hub_id != hub.pk):
        raise UnableToAssess(Reason("not_here", _("%s isn't at this site.") % source.tag))
    if source is None and where is not None and where.hub_id != hub.pk:
        raise UnableToAssess(Reason("not_here", _("%s isn't at this site.") % where.code))


def _open_one(source: Device | None, where: Location | None) -> HazardCase | None:
    rows = HazardCase.objects.filter(state=HazardState.OPEN).select_related("hub", "device", "place")
    return rows.filter(device=source).first() if source is not None else rows.filter(device=None, place=where).first()


def _stop(case: HazardCase, taken: Sequence[Device], source: Device | None, *, by: Actor, at: datetime) -> None:
    """The units stand still; the one that it is about is a suspect."""
    HazardUnit.objects.bulk_create([HazardUnit(case=case, device=one) for one in taken])
    reason = f"{case.number}: {word(f'danger.{case.kind}')}"
    standing.hold_many(taken, HoldKind.SAFETY, reason=reason, by=by, at=at)
    if source is not None:
        said = facts.HazardSuspected(number=case.number, danger=f"danger.{case.kind}")
        moves.note(source, fact=said, by=by, at=at, set={"hazard": Hazard.SUSPECT.value, "packed_as": ""})


def _found_again(places: Sequence[Location], *, by: Actor, at: datetime) -> None:
    """A container that was to be inspected is one with a hazard: its units are held for that, not for the inspection."""
    waiting = Reinspection.objects.filter(place__in=places, state=LookState.WAITING)
    looked = list(waiting.values_list("place_id", flat=True))
    if not looked:
        return
    waiting.update(state=LookState.HAZARD, done_by=by.reference, done_at=at)
    units = moves.take(Device.objects.filter(location_id__in=looked).order_by("pk").values_list("pk", flat=True))
    standing.release_many(
        units, HoldKind.RE_INSPECT, placed_by=[freezing.HAZARDS.reference], reason="a hazard was found", by=by, at=at
    )


@transaction.atomic
def sweep(case: HazardCase, *, by: Actor, at: datetime) -> int:
    """Hold what came into a frozen place while it was being frozen. How many units that were."""
    inside = Device.objects.filter(location__in=case.places.filter(freed_at=None).values("place"))
    missed = inside.exclude(pk__in=case.units.values("device")).order_by("pk").values_list("pk", flat=True)
    taken = moves.take(missed)
    row = freezing.locked(case)
    if not taken or row.state != HazardState.OPEN:
        return 0
    _stop(row, taken, None, by=by, at=at)
    said = facts.HazardSpread(number=row.number, units=len(taken), root=freezing.root(taken))
    freezing.say(row, said, by=by, at=at)
    return len(taken)


@transaction.atomic
def recognize(case: HazardCase, kind: HazardKind, *, by: Actor, at: datetime) -> HazardCase:
    """It is another danger than was thought: other steps, another clock from the report on."""
    freezing.require(by, case.hub)
    return _recognize(case, kind, by=by, at=at)


def _recognize(case: HazardCase, kind: HazardKind, *, by: Actor, at: datetime) -> HazardCase:
    row = freezing.locked(case)
    freezing.demand_open(row)
    if row.kind == kind:
        return row
    before, row.kind = row.kind, kind
    row.due_at = row.reported_at + timedelta(minutes=queries.steps_for(row.hub, kind).minutes)
    row.save(update_fields=["kind", "due_at"])
    fact = facts.HazardRecognized(
        number=row.number, danger=f"danger.{kind}", before=f"danger.{before}",
        due=row.due_at.isoformat(timespec="minutes"),
    )  # fmt: skip
    freezing.say(row, fact, by=by, at=at)
    return row


def photograph(case: HazardCase, upload: File[bytes] | None, *, by: Actor, at: datetime) -> HazardCase:
    """A picture of it; a further one is kept as well."""
    freezing.require(by, case.hub)
    if upload is None:
        raise BadInput(Reason("no_photo", _("Take a photo of it from where you stand."), "photo"))
    picture = artifacts.keep_upload(upload, at=at)
    with transaction.atomic():
        row = freezing.locked(case)
        artifacts.attach(picture, chain=row.pk, use="photo_hazard", name=row.number, by=by, at=at)
        if row.photo_id is None:
            row.photo = picture
            row.save(update_fields=["photo"])
        freezing.say(row, facts.HazardPictured(number=row.number, photo=picture.digest), by=by, at=at)
    return row
