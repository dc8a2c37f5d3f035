"""How a tablet comes to trust this machine: a plain http address beside the https one, for the authority's certificate alone.

A browser that doesn't trust us yet cannot be told over https what to trust. Whoever scans the QR code of the page *Connection* lands
here, installs the certificate, compares its fingerprint with the one on the screen, and goes on to the https address.
"""

from __future__ import annotations

import html
import os
import string
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from typing_extensions import override

from revlog.embedded import authority, places
from revlog.embedded.errors import UnableToServe

PAGE = Path(__file__).with_name("trust.html")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CERTIFICATE = "/revlog-authority.crt"


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Was `make run TLS=1` asked for?"""
    return environment.get("TLS", "").lower() not in {"", "0", "no", "false"}


def serve(*, port: int, plain_port: int) -> str:
    """Provide the certificate, tell the processes of it by the environment, open the plain address; returns the https address.

    Raises UnableToServe when the plain port cannot be had.
    """
    names, addresses = authority.of_this_machine()
    served = authority.provide(
        places.var_folder() / "keys" / "tls", names=names, addresses=addresses, at=datetime.now(UTC)
    )
    best = next((name for name in names if "." in name and authority.resolves(name, addresses[0])), str(addresses[0]))
    base = os.environ.setdefault("REVLOG_BASE_URL", f"https://{best}:{port}").rstrip("/")
    plain = f"http://{addresses[0]}:{plain_port}/"
    os.environ.update(
        REVLOG_TLS_CERTIFICATE=str(served.certificate),
        REVLOG_TLS_KEY=str(served.key),
        REVLOG_TLS_AUTHORITY=str(served.authority),
        REVLOG_TRUST_URL=plain,
    )
    handler = partial(Handler, authority=served.authority, base=base)
    try:
        server = ThreadingHTTPServer((os.environ.get("HOST") or "127.0.0.1", plain_port), handler)
    except OSError as problem:
        raise UnableToServe(
            f"Port {plain_port}, where tablets fetch the certificate, cannot be had ({problem.strerror}). "
            "Choose another PORT: this one is the next."
        ) from None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return base


class Handler(BaseHTTPRequestHandler):
    """The page, the certificate, and for everything else the way to the https address."""

    timeout = 10  # a caller that says nothing doesn't keep its thread

    def __init__(self, *arguments: object, authority: Path, base: str) -> None:
        self.authority, self.base = authority, base
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._page()
        elif path == CERTIFICATE:
            der = x509.load_pem_x509_certificate(self.authority.read_bytes()).public_bytes(Encoding.DER)
            self._answer(der, "application/x-x509-ca-cert")
        else:
            self.send_response(302)
            # The request line may hold anything; a path begins with one slash, or it names another host.
            self.send_header("Location", f"{self.base}/{path.lstrip('/')}" if path.isascii() else self.base)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _page(self) -> None:
        told = {
            "certificate": CERTIFICATE,
            "address": f"{self.base}/",
            "fingerprint": authority.fingerprint(self.authority),
        }
        page = string.Template(PAGE.read_text()).substitute({name: html.escape(value) for name, value in told.items()})
        self._answer(page.encode(), "text/html; charset=utf-8")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for what went wrong."""
