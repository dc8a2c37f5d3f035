"""Inspection: what a person sees and tries on a unit, by the plan of its class. Kept in one act; ``looking`` gathers it tap by tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault, HoldKind
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import decontaminating, moves, standing
from revlog.devices.services import sealing as seals
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from triage import asking, facts, knowing, plans
from triage.asking import VERDICTS, Asked
from triage.defects import DEFECTS, HOLDING, SEVERITIES, WHOLE, Axis, axis_of, of_class, zones_of
from triage.knowing import Known
from triage.models import Inspection, Look, SecondLook
from triage.plans import Needed
from triage.services import comparing, contradictions, grading, sampling, sealing, second_look

WORKS = ("yes", "no", "untested")
MOST_DEFECTS = 60
MOST_PHOTOS = 20
PHOTO = "photo_inspection"


class UnableToInspect(DomainError):
    """The unit can't be looked at now, or what was seen can't be kept yet."""

    code = "unable_to_inspect"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One defect as seen: what, where, how bad."""

    code: str
    zone: str = ""
    severity: str = "major"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A photo, and what it is of: a defect where it is, or a face (``zone`` alone)."""

    photo: Artifact
    zone: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that one look found, checked: what is kept of it."""

    findings: Sequence[Finding]
    works: str
    sealed: bool
    rows: Sequence[Asked]
    shots: Sequence[Shot]


def reasons_against_inspecting(device: Device) -> list[Reason]:
    """Why the unit can't be inspected now."""
    if State(device.state) not in {State.RECEIVED, State.IN_TRIAGE}:
        state = word(f"state.{device.state}")
        told = _("%(tag)s can't be inspected: it is %(state)s") % {"tag": device.tag, "state": state}
        return [Reason("wrong_state", told)]
    return decontaminating.reasons_against_opening(device)


def record(
    *,
    device: Device,
    findings: Sequence[Finding] = (),
    works: str = "untested",
    tests: Mapping[str, str] | None = None,
    sealed: bool = False,
    gone: Sequence[str] = (),
    photos: Sequence[Artifact | Shot] = (),
    shown: bool = False,
    by: Actor,
    at: datetime,
) -> Inspection:
    """Write what a person saw; each finding is a fault of the unit, and the grade follows in the same act.

    ``tests`` are the verdicts of tests of the plan (pass, fail, untested); what is known besides is kept with them. A sealed box with a
    photo of it counts as never used from now on; one that was, and is looked into, as used.

    ``photos`` were kept before; with ``shown`` the customer or client whose unit it is may see them. One that doesn't say what it is of
    counts for any one that a rule asks for.

    ``gone`` are codes of faults that a person had found before and that are no more. A unit at the dock begins its triage by it. What
    is dangerous puts a safety hold on the unit. Raises NotAllowed, UnableToInspect, and BadInput with every wrong finding.
    """
    may(by)
    seen = checked(device, findings, works=works, sealed=sealed)
    shots = [one if isinstance(one, Shot) else Shot(photo=one) for one in photos]
    if len(shots) > MOST_PHOTOS:
        raise BadInput(Reason("too_many", _("A look has at most %s photos.") % MOST_PHOTOS, "photos"))
    with transaction.atomic():
        taken = take(device, by=by)
        second = sampling.begun(taken, at=at)
        known = knowing.of(taken, at=at, blind=second is not None)
        told = {code: {"verdict": verdict, "faults": []} for code, verdict in (tests or {}).items()}
        if wrong := [
            reason for code, verdict in (tests or {}).items() for reason in wrong_answer(known, code, verdict)
        ]:
            raise UnableToInspect(wrong)
        rows = asking.standing(known, told)
        if lacking := reasons_of_photos(needed_photos(taken, seen, at=at), shots):
            raise UnableToInspect(lacking)
        cleared = [(code, None, None) for code in gone] if second is None else []
        looked = Seen(findings=seen, works=works, sealed=sealed, rows=rows, shots=shots)
        return keep(taken, looked, plan=known.plan.version, gone=cleared, shown=shown, second=second, by=by, at=at)


def may(by: Actor) -> None:
    if not by.may("triage.inspect"):
        raise NotAllowed(_("This needs the right to inspect units and record faults."))


def reasons_against_looking(device: Device, *, by: Actor) -> list[Reason]:
    """Why this person can't look at it now."""
    return [
        *reasons_against_inspecting(device),
        *second_look.reasons_against(device, by=by),
        *sampling.reasons_against_looking(device, by=by),
    ]


def take(device: Device, *, by: Actor) -> Device:
    """The unit, locked and fit to be looked at by this person. Raises UnableToInspect with every reason."""
    taken = moves.take_one(device.id)
    if reasons := reasons_against_looking(taken, by=by):
        raise UnableToInspect(reasons)
    return taken


