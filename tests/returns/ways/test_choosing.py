"""Which way a return travels: what rules and the thing itself leave, what it costs, and that a van has no more room than it has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client

from returns.models import Refund, Rma, RmaStatus, Way
from returns.policy import SHIPPED, checking, ways
from returns.policy.ways import Coming, Ground
from returns.queries import inbox
from returns.queries import ways as way_queries
from returns.services import approval, opening
from returns.services.approval import UnableToDecide
from returns.services.ways import changing, choosing, handing
from returns.services.ways.choosing import Choice, UnableToTravel
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.logistics.models import Booking, ParcelStatus, Pickup
from revlog.logistics.services import pickups, setup
from revlog.logistics.services.pickups import UnableToPickUp
from tests.api.callers import caller
from tests.cast import Cast
from tests.factories import returns, terms, travel

EVERYTHING = Ground(qr=True, store=True, counter=True, pickup=True)


def coming(reason: str = "CHANGED_MIND", value: str = "449.00", *, paid_back: bool = True, **outcome: object) -> Coming:
    return Coming(reason=reason, outcome=outcome, value=Decimal(value), paid_back=paid_back)


@pytest.mark.parametrize(
    ("lines", "ground", "open_ones"),
    [
        ([coming()], Ground(), ["label"]),
        ([coming()], EVERYTHING, ["label", "qr", "store", "counter", "pickup"]),
        ([coming(methods=["qr", "store"]), coming(methods=["store", "pickup"])], EVERYTHING, ["store"]),
        ([coming(methods=["qr"]), coming(methods=["store"])], EVERYTHING, []),
        ([coming(methods=[])], EVERYTHING, []),
        ([coming("SWOLLEN_BATTERY")], EVERYTHING, ["pickup"]),
        ([coming("SWOLLEN_BATTERY")], Ground(dangerous_carrier=True, store=True), ["label"]),
        ([coming()], Ground(store=True, counter=True, recalled=True), []),
        ([coming(value="999.00"), coming(value="2.00")], EVERYTHING, ["label", "qr", "pickup"]),
    ],
)
def test_what_is_left_is_what_every_rule_offers_and_the_thing_allows(
    lines: list[Coming], ground: Ground, open_ones: list[str]
) -> None:
    assert [one.name for one in ways.options(lines, ground, {}) if one.open] == open_ones


@pytest.mark.parametrize(
    ("lines", "fee"),
    [
        ([coming()], "4.95"),
        ([coming(), coming()], "4.95"),
        ([coming(pickup_fee="2.00"), coming(pickup_fee="3.00")], "3.00"),
        ([coming(), coming("DISPLAY")], "0"),
        ([coming(paid_back=False)], "0"),
        ([coming(value="3.00")], "3.00"),
    ],
)
def test_a_way_costs_only_who_has_changed_their_mind_and_never_more_than_they_get(
    lines: list[Coming], fee: str
) -> None:
    assert ways.fee_of("pickup", lines, {"pickup_fee": "4.95"}) == Decimal(fee)


def test_rules_name_only_ways_that_there_are() -> None:
    rule = {"id": "a", "then": {"allow": True, "methods": ["pigeon"], "pickup_fee": "-1"}}
    body = dict(SHIPPED) | {"rules": [rule], "parameters": {"counter_below": "x"}}

    assert {one.field for one in checking.check(body)} == {
        "body.rules[0].then.methods", "body.rules[0].then.pickup_fee", "body.parameters.counter_below",
    }  # fmt: skip


def test_kim_has_it_picked_up_moves_it_and_then_prints_a_label(cast: Cast, at: datetime) -> None:
    """The fee comes off, the place in the van is taken, and given back when she thinks again; after the cut-off she can't."""
    window = travel.window(cast, at=at, capacity=1)
    travel.place(cast, at=at)
    order = terms.order(cast, at=at)
    on = at + timedelta(days=(2 - at.weekday()) % 7 or 7)
    slot = f"{window.pk}:{on.date()}"
    (rma,) = opening.open_rmas(
        order=order, wishes=[returns.wish(order)], choice=Choice("pickup", slot), by=returns.kim(order), at=at
    )
    kim = guest({f"rma:{rma.pk}"})

    assert rma.way == Way.PICKUP
    assert rma.parcel_links.get().parcel.shipment.carrier.vendor == "van"
    pickup = Pickup.objects.get()
    assert (pickup.day, pickup.reference) == (on.date(), f"rma:{rma.pk}")
    assert "Kade" not in str(list(Entry.objects.values_list("payload", flat=True)))

    # The window is full for others, and a week later it isn't.
    other = terms.order(cast, "PS-1002", at=at)
    with pytest.raises(UnableToPickUp, match="taken a moment ago"):
        opening.open_rmas(
            order=other, wishes=[returns.wish(other)], choice=Choice("pickup", slot), by=returns.kim(other), at=at
        )
    assert Rma.objects.filter(order=other).count() == 0
    later = f"{window.pk}:{on.date() + timedelta(days=7)}"
    changing.choose(rma, Choice("pickup", later), by=kim, at=at)
    assert [one.status for one in Pickup.objects.order_by("day")] == ["cancelled", "booked"]

    # Nobody else's return, and not after the van is planned.
    with pytest.raises(NotAllowed):
        changing.choose(rma, Choice("label"), by=guest({"rma:other"}), at=at)
    moved = Pickup.objects.get(status="booked")
    with pytest.raises(UnableToTravel, match="van is planned"):
        changing.choose(rma, Choice("label"), by=kim, at=moved.begins_at - timedelta(hours=17))
    changed = changing.choose(rma, Choice("label"), by=kim, at=moved.begins_at - timedelta(hours=19))
    assert changed.way == Way.LABEL
    assert not Pickup.objects.filter(status="booked").exists()
    link = changed.parcel_links.get()
    assert link.parcel.shipment.carrier.code == "any"
    approval.hand_over(changed, by=kim, at=at)
    with pytest.raises(UnableToTravel, match="on its way"):
        changing.choose(rma, Choice("store"), by=kim, at=at)


