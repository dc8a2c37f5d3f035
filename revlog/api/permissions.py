"""The access table once more, for DRF: the same row that the gate read, so that a view reached by another way is closed as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import permissions
from typing_extensions import override

from revlog.accounts import access
from revlog.accounts.access import Level
from revlog.accounts.actors import Actor

if TYPE_CHECKING:
    # DRF imports this module while its views are being defined.
    from rest_framework.request import Request
    from rest_framework.views import APIView


def actor_of(request: Request) -> Actor | None:
    actor = getattr(request.user, "actor", None) or getattr(request._request, "actor", None)
    return actor if isinstance(actor, Actor) else None


class Scoped(permissions.BasePermission):
    """``scopes`` on the view maps action, method, ``read`` or ``write`` to a scope; a view without a row is closed."""

    message = "This key or person may not do that."

    @override
    def has_permission(self, request: Request, view: APIView) -> bool:
        row = access.row_of(type(view), None)
        if row is None:
            return False
        needs = row.needs(request.method or "GET", getattr(view, "action", None))
        if needs == (Level.PUBLIC,):
            return True
        actor = actor_of(request)
        return actor is not None and any(actor.may(need) for need in needs)
