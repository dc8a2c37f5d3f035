"""What of returns falls due: a month of days where the site is, with what is due on each."""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from returns.queries import dates
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock

LOOKS = {
    "refund_by_law": "held",
    "appeal": "work",
    "offer": "coming",
    "payment": "coming",
    "hand_in": "coming",
    "claim": "work",
}


def _hubs(actor: Actor) -> list[Hub]:
    """The sites whose calendar this person may look at."""
    rows = Hub.objects.select_related("organization").order_by("name")
    if actor.hubs:
        rows = rows.filter(pk__in=actor.hubs)
    return [hub for hub in rows if hub.organization.is_operator]


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


@allow("returns.view")
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """One month of one site, by its own days, holidays and opening hours; the days that hold something are listed below."""
    by, at = gate.actor_for(request), clock.now()
    hubs = _hubs(by)
    asked = request.GET.get("hub", "")
    hub = next((one for one in hubs if str(one.pk) == asked), None) or next(
        (one for one in hubs if one.pk == by.hub_id), hubs[0] if hubs else None
    )
    if hub is None:
        return render(request, "returns/calendar.html", {"hubs": []})
    own = hub.calendar
    today = own.local(at).date()
    first = _month(request.GET.get("month", ""), today)
    after = (first + timedelta(days=32)).replace(day=1)
    begin = datetime.combine(first, time(), own.tz).astimezone(UTC)
    end = datetime.combine(after, time(), own.tz).astimezone(UTC)
    found = [one for one in dates.falling_due(by, begin=begin, end=end) if one.hub.pk == hub.pk]
    by_day: dict[date, list[dict[str, Any]]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append({"due": one, "look": LOOKS[one.kind], "late": one.at <= at})
    weeks = [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "today": day == today,
                "closed": own.window(day) is None,
                "rows": by_day.get(day, []) if day.month == first.month else [],
            }
            for day in week
        ]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]
    context = {
        "hub": hub,
        "hubs": hubs,
        "first": first,
        "before": (first - timedelta(days=1)).strftime("%Y-%m"),
        "after": after.strftime("%Y-%m"),
        "weeks": weeks,
        "days": [{"day": day, "rows": rows, "closed": own.window(day) is None} for day, rows in sorted(by_day.items())],
        "count": len(found),
    }
    return render(request, "returns/calendar.html", context)