def test_a_fee_comes_off_what_is_paid_back_and_goes_with_the_way(cast: Cast, at: datetime, settings: object) -> None:
    window = travel.window(cast, at=at)
    returns.published(cast, at=at, pickup_fee="4.95")
    rma = returns.rma(cast, at=at)
    kim = guest({f"rma:{rma.pk}"})
    slot = pickups.slots(window.hub, postcodes=["3011AA"], at=at)[0]
    assert pickups.slots(window.hub, postcodes=["1012AB"], at=at) == []

    changing.choose(rma, Choice("pickup", slot.key), by=kim, at=at)
    line = rma.lines.get()
    assert (line.fee, line.way_fee, line.amount) == (Decimal("4.95"), Decimal("4.95"), Decimal("444.05"))
    said = Entry.objects.get(chain_id=rma.pk, kind="returns.way_chosen")
    assert (said.payload["way"], said.payload["fee"]) == ("way.pickup", "4.95")

    changing.choose(rma, Choice("label"), by=kim, at=at)
    line.refresh_from_db()
    assert (line.fee, line.way_fee) == (Decimal(0), Decimal(0))


def test_of_several_lines_those_that_bring_money_bear_the_fee_in_their_order() -> None:
    lines = [(2, Decimal("3.00")), (1, Decimal(0)), (3, Decimal("20.00"))]
    assert ways.shares(Decimal("4.95"), lines) == [Decimal("2.47"), Decimal(0), Decimal(0)]
    assert ways.shares(Decimal("9.00"), lines) == [Decimal("3.00"), Decimal(0), Decimal("1.00")]


def test_labels_that_cost_postage_are_capped_for_an_order_and_a_day(cast: Cast, at: datetime) -> None:
    returns.published(cast, at=at, labels_a_day=2)
    travel.carrier(cast, code="net", name="Net Post", vendor="easypost", label_free=False, at=at)
    order = terms.order(cast, at=at)
    kim = returns.kim(order)
    for again in range(2):
        rma = opening.open_rma(order=order, wishes=[returns.wish(order)], by=kim, at=at + timedelta(minutes=again))
        assert rma.status == RmaStatus.APPROVED
        approval.cancel(rma, by=guest({f"rma:{rma.pk}"}), at=at + timedelta(minutes=again))
    # Each was asked back of the carrier; the third waits for a person, who reads why, and the day after it goes by itself.
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    later = at + timedelta(minutes=5)
    assert opening.quote(order, [returns.wish(order)], at=later).needs_person
    assert not opening.quote(order, [returns.wish(order)], at=at + timedelta(days=1)).needs_person
    third = opening.open_rma(order=order, wishes=[returns.wish(order)], by=kim, at=later)
    assert (third.status, Booking.objects.count()) == (RmaStatus.REQUESTED, 2)
    waits = [row for row in inbox.exceptions(cast.sam, at=later) if row.kind == "rma_waiting"]
    assert "2 labels were made for its order that day" in waits[0].sentence
    approval.approve(third, by=cast.aisha, at=later)
    assert Booking.objects.count() == 3
    with pytest.raises(UnableToDecide, match="made many labels"):
        approval.add_parcel(third, by=guest({f"rma:{third.pk}"}), at=later)


