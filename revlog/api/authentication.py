"""Keys in the Authorization header: ``Bearer rl_...``. The gate has looked already; this hands its actor to DRF."""

from __future__ import annotations

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.services import keys
from revlog.common import clock


class KeyHolder:
    """What DRF calls the user of a request made with a key."""

    is_authenticated = True
    is_active = True

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.pk = actor.id


class KeyAuthentication(authentication.BaseAuthentication):
    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[KeyHolder, str] | None:
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"bearer":
            return None
        if len(header) != 2:
            raise exceptions.AuthenticationFailed("The Authorization header is not of the form: Bearer KEY.")
        actor = getattr(request._request, "actor", None)
        if actor is None or actor.kind != ActorKind.KEY:
            actor = keys.authenticate(header[1].decode("ascii", "replace"), at=clock.now())
        if actor is None:
            raise exceptions.AuthenticationFailed("This key is unknown, expired or revoked.")
        return KeyHolder(actor), "key"

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
