"""What the pages of the price book ask: models by name, what holds for one, how it came to be. By index, however long the book."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from revlog.devices.models import ProductModel, Variant
from revlog.terms import queries
from revlog.terms.models import Observation, Price, PriceList, PriceModel, Training
from revlog.terms.models.learned import ModelStatus

PAGE = 25
MOST_HISTORY = 200
MOST_OBSERVATIONS = 25
MOST_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of models with what each brings per grade in any channel; ``after`` is where the next begins, None at the end."""

    products: Sequence[ProductModel]
    prices: dict[uuid.UUID, dict[str, Price]]
    after: uuid.UUID | None


def page_of(text: str, *, after: uuid.UUID | None, at: datetime) -> Page:
    """Models with a price whose name holds every word of ``text``, by name."""
    rows = ProductModel.objects.filter(Exists(Price.objects.filter(product=OuterRef("pk"), organization=None)))
    for word in text.split()[:MOST_WORDS]:
        rows = rows.filter(
            Q(name__icontains=word) | Q(manufacturer__icontains=word) | Q(aliases__contains=[word.lower()])
        )
    last = ProductModel.objects.filter(pk=after).first() if after else None
    if last is not None:
        here, name = Q(manufacturer=last.manufacturer), last.name
        rows = rows.filter(
            Q(manufacturer__gt=last.manufacturer) | (here & Q(name__gt=name)) | (here & Q(name=name, pk__gt=last.pk))
        )
    found = list(rows.order_by("manufacturer", "name", "pk")[: PAGE + 1])
    shown = found[:PAGE]
    prices: dict[uuid.UUID, dict[str, Price]] = {product.pk: {} for product in shown}
    for row in in_force([product.pk for product in shown], at=at, channel=""):
        if row.variant_id is None:
            prices[row.product_id].setdefault(row.grade, row)
    return Page(products=shown, prices=prices, after=shown[-1].pk if len(found) > PAGE else None)


def in_force(products: Sequence[uuid.UUID], *, at: datetime, channel: str | None = None) -> list[Price]:
    """The lines that hold for these models, a person's and a list's before a learned one; in one channel or in all."""
    rows = Price.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=at), product__in=products, organization=None, valid_from__lte=at
    )
    if channel is not None:
        rows = rows.filter(channel=channel)
    return queries.one_a_line(rows.select_related("variant"))


def history(product: ProductModel, *, grade: str, channel: str, variant: Variant | None, currency: str) -> list[Price]:
    """Every line of one model, grade and channel, the latest first."""
    rows = Price.objects.filter(product=product, channel=channel, variant=variant, grade=grade, organization=None)
    return list(rows.filter(currency=currency).order_by("-valid_from")[:MOST_HISTORY])


def observations(product: ProductModel) -> QuerySet[Observation]:
    """What was seen of a model, the latest first."""
    return Observation.objects.filter(product=product, void_at=None).order_by("-sold_on", "-id")


def lists() -> QuerySet[PriceList]:
    return PriceList.objects.order_by("-sent_at", "-id")


# The price model ----------------------------------------------------------------------------------------------------------------------


def champion() -> PriceModel | None:
    return PriceModel.objects.filter(status=ModelStatus.CHAMPION).first()


def challenger() -> PriceModel | None:
    return PriceModel.objects.filter(status=ModelStatus.CHALLENGER).first()


def drifting() -> PriceModel | None:
    """The model in force, when its prices went astray and nobody has said that they may stand."""
    return PriceModel.objects.filter(status=ModelStatus.CHAMPION, settled_at=None).exclude(drifted_at=None).first()


def trainings(most: int = 10) -> list[Training]:
    return list(Training.objects.select_related("model")[:most])
