"""What triage keeps: the reports that came in, what a person saw, the grade that followed, and the decision with its sums."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device, Visit
from revlog.devices.models.device import DISPOSITIONS, GRADES
from revlog.evidence.models import Artifact
from triage.models.complaints import Complaint, ComplaintAhead, ComplaintExample, ComplaintModel, Settled
from triage.models.outturns import Outturn, OutturnQuerySet, RepairDone
from triage.models.regrades import Regrade, RegradedUnit, RegradeStatus
from triage.models.seconds import COMPARED, OPEN, AgreementAlarm, SecondLook, SecondLookQuerySet, SecondStatus

__all__ = [
    "COMPARED",
    "OPEN",
    "AgreementAlarm",
    "Complaint",
    "ComplaintAhead",
    "ComplaintExample",
    "ComplaintModel",
    "Contradiction",
    "DayPlan",
    "Decision",
    "Grading",
    "Inspection",
    "KeptBooks",
    "KeptFigures",
    "Look",
    "Outcome",
    "Outturn",
    "OutturnQuerySet",
    "PlanStatus",
    "PlannedUnit",
    "Regrade",
    "RegradeStatus",
    "RegradedUnit",
    "RepairDone",
    "ReportColumns",
    "ReportStatus",
    "ReportUnit",
    "SecondLook",
    "SecondLookQuerySet",
    "SecondStatus",
    "Settled",
    "TestReport",
    "TestReportQuerySet",
    "Valuation",
]


class ReportStatus(models.TextChoices):
    RECEIVED = "received", _("waiting to be read")
    INGESTED = "ingested", _("matched")
    UNMATCHED = "unmatched", _("belongs to no known unit")
    REFUSED = "refused", _("can't be read")
    SPLIT = "split", _("a table; each row is a report")


class PlanStatus(models.TextChoices):
    ASKED = "asked", _("being reckoned")
    MADE = "made", _("made")
    FAILED = "failed", _("not made")
    FOLLOWED = "followed", _("followed")


class TestReportQuerySet(models.QuerySet["TestReport"]):
    def visible_to(self, actor: Actor) -> TestReportQuerySet:
        """The operator's staff see what came in at their hubs; others what their organization sent."""
        if actor.is_operator:
            return self.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None)) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(organization_id=actor.organization_id)


class TestReport(models.Model):
    """A report of a test bench or wipe station as it came, and what became of it. Its id is its chain's.

    The bytes are kept first and read later, so that a station is answered at once and nothing that was sent is lost: an unreadable
    report stays with the reason, an unmatched one waits for a person. The same bytes from the same organization are the same report.
    """

    __test__ = False  # pytest takes classes called Test... for tests

    id = models.UUIDField(primary_key=True, editable=False)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    """The recognised format, empty until it is read."""
    status = models.CharField(max_length=10, choices=ReportStatus.choices, default=ReportStatus.RECEIVED)
    via = models.CharField(max_length=10)
    """page, api or command."""
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="test_reports")
    """Whose sender it is; None for the command line."""
    by_operator = models.BooleanField(default=False)
    hub_id = models.UUIDField(null=True, blank=True)
    hubs = ArrayField(models.UUIDField(), default=list, blank=True)
    """The hubs whose units the sender could see: matching later may look at no others."""
    sent_by = models.CharField(max_length=80)
    meant_for = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    """The unit on whose page it was sent, None when nobody named one."""
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="rows")
    """The table of which it is a row; None for what came as a file of its own."""
    line = models.IntegerField(null=True, blank=True)
    """Its line in that table."""
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="test_reports")
    """The unit it is of; the first one where a wipe station's log covers drives of several (``units``)."""
    summary = models.JSONField(null=True, blank=True)
    """The report brought into one shape (``triage.reports.encode``)."""
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    position = models.CharField(max_length=100, blank=True)
    candidates = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    """Tags of the units between which it can't be told apart."""
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    """When a person said that nothing more is to be done about it; its bytes stay."""

    objects = TestReportQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-received_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organization", "artifact"], name="the_same_bytes_are_the_same_report", nulls_distinct=False
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "-received_at"], name="reports_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def answer(self) -> str:
        """``CODE: sentence (position)``, empty when there is nothing to say."""
        if not self.reason_code:
            return ""
        return f"{self.reason_code}: {self.reason}" + (f" ({self.position})" if self.position else "")


