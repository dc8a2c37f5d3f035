"""A sealed pallet goes from Rotterdam to Leipzig with one scan at each end, and comes one unit short: both ends sign on the glass."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.floor.budget import budget
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says, scan

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
told = {"transfer": row.number, "pallet": pallet.number, "seal": seal.number, "unit": units[3].tag}
"""
LEFT = """
from revlog.devices.models import Device
from revlog.logistics.models import Consignment
units = Device.objects.filter(serial__startswith="CROSSES")
made = Consignment.objects.get(transfer__number=%r)
told = {
    "status": made.status,
    "signed": [made.signed_by, made.taker_name],
    "pictures": [made.signature_id is not None, made.taker_signature_id is not None],
    "differs": list(made.shipment.discrepancies.values_list("kind", "code")),
    "hubs": sorted(set(units.values_list("hub__code", flat=True))),
    "held": units.exclude(holds=[]).count(),
}
"""


def signs(page: Page, name: str) -> None:
    """Whoever stands there writes their name and draws on the glass."""
    form = page.locator("form[data-sign]")
    form.locator("input[name=signed_by]").fill(name)
    box = form.locator("canvas[data-glass]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + 70, steps=12)
    page.mouse.up()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        form.locator("button[type=submit]").click()


def test_a_sealed_pallet_crosses_with_a_scan_at_each_end_and_comes_one_unit_short(people: People) -> None:
    stock = people.platform.python(READY)
    page = people.as_person("ines")
    page.goto("/floor/")
    scan(page, "TRANSFER OUT")
    says(scan(page, stock["transfer"]), "Scan each container")
    with budget("release a container of a transfer", page) as hand:
        says(hand.scan(stock["pallet"]), "Loaded")
    says(scan(page, "END"), "The driver signs", "Seals: XR 70001")
    signs(page, "P. Vermeer")
    says(page.locator("#answer"), "Signed and handed over")

    # In Leipzig people read German: the numbers say what it is about. The seal is looked at, and is the one scan.
    there = people.as_person("katja")
    there.goto("/floor/")
    scan(there, "TRANSFER IN")
    expect(scan(there, stock["transfer"])).to_contain_text(stock["transfer"])
    with budget("take a container of a transfer in", there) as hand:
        expect(hand.scan(stock["seal"])).to_contain_text(stock["pallet"])
    # It is opened and counted: one isn't in it, which she writes down before she signs.
    there.goto(f"/transfers/{stock['transfer']}/")
    form = there.locator("form", has=there.locator("#note-code"))
    there.locator("details", has=form).locator("summary").click()
    form.locator("#note-code").fill(stock["unit"])
    form.locator("button[name=act]").click()
    expect(there.locator("#settle")).to_contain_text(stock["unit"])
    there.goto("/floor/")
    expect(scan(there, "END").locator(".signed-for")).to_contain_text(stock["unit"])
    signs(there, "K. Brandt")
    expect(there.locator("#answer")).to_contain_text(stock["unit"])
    assert people.platform.python(LEFT % stock["transfer"]) == {
        "status": "accepted",
        "signed": ["P. Vermeer", "K. Brandt"],
        "pictures": [True, True],
        "differs": [["short", stock["unit"]]],
        "hubs": ["leipzig"],
        "held": 0,
    }
