"""A business announces many lines in one case: only what it got, by serial or by lot, each mistake named by its line."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from returns.models import BusinessCase, BusinessLine, Rma, RmaStatus, RmaUnit
from returns.services import approval
from returns.services.business import announcing, lines
from returns.services.business.finding import Papers
from returns.services.opening import UnableToOpen
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import business as make
from tests.factories import terms


def refused(cast: Cast, *told: lines.Told, by: object = None, **changes: object) -> list[str]:
    """The codes by which an announcement is refused."""
    with pytest.raises(UnableToOpen) as refusal:
        make.rma(cast, *told, by=by, **changes)  # type: ignore[arg-type]
    assert not BusinessCase.objects.exists()
    return [reason.code for reason in refusal.value.reasons]


def test_hundreds_of_lines_of_several_orders_become_one_case_with_a_unit_for_each_lot(cast: Cast) -> None:
    for number in range(3):
        rows = [
            make.toner(f"L-{number}-{place}", sku=f"TONER-{number}-{place}", price=Decimal("1.00"))
            for place in range(100)
        ]
        make.order(cast, f"B-{number}", *rows)
    told = [
        make.told(number * 100 + place + 2, sku=f"TONER-{number}-{place}", lot=f"L-{number}-{place}", quantity=3)
        for number in range(3)
        for place in range(100)
    ]

    rma = make.rma(cast, *told, reference="RA-5", boxes=12)

    assert rma.lines.count() == 300
    assert rma.status == RmaStatus.APPROVED
    assert rma.business.customer.code == "buyer"
    assert (rma.business.reference, rma.business.boxes_announced) == ("RA-5", 12)
    units = RmaUnit.objects.filter(line__rma=rma)
    assert units.aggregate(total=Sum("quantity"))["total"] == 900
    assert set(Device.objects.filter(rma_units__in=units).values_list("tracking", "state", "quantity")) == {
        ("counted", "EXPECTED", 3)
    }
    assert set(rma.lines.values_list("wanted", flat=True)) == {"account"}
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.business_announced").get().payload["lines"] == 300


def test_only_what_was_delivered_and_is_not_back_yet_may_come(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner(quantity=40))
    make.order(cast, "B-2", make.toner("L-200", sku="TONER-2"), delivered_at=None, shipped_at=None)
    make.rma(cast, make.told(quantity=30), reference="RA-1")
    BusinessCase.objects.update(reference="")

    codes = []
    for told in (make.told(quantity=11), make.told(sku="NOTHING"), make.told(sku="TONER-2", lot="L-200")):
        with pytest.raises(UnableToOpen) as refusal:
            make.rma(cast, told)
        codes += [reason.code for reason in refusal.value.reasons]
    assert codes == ["too_many", "not_sold", "not_delivered"]

    assert make.rma(cast, make.told(quantity=10)).lines.get().quantity == 10
    with pytest.raises(UnableToOpen, match="came back already"):
        make.rma(cast, make.told(quantity=1))


def test_a_lot_that_was_never_sent_is_refused_with_the_ones_that_were(cast: Cast) -> None:
    make.order(cast, "B-1", make.toner("L-100"), make.toner("L-101"))

    with pytest.raises(UnableToOpen, match=r"Line 7: Lot X-9 of TONER-1 was never sent .* L-100, L-101") as refusal:
        make.rma(cast, make.told(7, lot="X-9"))
    assert [reason.code for reason in refusal.value.reasons] == ["wrong_lot"]
    assert refused(cast, make.told(expires_on=date(2026, 1, 1))) == ["wrong_expiry"]


def test_a_person_of_ours_may_accept_a_wrong_lot_and_then_another_one_approves(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner("L-100"))
    told = make.told(lot="X-9", wrong_lot="the label was misprinted, the maker confirmed it")
    assert refused(cast, told, by=cast.lola) == ["wrong_lot"]

    rma = make.rma(cast, told, by=cast.maria)

    own = BusinessLine.objects.get(line__rma=rma)
    assert (own.lot, own.lot_sent, own.why_accepted) == ("X-9", False, told.wrong_lot)
    assert (rma.status, rma.steps) == (RmaStatus.REQUESTED, 1)
    with pytest.raises(approval.UnableToDecide):
        approval.approve(rma, by=cast.maria, at=at)
    assert approval.approve(rma, by=cast.sam, at=at).status == RmaStatus.APPROVED


def test_lots_are_taken_from_the_delivery_that_came_first_when_none_is_named(cast: Cast) -> None:
    make.order(cast, "B-1", make.toner("L-OLD", quantity=5), days=30)
    make.order(cast, "B-2", make.toner("L-NEW", quantity=5), days=3)

    rma = make.rma(cast, make.told(lot="", quantity=7))

    assert list(rma.lines.values_list("business__lot", "quantity")) == [("L-OLD", 5), ("L-NEW", 2)]


def test_serials_are_those_that_were_sent_and_each_once(cast: Cast) -> None:
    make.order(cast, "B-1", make.phones("SN-A1", "SN-A2", "SN-A3"))
    serial = {"sku": "PHONE-1", "lot": "", "quantity": 1}

    assert refused(cast, make.told(2, **serial | {"serial": "SN-X"})) == ["not_sold"]  # type: ignore[arg-type]
    twice = [make.told(row, **serial | {"serial": "SN-A1"}) for row in (2, 3)]  # type: ignore[arg-type]
    assert refused(cast, *twice) == ["twice"]
    assert refused(cast, make.told(2, **serial)) == ["no_serial"]  # type: ignore[arg-type]

    rma = make.rma(cast, *[make.told(row, **serial | {"serial": f"SN-A{row}"}) for row in (1, 2)])  # type: ignore[arg-type]

    line = rma.lines.get()
    assert (line.quantity, line.business.serials) == (2, ["SN-A1", "SN-A2"])
    assert sorted(line.units.values_list("serial", "device__serial")) == [("SN-A1", "SN-A1"), ("SN-A2", "SN-A2")]
    with pytest.raises(UnableToOpen, match=f"SN-A1 is in return {rma.number} already"):
        make.rma(cast, make.told(2, **serial | {"serial": "SN-A1"}))  # type: ignore[arg-type]


def test_the_same_line_told_twice_is_one_line(cast: Cast) -> None:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(2, quantity=3), make.told(3, quantity=4))
    assert rma.lines.get().quantity == 7


def test_papers_narrow_what_is_looked_at_and_must_exist(cast: Cast) -> None:
    make.order(cast, "B-1", make.toner("L-100"))
    make.order(cast, "B-2", make.toner("L-200"), po_number="PO-78")

    assert refused(cast, papers=Papers(po="PO-99")) == ["no_papers"]
    assert refused(cast, make.told(lot="L-200"), papers=Papers(po="PO-77")) == ["wrong_lot"]
    assert make.rma(cast, make.told(lot=""), papers=Papers(delivery="dn-b-2")).lines.get().business.lot == "L-200"


def test_another_customers_delivery_proves_nothing(cast: Cast) -> None:
    make.order(cast, "B-1", customer="demo")
    assert refused(cast) == ["not_sold"]


def test_who_is_neither_customer_nor_seller_announces_nothing(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    for stranger in (cast.vera, cast.alex, cast.luca):
        with pytest.raises(NotAllowed):
            announcing.announce(make.announcement(cast), by=stranger, at=at)
    assert make.rma(cast, by=cast.lola).opened_by == cast.lola.reference


def test_the_same_number_of_the_customer_is_one_return(cast: Cast) -> None:
    make.order(cast, "B-1")
    first = make.rma(cast, reference="RA-1")
    assert make.rma(cast, reference="RA-1") == first
    with pytest.raises(UnableToOpen, match="says something else"):
        make.rma(cast, make.told(quantity=2), reference="RA-1")
    assert Rma.objects.count() == 1


def test_a_number_whose_return_was_called_off_is_not_used_again(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    approval.cancel(make.rma(cast, reference="RA-1"), by=cast.sam, at=at)
    with pytest.raises(UnableToOpen, match="Announce it under another number"):
        make.rma(cast, reference="RA-1")
    assert make.rma(cast, reference="RA-2").lines.get().quantity == 10


def test_value_decides_how_many_people_approve(cast: Cast) -> None:
    make.order(cast, "B-1", make.toner(quantity=1000))
    assert [make.rma(cast, make.told(quantity=count)).steps for count in (100, 101, 401)] == [0, 1, 2]


def test_rules_refuse_what_was_delivered_too_long_ago(cast: Cast) -> None:
    make.order(cast, "B-1", days=200)
    assert refused(cast) == ["not_allowed_by_rules"]
    assert make.rma(cast, make.told(reason="DAMAGED_TRANSIT")).lines.count() == 1


def test_every_mistake_of_a_file_is_named_by_its_line_and_nothing_is_written() -> None:
    file = "sku;quantity;reason;expires;price\nA;x;STOCK_ROTATION;;\nB;1;NO_REASON;;\n;1;GIFT;;\nC;1;GIFT;31.12.2026;free\n"
    with pytest.raises(BadInput) as refusal:
        lines.read_text(file)
    assert [reason.field for reason in refusal.value.reasons] == [
        "line 2, quantity",
        "line 3, reason",
        "line 4, sku",
        "line 5, price",
        "line 5, expires",
    ]


def test_a_file_reads_back_as_it_was_written() -> None:
    told = lines.read_text('sku\tquantity\tlot\treason\twrong_lot\n"A, 1"\t12\tL-1\tgift\t"he said ""yes"""\n')
    assert [(one.sku, one.quantity, one.lot, one.reason, one.wrong_lot) for one in told] == [
        ("A, 1", 12, "L-1", "GIFT", 'he said "yes"')
    ]
    assert lines.read_csv(io.BytesIO(lines.as_csv(told).encode())) == told


