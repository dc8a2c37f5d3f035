"""The demo shows everything: after a run each queue has somebody waiting, and each kind of exception that the code knows is open."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from refurb.models import PartStop
from reporting.models import AccountingRun
from returns.models import (
    AfterReturn,
    Charge,
    Interchange,
    RefundQuestion,
    Rma,
    RmaLine,
    StoreCredit,
    Trial,
    Trouble,
    VendorReturn,
    VendorReturnLine,
)
from returns.queries import inbox
from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.devices.journey import OWNERS, State
from revlog.devices.models import Device, HoldKind, Posting
from revlog.logistics.models import Handover
from revlog.pages import demo, queries
from revlog.pages.simulation import run
from revlog.terms.models import OrderLine
from triage.models import DayPlan, Regrade
from triage.services import planning

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("nothing_known_of_tables")]
END = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    ("returns/queries/inbox.py", "row.kind"): {kind.value for kind in Trouble},
    ("revlog/pages/queries.py", "f'hold.{row.kind}'"): {f"hold.{kind.value}" for kind in HoldKind.by_hand()},
}
"""Where a kind is not written out: the values that it has."""
ONLY_WHEN_SOMETHING_BROKE = {"exception.unpooled", "rma_unaccounted"}
"""Money of a return adds up, or something wrote past the verbs. A unit for sale is pooled by itself;
without a worker that fails at it, none is left out."""
ONLY_TO_OWNERS = {"exception.recalled"}
"""What the owners of units are shown, and the operator's people are not."""


def _kinds_of(node: ast.expr, path: str) -> set[str]:
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _kinds_of(node.body, path) | _kinds_of(node.orelse, path)
    return FAMILIES[path, ast.unparse(node)]


def all_kinds() -> set[str]:
    """Every kind of exception that some ``ExceptionRow(kind=...)`` in the code can have."""
    found: set[str] = set()
    files = [
        file
        for app in ("revlog", *queries.STAGES)
        for file in sorted((ROOT / app).rglob("*.py"))
        if "ExceptionRow(" in file.read_text()
    ]
    for file in files:
        path = str(file.relative_to(ROOT))
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ExceptionRow":
                found |= {kind for word in node.keywords if word.arg == "kind" for kind in _kinds_of(word.value, path)}
    return found


def test_a_run_leaves_somebody_in_each_queue_and_an_open_exception_of_each_kind(settings: Any) -> None:
    settings.SEPA_IBAN = "NL91 ABNA 0417 1643 00"  # as make run has it
    made = run.run(units=60, days=90, seed=20, end=END)

    assert made.refused == {}
    waiting = {State(state) for state in Device.objects.values_list("state", flat=True)}
    assert set(OWNERS) - {State.DEPLOYED} - waiting == set()
    assert {queue.state for queue in queries.QUEUES} == set(OWNERS) - {State.DEPLOYED}
    plan = DayPlan.objects.get()
    planning.make(plan, at=END)  # its worker comes with the platform
    plan.refresh_from_db()
    assert plan.status == "made"
    assert any(plan.used[name] == most for name, most in plan.limits.items() if name in plan.used), plan.used
    stays = RmaLine.objects.filter(decision__rule="not_worth_its_freight", goods="keep")
    assert stays.count() == 3
    assert RmaLine.objects.filter(decision__rule="kept_often", rma__status="requested").count() == 1
    kinds = all_kinds()
    assert {"rma_waiting", "wipe_failed", "exception.parked", "hold.legal", "short_count"} <= kinds
    open_ones = {row.kind for row in queries.exceptions(system("test"), at=END)}
    # The stages ask the clock, by which everything is past its date; what is not yet late is asked for as of the end.
    open_ones |= {row.kind for row in inbox.exceptions(system("test"), at=END)}
    assert kinds - open_ones == ONLY_WHEN_SOMETHING_BROKE | ONLY_TO_OWNERS

    # Rules that somebody drafted were tried on all that happened, and some of it would go another way.
    tried = {trial.rule_set.kind: trial for trial in Trial.objects.select_related("rule_set")}
    assert {kind: trial.status for kind, trial in tried.items()} == dict.fromkeys(
        ["returns.policy", "returns.risk", "returns.tradein", "returns.unsold", "triage.grade_book", "triage.rubric"],
        "done",
    )
    assert all(trial.changed and not trial.skipped for trial in tried.values())
    # One rubric was published: what rests on an old grade is listed.
    assert Regrade.objects.get(status="done").listed

    # Of each outcome somebody wants it, and of what follows from it something is to be seen.
    assert set(RmaLine.objects.values_list("wanted", flat=True)) >= {
        "refund", "credit", "exchange", "advance", "repair", "replace",
    }  # fmt: skip
    assert {"back", "keep", "none"} <= set(RmaLine.objects.values_list("goods", flat=True))
    assert Charge.objects.filter(status="asked").exists()
    assert StoreCredit.objects.filter(balance__gt=0).exists()
    assert Rma.objects.filter(kind="claim", status="requested").exists()
    assert Handover.objects.filter(accepted_at=None).exists()
    assert {"apparel", "accessory"} <= set(Device.objects.values_list("device_class", flat=True))
    assert Posting.objects.exists()
    assert AccountingRun.objects.exists()
    assert AfterReturn.objects.filter(score__isnull=False).exists()
    assert AfterReturn.objects.filter(again__isnull=False).exists()
    assert RefundQuestion.objects.exists()
    assert StoreCredit.objects.filter(lapsed__gt=0).exists()
    assert OrderLine.objects.filter(tags__contains=["new"]).exists()
    assert set(Interchange.objects.values_list("direction", flat=True)) == {"in", "out"}
    assert VendorReturnLine.objects.filter(rtv__status="shipped", device__device_class="phone").exists()
    assert VendorReturn.objects.filter(status="authorized", answer="Our store takes no more than 32.").exists()
    assert PartStop.objects.filter(ended_at=None).exists()
    assert [str(code["label"]) for code in demo.codes() if not code["code"]] == []
    assert not Entry.objects.filter(occurred_at__gt=END).exists()
    assert Entry.objects.earliest("occurred_at").occurred_at <= END.replace(month=4, day=10)