Gone = tuple[str, str | None, str | None]
"""Code, place and severity of a fault that is no more; None stands for any."""


def keep(
    taken: Device,
    looked: Seen,
    *,
    plan: str,
    gone: Sequence[Gone],
    shown: bool,
    second: SecondLook | None = None,
    by: Actor,
    at: datetime,
) -> Inspection:
    """What was seen of a taken unit, checked before: the inspection, its faults and photos, the seal, a hold where it is dangerous,
    and the grade. A ``second`` look is compared with the first; a first one may be drawn for a second."""
    look = Inspection(
        id=ids.new(at),
        device=taken,
        visit_id=taken.visit_id,
        sealed=looked.sealed,
        works=looked.works,
        plan=plan,
        by=by.reference,
        at=at,
    )
    look.defects = [{"code": f.code, "zone": f.zone, "severity": f.severity} for f in looked.findings]
    look.tests = [] if looked.sealed else [_test(row) for row in looked.rows]
    look.photos = [{"photo": one.photo.digest, "zone": one.zone, "code": one.code} for one in looked.shots]
    fact = facts.Inspected(
        inspection=str(look.id),
        works=looked.works,
        sealed=looked.sealed,
        count=len(looked.findings),
        defects=look.defects,
        photos=[one.photo.digest for one in looked.shots] or None,
        plan=plan or None,
        tests=look.tests or None,
        pictured=[one for one in look.photos if one["zone"] or one["code"]] or None,
    )
    if taken.state == State.RECEIVED:
        entry = moves.advance(taken, moves.TO_TRIAGE, fact=fact, by=by, at=at)
    else:
        entry = moves.note(taken, fact=fact, by=by, at=at)
    look.entry = entry.digest
    # What somebody else had begun to look at is looked at now, and they had a hand in it.
    begun = Look.objects.filter(device=taken)
    hands = {
        hand for one in begun if one.visit_id == taken.visit_id for hand in (*one.hands, one.begun_by, one.changed_by)
    }
    look.hands = sorted({by.reference, *hands})
    look.save(force_insert=True)
    begun.delete()
    if not looked.sealed:
        seals.opened(taken, how="looked", by=by, at=at)
    elif looked.shots and not sealing.reasons_against(taken):
        seals.confirm(taken, photo=looked.shots[0].photo.digest, by=by, at=at)
    for one in looked.shots:
        audience = audience_of_photos(taken) if shown else "staff"
        artifacts.attach(one.photo, chain=taken.id, use=PHOTO, audience=audience, by=by, at=at)
    _clear(taken, looked.findings, gone, by=by, at=at)
    if second is not None:
        comparing.worsen(taken, look, by=by, at=at)
    for finding in looked.findings:
        found(taken, finding, by=by, at=at)
    contradictions.follow(taken, by=by, at=at)
    grading.give(taken, by=by, at=at, cause=entry)
    if second is not None:
        comparing.compare(taken, second, look, at=at)
    return look


def found(taken: Device, finding: Finding, *, by: Actor, at: datetime) -> None:
    """The fault of a taken unit, and the hold where it is dangerous."""
    standing.find_fault(
        taken, code=finding.code, zone=finding.zone, severity=finding.severity, source="inspection", by=by, at=at
    )
    if finding.code in HOLDING:
        standing.hold(taken, HoldKind.SAFETY, reason=word(finding.code), by=by, at=at)


def _test(row: Asked) -> dict[str, str]:
    by = {asking.ANSWERED: "person", asking.KNOWN: "known"}.get(row.state, "")
    verdict = row.verdict or asking.SKIPPED
    return {"test": row.test.code, "verdict": verdict, "by": "" if verdict == asking.SKIPPED else by}


def audience_of_photos(device: Device) -> str:
    """Whom photos of the unit may be shown to besides staff: the customer of a return, else the client whose it is."""
    return "customer" if device.visit is not None and device.visit.why in OF_PERSONS else "client"


def begin(*, device: Device, by: Actor, at: datetime) -> Device:
    """Take a received unit in hand: its triage begins. Raises NotAllowed, UnableToMove."""
    may(by)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        moves.advance(taken, moves.TO_TRIAGE, fact=facts.TriageBegun(what=taken.face), by=by, at=at)
    return taken


# Photos ---------------------------------------------------------------------------------------------------------------------------------


def needed_photos(device: Device, findings: Sequence[Finding], *, at: datetime) -> list[Needed]:
    """The photos that the rules in force ask for of this unit with these defects."""
    rules = terms.in_force(plans.PHOTOS, at=at, organization=device.owner_id)
    told = [{"code": one.code, "zone": one.zone, "severity": one.severity} for one in findings]
    return plans.photos_for(rules, knowing.inputs(device), told)


