"""A client's phone that no wipe reaches: its parts are taken under control, its board is destroyed before a witness, the rest recycled."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps import erasing, proof, recycling, triage
from tests.journeys.steps.pages import choose, file_behind, refuses, says, scan, text_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SERIAL = "FP4DEAD0417"
WHY = "does not power on, no port answers"


def taken_in(people: People, *, serial: str = "") -> str:
    """Henrik takes in a client's list of one phone. Gives the tag that it got."""
    henrik = people.as_person("henrik")
    henrik.goto("/itad/intake/")
    henrik.get_by_label("Client").select_option("demo")
    henrik.get_by_label("Hub").select_option("rotterdam")
    henrik.get_by_label("Contract").fill("VEGA-2026")
    henrik.get_by_label("List", exact=True).fill(
        f"serial,manufacturer,model,class\n{serial or SERIAL},Fairphone,FP4,phone"
    )
    henrik.get_by_role("button", name="Take them in").click()
    says(henrik, "1 unit taken in.")
    henrik.goto(f"/search/?q={serial or SERIAL}")
    return henrik.locator(".unit-tag").first.inner_text().strip()


def put(page: Page, tag: str, place: str) -> None:
    """Say on the unit's page where it was put."""
    page.goto(f"/unit/{tag}/")
    page.get_by_label("Place", exact=True).select_option(place)
    page.get_by_role("button", name="Put", exact=True).click()


def can_not_be_driven(page: Page, tag: str) -> None:
    """The wipe is begun, and shows a phone that is dead."""
    erasing.open_media(page, tag)
    page.get_by_label("Technique").select_option("factory_reset")
    page.get_by_role("button", name="Begin the wipe").click()
    says(page, "Begun.")
    page.get_by_text("It can't be wiped", exact=True).click()
    page.get_by_label("What is wrong").fill(WHY)
    page.get_by_role("button", name="Note it as failed").click()
    says(page, "This attempt failed", WHY)


def ask_to_harvest(page: Page, tag: str, *, place: str) -> None:
    erasing.open_media(page, tag)
    panel = page.locator("section", has=page.get_by_role("heading", name="It can't be driven"))
    panel.get_by_text("Ask for supervised work").click()
    panel.get_by_label("What", exact=True).select_option("harvest_under_control")
    panel.get_by_label("Where").select_option(place)
    panel.get_by_label("Why it can't be wiped as it is").fill(WHY)
    panel.get_by_role("button", name="Ask", exact=True).click()


def take(page: Page, number: str, name: str, *, grams: str, value: str) -> None:
    """A part comes out, for the stock."""
    page.get_by_label("Part number").fill(number)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Weight, g", exact=True).fill(grams)
    page.get_by_label("Worth, each").fill(value)
    page.get_by_role("button", name="Into stock").click()


def record_destruction(page: Page, *, particle: str) -> None:
    page.get_by_label("How").select_option("shred")
    page.get_by_label("Equipment").fill("Untha RS30")
    page.get_by_label("Largest particle, mm").fill(particle)
    page.get_by_label("What is left, grams").fill("151")
    choose(page, "#destroy-before", {"before.jpg": erasing.photo(f"before {SERIAL}")}, kind="image/jpeg")
    choose(page, "#destroy-after", {"after.jpg": erasing.photo("particles")}, kind="image/jpeg")
    page.get_by_role("button", name="Record it").click()


def allowed(people: People, tag: str) -> None:
    """Harvest under control: in the data cage alone, asked for by one data technician, allowed by another."""
    tomas, sofia = people.as_person("tomas"), people.as_person("sofia")
    ask_to_harvest(tomas, tag, place="")
    refuses(tomas, "Put it in a place in the data cage first")
    ask_to_harvest(tomas, tag, place="CAGE-1")
    says(tomas, "Asked for. Another data technician or lead allows it.", "Somebody else allows it")
    expect(tomas.get_by_role("button", name="Allow it")).to_have_count(0)
    sofia.goto("/exceptions/")
    sofia.get_by_role("row", name=tag).filter(has_text=WHY).filter(has_text="upervised").get_by_role(
        "link"
    ).first.click()
    sofia.get_by_role("button", name="Allow it").click()
    says(sofia, "Allowed.")
    assert people.platform.state(tag) == "TO_HARVEST"
    assert reasons(people, tag, "itad.exception_allowed") == [WHY]
    # That was the decision: nobody is asked again whether to try another wipe.
    sofia.goto("/exceptions/")
    expect(sofia.get_by_role("row", name=tag)).to_have_count(0)


