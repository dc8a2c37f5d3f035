"""From the pool to the buyer: pooling, offering, selling one unit once, picking, shipping, and what it leaves in the books."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from resale import queries
from resale.models import Offer, Pool, PoolUnit, Sale
from resale.services import offers, pools, sales
from resale.services.pools import UnableToPool
from resale.services.sales import Buyer, SoldOut, UnableToSell
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import verification
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device, HoldKind, Posting
from revlog.devices.services import arrivals, media, moves, standing
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine, Warranty
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import resale as shop


def said(unit: Device, kind: str) -> list[Entry]:
    return list(Entry.objects.filter(chain_id=unit.pk, kind=kind).order_by("sequence"))


def test_like_units_share_a_pool_and_another_grade_has_its_own(cast: Cast, at: datetime) -> None:
    first, second, worn = shop.pooled(cast, 1), shop.pooled(cast, 2), shop.pooled(cast, 3, grade="C")

    by_unit = dict(PoolUnit.objects.values_list("device_id", "pool_id"))
    assert by_unit[first.pk] == by_unit[second.pk] != by_unit[worn.pk]
    assert {pool.grade for pool in Pool.objects.all()} == {"B", "C"}


def test_what_belongs_to_a_client_is_never_in_our_pool(cast: Cast, at: datetime) -> None:
    ours, theirs = shop.pooled(cast, 1), shop.pooled(cast, 2, owner=cast.vega)

    assert queries.pool_of(ours) != queries.pool_of(theirs)
    assert list(Pool.objects.visible_to(cast.vera)) == [Pool.objects.get(owner=cast.vega)]
    assert not Pool.objects.visible_to(cast.alex).exists()


def test_pooled_twice_it_is_said_once(cast: Cast, at: datetime) -> None:
    unit = shop.pooled(cast)

    pools.enter(unit=unit, by=cast.anouk, at=at)

    assert len(said(unit, "resale.pooled")) == 1


def test_a_unit_that_is_not_for_sale_joins_no_pool(cast: Cast, at: datetime) -> None:
    with pytest.raises(UnableToPool, match="is not for sale"):
        pools.enter(unit=make.triaged(cast), by=cast.anouk, at=at)
    with pytest.raises(NotAllowed):
        pools.enter(unit=make.triaged(cast, serial="X99", drive="Y99"), by=cast.jakob, at=at)


def test_a_new_price_ends_the_old_offer_and_the_same_price_changes_nothing(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, price="249.00")

    assert offers.publish(pool=offer.pool, channel="own_shop", price=Decimal("249.00"), by=cast.anouk, at=at) == offer
    offers.publish(pool=offer.pool, channel="own_shop", price=Decimal("229.00"), by=cast.anouk, at=at)

    assert [each.price for each in queries.live_offers(offer.pool)] == [Decimal("229.00")]
    with pytest.raises(UnableToSell, match="this offer has ended"):
        sales.sell(offer=offer, buyer=shop.BEA, by=cast.anouk, at=at)


def test_a_price_of_nothing_and_a_channel_of_no_one_are_refused(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)

    with pytest.raises(BadInput) as refused:
        offers.publish(pool=offer.pool, channel="moon", price=Decimal(0), currency="XXX", by=cast.anouk, at=at)

    assert [reason.field for reason in refused.value.reasons] == ["channel", "price", "currency"]


def test_an_order_line_gets_one_unit_and_the_unit_one_line(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, count=3)

    order = sales.sell(offer=offer, quantity=2, buyer=shop.BEA, by=cast.anouk, at=at)

    rows = list(Sale.objects.filter(line__order=order))
    assert len({row.device_id for row in rows}) == len({row.line_id for row in rows}) == 2
    assert set(Allocation.objects.values_list("taker", flat=True)) == {row.taker for row in rows}
    assert order.total == Decimal("498.00")
    assert queries.free_of(offer.pool) == 1


def test_the_guest_finds_the_order_by_its_number_and_e_mail(cast: Cast, at: datetime) -> None:
    sale = shop.shipped(cast)

    order = terms.guests_order(sale.line.order.number, "Bea@example.org")

    assert order is not None
    assert (order.source, order.seller) == ("own", cast.operator)
    assert [line.serials for line in order.lines.all()] == [[sale.device.serial]]


def test_it_sells_no_more_than_there_are_and_writes_nothing_then(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, count=2)

    with pytest.raises(SoldOut, match="only 2 are left, 3 were wanted"):
        sales.sell(offer=offer, quantity=3, buyer=shop.BEA, by=cast.anouk, at=at)

    assert not Order.objects.exists()
    assert not Allocation.objects.exists()


def test_the_second_buyer_of_the_last_unit_is_told(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)
    shop.sold(cast, offer)

    with pytest.raises(SoldOut, match="sold out; another buyer was first"):
        sales.sell(offer=offer, buyer=shop.ODA, by=cast.anouk, at=at)


def test_a_unit_on_hold_is_not_sold(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)
    unit = Device.objects.get(pooled__pool=offer.pool)
    with transaction.atomic():
        standing.hold(moves.take_one(unit.id), HoldKind.RECALL, reason="battery recall", by=cast.aisha, at=at)

    with pytest.raises(SoldOut):
        sales.sell(offer=offer, buyer=shop.BEA, by=cast.anouk, at=at)


def test_a_buyer_without_a_usable_address_is_refused_by_field(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)

    with pytest.raises(BadInput) as refused:
        sales.sell(offer=offer, buyer=Buyer(email="nobody", country="Netherlands"), by=cast.anouk, at=at)

    assert {reason.field for reason in refused.value.reasons} == {"orders[0].email", "orders[0].country"}
    assert not Sale.objects.exists()


def test_the_wrong_unit_is_refused_by_name(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, count=2)
    sale = shop.sold(cast, offer)
    other = Device.objects.filter(pooled__pool=offer.pool).exclude(pk=sale.device_id).get()

    with pytest.raises(UnableToSell, match=f"that is {other.tag}; order .* gets {sale.device.tag}, put this one back"):
        sales.pick(sale=sale, scanned=other, by=cast.luca, at=at)

    assert Sale.objects.get(pk=sale.pk).state == "sold"


def test_the_parcel_is_packed_when_the_last_unit_is_picked(cast: Cast, at: datetime) -> None:
    order = sales.sell(offer=shop.offered(cast, count=2), quantity=2, buyer=shop.BEA, by=cast.anouk, at=at)
    first, second = Sale.objects.filter(line__order=order)

    sales.pick(sale=first, scanned=first.device, by=cast.luca, at=at)
    assert not Entry.objects.filter(chain_id=order.pk, kind="resale.packed").exists()
    sales.pick(sale=second, scanned=second.device, by=cast.luca, at=at)

    [packed] = Entry.objects.filter(chain_id=order.pk, kind="resale.packed")
    assert packed.payload["units"] == 2
    assert sales.pick(sale=second, scanned=second.device, by=cast.luca, at=at).state == "picked"
    assert Entry.objects.filter(chain_id=order.pk, kind="resale.packed").count() == 1


def test_nothing_ships_before_it_is_picked(cast: Cast, at: datetime) -> None:
    sale = shop.sold(cast)

    with pytest.raises(UnableToSell, match="is not picked"):
        sales.ship(sale=sale, by=cast.luca, at=at)

    assert make.state_of(sale.device) == State.TO_SELL


def test_shipping_ends_the_visit_passes_the_title_and_begins_the_warranty(cast: Cast, at: datetime) -> None:
    sale = shop.shipped(cast, at=at)

    unit = Device.objects.select_related("owner", "visit").get(pk=sale.device_id)
    assert (unit.state, unit.owner.code) == (State.SOLD, "private-buyers")
    assert unit.visit is not None
    assert (unit.visit.outcome, unit.visit.closed_at) == ("SOLD", at)
    assert not Allocation.objects.filter(released_at=None).exists()
    warranty = Warranty.objects.get(device=unit)
    assert (warranty.months, warranty.order_line_id) == (12, sale.line_id)
    assert (warranty.ends_on.year, warranty.ends_on.month) == (at.year + 1, at.month)
    line = OrderLine.objects.get(pk=sale.line_id)
    assert (line.parcel_number, line.shipped_at) == ("3SXYZ0001", at)
    assert verification.chain(unit.pk) == []
    assert verification.chain(sale.line.order_id) == []


def test_a_pool_that_sold_out_is_listed_until_its_offer_is_ended(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)
    shop.shipped(cast, shop.picked(cast, shop.sold(cast, offer, at=at), at=at), at=at)

    assert [(stock.pool, stock.free) for stock in queries.pools(cast.anouk)] == [(offer.pool, 0)]
    offers.end(offer=offer, by=cast.anouk, at=at)
    assert queries.pools(cast.anouk) == []


def test_the_old_owner_reads_the_chain_up_to_the_passing_and_not_on(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, owner=cast.vega)
    sale = shop.shipped(cast, shop.sold(cast, offer))
    unit = Device.objects.get(pk=sale.device_id)
    with transaction.atomic():
        moves.note(
            moves.take_one(unit.id), fact=sales.facts.Picked(order="x", number="later", line="x"), by=cast.luca, at=at
        )

    seen = list(
        Entry.objects.filter(chain_id=unit.pk).visible_to(cast.vera).order_by("sequence").values_list("kind", flat=True)
    )

    assert seen[-1] == "devices.title_passed"
    assert "resale.shipped" in seen


def test_price_and_fee_stand_in_our_book_for_what_is_ours(cast: Cast, at: datetime) -> None:
    sale = shop.shipped(cast, shop.sold(cast, shop.offered(cast, price="199.99", channel="marketplace")))

    rows = Posting.objects.filter(device_id=sale.device_id)
    assert {(row.account, row.amount, row.book) for row in rows} == {
        ("sale", Decimal("199.99"), "ours"),
        ("channel_fee", Decimal("-24.00"), "ours"),
    }


def test_what_was_a_clients_stands_in_the_clients_book_and_names_them(cast: Cast, at: datetime) -> None:
    sale = shop.shipped(cast, shop.sold(cast, shop.offered(cast, owner=cast.vega)))

    row = Posting.objects.get(device_id=sale.device_id, account="sale")
    assert (row.book, row.party) == ("client", cast.vega)
    assert row.owner_id == cast.vega.id


def test_a_cancelled_sale_frees_the_unit_for_another(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)
    sale = shop.sold(cast, offer)
    with pytest.raises(BadInput, match="why the sale is cancelled"):
        sales.cancel(sale=sale, reason=" ", by=cast.anouk, at=at)

    sales.cancel(sale=sale, reason="paid twice", by=cast.anouk, at=at)

    assert shop.sold(cast, offer, buyer=shop.ODA).device_id == sale.device_id
    with pytest.raises(UnableToSell, match="has shipped or was cancelled"):
        sales.cancel(sale=sale, reason="again", by=cast.anouk, at=at)


def test_a_sold_unit_that_comes_back_begins_another_visit_and_pools_anew(cast: Cast, at: datetime) -> None:
    sale = shop.shipped(cast, at=at)
    later = at + timedelta(days=20)
    unit = Device.objects.get(pk=sale.device_id)
    with transaction.atomic():
        arrivals.arrive_again(unit, stay=make.stay(cast), by=cast.ines, at=later)

    assert make.state_of(unit) == State.RECEIVED
    assert queries.pool_of(unit) is None
    assert [line.pk for line in terms.lines_with_serial(unit.serial, cast.aisha)] == [sale.line_id]


def test_delivery_is_said_of_the_line_and_not_before_shipping(cast: Cast, at: datetime) -> None:
    sale = shop.picked(cast)
    with pytest.raises(UnableToSell, match="has not shipped"):
        sales.deliver(sale=sale, by=cast.luca, at=at)
    sale = sales.ship(sale=sale, by=cast.luca, at=at)

    sales.deliver(sale=sale, by=cast.luca, at=at + timedelta(days=2))

    assert OrderLine.objects.get(pk=sale.line_id).delivered_at == at + timedelta(days=2)


def test_only_the_packer_ships_and_only_the_seller_sells(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast)
    with pytest.raises(NotAllowed):
        sales.sell(offer=offer, buyer=shop.BEA, by=cast.luca, at=at)
    sale = shop.sold(cast, offer)

    with pytest.raises(NotAllowed):
        sales.pick(sale=sale, scanned=sale.device, by=cast.anouk, at=at)

    assert Offer.objects.get().ended_at is None


def test_a_drive_found_in_a_sold_unit_stops_its_parcel_and_shows_in_the_inbox(cast: Cast, at: datetime) -> None:
    sale = shop.picked(cast)
    with transaction.atomic():
        media.observe(
            moves.take_one(sale.device_id),
            [media.Seen(type="ssd", serial="HIDDEN01")],
            source="inspection",
            by=cast.ravi,
            at=at,
        )

    with pytest.raises(UnableToSell, match="it would leave with data on it"):
        sales.ship(sale=sale, by=cast.luca, at=at)

    [row] = [row for row in queries.exceptions(cast.aisha, at=at) if row.kind == "exception.sale_broken"]
    assert row.money_at_risk == sale.price


def test_the_inbox_names_what_is_in_no_pool_has_no_price_or_was_not_shipped(cast: Cast, at: datetime) -> None:
    make.for_sale(cast, serial="ALONE001", drive="ALONED01")
    shop.pooled(cast, 7, grade="C")
    shop.sold(cast, shop.offered(cast))

    rows = queries.exceptions(cast.aisha, at=at + timedelta(days=3))

    assert sorted(row.kind for row in rows) == ["exception.ship_late", "exception.unpooled", "exception.unpriced"]
    assert queries.exceptions(cast.jonas, at=at + timedelta(days=3)) == []
