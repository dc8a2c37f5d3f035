"""What things sold for: taken once from lists, and from our own sales, which teach nothing when they come to nothing."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from resale.facts import SaleCancelled, SoldTo
from resale.services import sales
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, ProductModel
from revlog.terms.models import Observation
from revlog.terms.services import observing
from tests.cast import Cast
from tests.factories import resale as shop
from triage.services import sales as noting

pytestmark = pytest.mark.django_db
HEADER = "id;maker;model;grade;channel;amount;date;battery;kind"


def listed(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "sales.csv"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return path


def test_each_line_is_taken_once_whether_it_has_a_name_or_not_and_the_others_are_told(
    cast: Cast, at: datetime, tmp_path: Path
) -> None:
    ProductModel.objects.create(manufacturer="Apple", name="iPhone 13", device_class="phone", created_at=at)
    path = listed(
        tmp_path,
        "m-1;Apple;iPhone 13;A;shop;310;2026-05-04;88;sale",
        ";Apple;iPhone 13;B;shop;270;2026-05-04;;",
        ";Apple;iPhone 13;B;shop;270;2026-05-04;;",
        ";Apple;iPhone 99;B;shop;270;2026-05-04;;",
        ";Apple;iPhone 13;B;shop;0;2026-05-04;;",
        ";Apple;iPhone 13;B;shop;270;;;",
        ";Apple;iPhone 13;B;shop;270;2027-05-04;;",
        ";Apple;iPhone 13;B;shop;270;2026-05-04;140;",
        ";Apple;iPhone 13;B;shop;270;2026-05-04;;gift",
    )
    first = observing.import_observations(path, source="market 5", by=cast.maria, at=at)
    again = observing.import_observations(path, source="market 5", by=cast.maria, at=at + timedelta(days=1))

    assert (first.lines, first.taken, first.new, again.new) == (9, 3, 3, 0)
    assert [each.line for each in first.refused] == [5, 6, 7, 8, 9, 10]
    assert "hasn't come" in first.refused[3].sentence
    row = Observation.objects.get(own="m-1")
    assert (row.amount, row.battery, row.kind, row.sold_on) == (Decimal(310), 88, "sale", date(2026, 5, 4))
    assert Observation.objects.filter(kind="offer").count() == 2  # two like each other are two


def test_who_may_not_set_prices_teaches_none_and_a_list_says_whose_it_is(
    cast: Cast, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path)
    with pytest.raises(NotAllowed):
        observing.import_observations(path, source="market", by=cast.ines, at=at)
    with pytest.raises(BadInput, match="whose"):
        observing.import_observations(path, source=observing.OURS, by=cast.maria, at=at)
    with pytest.raises(CommandError, match="lacks the columns date"):
        call_command("import_observations", listed(tmp_path, header="maker;model;grade;amount"), source="x")
    call_command("import_observations", listed(tmp_path), source="x", json=True)
    assert json.loads(capsys.readouterr().out)["lines"] == 0


def test_a_sale_of_ours_is_noted_and_taken_back_when_it_is_cancelled(cast: Cast, at: datetime) -> None:
    product = ProductModel.objects.create(manufacturer="L", name="T480", device_class="laptop", created_at=at)
    offer = shop.offered(cast, price="249.00")
    unit = Device.objects.get(pooled__pool=offer.pool)
    Device.objects.filter(pk=unit.pk).update(product=product)

    order = sales.sell(offer=offer, buyer=shop.BEA, by=cast.anouk, at=at)
    reactions.drain(at=at, queues=["fast"])
    row = Observation.objects.get()
    assert (row.source, row.kind, row.amount, row.grade, row.channel) == (
        observing.OURS, "sale", Decimal("249.00"), unit.grade, offer.channel,
    )  # fmt: skip

    sale = order.lines.get().sales.get()
    sales.cancel(sale=sale, reason="changed their mind", by=cast.anouk, at=at + timedelta(hours=1))
    reactions.drain(at=at + timedelta(hours=1), queues=["fast"])
    row.refresh_from_db()
    assert row.void_at is not None


def test_a_sale_that_is_heard_of_after_its_cancellation_teaches_nothing(cast: Cast, at: datetime) -> None:
    product = ProductModel.objects.create(manufacturer="L", name="T480", device_class="laptop", created_at=at)
    offer = shop.offered(cast, price="249.00")
    unit = Device.objects.get(pooled__pool=offer.pool)
    Device.objects.filter(pk=unit.pk).update(product=product)
    for again in (False, True):
        order = sales.sell(offer=offer, buyer=shop.BEA, by=cast.anouk, at=at)
        sale = order.lines.get().sales.get()
        if not again:
            sales.cancel(sale=sale, reason="changed their mind", by=cast.anouk, at=at)

    told = Entry.objects.filter(chain_id=unit.pk, kind__in=[SoldTo.kind, SaleCancelled.kind]).order_by("sequence")
    sold, cancelled, sold_again = told
    for entry in (cancelled, sold, sold_again):
        noting.note(entry, at=at)
    assert [row.own for row in Observation.objects.filter(void_at=None)] == [f"{unit.pk}:{sold_again.payload['line']}"]
