"""Price lists: taken line by line, told line by line, the same once more; looked up by channel, variant and day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from revlog.common.errors import BadInput, NotAllowed
from revlog.devices.models import ProductModel, Variant
from revlog.terms import queries
from revlog.terms.models import Price
from revlog.terms.services import pricebook, prices
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HEADER = "maker;model;variant;grade;channel;amount;date;low;high;observations"


@pytest.fixture
def phone(at: datetime) -> ProductModel:
    found = ProductModel.objects.create(
        manufacturer="Apple", name="iPhone 13", aliases=["a2633"], device_class="phone", created_at=at
    )
    Variant.objects.create(product=found, name="128 GB", sku="IP13-128", created_at=at)
    return found


def listed(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return path


def test_a_list_is_taken_but_for_the_lines_that_are_told_and_once_more_changes_nothing(
    cast: Cast, at: datetime, tmp_path: Path, phone: ProductModel
) -> None:
    path = listed(
        tmp_path,
        "Apple;iPhone 13;;A;;300;2026-01-31;;;",
        "apple;A2633;ip13-128;B;shop;270.50;2026-02-01;250;290;41",
        "Apple;iPhone 13;;C;;200;;;;",
        "Apple;iPhone 99;;A;;300;;;;",
        "Apple;iPhone 13;1 TB;A;;300;;;;",
        "Apple;iPhone 13;;E;;300;;;;",
        "Apple;iPhone 13;;A;;3.005;;;;",
        "Apple;iPhone 13;;A;;300;31.1.2026;;;",
        "Apple;iPhone 13;;A;;300;;310;;",
        "",
    )
    for minutes in (0, 5):
        told = pricebook.import_prices(path, source="market 5", by=cast.maria, at=at + timedelta(minutes=minutes))
        assert (told.lines, told.taken) == (9, 3)
        assert [each.line for each in told.refused] == [5, 6, 7, 8, 9, 10]
        assert "iPhone 99" in told.refused[0].sentence
        assert Price.objects.count() == 3
    row = Price.objects.get(channel="shop")
    assert (row.amount, row.low, row.high, row.observations) == (Decimal("270.50"), Decimal(250), Decimal(290), 41)
    assert (row.basis, row.source, row.valid_from.date().isoformat()) == ("imported", "market 5", "2026-02-01")


def test_the_channel_s_own_price_goes_first_then_the_variant_s_then_the_latest_that_has_begun(
    cast: Cast, at: datetime, phone: ProductModel
) -> None:
    variant = phone.variants.get()
    told = {"product": phone, "grade": "A", "currency": "EUR", "by": cast.maria, "at": at}
    day = timedelta(days=1)
    prices.set_price(amount=Decimal(300), valid_from=at - 9 * day, **told)
    prices.set_price(amount=Decimal(290), valid_from=at - 2 * day, **told)
    prices.set_price(amount=Decimal(200), valid_from=at + day, **told)
    prices.set_price(amount=Decimal(330), variant=variant, valid_from=at - 9 * day, **told)
    prices.set_price(amount=Decimal(310), channel="shop", valid_from=at - 9 * day, **told)

    def found(**more: object) -> Decimal:
        return queries.expected_prices(at=at, product=phone, **more)["A"].amount  # type: ignore[arg-type]

    assert found() == 290
    assert found(variant=variant) == 330
    assert found(variant=variant, channel="shop") == 310
    assert found(channel="outlet") == 290
    single = queries.expected_price(at=at, grade="A", product=phone)
    assert single is not None
    assert single.amount == 290
    prices.set_price(amount=Decimal(410), valid_from=at - day, **(told | {"currency": "USD"}))
    assert found(currency="EUR") == 290
    assert found(currency="USD") == 410


@pytest.mark.parametrize(
    ("header", "complaint"),
    [("maker;model;grade", "lacks the columns amount"), (HEADER + ";mood", "Nothing reads the columns mood")],
)
def test_what_is_no_price_list_is_refused_whole(
    cast: Cast, at: datetime, tmp_path: Path, header: str, complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        pricebook.import_prices(listed(tmp_path, header=header), source="", by=cast.maria, at=at)
    with pytest.raises(NotAllowed):
        pricebook.import_prices(listed(tmp_path), source="", by=cast.ines, at=at)


def test_the_command_tells_what_it_took(
    tmp_path: Path, phone: ProductModel, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path, "Apple;iPhone 13;;A;;300;;;;", "Apple;iPhone 13;;Q;;300;;;;")
    call_command("import_prices", path, json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["lines"], found["taken"], found["refused_count"], found["refused"][0]["line"]) == (2, 1, 1, 3)
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00")
    with pytest.raises(CommandError):
        call_command("import_prices", tmp_path / "picture.csv")
    with pytest.raises(CommandError):
        call_command("import_prices", tmp_path / "none.csv")
