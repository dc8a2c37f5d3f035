"""EasyPost, by its documented HTTP interface (https://docs.easypost.com): return labels, codes for a label that a counter prints, tracking.

* A shipment is made with the addresses and the parcel, under our key as its ``reference``, and then bought at one of its rates. EasyPost
  has no idempotency key: so ``find`` looks the reference up, and a shipment that is there is bought, never made again.
* A return is made with ``is_return``: then EasyPost swaps the two addresses, which are given as they were on the way out.
* Events come signed (``X-Hmac-Signature``), and are believed only so far that the tracker is asked what is so.

The account of a carrier may say ``carrier`` and ``service`` (which rate is bought, else the cheapest), ``carrier_accounts`` and
``grams`` (what a parcel is taken to weigh). Only carriers that print labels at their counters give a code.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from revlog.common import outside
from revlog.common.outside import Unreachable
from revlog.logistics.carriers import Booking, Party, Refused, Scan, Wanted

AT_ONCE = False
SECONDS = 20.0
MOST_BYTES = 4_000_000
NO_CODE = (b"", "image/png")
OUNCE = Decimal("28.349523125")
NOT_THERE = frozenset({"NOT_FOUND", "404", "SHIPMENT.NOT_FOUND"})
GIVEN_BACK = frozenset({"submitted", "refunded", "not_applicable"})
STATUSES: Mapping[str, str] = {
    "unknown": "announced",
    "pre_transit": "announced",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "waiting",
    "delivered": "delivered",
    "return_to_sender": "going_back",
    "failure": "trouble",
    "cancelled": "trouble",
    "error": "trouble",
}


# HTTP -------------------------------------------------------------------------------------------------------------------------------


def _call(method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    if not settings.EASYPOST_KEY:
        raise Unreachable("REVLOG_EASYPOST_KEY is not set.")
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{settings.EASYPOST_URL}/v2/{path}", data, method=method)  # noqa: S310 - the operator's setting
    request.add_header("Content-Type", "application/json")
    return outside.ask(
        "EasyPost", request, user=settings.EASYPOST_KEY, seconds=SECONDS, most_bytes=MOST_BYTES, refusal=_refusal
    )


def _refusal(status: int, told: dict[str, Any]) -> Exception | None:
    """400, 404 and 422 say no for good. A key that doesn't hold and an account without money (401, 402, 403) are ours to put right, and
    429 and 5xx pass: all these are tried again."""
    if status not in {400, 404, 422}:
        return None
    fields = [one.get("message", "") if isinstance(one, dict) else str(one) for one in told.get("errors") or []]
    sentence = " ".join(str(part) for part in [told.get("message", ""), *fields] if part)
    return Refused(sentence or f"EasyPost answered {status}.", code=str(told.get("code") or status))


def _bytes(url: str) -> tuple[bytes, str]:
    """What stands at an address that EasyPost gave: a label, or the picture of a code."""
    if not url.startswith(("https://", f"{settings.EASYPOST_URL}/")):
        raise Unreachable("EasyPost gave an address that isn't https.")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - checked above
            return answer.read(MOST_BYTES), str(answer.headers.get_content_type())
    except (TimeoutError, http.client.HTTPException, urllib.error.URLError, ConnectionError) as error:
        raise Unreachable(f"The label can't be fetched: {error}") from error


# Booking ----------------------------------------------------------------------------------------------------------------------------


def book(
    *, key: str, direction: str, account: Mapping[str, object], wanted: Wanted | None = None, at: datetime
) -> Booking:
    """Make a shipment and buy it. Raises Refused when the address won't do, or nobody carries it."""
    if wanted is None:
        raise ValueError("EasyPost has to be told who sends it, and where to.")
    back = wanted.direction == "inbound"
    there, here = (wanted.sender, wanted.receiver) if back else (wanted.receiver, wanted.sender)
    shipment: dict[str, object] = {
        "reference": key,
        "to_address": _address(there),
        "from_address": _address(here),
        "parcel": {"weight": float(round(Decimal(wanted.grams) / OUNCE, 1))},
        "is_return": back,
        "options": {"label_format": "PDF"},
    }
    if account.get("carrier_accounts"):
        shipment["carrier_accounts"] = account["carrier_accounts"]
    made = _call("POST", "shipments", {"shipment": shipment})
    return _bought(made, account, label_free=wanted.label_free)


def find(*, key: str, account: Mapping[str, object], label_free: bool = False) -> Booking | None:
    """The shipment of this key, bought if it wasn't yet; None when there is none."""
    try:
        found = _call("GET", f"shipments/{urllib.parse.quote(key, safe='')}")
    except Refused as refusal:
        if refusal.code in NOT_THERE:
            return None
        raise
    return _bought(found, account, label_free=label_free)


def _bought(shipment: dict[str, Any], account: Mapping[str, object], *, label_free: bool) -> Booking:
    if not shipment.get("postage_label"):
        rate = _rate(shipment, account)
        shipment = _call("POST", f"shipments/{shipment['id']}/buy", {"rate": {"id": rate["id"]}})
    chosen = shipment.get("selected_rate") or {}
    label, media = _bytes(str(shipment["postage_label"].get("label_pdf_url") or shipment["postage_label"]["label_url"]))
    code, code_media = _code(shipment) if label_free else NO_CODE
    tracker = shipment.get("tracker") or {}
    return Booking(
        tracking=str(shipment["tracking_code"]),
        service=" ".join(str(chosen[name]) for name in ("carrier", "service") if chosen.get(name))[:80],
        reference=str(shipment["id"]),
        price=_amount(chosen.get("rate")),
        currency=str(chosen.get("currency") or "")[:3],
        label=label,
        label_type=media,
        code=code,
        code_type=code_media,
        expected_on=_day(tracker.get("est_delivery_date")),
    )


