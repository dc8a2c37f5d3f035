"""Past returns of people: their lines, and those from before facts were kept as their orders tell of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from returns import reasons
from returns.models import Kind, RmaLine
from returns.policy.cases import Case
from revlog.terms.models import Warranty


def lines() -> QuerySet[RmaLine]:
    """What return rules decided: neither what a business gave back by its agreement nor what we bought."""
    return RmaLine.objects.filter(business__isnull=True).exclude(rma__kind=Kind.TRADE)


_ORDER = "order_line__order__"


def rebuilt(lines: Sequence[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Cases from before facts were kept, from what their orders say; the history of the customer stays unknown."""
    held = Warranty.objects.filter(
        order_line=OuterRef("order_line"), starts_on__lte=OuterRef("opened_on"), ends_on__gte=OuterRef("opened_on")
    )
    rows = RmaLine.objects.filter(pk__in=lines).annotate(
        zone=F("rma__hub__zone"),
        ordered=F(f"{_ORDER}ordered_at"),
        shipped=Coalesce("order_line__shipped_at", f"{_ORDER}shipped_at"),
        delivered=Coalesce("order_line__delivered_at", f"{_ORDER}delivered_at"),
        opened_on=TruncDate("rma__opened_at", tzinfo=UTC),
    )
    rows = rows.annotate(warranted=Exists(held))
    names = (
        "pk", "zone", "ordered", "shipped", "delivered", "warranted", "reason", "wanted", "answers", "quantity", "price",
        "rma__opened_at", "rma__origin", "rma__kind", "rma__gift", "order_line__category", "order_line__device_class",
        "order_line__sku", "order_line__tags", f"{_ORDER}tags", f"{_ORDER}channel", f"{_ORDER}contact__country",
        f"{_ORDER}seller__country", "order_line__product__manufacturer", "order_line__product__name",
    )  # fmt: skip
    found = {}
    for row in rows.values(*names):
        if row["reason"] not in reasons.CODES:
            continue
        zone = ZoneInfo(row["zone"])
        told = {name: row[name].astimezone(zone).date() if row[name] else None for name in ("shipped", "delivered")}
        found[row["pk"]] = Case(
            reason=row["reason"],
            wanted=row["wanted"],
            kind=row["rma__kind"],
            today=row["rma__opened_at"].astimezone(zone).date(),
            ordered_on=row["ordered"].astimezone(zone).date(),
            shipped_on=told["shipped"],
            delivered_on=told["delivered"],
            sent=told["shipped"] is not None or told["delivered"] is not None,
            category=row["order_line__category"],
            device_class=row["order_line__device_class"],
            sku=row["order_line__sku"],
            product=" ".join(
                filter(None, (row["order_line__product__manufacturer"], row["order_line__product__name"]))
            ),
            tags=sorted({*row["order_line__tags"], *row[f"{_ORDER}tags"]}),
            channel=row[f"{_ORDER}channel"],
            price=Decimal(row["price"]),
            quantity=row["quantity"],
            country=row[f"{_ORDER}contact__country"] or row[f"{_ORDER}seller__country"],
            warranty=row["warranted"],
            origin=row["rma__origin"],
            gift=row["rma__gift"],
            answers=row["answers"],
        )
    return found
