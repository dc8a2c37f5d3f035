"""The pages of recycling: open, fill by scanning, weigh, send out, close, and read the balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from recycling.models import Batch
from revlog.common import clock
from revlog.devices.journey import State
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import recycling as heap


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    def make_client(name: str) -> Client:
        client = Client()
        client.force_login(cast.user(name))
        return client

    return make_client


def test_a_batch_goes_from_its_opening_to_its_closing_by_the_pages(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    pavel, aisha = client_of("pavel"), client_of("aisha")
    units = [heap.to_recycle(cast, number) for number in range(2)]
    assert units[0].tag in pavel.get(reverse("recycling")).content.decode()
    opened = pavel.post(reverse("recycling"), {"stream": "it_mixed"})
    batch = Batch.objects.get()
    assert opened.url == reverse("recycling_fill", args=[batch.pk])
    for unit in units:
        answer = pavel.post(opened.url, {"code": unit.tag}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "1700 g" in answer.content.decode()
    assert pavel.get(opened.url).status_code == 200
    here = reverse("recycling_batch", args=[batch.pk])
    assert pavel.post(here, {"act": "weigh", "kilos": "3,4", "certainty": "final"}).status_code == 302
    sent = {
        "act": "fraction",
        "stream": "ferrous",
        "kilos": "3.39",
        "treatment": "R4",
        "vendor": str(heap.vendor().pk),
        "price": "0.25",
    }
    assert pavel.post(here, sent).status_code == 302
    assert pavel.post(here, {"act": "close"}).status_code == 403

    assert aisha.post(here, {"act": "close"}).status_code == 302

    batch = Batch.objects.get()
    assert (batch.state, batch.received_grams, batch.loss_grams) == ("closed", 3400, 10)
    assert make.state_of(units[0]) == State.RECYCLED
    page = aisha.get(here).content.decode()
    assert "3,390" in page
    assert "Closed" in aisha.get(reverse("recycling") + "?state=closed").content.decode()


def test_a_wrong_scan_is_refused_with_what_to_do_and_a_mistake_taken_back(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    pavel = client_of("pavel")
    batch, unit = heap.opened(cast), heap.to_recycle(cast)
    here = reverse("recycling_fill", args=[batch.pk])

    refused = pavel.post(
        here, {"code": make.for_sale(cast, serial="S1", drive="D1").tag}, headers={"HX-Request": "true"}
    )
    plain = pavel.post(here, {"code": "nothing"})
    pavel.post(here, {"code": unit.tag})
    back = pavel.post(reverse("recycling_leave", args=[batch.pk]), {"tag": unit.tag, "reason": "mistake"})

    assert refused.status_code == 409
    assert "Put it aside." in refused.content.decode()
    assert plain.status_code == 404
    assert "No unit here is called nothing" in plain.content.decode()
    assert back.status_code == 200
    assert not batch.members.filter(left_at=None).exists()


def test_a_weight_that_is_none_and_a_batch_out_of_balance_are_told_on_the_page(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    batch = heap.weighed(cast, 4800)
    here = reverse("recycling_batch", args=[batch.pk])
    aisha = client_of("aisha")

    wrong = aisha.post(here, {"act": "correct", "kilos": "much", "reason": "x"})
    closing = aisha.post(here, {"act": "close", "closing": "1"})

    assert wrong.status_code == 422
    assert "is no amount" in wrong.content.decode()
    assert closing.status_code == 409
    assert "It is out of balance by 3800 g" in closing.content.decode()


def test_the_correction_is_accepted_by_another_person_on_the_page(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    batch = heap.weighed(cast, 4800)
    here = reverse("recycling_batch", args=[batch.pk])
    client_of("aisha").post(here, {"act": "correct", "kilos": "4.9", "reason": "cable under the scale"})

    own = client_of("aisha").post(here, {"act": "accept"})
    other = client_of("maria").post(here, {"act": "accept"})

    assert own.status_code == 409
    assert "Nobody accepts their own correction" in own.content.decode()
    assert other.status_code == 302
    assert Batch.objects.get().received_grams == 4900


def test_the_balance_of_a_month_is_shown_and_a_strange_month_is_this_one(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    heap.weighed(cast, 4800, at=clock.now())
    aisha = client_of("aisha")

    assert "4,800" in aisha.get(reverse("recycling_balances")).content.decode()
    assert aisha.get(reverse("recycling_balances") + "?month=never").status_code == 200


def test_the_panel_names_the_batch_and_strangers_get_404(
    cast: Cast, at: datetime, client_of: Callable[[str], Client]
) -> None:
    batch = heap.filled(cast, grams=(1700,))
    tag = batch.members.get().device.tag
    here = reverse("recycling_panel_batch", args=[tag])

    assert batch.number in client_of("pavel").get(here).content.decode()
    assert client_of("jonas").get(here).status_code == 404
    assert client_of("vera").get(reverse("recycling_batch", args=[batch.pk])).status_code == 404
