"""What the bench does when something is said elsewhere."""

from __future__ import annotations

import uuid
from datetime import datetime

from itad import facts as itad_facts
from refurb.services import orders, stopping
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


@outbox.on(returns_facts.PartsRecalled)
def stop_parts(entry: Entry, *, at: datetime) -> None:
    """What a recall names isn't put into anything any more."""
    told = entry.payload
    parts = [uuid.UUID(one.removeprefix("part:")) for one in told["parts"]]
    stopping.stop(parts, recall=uuid.UUID(told["recall"]), number=told["number"], title=told["title"], at=at)


@outbox.on(returns_facts.RecallClosed)
def end_stops(entry: Entry, *, at: datetime) -> None:
    stopping.end_all(uuid.UUID(str(entry.chain_id)), reason=entry.payload["reason"], at=at)
