"""At the counter without a box: checked, bagged, carried in a tote, and known at the dock by its bag; and the driver's day."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from returns.models import Bag, Refund, Rma
from returns.services import opening, receiving
from returns.services.ways import changing, counter, fetching, handing
from returns.services.ways.choosing import Choice, UnableToTravel
from revlog.accounts.models import Organization
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Location
from revlog.logistics.models import Pickup
from revlog.logistics.services import pickups
from revlog.logistics.services.pickups import UnableToPickUp
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms, travel
from tests.factories.itad import picture


def scan(client: Client, where: str, code: str) -> str:
    return client.post(f"/{where}/scan", {"code": code}, headers={"HX-Request": "true"}).content.decode()


def test_a_phone_is_bagged_at_the_counter_paid_and_received_at_the_dock_by_its_bag(cast: Cast, client: Client) -> None:
    at = clock.now()
    travel.place(cast, at=at)
    returns.published(cast, at=at, refund_on="handover")
    tote = Location.objects.create(hub=cast.rotterdam, code="TOTE-7", kind="container", created_at=at)
    returns.places(cast, at=at)
    order = terms.order(cast, at=at)
    rma = returns.rma(cast, order=order, at=at)
    changing.choose(rma, Choice("counter"), by=guest({f"rma:{rma.pk}"}), at=at)
    client.force_login(cast.user("ines"))

    assert "Scan the customer's code" in client.get("/counter/").content.decode()
    assert "Scan the code of the customer" in scan(client, "counter", "PF1ABCDE")
    assert "What you bag now goes into it" in scan(client, "counter", "tote-7")
    page = scan(client, "counter", rma.number.lower())
    assert "ThinkPad T480" in page
    assert "PF1ABCDE" in page

    # Another one: refused with words for the customer, and nothing is written down.
    page = scan(client, "counter", "PF9WRONG")
    assert "Not the one that was sold" in page
    assert "this one can&#x27;t be returned here" in page
    assert "Nothing was written down" in client.post("/counter/act", {"act": "given_back"}).content.decode()
    assert not Bag.objects.exists()

    page = scan(client, "counter", "PF1ABCDE")
    assert "That is the one" in page
    unit = re.search(r'name="unit" value="([^"]+)"', page)
    assert unit is not None
    told = {"act": "bag", "unit": unit[1], "serial": "PF1ABCDE", "condition": "good", "bag": ""}
    page = client.post("/counter/act", told).content.decode()
    bag = Bag.objects.get()
    assert bag.code in page
    assert (bag.tote, bag.serial, bag.place.code) == (tote, "PF1ABCDE", "coolsingel")
    rma.refresh_from_db()
    assert (rma.status, rma.place) == ("handed_over", bag.place)
    assert Refund.objects.get().amount == Decimal("449.00")
    reactions.drain(at=clock.now())
    assert any("is your receipt" in one.body and bag.code in one.body for one in mail.outbox)
    assert bag.code in client.get(f"/counter/bag/{bag.code}/").content.decode()
    assert "Harbour Store" in client.get(f"/counter/receipt/{rma.number}/").content.decode()
    _to_the_dock(client, rma, bag)


def _to_the_dock(client: Client, rma: Rma, bag: Bag) -> None:
    # The tote goes as one parcel, and the dock knows it, and then the bag.
    scan(client, "counter", "TOTE-7")
    page = client.post("/counter/act", {"act": "send"}).content.decode()
    assert "Tote sent" in page
    bag.refresh_from_db()
    assert bag.parcel is not None
    assert [link.parcel for link in rma.parcel_links.all()] == [bag.parcel]
    assert "Nothing is in TOTE-7" not in page
    client.get("/dock/")
    assert "Parcel taken in" in scan(client, "floor", bag.parcel.tracking)
    page = scan(client, "floor", bag.code)
    assert f"Bag {bag.code}" in page
    sends = dict(re.findall(r'name="(unit|serial|how)" value="([^"]*)"', page))
    answer = client.post("/dock/receive", sends, headers={"HX-Request": "true"}).content.decode()
    assert "Received" in answer
    rma.refresh_from_db()
    assert rma.status == "arrived"
    assert Refund.objects.count() == 1
    kinds = set(Entry.objects.filter(chain_id=rma.pk).values_list("kind", flat=True))
    assert {"returns.bagged", "returns.taken_at_counter", "returns.tote_sent", "returns.parcel_arrived"} <= kinds


def test_what_is_wrong_or_damaged_is_taken_as_such_and_not_paid(cast: Cast, client: Client, at: datetime) -> None:
    place = travel.place(cast, at=at)
    returns.published(cast, at=at, refund_on="handover")
    order = terms.order(cast, "PS-1001", terms.laptop_line(), terms.laptop_line(sku="X", serials=("PF2OTHER",)), at=at)
    wishes = [returns.wish(order, 1), returns.wish(order, 2)]
    rma = opening.open_rma(order=order, wishes=wishes, by=returns.kim(order), at=at)
    first, second = counter.waiting(rma)

    with pytest.raises(UnableToTravel, match="Wrong serial"):
        counter.bag(first, place=place, serial="PF9WRONG", by=cast.ines, at=at)
    with pytest.raises(NotAllowed):
        counter.bag(first, place=place, serial="PF1ABCDE", by=cast.noor, at=at)
    bag = counter.bag(first, place=place, serial="PF9WRONG", wrong=True, by=cast.ines, at=at)
    assert counter.bag(first, place=place, serial="PF1ABCDE", by=cast.ines, at=at) == bag
    with pytest.raises(UnableToTravel, match="another one"):
        counter.bag(second, place=place, serial="PF2OTHER", code=bag.code, by=cast.ines, at=at)
    counter.bag(second, place=place, serial="PF2OTHER", damaged=True, by=cast.ines, at=at)
    assert not Refund.objects.exists()
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.taken_at_counter").count() == 1

    # A scan of the label, or another counter that takes a parcel, pays nothing of it either.
    handing.scanned(rma.parcel_links.get().parcel, "scan.in_transit", at=at)
    counter.take_parcel(rma, place=travel.place(cast, code="north", at=at), by=cast.ines, at=at)
    assert not Refund.objects.exists()

    # Nor does a scan that comes after the dock took something in damaged.
    late = returns.rma(cast, order=terms.order(cast, "PS-1002", terms.laptop_line(serials=("PF3LATE",)), at=at), at=at)
    receiving.receive(returns.unit_of(late), hub=cast.rotterdam, serial="PF3LATE", damaged=True, by=cast.ines, at=at)
    handing.scanned(late.parcel_links.get().parcel, "scan.delivered", at=at)
    assert not Refund.objects.exists()

    # The dock is told to record the wrong one, and the damaged one comes with its damage.
    client.force_login(cast.user("ines"))
    client.get("/dock/")
    assert "dock/wrong" in scan(client, "floor", bag.code)
    page = scan(client, "floor", Bag.objects.get(unit=second).code)
    assert "damaged there" in page
    assert 'name="damaged" value="1"' in page


def test_a_packed_parcel_is_taken_only_where_parcels_are_and_while_it_is_coming(cast: Cast, at: datetime) -> None:
    place = travel.place(cast, at=at)
    narrow = travel.place(cast, code="narrow", takes_parcels=False, at=at)
    rma = returns.rma(cast, at=at)

    with pytest.raises(UnableToTravel, match="takes no parcels"):
        counter.take_parcel(rma, place=narrow, by=cast.ines, at=at)
    counter.take_parcel(rma, place=place, by=cast.ines, at=at)
    counter.take_parcel(rma, place=place, by=cast.ines, at=at)
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.taken_at_counter").count() == 1
    dear = returns.rma(
        cast, order=terms.order(cast, "PS-7", terms.laptop_line(price=Decimal(1200), serials=()), at=at), at=at
    )
    with pytest.raises(UnableToTravel, match="worth too much"):
        counter.take_parcel(dear, place=place, by=cast.ines, at=at)


def test_the_driver_picks_one_up_and_meets_nobody_at_the_other(cast: Cast, client: Client) -> None:
    at = clock.now()
    for day in range(7):
        travel.window(cast, weekday=day, driven_by=Organization.objects.get(code="carrier"), at=at)
    slot = pickups.slots(cast.rotterdam, postcodes=["3011AA"], at=at)[0]
    rmas: list[Rma] = []
    for number in ("PS-1001", "PS-1002"):
        order = terms.order(cast, number, terms.laptop_line(serials=()), at=at)
        by = returns.kim(order)
        rmas += opening.open_rmas(
            order=order, wishes=[returns.wish(order)], choice=Choice("pickup", slot.key), by=by, at=at
        )
    first, second = (Pickup.objects.get(reference=f"rma:{rma.pk}") for rma in rmas)
    client.force_login(cast.user("dirk"))

    with CaptureQueriesContext(connection) as asked:
        page = client.get("/pickups/").content.decode()
    assert sum('FROM "returns_rma"' in one["sql"] for one in asked.captured_queries) == 1
    assert page.count("Kim Jansen") == 2
    assert "3011 AA Rotterdam" in page
    client.post(f"/pickups/{first.number}", {"act": "done", "signed_by": ""})
    first.refresh_from_db()
    assert first.status == "booked"
    photo = {"photo": SimpleUploadedFile("door.jpg", picture(), "image/jpeg")}
    client.post(f"/pickups/{first.number}", {"act": "done", "signed_by": "Kim", **photo})
    client.post(f"/pickups/{second.number}", {"act": "missed"})
    first.refresh_from_db()
    assert (first.status, first.signed_by) == ("done", "Kim")
    assert Rma.objects.get(pk=rmas[0].pk).status == "handed_over"
    assert "Kim" not in str(list(Entry.objects.filter(chain_id=first.pk).values_list("payload", flat=True)))
    reactions.drain(at=clock.now())
    assert any("Our van met nobody" in one.subject for one in mail.outbox)
    with pytest.raises(UnableToPickUp):
        fetching.picked_up(second, signed_by="Kim", by=cast.dirk, at=at)
    with pytest.raises(NotAllowed):
        fetching.nobody_there(second, by=cast.sam, at=at)
    # Who lives there is nothing to a carrier's driver any more; our own people still see it.
    page = client.get(f"/pickups/?day={first.day}").content.decode()
    assert rmas[0].number in page
    assert "Kim" not in page
    assert "Rotterdam" not in page
    client.force_login(cast.user("ines"))
    assert "Kim Jansen" in client.get(f"/pickups/?day={first.day}").content.decode()
    # She books another time, and it is on the list again.
    later = pickups.slots(cast.rotterdam, postcodes=["3011AA"], at=at)[1]
    changing.choose(rmas[1], Choice("pickup", later.key), by=guest({f"rma:{rmas[1].pk}"}), at=at)
    assert Pickup.objects.filter(status="booked").count() == 1
    # Erased, nothing is left of who signed, and of the photo at the door only its digest.
    orders.erase_contact(rmas[0].contact_id, by=cast.admin, at=clock.now())
    first.refresh_from_db()
    assert (first.status, first.signed_by) == ("done", "")
    assert first.photo is not None
    assert first.photo.erased_at is not None
    assert Entry.objects.filter(chain_id=first.pk, kind="terms.contact_erased").exists()
