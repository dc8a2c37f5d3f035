"""Test reports: bytes kept first, read in a child with narrow limits, matched to a unit, and said on its chain.

``receive`` answers a station at once and leaves the reading to a reaction; ``receive_now`` reads in the caller's time, for the command
line and for a person who waits. Either way each report is settled once: ingested, unmatched or refused, and its bytes are kept.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor, ActorKind, system
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.canonical import MAX_INTEGER, UnfitPayload
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Identifier, ProductModel
from revlog.devices.services import arrivals, decontaminating, media, moves, naming, sealing, standing
from revlog.evidence.services import artifacts
from triage import facts, grading, kinds, wording
from triage.models import ReportStatus, ReportUnit, TestReport
from triage.reports import child, encode
from triage.reports.normal import Erasure, Medium, MediumType, Report, UnreadableReport
from triage.services import contradictions, matching, tables
from triage.services.matching import Found, UnitFound
from triage.tables import Table

OPEN = frozenset({ReportStatus.RECEIVED, ReportStatus.UNMATCHED})
VIA = frozenset({"page", "api", "command"})
MOST_NAMES = 10
LONGEST_REASON = 500
ROWS_AT_ONCE = 20
ERASURES_A_FACT = 12
"""A server's log of many drives takes several entries: each holds at most 64 kB."""


class UnableToMatch(DomainError):
    """The report can't be matched by hand: it is settled already, or can't be read."""

    code = "unable_to_match"


# Receiving --------------------------------------------------------------------------------------------------------------------------


def receive(*, data: bytes, name: str, via: str, by: Actor, at: datetime, unit: Device | None = None) -> TestReport:
    """Keep a report's bytes and answer; it is read later. The same bytes again give the report that stands.

    ``unit`` is the unit on whose page it was sent. Raises NotAllowed, and TooLarge for more bytes than are read.
    """
    _may_send(by)
    _may_open(unit)
    found = _known(data, by)
    if found is None:
        return _keep(data, name=name, via=via, by=by, at=at, unit=unit)
    if found.status == ReportStatus.UNMATCHED or tables.reopened(found, data):
        # Sent once more: perhaps the unit, or what the table's columns are, is known by now.
        _again(found, by=by, at=at, via=via)
    return found


def receive_now(*, data: bytes, name: str, via: str, by: Actor, at: datetime, unit: Device | None = None) -> TestReport:
    """Keep a report's bytes, read them and match them before answering."""
    _may_send(by)
    _may_open(unit)
    report = _known(data, by) or _keep(data, name=name, via=via, by=by, at=at, unit=unit)
    if report.status in OPEN or tables.reopened(report, data):
        settle(report, read(report, data=data), by=by, at=at)
        # The rows of a long table are the worker's, which has them already.
        for row in report.rows.all() if report.rows.count() <= ROWS_AT_ONCE else ():
            settle(row, read(row), by=by, at=at)
        report.refresh_from_db()
    return report


def _may_open(unit: Device | None) -> None:
    """A report of a unit was made by opening it, which nobody does with a medical device before its record is there."""
    if unit is not None and (shut := decontaminating.reasons_against_opening(unit)):
        raise UnableToMatch(shut)


def take_up(report: TestReport, *, by: Actor, at: datetime) -> TestReport:
    """Read a table again whose columns are known by now: the worker does it. Raises NotAllowed."""
    _may_send(by)
    if tables.reopened(report, artifacts.read(report.artifact)):
        _again(report, by=by, at=at)
    return report


def _again(report: TestReport, *, by: Actor, at: datetime, via: str = "page") -> None:
    again = facts.ReportReceived(report=str(report.id), digest=report.artifact_id, via=via, again=True)
    ledger.append(report.id, again, by=by, at=at, owner=report.organization_id, hub=report.hub_id)


def _may_send(by: Actor) -> None:
    if not by.may("triage.report"):
        raise NotAllowed(_("This needs the right to bring in test reports."))


def _known(data: bytes, by: Actor) -> TestReport | None:
    digest = hashlib.sha256(data).hexdigest()
    return TestReport.objects.filter(organization=by.organization_id, artifact_id=digest).first()


