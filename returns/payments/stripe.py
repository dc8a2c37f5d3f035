"""Stripe, by its documented HTTP interface (https://docs.stripe.com/api): refunds of card payments, and Checkout pages for charges.

* A refund needs the payment that it gives back: the order's ``payment`` (``pi_...`` or ``ch_...``). It is sent under our key as
  ``Idempotency-Key`` and in its metadata; since Stripe forgets keys after a day, ``find`` looks among the refunds of that payment.
* A charge is a Checkout Session. It lapses after a day, so ``ask`` makes the next one when the last can't be paid any more.
* A card hold lapses after seven days, and a deposit stands for weeks: so a deposit is taken, and given back by a refund. ``held`` is
  therefore a deposit of which nothing was given back yet.

What can't be reached, or answers that it is busy, raises OSError: the worker comes again. What Stripe refuses for good is `Declined`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from returns.models import CheckoutSession
from returns.payments import Asked, Declined, Payment
from revlog.common import money, outside
from revlog.common.outside import Unreachable

BY_HAND = False
SECONDS = 20.0
TOLERANCE = timedelta(minutes=5)
"""How old a signed webhook may be (docs.stripe.com/webhooks)."""
MOST_BYTES = 1_000_000
PENDING = frozenset({"pending", "requires_action", "succeeded"})
"""Of a refund: it is made, whether or not the bank has it yet. A later failure comes by webhook."""


# HTTP -------------------------------------------------------------------------------------------------------------------------------


def _call(method: str, path: str, form: Mapping[str, str] | None = None, *, key: str = "") -> dict[str, Any]:
    if not settings.STRIPE_KEY:
        raise Unreachable("REVLOG_STRIPE_KEY is not set.")
    url = f"{settings.STRIPE_URL}/v1/{path}"
    data = None
    if method == "GET" and form:
        url += "?" + urllib.parse.urlencode(form)
    elif form is not None:
        data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data, method=method)  # noqa: S310 - the address is the operator's setting
    if key:
        request.add_header("Idempotency-Key", key)
    return outside.ask(
        "Stripe", request, user=settings.STRIPE_KEY, seconds=SECONDS, most_bytes=MOST_BYTES, refusal=_refusal
    )


def _refusal(status: int, told: dict[str, Any]) -> Exception | None:
    """400, 402 and 404 say no for good; 401 and 403 are ours to put right, 409, 429 and 5xx pass: all these are tried again."""
    if status not in {400, 402, 404}:
        return None
    return Declined(str(told.get("message") or f"Stripe answered {status}."), code=str(told.get("code") or status))


def _minor(amount: Decimal, currency: str) -> int:
    """What Stripe counts in: the currency's smallest unit."""
    return int((amount / money.quantum(currency)).to_integral_value())


def _amount(minor: object, currency: str) -> Decimal:
    return int(str(minor)) * money.quantum(currency)


# Money to customers -----------------------------------------------------------------------------------------------------------------


def find(key: str, *, source: str = "") -> Payment | None:
    return next((_payment(row) for row in _refunds(source) if row.get("metadata", {}).get("revlog") == key), None)


def pay(*, key: str, amount: Decimal, currency: str, subject: str, source: str = "", at: datetime) -> Payment:
    """Raises Declined when Stripe won't give it back this way (given back already, say, or too old)."""
    if not source:
        raise Declined("The order doesn't say by which card payment it was paid.", code="no_source")
    form = {
        **_of(source),
        "amount": str(_minor(amount, currency)),
        "metadata[revlog]": key,
        "metadata[subject]": subject,
    }
    return _payment(_call("POST", "refunds", form, key=key))


def refund_failed(reference: str) -> str | None:
    """Why a refund that was made did not arrive after all; None when it did, or still may."""
    row = _call("GET", f"refunds/{urllib.parse.quote(reference, safe='')}")
    return None if row.get("status") in PENDING else str(row.get("failure_reason") or row.get("status"))


def _of(source: str) -> dict[str, str]:
    return {"payment_intent" if source.startswith("pi_") else "charge": source}


def _refunds(source: str) -> list[dict[str, Any]]:
    """Every refund of a payment, page by page."""
    if not source:
        return []
    found: list[dict[str, Any]] = []
    form = {**_of(source), "limit": "100"}
    while True:
        page = _call("GET", "refunds", form)
        rows: list[dict[str, Any]] = page.get("data", [])
        found += rows
        if not page.get("has_more") or not rows:
            return found
        form["starting_after"] = str(rows[-1]["id"])


def _payment(row: Mapping[str, Any]) -> Payment:
    currency = str(row["currency"]).upper()
    if row.get("status") not in PENDING:
        raise Declined(f"The refund {row['id']} {row.get('status')}.", code=str(row.get("failure_reason") or "failed"))
    return Payment(str(row["id"]), _amount(row["amount"], currency), currency)


# Money from customers ---------------------------------------------------------------------------------------------------------------


def state(key: str) -> Asked | None:
    """What became of the page that we asked by. A lapsed one is ``asked`` without an address: ``ask`` makes the next."""
    row = CheckoutSession.objects.filter(key=key).order_by("-number").first()
    if row is None:
        return None
    session = _call("GET", f"checkout/sessions/{row.session}", {"expand[]": "payment_intent"})
    return _told(row, session)


