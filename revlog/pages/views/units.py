"""The unit page: everything about one unit, each panel fetched from the stage that knows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock, looks
from revlog.common.errors import DomainError
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.custody.services import exporting, verification
from revlog.devices import queries
from revlog.devices.journey import ENDS, ROUTES, Data, Disposition, State, Stop, next_stop, stops_to_come
from revlog.devices.models import Device, HoldKind, Location, LocationKind
from revlog.devices.services import decontaminating, moves, standing
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from revlog.pages import faces
from revlog.pages.queries import QUEUES
from revlog.storage.queries import containers
from triage.services import inspection, sampling

TABS: tuple[tuple[str, Promise], ...] = (
    ("story", gettext_lazy("Story")),
    ("grade", gettext_lazy("Tests and grade")),
    ("decision", gettext_lazy("Decision")),
    ("media", gettext_lazy("Data and media")),
    ("parts", gettext_lazy("Work and parts")),
    ("origin", gettext_lazy("Origin and warranty")),
    ("money", gettext_lazy("Money")),
    ("documents", gettext_lazy("Documents")),
    ("ledger", gettext_lazy("Raw ledger")),
)
PANELS: dict[str, tuple[str, ...]] = {
    "grade": ("triage_panel_grade",),
    "decision": ("triage_panel_decision",),
    "media": ("itad_panel_media",),
    "parts": ("refurb_panel_parts", "resale_panel_offer", "recycling_panel_batch"),
    "origin": ("returns_panel_origin", "returns_panel_warranty"),
    "documents": ("itad_panel_documents",),
}
PANEL_TITLES = {
    "triage_panel_grade": gettext_lazy("Tests and grade"),
    "triage_panel_decision": gettext_lazy("Decision"),
    "itad_panel_media": gettext_lazy("Data and media"),
    "refurb_panel_parts": gettext_lazy("Bench"),
    "resale_panel_offer": gettext_lazy("Sale"),
    "recycling_panel_batch": gettext_lazy("Recycling"),
    "returns_panel_origin": gettext_lazy("Where it and its parts came from and went"),
    "returns_panel_warranty": gettext_lazy("Warranty and claims"),
    "itad_panel_documents": gettext_lazy("Documents"),
}

# These pages begin with a scan: the unit's tag is put into the box.
SCANNED = frozenset({"dock", "bench"})


def unit_of(tag: str, actor: Actor) -> Device:
    """The unit called ``tag``; a stranger's doesn't exist."""
    device = (
        Device.objects.visible_to(actor)
        .select_related("product", "variant", "hub", "location", "owner", "visit")
        .filter(tag=tag.upper())
        .first()
    )
    if device is None:
        raise Http404
    return device


def _strip(device: Device) -> list[dict[str, Any]]:
    """The journey as a line: what is behind, where it is, what lies ahead."""
    if device.state == State.EXPECTED:
        return [{"label": _("on its way"), "status": "now", "icon": "truck"}, {"label": _("dock"), "status": "ahead"}]
    stops: list[dict[str, Any]] = [{"label": _("arrived"), "status": "done"}]
    if not device.disposition:
        if State(device.state) in ENDS:
            return [*stops, {"label": word(f"state.{device.state}"), "status": "done"}]
        return [*stops, {"label": _("triage"), "status": "now"}, {"label": _("decision"), "status": "ahead"}]
    stops.append({"label": _("triage"), "status": "done"})
    route = ROUTES[Disposition(device.disposition)]
    ended = State(device.state) in ENDS
    behind = route if ended else route[: device.stops_done]
    stops += [{"label": word(f"stop.{stop.name}"), "status": "done"} for stop in behind]
    if ended:
        return stops
    now: Stop = next_stop(route, device.stops_done, Data(device.data))
    for stop in stops_to_come(Disposition(device.disposition), device.stops_done, Data(device.data)):
        here = stop is now and not any(each["status"] == "now" for each in stops)
        stops.append({"label": word(f"stop.{stop.name}"), "status": "now" if here else "ahead"})
    return stops


def _next_action(device: Device, actor: Actor) -> dict[str, str] | None:
    """The one thing to do next with it, by whoever works its queue."""
    queue = next((each for each in QUEUES if each.state == device.state), None)
    if queue is None:
        return None
    if decontaminating.is_needed(device) and any(actor.may(one) for one in decontaminating.MAY):
        paper = reverse("triage_decontamination", args=[device.tag])
        return {"label": _("Write down its decontamination"), "url": paper}
    detail = {
        "triage": "triage_unit",
        "itad": "itad_unit",
        "bench": "refurb_unit",
        "sales": "resale_unit",
        "recycling": "recycling_unit",
    }.get(queue.route)
    for route, args in ((detail, [device.tag]), (queue.route, [])):
        if route is None:
            continue
        try:
            url = reverse(route, args=args)
        except NoReverseMatch:
            continue
        if route in SCANNED:
            url += f"?{urlencode({'q': device.tag})}"
        label = {
            "dock": _("Receive it"),
            "triage": _("Decide where it goes") if device.grade not in ("", "U") else _("Test and grade it"),
            "itad": _("Clear its data"),
            "bench": _("Work on it"),
            "sales": _("Sell it"),
            "returns": _("Send it on"),
            "recycling": _("Recycle it"),
        }[queue.route]
        return {"label": label, "url": url} if actor.may(queue.permission) else None
    return None


def _story(device: Device, actor: Actor, audience: Audience, *, veiled: bool) -> list[dict[str, Any]]:
    lines = queries.story(device, audience, actor=actor)
    if veiled:
        # Who may make the second look isn't shown what the first judged.
        lines = [line for line in lines if not sampling.is_judgement(line.entry)]
    names = people.names_of({line.entry.actor for line in lines}) if audience == Audience.STAFF else {}
    return [
        {
            "what": line.sentence,
            "at": line.entry.occurred_at,
            "by": names.get(line.entry.actor, ""),
            "look": looks.look_of(str(line.entry.payload["state_to"])).value
            if "state_to" in line.entry.payload
            else "",
        }
        for line in reversed(lines)
    ]


def _money(device: Device) -> list[dict[str, Any]]:
    books: list[dict[str, Any]] = []
    for book in ("ours", "client", "seller"):
        lines = list(device.postings.filter(book=book).order_by("occurred_at", "key"))
        if not lines:
            continue
        total, rows = Decimal(0), []
        for line in lines:
            total += line.base_amount
            rows.append({"line": line, "account": word(line.account), "total": total})
        books.append({"name": word(book), "rows": rows, "total": total, "currency": device.currency})
    return books


def _visits(device: Device, actor: Actor) -> list[dict[str, Any]]:
    """Its stays with us, newest first, once there is more than one; an owner sees those on which it was theirs."""
    rows = device.visits.order_by("-number")
    if not actor.is_operator:
        rows = rows.filter(owner_id=actor.organization_id)
    told = [
        {"visit": row, "why": word(row.why), "outcome": word(f"state.{row.outcome}") if row.outcome else ""}
        for row in rows
    ]
    return told if len(told) > 1 else []


def audience_of(actor: Actor) -> Audience:
    return Audience.STAFF if actor.is_operator else Audience.CLIENT


def _photos(device: Device, actor: Actor) -> QuerySet[Attachment]:
    """The unit's photos that are for the eyes of this person: what our own people took for each other stays with them."""
    rows = Attachment.objects.filter(chain_id=device.pk, use__startswith="photo", artifact__erased_at=None)
    return (rows if actor.is_operator else rows.exclude(audience="staff")).select_related("artifact")


