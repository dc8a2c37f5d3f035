"""What can be had instead of a thing that comes back: its other variants, and what else the seller sells, each with its price."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from revlog.accounts.models import Organization
from revlog.devices.models import Variant
from revlog.terms import queries as terms
from revlog.terms.models import OrderLine

MOST = 8
MOST_WORDS = 6


@dataclass(frozen=True)
class Choice:
    """Something that may be had instead, and what one piece of it costs today."""

    variant: Variant
    price: Decimal
    currency: str

    def more_than(self, line: OrderLine, *, fee: Decimal = Decimal(0), bonus: Decimal = Decimal(0)) -> Decimal:
        """What is to be paid on top for one piece, with the terms of the rules; less than zero when it costs less."""
        return self.price - (line.value - fee) - bonus


def price_of(variant: Variant, *, seller: Organization, currency: str, at: datetime) -> Decimal | None:
    """What a new piece costs at this seller: by its price book, else as the catalog lists it. None where nobody has said so."""
    found = terms.expected_price(
        grade="NEW", variant=variant, organization=seller.pk, at=at, currency=currency, learned=False
    )
    if found is not None:
        return found.amount
    listed = variant.list_price if variant.list_price is not None else variant.product.list_price
    return listed if variant.currency == currency else None


def _sold_by(seller: Organization) -> QuerySet[Variant]:
    """What this seller sells: what they have sold, or have a price of their own for."""
    sold = OrderLine.objects.filter(order__seller=seller, variant__isnull=False)
    return Variant.objects.filter(Q(pk__in=sold.values("variant")) | Q(prices__organization=seller)).distinct()


def _priced(variants: Iterable[Variant], line: OrderLine, at: datetime) -> list[Choice]:
    found = []
    for variant in variants:
        price = price_of(variant, seller=line.order.seller, currency=line.currency, at=at)
        if price is not None:
            found.append(Choice(variant, price, line.currency))
    return found


def variants_of(line: OrderLine, *, at: datetime) -> list[Choice]:
    """Other variants of the same product, cheapest first."""
    if line.product_id is None:
        return []
    rows = Variant.objects.filter(product=line.product_id).select_related("product")
    found = [one for one in rows[:50] if one.pk != line.variant_id]
    return sorted(_priced(found, line, at), key=lambda one: (one.price, str(one.variant)))


def search(line: OrderLine, text: str, *, at: datetime) -> list[Choice]:
    """What the seller of this line sells by these words: all of them in its maker, name, variant or SKU."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return []
    rows = _sold_by(line.order.seller).select_related("product")
    for one in words:
        rows = rows.filter(
            Q(product__manufacturer__icontains=one)
            | Q(product__name__icontains=one)
            | Q(name__icontains=one)
            | Q(sku__iexact=one)
        )
    found = rows.order_by("product__manufacturer", "product__name", "name")[: MOST + 1]
    return _priced([one for one in found if one.pk != line.variant_id][:MOST], line, at)


def choice(line: OrderLine, variant: uuid.UUID, *, at: datetime) -> Choice | None:
    """This variant, when it may be had instead of the line's."""
    rows = Variant.objects.select_related("product").filter(pk=variant)
    rows = rows.filter(Q(product=line.product_id) | Q(pk__in=_sold_by(line.order.seller).values("pk")))
    return next(iter(_priced(rows, line, at)), None)
