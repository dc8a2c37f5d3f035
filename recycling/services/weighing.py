"""Weighing a batch in: provisionally, finally, and what another person accepted as a correction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from recycling import facts, queries
from recycling.models import Batch, BatchState, Member, Weighing
from recycling.services.batches import lock, mass, need, root_of
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.models import Chain, Entry
from revlog.custody.services import ledger


class UnableToWeigh(DomainError):
    """This weight can't be noted, or not accepted by this person."""

    code = "unable_to_weigh"


def _positive(grams: int) -> None:
    if grams < 1:
        raise BadInput(Reason("no_weight", _("A weight is at least 1 g."), "grams"))


def reasons_against_weighing(batch: Batch) -> list[Reason]:
    found = []
    if batch.state != BatchState.OPEN:
        found.append(
            Reason(
                "weighed", _("batch %(number)s has its final weight; ask for a correction") % {"number": batch.number}
            )
        )
    if not batch.members.filter(left_at=None).exists():
        found.append(Reason("empty", _("nothing is in batch %(number)s") % {"number": batch.number}))
    return found


@transaction.atomic
def weigh_in(*, batch: Batch, grams: int, final: bool, scale: str = "", by: Actor, at: datetime) -> Weighing:
    """Note what came into a batch. A provisional weight may be followed by others; with the final one nothing joins any more.

    Raises BadInput for a weight below 1 g, UnableToWeigh.
    """
    need(by, "recycling.weigh")
    _positive(grams)
    batch = lock(batch)
    if reasons := reasons_against_weighing(batch):
        raise UnableToWeigh(reasons)
    members = Member.objects.filter(batch=batch, left_at=None).order_by("device__tag")
    heads = dict(Chain.objects.filter(pk__in=members.values("device_id")).values_list("id", "head_digest"))
    row = Weighing.objects.create(
        id=ids.new(at),
        batch=batch,
        grams=grams,
        final=final,
        scale=scale.strip()[:60],
        weighed_by=by.reference,
        weighed_at=at,
        settled_at=at,
    )
    entry = ledger.append(
        batch.id,
        facts.WeighedIn(
            grams=grams,
            final=final,
            certainty="final_weight" if final else "provisional",
            units=len(heads),
            units_root=root_of(heads[member.device_id] for member in members) if final else None,
            scale=row.scale or None,
        ),
        by=by,
        at=at,
        hub=batch.hub_id,
    )
    batch.received_grams, batch.received_final = grams, final
    if final:
        batch.weigh()
        mass(batch, "in", grams, entry=entry, key=f"weighing:{row.id}", at=at)
    batch.save(update_fields=["received_grams", "received_final", "state"])
    return row


@transaction.atomic
def ask_correction(*, batch: Batch, grams: int, reason: str, by: Actor, at: datetime) -> Weighing:
    """Propose another final weight; it counts when another person accepts it."""
    need(by, "recycling.weigh")
    _positive(grams)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why the weight was wrong."), "reason"))
    batch = lock(batch)
    found = []
    if batch.state != BatchState.WEIGHED:
        found.append(Reason("not_weighed", _("only the final weight of a batch that is not closed can be corrected")))
    elif grams == batch.received_grams:
        found.append(Reason("same", _("that is the weight it has")))
    if queries.pending_correction(batch) is not None:
        found.append(Reason("pending", _("another correction waits for its acceptance")))
    if found:
        raise UnableToWeigh(found)
    before = queries.final_weighing(batch)
    row = Weighing.objects.create(
        id=ids.new(at),
        batch=batch,
        grams=grams,
        final=True,
        corrects=before,
        reason=reason.strip()[:200],
        weighed_by=by.reference,
        weighed_at=at,
    )
    ledger.append(
        batch.id,
        facts.WeightCorrectionAsked(grams=grams, before=batch.received_grams or 0, reason=row.reason),
        by=by,
        at=at,
        key=f"correction:{row.id}",
        hub=batch.hub_id,
    )
    return row


def _open(correction: Weighing) -> tuple[Batch, Weighing, Entry]:
    batch = lock(correction.batch)
    row = Weighing.objects.get(pk=correction.pk)
    if row.settled_at is not None or row.corrects_id is None or batch.state != BatchState.WEIGHED:
        raise UnableToWeigh(Reason("not_open", _("this correction is not open any more")))
    return batch, row, Entry.objects.get(chain_id=batch.pk, key=f"correction:{row.id}")


@transaction.atomic
def accept_correction(*, correction: Weighing, by: Actor, at: datetime) -> Batch:
    """Another person than the one who weighed says that the corrected weight is right. Raises UnableToWeigh for one's own."""
    need(by, "recycling.close")
    batch, row, asked = _open(correction)
    if reasons := separations.reasons_against("weight_correction", doer=[row.weighed_by], by=by):
        raise UnableToWeigh(reasons)
    before = batch.received_grams or 0
    entry = ledger.append(
        batch.id,
        facts.WeightCorrected(grams=row.grams, before=before, reason=row.reason, corrects=asked.digest),
        by=by,
        at=at,
        hub=batch.hub_id,
    )
    row.accepted_by, row.settled_at = by.reference, at
    row.save(update_fields=["accepted_by", "settled_at"])
    batch.received_grams = row.grams
    batch.save(update_fields=["received_grams"])
    mass(batch, "in", row.grams - before, entry=entry, key=f"weighing:{row.id}", at=at)
    return batch


@transaction.atomic
def refuse_correction(*, correction: Weighing, by: Actor, at: datetime) -> Batch:
    """The corrected weight is not believed; the one before stands."""
    need(by, "recycling.close")
    batch, row, asked = _open(correction)
    row.refused, row.settled_at = True, at
    row.save(update_fields=["refused", "settled_at"])
    ledger.append(
        batch.id,
        facts.WeightCorrectionRefused(grams=row.grams, corrects=asked.digest),
        by=by,
        at=at,
        hub=batch.hub_id,
    )
    return batch
