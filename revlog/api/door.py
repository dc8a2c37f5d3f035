"""What every endpoint shares, around the view: UTC, text that a database can hold, idempotency, and problems instead of pages.

The views themselves lie beside the things they show (``<app>/api.py``) and know nothing of this; ``revlog/api/urls.py`` puts each behind
the door.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import UTC
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.queries import ANONYMOUS
from revlog.api import idempotency, problems
from revlog.common.errors import BadInput, Reason

P = ParamSpec("P")
log = logging.getLogger(__name__)
AROUND = 64 * 1024
"""What a form may hold around its file."""


def endpoint(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``view`` behind the door. Its attributes (``cls``, ``actions``, ``csrf_exempt``) stay: gate and OpenAPI read them."""

    most = getattr(getattr(view, "cls", None), "most_bytes", None)

    @functools.wraps(view)
    def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with timezone.override(UTC):
            response = _answer(request, lambda: _rendered(view(request, *args, **kwargs)), kwargs, most)
        if (left := getattr(request, "rate_left", None)) is not None:
            for name, value in left.headers.items():
                response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return door


def _answer(
    request: HttpRequest, act: Callable[[], HttpResponseBase], kwargs: dict[str, Any], most: int | None
) -> HttpResponseBase:
    actor = getattr(request, "actor", ANONYMOUS)
    try:
        if most is not None and int(request.META.get("CONTENT_LENGTH") or 0) > most + AROUND:
            # Before a form's parts are written to the disk, one by one.
            raise RequestDataTooBig
        _readable(request, kwargs)
        return idempotency.once(request, actor=actor if isinstance(actor, Actor) else ANONYMOUS, act=act)
    except MultiPartParserError:
        return problems.response(request, 400, "unreadable", _("This is no multipart form that can be read."))
    except Exception as error:
        # What the view raised was turned into a problem by DRF already; this is what happened before it, or at commit.
        found = problems.of(error)
        if found is None:
            raise
        return problems.response_of(found)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Rendered within the door, where times are UTC and an effect and its answer are one transaction."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def _readable(request: HttpRequest, kwargs: dict[str, Any]) -> None:
    values = [("address", str(value)) for value in kwargs.values()]
    values += [(name, value) for name, several in request.GET.lists() for value in [name, *several]]
    for name, value in values:
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadInput(
                Reason("unreadable", _("This holds characters that no text can hold."), name.replace("\x00", "")[:60])
            )
