"""The verdict: a named person, by whose criteria and which, of each unit; what follows for packing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.models import Device, Hazard, HoldKind
from revlog.devices.services import moves, placing, standing
from revlog.storage import dangers
from revlog.storage.facts import hazards as facts
from revlog.storage.models import Basis, HazardCase, HazardState, LookState, Verdict
from revlog.storage.queries import hazards as queries
from revlog.storage.queries import suiting
from revlog.storage.services.hazards import freezing, looking
from revlog.storage.services.hazards.freezing import UnableToAssess

_WORST = (Verdict.CRITICAL, Verdict.DAMAGED, Verdict.UNDAMAGED)
_CLASS = {Verdict.UNDAMAGED: "", Verdict.DAMAGED: Hazard.DAMAGED.value, Verdict.CRITICAL: Hazard.CRITICAL.value}


class UnableToPack(DomainError):
    """The unit can't be packed as dangerous goods, or its class can't be lifted."""

    code = "unable_to_pack_hazard"


@dataclass(frozen=True)
class Judgement:
    """What the assessor says: of each unit its class, and for all of them by what."""

    verdicts: Mapping[uuid.UUID, str]
    basis: str
    criteria: Sequence[str]
    goods: str = ""
    note: str = ""


def reasons_against_assessing(case: HazardCase, *, by: Actor) -> list[Reason]:
    found = []
    if case.state != HazardState.OPEN:
        found.append(Reason("closed", _("%s is assessed already.") % case.number))
    return found + separations.reasons_against("hazard_assessment", doer=[case.reported_by], by=by)


def _wrong(told: Judgement, units: Sequence[uuid.UUID]) -> list[Reason]:
    found = []
    said = [told.verdicts.get(one, "") for one in units]
    if not all(one in Verdict.values for one in said):
        found.append(Reason("no_verdict", _("Say of each unit what it is."), "verdicts"))
    if told.basis not in Basis.values:
        found.append(Reason("no_basis", _("Say by whose criteria it was assessed."), "basis"))
    if told.goods not in dangers.GOODS:
        found.append(Reason("bad_goods", _("The UN number is one of the list."), "goods"))
    cited = [dangers.CRITERIA[one] for one in told.criteria if one in dangers.CRITERIA]
    if len(cited) != len(told.criteria):
        found.append(Reason("bad_criteria", _("A criterion is one of the list."), "criteria"))
    if {Verdict.DAMAGED, Verdict.CRITICAL} & set(said) and not cited:
        found.append(Reason("no_criteria", _("Say by which criteria it is damaged or critical."), "criteria"))
    if Verdict.CRITICAL in said and not any(one.critical for one in cited):
        found.append(Reason("no_criteria", _("Critical needs one of the critical criteria."), "criteria"))
    if not {Verdict.DAMAGED, Verdict.CRITICAL} & set(said) and not told.note.strip():
        found.append(Reason("no_note", _("Say why it is undamaged."), "note"))
    return found


@transaction.atomic
def assess(case: HazardCase, told: Judgement, *, by: Actor, at: datetime) -> HazardCase:
    """Close a case: units and places are free again, but for the classes that stay on units. Raises BadInput, UnableToAssess."""
    freezing.require(by, case.hub, "recycling.hazard")
    keys = list(case.units.order_by("device_id").values_list("device_id", flat=True))
    taken = moves.take(keys)
    places = list(case.places.filter(freed_at=None).values_list("place_id", flat=True))
    placing.hold(places)
    row = freezing.locked(case)
    if against := reasons_against_assessing(row, by=by):
        raise UnableToAssess(against)
    if row.units.count() != len(keys):
        raise UnableToAssess(Reason("more", _("More was frozen just now; look at the list again.")))
    if wrong := _wrong(told, keys):
        raise BadInput(wrong)
    criteria = ", ".join(f"{one} ({dangers.CRITERIA[one].source})" for one in told.criteria) or None
    shared: dict[str, Any] = {
        "number": row.number,
        "basis": f"basis.{told.basis}",
        "criteria": criteria,
        "goods": told.goods or None,
    }
    for verdict in _WORST:
        some = [one for one in taken if told.verdicts[one.pk] == verdict]
        fact = facts.HazardAssessed(
            verdict=f"verdict.{verdict.value}", packing=dangers.packing(verdict) or None, **shared
        )
        alike: dict[tuple[str, str], list[Device]] = {}
        for one in some:
            alike.setdefault(_stands(one, verdict, own=one.pk == row.device_id), []).append(one)
        for (hazard, packed), these in sorted(alike.items()):
            columns = {"hazard": hazard, "packed_as": packed}
            moves.note_many(these, facts=[fact] * len(these), by=by, at=at, set=columns)
        row.units.filter(device__in=[one.pk for one in some]).update(verdict=verdict)
    _let_go(row, taken, by=by, at=at)
    counts = Counter(told.verdicts[one.pk] for one in taken)
    own = told.verdicts.get(row.device_id) if row.device_id is not None else None
    row.verdict = own or next((one for one in _WORST if counts[one]), Verdict.UNDAMAGED)
    row.state, row.basis, row.criteria, row.goods = HazardState.CLOSED, told.basis, list(told.criteria), told.goods
    row.note, row.assessed_by, row.assessed_at = told.note.strip()[:500], by.reference, at
    row.save()
    row.places.filter(freed_at=None).update(freed_at=at)
    closed = facts.HazardClosed(
        verdict=f"verdict.{row.verdict}", released=counts[Verdict.UNDAMAGED], damaged=counts[Verdict.DAMAGED],
        critical=counts[Verdict.CRITICAL], root=freezing.root(taken), **shared,
    )  # fmt: skip
    freezing.say(row, closed, by=by, at=at)
    freezing.free(places, row.number, "assessed", by=by, at=at)
    return row


def _stands(device: Device, verdict: Verdict, *, own: bool) -> tuple[str, str]:
    """The class of a unit and how it is packed, after a verdict. That one which only lay beside the danger is undamaged by it takes
    back no class that it has from elsewhere: that is lifted with a reason, or by the case that it is a suspect of."""
    hazard = _CLASS[verdict]
    kept = "" if own else device.hazard
    return (kept, device.packed_as) if suiting.DANGER[kept] > suiting.DANGER[hazard] else (hazard, "")


def _let_go(case: HazardCase, taken: Sequence[Device], *, by: Actor, at: datetime) -> None:
    """The holds that this case placed end, where no other case waits; one that stood before stays for who placed it."""
    others = queries.undecided(taken, but=case)
    standing.release_many(
        [one for one in taken if one.pk not in others], HoldKind.SAFETY,
        placed_by=[case.reported_by, freezing.HAZARDS.reference], reason=f"assessed in {case.number}", by=by, at=at,
    )  # fmt: skip


def drop_looks(case: HazardCase, *, by: Actor, at: datetime) -> int:
    """It was no hazard: nobody has to look into the client's other containers for it. Those that another case waits for are its."""
    dropped = 0
    other = _other_of(case)
    for look in case.looks.filter(state=LookState.WAITING).select_related("place", "case"):
        if other is not None:
            look.case = other
            look.save(update_fields=["case"])
            continue
        looking.end(look, LookState.DROPPED, by=by, at=at)
        dropped += 1
    return dropped


