"""What of returns needs a person's decision: the rows of the inbox, each with its sentence and its next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import desk
from returns.models import (
    CaseMessage,
    Discrepancy,
    Refund,
    RefundStatus,
    ReviewStatus,
    Rma,
    RmaStatus,
    Trouble,
    UnitStatus,
)
from returns.models.rma import COMING
from returns.queries import accounted, dates
from returns.queries import business as business_queries
from returns.queries import claims as queries_claims
from returns.queries import fraud as fraud_queries
from returns.queries import payouts as payout_queries
from returns.queries import recalls as queries_recalls
from returns.queries import sessions as session_queries
from returns.queries import talks as talk_queries
from returns.queries import tradein as queries_tradein
from returns.queries import vendors as vendor_queries
from returns.queries import ways as way_queries
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow

REFUSALS = actors.system("returns.refusals")
"""Who keeps what was refused while it may be appealed against: such a hold asks nothing of anybody."""


def overdue(actor: Actor, *, at: datetime) -> QuerySet[Rma]:
    """RMAs whose date to be handed in is past and of which something hasn't come."""
    return (
        Rma.objects.visible_to(actor)
        .filter(status__in=[one.value for one in COMING], hand_in_by__lt=at, lines__units__status=UnitStatus.EXPECTED)
        .distinct()
    )


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """What of returns needs a person's decision, for the inbox."""
    now = at or clock.now()
    return [
        *_found(actor, now),
        *_waiting_rmas(actor),
        *_waiting_refunds(actor),
        *_failed_refunds(actor),
        *_unread_messages(actor),
        *_overdue(actor, now),
        *desk.exceptions(actor, at=now),
        *queries_recalls.exceptions(actor, at=now),
        *talk_queries.exceptions(actor, at=now),
        *business_queries.exceptions(actor),
        *queries_claims.exceptions(actor, at=now),
        *queries_tradein.exceptions(actor, at=now),
        *way_queries.exceptions(actor, at=now),
        *payout_queries.exceptions(actor, at=now),
        *accounted.exceptions(actor),
        *vendor_queries.exceptions(actor, at=now),
        *dates.exceptions(actor, at=now),
        *session_queries.exceptions(actor, at=now),
    ]


SENTENCES: Mapping[Trouble, Callable[[Discrepancy], str]] = {
    Trouble.UNANNOUNCED_PARCEL: lambda row: _("Nobody announced parcel %s.") % row.found,
    Trouble.UNANNOUNCED_UNIT: lambda row: _("Nobody announced %s.") % row.found,
    Trouble.WRONG_SERIAL: lambda row: (
        _("%(expected)s was sold, %(found)s came.") % {"expected": row.expected, "found": row.found}
        if row.expected
        else _("%s came, which is not what was sold.") % row.found
    ),
    Trouble.NO_SERIAL: lambda row: (
        _("The serial can't be read; %s was sold.") % row.expected if row.expected else _("The serial can't be read.")
    ),
    Trouble.SHORT_COUNT: lambda row: (
        _("%(found)s of %(expected)s came.") % {"found": row.found, "expected": row.expected}
    ),
    Trouble.OVER_COUNT: lambda row: (
        _("%(found)s came, %(expected)s were announced.") % {"found": row.found, "expected": row.expected}
    ),
    Trouble.DAMAGED: lambda row: _("It arrived damaged."),
    Trouble.WRONG_ITEM: lambda row: (
        _("%(expected)s was sold, %(found)s came.") % {"expected": row.expected or "—", "found": row.found}
    ),
    Trouble.OVER: lambda row: _("%s came, which is more than was announced.") % row.found,
    Trouble.MISSING: lambda row: _("%s was announced and did not come.") % row.expected,
    Trouble.FOUND_PROPERTY: lambda row: _("%s was found; nobody knows whose it is.") % row.found,
    Trouble.EMPTY_BOX: lambda row: _("The box was empty; %s was to be in it.") % (row.expected or "—"),
}


def sentence_of(row: Discrepancy) -> str:
    return SENTENCES[Trouble(row.kind)](row)


def _found(actor: Actor, at: datetime) -> list[ExceptionRow]:
    """What differed on the dock, and what is to be looked at closely: what is both is one row."""
    rows = list(
        Discrepancy.objects.visible_to(actor)
        .filter(resolved_at=None)
        # What a reviewer has decided is settled by itself, when the time to object is over.
        .exclude(kind=Trouble.EMPTY_BOX, rma__review__status=ReviewStatus.CONFIRMED)
        .select_related("rma", "device", "parcel")
        .order_by("raised_at")[:500]
    )
    reviews = fraud_queries.waiting(actor, at=at)
    both = fraud_queries.both(rows, reviews)
    together = {one.review for one in both.values()}
    return [
        *(
            both[pk].told(plain) if pk in both else plain
            for pk, plain in zip((row.pk for row in rows), _plain(rows), strict=True)
        ),
        *(row for review, row in reviews if review.pk not in together),
    ]


def _plain(rows: Sequence[Discrepancy]) -> list[ExceptionRow]:
    return [
        ExceptionRow(
            key=f"discrepancy:{row.pk}",
            kind=row.kind,
            sentence=sentence_of(row),
            thing=row.rma.number
            if row.rma
            else row.device.tag
            if row.device
            else row.parcel.tracking
            if row.parcel
            else word(row.kind),
            url=reverse("returns_trouble", args=[row.pk]),
            owner=_("support") if row.kind == Trouble.UNANNOUNCED_PARCEL else _("lead"),
            since=row.raised_at,
            due=row.due_at,
            money_at_risk=row.money_at_risk,
            currency=row.currency,
            next_action=_("Decide"),
        )
        for row in rows
    ]


