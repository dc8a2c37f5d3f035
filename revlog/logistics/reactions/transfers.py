"""What follows when a shipment of a transfer leaves, and when it is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.logistics import mails
from revlog.logistics.facts import transfers as facts
from revlog.logistics.services.transfers import papers


@outbox.on(facts.TransferReleased, queue="documents", slow=True)
def issue_handover_paper(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """What left gets its handover paper; what comes back from another organization left with that one's, unless it signed here."""
    made = papers.of(entry)
    if made.transfer.giver_id is not None and made.signature is None:
        return lambda: None
    draft = papers.prepare(entry, at=at)
    return lambda: papers.issue(made, draft)


@outbox.on(facts.TransferTakenIn, queue="documents", slow=True)
def issue_receipt(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """What was taken in gets its handover paper with both signatures, where anything of it came."""
    made, draft = papers.of(entry), papers.prepare(entry, at=at)
    return lambda: papers.issue(made, draft, taken_in=True)


@outbox.on(facts.LegOverdue, queue="outside")
def tell_leads_of_late_transfer(entry: Entry, *, at: datetime) -> None:
    """The leads of both sites hear that a shipment is late."""
    mails.late(entry)
