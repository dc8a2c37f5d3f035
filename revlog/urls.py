"""The front door: every route, in the order a unit travels. Who may open which is said beside each view (``accounts/access.py``)."""

from __future__ import annotations

from django.urls import include, path

from reporting.urls import board_urls, shift_urls
from revlog.floor.views import app
from revlog.pages import health
from revlog.terms.urls import price_urls, rules_urls

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    # Before those without a prefix, each of which is tried in vain for a call of the API.
    path("api/v1/", include("revlog.api.urls")),
    path("", include("revlog.pages.urls")),
    path("manifest.webmanifest", app.manifest, name="floor_manifest"),
    path("floor/", include("revlog.floor.urls")),
    path("", include("revlog.labels.urls")),
    path("store/", include("revlog.storage.urls")),
    path("docks/", include("revlog.logistics.urls")),
    path("transport/", include("revlog.logistics.urls.freight")),
    path("transfers/", include("revlog.logistics.urls.transfers")),
    path("settings/rules/", include(rules_urls)),
    path("settings/prices/", include(price_urls)),
    path("settings/shifts/", include(shift_urls)),
    path("board/", include(board_urls)),
    path("", include("revlog.accounts.urls")),
    path("", include("revlog.evidence.urls")),
    path("", include("returns.urls")),
    path("triage/", include("triage.urls")),
    path("itad/", include("itad.urls")),
    path("bench/", include("refurb.urls")),
    path("sales/", include("resale.urls")),
    path("recycling/", include("recycling.urls")),
    path("reports/", include("reporting.urls")),
]

handler400 = "revlog.errors.bad_request"
handler403 = "revlog.errors.forbidden"
handler404 = "revlog.errors.not_found"
handler500 = "revlog.errors.server_error"
