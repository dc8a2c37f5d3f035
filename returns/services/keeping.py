"""What needn't come back: it stays with the customer, is given away by them, or never arrived. What is due for it is due at once."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Charge, ChargeStatus, Goods, Rma, RmaLine
from returns.models.rma import COMING
from returns.services import approval, charges, closing, owing
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

RULES = actors.system("returns.rules")


class UnableToConfirm(DomainError):
    """This line isn't one to be given away, or it was said already that it was, or it is too late."""

    code = "unable_to_confirm"


def begin(rma: uuid.UUID, *, at: datetime) -> Rma:
    """Upon approval: money or credit for what stays, another thing for what never arrived, the deposit where the new one goes first.

    What is to be given away waits for the customer to say that they did. Done again, nothing happens.
    """
    with transaction.atomic():
        row = approval.lock(rma)
        if row.status not in {status.value for status in COMING}:
            return row
        for line in row.lines.filter(settled_at=None).select_related("order_line"):
            if line.goods not in {Goods.BACK, Goods.DONATE} and line.wanted in owing.PAID_BACK:
                owing.due_for_line(line, row, at=at)
        closing.settle(row, by=RULES, at=at)
    return row


def reasons_against_confirming(line: RmaLine, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't say that the line's thing was given away."""
    found = []
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.approve") and not (by.may("returns.open") and rma.seller_id in by.stands_for):
        found.append(Reason("not_allowed", _("Only who has it can say that they gave it away.")))
    if rma.status not in {status.value for status in COMING} or line.settled_at is not None:
        status = word(f"rma.{rma.status}")
        found.append(Reason("wrong_status", _("%(number)s is %(status)s.") % {"number": rma.number, "status": status}))
    elif line.goods != Goods.DONATE:
        found.append(Reason("not_to_give_away", _("This isn't to be given away.")))
    return found


def give_away(line: RmaLine, *, photo: str = "", by: Actor, at: datetime) -> RmaLine:
    """The customer says that they gave it away: what they get for it is due. Said again, nothing happens.

    ``photo`` is the digest of a receipt that they show; nobody asks for one.
    """
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        row = rma.lines.select_for_update(no_key=True, of=("self",)).select_related("order_line").get(pk=line.pk)
        if found := reasons_against_confirming(row, rma, by=by):
            if found[0].code == "not_allowed":
                raise NotAllowed(found)
            if row.given_away_at is not None:
                return row
            raise UnableToConfirm(found)
        if row.given_away_at is not None:
            return row
        row.given_away_at = at
        row.save(update_fields=["given_away_at"])
        approval.say(
            rma, facts.GivenAway(line=str(row.pk), position=row.position), by=by, at=at, key=f"given_away:{row.pk}"
        )
        for receipt in Artifact.objects.filter(digest=photo) if photo else ():
            artifacts.attach(receipt, chain=rma.pk, use="photo_receipt", audience="customer", by=by, at=at)
        if row.wanted in owing.PAID_BACK:
            owing.due_for_line(row, rma, at=at)
        closing.settle(rma, by=RULES, at=at)
    return row


def forget_charges(rma: uuid.UUID, *, at: datetime) -> None:
    """A return that was called off, refused or never came asks for no money, and gives back what it holds."""
    for charge in Charge.objects.filter(line__rma=rma, status__in=[ChargeStatus.ASKED, ChargeStatus.HELD]):
        if charge.status == ChargeStatus.ASKED:
            charges.drop(charge, why=_("The return has ended."), at=at)
        else:
            charges.decide(charge, keep=charge.amount * 0, why=_("The return has ended."), at=at)
