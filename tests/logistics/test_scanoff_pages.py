"""The dock at scanner speed: one scan a parcel, what to do with the odd ones, and the pages of the lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from returns.models import Discrepancy, Rma, RmaStatus, Trouble
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.services import reactions
from revlog.devices.models import Location
from revlog.logistics import staging
from revlog.logistics.forms import numbers
from revlog.logistics.models import Appointment, Delivery, DeliveryStatus, Parcel, StagingRule, StagingWhen
from revlog.logistics.services import docks
from revlog.logistics.staging import Content
from revlog.scanning.models import Act
from tests.cast import Cast
from tests.factories import returns
from tests.factories.tablets import Tablet, outcome
from tests.logistics.test_scanning_off import carrier, coming, glass, photo

HTMX = {"HTTP_HX_REQUEST": "true"}
STATEMENTS = 12
"""Of the verb behind one scan of a parcel, from its lock to where it goes; what every request asks of its person comes on top."""
REQUEST = 12


def scan(client: Client, code: str) -> HttpResponse:
    return client.post("/floor/scan", {"code": code}, **HTMX)  # type: ignore[arg-type, return-value]


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def scene(cast: Cast, at: datetime) -> tuple[Rma, list[Parcel], Parcel]:
    """A truck is expected at a door, with a return somewhere in it; one parcel of it is for another site."""
    rma = returns.rma(cast, at=at)
    post = carrier("post", at)
    door = Location.objects.create(hub=cast.rotterdam, code="DOOR-1", kind="dock", created_at=at)
    cage = Location.objects.create(hub=cast.rotterdam, code="TOTE-4", kind="container", secured=True, created_at=at)
    docks.keep_rule(hub=cast.rotterdam, position=1, when=StagingWhen.DATA, place=cage, by=cast.aisha, at=at)
    docks.plan(
        hub=cast.rotterdam, carrier=post, door=door, begins_at=at, ends_at=at + timedelta(hours=1), by=cast.aisha, at=at
    )
    return rma, coming(cast, post, 3, at=at), coming(cast, post, hub=cast.leipzig, at=at)[0]


def test_a_truck_is_scanned_off_at_the_floor(cast: Cast, client: Client) -> None:
    at = clock.now()
    rma, others, elsewhere = scene(cast, at)
    parcel, post = rma.parcel_links.get().parcel, others[0].shipment.carrier
    client.force_login(cast.user("ravi"))
    assert client.post("/docks/off/sign", {"delivery": "x"}, **HTMX).status_code == 403  # type: ignore[arg-type]
    client.force_login(cast.user("ines"))
    scan(client, "SCAN OFF")

    # The first scan chooses the carrier and, by its appointment, the door.
    said = words(scan(client, others[0].tracking))
    delivery = Delivery.objects.get()
    assert "Taken off" in said
    assert (delivery.carrier, delivery.door and delivery.door.code) == (post, "DOOR-1")
    assert "1 / 3" in said
    with CaptureQueriesContext(
        connection,
    ) as counted:
        said = words(scan(client, others[1].tracking))
    assert "2 / 3" in said
    assert len([one for one in counted if "SAVEPOINT" not in one["sql"]]) <= STATEMENTS + REQUEST

    # What is announced in it says where it goes.
    said = words(scan(client, parcel.tracking))
    assert "TOTE-4 · DATA CAGE" in said
    assert "It may hold data." in said
    assert 'data-tone="refused"' in words(scan(client, elsewhere.tracking))
    said = words(scan(client, "ZZ123456789"))
    assert "Unknown number" in said
    assert "TAKE" in said
    assert "Taken off" in words(
        client.post("/docks/off/take", {"delivery": delivery.number, "tracking": "ZZ123456789"}, **HTMX)  # type: ignore[arg-type]
    )
    assert "expected" in words(scan(client, "DOOR-1"))  # the door's code is no parcel

    assert "Take a photo" in words(scan(client, "DAMAGED"))
    assert "has no photo" in words(scan(client, "END"))
    line = delivery.lines.get(damaged=True)
    sent = {"delivery": delivery.number, "tracking": line.tracking, "photo": photo()}
    assert "Photo kept" in words(client.post("/docks/off/photo", sent, **HTMX))  # type: ignore[arg-type]
    said = words(scan(client, "END"))
    assert "data-glass" in said
    assert f'Missing: <span class="unbroken">{others[2].tracking}' in said
    refusal = client.post("/docks/off/end", {"delivery": delivery.number, "signed_by": "D"}, **HTMX)  # type: ignore[arg-type]
    assert "signs in the field" in words(refusal)  # type: ignore[arg-type]
    told = {"delivery": delivery.number, "signed_by": "D. Jansen", "signature": glass()}
    assert "Signed and closed" in words(client.post("/docks/off/end", told, **HTMX))  # type: ignore[arg-type]

    # Its returns have arrived, and who unpacks it later finds it taken in.
    reactions.drain(at=clock.now())
    rma.refresh_from_db()
    assert rma.status == RmaStatus.ARRIVED
    assert Discrepancy.objects.filter(kind=Trouble.UNANNOUNCED_PARCEL).count() == 1
    waiting = words(client.get("/docks/waiting/"))  # type: ignore[arg-type]
    assert parcel.tracking in waiting.replace("<wbr>", "")
    assert delivery.number in waiting
    page = client.get(f"/docks/deliveries/{delivery.number}/")
    assert "announced by nobody" in page.content.decode()
    assert client.get(f"/docks/deliveries/{delivery.number}/photos/{line.pk}").headers["Content-Type"] == "image/jpeg"
    client.force_login(cast.user("jonas"))
    assert client.get(f"/docks/deliveries/{delivery.number}/").status_code == 404


def test_a_truck_is_scanned_off_photographed_and_signed_for_without_the_net(cast: Cast) -> None:
    at = clock.now()
    _rma, others, _elsewhere = scene(cast, at)
    tablet = Tablet(cast, "ines")
    codes = ("SCAN OFF", others[0].tracking, others[1].tracking, "DAMAGED", "END")
    kept = [tablet.act(code=code, ago=600 - place) for place, code in enumerate(codes)]
    shown = tablet.act("/floor/photo", ago=560, of=kept[3]["HTTP_IDEMPOTENCY_KEY"], photo=photo())
    ends = tablet.act(code="END", ago=550)
    signature = {"of": ends["HTTP_IDEMPOTENCY_KEY"], "signed_by": "D. Jansen", "signature": glass()}
    wrong, right = (
        tablet.act("/floor/signature", ago=ago, counted=many, **signature) for ago, many in ((540, 3), (530, 2))
    )

    said = [outcome(tablet.send(one)) for one in [*kept, shown, ends]]
    too_many = tablet.send(wrong)
    open_still = Delivery.objects.get().status
    signed, again = tablet.send(right), tablet.send(right)

    assert said == ["accepted"] * 7
    # Nobody is bound to a number that wasn't there: a lead reads both, and has the signature.
    assert (outcome(too_many), open_still) == ("conflict", DeliveryStatus.OPEN)
    assert "It was signed for 3, and 2 were counted." in words(too_many)
    held = Act.objects.open().get()
    assert held.fields["counted"] == ["3"]
    assert bytes(held.files.get().content).startswith(b"\x89PNG")
    assert (outcome(signed), outcome(again)) == ("accepted", "repeated")
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.signed_by, delivery.signature is not None) == (
        DeliveryStatus.ENDED,
        "D. Jansen",
        True,
    )
    assert at - timedelta(seconds=540) < (delivery.ended_at or at) < at - timedelta(seconds=500)
    assert delivery.lines.get(damaged=True).photo is not None


def test_the_lead_plans_the_day_by_door(cast: Cast, client: Client) -> None:
    at = clock.now()
    carrier("post", at)
    Location.objects.create(hub=cast.rotterdam, code="DOOR-1", kind="dock", created_at=at)
    client.force_login(cast.user("aisha"))
    told = {"carrier": "post", "door": "DOOR-1", "begins": "09:00", "ends": "10:00", "parcels": "40", "pallets": "0"}

    assert client.post("/docks/?day=2026-12-01", told).status_code == 302
    refused = client.post("/docks/?day=2026-12-01", told | {"begins": "09:30", "ends": "10:30"})
    assert refused.status_code == 422
    assert "is taken by Post" in refused.content.decode()
    row = Appointment.objects.get()
    assert "09:00–10:00" in client.get("/docks/?day=2026-12-01").content.decode()
    assert client.post(f"/docks/appointments/{row.number}/cancel").status_code == 302
    row.refresh_from_db()
    assert row.status == "cancelled"

    client.post("/docks/off/begin", {"carrier": "post", "tracking": "NL1"}, **HTMX)  # type: ignore[arg-type]
    delivery = Delivery.objects.get()
    csv = SimpleUploadedFile("list.csv", b"pos;tracking\n1;NL1\n2;NL2\n", "text/csv")
    assert client.post(f"/docks/deliveries/{delivery.number}/", {"file": csv}).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.expected, delivery.list_from) == (2, "list")
    assert client.post(f"/docks/deliveries/{delivery.number}/", {"count": ""}).status_code == 422
    assert numbers("A1\nA2\n") == ["A1", "A2"]


def test_the_first_rule_that_fits_says_where_a_parcel_goes(cast: Cast, client: Client) -> None:
    at = clock.now()
    phone = Content(classes=frozenset({"phone"}), value=Decimal(700), client="vega", due=at + timedelta(hours=5))
    cases = [
        (StagingWhen.ANY, "", True), (StagingWhen.DATA, "", True), (StagingWhen.BATTERY, "", False),
        (StagingWhen.VALUE, "500", True), (StagingWhen.VALUE, "900", False), (StagingWhen.DUE, "24", True),
        (StagingWhen.DUE, "2", False), (StagingWhen.CLIENT, "vega", True), (StagingWhen.CLASS, "laptop", False),
        (StagingWhen.DAMAGED, "", False), (StagingWhen.UNANNOUNCED, "", False),
    ]  # fmt: skip
    for when, value, fits in cases:
        rule = StagingRule(when=when, value=value)
        assert staging.fits(rule, phone, announced=True, damaged=False, at=at) is fits, when
    assert not staging.fits(StagingRule(when="data"), None, announced=False, damaged=False, at=at)

    shelf = Location.objects.create(hub=cast.rotterdam, code="SHELF", kind="bin", created_at=at)
    for when, value in ((StagingWhen.VALUE, "much"), (StagingWhen.CLASS, "toaster"), (StagingWhen.DATA, "")):
        with pytest.raises(BadInput):
            docks.keep_rule(hub=cast.rotterdam, position=1, when=when, value=value, place=shelf, by=cast.aisha, at=at)
    with pytest.raises(NotAllowed):
        docks.keep_rule(hub=cast.rotterdam, position=1, when=StagingWhen.ANY, place=shelf, by=cast.ines, at=at)
    client.force_login(cast.user("aisha"))
    told = {"position": "1", "when": "value", "value": "500", "place": "SHELF", "active": "on"}
    assert client.post("/docks/staging/", told).status_code == 302
    assert "worth 500 or more" in client.get("/docks/staging/").content.decode()


@pytest.mark.parametrize("person", ["vera", "dirk", "nils"])
def test_nobody_from_outside_sees_or_plans_the_doors(cast: Cast, client: Client, person: str) -> None:
    at = clock.now()
    scene(cast, at)
    client.force_login(cast.user(person))

    for address in ("/docks/", "/docks/waiting/", "/docks/staging/"):
        assert client.get(address).status_code == 404, address
    assert "/docks/" not in client.get("/work/").content.decode()
    post = Appointment.objects.get().carrier
    told = {"carrier": post.pk, "begins": "10:00", "ends": "11:00", "parcels": "1", "pallets": "0"}
    assert client.post("/docks/", told).status_code in {403, 404}
    with pytest.raises(NotAllowed):
        docks.plan(
            hub=cast.rotterdam, carrier=post, begins_at=at, ends_at=at + timedelta(hours=1), by=getattr(cast, person), at=at
        )  # fmt: skip
    assert Appointment.objects.count() == 1
