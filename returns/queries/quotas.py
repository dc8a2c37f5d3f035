"""What of a supplier's quota is used: by everything that they were asked to take in the period and didn't refuse."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from returns.models.vendors import IN_QUOTA, VendorReturnLine
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.agreeing import Quota
from revlog.terms.models import Agreement


def quotas(agreements: Iterable[Agreement], *, on: date) -> dict[uuid.UUID, Quota]:
    """What is left on a day of many suppliers' quotas, by supplier: two questions for each length of a period, however many they are."""
    spans: dict[tuple[date, date], list[Agreement]] = {}
    for one in agreements:
        spans.setdefault(agreeing.period_of(one.says.quota_period, on), []).append(one)
    found: dict[uuid.UUID, Quota] = {}
    for (begins, ends), rows in spans.items():
        suppliers = [one.supplier_id for one in rows]
        used = {
            row["rtv__supplier"]: (row["amount"] or Decimal(0), int(row["pieces"] or 0))
            for row in _used(begins, ends)
            .filter(rtv__supplier__in=suppliers)
            .order_by()
            .values("rtv__supplier")
            .annotate(amount=Sum(F("price") * F("quantity")), pieces=Sum("quantity"))
        }
        by_percent = [one.supplier_id for one in rows if one.says.quota_of == "percent"]
        bought = terms.bought_by_supplier(by_percent, begins=begins, ends=ends) if by_percent else {}
        for one in rows:
            amount, pieces = used.get(one.supplier_id, (Decimal(0), 0))
            found[one.supplier_id] = agreeing.quota_of(
                one.says,
                on=on,
                bought=bought.get(one.supplier_id, Decimal(0)),
                amount=amount,
                pieces=pieces,
            )
    return found


def _used(begins: date, ends: date) -> QuerySet[VendorReturnLine]:
    return VendorReturnLine.objects.filter(
        rtv__status__in=[one.value for one in IN_QUOTA],
        rtv__asked_at__date__gte=begins,
        rtv__asked_at__date__lte=ends,
    )


def quota(agreement: Agreement, *, on: date) -> Quota:
    """What is left on a day. Whoever asks a supplier does so alone while they look."""
    return quotas([agreement], on=on)[agreement.supplier_id]
