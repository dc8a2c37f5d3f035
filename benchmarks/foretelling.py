"""What is asked before something ships: an answer for a model of the catalog, and the answer to a return's line with it."""

from __future__ import annotations

import functools
import random
import time
import uuid
from collections.abc import Callable
from decimal import Decimal

from benchmarks.harness import Result
from revlog.accounts.actors import system
from revlog.accounts.models import Organization
from revlog.common import clock, ids
from revlog.devices.models import ProductModel
from revlog.terms import foretelling
from revlog.terms.foretelling import Declared, Spot
from revlog.terms.models import Price

MODELS, ASKED = 1000, 1000


def answers() -> list[Result]:
    """Each of a thousand models is asked about once (nothing is reckoned yet), then again."""
    at, drawn = clock.now(), random.Random(3)
    owner = Organization.objects.get(code="operator").pk
    models = ProductModel.objects.bulk_create(
        [
            ProductModel(manufacturer="Foretold", name=f"Model {number}", device_class="phone", created_at=at)
            for number in range(MODELS)
        ]
    )
    by = system("benchmark").reference
    Price.objects.bulk_create(
        [
            Price(
                id=ids.new(at), product=model, grade=grade, amount=Decimal(drawn.randint(5, 600)), valid_from=at, set_by=by,
                created_at=at,
            )
            for model in models
            for grade in "ABCD"
        ],
        batch_size=4000,
    )  # fmt: skip

    def ask(product: uuid.UUID) -> None:
        asked = Declared(
            device_class="phone", product=product, condition="faulty", faults=("display",), owner=owner,
            lies=Spot(country="DE", postcode="10115"), goes=Spot(country="NL", postcode="3011"),
        )  # fmt: skip
        if foretelling.foretell([asked], at=at) == [None]:
            raise RuntimeError("Nobody knew a price.")

    keys = [model.pk for model in models]
    drawn.shuffle(keys)
    cold = _p95([functools.partial(ask, key) for key in keys[:ASKED]])
    warm = _p95([functools.partial(ask, key) for key in keys[:ASKED]])
    Price.objects.filter(product__in=keys).delete()
    ProductModel.objects.filter(pk__in=keys).delete()
    return [
        Result("foretold before it ships, asked first, p95", "ms", round(cold, 2), None, None, "< 50", "four grades, all paths"),
        Result("foretold before it ships, asked again, p95", "ms", round(warm, 2), None, None, "< 20", "its sums are known"),
    ]  # fmt: skip


def _p95(acts: list[Callable[[], None]]) -> float:
    took = []
    for act in acts:
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return sorted(took)[int(0.95 * len(took))] * 1000
