"""Who asks is settled by the gate (``revlog/accounts/gate.py``), before any view runs; this hands its answer to DRF, at no cost."""

from __future__ import annotations

from rest_framework import authentication
from rest_framework.request import Request
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind


class Caller:
    """What DRF calls the user of a request: the actor, be it a key or a person in a session."""

    is_authenticated = True
    is_active = True

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.pk = actor.id


class ByGate(authentication.BaseAuthentication):
    """The gate looked the key up, or read the session and checked its CSRF token; asking twice would cost two queries a request."""

    @override
    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        actor = getattr(request._request, "actor", None)
        if not isinstance(actor, Actor) or actor.kind not in {ActorKind.KEY, ActorKind.USER}:
            return None
        return Caller(actor), str(actor.kind)

    @override
    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="revlog"'
