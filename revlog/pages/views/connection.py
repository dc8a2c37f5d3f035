"""What this connection allows, and how a tablet comes to trust it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from revlog.accounts.access import PUBLIC, allow
from revlog.embedded import authority
from revlog.evidence.pdf import qr


@allow(PUBLIC)
@require_GET
def connection(request: HttpRequest) -> HttpResponse:
    """Camera, passkeys, work without a network: yes or no, and the steps to a yes. Public, since a tablet asks before it signs in."""
    trusted = Path(settings.TLS_AUTHORITY) if settings.TLS_AUTHORITY else None
    context = {
        "fingerprint": authority.fingerprint(trusted) if trusted is not None else "",
        "trust_url": settings.TRUST_URL,
        "picture": qr.qr_svg(settings.TRUST_URL) if settings.TRUST_URL else "",
        "address": f"{settings.BASE_URL}/",
        "address_picture": qr.qr_svg(f"{settings.BASE_URL}/") if settings.BASE_URL else "",
    }
    return render(request, "pages/connection.html", context)
