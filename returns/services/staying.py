"""Whether a thing comes back or stays, decided by a person against the rules: while somebody has to look at the return anyway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, reasons
from returns.models import Goods, Kind, Outcome, Rma, RmaLine, RmaStatus
from returns.policy import foreseen
from returns.queries import travel
from returns.services import approval
from revlog.accounts.actors import Actor
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word

CHOICES = (Goods.BACK, Goods.KEEP, Goods.DONATE)


class UnableToDecideGoods(DomainError):
    """Whether it comes back is decided already, or must be so."""

    code = "unable_to_decide_goods"


def reasons_against(line: RmaLine, rma: Rma, *, goods: str, by: Actor) -> list[Reason]:
    """Why ``by`` can't decide that; feeds the page."""
    found = []
    if not by.may("returns.override") or not (by.is_operator or rma.seller_id in by.stands_for):
        found.append(Reason("not_allowed", _("Deciding this against the rules needs the right to override them.")))
    if goods not in CHOICES:
        found.append(Reason("goods", _("It comes back, stays, or is given away."), "goods"))
    if rma.status != RmaStatus.REQUESTED:
        told = {"number": rma.number, "status": word(f"rma.{rma.status}")}
        found.append(Reason("wrong_status", _("%(number)s is %(status)s.") % told))
    elif line.goods == Goods.NONE or rma.kind == Kind.TRADE:
        found.append(Reason("nothing", _("Nothing of this line could come back or stay.")))
    elif goods in foreseen.STAY:
        found += _against_staying(line)
    return found


def _against_staying(line: RmaLine) -> list[Reason]:
    if line.wanted in {Outcome.REPAIR, Outcome.ADVANCE}:
        return [Reason("wanted", _("What is repaired, or exchanged in advance, has to come here."), "goods")]
    if line.reason in reasons.MAY_BURN or travel.is_recalled(line.order_line_id):
        return [Reason("must_come", _("It may burn or is recalled, so it has to come back."), "goods")]
    return []


def decide(line: RmaLine, *, goods: str, why: str, by: Actor, at: datetime) -> RmaLine:
    """It comes back, stays or is given away, whatever the rules said; decided once more the same way, nothing happens."""
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        row = rma.lines.select_for_update(no_key=True, of=("self",)).select_related("order_line").get(pk=line.pk)
        if row.goods == goods:
            return row
        found = reasons_against(row, rma, goods=goods, by=by)
        if found and found[0].code == "not_allowed":
            raise NotAllowed(found)
        if not why.strip():
            found.append(Reason("no_reason", _("Say why; colleagues read it."), "why"))
        if found:
            raise UnableToDecideGoods(found)
        was, row.goods = row.goods, goods
        kept = {"was": was, "by": by.reference, "why": " ".join(why.split())[:300]}
        row.decision = {**row.decision, "goods_decided": kept}
        row.save(update_fields=["goods", "decision"])
        fact = facts.GoodsDecided(
            number=rma.number, line=str(row.pk), position=row.position, was=f"goods.{was}", now=f"goods.{goods}"
        )
        approval.say(rma, fact, by=by, at=at)
    return row


def of_line(line: RmaLine) -> Mapping[str, Any]:
    """Who decided it and why; empty where the rules did."""
    found = line.decision.get("goods_decided") or {}
    return found if isinstance(found, Mapping) else {}
