"""What a customer's words point to, for a unit: proposed when it is known whose return it is, confirmed or corrected by who looks at it.

The words are asked for, read and left where they are (``revlog.devices.complaints``): kept are codes, shares, the model's version, and
words of the model's own vocabulary.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices import complaints as told
from revlog.devices.models import Device, Visit
from revlog.devices.services import moves
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from triage import facts, repairing
from triage.complaints import light
from triage.complaints.labels import BESIDES, NOTHING
from triage.complaints.light import Model
from triage.complaints.odds import Odds
from triage.defects import Axis, axis_of, of_class
from triage.models import Complaint, ComplaintAhead, ComplaintModel, Settled

OF_A_FAULT = frozenset({Axis.FUNCTION, Axis.BATTERY, Axis.STORAGE, Axis.HAZARD, Axis.LOCK})
ALSO_FAULTS = frozenset({"crack", "pixels", "power_adapter", "part_missing"})
MONTHS = 12
_held: dict[str, Model] = {}
_lock = threading.Lock()


class UnableToConfirm(DomainError):
    """There is no complaint of this stay, or the unit isn't looked at any more."""

    code = "unable_to_confirm"


# The model ----------------------------------------------------------------------------------------------------------------------------


def champion() -> ComplaintModel | None:
    """The learned model that proposes; None while it is that of the phrases."""
    return ComplaintModel.objects.filter(better=True).select_related("artifact").first()


def model_in_force() -> Model:
    """For workers: a process reads each model once. One whose bytes are gone or foreign leaves the phrases."""
    row = champion()
    if row is None:
        return light.shipped()
    with _lock:
        if row.version not in _held:
            try:
                found = light.unpacked(artifacts.read(row.artifact))
            except (light.UnreadableModel, artifacts.Gone, OSError, ValueError):
                found = light.shipped()
            _held.clear()
            _held[row.version] = found
        return _held[row.version]


def codes_for(device_class: str) -> list[str]:
    """The faults that such a thing can have, and what is complained of beside them."""
    return [defect.code for defect in of_class(device_class)] + list(BESIDES)


# Proposing ----------------------------------------------------------------------------------------------------------------------------


def propose_because(entry: Entry, *, at: datetime) -> Complaint | None:
    """A unit was found to be of a return: say what its customer's words point to. Done again, nothing happens."""
    device = Device.objects.select_related("visit").filter(pk=entry.chain_id).first()
    return propose(device, at=at) if device is not None else None


def propose(device: Device, *, at: datetime) -> Complaint | None:
    """The complaint of the unit's stay; None where its customer said nothing of a fault."""
    said = told.words_of(device, device.visit)
    if not said or Complaint.objects.filter(device=device, visit=device.visit_id).exists():
        return None
    model = model_in_force()
    row = Complaint(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        device_class=device.device_class,
        model=model.version,
        proposals=_proposals(model, said, device.device_class),
        at=at,
    )
    Complaint.objects.bulk_create([row], ignore_conflicts=True)
    return row


def propose_ahead(entry: Entry, *, at: datetime) -> None:
    """A return was announced: say of each line what its words point to, for the desk. Done again, nothing happens."""
    said = told.said_in(entry.chain_id)
    if not said:
        return
    model = model_in_force()
    rows = [
        ComplaintAhead(
            line=each.line, model=model.version, proposals=_proposals(model, each.words, each.device_class), at=at
        )
        for each in said
    ]
    ComplaintAhead.objects.bulk_create(rows, ignore_conflicts=True)


def _proposals(model: Model, said: Sequence[str], device_class: str) -> list[dict[str, Any]]:
    found = model.propose("\n".join(said), among=codes_for(device_class))
    return [{"code": one.code, "share": round(one.share, 4), "words": list(one.words)} for one in found]


@told.pointing
def pointed_ahead(lines: Sequence[UUID]) -> dict[UUID, told.Pointed]:
    """What the words of lines that were announced point to."""
    return {
        row.line: [(str(one["code"]), float(one["share"])) for one in row.proposals]
        for row in ComplaintAhead.objects.filter(line__in=lines)
    }


def of_stay(device: Device) -> Complaint | None:
    """What the words of the present stay's return point to."""
    return Complaint.objects.filter(device=device, visit=device.visit_id).first()