def harvested(people: People, tag: str) -> None:
    """Battery and camera come out, the board does not; by no ordinary technician, and nowhere but in the cage."""
    tomas, mei = people.as_person("tomas"), people.as_person("mei")
    people.refusing.add("/bench/")
    mei.goto("/bench/")
    says(scan(mei, tag), "This needs a right that you don't have; ask your lead.")
    put(tomas, tag, "BIN-1")
    says(tomas, f"{tag} may hold data and BIN-1 is not secured; use a place in the data cage.")
    tomas.goto("/bench/")
    scan(tomas, tag)
    tomas.wait_for_url("**/bench/harvest/**")
    says(tomas, "Under control: data is still on it")
    take(tomas, "F4-BOARD", "Main board with flash storage", grams="31", value="40")
    refuses(tomas, "may hold data; its storage is taken out as a drive")
    take(tomas, "F4-BAT", "Battery", grams="58", value="14.50")
    says(tomas, "Battery taken out.")
    take(tomas, "F4-CAM", "Camera module", grams="9", value="21")
    says(tomas, "Camera module taken out.")
    mei.goto(tomas.url)
    says(mei, re.compile("only a data technician harvests a unit that still holds data", re.IGNORECASE))
    expect(mei.get_by_role("button", name="Into stock")).to_have_count(0)
    tomas.get_by_label("Weight of the rest, g").fill("158")
    tomas.get_by_role("button", name="Done, the rest to destruction").click()
    says(tomas, re.compile(f"The rest of {tag} is"))
    assert people.platform.state(tag) == "TO_DESTROY"


def destroyed(people: People, tag: str) -> None:
    """Recorded by one, with photos before and after; true only once another says that they saw it."""
    tomas, sofia = people.as_person("tomas"), people.as_person("sofia")
    tomas.goto("/itad/?tab=destroy")
    tomas.locator(".unit", has_text=tag).get_by_role("link").click()
    record_destruction(tomas, particle="")
    refuses(tomas, "Measure the largest particle, in millimeters.")
    record_destruction(tomas, particle="4,5")
    says(tomas, "Recorded. Somebody else witnesses it.")
    expect(tomas.get_by_role("button", name="I saw it destroyed")).to_have_count(0)
    assert people.platform.state(tag) == "TO_DESTROY"
    sofia.goto("/itad/?tab=verify")
    sofia.get_by_role("row", name=tag).get_by_role("link", name="Witness").click()
    sofia.get_by_role("button", name="I saw it destroyed").click()
    says(sofia, "Witnessed.")
    assert people.platform.state(tag) == "TO_RECYCLE"


def reasons(people: People, tag: str, kind: str) -> list[object]:
    """The reasons that the facts of that kind give on the unit's chain."""
    rows = people.platform.ask(
        "SELECT e.payload::text FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id"
        " WHERE d.tag = %s AND e.kind = %s ORDER BY e.sequence", tag, kind,
    )  # fmt: skip
    return [json.loads(row[0])["reason"] for row in rows]


def test_a_dead_phone_gives_parts_under_control_and_its_data_dies_before_a_witness(
    people: People, tmp_path: Path
) -> None:
    tag = taken_in(people)
    ravi, aisha = people.as_person("ravi"), people.as_person("aisha")

    # A black screen that answers to no finger: what still lives behind it, nobody can tell by looking.
    triage.begin(ravi, tag)
    triage.look(ravi, tag, works="no", defects=("display", "touch"))
    triage.decide(aisha, tag, "Harvest parts", reason="the frame is bent; camera and battery are like new")
    assert people.platform.state(tag) == "TO_SANITIZE"
    can_not_be_driven(people.as_person("tomas"), tag)
    allowed(people, tag)
    harvested(people, tag)
    destroyed(people, tag)

    # The certificate of destruction, as its owner finds it and anybody may check it.
    vera = people.as_person("vera")
    link = erasing.document(vera, tag, "ertificate of destruction")
    pdf = file_behind(link)
    proof.signature_holds(pdf, people.platform)
    proof.ledger_is_the_exported(pdf, tag, people.platform, tmp_path)
    assert SERIAL in text_of(pdf)

    # What is left goes to recycling with the weight that the scale showed.
    pavel = people.as_person("pavel")
    recycling.open_batch(pavel, "shredded_media")
    recycling.fill(pavel, tag, tag)
    says(pavel.locator("#answer"), "151 g")


def test_a_phone_that_triage_finds_dead_goes_to_destruction_and_may_give_its_parts_first(people: People) -> None:
    tag = taken_in(people, serial=f"{SERIAL}B")
    ravi = people.as_person("ravi")
    triage.begin(ravi, tag)
    triage.look(ravi, tag, works="no", defects=("no_power",))
    says(ravi, "Proposed:")
    says(ravi, "Under supervision", "Harvest under control")
    ravi.get_by_text("paths aren't open").click()
    harvest = ravi.locator("ol.ways > li", has_text="Harvest parts")
    harvest.locator("summary").click()
    says(harvest, "Its data can't be cleared while its storage can't be driven.")
    triage.decide(ravi, tag, "destroy")
    assert people.platform.state(tag) == "TO_DESTROY"
    allowed(people, tag)
