"""The portal up to the announced return: a guest finds an order, says what comes back, why, and how. Works without script."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from returns.forms import FindForm, WhyForm
from returns.models import Outcome
from returns.services import attempts, letters, opening
from returns.services.opening import Quote, Wish
from returns.views.visitors import issuer, order_of
from revlog.accounts import guests
from revlog.accounts.access import GUEST, PUBLIC, allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import Order

DRAFT = "return"
STEPS = ("which", "why", "check")
MOST_LINES = 50


def _steps(now: str) -> list[dict[str, str]]:
    labels = {"which": _("Which"), "why": _("Why"), "check": _("How")}
    place = STEPS.index(now)
    return [
        {"label": labels[step], "status": "done" if at < place else "now" if at == place else "ahead"}
        for at, step in enumerate(STEPS)
    ]


def _draft(request: HttpRequest, order: Order) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(f"{DRAFT}:{order.pk}", {})
    return found


def _keep(request: HttpRequest, order: Order, draft: dict[str, Any]) -> None:
    request.session[f"{DRAFT}:{order.pk}"] = draft


# Finding the order ------------------------------------------------------------------------------------------------------------------


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Order number and e-mail. A wrong number and a wrong e-mail get the same answer, and nobody may guess for long."""
    form = FindForm(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if request.method == "POST":
        at = clock.now()
        if form.is_valid():
            number = form.cleaned_data["order"]
            try:
                attempts.allow(address=get_adapter().get_client_ip(request), order=number, at=at)
                order = terms.guests_order(number, form.cleaned_data["email"])
                if order is not None:
                    attempts.forgive(order=number)
                    guests.admit(request, {f"order:{order.pk}", *_returns_of(order)})
                    request.session.modified = True
                    return HttpResponseRedirect(reverse("portal_lines", args=[order.pk]))
                problem, status = (
                    _("We find no order with this number and e-mail. Look at the mail that confirmed it."),
                    422,
                )
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
        else:
            status = 422
    context = {"form": form, "problem": problem, "issuer": issuer()}
    return render(request, "returns/portal_start.html", context, status=status)


def _returns_of(order: Order) -> list[str]:
    """Who knows the order may see the returns that were announced of it."""
    return [f"rma:{pk}" for pk in order.rmas.order_by("-opened_at").values_list("pk", flat=True)[:20]]


# Which ------------------------------------------------------------------------------------------------------------------------------


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The things of the order, each a card to tick; what can't come back says why."""
    order, _by = order_of(request, pk)
    at = clock.now()
    found = opening.returnable(order, at=at)
    draft = _draft(request, order)
    chosen = set(draft.get("lines", []))
    problem, status = "", 200
    if request.method == "POST":
        open_ones = {str(one.line.pk) for one in found if not one.blocked}
        chosen = {one for one in request.POST.getlist("lines")[:MOST_LINES] if one in open_ones}
        if chosen:
            ordered = [str(one.line.pk) for one in found if str(one.line.pk) in chosen]
            _keep(request, order, draft | {"lines": ordered})
            return HttpResponseRedirect(reverse("portal_why", args=[order.pk]))
        problem, status = _("Choose at least one thing."), 422
    elif not chosen and len([one for one in found if not one.blocked]) == 1:
        chosen = {str(one.line.pk) for one in found if not one.blocked}
    context = {
        "order": order,
        "issuer": issuer(order),
        "steps": _steps("which"),
        "lines": [_card(one, chosen) for one in found],
        "any_open": any(not one.blocked for one in found),
        "returns": _announced(order),
        "problem": problem,
    }
    return render(request, "returns/portal_lines.html", context, status=status)


def _card(one: opening.Returnable, chosen: set[str]) -> dict[str, Any]:
    line = one.line
    until = ""
    if one.only_when_faulty:
        until = _("Only when something is wrong with it")
    elif one.until is not None:
        until = _("Return until %s") % letters.brief(one.until)
    name = line.description if line.quantity == 1 else f"{line.quantity} × {line.description}"
    return {
        "value": str(line.pk),
        "name": name,
        "kind": line.device_class,
        "bought": line.order.ordered_at.date(),
        "price": money(line.price, line.currency),
        "until": until,
        "blocked": one.blocked,
        "checked": str(line.pk) in chosen,
    }


def _announced(order: Order) -> list[dict[str, str]]:
    return [
        {
            "number": rma.number,
            "url": reverse("portal_status", args=[rma.number]),
            "words": word(f"rma.{rma.status}", Audience.CUSTOMER),
        }
        for rma in order.rmas.order_by("-opened_at")[:20]
    ]


# Why --------------------------------------------------------------------------------------------------------------------------------


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Reason, wish and number for each chosen thing; what can't be had for a reason is said beside it."""
    order, by = order_of(request, pk)
    at = clock.now()
    draft = _draft(request, order)
    forms = _why_forms(request, order, draft)
    if not forms:
        return HttpResponseRedirect(reverse("portal_lines", args=[order.pk]))
    status = 200
    quote: Quote | None = None
    if request.method == "POST":
        told = dict(draft.get("why", {}))
        if all([form.is_valid() for form in forms]):  # noqa: C419 - each form is to show its own errors
            try:
                for form in forms:
                    told[form.prefix] = _told(form, told.get(str(form.prefix), {}), by, at)
                _keep(request, order, draft | {"why": told})
                opening.quote(order, _wishes(draft["lines"], told), at=at)
                return HttpResponseRedirect(reverse("portal_check", args=[order.pk]))
            except DomainError as refusal:
                _show(forms, refusal)
                status = refusal.status
        else:
            status = 422
    else:
        quote = _quote_or_none(order, _wishes(draft["lines"], draft.get("why", {})))
    context = {
        "order": order,
        "issuer": issuer(order),
        "steps": _steps("why"),
        "forms": [(form, _offered(form, order, at)) for form in forms],
        "amount": _amount(order, forms, quote),
    }
    return render(request, "returns/portal_why.html", context, status=status)


def _why_forms(request: HttpRequest, order: Order, draft: dict[str, Any]) -> list[WhyForm]:
    chosen = draft.get("lines", [])
    told = draft.get("why", {})
    at = clock.now()
    left = {str(one.line.pk): one for one in opening.returnable(order, at=at) if not one.blocked}
    return [
        WhyForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            prefix=key,
            initial=told.get(key),
            line=left[key].line,
            left=left[key].left,
            url=reverse("portal_outcomes", args=[order.pk, key]),
        )
        for key in chosen
        if key in left
    ]


