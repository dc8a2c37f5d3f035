"""The portal: a guest finds an order, says what comes back and why, gets a label, and follows what happens. Works without script."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns import queries
from returns.forms import FindForm, WhyForm
from returns.models import Outcome, Rma, RmaParcel, RmaStatus
from returns.services import approval, attempts, letters, opening, settlement
from returns.services.opening import Quote, Wish
from revlog.accounts import guests
from revlog.accounts.access import GUEST, PUBLIC, allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import Order

DRAFT = "return"
STEPS = ("which", "why", "check")
MOST_LINES = 50


def _guest(request: HttpRequest, thing: str) -> Actor:
    """The guest of this browser, also when somebody is signed in on it: a link that was opened counts, whoever opened it."""
    held = request.session.get(guests.SESSION, ())
    if thing not in held:
        raise Http404
    return guest(held)


def _order(request: HttpRequest, pk: uuid.UUID) -> tuple[Order, Actor]:
    by = _guest(request, f"order:{pk}")
    order = get_object_or_404(Order.objects.select_related("seller", "contact"), pk=pk)
    return order, by


def _rma(request: HttpRequest, number: str) -> tuple[Rma, Actor]:
    rma = get_object_or_404(
        Rma.objects.select_related("seller", "contact", "hub__organization", "order"), number=number
    )
    return rma, _guest(request, f"rma:{rma.pk}")


def _steps(now: str) -> list[dict[str, str]]:
    labels = {"which": _("Which"), "why": _("Why"), "check": _("How")}
    place = STEPS.index(now)
    return [
        {"label": labels[step], "status": "done" if at < place else "now" if at == place else "ahead"}
        for at, step in enumerate(STEPS)
    ]


def _issuer(order: Order | None = None) -> dict[str, Any]:
    name = order.seller.name if order is not None else str(settings.ISSUER["name"])
    return {**settings.ISSUER, "name": name, "url": reverse("portal")}


def _draft(request: HttpRequest, order: Order) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(f"{DRAFT}:{order.pk}", {})
    return found


def _keep(request: HttpRequest, order: Order, draft: dict[str, Any]) -> None:
    request.session[f"{DRAFT}:{order.pk}"] = draft


def day(moment: Any, rma: Rma) -> str:  # noqa: ANN401
    return letters.day(moment, rma.hub.zone)


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
    context = {"form": form, "problem": problem, "issuer": _issuer()}
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
    order, _by = _order(request, pk)
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
        "issuer": _issuer(order),
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
    order, by = _order(request, pk)
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
        "issuer": _issuer(order),
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
    order, _by = _order(request, pk)
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
    order, by = _order(request, pk)
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
        "issuer": _issuer(order),
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


# After that -------------------------------------------------------------------------------------------------------------------------


@allow(PUBLIC)
@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed address of mails: opens the one return it names, and then shows it under its plain address."""
    scope = guests.read(token, at=clock.now())
    opened = next((thing.removeprefix("rma:") for thing in scope if thing.startswith("rma:")), None)
    rma = Rma.objects.filter(pk=opened).first() if opened else None
    if rma is None:
        return render(request, "returns/portal_gone.html", {"issuer": _issuer()}, status=410)
    guests.admit(request, scope)
    return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))


