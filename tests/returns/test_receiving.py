from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from returns import queries, telling
from returns.models import Discrepancy, Origin, Rma, RmaStatus, Trouble, UnitStatus
from returns.services import differing, labels, receiving, troubles, unloading
from returns.services.troubles import UnableToResolve
from returns.services.unloading import UnableToReceive
from revlog.accounts.queries import guest
from revlog.common.errors import NotAllowed
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices.journey import Data, State
from revlog.devices.models import Device
from revlog.logistics.models import ParcelStatus
from tests.cast import Cast
from tests.factories import devices, returns, terms


def kinds(thing: object) -> list[str]:
    return list(Entry.objects.filter(chain_id=thing).order_by("sequence").values_list("kind", flat=True))


def test_a_unit_is_known_by_its_serial_and_sent_to_a_secured_place(cast: Cast, at: datetime) -> None:
    _open_bin, cage = returns.places(cast)
    rma = returns.rma(cast, at=at)

    done = returns.received(cast, rma, at=at)

    assert (done.device.state, done.device.data) == (State.RECEIVED, Data.UNKNOWN)
    assert done.place == cage
    assert done.troubles == []
    unit = returns.unit_of(rma)
    assert (unit.status, unit.matched_by, unit.received_by) == (UnitStatus.RECEIVED, "serial", cast.ines.reference)
    assert kinds(done.device.pk) == ["devices.announced", "devices.arrived", "returns.unit_matched"]
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED


def test_what_holds_no_data_may_stand_in_an_open_bin(cast: Cast, at: datetime) -> None:
    open_bin, _cage = returns.places(cast)
    order = terms.order(cast, "PS-5", terms.laptop_line(device_class="monitor"), at=at)

    assert returns.received(cast, returns.rma(cast, order=order, at=at), at=at).place == open_bin