def test_kits_come_back_whole_or_by_part_and_never_more_than_was_sold(cast: Cast) -> None:
    make.order(cast, "B-1", make.kit(quantity=2))
    part = {"sku": "KIT-1", "lot": "", "component": "CABLE-1"}

    first = make.rma(cast, make.told(quantity=2, **part))  # type: ignore[arg-type]
    assert first.lines.get().business.components == [{"sku": "CABLE-1", "quantity": 2, "before": 0}]
    # One kit is broken, so one whole kit is left, and of cables one more than its three.
    with pytest.raises(UnableToOpen, match="only 1 can still"):
        make.rma(cast, make.told(sku="KIT-1", lot="", quantity=2))
    with pytest.raises(UnableToOpen, match="only 4 can still"):
        make.rma(cast, make.told(quantity=5, **part))  # type: ignore[arg-type]
    whole = make.rma(cast, make.told(sku="KIT-1", lot="", quantity=1))
    assert whole.lines.get().price == Decimal("100.00")
    with pytest.raises(UnableToOpen, match="no part"):
        make.rma(cast, make.told(sku="KIT-1", lot="", component="NOTHING"))


def test_orders_keep_the_papers_and_lots_that_they_came_with(cast: Cast) -> None:
    order = make.order(cast, "B-1", make.toner("L-1"), make.kit())
    assert (order.customer.code, order.po_number, order.delivery_number) == ("buyer", "PO-77", "DN-B-1")  # type: ignore[union-attr]
    line = order.lines.get(position=1)
    assert (line.lot, line.expires_on) == ("L-1", date(2027, 6, 30))
    with pytest.raises(BadInput, match="no business customer"):
        terms.order(cast, "B-9", customer="nobody")
    assert terms.new_order("P-1").content() == terms.new_order("P-1").content()
    assert terms.new_order("P-1", at=make.AT + timedelta(0)).content() != make.order(cast, "P-1").content
