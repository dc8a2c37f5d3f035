"""Money about a thing: postings that hang on its chain, never changed, each caused by an entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from revlog.accounts.models import Organization
from revlog.common import ids, money
from revlog.common.errors import BadInput
from revlog.custody.models import Entry
from revlog.devices.models import Device, Posting

BOOKS = frozenset({"ours", "client", "seller"})
ACCOUNTS: Mapping[str, str] = {
    "freight": "carriage",
    "freight_accrued": "carriage expected and not billed",
    "freight_variance": "difference between bill and expected carriage",
    "freight_claim": "paid by a carrier for loss or damage",
    "handling": "handling",
    "labor": "labor",
    "parts": "parts",
    "service": "service fee",
    "refund": "refund",
    "credit": "credit",
    "credit_bonus": "bonus of a credit",
    "breakage": "credit never spent",
    "difference": "price difference",
    "deposit": "deposit kept",
    "purchase": "purchase",
    "purchase_credit": "purchase paid by store credit",
    "sale": "sale",
    "channel_fee": "channel fee",
    "treatment": "treatment",
    "material": "material value",
    "write_off": "write-off",
    "claim": "claim to a supplier",
    "vendor_credit": "credit of a vendor",
    "settlement": "settlement",
    "repair_income": "repair income",
    "packaging": "packaging not brought back",
}


@dataclass(frozen=True)
class Taxed:
    """How a posting is taxed, and the tax in its amount, with the same sign."""

    kind: str
    rate: Decimal | None
    amount: Decimal


def post(
    *,
    entry: Entry,
    account: str,
    amount: Decimal,
    currency: str,
    book: str = "ours",
    device: Device | None = None,
    party: Organization | None = None,
    at: datetime,
    key: str,
    rate: Decimal = Decimal(1),
    taxed: Taxed | None = None,
) -> Posting:
    """Put one line in a book. Positive is income. ``key`` makes it happen once: the same key again gives the line that stands.

    ``taxed`` says what tax is in the amount.
    ``rate`` turns the amount into the install's currency; a foreign currency without one is refused.
    """
    if book not in BOOKS or account not in ACCOUNTS:
        raise BadInput(f"There is no account {account!r} in a book {book!r}.")
    if currency != settings.BASE_CURRENCY and rate == 1:
        raise BadInput(f"An amount in {currency} needs its rate to {settings.BASE_CURRENCY}.")
    row, _made = Posting.objects.get_or_create(
        key=key,
        defaults={
            "id": ids.new(at),
            "chain_id": entry.chain_id,
            "device": device,
            "visit_id": device.visit_id if device else None,
            "book": book,
            "party": party,
            "account": account,
            "amount": money.rounded(amount, currency),
            "currency": currency,
            "base_amount": money.rounded(amount * rate, settings.BASE_CURRENCY),
            "tax": taxed.kind if taxed else "",
            "tax_rate": taxed.rate if taxed else None,
            "base_tax": money.rounded(taxed.amount * rate, settings.BASE_CURRENCY) if taxed else None,
            "entry": entry.digest,
            "occurred_at": at,
            "owner_id": device.owner_id if device else entry.owner_id,
            "hub_id": device.hub_id if device else entry.hub_id,
        },
    )
    return row


def balance(*, chain: uuid.UUID | None = None, device: Device | None = None, book: str = "ours") -> Decimal:
    """The sum of a book over one thing, in the install's currency."""
    rows = Posting.objects.filter(book=book)
    if chain is not None:
        rows = rows.filter(chain_id=chain)
    if device is not None:
        rows = rows.filter(device=device)
    return sum((row.base_amount for row in rows), Decimal(0))
