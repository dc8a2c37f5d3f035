"""One's own session: place, language, account, and the demo's cards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts import gate, queries
from revlog.accounts.access import PERSONAL, PUBLIC, SIGNED_IN, allow
from revlog.accounts.forms import PinForm, show
from revlog.accounts.models import User
from revlog.accounts.services import people, stations
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, NotFound


def back_to(request: HttpRequest, default: str = "/") -> str:
    """Where the form says to go on, when that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return asked
    return default


def person(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    return user


@allow(SIGNED_IN)
@require_POST
def switch_hub(request: HttpRequest) -> HttpResponse:
    """Work at another place: ``place`` is ``<organization>/<hub>`` or ``<organization>``, or ``hub`` is a hub's id."""
    standing: queries.Standing | None = request.standing  # type: ignore[attr-defined]
    asked, hub = request.POST.get("place", ""), request.POST.get("hub", "")
    for place in standing.places if standing else ():
        if place.value == asked or (place.hub is not None and str(place.hub.pk) == hub):
            request.session[gate.SESSION_ORGANIZATION] = str(place.organization.pk)
            if place.hub is not None:
                request.session[gate.SESSION_HUB] = str(place.hub.pk)
            else:
                request.session.pop(gate.SESSION_HUB, None)
            return HttpResponseRedirect(back_to(request))
    raise Http404


@allow(PUBLIC)
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read in another language: kept with the person when somebody is signed in, and in the browser."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponse(_("There is no such language."), status=422)
    if isinstance(request.user, User):
        people.choose_language(user=request.user, language=language)
    response = HttpResponseRedirect(back_to(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=31_536_000,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )
    return response


@allow(PUBLIC)
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Become one of the demo's people with one click; there is no such page where the install is not a demo."""
    if not settings.DEMO:
        raise Http404
    try:
        user = people.demo_user(request.POST.get("person", ""))
    except NotFound as refusal:
        raise Http404 from refusal
    auth.logout(request)
    auth.login(request, user)
    return HttpResponseRedirect(back_to(request))


@allow(SIGNED_IN)
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """My account: where I work, as what, my language, how I sign in."""
    return _me(request, PinForm())


def _me(request: HttpRequest, form: PinForm, status: int = 200) -> HttpResponse:
    user = person(request)
    badge = queries.badge_of(user)
    context = {
        "memberships": queries.memberships_of(user, at=clock.now()),
        "badge": badge,
        "pin_form": form if badge and request.station is None else None,  # type: ignore[attr-defined]
        "shared": request.station,  # type: ignore[attr-defined]
        "chosen": translation.get_language(),
        "all_languages": settings.LANGUAGES,
    }
    return render(request, "accounts/me.html", context, status=status)


@allow(PERSONAL)
@require_POST
def change_pin(request: HttpRequest) -> HttpResponse:
    form = PinForm(request.POST)
    standing: queries.Standing | None = request.standing  # type: ignore[attr-defined]
    if form.is_valid():
        if standing is None or standing.place is None:
            raise Http404
        try:
            stations.change_pin(
                user=person(request),
                pin=form.cleaned_data["pin"],
                organization=standing.place.organization,
                by=gate.actor_for(request),
                at=clock.now(),
            )
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Your PIN is changed."))
            return HttpResponseRedirect(reverse("accounts_me"))
    return _me(request, form, status=BadInput.status)


def wanted(text: str) -> uuid.UUID:
    """An id from a form; anything else is a page that isn't there."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
