"""Scopes of the API: each view says what reading and writing it takes; people in a session need the same permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import permissions

from revlog.accounts.actors import Actor

if TYPE_CHECKING:
    # DRF imports this module while its views are being defined.
    from rest_framework.request import Request
    from rest_framework.views import APIView


def actor_of(request: Request) -> Actor | None:
    actor = getattr(request.user, "actor", None) or getattr(request._request, "actor", None)
    return actor if isinstance(actor, Actor) else None


class Scoped(permissions.BasePermission):
    """``permission_to`` on the view maps method or action to a permission name; a view without it is closed."""

    message = "This key or person may not do that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        actor = actor_of(request)
        if actor is None:
            return False
        table: dict[str, str] = getattr(view, "permission_to", {})
        wanted = (
            table.get(getattr(view, "action", None) or "")
            or table.get(request.method or "")
            or (table.get("read") if request.method in permissions.SAFE_METHODS else table.get("write"))
        )
        return wanted is not None and actor.may(wanted)