class ReportColumns(models.Model):
    """Which column of an organization's tables means what, under a name; the one saved last that fits a header reads the file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="report_columns")
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict)
    """Field -> heading, as ``triage.tables.Columns`` has it."""
    saved_by = models.CharField(max_length=80)
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-saved_at", "-id"]
        verbose_name_plural = "report columns"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_table_a_name_and_organization"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.organization_id} {self.name}"


class ReportUnit(models.Model):
    """A unit that a report is of, and how it was recognised: a wipe station's log may be of several units."""

    report = models.ForeignKey(TestReport, models.PROTECT, related_name="units")
    device = models.ForeignKey(Device, models.PROTECT, related_name="report_units")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    how = models.CharField(max_length=10)
    """tag, serial, drive, mac, chosen (sent on the unit's page), by_hand, created."""
    matched_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["report", "device"], name="a_report_is_of_a_unit_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "visit", "matched_at"], name="reports_of_a_stay")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.report_id} of {self.device_id}"


class Inspection(models.Model):
    """What a person saw and tried on a unit: defects as code, zone and severity, never free text alone."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="inspections")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    sealed = models.BooleanField(default=False)
    works = models.CharField(max_length=10, default="untested")
    """yes, no or untested."""
    defects = models.JSONField(default=list)
    """[{code, zone, severity}] as seen this time."""
    plan = models.CharField(max_length=60, blank=True)
    """The version of the test plan by which it was asked."""
    tests = models.JSONField(default=list)
    """[{test, verdict, by}]: each test of the plan, passed, failed or not tried; ``by`` is person, known, or empty."""
    photos = models.JSONField(default=list)
    """[{photo, zone, code}]: digests of what was photographed, with the place and defect each is of, where that was said."""
    by = models.CharField(max_length=80)
    hands = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    """Everybody who tapped in it, who finished it among them."""
    at = models.DateTimeField()
    entry = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.at:%Y-%m-%d}"


class Look(models.Model):
    """An inspection that was begun and isn't finished: what was answered, tapped and photographed so far.

    Nothing of it is said on the ledger until it is finished, but for dangers, which hold the unit at once. Then its row is gone.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.OneToOneField(Device, models.PROTECT, related_name="look")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    plan = models.CharField(max_length=60)
    """The plan's version in force when it was begun, by which it is finished."""
    answers = models.JSONField(default=dict)
    """test -> {verdict, faults}"""
    defects = models.JSONField(default=list)
    """[{code, zone, severity}]"""
    photos = models.JSONField(default=list)
    """[{photo, zone, code}]"""
    second = models.ForeignKey(SecondLook, models.PROTECT, null=True, related_name="+")
    """The draw for which it is made, blind; None for a first look."""
    begun_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    hands = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    """Everybody who tapped in it."""

    class Meta:
        ordering: ClassVar[list[str]] = ["begun_at"]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} since {self.begun_at:%Y-%m-%d %H:%M}"

    def is_over(self, at: datetime) -> bool:
        """Whether it was a second one whose time is over: the first is shown by now, so what was begun blind is no look at all."""
        second = self.second
        return second is not None and (second.status != SecondStatus.WAITING or second.until <= at)


class Outcome(models.TextChoices):
    SETTLED = "settled", _("settled by a person")
    LAPSED = "lapsed", _("gone by itself")


class Contradiction(models.Model):
    """What the sources of one stay say differently of one field, from when it was noticed until a person settled it or it went away.

    ``value`` is the one that counts by that person's word; the others stay in ``values_told`` with their sources. A value that nobody had
    said before opens another row.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="contradictions")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=160)
    """``serial``, ``memory``, ``drive:<serial>`` ... as ``merging.Field.name``."""
    kind = models.CharField(max_length=12)
    """identity, drives, reading, names."""
    values_told = models.JSONField(default=list)
    """[{key, look, sources: [{kind, by, at, ref}]}], the one that counts by the rules first."""
    found_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    """Empty while it is open."""
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["found_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device", "visit", "field"],
                condition=Q(outcome=""),
                name="a_field_contradicts_once",
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "visit"], name="contradictions_of_a_stay"),
            models.Index(fields=["found_at"], condition=Q(outcome=""), name="open_contradictions"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.field}"


class KeptBooks(models.Model):
    """The grade books by which units were called, by what they say: those of the code change with it, these stay."""

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    number = models.IntegerField()
    """The version of the rules, 0 as shipped."""
    body = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "kept books"

    @override
    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"


class Grading(models.Model):
    """A grade with its reasons, as given: later rubrics and later looks make another row, this one stays."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="gradings")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    rubric = models.CharField(max_length=60, blank=True)
    """The version that judged, empty when no rubric is for this class."""
    overall = models.CharField(max_length=3, choices=GRADES)
    function = models.CharField(max_length=3, blank=True)
    cosmetic = models.CharField(max_length=3, blank=True)
    battery = models.CharField(max_length=3, blank=True)
    storage = models.CharField(max_length=3, blank=True)
    completeness = models.CharField(max_length=3, blank=True)
    data = models.CharField(max_length=3, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of a hundred, by the rubric's weights; None where it has none."""
    reasons = models.JSONField(default=list)
    """Why each letter: [{axis, letter, code, ...}], said by ``words.because``."""
    blocked = models.JSONField(default=list)
    """What refused the better grade, in the same shape."""
    condition = models.JSONField(null=True)
    """What was known of the unit, as ``condition.as_json`` tells it: by this it is judged again by other rules. None for old ones."""
    books = models.JSONField(default=dict)
    """Grade book -> the code of its grade; empty where it reaches none, null where the book couldn't judge."""
    shelf = models.ForeignKey(KeptBooks, models.PROTECT, null=True, related_name="+")
    caused_by = models.CharField(max_length=64, blank=True)
    """Digest of the entry (a report, an inspection) that made it necessary; empty when a person asked."""
    entry = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["device", "-at"], name="gradings_of_a_unit")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.overall}"


