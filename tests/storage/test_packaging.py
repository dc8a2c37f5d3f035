"""Returnable packaging: who has how many, what is overdue, what is lost, and what becomes of cartons that were kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from revlog.common.errors import BadInput
from revlog.devices.journey import State
from revlog.devices.models import Posting
from revlog.storage.models import PackagingAccount, PackagingMoveKind, PackagingType
from revlog.storage.queries import packaging as reads
from revlog.storage.services import packaging
from tests.cast import Cast
from tests.factories import devices

K = PackagingMoveKind


def kinds(cast: Cast) -> tuple[PackagingType, PackagingType]:
    tote = packaging.keep_type(
        code="tote-60",
        name="Tote 60 l",
        kind="tote",
        deposit=Decimal(8),
        price=Decimal(20),
        cleaned=True,
        by=cast.aisha,
    )
    carton = packaging.keep_type(code="box-400", name="Carton", kind="carton", sides=(400, 300, 200), by=cast.aisha)
    return tote, carton


def test_a_partner_has_what_was_given_less_what_came_back_and_pays_for_lost_ones(cast: Cast, at: datetime) -> None:
    tote, _carton = kinds(cast)

    def post(kind: K, quantity: int, days: int, *, partner: bool = True, key: str = "") -> object:
        return packaging.post(
            tote, kind, hub=cast.rotterdam, quantity=quantity, partner=cast.vega if partner else None, key=key,
            reference="DN-1", by=cast.ines, at=at + timedelta(days=days),
        )  # fmt: skip

    post(K.BOUGHT, 100, 0, partner=False)
    first = post(K.GIVEN, 20, 0, key="shipment:1")
    assert post(K.GIVEN, 20, 0, key="shipment:1") == first
    post(K.GIVEN, 10, 20)
    post(K.BACK, 12, 10)
    post(K.BACK_DAMAGED, 2, 14)
    with pytest.raises(packaging.UnableToPost, match="only 16 of them"):
        post(K.LOST, 17, 30)
    post(K.LOST, 4, 30)
    post(K.FOUND, 1, 32)
    with pytest.raises(packaging.UnableToPost, match="Only 3 were lost"):
        post(K.FOUND, 4, 33)
    with pytest.raises(BadInput, match="Choose the partner"):
        post(K.GIVEN, 1, 34, partner=False)
    packaging.agree(
        tote, cast.vega, deposit=Decimal(10), price=Decimal(25), days=14, by=cast.maria, at=at + timedelta(days=34)
    )

    found = reads.balances(cast.ines, at=at + timedelta(days=35))[0]

    assert (found.given, found.back, found.damaged, found.lost, found.balance) == (30, 14, 2, 3, 12)
    # What came back and got lost went out first: 2 of the first twenty are left; all are out longer than 14 days.
    assert (found.overdue, found.oldest) == (12, at)
    assert found.dwell_days == pytest.approx(10.6, abs=0.05)
    assert (found.deposit, found.at_risk, found.loss_percent) == (Decimal(120), Decimal(300), Decimal("10.0"))
    assert sorted(Posting.objects.values_list("amount", "party__code")) == [(-20, "demo"), (80, "demo")]
    here = reads.at_site(tote, cast.rotterdam)
    assert (here.ready, here.dirty, here.damaged) == (70, 13, 2)
    post(K.CLEANED, 13, 36, partner=False)
    post(K.REPAIRED, 1, 36, partner=False)
    post(K.RETIRED, 1, 36, partner=False)
    with pytest.raises(packaging.UnableToPost, match="Only 0 of them are there"):
        post(K.RETIRED, 1, 36, partner=False)
    packaging.count(tote, hub=cast.rotterdam, ready=80, by=cast.ines, at=at)
    assert reads.at_site(tote, cast.rotterdam).ready == 80
    told = reads.statement(cast.vega, cast.ines, at=at)
    assert [line.left for line in told.lines] == [12, 12, 16, 6, 8, 20]
    # A partner sees its own account, and no other's.
    assert PackagingAccount.objects.visible_to(cast.vera).count() == 1
    assert not PackagingAccount.objects.visible_to(cast.alex).exists()


def test_kept_cartons_are_suggested_by_size_and_what_is_too_much_becomes_material(cast: Cast, at: datetime) -> None:
    _tote, carton = kinds(cast)
    told = {"hub": cast.rotterdam, "by": cast.ines, "at": at}
    packaging.post(carton, K.KEPT, quantity=9, **told)  # type: ignore[arg-type]
    packaging.post(carton, K.USED, quantity=1, **told)  # type: ignore[arg-type]

    assert [one.ready for one in reads.cartons_for([cast.rotterdam], sides=(190, 390, 290))] == [8]
    assert reads.cartons_for([cast.rotterdam], sides=(401, 100, 100)) == []
    with pytest.raises(BadInput, match="Weigh what goes to recycling"):
        packaging.post(carton, K.RECYCLED, quantity=5, **told)  # type: ignore[arg-type]
    gone = packaging.post(carton, K.RECYCLED, quantity=5, grams=2400, **told)  # type: ignore[arg-type]

    assert gone.device is not None
    assert devices.state_of(gone.device) == State.TO_RECYCLE
    assert (gone.device.grams, gone.device.tracking) == (2400, "weighed")
    assert reads.at_site(carton, cast.rotterdam).ready == 3


def test_the_pages_post_show_and_export(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("aisha"))
    page = "/store/packaging/"
    sent = {
        "part": "type", "code": "eur", "name": "EUR pallet", "kind": "pallet", "deposit": "12", "price": "25",
        "waiting_days": "0",
    }  # fmt: skip
    assert client.post(page, sent).status_code == 302
    moved = {
        "type": "eur", "kind": "given", "quantity": "7", "partner": cast.vega.pk, "hub": cast.rotterdam.pk,
        "reference": "=1+1",
    }  # fmt: skip
    assert client.post(page, moved).status_code == 302
    assert client.post(page, moved | {"partner": ""}).status_code == 422
    shown = client.get(page).content.decode()
    assert "Vega GmbH" in shown
    assert "84.00" in shown
    assert "three lengths" in client.get(page + "?sides=4x").content.decode()
    own = client.get(page + "demo/").content.decode()
    assert "has 7" in own
    assert client.post(page + "demo/", {"type": "eur", "deposit": "x"}).status_code == 403
    file = client.get(page + "demo/moves.csv").content.decode()
    assert ",eur,given,7,7,7,rotterdam,'=1+1" in file
    client.force_login(cast.user("maria"))
    agreed = client.post(page + "demo/", {"type": "eur", "deposit": "5", "price": "9,50", "days": "3"}, follow=True)
    assert "35.00" in agreed.content.decode()
    assert client.get(page + "altair/").status_code == 404
    client.force_login(cast.user("vera"))
    assert client.get(page).status_code == 403
