"""The access gate: the one place where a request is let in or turned away, before any view runs.

It sets on each request: ``actor`` (`revlog/accounts/actors.py`), ``standing`` (the person's place and the places they may switch to, None
without a person) and ``station``. It speaks the person's language and shows times in the zone of their hub.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from revlog.accounts import access, guests, permissions, queries
from revlog.accounts.access import Level, Row
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Station, User
from revlog.accounts.services import keys, stations
from revlog.common import clock, words

log = logging.getLogger(__name__)

STATION_COOKIE = "revlog_station"
SESSION_STATION, SESSION_SEEN = "station", "seen"
SESSION_ORGANIZATION, SESSION_HUB = "organization", "hub"
NOTED_EVERY_SECONDS = 20


@dataclass(frozen=True)
class Caller:
    """Who a request comes from. ``locked`` says that a shared station signed its person out because nobody touched it."""

    actor: Actor
    standing: queries.Standing | None = None
    station: Station | None = None
    locked: bool = False
    bad_key: bool = False


class _CsrfCheck(CsrfViewMiddleware):
    """The check that API views are exempt from, for callers who come with a session instead of a key."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _as_uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def _bearer(request: HttpRequest) -> str | None:
    scheme, _space, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else None


def caller_of(request: HttpRequest, *, at: datetime, passive: bool = False) -> Caller:
    """Who acts in ``request``: the key of its Authorization header, else the session's person, else the session's guest.

    A session on a shared station ends here when its time has run out. A key and a session are never mixed.
    """
    if (text := _bearer(request)) is not None:
        actor = keys.authenticate(text, at)
        return Caller(actor or queries.ANONYMOUS, bad_key=actor is None)
    user = request.user
    if not isinstance(user, User):
        return Caller(queries.guest(request.session.get(guests.SESSION, ())))
    station: Station | None = None
    if SESSION_STATION in request.session:
        station = Station.objects.select_related("hub").filter(pk=request.session[SESSION_STATION], active=True).first()
        idle = at.timestamp() - float(request.session.get(SESSION_SEEN, 0))
        if station is None or idle > settings.STATION_IDLE_SECONDS:
            auth.logout(request)
            return Caller(queries.ANONYMOUS, locked=True)
        if not passive and idle > NOTED_EVERY_SECONDS:
            request.session[SESSION_SEEN] = at.timestamp()
    standing = queries.standing_of(
        user,
        at=at,
        organization=_as_uuid(request.session.get(SESSION_ORGANIZATION)),
        hub=_as_uuid(request.session.get(SESSION_HUB)),
        station=station,
    )
    return Caller(standing.actor, standing, station)


def actor_for(request: HttpRequest) -> Actor:
    """The actor of a request that passed the gate."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def insider_for(request: HttpRequest) -> Actor:
    """The same, on pages of the operator's own stores: whoever else may pass the gate is told 404 here."""
    actor = actor_for(request)
    if not actor.is_operator:
        raise Http404
    return actor


def open_station(request: HttpRequest, *, user: User, station: Station, at: datetime) -> None:
    """Sign ``user`` in on a shared station; whoever was signed in before is signed out, with all that their session held."""
    auth.logout(request)
    auth.login(request, user)
    request.session[SESSION_STATION] = str(station.pk)
    request.session[SESSION_SEEN] = at.timestamp()


class Gate:
    """Middleware; the last of the list, so that session, language, messages and htmx are there. Behind it stands only what runs views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Pages that no view answers (404) still want to know who reads them.
        request.actor = SimpleLazyObject(lambda: caller_of(request, at=clock.now(), passive=True).actor)  # type: ignore[attr-defined]
        request.standing = None  # type: ignore[attr-defined]
        request.station = None  # type: ignore[attr-defined]
        try:
            with words.names_read_once():
                return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.view_name if match else None
        row = access.row_of(view, name)
        if row is None:
            if settings.DEBUG:
                raise ImproperlyConfigured(
                    f"The route {name or request.path!r} has no row in the access table; see docs/access.md."
                )
            log.error("refused: no row in the access table for route %r", name or request.path)
            raise Http404
        method = request.method or "GET"
        at = clock.now()
        caller = caller_of(request, at=at, passive=row.passive)
        request.actor = caller.actor  # type: ignore[attr-defined]
        request.standing = caller.standing  # type: ignore[attr-defined]
        request.station = caller.station  # type: ignore[attr-defined]
        _settle_in(request, caller)
        needs = row.needs(method, access.action_of(view, method))
        return _decide(request, row=row, needs=needs, caller=caller, at=at)


def _settle_in(request: HttpRequest, caller: Caller) -> None:
    """The person's language, and the clock of the hub where they are."""
    if caller.actor.kind == ActorKind.USER and isinstance(request.user, User):
        language = request.user.language
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
    place = caller.standing.place if caller.standing else None
    timezone.activate(ZoneInfo(place.hub.zone) if place and place.hub else UTC)


