"""A lead says what became of what wasn't as released: found later, lost and to be claimed, it belongs elsewhere, or it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, Reason
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import CargoStatus, Discrepancy, Settled, Trouble
from revlog.logistics.services.transfers import accepting, common, returning
from revlog.logistics.services.transfers.common import UnableToTransfer

WAYS: Mapping[Trouble, tuple[Settled, ...]] = {
    Trouble.SHORT: (Settled.FOUND, Settled.LOST, Settled.ELSEWHERE, Settled.STAYED),
    Trouble.OVER: (Settled.ELSEWHERE, Settled.KEPT),
    Trouble.DAMAGED: (Settled.KEPT, Settled.LOST),
    Trouble.SEAL: (Settled.KEPT, Settled.LOST),
}
"""What can be said of each; ``lost`` of what came damaged is its worth: it is claimed like what didn't come."""


def reasons_against_settling(row: Discrepancy, how: Settled) -> list[Reason]:
    found = []
    if row.settled_at is not None:
        found.append(Reason("settled", _("Somebody has settled it already.")))
    if how not in WAYS[Trouble(row.kind)]:
        found.append(Reason("how", _("This can't be said of it."), "how"))
    if how == Settled.STAYED and row.shipment.consignment.transfer.giver_id is None:
        found.append(Reason("how", _("This is said of what comes back from another organization."), "how"))
    whole = row.cargo is not None and row.cargo.code == row.code
    if how == Settled.FOUND and whole and row.cargo is not None and row.cargo.status != CargoStatus.ACCEPTED:
        found.append(Reason("not_here", _("%s isn't taken in yet: scan it at TRANSFER IN first.") % row.code))
    return found


@transaction.atomic
def settle(discrepancy: Discrepancy, *, how: Settled, note: str, by: Actor, at: datetime) -> Discrepancy:
    """Said once, with a reason. A claim starts from *lost*; what is lost stays out of everybody's hands until it is written off."""
    transfer = discrepancy.shipment.consignment.transfer
    common.require(
        common.may_settle(transfer, by), _("Differences of transfers are settled by the leads of the two sites.")
    )
    if not note.strip():
        raise BadInput(Reason("note", _("Say in a few words why."), "note"))
    came = accepting.came_too(discrepancy, at=at) if (discrepancy.kind, how) == (Trouble.OVER, Settled.KEPT) else None
    if how == Settled.STAYED and discrepancy.cargo is not None:
        common.take([discrepancy.cargo])
    transfer = common.lock(transfer.pk)
    row = Discrepancy.objects.select_related(
        "shipment__consignment__transfer", "cargo__container", "cargo__device"
    ).get(pk=discrepancy.pk)
    if found := reasons_against_settling(row, how):
        raise UnableToTransfer(found)
    if came is not None:
        accepting.keep_over(transfer, came, by=by, at=at)
    if how == Settled.STAYED and row.cargo is not None and row.cargo.status == CargoStatus.MISSING:
        returning.stayed(row.cargo, transfer, by=by, at=at)
    row.settled, row.settled_note, row.settled_at, row.settled_by = how, note.strip()[:300], at, by.reference
    row.save(update_fields=["settled", "settled_note", "settled_at", "settled_by"])
    fact = facts.DiscrepancySettled(
        transfer=transfer.number, shipment=row.shipment.number, discrepancy=str(row.pk), trouble=f"trouble.{row.kind}",
        code=row.code, settled=f"settled.{how}",
    )  # fmt: skip
    common.say(transfer, fact, by=by, at=at)
    common.finish(transfer, by=by, at=at)
    return row
