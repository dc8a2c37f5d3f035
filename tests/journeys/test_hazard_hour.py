"""The swollen-battery hour, on a phone: from the scan that freezes it to the verdict of the assessor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.floor.budget import budget
from tests.journeys import looking
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PHONE = {"width": 390, "height": 844}
READY = """
from revlog.accounts import actors
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.devices.services import arrivals
from revlog.storage.models import ContainerKind
from revlog.storage.services.containers import filling, making
by, at = actors.system("test"), clock.now()
hub, client = Hub.objects.get(code="rotterdam"), Organization.objects.get(code="demo")
from revlog.accounts import queries
from revlog.accounts.models import User
lead = queries.actor_of(User.objects.get(email__startswith="aisha"), at=at)
units = [
    arrivals.arrive(
        what=arrivals.Description(device_class="laptop", manufacturer="Dell", model="Latitude 7400", serial=f"SWOLLEN{n}"),
        stay=arrivals.Stay(why="itad", owner=client.id, hub=hub.id, custodian=hub.organization_id),
        by=by, at=at,
    )
    for n in range(3)
]
here, other = making.make(hub=hub, kind=ContainerKind.TOTE, count=2, secured=True, by=lead, at=at)
filling.put(units[:2], here, by=lead, at=at)
filling.put(units[2:], other, by=lead, at=at)
told = [units[0].tag, units[1].tag, other.number]
"""
CASE = "from revlog.storage.models import HazardCase\ntold = HazardCase.objects.latest('reported_at').number"


def photo(folder: Path) -> Path:
    from PIL import Image

    path = folder / "swollen.jpg"
    Image.new("RGB", (640, 480), "#445").save(path)
    return path


def looked_at(page: Page, name: str) -> None:
    """Nothing sticks out, nothing is too pale, in light and in dark."""
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
        faults += [f"{name}, {scheme}: {fault}" for fault in [*looking.of(page), *looking.axe(page)]]
        if pictures := os.environ.get("REVLOG_JOURNEY_PICTURES"):
            page.screenshot(path=Path(pictures) / f"hazard_{name}_{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    assert faults == []


def test_a_swollen_battery_is_frozen_and_assessed_within_the_hour(people: People, tmp_path: Path) -> None:
    swollen, mate, other = people.platform.python(READY)
    floor = people.as_person("ines")
    floor.set_viewport_size(PHONE)
    floor.goto("/floor/")
    floor.keyboard.type(swollen)
    floor.keyboard.press("Enter")
    says(floor.locator("#answer"), swollen)

    with budget("freeze a hazard", floor) as hand:
        answer = hand.scan("HAZARD")
        says(answer, "FROZEN")
        says(answer, "2 units frozen")
        expect(answer.locator("ol.do-now li").first).to_be_visible()
        answer.locator("input[type=file]").set_input_files(photo(tmp_path))
        hand.clicks += 1
        says(answer, "photo kept")
    looked_at(floor, "floor")
    floor.keyboard.type(mate)
    floor.keyboard.press("Enter")
    says(floor.locator("#answer"), "Hazard HZ-")

    number = people.platform.python(CASE)
    greta = people.as_person("greta")
    greta.set_viewport_size(PHONE)
    greta.goto("/store/hazards/")
    expect(greta.locator("main")).to_contain_text("min left")
    looked_at(greta, "list")
    greta.get_by_role("link", name=number).first.click()
    expect(greta.locator("main img").first).to_be_visible()
    looked_at(greta, "case")
    greta.get_by_label(f"Verdict on {swollen}").select_option("damaged")
    greta.get_by_label("Swollen (").check()
    greta.get_by_role("button", name="Sign the verdict").click()
    says(greta.locator("main"), "P 908, LP 904")
    says(greta.locator("main"), "DAMAGED/DEFECTIVE LITHIUM-ION BATTERIES")
    looked_at(greta, "verdict")

    # The client's other tote is looked into before anything comes out of it.
    floor.keyboard.type("REINSPECT")
    floor.keyboard.press("Enter")
    says(floor.locator("#answer"), other)
    floor.keyboard.type(other)
    floor.keyboard.press("Enter")
    says(floor.locator("#answer"), "Looked inside: all well")
    floor.keyboard.type("WELL")
    floor.keyboard.press("Enter")
    says(floor.locator("#answer"), f"{other} is free again.")
