"""Harvest: parts into stock or on as units, value and weight kept to the cent and gram, and the harvest under control."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from itad.services import supervision
from refurb.models import HarvestedPart, Part, WorkOrder
from refurb.services import bench, checking, harvest, orders
from refurb.services.harvest import Taken
from refurb.services.orders import UnableToWork
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, Location, Posting
from revlog.devices.services import arrivals, moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import refurb as bench_of

SCREEN = Taken(number="LCD-14FHD", name="Display 14 inch", grams=300, value=Decimal("18.00"))


def harvesting(cast: Cast, at: datetime, **changes: object) -> WorkOrder:
    return orders.open_order(unit=bench_of.to_harvest(cast, **changes), by=cast.mei, at=at)


def dead_phone(cast: Cast, at: datetime) -> tuple[Device, WorkOrder]:
    """A phone that can't be wiped: its flash is soldered and it doesn't start. Tomas asked to harvest it, Sofia allowed it."""
    phone = arrivals.arrive(
        what=arrivals.Description(
            device_class="phone", manufacturer="Fairphone", model="FP4", serial="FP4X001", grams=225
        ),
        stay=make.stay(cast),
        by=cast.ines,
        at=at,
    )
    with transaction.atomic():
        phone = moves.take_one(phone.id)
        moves.advance(phone, moves.TO_TRIAGE, fact=device_facts.SentToTriage(reason="first look"), by=cast.ravi, at=at)
        standing.authorize(phone, ground="title_is_ours", by=cast.aisha, at=at)
    phone = make.decided(phone, Disposition.HARVEST, grade="D", at=at)
    assert phone.state == State.TO_SANITIZE
    cage = Location.objects.create(hub=cast.rotterdam, code="CAGE-1", kind="zone", secured=True, created_at=at)
    asked = supervision.request(
        unit=phone, kind="harvest_under_control", reason="does not start", place=cage, by=cast.tomas, at=at
    )
    supervision.allow(row=asked, by=cast.sofia, at=at)
    return phone, orders.open_order(unit=phone, by=cast.tomas, at=at)


def test_a_part_goes_into_stock_and_its_entry_cites_the_unit_it_came_from(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)

    row = harvest.take_part(order=order, taken=SCREEN, by=cast.mei, at=at)

    assert row.part is not None
    assert (row.part.quantity, row.part.condition, row.part.cost) == (1, "harvested", Decimal("18.00"))
    stocked = Entry.objects.get(chain_id=row.part.pk)
    taken = Entry.objects.get(chain_id=order.device_id, kind="refurb.part_harvested")
    assert (stocked.payload["parent_digest"], stocked.payload["parent_sequence"]) == (taken.digest, taken.sequence)


def test_a_tracked_part_is_a_unit_whose_chain_cites_its_parent(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)

    row = harvest.take_part(
        order=order,
        taken=Taken(number="CPU-8650U", name="Processor", value=Decimal(40), tracked=True, serial="X1"),
        by=cast.mei,
        at=at,
    )

    part = row.became
    assert part is not None
    assert (part.device_class, part.parent_id, part.data, part.owner_id) == (
        "part",
        order.device_id,
        "NONE",
        cast.operator.id,
    )
    cited = Entry.objects.get(chain_id=part.pk, kind="devices.removed_from").payload
    parent = Entry.objects.get(chain_id=order.device_id, kind="refurb.part_harvested")
    assert cited["parent_chain"] == f"unit:{order.device_id}"
    assert cited["parent_digest"] == parent.digest
    assert parent.payload["became"] == part.tag


def test_what_a_part_is_worth_moves_from_one_book_line_to_another_and_adds_up_to_nothing(
    cast: Cast, at: datetime
) -> None:
    order = harvesting(cast, at)

    harvest.take_part(
        order=order,
        taken=Taken(number="CPU-8650U", name="Processor", value=Decimal("40.10"), tracked=True),
        by=cast.mei,
        at=at,
    )

    amounts = [posting.amount for posting in Posting.objects.filter(account="parts").order_by("amount")]
    assert amounts == [Decimal("-40.10"), Decimal("40.10")]


def test_a_broken_part_counts_against_the_yield_and_goes_nowhere(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)
    harvest.take_part(order=order, taken=SCREEN, by=cast.mei, at=at)
    harvest.take_part(
        order=order, taken=Taken(number="KBD-US", name="Keyboard", usable=False, value=Decimal(9)), by=cast.mei, at=at
    )

    harvest.close(order=order, remaining_grams=1300, by=cast.mei, at=at)

    payload = Entry.objects.get(chain_id=order.device_id, kind="refurb.harvested").payload
    assert (payload["taken"], payload["usable"], payload["value"]) == (2, 1, "18.00")
    assert not Part.objects.filter(number="KBD-US").exists()


def test_the_rest_goes_on_to_recycling_with_its_weight(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)
    harvest.take_part(order=order, taken=SCREEN, by=cast.mei, at=at)

    harvest.close(order=order, remaining_grams=1310, by=cast.mei, at=at)

    unit = Device.objects.get(pk=order.device_id)
    assert (unit.state, unit.grams) == (State.TO_RECYCLE, 1310)


def test_parts_and_rest_cant_weigh_more_than_the_whole(cast: Cast, at: datetime) -> None:
    _phone, order = dead_phone(cast, at)
    harvest.take_part(order=order, taken=Taken(number="FP4-CAM", name="Camera", grams=20), by=cast.tomas, at=at)

    with pytest.raises(UnableToWork, match="225 g it weighed; weigh again"):
        harvest.close(order=order, remaining_grams=206, by=cast.tomas, at=at)

    harvest.close(order=order, remaining_grams=205, by=cast.tomas, at=at)


def test_a_drive_is_no_part_to_harvest(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)

    with pytest.raises(UnableToWork, match="its storage is taken out as a drive"):
        harvest.take_part(order=order, taken=Taken(number="MZVLB256", name="SSD 256 GB"), by=cast.mei, at=at)

    assert not HarvestedPart.objects.exists()


def test_a_harvest_is_not_finished_like_a_repair_and_needs_a_weight(cast: Cast, at: datetime) -> None:
    order = harvesting(cast, at)
    with pytest.raises(UnableToWork, match="weight of what remains"):
        bench.finish(order=order, by=cast.jakob, at=at)
    with pytest.raises(UnableToWork, match="weight of what remains is missing"):
        harvest.close(order=order, remaining_grams=0, by=cast.mei, at=at)
    with pytest.raises(BadInput, match="at least 1"):
        harvest.take_part(order=order, taken=Taken(number="A", name="B", quantity=0), by=cast.mei, at=at)


def test_a_dead_phone_gives_parts_under_control_and_its_rest_waits_for_destruction(cast: Cast, at: datetime) -> None:
    phone, order = dead_phone(cast, at)

    row = harvest.take_part(
        order=order,
        taken=Taken(number="FP4-DISP", name="Display module", grams=60, value=Decimal(22)),
        by=cast.tomas,
        at=at,
    )
    harvest.close(order=order, remaining_grams=160, by=cast.tomas, at=at)

    phone = Device.objects.get(pk=phone.pk)
    assert row.part is not None
    assert (phone.state, phone.data, phone.disposition, phone.grams) == (State.TO_DESTROY, "UNKNOWN", "DESTROY", 160)
    assert Entry.objects.get(chain_id=phone.pk, kind="refurb.harvested").payload["under_control"] is True


def test_under_control_only_a_data_technician_works_and_no_board_is_taken(cast: Cast, at: datetime) -> None:
    phone, order = dead_phone(cast, at)
    assert order.allowed_by == Entry.objects.get(chain_id=phone.pk, kind="itad.exception_allowed").digest
    with pytest.raises(NotAllowed):
        harvest.take_part(order=order, taken=Taken(number="FP4-CAM", name="Camera"), by=cast.mei, at=at)

    with pytest.raises(UnableToWork, match="may hold data"):
        harvest.take_part(
            order=order, taken=Taken(number="FP4-MB", name="Mainboard", usable=False), by=cast.tomas, at=at
        )


def test_outside_the_cage_nothing_is_taken_from_a_unit_with_data(cast: Cast, at: datetime) -> None:
    phone, order = dead_phone(cast, at)
    with transaction.atomic():
        standing.miss(moves.take_one(phone.id), by=cast.tomas, at=at)

    with pytest.raises(UnableToWork, match="in the secured zone alone"):
        harvest.take_part(order=order, taken=Taken(number="FP4-CAM", name="Camera"), by=cast.tomas, at=at)


def test_a_unit_repaired_to_be_wiped_goes_to_its_wipe_and_nowhere_else(cast: Cast, at: datetime) -> None:
    unit = make.decided(make.triaged(cast), Disposition.REFURBISH, grade="C", at=at)
    assert unit.state == State.TO_SANITIZE
    cage = Location.objects.create(hub=cast.rotterdam, code="CAGE-1", kind="zone", secured=True, created_at=at)
    asked = supervision.request(
        unit=unit, kind="repair_to_erase", reason="no display", place=cage, by=cast.tomas, at=at
    )
    supervision.allow(row=asked, by=cast.sofia, at=at)
    with pytest.raises(NotAllowed):
        orders.open_order(unit=unit, by=cast.jakob, at=at)
    order = orders.open_order(unit=unit, by=cast.tomas, at=at)
    assert order.kind == "repair_to_erase"
    bench.begin_operation(order=order, code="replace_display", by=cast.tomas, at=at)
    bench.finish(order=order, by=cast.tomas, at=at + timedelta(minutes=40))
    with pytest.raises(checking.UnableToCheck, match="nobody checks their own repair"):
        checking.accept(order=order, by=cast.tomas, at=at)

    checking.accept(order=order, by=cast.sofia, at=at + timedelta(minutes=50))

    unit = Device.objects.get(pk=unit.pk)
    assert (unit.state, unit.stops_done, unit.data) == (State.TO_SANITIZE, 0, "UNKNOWN")
