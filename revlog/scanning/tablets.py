"""A browser's own id of itself: the header ``Act-Device`` of what it sends, and the cookie by which a plain page finds the same hand."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER, COOKIE = "Act-Device", "revlog_tablet"
COOKIE_AGE = 400 * 24 * 3600
"""As long as browsers keep one."""
SHAPE = re.compile(r"[0-9A-Za-z-]{8,64}")


def of(request: HttpRequest) -> str:
    """The id that the request tells; a new one, which the answer gives the browser to keep, where it tells none."""
    for told in (request.headers.get(HEADER, ""), request.COOKIES.get(COOKIE, "")):
        if SHAPE.fullmatch(told):
            return told
    made = str(uuid.uuid4())
    request.new_tablet = made  # type: ignore[attr-defined]
    return made


class Remembered:
    """Middleware: gives a browser the id that ``of`` drew for it. Scripts may read it; it says who the tablet is, and opens nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if made := getattr(request, "new_tablet", ""):
            response.set_cookie(
                COOKIE, made, max_age=COOKIE_AGE, secure=bool(settings.SESSION_COOKIE_SECURE), samesite="Lax"
            )
        return response
