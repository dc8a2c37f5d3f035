"""Selling: pool, offer, sale, and the packer's pick and ship."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.steps.pages import again_until, says, scan


def open_pool(page: Page, name: str) -> None:
    page.goto("/sales/")
    again_until(page, page.get_by_role("link", name=name)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def offer(page: Page, price: str) -> None:
    """Offer the units of the pool at a price, on the first channel."""
    page.get_by_label("Price", exact=True).fill(price)
    page.get_by_role("button", name="Offer", exact=True).click()
    says(page, f"Offered at {price} EUR.")


def sell(page: Page, *, email: str, name: str) -> str:
    """Sell one unit of the pool by its offer. Gives the number of the order."""
    page.get_by_label("Buyer's e-mail").fill(email)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address").fill("Lindenstraße 4\n10115 Berlin")
    page.get_by_label("Country").fill("DE")
    page.get_by_role("button", name="Sell", exact=True).click()
    page.wait_for_url("**/sales/orders/**")
    number = page.get_by_role("heading", level=1).inner_text().strip()
    says(page, f"Sold: order {number}.")
    return number


def pick(page: Page, tag: str, order: str) -> None:
    page.goto("/sales/ship/")
    scan(page, tag)
    says(page, f"{tag} picked for order {order}.")


def ship(page: Page, tag: str, order: str, tracking: str) -> None:
    page.goto("/sales/ship/")
    row = page.locator("section", has=page.get_by_role("heading", name="To ship"))
    row.get_by_label("Tracking number").fill(tracking)
    row.get_by_role("button", name="Ship").click()
    says(page, f"{tag} shipped, order {order}.")
