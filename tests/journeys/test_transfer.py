"""A container goes onto a truck with one scan, and comes off it at the other site with one: by its seal, which is looked at so."""

from __future__ import annotations

import pytest

from tests.floor.budget import budget
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from datetime import timedelta
from revlog.accounts import actors
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.devices.services import arrivals
from revlog.logistics.models import Carrier
from revlog.logistics.services.transfers import planning
from revlog.storage.models import ContainerKind
from revlog.storage.services.containers import filling, making, sealing
by, at = actors.system("test"), clock.now()
hubs = {one.code: one for one in Hub.objects.select_related("organization")}
hub = hubs["rotterdam"]
stay = arrivals.Stay(why="return", owner=hub.organization_id, hub=hub.id, custodian=hub.organization_id)
what = [arrivals.Description(device_class="monitor", manufacturer="Eizo", serial=f"CROSSES{n:03}") for n in range(12)]
units = arrivals.arrive_many(what=what, stay=stay, by=by, at=at)
pallet = making.make(hub=hub, kind=ContainerKind.PALLET, by=by, at=at)[0]
filling.put(units, pallet, by=by, at=at)
seal = sealing.seal(pallet, number="XR 70001", by=by, at=at)
carrier = Carrier.objects.create(code="crossing", name="Crossing", created_at=at)
leg = planning.Stretch(
    carrier=carrier, begins_at="Rotterdam", ends_at="Leipzig", planned_from=at, planned_to=at + timedelta(hours=8)
)
row = planning.plan(origin=hub, destination=hubs["leipzig"], legs=[leg], containers=[pallet], by=by, at=at)
told = {"transfer": row.number, "pallet": pallet.number, "seal": seal.number}
"""
LEFT = """
from revlog.devices.models import Device
from revlog.logistics.models import Transfer
units = Device.objects.filter(serial__startswith="CROSSES")
told = {
    "status": Transfer.objects.get(number=%r).status,
    "hubs": sorted(set(units.values_list("hub__code", flat=True))),
    "held": units.exclude(holds=[]).count(),
}
"""


def test_a_sealed_pallet_is_released_and_taken_in_with_a_scan_each(people: People) -> None:
    stock = people.platform.python(READY)
    page = people.as_person("ines")
    page.goto("/floor/")
    for code, said in (("TRANSFER OUT", "Loading a transfer"), (stock["transfer"], "Scan each container")):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        says(page.locator("#answer"), said)
    with budget("release a container of a transfer", page) as hand:
        says(hand.scan(stock["pallet"]), "Loaded")
    page.keyboard.type("END")
    page.keyboard.press("Enter")
    says(page.locator("#answer"), "The driver signs")
    page.get_by_text("The driver doesn't sign").click()
    page.get_by_label("Why nobody signs").fill("He was gone.")
    page.get_by_role("button", name="Close without a signature").click()
    says(page.locator("#answer"), "is under way")

    there = people.as_person("katja")
    there.goto("/floor/")
    for code, said in (("TRANSFER IN", "Taking in a transfer"), (stock["transfer"], "Look at the seals")):
        there.keyboard.type(code)
        there.keyboard.press("Enter")
        says(there.locator("#answer"), said)
    with budget("take a container of a transfer in", there) as hand:
        says(hand.scan(stock["seal"]), "Taken in")
    there.keyboard.type("END")
    there.keyboard.press("Enter")
    says(there.locator("#answer"), "All of shipment")
    told = people.platform.python(LEFT % stock["transfer"])
    assert told == {"status": "done", "hubs": ["leipzig"], "held": 0}
