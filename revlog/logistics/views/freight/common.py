"""What the pages of carriage share: their tabs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts import gate
from revlog.accounts.actors import Actor
from revlog.logistics.models.contracts import sees_prices


def insider(request: HttpRequest) -> Actor:
    """Somebody of the company who may see prices; to everybody else there is no such page."""
    actor = gate.actor_for(request)
    if not sees_prices(actor):
        raise Http404
    return actor


def tabs(active: str, actor: Actor) -> list[dict[str, Any]]:
    rows = [
        ("contracts", _("Contracts"), None),
        ("freight_calculator", _("Calculator"), None),
        ("accruals", _("Expected costs"), "money.view"),
        ("bills", _("Bills"), "money.view"),
        ("carrier_claims", _("Claims"), None),
    ]
    return [
        {"label": label, "url": reverse(route), "active": route == active}
        for route, label, permission in rows
        if permission is None or actor.may(permission)
    ]
