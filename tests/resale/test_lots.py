"""Lots for one buyer: gathered by rule or by hand, offered for, awarded, and sold with a share for each unit, to the cent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from resale.models import Lot, LotOffer, LotUnit, Pool
from resale.queries import lots as queries
from resale.services import offers, pools, sales
from resale.services.lots import gathering, manifests, selling
from resale.services.lots.gathering import Rule, UnableToLot
from resale.services.sales import SoldOut
from returns.services.vendors import unsold
from revlog.accounts.actors import system
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Allocation, Device, HoldKind, Posting
from revlog.devices.services import moves, standing
from revlog.evidence.models import Document
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import resale as shop
from tests.factories import vendors

AT = vendors.AT


def iberia() -> Organization:
    """The buyer whose person Lola is."""
    return Organization.objects.get(code="buyer")


def lisbon() -> Organization:
    return Organization.objects.get_or_create(
        code="lisbon", defaults={"name": "Lisbon Liquidators", "kind": "buyer", "created_at": AT}
    )[0]


def begun(cast: Cast, *, rule: Rule | None = None, key: str = "value", **more: Decimal) -> Lot:
    return gathering.open_lot(
        name="Mixed accessories",
        hub=cast.rotterdam,
        owner=cast.operator,
        key=key,
        rule=rule,
        by=cast.anouk,
        at=AT,
        **more,
    )


def stocked(cast: Cast, name: str, **changes: object) -> Device:
    return vendors.stock(cast, product=vendors.model(name), **changes)  # type: ignore[arg-type]


def liquidated(cast: Cast, name: str, **changes: object) -> Device:
    """Counted goods that a person decided to sell in a lot."""
    device = stocked(cast, name, **changes)
    unsold.send_on([vendors.proposal(device)], "liquidate", by=cast.henrik, at=AT)
    return Device.objects.get(pk=device.pk)


def said(device: Device) -> list[str]:
    kinds = Entry.objects.filter(chain_id=device.pk, kind__startswith="resale.lot_").order_by("sequence")
    return list(kinds.values_list("kind", flat=True))


def test_a_lot_is_gathered_by_rule_offered_for_awarded_and_sold_to_the_cent(cast: Cast) -> None:
    goods = [liquidated(cast, "Cable", pieces=40, price="2.50"), liquidated(cast, "Sleeve", pieces=7, price="13.33")]
    kept = stocked(cast, "Hub", pieces=5)
    lot = begun(cast, rule=Rule(unsold=True), asking=Decimal(120), reserve=Decimal(90))
    with pytest.raises(UnableToLot, match="Nothing is in it yet"):
        selling.put_up(lot, by=cast.anouk, at=AT)
    gathering.gather(lot, by=cast.anouk, at=AT)
    units = list(LotUnit.objects.order_by("value"))
    assert [(one.device_id, one.value) for one in units] == [
        (goods[1].pk, Decimal("93.31")), (goods[0].pk, Decimal("100.00")),
    ]  # fmt: skip
    assert gathering.gather(lot, by=cast.anouk, at=AT) == []
    extra = gathering.put(lot, [kept], values={kept.pk: Decimal("10.01")}, by=cast.anouk, at=AT)
    assert said(kept) == ["resale.lot_joined"]
    assert not Lot.objects.visible_to(cast.lola).exists()

    selling.put_up(lot, until=date(2026, 11, 9), by=cast.anouk, at=AT)
    mine = selling.bid(lot, buyer=iberia(), amount=Decimal(80), by=cast.lola, at=AT)
    mine = selling.bid(lot, buyer=iberia(), amount=Decimal(85), by=cast.lola, at=AT)
    with pytest.raises(NotAllowed, match="made by their buyers"):
        selling.bid(lot, buyer=lisbon(), amount=Decimal(1), by=cast.lola, at=AT)
    with pytest.raises(UnableToLot, match="taken until 2026-11-09"):
        selling.bid(lot, buyer=iberia(), amount=Decimal(99), by=cast.lola, at=AT + timedelta(days=9))
    theirs = selling.bid(lot, buyer=lisbon(), amount=Decimal(100), by=cast.anouk, at=AT)
    assert LotOffer.objects.filter(ended_at=None).count() == 2
    assert [one.amount for one in queries.offers(lot, cast.lola)] == [Decimal(85)]

    # A list with one thing less is another list: who offered for the old one is asked again.
    gathering.take_out(extra[0], reason="Somebody wants it alone.", by=cast.anouk, at=AT)
    assert (said(kept), Allocation.objects.filter(device=kept, released_at=None).exists()) == (
        ["resale.lot_joined", "resale.lot_left"], False,
    )  # fmt: skip
    with pytest.raises(UnableToLot, match="edition 1 of the list, which has edition 2"):
        selling.award(theirs, by=cast.anouk, at=AT)
    # Of the list that is over by now no paper is made.
    reactions.drain(at=AT, queues=["documents"])
    paper = Document.objects.get(kind="lot_manifest")
    assert (paper.context["edition"], paper.context["value"], len(paper.context["lines"])) == (2, "193.31", 2)
    mine = selling.bid(lot, buyer=iberia(), amount=Decimal(85), by=cast.lola, at=AT)
    with pytest.raises(UnableToLot, match="below the reserve"):
        selling.award(mine, by=cast.anouk, at=AT)
    selling.award(mine, why="Nobody offers more.", by=cast.anouk, at=AT)
    with pytest.raises(UnableToLot, match="is awarded"):
        gathering.take_out(units[0], reason="x", by=cast.anouk, at=AT)

    _sold(cast, lot, goods)


def _sold(cast: Cast, lot: Lot, goods: list[Device]) -> None:
    with transaction.atomic():
        hold = standing.hold(moves.take_one(goods[0].pk), HoldKind.RECALL, reason="RC", by=cast.aisha, at=AT)
    with pytest.raises(UnableToLot, match=f"{goods[0].tag} can't be sold in this lot: it is on hold"):
        selling.ship(lot, by=cast.luca, at=AT)
    with transaction.atomic():
        standing.release(moves.take_one(goods[0].pk), hold, reason="fine", by=cast.maria, at=AT)
    done = selling.ship(lot, tracking="T 1", by=cast.luca, at=AT)
    with pytest.raises(UnableToLot, match="is sold"):
        selling.ship(lot, by=cast.luca, at=AT)

    # 85.00 by 100.00 to 93.31.
    shares = {one.device_id: one.share for one in LotUnit.objects.filter(left_at=None)}
    assert [shares[one.pk] for one in goods] == [Decimal("43.97"), Decimal("41.03")]
    posted = Posting.objects.filter(account="sale", book="ours")
    assert sum(one.amount for one in posted) == Decimal("85.00")
    assert {(one.state, one.owner.code) for one in Device.objects.filter(pk__in=shares)} == {("SOLD", "buyer")}
    assert said(goods[0]) == ["resale.lot_joined", "resale.lot_shipped"]
    assert done.shipment is not None
    assert done.shipment.reference == f"lot:{lot.pk}"


def test_nothing_in_a_lot_is_sold_otherwise_and_nothing_sold_goes_into_one(cast: Cast, at: datetime) -> None:
    offer = shop.offered(cast, count=3)
    pool = Pool.objects.get(pk=offer.pool_id)
    sale = shop.sold(cast, offer)
    first, second = (Device.objects.get(pk=one.device_id) for one in pool.units.exclude(device=sale.device))
    lot, other = begun(cast, key="pieces"), begun(cast)
    with pytest.raises(UnableToLot, match=f"{sale.device.tag} can't go into this lot: it is promised to somebody"):
        gathering.put(lot, [first, sale.device], by=cast.anouk, at=at)
    assert not LotUnit.objects.exists()
    gathering.put(lot, [first, second], by=cast.anouk, at=at)
    with pytest.raises(SoldOut):
        sales.sell(offer=offer, buyer=shop.BEA, by=cast.anouk, at=at)
    with pytest.raises(UnableToLot, match="promised to somebody"):
        gathering.put(other, [first], by=cast.anouk, at=at)
    with pytest.raises(UnableToLot, match="in this lot already"):
        gathering.put(lot, [first], by=cast.anouk, at=at)
    with pytest.raises(NotAllowed):
        gathering.put(lot, [first], by=cast.luca, at=at)
    with pytest.raises(BadInput, match="reserve isn't above"):
        begun(cast, asking=Decimal(5), reserve=Decimal(6))
    with pytest.raises(UnableToLot, match="belongs to somebody else"):
        gathering.put(begun(cast), [shop.pooled(cast, 9, owner=cast.vega)], by=cast.anouk, at=at)

    selling.put_up(lot, by=cast.anouk, at=at)
    won = selling.bid(lot, buyer=iberia(), amount=Decimal("0.01"), by=cast.lola, at=at)
    selling.award(won, by=cast.anouk, at=at)
    assert sorted(one.share for one in lot.units.all() if one.share is not None) == [Decimal(0), Decimal("0.01")]
    selling.undo_award(lot, reason="They don't pay.", by=cast.anouk, at=at)
    selling.withdraw(won, by=cast.lola, at=at)
    selling.cancel(lot, reason="Sold one by one after all.", by=cast.anouk, at=at)
    assert sales.sell(offer=offer, quantity=2, buyer=shop.BEA, by=cast.anouk, at=at).lines.count() == 2


def test_a_lot_that_changes_before_it_is_locked_is_looked_at_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (stocked(cast, name) for name in ("Cable", "Hub", "Sleeve"))
    lot = begun(cast)
    gathering.put(lot, [first], by=cast.anouk, at=AT)
    take = moves.take

    def overtaken(ids: Iterable[uuid.UUID]) -> list[Device]:
        """Somebody else puts one in between the look at what is in it and its lock."""
        monkeypatch.setattr(moves, "take", take)
        gathering.put(lot, [second], by=cast.anouk, at=AT)
        return take(ids)

    monkeypatch.setattr(moves, "take", overtaken)
    with pytest.raises(UnableToLot, match=f"What is in {lot.number} changed just now") as refused:
        selling.put_up(lot, by=cast.anouk, at=AT)
    assert [one.code for one in refused.value.reasons] == ["moved"]
    # Both were of one transaction here, so that neither stands now. Who puts one in isn't in the way of another who does.
    monkeypatch.setattr(moves, "take", overtaken)
    gathering.put(lot, [third], by=cast.anouk, at=AT)
    assert [one.device_id for one in LotUnit.objects.order_by("position")] == [first.pk, second.pk, third.pk]
    assert selling.put_up(lot, by=cast.anouk, at=AT).state == "offered"


def test_what_is_sent_to_be_sold_in_a_lot_goes_into_the_one_that_gathers_by_itself(cast: Cast) -> None:
    lot = begun(cast, rule=Rule(unsold=True, by_itself=True))
    goods = liquidated(cast, "Cable")
    reactions.drain(at=AT, queues=["fast"])
    assert [one.device_id for one in lot.units.all()] == [goods.pk]
    reactions.drain(at=AT, queues=["fast"])
    assert said(goods) == ["resale.lot_joined"]
    selling.put_up(lot, until=AT.date(), by=cast.anouk, at=AT)
    selling.bid(lot, buyer=iberia(), amount=Decimal(7), by=cast.lola, at=AT)
    assert [one.kind for one in queries.exceptions(cast.anouk, at=AT)] == []
    late = queries.exceptions(cast.anouk, at=AT + timedelta(days=1))
    assert [(one.kind, one.money_at_risk) for one in late] == [("exception.lot_undecided", Decimal(7))]
    selling.award(LotOffer.objects.get(), by=cast.anouk, at=AT)
    late = queries.exceptions(cast.anouk, at=AT + timedelta(days=6))
    assert [one.kind for one in late] == ["exception.lot_unshipped"]


def test_the_desk_sells_a_lot_by_pages_and_its_buyer_offers_on_theirs(cast: Cast) -> None:
    desk, lola = Client(), Client()
    desk.force_login(cast.user("anouk"))
    lola.force_login(cast.user("lola"))
    goods = stocked(cast, "Cable", lot="=1+1", at=clock.now())
    told = {"name": "Cables", "hub": "rotterdam", "owner": "operator", "key": "value", "asking": "50", "reserve": "20"}
    assert desk.post("/sales/lots/new/", told | {"asking": "10"}).status_code == 422
    url = desk.post("/sales/lots/new/", told | {"classes": ["accessory"], "days": "0"})["Location"]
    lot = Lot.objects.get()
    assert url == f"/sales/lots/{lot.number}/"
    assert desk.post(url, {"act": "put", "tags": "RL-0000-0000"}).status_code == 404
    assert "Put 1 in that fits" in desk.get(url).content.decode()
    assert desk.post(url, {"act": "gather"}).status_code == 302
    assert (lola.get(url).status_code, lola.get("/sales/lots/new/").status_code) == (404, 403)
    assert desk.post(url, {"act": "put_up", "asking": "60", "reserve": "25", "until": "2099-01-31"}).status_code == 302
    reactions.drain(at=clock.now(), queues=["documents"])

    assert lot.name in lola.get("/sales/lots/").content.decode()
    page = lola.get(url).content.decode()
    # Lola reads Spanish. What buyers never see is the reserve.
    assert ("60,00" in page, "25,00" in page, "take_out" in page) == (True, False, False)
    listed = lola.get(f"{url}list.csv").content.decode()
    assert f"{goods.tag},40 × Norden Cable,accessory," in listed
    assert ",'=1+1,40,100.00,EUR" in listed
    assert lola.get(f"{url}list.pdf").content.startswith(b"%PDF")
    assert lola.post(url, {"act": "award"}).status_code == 404
    assert lola.post(url, {"act": "bid", "amount": "nothing"}).status_code == 422
    assert lola.post(url, {"act": "bid", "amount": "30,50"}).status_code == 302
    assert 'value="withdraw"' in lola.get(url).content.decode()
    offer = LotOffer.objects.get()
    assert lola.post(url, {"act": "award", "offer": str(offer.pk)}).status_code == 403
    assert desk.post(url, {"act": "award", "offer": str(offer.pk)}).status_code == 302
    won = lola.get(url).content.decode()
    assert ('value="bid"' in won, "30,50" in won) == (False, True)
    assert desk.post(url, {"act": "ship", "parcels": "1"}).status_code == 302
    assert manifests.as_csv(lot).count("\n") == 2
    panel = desk.get(f"/sales/panels/{goods.tag}/offer/").content.decode()
    assert (lot.name in panel, "30.50" in panel) == (True, True)
    stranger = Client()
    stranger.force_login(cast.user("vera"))
    assert stranger.get(url).status_code == 403


def test_whose_goods_they_are_reads_the_award_and_nobodys_offers(cast: Cast) -> None:
    goods = stocked(cast, "Cable")
    with transaction.atomic():
        standing.pass_title(moves.take_one(goods.pk), cast.vega, by=cast.aisha, at=AT)
    told = {"name": "Cables", "hub": cast.rotterdam, "owner": cast.vega, "at": AT}
    elsewhere, nowhere = (replace(cast.anouk, hubs=hubs) for hubs in (frozenset({cast.leipzig.pk}), frozenset()))
    for by in (elsewhere, nowhere):
        with pytest.raises(NotAllowed, match="where you don't work"):
            gathering.open_lot(**told, by=by)
    lot = gathering.open_lot(**told, by=cast.anouk)
    assert [Lot.objects.visible_to(by).count() for by in (cast.anouk, system(), elsewhere, nowhere)] == [1, 1, 0, 0]

    gathering.put(lot, [goods], by=cast.anouk, at=AT)
    selling.put_up(lot, by=cast.anouk, at=AT)
    first = selling.bid(lot, buyer=iberia(), amount=Decimal(80), by=cast.lola, at=AT)
    selling.withdraw(first, by=cast.lola, at=AT)
    second = selling.bid(lot, buyer=lisbon(), amount=Decimal(70), by=cast.anouk, at=AT)
    selling.award(second, by=cast.anouk, at=AT)

    said = Entry.objects.filter(chain_id=lot.pk)
    bids = {"resale.lot_bid", "resale.lot_bid_withdrawn"}
    kinds = {
        name: set(said.visible_to(by).values_list("kind", flat=True))
        for name, by in (("us", cast.anouk), ("vera", cast.vera))
    }
    assert bids <= kinds["us"]
    assert kinds["vera"] == kinds["us"] - bids
    assert "resale.lot_awarded" in kinds["vera"]


def test_a_lot_goes_its_way_by_two_keys(cast: Cast) -> None:
    us, them = caller(cast), caller(cast, "lots:read", "lots:bid", organization=iberia())
    first, second = stocked(cast, "Cable"), stocked(cast, "Hub")
    problem(us.post("/lots/", {"name": "x", "hub": "nowhere", "owner": "operator"}), 422)
    leipzigs = caller(cast, hub=cast.leipzig)
    problem(leipzigs.post("/lots/", {"name": "x", "hub": "rotterdam", "owner": "operator"}), 422)
    made = us.post(
        "/lots/", {"name": "Cables", "hub": "rotterdam", "owner": "operator", "rule": {"classes": ["accessory"]}}
    )
    assert made.status_code == 201, made.content
    url = f"/lots/{made.json()['number']}/"
    problem(them.get(url), 404)
    problem(us.post(f"{url}put/", {"devices": ["RL-0000-0000"]}), 422)
    assert len(us.post(f"{url}put/", {"devices": [first.tag]}).json()["units"]) == 1
    assert len(us.post(f"{url}gather/").json()["units"]) == 2
    assert us.post(f"{url}take-out/", {"device": second.tag, "reason": "Wanted."}).json()["edition"] == 1
    assert us.post(f"{url}put-up/", {"until": "2099-01-31"}).json()["state"] == "offered"
    problem(them.post(f"{url}cancel/", {"reason": "x"}), 403)
    problem(caller(cast, organization=cast.vega).get(url), 404)
    offered = them.post(f"{url}bid/", {"amount": "70.00"}).json()["offers"]
    assert [(one["buyer"], one["amount"]["amount"]) for one in offered] == [("buyer", "70.00")]
    assert us.post(f"{url}award/", {"offer": offered[0]["id"]}).json()["state"] == "awarded"
    assert us.post(f"{url}ship/").json()["state"] == "sold"
    assert pools.PoolUnit.objects.filter(device=first, left_at=None).count() == 0
    assert offers.Offer.objects.count() == 0
