"""The demo's sample files: there when the demo is, in the true formats, under proper names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from revlog.accounts.actors import system
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Medium
from revlog.pages import demo
from revlog.pages.simulation import catalog, machines, samples
from revlog.terms.models import OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder
from tests.cast import Cast
from tests.factories import devices as factory
from triage.reports import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def tour(cast: Cast, at: datetime) -> Cast:
    """The order that the tour begins with is there."""
    model = catalog.BY_SKU[samples.TOUR_SKU]
    line = NewLine(
        sku=model.sku, description=model.name, price=model.price, device_class="laptop", serials=(demo.TOUR_SERIAL,)
    )
    orders.place_many(
        [NewOrder(number=demo.TOUR_ORDER, email=demo.TOUR_EMAIL, ordered_at=at, lines=[line])],
        seller=cast.retailer, source=OrderSource.API, by=system("test"), at=at,
    )  # fmt: skip
    return cast


def waiting(cast: Cast, at: datetime) -> Device:
    return factory.decided(factory.triaged(cast, at=at), Disposition.RESELL, at=at)


def test_there_are_none_without_the_demo(cast: Cast) -> None:
    assert samples.listed() == []


def test_each_that_is_listed_can_be_had_and_read(tour: Cast, at: datetime) -> None:
    waiting(tour, at)
    factory.triaged(tour, serial="TRI", drive="DTRI", at=at)
    client = Client()

    for sample in samples.listed():
        answer = client.get(f"/samples/{sample.name}")
        assert answer.status_code == 200, sample.name
        assert answer["Content-Disposition"] == f'attachment; filename="{sample.name}"'
        assert registry.read(answer.content).kind
    assert len(samples.listed()) == 8


def test_the_log_for_a_waiting_unit_is_of_its_own_drive(tour: Cast, at: datetime) -> None:
    device = waiting(tour, at)

    content = samples.written("waiting-unit-nwipe.log", at=at)

    assert content is not None
    (erasure,) = registry.read(content).erasures
    medium = Medium.objects.get(device=device)
    assert (erasure.serial, erasure.bytes_erased, erasure.outcome) == (medium.serial, medium.capacity_bytes, "success")


def test_files_of_a_waiting_unit_are_not_offered_while_none_waits(tour: Cast) -> None:
    assert "waiting-unit-nwipe.log" not in {sample.name for sample in samples.listed()}
    assert Client().get("/samples/waiting-unit-nwipe.log").status_code == 404


def test_the_tour_laptop_is_the_same_in_each_of_its_files(at: datetime) -> None:
    read = [
        registry.read(samples.written(name, at=at) or b"")
        for name in ("tour-laptop-workbench.json", "tour-laptop-lshw.json")
    ]
    wiped = registry.read(samples.written("tour-laptop-nwipe.log", at=at) or b"")

    assert {report.serial for report in read} == {demo.TOUR_SERIAL}
    drives = {medium.serial for report in (*read, wiped) for medium in report.media}
    assert drives == {disk.serial for disk in samples.tour_machine().disks}


def test_an_install_that_is_no_demo_has_no_files(tour: Cast, settings: Any) -> None:
    settings.DEMO = False

    assert Client().get("/samples/tour-laptop-lshw.json").status_code == 404


@pytest.mark.parametrize("name", ["nothing.json", "..%2f..%2fetc%2fpasswd", "tour-laptop-lshw.json%00"])
def test_other_names_are_not_found(tour: Cast, name: str) -> None:
    assert Client().get(f"/samples/{name}").status_code == 404


def test_dice_of_one_seed_fall_alike() -> None:
    assert machines.dice("a").random() == machines.dice("a").random()
