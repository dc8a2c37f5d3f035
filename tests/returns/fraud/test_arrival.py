"""What the dock and the bench find, from the parcel on the scale to the money that waits and the page where it is decided."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.test import Client

from returns.models import Assessment, Refund, RefundStatus, Review, Rma
from returns.queries import fraud as fraud_queries
from returns.queries import inbox
from returns.services import talking, unloading
from returns.services.fraud import deciding
from revlog.accounts.queries import guest
from revlog.devices import identifiers
from revlog.devices.models import ProductModel, Variant
from revlog.devices.services import arrivals, moves
from revlog.evidence.services import artifacts
from revlog.logistics.services import parcels
from revlog.pages.simulation import pictures
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.returns.fraud.test_reviews import drain, found_out

GRAMS = 1600


def sold(name: str, at: datetime, *, device_class: str = "laptop") -> Variant:
    """A model of the catalog, of which we know what it weighs."""
    model = ProductModel.objects.create(
        manufacturer="Lenovo", name=name, device_class=device_class, grams=GRAMS, created_at=at
    )
    return Variant.objects.create(product=model, sku=f"SKU-{name.upper()}", created_at=at)


def codes(rma: Rma) -> dict[str, int]:
    return {one["code"]: one["counted"] for one in Assessment.objects.filter(rma=rma).latest("number").signals}


def linked(cast: Cast, at: datetime, number: str, variant: Variant, **line: object) -> Rma:
    """A return from a door behind which somebody was found out, paid when it arrives: to be looked at, and nothing is held yet."""
    found_out(cast, at, email="someone@example.net")
    order = terms.order(cast, number, terms.laptop_line(sku=variant.sku, **line), at=at)
    rma = returns.rma(cast, order=order, at=at)
    Rma.objects.filter(pk=rma.pk).update(refund_on="receipt")
    drain(at)
    review = Review.objects.get(rma=rma)
    assert (review.band, review.held) == ("look", False)
    return Rma.objects.get(pk=rma.pk)


def test_a_parcel_that_weighs_too_little_holds_the_money_of_what_comes_out_of_it(
    cast: Cast, at: datetime, client: Client
) -> None:
    rma = linked(cast, at, "PS-801", sold("T480", at))
    parcel = rma.parcel_links.get().parcel
    unloading.arrive(parcel, by=cast.ines, at=at)
    parcels.weigh(parcel, GRAMS, by=cast.ines, at=at)
    drain(at)
    assert "too_light" not in codes(rma)

    parcels.weigh(parcel, 1200, by=cast.ines, at=at)
    drain(at)
    assert codes(rma)["too_light"] == 35
    assert Review.objects.get(rma=rma).held
    returns.received(cast, rma, at=at)
    drain(at)
    assert Refund.objects.get(line__rma=rma).status == RefundStatus.HELD

    client.force_login(cast.user("esra"))
    page = client.get(f"/returns/closer-look/{rma.number}/").content.decode()
    assert "The parcel weighs less than what was to be in it." in page
    assert f"{parcel.tracking}: 1200 g, at least 1600 g expected" in page
    assert rma.number in client.get("/returns/closer-look/").content.decode()
    deciding.clear(Review.objects.get(rma=rma), reason="Sent without its charger, as agreed.", by=cast.esra, at=at)
    drain(at)
    assert Refund.objects.get(line__rma=rma).status == RefundStatus.PAID


def test_an_imei_of_another_model_that_the_bench_reads_holds_the_money(
    cast: Cast, at: datetime, client: Client
) -> None:
    phone, other = sold("Moto", at, device_class="phone"), sold("Razr", at, device_class="phone")
    for last in ("0000001", "0000002", "0000003"):
        known = devices.laptop(cast, serial=f"ZY33{last}", device_class="phone", product=other.product, at=at)
        read(cast, known, f"35209900{last[1:]}", at)
    rma = linked(cast, at, "PS-802", phone, device_class="phone", serials=("ZY22ABCDEF",))
    device = returns.received(cast, rma, serial="ZY22ABCDEF", at=at).device
    drain(at)
    assert not Review.objects.get(rma=rma).held

    read(cast, device, "35209900123456", at)
    drain(at)

    assert codes(rma)["imei_of_another_model"] == 40
    assert Review.objects.get(rma=rma).held
    client.force_login(cast.user("esra"))
    page = client.get(f"/returns/closer-look/{rma.number}/").content.decode()
    assert "Its IMEI is of another model than was sold." in page
    assert f"/units/{device.tag}/" in page or device.tag in page


def read(cast: Cast, device: object, fourteen: str, at: datetime) -> None:
    """The bench reads the IMEI that begins so off the phone itself."""
    digits = [int(digit) for digit in fourteen]
    total = sum(digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits))
    name = identifiers.imei(f"{fourteen}{-total % 10}")
    assert name is not None
    with transaction.atomic():
        arrivals.identify(moves.take_one(device.pk), name, by=cast.ines, at=at)  # type: ignore[attr-defined]


def test_a_photo_that_was_shown_in_another_persons_return_holds_the_money_also_when_it_comes_with_a_message(
    cast: Cast, at: datetime, client: Client
) -> None:
    photo = artifacts.keep_photo(pictures.drawn("a broken screen"), at=at).digest
    first = terms.order(
        cast,
        "PS-803",
        terms.laptop_line(serials=()),
        at=at,
        email="one@example.net",
        address=("Weg 3", "1000 AB Elders"),
    )
    before = returns.rma(cast, returns.wish(first, reason="DAMAGED_TRANSIT", photos=[photo]), order=first, at=at)
    drain(at)
    assert not fraud_queries.evidence(before, ["photo_used_before"])["photo_used_before"]

    later = at + timedelta(days=1)
    rma = linked(cast, later, "PS-804", sold("T490", at))
    talking.write(
        rma, text="It came like this.", photos=[photo], key=uuid.uuid4(), by=guest({f"rma:{rma.pk}"}), at=later
    )
    drain(later)

    # Of the forty that it gives, twenty are left under the cap of its group, beside what the door gives.
    assert codes(rma)["photo_used_before"] == 20
    assert Review.objects.get(rma=rma).held
    returns.received(cast, rma, at=later)
    drain(later)
    assert Refund.objects.get(line__rma=rma).status == RefundStatus.HELD
    client.force_login(cast.user("esra"))
    page = client.get(f"/returns/closer-look/{rma.number}/").content.decode()
    assert "A photo or receipt was shown in another person" in page
    assert f"Shown in {before.number}" in page


def test_an_empty_box_is_one_row_of_the_inbox_with_its_signal_and_none_while_the_customer_may_object(
    cast: Cast, at: datetime
) -> None:
    rma = returns.rma(cast, at=at)
    parcel = rma.parcel_links.get().parcel
    unloading.arrive(parcel, by=cast.ines, at=at)
    unloading.empty_box(parcel, rma, by=cast.ines, at=at)
    drain(at)

    [row] = [one for one in inbox.exceptions(cast.esra, at=at) if one.thing == rma.number]
    assert (row.kind, row.url, row.money_at_risk) == (
        "empty_box",
        f"/returns/closer-look/{rma.number}/",
        Decimal("449.00"),
    )
    assert row.sentence == (
        "The box was empty; Lenovo ThinkPad T480, 16 GB was to be in it. Signal: The box was empty. "
        "Scored 80 of 100: money is held until somebody has looked."
    )
    [plain] = [one for one in inbox.exceptions(cast.ines, at=at) if one.thing == rma.number]
    assert "Scored" not in plain.sentence
    assert plain.url == f"/returns/trouble/{rma.discrepancies.get().pk}/"

    deciding.confirm(Review.objects.get(rma=rma), reason="It was empty when we opened it.", by=cast.esra, at=at)
    assert [one for one in inbox.exceptions(cast.esra, at=at) if one.thing == rma.number] == []