class KeptFigures(models.Model):
    """The figures that a valuation was reckoned with, by what they say: those of the code change with it, these stay."""

    digest = models.CharField(primary_key=True, max_length=64, editable=False)
    version = models.CharField(max_length=60)
    body = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "kept figures"

    @override
    def __str__(self) -> str:
        return self.version


class Valuation(models.Model):
    """What each path is expected to recover for a unit, with every line of the sum, and what stands against it."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="valuations")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    version = models.CharField(max_length=60)
    figures = models.ForeignKey(KeptFigures, models.PROTECT, null=True, related_name="+")
    """None for those from before figures were kept."""
    currency = models.CharField(max_length=3)
    best = models.CharField(max_length=24, blank=True)
    """The path proposed, a disposition or ``LOT``; empty when none is allowed, and then ``paths`` say why."""
    paths = models.JSONField(default=list)
    """[{path, net, currency, lines: [{what, amount, how}], against: [{code, sentence}]}], the proposed first; as
    ``ranking.plain_path`` has it, those of the first shape without channels, bands and parts."""
    beside = models.JSONField(default=dict)
    """By what the proposal was chosen, the steps to better grades, the supervised exceptions."""
    inputs = models.JSONField(default=dict)
    """The case, with the ``shape`` in which it is kept; the first shape says none."""
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["device", "-at"], name="valuations_of_a_unit")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.best}"


class Decision(models.Model):
    """Where a unit was sent, by whom, on which sums; ``overridden`` when a person chose another path than the sums did."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="decisions")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    valuation = models.ForeignKey(Valuation, models.PROTECT, related_name="decisions")
    disposition = models.CharField(max_length=24, choices=DISPOSITIONS)
    path = models.CharField(max_length=24, blank=True, default="")
    """The path of the valuation that was taken: the disposition, or ``LOT``; empty in decisions from before lots were a path."""
    channel = models.CharField(max_length=24, blank=True, default="")
    """Where it is to be sold, as the sums chose it; nobody is bound to it."""
    target = models.CharField(max_length=3, blank=True, default="")
    """The grade that the bench is to reach."""
    expected = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    overridden = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    entry = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.disposition}"


class DayPlan(models.Model):
    """A day's queue of one site solved as one, under limits. It proposes; what a unit does is decided when somebody follows it.

    Its id is its chain's. ``limits`` names what is scarce and how much of it there is: ``minutes`` of the bench, ``part:display``
    pieces, ``path:RESELL`` places; what isn't named doesn't limit.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    limits = models.JSONField(default=dict)
    used = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=PlanStatus.choices, default=PlanStatus.ASKED)
    trouble = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    worth = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    alone = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """What the same queue brings when each unit takes its best, in order, while it lasts."""
    bound = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """What no plan under these limits can exceed."""
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["hub", "-asked_at"], name="plans_of_a_site")]

    @override
    def __str__(self) -> str:
        return f"{self.hub_id} {self.asked_at:%Y-%m-%d}"

    @property
    def gain(self) -> Decimal | None:
        """What solving the queue as one brings more."""
        return None if self.worth is None or self.alone is None else self.worth - self.alone


class PlannedUnit(models.Model):
    """What the plan proposes for one unit, beside what is best for it alone. An empty path is another day's wait."""

    plan = models.ForeignKey(DayPlan, models.PROTECT, related_name="units")
    place = models.PositiveIntegerField()
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    """The stay that was planned: a unit that went and came back is another matter."""
    path = models.CharField(max_length=24, blank=True)
    channel = models.CharField(max_length=24, blank=True, default="")
    target = models.CharField(max_length=3, blank=True, default="")
    """The grade that the bench is to reach."""
    worth = models.DecimalField(max_digits=12, decimal_places=2)
    best = models.CharField(max_length=24)
    best_worth = models.DecimalField(max_digits=12, decimal_places=2)
    uses = models.JSONField(default=dict)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    refused = models.CharField(max_length=500, blank=True)
    """Why it couldn't be followed, when somebody tried."""

    class Meta:
        ordering: ClassVar[list[str]] = ["plan", "place"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "device"], name="a_plan_has_a_unit_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.path or 'waits'}"
