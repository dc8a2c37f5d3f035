"""At the bench: work orders, operations from scan to scan, parts, and the end of a round."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from refurb.models import Operation, Part, PartUse, WorkOrder
from refurb.operations import OPERATIONS, minutes_between
from refurb.services import bench, checking, orders, parts
from refurb.services.orders import UnableToWork
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions, verification
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind, Posting
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import refurb as bench_of

MINUTES = timedelta(minutes=1)


def kinds(order: WorkOrder) -> list[str]:
    return list(Entry.objects.filter(chain_id=order.device_id).order_by("sequence").values_list("kind", flat=True))


def test_it_opens_a_work_order_by_the_first_scan_and_says_which_faults_wait(cast: Cast, at: datetime) -> None:
    order = bench_of.at_bench(cast)

    entry = Entry.objects.filter(chain_id=order.device_id, kind="refurb.work_opened").get()
    assert entry.payload["faults"] == ["battery_worn"]
    assert order.kind == "refurbish"


def test_it_gives_the_same_order_when_the_unit_is_scanned_again(cast: Cast, at: datetime) -> None:
    order = bench_of.at_bench(cast)

    again = orders.open_order(unit=order.device, by=cast.mei, at=at)

    assert again == order
    assert kinds(order).count("refurb.work_opened") == 1


def test_it_refuses_a_unit_that_waits_for_something_else(cast: Cast, at: datetime) -> None:
    unit = make.triaged(cast)

    with pytest.raises(UnableToWork, match="is not waiting for the bench"):
        orders.open_order(unit=unit, by=cast.jakob, at=at)

    assert not WorkOrder.objects.exists()


def test_it_refuses_a_unit_on_hold_and_a_person_without_the_right(cast: Cast, at: datetime) -> None:
    unit = bench_of.to_refurbish(cast)
    with pytest.raises(NotAllowed):
        orders.open_order(unit=unit, by=cast.anouk, at=at)
    with transaction.atomic():
        standing.hold(moves.take_one(unit.id), HoldKind.LEGAL, reason="dispute", by=cast.aisha, at=at)

    with pytest.raises(UnableToWork, match="is on hold"):
        orders.open_order(unit=unit, by=cast.jakob, at=at)


def test_it_counts_minutes_from_one_scan_to_the_next(cast: Cast, at: datetime) -> None:
    order = bench_of.at_bench(cast)
    first = bench.begin_operation(order=order, code="diagnose", by=cast.jakob, at=at)

    bench.begin_operation(order=order, code="replace_battery", by=cast.jakob, at=at + 12 * MINUTES)

    first.refresh_from_db()
    assert first.minutes == 12
    entry = Entry.objects.get(chain_id=order.device_id, kind="refurb.operation_done")
    assert (entry.payload["operation"], entry.payload["minutes"]) == ("diagnose", 12)


def test_it_ends_the_operation_at_another_unit_and_says_so_on_that_chain(cast: Cast, at: datetime) -> None:
    here = bench_of.at_bench(cast)
    there = bench_of.at_bench(cast, bench_of.to_refurbish(cast, serial="PF1OTHER", drive="S4X1OTHER"))
    bench.begin_operation(order=here, code="clean", by=cast.jakob, at=at)

    bench.begin_operation(order=there, code="clean", by=cast.jakob, at=at + 7 * MINUTES)

    assert "refurb.operation_done" in kinds(here)
    assert "refurb.operation_done" not in kinds(there)
    assert Operation.objects.get(order=here).minutes == 7


def test_it_caps_a_scan_that_was_forgotten_and_keeps_what_the_clock_said(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast, minutes=16 * 60)

    operation = order.operations.get()

    assert operation.minutes == OPERATIONS["replace_battery"].cap_minutes
    assert operation.measured == 16 * 60


@given(st.integers(min_value=0, max_value=100_000), st.integers(min_value=0, max_value=600))
def test_minutes_never_pass_their_cap_and_count_begun_ones(seconds: int, cap: int) -> None:
    begun = datetime(2026, 1, 1)  # noqa: DTZ001
    counted = minutes_between(begun, begun + timedelta(seconds=seconds), cap=cap)

    assert 0 <= counted <= cap
    assert counted == cap or counted * 60 >= seconds > (counted - 1) * 60


def test_a_lead_corrects_minutes_and_a_technician_does_not(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast)
    operation = order.operations.get()
    with pytest.raises(NotAllowed):
        bench.correct_minutes(operation=operation, minutes=10, reason="was called away", by=cast.jakob, at=at)
    with pytest.raises(BadInput, match="why the minutes"):
        bench.correct_minutes(operation=operation, minutes=10, reason=" ", by=cast.aisha, at=at)

    bench.correct_minutes(operation=operation, minutes=10, reason="was called away", by=cast.aisha, at=at)

    operation.refresh_from_db()
    assert (operation.minutes, operation.measured) == (10, 30)


def test_it_puts_a_part_in_out_of_the_stock_and_onto_the_units_books(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast, quantity=3, cost="24.50")
    order = bench_of.at_bench(cast)

    use = parts.reserve(order=order, part=part, by=cast.jakob, at=at)
    part.refresh_from_db()
    assert (part.quantity, part.reserved, part.available) == (3, 1, 2)
    parts.put_in(use=use, by=cast.jakob, at=at)

    part.refresh_from_db()
    assert (part.quantity, part.reserved) == (2, 0)
    posting = Posting.objects.get(device_id=order.device_id, account="parts")
    assert posting.amount == Decimal("-24.50")
    assert Entry.objects.filter(chain_id=part.pk, kind="refurb.part_issued").count() == 1
    assert verification.chain(part.pk) == []


def test_it_refuses_a_part_that_is_gone_and_one_that_is_reserved_for_another(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast, quantity=1)
    first = bench_of.at_bench(cast)
    second = bench_of.at_bench(cast, bench_of.to_refurbish(cast, serial="PF1OTHER", drive="S4X1OTHER"))
    parts.reserve(order=first, part=part, by=cast.jakob, at=at)

    with pytest.raises(UnableToWork, match="only 0 are left"):
        parts.put_in_now(order=second, part=part, by=cast.jakob, at=at)

    assert Part.objects.get(pk=part.pk).quantity == 1


def test_a_part_put_in_twice_is_refused(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    use = parts.reserve(order=order, part=part, by=cast.jakob, at=at)
    parts.put_in(use=use, by=cast.jakob, at=at)

    with pytest.raises(UnableToWork, match="not reserved any more"):
        parts.put_in(use=use, by=cast.jakob, at=at)

    assert Part.objects.get(pk=part.pk).quantity == 2


def test_it_gives_reserved_parts_back_when_the_work_fails(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    parts.reserve(order=order, part=part, by=cast.jakob, at=at)

    bench.fail(order=order, reason="board is corroded", by=cast.jakob, at=at)

    assert Part.objects.get(pk=part.pk).reserved == 0
    assert PartUse.objects.get().state == "returned"
    unit = Device.objects.get(pk=order.device_id)
    assert (unit.state, unit.disposition) == (State.IN_TRIAGE, "")
    assert "refurb.work_failed" in kinds(order)


def test_it_averages_the_cost_of_old_and_new_stock(cast: Cast, at: datetime) -> None:
    bench_of.battery(cast, quantity=1, cost="20.00")

    part = bench_of.battery(cast, quantity=3, cost="28.00")

    assert (part.quantity, part.cost) == (4, Decimal("26.00"))


def test_a_count_that_differs_needs_a_reason_and_another_person(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast, quantity=3)
    with pytest.raises(BadInput, match="where the difference comes from"):
        parts.count(part=part, counted=2, by=cast.aisha, at=at)
    with pytest.raises(BadInput, match="nobody counts their own bin"):
        parts.count(part=part, counted=2, reason="one was broken", by=cast.henrik, at=at)

    assert parts.count(part=part, counted=2, reason="one was broken", by=cast.aisha, at=at).quantity == 2


def test_it_wont_finish_without_work_or_with_a_part_left_open(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    parts.reserve(order=order, part=part, by=cast.jakob, at=at)

    with pytest.raises(UnableToWork) as refused:
        bench.finish(order=order, by=cast.jakob, at=at)

    assert [reason.code for reason in refused.value.reasons] == ["nothing_done", "parts_open"]


def test_nobody_checks_their_own_repair(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast)

    with pytest.raises(checking.UnableToCheck, match="nobody checks their own repair"):
        checking.accept(order=order, by=cast.jakob, at=at)

    order.refresh_from_db()
    assert order.state == "to_check"


def test_who_only_put_a_part_in_may_not_check_either(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    bench.begin_operation(order=order, code="replace_battery", by=cast.jakob, at=at)
    parts.put_in_now(order=order, part=part, by=cast.mei, at=at)
    bench.finish(order=order, by=cast.jakob, at=at)

    with pytest.raises(checking.UnableToCheck, match="nobody checks their own repair"):
        checking.accept(order=order, by=cast.mei, at=at)


def test_a_passed_check_clears_the_fault_posts_the_labor_and_sends_it_to_its_regrade(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast, minutes=30)

    checking.accept(order=order, by=cast.mei, at=at + 60 * MINUTES)

    unit = Device.objects.get(pk=order.device_id)
    assert (unit.state, unit.stops_done) == (State.IN_TRIAGE, 1)
    assert not unit.faults.filter(cleared_at=None).exists()
    passed = Entry.objects.get(chain_id=unit.pk, kind="refurb.work_passed")
    assert passed.payload["minutes"] == 30
    assert Posting.objects.get(device=unit, account="labor").amount == Decimal("-18.00")


def test_a_repair_for_its_owner_goes_back_to_the_owner(cast: Cast, at: datetime) -> None:
    unit = bench_of.to_refurbish(cast, disposition=Disposition.REPAIR_AND_RETURN)
    order = bench_of.finished(cast, unit)
    assert order.kind == "repair"

    checking.accept(order=order, by=cast.mei, at=at)

    assert make.state_of(unit) == State.TO_RETURN


def test_a_rework_is_another_round_and_leaves_the_fault_open(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast)
    with pytest.raises(BadInput, match="what is not good yet"):
        checking.rework(order=order, reason="", by=cast.mei, at=at)

    order = checking.rework(order=order, reason="battery not seen by the system", by=cast.mei, at=at)

    assert (order.state, order.round) == ("open", 2)
    assert make.state_of(order.device) == State.TO_REFURBISH
    assert order.device.faults.filter(cleared_at=None).exists()
    with pytest.raises(UnableToWork, match="no operation was booked in this round"):
        bench.finish(order=order, by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_battery", by=cast.jakob, at=at + 60 * MINUTES)
    bench.finish(order=order, by=cast.jakob, at=at + 80 * MINUTES)
    done = checking.accept(order=order, by=cast.mei, at=at + 90 * MINUTES)
    assert (done.minutes, done.round) == (50, 2)


def test_a_check_that_shows_it_was_in_vain_sends_it_back_to_triage(cast: Cast, at: datetime) -> None:
    order = bench_of.finished(cast)

    checking.reject(order=order, reason="screen has a line", by=cast.mei, at=at)

    assert make.state_of(order.device) == State.IN_TRIAGE
    assert WorkOrder.objects.get(pk=order.pk).state == "failed"
    assert Posting.objects.filter(device_id=order.device_id, account="labor").count() == 1


def test_a_unit_called_away_leaves_no_order_and_no_part_behind(cast: Cast, at: datetime) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    parts.reserve(order=order, part=part, by=cast.jakob, at=at)
    with transaction.atomic():
        standing.back_to_triage(moves.take_one(order.device_id), reason="owner disputes it", by=cast.ravi, at=at)
    with pytest.raises(UnableToWork, match="called away"):
        bench.begin_operation(order=order, code="clean", by=cast.jakob, at=at)

    reactions.drain(at=at + MINUTES)

    order = WorkOrder.objects.get(pk=order.pk)
    assert order.state == "cancelled"
    assert Part.objects.get(pk=part.pk).reserved == 0


def test_a_unit_waits_for_a_part_by_the_vendors_clock_until_work_goes_on(cast: Cast, at: datetime) -> None:
    order = bench_of.at_bench(cast)

    bench.await_part(order=order, asked="battery 24 Wh", by=cast.jakob, at=at)
    assert Device.objects.get(pk=order.device_id).waiting_for == "part"
    bench.begin_operation(order=order, code="replace_battery", by=cast.jakob, at=at + 60 * MINUTES)

    assert Device.objects.get(pk=order.device_id).waiting_for == ""
