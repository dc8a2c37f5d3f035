"""The page of somebody who owns a recalled thing: opened by the signed link of the mail, answered by one press."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from returns.models import Answer, Recall, RecallStatus
from returns.services import recall_owners, recall_units
from returns.views.visitors import guest_of, issuer
from revlog.accounts import guests
from revlog.accounts.access import GUEST, PUBLIC, allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import Audience, word
from revlog.terms.models import Contact


def _opened(scope: frozenset[str]) -> tuple[uuid.UUID, uuid.UUID] | None:
    for thing in scope:
        kind, _mark, rest = thing.partition(":")
        recall, _mark, contact = rest.partition(":")
        if kind == "recall_contact":
            return uuid.UUID(recall), uuid.UUID(contact)
    return None


@allow(PUBLIC)
@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed address of the mail: opens the one recall for its one reader."""
    scope = guests.read(token, at=clock.now())
    opened = _opened(scope)
    if opened is None or not Recall.objects.filter(pk=opened[0]).exists():
        return render(request, "returns/portal_gone.html", {"issuer": issuer()}, status=410)
    guests.admit(request, scope)
    return HttpResponseRedirect(reverse("recall_owner", args=opened))


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, recall: uuid.UUID, contact: uuid.UUID) -> HttpResponse:
    """What is wrong and what to do; an answer for what they have, or a return at no cost."""
    by = guest_of(request, f"recall_contact:{recall}:{contact}")
    found = get_object_or_404(Recall.objects.filter(mock=False), pk=recall)
    owner = get_object_or_404(Contact, pk=contact)
    problem: DomainError | None = None
    if request.method == "POST":
        given = request.POST.get("answer", "")
        if given not in Answer.values:
            raise Http404
        ticked = set(request.POST.getlist("unit"))
        units = [unit for unit in recall_owners.units_of(found, owner) if str(unit.pk) in ticked]
        try:
            if given == Answer.SENDS:
                made = recall_owners.send_back(found, owner, units, by=by, at=clock.now())
                guests.admit(request, {f"rma:{rma.pk}" for rma in made})
                return HttpResponseRedirect(
                    reverse("portal_status", args=[made[0].number])
                    if len(made) == 1
                    else reverse("recall_owner", args=[recall, contact])
                )
            for unit in units:
                recall_units.answer(unit, Answer(given), by=by, at=clock.now())
            return HttpResponseRedirect(reverse("recall_owner", args=[recall, contact]))
        except DomainError as refusal:
            problem = refusal
    units = recall_owners.units_of(found, owner)
    things = []
    for unit in units:
        against = recall_owners.reasons_against_sending(unit)
        note = against[0].sentence if against else ""
        if unit.answer and unit.answer != Answer.SENDS and not against:
            note = _("Your answer: %s.") % word(f"recall_answer.{unit.answer}", Audience.CUSTOMER)
        things.append(
            {"unit": unit, "name": recall_owners.name_of(unit), "may": not against, "note": note, "rma": unit.rma}
        )
    context = {
        "recall": found,
        "says": found.told_in(get_language() or "en"),
        "remedy": word(f"remedy.{found.remedy}", Audience.CUSTOMER),
        "issuer": issuer(units[0].order_line.order if units and units[0].order_line else None),
        "things": things,
        "may_answer": found.status == RecallStatus.OPEN and any(one["may"] for one in things),
        "problem": problem.sentence if problem else "",
    }
    return render(request, "returns/recall_owner.html", context, status=problem.status if problem else 200)
