"""A tablet of the floor: what is done on it carries a key, and may come later."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from revlog.common import clock
from revlog.scanning import kept
from tests.cast import Cast


class Tablet:
    """A browser that keeps what it does and sends it, now or later."""

    def __init__(self, cast: Cast, name: str, client: Client | None = None) -> None:
        self.client = client or Client()
        self.person = cast.user(name)
        self.client.force_login(self.person)
        self.id = str(uuid.uuid4())
        self.sequence = 0

    def act(self, url: str = "/floor/scan", *, ago: float = 0, **fields: Any) -> dict[str, Any]:
        self.sequence += 1
        made = clock.now() - timedelta(seconds=ago)
        headers = {
            "HTTP_HX_REQUEST": "true",
            "HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex,
            "HTTP_ACT_DEVICE": self.id,
            "HTTP_ACT_SEQUENCE": str(self.sequence),
            # The tablet's clock is five minutes slow, and it knows.
            "HTTP_ACT_AT": (made - timedelta(minutes=5)).isoformat(),
            "HTTP_ACT_OFFSET": "300000",
            "HTTP_ACT_FORM": f"{kept.FORM}-x",
            "HTTP_ACT_PERSON": str(self.person.pk),
        }
        fields.setdefault("act_label", fields.get("code", ""))
        return {"path": url, "data": fields, **headers}

    def send(self, act: dict[str, Any], **more: str) -> HttpResponse:
        told = {**act, **more}
        return self.client.post(told.pop("path"), told.pop("data"), **told)  # type: ignore[return-value]

    def scan(self, code: str, *, ago: float = 0, **more: str) -> HttpResponse:
        return self.send(self.act(code=code, ago=ago), **more)


def outcome(answer: HttpResponse) -> str:
    return answer.headers["Act-Outcome"]
