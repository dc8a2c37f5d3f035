"""What of returns falls due on which day: refunds by law, and all that somebody promised or was given a day for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from returns import reasons
from returns.figures import AFTER
from returns.models import (
    Appeal,
    AppealStatus,
    Charge,
    ChargeStatus,
    ClaimStatus,
    Offer,
    OfferStatus,
    Outcome,
    Rma,
    RmaLine,
    RmaUnit,
    SupplierClaim,
    UnitStatus,
)
from returns.models.rma import COMING, OPEN
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.calendars import Calendar
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow

MOST = 1000
LONGEST_CLOSED = 30
"""No site is closed for longer in a row; one that never opens is warned all the same."""


@dataclass(frozen=True)
class Due:
    """One thing that falls due. ``at`` is the first moment after its day, which is a day of the site; ``source`` is the law, if any."""

    kind: str
    key: str
    sentence: str
    thing: str
    url: str
    at: datetime
    hub: Hub
    source: str = ""
    money: Decimal | None = None
    currency: str = "EUR"

    @property
    def day(self) -> date:
        return self.hub.calendar.local(self.at - timedelta(seconds=1)).date()


# By law ---------------------------------------------------------------------------------------------------------------------------


def by_law(line: RmaLine, *, received_at: datetime | None) -> datetime | None:
    """Until when the law wants a withdrawn purchase paid back; None where it says nothing, or lets us wait for the thing.

    Counted from the withdrawal or from when the thing is here or proven to be sent, as the text in force on the day of the order says. It
    may be withheld until the latter: so no day runs out while nothing was sent, and never before the day on which that was known.
    """
    law = line.decision.get("law", {}).get("withdrawal") or {}
    days, gone = law.get("refund_days"), line.decision.get("law_days")
    withdrawn = reasons.group(line.reason) == "remorse" and (gone is None or gone <= law.get("days", 0))
    if not days or not withdrawn or line.wanted != Outcome.REFUND:
        return None
    rma = line.rma
    calendar = rma.hub.calendar
    if not line.comes_back:
        return calendar.after_days(rma.opened_at, days)
    known = [moment for moment in (received_at, rma.handed_over_at) if moment is not None]
    if not known:
        return None
    if law.get("refund_counted_from") == "receipt_or_proof":
        return calendar.after_days(min(known), days)
    return max(calendar.after_days(rma.opened_at, days), calendar.after_days(min(known), 0))


def refunds(actor: Actor | None = None, *, rma: uuid.UUID | None = None) -> list[tuple[RmaLine, datetime, str]]:
    """Lines that are not settled and whose refund the law wants by a day: with that moment and the text."""
    rows: QuerySet[RmaLine] = RmaLine.objects.filter(
        settled_at=None,
        wanted=Outcome.REFUND,
        rma__status__in=[one.value for one in OPEN],
        decision__law__withdrawal__isnull=False,
    ).select_related("rma__hub")
    if actor is not None:
        rows = rows.filter(rma__in=Rma.objects.visible_to(actor).values("pk"))
    if rma is not None:
        rows = rows.filter(rma=rma)
    found: list[tuple[RmaLine, datetime, str]] = []
    # For each line that is read: grouped in a join, all lines of all open returns would be.
    came = RmaUnit.objects.filter(line=OuterRef("pk")).order_by().values("line")
    rows = rows.annotate(received_at=Subquery(came.annotate(first=Min("received_at")).values("first")))
    for line in rows.order_by("rma__opened_at", "pk")[:MOST]:
        due = by_law(line, received_at=line.received_at)
        if due is not None:
            found.append((line, due, str(line.decision["law"]["withdrawal"].get("source", ""))))
    return found


def warn_days(at: datetime) -> int:
    return int(AFTER.in_force(at)["warn_days"])


def warned_from(calendar: Calendar, due: datetime, days: int) -> datetime:
    """The moment from which it is said that something falls due: so many open days of the site before the end of its day."""
    day = calendar.local(due - timedelta(seconds=1)).date()
    for _each in range(days):
        day -= timedelta(days=1)
        for _closed in range(LONGEST_CLOSED):
            if calendar.window(day) is not None:
                break
            day -= timedelta(days=1)
    return calendar.end_of_day(day - timedelta(days=1))


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """Refunds that the law wants soon, and those that are late: these are for who leads."""
    days = warn_days(at)
    found = []
    for line, due, source in refunds(actor):
        rma = line.rma
        late = due <= at
        if not late and at < warned_from(rma.hub.calendar, due, days):
            continue
        found.append(
            ExceptionRow(
                key=f"refund_by_law:{line.pk}",
                kind="refund_late" if late else "refund_by_law",
                sentence=(_("This refund is late by law (%s).") if late else _("The law wants this refund soon (%s)."))
                % source,
                thing=rma.number,
                url=reverse("returns_rma", args=[rma.number]),
                owner=_("lead") if late else _("finance"),
                since=warned_from(rma.hub.calendar, due, days),
                due=due,
                money_at_risk=line.amount,
                currency=line.currency,
                next_action=_("Pay it, or see what it waits for"),
            )
        )
    return found


# The calendar ---------------------------------------------------------------------------------------------------------------------


def hubs(actor: Actor) -> list[Hub]:
    """The sites whose calendar this person may look at."""
    rows = Hub.objects.select_related("organization").order_by("name")
    if actor.hubs:
        rows = rows.filter(pk__in=actor.hubs)
    return [hub for hub in rows if hub.organization.is_operator]


def falling_due(actor: Actor, *, begin: datetime, end: datetime) -> list[Due]:
    """All that falls due from ``begin`` up to ``end``, by moment."""
    rmas = Rma.objects.visible_to(actor)
    found = [
        *_refunds(actor),
        *_appeals(rmas),
        *_offers(rmas),
        *_charges(rmas),
        *_hand_ins(rmas),
        *(_claims(actor) if actor.may("returns.vendor") else ()),
    ]
    return sorted((one for one in found if begin < one.at <= end), key=lambda one: (one.at, one.key))


def _url(rma: Rma) -> str:
    return reverse("returns_rma", args=[rma.number])


def _refunds(actor: Actor) -> Iterator[Due]:
    for line, due, source in refunds(actor):
        yield Due(
            "refund_by_law", f"refund:{line.pk}", _("Refund by law"), line.rma.number, _url(line.rma), due, line.rma.hub,
            source, line.amount, line.currency,
        )  # fmt: skip


def _appeals(rmas: QuerySet[Rma]) -> Iterator[Due]:
    rows = Appeal.objects.filter(status=AppealStatus.OPEN, unit__line__rma__in=rmas.values("pk"))
    for row in rows.select_related("unit__line__rma__hub").order_by("decide_by")[:MOST]:
        rma = row.unit.line.rma
        yield Due("appeal", f"appeal:{row.pk}", _("Answer to an appeal"), rma.number, _url(rma), row.decide_by, rma.hub)


def _offers(rmas: QuerySet[Rma]) -> Iterator[Due]:
    rows = Offer.objects.filter(status=OfferStatus.OPEN, unit__line__rma__in=rmas.values("pk"))
    for row in rows.select_related("unit__line__rma__hub").order_by("answer_by")[:MOST]:
        rma = row.unit.line.rma
        yield Due(
            "offer", f"offer:{row.pk}", _("The customer's answer to an offer"), rma.number, _url(rma), row.answer_by, rma.hub
        )  # fmt: skip


def _charges(rmas: QuerySet[Rma]) -> Iterator[Due]:
    rows = Charge.objects.filter(status=ChargeStatus.ASKED, due_by__isnull=False, line__rma__in=rmas.values("pk"))
    for row in rows.select_related("line__rma__hub").order_by("due_by")[:MOST]:
        rma = row.line.rma
        if row.due_by is not None:
            yield Due(
                "payment", f"charge:{row.pk}", word(f"charge_for.{row.purpose}").capitalize(), rma.number, _url(rma),
                row.due_by, rma.hub, "", row.amount, row.currency,
            )  # fmt: skip


def _hand_ins(rmas: QuerySet[Rma]) -> Iterator[Due]:
    coming = [one.value for one in COMING]
    rows = rmas.filter(Q(lines__units__status=UnitStatus.EXPECTED), status__in=coming, hand_in_by__isnull=False)
    for rma in rows.select_related("hub").distinct().order_by("hand_in_by")[:MOST]:
        if rma.hand_in_by is not None:
            yield Due(
                "hand_in", f"hand_in:{rma.pk}", _("To be handed in"), rma.number, _url(rma), rma.hand_in_by, rma.hub
            )


def _claims(actor: Actor) -> Iterator[Due]:
    rows = SupplierClaim.objects.visible_to(actor).filter(status=ClaimStatus.SENT, answer_by__isnull=False)
    for row in rows.select_related("supplier", "device__hub").order_by("answer_by")[:MOST]:
        hub = row.device.hub or Hub.objects.order_by("created_at", "pk").first()
        if row.answer_by is not None and hub is not None:
            yield Due(
                "claim", f"claim:{row.pk}", _("%s answers a claim") % row.supplier.name, row.number,
                reverse("supplier_claim", args=[row.number]), row.answer_by, hub, "", row.amount, row.currency,
            )  # fmt: skip
