"""Who works at the bench, and what their forms sent."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from revlog.accounts.actors import Actor


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def id_of(text: str) -> uuid.UUID:
    """The id that a form sent; what is none names nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
