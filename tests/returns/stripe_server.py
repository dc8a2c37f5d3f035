"""A server on loopback that speaks the part of Stripe's HTTP interface that we use, with its refusals, its delays and its memory of keys.

It keeps what a real one keeps: an idempotency key gives the same answer again (and refuses another body), a payment can't be given back
twice, a session lapses, and refunds are listed by payment. Tests say what goes wrong by ``trouble``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.parse
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

KEY = "sk_test_loopback"


@dataclass
class Stripe:
    port: int = 0
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: str = ""
    """busy: 500 without doing it; deaf: does it and never answers in time; declined: 402; locked: 401."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def payment(self, amount: int, currency: str = "eur", name: str = "") -> str:
        """A card payment that came in at the shop."""
        name = name or f"pi_{len(self.payments) + 1:04}"
        self.payments[name] = {
            "id": name, "object": "payment_intent", "status": "succeeded", "amount": amount, "amount_received": amount,
            "currency": currency, "metadata": {},
        }  # fmt: skip
        return name

    def customer_pays(self, session: str) -> str:
        row = self.sessions[session]
        assert row["status"] == "open", row
        name = self.payment(row["amount_total"], row["currency"])
        self.payments[name]["metadata"] = row["metadata"]
        row["status"], row["payment_intent"], row["payment_status"], row["url"] = "complete", name, "paid", None
        return name

    def lapse(self, session: str) -> None:
        self.sessions[session] |= {"status": "expired", "url": None}

    def event(self, kind: str, thing: dict[str, Any], *, secret: str, at: float | None = None) -> tuple[bytes, str]:
        body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": thing}}).encode()
        told = str(int(at if at is not None else time.time()))
        digest = hmac.new(secret.encode(), told.encode() + b"." + body, hashlib.sha256).hexdigest()
        return body, f"t={told},v1={digest}"

    # What is answered ----------------------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        parts = path.removeprefix("/v1/").split("/")
        if method == "POST" and parts == ["refunds"]:
            return self._refund(form)
        if method == "GET" and parts == ["refunds"]:
            source = form.get("payment_intent") or form.get("charge")
            rows = [row for row in reversed(self.refunds) if row["payment_intent"] == source]
            after = form.get("starting_after")
            if after:
                rows = rows[[row["id"] for row in rows].index(after) + 1 :]
            most = int(form.get("limit", "10"))
            return 200, {"object": "list", "data": rows[:most], "has_more": len(rows) > most}
        if method == "GET" and parts[0] == "refunds":
            found = next((row for row in self.refunds if row["id"] == parts[1]), None)
            return (200, found) if found else _no(404, "resource_missing", "No such refund.")
        if parts[:2] == ["checkout", "sessions"]:
            return self._session(method, parts[2:], form)
        return _no(404, "unknown", f"Unrecognized request URL ({method}: {path}).")

    def _refund(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        source = self.payments.get(form.get("payment_intent") or form.get("charge", ""))
        if source is None:
            return _no(404, "resource_missing", "No such payment_intent.")
        amount = int(form["amount"])
        gone = sum(row["amount"] for row in self.refunds if row["payment_intent"] == source["id"])
        if gone + amount > source["amount"]:
            return _no(400, "charge_already_refunded", "The amount is greater than what is left of the charge.")
        row = {
            "id": f"re_{len(self.refunds) + 1:04}", "object": "refund", "amount": amount, "currency": source["currency"],
            "payment_intent": source["id"], "status": "pending" if self.trouble == "slow" else "succeeded",
            "metadata": _metadata(form),
        }  # fmt: skip
        self.refunds.append(row)
        return 200, row

    def _session(self, method: str, rest: list[str], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if method == "POST" and not rest:
            name = f"cs_{len(self.sessions) + 1:04}"
            self.sessions[name] = {
                "id": name, "object": "checkout.session", "status": "open", "payment_status": "unpaid",
                "payment_intent": None, "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
                "currency": form["line_items[0][price_data][currency]"], "url": f"{self.url}/pay/{name}",
                "metadata": _metadata(form),
            }  # fmt: skip
            return 200, self.sessions[name]
        row = self.sessions.get(rest[0])
        if row is None:
            return _no(404, "resource_missing", "No such checkout.session.")
        if method == "POST" and rest[1:] == ["expire"]:
            if row["status"] != "open":
                return _no(400, "invalid", "Only Checkout Sessions with a status in open can be expired.")
            self.lapse(rest[0])
        shown = dict(row)
        if "expand[]" in form and row["payment_intent"]:
            shown["payment_intent"] = self.payments[row["payment_intent"]]
        return 200, shown


def _metadata(form: dict[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}


def _no(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, "type": "invalid_request_error"}}


@contextmanager
def serving() -> Iterator[Stripe]:
    stripe = Stripe()

    class Handler(BaseHTTPRequestHandler):
        @override
        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

        def do_GET(self) -> None:
            path, _mark, query = self.path.partition("?")
            self._do("GET", path, query)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._do("POST", self.path, body)

        def _do(self, method: str, path: str, told: str) -> None:
            form = dict(urllib.parse.parse_qsl(told))
            with stripe.lock:
                status, shown = self._answered(method, path, told, form)
            if stripe.trouble == "deaf" and method == "POST":
                time.sleep(0.6)
                self.close_connection = True
                return
            data = json.dumps(shown).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _answered(self, method: str, path: str, told: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
            stripe.asked.append(f"{method} {path}")
            word = self.headers.get("Authorization", "").removeprefix("Basic ")
            if b64decode(word or "Og==").decode() != f"{KEY}:" or stripe.trouble == "locked":
                return _no(401, "unauthorized", "Invalid API Key provided.")
            if stripe.trouble == "busy":
                return _no(500, "api_error", "Something went wrong at our end.")
            if stripe.trouble == "declined" and method == "POST" and path == "/v1/refunds":
                return _no(402, "card_declined", "The card was closed.")
            key = self.headers.get("Idempotency-Key")
            if not key:
                return stripe.answer(method, path, form)
            if key in stripe.keys:
                before, status, shown = stripe.keys[key]
                if before != told:
                    return _no(
                        400,
                        "idempotency_error",
                        "Keys for idempotent requests can only be used with the same parameters.",
                    )
                return status, shown
            status, shown = stripe.answer(method, path, form)
            stripe.keys[key] = (told, status, shown)
            return status, shown

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stripe.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield stripe
    server.shutdown()
    server.server_close()
