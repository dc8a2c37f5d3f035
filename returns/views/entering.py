"""The first page of who has just proven an order: what comes back, or right away why, where there is nothing to choose."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from returns.services import opening
from returns.views import drafts
from revlog.common import clock
from revlog.terms.models import Order


def first_page(request: HttpRequest, order: Order) -> str:
    """An order of one thing that may come back, all of it still, asks why; the page before is one link away.

    Whoever has a return of it already, or other orders beside it, sees all of it first.
    """
    draft = drafts.of(request, order)
    rows = opening.returnable(order, at=clock.now())
    if len(rows) != 1 or rows[0].blocked or rows[0].left != rows[0].line.quantity or draft.others:
        return reverse("portal_lines", args=[order.pk])
    draft.lines = [str(rows[0].line.pk)]
    drafts.keep(request, order, draft)
    return reverse("portal_why", args=[order.pk])
