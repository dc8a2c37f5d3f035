"""Characters that no text can hold, a zero byte or half a surrogate pair: a database takes neither, and whoever sent one made a mistake.

Most pages read what was typed or scanned in a way that leaves them out, and answer as they see fit. Where one reached the database all
the same, the fault is the sender's: this turns it into the page that says so. The API has the same at its own door, with problem details.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_resolver

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


class Readable:
    """Answers 404 for such an address and 400 for such a field, when a page fell over it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        # What psycopg2 raises for a zero byte, and Python for half a pair that is to become bytes.
        if not isinstance(exception, ValueError) or request.path.startswith("/api/"):
            return None
        match = request.resolver_match
        if match is not None and any(_UNHOLDABLE.search(str(value)) for value in (*match.args, *match.kwargs.values())):
            return _answer(request, 404, exception)
        for fields in (request.GET, request.POST):
            for name, values in fields.lists():
                if any(_UNHOLDABLE.search(text) for text in (name, *values)):
                    return _answer(request, 400, exception)
        return None


def _answer(request: HttpRequest, status: int, exception: Exception) -> HttpResponse:
    handler: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(status)
    return handler(request, exception)
