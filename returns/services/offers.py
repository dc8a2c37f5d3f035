"""Offers: what a customer is asked for one unit, with a day until when. While one is open the unit waits, and nothing can be undone to it.

Less money instead of a deduction that we make by ourselves; what a repair would cost; what we can do when a repair can't be had. Nobody
who makes an offer answers it, and who gives no answer gets the thing back: that path takes nothing from anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import deductions, facts
from returns.deductions import Proposal
from returns.models import (
    Appeal,
    AppealStatus,
    Kind,
    Offer,
    OfferKind,
    OfferStatus,
    Outcome,
    Rma,
    RmaLine,
    RmaUnit,
    UnitStatus,
)
from returns.services import accepting, approval, deducting, owing
from returns.services import found as looks
from returns.services.tradein import truing
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.journey import ON_HAND, Disposition, State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing

OFFERS = actors.system("returns.offers")
ACCEPTED_BY: Mapping[str, tuple[str, ...]] = {
    OfferKind.REDUCTION.value: ("",),
    OfferKind.REPAIR.value: ("",),
    OfferKind.INSTEAD.value: (Outcome.REFUND.value, Outcome.EXCHANGE.value),
}
"""What there is to choose from when an offer is accepted."""
DECLINED_BY: Mapping[str, tuple[str, ...]] = {
    OfferKind.REDUCTION.value: ("send_back", "appeal"),
    OfferKind.REPAIR.value: ("send_back", "give_up"),
    OfferKind.INSTEAD.value: ("send_back",),
}
LAPSED_BY = "send_back"
"""What happens when nobody answers, whatever was offered; the offer says so."""
MOST_LINES = 20


class UnableToOffer(DomainError):
    """This can't be offered, answered or withdrawn, not any more, or not by this person."""

    code = "unable_to_offer"


# Making -----------------------------------------------------------------------------------------------------------------------------


def reasons_against_making(unit: RmaUnit, device: Device, kind: str) -> list[Reason]:
    """Why nothing of that kind can be offered for the unit now."""
    found = []
    if unit.status != UnitStatus.RECEIVED:
        found.append(
            Reason(
                "wrong_status",
                _("%(tag)s is %(status)s.") % {"tag": device.tag, "status": word(f"rma_unit.{unit.status}")},
            )
        )
    elif State(device.state) not in ON_HAND:
        found.append(Reason("not_here", _("%s is not with us.") % device.tag))
    if Offer.objects.filter(unit=unit, status=OfferStatus.OPEN).exists():
        found.append(Reason("open_offer", _("The customer has an offer for %s already.") % device.tag))
    if Appeal.objects.filter(unit=unit, status=AppealStatus.OPEN).exists():
        found.append(Reason("open_appeal", _("An appeal about %s is open.") % device.tag))
    if device.holds:
        kinds = ", ".join(word(f"hold.{each}") for each in device.holds)
        found.append(Reason("on_hold", _("%(tag)s is on hold (%(holds)s).") % {"tag": device.tag, "holds": kinds}))
    found += looks.reasons_against_deciding(device, unit)
    repair = unit.line.wanted == Outcome.REPAIR
    if kind == OfferKind.REDUCTION and unit.line.wanted not in owing.PAID_BACK:
        found.append(Reason("wrong_kind", _("Less money can be offered only where money is paid back.")))
    if kind in {OfferKind.REPAIR, OfferKind.INSTEAD} and not repair:
        found.append(Reason("wrong_kind", _("A repair can be quoted only where one was asked for.")))
    return found


