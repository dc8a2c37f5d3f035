"""What selling does when something is said elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from itad import facts as itad_facts
from resale import facts
from resale.models import Lot
from resale.services import pools, slips
from resale.services.lots import gathering, manifests
from resale.services.pools import UnableToPool
from returns.facts import UnsoldSentOn
from revlog.accounts.actors import system
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.evidence.services import documents
from revlog.terms import instructions
from triage import facts as triage_facts

CLEARING = (
    itad_facts.UnitCleared,
    itad_facts.SanitizationVerified,
    itad_facts.MediumDestroyed,
)
"""What ITAD may send a unit on with, once its data is gone."""


@outbox.on(triage_facts.Graded, triage_facts.Disposed, UnsoldSentOn, *CLEARING)
def pool(entry: Entry, *, at: datetime) -> None:
    """A unit that was sent to be sold joins its pool, and the lot that gathers such, if it still is for sale when its turn comes.

    One that was decided to be sold in a lot waits for its lot, and one whose contract forbids it stays out: both stand on the page of
    what is for sale and in no pool.
    """
    if entry.payload.get("state_to") != State.TO_SELL:
        return
    unit = Device.objects.get(pk=entry.chain_id)
    if unit.state == State.TO_SELL:
        if not instructions.of_one(unit.pk, at=at).by_lot:
            _enter(unit, at=at)
        gathering.gather_one(unit, by=system("resale"), at=at)


def _enter(unit: Device, *, at: datetime) -> None:
    try:
        pools.enter(unit=unit, by=system("resale"), at=at)
    except UnableToPool as refused:
        if any(reason.code != "contract" for reason in refused.reasons):
            raise


@outbox.on(UnsoldSentOn)
def gather(entry: Entry, *, at: datetime) -> None:
    """What was for sale already and is to be sold in a lot goes into the one that gathers such by itself."""
    unit = Device.objects.get(pk=entry.chain_id)
    if entry.payload["way"] == gathering.LIQUIDATE and unit.state == State.TO_SELL:
        gathering.gather_one(unit, by=system("resale"), at=at)


@outbox.on(facts.Packed, queue="documents", slow=True)
def issue_packing_slip(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """A packed order gets its packing slip."""
    draft = slips.prepare(entry, at=at)
    return lambda: documents.finish(draft)


@outbox.on(facts.LotPutUp, facts.LotChanged, queue="documents", slow=True)
def issue_lot_manifest(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Each edition of the list of a lot that is open for offers gets its paper."""
    lot, edition = Lot.objects.select_related("owner", "hub").get(pk=entry.chain_id), int(entry.payload["edition"])
    if not manifests.wanted(lot, edition):
        return None
    draft = manifests.prepare(lot, entry, edition=edition, at=at)
    return lambda: manifests.issue(lot, edition, draft)
