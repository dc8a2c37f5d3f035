"""All that triage can say on the ledger."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class ReportReceived(
    Fact,
    kind="triage.report_received",
    staff=_("A test report came in."),
    client=_("A test report came in."),
):
    """On the report's own chain: the bytes are kept, nothing is read yet."""

    report: str
    digest: str
    via: str
    again: bool | None = None


class ReportRefused(
    Fact,
    kind="triage.report_refused",
    staff=_("The report can't be read: {code!w}."),
    client=_("The report can't be read: {code!w}."),
):
    """On the report's own chain."""

    report: str
    digest: str
    code: str
    position: str | None = None


class ReportUnmatched(
    Fact,
    kind="triage.report_unmatched",
    staff=_("The report belongs to no known unit: {code!w}."),
    client=_("The report belongs to no known unit: {code!w}."),
):
    """On the report's own chain."""

    report: str
    digest: str
    format: str
    code: str
    candidates: list[str]


class ReportAssigned(
    Fact,
    kind="triage.report_assigned",
    staff=_("The report is of {units!l}."),
    client=_("The report is of {units!l}."),
):
    """On the report's own chain, once it is known which units it is of."""

    report: str
    digest: str
    format: str
    units: list[str]
    how: str
    reason: str | None = None
    left: list[str] | None = None
    """Serials of drives in it that belong to no known unit."""


class ReportSplit(
    Fact,
    kind="triage.report_split",
    staff=_("The table has {rows:row|rows} that are reports of their own; {refused} can't be taken."),
    client=_("The table has {rows:row|rows} that are reports of their own; {refused} can't be taken."),
):
    """On the table's own chain; each row has a chain of its own."""

    report: str
    digest: str
    rows: int
    refused: int
    lines: list[int] | None = None
    """Lines of the table that can't be taken, at most a hundred."""


class ReportSetAside(
    Fact,
    kind="triage.report_set_aside",
    staff=_("Set aside: {reason}."),
    client=_("Set aside."),
):
    """On the report's own chain: a person looked, and nothing more is to be done about it."""

    report: str
    reason: str


class ReportMatched(
    Fact,
    kind="triage.report_matched",
    staff=_("Test report read ({format!w}), recognised by {how!w}."),
    customer=_("It was tested."),
    client=_("Test report read ({format!w})."),
):
    """On the unit's chain. ``format`` is the report's kind; ``erasures`` are those of this unit's drives, as ``Erasure`` has them."""

    report: str
    digest: str
    format: str
    how: str
    tool_version: str | None = None
    erasures: list[dict[str, Any]] | None = None
    reason: str | None = None


class Contradicted(
    Fact,
    kind="triage.contradicted",
    staff=_("Reports and looks contradict each other: {fields!l}."),
):
    """On the unit's chain. ``fields`` are those that are new, by name (``serial``, ``drive:<serial>``)."""

    fields: list[str]


class ContradictionSettled(
    Fact,
    kind="triage.contradiction_settled",
    staff=_("Settled: for {field}, {value} counts. {reason}"),
):
    """On the unit's chain: a person said which value counts; ``over`` are those that don't."""

    field: str
    value: str
    over: list[str]
    reason: str


class Inspected(
    Fact,
    kind="triage.inspected",
    staff=_("Looked at by a person: {count:defect|defects}."),
    customer=_("We looked at it."),
    client=_("Inspected: {count:defect|defects}."),
):
    inspection: str
    works: str
    sealed: bool
    count: int
    defects: list[dict[str, str]]
    photos: list[str] | None = None
    """Digests of the photos that were taken."""
    plan: str | None = None
    """The version of the test plan by which it was asked."""
    tests: list[dict[str, str]] | None = None
    """{test, verdict, by}: each test of the plan, as ``Inspection.tests``."""
    pictured: list[dict[str, str]] | None = None
    """{photo, zone, code}: of what each photo is, where that was said."""


class FaultConfirmed(
    Fact,
    kind="triage.fault_confirmed",
    staff=_("The customer's words pointed to: {told!w}. It is: {found!w}."),
):
    """On the unit's chain: a person said what is behind a complaint. Codes alone; the words stay with the return."""

    told: str
    """What the words pointed to most; ``no_clear_fault`` where no clear fault was told."""
    found: str
    model: str


