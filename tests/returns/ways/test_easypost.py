"""Labels through EasyPost: bought once, whatever is refused, slow or lost; and what its carriers say. The server is ours, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns.models import Rma
from returns.queries import ways as way_queries
from returns.services import approval
from returns.services.ways import booking as way_booking
from returns.services.ways import changing
from returns.services.ways.choosing import Choice, UnableToTravel
from revlog.accounts.queries import guest
from revlog.celery import app
from revlog.common import clock
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.evidence.services import artifacts
from revlog.logistics.carriers import easypost
from revlog.logistics.models import Booking
from revlog.logistics.services import tracking
from revlog.logistics.tasks import parcels_asked_for
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms, travel
from tests.returns.ways.easypost_server import KEY, PDF, PNG, EasyPost, serving

SECRET = "Geheimnis-ﬁ"
"""EasyPost normalizes secrets; the ligature shows that we do."""


@pytest.fixture
def server(settings: object) -> Iterator[EasyPost]:
    with serving() as found:
        settings.EASYPOST_URL = found.url  # type: ignore[attr-defined]
        settings.EASYPOST_KEY = KEY  # type: ignore[attr-defined]
        settings.EASYPOST_WEBHOOK_SECRET = SECRET  # type: ignore[attr-defined]
        yield found


def sent(cast: Cast, at: datetime, **changes: object) -> Rma:
    """A return whose parcel the agency is to carry."""
    account = {"carrier": "PostNL", "service": "Return", "grams": 900}
    travel.carrier(cast, code="ez", name="Agency", vendor="easypost", account=account, at=at)
    return returns.rma(cast, order=terms.order(cast, at=at, **changes), at=at)


def test_a_label_is_bought_once_and_becomes_the_parcels(cast: Cast, at: datetime, server: EasyPost) -> None:
    rma = sent(cast, at)
    before = rma.parcel_links.get().parcel.tracking
    reactions.drain(at=at)
    reactions.drain(at=at)

    row = Booking.objects.get()
    parcel = rma.parcel_links.get().parcel
    (shipment,) = server.shipments.values()
    assert (row.status, row.price, row.service) == ("booked", Decimal("5.10"), "PostNL Return")
    assert (before[:2], parcel.tracking) == ("RP", "3SEZ000000001")
    # Swapped by EasyPost itself: it is told the way out, and that it is a return.
    assert shipment["is_return"] is True
    assert shipment["to_address"] == {
        "name": "Kim Jansen", "street1": "Kade 12", "zip": "3011 AA", "city": "Rotterdam", "country": "NL",
        "email": "kim@example.com",
    }  # fmt: skip
    assert shipment["parcel"] == {"weight": 31.7}
    label = rma.parcel_links.get().label
    assert label is not None
    assert artifacts.read(label) == PDF
    assert "Kade" not in str(list(Entry.objects.values_list("payload", flat=True)))
    # Called off: the postage is asked back.
    approval.cancel(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    reactions.drain(at=at)
    assert shipment["refund_status"] == "submitted"


@pytest.mark.parametrize("trouble", ["busy", "many", "locked", "deaf"])
def test_what_passes_is_tried_again_and_nothing_is_bought_twice(
    cast: Cast, at: datetime, server: EasyPost, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(easypost, "SECONDS", 0.2)
    rma = sent(cast, at)
    server.trouble = trouble
    with pytest.raises(OSError, match="EasyPost"):
        reactions.drain(at=at, queues=["outside"])
    waiting = Reaction.objects.get(handler__endswith="ask_carrier")
    assert (waiting.done_at, Booking.objects.get().status) == (None, "asked")

    server.trouble = ""
    reactions.drain(at=at + timedelta(days=1))
    assert Booking.objects.get().status == "booked"
    assert len(server.shipments) == len(server.trackers) == 1
    assert rma.parcel_links.get().parcel.tracking == "3SEZ000000001"


def test_a_refused_address_leaves_a_label_of_ours_and_somebody_who_knows(
    cast: Cast, at: datetime, server: EasyPost
) -> None:
    rma = sent(cast, at, address=("Kade 12", "0000 ZZ Rotterdam"))
    reactions.drain(at=at)

    row = Booking.objects.get()
    assert (row.status, row.why) == ("refused", "Unable to verify address. Unknown postal code.")
    link = rma.parcel_links.get()
    assert link.parcel.tracking.startswith("RP-")
    assert link.label is not None
    (told,) = way_queries.exceptions(cast.sam, at=at)
    assert (told.kind, told.thing) == ("label_refused", rma.number)
    assert "Unknown postal code" not in str(list(Entry.objects.values_list("payload", flat=True)))
    # What the carrier said of the address goes with the person.
    orders.erase_contact(rma.contact_id, by=cast.admin, at=at)
    assert [(one.status, one.why) for one in Booking.objects.all()] == [("refused", "")]


def test_a_code_comes_from_the_carrier_and_where_it_has_none_there_is_a_label(
    cast: Cast, client: Client, server: EasyPost
) -> None:
    at = clock.now()
    returns.published(cast, at=at, labels_a_day=9)
    rma = sent(cast, at)
    reactions.drain(at=at)
    kim = guest({f"rma:{rma.pk}"})
    changing.choose(rma, Choice("qr"), by=kim, at=at)
    reactions.drain(at=at)
    row = Booking.objects.get(status="booked")
    assert row.code is not None
    assert artifacts.read(row.code) == PNG
    assert Booking.objects.filter(status="cancelled").count() == 1

    changing.choose(rma, Choice("label"), by=kim, at=at)
    server.trouble = "no_code"
    changing.choose(rma, Choice("qr"), by=kim, at=at)
    reactions.drain(at=at)
    client.post("/return/", {"order": "PS-1001", "email": terms.EMAIL})
    page = client.get(f"/return/{rma.number}/").content.decode()
    assert "The carrier has no code for this parcel" in page
    assert "Print the label" in page
    # It was bought all the same: the label is the carrier's, and its postage is asked back when it isn't needed.
    row = Booking.objects.get(status="booked")
    label = rma.parcel_links.get().label
    assert row.code is None
    assert label is not None
    assert artifacts.read(label) == PDF
    changing.choose(rma, Choice("label"), by=kim, at=at)
    reactions.drain(at=at)
    assert server.shipments[row.reference]["refund_status"] == "submitted"
    # Erased, neither codes nor labels of any of them are left, and no page breaks.
    orders.erase_contact(rma.contact_id, by=cast.admin, at=at)
    kept = [one for row in Booking.objects.select_related("code", "label") for one in (row.code, row.label) if one]
    assert kept
    assert all(one.erased_at is not None for one in kept)
    assert client.get(f"/return/{rma.number}/").status_code in {200, 302}


def test_what_was_bought_and_never_heard_of_is_asked_back_when_it_goes_another_way(
    cast: Cast, at: datetime, server: EasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(easypost, "SECONDS", 0.2)
    travel.place(cast, at=at)
    rma = sent(cast, at)
    server.trouble = "deaf"
    for day in (0, 1):
        with pytest.raises(OSError, match="EasyPost"):
            reactions.drain(at=at + timedelta(days=day), queues=["outside"])
    (shipment,) = server.shipments.values()
    assert shipment["postage_label"] is not None
    assert Booking.objects.get().reference == ""

    server.trouble = ""
    changing.choose(rma, Choice("store"), by=guest({f"rma:{rma.pk}"}), at=at + timedelta(days=1))
    reactions.drain(at=at + timedelta(days=3))
    assert shipment["refund_status"] == "submitted"
    assert Booking.objects.get().status == "cancelled"
    assert sum("refund" in one for one in server.asked) == 1
    assert way_queries.exceptions(cast.sam, at=at) == []


def test_who_flips_the_way_buys_no_postage_without_end_and_what_the_carrier_keeps_is_told(
    cast: Cast, at: datetime, server: EasyPost
) -> None:
    returns.published(cast, at=at, labels_a_day=9)
    travel.place(cast, at=at)
    rma = sent(cast, at)
    reactions.drain(at=at)
    kim = guest({f"rma:{rma.pk}"})
    server.trouble = "keeps"
    for name in ("qr", "label", "qr", "label"):
        changing.choose(rma, Choice(name), by=kim, at=at)
    with pytest.raises(UnableToTravel, match="many times"):
        changing.choose(rma, Choice("qr"), by=kim, at=at)
    assert Booking.objects.count() == 5
    # What costs no postage stays open to her, and the desk isn't counted.
    changing.choose(rma, Choice("store"), by=kim, at=at)
    with pytest.raises(UnableToTravel, match="many times"):
        changing.choose(rma, Choice("label"), by=kim, at=at)
    changing.choose(rma, Choice("label"), by=cast.sam, at=at)

    reactions.drain(at=at)
    reactions.drain(at=at)
    assert sorted(one.why for one in Booking.objects.exclude(reference="")) == ["", "postage kept"]
    (told,) = way_queries.exceptions(cast.sam, at=at)
    assert (told.kind, told.thing, told.money_at_risk) == ("rma_unaccounted", rma.number, Decimal("5.10"))
    assert way_queries.exceptions(cast.sam, at=at + timedelta(days=61)) == []


def test_what_carriers_say_is_believed_when_signed_kept_once_and_shown(
    cast: Cast, client: Client, server: EasyPost
) -> None:
    at = clock.now() - timedelta(hours=30)
    rma = sent(cast, at)
    reactions.drain(at=at)
    number = rma.parcel_links.get().parcel.tracking
    first, then = (at + timedelta(hours=hours) for hours in (1, 2))

    def tell(body: bytes, signature: str) -> int:
        return client.post(
            "/carriers/easypost/", body, content_type="application/json", headers={"X-Hmac-Signature": signature}
        ).status_code

    body, signature = server.event(server.scan(number, "in_transit", first.isoformat()), secret=SECRET)
    assert tell(body, "hmac-sha256-hex=" + "0" * 64) == 400
    assert tell(body.replace(b"in_transit", b"delivered!"), signature) == 400
    server.trouble = "busy"
    assert tell(body, signature) == 503
    server.trouble = ""
    assert (tell(body, signature), tell(body, signature)) == (200, 200)
    reactions.drain(at=clock.now())
    rma.refresh_from_db()
    assert rma.status == "handed_over"
    said = Entry.objects.filter(kind="logistics.parcel_scanned")
    assert [one.payload["scan"] for one in said] == ["scan.in_transit"]

    # A later word, and then one that comes late: it is kept, and the newest stays.
    late = server.scan(number, "delivered", then.isoformat(), expected=then.date().isoformat())
    tell(*server.event(late, secret=SECRET))
    tell(
        *server.event(
            server.scan(number, "out_for_delivery", (first + timedelta(minutes=5)).isoformat()), secret=SECRET
        )
    )
    parcel = rma.parcel_links.get().parcel
    assert parcel.scan == "delivered"
    assert said.all().count() == 3
    # It says that it brought it, and nobody saw it: somebody has to ask.
    assert [one.kind for one in way_queries.exceptions(cast.sam, at=clock.now())] == ["parcel_late"]
    body, signature = server.event({"tracking_code": "ours-not"}, secret=SECRET)
    assert tell(body, signature) == 200


def test_what_a_lost_webhook_should_have_told_is_asked_for_once_and_in_turns(
    cast: Cast, at: datetime, server: EasyPost, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rma = sent(cast, at)
    reactions.drain(at=at)
    parcel = rma.parcel_links.get().parcel
    server.scan(parcel.tracking, "in_transit", (at + timedelta(hours=1)).isoformat())
    said = Entry.objects.filter(kind="logistics.parcel_scanned")
    later = at + timedelta(hours=13)

    assert tracking.catch_up(at=at + timedelta(hours=11)) == 0  # too early
    settings.TRACKING_HOURS = 0  # type: ignore[attr-defined]
    assert tracking.catch_up(at=later) == 0  # webhooks alone
    settings.TRACKING_HOURS = 12  # type: ignore[attr-defined]
    assert said.count() == 0
    assert (tracking.catch_up(at=later), tracking.catch_up(at=later)) == (1, 0)
    reactions.drain(at=later)
    rma.refresh_from_db()
    assert rma.status == "handed_over"
    assert [one.payload["scan"] for one in said] == ["scan.in_transit"]

    # Nothing new: asked again when it is due again, and nothing is noted twice.
    assert tracking.due(at=later + timedelta(hours=1)) == []
    server.trouble = "busy"
    assert tracking.catch_up(at=later + timedelta(hours=13)) == 0
    server.trouble = ""
    assert tracking.catch_up(at=later + timedelta(hours=26)) == 0
    assert said.count() == 1

    # A second one that nobody was ever asked for comes first when a run has room for one; what was delivered isn't asked for any more.
    monkeypatch.setattr(tracking, "MOST", 1)
    other = returns.rma(cast, order=terms.order(cast, number="PS-1002", at=at), at=at)
    reactions.drain(at=at)
    new = other.parcel_links.get().parcel
    end = later + timedelta(hours=39)
    assert [one.pk for one in tracking.due(at=end)] == [new.pk]
    server.scan(new.tracking, "delivered", (end - timedelta(hours=1)).isoformat())
    assert tracking.catch_up(at=end) == 1
    assert [one.pk for one in tracking.due(at=end + timedelta(days=2))] == [parcel.pk]
    assert tracking.due(at=end + tracking.UNTIL) == []


def test_beat_has_carriers_asked_by_a_worker_for_what_is_outside() -> None:
    app.finalize()
    (entry,) = [one for one in app.conf.beat_schedule.values() if one["task"] == parcels_asked_for.name]
    assert entry["options"]["queue"] == "outside"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["Kade 12", "3011 AA Rotterdam", "Netherlands"], (["Kade 12"], "3011 AA", "Rotterdam")),
        (["Hauptstr. 5", "Hinterhaus", "D-10115 Berlin"], (["Hauptstr. 5", "Hinterhaus"], "10115", "Berlin")),
        (["1 High Street", "London SW1A 1AA"], (["1 High Street"], "SW1A 1AA", "London")),
        (["Somewhere"], (["Somewhere"], "", "")),
        ([], ([], "", "")),
    ],
)
def test_an_address_in_lines_is_told_as_carriers_take_it(lines: list[str], told: tuple[list[str], str, str]) -> None:
    found = way_booking.party("Kim", lines, "NL")

    assert (list(found.lines), found.postcode, found.city) == told
