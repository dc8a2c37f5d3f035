"""Calling the API in tests: a client that carries a key, by organization and scopes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from revlog.accounts.models import Hub, Organization
from revlog.accounts.services import keys
from revlog.common import clock
from tests.cast import Cast


@dataclass
class Caller:
    """Somebody with a key. ``get`` and ``post`` take paths below /api/v1 and give the response."""

    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers | headers)

    def post(
        self, path: str, body: Any = None, *, raw: bytes | None = None, form: str = "application/json", **headers: str
    ) -> Any:
        data = raw if raw is not None else json.dumps({} if body is None else body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1{path}", data=data, content_type=form, headers=self.headers | named)


def caller(cast: Cast, *scopes: str, organization: Organization | None = None, hub: Hub | None = None) -> Caller:
    """Whoever holds a key of ``organization`` (the operator unless told) with these scopes (all unless told)."""
    made = keys.create(
        organization=organization or cast.operator, scopes=scopes or ("all",), by=cast.admin, at=clock.now(), hub=hub
    )
    return Caller({"Authorization": f"Bearer {made.plain}"})


def problem(response: HttpResponseBase, status: int) -> dict[str, Any]:
    """The problem that was answered, with what each must have."""
    content = response.content.decode()  # type: ignore[attr-defined]
    assert response.status_code == status, content[:500]
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(content)
    assert {"type", "title", "status", "detail", "code"} <= set(told)
    assert told["status"] == status
    assert told["detail"]
    return told
