"""What follows at the dock when something is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.logistics import facts
from revlog.logistics.models import Delivery
from revlog.logistics.services import sheets


@outbox.on(facts.DeliveryEnded, queue="documents", slow=True)
def issue_delivery_sheet(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """A delivery that was scanned off gets its driver's sheet."""
    delivery, draft = Delivery.objects.get(pk=entry.chain_id), sheets.prepare(entry, at=at)
    return lambda: sheets.issue(delivery, draft)


# What follows for the cost of carriage.
import_module("revlog.logistics.reactions.freight")
