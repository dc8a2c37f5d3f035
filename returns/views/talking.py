"""The desk's side of the messages with a customer: answering, reading, and the pictures they sent."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.models import CaseMessage
from returns.services import after, talking
from returns.views import office, thread
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts


def _back(number: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('returns_rma', args=[number])}#messages")


@allow("messages.send")
@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = office.find(request, number)
    at = clock.now()
    try:
        talking.write(rma, **thread.told(request, at=at), by=by, at=at)
    except DomainError as refusal:
        return office.show(request, rma, by, problem=refusal)
    messages.success(request, _("Sent."))
    return _back(number)


@allow("messages.send")
@require_POST
def read(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = office.find(request, number)
    try:
        talking.read(rma, by=by, at=clock.now())
    except DomainError as refusal:
        return office.show(request, rma, by, problem=refusal)
    return _back(number)


@allow("messages.send")
@require_POST
def about_refund(request: HttpRequest, number: str, message: uuid.UUID) -> HttpResponse:
    """The desk says that a message asks where the refund is."""
    rma, by = office.find(request, number)
    written = get_object_or_404(CaseMessage, pk=message, rma=rma, by_customer=True)
    try:
        after.ask_for_refund(rma, source=written, by=by, at=clock.now())
    except DomainError as refusal:
        return office.show(request, rma, by, problem=refusal)
    return _back(number)


@allow("returns.view")
@require_GET
def photo(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    """A picture that the customer (or the desk) sent about this return."""
    rma, _by = office.find(request, number)
    found = get_object_or_404(
        Attachment.objects.select_related("artifact"),
        pk=pk, chain_id=rma.pk, use__startswith="photo", artifact__erased_at=None,
    )  # fmt: skip
    return HttpResponse(artifacts.read(found.artifact), content_type=found.artifact.media_type)