class Graded(
    Fact,
    kind="triage.graded",
    staff=_("Graded: {grade!w}."),
    customer=_("We finished checking it."),
    client=_("Graded: {grade!w}."),
):
    grade: str
    rubric: str | None = None
    function: str | None = None
    cosmetic: str | None = None
    battery: str | None = None
    storage: str | None = None
    completeness: str | None = None
    data: str | None = None
    score: int | None = None
    """Of a hundred, where the rubric weighs its axes."""
    reasons: list[dict[str, str]]
    blocked: list[dict[str, str]]
    """{code} of what keeps it from being used by anybody (locks, dangers), and ``untested`` while there is no grade."""
    refused: list[dict[str, str]] | None = None
    """What refused the better grade, in the shape of ``reasons``."""
    books: list[dict[str, str]] | None = None
    """{book, name, version, grade, called}: what it is called in other grade books, where it reaches a grade of theirs."""


class SecondLookDrawn(
    Fact,
    kind="triage.second_look_drawn",
    staff=_("Drawn for a second look by somebody else, until {until!d} at the latest."),
):
    """Whoever has the chain can draw again: ``number`` is made of the unit, ``day`` and ``entry``, the digest of the first look's entry,
    or of the grade's where a letter came only after that look;
    it was drawn because it is below ``share``."""

    look: str
    rules: str
    why: str
    share: str
    number: str
    day: str
    entry: str
    until: str


class SecondLookDone(
    Fact,
    kind="triage.second_look_done",
    staff=_("Looked at a second time: {verdict!w} (first {first!w}, second {second!w})."),
):
    """``first`` and ``second`` are what each look alone gives by the same rubric; ``axes`` those on which they differ."""

    look: str
    first: str
    second: str
    axes: list[str]
    verdict: str


class SecondLookLapsed(
    Fact,
    kind="triage.second_look_lapsed",
    staff=_("It goes on without its second look: nobody came to it in time."),
):
    look: str


class Disposed(
    Fact,
    kind="triage.disposed",
    staff=_("Decided: {disposition!w}."),
    client=_("Decided: {disposition!w}."),
):
    disposition: str
    economics: str
    """Version of the figures it was reckoned with."""
    valuation: str
    paths: list[dict[str, Any]]
    overridden: bool
    reason: str | None = None
    path: str | None = None
    """The path of the sums, where its name isn't the disposition's: ``LOT``."""
    channel: str | None = None
    """Where the sums would have it sold."""
    target: str | None = None
    """The grade that the bench is to reach."""


class TriageBegun(
    Fact,
    kind="triage.begun",
    staff=_("Triage begun."),
    customer=_("We are checking it."),
    client=_("Triage begun."),
):
    what: str


class PlanAsked(
    Fact,
    kind="triage.plan_asked",
    staff=_("A plan of the day was asked for."),
):
    """On the plan's own chain. ``limits`` names what is scarce and how much of it there is."""

    plan: str
    limits: dict[str, int]


class PlanMade(
    Fact,
    kind="triage.plan_made",
    staff=_("The day was planned for {count:unit|units}: {worth} {currency} instead of {alone} {currency}."),
):
    """On the plan's own chain."""

    plan: str
    count: int
    currency: str
    worth: str
    alone: str
    bound: str


class PlanFollowed(
    Fact,
    kind="triage.plan_followed",
    staff=_("The plan was followed for {done:unit|units}; {refused:unit|units} stayed."),
):
    """On the plan's own chain; each unit's decision is on its own."""

    plan: str
    done: int
    refused: int


class RegradeAsked(
    Fact,
    kind="triage.regrade_asked",
    staff=_("Units are graded again: {rules!w}, version {number}; {count:unit|units} to look at."),
):
    """On the regrade's own chain."""

    regrade: str
    rule_set: str
    rules: str
    number: int
    count: int


class RegradeDone(
    Fact,
    kind="triage.regrade_done",
    staff=_("Graded again: {count:unit|units}; {changed} changed, {listed} listed and left as they are."),
):
    """On the regrade's own chain; each unit's new grade is on its own."""

    regrade: str
    count: int
    changed: int
    listed: int
