"""Guests: people without an account, known by a signed link to one thing (an RMA, a document, a pickup).

A route with the level GUEST is let through by the gate; its view asks `require` for the thing at hand, which answers 404 to everyone
whose link doesn't open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.core import signing
from django.http import Http404, HttpRequest

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.queries import guest

SESSION = "guest"
MOST = 50
_SALT = "revlog.accounts.guest"


def sign(scope: Iterable[str], *, until: datetime) -> str:
    """A token, fit for an address, that opens ``scope`` (as ``{"rma:<uuid>"}``) until ``until``."""
    return signing.dumps({"s": sorted(scope), "u": int(until.timestamp())}, salt=_SALT, compress=True)


def read(token: str, *, at: datetime) -> frozenset[str]:
    """What ``token`` opens at ``at``; nothing when it has run out or was tampered with."""
    try:
        told = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return frozenset()
    if datetime.fromtimestamp(told["u"], tz=UTC) <= at:
        return frozenset()
    return frozenset(told["s"])


def admit(request: HttpRequest, scope: Iterable[str]) -> Actor:
    """Let this browser see ``scope`` from now on: after a link was read, or an order number and e-mail were found to belong together."""
    held = request.session.get(SESSION, [])
    merged = [thing for thing in held if thing not in set(scope)] + sorted(scope)
    request.session[SESSION] = merged[-MOST:]
    actor = guest(request.session[SESSION])
    request.actor = actor  # type: ignore[attr-defined]
    return actor


def require(request: HttpRequest, thing: str) -> Actor:
    """The actor of ``request``, when they are a guest whose scope holds ``thing``. Http404 for everyone else."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.kind != ActorKind.GUEST or thing not in actor.scope:
        raise Http404
    return actor
