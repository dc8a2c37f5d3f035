"""Render the living style guide to files, without database or server: `python tools/styleguide.py FOLDER [--serve PORT]`.

For pictures and for the browser tests: every layout with its components, served (with --serve) under the same
Content-Security-Policy as the product. Needs the page assets (`tools/assets.py`) under $REVLOG_VAR.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from typing_extensions import override

ROOT = Path(__file__).resolve().parents[1]
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)
LANGUAGES = [
    {"code": "en", "label": "English", "active": True},
    {"code": "de", "label": "Deutsch", "active": False},
    {"code": "fr", "label": "Français", "active": False},
    {"code": "es", "label": "Español", "active": False},
]
# A QR-like picture so that the head of a document has its true weight; the product makes real ones with segno.
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "index.html": ("styleguide.html", {}),
    "floor.html": ("styleguide/floor.html", {"pick": "accepted"}),
    "floor-attention.html": ("styleguide/floor.html", {"pick": "attention"}),
    "floor-refused.html": ("styleguide/floor.html", {"pick": "refused"}),
    "floor-empty.html": ("styleguide/floor.html", {}),
    "portal.html": ("styleguide/portal.html", {}),
    "status.html": ("styleguide/status.html", {}),
    "sanitization.html": ("styleguide/print.html", {"pick": "sanitization"}),
    "destruction.html": ("styleguide/print.html", {"pick": "destruction"}),
    "email.html": ("styleguide/email.html", {}),
    **{f"{code}.html": (f"{code}.html", {}) for code in ("400", "403", "403_csrf", "404", "409", "429", "500")},
}


def configure(assets: Path) -> None:
    """The least of Django that templates need; a no-op inside a configured process."""
    import django  # noqa: PLC0415 - the settings come first
    from django.conf import settings  # noqa: PLC0415

    if settings.configured:
        return
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", "revlog.common"],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[ROOT / "static", assets],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "templates"],
                "APP_DIRS": True,
            }
        ],
        USE_TZ=True,
        TIME_ZONE="UTC",
        LANGUAGE_CODE="en",
    )
    django.setup()


def context() -> dict[str, Any]:
    """What the context processor of the product gives every page, invented."""
    import segno  # noqa: PLC0415 - only here
    from django.utils.safestring import mark_safe  # noqa: PLC0415

    from revlog.common.templatetags.styleguide import samples  # noqa: PLC0415

    picture = io.BytesIO()
    segno.make("http://localhost/verify/RV-2041", error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, border=0, omitsize=True
    )
    sample = samples()
    return {
        "nav": sample["nav"],
        "hub": {"name": "Rotterdam"},
        "hubs": [
            {"name": "Rotterdam", "url": "#", "active": True},
            {"name": "Łódź", "url": "#", "active": False},
        ],
        "person": {"name": "Ana Sousa", "role": "warehouse", "initials": "AS", "profile_url": "#"},
        "station": {"name": "Dock 2"},
        "signout_url": "#",
        "languages": LANGUAGES,
        "language_url": "#",
        "issuer": {"name": "Northwind Returns", "address": ["Havenstraat 1", "3011 AB Rotterdam"]},
        "scan_url": "/scan/",
        "camera": True,
        "done": 12,
        "goal": 48,
        "document": {"number": "RV-2041", "issued": sample["now"], "template": "sanitization 3"},
        "qr": mark_safe(picture.getvalue().decode()),  # noqa: S308 - made two lines above
        "check_at": "returns.example/verify/RV-2041",
        "rows": range(9),
    }


def render(folder: Path, *, assets: Path) -> list[str]:
    """Write every page of PAGES and all static files below ``folder``; returns the pages' names."""
    configure(assets)
    from django.template.loader import render_to_string  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    for source in (ROOT / "static", assets):
        shutil.copytree(source, folder / "static", dirs_exist_ok=True)
    # The guide is English, whatever language the last page of this process was in.
    with translation.override("en"):
        shared = context()
        for name, (template, more) in PAGES.items():
            (folder / name).write_text(render_to_string(template, shared | more), encoding="utf-8")
    return list(PAGES)


class Handler(SimpleHTTPRequestHandler):
    """Files under the product's policy; quiet. ``answer`` may take the POSTs of a test."""

    answer: Callable[[str, str], tuple[int, str]] | None = None

    @override
    def end_headers(self) -> None:
        if not self.path.startswith(
            "/email"
        ):  # a mail carries style attributes; the product shows it in a frame of its own
            self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, html = type(self).answer(self.path, body) if type(self).answer else (405, "")  # type: ignore[misc]
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(html.encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the pages are many and the reader wants the address alone."""


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server on loopback for ``folder``; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Render the style guide to files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve the folder under the product's policy")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))
    assets = Path(os.environ.get("REVLOG_VAR") or "var").resolve() / "assets"
    if not assets.is_dir():
        print(f"The page assets are not at {assets}. Run tools/assets.py first.", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    names = render(options.folder, assets=assets)
    print(f"{len(names)} pages in {options.folder}")
    if options.serve:
        print(f"http://127.0.0.1:{options.serve}/")
        server(options.folder, options.serve).serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