def _decide(
    request: HttpRequest, *, row: Row, needs: tuple[str, ...], caller: Caller, at: datetime
) -> HttpResponseBase | None:
    actor = caller.actor
    api = row.is_api or request.path.startswith("/api/")
    if needs in {(Level.PUBLIC,), (Level.GUEST,)}:
        return None
    if needs == (Level.STATION,):
        return _station_only(request, at=at)
    if not needs:
        return problem(405, "method_not_allowed", "This endpoint doesn't take that method.")
    if actor.kind == ActorKind.KEY:
        if not row.is_api:
            return problem(403, "keys_open_the_api_alone", "An API key opens the routes below /api/ alone.")
    elif actor.kind != ActorKind.USER:
        return _unknown(request, caller=caller, api=api)
    elif api and request.method not in access.SAFE and (reason := _csrf(request)):
        return problem(403, "csrf", f"A session may write to the API only with its CSRF token. {reason}")
    if needs == (Level.SIGNED_IN,):
        return None
    if needs == (Level.PERSONAL,):
        if caller.station is None and actor.kind == ActorKind.USER:
            return None
        return _refused(
            request,
            [_("This is not open on a shared station. Sign in with your password on your own device.")],
            api=api,
        )
    if any(actor.may(need) for need in needs):
        return None
    sentences = [str(permissions.sentence(need)) for need in needs]
    return _refused(request, [_("This needs the right to %(act)s.") % {"act": _(" or to ").join(sentences)}], api=api)


def _csrf(request: HttpRequest) -> str | None:
    check = _CsrfCheck(lambda _request: HttpResponse())
    check.process_request(request)
    # The view handed over is one that isn't exempt; the answer is our `_reject`, a sentence.
    return check.process_view(request, lambda _request: HttpResponse(), (), {})  # type: ignore[return-value]


def _station_only(request: HttpRequest, *, at: datetime) -> HttpResponseBase | None:
    station = stations.station_of(request.COOKIES.get(STATION_COOKIE, ""))
    if station is None:
        return _go(request, reverse("accounts_station_register"))
    request.station = station  # type: ignore[attr-defined]
    return None


def _unknown(request: HttpRequest, *, caller: Caller, api: bool) -> HttpResponseBase:
    """Nobody is signed in: the API says so, a page leads to where one signs in and brings one back."""
    if api:
        detail = (
            "This key is unknown, revoked or has ended."
            if caller.bad_key
            else "Send an API key in the header 'Authorization: Bearer rl_...'."
        )
        response = problem(401, "not_authenticated", detail)
        response.headers["WWW-Authenticate"] = 'Bearer realm="revlog"'
        return response
    if caller.bad_key:
        return problem(401, "not_authenticated", "An API key opens the routes below /api/ alone.")
    shared = stations.holds_token(request.COOKIES.get(STATION_COOKIE, ""))
    address = reverse("accounts_station" if shared else "account_login")
    return _go(request, address, back=True)


def _go(request: HttpRequest, address: str, *, back: bool = False) -> HttpResponseBase:
    htmx = bool(getattr(request, "htmx", False))
    if back:
        # A fragment is no page to come back to: the page around it is.
        came = getattr(request.htmx, "current_url_abs_path", None) if htmx else request.get_full_path()  # type: ignore[attr-defined]
        if came and (htmx or request.method in access.SAFE) and came != "/":
            address += "?" + urlencode({"next": came})
    return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)


def _refused(request: HttpRequest, reasons: list[str], *, api: bool) -> HttpResponseBase:
    if api:
        return problem(403, "not_allowed", " ".join(reasons))
    htmx = bool(getattr(request, "htmx", False))
    template = "accounts/_refused.html" if htmx else "accounts/refused.html"
    return render(request, template, {"reasons": reasons}, status=403)


_TITLES = {401: "Not authenticated", 403: "Not allowed", 404: "Not found", 405: "Method not allowed"}


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """An RFC 9457 answer."""
    return JsonResponse(
        {"type": "about:blank", "title": _TITLES[status], "status": status, "code": code, "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
