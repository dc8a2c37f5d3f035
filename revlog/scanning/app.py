"""The floor as an installable web app: its files, and the version that they make."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.templatetags.static import static

from revlog.scanning import kept

FILES = (
    "vendor/tabler/tabler.min.css", "css/tokens.css", "css/base.css", "css/floor.css", "js/theme.js", "vendor/htmx/htmx.min.js",
    "js/menus.js", "js/panels.js", "js/sounds.js", "js/acts.js", "js/scan.js", "js/camera.js", "js/sign.js",
    "vendor/barcode/barcode-detector.js", "vendor/barcode/zxing_reader.wasm", "vendor/icons/sprite.svg",
    "img/favicon.svg", "img/app-192.png",
)  # fmt: skip
"""All that the page with the box needs to open without the net."""


@lru_cache(maxsize=1)
def addresses() -> tuple[str, ...]:
    return tuple(static(name) for name in FILES)


@lru_cache(maxsize=1)
def version() -> str:
    """Another one whenever a file of the page is: their addresses hold the digests of what is in them."""
    told = "\n".join((str(kept.FORM), *addresses()))
    return hashlib.sha256(told.encode()).hexdigest()[:10]
