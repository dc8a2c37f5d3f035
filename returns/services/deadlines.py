"""What time brings: payments that weren't made, and things that never came although the new one is out. Each once, whoever looks."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import facts
from returns.models import (
    Charge,
    ChargeFor,
    ChargeStatus,
    Kind,
    Offer,
    OfferStatus,
    Outcome,
    Rma,
    RmaLine,
    RmaStatus,
    UnitStatus,
)
from returns.models.rma import COMING
from returns.queries import accounted
from returns.queries import fraud as reviews
from returns.services import (
    approval,
    awaiting,
    charges,
    closing,
    credits,
    dates,
    exchanges,
    looking,
    offers,
    reminding,
    wishes,
)
from returns.services.fraud import deciding
from returns.services.tradein import buying, quoting
from returns.services.vendors import writing
from revlog.accounts import actors
from revlog.common.errors import DomainError

CLOCK = actors.system("returns.clock")
KEEP_AFTER = timedelta(days=7)
"""How long after its date (and a reminder) a deposit is kept for what hasn't come."""
MOST = 500
log = logging.getLogger(__name__)


def run(*, at: datetime, rma: uuid.UUID | None = None) -> int:
    """Do what is due (of one RMA alone, where it is named); returns how many things were done.

    What fails is logged, and left for the next time and for a person.
    """
    done = 0
    unpaid, late, kept, waiting = _due(at), _late(at), _late(at - KEEP_AFTER), _waiting_for_stock()
    unclosed = accounted.unclosed()
    if rma is not None:
        unclosed = unclosed.filter(pk=rma)
        unpaid, late = unpaid.filter(line__rma=rma), late.filter(pk=rma)
        kept, waiting = kept.filter(pk=rma), waiting.filter(rma=rma)
    todo: list[tuple[Callable[..., object], list[uuid.UUID]]] = [
        (_look, looking.open_ones() if rma is None else []),
        (_unpaid, list(unpaid.values_list("pk", flat=True)[:MOST])),
        (_remind, list(late.values_list("pk", flat=True)[:MOST])),
        (_keep, list(kept.values_list("pk", flat=True)[:MOST])),
        (_lapse, offers.due(at=at) if rma is None else []),
        (awaiting.lift, awaiting.due(at=at) if rma is None else []),
        (reminding.remind, reminding.due(at=at) if rma is None else []),
        (writing.remind, writing.due(at=at) if rma is None else []),
        (quoting.lapse, quoting.due(at=at) if rma is None else []),
        (_never_came, _trades_that_never_came(at) if rma is None else []),
        (buying.release, buying.held_until_now(at=at) if rma is None else []),
        (buying.forget, buying.to_forget(at=at) if rma is None else []),
        (credits.lapse, credits.over(at=at, rma=rma)),
        (dates.say, dates.to_say(at=at, rma=rma)),
        (_close, list(unclosed.values_list("pk", flat=True)[:MOST])),
        (deciding.lapse, reviews.to_be_paid(at=at, rma=rma)),
        (deciding.finish, reviews.not_objected(at=at, rma=rma)),
        (_stock, list(waiting.values_list("rma", flat=True).distinct()[:MOST])),
    ]
    for act, rows in todo:
        for pk in rows:
            try:
                done += bool(act(pk, at=at))
            except (DomainError, OSError):
                log.exception("returns: what is due could not be done (%s %s)", act.__name__, pk)
    return done


def _look(pk: uuid.UUID, *, at: datetime) -> bool:
    """What a provider may have told us in vain."""
    row = looking.look(pk, at=at)
    return row is not None and row.status != ChargeStatus.ASKED


# Payments that weren't made ---------------------------------------------------------------------------------------------------------


def _due(at: datetime) -> QuerySet[Charge]:
    return Charge.objects.filter(status=ChargeStatus.ASKED, due_by__lt=at).order_by("due_by")


