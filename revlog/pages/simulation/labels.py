"""Printers at two stations of the hall, and labels that were printed there: once, again with a reason, and once in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Station
from revlog.accounts.services import stations
from revlog.devices.models import Device, Location, LocationKind
from revlog.labels import registry
from revlog.labels.models import JobStatus, Printer, PrintJob, Reprint, Way
from revlog.labels.services import printers, printing, sending
from revlog.pages.simulation.world import World
from revlog.storage.models import Container

STRIPS, LARGE, NETWORK = "Strips, dock", "Large labels, packing", "Zebra, hall 2"


def tell(world: World) -> None:
    """As it stands on the last day; nothing where printers are set up already."""
    hub, end = world.hubs["rotterdam"], world.at
    if Printer.objects.filter(hub=hub).exists():
        return
    world.at = end - timedelta(hours=6)
    dock, packing = (_station(world, name) for name in ("Dock 1", "Packing 1"))
    told: dict[str, Any] = {"hub": hub, "by": world.aisha, "at": world.at}
    strips = printers.keep(name=STRIPS, way=Way.FILE, stock="50x25", on_receipt=True, stations=[dock], **told)
    large = printers.keep(name=LARGE, way=Way.FILE, stock="100x150", dpi=300, stations=[packing], **told)
    printers.keep(name="Office", way=Way.BROWSER, stock="a4-3x7", **told)
    units = list(Device.objects.filter(hub=hub, location__kind=LocationKind.BIN).order_by("state_since", "tag")[:7])
    world.at = end - timedelta(hours=2)
    for unit in units[:5]:
        printing.on_receipt(unit.tag, station=dock, by=world.ines, at=world.at)
    if units:
        _print(world, "unit", [units[0].tag], world.ines, dock, strips, reason=Reprint.DAMAGED)
    places = Location.objects.filter(hub=hub, kind=LocationKind.BIN, active=True).order_by("code")[:12]
    _print(world, "place", [one.code for one in places], world.aisha, None, None, stock="a4-3x7", start=4)
    pallet = Container.objects.filter(location__hub=hub, kind="pallet", state="open").order_by("number").first()
    if pallet is not None:
        _print(world, "pallet", [pallet.number], world.ines, packing, large, copies=2)
    if "127.0.0.0/8" in settings.PRINTERS_NETWORKS and len(units) > 5:
        zebra = printers.keep(
            name=NETWORK, way=Way.NETWORK, host="127.0.0.1",
            stock="50x25", hub=hub, by=world.aisha, at=world.at,
        )  # fmt: skip
        job = _print(world, "unit", [one.tag for one in units[5:7]], world.ines, None, zebra)
        why = _("%(printer)s doesn't answer: %(why)s") % {"printer": NETWORK, "why": "Connection refused"}
        sending.end(job.pk, JobStatus.FAILED, why, at=world.at)
    world.at = end
    world.settle()


def _station(world: World, name: str) -> Station:
    hub = world.hubs["rotterdam"]
    found = Station.objects.filter(hub=hub, name=name, active=True).first()
    return found or stations.register(hub=hub, name=name, by=world.aisha, at=world.at).station


def _print(  # noqa: PLR0917
    world: World,
    name: str,
    texts: list[str],
    by: Actor,
    station: Station | None,
    printer: Printer | None,
    **more: Any,  # noqa: ANN401
) -> PrintJob:
    kind = registry.KINDS[name]
    found = printing.things(kind, texts, by=by)
    return printing.ask(
        kind, found, hub=world.hubs["rotterdam"], station=station, printer=printer, by=by, at=world.at, **more
    )
