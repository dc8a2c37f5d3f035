"""What the pages of carriage share: their tabs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
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


def paged(page: Page[Any], **kept: str) -> dict[str, Any]:
    """A page of a list as ``components/pager.html`` shows it; ``more`` is False where all is on it."""

    def address(number: int) -> str:
        return "?" + urlencode(kept | {"page": number})

    return {
        "shown": len(page.object_list),
        "total": page.paginator.count,
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
        "more": page.has_other_pages(),
    }