def ask(*, key: str, amount: Decimal, currency: str, subject: str, hold: bool, at: datetime) -> Asked:
    last = CheckoutSession.objects.filter(key=key).order_by("-number").first()
    if last is not None:
        now = state(key)
        if now is not None and (now.status != "asked" or now.url):
            return now
    number = last.number + 1 if last else 1
    # Back to the return, which is what the payment is called.
    back = f"{settings.BASE_URL or 'http://localhost:8000'}/return/{urllib.parse.quote(subject)}/"
    form = {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": currency.lower(),
        "line_items[0][price_data][unit_amount]": str(_minor(amount, currency)),
        "line_items[0][price_data][product_data][name]": subject,
        "client_reference_id": key,
        "metadata[revlog]": key,
        "payment_intent_data[metadata][revlog]": key,
        "success_url": back,
        "cancel_url": back,
    }
    # The key holds the number: whoever dies between the answer and our row asks for the same page again.
    session = _call("POST", "checkout/sessions", form, key=f"{key}:{number}")
    row, _made = CheckoutSession.objects.get_or_create(
        key=key,
        number=number,
        defaults={
            "session": str(session["id"]),
            "url": str(session.get("url") or ""),
            "amount": amount,
            "currency": currency,
            "subject": subject[:60],
            "hold": hold,
            "made_at": at,
        },
    )
    return _told(row, session)


def capture(*, key: str, amount: Decimal, at: datetime) -> Asked:
    """Keep so much of a deposit; the rest goes back."""
    row, now = _paid(key)
    if now.status == "held" and amount < row.amount:
        _give_back(row, now.reference, row.amount - amount)
    return Asked(now.reference, "paid", row.amount, row.currency, taken=amount)


def release(*, key: str, at: datetime) -> Asked | None:
    """Give all of it back, or close the page on which nobody has paid."""
    row = CheckoutSession.objects.filter(key=key).order_by("-number").first()
    if row is None:
        return None
    now = state(key)
    if now is None:
        return None
    if now.status == "asked":
        if now.url:
            try:
                _call("POST", f"checkout/sessions/{row.session}/expire", {})
            except Declined:
                # Somebody paid while we were closing it: then it is to be given back.
                return release(key=key, at=at) if (state(key) or now).status != "asked" else None
        return Asked(now.reference, "released", row.amount, row.currency)
    if now.status in {"held", "paid"}:
        _give_back(row, now.reference, row.amount)
    return Asked(now.reference, "released", row.amount, row.currency)


def _paid(key: str) -> tuple[CheckoutSession, Asked]:
    row = CheckoutSession.objects.filter(key=key).order_by("-number").first()
    now = state(key)
    if row is None or now is None or now.status not in {"held", "paid"}:
        raise ValueError(f"Nothing was paid for {key}.")
    return row, now


def _give_back(row: CheckoutSession, intent: str, amount: Decimal) -> None:
    key = f"{row.key}:back"
    if any(one.get("metadata", {}).get("revlog") == key for one in _refunds(intent)):
        return
    form = {"payment_intent": intent, "amount": str(_minor(amount, row.currency)), "metadata[revlog]": key}
    _call("POST", "refunds", form, key=key)


def _told(row: CheckoutSession, session: Mapping[str, Any]) -> Asked:
    intent = session.get("payment_intent")
    intent = intent if isinstance(intent, Mapping) else {}
    status = str(session.get("status"))
    if intent.get("status") == "succeeded":
        reference = str(intent["id"])
        currency = str(intent.get("currency", row.currency)).upper()
        came = _amount(intent["amount_received"], currency)
        gone = sum((_amount(one["amount"], currency) for one in _refunds(reference) if _is_ours(one, row)), Decimal(0))
        if gone >= came:
            return Asked(reference, "released", came, currency)
        stands = "held" if row.hold and not gone else "paid"
        return Asked(reference, stands, came, currency, taken=Decimal(0) if stands == "held" else came - gone)
    if intent.get("status") == "canceled":
        return Asked(str(session["id"]), "failed", row.amount, row.currency)
    url = str(session.get("url") or "") if status == "open" else ""
    return Asked(str(session["id"]), "asked", row.amount, row.currency, url=url)


def _is_ours(refund: Mapping[str, Any], row: CheckoutSession) -> bool:
    return refund.get("status") in PENDING and refund.get("metadata", {}).get("revlog") == f"{row.key}:back"


# Webhooks ---------------------------------------------------------------------------------------------------------------------------


class BadSignature(ValueError):
    """Not sent by Stripe, or too long ago."""


@dataclass(frozen=True)
class Event:
    """What a webhook is about: our key where the object bears it, and what kind of object it is. Nothing else of it is believed."""

    kind: str
    object: str
    key: str
    reference: str


def read_event(body: bytes, header: str, *, secret: str, at: datetime) -> Event:
    """Check the signature (``t=<seconds>,v1=<hex>`` over ``<seconds>.<body>``) and read the event. Raises BadSignature."""
    parts = [part.partition("=") for part in header.split(",")]
    told = next((value for name, _mark, value in parts if name.strip() == "t"), "")
    given = [value.strip() for name, _mark, value in parts if name.strip() == "v1"]
    if not secret or not told.isascii() or not told.isdigit() or len(told) > 12:
        raise BadSignature("The signature has no time.")
    if abs(at - datetime.fromtimestamp(int(told), UTC)) > TOLERANCE:
        raise BadSignature("The signature is too old.")
    expected = hmac.new(secret.encode(), told.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise BadSignature("The signature is another one.")
    try:
        event = json.loads(body)
        thing = event["data"]["object"]
        metadata = thing.get("metadata") or {}
        return Event(
            str(event["type"]), str(thing.get("object", "")), str(metadata.get("revlog", "")), str(thing.get("id", ""))
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSignature("It is signed, and no event.") from error