def _other_of(case: HazardCase) -> HazardCase | None:
    """Another case of the same client since then, that is open or was no false alarm: it waits for the same looks."""
    owner = looking.client_of(case)
    rows = HazardCase.objects.filter(reported_at__gte=case.reported_at, units__device__owner=owner).exclude(pk=case.pk)
    return rows.exclude(verdict=Verdict.UNDAMAGED).order_by("reported_at", "id").first()


@transaction.atomic
def pack(device: Device, instruction: str, *, by: Actor, at: datetime) -> Device:
    """A classified unit is packed as its class asks for; from now on it may be shipped. Raises UnableToPack, BadInput."""
    taken = _taken(device, by)
    verdict = {Hazard.DAMAGED.value: Verdict.DAMAGED, Hazard.CRITICAL.value: Verdict.CRITICAL}.get(taken.hazard)
    if verdict is None:
        raise UnableToPack(Reason("not_assessed", _("%s is not classified as dangerous.") % taken.tag))
    if taken.holds:
        raise UnableToPack(Reason("on_hold", _("It is on hold (%s).") % moves.held(taken)))
    allowed = dangers.PACKING[verdict].instructions
    if instruction not in allowed:
        told = {"allowed": _(" or ").join(allowed)}
        raise BadInput(Reason("packing", _("Its class is packed by %(allowed)s.") % told, "packing"))
    last = taken.hazards.filter(verdict=verdict).select_related("case").order_by("-case__assessed_at").first()
    mark = dangers.mark(last.case.goods if last is not None else "")
    fact = facts.HazardPacked(packing=instruction, mark=mark)
    moves.note(taken, fact=fact, by=by, at=at, set={"packed_as": instruction})
    return taken


@transaction.atomic
def lift(device: Device, *, reason: str, by: Actor, at: datetime) -> Device:
    """A classified unit is dangerous no longer: its battery is out of it, say."""
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it isn't dangerous any more."), "reason"))
    taken = _taken(device, by)
    if taken.hazard not in {Hazard.DAMAGED, Hazard.CRITICAL}:
        raise UnableToPack(Reason("not_assessed", _("%s is not classified as dangerous.") % taken.tag))
    fact = facts.HazardLifted(before=f"hazard.{taken.hazard}", reason=reason.strip()[:200])
    moves.note(taken, fact=fact, by=by, at=at, set={"hazard": "", "packed_as": ""})
    return taken


def _taken(device: Device, by: Actor) -> Device:
    taken = moves.take_one(device.pk)
    if taken.hub is None or not taken.is_visible_to(by):
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
    freezing.require(by, taken.hub, "recycling.hazard")
    return taken