@allow(GUEST)
@never_cache
@require_GET
def status(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = _rma(request, number)
    return _status_page(request, rma, by)


def _status_page(request: HttpRequest, rma: Rma, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    saying = queries.saying(rma, day=lambda moment: day(moment, rma))
    things = queries.lines_of(rma)
    context = {
        "rma": rma,
        "issuer": _issuer(rma.order),
        "saying": saying,
        "things": [_thing(line, unit) for line in things for unit in line.units.all()],
        "story": _story(rma),
        "sums": _settled(rma, things),
        "messages_sent": [one for one in terms.messages_about([f"rma:{rma.pk}"]) if one.contact_id == rma.contact_id],
        "may_cancel": not approval.reasons_against_cancelling(rma, by=by),
        "may_hand_over": rma.status == RmaStatus.APPROVED,
        "problem": problem.sentence if problem else "",
        **_labels(rma),
    }
    return render(request, "returns/portal_status.html", context, status=problem.status if problem else 200)


def _thing(line: Any, unit: Any) -> dict[str, Any]:  # noqa: ANN401
    sold = line.order_line
    name = sold.description if unit.quantity == 1 else f"{unit.quantity} × {sold.description}"
    note = " · ".join(
        [
            word(f"reason.{line.reason}", Audience.CUSTOMER),
            word(f"wanted.{line.wanted}", Audience.CUSTOMER),
            word(f"rma_unit.{unit.status}", Audience.CUSTOMER),
        ]
    )
    return {"name": name, "kind": sold.device_class, "note": note}


def _story(rma: Rma) -> list[dict[str, Any]]:
    photos: dict[str, list[dict[str, str]]] = {}
    for row in Attachment.objects.filter(
        chain_id=rma.pk, audience="customer", use__startswith="photo", artifact__erased_at=None
    ):
        url = reverse("portal_photo", args=[rma.number, row.pk])
        photos.setdefault("first", []).append({"url": url, "alt": _("Your photo")})
    told = [
        {"what": one.sentence, "at": one.entry.occurred_at, "look": "done"}
        for one in queries.story(rma, Audience.CUSTOMER)
    ]
    if told and photos:
        told[0]["photos"] = photos["first"]
    ahead = {
        RmaStatus.REQUESTED.value: [_("We answer"), _("You send it"), _("We check it")],
        RmaStatus.APPROVED.value: [_("You hand it in"), _("We check it"), _("We settle it")],
        RmaStatus.HANDED_OVER.value: [_("It arrives"), _("We check it"), _("We settle it")],
        RmaStatus.ARRIVED.value: [_("We settle it")],
    }.get(rma.status, [])
    return [*told, *({"what": what, "ahead": True} for what in ahead)]


def _came(line: Any) -> str:  # noqa: ANN401
    """What a line is about: of a counted lot that was short, how many of how many were there."""
    name = line.order_line.description
    if line.quantity == 1:
        return str(name)
    came = [unit.counted for unit in line.units.all() if unit.counted is not None]
    if came and sum(came) < line.quantity:
        return _("%(came)s of %(announced)s × %(name)s") % {
            "came": sum(came), "announced": line.quantity, "name": name
        }  # fmt: skip
    return f"{line.quantity} × {name}"


def _settled(rma: Rma, things: Sequence[Any]) -> dict[str, Any]:
    rows: list[dict[str, str]] = []
    total = Decimal(0)
    for line in things:
        name = _came(line)
        if Outcome.REFUND not in (line.wanted, line.settled_as):
            rows.append({"label": name, "amount": word(f"wanted.{line.wanted}", Audience.CUSTOMER)})
            continue
        refunds = [row for unit in line.units.all() for row in unit.refunds.all() if row.status != "rejected"]
        if line.settled_at is not None:
            rows.append({"label": name, "amount": money(line.settled_amount, line.currency)})
            total += line.settled_amount or Decimal(0)
        else:
            # Of a counted lot, what was there; what is still to come, as it was announced.
            amount = sum((settlement.worth(unit) for unit in line.units.all()), Decimal(0)) or line.amount
            rows.append({"label": name, "amount": money(amount, line.currency)})
            total += amount
        rows += [
            {"label": _("Deducted"), "amount": money(-row.deduction, row.currency), "reason": row.why}
            for row in refunds
            if row.deduction
        ]
    return {
        "lines": rows,
        "total_label": _("You got back") if rma.closed_at else _("You'll get back"),
        "total": money(total, rma.currency),
    }


def _labels(rma: Rma) -> dict[str, Any]:
    links = list(rma.parcel_links.select_related("parcel").order_by("added_at", "id"))
    open_ones = rma.status in {RmaStatus.APPROVED, RmaStatus.HANDED_OVER}
    return {
        "labels": [
            {
                "number": place,
                "tracking": one.parcel.tracking,
                "url": reverse("portal_label", args=[rma.number, one.parcel_id]) if one.label_id else "",
            }
            for place, one in enumerate(links, 1)
        ]
        if open_ones
        else [],
        "labels_coming": open_ones and any(one.label_id is None for one in links),
        "labels_url": reverse("portal_labels", args=[rma.number]),
    }


@allow(GUEST, passive=True)
@never_cache
@require_GET
def labels(request: HttpRequest, number: str) -> HttpResponse:
    """The labels alone; the page asks again every two seconds while one is being made."""
    rma, _by = _rma(request, number)
    return render(request, "returns/_portal_labels.html", {"rma": rma, **_labels(rma)})


@allow(GUEST)
@never_cache
@require_GET
def label(request: HttpRequest, number: str, parcel: uuid.UUID) -> HttpResponse:
    rma, _by = _rma(request, number)
    found = get_object_or_404(
        RmaParcel.objects.select_related("label"), rma=rma, parcel=parcel, label__isnull=False, label__erased_at=None
    )
    if found.label is None:
        raise Http404
    response = HttpResponse(artifacts.read(found.label), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{rma.number}.pdf"'
    return response


@allow(GUEST)
@never_cache
@require_GET
def photo(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    rma, _by = _rma(request, number)
    found = get_object_or_404(
        Attachment.objects.select_related("artifact"),
        pk=pk, chain_id=rma.pk, audience="customer", use__startswith="photo", artifact__erased_at=None,
    )  # fmt: skip
    return HttpResponse(artifacts.read(found.artifact), content_type=found.artifact.media_type)


def _act(request: HttpRequest, number: str, verb: Any) -> HttpResponse:  # noqa: ANN401
    rma, by = _rma(request, number)
    try:
        verb(rma, by=by, at=clock.now())
    except DomainError as refusal:
        return _status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))


@allow(GUEST)
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, approval.cancel)


@allow(GUEST)
@require_POST
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, approval.hand_over)


@allow(GUEST)
@require_POST
def add_parcel(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, approval.add_parcel)