def _keep(data: bytes, *, name: str, via: str, by: Actor, at: datetime, unit: Device | None) -> TestReport:
    if via not in VIA:
        raise ValueError(f"A report comes by {', '.join(sorted(VIA))}, not {via!r}.")
    report = TestReport(
        id=ids.new(at),
        name=_clean(name),
        via=via,
        organization_id=by.organization_id,
        by_operator=by.is_operator,
        hub_id=by.hub_id,
        hubs=sorted(by.hubs),
        sent_by=by.reference,
        meant_for=unit,
        received_at=at,
    )
    try:
        with transaction.atomic():
            report.artifact = artifacts.keep(data, media_type="application/octet-stream", at=at)
            fact = facts.ReportReceived(report=str(report.id), digest=report.artifact_id, via=via)
            report.save(force_insert=True)
            ledger.begin("report", report.id, fact, by=by, at=at, owner=report.organization_id, hub=report.hub_id)
    except IntegrityError as error:
        # Sent twice at the same moment: the other one stands.
        if "the_same_bytes_are_the_same_report" in str(error) and (other := _known(data, by)) is not None:
            return other
        raise
    return report


def _clean(name: str) -> str:
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in bare if letter.isprintable())[-200:]


# Reading and settling -----------------------------------------------------------------------------------------------------------------


def read(report: TestReport, *, data: bytes | None = None) -> Report | Table | UnreadableReport:
    """What the bytes say, or why they say nothing. Slow; writes nothing, and holds no lock."""
    if report.status == ReportStatus.UNMATCHED and report.summary is not None:
        return encode.decode(report.summary)
    sent = data if data is not None else artifacts.read(report.artifact)
    if report.part_of_id is None and (table := tables.known(report, sent)) is not None:
        return table
    try:
        return child.read_bounded(sent)
    except UnreadableReport as refusal:
        return refusal


def settle(report: TestReport, found: Report | Table | UnreadableReport, *, by: Actor, at: datetime) -> TestReport:
    """Write what became of a report: refused, unmatched, or said on the chain of each unit it is of. Done once."""
    if isinstance(found, UnreadableReport):
        with transaction.atomic():
            return _refuse(report.id, found, by=by, at=at)
    if isinstance(found, Table):
        return _split(report, found, by=by, at=at)
    try:
        with transaction.atomic():
            found = matching.held_against_lists(found)
            matched = matching.find(found, sender=_sender(report), meant_for=report.meant_for)
            return _assign(report.id, found, matched, by=by, at=at)
    except (UnfitPayload, DataError) as error:
        # What no parser foresaw and no ledger or table can hold is an answer too, not a job that fails for ever.
        refusal = UnreadableReport("PARSER_FAULT", f"Its values can't be kept: {type(error).__name__}.")
        with transaction.atomic():
            return _refuse(report.id, refusal, by=by, at=at)


def _split(report: TestReport, table: Table, *, by: Actor, at: datetime) -> TestReport:
    try:
        with transaction.atomic():
            row = _lock(report.id)
            return tables.split(row, table, by=by, at=at) if row.status in OPEN else row
    except UnreadableReport as refusal:
        with transaction.atomic():
            return _refuse(report.id, refusal, by=by, at=at)


def _sender(report: TestReport) -> Actor:
    """Somebody who sees what the sender saw, and no more."""
    return Actor(
        kind=ActorKind.SYSTEM,
        id="triage",
        organization_id=report.organization_id,
        is_operator=report.by_operator,
        hub_id=report.hub_id,
        hubs=frozenset(report.hubs),
    )


def _lock(id: uuid.UUID) -> TestReport:
    return TestReport.objects.select_for_update(no_key=True).get(pk=id)


def _say(report: TestReport, fact: Any, *, by: Actor, at: datetime) -> Entry:  # noqa: ANN401 - any fact of ours
    return ledger.append(report.id, fact, by=by, at=at, owner=report.organization_id, hub=report.hub_id)


def _refuse(id: uuid.UUID, refusal: UnreadableReport, *, by: Actor, at: datetime) -> TestReport:
    report = _lock(id)
    if report.status not in OPEN:
        return report
    report.status, report.settled_at = ReportStatus.REFUSED, at
    report.reason_code, report.reason = refusal.code[:40], refusal.sentence[:LONGEST_REASON]
    report.position = (refusal.position or "")[:100]
    report.save()
    _say(
        report,
        facts.ReportRefused(
            report=str(id), digest=report.artifact_id, code=report.reason_code, position=report.position or None
        ),
        by=by,
        at=at,
    )
    return report


