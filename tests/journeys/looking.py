"""What is wrong with a page that is open in a browser, as far as a program can see: it overflows, is too small to read, shows a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Page

AXE = Path(settings.VAR) / "npm" / "node_modules" / "axe-core" / "axe.min.js"
SMALLEST = 13  # pixels; docs/frontend.md

_LOOK = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")


def of(page: Page) -> list[str]:
    """The faults that can be seen at the window's width."""
    told: list[str] = page.evaluate(_LOOK, SMALLEST)
    return told


def axe(page: Page) -> list[str]:
    """What axe finds serious or critical, a line each."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']})"
    )
    return [
        f"axe {found['id']}: {json.dumps([node['html'][:140] for node in found['nodes'][:3]])}"
        for found in result["violations"]
        if found["impact"] in {"serious", "critical"}
    ]