def test_what_may_catch_fire_waits_for_somebody_to_arrange_how(cast: Cast, at: datetime) -> None:
    travel.place(cast, at=at)
    travel.carrier(cast, at=at)
    rma = returns.rma(cast, reason="SWOLLEN_BATTERY", wanted="refund", at=at)
    approval.approve(rma, by=cast.aisha, at=at)

    rma.refresh_from_db()
    assert rma.way == Way.ARRANGED
    assert {row.kind for row in way_queries.exceptions(cast.sam, at=at)} == {"way_open"}
    reactions.drain(at=at)
    assert rma.parcel_links.get().label is None
    with pytest.raises(UnableToTravel, match="catch fire"):
        changing.choose(rma, Choice("store"), by=guest({f"rma:{rma.pk}"}), at=at)
    # A carrier that takes it by contract is found, and the label follows.
    travel.carrier(cast, code="hazard", name="Safe Freight", label_free=False, dangerous=True, at=at)
    changing.choose(rma, Choice("label"), by=cast.sam, at=at)
    reactions.drain(at=at)
    assert rma.parcel_links.get().parcel.shipment.carrier.name == "Safe Freight"
    assert rma.parcel_links.get().label is not None
    assert way_queries.exceptions(cast.sam, at=at) == []


def _the_fee_is_in_the_sum_before(client: Client, url: str) -> None:
    """What a way costs is a line of the sum: at once with a script, else before it is announced, whatever was pressed."""
    asked = client.get(url, {"way": "pickup"}).content.decode()
    assert "-4.95" in asked
    assert "444.05" in asked
    answer = client.post(url, {"way": "pickup", "shown": "label"})
    assert (answer.status_code, Rma.objects.count()) == (422, 0)
    assert "now it is in the sum" in answer.content.decode()
    assert 'name="shown" value="pickup"' in answer.content.decode()


def test_the_portal_offers_the_ways_shows_the_code_and_lets_her_change_her_mind(cast: Cast, client: Client) -> None:
    at = clock.now()
    returns.published(cast, at=at, pickup_fee="4.95")
    order = terms.order(cast, at=at)
    line = order.lines.get()
    travel.carrier(cast, at=at)
    travel.place(cast, at=at)
    for day in range(7):
        travel.window(cast, weekday=day, at=at)
    client.post("/return/", {"order": "PS-1001", "email": terms.EMAIL})
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    told = {"quantity": "1", "reason": "CHANGED_MIND", "wanted": "refund", "note": ""}
    client.post(f"/return/order/{order.pk}/why/", {f"{line.pk}-{name}": value for name, value in told.items()})

    page = client.get(f"/return/order/{order.pk}/check/").content.decode()
    assert 'value="label" checked' in page
    assert "Show a code, print nothing" in page
    assert "-4.95" not in page
    assert "Harbour Store" in page
    assert "Mon–Fri 10:00–18:00" in page
    assert "Kade 12" in page
    _the_fee_is_in_the_sum_before(client, f"/return/order/{order.pk}/check/")
    client.post(f"/return/order/{order.pk}/check/", {"way": "qr", "shown": "pickup"})
    rma = Rma.objects.get()
    page = client.get(f"/return/{rma.number}/").content.decode()
    parcel = rma.parcel_links.get().parcel
    reactions.drain(at=clock.now())
    (code,) = mail.outbox[-1].attachments
    assert code[0] == f"{rma.number}.png"
    assert bytes(code[1]).startswith(b"\x89PNG")
    assert "is attached" in mail.outbox[-1].body
    assert "you print nothing" in page
    assert "data:image/svg+xml" in page
    assert parcel.tracking in page
    assert "Print the label" not in page

    page = client.get(f"/return/{rma.number}/way/").content.decode()
    assert 'value="qr" checked' in page
    answer = client.post(f"/return/{rma.number}/way/", {"way": "counter"})
    assert answer.status_code == 302
    page = client.get(f"/return/{rma.number}/").content.decode()
    assert "Bring it without a box by" in page
    assert "Harbour Store" in page
    assert client.post(f"/return/{rma.number}/way/", {"way": "pickup", "slot": "nonsense"}).status_code == 422
    client.force_login(cast.user("sam"))
    assert "Brought to a counter" in client.get(f"/returns/{rma.number}/").content.decode()
    client.post(f"/returns/{rma.number}/way", {"way": "store"})
    rma.refresh_from_db()
    assert rma.way == Way.STORE