def _assign(id: uuid.UUID, found: Report, matched: Found, *, by: Actor, at: datetime, reason: str = "") -> TestReport:
    """Write the match, or that there is none. Units are locked first, then the report, then its chain."""
    devices = moves.take([unit.device for unit in matched.units])
    report = _lock(id)
    if report.status not in OPEN:
        return report
    was_unmatched = report.status == ReportStatus.UNMATCHED
    same = was_unmatched and report.reason_code == matched.code and report.candidates == list(matched.candidates)
    report.kind, report.summary = found.kind, encode.encode(found)
    report.reason_code, report.reason = matched.code, matched.sentence[:LONGEST_REASON]
    report.position, report.candidates = "", list(matched.candidates)
    report.status = ReportStatus.INGESTED if matched.units else ReportStatus.UNMATCHED
    report.settled_at = at if matched.units else None
    report.device_id = matched.units[0].device if matched.units else None
    report.save()
    if not matched.units:
        if not same:
            fact = facts.ReportUnmatched(
                report=str(id),
                digest=report.artifact_id,
                format=found.kind,
                code=matched.code,
                candidates=list(matched.candidates),
            )
            _say(report, fact, by=by, at=at)
        return report
    for device, unit in zip(devices, matched.units, strict=True):
        _apply(report, found, device, unit, by=by, at=at, reason=reason)
    _say(
        report,
        facts.ReportAssigned(
            report=str(id),
            digest=report.artifact_id,
            format=found.kind,
            units=[unit.tag for unit in matched.units],
            how=matched.units[0].how,
            reason=reason or None,
            left=list(matched.left) or None,
        ),
        by=by,
        at=at,
    )
    return report


# What a report makes known of a unit ----------------------------------------------------------------------------------------------------


def _apply(
    report: TestReport, found: Report, device: Device, unit: UnitFound, *, by: Actor, at: datetime, reason: str
) -> None:
    """Everything the report says of one taken unit. Its first entry is the match, whose reactions grade the unit and take up wipes."""
    found = kinds.seen_in(found, device.device_class)
    here = kinds.part_of(found, unit.serials)
    erasures = [_erasure(each) for each in here.erasures]
    for start in range(0, len(erasures) or 1, ERASURES_A_FACT):
        fact = facts.ReportMatched(
            report=str(report.id),
            digest=report.artifact_id,
            format=found.kind,
            how=unit.how,
            tool_version=found.tool_version,
            erasures=erasures[start : start + ERASURES_A_FACT] or None,
            reason=reason or None,
        )
        key = f"report:{report.id}" + (f":{start}" if start else "")
        if device.state == State.RECEIVED and not decontaminating.is_needed(device):
            moves.advance(device, moves.TO_TRIAGE, fact=fact, by=by, at=at, key=key)
        else:
            moves.note(device, fact=fact, by=by, at=at, key=key)
    ReportUnit.objects.create(report=report, device=device, visit_id=device.visit_id, how=unit.how, matched_at=at)
    artifacts.attach(report.artifact, chain=device.id, use="report", by=by, at=at, name=report.name)
    of_drives = kinds.is_of_drives(found)
    if not of_drives or device.device_class == "storage":
        _describe(device, found, of_drives=of_drives, by=by, at=at)
    if not of_drives:
        _identify(device, found, by=by, at=at)
    # Before its drives are noted: a drive could be read, so whatever held it isn't sealed any more.
    sealing.opened(device, how="tested", by=by, at=at)
    seen = [_seen(each) for each in here.media if of_drives or each.type not in kinds.OUTSIDE]
    if seen:
        media.observe(device, seen, source="report", by=by, at=at)
    contradictions.follow(device, by=by, at=at)


