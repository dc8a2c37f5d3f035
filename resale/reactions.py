"""What selling does when something is said elsewhere."""

from __future__ import annotations

from datetime import datetime

from resale.services import pools
from revlog.accounts.actors import system
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from triage import facts as triage_facts


@outbox.on(triage_facts.Graded, triage_facts.Disposed)
def pool(entry: Entry, *, at: datetime) -> None:
    """A unit that was sent to be sold joins its pool, if it still is for sale when its turn comes."""
    if entry.payload.get("state_to") != State.TO_SELL:
        return
    unit = Device.objects.get(pk=entry.chain_id)
    if unit.state == State.TO_SELL:
        pools.enter(unit=unit, by=system("resale"), at=at)
