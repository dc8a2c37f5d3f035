"""One platform for all journeys, and Debian's Chromium before it, with a window of their own for each person."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, expect

from tests.platforms import Platform, platform, wait_for

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but the platform itself may be asked for anything; a route of Playwright's would do it too, and take away the cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# A refusal is an answer of the house, told beside the button; the browser calls it a failure all the same.
REFUSED = re.compile(r"^Failed to load resource: the server responded with a status of (409|422) ")
CUT = re.compile(r"^Failed to load resource: net::ERR_(INTERNET_DISCONNECTED|FAILED)")
NOT_HERE = re.compile(r"^Failed to load resource: the server responded with a status of (403|404) ")
PLACES = """
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.devices.models import Location
hub = Hub.objects.get(code="rotterdam")
for code, secured in (("BIN-1", False), ("CAGE-1", True)):
    Location.objects.create(hub=hub, code=code, kind="bin", secured=secured, created_at=clock.now())
"""
PATIENCE = 15_000  # milliseconds for one step on a busy machine
expect.set_options(timeout=PATIENCE)


@dataclass
class People:
    """Whoever takes part in a journey; each has a browser window of their own, so that nobody must sign out."""

    platform: Platform
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    """The addresses at which somebody is to be told that they may not, or that there is nothing for them."""
    cut: bool = False
    """Whether the net is taken away in this journey: what fails for that is no complaint."""
    windows: dict[str, Page] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def guest(self) -> Page:
        """Somebody who isn't signed in: a customer, or whoever checks a certificate."""
        return self._window("")

    def as_person(self, name: str) -> Page:
        """The window of a person of the demo, signed in by the card on the welcome page."""
        if name not in self.windows:
            page = self._window(name)
            page.goto("/welcome/")
            card = page.locator("form", has=page.locator(f'input[name="person"][value="{name}"]'))
            button = card.locator("button").first
            if not button.is_visible():  # the rarer roles are folded away
                page.locator("details", has=button).locator("summary").first.click()
            button.click()
            page.wait_for_url(lambda url: "/welcome/" not in url)
        return self.windows[name]

    def at_station(self, token: str, *, app: bool = False) -> Page:
        """A shared tablet that is registered, with nobody signed in. ``app``: it may keep the floor for opening without the net."""
        page = self._window("station", workers="allow" if app else "block")
        page.context.add_cookies([{"name": "revlog_station", "value": token, "url": self.platform.url}])
        return page

    def _window(self, name: str, *, workers: Literal["allow", "block"] = "block") -> Page:
        if name in self.windows:
            return self.windows[name]
        context = self.browser.new_context(
            base_url=self.platform.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB",
            service_workers=workers,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        context.on("request", self._asked)
        context.on("console", self._heard)
        context.on("weberror", lambda problem: self.complaints.append(f"script error: {problem.error}"))
        page = self.windows[name] = context.new_page()
        return page

    def _is_ours(self, request: Request) -> bool:
        return request.url.startswith((self.platform.url + "/", "data:", "blob:"))

    def _asked(self, request: Request) -> None:
        if not self._is_ours(request):
            self.complaints.append(f"outside host: {request.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        told = NOT_HERE.match(message.text) and message.location["url"] in {
            self.platform.url + path for path in self.refusing
        }
        if (
            message.type == "error"
            and not told
            and not REFUSED.match(message.text)
            and not (self.cut and CUT.match(message.text))
        ):
            self.complaints.append(f"console of {message.page.url if message.page else '?'}: {message.text}")


@pytest.fixture(scope="session")
def running() -> Iterator[Platform]:
    with platform() as made:
        made.python(PLACES)
        yield made


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    program = os.environ.get("REVLOG_CHROMIUM") or shutil.which("chromium")
    if not program or not Path(program).exists():
        pytest.fail("Chromium is missing: apt-get install chromium, or name one in REVLOG_CHROMIUM.")
    browser = playwright_driver.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def people(running: Platform, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[People]:
    """The windows of one journey. It fails on any error in a console, any request to another host, any reaction that failed in it."""
    who = People(running, chromium)
    before = running.troubles()
    yield who
    if pictures := os.environ.get("REVLOG_JOURNEY_PICTURES"):
        folder = Path(pictures) / request.node.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in who.windows.items():
            page.screenshot(path=folder / f"{name or 'guest'}.png", full_page=True)
            (folder / f"{name or 'guest'}.html").write_text(page.content())
        (folder / "logs.txt").write_text(running.words())
    for context in who.contexts:
        context.close()
    assert who.complaints == []
    assert [trouble for trouble in running.troubles() if trouble not in before] == []


def until(page: Page, text: str | re.Pattern[str], *, seconds: float = 40) -> None:
    """Load the page again until it says ``text``: what a worker does in the background shows within seconds."""

    def told() -> bool:
        if page.get_by_text(text).first.is_visible():
            return True
        page.wait_for_timeout(400)
        page.reload()
        return page.get_by_text(text).first.is_visible()

    wait_for(told, seconds, what=f"“{text}” on {page.url}")
