"""Characters that no text can hold are refused before a page sees them: a database takes neither zero bytes nor half surrogates.

The API has the same at its own door, with problem details.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


class Readable:
    """Answers 404 for such an address and 400 for such a field; behind the CSRF check, which reads the form anyway."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if request.path.startswith("/api/"):
            return
        if any(_UNHOLDABLE.search(str(value)) for value in (*args, *kwargs.values())):
            raise Http404
        for fields in (request.GET, request.POST):
            for name, values in fields.lists():
                if any(_UNHOLDABLE.search(text) for text in (name, *values)):
                    raise BadRequest
