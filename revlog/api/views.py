"""What stands at addresses of the API that are no endpoint: its root, its document, its docs, and nothing."""

from __future__ import annotations

import functools
import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from revlog.accounts.access import PUBLIC, allow
from revlog.api import problems, reference
from revlog.api import schema as openapi


@functools.cache
def _document() -> bytes:
    return json.dumps(openapi.document(), ensure_ascii=False).encode()


@allow(PUBLIC)
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Where to begin."""
    return JsonResponse({"docs": reverse("api-docs"), "schema": reverse("api-schema"), "version": "1"})


@allow(PUBLIC)
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document, as JSON."""
    return HttpResponse(_document(), content_type="application/vnd.oai.openapi+json; charset=utf-8")


@allow(PUBLIC)
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same document as a page, made on our side: no script of others runs, none is needed."""
    return render(
        request,
        "api/reference.html",
        {"reference": reference.of(openapi.document(), base=request.build_absolute_uri("/"))},
    )


@allow(PUBLIC)
@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What the ``type`` of a problem leads to: its line in the docs."""
    if code not in reference.PROBLEMS:
        raise Http404
    return HttpResponseRedirect(f"{reverse('api-docs')}#problem-{code}")


@csrf_exempt
@allow(PUBLIC)
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address below /api/v1/: a problem rather than a page, naming the slash where only that is missing."""
    try:
        missing = not request.path.endswith("/") and resolve(f"{request.path}/").func is not nothing
    except Resolver404:
        missing = False
    if missing:
        told = _("There is nothing at this address; it ends with a slash: %(address)s/") % {
            "address": request.path[:200]
        }
        return problems.response(request, 404, "not_found", told)
    return problems.response(request, 404, "not_found", _("There is nothing at this address."))
