"""Places in the settings: what there is, what is in it, a new one, its label."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Location, LocationKind
from revlog.devices.services import places
from revlog.pages.forms import ArrangeForm, PlaceForm, ProtectForm
from revlog.storage.queries import places as stored
from revlog.storage.queries import suiting

MOST_SHOWN = 100


@allow("devices.locate", "accounts.hubs", write="accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The places of one's hubs with what is in them; a POST sets one up."""
    actor = gate.insider_for(request)
    form = PlaceForm(request.POST or None, actor=actor) if actor.may("accounts.stations") else None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            made = places.add_many(
                hub=told["hub"],
                codes=places.spread(told["code"]),
                kind=LocationKind(told["kind"]),
                secured=told.get("secured", False),
                arrangement=form.arrangement(),
                by=actor,
                at=clock.now(),
            )
        except DomainError as refusal:
            show(form, refusal)
        else:
            said = _("%(place)s is set up.") % {"place": made[0].code}
            if len(made) > 1:
                told = {"count": len(made), "first": made[0].code, "last": made[-1].code}
                said = _("%(count)s places are set up: %(first)s to %(last)s.") % told
            messages.success(request, said)
            return HttpResponseRedirect(reverse("places"))
    context = {
        "nodes": stored.tree(actor),
        "form": form,
        "may_change": actor.may("accounts.stations"),
        "may_secure": actor.may("accounts.hubs"),
    }
    return render(request, "pages/places.html", context, status=422 if form is not None and form.errors else 200)


@allow("devices.locate", "accounts.hubs", write="accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, hub: str, code: str) -> HttpResponse:
    """One place: what it is for, what lies in it and doesn't belong there; a POST arranges it anew."""
    actor = gate.insider_for(request)
    row = get_object_or_404(_visible(actor).select_related("hub", "parent", "client"), code=code, hub__code=hub)
    form = protect = None
    about_danger = request.POST.get("act") == "protect"
    if actor.may("accounts.stations"):
        protect = ProtectForm(request.POST if about_danger else None, initial=ProtectForm.of(places.protection(row)))
        now = {"parent": row.parent_id, "purpose": row.purpose, "client": row.client_id, "capacity": row.capacity}
        form = ArrangeForm((request.POST or None) if not about_danger else None, actor=actor, hub=row.hub, initial=now)
    sent: ArrangeForm | ProtectForm | None = protect if about_danger else form
    if request.method == "POST" and sent is not None and sent.is_valid():
        try:
            if isinstance(sent, ProtectForm):
                places.protect(row, sent.protection(), by=actor, at=clock.now())
            else:
                places.arrange(row, sent.arrangement(), by=actor, at=clock.now())
        except DomainError as refusal:
            show(sent, refusal)
        else:
            messages.success(request, _("%(place)s is changed.") % {"place": row.code})
            return HttpResponseRedirect(reverse("place", args=[hub, code]))
    inside = list(row.devices.select_related("hub", "location", "owner").order_by("tag")[:MOST_SHOWN])
    context = {
        "place": row,
        "way": stored.way(row),
        "purpose": word(f"purpose.{row.purpose}") if row.purpose else "",
        "count": row.devices.count(),
        "units": [
            {"unit": face(one), "wrong": "; ".join(reason.sentence for reason in suiting.reasons_against([one], row))}
            for one in inside
        ],
        "form": form,
        "protect": protect,
        "hazard": word(f"hazard.{row.hazard_class}") if row.hazard_class else "",
    }
    return render(request, "pages/place.html", context, status=422 if sent is not None and sent.errors else 200)


@allow("accounts.stations")
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Take a place out of use or into it, secure it or not."""
    actor, at = gate.insider_for(request), clock.now()
    act = ACTS.get(request.POST.get("act", ""))
    code, hub = request.POST.get("place", "").replace("\0", ""), request.POST.get("hub", "").replace("\0", "")
    place = get_object_or_404(_visible(actor), code=code, hub__code=hub)
    if act is None:
        return HttpResponse(status=400)
    try:
        act(place, by=actor, at=at)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("%(place)s is changed.") % {"place": place.code})
    return HttpResponseRedirect(reverse("places"))


ACTS: dict[str, Callable[..., Location]] = {
    "close": places.close,
    "reopen": places.reopen,
    "secure": partial(places.secure, secured=True),
    "open": partial(places.secure, secured=False),
}


def _visible(actor: Actor) -> QuerySet[Location]:
    return Location.objects.filter(hub__in=Hub.objects.worked_by(actor)).select_related("hub")
