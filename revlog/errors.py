"""What is shown when a page can't be: the sentence, and the way on. The API answers the same as problem details."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from revlog.api import problems

AWAY_SECONDS = 5
"""How long a restarted database mostly needs."""


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.response(request, status, code, detail)
    if status >= 500:
        # Without the request: what a page asks of it (who is signed in, say) may be what broke.
        return HttpResponse(render_to_string(f"{status}.html", {"detail": detail}), status=status)
    return render(request, f"{status}.html", {"detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "unreadable", "The request can't be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "not_allowed", str(exception or "") or "You may not do that here.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "There is no such thing, or it isn't yours to see.")


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; or only that the database is away, which passes: whoever asks again gets their answer."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        answer = _answer(
            request, 503, "away", "The database doesn't answer; nothing was half-written. Try again in a few seconds."
        )
        answer.headers["Retry-After"] = str(AWAY_SECONDS)
        return answer
    return _answer(
        request, 500, "fault", "A fault of ours; nothing was half-written. Try again, and tell the lead if it stays."
    )
