"""Keeping the price book: a new price is another line, the old ones stay."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.terms.models import Price


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
    row, _made = Price.objects.update_or_create(
        product=product,
        variant=variant,
        grade=grade,
        organization=Organization.objects.get(pk=organization) if organization else None,
        channel=channel,
        currency=currency,
        valid_from=valid_from or at,
        defaults={"amount": amount, "source": source[:60], "set_by": by.reference},
        create_defaults={
            "id": ids.new(at),
            "amount": amount,
            "source": source[:60],
            "set_by": by.reference,
            "created_at": at,
        },
    )
    return row