def _unpaid(pk: uuid.UUID, *, at: datetime) -> bool:
    """Not paid by its date: money instead of the dearer thing, an ordinary exchange instead of one in advance, no repair."""
    looked = looking.look(pk, at=at)
    if looked is None or looked.status != ChargeStatus.ASKED:
        return looked is not None
    with transaction.atomic():
        rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(charges=pk))
        charge = Charge.objects.select_related("line__order_line__order").get(pk=pk)
        line = charge.line
        if charge.status != ChargeStatus.ASKED or line.settled_at is not None:
            return False
        why = _("It wasn't paid by its date.")
        if charge.purpose == ChargeFor.DEPOSIT:
            wishes.change_locked(line, rma, wanted=Outcome.EXCHANGE.value, why=why, by=CLOCK, at=at)
        elif charge.purpose == ChargeFor.DIFFERENCE and line.exchange_id is None:
            wishes.change_locked(line, rma, wanted=wishes.money_back(rma).value, why=why, by=CLOCK, at=at)
        else:
            charges.drop(charge, why=why, by=CLOCK, at=at)
    return True


# Offers that nobody answered ----------------------------------------------------------------------------------------------------------


def _lapse(pk: uuid.UUID, *, at: datetime) -> bool:
    return offers.lapse(Offer.objects.get(pk=pk), at=at).status == OfferStatus.LAPSED


# Trade-ins that nobody handed in ------------------------------------------------------------------------------------------------------


def _trades_that_never_came(at: datetime) -> list[uuid.UUID]:
    """Nobody handed it in by its day: the sum isn't promised any more. What is with a carrier is waited for."""
    rows = Rma.objects.filter(kind=Kind.TRADE, status=RmaStatus.APPROVED, hand_in_by__lt=at)
    return list(rows.values_list("pk", flat=True)[:MOST])


def _never_came(pk: uuid.UUID, *, at: datetime) -> bool:
    closing.give_up(Rma.objects.get(pk=pk), by=CLOCK, at=at)
    return True


# The new one is out, the old one never came -----------------------------------------------------------------------------------------


def _late(at: datetime) -> QuerySet[Rma]:
    """RMAs of which a new thing was sent, and the old one hasn't come by its date."""
    return Rma.objects.filter(
        status__in=[status.value for status in COMING],
        hand_in_by__lt=at,
        lines__wanted=Outcome.ADVANCE,
        lines__exchange__isnull=False,
        lines__units__status=UnitStatus.EXPECTED,
    ).distinct()


def _remind(pk: uuid.UUID, *, at: datetime) -> bool:
    with transaction.atomic():
        rma = approval.lock(pk)
        if rma.hand_in_by is None or rma.reminded_at is not None:
            return False
        rma.reminded_at = at
        rma.save(update_fields=["reminded_at"])
        approval.say(
            rma,
            facts.HandInReminded(number=rma.number, keep_from=(rma.hand_in_by + KEEP_AFTER).isoformat()),
            by=CLOCK,
            at=at,
        )
    return True


def _keep(pk: uuid.UUID, *, at: datetime) -> bool:
    """What hasn't come is given up, and with it the deposit is kept; never before the customer was reminded."""
    rma = Rma.objects.get(pk=pk)
    if rma.reminded_at is None or at - rma.reminded_at < KEEP_AFTER:
        return False
    closing.give_up(rma, by=CLOCK, at=at)
    return True


# Closing ----------------------------------------------------------------------------------------------------------------------------


def _close(pk: uuid.UUID, *, at: datetime) -> bool:
    """What kept a settled return open may be over."""
    return not closing.settle_again(pk, by=CLOCK, at=at).is_open


# Stock ------------------------------------------------------------------------------------------------------------------------------


def _waiting_for_stock() -> QuerySet[RmaLine]:
    return RmaLine.objects.filter(
        wanted__in=[Outcome.EXCHANGE, Outcome.ADVANCE],
        new_variant__isnull=False,
        exchange=None,
        settled_at=None,
        rma__status__in=[status.value for status in COMING],
    )


def _stock(rma: uuid.UUID, *, at: datetime) -> bool:
    """Something that was out of stock may be there again."""
    row = Rma.objects.get(pk=rma)
    before = row.lines.filter(exchange__isnull=False).count()
    closing.settle_again(rma, by=exchanges.RULES, at=at)
    return row.lines.filter(exchange__isnull=False).count() > before
