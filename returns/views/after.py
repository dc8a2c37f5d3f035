"""After the return: what customers think, how often they ask for their refund, whether they buy again, and what stayed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from returns.figures import AFTER
from returns.queries import after as queries
from returns.queries.after import Figures, Opinion
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.templatetags.ui import money
from revlog.common.words import known, word

WEEKS = 13


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@allow("reporting.view")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Of the returns that were closed in some days: four figures with their definitions, and opinions by outcome and reason."""
    at = clock.now()
    today = timezone.localdate(at)
    until = min(_day(request.GET.get("until", ""), today), today)
    since = min(_day(request.GET.get("since", ""), until - timedelta(weeks=WEEKS)), until)
    days = int(AFTER.in_force(at)["repeat_days"])
    found = queries.figures(
        gate.actor_for(request),
        begin=_begin(since),
        end=_begin(until + timedelta(days=1)),
        ripe_before=at - timedelta(days=days),
    )
    context = {
        "since": since,
        "until": until,
        "found": found,
        "figures": _cards(found),
        "questions": [
            {"words": capfirst(word(f"money.{state}")), "n": n} for state, n in sorted(found.questions_on.items())
        ],
        "outcomes": _rows(found.outcomes, "wanted."),
        "reasons": _rows(found.reasons, "reason."),
        "sums": [
            {"label": _("Went back as money"), "amount": money(found.refunded, settings.BASE_CURRENCY)},
            {"label": _("Stayed as store credit"), "amount": money(found.credited, settings.BASE_CURRENCY)},
            {"label": _("Went into another thing"), "amount": money(found.exchanged, settings.BASE_CURRENCY)},
            {"label": _("Deducted"), "amount": money(found.deducted, settings.BASE_CURRENCY)},
        ],
        "days": days,
    }
    return render(request, "returns/after.html", context)


def _cards(found: Figures) -> list[dict[str, Any]]:
    return [
        {
            "label": _("Satisfaction"),
            "value": f"{found.average}" if found.average is not None else "—",
            "unit": _("of 5"),
            "n": found.answers,
        },
        {
            "label": _("Questions for the refund"),
            "value": f"{found.per_hundred:.1f}" if found.per_hundred is not None else "—",
            "unit": _("per 100 returns"),
            "n": found.closed,
        },
        {"label": _("Bought again"), "value": _percent(found.repeat), "n": found.ripe},
        {"label": _("Kept by exchange and credit"), "value": _percent(found.kept), "n": found.closed},
    ]


def _percent(share: Decimal | None) -> str:
    return "—" if share is None else f"{share * 100:.0f} %"


def _rows(found: Iterable[Opinion], words: str) -> list[dict[str, Any]]:
    return [
        {
            "row": one,
            "words": capfirst(word(f"{words}{one.name}") if words == "reason." else _outcome(one.name)),
            "happy": _percent(Decimal(one.happy) / one.answers if one.answers else None),
        }
        for one in found
    ]


def _outcome(name: str) -> str:
    return word(f"wanted.{name}") if known(f"wanted.{name}") else word(name)
