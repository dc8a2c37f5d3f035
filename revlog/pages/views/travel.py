"""Settings: how things travel. Places where people bring them, windows in which a van comes, carriers and their accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.logistics.models import Carrier, PickupWindow, Place
from revlog.logistics.services import setup
from revlog.pages.travel_forms import VENDORS, CarrierForm, DropOffForm, WindowForm

PARTS = ("place", "window", "carrier")


@allow("logistics.view", write="logistics.carriers")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """All three, each with a form that sets one up or changes it; the address may name one that is to be changed."""
    actor = gate.actor_for(request)
    part = request.POST.get("part", "")
    found = _forms(request, actor, part) if actor.may("logistics.carriers") else {}
    form = found.get(part)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            name = _keep(part, form.cleaned_data, actor)
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("%(place)s is set up.") % {"place": name})
            return HttpResponseRedirect(reverse("travel"))
    hubs = Hub.objects.visible_to(actor)
    context = {
        "places": Place.objects.filter(hub__in=hubs).select_related("hub"),
        "windows": [
            {"row": one, "day": WEEKDAYS[one.weekday]}
            for one in PickupWindow.objects.filter(hub__in=hubs).select_related("hub")
        ],
        "carriers": [
            {"row": one, "vendor": dict(VENDORS).get(one.vendor, one.vendor)}
            for one in Carrier.objects.select_related("organization")
        ],
        "forms": found,
    }
    bad = form is not None and bool(form.errors)
    return render(request, "pages/travel.html", context, status=422 if bad else 200)


def _forms(request: HttpRequest, actor: Actor, part: str) -> dict[str, forms.Form]:
    def data(name: str) -> Any:  # noqa: ANN401
        return request.POST if request.method == "POST" and part == name else None

    return {
        "place": DropOffForm(
            data("place"), actor=actor, prefix="place", initial=_of_place(request.GET.get("place", ""))
        ),
        "window": WindowForm(
            data("window"), actor=actor, prefix="window", initial=_of_window(request.GET.get("window", ""))
        ),
        "carrier": CarrierForm(data("carrier"), prefix="carrier", initial=_of_carrier(request.GET.get("carrier", ""))),
    }


def _of_place(code: str) -> dict[str, Any]:
    row = Place.objects.filter(code=code.replace("\0", "")).first() if code else None
    if row is None:
        return {}
    kept = {name: getattr(row, name) for name in ("code", "name", "postcode", "city", "country", "active")}
    kept |= {"takes_parcels": row.takes_parcels, "takes_unboxed": row.takes_unboxed, "hub": row.hub_id}
    return kept | {"address": "\n".join(row.address)} | {f"day_{day}": "-".join(row.hours[day]) for day in row.hours}


def _of_window(key: str) -> dict[str, Any]:
    row = next((one for one in PickupWindow.objects.all() if str(one.pk) == key), None) if key else None
    if row is None:
        return {}
    names = ("weekday", "begins", "ends", "capacity", "cutoff_hours", "active")
    return {name: getattr(row, name) for name in names} | {
        "hub": row.hub_id,
        "driven_by": row.driven_by_id,
        "postcodes": ", ".join(row.postcodes),
    }


def _of_carrier(code: str) -> dict[str, Any]:
    row = Carrier.objects.filter(code=code.replace("\0", "")).first() if code else None
    if row is None:
        return {}
    names = ("code", "name", "vendor", "for_returns", "label_free", "dangerous", "carries_data", "active")
    return {name: getattr(row, name) for name in names} | dict(row.account) | {"organization": row.organization_id}


def _keep(part: str, told: dict[str, Any], actor: Actor) -> str:
    at = clock.now()
    if part == "place":
        hours = {day: told[f"day_{day}"] for day in WEEKDAYS}
        names = ("code", "name", "hub", "postcode", "city", "country", "takes_parcels", "takes_unboxed", "active")
        row = setup.keep_place(
            **{name: told[name] for name in names}, address=told["address"].splitlines(), hours=hours, by=actor, at=at
        )
        return row.name
    if part == "window":
        fields = ("hub", "weekday", "begins", "ends", "capacity", "cutoff_hours", "driven_by", "active")
        window = setup.keep_window(
            **{name: told[name] for name in fields}, postcodes=told["postcodes"].split(","), by=actor, at=at
        )
        return f"{WEEKDAYS[window.weekday]} {window.begins:%H:%M}"
    parts = ("code", "name", "vendor", "for_returns", "label_free", "dangerous", "carries_data", "active")
    before = Carrier.objects.filter(code=told["code"].strip().lower()).first()
    account = {
        **(before.account if before is not None else {}),
        **{name: told[name] or "" for name in ("service", "carrier", "grams")},
    }
    carrier = setup.keep_carrier(
        **{name: told[name] for name in parts},
        account={name: value for name, value in account.items() if value != ""},
        organization=told["organization"],
        by=actor,
        at=at,
    )
    return carrier.name
