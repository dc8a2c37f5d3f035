"""A change of mind before anything was given: money instead of the thing that isn't there, say."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import (
    AppealStatus,
    ChargeStatus,
    Goods,
    OfferStatus,
    Outcome,
    RefundStatus,
    Rma,
    RmaLine,
    RmaStatus,
    UnitStatus,
)
from returns.services import approval, charges, closing, owing
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word

RULES = actors.system("returns.rules")
CHANGEABLE = (Outcome.REFUND, Outcome.CREDIT, Outcome.EXCHANGE)
"""What a wish may be changed to afterwards: an exchange is then for the same again."""


class UnableToChange(DomainError):
    """Another wish isn't possible (any more), or isn't offered for this line."""

    code = "unable_to_change"


def money_back(rma: Rma) -> Outcome:
    """What there is instead of a thing that can't be had: money, and for who got it as a gift store credit."""
    return Outcome.CREDIT if rma.gift else Outcome.REFUND


def offered(line: RmaLine, rma: Rma) -> list[Outcome]:
    """What the customer may have instead: what the rules offered for it, and money where the new thing can't be had."""
    rules = line.decision.get("outcome", {}).get("outcomes", [])
    found = [one for one in CHANGEABLE if one != line.wanted and one in rules]
    if line.new_variant_id is not None and (back := money_back(rma)) not in found and line.wanted != back:
        found.insert(0, back)
    return [one for one in found if not (rma.gift and one == Outcome.REFUND)]


def reasons_against_changing(line: RmaLine, rma: Rma, *, wanted: str, by: Actor) -> list[Reason]:
    """Why ``by`` can't change the wish of a line to ``wanted``; feeds the page."""
    found = []
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    staff = by.kind == ActorKind.SYSTEM or by.may("returns.settle") or by.may("returns.approve")
    if not own and not staff:
        found.append(Reason("not_allowed", _("Changing a wish needs the right to settle or approve returns.")))
    if line.settled_at is not None or not rma.is_open:
        found.append(
            Reason(
                "wrong_status",
                _("%(number)s is %(status)s.") % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        )
    elif line.exchange_id is not None:
        found.append(Reason("ordered", _("The other thing is ordered already.")))
    elif line.refunds.exclude(status=RefundStatus.REJECTED).exists():
        found.append(Reason("paid", _("What you get for it is on its way already.")))
    elif line.charges.filter(status__in=[ChargeStatus.PAID, ChargeStatus.KEEPING]).exists():
        found.append(Reason("charged", _("It was paid for already; write to us.")))
    elif line.units.filter(offers__status=OfferStatus.OPEN).exists():
        found.append(Reason("open_offer", _("Answer our offer first.")))
    elif line.units.filter(appeals__status=AppealStatus.OPEN).exists():
        found.append(Reason("open_appeal", _("Somebody is looking at it again already.")))
    elif rma.gift and wanted == Outcome.REFUND:
        found.append(Reason("gift", _("A gift brings store credit or another thing, not the buyer's money."), "wanted"))
    elif wanted not in (CHANGEABLE if staff else offered(line, rma)):
        found.append(Reason("wanted", _("This isn't offered for it."), "wanted"))
    return found


def change(line: RmaLine, *, wanted: str, why: str = "", by: Actor, at: datetime) -> RmaLine:
    """Another wish for a line: what was asked for the old one isn't any more, and what is due for the new one is due."""
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        row = rma.lines.select_for_update(no_key=True, of=("self",)).select_related("order_line__order").get(pk=line.pk)
        if row.wanted == wanted and row.new_variant_id is None:
            return row
        if found := reasons_against_changing(row, rma, wanted=wanted, by=by):
            if found[0].code == "not_allowed":
                raise NotAllowed(found)
            raise UnableToChange(found)
        return change_locked(row, rma, wanted=wanted, why=why, by=by, at=at)


def change_locked(line: RmaLine, rma: Rma, *, wanted: str, why: str, by: Actor, at: datetime) -> RmaLine:
    was = line.wanted
    for charge in line.charges.filter(status__in=[ChargeStatus.ASKED, ChargeStatus.HELD]):
        if charge.status == ChargeStatus.ASKED:
            charges.drop(charge, why=_("Another wish."), at=at)
        else:
            charges.decide(charge, keep=charge.amount * 0, why=_("Another wish."), at=at)
    line.wanted, line.new_variant, line.new_price = wanted, None, None
    line.save(update_fields=["wanted", "new_variant", "new_price"])
    approval.say(
        rma,
        facts.WishChanged(
            line=str(line.pk),
            position=line.position,
            was=f"wanted.{was}",
            now=f"wanted.{wanted}",
            why=why.strip()[:300] or None,
        ),
        by=by,
        at=at,
    )
    if rma.status != RmaStatus.REQUESTED and wanted in owing.PAID_BACK:
        for unit in line.units.filter(status__in=[UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF]).select_related(
            "line", "device"
        ):
            owing.due_for(unit, rma, at=at)
        if line.goods in {Goods.KEEP, Goods.NONE} or line.given_away_at is not None:
            owing.due_for_line(line, rma, at=at)
    closing.settle(rma, by=RULES, at=at)
    return line
