"""What a customer is told of money and things: what they still have to pay, give away or hand in, and how it all ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from returns.models import Charge, ChargeFor, ChargeStatus, Goods, Outcome, Refund, RefundMethod, RefundStatus, Rma
from returns.models.rma import NEW_ONE
from revlog.common.words import Audience, word
from revlog.custody.models import Entry

Day = Callable[[datetime | None], str]


@dataclass(frozen=True)
class Saying:
    """The sentence on top of the status page and of each mail: what is so, what comes next, and what there is to do."""

    sentence: str
    then: str
    todo: str = ""


def of_payment(rma: Rma, day: Day) -> Saying | None:
    """Something is to be paid by the customer: nothing else goes on before."""
    charge = Charge.objects.filter(line__rma=rma, status=ChargeStatus.ASKED).order_by("due_by", "asked_at").first()
    if charge is None:
        return None
    told = {
        "sum": f"{charge.amount} {charge.currency}",
        "what": word(f"charge_for.{charge.purpose}", Audience.CUSTOMER),
        "day": day(charge.due_by),
    }
    sentence = _("We wait for your payment of %(sum)s (%(what)s), until %(day)s.") % told
    if charge.purpose == ChargeFor.DEPOSIT:
        return Saying(
            sentence,
            _("When it is here we send you the new one at once. You get it back when we have the old one."),
        )
    if charge.purpose == ChargeFor.REPAIR:
        return Saying(sentence, _("When it is here we begin the repair."))
    return Saying(sentence, _("When it is here we send you the new one. Without it you get your money back."))


def of_stock(rma: Rma) -> Saying | None:
    """The other thing that is wanted isn't there."""
    waiting = rma.lines.filter(new_variant__isnull=False, exchange=None, settled_at=None, wanted__in=NEW_ONE)
    if not waiting.exists() or not Entry.objects.filter(chain_id=rma.pk, kind="returns.new_one_missing").exists():
        return None
    return Saying(
        _("What you wanted instead is not in stock."),
        _("We send it as soon as it is there. You can take your money instead, below."),
    )


def of_approved(rma: Rma, day: Day, nothing: str) -> Saying:
    """Approved, and nothing of it is with us: to be handed in, to be given away, or to be kept."""
    lines = list(rma.lines.all())
    if (asked := of_payment(rma, day)) is not None:
        return asked
    if any(line.wanted == Outcome.ADVANCE and line.exchange_id is not None for line in lines):
        return Saying(
            _("The new one is ordered."),
            _("Hand the old one in by %s; the label is here. Then you get your deposit back.") % day(rma.hand_in_by),
        )
    if any(line.comes_back for line in lines):
        return Saying(
            _("You can send it now."), _("Print the label and hand the parcel in by %s.") % day(rma.hand_in_by)
        )
    if any(line.goods == Goods.DONATE and line.given_away_at is None for line in lines):
        return Saying(
            _("You can give it away."),
            _("Give it to somebody who can use it, and tell us here by %s. Then you get what you wanted for it.")
            % day(rma.hand_in_by),
        )
    if (missing := of_stock(rma)) is not None:
        return missing
    if Refund.objects.filter(line__rma=rma, status=RefundStatus.DUE).exists():
        return Saying(_("You needn't send anything."), _("Your money is on its way."), nothing)
    return Saying(_("You needn't send anything."), _("We are settling it now."), nothing)


def how_settled(rma: Rma) -> str:
    """How it ended, in a few sentences."""
    parts = []
    for method, words in (
        (RefundMethod.ORIGINAL, _("We paid you %(amount)s %(currency)s.")),
        (RefundMethod.CREDIT, _("We gave you a store credit of %(amount)s %(currency)s.")),
    ):
        rows = Refund.objects.filter(line__rma=rma, method=method, status=RefundStatus.PAID)
        if amount := sum((row.amount for row in rows), Decimal(0)):
            parts.append(words % {"amount": amount, "currency": rma.currency})
    for charge in Charge.objects.filter(line__rma=rma, purpose=ChargeFor.DEPOSIT):
        if charge.status == ChargeStatus.RELEASED:
            parts.append(_("You got your deposit back."))
        elif charge.status == ChargeStatus.PAID:
            told = {"kept": charge.kept, "currency": charge.currency, "why": charge.why}
            parts.append(_("We kept %(kept)s %(currency)s of your deposit: %(why)s") % told)
    for line in rma.lines.select_related("exchange"):
        if line.exchange is not None:
            parts.append(_("Your replacement is the order %s.") % line.exchange.number)
        elif line.settled_as in {"repair", "refused"}:
            parts.append(_("We sent it back to you."))
    return " ".join(dict.fromkeys(parts)) or _("Nothing is open.")
