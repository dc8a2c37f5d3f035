"""What makes the floor an app of its own on a tablet: the manifest, and the worker that opens the page without the net."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from revlog.accounts.access import PUBLIC, allow
from revlog.scanning import app


@allow(PUBLIC)
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    icons = [
        {"src": static(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in (
            ("app-192", 192, "any"),
            ("app-512", 512, "any"),
            ("app-maskable-512", 512, "maskable"),
        )
    ]
    told = {
        "id": reverse("floor"),
        "name": _("Revlog floor"),
        "short_name": "Revlog",
        "start_url": reverse("floor"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#141a21",
        "theme_color": "#141a21",
        "icons": icons,
    }
    return JsonResponse(told, content_type="application/manifest+json")


@allow(PUBLIC)
@never_cache
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Nothing of it is anybody's own: file names and a version."""
    context = {
        "version": app.version(),
        "files": json.dumps(app.addresses()),
        "page": reverse("floor"),
        "static": settings.STATIC_URL,
    }
    response = render(request, "floor/worker.js", context, content_type="text/javascript; charset=utf-8")
    # It stands below /floor/ and serves the files below /static/ too.
    response.headers["Service-Worker-Allowed"] = "/"
    return response