def _waiting_rmas(actor: Actor) -> list[ExceptionRow]:
    rows = (
        Rma.objects.visible_to(actor)
        .filter(status=RmaStatus.REQUESTED)
        .select_related("hub")
        .prefetch_related("lines", "approvals")
        .order_by("opened_at")[:500]
    )
    return [
        ExceptionRow(
            key=f"rma:{row.pk}",
            kind="rma_waiting",
            sentence=_waits_for(row),
            thing=row.number,
            url=reverse("returns_rma", args=[row.number]),
            owner=_("support"),
            since=row.opened_at,
            due=row.hub.calendar.after_hours(row.opened_at, 16),
            money_at_risk=sum((line.amount for line in row.lines.all()), Decimal(0)),
            currency=row.currency,
            next_action=_("Approve or refuse"),
        )
        for row in rows
    ]


def _waits_for(rma: Rma) -> str:
    why = ", ".join(word(f"reason.{line.reason}") for line in rma.lines.all())
    if labels := max((int(line.decision.get("labels") or 0) for line in rma.lines.all()), default=0):
        told = {"labels": labels, "why": why}
        return _("Waits for approval, as %(labels)s labels were made for its order that day: %(why)s.") % told
    if rma.steps < 2:
        return _("Waits for approval: %s.") % why
    told = {"step": len(rma.approvals.all()) + 1, "steps": rma.steps, "why": why}
    return _("Waits for step %(step)s of %(steps)s of its approval: %(why)s.") % told


def _waiting_refunds(actor: Actor) -> list[ExceptionRow]:
    rows = (
        Refund.objects.filter(status=RefundStatus.PROPOSED, line__rma__in=Rma.objects.visible_to(actor))
        .select_related("line__rma__hub")
        .order_by("proposed_at")[:500]
    )
    return [
        ExceptionRow(
            key=f"refund:{row.pk}",
            kind="refund_waiting",
            sentence=_("A refund waits for a second person: %s") % (row.why or _("as sold")),
            thing=row.line.rma.number,
            url=reverse("returns_rma", args=[row.line.rma.number]),
            owner=_("finance"),
            since=row.proposed_at,
            due=row.line.rma.hub.calendar.after_hours(row.proposed_at, 16),
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Approve the refund"),
        )
        for row in rows
    ]


def _failed_refunds(actor: Actor) -> list[ExceptionRow]:
    """Money that customers are still waiting for, since it didn't arrive."""
    rows = (
        Refund.objects.filter(status=RefundStatus.FAILED, line__rma__in=Rma.objects.visible_to(actor))
        .select_related("line__rma__hub")
        .order_by("proposed_at")[:500]
    )
    return [
        ExceptionRow(
            key=f"refund_failed:{row.pk}",
            kind="refund_failed",
            sentence=_("A refund didn't arrive: %s") % row.why_failed,
            thing=row.line.rma.number,
            url=reverse("returns_rma", args=[row.line.rma.number]),
            owner=_("finance"),
            since=row.paid_at or row.approved_at or row.proposed_at,
            due=row.line.rma.hub.calendar.after_hours(row.paid_at or row.approved_at or row.proposed_at, 16),
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Pay another way"),
        )
        for row in rows
    ]


def _unread_messages(actor: Actor) -> list[ExceptionRow]:
    """Returns whose customer wrote and nobody has answered, each once, since their first unread message."""
    rows: QuerySet[Any] = (
        Rma.objects.visible_to(actor)
        .annotate(
            unread=Count("case_messages", filter=Q(case_messages__by_customer=True, case_messages__read_at=None)),
            since=Min(
                "case_messages__written_at", filter=Q(case_messages__by_customer=True, case_messages__read_at=None)
            ),
        )
        .filter(
            pk__in=CaseMessage.objects.filter(by_customer=True, read_at=None).order_by("written_at").values("rma")[:500]
        )
        .select_related("hub")
        .order_by("since")
    )
    return [
        ExceptionRow(
            key=f"messages:{row.pk}",
            kind="customer_wrote",
            sentence=ngettext(
                "The customer wrote and waits for an answer.",
                "The customer wrote %(count)s messages and waits for an answer.",
                row.unread,
            )
            % {"count": row.unread},
            thing=row.number,
            url=f"{reverse('returns_rma', args=[row.number])}#messages",
            owner=_("support"),
            since=row.since,
            due=row.hub.calendar.after_hours(row.since, 16),
            next_action=_("Answer"),
        )
        for row in rows
    ]


def _overdue(actor: Actor, at: datetime) -> list[ExceptionRow]:
    rows = overdue(actor, at=at).select_related("hub").prefetch_related("lines").order_by("hand_in_by")[:500]
    return [
        ExceptionRow(
            key=f"overdue:{row.pk}",
            kind="overdue_rma",
            sentence=_("Not everything came by its date."),
            thing=row.number,
            url=reverse("returns_rma", args=[row.number]),
            owner=_("support"),
            since=row.hand_in_by or row.opened_at,
            due=(row.hand_in_by or row.opened_at) + timedelta(days=14),
            money_at_risk=sum((line.amount for line in row.lines.all()), Decimal(0)),
            currency=row.currency,
            next_action=_("Ask, or give it up"),
        )
        for row in rows
    ]


# The customer -----------------------------------------------------------------------------------------------------------------------
