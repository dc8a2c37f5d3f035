"""``Idempotency-Key``: a request that is sent again, because its answer was lost, has its effect once and is answered the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.api.models import IdempotentRequest
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
SHAPE = re.compile(r"[\x21-\x7e]{1,200}")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPLAYED_HEADERS = ("Content-Type", "Location", "ETag")
# The twin of a request waits no longer than a client does; then it is told to ask again.
_BEGIN = """
SET LOCAL lock_timeout = '15s';
INSERT INTO api_idempotentrequest AS had (actor, key, fingerprint, status, headers, response, created_at)
VALUES (%s, %s, %s, 0, '{}', '', %s)
ON CONFLICT ON CONSTRAINT one_request_a_key DO UPDATE
    SET fingerprint = excluded.fingerprint, status = 0, headers = '{}', response = '', created_at = excluded.created_at
    WHERE had.created_at <= %s
RETURNING id
"""


class BadKey(BadInput):
    """The header can't be used as a key."""

    status: ClassVar[int] = 400
    code = "bad_idempotency_key"


class OtherRequest(BadInput):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class StillRunning(DomainError):
    """The first request with this key has no answer yet."""

    code = "in_progress"


def fingerprint(request: HttpRequest) -> str:
    """What tells one request from another: method, address and content, whatever way the content is packed."""
    found = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        # Each try of a client draws another boundary: the parts count, not the bytes between them.
        parts: list[tuple[str, str, str]] = [
            (name, "", value) for name, values in request.POST.lists() for value in values
        ]
        for name, files in request.FILES.lists():
            for file in files:
                digest = hashlib.sha256()
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
                parts.append((name, file.name or "", digest.hexdigest()))
        found.update(json.dumps(sorted(parts)).encode())
    else:
        found.update(f"{request.content_type}\n".encode())
        found.update(request.body)
    return found.hexdigest()


def once(
    request: HttpRequest, *, actor: Actor, act: Callable[[], HttpResponseBase], at: datetime | None = None
) -> HttpResponseBase:
    """Answer ``request`` by ``act``, or by what was answered to it before. Raises BadKey, OtherRequest, StillRunning.

    A request without the header is simply answered. With it, key and effect commit together; what was refused (any answer of 400 and
    above) is rolled back whole and forgotten.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method not in WRITES:
        return act()
    if not SHAPE.fullmatch(key):
        raise BadKey(
            Reason("bad_idempotency_key", _("An Idempotency-Key is 1 to 200 printable ASCII characters."), HEADER)
        )
    now = at or clock.now()
    told = fingerprint(request)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, [actor.reference, key, told, now, now - KEPT_FOR])
            first = cursor.fetchone()
        if first is not None:
            response = act()
            if response.status_code >= 400 or not isinstance(response, HttpResponse):
                transaction.set_rollback(True)
            else:
                _keep(first[0], response)
            return response
    earlier = IdempotentRequest.objects.filter(actor=actor.reference, key=key).first()
    if earlier is None:
        raise StillRunning(_("Another request with this key was being answered; send it again."))
    if earlier.fingerprint != told:
        raise OtherRequest(
            Reason("idempotency_key_reused", _("This key was used for another request; use a new one."), HEADER)
        )
    return _again(earlier)


def _keep(row: int, response: HttpResponse) -> None:
    # DRF renders late; what is kept is what is sent.
    if hasattr(response, "render") and not getattr(response, "is_rendered", True):
        response.render()
    IdempotentRequest.objects.filter(pk=row).update(
        status=response.status_code,
        headers={name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers},
        response=response.content.decode("utf-8"),
    )


def _again(earlier: IdempotentRequest) -> HttpResponse:
    response = HttpResponse(earlier.response, status=earlier.status)
    for name, value in earlier.headers.items():
        response.headers[name] = value
    response.headers["Idempotency-Replayed"] = "true"
    return response


def forget(*, at: datetime) -> int:
    """Drop what is older than 24 hours; how many rows went. A key of that age may be used anew even before."""
    return IdempotentRequest.objects.filter(created_at__lte=at - KEPT_FOR).delete()[0]
