"""What a customer's words point to, on the pages of a unit; one tap says whether it is so; and how often it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.gate import actor_for
from revlog.accounts.queries import who
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import percent
from revlog.common.words import word
from revlog.devices.models import Device
from triage import agreement_of_complaints as agreement
from triage.complaints.labels import NOTHING
from triage.complaints.odds import Odds
from triage.models import Complaint, Settled
from triage.plans import Planned
from triage.services import complaints
from triage.views.shared import unit_of


def told_of(
    device: Device, row: Complaint | None, tests: Iterable[Planned], *, blind: bool = False, at: datetime
) -> dict[str, Any] | None:
    """The complaint as pages show it: each fault with its share, the words, the test that tells, and the odds of its repair.

    Who looks blind sees what the customer said, and not what somebody found.
    """
    if row is None:
        return None
    shown = [_proposal(device, one, list(tests), at=at) for one in row.proposals]
    told = {
        "proposals": shown,
        "model": _model(row.model),
        "none": NOTHING,
        "source": shown[0]["odds_from"] if shown else "",
        "may_say": False,
    }
    if blind:
        return told
    return told | {
        "may_say": not complaints.reasons_against_confirming(device, row),
        "found": word(row.found) if row.found else "",
        "by": who(row.settled_by) if row.settled_by else "",
        "at": row.settled_at,
        "said": row.found if row.outcome in {Settled.CONFIRMED, Settled.CORRECTED} else "",
        "others": [
            {"code": code, "label": word(code)}
            for code in complaints.choices(row.device_class, but=[one["code"] for one in shown])
        ],
    }


def _model(version: str) -> str:
    """Who proposed, in words."""
    kind, _dash, number = version.replace("/", "-", 1).partition("-")
    return _("our own phrases (%s)") % number if kind == "phrases" else _("learned model %s") % number


def _proposal(device: Device, one: dict[str, Any], tests: list[Planned], *, at: datetime) -> dict[str, Any]:
    code = str(one["code"])
    found = complaints.odds_of(device, code, at=at)
    return {
        "code": code,
        "label": word(code),
        "share": one["share"],
        "words": one["words"],
        "test": next((test.title for test in tests if code in test.faults), ""),
        "odds": _odds(found),
        "odds_from": found.source,
    }


def _odds(found: Odds) -> str:
    """In a sentence: the share, its interval, and of how many cases."""
    told = {"share": percent(found.share), "low": percent(found.low), "high": percent(found.high)}
    if not found.n:
        return _("%(share)s are mended (%(low)s to %(high)s); none of just this was counted") % told
    return ngettext(
        "%(share)s are mended (%(low)s to %(high)s, one case counted)",
        "%(share)s are mended (%(low)s to %(high)s, %(count)s cases counted)",
        found.n,
    ) % (told | {"count": found.n})


@allow("triage.inspect")
@require_POST
def confirm(request: HttpRequest, tag: str) -> HttpResponse:
    """It is what the words pointed to, another fault, or none."""
    device, actor = unit_of(request, tag)
    back = "triage_look" if request.POST.get("from") == "look" else "triage_unit"
    try:
        complaints.confirm(device=device, found=request.POST.get("found", "")[:40], by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse(back, args=[device.tag]) + "#complaint")


@allow("triage.override")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """How often the words pointed to what it was: in all, by fault, by month, and whether that is what the model promises."""
    actor = actor_for(request)
    found = agreement.of(agreement.settled(actor))
    models = agreement.models()
    context = {
        "figures": _figures(found),
        "faults": [
            {
                "label": word(each.code),
                "said": each.said,
                "right": each.right,
                "other": each.other,
                "ignored": each.ignored,
                "share": each.share,
            }
            for each in found.faults
        ],
        "months": found.months,
        "drift": _drift(found),
        "models": models,
        "in_force": next((one.version for one in models if one.better), ""),
        "phrases": agreement.shipped_version(),
    }
    return render(request, "triage/complaints.html", context)


def _figures(found: agreement.Agreement) -> list[dict[str, Any]]:
    return [
        {"label": _("Returns with a complaint"), "value": found.count},
        {"label": _("Right, where a person said or one fault was found"), "value": percent(found.share) if found.judged else "—"},
        {"label": _("No clear fault proposed"), "value": found.abstained},
        {"label": _("Nobody said what it was"), "value": found.open_ones},
    ]  # fmt: skip


def _drift(found: agreement.Agreement) -> dict[str, Any] | None:
    """Whether the last ones came out as promised, as a sentence; None while there are too few to say."""
    if found.lately is None:
        return None
    told = {
        "count": found.lately.count,
        "promised": percent(found.lately.promised),
        "right": percent(found.lately.right),
    }
    if found.lately.drifted:
        sentence = _(
            "Of the last %(count)s, %(promised)s were promised to be right and %(right)s were: what customers write has changed, or "
            "what comes back. It learns anew at night from what inspectors say."
        )
    else:
        sentence = _("Of the last %(count)s, %(promised)s were promised to be right, and %(right)s were.")
    return {"sentence": sentence % told, "drifted": found.lately.drifted}
