"""Shared stations: registering one, signing in on it, and the list for leads."""

from __future__ import annotations

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import SIGNED_IN, STATION, allow
from revlog.accounts.forms import BadgeForm, StationForm, show
from revlog.accounts.models import Station
from revlog.accounts.services import stations
from revlog.accounts.views.sessions import back_to, wanted
from revlog.common import clock
from revlog.common.errors import DomainError

COOKIE_AGE = 5 * 365 * 24 * 3600


@allow(STATION)
@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Badge and PIN. With somebody signed in already it switches to the next person, in one scan and a PIN."""
    station: Station = request.station  # type: ignore[attr-defined]
    status = 200
    if request.method == "POST":
        form = BadgeForm(request.POST)
        status = 422
        if form.is_valid():
            at = clock.now()
            try:
                user = stations.sign_in(
                    station=station, badge=form.cleaned_data["badge"], pin=form.cleaned_data["pin"], at=at
                )
            except DomainError as refusal:
                status = refusal.status
                show(form, refusal)
            else:
                gate.open_station(request, user=user, station=station, at=at)
                return HttpResponseRedirect(back_to(request))
    else:
        form = BadgeForm(initial={"badge": request.GET.get("badge", "")})
    context = {
        "form": form,
        "station": station,
        "hub": station.hub,
        "next": back_to(request, default=""),
        "digits": "123456789",
        "present": request.user if request.user.is_authenticated else None,
    }
    return render(request, "accounts/station_sign_in.html", context, status=status)


@allow(SIGNED_IN)
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Leave a shared station: the next person signs in, and comes back to the same page."""
    shared = request.station is not None  # type: ignore[attr-defined]
    auth.logout(request)
    return HttpResponseRedirect(reverse("accounts_station" if shared else "account_login"))


@allow("accounts.stations")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make this device a station. The lead is signed out at once: their session must not stay on a shared screen."""
    actor = gate.actor_for(request)
    form = StationForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = stations.register(
                hub=form.cleaned_data["hub"], name=form.cleaned_data["name"], by=actor, at=clock.now()
            )
        except DomainError as refusal:
            show(form, refusal)
        else:
            auth.logout(request)
            response = HttpResponseRedirect(reverse("accounts_station"))
            response.set_cookie(
                gate.STATION_COOKIE,
                made.token,
                max_age=COOKIE_AGE,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
            return response
    return render(request, "accounts/station_register.html", {"form": form}, status=422 if form.errors else 200)


@allow("accounts.stations")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The stations of one's hubs."""
    rows = (
        Station.objects.visible_to(gate.actor_for(request))
        .filter(active=True)
        .select_related("hub")
        .order_by("hub__name", "name")
    )
    return render(request, "accounts/stations.html", {"stations": rows})


@allow("accounts.stations")
@require_POST
def retire(request: HttpRequest) -> HttpResponse:
    actor = gate.actor_for(request)
    station = get_object_or_404(
        Station.objects.visible_to(actor).select_related("hub__organization"),
        pk=wanted(request.POST.get("station", "")),
        active=True,
    )
    try:
        stations.retire(station=station, by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("%(name)s is no longer a station.") % {"name": station.name})
    return HttpResponseRedirect(reverse("accounts_stations"))
