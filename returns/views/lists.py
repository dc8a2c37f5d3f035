"""Lists that return rules read: what is on them and what follows, with ways to put something on one and to take it off."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.models import ListedKind, Listing
from returns.queries import lists as queries
from returns.services import lists
from returns.services.lists import NewListing
from returns.views.common import printable, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import known, word
from revlog.terms.services.importing import MOST_BYTES


@allow("returns.lists")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """What is on the lists and what rules make of it; each button puts something on one or takes it off."""
    by, at = gate.actor_for(request), clock.now()
    if request.method != "POST":
        return _page(request, by, at)
    try:
        done = _act(request, by, at)
    except DomainError as refusal:
        return _page(request, by, at, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("returns_lists"))


def _act(request: HttpRequest, by: Actor, at: datetime) -> str:
    match request.POST.get("act", ""):
        case "add":
            told = NewListing(
                name=text(request, "list", 40).lower(),
                kind=text(request, "kind", 8),
                subject=text(request, "subject", 254),
                why=text(request, "reason"),
                since=_day(request, "from"),
                until=_day(request, "until"),
            )
            lists.add(_seller(request, by), told, by=by, at=at)
            return _("Put on the list.")
        case "lift":
            row = get_object_or_404(Listing.objects.visible_to(by), pk__in=_ids(request.POST.get("listing", "")))
            lists.lift(row, reason=text(request, "reason"), by=by, at=at)
            return _("Taken off the list.")
        case "file":
            sent = request.FILES.get("file")
            if sent is None or sent.file is None:
                raise BadInput(Reason("no_file", _("Choose a file."), "file"))
            if (sent.size or 0) > MOST_BYTES:
                raise BadInput(Reason("size", _("The file is too large."), "file"))
            done = lists.import_file(sent.file, _seller(request, by), by=by, at=at)  # type: ignore[arg-type]
            told_counts = {"added": done.added, "known": done.known}
            return _("Put on lists: %(added)s. On them before: %(known)s.") % told_counts
        case _:
            raise BadInput(Reason("act", _("Nobody knows this button."), "act"))


def _ids(told: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(told)]
    except ValueError:
        return []


def _day(request: HttpRequest, name: str) -> date | None:
    told = text(request, name, 10)
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise BadInput(Reason("day", _("A day is written like 2026-11-02."), name)) from None


def _seller(request: HttpRequest, by: Actor) -> Organization:
    found = queries.sellers(by).filter(code=text(request, "seller", 40)).first()
    if found is None:
        raise BadInput(Reason("seller", _("Choose the seller."), "seller"))
    return found


def _page(request: HttpRequest, by: Actor, at: datetime, *, problem: DomainError | None = None) -> HttpResponse:
    chosen = {name: printable(request.GET.get(name, ""), 120) for name in ("list", "kind", "q", "lifted")}
    lifted = chosen["lifted"] == "1"
    found = queries.listed(by, name=chosen["list"], kind=chosen["kind"], text=chosen["q"], lifted=lifted)
    sellers = list(queries.sellers(by))
    told = [
        {
            "list": name_of(one.name),
            "code": one.name,
            "rule": word(one.rule) if known(one.rule) else one.rule.replace("_", " "),
            "then": one.then,
            "why": _(one.why) if one.why else "",
            "seller": one.seller,
        }
        for one in queries.follows(sellers, at=at)
    ]
    read = {one["code"] for one in told}
    context = {
        "rows": [_row(row, at) for row in found.rows],
        "total": found.total,
        "tabs": [_tab(_("On a list"), chosen, ""), _tab(_("Taken off"), chosen, "1")],
        "chosen": chosen,
        "lifted": lifted,
        "follows": told,
        "unread": [name for name in queries.names(by) if name not in read],
        "names": [(name, name_of(name)) for name in queries.names(by)],
        "kinds": [(value, capfirst(str(label))) for value, label in ListedKind.choices],
        "sellers": sellers,
        "columns": ", ".join(lists.COLUMNS),
        "sent": request.POST if problem is not None else {},
        "problem": problem,
    }
    return render(request, "returns/lists.html", context, status=problem.status if problem else 200)


def name_of(name: str) -> str:
    """What people call a list."""
    return word(f"list.{name}") if known(f"list.{name}") else name


def _tab(label: str, chosen: dict[str, str], lifted: str) -> dict[str, Any]:
    asked = {name: value for name, value in {**chosen, "lifted": lifted}.items() if value}
    url = reverse("returns_lists")
    return {
        "label": label,
        "url": f"{url}?{urlencode(asked)}" if asked else url,
        "active": chosen["lifted"] == lifted,
    }


def _row(row: Listing, at: datetime) -> dict[str, Any]:
    contact = row.contact
    customer = (contact.name or contact.email) if contact is not None else ""
    return {
        "listing": row,
        "what": capfirst(word(f"listed.{row.kind}")),
        "who": customer if row.kind == ListedKind.CUSTOMER else row.subject,
        "email": contact.email if contact is not None and contact.name else "",
        "list": name_of(row.name),
        "counts": row.counts_on(at.date()),
        "later": row.lifted_at is None and row.since > at.date(),
        "added_by": people.who(row.added_by),
        "lifted_by": people.who(row.lifted_by) if row.lifted_by else "",
        "rma_url": reverse("returns_rma", args=[row.rma.number]) if row.rma is not None else "",
    }
