"""Recalls for the tests: drafted by Henrik, opened by Maria, searched by the reactions of the product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from returns.models import Recall
from returns.services import recalls
from returns.services.recalls import NewCriterion, NewRecall
from revlog.accounts.actors import Actor
from revlog.custody.services import reactions
from revlog.devices.models import ProductModel, Variant
from tests.cast import Cast

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def model(name: str = "ThinkPad T480", *, maker: str = "Lenovo", at: datetime = AT) -> ProductModel:
    return ProductModel.objects.get_or_create(
        manufacturer=maker, name=name, defaults={"device_class": "laptop", "created_at": at}
    )[0]


def variant(sku: str = "T480-16-256", *, product: ProductModel | None = None, at: datetime = AT) -> Variant:
    return Variant.objects.get_or_create(sku=sku, defaults={"product": product or model(at=at), "created_at": at})[0]


def new(*criteria: NewCriterion, **changes: object) -> NewRecall:
    values: dict[str, object] = {
        "title": "Batteries may overheat",
        "kind": "safety",
        "severity": "stop",
        "remedy": "refund",
        "why": "The battery may overheat and catch fire.",
        "what_to_do": "Stop using it, keep it away from what burns, and send it back.",
        "issued_by": "Lenovo",
        "starts_on": date(2026, 11, 2),
        "criteria": criteria or (NewCriterion(range="model", product=model()),),
    }
    return NewRecall(**(values | changes))  # type: ignore[arg-type]


def opened(
    cast: Cast,
    *criteria: NewCriterion,
    by: Actor | None = None,
    at: datetime = AT,
    search: bool = True,
    **changes: object,
) -> Recall:
    """A recall that runs, everything searched and every mail sent."""
    recall = recalls.draft(new(*criteria, **changes), by=cast.henrik, at=at)
    recalls.open_version(recall, by=by or cast.maria, at=at)
    if search:
        drain(at)
    recall.refresh_from_db()
    return recall


def drain(at: datetime, queues: Sequence[str] = ("fast", "documents", "outside")) -> None:
    reactions.drain(at=at, queues=list(queues))
