"""Rows written by one statement are those that ``bulk_create`` would have written."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, transaction
from django.forms.models import model_to_dict

from revlog.common import bulk, ids
from revlog.terms.models import Order, OrderLine
from tests.cast import Cast
from tests.factories import terms


def lines(order: Order, at: datetime, start: int = 10) -> list[OrderLine]:
    told = [("PLAIN", "Ä “quoted”, \\ {1,2} %s", []), ("TWO", "x", ["A1", 'B"2,']), ("ONE", "NULL", ["C3"])]
    return [
        OrderLine(
            id=ids.new(at),
            order=order,
            position=start + place,
            sku=sku,
            description=text,
            quantity=place + 1,
            price=Decimal("2.50"),
            serials=serials,
            shipped_at=at if place else None,
        )
        for place, (sku, text, serials) in enumerate(told)
    ]


def test_rows_are_those_that_bulk_create_writes(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at)
    one, other = lines(order, at), lines(order, at, start=20)

    bulk.insert(OrderLine, one)
    OrderLine.objects.bulk_create(other)

    def told(rows: list[OrderLine]) -> list[dict[str, object]]:
        fresh = OrderLine.objects.in_bulk([row.pk for row in rows])
        return [
            {name: value for name, value in model_to_dict(fresh[row.pk]).items() if name not in {"id", "position"}}
            for row in rows
        ]

    assert told(one) == told(other)
    assert OrderLine.objects.get(pk=one[0].pk).description == "Ä “quoted”, \\ {1,2} %s"


def test_nothing_is_nothing(db: None) -> None:
    bulk.insert(OrderLine, [])

    assert not OrderLine.objects.exists()


def test_the_table_still_refuses_what_it_refuses(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at)
    negative, long = lines(order, at)[0], lines(order, at)[0]
    negative.price, long.sku = Decimal(-1), "X" * 61

    with pytest.raises(IntegrityError, match="a_price_is_not_negative"), transaction.atomic():
        bulk.insert(OrderLine, [negative])
    with pytest.raises(DataError, match="too long"), transaction.atomic():
        bulk.insert(OrderLine, [long])
