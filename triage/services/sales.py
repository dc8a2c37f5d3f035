"""What our own sales teach: each unit that was sold, in its grade and with its battery, is an observation of the market."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from resale.facts import SaleCancelled, SoldTo
from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.terms.services import observing
from triage.models import Grading
from triage.pricing.examples import LOT

NOTER = system("sales")
GRADED = frozenset({"NEW", "A", "B", "C", "D"})


def note(entry: Entry, *, at: datetime) -> None:
    """Note a sale as what such a thing sold for, or take it back. Goods that the catalog doesn't know teach nothing.

    A sale may be heard of after its cancellation; what its chain says counts, so the unit is held until this is written.
    """
    told = entry.payload
    if entry.kind == SaleCancelled.kind:
        observing.take_back(own=_own(entry, told["line"]), at=at)
        return
    device = Device.objects.select_for_update(no_key=True).get(pk=entry.chain_id)
    if entry.kind == SoldTo.kind and _cancelled(entry):
        return
    amount = Decimal(told["price"])
    if device.product_id is None or device.grade not in GRADED or device.tracking != "serialized" or amount <= 0:
        return
    observing.note_sale(
        own=_own(entry, told["line"] if entry.kind == SoldTo.kind else told["lot"]),
        product=device.product_id,
        variant=device.variant_id,
        grade=device.grade,
        channel=told["channel"] if entry.kind == SoldTo.kind else LOT,
        amount=amount,
        currency=told["currency"],
        battery=battery_of(device),
        by=NOTER,
        at=entry.occurred_at,
    )


def _cancelled(sold: Entry) -> bool:
    later = Entry.objects.filter(chain_id=sold.chain_id, kind=SaleCancelled.kind, sequence__gt=sold.sequence)
    return later.filter(payload__line=sold.payload["line"]).exists()


def _own(entry: Entry, sale: str) -> str:
    return f"{entry.chain_id}:{sale}"


def battery_of(device: Device) -> int | None:
    """What its battery holds in percent, as its last grade read it."""
    reasons = Grading.objects.filter(device=device).values_list("reasons", flat=True).first() or []
    share = next((one.get("share") for one in reasons if one.get("code") == "battery_share"), None)
    return min(100, round(float(share) * 100 if float(share) <= 1 else float(share))) if share else None
