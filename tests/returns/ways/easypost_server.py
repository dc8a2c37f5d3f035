"""A server on loopback that speaks the part of EasyPost's HTTP interface that we use: shipments by id or reference, buying, forms,
refunds, trackers, signed events; with its refusals and its silences. Tests say what goes wrong by ``trouble``."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import unicodedata
import urllib.parse
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

KEY = "EZTK-loopback"
PDF = b"%PDF-1.4 a carrier's label"
PNG = b"\x89PNG\r\n\x1a\n a carrier's code"
Answer = tuple[int, Any]


@dataclass
class EasyPost:
    port: int = 0
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)
    trackers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: str = ""
    """busy: 503; many: 429; deaf: does it and never answers in time; locked: 401; no_code: no form; keeps: no refund."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def scan(self, tracking: str, status: str, at: str, expected: str | None = None) -> dict[str, Any]:
        """The carrier says something of a parcel."""
        row = self.trackers[tracking]
        row["status"], row["est_delivery_date"] = status, expected or row["est_delivery_date"]
        row["tracking_details"].append({"status": status, "datetime": at, "message": status.upper()})
        return row

    def event(self, tracker: dict[str, Any], *, secret: str) -> tuple[bytes, str]:
        body = json.dumps(
            {"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": tracker}
        ).encode()
        key = unicodedata.normalize("NFKD", secret).encode()
        return body, "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()

    # What is answered ----------------------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: str, told: dict[str, Any]) -> Answer:
        parts = path.removeprefix("/v2/").split("/")
        if method == "POST" and parts == ["shipments"]:
            return self._make(told["shipment"])
        if method == "GET" and parts == ["trackers"]:
            tracking = urllib.parse.parse_qs(query)["tracking_code"][0]
            return 200, {"trackers": [one for one in [self.trackers.get(tracking)] if one], "has_more": False}
        if parts[0] != "shipments":
            return _no(404, "NOT_FOUND", "The requested resource could not be found.")
        found = self.shipments.get(parts[1]) or next(
            (one for one in self.shipments.values() if one["reference"] == parts[1]), None
        )
        if found is None:
            return _no(404, "NOT_FOUND", "The requested resource could not be found.")
        if method == "GET":
            return 200, found
        return {"buy": self._buy, "forms": self._form, "refund": self._refund}[parts[2]](found, told)

    def _make(self, told: dict[str, Any]) -> Answer:
        if told["to_address"].get("zip") == "0000 ZZ":
            errors = [{"field": "zip", "message": "Unknown postal code.", "suggestion": None}]
            return _no(422, "ADDRESS.VERIFY.FAILURE", "Unable to verify address.", errors)
        name = f"shp_{len(self.shipments) + 1:04}"
        rates = [("DHLParcel", "Return", "6.40"), ("PostNL", "Return", "5.10"), ("PostNL", "Express", "9.90")]
        self.shipments[name] = {
            **told, "id": name, "object": "Shipment", "postage_label": None, "tracking_code": None, "tracker": None,
            "selected_rate": None, "refund_status": None, "forms": [], "messages": [],
            "rates": [
                {"id": f"rate_{name}_{place}", "carrier": carrier, "service": service, "rate": rate, "currency": "EUR"}
                for place, (carrier, service, rate) in enumerate(rates)
            ],
        }  # fmt: skip
        return 201, self.shipments[name]

    def _buy(self, found: dict[str, Any], told: dict[str, Any]) -> Answer:
        if found["postage_label"] is not None:
            return _no(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
        tracking = f"3SEZ{len(self.trackers) + 1:09}"
        self.trackers[tracking] = {
            "id": f"trk_{len(self.trackers)}", "object": "Tracker", "tracking_code": tracking, "status": "pre_transit",
            "shipment_id": found["id"], "est_delivery_date": None, "tracking_details": [], "updated_at": None,
        }  # fmt: skip
        found |= {
            "selected_rate": next(one for one in found["rates"] if one["id"] == told["rate"]["id"]),
            "postage_label": {"label_url": f"{self.url}/label.pdf"},
            "tracking_code": tracking,
            "tracker": self.trackers[tracking],
        }
        return 200, found

    def _form(self, found: dict[str, Any], told: dict[str, Any]) -> Answer:
        if self.trouble == "no_code":
            return _no(422, "FORM.NOT_SUPPORTED", "This carrier has no such form.")
        found["forms"].append({"form_type": told["form"]["type"], "form_url": f"{self.url}/code.png"})
        return 200, found

    def _refund(self, found: dict[str, Any], told: dict[str, Any]) -> Answer:
        if self.trouble == "keeps":
            return _no(422, "SHIPMENT.REFUND.UNAVAILABLE", "The label was scanned.")
        found["refund_status"] = "submitted"
        return 200, found


def _no(status: int, code: str, message: str, errors: list[dict[str, Any]] | None = None) -> Answer:
    return status, {"error": {"code": code, "message": message, "errors": errors or []}}


@contextmanager
def serving() -> Iterator[EasyPost]:
    easypost = EasyPost()

    class Handler(BaseHTTPRequestHandler):
        @override
        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

        def do_GET(self) -> None:
            path, _mark, query = self.path.partition("?")
            if path in {"/label.pdf", "/code.png"}:
                pdf = path == "/label.pdf"
                return self._send(200, PDF if pdf else PNG, "application/pdf" if pdf else "image/png")
            return self._do("GET", path, query, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._do("POST", self.path, "", json.loads(body) if body else {})

        def _do(self, method: str, path: str, query: str, told: dict[str, Any]) -> None:
            with easypost.lock:
                status, shown = self._answered(method, path, query, told)
            if easypost.trouble == "deaf" and method == "POST":
                time.sleep(0.4)
                self.close_connection = True
                return
            self._send(status, json.dumps(shown).encode(), "application/json")

        def _send(self, status: int, data: bytes, media: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _answered(self, method: str, path: str, query: str, told: dict[str, Any]) -> Answer:
            easypost.asked.append(f"{method} {path}")
            word = self.headers.get("Authorization", "").removeprefix("Basic ")
            if b64decode(word or "Og==").decode() != f"{KEY}:" or easypost.trouble == "locked":
                return _no(401, "APIKEY.INACTIVE", "This api key is no longer active.")
            if easypost.trouble == "busy":
                return 503, {}
            if easypost.trouble == "many":
                return _no(429, "RATE_LIMITED", "Too many requests.")
            return easypost.answer(method, path, query, told)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    easypost.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield easypost
    server.shutdown()
    server.server_close()
