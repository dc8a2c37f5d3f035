"""The access table: for every route, who may come in. A route without a row is refused (`revlog/accounts/gate.py`).

A row is declared where the view is, by the decorator `allow`, so that low layers know nothing of high ones:

    @allow("returns.receive")                       # who has this permission, for every method
    @allow("devices.view", write="devices.hold")    # one to look, another to act
    @allow("returns.receive", "triage.report")      # either of them
    @allow(PUBLIC)                                  # everybody

On class-based views it goes above the class. A view of the API names scopes (or permissions) instead, by action, by method, or for
reading and writing, in an attribute called ``scopes`` or ``permission_to``:

    scopes = {"read": "devices:read", "write": "devices:write", "advance": "moves:write"}

Routes of third parties have their rows in `THIRD_PARTY`, by the route's name. Which objects a person may see is not decided here but by
``visible_to`` of each model's QuerySet, and a stranger is told 404.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from revlog.accounts import permissions
from revlog.accounts.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Level(StrEnum):
    """Who may come in where no single permission is asked."""

    PUBLIC = "public"
    GUEST = "guest"
    STATION = "station"
    SIGNED_IN = "signed in"
    PERSONAL = "personal"


PUBLIC, GUEST, STATION, SIGNED_IN, PERSONAL = Level

LEVEL_SENTENCES: Mapping[Level, str] = {
    Level.PUBLIC: "everybody",
    Level.GUEST: "whoever has the signed link; the view checks what it opens",
    Level.STATION: "a registered station, nobody signed in yet",
    Level.SIGNED_IN: "everybody who is signed in, by password or by badge and PIN",
    Level.PERSONAL: "everybody who is signed in with their own password or passkey, not at a shared station",
}


@dataclass(frozen=True)
class Row:
    """Who may look (``read``) and who may act (``write``): each a level, or names of which one suffices."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    passive: bool = False
    """A page that asks by itself (polling) doesn't keep a shared station signed in."""
    scopes: Mapping[str, str] | None = None
    """Set for API views: action, method, ``read`` or ``write`` -> scope. Then ``read`` and ``write`` hold the scopes for the table."""

    @property
    def is_api(self) -> bool:
        return self.scopes is not None

    def needs(self, method: str, action: str | None = None) -> tuple[str, ...]:
        """What a request with ``method`` (and, of a view set, ``action``) needs."""
        if self.scopes is not None:
            found = (
                self.scopes.get(action or "")
                or self.scopes.get(method)
                or self.scopes.get("read" if method in SAFE else "write")
            )
            return (found,) if found else ()
        return self.read if method in SAFE else self.write


def _checked(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise permissions.UnknownPermission("A row names at least one level or permission.")
    for name in names:
        if name in frozenset(Level):
            if len(names) > 1:
                raise permissions.UnknownPermission(f"The level {name!r} stands alone.")
        else:
            permissions.sentence(name)
    return names


def row(*who: str, write: str | tuple[str, ...] = (), passive: bool = False) -> Row:
    """A row of the table; an unknown permission is refused here, when the module is imported."""
    acting = (write,) if isinstance(write, str) else write
    return Row(_checked(who), _checked(acting or who), passive=passive)


def allow(*who: str, write: str | tuple[str, ...] = (), passive: bool = False) -> Callable[[View], View]:
    """Declare who may call the decorated view (function or class). ``write`` is asked for POST, PUT, PATCH and DELETE."""
    made = row(*who, write=write, passive=passive)

    def declare(view: View) -> View:
        view.access_row = made  # type: ignore[attr-defined]
        return view

    return declare


# Routes of packages, by name or pattern; the first that matches counts.
THIRD_PARTY: Mapping[str, Row] = {
    "account_login": row(PUBLIC),
    "account_logout": row(PUBLIC),
    "account_inactive": row(PUBLIC),
    "account_signup": row(PUBLIC),
    "account_reset_password*": row(PUBLIC),
    "account_confirm_email": row(PUBLIC),
    "account_email_verification_sent": row(PUBLIC),
    "account_confirm_login_code": row(PUBLIC),
    "account_request_login_code": row(PUBLIC),
    "account_reauthenticate": row(PERSONAL),
    "account_*": row(PERSONAL),
    "mfa_authenticate": row(PUBLIC),
    "mfa_login_webauthn": row(PUBLIC),
    "mfa_trust": row(PUBLIC),
    "mfa_*": row(PERSONAL),
    "api-root": row(PUBLIC),
}


def _declared(target: Any) -> Row | None:  # noqa: ANN401 - any kind of view
    found = getattr(target, "access_row", None)
    if isinstance(found, Row):
        return found
    for attribute in ("scopes", "permission_to"):
        scopes = getattr(target, attribute, None)
        if isinstance(scopes, Mapping):
            return _scoped(scopes)
    return None


def _scoped(scopes: Mapping[str, str]) -> Row:
    for name in scopes.values():
        _checked((name,))
    reading = tuple(sorted({name for key, name in scopes.items() if key in {"read", *SAFE}})) or (Level.SIGNED_IN,)
    writing = tuple(sorted({name for key, name in scopes.items() if key not in {"read", *SAFE}})) or reading
    return Row(reading, writing, scopes=scopes)


def row_of(view: Callable[..., Any], name: str | None) -> Row | None:
    """The row of a route: declared on the view, on its class, or by the route's name; None when there is none."""
    for target in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        if target is not None and (found := _declared(target)) is not None:
            return found
    for pattern, found in THIRD_PARTY.items():
        if name and fnmatch.fnmatchcase(name, pattern):
            return found
    return None


def action_of(view: Callable[..., Any], method: str) -> str | None:
    """The action of a view set that answers ``method``, None for other views."""
    actions: Mapping[str, str] = getattr(view, "actions", None) or {}
    return actions.get("get" if method == "HEAD" else method.lower())


def opens(address: str, actor: Actor) -> bool:
    """Whether the page at an address of ours opens to ``actor``, as far as the table says: a link that leads to a refusal isn't shown."""
    try:
        match = resolve(address.partition("?")[0].partition("#")[0])
    except Resolver404:
        return False
    row = row_of(match.func, match.view_name)
    needs = row.needs("GET") if row is not None else ()
    return any(need in frozenset(Level) or actor.may(need) for need in needs)


@dataclass(frozen=True)
class Route:
    """One line of the URL configuration with its row, which is None when somebody forgot it."""

    path: str
    name: str
    view: Callable[..., Any]
    patterns: tuple[URLPattern | URLResolver, ...]
    row: Row | None


def routes(resolver: URLResolver | None = None) -> Iterator[Route]:
    """Every route of the site, in the order in which they are tried."""
    yield from _walk(resolver or get_resolver(), (), "", ())


def _walk(
    resolver: URLResolver, namespaces: tuple[str, ...], prefix: str, above: tuple[URLPattern | URLResolver, ...]
) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, inner, path, (*above, entry))
        else:
            name = ":".join([*namespaces, entry.name]) if entry.name else ""
            yield Route(path, name, entry.callback, (*above, entry), row_of(entry.callback, name))
