"""Questions about warranties, claims to suppliers and repeat repairs: the only reads of them that pages and the API use."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.facts import recalls as recall_facts
from returns.figures import CLAIMS
from returns.models import ClaimStatus, SupplierClaim
from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.custody.models import Entry
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import Device


def repeat_days(at: datetime) -> int:
    return int(CLAIMS.in_force(at)["repeat_days"])


def repeat_of(device: Device) -> Entry | None:
    """The fact that the present visit of a unit follows a repair of ours too soon."""
    if device.visit is None:
        return None
    return Entry.objects.filter(
        chain_id=device.pk, kind=recall_facts.RepeatRepair.kind, payload__visit=device.visit.number
    ).first()


def claims(actor: Actor, *, status: str = "", supplier: str = "") -> QuerySet[SupplierClaim]:
    rows = SupplierClaim.objects.visible_to(actor).select_related("device", "supplier")
    if status in ClaimStatus.values:
        rows = rows.filter(status=status)
    return rows.filter(supplier__code=supplier) if supplier else rows


def claim(number: str, actor: Actor) -> SupplierClaim | None:
    code = ids.normal(number.strip(), "WC")
    return claims(actor).filter(number=code).first() if code else None


def claims_of(device: Device, actor: Actor) -> list[SupplierClaim]:
    return list(claims(actor).filter(device=device)) if actor.is_operator else []


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """Claims that no supplier answered in time."""
    now = at or clock.now()
    if not actor.is_operator:
        return []
    return [
        ExceptionRow(
            key=f"claim_overdue:{row.pk}",
            kind="exception.claim_overdue",
            sentence=_("%(supplier)s hasn't answered claim %(number)s.")
            % {"supplier": row.supplier.name, "number": row.number},
            thing=f"{row.device.face} {row.device.tag}",
            url=reverse("supplier_claim", args=[row.number]),
            owner=_("planner"),
            since=row.sent_at or row.drafted_at,
            due=row.answer_by,
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Ask again"),
        )
        for row in claims(actor, status=ClaimStatus.SENT).filter(answer_by__lt=now).order_by("answer_by")[:200]
    ]
