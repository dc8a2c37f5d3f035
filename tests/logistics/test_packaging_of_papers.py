"""Packaging that a truck brings back, or that goes out with a shipment, is posted once to the partner's account."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from revlog.common.errors import BadInput, NotAllowed
from revlog.labels import registry
from revlog.labels.models import PrintJob
from revlog.logistics.models import Carrier, Direction
from revlog.logistics.services import packaging, parcels, scanning_off
from revlog.storage.models import PackagingMove, PackagingMoveKind, PackagingType
from revlog.storage.services import packaging as accounts
from tests.cast import Cast


@pytest.fixture
def pallet(cast: Cast) -> PackagingType:
    return accounts.keep_type(code="eur-pallet", name="EUR pallet", kind="pallet", by=cast.aisha)


def test_each_paper_brings_or_takes_a_kind_of_packaging_once(
    cast: Cast, client: Client, at: datetime, pallet: PackagingType
) -> None:
    post = Carrier.objects.create(code="post", name="Post", created_at=at)
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, by=cast.ines, at=at)
    out = parcels.announce(
        direction=Direction.OUTBOUND,
        hub=cast.rotterdam,
        owner=cast.operator,
        reference="lot:x",
        carrier=post,
        by=cast.ines,
        at=at,
    )
    shipment = out.shipment
    told = {"by": cast.ines, "at": at}
    went = packaging.went(shipment, pallet, partner=cast.vega, quantity=6, **told)
    assert (went.kind, went.at_partner, went.reference) == (PackagingMoveKind.GIVEN, 6, shipment.number)
    with pytest.raises(accounts.UnableToPost, match=f"6 × EUR pallet stand on {shipment.number}"):
        packaging.went(shipment, pallet, partner=cast.vega, quantity=6, **told)
    packaging.went(shipment, pallet, partner=cast.retailer, quantity=1, **told)
    whole, damaged = packaging.brought(delivery, pallet, partner=cast.vega, whole=3, damaged=1, **told)
    assert (whole.at_partner, damaged.kind) == (-3, PackagingMoveKind.BACK_DAMAGED)
    for quantities in ({"whole": 2}, {"whole": 0, "damaged": 1}):
        with pytest.raises(accounts.UnableToPost, match=delivery.number):
            packaging.brought(delivery, pallet, partner=cast.vega, **quantities, **told)
    with pytest.raises(BadInput, match="Say how many"):
        packaging.brought(delivery, pallet, partner=cast.altair, whole=0, **told)
    with pytest.raises(NotAllowed):
        packaging.went(shipment, pallet, partner=cast.altair, quantity=1, by=cast.jonas, at=at)
    assert PackagingMove.objects.count() == 4

    client.force_login(cast.user("aisha"))
    address = f"/docks/deliveries/{delivery.number}/"
    form = {"type": pallet.pk, "partner": str(cast.retailer.pk), "whole": 2, "damaged": 0}
    assert "2 pieces of packaging came back." in client.post(f"{address}packaging", form, follow=True).content.decode()
    assert "stand on" in client.post(f"{address}packaging", form, follow=True).content.decode()
    page = client.get(f"/docks/shipments/{shipment.number}/").content.decode()
    assert "EUR pallet" in page and f"things={shipment.parcels.get().tracking}" in page
    sent = client.post(
        f"/docks/shipments/{shipment.number}/",
        {"type": pallet.pk, "partner": str(cast.altair.pk), "whole": 4},
        follow=True,
    )
    assert "4 × EUR pallet went out." in sent.content.decode()
    for name in ("jonas", "vera", "dirk"):
        client.force_login(cast.user(name))
        assert client.get(f"/docks/shipments/{shipment.number}/").status_code in {403, 404}
        assert client.post(f"{address}packaging", form).status_code in {403, 404}


def test_a_parcel_that_goes_out_has_a_label_with_the_address_of_who_gets_it(
    cast: Cast, client: Client, at: datetime
) -> None:
    out = parcels.announce(
        direction=Direction.OUTBOUND,
        hub=cast.rotterdam,
        owner=cast.vega,
        reference="",
        tracking="PK 77",
        by=cast.ines,
        at=at,
    )
    parcel = out.parcels[0]
    kind = registry.KINDS["parcel"]
    [thing] = kind.find(cast.aisha, [parcel.tracking], "")
    assert thing.label.title == cast.vega.name and thing.stored is None and thing.chain == out.shipment.pk
    assert any(cast.rotterdam.organization.name in one for one in thing.label.under)
    client.force_login(cast.user("aisha"))
    form = {"kind": "parcel", "things": parcel.tracking, "printer": "browser", "copies": 1, "stock": "", "start": 1}
    assert client.post("/labels/print", form).status_code == 302
    job = PrintJob.objects.get()
    assert client.get(f"/labels/{job.pk}/file").content.startswith(b"%PDF-")
    assert not kind.find(cast.jonas, [parcel.tracking], "")
