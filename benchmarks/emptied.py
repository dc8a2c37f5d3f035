"""Our pages with one more that does nothing: what a signed-in view costs by itself, on the same server (S8's reference)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from revlog.accounts.access import SIGNED_IN, allow


@allow(SIGNED_IN)
def empty(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("empty/", empty, name="empty"), path("", include("revlog.urls"))]
handler400 = "revlog.errors.bad_request"
handler403 = "revlog.errors.forbidden"
handler404 = "revlog.errors.not_found"
handler500 = "revlog.errors.server_error"
