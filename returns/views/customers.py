"""What the desk reads of a return besides its things: messages, the customer's photos, and what was only told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import Kind, Rma
from returns.policy import questions
from returns.services import elsewhere, talking
from returns.views import thread
from revlog.accounts.actors import Actor
from revlog.evidence.models import Attachment
from revlog.terms import queries as terms
from revlog.terms.models import OrderSource


def context(request: HttpRequest, rma: Rma, lines: Sequence[Any], by: Actor) -> dict[str, Any]:
    """The part of the page of a return that comes from its customer."""

    def photo(row: Attachment) -> str:
        return reverse("returns_photo", args=[rma.number, row.pk])

    pictures = Attachment.objects.filter(
        chain_id=rma.pk, use__in=["photo_customer", elsewhere.RECEIPT], artifact__erased_at=None
    )
    photos = [(row.use, {"url": photo(row), "alt": _("Photo of the customer")}) for row in pictures]
    return {
        "told": _told(rma, lines, [one["url"] for use, one in photos if use == elsewhere.RECEIPT], by),
        "thread": thread.read(rma, customer=False, photo=photo) if by.may("messages.view") else [],
        "may_write": not talking.reasons_against_writing(rma, by=by),
        "unread": rma.case_messages.filter(by_customer=True, read_at=None).exists(),
        "message": thread.form(request),
        "answered": _answered(rma, lines),
        "photos": [one for use, one in photos if use != elsewhere.RECEIPT],
    }


def _answered(rma: Rma, lines: Sequence[Any]) -> list[dict[str, Any]]:
    """What the customer answered to the questions of the rules, thing by thing."""
    if not any(line.answers for line in lines):
        return []
    asked = terms.in_force(questions.KIND, at=rma.opened_at, organization=rma.seller_id)
    found = [{"name": line.order_line.description, "rows": questions.told(asked, line.answers)} for line in lines]
    return [one for one in found if one["rows"]]


def _told(rma: Rma, lines: Sequence[Any], receipts: Sequence[str], by: Actor) -> dict[str, Any] | None:
    """What a customer tells of a thing that no order of ours knows; None of all others."""
    if rma.order.source != OrderSource.TOLD or rma.kind == Kind.TRADE:
        return None
    line = lines[0]
    return {
        "shop": line.answers.get("bought_at", ""),
        "bought_on": rma.order.ordered_at,
        "receipts": receipts,
        "price": line.price,
        "currency": line.currency,
        "may_price": not elsewhere.reasons_against_pricing(line, by=by),
    }