def lacking_photos(needed: Sequence[Needed], shots: Sequence[Shot]) -> list[Needed]:
    """Those that nobody has taken yet; a photo that doesn't say what it is of serves for one."""
    anything = sum(1 for one in shots if not one.zone and not one.code)
    taken = {(one.zone, one.code) for one in shots}
    faces = {one.zone for one in shots if one.zone}
    missing = [
        one for one in needed if (one.zone, one.defect) not in taken and not (not one.defect and one.zone in faces)
    ]
    return missing[anything:]


def reasons_of_photos(needed: Sequence[Needed], shots: Sequence[Shot]) -> list[Reason]:
    return [
        Reason("photo_missing", _("A photo is missing: %(what)s. %(why)s") % {"what": pictured(one), "why": one.why}, "photos")
        for one in lacking_photos(needed, shots)
    ]  # fmt: skip


def pictured(one: Needed | Shot) -> str:
    """What a photo is of, in words: "crack (screen)", "front"."""
    code = one.defect if isinstance(one, Needed) else one.code
    zone = word(f"zone.{one.zone}") if one.zone else ""
    if not code:
        return zone or _("the whole thing")
    return f"{word(code)} ({zone})" if zone else word(code)


# Checking -------------------------------------------------------------------------------------------------------------------------------


def wrong_answer(known: Known, code: str, verdict: str) -> list[Reason]:
    """Why this can't be answered so: no such test, no such answer, or one that may not run before the wipe."""
    test = known.plan.get(code)
    if test is None:
        return [Reason("unknown_test", _("There is no test %s in the plan of this thing.") % code[:40], "test")]
    if verdict not in VERDICTS:
        return [Reason("unknown_verdict", _("A test is passed, failed or not tried."), "verdict")]
    if verdict != asking.SKIPPED and (why := asking.shut(test, cleared=known.cleared)):
        return [Reason("before_the_wipe", f"{test.title}: {why}", "test")]
    return []


def checked(device: Device, findings: Sequence[Finding], *, works: str, sealed: bool) -> list[Finding]:
    """The findings, with what follows from them. Raises BadInput with everything that is wrong."""
    problems: list[Reason] = []
    if works not in WORKS:
        problems.append(Reason("unknown_works", _("Say whether it works: yes, no or not tried."), "works"))
    if len(findings) > MOST_DEFECTS:
        problems.append(Reason("too_many", _("More than %(most)s defects can't be recorded.") % {"most": MOST_DEFECTS}))
    for finding in findings[:MOST_DEFECTS]:
        problems += wrong_finding(device, finding)
    seen = list(dict.fromkeys(findings))
    functional = [f for f in seen if f.code in DEFECTS and axis_of(f.code) is Axis.FUNCTION]
    fitting = {defect.code for defect in of_class(device.device_class)}
    if works == "no" and not functional and "does_not_work" in fitting:
        seen.append(Finding(code="does_not_work", severity="critical"))
    if works == "yes" and any(f.code in {"does_not_work", "no_power"} for f in seen):
        problems.append(Reason("contradiction", _("It can't both work and not work."), "works"))
    if sealed and (seen or works != "untested"):
        problems.append(
            Reason("sealed", _("A sealed box can't have been tried: take off the tick, or the findings."), "sealed")
        )
    if problems:
        raise BadInput(problems)
    return seen


def wrong_finding(device: Device, finding: Finding) -> list[Reason]:
    """Why such a thing can't have this defect there, or so bad."""
    defect = DEFECTS.get(finding.code)
    if defect is None or defect not in of_class(device.device_class):
        return [
            Reason(
                "unknown_defect",
                _("%(kind)s can't have the defect %(code)s.")
                % {"kind": str(device.kind.label).capitalize(), "code": finding.code[:40]},
                "defects",
            )
        ]
    wrong = []
    if finding.severity not in SEVERITIES:
        wrong.append(Reason("unknown_severity", _("A defect is minor, major or critical."), "defects"))
    if finding.zone and finding.zone not in (*zones_of(defect, device.device_class), *WHOLE):
        wrong.append(
            Reason(
                "unknown_zone",
                _("%(defect)s can't be at %(zone)s.")
                % {"defect": str(defect.label).capitalize(), "zone": finding.zone[:40]},
                "defects",
            )
        )
    return wrong


def _clear(device: Device, seen: Sequence[Finding], gone: Sequence[Gone], *, by: Actor, at: datetime) -> None:
    again = {finding.code for finding in seen}
    exactly = {(finding.code, finding.zone, finding.severity) for finding in seen}
    rows = list(Fault.objects.filter(device=device, cleared_at=None, code__in={code for code, _zone, _how in gone}))
    for row in rows:
        whole = (row.code, None, None) in gone and row.code not in again
        this = (row.code, row.zone, row.severity) in gone and (row.code, row.zone, row.severity) not in exactly
        if whole or this:
            standing.clear_fault(device, row, by=by, at=at)
