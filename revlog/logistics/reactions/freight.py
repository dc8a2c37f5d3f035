"""What follows for the cost of carriage when goods change hands, are weighed, or don't travel after all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.logistics import facts
from revlog.logistics.facts import claims
from revlog.logistics.models import CarrierClaim
from revlog.logistics.services.freight import accruing, letters


@outbox.on(facts.Released, facts.AcceptedByTaker)
def expect_carriage(entry: Entry, *, at: datetime) -> None:
    """Goods that change hands are in their carrier's, or were: its price stands in the book, once."""
    accruing.expect(entry.chain_id, at=at)


@outbox.on(facts.ParcelWeighed, facts.ParcelAdded, facts.ShipmentCancelled)
def correct_carriage(entry: Entry, *, at: datetime) -> None:
    """Other weights, more parcels or none: what is expected and not billed yet is reckoned anew."""
    accruing.correct(entry.chain_id, cause=entry.digest, at=at)


@outbox.on(claims.CarrierClaimFiled, queue="documents", slow=True)
def issue_claim_letter(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """A claim that was filed gets its letter."""
    claim = CarrierClaim.objects.select_related("hub").get(pk=entry.chain_id)
    draft = letters.prepare(entry, at=at)
    return lambda: letters.issue(claim, draft, at=at)
