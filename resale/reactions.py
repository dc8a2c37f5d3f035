"""What selling does when something is said elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from itad import facts as itad_facts
from resale import facts
from resale.services import pools, slips
from returns.facts import UnsoldSentOn
from revlog.accounts.actors import system
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.evidence.services import documents
from triage import facts as triage_facts

CLEARING = (
    itad_facts.UnitCleared,
    itad_facts.SanitizationVerified,
    itad_facts.MediumDestroyed,
)
"""What ITAD may send a unit on with, once its data is gone."""


@outbox.on(triage_facts.Graded, triage_facts.Disposed, UnsoldSentOn, *CLEARING)
def pool(entry: Entry, *, at: datetime) -> None:
    """A unit that was sent to be sold joins its pool, if it still is for sale when its turn comes."""
    if entry.payload.get("state_to") != State.TO_SELL:
        return
    unit = Device.objects.get(pk=entry.chain_id)
    if unit.state == State.TO_SELL:
        pools.enter(unit=unit, by=system("resale"), at=at)


@outbox.on(facts.Packed, queue="documents", slow=True)
def issue_packing_slip(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """A packed order gets its packing slip."""
    draft = slips.prepare(entry, at=at)
    return lambda: documents.finish(draft)
