"""`make screenshots`: the pictures of the README and the docs, taken of the demo in a platform of its own.

Starts `make run`'s platform in ``$REVLOG_VAR/screenshots`` with a fresh demo, opens the pages in Debian's Chromium as the demo's people do,
and writes small WebP files to docs/pictures. Nothing that it started is left.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 600_000  # all of them together: they lie in the repository
QUALITY = 78
PATIENCE = 900.0  # seconds until a fresh platform with its demo is healthy
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PHONE, TABLET, DESK = (390, 844), (1024, 768), (1440, 900)


def main() -> int:
    chromium = os.environ.get("REVLOG_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("Chromium is missing: apt-get install chromium, or name one in REVLOG_CHROMIUM.", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with platform() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, size, take in SHOTS:
            page = window(browser, address, size)
            take(page)
            keep(name, page)
            page.context.close()
        browser.close()
    total = sum(path.stat().st_size for path in PICTURES.glob("*.webp"))
    print(f"{len(SHOTS)} pictures, {total // 1000} kB, in {PICTURES.relative_to(ROOT)}")
    if total > MOST_BYTES:
        print(f"Together they may have {MOST_BYTES // 1000} kB.", file=sys.stderr)
        return 1
    return 0


# The platform ---------------------------------------------------------------------------------------------------------------------


@contextmanager
def platform() -> Iterator[str]:
    """The address of a fresh demo, which ends with the block."""
    var = Path(os.environ.get("REVLOG_VAR") or "var").absolute()
    own = var / "screenshots"
    discard(own)
    own.mkdir(parents=True)
    (own / "assets").symlink_to(var / "assets")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"REVLOG_VAR": str(own), "PORT": str(port), "REVLOG_TIED": "1", "REVLOG_EMBEDDED_DURABLE": "0"}
    process = subprocess.Popen([sys.executable, str(ROOT / "tools" / "run.py")], cwd=ROOT, env=os.environ | given)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        discard(own)


def discard(folder: Path) -> None:
    if folder.exists():
        given = {"REVLOG_VAR": str(folder)}
        subprocess.run(
            [sys.executable, "-m", "revlog.embedded", "discard"], cwd=ROOT, env=os.environ | given, check=False
        )
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit("The platform did not become healthy; what it said stands above.")


# The pages ------------------------------------------------------------------------------------------------------------------------


def window(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    width, height = size
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB",
        device_scale_factor=2 if size == PHONE else 1,
    )  # fmt: skip
    context.set_default_timeout(60_000)
    return context.new_page()


def sign_in(page: Page, person: str) -> None:
    page.goto("/welcome/")
    card = page.locator("form", has=page.locator(f'input[name="person"][value="{person}"]'))
    if not card.locator("button").is_visible():
        page.locator("details", has=card).locator("summary").first.click()
    card.locator("button").click()
    page.wait_for_url("**/work/")


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('.htmx-request, [data-panel] > .loading')")


def keep(name: str, page: Page) -> None:
    settled(page)
    page.evaluate("document.activeElement?.blur()")
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    path = PICTURES / f"{name}.webp"
    picture.save(path, "WEBP", quality=QUALITY, method=6)
    print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def portal(page: Page) -> None:
    """A customer says why the laptop comes back, and sees what they get."""
    page.goto("/return/")
    page.locator("[name=order]").fill("DEMO-1001")
    page.locator("[name=email]").fill("demo@example.org")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/return/order/*/")
    page.locator("[name=lines]").first.check()


def floor(page: Page) -> None:
    """A serial that is expected was scanned on the floor, with receiving at hand."""
    page.goto("/welcome/codes/")
    code = page.locator(".code-card", has_text="A serial that is expected").locator(".mono").inner_text()
    sign_in(page, "ines")
    page.goto("/dock/")
    page.locator("#scan").fill(code.strip())
    page.locator("#scan").press("Enter")
    page.locator("#answer .band").wait_for()


def unit(page: Page) -> None:
    """Of the units that were sold, the one with the longest way."""
    sign_in(page, "maria")
    page.goto("/search/?state=SOLD")
    found = [link.get_attribute("href") or "" for link in page.locator("a.name").all()[:12]]
    longest, stops = "", 0
    for address in found:
        page.goto(address)
        if (count := page.locator(".journey > li").count()) > stops:
            longest, stops = address, count
    page.goto(longest)


def dashboard(page: Page) -> None:
    sign_in(page, "maria")
    page.goto("/reports/")


SHOTS: tuple[tuple[str, tuple[int, int], Callable[[Page], None]], ...] = (
    ("portal", PHONE, portal),
    ("floor", TABLET, floor),
    ("unit", DESK, unit),
    ("dashboard", DESK, dashboard),
)

if __name__ == "__main__":
    sys.exit(main())