def test_the_second_who_receives_a_thing_is_told_by_whom_and_when(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    unit = returns.unit_of(rma)
    receiving.receive(unit, hub=cast.rotterdam, serial="PF1ABCDE", by=cast.ines, at=at)

    with pytest.raises(UnableToReceive, match=r"RL-\S+ was received by Ines Duarte on 2 Nov, 10:30"):
        receiving.receive(unit, hub=cast.rotterdam, serial="PF1ABCDE", by=cast.aisha, at=at + timedelta(minutes=1))


def test_receiving_needs_the_right_to(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    for stranger in (cast.tomas, cast.sam, cast.vera, guest({f"rma:{rma.pk}"})):
        with pytest.raises(NotAllowed):
            returns.received(cast, rma, by=stranger, at=at)
    assert returns.unit_of(rma).status == UnitStatus.EXPECTED


def test_a_wrong_serial_is_never_taken_for_the_right_one(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    with pytest.raises(UnableToReceive, match="Wrong serial: PF1ABCDE was sold, this is PF9OTHER"):
        returns.received(cast, rma, serial="PF9OTHER", at=at)

    assert returns.unit_of(rma).status == UnitStatus.EXPECTED
    assert not Discrepancy.objects.exists()


def test_a_wrong_serial_is_recorded_held_and_the_line_goes_on_waiting(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    done = differing.receive_wrong(returns.unit_of(rma), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=at)

    assert (done.device.state, done.device.serial, done.device.holds) == (State.RECEIVED, "PF9OTHER", ["fraud"])
    assert returns.unit_of(rma).status == UnitStatus.EXPECTED
    trouble = Discrepancy.objects.get()
    assert (trouble.kind, trouble.expected, trouble.found, trouble.money_at_risk) == (
        Trouble.WRONG_SERIAL,
        "PF1ABCDE",
        "PF9OTHER",
        Decimal("449.00"),
    )
    assert "returns.unit_trouble" in kinds(done.device.pk)


def test_the_right_serial_cannot_be_recorded_as_a_wrong_one(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    with pytest.raises(UnableToReceive, match="is the one that was sold"):
        differing.receive_wrong(returns.unit_of(rma), serial="pf1 abcde", hub=cast.rotterdam, by=cast.ines, at=at)


def test_somebody_else_may_decide_that_the_wrong_serial_is_the_right_thing(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    done = differing.receive_wrong(returns.unit_of(rma), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=at)
    trouble = Discrepancy.objects.get()

    with pytest.raises(NotAllowed):
        differing.match_anyway(trouble, reason="typo of the shop", by=cast.ines, at=at)
    differing.match_anyway(trouble, reason="typo of the shop", by=cast.aisha, at=at)

    unit = returns.unit_of(rma)
    assert (unit.status, unit.device, unit.matched_by) == (UnitStatus.RECEIVED, done.device, "person")
    assert Device.objects.get(pk=done.device.pk).holds == []
    trouble.refresh_from_db()
    assert trouble.resolution == "typo of the shop"
    assert Device.objects.exclude(pk=done.device.pk).get().state == State.NOT_RECEIVED


def test_what_came_instead_goes_back_and_the_line_is_not_taken_back(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    done = differing.receive_wrong(returns.unit_of(rma), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=at)

    differing.refuse_wrong(Discrepancy.objects.get(), reason="Another laptop.", by=cast.aisha, at=at)

    assert devices.state_of(done.device) == State.TO_RETURN
    assert returns.unit_of(rma).status == UnitStatus.REFUSED


def test_an_unreadable_serial_is_taken_in_but_written_down(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    unit = returns.unit_of(rma)

    with pytest.raises(UnableToReceive, match="Scan its serial number"):
        receiving.receive(unit, hub=cast.rotterdam, by=cast.ines, at=at)
    done = receiving.receive(unit, hub=cast.rotterdam, unreadable=True, by=cast.ines, at=at)

    assert [trouble.kind for trouble in done.troubles] == [Trouble.NO_SERIAL]


def test_a_count_that_is_short_is_a_fact_and_an_exception(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-3", terms.cable_line(400), at=at)
    rma = returns.rma(cast, order=order, quantity=400, at=at)
    unit = returns.unit_of(rma)

    with pytest.raises(UnableToReceive, match="Count them"):
        receiving.receive(unit, hub=cast.rotterdam, by=cast.ines, at=at)
    done = receiving.receive(unit, hub=cast.rotterdam, counted=388, by=cast.ines, at=at)

    assert Device.objects.get(pk=done.device.pk).quantity == 388
    counted = Entry.objects.get(chain_id=done.device.pk, kind="devices.counted")
    assert counted.payload == {"expected": 400, "counted": 388}
    assert [(one.kind, one.expected, one.found, one.money_at_risk) for one in done.troubles] == [
        (Trouble.SHORT_COUNT, "400", "388", Decimal("30.00"))
    ]


def test_one_too_many_is_no_less_of_an_exception(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-3", terms.cable_line(400), at=at)
    unit = returns.unit_of(returns.rma(cast, order=order, quantity=400, at=at))

    done = receiving.receive(unit, hub=cast.rotterdam, counted=401, by=cast.ines, at=at)

    assert [one.kind for one in done.troubles] == [Trouble.OVER_COUNT]


def test_two_pieces_of_one_line_are_told_apart_by_what_shipped(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=3, serials=("PF1A001", "PF1A002", "PF1A003")), at=at)
    rma = returns.rma(cast, order=order, quantity=2, at=at)

    first = returns.received(cast, rma, serial="PF1A003", at=at)
    second = receiving.receive(
        returns.unit_of(rma, place=2), hub=cast.rotterdam, serial=["S/N", "PF1A001"][1], by=cast.ines, at=at
    )

    assert [Device.objects.get(pk=one.device.pk).serial for one in (first, second)] == ["PF1A003", "PF1A001"]


def test_the_same_thing_cannot_be_received_for_two_pieces(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=3, serials=("PF1A001", "PF1A002", "PF1A003")), at=at)
    rma = returns.rma(cast, order=order, quantity=2, at=at)
    returns.received(cast, rma, serial="PF1A003", at=at)

    with pytest.raises(UnableToReceive, match="is here already"):
        receiving.receive(returns.unit_of(rma, place=2), hub=cast.rotterdam, serial="PF1A003", by=cast.ines, at=at)


def test_a_sold_unit_that_comes_back_is_on_its_second_visit_and_its_data_unknown(cast: Cast, at: datetime) -> None:
    sold = devices.sold(
        devices.for_sale(cast, serial="PF7SOLD1", at=at - timedelta(days=30)), at=at - timedelta(days=20)
    )
    order = terms.order(cast, "OWN-1", terms.laptop_line(serials=("PF7SOLD1",)), seller=cast.operator, at=at)
    rma = returns.rma(cast, order=order, at=at)
    unit = returns.unit_of(rma)
    assert unit.device == sold
    assert devices.state_of(sold) == State.SOLD

    done = receiving.receive(unit, hub=cast.rotterdam, serial="PF7SOLD1", by=cast.ines, at=at)

    again = Device.objects.get(pk=sold.pk)
    assert done.device.pk == sold.pk
    assert (again.state, again.data, again.grade, again.visits.count()) == (State.RECEIVED, Data.UNKNOWN, "U", 2)
    assert returns.unit_of(rma).visit == 2


def test_an_old_tag_is_enough_to_know_a_unit_that_comes_back(cast: Cast, at: datetime) -> None:
    sold = devices.sold(
        devices.for_sale(cast, serial="PF7SOLD1", at=at - timedelta(days=30)), at=at - timedelta(days=20)
    )
    order = terms.order(cast, "OWN-1", terms.laptop_line(serials=("PF7SOLD1",)), seller=cast.operator, at=at)
    unit = returns.unit_of(returns.rma(cast, order=order, at=at))

    done = receiving.receive(unit, hub=cast.rotterdam, serial=sold.tag, how="tag", by=cast.ines, at=at)

    assert (done.device.pk, returns.unit_of(unit.line.rma).matched_by) == (sold.pk, "tag")


def test_one_of_two_pieces_known_from_before_takes_the_place_of_the_announced_one(cast: Cast, at: datetime) -> None:
    sold = devices.sold(
        devices.for_sale(cast, serial="PF7SOLD1", at=at - timedelta(days=30)), at=at - timedelta(days=20)
    )
    line = terms.laptop_line(quantity=2, serials=("PF7SOLD1", "PF7SOLD2"))
    order = terms.order(cast, "OWN-1", line, seller=cast.operator, at=at)
    unit = returns.unit_of(returns.rma(cast, order=order, at=at))
    announced = unit.device
    assert announced is not None
    assert announced != sold

    done = receiving.receive(unit, hub=cast.rotterdam, serial="PF7SOLD1", by=cast.ines, at=at)

    assert done.device.pk == sold.pk
    assert devices.state_of(announced) == State.NOT_RECEIVED
    assert returns.unit_of(unit.line.rma).device_id == sold.pk


def test_a_unit_that_never_left_cannot_come_back(cast: Cast, at: datetime) -> None:
    here = devices.laptop(cast, serial="PF1ABCDE")
    rma = returns.rma(cast, at=at)

    with pytest.raises(UnableToReceive, match=f"{here.tag} has this number and is here already"):
        returns.received(cast, rma, at=at)


def test_many_returns_may_lie_in_one_parcel(cast: Cast, at: datetime) -> None:
    first = returns.rma(cast, at=at)
    second = returns.rma(cast, order=terms.order(cast, "PS-8", terms.laptop_line(serials=("PF2OTHER",)), at=at), at=at)
    parcel = unloading.open_return(first, parcel=None, hub=cast.rotterdam, by=cast.ines, at=at)

    same = unloading.open_return(second, parcel=parcel, hub=cast.rotterdam, by=cast.ines, at=at)

    assert same == parcel
    assert {link.rma_id for link in parcel.rma_links.all()} == {first.pk, second.pk}
    assert Rma.objects.get(pk=second.pk).status == RmaStatus.ARRIVED
    for rma, serial in ((first, "PF1ABCDE"), (second, "PF2OTHER")):
        receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial=serial, parcel=parcel, by=cast.ines, at=at)
    parcel.refresh_from_db()
    assert parcel.status == ParcelStatus.DONE


def test_one_return_may_come_in_many_parcels(cast: Cast, at: datetime) -> None:
    from returns.services import approval

    order = terms.order(cast, "PS-9", terms.laptop_line(), terms.cable_line(10), at=at)
    rma = returns.rma(cast, returns.wish(order, 1), returns.wish(order, 2, quantity=10), order=order, at=at)
    approval.add_parcel(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    first, second = (link.parcel for link in rma.parcel_links.all())

    _box, _rmas, fresh = unloading.arrive(first, by=cast.ines, at=at)
    assert fresh
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED
    receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial="PF1ABCDE", parcel=first, by=cast.ines, at=at)
    unloading.arrive(second, by=cast.ines, at=at + timedelta(days=1))

    arrived = Entry.objects.filter(chain_id=rma.pk, kind="returns.parcel_arrived")
    assert arrived.count() == 2
    assert [unit.line.position for unit in queries.waiting_in(rma=rma)] == [2]


def test_scanning_a_parcel_again_changes_nothing(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    parcel = rma.parcel_links.get().parcel
    unloading.arrive(parcel, by=cast.ines, at=at)
    before = kinds(rma.pk)

    _box, _rmas, fresh = unloading.arrive(parcel, by=cast.aisha, at=at)

    assert not fresh
    assert kinds(rma.pk) == before


def test_a_parcel_that_nobody_announced_is_taken_in_and_becomes_an_exception(cast: Cast, at: datetime) -> None:
    parcel = unloading.receive_unannounced_parcel(tracking="JD 0146 0003", hub=cast.rotterdam, by=cast.ines, at=at)

    assert (parcel.tracking, parcel.announced, parcel.status) == ("JD01460003", False, ParcelStatus.ARRIVED)
    trouble = Discrepancy.objects.get()
    assert (trouble.kind, trouble.parcel) == (Trouble.UNANNOUNCED_PARCEL, parcel)
    assert "returns.box_trouble" in kinds(parcel.shipment_id)


def test_a_thing_that_no_return_expects_is_held_for_its_owner(cast: Cast, at: datetime) -> None:
    parcel = unloading.receive_unannounced_parcel(tracking="JD1", hub=cast.rotterdam, by=cast.ines, at=at)

    done = receiving.receive_unannounced(
        serial="XK2Q9911", device_class="phone", hub=cast.rotterdam, parcel=parcel, by=cast.ines, at=at
    )

    assert (done.device.state, done.device.holds) == (State.RECEIVED, ["awaiting_owner"])
    assert {row.kind for row in Discrepancy.objects.all()} == {Trouble.UNANNOUNCED_PARCEL, Trouble.UNANNOUNCED_UNIT}


def test_a_forward_parcel_that_comes_back_has_an_order_and_gets_its_return(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-1", terms.laptop_line(), terms.cable_line(5), at=at, delivered_at=None)

    rma, parcel = unloading.receive_undeliverable(
        order, why=Origin.REFUSED, tracking="3sabcd 1234567", hub=cast.rotterdam, by=cast.ines, at=at
    )

    assert (rma.origin, rma.status) == (Origin.REFUSED, RmaStatus.ARRIVED)
    line = rma.lines.get()
    assert (line.order_line.position, line.reason, line.decision["rule"]) == (1, "REFUSED", "came_back_by_itself")
    assert parcel.arrived_at == at
    done = receiving.receive(
        returns.unit_of(rma), hub=cast.rotterdam, serial="PF1ABCDE", parcel=parcel, by=cast.ines, at=at
    )
    assert done.device.state == State.RECEIVED
    rest, _parcel = unloading.receive_undeliverable(
        order, why=Origin.UNDELIVERABLE, hub=cast.rotterdam, by=cast.ines, at=at
    )
    assert [line.order_line.position for line in rest.lines.all()] == [2]
    with pytest.raises(UnableToReceive, match="is back or announced already"):
        unloading.receive_undeliverable(order, why=Origin.UNDELIVERABLE, hub=cast.rotterdam, by=cast.ines, at=at)


def test_an_empty_box_leaves_its_things_expected_and_says_what_is_at_risk(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    parcel = unloading.open_return(rma, parcel=None, hub=cast.rotterdam, by=cast.ines, at=at)

    trouble = unloading.empty_box(parcel, rma, by=cast.ines, at=at)
    again = unloading.empty_box(parcel, rma, by=cast.ines, at=at)

    assert (trouble.pk, trouble.money_at_risk) == (again.pk, Decimal("449.00"))
    assert returns.unit_of(rma).status == UnitStatus.EXPECTED


def test_a_damaged_thing_is_taken_in_and_a_person_has_to_look(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    done = receiving.receive(
        returns.unit_of(rma), hub=cast.rotterdam, serial="PF1ABCDE", damaged=True, by=cast.ines, at=at
    )

    assert [one.kind for one in done.troubles] == [Trouble.DAMAGED]


def test_nobody_settles_the_trouble_that_they_reported(cast: Cast, at: datetime) -> None:
    unloading.receive_unannounced_parcel(tracking="JD1", hub=cast.rotterdam, by=cast.ines, at=at)
    trouble = Discrepancy.objects.get()

    with pytest.raises(UnableToResolve, match="nobody closes an exception about their own work"):
        troubles.resolve(trouble, resolution="it is ours", by=cast.ines, at=at)
    troubles.resolve(trouble, resolution="it is ours", by=cast.aisha, at=at)
    with pytest.raises(UnableToResolve, match="settled already: it is ours"):
        troubles.resolve(trouble, resolution="again", by=cast.aisha, at=at)


def test_what_was_called_off_goes_to_the_hold_shelf(cast: Cast, at: datetime) -> None:
    from returns.services import approval

    rma = returns.rma(cast, at=at)
    approval.cancel(rma, by=guest({f"rma:{rma.pk}"}), at=at)

    with pytest.raises(UnableToReceive, match="is called off"):
        unloading.open_return(rma, parcel=None, hub=cast.rotterdam, by=cast.ines, at=at)


def test_what_was_given_up_and_comes_after_all_is_taken_in(cast: Cast, at: datetime) -> None:
    from returns.services import closing

    rma = returns.rma(cast, at=at)
    later = at + timedelta(days=40)
    closing.give_up(rma, by=cast.sam, at=later)
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.EXPIRED

    unloading.open_return(rma, parcel=None, hub=cast.rotterdam, by=cast.ines, at=later)
    done = returns.received(cast, rma, at=later)

    assert done.device.state == State.RECEIVED
    assert Device.objects.get(pk=done.device.pk).visits.count() == 2


def test_the_scan_box_tells_apart_what_a_code_is(cast: Cast, at: datetime) -> None:
    _open_bin, cage = returns.places(cast)
    rma = returns.rma(cast, at=at)
    elsewhere = devices.laptop(cast, serial="PF5HERE5")
    parcel = rma.parcel_links.get().parcel

    def scan(text: str) -> queries.Scan:
        return queries.scanned(text, cast.ines, hub=cast.rotterdam)

    assert scan(rma.number.replace("-", "").lower()).rma == rma
    assert scan(parcel.tracking.lower()).parcel == parcel
    assert scan("pf1abcde").unit == returns.unit_of(rma)
    assert scan(elsewhere.tag).device == elsewhere
    assert scan("cage-t4").place == cage
    assert scan("3SABCD1234567").order == rma.order
    assert scan("PS-1001").order == rma.order
    assert scan("NOBODY KNOWS THIS").is_unknown


def test_staff_and_customers_read_the_same_story_in_their_own_words(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    unloading.open_return(rma, parcel=None, hub=cast.rotterdam, by=cast.ines, at=at)
    returns.received(cast, rma, at=at)

    customer = [one.sentence for one in telling.story(rma, Audience.CUSTOMER)]
    staff = [one.sentence for one in telling.story(rma, Audience.STAFF)]

    assert customer == [
        "You announced the return.",
        "We agreed to the return.",
        "Your parcel arrived.",
        "We have your Lenovo ThinkPad T480, 16 GB.",
    ]
    assert any(rma.number in one for one in staff)
    assert not any("_" in one for one in customer + staff)


def test_a_label_is_drawn_for_a_parcel_that_is_still_to_come_and_not_for_one_that_is_here(
    cast: Cast, at: datetime
) -> None:
    rma = returns.rma(cast, at=at)
    assert len(labels.draw(Rma.objects.get(pk=rma.pk), at=at)) == 1

    unloading.open_return(Rma.objects.get(pk=rma.pk), parcel=None, hub=cast.rotterdam, by=cast.ines, at=at)

    assert labels.draw(Rma.objects.get(pk=rma.pk), at=at) == []
