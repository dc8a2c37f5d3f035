"""What a customer is told of money and things: what they still have to pay, give away or hand in, and how it all ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from returns.models import (
    ChargeFor,
    ChargeStatus,
    Goods,
    Outcome,
    RefundMethod,
    RefundStatus,
    ReviewStatus,
    Rma,
    RmaStatus,
    UnitStatus,
    Way,
)
from returns.models.rma import NEW_ONE
from returns.queries.whole import Whole
from revlog.common.words import Audience, word
from revlog.logistics.services import pickups

Day = Callable[[datetime | None], str]


@dataclass(frozen=True)
class Saying:
    """The sentence on top of the status page and of each mail: what is so, what comes next, and what there is to do."""

    sentence: str
    then: str
    todo: str = ""


def of_payment(known: Whole, day: Day) -> Saying | None:
    """Something is to be paid by the customer: nothing else goes on before."""
    asked = [one for one in known.charges if one.status == ChargeStatus.ASKED]
    if not asked:
        return None
    charge = min(asked, key=lambda one: (one.due_by is None, one.due_by, one.asked_at))
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


def of_closer_look(known: Whole, day: Day, nothing: str) -> Saying | None:
    """We look closely before money goes, or found a reason not to pay. What the customer has to send, is asked for all the same."""
    review, rma = known.review, known.rma
    if review is None or rma.status in {RmaStatus.CLOSED, RmaStatus.CANCELLED}:
        return None
    if review.status == ReviewStatus.OPEN and review.objected_at is not None:
        return Saying(
            _("You don't agree, and somebody else looks at it again."),
            _("We'll write by %s.") % day(review.decide_by),
            nothing,
        )
    if review.held:
        waits = any(row.status == RefundStatus.HELD for row in known.refunds)
        if not waits and rma.status != RmaStatus.ARRIVED:
            return None
        return Saying(
            _("We look at this return closely before refunding."),
            _("We'll write by %s.") % day(review.decide_by),
            nothing,
        )
    gone = {UnitStatus.REFUSED, UnitStatus.SENT_BACK}
    if review.status != ReviewStatus.CONFIRMED or any(unit.status in gone for unit in known.units):
        return None
    if review.object_by is None:
        return Saying(_("We can't pay this back."), review.decided_why, nothing)
    return Saying(
        _("We can't pay this back."),
        review.decided_why,
        _("If you don't agree, write to us here by %s. Somebody who did not decide it looks at it again.")
        % day(review.object_by),
    )


def of_stock(known: Whole) -> Saying | None:
    """The other thing that is wanted isn't there."""
    waits = any(
        line.new_variant_id is not None
        and line.exchange_id is None
        and line.settled_at is None
        and line.wanted in NEW_ONE
        for line in known.lines
    )
    if not waits or not known.lacks_new_one:
        return None
    return Saying(
        _("What you wanted instead is not in stock."),
        _("We send it as soon as it is there. You can take your money instead, below."),
    )


def of_approved(known: Whole, day: Day, nothing: str) -> Saying:
    """Approved, and nothing of it is with us: to be handed in, to be given away, or to be kept."""
    rma, lines = known.rma, known.lines
    if (asked := of_payment(known, day)) is not None:
        return asked
    if any(line.wanted == Outcome.ADVANCE and line.exchange_id is not None for line in lines):
        return Saying(
            _("The new one is ordered."),
            _("Hand the old one in by %s; the label is here. Then you get your deposit back.") % day(rma.hand_in_by),
        )
    if any(line.comes_back for line in lines):
        return of_way(rma, day, nothing)
    if any(line.goods == Goods.DONATE and line.given_away_at is None for line in lines):
        return Saying(
            _("You can give it away."),
            _("Give it to somebody who can use it, and tell us here by %s. Then you get what you wanted for it.")
            % day(rma.hand_in_by),
        )
    if (missing := of_stock(known)) is not None:
        return missing
    if any(row.status == RefundStatus.DUE for row in known.refunds):
        return Saying(_("You needn't send anything."), _("Your money is on its way."), nothing)
    return Saying(_("You needn't send anything."), _("We are settling it now."), nothing)


def of_way(rma: Rma, day: Day, nothing: str) -> Saying:
    """It can be handed over: how and by when."""
    by = day(rma.hand_in_by)
    match rma.way:
        case Way.QR:
            return Saying(_("You can send it now."), _("Show the code at the counter by %s; you print nothing.") % by)
        case Way.STORE:
            return Saying(_("You can bring it now."), _("Pack it and bring it to one of our shops by %s.") % by)
        case Way.COUNTER:
            return Saying(_("You can bring it now."), _("Bring it without a box by %s.") % by)
        case Way.PICKUP:
            pickup = pickups.open_one(f"rma:{rma.pk}")
            if pickup is None:
                return Saying(_("Our van met nobody."), _("Choose another time by %s.") % by)
            return Saying(_("Our van picks it up on %s.") % day(pickup.ends_at), _("Have it packed by then."))
        case Way.ARRANGED:
            return Saying(
                _("We are arranging how it travels."),
                _("Leave it where it is, and don't charge it or switch it on. We'll write to you."),
                nothing,
            )
        case _:
            return Saying(_("You can send it now."), _("Print the label and hand the parcel in by %s.") % by)


def how_settled(known: Whole) -> str:
    """How it ended, in a few sentences."""
    parts, currency = [], known.rma.currency
    for method, words in (
        (RefundMethod.ORIGINAL, _("We paid you %(amount)s %(currency)s.")),
        (RefundMethod.CREDIT, _("We gave you a store credit of %(amount)s %(currency)s.")),
    ):
        rows = [row for row in known.refunds if row.method == method and row.status == RefundStatus.PAID]
        if amount := sum((row.amount for row in rows), Decimal(0)):
            parts.append(words % {"amount": amount, "currency": currency})
    for charge in known.charges:
        if charge.purpose != ChargeFor.DEPOSIT:
            continue
        if charge.status == ChargeStatus.RELEASED:
            parts.append(_("You got your deposit back."))
        elif charge.status == ChargeStatus.PAID:
            told = {"kept": charge.kept, "currency": charge.currency, "why": charge.why}
            parts.append(_("We kept %(kept)s %(currency)s of your deposit: %(why)s") % told)
    for line in known.lines:
        if line.exchange is not None:
            parts.append(_("Your replacement is the order %s.") % line.exchange.number)
        elif line.settled_as in {"repair", "refused"}:
            parts.append(_("We sent it back to you."))
        elif line.settled_as == "not_given":
            parts.append(_("We couldn't pay it back."))
    return " ".join(dict.fromkeys(parts)) or _("Nothing is open.")
