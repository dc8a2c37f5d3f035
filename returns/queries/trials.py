"""What the cases of a trial are: their numbers, whose they are and where their pages stand, read together for many of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator

from django.urls import reverse

from returns.models import Rma, RmaLine, TradeIn, Trial, TrialChange
from revlog.devices.models import Device
from revlog.terms.trying import SUBJECTS, Named

AT_ONCE = 2000


def lines(pks: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Named]]:
    for line in RmaLine.objects.filter(pk__in=pks).select_related("rma__seller", "order_line"):
        rma, sold = line.rma, line.order_line
        url = reverse("returns_rma", args=[rma.number])
        yield (
            line.pk,
            Named(
                rma.number,
                url,
                rma.seller.name,
                rma.seller.code,
                sold.description,
                line.currency,
                line.position,
                sold.sku,
            ),
        )


def rmas(pks: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Named]]:
    for rma in Rma.objects.filter(pk__in=pks).select_related("seller").prefetch_related("lines__order_line"):
        what = ", ".join(line.order_line.description for line in rma.lines.all())
        url = reverse("returns_rma", args=[rma.number])
        yield rma.pk, Named(rma.number, url, rma.seller.name, rma.seller.code, what, rma.currency)


def quotes(pks: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Named]]:
    for row in TradeIn.objects.filter(pk__in=pks).select_related("buyer", "variant"):
        url = reverse("tradeins_one", args=[row.number])
        sku = row.variant.sku if row.variant is not None else ""
        yield row.pk, Named(row.number, url, row.buyer.name, row.buyer.code, row.what, row.currency, sku=sku)


def units(pks: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Named]]:
    for device in Device.objects.filter(pk__in=pks).select_related("product", "owner", "purchase__supplier"):
        bought = getattr(device, "purchase", None)
        whose = bought.supplier if bought is not None else device.owner
        what = str(device.product) if device.product is not None else device.model
        currency = bought.currency if bought is not None else device.currency
        url = reverse("unit", args=[device.tag])
        yield device.pk, Named(device.tag, url, whose.name, whose.code, what, currency)


def named(kind: str, changes: Iterable[TrialChange]) -> list[tuple[TrialChange, Named]]:
    """Each change with what its case is; one that is no more is left out."""
    rows = list(changes)
    known = dict(SUBJECTS[kind].named([one.case for one in rows]))
    return [(one, known[one.case]) for one in rows if one.case in known]


def all_named(trial: Trial) -> Iterator[tuple[TrialChange, Named]]:
    """All changes of a trial in their order, a portion at a time."""
    after: uuid.UUID | None = None
    while True:
        rows = trial.changes.order_by("case")
        portion = list((rows if after is None else rows.filter(case__gt=after))[:AT_ONCE])
        if not portion:
            return
        yield from named(trial.rule_set.kind, portion)
        after = portion[-1].case
