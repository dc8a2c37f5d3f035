"""Errors as RFC 9457 problem details: a stable type, a machine code, and every reason, each with its field where input is at fault."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from revlog.common import guards
from revlog.common.errors import DomainError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("The request can't be read"),
    401: gettext_lazy("Who is asking is not known"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not possible here"),
    406: gettext_lazy("Not available in that form"),
    409: gettext_lazy("The state of things forbids it"),
    410: gettext_lazy("No longer kept"),
    412: gettext_lazy("It has changed since you looked"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("This form of content is not understood"),
    422: gettext_lazy("The input can't be used"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("A fault of ours"),
    503: gettext_lazy("Not available for the moment"),
}
_FIELD = re.compile(r"[\w\[\]./-]+")
_INDEX = re.compile(r"\[(\d+)\]")
# PostgreSQL's codes for "somebody else holds it": a lock not had in time, a deadlock broken, a snapshot overtaken.
BUSY = frozenset({"55P03", "40P01", "40001"})


def body(status_code: int, code: str, detail: str, reasons: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "type": f"/api/v1/problems/{code.replace('_', '-')}",
        "title": str(TITLES.get(status_code, _("Refused"))),
        "status": status_code,
        "code": code,
        "detail": _sayable(detail),
        "reasons": [
            {name: _sayable(text) if isinstance(text, str) else text for name, text in reason.items()}
            for reason in (reasons if reasons is not None else [{"code": code, "detail": detail}])
        ],
    }


def _sayable(text: str) -> str:
    """Text that can be sent: what is said again of somebody's input may hold half of a surrogate pair, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode()


def of_domain(error: DomainError) -> dict[str, Any]:
    reasons = [
        {"code": reason.code, "detail": reason.sentence} | (_place(reason.field) if reason.field else {})
        for reason in error.reasons
    ]
    return body(error.status, error.code, error.sentence, reasons)


def _place(where: str) -> dict[str, str]:
    """``orders[3].lines[0].price`` as a JSON pointer; what names no field, such as a line of a file, is told as it is."""
    if not _FIELD.fullmatch(where):
        return {"place": where}
    return {"pointer": "/" + _INDEX.sub(r"/\1", where).replace(".", "/")}


def _token(name: object) -> str:
    """A name as a JSON pointer holds it (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def _flat(detail: Any, pointer: str = "") -> list[dict[str, Any]]:  # noqa: ANN401 - DRF's nested error shapes
    if isinstance(detail, dict):
        found = []
        for name, part in detail.items():
            found += _flat(part, pointer if name == "non_field_errors" else f"{pointer}/{_token(name)}")
        return found
    if isinstance(detail, list):
        found = []
        for index, part in enumerate(detail):
            nested = isinstance(part, (dict, list))
            found += _flat(part, f"{pointer}/{index}" if nested else pointer)
        return found
    code = str(getattr(detail, "code", "invalid"))
    return [{"code": code, "detail": str(detail)} | ({"pointer": pointer} if pointer else {})]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    answer = of(error)
    if answer is None:
        return None
    set_rollback()
    headers = {}
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if answer["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="revlog"'
    return Response(answer, status=answer["status"], headers=headers, content_type=CONTENT_TYPE)


def of(error: Exception) -> dict[str, Any] | None:
    """The problem that ``error`` stands for, or None when it is a fault of ours and must not be hidden."""
    if isinstance(error, IntegrityError) and (refused := guards.refusal(error)) is not None:
        error = refused
    if isinstance(error, DomainError):
        return of_domain(error)
    if isinstance(error, Http404):
        return body(404, "not_found", _("There is no such thing, or it isn't yours to see."))
    if isinstance(error, PermissionDenied):
        return body(403, "not_allowed", str(error) or _("This key or person may not do that."))
    if isinstance(error, exceptions.APIException):
        return _of_rest(error)
    if isinstance(error, ValidationError):
        return body(422, "bad_input", "; ".join(error.messages))
    return _of_request(error) or _of_database(error)


def _of_rest(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        reasons = _flat(error.detail)
        text = "; ".join(f"{r.get('pointer', '').lstrip('/')}: {r['detail']}".removeprefix(": ") for r in reasons)
        return body(422, "bad_input", text, reasons)
    codes = {400: "unreadable", 401: "not_authenticated", 403: "not_allowed", 404: "not_found", 429: "too_many"}
    code = codes.get(error.status_code, str(getattr(error, "default_code", "refused")))
    return body(error.status_code, code, str(error.detail))


def _of_request(error: Exception) -> dict[str, Any] | None:
    """What is wrong with the request itself, found while it was being read."""
    if isinstance(error, RequestDataTooBig):
        return body(413, "too_large", _("What was sent is larger than is taken here."))
    if isinstance(error, UnreadablePostError):
        return body(400, "unreadable", _("The request broke off before its end."))
    if isinstance(error, SuspiciousOperation | BadRequest):
        return body(400, "unreadable", _("The request can't be read: %(why)s") % {"why": error})
    return None


def _of_database(error: Exception) -> dict[str, Any] | None:
    """What PostgreSQL refused and a caller can do something about."""
    if isinstance(error, DataError):
        return body(422, "bad_input", _("A value lies outside of what can be kept."))
    if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) in BUSY:
        return body(409, "busy", _("Somebody else is working on this at the moment; send it again."))
    return None


def response_of(answer: dict[str, Any]) -> JsonResponse:
    """``answer`` as it is sent outside of DRF."""
    return JsonResponse(answer, status=answer["status"], content_type=CONTENT_TYPE)


def response(request: HttpRequest, status_code: int, code: str, detail: str) -> JsonResponse:
    """A problem answered outside DRF: by a middleware, an error handler."""
    del request
    return response_of(body(status_code, code, detail))