def test_money_goes_at_handover_where_the_rules_say_so_and_only_on_anothers_word(cast: Cast, at: datetime) -> None:
    returns.published(cast, at=at, refund_on="handover")
    rma = returns.rma(cast, at=at)
    approval.hand_over(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    assert not Refund.objects.exists()

    parcel = rma.parcel_links.get().parcel
    handing.scanned(parcel, "scan.in_transit", at=at)
    handing.scanned(parcel, "scan.in_transit", at=at)
    assert Refund.objects.get().amount == Decimal("449.00")
    parcel.refresh_from_db()
    assert parcel.status == ParcelStatus.IN_TRANSIT
    # What comes then is accepted without paying again.
    received = returns.received(cast, rma, at=at)
    returns.graded(received.device, at=at)
    assert Refund.objects.count() == 1


def test_settings_are_kept_and_wrong_ones_named(cast: Cast, client: Client, at: datetime) -> None:
    client.force_login(cast.user("maria"))
    told = {
        "part": "place", "place-hub": str(cast.rotterdam.pk), "place-code": "north", "place-name": "North counter",
        "place-address": "Kleiweg 1\n3051 GG Rotterdam", "place-takes_unboxed": "on", "place-active": "on",
        "place-day_0": "9:00-17:00", "place-day_1": "17:00-9:00",
    }  # fmt: skip
    assert "Opening hours are written like" in client.post("/settings/travel/", told).content.decode()
    assert client.post("/settings/travel/", told | {"place-day_1": ""}).status_code == 302
    window = {
        "part": "window", "window-hub": str(cast.rotterdam.pk), "window-weekday": "3", "window-begins": "13:00",
        "window-ends": "17:00", "window-capacity": "8", "window-cutoff_hours": "12", "window-active": "on",
    }  # fmt: skip
    assert client.post("/settings/travel/", window).status_code == 302
    carrier = {
        "part": "carrier",
        "carrier-code": "ez",
        "carrier-name": "Agency",
        "carrier-vendor": "easypost",
        "carrier-grams": "900",
    }
    assert client.post("/settings/travel/", carrier).status_code == 302
    page = client.get("/settings/travel/?place=north").content.decode()
    assert "09:00-17:00" in page
    assert "Agency" in page
    with pytest.raises(NotAllowed):
        setup.keep_carrier(code="x", name="X", by=cast.ines, at=at)
    with pytest.raises(BadInput):
        setup.keep_carrier(code="x", name="X", account={"key": "secret"}, by=cast.maria, at=at)
    client.force_login(cast.user("ines"))
    assert client.post("/settings/travel/", carrier).status_code == 403


def test_no_van_comes_on_a_holiday(cast: Cast, at: datetime) -> None:
    travel.window(cast, weekday=4, at=at)
    before = datetime(2026, 12, 20, 9, tzinfo=UTC)

    days = {one.day for one in pickups.slots(cast.rotterdam, postcodes=["3011AA"], at=before)}

    assert date(2026, 12, 25) not in days


def test_the_offer_of_a_plain_install_is_a_label_and_nothing_to_choose(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    assert rma.way == Way.LABEL
    assert [one.name for one in choosing.offer_for(rma, at=at).options] == ["label"]
    assert not Entry.objects.filter(chain_id=rma.pk, kind="returns.way_chosen").exists()


def test_a_shops_system_reads_the_ways_chooses_one_and_follows_the_parcel(cast: Cast) -> None:
    at = clock.now()
    travel.place(cast, at=at)
    rma = returns.rma(cast, order=terms.order(cast, at=at), at=at)
    seller, rival = caller(cast, organization=cast.retailer), caller(cast, organization=cast.vega)

    told = seller.get(f"/rmas/{rma.number}/ways/").json()
    assert "options" in told, told
    assert [one["name"] for one in told["options"]] == ["label", "store", "counter"]
    assert told["places"][0]["hours"]["5"] == ["10:00", "17:00"]
    assert seller.post(f"/rmas/{rma.number}/way/", {"way": "pickup"}).status_code == 422
    assert seller.post(f"/rmas/{rma.number}/way/", {"way": "counter"}).json()["way"] == "counter"
    assert seller.get(f"/rmas/{rma.number}/tracking/").json()[0]["status"] == "announced"
    assert rival.post(f"/rmas/{rma.number}/way/", {"way": "label"}).status_code == 404
