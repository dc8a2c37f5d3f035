"""The rendered style guide, a server with the product's policy, and Debian's Chromium."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from tools import styleguide

ASSETS = Path(settings.VAR) / "assets"
AXE = Path(settings.VAR) / "npm" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]


@dataclass
class Guide:
    """The style guide on loopback. ``answers`` holds what POSTs get, oldest first; ``posts`` what they said."""

    folder: Path
    address: str = ""
    answers: list[Callable[[], tuple[int, str]]] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"{self.address}/{name}.html"

    def answer(self, _path: str, body: str) -> tuple[int, str]:
        self.posts.append({name: values[0] for name, values in parse_qs(body).items()})
        return self.answers.pop(0)() if self.answers else (200, '<div class="band" data-tone="accepted">ok</div>')


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not ASSETS.is_dir():
        pytest.fail(f"The page assets are not at {ASSETS}: run make setup, or tools/assets.py --dev.")
    folder = tmp_path_factory.mktemp("guide")
    styleguide.render(folder, assets=ASSETS)
    return folder


@pytest.fixture
def guide(rendered: Path) -> Iterator[Guide]:
    told = Guide(rendered)
    styleguide.Handler.answer = staticmethod(told.answer)
    server = styleguide.server(rendered)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    told.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield told
    server.shutdown()
    server.server_close()
    styleguide.Handler.answer = None


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    program = shutil.which("chromium") or pytest.fail("Chromium is missing: apt-get install chromium.")
    browser = playwright_driver.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about on the page of this test."""
    return []


@pytest.fixture
def page(chromium: Browser, guide: Guide, complaints: list[str]) -> Iterator[Page]:
    """A page that reaches loopback alone; any error on its console is kept in ``complaints``."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", permissions=["camera"]
    )
    context.route(
        "**/*",
        lambda route: (
            route.continue_() if route.request.url.startswith((guide.address, "data:", "blob:")) else route.abort()
        ),
    )

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Runs axe over a page; returns one line per finding that is serious or critical."""
    script = AXE.read_text()

    def run(page: Page) -> list[str]:
        page.evaluate(script)
        result: dict[str, Any] = page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{found['id']}: {json.dumps([node['html'][:120] for node in found['nodes'][:3]])}"
            for found in result["violations"]
            if found["impact"] in {"serious", "critical"}
        ]

    return run