def _erasure(each: Erasure) -> dict[str, Any]:
    """An erasure as the ledger can carry it: numbers that every JSON reader keeps exactly, and at most some kilobytes."""
    told = {
        name: value[:300] if isinstance(value, str) else value
        for name, value in asdict(each).items()
        if value is not None and not (isinstance(value, int) and abs(value) > MAX_INTEGER)
    }
    told["outcome"] = each.outcome.value
    told["doubts"] = [doubt[:300] for doubt in each.doubts[:8]]
    return told


def _seen(medium: Medium) -> media.Seen:
    kind = MediumType.UNKNOWN if medium.type in kinds.OUTSIDE else medium.type
    return media.Seen(
        type=kind.value,
        manufacturer=medium.manufacturer or "",
        model=medium.model or "",
        serial=medium.serial or "",
        firmware=medium.firmware or "",
        interface=medium.interface or "",
        capacity_bytes=medium.capacity_bytes if (medium.capacity_bytes or 0) <= MAX_INTEGER else None,
    )


_CHASSIS = {
    "laptop": ("laptop", "notebook", "netbook", "portable", "convertible", "sub"),
    "server": ("server", "rack", "blade"),
    "tablet": ("tablet", "detachable"),
    "phone": ("phone", "mobile"),
    "printer": ("printer", "multifunction"),
    "network": ("network", "switch", "router", "firewall", "access point"),
    "desktop": ("desktop", "tower", "all", "mini", "pizza", "space", "lunch", "stick", "computer"),
}


def class_of(found: Report) -> str | None:
    """The class of thing that a report's chassis names, None when it names none we know."""
    if kinds.is_of_drives(found):
        return "storage"
    if kinds.tool_of(found.kind) == "edid":
        return "monitor" if found.manufacturer else None
    chassis = (found.chassis or "").lower()
    told = next((name for name, words in _CHASSIS.items() if any(word in chassis for word in words)), None)
    return told or (grading.class_of(found) if grading.is_of_a_phone(found) and not chassis else None)


def _describe(device: Device, found: Report, *, of_drives: bool, by: Actor, at: datetime) -> None:
    product = None
    if device.product_id is None and not of_drives and found.manufacturer:
        named = (found.model, *(part.detail.get("market_name") for part in found.components if part.kind == "system"))
        product = next((one for name in named if name and (one := _product(found.manufacturer, name))), None)
    standing.describe(
        device,
        manufacturer=found.manufacturer,
        model=found.model,
        memory_bytes=None if of_drives or device.memory_bytes else found.memory_bytes,
        product=product,
        device_class=class_of(found),
        source="report",
        by=by,
        at=at,
    )


def _product(made_by: str, model: str) -> uuid.UUID | None:
    """The catalog's model of that name or alias, when there is exactly one."""
    named = ProductModel.objects.filter(name__iexact=model) | ProductModel.objects.filter(
        aliases__contains=[model.lower()]
    )
    fitting = [one.pk for one in named[:20] if kinds.agree(one.manufacturer, made_by)]
    return fitting[0] if len(fitting) == 1 else None


def _identify(device: Device, found: Report, *, by: Actor, at: datetime) -> None:
    if not device.serial and (name := identifiers.serial(found.serial or "", found.manufacturer or "")):
        # A unit that was known by its asset tag; where the number is another unit's, a person says which is right.
        naming.note(device, name, how="report", by=by, at=at)
    told = (*map(identifiers.imei, matching.imeis(found)), *map(identifiers.mac, found.macs))
    wanted = {(name.scheme, name.normal_form): name for name in told if name is not None}
    if not wanted:
        return
    forms = {form for _scheme, form in wanted}
    known = set(device.identifiers.filter(normal_form__in=forms).values_list("scheme", "normal_form"))
    # A phone's number that another unit has is that one's, until a person says which is right.
    theirs = Identifier.objects.filter(scheme="imei", normal_form__in=forms).exclude(device=device)
    known |= set(theirs.values_list("scheme", "normal_form"))
    for key, name in list(wanted.items())[:MOST_NAMES]:
        if key not in known:
            arrivals.identify(device, name, by=by, at=at)


# By hand --------------------------------------------------------------------------------------------------------------------------------


def reasons_against_matching(report: TestReport) -> list[Reason]:
    """Why a person can't say of which unit this report is."""
    if report.status == ReportStatus.UNMATCHED:
        return []
    told = {
        ReportStatus.INGESTED: _("this report is matched already"),
        ReportStatus.REFUSED: _("this report can't be read"),
    }
    return [Reason("not_unmatched", told.get(ReportStatus(report.status), _("this report is still being read")))]


