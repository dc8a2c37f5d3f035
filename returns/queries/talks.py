"""Questions about what is talked over with customers: appeals to decide, offers near their end, repairs without a price."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import Appeal, AppealStatus, Offer, OfferStatus, Outcome, Rma, RmaUnit, UnitStatus
from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """What of it needs a person's decision, for the inbox."""
    return [*_open_appeals(actor), *_lapsing_offers(actor, at), *_unquoted_repairs(actor)]


def _open_appeals(actor: Actor) -> list[ExceptionRow]:
    rows = (
        Appeal.objects.filter(status=AppealStatus.OPEN, unit__line__rma__in=Rma.objects.visible_to(actor))
        .select_related("unit__line__rma", "unit__device", "refund")
        .order_by("decide_by")[:500]
    )
    return [
        ExceptionRow(
            key=f"appeal:{row.pk}",
            kind="appeal_open",
            sentence=_("Its customer appeals: somebody else has to look again."),
            thing=row.unit.device.tag if row.unit.device else row.unit.line.rma.number,
            url=reverse("returns_appeal", args=[row.pk]),
            owner=_("quality"),
            since=row.opened_at,
            due=row.decide_by,
            money_at_risk=row.refund.deduction if row.refund else row.unit.line.price,
            currency=row.unit.line.currency,
            next_action=_("Decide the appeal"),
        )
        for row in rows
    ]


def _lapsing_offers(actor: Actor, at: datetime) -> list[ExceptionRow]:
    """Offers that end within two days: a call may be worth it."""
    rows = (
        Offer.objects.filter(
            status=OfferStatus.OPEN,
            answer_by__lte=at + timedelta(days=2),
            unit__line__rma__in=Rma.objects.visible_to(actor),
        )
        .select_related("unit__line__rma", "unit__device")
        .order_by("answer_by")[:500]
    )
    return [
        ExceptionRow(
            key=f"offer:{row.pk}",
            kind="offer_lapsing",
            sentence=_("The customer hasn't answered: %s.") % word(f"offer.{row.kind}"),
            thing=row.unit.device.tag if row.unit.device else row.unit.line.rma.number,
            url=reverse("returns_rma", args=[row.unit.line.rma.number]),
            owner=_("support"),
            since=row.made_at,
            due=row.answer_by,
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Call the customer"),
        )
        for row in rows
    ]


def _unquoted_repairs(actor: Actor) -> list[ExceptionRow]:
    """What waits at the bench for a price that its owner can agree to."""
    rows = (
        RmaUnit.objects.filter(
            status=UnitStatus.RECEIVED,
            line__wanted=Outcome.REPAIR,
            device__state=State.TO_REFURBISH.value,
            device__authority="",
            device__waiting_for="",
            line__rma__in=Rma.objects.visible_to(actor),
        )
        .select_related("line__rma__hub", "device")
        .order_by("device__state_since")[:500]
    )
    return [
        ExceptionRow(
            key=f"quote:{row.pk}",
            kind="repair_unquoted",
            sentence=_("A repair waits for its price; its owner hasn't agreed yet."),
            thing=row.device.tag,
            url=reverse("bench_quote", args=[row.device.tag]),
            owner=_("bench"),
            since=row.device.state_since,
            due=row.line.rma.hub.calendar.after_hours(row.device.state_since, 16),
            money_at_risk=row.line.price,
            currency=row.line.currency,
            next_action=_("Quote the repair"),
        )
        for row in rows
        if row.device is not None
    ]
