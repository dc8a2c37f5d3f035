"""The price book on its pages: found by name, a list looked through before it is taken, one price by hand, and nobody from outside."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import ProductModel
from revlog.terms.models import Observation, Price, PriceList, Training
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_list_is_looked_through_taken_once_and_its_prices_are_found(cast: Cast, at: datetime, client: Client) -> None:
    phone = ProductModel.objects.create(manufacturer="Apple", name="iPhone 13", device_class="phone", created_at=at)
    client.force_login(cast.user("anouk"))
    lines = ("maker;model;grade;amount;date", "Apple;iPhone 13;A;300;2026-01-31", "Apple;iPhone 13;A;280;2026-05-31")
    text = "\n".join((*lines, "Apple;Unheard;A;1;")).encode()
    form = {"kind": "prices", "source": "market 5", "currency": "EUR", "file": SimpleUploadedFile("market.csv", text)}
    shown = client.post(reverse("price_lists"), form, follow=True).content.decode()
    assert "2 of 3 lines can be taken" in shown
    assert "The catalog has no model Apple Unheard." in shown
    assert not Price.objects.exists()

    row = PriceList.objects.get()
    for _again in range(2):
        client.post(reverse("price_list_take", args=[row.pk]))
    assert Price.objects.filter(basis="imported", source="market 5").count() == 2
    told = list(Entry.objects.filter(chain_id=row.pk).order_by("sequence").values_list("kind", flat=True))
    assert told == ["terms.price_list_sent", "terms.price_list_taken"]

    assert "iPhone 13" in client.get(reverse("prices"), {"q": "apple 13"}).content.decode()
    assert "No prices here" in client.get(reverse("prices"), {"q": "galaxy"}).content.decode()
    page = client.post(
        reverse("prices_of_model", args=[phone.pk]),
        {"grade": "A", "channel": "", "amount": "333", "currency": "eur", "valid_from": ""},
        follow=True,
    )
    assert page.context["history"][0]["price"].amount == Decimal(333)
    assert [line["price"].amount for line in page.context["history"]] == [333, 280, 300]
    assert Entry.objects.get(kind="terms.price_set").payload["amount"] == "333"
    today = timezone.localdate(clock.now()).isoformat()
    page = client.post(
        reverse("prices_of_model", args=[phone.pk]),
        {"grade": "A", "amount": "340", "currency": "EUR", "valid_from": today},
        follow=True,
    )
    assert page.context["lines"][0]["cells"][1][1]["price"].amount == Decimal(340)  # from today is from now
    wrong = client.post(reverse("prices_of_model", args=[phone.pk]), {"grade": "A", "amount": "-1", "currency": "EUR"})
    assert wrong.status_code == 422


def test_observations_come_the_same_way_and_learning_is_asked_for_by_a_button(
    cast: Cast, at: datetime, client: Client
) -> None:
    ProductModel.objects.create(manufacturer="Apple", name="iPhone 13", device_class="phone", created_at=at)
    client.force_login(cast.user("anouk"))
    text = b"maker;model;grade;amount;date\nApple;iPhone 13;A;300;2026-01-31\n"
    form = {"kind": "observations", "source": "market", "currency": "EUR", "file": SimpleUploadedFile("o.csv", text)}
    client.post(reverse("price_lists"), form)
    client.post(reverse("price_list_take", args=[PriceList.objects.get().pk]))
    assert Observation.objects.get().amount == 300
    assert b"Nothing was learned yet" in client.get(reverse("triage_price_model")).content
    assert b"Prices are being learned" in client.post(reverse("triage_price_train"), follow=True).content
    assert Training.objects.get().asked_by == cast.anouk.reference
    broken = form | {"file": SimpleUploadedFile("o.csv", b"\x89PNG\xff\x00")}
    assert client.post(reverse("price_lists"), broken).status_code == 422


def test_a_client_s_people_find_no_price_book_and_who_may_not_set_prices_changes_none(
    cast: Cast, at: datetime, client: Client
) -> None:
    client.force_login(cast.user("vera"))
    for name in ("prices", "price_lists", "triage_price_model"):
        assert client.get(reverse(name)).status_code == 404
    client.force_login(cast.user("ravi"))
    assert client.post(reverse("triage_price_train")).status_code == 403
