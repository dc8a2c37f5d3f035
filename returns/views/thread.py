"""The messages about a return, as its customer and the desk read and write them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from returns.models import RefundQuestion, Rma
from returns.services import talking
from revlog.accounts import queries as people
from revlog.common import clock, ids
from revlog.common.errors import BadInput, DomainError
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts


def read(rma: Rma, *, customer: bool, photo: Callable[[Attachment], str]) -> list[dict[str, Any]]:
    """The thread, oldest first. ``photo`` gives the address of a picture; the customer isn't told which person of the desk wrote."""
    rows = list(rma.case_messages.all())
    pictures: dict[str, list[dict[str, str]]] = {}
    for row in Attachment.objects.filter(chain_id=rma.pk, use__startswith="photo_m_", artifact__erased_at=None):
        pictures.setdefault(row.use, []).append({"url": photo(row), "alt": _("Photo sent with the message")})
    asked = set(RefundQuestion.objects.filter(rma=rma).values_list("pk", flat=True)) if not customer else set()
    names = {} if customer else people.names_of({row.written_by for row in rows if not row.by_customer})
    return [
        {
            "who": (_("You") if customer else _("The customer"))
            if row.by_customer
            else names.get(row.written_by) or rma.seller.name,
            "pk": row.pk,
            "refund": row.pk in asked,
            "may_be_refund": row.by_customer and not customer and row.pk not in asked,
            "ours": row.by_customer == customer,
            "text": row.text,
            "gone": not row.text and rma.contact.erased_at is not None,
            "at": row.written_at,
            "unread": row.by_customer and row.read_at is None and not customer,
            "photos": pictures.get(talking.use_of(row.pk), []),
        }
        for row in rows
    ]


def form(request: HttpRequest) -> dict[str, Any]:
    """What the box for a new message shows: the text that was refused stays in it."""
    return {"key": str(ids.new(clock.now())), "text": request.POST.get("text", "")[:5000]}


def told(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    """What was sent: the text, the photos kept as artifacts, the key of the form. Raises BadInput."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = ids.new(at)
    photos = []
    for upload in request.FILES.getlist("photos")[: talking.MOST_PHOTOS + 1]:
        try:
            photos.append(artifacts.keep_upload(upload, at=at).digest)
        except DomainError as refusal:
            raise BadInput([type(one)(one.code, one.sentence, "photos") for one in refusal.reasons]) from None
    return {"key": key, "text": request.POST.get("text", ""), "photos": photos}
