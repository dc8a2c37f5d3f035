"""What the bench does when something is said elsewhere."""

from __future__ import annotations

from datetime import datetime

from itad import facts as itad_facts
from refurb.services import orders
from returns import facts as returns_facts
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts


@outbox.on(
    returns_facts.ToBeSentBack,
    returns_facts.GivenUp,
    device_facts.SentToTriage,
    device_facts.MediumFound,
    itad_facts.DestructionOrdered,
)
def called_away(entry: Entry, *, at: datetime) -> None:
    """A unit that left the bench by another way leaves no open work order behind, and no part reserved."""
    if entry.payload.get("state_to"):
        orders.cancel_if_gone(unit=entry.chain_id, at=at)
