"""A client's units: taken in from a pasted list under a contract, and put away."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, expect

from tests.journeys.steps.pages import says


def take_in(page: Page, rows: Sequence[str], *, contract: str, client: str = "demo", hub: str = "rotterdam") -> None:
    """Receive what a client's list names: ``serial,manufacturer,model,class,asset_tag`` a row."""
    page.goto("/itad/intake/")
    page.get_by_label("Client").select_option(client)
    page.get_by_label("Hub").select_option(hub)
    page.get_by_label("Contract").fill(contract)
    page.get_by_label("List").fill("\n".join(["serial,manufacturer,model,class,asset_tag", *rows]))
    page.get_by_role("button", name="Take them in").click()
    says(page, f"{len(rows)} unit{'s' if len(rows) > 1 else ''} taken in.")


def find(page: Page, name: str) -> str:
    """Search a unit by any of its names; gives its tag, and stands on its page."""
    page.goto("/work/")
    box = page.get_by_role("searchbox").first
    box.fill(name)
    box.press("Enter")
    page.wait_for_url("**/unit/*/")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def put(page: Page, tag: str, place: str) -> None:
    """Say on the unit's page where it was put."""
    page.goto(f"/unit/{tag}/")
    page.get_by_label("Place").select_option(place)
    page.get_by_role("button", name="Put", exact=True).click()
    expect(page.locator(".unit-header")).to_contain_text(place)
