"""What every page knows: who is here, at which hub, where they can go, in which language."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from revlog.accounts.actors import ActorKind
from revlog.accounts.models import User
from revlog.accounts.services import stations
from revlog.pages import navigation
from revlog.scanning import app, kept


def house(request: HttpRequest) -> dict[str, Any]:
    """The context of the layouts (docs/frontend.md). Nothing is asked of the database for somebody who isn't signed in."""
    actor = getattr(request, "actor", None)
    standing = getattr(request, "standing", None)
    shared: dict[str, Any] = {
        "actor": actor,
        "demo": settings.DEMO,
        "issuer": settings.ISSUER,
        "language_url": _url("accounts_language"),
        "languages": [
            {
                "code": code,
                "label": translation.get_language_info(code)["name_local"].capitalize(),
                "active": code == _language(),
            }
            for code, _name in settings.LANGUAGES
        ],
    }
    if actor is None or actor.kind != ActorKind.USER or not isinstance(getattr(request, "user", None), User):
        return shared
    station = getattr(request, "station", None)
    place = standing.place if standing else None
    return shared | {
        "nav": navigation.entries(request),
        "person": {
            "name": actor.name,
            "role": "",
            "initials": "".join(part[0] for part in actor.name.split()[:2]).upper(),
            "profile_url": _url("accounts_me"),
        },
        "hub": {"name": place.hub.name if place.hub else place.organization.name} if place else None,
        "hubs": [
            {
                "name": each.hub.name if each.hub else each.organization.name,
                "value": each.value,
                "active": each == place,
            }
            for each in (standing.places if standing else ())
        ]
        if standing and len(standing.places) > 1
        else [],
        "hub_switch_url": _url("accounts_hub_switch"),
        "station": {"name": station.name} if station else None,
        "switch_url": _url("accounts_station") if station else None,
        "signout_url": _url("accounts_station_lock") if station else _url("account_logout"),
        "search_url": _url("search"),
        "home_url": _url("my_work"),
        "floor_app": partial(_floor_app, str(request.user.pk), str(place.hub.pk) if place and place.hub else ""),
    }


def _floor_app(person: str, hub: str) -> dict[str, str]:
    """What `components/kept.html` tells the scripts; asked by pages of the floor alone."""
    page = _url("floor") or ""
    return {
        "person": person,
        "hub": hub,
        "form": f"{kept.FORM}-{app.version()}",
        "worker": _url("floor_worker") or "",
        "page": page,
        "shell": f"{page}?shell=1",
        "keep": _url("floor_keep") or "",
        "give_up": _url("floor_give_up") or "",
        "photo": _url("floor_photo") or "",
        "signature": _url("floor_signature") or "",
        "badge": stations.PREFIX,
    }


def _url(route: str) -> str:
    """Error pages are shown by any urlconf, also by one that hasn't all of our routes."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE
