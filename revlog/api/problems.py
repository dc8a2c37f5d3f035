"""Errors as RFC 9457 problem details: a stable type, a machine code, and every reason, each with its field where input is at fault."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from revlog.common import guards
from revlog.common.errors import DomainError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request can't be read",
    401: "Who is asking is not known",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    406: "Not available in that form",
    409: "The state of things forbids it",
    412: "It has changed since you looked",
    413: "Too large",
    415: "This form of content is not understood",
    422: "The input can't be used",
    429: "Too many requests",
    500: "A fault of ours",
    503: "Not available for the moment",
}


def body(status_code: int, code: str, detail: str, reasons: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "type": f"/api/v1/problems/{code.replace('_', '-')}",
        "title": TITLES.get(status_code, "Refused"),
        "status": status_code,
        "code": code,
        "detail": detail,
        "reasons": reasons if reasons is not None else [{"code": code, "detail": detail}],
    }


def of_domain(error: DomainError) -> dict[str, Any]:
    reasons = [
        {"code": reason.code, "detail": reason.sentence} | ({"pointer": f"/{reason.field}"} if reason.field else {})
        for reason in error.reasons
    ]
    return body(error.status, error.code, error.sentence, reasons)


def _flat(detail: Any, pointer: str = "") -> list[dict[str, Any]]:  # noqa: ANN401 - DRF's nested error shapes
    if isinstance(detail, dict):
        found = []
        for name, part in detail.items():
            found += _flat(part, pointer if name == "non_field_errors" else f"{pointer}/{name}")
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
    answer = _answer(error)
    if answer is None:
        return None
    set_rollback()
    headers = {}
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    if answer["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(answer, status=answer["status"], headers=headers, content_type=CONTENT_TYPE)


def _answer(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, IntegrityError) and (refused := guards.refusal(error)) is not None:
        error = refused
    if isinstance(error, DomainError):
        return of_domain(error)
    if isinstance(error, Http404):
        return body(404, "not_found", "There is no such thing, or it isn't yours to see.")
    if isinstance(error, PermissionDenied):
        return body(403, "not_allowed", str(error) or "This key or person may not do that.")
    if isinstance(error, RequestDataTooBig):
        return body(413, "too_large", "What was sent is larger than is taken.")
    if isinstance(error, ValidationError):
        return body(422, "bad_input", "; ".join(error.messages))
    if isinstance(error, exceptions.ValidationError):
        reasons = _flat(error.detail)
        text = "; ".join(f"{r.get('pointer', '').lstrip('/')}: {r['detail']}".lstrip(": ") for r in reasons)
        return body(422, "bad_input", text, reasons)
    if isinstance(error, exceptions.APIException):
        codes = {400: "unreadable", 401: "not_known", 403: "not_allowed", 404: "not_found", 429: "too_many"}
        code = codes.get(error.status_code, str(getattr(error, "default_code", "refused")))
        return body(error.status_code, code, str(error.detail))
    return None


def response(request: HttpRequest, status_code: int, code: str, detail: str) -> JsonResponse:
    """A problem answered outside DRF: by the gate, a middleware, an error handler."""
    del request
    return JsonResponse(body(status_code, code, detail), status=status_code, content_type=CONTENT_TYPE)