def _rate(shipment: Mapping[str, Any], account: Mapping[str, object]) -> Mapping[str, Any]:
    """The rate that the account names, else the cheapest of those that it leaves."""
    rates = [
        one
        for one in shipment.get("rates") or []
        if all(not account.get(name) or one.get(name) == account[name] for name in ("carrier", "service"))
    ]
    if not rates:
        said = "; ".join(str(one.get("message", "")) for one in shipment.get("messages") or [])
        raise Refused(said or "No carrier offers to take it.", code="no_rate")
    return min(rates, key=lambda one: _amount(one.get("rate")) or Decimal(0))


def _code(shipment: Mapping[str, Any]) -> tuple[bytes, str]:
    """The code that a counter prints the label from: a form of the shipment, made once. None is no refusal: it is bought by now, and its
    label can be printed."""

    def form(told: Mapping[str, Any]) -> str:
        forms = told.get("forms") or []
        return next((str(one["form_url"]) for one in forms if one.get("form_type") == "label_qr_code"), "")

    url = form(shipment)
    if not url:
        try:
            url = form(_call("POST", f"shipments/{shipment['id']}/forms", {"form": {"type": "label_qr_code"}}))
        except Refused:
            return NO_CODE
    return _bytes(url) if url else NO_CODE


def cancel(*, reference: str, account: Mapping[str, object]) -> bool:
    """Ask the postage back, by their name of it or by our key: what was bought may not have been heard. True when nothing was bought, or
    it was asked back before. False when the carrier won't give it, since the parcel was scanned."""
    try:
        found = _call("GET", f"shipments/{urllib.parse.quote(reference, safe='')}")
    except Refused as refusal:
        return refusal.code in NOT_THERE
    if not found.get("postage_label") or found.get("refund_status") in GIVEN_BACK:
        return True
    try:
        told = _call("POST", f"shipments/{found['id']}/refund")
    except Refused:
        return False
    return told.get("refund_status") in GIVEN_BACK


def _address(party: Party) -> dict[str, str]:
    lines = [line for line in party.lines if line]
    told = {
        "name": party.name,
        "street1": lines[0] if lines else "",
        "street2": lines[1] if len(lines) > 1 else "",
        "zip": party.postcode,
        "city": party.city,
        "country": party.country,
        "phone": party.phone,
        "email": party.email,
    }
    return {name: value for name, value in told.items() if value}


def _amount(told: object) -> Decimal | None:
    try:
        return Decimal(str(told)) if told else None
    except InvalidOperation:
        return None


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(str(told)[:10]) if told else None
    except ValueError:
        return None


# Tracking ---------------------------------------------------------------------------------------------------------------------------


def track(*, tracking: str, account: Mapping[str, object]) -> Sequence[Scan]:
    """All that is said of a parcel, oldest first."""
    told = _call("GET", "trackers?" + urllib.parse.urlencode({"tracking_code": tracking, "page_size": "1"}))
    rows = told.get("trackers") or []
    return scans(rows[0]) if rows else ()


def scans(tracker: Mapping[str, Any]) -> list[Scan]:
    tracking, expected = str(tracker["tracking_code"]), _day(tracker.get("est_delivery_date"))
    reference = str(tracker.get("shipment_id") or "")
    rows = tracker.get("tracking_details") or [
        {"status": tracker.get("status"), "datetime": tracker.get("updated_at"), "message": ""}
    ]
    found = [
        Scan(
            tracking=tracking,
            status=STATUSES.get(str(one.get("status")), "announced"),
            at=_moment(one.get("datetime")),
            reference=reference,
            words=str(one.get("message") or "")[:200],
            expected_on=expected,
        )
        for one in rows
        if one.get("datetime")
    ]
    return sorted(found, key=lambda one: one.at)


def _moment(told: object) -> datetime:
    return datetime.fromisoformat(str(told))


# Events -----------------------------------------------------------------------------------------------------------------------------


class BadSignature(Exception):
    """Somebody else sent it, or it was changed on its way."""


@dataclass(frozen=True)
class Event:
    """What an event is about. It is a reason to ask, never the answer."""

    id: str
    kind: str
    tracking: str


def read_event(body: bytes, signature: str, *, secret: str) -> Event:
    """Raises BadSignature for what was not signed with our secret."""
    if not secret:
        raise BadSignature("No webhook secret is set.")
    key = unicodedata.normalize("NFKD", secret).encode()
    mine = "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mine.encode(), signature.strip().encode("utf-8", "replace")):
        raise BadSignature("The signature isn't of our secret.")
    try:
        told = json.loads(body)
        result = told.get("result") or {}
        return Event(str(told.get("id", "")), str(told.get("description", "")), str(result.get("tracking_code", "")))
    except (ValueError, AttributeError) as error:
        raise BadSignature("It is no event.") from error
