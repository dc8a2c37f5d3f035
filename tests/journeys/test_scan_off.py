"""A truck is scanned off at scanner speed: one scan a parcel, no click, no page change; the driver signs on the glass."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.floor.budget import budget
from tests.journeys.conftest import People

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PARCELS = 20
MINUTE = 60
TRUCK = f"""
from revlog.accounts import actors
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.logistics.models import Carrier, Direction, Parcel
from revlog.logistics.services import parcels
by, at = actors.system("test"), clock.now()
carrier, _made = Carrier.objects.get_or_create(code="delta", defaults={{"name": "Delta Parcel", "created_at": at}})
made = parcels.announce(
    direction=Direction.INBOUND, hub=Hub.objects.get(code="rotterdam"), owner=Organization.objects.get(code="retailer"),
    parcels={PARCELS + 1}, carrier=carrier, by=by, at=at,
)
Parcel.objects.filter(shipment=made.shipment).update(status="in_transit")
told = [one.tracking for one in made.parcels]
"""


def test_a_truck_is_scanned_off_while_the_driver_waits(people: People) -> None:
    codes = people.platform.python(TRUCK)
    page = people.as_person("ines")
    page.goto("/floor/")
    page.keyboard.type("SCAN OFF")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("Scan the first parcel")
    page.evaluate("window.samePage = true")

    begun = time.monotonic()
    for place, code in enumerate(codes[:PARCELS], 1):
        with budget("scan a parcel off a truck", page) as hand:
            hand.scan(code)
        expect(page.locator("#tally")).to_have_text(f"{place} / {PARCELS + 1}")
    # The driver waits for twenty parcels no longer than a minute.
    assert time.monotonic() - begun < MINUTE
    assert page.evaluate("window.samePage") is True

    with budget("call a parcel out that is counted already", page) as hand:
        expect(hand.scan(codes[0]).locator("[data-tone=attention]")).to_contain_text("Counted already")
    with budget("end a delivery with the driver's signature", page) as hand:
        hand.scan("END")
        page.get_by_label("Who signs").fill("D. Jansen")
        box = page.locator("canvas[data-glass]").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        for step in range(1, 12):
            page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + 60 + 25 * (step % 2))
        page.mouse.up()
        hand.click(page.get_by_role("button", name="Signed"))
    expect(page.locator("#answer")).to_contain_text("Signed and closed")
    expect(page.locator("#answer")).to_contain_text(f"Missing: {codes[-1]}")
