"""The simulated operation: the same seed says the same, units go whole ways through the real verbs, and every chain holds."""

from __future__ import annotations

import json
import multiprocessing
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from reporting import queries
from reporting.filters import Filters
from reporting.models import Stay, VisitFact
from reporting.services import projections
from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.pages.simulation import apart, run
from revlog.pages.simulation.apart import Progress
from revlog.pages.simulation.catalog import HALVES, MODELS
from revlog.pages.simulation.run import Ran

END = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)


def _portal() -> bool:
    try:
        reverse("returns_link", args=["x"])
    except NoReverseMatch:
        return False
    return True


pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.usefixtures("nothing_known_of_tables"),
    pytest.mark.skipif(not _portal(), reason="returns has no pages yet"),
]


class Undone(Exception):
    """Takes everything back that was done since."""


def ran_and_undone(**more: int) -> Ran:
    found: list[Ran] = []
    try:
        with transaction.atomic():
            found.append(run.run(**{"units": 14, "days": 40, "seed": 7, **more}, end=END))  # type: ignore[arg-type]
            raise Undone
    except Undone:
        return found[0]


def test_one_seed_gives_one_ledger_and_another_seed_another() -> None:
    first, second, other = (ran_and_undone(units=6, seed=seed) for seed in (7, 7, 8))

    assert first.ledger_digest == second.ledger_digest
    assert (first.units, first.entries, first.ended) == (second.units, second.entries, second.ended)
    assert other.ledger_digest != first.ledger_digest


@pytest.mark.django_db(transaction=True)
@pytest.mark.services
def test_the_halves_say_the_same_side_by_side_as_one_after_the_other() -> None:
    after_another = ran_and_undone()

    side_by_side = run.run(units=14, days=40, seed=7, end=END)

    assert side_by_side.ledger_digest == after_another.ledger_digest
    assert (side_by_side.units, side_by_side.entries) == (after_another.units, after_another.entries)


def test_a_half_that_fails_takes_the_run_with_it() -> None:
    def work(half: str, progress: Progress) -> str:
        progress(1, 2)
        if half == "south":
            raise ValueError("nothing left to tell")
        return half

    with pytest.raises(ValueError, match="nothing left to tell"):
        apart.each(["north", "south"], work, lambda done, total: None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.services
def test_a_half_that_fails_in_its_own_process_ends_the_other_and_says_why() -> None:
    def work(half: str, progress: Progress) -> str:
        progress(1, 2)
        if half == "south":
            raise ValueError("nothing left to tell")
        time.sleep(600)  # ended by us, long before
        return half

    told: list[int] = []
    with pytest.raises(apart.HalfFailed, match="nothing left to tell"):
        apart.each(["north", "south"], work, lambda done, total: told.append(done * 100 // total))
    assert told
    assert multiprocessing.active_children() == []


def test_the_halves_share_no_model_and_no_part() -> None:
    north, south = HALVES

    assert not {m.sku for m in (*north.sold, *north.retired)} & {m.sku for m in (*south.sold, *south.retired)}
    assert not {part[0] for part in north.parts.values()} & {part[0] for part in south.parts.values()}
    assert {m.maker for m in MODELS} == north.makers | south.makers
    assert north.bench != south.bench


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_six_hundred_units_over_ninety_days_without_a_refusal_that_stops_them() -> None:
    made = run.run(units=600, days=90, seed=20, end=END)

    assert 500 <= made.units <= 800  # with what stands about at the end, for the pages of the floor
    assert made.ended > made.units // 3
    assert sum(made.refused.values()) < made.units // 20


def test_it_drives_units_through_every_stage_and_the_figures_follow() -> None:
    made = run.run(units=30, days=60, seed=3, end=END)
    projections.catch_up(at=END)

    kinds = set(Entry.objects.values_list("kind", flat=True))
    for kind in (
        "returns.rma_opened", "devices.arrived", "triage.report_matched", "triage.graded", "triage.disposed", "itad.erasure_recorded",
        "itad.sanitization_verified", "resale.sold_to",
    ):  # fmt: skip
        assert kind in kinds, kind
    assert made.ended > 0
    assert made.units == Device.objects.count() == VisitFact.objects.values("device_id").distinct().count()
    whole = Filters((END - timedelta(days=70)).date(), END.date())
    found = queries.figures(filters=whole, actor=system("test"))
    assert found.received == VisitFact.objects.exclude(received_at=None).count()
    assert found.here == Device.objects.on_hand().count()
    assert Stay.objects.filter(left_at=None).count() == Device.objects.count()
    followed = sorted(map(repr, (projections.values(row) for row in VisitFact.objects.all())))
    projections.rebuild(at=END)
    assert followed == sorted(map(repr, (projections.values(row) for row in VisitFact.objects.all())))


def test_the_command_ends_with_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("simulate", "--units", "4", "--days", "20", "--seed", "5", "--json")

    out = capsys.readouterr().out.splitlines()
    assert len(out) == 1
    told = json.loads(out[0])
    assert list(told) == ["units", "entries", "ended", "seconds", "ledger_digest"]
    assert len(told["ledger_digest"]) == 64
    with pytest.raises(CommandError, match="was simulated on this database before"):
        call_command("simulate", "--units", "4", "--days", "20", "--seed", "5", "--json")


@pytest.mark.parametrize(
    "wrong", [("--units", "0"), ("--days", "0"), ("--end", "yesterday"), ("--end", "2026-01-01T00:00:00")]
)
def test_the_command_refuses_what_makes_no_sense(wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("simulate", *wrong)
    assert not Device.objects.exists()
