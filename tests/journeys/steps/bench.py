"""The bench: a work order from its first scan to the check by another person."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps.pages import says, scan


def stock_part(people: People, number: str, name: str, *, quantity: int = 3, cost: str = "32.00") -> None:
    """The planner takes bought parts in."""
    page = people.as_person("henrik")
    page.goto("/bench/parts/")
    page.get_by_label("Hub", exact=True).select_option(label="Rotterdam")
    page.get_by_label("Part number").fill(number)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_label("Cost, each").fill(cost)
    page.get_by_role("button", name="Take in").click()
    expect(page.get_by_role("row", name=number)).to_be_visible()


def open_work(page: Page, tag: str) -> str:
    """Scan the unit: its work order is opened, or gone on with. Gives the order's number."""
    page.goto("/bench/")
    scan(page, tag)
    page.wait_for_url("**/bench/work/**")
    return page.get_by_role("heading", level=1).inner_text().split()[-1]


def operate(page: Page, operation: str, *, fault: str = "") -> None:
    """Say what is being done now; it ends what was done before."""
    if fault:
        page.get_by_label("For which fault").select_option(label=fault)
    page.get_by_role("button", name=operation, exact=True).click()
    says(page, f"You are on: {operation.lower()}.")


def use_part(page: Page, number: str, name: str) -> None:
    """Take a part for the unit, and put it in."""
    page.get_by_label("Part", exact=True).select_option(
        page.locator("#part option", has_text=number).get_attribute("value")
    )
    page.get_by_role("button", name="Take it").click()
    says(page, f"1 × {name} reserved.")
    page.get_by_role("button", name="It is in").click()
    says(page, f"{name} is in.")


def finish(page: Page, tag: str) -> None:
    page.get_by_role("button", name="Done, to check").click()
    page.wait_for_url("**/bench/")
    says(page, f"{tag} waits for its check.")


def open_check(page: Page, tag: str) -> None:
    """Scan a unit whose work waits for its check."""
    page.goto("/bench/")
    scan(page, tag)
    page.wait_for_url("**/bench/check/**")


def accept(page: Page, tag: str) -> None:
    open_check(page, tag)
    page.get_by_role("button", name="Good").click()
    page.wait_for_url("**/bench/")
    says(page, f"{tag} passed")