def match_by_hand(*, report: TestReport, unit: Device, reason: str, by: Actor, at: datetime) -> TestReport:
    """A person says of which unit an unmatched report is, and why. Raises NotAllowed, NotFound, UnableToMatch, BadInput."""
    if not by.may("exceptions.resolve"):
        raise NotAllowed(_("This needs the right to resolve exceptions."))
    why = wording.line(reason)
    if not why:
        raise BadInput(Reason("no_reason", _("Say how you know that it is this unit."), "reason"))
    if not Device.objects.visible_to(by).filter(pk=unit.pk).exists():
        raise NotFound(_("There is no such unit, or it isn't yours to see."))
    _may_open(unit)
    return _by_hand(report, unit.pk, unit.tag, "by_hand", reason=why, by=by, at=at)


def create_unit(
    *, report: TestReport, by: Actor, at: datetime, owner: Organization | None = None
) -> tuple[TestReport, Device]:
    """Make a unit of an unmatched report: a thing that is here and that nobody announced. Raises NotAllowed, UnableToMatch."""
    if not by.may("exceptions.resolve") or not by.may("devices.register"):
        raise NotAllowed(_("This needs the right to give a unit its tag and first record."))
    if reasons := reasons_against_matching(report):
        raise UnableToMatch(reasons)
    found = encode.decode(report.summary or {})
    if kinds.is_of_drives(found) and len(found.media) > 1:
        raise UnableToMatch(Reason("several_drives", _("it is of several drives; make a unit of each at the dock")))
    operator = Organization.objects.filter(kind=OrganizationKind.OPERATOR).order_by("created_at").first()
    whose = owner or (report.organization if report.organization and not report.by_operator else operator)
    if whose is None:
        raise BadInput(Reason("no_owner", _("Say whose it is."), "owner"))
    machine = not kinds.is_of_drives(found)
    description = arrivals.Description(
        device_class=class_of(found) or "other",
        manufacturer=found.manufacturer or "",
        model=found.model or "",
        serial=found.serial or (found.media[0].serial or "" if not machine and found.media else ""),
    )
    stay = arrivals.Stay(
        why="found", owner=whose.id, hub=by.hub_id or report.hub_id, custodian=operator.id if operator else None
    )
    with transaction.atomic():
        device = arrivals.arrive(what=description, stay=stay, by=by, at=at)
        settled = _by_hand(report, device.id, device.tag, "created", reason="", by=by, at=at)
    return settled, device


def set_aside(*, report: TestReport, reason: str, by: Actor, at: datetime) -> TestReport:
    """Nothing more is to be done about a report that can't be matched or read. Raises NotAllowed, BadInput, UnableToMatch."""
    if not by.may("exceptions.resolve"):
        raise NotAllowed(_("This needs the right to resolve exceptions."))
    why = wording.line(reason)
    if not why:
        raise BadInput(Reason("no_reason", _("Say why nothing more is to be done about it."), "reason"))
    with transaction.atomic():
        row = _lock(report.id)
        if row.status not in {ReportStatus.UNMATCHED, ReportStatus.REFUSED}:
            raise UnableToMatch(reasons_against_matching(row))
        if row.set_aside_at is None:
            row.set_aside_at = at
            row.save(update_fields=["set_aside_at"])
            _say(row, facts.ReportSetAside(report=str(row.id), reason=why), by=by, at=at)
    return row


def _by_hand(
    report: TestReport, device: uuid.UUID, tag: str, how: str, *, reason: str, by: Actor, at: datetime
) -> TestReport:
    if reasons := reasons_against_matching(report):
        raise UnableToMatch(reasons)
    found = encode.decode(report.summary or {})
    matched = Found(units=[UnitFound(device=device, tag=tag, how=how)])
    with transaction.atomic():
        settled = _assign(report.id, found, matched, by=by, at=at, reason=reason)
        if settled.device_id != device:
            raise UnableToMatch(Reason("not_unmatched", _("this report was matched by another at this moment")))
    return settled


READER = system("triage")
"""Who writes what the worker read."""
