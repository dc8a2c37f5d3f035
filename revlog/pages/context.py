"""What every page knows: who is here, at which hub, where they can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from revlog.pages import navigation


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "demo": settings.DEMO,
        "nav": navigation.entries(request) if actor is not None else [],
        "issuer": settings.ISSUER,
    }