def _told(form: WhyForm, before: dict[str, Any], by: Actor, at: Any) -> dict[str, Any]:  # noqa: ANN401
    """The answers as the session keeps them; a photo is kept as an artifact at once and named by its digest."""
    photos = list(before.get("photos", []))
    if (upload := form.cleaned_data.get("photo")) is not None:
        try:
            photos = [*photos, artifacts.keep_photo(upload.read(), at=at).digest][-5:]
        except DomainError as refusal:
            raise BadInput(
                [type(one)(one.code, one.sentence, f"{form.prefix}.photo") for one in refusal.reasons]
            ) from None
    data = form.cleaned_data
    return {
        "quantity": data["quantity"],
        "reason": data["reason"],
        "wanted": data["wanted"],
        "note": data["note"],
        "photos": photos,
    }


def _wishes(chosen: Sequence[str], told: dict[str, Any]) -> list[Wish]:
    return [
        Wish(
            line=uuid.UUID(key),
            quantity=int(told[key]["quantity"]),
            reason=told[key]["reason"],
            wanted=told[key]["wanted"],
            note=told[key].get("note", ""),
            photos=tuple(told[key].get("photos", ())),
        )
        for key in chosen
        if key in told
    ]


def _show(forms: Sequence[WhyForm], refusal: DomainError) -> None:
    """Each reason beside the field it is about; what names no field stands on top of the first form."""
    for reason in refusal.reasons:
        where = reason.field or ""
        form, name = forms[0], None
        if where.startswith("lines["):
            place, _mark, name = where.removeprefix("lines[").partition("].")
            form = forms[int(place)] if place.isdigit() and int(place) < len(forms) else form
        elif "." in where:
            prefix, _mark, name = where.rpartition(".")
            form = next((one for one in forms if one.prefix == prefix), form)
        form.add_error(name if name in form.fields else None, reason.sentence)


def _quote_or_none(order: Order, wishes: Sequence[Wish]) -> Quote | None:
    try:
        return opening.quote(order, wishes, at=clock.now()) if wishes else None
    except DomainError:
        return None


def _amount(order: Order, forms: Sequence[WhyForm], quote: Quote | None) -> dict[str, str]:
    """The money that stands at the foot of the page: what is known, or at most."""
    if quote is not None and len(quote.lines) == len(forms):
        return {"label": _("You'll get back"), "value": str(money(quote.amount, order.currency))}
    most = sum((form.line.price * form.left for form in forms), Decimal(0))
    return {"label": _("You'll get back up to"), "value": str(money(most, order.currency))}


