"""Answers what a thing would bring before it ships (``revlog.terms.foretelling``): reads prices, figures and carriers' cards, and reckons.

A handful of queries for all that is asked at once; nothing here loads what only workers may.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from revlog.accounts.models import Hub
from revlog.devices import classes
from revlog.devices.models import ProductModel, Variant
from revlog.logistics.freight import rating
from revlog.logistics.queries import inbound
from revlog.terms import foretelling as port
from revlog.terms import queries as terms
from revlog.terms.foretelling import Declared, Foretold, Freight, Spot
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis
from triage import figures
from triage.figures import Figures
from triage.models import KeptFigures
from triage.services import foretold, worth
from triage.services.foretold import Sheet

HANDED_IN = Freight(amount=Decimal(0), by="counter")


class Answering:
    """The reckoner that returns ask."""

    def foretell(self, asked: Sequence[Declared], *, at: datetime) -> list[Foretold | None]:
        known = _figures([one.owner for one in asked], at=at)
        sheets = _sheets(asked, known, at=at)
        cards: list[inbound.Priced] | None = None
        found: list[Foretold | None] = []
        for one, by, sheet in zip(asked, known, sheets, strict=True):
            if sheet is None or by.currency != one.currency:
                found.append(None)
                continue
            if cards is None:
                cards = inbound.cards(day=at.date())
            freight = HANDED_IN if one.here else _freight(one, one.goes, sheet.grams, by, cards)
            found.append(foretold.foretell(one, by, sheet, freight))
        return found

    def freights(self, asked: Declared, places: Sequence[Spot], *, at: datetime) -> list[Freight]:
        [known] = _figures([asked.owner], at=at)
        product = ProductModel.objects.filter(pk=asked.product).first() if asked.product else None
        grams = _grams(product, asked.device_class)
        cards = inbound.cards(day=at.date())
        return [_freight(asked, place, grams, known, cards) for place in places]

    def keep(self, told: Foretold, *, at: datetime) -> None:
        asked = told.inputs["asked"]
        [known] = _figures([uuid.UUID(asked["owner"]) if asked["owner"] else None], at=at)
        if known.digest == told.digest:
            worth.keep(known, at=at)

    def again(self, kept: Mapping[str, Any]) -> Foretold | None:
        row = KeptFigures.objects.filter(digest=kept["digest"]).first()
        if row is None:
            return None
        return foretold.from_plain(kept["inputs"], Figures(version=row.version, body=row.body))


port.answered_by(Answering())


def _figures(owners: Sequence[uuid.UUID | None], *, at: datetime) -> list[Figures]:
    """The figures of each owner, each read once."""
    once = list(dict.fromkeys(owners))
    rows = terms.in_force_each([(figures.KIND, owner) for owner in once], at=at)
    made = {owner: figures.figures_of(row) for owner, row in zip(once, rows, strict=True)}
    return [made[owner] for owner in owners]


def _sheets(asked: Sequence[Declared], known: Sequence[Figures], *, at: datetime) -> list[Sheet | None]:
    """What is known of each model; None where neither price book nor catalog names a price."""
    products = ProductModel.objects.in_bulk({one.product for one in asked if one.product})
    variants = Variant.objects.in_bulk({one.variant for one in asked if one.variant})
    books: dict[tuple[Any, ...], dict[str, Price]] = {}
    found: list[Sheet | None] = []
    for one, by in zip(asked, known, strict=True):
        product = products.get(one.product) if one.product else None
        if product is None:
            found.append(None)
            continue
        variant = variants.get(one.variant) if one.variant else None
        key = (product.pk, one.variant, by.currency, one.learned)
        if key not in books:
            rows = terms.expected_prices(
                at=at, product=product.pk, variant=one.variant, currency=by.currency, learned=one.learned
            )
            books[key] = rows
        found.append(_sheet(one, product, variant, books[key], by, at=at))
    return found


def _sheet(
    asked: Declared,
    product: ProductModel,
    variant: Variant | None,
    rows: Mapping[str, Price],
    known: Figures,
    *,
    at: datetime,
) -> Sheet | None:
    book = {grade: row.amount for grade, row in rows.items()}
    listed = (variant.list_price if variant else None) or product.list_price
    if listed is None and not book:
        return None
    decay = known.of("monthly_decay", asked.device_class)
    usual = int(known.one("age_of_a_return") if asked.returned else known.of("age_months", asked.device_class))
    out = product.released_at
    months = max(0, (at.year - out.year) * 12 + at.month - out.month) if out else usual
    if listed is not None:
        new, now = listed, (listed * (1 - decay) ** months).quantize(Decimal("0.01"))
    else:
        # Nothing says what a new one costs: the book's best grade stands for it, so that nothing is worth more than that.
        grade = next(one for one in ("NEW", "A", "B", "C", "D") if one in book)
        now = (book[grade] / (known.of("grade_factor", grade) or 1)).quantize(Decimal("0.01"))
        new = book.get("NEW", now)
    learned = any(row.basis == Basis.LEARNED for row in rows.values())
    source = "learned_price" if learned else "price_book" if book else "list_price"
    return Sheet(
        price_new=new,
        price_a=now,
        prices=book,
        decay=decay,
        grams=_grams(product, asked.device_class),
        price_from=source,
    )


def _grams(product: ProductModel | None, device_class: str) -> int:
    return (product.grams if product else None) or classes.of(device_class).typical_grams


def _freight(asked: Declared, place: Spot, grams: int, known: Figures, cards: Sequence[inbound.Priced]) -> Freight:
    """By the cheapest contract that carries from there to here in the figures' currency, else by the figures."""
    origin = rating.Spot(asked.lies.country, asked.lies.postcode)
    load = rating.Load(
        origin=origin,
        destination=rating.Spot(place.country, place.postcode),
        pieces=[rating.Piece(grams)] * max(asked.quantity, 1),
    )
    best = inbound.cheapest(cards, load, site=place.site, currency=known.currency) if origin.country else None
    if best is None:
        return foretold.planned_freight(asked, place.country, grams, known)
    return Freight(amount=best.amount, by=f"contract:{best.contract}", how=best.how)


def spot_of(hub: Hub) -> Spot:
    """A site as the question names it."""
    codes = terms.postcodes(hub.address)
    return Spot(country=hub.country, postcode=min(codes, key=len, default=""), site=hub.pk)
