"""Questions about triage: the only reads that its pages and the API use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import measures, words
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.devices.classes import CLASSES
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device, DeviceQuerySet, Fault, Identifier
from revlog.terms import bookreads
from revlog.terms.models import PriceModel
from revlog.terms.services import learned
from triage import agreeing, showing
from triage.figures import SHIPPED
from triage.merging import FOR_A_PERSON, IDENTITY, share_of
from triage.models import (
    OPEN,
    AgreementAlarm,
    Contradiction,
    DayPlan,
    Decision,
    Grading,
    Inspection,
    Look,
    Regrade,
    ReportStatus,
    ReportUnit,
    SecondLook,
    SecondStatus,
    TestReport,
    TestReportQuerySet,
)
from triage.paths import part_of
from triage.reports import encode
from triage.reports.normal import Report
from triage.reports.registry import DRIVE_TOOLS

UNDECIDED_AFTER = timedelta(days=2)
UNMATCHED_AFTER = timedelta(hours=4)
UNSETTLED_AFTER = timedelta(days=1)
CLOSED_AFTER = timedelta(days=1)
MOST_EXCEPTIONS = 200
CLOSED = Q(device_class__in=[code for code, kind in CLASSES.items() if kind.needs_decontamination], decontaminated="")
"""What nobody opens, as a filter (``decontaminating.is_needed``)."""

# Worklists ------------------------------------------------------------------------------------------------------------------------------


def to_begin(actor: Actor) -> DeviceQuerySet:
    """Units at the dock that nobody has looked at."""
    return _faced(Device.objects.visible_to(actor).waiting(State.RECEIVED)).exclude(CLOSED)


def to_clear(actor: Actor) -> DeviceQuerySet:
    """Medical devices that nobody may open: their decontamination isn't on record."""
    return _faced(Device.objects.visible_to(actor).on_hand()).filter(CLOSED).order_by("state_since", "id")


def to_look_at(actor: Actor) -> DeviceQuerySet:
    """Units in triage for the first time, or back for a new decision: without a grade, so far."""
    return _faced(Device.objects.visible_to(actor).waiting(State.IN_TRIAGE).filter(disposition="", grade="U"))


def to_decide(actor: Actor) -> DeviceQuerySet:
    """Units in triage that have a grade and no way yet, and wait for no second look."""
    rows = Device.objects.visible_to(actor).waiting(State.IN_TRIAGE).filter(disposition="").exclude(grade="U")
    return _faced(rows.exclude(Exists(_second_looks(OPEN))))


def to_look_again(actor: Actor) -> DeviceQuerySet:
    """Units that were drawn for a second look, in whose first look this person had no hand."""
    waiting = _second_looks([SecondStatus.WAITING])
    wanted = waiting.exclude(first_by=actor.reference).exclude(first__hands__contains=[actor.reference])
    return _faced(Device.objects.visible_to(actor).waiting(State.IN_TRIAGE).filter(Exists(wanted)))


def _second_looks(statuses: Sequence[str]) -> QuerySet[SecondLook]:
    return SecondLook.objects.filter(device=OuterRef("pk"), visit=OuterRef("visit"), status__in=statuses)


def to_regrade(actor: Actor) -> DeviceQuerySet:
    """Units back from the bench whose route waits for their grade."""
    return _faced(Device.objects.visible_to(actor).waiting(State.IN_TRIAGE).exclude(disposition=""))


def _faced(rows: DeviceQuerySet) -> DeviceQuerySet:
    return rows.select_related("owner", "hub", "location")


def reports(actor: Actor, *, status: str = "") -> TestReportQuerySet:
    """Reports that ``actor`` may see, newest first."""
    rows = TestReport.objects.visible_to(actor).select_related("device", "organization")
    return rows.filter(status=status) if status in ReportStatus.values else rows


def unit(tag: str, actor: Actor) -> Device | None:
    """The unit of that tag, when ``actor`` may see it."""
    if not tag.isprintable():
        return None
    return (
        Device.objects.visible_to(actor)
        .select_related("owner", "hub", "location", "visit", "product", "variant")
        .filter(tag=tag.upper())
        .first()
    )


