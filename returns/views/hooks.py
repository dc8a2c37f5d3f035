"""What payment providers and carriers tell us: believed only so far that we ask them what is so."""

from __future__ import annotations

import logging
import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from returns.payments import stripe
from returns.services import looking
from revlog.accounts.access import PUBLIC, allow
from revlog.common import clock
from revlog.logistics.carriers import easypost
from revlog.logistics.models import Parcel
from revlog.logistics.services import scans

log = logging.getLogger(__name__)
MOST_BYTES = 262_144


@csrf_exempt
@allow(PUBLIC)
@require_POST
def stripe_hook(request: HttpRequest) -> HttpResponse:
    """A webhook of Stripe's. 400 for what it didn't sign; 503 when we couldn't ask what is so: then it tells us again."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    at = clock.now()
    try:
        event = stripe.read_event(
            request.body, request.headers.get("Stripe-Signature", ""), secret=settings.STRIPE_WEBHOOK_SECRET, at=at
        )
    except stripe.BadSignature as refusal:
        log.warning("A webhook was refused: %s", refusal)
        return HttpResponse("The signature doesn't hold.", status=400, content_type="text/plain")
    try:
        if event.object == "refund":
            looking.refund_failed(event.key, reference=event.reference, at=at)
        elif event.object in {"checkout.session", "payment_intent"} and (charge := _uuid(event.key)):
            looking.look(charge, at=at)
    except OSError as trouble:
        log.warning("Stripe spoke and can't be asked: %s", trouble)
        return HttpResponse(status=503)
    return HttpResponse(status=200)


@csrf_exempt
@allow(PUBLIC)
@require_POST
def easypost_hook(request: HttpRequest) -> HttpResponse:
    """An event of EasyPost's. 400 for what it didn't sign; 503 when it couldn't be asked what is so: then it tells us again."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    signature = request.headers.get("X-Hmac-Signature", "")
    try:
        event = easypost.read_event(request.body, signature, secret=settings.EASYPOST_WEBHOOK_SECRET)
    except easypost.BadSignature as refusal:
        log.warning("A carrier's event was refused: %s", refusal)
        return HttpResponse("The signature doesn't hold.", status=400, content_type="text/plain")
    parcel = (
        Parcel.objects.filter(tracking__iexact=event.tracking).select_related("shipment__carrier").first()
        if event.kind.startswith("tracker.") and event.tracking
        else None
    )
    try:
        if parcel is not None:
            scans.look(parcel, at=clock.now())
    except OSError as trouble:
        log.warning("EasyPost spoke and can't be asked: %s", trouble)
        return HttpResponse(status=503)
    return HttpResponse(status=200)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
