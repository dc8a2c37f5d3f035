"""Acts that waited on a tablet: the photos of them, and those that couldn't be done, with both stories."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import SIGNED_IN, allow
from revlog.accounts.models import User
from revlog.common import answers, clock
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.scanning import conflicts, registry
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here
from revlog.scanning.models import OPEN, Act, ActFile

MOST = 200
SHOWN_AS_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})


@allow("devices.view")
@require_POST
@at_floor
def photo(request: HttpRequest, here: Here) -> Answer:
    """A photo of what an act was about, by that act's key: whatever was scanned after it."""
    upload = request.FILES.get("photo")
    if upload is None:
        raise BadInput(Reason("photo", _("Take a photo first."), "photo"))
    act = _named(here)
    if act is None:
        raise NotFound(Reason("nothing_shown", _("It isn't known what this is a photo of. Scan the thing again.")))
    if act.outcome not in {"accepted", "refused"}:
        raise BadInput(Reason("not_done", _("What it is a photo of was not done.")))
    with here.as_after(act.hand):
        return registry.picture(here, upload)


@allow("logistics.handover")
@require_POST
@at_floor
def signature(request: HttpRequest, here: Here) -> Answer:
    """A signature for what an act ended, by that act's key: given on the glass while there was no net to show what is signed for."""
    act = _named(here)
    if act is None or act.outcome != "accepted":
        raise BadInput(Reason("not_done", _("What it is the signature for was not done.")))
    told = registry.Signature(
        drawn=request.POST.get("signature", ""),
        signed_by=request.POST.get("signed_by", "").strip()[:120],
        counted=answers.whole(request, "counted", default=-1),
    )
    with here.as_after(act.hand):
        return registry.signature(here, told)


def _named(here: Here) -> Act | None:
    """The person's own act whose key the request tells."""
    return Act.objects.filter(person_id=here.request.user.pk, key=here.request.POST.get("of", "")[:64]).first()


@allow(SIGNED_IN)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """What a page would not take is handed over as it is: the acts' own door keeps it before this is asked (``scanning/kept.py``)."""
    raise Http404


@allow(SIGNED_IN)
@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    """A person lets an act of their own go, having read both stories."""
    person = request.user
    if not isinstance(person, User):
        raise Http404
    try:
        conflicts.give_up(request.POST.get("act", "")[:64], person=person, by=gate.actor_for(request), at=clock.now())
    except NotFound:
        raise Http404 from None
    return HttpResponse(status=204)


@allow("exceptions.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The tablets of one's sites, and what was done on them and couldn't be recorded."""
    by = gate.insider_for(request)
    done = request.GET.get("status") == "settled"
    rows = Act.objects.visible_to(by).select_related("person", "hub").order_by("-taken_at").prefetch_related("files")
    rows = rows.exclude(settled_at=None) if done else rows.open()
    acts = list(rows[:MOST])
    names = people.names_of([row.settled_by for row in acts if row.settled_by])
    url = reverse("floor_acts")
    context = {
        "rows": [_row(row, names) for row in acts],
        "tablets": [] if done else _tablets(request),
        "done": done,
        "may_resolve": by.may("exceptions.resolve"),
        "tabs": [
            {"label": _("Not done"), "url": url, "active": not done},
            {"label": _("Settled"), "url": f"{url}?status=settled", "active": done},
        ],
    }
    return render(request, "floor/acts.html", context)


def _row(act: Act, names: dict[str, str]) -> dict[str, Any]:
    shown = [
        (name, ", ".join(value if len(value) <= 80 else "…" for value in values))
        for name, values in act.fields.items()
        if name != "code"
    ]
    return {
        **conflicts.stories(act),
        "files": list(act.files.all()),
        "fields": [(name, value) for name, value in shown if value],
        "settled_by": names.get(act.settled_by, ""),
    }


def _tablets(request: HttpRequest) -> list[dict[str, Any]]:
    """Each tablet of one's sites with who used it last. What still waits on it is known to it alone."""
    by = gate.actor_for(request)
    found = (
        Act.objects.visible_to(by)
        .values("tablet", "hub__name")
        .annotate(seen=Max("taken_at"), acts=Count("id"), open=Count("id", filter=OPEN))
        .order_by("-seen")[:50]
    )
    told: list[dict[str, Any]] = [dict(one) for one in found]
    last = {
        row.tablet: row.person.name
        for row in Act.objects.visible_to(by)
        .filter(tablet__in=[one["tablet"] for one in told])
        .order_by("tablet", "-taken_at")
        .distinct("tablet")
        .select_related("person")
    }
    return [{**one, "short": one["tablet"][:8], "who": last.get(one["tablet"], "")} for one in told]


@allow("exceptions.resolve")
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    by = gate.insider_for(request)
    act = get_object_or_404(Act.objects.visible_to(by), pk=pk)
    try:
        conflicts.resolve(act, why=request.POST.get("why", ""), by=by, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Settled: %s.") % (act.label or act.url))
    return HttpResponseRedirect(reverse("floor_acts"))


@allow("exceptions.view")
@require_http_methods(["GET", "HEAD"])
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo that came with an act that wasn't done."""
    by = gate.insider_for(request)
    found = get_object_or_404(ActFile, pk=pk, act__in=Act.objects.visible_to(by))
    kind = found.kind if found.kind in SHOWN_AS_PICTURES else "application/octet-stream"
    response = HttpResponse(bytes(found.content), content_type=kind)
    if kind == "application/octet-stream":
        response.headers["Content-Disposition"] = "attachment"
    return response
