"""What of returns falls due: a month of days where the site is, with what is due on each."""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from returns import ics
from returns.queries import dates
from returns.services import feeds
from revlog.accounts import gate
from revlog.accounts.access import PUBLIC, allow
from revlog.common import clock

BEFORE, AFTER = timedelta(days=31), timedelta(days=366)
"""What of the past and of the time to come stands in a feed."""
LOOKS = {
    "refund_by_law": "held",
    "appeal": "work",
    "offer": "coming",
    "payment": "coming",
    "hand_in": "coming",
    "claim": "work",
}


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


@allow("returns.view")
@require_http_methods(["GET", "HEAD", "POST"])
def month(request: HttpRequest) -> HttpResponse:
    """One month of one site, by its own days, holidays and opening hours; the days that hold something are listed below."""
    by, at = gate.actor_for(request), clock.now()
    secret = ""
    shared = request.station is not None  # type: ignore[attr-defined]
    if request.method == "POST":
        if shared:
            # The address outlives the session, and a PIN is too weak for that.
            sentence = _("This is not open on a shared station. Sign in with your password on your own device.")
            return render(request, "accounts/refused.html", {"reasons": [sentence]}, status=403)
        if request.POST.get("act") == "revoke":
            feeds.revoke(by=by, at=at)
            messages.success(request, _("Revoked. The address gives nothing any more."))
            return HttpResponseRedirect(reverse("returns_calendar"))
        secret = feeds.make(by=by, at=at)
    hubs = dates.hubs(by)
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
        "shared": shared,
        "feed": feeds.standing(by),
        "feed_address": _absolute(reverse("returns_calendar_feed", args=[secret])) if secret else "",
    }
    return render(request, "returns/calendar.html", context)


def _absolute(path: str) -> str:
    return (settings.BASE_URL or "http://localhost:8000") + path


@allow(PUBLIC)
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What falls due for the person whose address it is, as a calendar program reads it: kinds, numbers and days, nobody's name."""
    at = clock.now()
    found = feeds.reader(secret, at=at)
    if found is None:
        raise Http404
    user, by = found
    hubs = {hub.pk for hub in dates.hubs(by)}
    with translation.override(user.language):
        rows = dates.falling_due(by, begin=at - BEFORE, end=at + AFTER)
        days = [
            ics.Day(
                uid=f"{one.key}@revlog",
                day=one.day,
                title=f"{one.sentence} · {one.thing}",
                about=" · ".join(part for part in (one.source, one.hub.name) if part),
                url=_absolute(one.url),
            )
            for one in rows
            if one.hub.pk in hubs
        ]
        body = ics.write(days, name=_("What falls due"), at=at)
    answer = HttpResponse(body, content_type=ics.MEDIA_TYPE)
    answer["Cache-Control"] = "private, max-age=900"
    answer["X-Robots-Tag"] = "noindex"
    return answer