def _offered(form: WhyForm, order: Order, at: Any) -> dict[str, Any]:  # noqa: ANN401
    """What can be had for the reason chosen so far, with the money; all of it while none is chosen."""
    reason = form["reason"].value() or ""
    ruling = opening.rules_for(order, at=at)
    hub = opening.hub_for(order, ruling)
    if not reason or reason not in {code for _group, codes in form.fields["reason"].choices[1:] for code, _w in codes}:  # type: ignore[attr-defined]
        return {"outcomes": list(Outcome.values), "why": "", "chosen": form["wanted"].value() or ""}
    answers = {
        wanted: opening.answer_for(form.line, reason=reason, wanted=wanted, ruling=ruling, hub=hub, at=at)
        for wanted in Outcome.values
    }
    allowed = [wanted for wanted, answer in answers.items() if answer.allowed]
    first = answers[allowed[0]] if allowed else answers[Outcome.REFUND.value]
    chosen = form["wanted"].value() or ""
    return {
        "outcomes": allowed,
        "why": first.why if not allowed or first.needs_person else "",
        "waits": bool(allowed) and first.needs_person,
        "refused": not allowed,
        "chosen": chosen if chosen in allowed else allowed[0] if allowed else "",
        "amount": money(form.line.price - first.fee, form.line.currency),
        "fee": money(first.fee, form.line.currency) if first.fee else "",
    }


@allow(GUEST)
@require_POST
def outcomes(request: HttpRequest, pk: uuid.UUID, line: uuid.UUID) -> HttpResponse:
    """The choices that a reason leaves, as a fragment; asked when the reason changes."""
    order, _by = order_of(request, pk)
    draft = _draft(request, order)
    form = next((one for one in _why_forms(request, order, draft) if one.prefix == str(line)), None)
    if form is None:
        raise Http404
    context = {"form": form, "offered": _offered(form, order, clock.now())}
    return render(request, "returns/_portal_outcomes.html", context)


# Check ------------------------------------------------------------------------------------------------------------------------------


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was said, the money line by line, and the button that makes it a return."""
    order, by = order_of(request, pk)
    at = clock.now()
    draft = _draft(request, order)
    wishes = _wishes(draft.get("lines", []), draft.get("why", {}))
    if not wishes or len(wishes) != len(draft.get("lines", [])):
        return HttpResponseRedirect(reverse("portal_lines", args=[order.pk]))
    problem, status = "", 200
    quote: Quote | None = None
    try:
        quote = opening.quote(order, wishes, at=at)
        if request.method == "POST":
            rma = opening.open_rma(order=order, wishes=wishes, by=by, at=at)
            request.session.pop(f"{DRAFT}:{order.pk}", None)
            guests.admit(request, {f"rma:{rma.pk}"})
            _speak(order, request)
            return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))
    except DomainError as refusal:
        problem, status = refusal.sentence, refusal.status
    context = {
        "order": order,
        "issuer": issuer(order),
        "steps": _steps("check"),
        "sums": _sums(quote, order) if quote is not None else None,
        "things": _things(quote) if quote is not None else [],
        "waits": quote is not None and quote.needs_person,
        "amount": money(quote.amount, order.currency) if quote is not None else "",
        "problem": problem,
    }
    return render(request, "returns/portal_check.html", context, status=status)


def _speak(order: Order, request: HttpRequest) -> None:
    """From now on we write in the language in which they talked to us."""
    language = (translation.get_language() or "en")[:2]
    contact = order.contact
    if language in dict(settings.LANGUAGES) and contact.language != language and contact.erased_at is None:
        contact.language = language
        contact.save(update_fields=["language"])


def _things(quote: Quote) -> list[dict[str, str]]:
    return [
        {
            "name": line.description if wish.quantity == 1 else f"{wish.quantity} × {line.description}",
            "kind": line.device_class,
            "reason": word(f"reason.{wish.reason}", Audience.CUSTOMER),
            "wanted": word(f"wanted.{wish.wanted}", Audience.CUSTOMER),
        }
        for line, wish, _answer in quote.lines
    ]


def _sums(quote: Quote, order: Order) -> dict[str, Any]:
    rows: list[dict[str, str]] = []
    for line, wish, answer in quote.lines:
        name = line.description if wish.quantity == 1 else f"{wish.quantity} × {line.description}"
        if wish.wanted != Outcome.REFUND:
            rows.append({"label": name, "amount": word(f"wanted.{wish.wanted}", Audience.CUSTOMER)})
            continue
        rows.append({"label": name, "amount": money(line.price * wish.quantity, line.currency)})
        if answer.fee:
            rows.append(
                {
                    "label": _("Fee"),
                    "amount": money(-answer.fee * wish.quantity, line.currency),
                    "reason": answer.why,
                }
            )
    return {
        "lines": rows,
        "total_label": _("You'll get back"),
        "total": money(quote.amount, order.currency),
        "note": _("Paid the way you paid us, once we have checked what comes."),
    }
