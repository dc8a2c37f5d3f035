"""What follows from what: a report that came in is read and matched; a unit that a report was matched to is graded; sales teach prices;
what a customer said of a unit is proposed as a fault."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from itad import facts as itad_facts
from recycling import facts as recycling_facts
from resale import facts as resale_facts
from returns import facts as returned
from returns.facts import RmaOpened, UnitMatched
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices import facts as device_facts
from revlog.terms import facts as terms_facts
from revlog.terms.models import Training
from triage import facts
from triage.models import DayPlan, TestReport
from triage.services import complaints, grading, outturns, planning, pricing, regrading, reports, sales


@on(facts.ReportReceived, queue="fast", slow=True)
def read_report(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Read it outside any transaction; match and write inside the one that marks this done."""
    report = TestReport.objects.select_related("artifact", "meant_for").get(pk=entry.chain_id)
    if report.status not in reports.OPEN:
        return None
    found = reports.read(report)
    return lambda: reports.settle(report, found, by=reports.READER, at=at)


@on(facts.ReportMatched, queue="fast")
def grade_unit(entry: Entry, *, at: datetime) -> None:
    """A unit in triage is graded on what is known of it now; elsewhere a report only adds to what is known."""
    grading.grade_because(entry, at=at)


@on(facts.PlanAsked, queue="jobs", slow=True, held_for=planning.GIVEN_UP_AFTER)
def plan_the_day(entry: Entry, *, at: datetime) -> None:
    """Reckon it outside any transaction: a plan of thousands of units takes seconds."""
    planning.make(DayPlan.objects.get(pk=entry.chain_id), at=at)


@on(resale_facts.SoldTo, resale_facts.LotShipped, resale_facts.SaleCancelled)
def note_sale(entry: Entry, *, at: datetime) -> None:
    """What a unit of ours sold for teaches what such things sell for; a sale that came to nothing teaches nothing."""
    sales.note(entry, at=at)


@on(terms_facts.LearningAsked, queue="jobs", slow=True, held_for=timedelta(minutes=20))
def learn_prices(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Learn outside any transaction; the model and its prices are written inside the one that marks this done."""
    return pricing.learn(Training.objects.get(pk=entry.chain_id), at=at)


@on(facts.RegradeAsked, queue="jobs", slow=True)
def grade_units_again(entry: Entry, *, at: datetime) -> None:
    """Each unit in a transaction of its own: a worker that dies is followed by another, which goes on where it was."""
    regrading.run(uuid.UUID(str(entry.chain_id)), at=at)


@on(RmaOpened, queue="fast")
def propose_ahead(entry: Entry, *, at: datetime) -> None:
    """What the customer's words point to, for the desk, before anything has come."""
    complaints.propose_ahead(entry, at=at)


@on(UnitMatched, queue="fast")
def propose_fault(entry: Entry, *, at: datetime) -> None:
    """What the customer's words point to, once it is known whose return the unit is."""
    complaints.propose_because(entry, at=at)


@on(facts.Inspected, queue="fast")
def note_what_was_found(entry: Entry, *, at: datetime) -> None:
    """A look that ended says what was behind a complaint, where nobody did."""
    complaints.after_look(entry, at=at)


@on(
    resale_facts.Shipped,
    resale_facts.LotShipped,
    recycling_facts.Recycled,
    returned.Restocked,
    returned.SentBack,
    itad_facts.Donated,
    device_facts.WrittenOff,
)
def hold_against_what_came(entry: Entry, *, at: datetime) -> None:
    """A stay has ended: what its decisions expected stands beside what came."""
    outturns.follow(entry.chain_id, at=at)
