"""The price book: a list of a million lines taken in, and what a valuation asks of it then, beside one bare read by primary key."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from django.db import connection

from benchmarks.harness import Result
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.devices.models import ProductModel
from revlog.terms import bookreads, queries
from revlog.terms.models import Price
from revlog.terms.services import pricebook

GRADES, CHANNELS, DAYS = "ABCD", ("", "shop", "marketplace", "broker", "export"), 5
ASKED = 400


def book(lines: int) -> list[Result]:
    """A list of ``lines`` lines is taken in by the verb; then prices are asked for by model and channel."""
    by, at = system("benchmark"), clock.now()
    each = len(GRADES) * len(CHANNELS) * DAYS
    names = [f"Model {number}" for number in range(lines // each)]
    ProductModel.objects.bulk_create(
        [ProductModel(manufacturer="Bench", name=name, device_class="phone", created_at=at) for name in names],
        batch_size=5000,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("maker,model,grade,channel,amount,date\n")
            for day in range(DAYS):
                told = (date(2026, 1, 1) + timedelta(days=30 * day)).isoformat()
                for place, name in enumerate(names):
                    for grade in GRADES:
                        file.writelines(
                            f"Bench,{name},{grade},{channel},{50 + place % 900},{told}\n" for channel in CHANNELS
                        )
        began = time.perf_counter()
        taken = pricebook.import_prices(path, source="bench", by=by, at=at)
        seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE terms_price")
    products = list(ProductModel.objects.filter(manufacturer="Bench").values_list("pk", flat=True)[:5000])
    rows = list(Price.objects.values_list("pk", flat=True)[:5000])
    drawn = random.Random(5)
    asked = _p95(lambda: queries.expected_prices(at=at, product=drawn.choice(products), channel=drawn.choice(CHANNELS)))
    bare = _p95(lambda: Price.objects.get(pk=drawn.choice(rows)))
    page = _p95(lambda: bookreads.page_of(f"bench {drawn.randrange(len(names))}", after=None, at=at))
    turned = _p95(lambda: bookreads.page_of("", after=drawn.choice(products), at=at))
    _forget()
    return [
        Result(
            name=f"price list of {taken.taken:,} lines taken in", unit="lines/s", ours=round(taken.taken / seconds), reference=None,
            ratio=None,
        ),
        Result(
            name=f"a model's prices in a channel, of {taken.taken:,} lines, p95", unit="ms", ours=round(asked, 2),
            reference=round(bare, 2), ratio=round(asked / bare, 2), note="reference: one row by its key",
        ),
        Result(
            name=f"the page of prices: a model found by its name, of {taken.taken:,} lines, p95", unit="ms", ours=round(page, 2),
            reference=None, ratio=None,
        ),
        Result(
            name=f"the page of prices: 25 models further on, of {taken.taken:,} lines, p95", unit="ms", ours=round(turned, 2),
            reference=None, ratio=None,
        ),
    ]  # fmt: skip


def _p95(act: Callable[[], object]) -> float:
    took = []
    for _round in range(ASKED):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return sorted(took)[int(0.95 * ASKED)] * 1000


def _forget() -> None:
    Price.objects.filter(product__manufacturer="Bench").delete()
    ProductModel.objects.filter(manufacturer="Bench").delete()
