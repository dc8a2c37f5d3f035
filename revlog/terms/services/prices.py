"""Keeping the price book: a new price is another line, the old ones stay."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.terms import facts
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis


def set_price(
    *,
    product: ProductModel,
    variant: Variant | None = None,
    grade: str,
    amount: Decimal,
    currency: str,
    source: str = "",
    organization: uuid.UUID | None = None,
    channel: str = "",
    valid_from: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Price:
    """From ``valid_from`` (now, when left out) a thing in this grade is expected to bring ``amount``. The same day again replaces it."""
    if not by.may("terms.edit") and not by.may("resale.price"):
        raise NotAllowed(Reason("not_allowed", _("Setting prices needs the right to set them.")))
    found = []
    if grade not in dict(GRADES):
        found.append(Reason("grade", _("There is no grade %s.") % grade, "grade"))
    if amount < 0:
        found.append(Reason("amount", _("A price can't be negative."), "amount"))
    if variant is not None and variant.product_id != product.pk:
        found.append(Reason("variant", _("This variant is of another model."), "variant"))
    if found:
        raise BadInput(found)
    said = {
        "amount": amount, "low": None, "high": None, "observations": None, "basis": Basis.SET, "source": source[:60],
        "learned_by": None, "ends_at": None, "set_by": by.reference,
    }  # fmt: skip
    with transaction.atomic():
        row, made = _kept(
            said,
            product=product,
            variant=variant,
            grade=grade,
            organization=Organization.objects.get(pk=organization) if organization else None,
            channel=channel,
            currency=currency,
            valid_from=valid_from or at,
            at=at,
        )
        fact = facts.PriceSet(
            product=str(product.pk),
            variant=str(variant.pk) if variant else None,
            grade=grade,
            channel=channel or None,
            amount=str(amount),
            currency=currency,
            valid_from=row.valid_from.isoformat(),
        )
        if made or not Chain.objects.filter(pk=row.pk).exists():
            ledger.begin("price", row.pk, fact, by=by, at=at, owner=organization)
        else:
            ledger.append(row.pk, fact, by=by, at=at, owner=organization)
    return row


def _kept(said: Mapping[str, Any], *, at: datetime, **line: Any) -> tuple[Price, bool]:  # noqa: ANN401 - a line's own fields
    """The line with what was said of it, and whether it is new."""
    return Price.objects.update_or_create(
        **line, defaults=said, create_defaults={**said, "id": ids.new(at), "created_at": at}
    )
