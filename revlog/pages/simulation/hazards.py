"""Hazards of the simulated sites: one that was assessed, one that waits for the assessor, containers to look into again, a safe place."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.core.files.base import ContentFile

from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Hazard, Location, LocationKind, Purpose
from revlog.devices.services import arrivals
from revlog.devices.services import places as setting_up
from revlog.devices.services.places import Arrangement, Protection
from revlog.pages.simulation import pictures
from revlog.pages.simulation.world import World
from revlog.storage.models import (
    Basis,
    ContainerKind,
    HazardCase,
    HazardKind,
    HazardState,
    HazardUnit,
    Reinspection,
    Verdict,
)
from revlog.storage.services import places
from revlog.storage.services.containers import filling, making
from revlog.storage.services.hazards import assessing, looking, reporting
from revlog.storage.services.hazards.assessing import Judgement

FLAT = "The battery is flat: the cover was bent."


def clear(world: World, device: Device) -> None:
    """The assessor looks at what an inspection reported, and it was nothing."""
    for unit in HazardUnit.objects.filter(device=device, verdict="").select_related("case__hub"):
        _assess(world, unit.case, Verdict.UNDAMAGED, note=FLAT)


def _assess(world: World, case: HazardCase, own: Verdict, *, criteria: tuple[str, ...] = (), note: str = "") -> None:
    keys = case.units.values_list("device_id", flat=True)
    told = {key: (own if key == case.device_id else Verdict.UNDAMAGED).value for key in keys}
    assessing.assess(case, Judgement(told, Basis.EXPERT.value, criteria, "UN3481", note), by=world.greta, at=world.at)


def tell(world: World) -> None:
    """The last day: a leaking one in the morning, assessed; a swollen one just now, whose client has other totes about."""
    end, hub = world.at, world.hubs["rotterdam"]
    if HazardCase.objects.filter(hub=hub, state=HazardState.CLOSED, verdict=Verdict.DAMAGED).exists():
        return
    _found_before(world)
    safe = _safe_place(world)
    world.at = end - timedelta(hours=6)
    ready = _arrived(world)
    world.drain()
    totes = making.make(
        hub=hub,
        kind=ContainerKind.TOTE,
        count=3,
        capacity=12,
        tare_grams=1900,
        secured=True,
        by=world.aisha,
        at=world.at,
    )
    for tote, units in zip(totes, (ready[1:4], ready[4:6], ready[6:]), strict=True):
        filling.put(units, tote, by=world.ines, at=world.at)
    world.at = end - timedelta(hours=5)
    first = reporting.report(
        hub=hub, device=Device.objects.get(pk=ready[0].pk), kind=HazardKind.LEAKING, by=world.ines, at=world.at
    )
    _picture(world, first, "A leaking battery")
    world.drain()
    if safe is not None:
        places.put([ready[0].pk], safe, by=world.ines, at=world.at + timedelta(minutes=4))
    world.at = end - timedelta(hours=4, minutes=20)
    _assess(world, first, Verdict.DAMAGED, criteria=("leaked", "swollen"), note="Electrolyte at the seam.")
    for look in Reinspection.objects.filter(case=first, state="waiting").select_related("place", "hub", "case"):
        looking.all_well(look.place, by=world.ines, at=world.at)
    world.drain()
    world.at = end - timedelta(minutes=22)
    swollen = Device.objects.select_related("location", "hub", "owner").get(pk=ready[1].pk)
    case = reporting.report(hub=hub, device=swollen, kind=HazardKind.SWOLLEN, by=world.ines, at=world.at)
    _picture(world, case, "A swollen battery")
    world.drain()
    world.at = end - timedelta(minutes=10)
    # What was there before is looked into first: others' goods lie in it, too. The totes of this morning wait.
    older = case.looks.filter(state="waiting", hub=hub).exclude(place__in=[one.pk for one in totes])
    for look in older.select_related("place", "hub", "case"):
        looking.all_well(look.place, by=world.ines, at=world.at)
    world.drain()
    world.at = end
    world.settle()


def _found_before(world: World) -> None:
    """What inspections reported in the months before, and nobody freed, was damaged: photographed, and assessed within the hour."""
    end = world.at
    mine = HazardCase.objects.visible_to(world.greta).filter(state=HazardState.OPEN)
    for case in mine.select_related("hub").order_by("reported_at", "id"):
        world.at = min(end, case.reported_at + timedelta(minutes=25))
        _picture(world, case, "A swollen battery", by=world.greta)
        _assess(world, case, Verdict.DAMAGED, criteria=("swollen",), note="The cover stands off.")
    world.at = end


def _picture(world: World, case: HazardCase, what: str, *, by: Actor | None = None) -> None:
    upload = ContentFile(pictures.drawn(what), name="hazard.jpg")
    reporting.photograph(case, upload, by=by or world.ines, at=world.at)


def _safe_place(world: World) -> Location | None:
    hub = world.hubs["rotterdam"]
    zone = Location.objects.filter(hub=hub, code="CAGE", kind=LocationKind.ZONE).first()
    if zone is None:
        return None
    told = Arrangement(zone, Purpose.QUARANTINE, None, 12)
    (box,) = setting_up.add_many(
        hub=hub, codes=["FIRE-1"], kind=LocationKind.BIN, secured=True, arrangement=told, by=world.admin, at=world.at
    )
    limits = Protection(Hazard.CRITICAL.value, 6, Decimal(20), (), Decimal(5), Decimal(5000))
    return setting_up.protect(box, limits, by=world.admin, at=world.at)


def _arrived(world: World) -> list[Device]:
    """Laptops that a client's van brought this morning."""
    client, hub = world.organizations["demo"], world.hubs["rotterdam"]
    what = [
        arrivals.Description(
            device_class="laptop", manufacturer="Dell", model="Latitude 7400", serial=f"HZ{world.seed:03}{number:02}VG"
        )
        for number in range(1, 9)
    ]
    stay = arrivals.Stay(
        why="itad", owner=client.id, hub=hub.id, custodian=hub.organization_id, reference="job:VEGA-TOTES"
    )
    return arrivals.arrive_many(what=what, stay=stay, by=world.ines, at=world.at)
