"""The shopper's side: what was ordered, the return that is announced, its label and its page."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps.pages import again_until, choose, file_behind, says, still

COLUMNS = (
    "order", "email", "name", "address", "country", "ordered", "delivered", "sku", "price", "quantity", "serials", "description", "class",
    "tracking",
)  # fmt: skip
BOUGHT = datetime.now(UTC).date() - timedelta(days=6)


@dataclass(frozen=True)
class Line:
    """One line of an order, with what its buyer answers when it comes back."""

    name: str
    price: str
    quantity: int = 1
    serials: str = ""
    kind: str = "laptop"
    sku: str = ""
    tracking: str = ""
    reason: str = "CHANGED_MIND"
    wanted: str = "refund"
    back: int = 1
    """How many of them come back."""


@dataclass(frozen=True)
class Bought:
    """An order as its buyer knows it."""

    number: str
    email: str
    lines: tuple[Line, ...]


def import_order(people: People, order: Bought, *, name: str = "Kim Jansen", seller: str = "operator") -> None:
    """The shop's order comes in by a CSV file on the page of the seller's people."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for line in order.lines:
        rows.writerow(
            (
                order.number, order.email, name, "Kade 1|3011 AA Rotterdam", "NL", BOUGHT, BOUGHT + timedelta(days=2),
                line.sku or f"SKU-{order.number}-{order.lines.index(line)}", line.price, line.quantity, line.serials, line.name,
                line.kind, line.tracking,
            )
        )  # fmt: skip
    page = people.as_person("anouk")
    page.goto("/orders/import/")
    page.get_by_label("Seller").select_option(seller)
    choose(page, "input[type=file]", {"orders.csv": file.getvalue().encode()}, kind="text/csv")
    page.get_by_role("button", name="Import").click()
    says(page, "1 order imported.")


def find_order(page: Page, order: Bought) -> None:
    """A guest proves the order by its number and e-mail."""
    page.goto("/return/")
    page.get_by_label("Order number").fill(order.number)
    page.get_by_label("E-mail").fill(order.email)
    page.get_by_role("button", name="Find my order").click()
    first = "Why does it come back?" if len(order.lines) == 1 else "What do you want to return?"
    expect(page.get_by_role("heading", level=1)).to_have_text(first)


def say_why(place: Page | Locator, reason: str) -> None:
    """What it is about, then the reason itself; what the reason leads to has come when this ends."""
    page = place.page if isinstance(place, Locator) else place
    one = place.locator(f"input[type=radio][name*='-reason.'][value={reason}]")
    about = (one.get_attribute("name") or "").rpartition(".")[2]
    group = place.locator(f"input[type=radio][name$='-reason.about'][value={about}]")
    if not group.is_checked():
        with page.expect_response(re.compile("/why/")):
            group.check()
        still(page)
    with page.expect_response(re.compile("/why/")):
        one.check()
    still(page)


def announce(page: Page, order: Bought) -> str:
    """Choose the lines, say why and what for, look it over, announce. Gives the number of the RMA."""
    find_order(page, order)
    coming = [line for line in order.lines if line.back]
    if len(order.lines) > 1:
        for line in order.lines:
            page.locator("ul.ticks label", has_text=line.name).locator("input").set_checked(line in coming)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why does it come back?")
    page.wait_for_load_state()  # a reason chosen before the page's script is there asks for nothing
    for line in coming:
        panel = page.locator("section.panel", has=page.get_by_role("heading", name=line.name))
        if line.quantity > 1:
            panel.get_by_label("How many?").fill(str(line.back))
        say_why(panel, line.reason)
        panel.locator(f'input[type=radio][value="{line.wanted}"]').check()
    page.get_by_role("button", name="Continue").click()
    for _each in coming:
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Something to try first|Is this right"))
        skip = page.get_by_role("button", name="Skip this, and return it")
        if skip.is_visible():
            skip.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    page.get_by_role("button", name="Announce the return").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your return")
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    says(page, number)
    return number


def label(page: Page) -> bytes:
    """The label of the return on the page, once it is made; the page brings it by itself."""
    link = page.get_by_role("link", name="Print the label")
    expect(link).to_be_visible(timeout=40_000)
    return file_behind(link)


def mail(people: People, subject: str | re.Pattern[str], *, to: str) -> str:
    """The plain text of the newest mail of that subject to that address, from the mailbox of everything that was sent."""
    page = people.guest()
    page.goto("/welcome/mailbox/")
    row = page.locator("tr", has_text=to).filter(has=page.get_by_role("link", name=subject))
    again_until(page, row).get_by_role("link").first.click()
    return page.locator("pre.mail-text").text_content() or ""
