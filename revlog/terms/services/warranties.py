"""Granting warranties: by order line, and by device where one is known."""

from __future__ import annotations

import calendar
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.evidence.models import Artifact
from revlog.terms import facts, makers, queries, ruling
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


def note(
    device: Device,
    kind: WarrantyKind,
    *,
    months: int,
    starts_on: date,
    provider: Organization | None = None,
    reference: str = "",
    proof: Artifact | None = None,
    transferable: bool = True,
    rule: str = "",
    by: Actor,
    at: datetime,
) -> Warranty:
    """Write down what a maker or somebody else promises for a taken unit: by hand with the document that shows it, or by a rule.

    The same kind once a unit; telling it again gives the one that stands. Raises BadInput.
    """
    found = []
    if not 1 <= months <= 240:
        found.append(Reason("months", _("A warranty lasts 1 to 240 months."), "months"))
    if proof is None and not rule:
        found.append(Reason("proof", _("Add the document that shows it: an invoice or a warranty card."), "proof"))
    if starts_on > at.date():
        found.append(Reason("starts_on", _("It can't begin after today."), "starts_on"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        row, made = Warranty.objects.get_or_create(
            order_line=None,
            device=device,
            kind=kind,
            defaults={
                "id": ids.new(at),
                "months": months,
                "starts_on": starts_on,
                "ends_on": after_months(starts_on, months),
                "provider": provider,
                "reference": reference.strip()[:60],
                "proof": proof,
                "transferable": transferable,
                "rule": rule[:60],
                "created_at": at,
            },
        )
        if made:
            moves.note(
                device,
                fact=facts.WarrantyNoted(
                    warranty=kind.value,
                    months=months,
                    starts=starts_on.isoformat(),
                    until=row.ends_on.isoformat(),
                    provider=provider.code if provider else None,
                    proof=proof.digest if proof else None,
                    rule=rule or None,
                    transferable=transferable,
                ),
                by=by,
                at=at,
            )
    return row


def note_by_rule(device: Device, *, starts_on: date, by: Actor, at: datetime) -> Warranty | None:
    """What the published rules say of its maker, from the day it was sold first (or made); None when no rule gives anything."""
    found = queries.in_force(makers.KIND, at=at, organization=device.owner_id)
    decision = ruling.decide(
        found,
        {"maker": device.manufacturer.lower(), "device_class": device.device_class, "model": device.model.lower()},
    )
    months = int(decision.outcome.get("months") or 0)
    if not months:
        return None
    return note(
        device,
        WarrantyKind.MAKER,
        months=months,
        starts_on=starts_on,
        transferable=bool(decision.outcome.get("transferable", True)),
        rule=decision.rule,
        by=by,
        at=at,
    )
