"""Published offers of one phone on three channels through the whole pipeline: observed, learned, and in the price book."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from revlog.accounts.actors import system
from revlog.devices.models import ProductModel
from revlog.terms import queries as terms
from revlog.terms.models import Observation
from revlog.terms.services import learned, observing
from triage.services import pricing

pytestmark = [pytest.mark.django_db, pytest.mark.prove]
GRADES = {"Premium": "A", "Excellent": "B", "Good": "C", "Acceptable": "D"}
MODELS = ("iPhone 13 Pro Max", "iPhone 13 Pro", "iPhone 13 mini", "iPhone 13")
AT = datetime(2025, 6, 1, tzinfo=UTC)


def test_the_better_condition_is_dearer_in_the_book_and_each_channel_has_its_own_price(
    real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    for name in MODELS:
        ProductModel.objects.create(manufacturer="Apple", name=name, device_class="phone", created_at=AT)
    files = (real_data("used-iphone13-prices") / "open").glob("*.csv")
    found = [list(csv.DictReader(path.open(encoding="utf-8"))) for path in files]
    rows = next(table for table in found if "Code" in table[0])
    list_of = tmp_path / "market.csv"
    with list_of.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "maker", "model", "grade", "channel", "amount", "date"])
        for row in rows:
            model = next((name for name in MODELS if name.lower() in row["Title"].lower()), MODELS[-1])
            out.writerow(
                [
                    row["Link"],
                    "Apple",
                    model,
                    GRADES[row["Code"]],
                    row["Platform"],
                    row["Price in €"],
                    "2025-05-04",
                ]
            )
    told = observing.import_observations(list_of, source="market", by=system("test"), at=AT)
    assert told.refused_count == 0

    training = learned.ask(by=system("test"), at=AT)
    finish = pricing.learn(training, at=AT)
    assert finish is not None
    with transaction.atomic():
        finish()

    phone = ProductModel.objects.get(name="iPhone 13")
    by_channel = {
        name: {grade: row.amount for grade, row in terms.expected_prices(at=AT, product=phone, channel=name).items()}
        for name in ["", *sorted(set(Observation.objects.values_list("channel", flat=True)))]
    }
    for prices in by_channel.values():
        assert [prices[grade] for grade in "ABCD"] == sorted((prices[grade] for grade in "ABCD"), reverse=True)
        assert prices["A"] > prices["D"]
    assert by_channel["Amazon"]["B"] > by_channel["eBay"]["B"]