@allow("devices.view")
@require_GET
def photo(request: HttpRequest, tag: str, pk: UUID) -> HttpResponse:
    """One photo of the unit, as it is kept: re-encoded, without place or camera."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = get_object_or_404(_photos(unit_of(tag, actor), actor), pk=pk)
    headers = {"Cache-Control": "private, max-age=3600"}
    return HttpResponse(artifacts.read(found.artifact), content_type=found.artifact.media_type, headers=headers)


@allow("devices.view")
@require_GET
def unit(request: HttpRequest, tag: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    device = unit_of(tag, actor)
    wanted = request.GET.get("tab", "story")
    tab = wanted if wanted in dict(TABS) else "story"
    audience = audience_of(actor)
    veiled = sampling.is_veiled(device, by=actor, at=clock.now())
    context: dict[str, Any] = {
        "device": device,
        "unit": faces.face(device) | ({"grade": ""} if veiled else {}),
        "stops": _strip(device),
        "next_action": _next_action(device, actor),
        "data_word": word(f"data.{device.data}", audience),
        "grade_word": _("waits for a second look") if veiled else word(f"grade.{device.grade}", audience),
        "holds": list(device.hold_rows.filter(released_at=None)),
        "names": device.identifiers.order_by("scheme"),
        "visits": _visits(device, actor),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"{request.path}?tab={code}", "active": code == tab}
            for code, label in TABS
            if (code != "money" or actor.may("money.view")) and (code != "ledger" or actor.may("custody.view"))
        ],
        "panels": [],
        "may_label": actor.is_operator and actor.may("devices.locate") and device.hub_id in actor.hubs,
        "may_hold": actor.may("devices.hold"),
        "may_release": actor.may("devices.release"),
        "may_put": actor.may("devices.locate") and State(device.state) not in ENDS,
        "hold_kinds": [(kind.value, kind.label) for kind in HoldKind.by_hand()],
        "places": Location.objects.filter(hub=device.hub, active=True).order_by("code") if device.hub_id else [],
    }
    if device.location is not None and device.location.kind == LocationKind.CONTAINER:
        # A container moves with all that is in it: where the unit is follows from where that stands.
        where = [device.hub.name if device.hub else "", containers.path(device.location_id)]
        context["unit"]["place"] = " · ".join(part for part in where if part)
    if tab == "story":
        context["story"] = _story(device, actor, audience, veiled=veiled)
        photos = _photos(device, actor)
        context["photos"] = (photos.exclude(use=inspection.PHOTO) if veiled else photos)[:12]
    elif tab == "money" and actor.may("money.view"):
        context["books"] = _money(device)
    elif tab == "ledger" and actor.may("custody.view"):
        entries = Entry.objects.filter(chain_id=device.pk).visible_to(actor).order_by("sequence")
        context["entries"] = [one for one in entries if not sampling.is_judgement(one)] if veiled else entries
        context["may_export"] = actor.may("custody.export")
    else:
        for route in PANELS.get(tab, ()):
            try:
                context["panels"].append(
                    {"url": reverse(route, args=[device.tag]), "title": PANEL_TITLES[route], "id": route}
                )
            except NoReverseMatch:
                continue
    return render(request, "pages/unit.html", context)


def _act(request: HttpRequest, tag: str, act: Callable[[Device, Actor, datetime], str]) -> HttpResponse:
    """Do one thing to the unit and go back to its page, with what was done or why it wasn't."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = unit_of(tag, actor)
    try:
        with transaction.atomic():
            messages.success(request, act(moves.take_one(found.pk), actor, clock.now()))
    except DomainError as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("unit", args=[found.tag]))


