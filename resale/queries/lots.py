"""Questions about lots for one buyer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from resale import parameters
from resale.models import Lot, LotOffer, LotState, LotUnit
from revlog.accounts.actors import Actor
from revlog.common.errors import NotFound
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import Device

IN_IT = Q(units__left_at=None)


def lots(actor: Actor, *, state: str = "") -> QuerySet[Lot]:
    """Those that one may see, newest first, each with its units, pieces and list value."""
    rows = Lot.objects.visible_to(actor).select_related("owner", "hub", "buyer", "document")
    rows = rows.filter(state=state) if state in LotState.values else rows
    return rows.annotate(
        count=Count("units", filter=IN_IT),
        pieces=Sum("units__quantity", filter=IN_IT),
        listed=Sum("units__value", filter=IN_IT),
    )


def lot(number: str, actor: Actor) -> Lot:
    """Raises NotFound, for strangers likewise."""
    found = lots(actor).filter(number=number.strip().upper()).first()
    if found is None:
        raise NotFound(_("There is no such lot."))
    return found


def offers(found: Lot, actor: Actor) -> list[LotOffer]:
    """The live ones, highest first; a buyer's people see their own alone."""
    rows = found.offers.filter(ended_at=None).select_related("buyer", "lot").order_by("-amount", "given_at")
    return list(rows if actor.is_operator else rows.filter(buyer=actor.organization_id))


def open_lot_of(device: Device) -> LotUnit | None:
    """The lot that a unit is in and that is neither sold nor called off."""
    return LotUnit.objects.filter(device=device, is_open=True).select_related("lot").first()


def lots_of(device: Device, actor: Actor) -> list[LotUnit]:
    """Every lot that a unit was in, the last first."""
    rows = LotUnit.objects.filter(device=device, lot__in=Lot.objects.visible_to(actor)).select_related("lot")
    return list(rows.order_by("-entered_at"))


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """Offers that wait for a decision after the last day, and lots that were awarded and haven't left."""
    if not actor.is_operator:
        return []
    patience = parameters.in_force(at).ship_lots_within
    waiting = lots(actor, state=LotState.OFFERED).filter(until__lt=at.date(), offers__ended_at=None)
    waiting = waiting.annotate(most=Max("offers__amount", filter=Q(offers__ended_at=None)))
    found = [
        ExceptionRow(
            key=f"lot:{row.pk}",
            kind="exception.lot_undecided",
            sentence=_("Offers for %(number)s were taken until %(day)s, and nobody has decided.")
            % {"number": row.number, "day": row.until.isoformat() if row.until else ""},
            thing=row.name,
            url=reverse("sales_lot", args=[row.number]),
            owner=_("seller"),
            since=row.offered_at or row.opened_at,
            due=(row.offered_at or row.opened_at) + timedelta(days=30),
            money_at_risk=row.most,
            currency=row.currency,
            next_action=_("Award it"),
        )
        for row in waiting.distinct()[:100]
    ]
    late = lots(actor, state=LotState.AWARDED).filter(awarded_at__lt=at - patience)
    return found + [
        ExceptionRow(
            key=f"lot:{row.pk}",
            kind="exception.lot_unshipped",
            sentence=_("%(number)s was awarded to %(buyer)s and has not left.")
            % {"number": row.number, "buyer": row.buyer.name if row.buyer else ""},
            thing=row.name,
            url=reverse("sales_lot", args=[row.number]),
            owner=_("packer"),
            since=row.awarded_at or row.opened_at,
            due=(row.awarded_at or row.opened_at) + patience,
            money_at_risk=row.price,
            currency=row.currency,
            next_action=_("Ship it"),
        )
        for row in late[:100]
    ]
