"""What waits at the support desk, and what it did today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from returns import facts, parameters
from returns.models import Appeal, AppealStatus, Offer, OfferStatus, Result, Rma, RmaStatus, SupportCase
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.custody.models import Entry
from revlog.devices.exceptions import ExceptionRow

MOST = 50
NEAR = timedelta(days=2)


@dataclass(frozen=True)
class Day:
    """Cases closed since a moment: how many, how many were put right without a return, minutes and cost."""

    opened: int
    closed: int
    fixed: int
    minutes: int
    cost: Decimal
    by_customers: int = 0
    """What customers put right by themselves, by our steps in the portal."""

    @property
    def cost_per_case(self) -> Decimal | None:
        return self.cost / self.closed if self.closed else None


def day(actor: Actor, *, since: datetime) -> Day:
    rows = SupportCase.objects.visible_to(actor).order_by()
    told = rows.filter(closed_at__gte=since).aggregate(
        n=Count("pk"), fixed=Count("pk", filter=Q(result=Result.FIXED)), minutes=Sum("minutes"), cost=Sum("cost")
    )
    return Day(
        opened=rows.filter(opened_at__gte=since).count(),
        closed=told["n"],
        fixed=told["fixed"],
        minutes=told["minutes"] or 0,
        cost=told["cost"] or Decimal(0),
        by_customers=Entry.objects.visible_to(actor)
        .filter(kind=facts.FixedWithoutReturn.kind, occurred_at__gte=since, payload__case__isnull=True)
        .count(),
    )


def contacts_per_hundred(actor: Actor, *, since: datetime) -> tuple[Decimal | None, int]:
    """How often customers came to support for each hundred returns announced since then, and how many returns there were."""
    returns = Rma.objects.visible_to(actor).filter(opened_at__gte=since).count()
    contacts = SupportCase.objects.visible_to(actor).filter(opened_at__gte=since).count()
    return (Decimal(100 * contacts) / returns if returns else None), returns


def cases(actor: Actor) -> QuerySet[SupportCase]:
    return SupportCase.objects.visible_to(actor).select_related("seller", "contact", "line", "rma", "order", "desk")


def mine(actor: Actor) -> Sequence[SupportCase]:
    """The open cases of this person, longest first."""
    return list(cases(actor).filter(closed_at=None, opened_by=actor.reference).order_by("opened_at")[:MOST])


def others(actor: Actor) -> Sequence[SupportCase]:
    """The open cases of colleagues."""
    rows = cases(actor).filter(closed_at=None).exclude(opened_by=actor.reference)
    return list(rows.order_by("opened_at")[:MOST])


def unread(actor: Actor) -> Sequence[Rma]:
    """Returns whose customer wrote and waits for an answer, the longest waiting first."""
    rows = (
        Rma.objects.visible_to(actor)
        .filter(case_messages__by_customer=True, case_messages__read_at=None)
        .select_related("seller")
        .annotate(unread=Count("case_messages"))
        .order_by("opened_at")
    )
    return list(rows[:MOST])


def to_approve(actor: Actor) -> Sequence[Rma]:
    """Returns that wait for a person, but not those that this one opened."""
    rows = Rma.objects.visible_to(actor).filter(status=RmaStatus.REQUESTED).exclude(opened_by=actor.reference)
    return list(rows.select_related("seller").order_by("opened_at")[:MOST])


def near(actor: Actor, *, at: datetime) -> tuple[Sequence[Offer], Sequence[Appeal]]:
    """Offers and appeals whose day comes within two days, or has passed."""
    seen = Rma.objects.visible_to(actor)
    offers = Offer.objects.filter(status=OfferStatus.OPEN, answer_by__lt=at + NEAR, unit__line__rma__in=seen)
    appeals = Appeal.objects.filter(status=AppealStatus.OPEN, decide_by__lt=at + NEAR, unit__line__rma__in=seen)
    return (
        list(offers.select_related("unit__line__rma").order_by("answer_by")[:MOST]),
        list(appeals.select_related("unit__line__rma").order_by("decide_by")[:MOST]),
    )


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """Cases that were left open for longer than the figures allow: their minutes are worth nothing, and somebody waits."""
    idle = parameters.in_force(at).idle
    rows = list(cases(actor).filter(closed_at=None, opened_at__lt=at - idle).order_by("opened_at")[:500])
    names = people.names_of({row.opened_by for row in rows})
    return [
        ExceptionRow(
            key=f"case:{row.pk}",
            kind="case_waiting",
            sentence=_("A support case was left open."),
            thing=row.number,
            url=reverse("desk_case", args=[row.number]),
            owner=names.get(row.opened_by) or _("support"),
            since=row.opened_at,
            due=row.opened_at + idle,
            next_action=_("Close it with its result"),
        )
        for row in rows
    ]