# A unit's evidence ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that a report says: what, the value, and who says so."""

    what: str
    value: str
    sources: Sequence[str] = field(default_factory=tuple)


def reports_of(device: Device) -> list[ReportUnit]:
    """The reports of the unit's present stay, newest first."""
    return list(
        ReportUnit.objects.filter(device=device, visit=device.visit_id)
        .select_related("report")
        .order_by("-matched_at", "-pk")
    )


def units_of(report: TestReport, actor: Actor) -> list[Device]:
    """The units that a report is of, of those what ``actor`` may see."""
    rows = Device.objects.visible_to(actor).filter(report_units__report=report)
    return list(rows.select_related("owner", "hub", "location", "product", "visit").order_by("tag"))


def facts_of_report(report: TestReport) -> list[Fact]:
    """What one report says, before it is known of which unit."""
    if not report.summary:
        return []
    source = (word(report.kind),)
    return [Fact(what=what, value=value, sources=source) for what, value in _told(encode.decode(report.summary))]


def _told(report: Report) -> Iterable[tuple[str, str]]:
    machine = report.kind.split(".")[0] not in DRIVE_TOOLS
    if machine:
        for what, value in (
            (_("Maker"), report.manufacturer),
            (_("Model"), report.model),
            (_("Serial"), report.serial),
            (_("Memory"), measures.memory(report.memory_bytes) if report.memory_bytes else None),
        ):
            if value:
                yield what, value
        processor = next((part.model for part in report.components if part.kind == "processor" and part.model), None)
        if processor:
            yield _("Processor"), processor
    for medium in report.media:
        parts = [word(medium.type.value), medium.model, medium.serial]
        size = measures.size(medium.capacity_bytes) if medium.capacity_bytes else None
        yield _("Drive"), " · ".join(part for part in (*parts, size) if part)
    if (share := share_of(report.battery)) is not None:
        yield _("Battery"), _("%(share)s %% of its capacity") % {"share": share}
    for test in report.tests:
        name = word(f"test.{test.code}") if not test.code.startswith(("storage", "smart")) else word("test.storage")
        verdict = {"pass": _("passed"), "fail": _("failed")}.get(test.verdict.value)
        if verdict:
            yield _("Test"), f"{name}: {verdict}"


def last_grading(device: Device) -> Grading | None:
    """The grade of the present stay."""
    return Grading.objects.filter(device=device, visit=device.visit_id).first()


def last_inspection(device: Device) -> Inspection | None:
    return Inspection.objects.filter(device=device, visit=device.visit_id).first()


def look_of(device: Device, *, at: datetime) -> Look | None:
    """The look that somebody has begun on this stay and not finished; no second one whose time is over."""
    look = Look.objects.select_related("second").filter(device=device, visit=device.visit_id).first()
    return None if look is not None and look.is_over(at) else look


def last_decision(device: Device) -> Decision | None:
    """The decision of the present stay, with the sums it rests on."""
    return Decision.objects.filter(device=device, visit=device.visit_id).select_related("valuation").first()


def grade_is_coming(device: Device, grading: Grading | None, rows: Sequence[ReportUnit]) -> bool:
    """Whether a report was matched whose grade the worker has not given yet."""
    if device.state != State.IN_TRIAGE or not rows:
        return False
    return grading is None or grading.at < rows[0].matched_at


