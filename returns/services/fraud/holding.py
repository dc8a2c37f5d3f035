"""Whether money of a return waits until somebody has looked. Asked by whoever would let money, or another thing, go."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext as _

from returns.facts import fraud as facts
from returns.models import Review, ReviewStatus
from revlog.common.errors import Reason
from revlog.custody.facts import Fact

DENIED = Q(status=ReviewStatus.CONFIRMED) | Q(status=ReviewStatus.OPEN, objected_at=F("opened_at"))
"""Fraud was confirmed, and nobody has decided otherwise since: an objection is looked at, and until then changes nothing."""


def hold_of(rma: uuid.UUID, *, denied: bool = False) -> Review | None:
    """The review for which money of this RMA is held; None lets it go.

    With ``denied`` also one by which it is denied: so asks who would give something for a thing that doesn't come back.
    """
    wanted = Q(held=True) | DENIED if denied else Q(held=True)
    return Review.objects.filter(wanted, rma=rma).first()


def is_denied(rma: uuid.UUID) -> bool:
    """Whether nothing is given for this RMA before a thing of it was here and is accepted."""
    return Review.objects.filter(DENIED, rma=rma).exists()


def held(review: Review, *, refund: uuid.UUID, line: uuid.UUID, tag: str, amount: str, currency: str) -> Fact:
    """That a refund waits for the review."""
    return facts.RefundHeld(
        refund=str(refund), line=str(line), tag=tag, amount=amount, currency=currency, decide_by=until(review)
    )


def until(review: Review) -> str:
    return review.decide_by.isoformat() if review.decide_by else ""


def last_day(moment: datetime | None, pay_by: datetime | None) -> datetime | None:
    """By when a person decides: never later than the law wants the money paid."""
    return min(moment, pay_by) if moment and pay_by else moment or pay_by


def reasons_against_paying(rma: uuid.UUID) -> list[Reason]:
    if hold_of(rma) is None:
        return []
    return [Reason("held", _("Somebody has to look at this return closely before money is paid."))]
