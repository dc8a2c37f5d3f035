"""What follows when a hazard is reported, or an inspection finds one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device
from revlog.storage import dangers, mails
from revlog.storage.facts import hazards as facts
from revlog.storage.models import HazardCase, Verdict
from revlog.storage.services.hazards import assessing, freezing, looking, reporting


@outbox.on(facts.HazardReported, queue="outside", slow=True)
def tell_assessor(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Who assesses hazards at the site gets a mail."""
    case = HazardCase.objects.select_related("hub", "device", "place").get(pk=entry.chain_id)
    mails.send_reported(case, at=at)
    return None


@outbox.on(facts.HazardReported)
def freeze_the_rest(entry: Entry, *, at: datetime) -> None:
    """What came into the place at that moment is held, too, and the client's other containers are to be inspected again."""
    case = HazardCase.objects.select_related("hub", "device__owner").get(pk=entry.chain_id)
    reporting.sweep(case, by=freezing.HAZARDS, at=at)
    looking.ask(case, at=at)


@outbox.on(facts.LooksAsked)
def hold_the_rest(entry: Entry, *, at: datetime) -> None:
    """What came into a container of the client's while it was being frozen is held, too."""
    looking.sweep(HazardCase.objects.get(pk=entry.chain_id), at=at)


@outbox.on(facts.HazardClosed)
def drop_inspections(entry: Entry, *, at: datetime) -> None:
    """A false alarm: what was to be inspected again for it is free."""
    case = HazardCase.objects.get(pk=entry.chain_id)
    if not case.units.exclude(verdict=Verdict.UNDAMAGED).exists():
        assessing.drop_looks(case, by=freezing.HAZARDS, at=at)


@outbox.on(device_facts.FaultFound)
def report_found(entry: Entry, *, at: datetime) -> None:
    """An inspection found a danger: the case is opened in the name of who found it."""
    kind = dangers.FAULTS.get(str(entry.payload.get("code", "")))
    device = Device.objects.select_related("hub", "location").filter(pk=entry.chain_id).first()
    if kind is None or device is None or device.hub is None or State(device.state) not in ON_HAND:
        return
    reporting.freeze(
        hub=device.hub, device=device, place=None, kind=kind, reporter=entry.actor, by=freezing.HAZARDS,
        at=max(at, entry.occurred_at),
    )  # fmt: skip
