"""A batch from its first unit to its closing: joining, weighing, correcting, letting go, closing in balance."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from recycling import queries
from recycling.models import Batch, MassRow, Member
from recycling.services import batches, weighing
from recycling.services.batches import UnableToBatch, UnableToClose
from recycling.services.weighing import UnableToWeigh
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.custody.services import verification
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind, Posting
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import recycling as heap

HOUR = timedelta(hours=1)


def out(
    cast: Cast,
    batch: Batch,
    grams: int,
    at: datetime,
    *,
    stream: str = "ferrous",
    treatment: str = "R4",
    price: str = "0",
) -> None:
    batches.send_out(
        batch=batch,
        stream=stream,
        grams=grams,
        treatment=treatment,
        vendor=heap.vendor(),
        price_per_kilo=Decimal(price),
        by=cast.pavel,
        at=at,
    )


def test_a_unit_joins_with_its_weight_and_its_chain_names_the_batch(cast: Cast, at: datetime) -> None:
    batch = heap.opened(cast)
    unit = heap.to_recycle(cast)

    batches.join(batch=batch, unit=unit, grams=1712, by=cast.pavel, at=at)

    said = Entry.objects.get(chain_id=unit.pk, kind="recycling.batched").payload
    assert (said["batch_chain"], said["grams"], said["weighed"]) == (f"batch:{batch.pk}", 1712, True)
    assert Device.objects.get(pk=unit.pk).grams == 1712


def test_without_a_scale_it_counts_with_what_its_class_weighs_and_says_so(cast: Cast, at: datetime) -> None:
    member = batches.join(batch=heap.opened(cast), unit=heap.to_recycle(cast), by=cast.pavel, at=at)

    assert (member.grams, member.weighed) == (1700, False)


def test_scanned_twice_it_is_in_the_batch_once(cast: Cast, at: datetime) -> None:
    batch, unit = heap.opened(cast), heap.to_recycle(cast)

    first = batches.join(batch=batch, unit=unit, by=cast.pavel, at=at)

    assert batches.join(batch=batch, unit=unit, by=cast.pavel, at=at) == first
    assert Entry.objects.filter(chain_id=unit.pk, kind="recycling.batched").count() == 1


def test_it_refuses_what_isnt_waiting_what_is_held_and_what_is_in_another_batch(cast: Cast, at: datetime) -> None:
    batch = heap.opened(cast)
    with pytest.raises(UnableToBatch, match="it is for sale"):
        batches.join(batch=batch, unit=make.for_sale(cast), by=cast.pavel, at=at)
    unit = heap.to_recycle(cast)
    batches.join(batch=heap.opened(cast), unit=unit, by=cast.pavel, at=at)
    with transaction.atomic():
        standing.hold(moves.take_one(unit.id), HoldKind.SAFETY, reason="swollen battery", by=cast.ravi, at=at)

    with pytest.raises(UnableToBatch) as refused:
        batches.join(batch=batch, unit=unit, by=cast.pavel, at=at)

    assert [reason.code for reason in refused.value.reasons] == ["on_hold", "in_another"]


def test_postgresql_keeps_a_unit_in_one_batch(cast: Cast, at: datetime) -> None:
    member = batches.join(batch=heap.opened(cast), unit=heap.to_recycle(cast), by=cast.pavel, at=at)
    other = heap.opened(cast)

    from django.db import IntegrityError

    with (
        pytest.raises(IntegrityError, match="one_batch_at_a_time"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO recycling_member (id, batch_id, device_id, owner_id, grams, weighed, joined_by, joined_at) "
            "SELECT gen_random_uuid(), %s, device_id, owner_id, grams, weighed, joined_by, joined_at FROM recycling_member WHERE id = %s",
            [other.pk, member.pk],
        )


def test_a_person_without_the_right_changes_nothing(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast)
    out(cast, batch, 4700, at)

    with pytest.raises(NotAllowed):
        batches.open_batch(hub=cast.rotterdam, stream="it_mixed", by=cast.anouk, at=at)
    with pytest.raises(NotAllowed):
        batches.close(batch=batch, by=cast.pavel, at=at)


def test_a_unit_is_taken_out_before_the_final_weight_and_not_after(cast: Cast, at: datetime) -> None:
    batch = heap.filled(cast)
    unit = queries.members(batch)[0].device
    batches.leave(batch=batch, unit=unit, reason="owner wants it back", by=cast.pavel, at=at)
    assert batch.members.filter(left_at=None).count() == 2
    weighing.weigh_in(batch=batch, grams=3200, final=True, by=cast.pavel, at=at)

    with pytest.raises(UnableToBatch, match="weighed already"):
        batches.leave(batch=batch, unit=queries.members(batch)[0].device, reason="late", by=cast.pavel, at=at)
    with pytest.raises(UnableToBatch, match="takes nothing in any more"):
        batches.join(batch=batch, unit=unit, by=cast.pavel, at=at)


def test_a_provisional_weight_may_change_and_the_final_one_stands(cast: Cast, at: datetime) -> None:
    batch = heap.filled(cast)
    weighing.weigh_in(batch=batch, grams=5000, final=False, by=cast.pavel, at=at)
    assert not MassRow.objects.exists()

    weighing.weigh_in(batch=batch, grams=4810, final=True, by=cast.pavel, at=at + HOUR)

    batch = Batch.objects.get(pk=batch.pk)
    assert (batch.state, batch.received_grams, batch.received_final) == ("weighed", 4810, True)
    assert MassRow.objects.get().grams == 4810
    with pytest.raises(UnableToWeigh, match="ask for a correction"):
        weighing.weigh_in(batch=batch, grams=4800, final=True, by=cast.pavel, at=at)


def test_an_empty_batch_and_a_weight_of_nothing_are_refused(cast: Cast, at: datetime) -> None:
    batch = heap.opened(cast)

    with pytest.raises(UnableToWeigh, match="nothing is in batch"):
        weighing.weigh_in(batch=batch, grams=100, final=True, by=cast.pavel, at=at)
    with pytest.raises(BadInput, match="at least 1 g"):
        weighing.weigh_in(batch=batch, grams=0, final=True, by=cast.pavel, at=at)


def test_a_corrected_weight_counts_once_another_person_accepted_it(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    correction = weighing.ask_correction(batch=batch, grams=4900, reason="scale stood on a cable", by=cast.aisha, at=at)
    assert Batch.objects.get(pk=batch.pk).received_grams == 4800

    with pytest.raises(UnableToWeigh, match="nobody accepts their own correction"):
        weighing.accept_correction(correction=correction, by=cast.aisha, at=at)
    with pytest.raises(UnableToWeigh, match="another correction waits"):
        weighing.ask_correction(batch=batch, grams=4950, reason="again", by=cast.pavel, at=at)
    weighing.accept_correction(correction=correction, by=cast.maria, at=at + HOUR)

    assert Batch.objects.get(pk=batch.pk).received_grams == 4900
    assert sum(row.grams for row in MassRow.objects.filter(kind="in")) == 4900
    asked = Entry.objects.get(chain_id=batch.pk, kind="recycling.weight_correction_asked")
    assert Entry.objects.get(chain_id=batch.pk, kind="recycling.weight_corrected").payload["corrects"] == asked.digest


def test_a_refused_correction_leaves_the_weight_as_it_was(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    correction = weighing.ask_correction(batch=batch, grams=9900, reason="typing", by=cast.pavel, at=at)

    weighing.refuse_correction(correction=correction, by=cast.aisha, at=at)

    assert Batch.objects.get(pk=batch.pk).received_grams == 4800
    with pytest.raises(UnableToWeigh, match="not open any more"):
        weighing.accept_correction(correction=correction, by=cast.aisha, at=at)


def test_material_goes_to_a_downstream_vendor_alone_and_after_the_final_weight(cast: Cast, at: datetime) -> None:
    batch = heap.filled(cast)
    with pytest.raises(UnableToBatch, match="between its final weight and its closing"):
        out(cast, batch, 100, at)
    weighing.weigh_in(batch=batch, grams=4800, final=True, by=cast.pavel, at=at)

    with pytest.raises(BadInput) as refused:
        batches.send_out(batch=batch, stream="gold", grams=0, treatment="R99", vendor=cast.vega, by=cast.pavel, at=at)

    assert [reason.field for reason in refused.value.reasons] == ["stream", "treatment", "grams", "vendor"]


def test_it_wont_close_out_of_balance_without_a_reason(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 4500, at)

    with pytest.raises(UnableToClose, match=r"out of balance by 300 g \(6\.25 %\)"):
        batches.close(batch=batch, by=cast.aisha, at=at)
    assert make.state_of(queries.members(batch)[0].device) == State.TO_RECYCLE

    closed = batches.close(batch=batch, reason="wet when it came", by=cast.aisha, at=at)

    assert (closed.loss_grams, closed.difference_grams, closed.reason) == (300, 300, "wet when it came")


def test_it_wont_close_while_a_correction_waits_or_nothing_came_out(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    weighing.ask_correction(batch=batch, grams=4900, reason="scale", by=cast.pavel, at=at)

    with pytest.raises(UnableToClose) as refused:
        batches.close(batch=batch, reason="x", by=cast.aisha, at=at)

    assert [reason.code for reason in refused.value.reasons] == ["correction", "nothing_out"]


def test_closing_recycles_its_units_and_cites_them_under_one_root(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 3000, at)
    out(cast, batch, 1750, at, stream="plastics", treatment="R3")

    batches.close(batch=batch, by=cast.aisha, at=at)

    units = list(Device.objects.filter(batches__batch=batch).order_by("tag"))
    assert {unit.state for unit in units} == {State.RECYCLED}
    digests = [Entry.objects.get(chain_id=unit.pk, kind="recycling.recycled").digest for unit in units]
    payload = Entry.objects.get(chain_id=batch.pk, kind="recycling.batch_closed").payload
    assert payload["units_root"] == merkle.root(bytes.fromhex(each) for each in digests).hex()
    assert (
        payload["opening_grams"] + payload["received_grams"]
        == payload["out_grams"] + payload["loss_grams"] + payload["closing_grams"]
    )
    assert verification.chain(batch.pk) == []


def test_a_unit_that_may_not_be_recycled_any_more_keeps_the_whole_batch_open(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 4790, at)
    held = queries.members(batch)[0].device
    with transaction.atomic():
        standing.hold(moves.take_one(held.id), HoldKind.LEGAL, reason="evidence", by=cast.ravi, at=at)

    with pytest.raises(moves.UnableToMove, match=f"{held.tag} can't be recycled: it is on hold"):
        batches.close(batch=batch, by=cast.aisha, at=at)

    assert Batch.objects.get(pk=batch.pk).state == "weighed"
    assert Device.objects.filter(state=State.RECYCLED).count() == 0


def test_what_it_brought_and_cost_is_shared_by_weight_to_the_cent(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 3000, at, price="0.1111")
    out(cast, batch, 1000, at, stream="boards", price="3.3333")
    out(cast, batch, 780, at, stream="residue", treatment="D10", price="-0.1795")

    batches.close(batch=batch, by=cast.aisha, at=at)

    rows = Posting.objects.filter(device__batches__batch=batch)
    assert sum(row.amount for row in rows.filter(account="material")) == Decimal("3.66")
    assert sum(row.amount for row in rows.filter(account="treatment")) == Decimal("-0.14")
    heaviest = Member.objects.get(batch=batch, grams=1700)
    assert rows.get(device_id=heaviest.device_id, account="material").amount == Decimal("1.30")


def test_what_is_left_on_the_floor_opens_the_next_batch_once(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 4000, at)
    batches.close(batch=batch, closing_grams=750, by=cast.aisha, at=at)

    following = heap.opened(cast)

    assert (following.opening_grams, following.carried_from_id) == (750, batch.pk)
    assert heap.opened(cast).opening_grams == 0
    assert heap.opened(cast, stream="displays").opening_grams == 0


def test_the_site_is_in_balance_over_any_period(cast: Cast, at: datetime) -> None:
    first = heap.weighed(cast, 4800, at=at)
    out(cast, first, 4000, at + HOUR)
    batches.close(batch=first, loss_grams=20, closing_grams=750, by=cast.aisha, at=at + 2 * HOUR)
    second = heap.weighed(cast, 5000, first=10, at=at + 24 * HOUR)
    out(cast, second, 5700, at + 25 * HOUR)
    batches.close(batch=second, by=cast.aisha, at=at + 26 * HOUR)

    [day] = queries.balances(cast.aisha, start=at, end=at + 12 * HOUR)
    assert (day.balance.opening, day.balance.received, day.balance.out, day.balance.loss, day.balance.closing) == (
        0,
        4800,
        4000,
        50,
        750,
    )
    assert day.unexplained == 30
    [following] = queries.balances(cast.aisha, start=at + 12 * HOUR, end=at + 48 * HOUR)
    assert following.balance.opening == day.balance.closing
    assert following.balance.difference == 0
    assert (following.balance.closing, following.unexplained) == (0, 50)
    assert queries.balances(cast.jonas, start=at, end=at + 48 * HOUR) == []


def test_interim_treatment_is_not_counted_as_recycled(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4000)
    out(cast, batch, 3000, at)
    out(cast, batch, 1000, at, stream="boards", treatment="R12")

    assert queries.recovered(batch) == Decimal("75.0")


def test_the_inbox_names_late_batches_corrections_and_weight_out_of_nothing(cast: Cast, at: datetime) -> None:
    batch = heap.weighed(cast, 4800)
    out(cast, batch, 5400, at)
    weighing.ask_correction(batch=batch, grams=5400, reason="scale", by=cast.pavel, at=at)

    rows = queries.exceptions(cast.aisha, at=at + timedelta(days=31))

    assert {row.kind for row in rows} == {
        "exception.batch_late",
        "exception.weight_to_accept",
        "exception.batch_out_of_balance",
    }
    assert queries.exceptions(cast.jonas, at=at + timedelta(days=31)) == []