def make(
    unit: RmaUnit,
    *,
    kind: OfferKind | str,
    amount: Decimal,
    lines: Sequence[Mapping[str, Any]] = (),
    words: str = "",
    by: Actor,
    at: datetime,
) -> Offer:
    """Ask the customer. ``amount`` is what they get (less money, money instead of a repair) or what a repair costs them.

    ``lines`` say what it is made of, each ``{"what", "amount", "rule"}``. The unit waits under a hold until it is answered.
    """
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Making offers needs the right to settle returns.")))
    kind = OfferKind(kind)
    if unit.device_id is None:
        raise UnableToOffer(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        found = reasons_against_making(row, device, kind)
        if found := [*found, *_wrong(row, kind, amount, lines, words)]:
            raise UnableToOffer(found)
        rules = deducting.rules_for(row, at=at)
        days = deductions.days(rules, "offer_days" if kind == OfferKind.REDUCTION else "repair_days")
        if rma.kind == Kind.TRADE:
            days = truing.answer_days(row, at=at) or days
        offer = Offer(
            id=ids.new(at),
            unit=row,
            kind=kind.value,
            amount=amount,
            currency=row.line.currency,
            lines=[dict(line) for line in lines],
            words=words.strip()[:1000],
            made_by=by.reference,
            made_at=at,
            answer_by=rma.hub.calendar.after_days(at, days),
        )
        moves.note(
            device,
            fact=facts.OfferMade(
                rma=str(rma.pk),
                line=str(row.line_id),
                offer=str(offer.pk),
                offer_kind=f"offer.{kind.value}",
                amount=str(amount),
                currency=offer.currency,
                answer_by=offer.answer_by.isoformat(),
            ),
            by=by,
            at=at,
        )
        told = {"number": rma.number, "day": rma.hub.calendar.local(offer.answer_by).strftime("%d %b %Y")}
        asked = _("%(number)s: its customer has an offer to answer until %(day)s") % told
        offer.hold = hold_for_owner(device, reason=asked, by=OFFERS, at=at)
        standing.wait(device, "customer", asked=word(f"offer.{kind.value}"), due=offer.answer_by, by=OFFERS, at=at)
        if device.authority:
            standing.withdraw_authority(device, reason="offer", by=OFFERS, at=at)
        offer.save(force_insert=True)
    return offer


def _wrong(unit: RmaUnit, kind: str, amount: Decimal, lines: Sequence[Mapping[str, Any]], words: str) -> list[Reason]:
    worth = owing.worth(unit)
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        return [Reason("amount", _("An offer is an amount like 12.50."), "amount")]
    if kind == OfferKind.REDUCTION and amount >= worth:
        return [Reason("amount", _("That is not less than what is paid for it as sold."), "amount")]
    if kind == OfferKind.INSTEAD and amount > worth:
        return [Reason("amount", _("No more can be offered than was paid."), "amount")]
    if len(lines) > MOST_LINES:
        return [Reason("lines", _("An offer has at most %s lines.") % MOST_LINES, "lines")]
    if not words.strip() and not lines:
        return [Reason("no_reason", _("Say why; the customer reads it."), "words")]
    return []


def hold_for_owner(device: Device, *, reason: str, by: Actor, at: datetime) -> Any:  # noqa: ANN401 - a Hold
    """Nothing irreversible until the owner has answered. It is the platform's own hold: no person releases it before."""
    return standing.hold(device, HoldKind.AWAITING_OWNER, reason=reason, by=by, at=at)


def ask_instead_of_deducting(unit: RmaUnit, proposal: Proposal, *, at: datetime) -> Offer:
    """By rule, where so much would be deducted that the customer is asked first."""
    return make(
        unit,
        kind=OfferKind.REDUCTION,
        amount=owing.worth(unit) - proposal.total,
        lines=[{"what": row["why"], "amount": row["amount"], "rule": row["rule"]} for row in proposal.rows],
        by=OFFERS,
        at=at,
    )


def take_back(device: Device, *, at: datetime) -> RmaUnit | Offer | None:
    """Once it is graded and nothing stands against it: accepted by rule, or asked about first where much would be deducted."""
    unit = accepting.ready_by_rule(device)
    if unit is None:
        return None
    truing.keep_found(unit, device)
    if unit.line.wanted in owing.PAID_BACK and not accepting.money_was_promised(unit):
        proposal = deducting.propose(unit, device, at=at)
        if proposal.ask:
            return ask_instead_of_deducting(unit, proposal, at=at)
    return accepting.accept_as_sold(device, at=at)


# Answering --------------------------------------------------------------------------------------------------------------------------


def reasons_against_answering(offer: Offer, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't answer it: the customer may, and for them whoever is at the telephone, but never who made it."""
    found = []
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and by.kind != ActorKind.SYSTEM and not by.may("returns.appeal") and not by.may("returns.settle"):
        found.append(Reason("not_allowed", _("Only the customer answers an offer.")))
    if offer.status != OfferStatus.OPEN:
        found.append(Reason("answered", _("This offer is %s.") % word(f"offer.{offer.status}")))
    if by.reference == offer.made_by and by.kind != ActorKind.SYSTEM:
        found.append(Reason("own_offer", _("Nobody answers an offer that they made; another person must.")))
    return found


def answer(offer: Offer, *, accept: bool, path: str = "", words: str = "", by: Actor, at: datetime) -> Offer:
    """The customer's answer. Accepted, it is done; declined, it goes the way they choose.

    ``path`` is one of ``ACCEPTED_BY`` or ``DECLINED_BY``; ``words`` are the customer's own, where they appeal.
    """
    from returns.services import appeals  # noqa: PLC0415 - an appeal may come of an offer, and an offer stands against an appeal

    paths = (ACCEPTED_BY if accept else DECLINED_BY)[offer.kind]
    if path not in paths:
        raise BadInput(Reason("path", _("Choose what is to happen then."), "path"))
    with transaction.atomic():
        device, rma, unit, row = _locked(offer)
        if found := reasons_against_answering(row, rma, by=by):
            raise UnableToOffer(found)
        status = OfferStatus.ACCEPTED if accept else OfferStatus.DECLINED
        _end(row, device, rma, status=status, path=path, by=by, at=at)
        if accept:
            _accepted(row, unit, device, rma, path=path, at=at)
        elif path == "appeal":
            appeals.open_appeal(unit, words=words, by=by, at=at)
        else:
            _declined(unit, device, rma, path=path, why=_("You declined our offer."), by=by, at=at)
    return row


def _locked(offer: Offer) -> tuple[Device, Rma, RmaUnit, Offer]:
    unit = RmaUnit.objects.select_related("line").get(pk=offer.unit_id)
    if unit.device_id is None:
        raise UnableToOffer(Reason("no_device", _("Nothing was received for this line yet.")))
    device = moves.take_one(unit.device_id)
    rma = approval.lock(unit.line.rma_id)
    row = owing.lock_unit(unit.pk)
    found = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("hold").get(pk=offer.pk)
    found.unit = row
    return device, rma, row, found


def _end(
    offer: Offer, device: Device, rma: Rma, *, status: OfferStatus, path: str, by: Actor, at: datetime, why: str = ""
) -> None:
    """Write down how a locked offer ended, and let its unit go on: the hold ends, and the clock is ours again."""
    offer.status, offer.path = status, path
    offer.answered_at, offer.answered_by = at, by.reference
    offer.save(update_fields=["status", "path", "answered_at", "answered_by"])
    fact = {
        OfferStatus.ACCEPTED: facts.OfferAccepted,
        OfferStatus.DECLINED: facts.OfferDeclined,
        OfferStatus.LAPSED: facts.OfferLapsed,
        OfferStatus.WITHDRAWN: facts.OfferWithdrawn,
    }[status]
    moves.note(
        device,
        fact=fact(
            rma=str(rma.pk),
            line=str(offer.unit.line_id),
            offer=str(offer.pk),
            offer_kind=f"offer.{offer.kind}",
            amount=str(offer.amount),
            currency=offer.currency,
            path=f"offer_path.{path}" if path else None,
            why=why or None,
        ),
        by=by,
        at=at,
    )
    if offer.hold is not None and offer.hold.released_at is None:
        standing.release(device, offer.hold, reason=word(f"offer.{status.value}"), by=OFFERS, at=at)
    standing.wait_over(device, by=OFFERS, at=at)


def _accepted(offer: Offer, unit: RmaUnit, device: Device, rma: Rma, *, path: str, at: datetime) -> None:
    if offer.kind == OfferKind.REPAIR:
        from returns.services import repairing  # noqa: PLC0415 - a repair begins with the answer to an offer

        repairing.agreed(offer, unit, device, rma, at=at)
        return
    if offer.kind == OfferKind.INSTEAD:
        line = RmaLine.objects.get(pk=unit.line_id)
        line.wanted = path
        line.save(update_fields=["wanted"])
        unit.line.wanted = path
    less = owing.worth(unit) - offer.amount if unit.line.wanted in owing.PAID_BACK else Decimal(0)
    parts = [{"amount": one["amount"], "why": one["what"], "rule": one["rule"]} for one in offer.lines if "rule" in one]
    if sum((Decimal(str(one["amount"])) for one in parts), Decimal(0)) != less:
        parts = deductions.by_person(less, offer.words or _("As you agreed."), rule=deductions.BY_CONSENT)
    accepting.accept(
        unit,
        moment="consent",
        deduction=less,
        why=" ".join(str(one["why"]) for one in parts),
        deductions=parts,
        by=accepting.RULES,
        at=at,
    )


def _declined(unit: RmaUnit, device: Device, rma: Rma, *, path: str, why: str, by: Actor, at: datetime) -> None:
    if path == "give_up":
        from returns.services import repairing  # noqa: PLC0415 - only who asked for a repair gives up the thing

        repairing.given_up(unit, device, rma, by=by, at=at)
        return
    send_back_to_customer(unit, device, rma, why=why, by=by, at=at)


def send_back_to_customer(unit: RmaUnit, device: Device, rma: Rma, *, why: str, by: Actor, at: datetime) -> None:
    """A locked unit goes back to its customer as it is: theirs all the time."""
    moves.advance(
        device,
        moves.TO_RETURN,
        fact=facts.ToBeSentBack(rma=str(rma.pk), line=str(unit.line_id)),
        by=by,
        at=at,
        set={"disposition": Disposition.RETURN_TO_OWNER.value, "stops_done": 0, "authority": ""},
    )
    unit.status, unit.settled_by, unit.settled_why = UnitStatus.REFUSED, by.reference, why[:300]
    unit.save(update_fields=["status", "settled_by", "settled_why"])


# Withdrawing, and no answer ---------------------------------------------------------------------------------------------------------


def withdraw(offer: Offer, *, reason: str, by: Actor, at: datetime) -> Offer:
    """Take an offer back before it is answered, with the reason that the customer reads; a person decides what comes next."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Withdrawing offers needs the right to settle returns.")))
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why; the customer reads it."), "reason"))
    with transaction.atomic():
        device, rma, _unit, row = _locked(offer)
        if row.status != OfferStatus.OPEN:
            raise UnableToOffer(Reason("answered", _("This offer is %s.") % word(f"offer.{row.status}")))
        _end(row, device, rma, status=OfferStatus.WITHDRAWN, path="", why=reason.strip()[:300], by=by, at=at)
    return row


def lapse(offer: Offer, *, at: datetime) -> Offer:
    """Nobody answered by its day: it goes back to the customer. Said again, nothing happens."""
    with transaction.atomic():
        device, rma, unit, row = _locked(offer)
        if row.status != OfferStatus.OPEN or at < row.answer_by:
            return row
        _end(row, device, rma, status=OfferStatus.LAPSED, path=LAPSED_BY, by=OFFERS, at=at)
        _declined(unit, device, rma, path=LAPSED_BY, why=_("We had no answer from you."), by=OFFERS, at=at)
    return row


def due(*, at: datetime) -> list[uuid.UUID]:
    """Offers whose day is over and that nobody answered."""
    rows = Offer.objects.filter(status=OfferStatus.OPEN, answer_by__lte=at).order_by("answer_by")
    return list(rows.values_list("pk", flat=True)[:500])
