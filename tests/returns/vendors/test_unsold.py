"""Unsold goods: found by rule with the numbers that made it so, the best allowed way proposed, and sent that way once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from returns.models import Unsold
from returns.services.vendors import unsold
from returns.services.vendors.unsold import UnableToSendOn
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.terms import queries as terms
from revlog.terms import ruling
from revlog.terms.services import purchases
from revlog.terms.services.purchases import Bought
from tests.cast import Cast
from tests.factories import devices
from tests.factories import vendors as make


def test_each_class_is_found_with_its_rule_and_its_numbers(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    old, young = make.stock(cast), make.stock(cast, age=20, product=make.model("Hub"))
    near = make.stock(cast, age=20, expires_on=date(2026, 12, 1), product=make.model("Toner"))
    past = make.stock(cast, age=20, expires_on=date(2026, 10, 1), product=make.model("Ink"))
    dated = make.stock(cast, age=20, product=make.model("Dock"))
    hub = make.model("Hub")
    purchases.set_lifecycle(make.model("Dock"), obsolete_since=date(2026, 6, 1), successor=hub, by=cast.henrik, at=at)
    season = make.stock(cast, age=20, product=make.model("Lights"))
    purchases.set_lifecycle(make.model("Lights"), season_ends_on=date(2026, 9, 30), by=cast.henrik, at=at)
    with pytest.raises(BadInput, match="followed by itself"):
        purchases.set_lifecycle(make.model("Dock"), successor=make.model("Dock"), by=cast.henrik, at=at)

    swept = unsold.sweep(at=at)
    again = unsold.sweep(at=at)

    found = {row.device_id: row for row in Unsold.objects.filter(status="open")}
    assert {pk: row.unsold for pk, row in found.items()} == {
        old.pk: "overstock", near.pk: "perishable", past.pk: "expired", dated.pk: "obsolete", season.pk: "seasonal",
    }  # fmt: skip
    assert young.pk not in found
    assert (swept.found, swept.fresh, again.fresh, again.gone) == (5, 5, 0, 0)
    row = found[old.pk]
    assert (row.rule, row.numbers["days_in_stock"], row.numbers["sell_through"], row.value) == (
        "overstock", 200, "0.0", Decimal("100.00"),
    )  # fmt: skip
    assert Entry.objects.get(chain_id=old.pk, kind="returns.unsold_found").payload["numbers"]["on_hand"] == 40
    # An expired lot may go back or be recycled, and nothing else.
    assert [one["way"] for one in found[past.pk].ways] == ["vendor", "recycle"]


def test_the_best_allowed_way_is_proposed_with_the_sum_of_each(cast: Cast, at: datetime) -> None:
    make.agreed(cast, device_classes=["laptop"])
    lot = make.stock(cast)
    row = make.proposal(lot)
    ways = {one["way"]: one for one in row.ways}
    # 40 pieces at 2.50: a lot brings 35 % of 100.00, less 40 times 1.50.
    assert [(one, ways[one]["net"]) for one in ("vendor", "liquidate", "donate", "recycle")] == [
        ("vendor", "37.10"), ("liquidate", "-25.00"), ("donate", "-40.00"), ("recycle", "-32.00"),
    ]  # fmt: skip
    assert [one["code"] for one in ways["vendor"]["against"]] == ["category"]
    assert (row.best, row.net) == ("liquidate", Decimal("-25.00"))

    make.agreed(cast, valid_from=date(2026, 2, 1))
    assert make.proposal(lot).best == "vendor"
    # 90 % of 100.00, less handling 40 times 1.20 and carriage 4.90.
    assert make.proposal(lot).net == Decimal("37.10")


def test_what_is_confirmed_goes_that_way_and_what_can_t_is_named(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lots = [make.stock(cast, product=make.model(f"Cable {n}")) for n in range(4)]
    unsold.sweep(at=at)
    with transaction.atomic():
        standing.hold(moves.take_one(lots[3].pk), HoldKind.LEGAL, reason="court", by=cast.aisha, at=at)
    rows = list(Unsold.objects.filter(status="open"))

    looked = unsold.look(rows, "vendor", at=at)
    assert [len(one.against) for one in sorted(looked, key=lambda one: len(one.against))] == [0, 0, 0, 1]
    with pytest.raises(NotAllowed):
        unsold.send_on(rows, "vendor", by=cast.ines, at=at)
    with pytest.raises(BadInput, match="Choose a way"):
        unsold.send_on(rows, "burn", by=cast.henrik, at=at)
    with pytest.raises(UnableToSendOn, match="it is on hold"):
        unsold.send_on([one for one in rows if one.device_id == lots[3].pk], "vendor", by=cast.henrik, at=at)
    went, stayed = unsold.send_on(rows, "vendor", reason="End of the year.", by=cast.henrik, at=at)

    assert (len(went), [one.against[0].code for one in stayed]) == (3, ["on_hold"])
    states = dict(Device.objects.filter(pk__in=[one.pk for one in lots]).values_list("pk", "state"))
    assert [states[one.pk] for one in lots] == ["TO_RETURN"] * 3 + ["TO_SELL"]
    assert Device.objects.get(pk=lots[0].pk).disposition == "RETURN_TO_VENDOR"
    # Pressed again, nothing more goes.
    assert [one.against[0].code for one in unsold.send_on(went, "", by=cast.henrik, at=at)[1]] == ["decided"] * 3


@pytest.mark.parametrize(
    ("way", "state"), [("liquidate", "TO_SELL"), ("donate", "TO_DONATE"), ("recycle", "TO_RECYCLE")]
)
def test_other_ways_lead_to_their_queues(cast: Cast, at: datetime, way: str, state: str) -> None:
    lot = make.stock(cast, state=State.IN_TRIAGE)
    unsold.send_on([make.proposal(lot)], way, by=cast.henrik, at=at)
    assert Device.objects.get(pk=lot.pk).state == state


def test_a_unit_with_data_is_wiped_before_it_goes_to_a_vendor(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    unit = devices.laptop(cast, at=at - timedelta(days=300))
    with transaction.atomic():
        taken = moves.take_one(unit.pk)
        moves.advance(taken, moves.TO_TRIAGE, fact=device_facts.SentToTriage(reason="x"), by=cast.ravi, at=at)
        standing.authorize(taken, ground="title_is_ours", by=cast.aisha, at=at)
    make.bought(cast, unit, price="400.00", age=300)
    row = make.proposal(unit)
    assert [one["code"] for one in row.ways[1]["against"]] == ["not_graded"]

    unsold.send_on([row], "vendor", by=cast.henrik, at=at)

    assert Device.objects.get(pk=unit.pk).state == "TO_SANITIZE"


def test_a_person_keeps_something_and_the_rules_leave_it_alone(cast: Cast, at: datetime) -> None:
    lot = make.stock(cast)
    row = make.proposal(lot)
    with pytest.raises(BadInput, match="Say why it stays"):
        unsold.keep(row, reason=" ", by=cast.henrik, at=at)
    unsold.keep(row, reason="A customer asked for it.", by=cast.henrik, at=at)

    assert unsold.sweep(at=at + timedelta(days=30)).fresh == 0
    assert unsold.sweep(at=at + timedelta(days=100)).fresh == 1


def test_what_is_no_longer_unsold_is_dropped(cast: Cast, at: datetime) -> None:
    lot = make.stock(cast, age=20, expires_on=date(2026, 10, 1))
    row = make.proposal(lot)
    make.bought(cast, lot, age=20, expires_on=date(2027, 10, 1))

    assert unsold.sweep(at=at).gone == 1
    assert Unsold.objects.get(pk=row.pk).status == "gone"


def test_rules_that_name_a_way_or_a_class_that_nobody_knows_are_refused() -> None:
    kind = ruling.kind("returns.unsold")
    body = {"parameters": {"age_days": "many"}, "rules": [{"id": "a", "then": {"unsold": "odd", "ways": ["burn"]}}]}
    assert {one.field for one in ruling.problems(body, kind)} == {
        "body.parameters.age_days", "body.rules[0].then.unsold", "body.rules[0].then.ways",
    }  # fmt: skip
    assert ruling.problems(kind.shipped, kind) == []


def test_purchases_come_from_a_file_all_rows_or_none(cast: Cast, at: datetime) -> None:
    lot = make.stock(cast, price=None)
    head = b"tag,supplier,order,bought_on,price,currency,sealed,expires_on\n"
    good = f"{lot.tag},supplier,PO-9,2026-05-02,2.40,EUR,yes,2027-01-31\n".encode()
    with pytest.raises(BadInput, match="Line 3 can't be read"):
        purchases.read_file(head + good + b"RL-0000-0000,supplier,PO-9,2026-05-02,2.40,EUR,,\n", by=cast.henrik, at=at)
    with pytest.raises(BadInput, match="header line"):
        purchases.read_file(b"a,b\n1,2\n", by=cast.henrik, at=at)
    with pytest.raises(NotAllowed):
        purchases.read_file(head + good, by=cast.ines, at=at)
    assert purchases.read_file(head + good, by=cast.henrik, at=at) == 1
    row = Device.objects.get(pk=lot.pk).purchase
    assert (row.price, row.order_number, row.sealed, row.expires_on) == (
        Decimal("2.40"),
        "PO-9",
        True,
        date(2027, 1, 31),
    )
    late = Bought(supplier=make.norden(), price=Decimal(1), bought_on=date(2027, 1, 1))
    with pytest.raises(BadInput, match="after today"):
        purchases.note(lot, late, by=cast.henrik, at=at)
    assert terms.bought_of(make.norden(), begins=date(2026, 1, 1), ends=date(2026, 12, 31)) == Decimal("96.00")