def said(told: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Reasons as a page shows them: the axis in words, the letter, the sentence."""
    return [
        {
            "axis": word(f"axis.{reason.get('axis', 'whole')}"),
            "letter": reason.get("letter", ""),
            "sentence": words.because(reason),
        }
        for reason in told
    ]


# Exceptions -----------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """What needs a person: reports without a unit, reports that can't be read, drives nobody knows, boxes nobody may open, units nobody
    decided."""
    found = [_of_report(row) for row in _stuck_reports(actor)]
    found += [_contradicted(row) for row in contradictions(actor)]
    found += [_astray(model) for model in [bookreads.drifting()] if model is not None and actor.is_operator]
    found += [_closed(device) for device in to_clear(actor)[:MOST_EXCEPTIONS]]
    if actor.is_operator and actor.may("triage.regrade"):
        found += [_apart(row) for row in agreeing.apart(actor)]
        found += [_alarm(row, actor) for row in agreeing.alarms(actor)]
    return found + [_undecided(device) for device in _long_undecided(actor)]


def _astray(model: PriceModel) -> ExceptionRow:
    told = model.watched
    return ExceptionRow(
        key=f"drift:{model.pk}",
        kind="triage.prices_astray",
        sentence=_("Its prices miss the last %(rows)s sales by %(share)s; %(expected)s were expected.")
        % {
            "rows": ui.number(told["rows"]),
            "share": ui.percent(told["share"], 1),
            "expected": ui.percent(learned.expected_of(model.tried), 1),
        },
        thing=_("Price model %s") % model.number,
        url=reverse("triage_price_model"),
        owner=_("pricing"),
        since=model.drifted_at or model.trained_at,
        due=None,
        next_action=_("Look at it"),
    )


def contradictions(actor: Actor) -> list[Contradiction]:
    """What the sources say differently of who a unit is or which drives it holds, and nobody settled, while the unit is with us."""
    rows = Contradiction.objects.filter(
        outcome="",
        kind__in=sorted(FOR_A_PERSON),
        device__in=Device.objects.visible_to(actor).on_hand(),
        visit=F("device__visit"),
    )
    return list(rows.select_related("device__product").order_by("found_at")[:MOST_EXCEPTIONS])


def _contradicted(row: Contradiction) -> ExceptionRow:
    return ExceptionRow(
        key=f"contradiction:{row.pk}",
        kind="triage.identity" if row.kind == IDENTITY else "triage.drives",
        sentence=showing.in_short(row.kind, row.field, row.values_told),
        thing=f"{row.device.face} {row.device.tag}",
        url=reverse("triage_unit", args=[row.device.tag]) + "#picture",
        owner=_("inspector"),
        since=row.found_at,
        due=row.found_at + UNSETTLED_AFTER,
        money_at_risk=row.device.expected_value,
        currency=row.device.currency,
        next_action=_("Settle it"),
    )


def _apart(row: SecondLook) -> ExceptionRow:
    since = row.second_at or row.drawn_at
    told = {"first": word(f"grade.{row.first_grade}"), "second": word(f"grade.{row.second_grade}")}
    return ExceptionRow(
        key=f"looks:{row.pk}",
        kind="triage.looks_apart",
        sentence=_("Two people looked at it and are far apart: %(first)s and %(second)s.") % told,
        thing=f"{row.device.face} {row.device.tag}",
        url=reverse("triage_looks", args=[row.pk]),
        owner=_("lead"),
        since=since,
        due=since + UNSETTLED_AFTER,
        money_at_risk=row.device.expected_value,
        currency=row.device.currency,
        next_action=_("Settle it"),
    )


def _alarm(row: AgreementAlarm, actor: Actor) -> ExceptionRow:
    return ExceptionRow(
        key=f"agreement:{row.pk}",
        kind="triage.agreement",
        sentence=showing.alarm(row),
        thing=showing.whose_alarm(row, actor),
        url=reverse("triage_agreement"),
        owner=_("lead"),
        since=row.opened_at,
        next_action=_("Look at the figures"),
    )


def _stuck_reports(actor: Actor) -> list[TestReport]:
    stuck = Q(status=ReportStatus.UNMATCHED) | Q(reason_code="DRIVES_UNKNOWN")
    stuck |= Q(status=ReportStatus.REFUSED)
    rows = TestReport.objects.visible_to(actor).filter(stuck, set_aside_at=None)
    return list(rows.order_by("received_at")[:MOST_EXCEPTIONS])


def _of_report(row: TestReport) -> ExceptionRow:
    refused = row.status == ReportStatus.REFUSED
    action = {ReportStatus.REFUSED: _("Look at it"), ReportStatus.UNMATCHED: _("Match to a unit")}
    return ExceptionRow(
        key=f"report:{row.pk}",
        kind="triage.report_refused" if refused else "triage.report_unmatched",
        sentence=row.reason,
        thing=row.name or word(row.kind or "report"),
        url=reverse("triage_report", args=[row.pk]),
        owner=_("inspector"),
        since=row.received_at,
        due=None if refused else row.received_at + UNMATCHED_AFTER,
        next_action=action.get(ReportStatus(row.status), _("Look at it")),
    )


def _long_undecided(actor: Actor) -> list[Device]:
    """Graded units that nobody sent on: no path is open, or nobody looked."""
    return list(to_decide(actor).filter(holds=[], waiting_for="").order_by("state_since")[:MOST_EXCEPTIONS])


def _undecided(device: Device) -> ExceptionRow:
    ungraded = device.grade == "NA"
    return ExceptionRow(
        key=f"undecided:{device.pk}",
        kind="triage.undecided",
        sentence=_("No rubric is for it: a person decides without a grade.")
        if ungraded
        else _("It has its grade and no way yet."),
        thing=f"{device.face} {device.tag}",
        url=reverse("triage_unit", args=[device.tag]),
        owner=_("inspector"),
        since=device.state_since,
        due=device.state_since + UNDECIDED_AFTER,
        money_at_risk=device.expected_value,
        currency=device.currency,
        next_action=_("Decide"),
    )


def _closed(device: Device) -> ExceptionRow:
    return ExceptionRow(
        key=f"closed:{device.pk}",
        kind="triage.not_decontaminated",
        sentence=_("Nobody opens it: its decontamination isn't on record. Ask its owner for the certificate."),
        thing=f"{device.face} {device.tag}",
        url=reverse("triage_decontamination", args=[device.tag]),
        owner=_("inspector"),
        since=device.state_since,
        due=device.state_since + CLOSED_AFTER,
        money_at_risk=device.expected_value,
        currency=device.currency,
        next_action=_("Write down its decontamination"),
    )


def candidates(report: TestReport, actor: Actor) -> list[Device]:
    """Units a person may want to match an unmatched report to: those it couldn't be told apart from, then those of its model."""
    visible = _faced(Device.objects.visible_to(actor))
    found = list(visible.filter(tag__in=report.candidates).order_by("tag"))
    if report.summary and len(found) < 8:
        told = encode.decode(report.summary)
        if told.model:
            nameless = ~Exists(Identifier.objects.filter(device=OuterRef("pk"), scheme="serial"))
            like = visible.filter(model__iexact=told.model, state__in=[State.RECEIVED, State.IN_TRIAGE]).filter(
                nameless
            )
            found += list(like.exclude(pk__in=[one.pk for one in found])[: 8 - len(found)])
    return found


# Plans --------------------------------------------------------------------------------------------------------------------------------


def plans(actor: Actor) -> QuerySet[DayPlan]:
    """The plans of the sites at which ``actor`` works, newest first."""
    rows = DayPlan.objects.select_related("hub")
    if not actor.is_operator:
        return rows.none()
    return rows.filter(hub_id__in=actor.hubs) if actor.hubs else rows


def regrades(actor: Actor) -> QuerySet[Regrade]:
    """What was graded again by new rules, newest first: the operator's own business."""
    rows = Regrade.objects.select_related("rule_set__organization")
    return rows if actor.is_operator else rows.none()


def hubs_of(actor: Actor) -> list[Hub]:
    """The sites whose queue ``actor`` may plan."""
    rows = Hub.objects.order_by("name")
    return list(rows.filter(pk__in=actor.hubs) if actor.hubs else rows)


def parts_wanted(most: int = 6) -> list[str]:
    """The parts that open faults of units in triage ask for most, as limits of a plan are named."""
    rows = (
        Fault.objects.filter(cleared_at=None, device__state=State.IN_TRIAGE, device__disposition="")
        .values_list("code")
        .annotate(count=Count("pk"))
        .order_by("-count", "code")
    )
    wanted: Counter[str] = Counter()
    for code, count in rows:
        if (job := SHIPPED.repair(code, "")) is not None and job[1]:
            wanted[f"part:{part_of(code) or code}"] += count
    return [name for name, _count in wanted.most_common(most)]
