"""Recycling: a batch from its opening to its certificate."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.steps.pages import says, scan


def open_batch(page: Page, stream: str) -> str:
    """Open a batch of a stream (by its code) and stand before its scan box. Gives its number."""
    page.goto("/recycling/")
    page.get_by_label("Stream").select_option(stream)
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_url("**/fill/")
    number = page.locator(".goes-to b").inner_text()
    says(page, f"Batch {number} is open.")
    return number


def fill(page: Page, code: str, tag: str) -> None:
    """Scan a unit into the batch."""
    answer = scan(page, code)
    expect(answer.locator(".band")).to_contain_text("In")
    expect(answer).to_contain_text(tag)


def weigh(page: Page, kilos: str, *, final: bool) -> None:
    page.get_by_label("Weight, kg").first.fill(kilos)
    page.get_by_role("button", name="Final weight" if final else "Provisional").click()
    says(page, re.compile("^Weighed in: "))


def send_out(
    page: Page, stream: str, kilos: str, *, treatment: str, vendor: str = "Kreislauf Metall", price: str = ""
) -> None:
    """A fraction leaves for a downstream vendor."""
    page.get_by_label("Fraction").select_option(stream)
    page.locator("#out_kilos").fill(kilos)
    page.get_by_label("What is done with it").select_option(treatment)
    page.get_by_label("Downstream vendor").select_option(label=vendor)
    page.get_by_label("Price per kg").fill(price)
    page.get_by_role("button", name="Send out").click()
    says(page, re.compile(f" out to {vendor}\\.$"))


def close(page: Page, *, left: str = "", loss: str = "", reason: str = "") -> None:
    page.get_by_label("Left on the floor, kg").fill(left)
    page.get_by_label("Known loss (dust, moisture), kg").fill(loss)
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Close and certify").click()
    says(page, re.compile("is closed; its certificate follows"))


def balance_of(page: Page, stream: str, site: str = "Rotterdam") -> list[int]:
    """This month's balance of a stream at a site, in grams: opening, in, out, loss, left, not explained."""
    page.goto("/recycling/balances/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mass balance")
    row = page.get_by_role("row", name=f"{stream} {site}").locator("td.number")
    return [int(cell.replace(",", "")) for cell in row.all_inner_texts()[:6]] or [0] * 6
