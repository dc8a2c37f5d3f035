"""Something bought elsewhere, or without an order number: taken down as it is told, proved by nothing, and decided by a person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Announcement, Outcome, Rma, RmaLine, RmaStatus
from returns.services import announcing, approval, opening
from returns.services.opening import Wish
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.accounts.queries import guest
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

PORTAL = actors.system("returns.portal")
OLDEST = date(1990, 1, 1)
RECEIPT = "photo_receipt_told"
"""How the photo of a receipt is noted on the chain of the return."""
PROVEN = frozenset({Outcome.REFUND.value, Outcome.CREDIT.value})
"""What can't be agreed to before somebody has said what it is worth."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody tells of a thing that no order of ours knows. ``receipts`` are digests of artifacts."""

    what: str
    device_class: str
    serial: str = ""
    shop: str
    bought_on: date
    reason: str
    wanted: str = Outcome.REFUND.value
    note: str = ""
    name: str
    email: str
    language: str = "en"
    receipts: Sequence[str] = field(default_factory=tuple)


def tell(told: Told, *, seller: Organization, key: uuid.UUID, at: datetime) -> Rma:
    """Take it down as an order that was only told of, and a return of it that waits for a person; once for ``key``.

    Raises BadInput for what can't be, and what `opening.open_rma` raises where the rules don't take such a thing back.
    """
    if found := reasons_against_telling(told, at=at):
        raise BadInput(found)
    if (known := _known(key, told)) is not None:
        return known
    try:
        with transaction.atomic():
            order = _order(told, seller, at=at)
            line = order.lines.get()
            wish = Wish(line=line.pk, reason=told.reason, wanted=told.wanted, note=told.note)
            by = guest({f"order:{order.pk}"})
            rma = opening.open_rma(order=order, wishes=[wish], by=by, at=at)
            answers = {"bought_at": told.shop.strip()[:120], "bought_on": told.bought_on.isoformat()}
            rma.lines.update(answers=answers)
            for artifact in Artifact.objects.filter(digest__in=list(told.receipts), erased_at=None):
                artifacts.attach(artifact, chain=rma.pk, use=RECEIPT, audience="customer", by=by, at=at)
            Announcement.objects.create(key=key, order=order, rmas=[str(rma.pk)], made_at=at)
    except IntegrityError:
        # The same form came twice at once, and the other one was quicker.
        if (known := _known(key, told)) is None:
            raise
        return known
    return rma


def _known(key: uuid.UUID, told: Told) -> Rma | None:
    """The return that this form became, for the same person: a key alone opens nobody's return."""
    row = Announcement.objects.filter(key=key).select_related("order__contact").first()
    if row is None:
        return None
    if row.order.source != OrderSource.TOLD or row.order.contact.email != told.email.strip().lower():
        raise BadInput(Reason("key", _("This page is old. Load it again."), "email"))
    return announcing.announced(key, row.order)[0]


def reasons_against_telling(told: Told, *, at: datetime) -> list[Reason]:
    found = []
    if not OLDEST <= told.bought_on <= at.date():
        found.append(Reason("bought_on", _("Say the day on which it was bought."), "bought_on"))
    if told.wanted not in {*PROVEN, Outcome.REPAIR.value}:
        found.append(Reason("wanted", _("This can't be had for something that we may not have sold."), "wanted"))
    return found


def _order(told: Told, seller: Organization, *, at: datetime) -> Order:
    """The order that they tell of: of the day on which it was bought, from which every window runs, and for nothing."""
    day = min(datetime.combine(told.bought_on, time(12), tzinfo=UTC), at)
    return orders.place(
        NewOrder(
            number=ids.code("TOLD"),
            email=told.email,
            name=told.name,
            country=seller.country,
            language=told.language,
            ordered_at=day,
            delivered_at=day,
            lines=[
                NewLine(
                    sku="TOLD",
                    description=told.what,
                    price=Decimal(0),
                    device_class=told.device_class,
                    serials=(told.serial,) if told.serial else (),
                )
            ],
        ),
        seller=seller,
        source=OrderSource.TOLD,
        by=PORTAL,
        at=at,
    )


# What it is worth -------------------------------------------------------------------------------------------------------------------


def reasons_against_pricing(line: RmaLine, *, by: Actor) -> list[Reason]:
    """Why this person can't say what it is worth: only of what was told, and only before it is decided."""
    found = []
    if not by.may("returns.approve"):
        found.append(Reason("not_allowed", _("Saying what it is worth needs the right to approve returns.")))
    if line.order_line.order.source != OrderSource.TOLD:
        found.append(Reason("ordered", _("What it cost stands in its order.")))
    if line.rma.status != RmaStatus.REQUESTED:
        found.append(Reason("decided", _("It is decided already.")))
    return found


def set_price(line: RmaLine, *, price: Decimal, by: Actor, at: datetime) -> RmaLine:
    """Say what one piece of something that was only told of is worth; until it is approved it may be said anew."""
    if not price.is_finite() or not 0 <= price < 10**8 or price != price.quantize(Decimal("0.01")):
        raise BadInput(Reason("price", _("A price is an amount like 12.50."), "price"))
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        row = rma.lines.select_related("order_line__order", "rma").get(pk=line.pk)
        if found := reasons_against_pricing(row, by=by):
            raise NotAllowed(found) if found[0].code == "not_allowed" else approval.UnableToDecide(found)
        if row.price != price:
            row.price = price
            row.save(update_fields=["price"])
            fact = facts.PriceSet(line=str(row.pk), position=row.position, price=str(price), currency=row.currency)
            approval.say(rma, fact, by=by, at=at)
    return row
