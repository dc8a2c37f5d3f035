"""What the things of a return would bring before they are here, line by line, and the person's word on whether they come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns import queries
from returns.models import Kind, Rma, RmaLine
from returns.policy import foreseen as rules
from returns.policy.explaining import name_of
from returns.services import foreseeing, staying
from returns.views.office import find
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money
from revlog.common.words import word


@allow("returns.view")
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The sums that a decision kept; of what was decided without, what it would bring as of now."""
    rma, by = find(request, number)
    return _show(request, rma, by)


@allow("returns.override")
@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """A person's word on whether one line comes back."""
    rma, by = find(request, number)
    position = request.POST.get("line", "")
    line = next((one for one in queries.lines_of(rma) if str(one.position) == position), None)
    if line is None or not by.is_operator:
        raise Http404
    try:
        staying.decide(
            line, goods=request.POST.get("goods", ""), why=request.POST.get("why", ""), by=by, at=clock.now()
        )
    except DomainError as refusal:
        return _show(request, rma, by, problem=refusal)
    messages.success(request, _("Decided."))
    return HttpResponseRedirect(reverse("returns_worth", args=[rma.number]))


def _show(request: HttpRequest, rma: Rma, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    if not by.is_operator or rma.kind == Kind.TRADE:
        # What a thing costs and brings us is nobody else's to read.
        raise Http404
    at = clock.now()
    lines = queries.lines_of(rma)
    asked = [
        (line.pk, foreseeing.of_a_line(line, rma))
        for line in lines
        if not foreseeing.of_line(line.decision) and foreseeing.may_be_ours(line)
    ]
    now = {pk: told.kept() for pk, told in foreseeing.now(asked, at=at).items()}
    context = {
        "rma": rma,
        "lines": [_line(line, rma, now, by) for line in lines],
        "problem": problem,
    }
    return render(request, "returns/foreseen.html", context, status=problem.status if problem else 200)


def _line(line: RmaLine, rma: Rma, now: Mapping[uuid.UUID, Mapping[str, Any]], by: Actor) -> dict[str, Any]:
    kept = foreseeing.of_line(line.decision)
    sold = line.order_line
    told = kept or now.get(line.pk)
    decided = staying.of_line(line)
    return {
        "line": line,
        "name": sold.description if line.quantity == 1 else f"{line.quantity} × {sold.description}",
        "kind": sold.device_class,
        "reason": word(f"reason.{line.reason}"),
        "goods": word(f"goods.{line.goods}"),
        "told": summed(told) if told else None,
        "kept": bool(kept),
        "silent": "" if told else _silent(line),
        "rule": name_of(str(line.decision.get("rule") or "")),
        "version": line.decision.get("version") or 0,
        "used": uses(line),
        "site": site(line),
        "decided": {
            "who": people.who(str(decided["by"])),
            "why": decided["why"],
            "was": word(f"goods.{decided['was']}"),
        }
        if decided
        else None,
        "choices": _choices(line, rma, by),
    }


def _choices(line: RmaLine, rma: Rma, by: Actor) -> list[tuple[str, str, list[str]]]:
    """What a person may decide instead, each with what speaks against it; nothing where it isn't theirs to decide, or is too late."""
    found = []
    for goods in staying.CHOICES:
        against = staying.reasons_against(line, rma, goods=goods, by=by)
        if goods != line.goods and not {one.code for one in against} & {"not_allowed", "wrong_status", "nothing"}:
            found.append((goods.value, word(f"goods.{goods.value}"), [one.sentence for one in against]))
    return found


def _silent(line: RmaLine) -> str:
    if line.wanted in rules.NEVER_OURS:
        return _("It goes back to its owner, so nothing of it is ours to sell.")
    if not foreseeing.may_be_ours(line):
        return _("Nothing of it comes, or nobody has shown what it is.")
    return _("We don't know: neither the price book nor the catalog names a price for it.")


def uses(line: RmaLine) -> bool:
    """Whether rules compared what it would bring when they decided."""
    return "worth_shipping" in line.decision.get("inputs", {})


def summed(told: Mapping[str, Any]) -> dict[str, Any]:
    """The sum in words: what is expected, what goes off, what is left."""
    currency = str(told["currency"])
    freight = told["freight"]
    return {
        "left": Decimal(str(told["left"])),
        "worth": Decimal(str(told["left"])) > 0,
        "currency": currency,
        "lines": [
            {"what": _what(one["what"]), "amount": Decimal(str(one["amount"])), "how": one["how"]}
            for one in told["lines"]
        ],
        "ways": [
            {
                "name": word(f"disposition.{one['path']}"),
                "net": Decimal(str(one["net"])),
                "odds": _percent(one["odds"]) if Decimal(one["odds"]) else "",
            }
            for one in told["ways"][:6]
        ],
        "odds": ", ".join(f"{grade} {_percent(share)}" for grade, share in told["odds"].items()),
        "freight_by": freight_by(str(freight["by"]), str(freight["how"])),
        "price_from": {
            "price_book": _("the price book"),
            "learned_price": _("the price book, with prices learned from sales"),
        }.get(str(told["price_from"]), _("the catalog's list price")),
        "version": told["version"],
        "days": told["days"],
    }


def _what(code: str) -> str:
    """What a line of the sum is."""
    named = {
        "decay": _("Loses until it is here"),
        "freight": _("Bringing it here"),
        "inspection": _("Looking at it"),
    }
    if code in named:
        return named[code]
    path, _mark, grade = code.partition(":")
    return _("Grade %(grade)s: %(way)s") % {"way": word(f"disposition.{path}"), "grade": grade}


def _percent(share: str) -> str:
    return f"{(Decimal(str(share)) * 100).quantize(Decimal('0.1')).normalize():f} %"


def freight_by(by: str, how: str) -> str:
    """By what the freight is known."""
    kind, _mark, name = by.partition(":")
    if kind == "contract":
        return _("contract %(number)s (%(how)s)") % {"number": name, "how": how}
    return {
        "home": _("planning figure for a parcel within the country"),
        "counter": _("handed over at our counter"),
        "union": _("planning figure for a parcel within the EU"),
    }.get(name or kind, _("planning figure for a parcel from abroad"))


def site(line: RmaLine) -> dict[str, Any] | None:
    """Why it goes to the site it goes to, where the nearest was looked for."""
    told = line.decision.get("site")
    if not isinstance(told, Mapping):
        return None
    why = {"class": _("doesn't take such things"), "data": _("isn't secured, and it may hold data")}
    return {
        "chosen": told["chosen"],
        "freights": [
            (row["site"], money(Decimal(row["amount"]), told["currency"]), freight_by(row["by"], ""))
            for row in told["freights"]
        ],
        "left_out": [(code, why[one]) for code, one in told["left_out"].items()],
    }