@allow("devices.hold")
@require_POST
def hold(request: HttpRequest, tag: str) -> HttpResponse:
    def act(device: Device, actor: Actor, at: datetime) -> str:
        kind = request.POST.get("kind", "")
        if kind not in HoldKind.by_hand():
            raise DomainError(_("Choose what kind of hold it is."))
        standing.hold(device, HoldKind(kind), reason=request.POST.get("reason", ""), by=actor, at=at)
        return _("%(tag)s is on hold.") % {"tag": device.tag}

    return _act(request, tag, act)


@allow("devices.release")
@require_POST
def release(request: HttpRequest, tag: str) -> HttpResponse:
    def act(device: Device, actor: Actor, at: datetime) -> str:
        row = device.hold_rows.filter(kind=request.POST.get("kind", ""), released_at=None).first()
        if row is None:
            raise DomainError(_("This hold is not open."))
        standing.release(device, row, reason=request.POST.get("reason", ""), by=actor, at=at)
        return _("%(tag)s may go on.") % {"tag": device.tag}

    return _act(request, tag, act)


@allow("devices.locate")
@require_POST
def put(request: HttpRequest, tag: str) -> HttpResponse:
    def act(device: Device, actor: Actor, at: datetime) -> str:
        place = (
            Location.objects.filter(hub=device.hub, code=request.POST.get("place", "").strip())
            .select_related("hub")
            .first()
        )
        if place is None:
            raise DomainError(_("There is no such place at this hub."))
        standing.put(device, place, by=actor, at=at)
        return _("%(tag)s is in %(place)s.") % {"tag": device.tag, "place": place.code}

    return _act(request, tag, act)


@allow("custody.export")
@require_GET
def export(request: HttpRequest, tag: str) -> HttpResponse:
    """The chain with its proof, the same bytes as ``export_ledger`` writes."""
    device = unit_of(tag, request.actor)  # type: ignore[attr-defined]
    data = exporting.export(device.pk, at=clock.now())
    return HttpResponse(
        data,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{device.tag}.json"'},
    )


@allow("custody.view")
@require_POST
def verify(request: HttpRequest, tag: str) -> HttpResponse:
    """Recompute the chain now and say whether it holds."""
    device = unit_of(tag, request.actor)  # type: ignore[attr-defined]
    broken = verification.chain(device.pk)
    return render(request, "pages/_verified.html", {"broken": broken, "device": device, "at": clock.now()})
