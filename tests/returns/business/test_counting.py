"""Boxes first, lines later: counted by lot, inspected, and split where it differs. Nothing gets lost on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db.models import Sum

from returns.models import BoxCount, LotUnit, Rma, RmaStatus, RmaUnit
from returns.services import receiving
from returns.services.business import boxes, counting, inspecting
from returns.services.business.counting import Counted
from returns.services.business.inspecting import Split
from returns.services.unloading import UnableToReceive
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.devices.services import moves, splitting
from tests.cast import Cast
from tests.factories import business as make


def announced(cast: Cast, quantity: int = 40, **changes: object) -> Rma:
    make.order(cast, "B-1", make.toner("L-100"), make.toner("L-101", sku="TONER-2"))
    return make.rma(cast, make.told(quantity=quantity), **changes)


def units(rma: Rma) -> list[tuple[str, int, int | None, str, str]]:
    rows = (
        RmaUnit.objects.filter(line__rma=rma).select_related("found", "device").order_by("line__position", "position")
    )
    assert all(unit.device and unit.device.quantity == (unit.counted or unit.quantity) for unit in rows)
    return [(unit.status, unit.quantity, unit.counted, unit.found.lot, unit.found.condition) for unit in rows]


def test_boxes_are_taken_in_as_a_count_and_opened_later(cast: Cast, at: datetime) -> None:
    rma = announced(cast, boxes=3)

    first = make.boxes(cast, rma, 2, damaged=1)
    assert make.boxes(cast, rma, 2, damaged=1) == first
    make.boxes(cast, rma, 1, key="later")

    rma = Rma.objects.get(pk=rma.pk)
    assert (rma.status, rma.business.boxes_counted, boxes.closed_boxes(rma.business)) == (RmaStatus.ARRIVED, 3, 3)
    assert units(rma) == [("expected", 40, None, "L-100", "")]
    with pytest.raises(UnableToReceive, match="still closed"):
        counting.complete(rma.business, by=cast.ines, at=at)
    for row in BoxCount.objects.all():
        boxes.open_boxes(row, row.boxes, by=cast.ines, at=at)
    with pytest.raises(BadInput, match="0 of these boxes"):
        boxes.open_boxes(first, 1, by=cast.ines, at=at)
    with pytest.raises(NotAllowed):
        boxes.take_in(rma.business, boxes=1, hub=cast.rotterdam, key="x", by=cast.lola, at=at)
    with pytest.raises(BadInput):
        make.boxes(cast, rma, 0, key="y")


def test_a_lot_that_comes_in_two_boxes_is_two_units_that_are_as_many_as_before(cast: Cast) -> None:
    rma = announced(cast)

    [first] = make.counted(cast, rma, Counted(position=1, pieces=15))
    assert units(rma) == [("received", 15, 15, "L-100", ""), ("expected", 25, None, "L-100", "")]
    assert make.counted(cast, rma, Counted(position=1, pieces=15)) == []
    make.counted(cast, rma, Counted(position=1, pieces=25))

    assert Device.objects.filter(rma_units__line__rma=rma).aggregate(total=Sum("quantity"))["total"] == 40
    assert first.device is not None
    off = Entry.objects.get(chain_id=first.device_id, kind="devices.split_off")
    other = Device.objects.get(tag=off.payload["to"])
    begun = Entry.objects.get(chain_id=other.pk, sequence=1)
    assert (begun.kind, begun.payload["parent"], begun.payload["parent_digest"]) == (
        "devices.split_from", first.device.tag, off.digest,
    )  # fmt: skip
    assert Rma.objects.get(pk=rma.pk).business.complete_at is not None


def test_more_than_announced_and_another_lot_are_taken_in_and_told(cast: Cast) -> None:
    rma = announced(cast, 20)

    make.counted(
        cast, rma, Counted(position=1, pieces=18), Counted(position=1, pieces=4, lot="X-9", expires_on=date(2027, 1, 1))
    )

    assert units(rma) == [
        ("received", 18, 18, "L-100", ""),
        ("received", 4, 4, "X-9", ""),
    ]
    assert dict(LotUnit.objects.filter(unit__line__rma=rma).values_list("lot", "lot_sent")) == {
        "L-100": True, "X-9": False,
    }  # fmt: skip


def test_what_never_came_is_missing_once_somebody_says_so(cast: Cast, at: datetime) -> None:
    rma = announced(cast)
    with pytest.raises(UnableToReceive, match="Nothing of"):
        counting.complete(rma.business, by=cast.ines, at=at)
    make.counted(cast, rma, Counted(position=1, pieces=38))

    counting.complete(rma.business, by=cast.ines, at=at)

    assert units(rma) == [("received", 38, 38, "L-100", ""), ("not_received", 2, None, "L-100", "")]
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.receipt_complete").payload["missing"] == 2
    with pytest.raises(UnableToReceive, match="counted already"):
        make.counted(cast, rma, Counted(position=1, pieces=2))
    # The two that never came may be announced again.
    assert make.rma(cast, make.told(quantity=2)).lines.get().quantity == 2


def test_inspection_splits_a_lot_by_condition(cast: Cast) -> None:
    rma = announced(cast)
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=40))

    make.inspected(cast, unit, good=30, damaged=6, expired=4)

    assert units(rma) == [
        ("received", 30, 30, "L-100", "good"),
        ("received", 6, 6, "L-100", "damaged"),
        ("received", 4, 4, "L-100", "expired"),
    ]
    tags = Device.objects.filter(rma_units__line__rma=rma).values_list("state", "lot")
    assert list(tags) == [("RECEIVED", "L-100")] * 3
    with pytest.raises(BadInput, match="inspected already"):
        make.inspected(cast, unit, good=30)


def test_an_inspection_that_does_not_add_up_or_says_good_of_what_expired_is_refused(cast: Cast, at: datetime) -> None:
    rma = announced(cast)
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=40, expires_on=date(2026, 10, 1)))
    before = units(rma)

    with pytest.raises(BadInput, match="39 pieces are told, 40 were counted"):
        make.inspected(cast, unit, good=39)
    with pytest.raises(BadInput, match="expired on 2026-10-01"):
        make.inspected(cast, unit, good=1, expired=39)
    with pytest.raises(BadInput, match="no such unit"):
        inspecting.inspect(rma.business, [Split(unit=rma.pk, good=1)], by=cast.ravi, at=at)
    with pytest.raises(NotAllowed):
        make.inspected(cast, unit, by=cast.luca, expired=40)
    assert units(rma) == before


def test_serials_are_counted_one_by_one_and_only_those_announced(cast: Cast) -> None:
    make.order(cast, "B-1", make.phones("SN-A1", "SN-A2"))
    serial = {"sku": "PHONE-1", "lot": "", "quantity": 1}
    rma = make.rma(cast, *[make.told(n, **serial | {"serial": f"SN-A{n}"}) for n in (1, 2)])  # type: ignore[arg-type]

    with pytest.raises(BadInput, match="SN-X was not announced"):
        make.counted(cast, rma, Counted(position=1, serial="SN-X"))
    with pytest.raises(BadInput, match="scan the serial numbers"):
        make.counted(cast, rma, Counted(position=1, pieces=2))
    [unit] = make.counted(cast, rma, Counted(position=1, serial="sn-a2"))

    assert unit.device is not None
    assert (unit.serial, unit.device.serial, unit.device.state) == ("SN-A2", "SN-A2", "RECEIVED")
    with pytest.raises(UnableToReceive, match="received already"):
        make.counted(cast, rma, Counted(position=1, serial="SN-A2"), key="again")


def test_every_mistake_of_a_count_is_named_and_nothing_is_taken_in(cast: Cast) -> None:
    rma = announced(cast)
    with pytest.raises(BadInput) as refusal:
        make.counted(
            cast, rma, Counted(position=9), Counted(position=1, pieces=0), Counted(position=1, pieces=4), Counted(position=1, pieces=5)
        )  # fmt: skip
    assert [reason.code for reason in refusal.value.reasons] == ["no_line", "pieces", "twice", "twice"]
    assert units(rma) == [("expected", 40, None, "L-100", "")]


def test_a_lot_is_split_only_while_nothing_is_decided_about_it(cast: Cast, at: datetime) -> None:
    rma = announced(cast)
    device = moves.take_one(RmaUnit.objects.get(line__rma=rma).device_id)  # type: ignore[arg-type]
    for pieces in (0, 40, 41):
        with pytest.raises(splitting.UnableToSplit):
            splitting.split(device, pieces, by=cast.aisha, at=at)


def test_the_dock_still_takes_a_lot_in_as_a_whole(cast: Cast, at: datetime) -> None:
    """What the old way of receiving counted stands in the match like what was counted by line."""
    rma = announced(cast)
    receiving.receive(
        RmaUnit.objects.get(line__rma=rma), hub=cast.rotterdam, counted=38, by=cast.ines, at=at + timedelta(hours=1)
    )
    assert units(rma) == [("received", 40, 38, "L-100", "")]
