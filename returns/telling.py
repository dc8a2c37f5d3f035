"""What is told of a return: its story and where it stands, in the words of each audience."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from returns import sayings
from returns.models import (
    AppealStatus,
    ChargeFor,
    ChargeStatus,
    OfferStatus,
    RefundStatus,
    Rma,
    RmaStatus,
    RmaUnit,
    UnitStatus,
)
from returns.queries import whole
from returns.queries.whole import Whole
from returns.sayings import Saying
from returns.sayings import tradein as tradein_sayings
from revlog.common.words import Audience
from revlog.custody.models import Entry

SAID_BY_THE_RETURN = ("devices.announced", "devices.not_received")
"""Of units, what their return says better itself."""

SAID_BY_ITS_OFFER = ("devices.held", "devices.hold_released", "devices.wait_begun", "devices.wait_ended")
"""What an offer or appeal brings with it, and says better itself."""


@dataclass(frozen=True)
class Told:
    """One line of an RMA's story as an audience reads it; ``unit`` is the tag of the unit it was said of."""

    entry: Entry
    sentence: str
    unit: str = ""


def story(rma: Rma, audience: Audience) -> list[Told]:
    """What happened to the return and, while they are part of it, to its units: oldest first, in the words of ``audience``.

    Of a unit a reader is told from its announcement or arrival for this return up to where it was settled: what we do with it
    afterwards is another story. Staff read what is said of units on the units' own pages, and here only what concerns the return.
    """
    entries = [(entry, "") for entry in Entry.objects.filter(chain_id=rma.pk).order_by("sequence")]
    units = RmaUnit.objects.filter(line__rma=rma, device__isnull=False).select_related("device", "line")
    for unit in units:
        device = unit.device
        if device is None:
            continue
        rows = (
            Entry.objects.filter(chain_id=device.pk, occurred_at__gte=unit.received_at or rma.opened_at)
            .exclude(kind__in=SAID_BY_THE_RETURN)
            .exclude(kind__in=SAID_BY_ITS_OFFER, actor__startswith="system:returns.")
            .order_by("sequence")
        )
        if unit.settled_at is not None:
            rows = rows.filter(occurred_at__lte=unit.settled_at)
        entries += [(entry, device.tag) for entry in rows]
    found = [Told(entry, told, tag) for entry, tag in entries if (told := entry.told_to(audience)) is not None]
    return sorted(found, key=lambda one: (one.entry.occurred_at, one.entry.pk))  # of one moment, as they were written


def saying(rma: Rma, *, day: object = None) -> Saying:
    """Where the return stands, for its customer. ``day`` formats a moment as the reader writes it."""
    show = day if callable(day) else _plain_day
    nothing = _("There is nothing for you to do.")
    known = whole.of(rma)
    if (
        rma.status in {RmaStatus.ARRIVED, RmaStatus.CLOSED}
        and (asked := _saying_of_talks(known, show, nothing)) is not None
    ):
        return asked
    if (traded := tradein_sayings.of_trade(rma, show, nothing)) is not None:
        return traded
    if (looked := sayings.of_closer_look(known, show, nothing)) is not None:
        return looked
    match rma.status:
        case RmaStatus.REQUESTED:
            by = rma.hub.calendar.after_hours(rma.opened_at, 16)
            return Saying(_("We are looking at your return."), _("We'll answer by %s.") % show(by), nothing)
        case RmaStatus.APPROVED:
            return sayings.of_approved(known, show, nothing)
        case RmaStatus.HANDED_OVER:
            return Saying(_("Your parcel is on its way to us."), _("We'll write when it is here."), nothing)
        case RmaStatus.ARRIVED:
            return _saying_of_arrived(known, show, nothing)
        case RmaStatus.CLOSED:
            return Saying(_("Everything is settled."), sayings.how_settled(known), nothing)
        case RmaStatus.REFUSED:
            return Saying(_("We can't take it back."), rma.decided_why, nothing)
        case RmaStatus.CANCELLED:
            return Saying(_("You called this return off."), _("You can announce it again."), nothing)
        case _:
            return Saying(
                _("Nothing reached us in time, so we closed the return."), _("Write to us if you have sent it."), ""
            )


def _by_wish(units: Sequence[RmaUnit]) -> bool:
    """Whether what goes back does so because its customer wants it back, or gave no answer; nothing of it was refused."""
    back = [unit for unit in units if unit.status == UnitStatus.REFUSED]
    ends = {OfferStatus.DECLINED, OfferStatus.LAPSED}
    return all(any(one.status in ends and one.path == "send_back" for one in unit.offers.all()) for unit in back)


def _saying_of_talks(known: Whole, show: Callable[..., str], nothing: str) -> Saying | None:
    """What an open offer or appeal makes of it: it goes before everything else."""
    if asked := [one.answer_by for one in known.offers if one.status == OfferStatus.OPEN]:
        return Saying(_("We need your answer."), _("Answer by %s.") % show(min(asked)))
    if again := [one.decide_by for one in known.appeals if one.status == AppealStatus.OPEN]:
        return Saying(_("Somebody else is looking at it again."), _("We'll answer by %s.") % show(min(again)), nothing)
    if known.rma.status == RmaStatus.ARRIVED:
        for owed in known.charges:
            if owed.purpose == ChargeFor.REPAIR and owed.status == ChargeStatus.ASKED:
                told = {"amount": owed.amount, "currency": owed.currency}
                return Saying(
                    _("It waits for your payment."),
                    _("We begin the repair once %(amount)s %(currency)s are paid.") % told,
                )
    return None


def _plain_day(moment: datetime | None) -> str:
    return (moment - timedelta(seconds=1)).strftime("%Y-%m-%d") if moment else "—"


def _saying_of_arrived(known: Whole, show: object, nothing: str) -> Saying:
    rma, units = known.rma, known.units
    statuses = {unit.status for unit in units}
    day = show if callable(show) else _plain_day
    waiting = [unit for unit in units if unit.status == UnitStatus.EXPECTED]
    if known.troubles:
        return Saying(
            _("Something isn't as announced, and we need to look closer."),
            _("We'll write by %s.") % day(known.troubles[0].due_at),
            nothing,
        )
    if UnitStatus.REFUSED in statuses and _by_wish(units):
        return Saying(_("We'll send it back to you as it is."), _("We'll write when it is on its way."), nothing)
    if UnitStatus.REFUSED in statuses:
        return Saying(
            _("We can't take it back, and will send it to you."), _("We'll write when it is on its way."), nothing
        )
    if (asked := sayings.of_payment(known, day)) is not None:
        return asked
    if any(row.status == RefundStatus.DUE for row in known.refunds):
        return Saying(_("Your money is on its way."), _("It takes up to three bank days."), nothing)
    if waiting and len(waiting) < len(units):
        left = ", ".join(unit.line.order_line.description for unit in waiting)
        return Saying(_("We have part of it."), _("Still on its way: %s.") % left, "")
    if waiting:
        return Saying(_("Your parcel arrived."), _("We'll unpack it by %s.") % day(rma.check_by), nothing)
    if UnitStatus.RECEIVED in statuses:
        repair = all(unit.line.wanted == "repair" for unit in units if unit.status == UnitStatus.RECEIVED)
        if repair:
            return Saying(
                _("We have it, and are repairing it."), _("We'll write when it is on its way to you."), nothing
            )
        return Saying(_("We have it."), _("We'll check it by %s.") % day(rma.check_by), nothing)
    if (missing := sayings.of_stock(known)) is not None:
        return missing
    return Saying(_("We checked it."), _("We are settling it now."), nothing)
