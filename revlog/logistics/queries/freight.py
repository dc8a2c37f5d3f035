"""Questions about the cost of carriage: what is expected in a month, what has no price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.devices.exceptions import ExceptionRow
from revlog.logistics.models import Accrual, AccrualStatus
from revlog.logistics.queries import bills, claims

HEADER = (
    "handed_over_at", "shipment", "leg", "carrier", "contract", "version", "site", "book", "party", "service", "parcels", "grams",
    "assumed", "status", "expected", "billed", "currency",
)  # fmt: skip


def month(text: str, today: date) -> date:
    """The first day of a month as addresses name it (2026-03); of the present one where they name none."""
    if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        return date(int(text[:4]), int(text[5:]), 1)
    return today.replace(day=1)


def accruals(actor: Actor, first: date) -> QuerySet[Accrual]:
    """What was handed over in a month (of UTC), the newest first."""
    begin = datetime.combine(first, time(), UTC)
    end = datetime.combine((first + timedelta(days=32)).replace(day=1), time(), UTC)
    return (
        Accrual.objects.visible_to(actor)
        .filter(handed_over_at__gte=begin, handed_over_at__lt=end)
        .select_related("shipment", "leg", "contract__carrier", "card", "hub", "party")
    )


@dataclass(frozen=True)
class OfCarrier:
    carrier: str
    currency: str
    shipments: int
    expected: Decimal
    billed: Decimal


def sums(rows: QuerySet[Accrual]) -> list[OfCarrier]:
    """By carrier: what is expected and not billed, and what was billed."""
    found = (
        rows.order_by()
        .values("contract__carrier__name", "contract__currency", "status")
        .annotate(n=Count("pk"), expected=Sum("amount"), paid=Sum("billed"))
    )
    told: dict[tuple[str, str], list[Decimal | int]] = {}
    for row in found:
        one = told.setdefault((row["contract__carrier__name"], row["contract__currency"]), [0, Decimal(0), Decimal(0)])
        one[0] += row["n"]
        one[1] += row["expected"] if row["status"] == AccrualStatus.OPEN else 0
        one[2] += row["paid"]
    return [OfCarrier(*key, int(n), Decimal(a), Decimal(b)) for key, (n, a, b) in sorted(told.items())]


def lines(rows: QuerySet[Accrual]) -> Iterator[tuple[object, ...]]:
    for row in rows.iterator(chunk_size=1000):
        yield (
            row.handed_over_at.isoformat(), row.shipment.number, row.leg.number if row.leg else "", row.contract.carrier.code,
            row.contract.number, row.card.version if row.card else "", row.hub.code, row.book,
            row.party.code if row.party else "", row.service, row.parcels, row.grams, "yes" if row.assumed else "no",
            row.status, row.amount, row.billed, row.contract.currency,
        )  # fmt: skip


def exceptions(actor: Actor) -> list[ExceptionRow]:
    return [*_unrated(actor), *bills.exceptions(actor), *claims.exceptions(actor)]


def _unrated(actor: Actor) -> list[ExceptionRow]:
    rows = Accrual.objects.visible_to(actor).filter(status=AccrualStatus.UNRATED)
    return [
        ExceptionRow(
            key=f"carriage:{row.pk}",
            kind="exception.carriage_unrated",
            sentence=row.why,
            thing=f"{row.contract.carrier.name} {row.shipment.number}",
            url=reverse("contract", args=[row.contract.number]),
            owner=_("planner"),
            since=row.handed_over_at,
            next_action=_("Add the price"),
        )
        for row in rows.select_related("contract__carrier", "shipment").order_by("handed_over_at")[:100]
    ]