def pointed(row: Complaint | None) -> list[str]:
    """The faults that are asked for first in a look, likeliest first; none once a person has said what it is."""
    return [str(one["code"]) for one in row.proposals] if row is not None and not row.outcome else []


def odds_of(device: Device, fault: str, *, at: datetime) -> Odds:
    """How likely such a unit is mended, of this fault, by the counts in force."""
    ruling = terms.in_force(repairing.KIND, at=at, organization=device.owner_id)
    return repairing.of(ruling, device_class=device.device_class, age=age_of(device, at=at), fault=fault)


def age_of(device: Device, *, at: datetime) -> int | None:
    """Whole years since its model came out; None where the catalog doesn't say."""
    released = device.product.released_at if device.product else None
    return None if released is None else max(0, (at.year - released.year) * 12 + at.month - released.month) // MONTHS


# What it was --------------------------------------------------------------------------------------------------------------------------


def reasons_against_confirming(device: Device, row: Complaint | None) -> list[Reason]:
    if row is None:
        return [Reason("no_complaint", _("The return of %s has no complaint.") % device.tag)]
    if device.state not in {"RECEIVED", "IN_TRIAGE"}:
        return [Reason("wrong_state", _("%s isn't in triage any more.") % device.tag)]
    return []


def confirm(*, device: Device, found: str, by: Actor, at: datetime) -> Complaint:
    """Say what is behind the complaint: the fault that was proposed, another one, or ``no_clear_fault``. Said again, the last word counts.

    It is a label to learn from, and marks no defect: that is the look's. Raises NotAllowed, UnableToConfirm, BadInput.
    """
    if not by.may("triage.inspect"):
        raise NotAllowed(_("This needs the right to inspect units and record faults."))
    with transaction.atomic():
        taken = moves.take_one(device.id)
        row = Complaint.objects.select_for_update(no_key=True).filter(device=taken, visit=taken.visit_id).first()
        if row is None or reasons_against_confirming(taken, row):
            raise UnableToConfirm(reasons_against_confirming(taken, row))
        if found not in codes_for(taken.device_class):
            raise BadInput(Reason("unknown_fault", _("Such a thing can't have the fault %s.") % found[:40], "found"))
        if row.found == found and row.outcome != Settled.IGNORED:
            return row
        said = row.told or NOTHING
        row.outcome = Settled.CONFIRMED if found == said else Settled.CORRECTED
        row.found, row.settled_by, row.settled_at = found, by.reference, at
        row.save(update_fields=["outcome", "found", "settled_by", "settled_at"])
        moves.note(taken, fact=facts.FaultConfirmed(told=said, found=found, model=row.model), by=by, at=at)
    return row


def after_look(entry: Entry, *, at: datetime) -> None:
    """A look ended: where nobody said what is behind the complaint, the one fault that it found is; of several, nothing is known."""
    with transaction.atomic():
        row = (
            Complaint.objects.select_for_update(no_key=True)
            .filter(device=entry.chain_id, visit=Visit.objects.filter(device=entry.chain_id).order_by("-number").values("pk")[:1])
            .first()
        )  # fmt: skip
        if row is None or row.outcome in {Settled.CONFIRMED, Settled.CORRECTED}:
            return
        codes = {str(one["code"]) for one in entry.payload.get("defects", [])}
        faults = sorted(code for code in codes if is_fault(code))
        row.outcome = Settled.IGNORED
        row.found = faults[0] if len(faults) == 1 else ""
        row.settled_by, row.settled_at = entry.actor, entry.occurred_at
        row.save(update_fields=["outcome", "found", "settled_by", "settled_at"])


def is_fault(code: str) -> bool:
    """Whether one complains of it: a scratch that a look finds besides is no answer."""
    return axis_of(code) in OF_A_FAULT or code in ALSO_FAULTS


def choices(device_class: str, *, but: Sequence[str] = ()) -> list[str]:
    """What a person may say it is, beside what is proposed."""
    return [code for code in codes_for(device_class) if code != NOTHING and code not in but and _asked(code)]


def _asked(code: str) -> bool:
    return code in BESIDES or is_fault(code)
