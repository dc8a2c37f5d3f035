"""Containers in the office: the list, one container with what is in it, its seals and its story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices.faces import face
from revlog.devices.models import Location
from revlog.evidence.pdf import qr
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here
from revlog.storage.floor import containers as floor
from revlog.storage.forms import ContainersForm, places_to
from revlog.storage.models import Container, ContainerKind, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import filling, keeping, making, moving, sealing

PAGE = 50
STORY = 60


@allow("devices.view", write="accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The containers of one's hubs; a POST sets some up and leads to their labels."""
    actor = gate.insider_for(request)
    form = ContainersForm(request.POST or None, actor=actor) if actor.may("accounts.stations") else None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            rows = making.make(
                hub=told["hub"], kind=ContainerKind(told["kind"]), count=told["count"], capacity=told["capacity"],
                labels=told["labels"].split(), client=told["client"], secured=told["secured"],
                tare_grams=None if told["tare_kilos"] is None else int(told["tare_kilos"] * 1000), by=actor, at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            said = ngettext("%s container is set up.", "%s containers are set up.", len(rows)) % len(rows)
            messages.success(request, said)
            return HttpResponseRedirect(f"{reverse('print_labels')}?kind=container&things=made:{rows[0].number}")
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("kind", "state", "q")}
    found = reads.listing(actor, kind=asked["kind"], state=asked["state"], text=asked["q"])
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "kinds": ContainerKind.choices,
        "states": ContainerState.choices,
        "form": form,
    }
    return render(request, "storage/containers.html", context, status=422 if form is not None and form.errors else 200)


def _one(number: str, actor: Actor) -> Container:
    found = reads.known(number.replace("\0", ""), actor)
    if found is None:
        raise Http404
    return found


@allow("devices.view", write="devices.locate")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One container; a POST does one thing to it."""
    actor = gate.insider_for(request)
    container = _one(number, actor)
    if request.method == "POST":
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            return HttpResponse(status=400)
        try:
            messages.success(request, act(request, container, actor, clock.now()))
        except DomainError as refusal:
            messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("container", args=[container.number]))
    entries = list(Entry.objects.filter(chain_id=container.pk).visible_to(actor).order_by("-sequence")[:STORY])
    names = people.names_of({entry.actor for entry in entries})
    inside = container.location.devices.select_related("hub", "owner", "location", "product").order_by("tag")
    page = Paginator(inside, PAGE).get_page(request.GET.get("page"))
    for unit in page.object_list:
        unit.location = container.location
    context = {
        "container": container,
        "path": reads.path(container.location.parent_id),
        "contents": keeping.contents(container),
        "page": page,
        "units": [face(unit) for unit in page.object_list],
        "nested": Container.objects.filter(location__parent=container.pk, location__hub=container.location.hub)
        .select_related("location")
        .order_by("number"),
        "seals": container.seals.order_by("-put_at") if not container._state.adding else [],
        "story": [
            {"what": told, "at": entry.occurred_at, "by": names.get(entry.actor, "")}
            for entry in entries
            if (told := entry.told_to(Audience.STAFF)) is not None
        ],
        "picture": qr.qr_svg(container.number),
        "may_act": actor.may("devices.locate") and container.state != ContainerState.RETIRED,
        "may_retire": actor.may("accounts.stations"),
        "places": places_to(container.location.hub),
        "guarded": container.state == ContainerState.SEALED or reads.guarded(reads.way(container.pk)),
    }
    return render(request, "storage/container.html", context)


def _place(request: HttpRequest, container: Container) -> Location:
    code = request.POST.get("place", "").replace("\0", "").strip()
    found = Location.objects.filter(hub=container.location.hub, code__iexact=code).select_related("hub").first()
    if found is None:
        raise NotFound(_("There is no place %s here.") % code)
    return found


def _kilos(request: HttpRequest, name: str) -> int | None:
    told = request.POST.get(name, "").strip().replace(",", ".")
    if not told:
        return None
    try:
        return int(Decimal(told) * 1000)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadInput(Reason("kilos", _("A weight is a number of kilograms, such as 12.5."), name)) from None


def _move(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    place = _place(request, container)
    entry = moving.move(container, place, seen_at=request.POST.get("seen"), by=by, at=at)
    if entry is None:
        return _("%(container)s is in %(place)s already.") % {"container": container.number, "place": place.code}
    return _("%(container)s is in %(place)s, with all that is in it.") % {
        "container": container.number,
        "place": place.code,
    }


def _empty(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    place = _place(request, container)
    count = filling.empty(container, place, by=by, at=at)
    return ngettext("%(count)s unit was put in %(place)s.", "%(count)s units were put in %(place)s.", count) % {
        "count": count,
        "place": place.code,
    }


def _close(_request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    sealing.close(container, by=by, at=at)
    return _("%s is closed.") % container.number


def _open(_request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    sealing.open_again(container, by=by, at=at)
    return _("%s is open.") % container.number


def _seal(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    made = sealing.seal(container, number=request.POST.get("seal", ""), by=by, at=at)
    return _("Seal %s is on it.") % made.number


def _check(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    found = sealing.check(container, number=request.POST.get("seal", ""), by=by, at=at)
    return _("Seal %s is whole.") % found.number


def _break(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    broken = sealing.break_seal(
        container, number=request.POST.get("seal", ""), reason=request.POST.get("reason", ""),
        found_broken=bool(request.POST.get("found")), by=by, at=at,
    )  # fmt: skip
    return _("Seal %s is broken.") % broken.number


def _weigh(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    gross = _kilos(request, "gross")
    if gross is None:
        raise BadInput(Reason("gross", _("Say what the scale shows."), "gross"))
    making.weigh(container, gross_grams=gross, tare_grams=_kilos(request, "tare"), by=by, at=at)
    return _("The weight is put down.")


def _retire(request: HttpRequest, container: Container, by: Actor, at: datetime) -> str:
    making.retire(container, reason=request.POST.get("reason", ""), by=by, at=at)
    return _("%s is out of use.") % container.number


ACTS: dict[str, Callable[[HttpRequest, Container, Actor, datetime], str]] = {
    "move": _move,
    "empty": _empty,
    "close": _close,
    "open": _open,
    "seal": _seal,
    "check": _check,
    "break": _break,
    "weigh": _weigh,
    "retire": _retire,
}


@allow("devices.locate")
@require_POST
@at_floor
def act(request: HttpRequest, here: Here) -> Answer:
    """Close or open the container in the hand."""
    container = floor.by_id(here, request.POST.get("container", ""))
    verb = {"close": sealing.close, "open": sealing.open_again}.get(request.POST.get("act", ""))
    if verb is None:
        raise BadInput(Reason("act", _("Close it or open it.")))
    return floor.shown(here, verb(container, by=here.by, at=here.at))
