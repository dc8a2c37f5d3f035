"""What of returns of businesses needs a person's decision."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import BoxCount, BusinessCase, Dispute, Memo, MemoStatus
from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """For the inbox: disputed lines, memos that wait for a second person, boxes that nobody opened."""
    cases = BusinessCase.objects.visible_to(actor)
    return [*_disputes(cases), *_memos(cases), *_boxes(cases)]


def _disputes(cases: QuerySet[BusinessCase]) -> list[ExceptionRow]:
    rows = (
        Dispute.objects.filter(decided_at=None, line__line__rma__business__in=cases)
        .select_related("line__line__rma", "line__line__order_line")
        .order_by("opened_at")[:500]
    )
    return [
        ExceptionRow(
            key=f"dispute:{row.pk}",
            kind="line_disputed",
            sentence=_("Line %(n)s, %(what)s: %(why)s.")
            % {
                "n": row.line.line.position,
                "what": row.line.line.order_line.description,
                "why": ", ".join(word(f"differs.{code}") for code in row.why),
            },
            thing=row.line.line.rma.number,
            url=reverse("business_dispute", args=[row.pk]),
            owner=_("lead"),
            since=row.opened_at,
            due=row.due_at,
            money_at_risk=row.money_at_risk,
            currency=row.currency,
            next_action=_("Decide"),
        )
        for row in rows
    ]


def _memos(cases: QuerySet[BusinessCase]) -> list[ExceptionRow]:
    rows = (
        Memo.objects.filter(status=MemoStatus.PROPOSED, rma__business__in=cases)
        .select_related("rma__hub", "customer")
        .order_by("proposed_at")[:500]
    )
    return [
        ExceptionRow(
            key=f"memo:{row.pk}",
            kind="memo_waiting",
            sentence=_("A %(kind)s for %(customer)s waits for a second person.")
            % {"kind": word(f"memo.{row.kind}"), "customer": row.customer.name},
            thing=row.rma.number,
            url=reverse("business_memo", args=[row.pk]),
            owner=_("finance"),
            since=row.proposed_at,
            due=row.rma.hub.calendar.after_hours(row.proposed_at, 16),
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Approve or reject"),
        )
        for row in rows
    ]


def _boxes(cases: QuerySet[BusinessCase]) -> list[ExceptionRow]:
    rows = [
        row
        for row in BoxCount.objects.filter(case__in=cases, case__complete_at=None)
        .select_related("case__rma", "hub")
        .order_by("counted_at")[:500]
        if row.opened < row.boxes
    ]
    return [
        ExceptionRow(
            key=f"boxes:{row.pk}",
            kind="boxes_closed",
            sentence=_("%(closed)s of %(boxes)s boxes were not opened yet.")
            % {"closed": row.boxes - row.opened, "boxes": row.boxes},
            thing=row.case.rma.number,
            url=reverse("business_return", args=[row.case.rma.number]),
            owner=_("warehouse"),
            since=row.counted_at,
            due=row.counted_at + timedelta(days=5),
            currency=row.case.rma.currency,
            next_action=_("Open and count"),
        )
        for row in rows
    ]
