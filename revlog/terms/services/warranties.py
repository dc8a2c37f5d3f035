"""Granting warranties: by order line, and by device where one is known."""

from __future__ import annotations

import calendar
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.terms import facts
from revlog.terms.models import OrderLine, Warranty, WarrantyKind


def after_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last where it has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def grant(
    *,
    order_line: OrderLine,
    device: Device | None = None,
    kind: WarrantyKind = WarrantyKind.COMMERCIAL,
    months: int = 0,
    starts_on: date,
    until: date | None = None,
    by: Actor,
    at: datetime,
) -> Warranty:
    """Promise so many months from a day on, or what is left ``until`` a day. The same promise again gives the one that stands."""
    if until is not None:
        if until < starts_on:
            raise BadInput(Reason("until", _("A warranty ends after it has begun."), "until"))
        months = max((until.year - starts_on.year) * 12 + until.month - starts_on.month, 1)
    if months < 1 or months > 240:
        raise BadInput(Reason("months", _("A warranty lasts 1 to 240 months."), "months"))
    with transaction.atomic():
        row, made = Warranty.objects.get_or_create(
            order_line=order_line,
            device=device,
            kind=kind,
            defaults={
                "id": ids.new(at),
                "months": months,
                "starts_on": starts_on,
                "ends_on": until or after_months(starts_on, months),
                "created_at": at,
            },
        )
        if made:
            ledger.append(
                order_line.order_id,
                facts.WarrantyGranted(
                    warranty=kind.value,
                    months=months,
                    starts=starts_on.isoformat(),
                    until=row.ends_on.isoformat(),
                    line=str(order_line.pk),
                    device=str(device.pk) if device else None,
                ),
                by=by,
                at=at,
                owner=order_line.order.seller_id,
            )
    return row
