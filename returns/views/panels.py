"""What pages show of payments, store credit and other wishes: the customer's own, and the desk's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from returns.models import Charge, ChargeStatus, Goods, Kind, Refund, RefundStatus, Rma, RmaLine, StoreCredit, TradeIn
from returns.models.rma import COMING
from returns.services import bouncing, charges, wishes
from returns.services.tradein import correcting
from returns.views.visitors import day
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word

LOOKS = {
    ChargeStatus.ASKED: "coming",
    ChargeStatus.HELD: "held",
    ChargeStatus.KEEPING: "work",
    ChargeStatus.RELEASING: "work",
    ChargeStatus.PAID: "done",
    ChargeStatus.RELEASED: "done",
    ChargeStatus.FAILED: "held",
    ChargeStatus.CANCELLED: "done",
}


# The customer's -----------------------------------------------------------------------------------------------------------------------


def for_customer(rma: Rma, by: Actor) -> dict[str, Any]:
    """What the status page shows of payments, credits, things to give away and other wishes."""
    coming = rma.status in {status.value for status in COMING}
    lines = list(rma.lines.filter(settled_at=None).select_related("order_line", "new_variant")) if rma.is_open else []
    return {
        "charges": [_charge(charge, rma) for charge in Charge.objects.filter(line__rma=rma)],
        "credits": [
            {
                "code": credit.code,
                "amount": money(credit.amount, credit.currency),
                "balance": money(credit.balance, credit.currency),
                "bonus": money(credit.bonus, credit.currency) if credit.bonus else "",
                "until": credit.expires_on,
                "lapsed": money(credit.lapsed, credit.currency) if credit.lapsed else "",
            }
            for credit in StoreCredit.objects.filter(refund__line__rma=rma, contact=rma.contact)
        ],
        "give_away": [line for line in lines if coming and line.goods == Goods.DONATE and line.given_away_at is None],
        "account_wanted": _account_wanted(rma, by),
        "changes": [one for line in lines if (one := _change(line, rma, by))["options"]],
    }


def _account_wanted(rma: Rma, by: Actor) -> dict[str, Any] | None:
    """Of a trade-in whose payment came back, what the page asks for."""
    row = TradeIn.objects.filter(rma=rma).first() if rma.kind == Kind.TRADE else None
    if row is None or correcting.reasons_against_correcting(row, by=by):
        return None
    return {"refund": correcting.missing_of(row), "holder": rma.contact.name}


def _charge(charge: Charge, rma: Rma) -> dict[str, Any]:
    asked = charge.status == ChargeStatus.ASKED
    return {
        "what": word(f"charge_for.{charge.purpose}", Audience.CUSTOMER),
        "status": word(f"charge.{charge.status}", Audience.CUSTOMER),
        "amount": money(charge.amount, charge.currency),
        "kept": money(charge.kept, charge.currency) if charge.kept else "",
        "why": charge.why if charge.kept else "",
        "url": reverse("portal_pay", args=[rma.number, charge.pk]) if asked else "",
        "due": day(charge.due_by, rma) if asked else "",
    }


def _change(line: RmaLine, rma: Rma, by: Actor) -> dict[str, Any]:
    return {
        "line": line,
        "name": line.order_line.description,
        "now": word(f"wanted.{line.wanted}", Audience.CUSTOMER),
        "options": [
            (one.value, word(f"wanted.{one.value}", Audience.CUSTOMER))
            for one in wishes.offered(line, rma)
            if not wishes.reasons_against_changing(line, rma, wanted=one.value, by=by)
        ],
    }


# The desk's ---------------------------------------------------------------------------------------------------------------------------


def for_desk(rma: Rma, by: Actor) -> dict[str, Any]:
    """What a return's own page shows of refunds that didn't arrive, payments, credits and other wishes."""
    lines = list(rma.lines.filter(settled_at=None).select_related("order_line")) if rma.is_open else []
    return {
        "owed": _refunds(rma, by),
        "charges": [charge_row(charge, by) for charge in charges_of(by).filter(line__rma=rma).order_by("asked_at")],
        "credits": [credit_row(credit) for credit in credits_of(by).filter(refund__line__rma=rma)],
        "changes": [
            {
                "line": line,
                "name": line.order_line.description,
                "options": [
                    (one.value, word(f"wanted.{one.value}"))
                    for one in wishes.CHANGEABLE
                    if one != line.wanted and not wishes.reasons_against_changing(line, rma, wanted=one.value, by=by)
                ],
            }
            for line in lines
        ],
    }


def _refunds(rma: Rma, by: Actor) -> list[dict[str, Any]]:
    """Refunds that didn't arrive, and those paid by hand that may still come back; for whoever may pay. Else only what didn't arrive."""
    rows = Refund.objects.filter(line__rma=rma, status__in=[RefundStatus.FAILED, RefundStatus.PAID])
    may = by.may("returns.refund")
    found = []
    for row in rows.select_related("line__order_line").order_by("proposed_at", "id"):
        failed = row.status == RefundStatus.FAILED
        if not failed and (not may or bouncing.reasons_against_saying_it_came_back(row)):
            continue
        against = bouncing.reasons_against_paying_again(row, by=by) if failed and may else []
        found.append(
            {
                "row": row,
                "name": row.line.order_line.description,
                "failed": failed,
                "may": may,
                "reasons": [reason.sentence for reason in against],
            }
        )
    return found


def charges_of(by: Actor) -> QuerySet[Charge]:
    return Charge.objects.filter(line__rma__in=Rma.objects.visible_to(by)).select_related(
        "line__rma__hub", "line__order_line"
    )


def charge_row(charge: Charge, by: Actor) -> dict[str, Any]:
    rma = charge.line.rma
    may = charge.status == ChargeStatus.ASKED and by.may("returns.refund")
    return {
        "charge": charge,
        "number": rma.number,
        "url": reverse("returns_rma", args=[rma.number]),
        "what": word(f"charge_for.{charge.purpose}"),
        "name": charge.line.order_line.description,
        "status": word(f"charge.{charge.status}"),
        "look": LOOKS[ChargeStatus(charge.status)],
        "amount": money(charge.amount, charge.currency),
        "kept": money(charge.kept, charge.currency) if charge.kept else "",
        "due": charge.due_by - timedelta(seconds=1) if charge.due_by is not None else None,
        "may_confirm": may,
        "against": [one.sentence for one in charges.reasons_against_confirming(charge, rma, by=by)] if may else [],
    }


def credits_of(by: Actor) -> QuerySet[StoreCredit]:
    return (
        StoreCredit.objects.visible_to(by)
        .select_related("refund__line__rma", "seller")
        .prefetch_related("uses")
        .order_by("-issued_at", "-id")
    )


def credit_row(credit: StoreCredit) -> dict[str, Any]:
    rma = credit.refund.line.rma
    return {
        "credit": credit,
        "number": rma.number,
        "url": reverse("returns_rma", args=[rma.number]),
        "amount": money(credit.amount, credit.currency),
        "bonus": money(credit.bonus, credit.currency) if credit.bonus else "",
        "balance": money(credit.balance, credit.currency),
        "uses": [
            {"amount": money(use.amount, credit.currency), "reference": use.reference, "at": use.used_at}
            for use in credit.uses.all()
        ],
        "lapsed": money(credit.lapsed, credit.currency) if credit.lapsed else "",
        "over": credit.expires_on is not None and credit.expires_on < clock.now().date(),
    }
