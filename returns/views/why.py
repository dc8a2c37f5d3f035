"""Why each thing comes back, and what for: what can be had for a reason is said beside it. Works without script."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from returns.forms import WhyForm
from returns.models import Outcome
from returns.services import answering, opening
from returns.services.opening import Quote, Wish
from returns.views import drafts
from returns.views.drafts import Draft
from returns.views.portal import others, steps
from returns.views.visitors import issuer, order_of
from revlog.accounts.access import GUEST, allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.common.templatetags.ui import money
from revlog.evidence.services import artifacts
from revlog.terms.models import Order


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Reason, wish and number for each chosen thing; what can't be had for a reason is said beside it."""
    order, by = order_of(request, pk)
    at = clock.now()
    draft = drafts.of(request, order)
    beside = others(request, order, draft)
    forms = _why_forms(request, order, beside, draft)
    if not forms:
        return HttpResponseRedirect(reverse("portal_lines", args=[order.pk]))
    status = 200
    quote: Quote | None = None
    if request.method == "POST":
        told = dict(draft.told)
        if all([form.is_valid() for form in forms]):  # noqa: C419 - each form is to show its own errors
            try:
                for form in forms:
                    told[str(form.prefix)] = _told(form, told.get(str(form.prefix), {}), by, at)
                draft.told = told
                drafts.keep(request, order, draft)
                opening.quote(order, draft.wishes(), others=beside, at=at)
                return HttpResponseRedirect(reverse("portal_check", args=[order.pk]))
            except DomainError as refusal:
                _show(forms, refusal)
                status = refusal.status
        else:
            status = 422
    else:
        quote = _quote_or_none(order, beside, draft.wishes())
    context = {
        "order": order,
        "issuer": issuer(order),
        "steps": steps("why"),
        "forms": [(form, _offered(form, order, at)) for form in forms],
        "amount": _amount(order, forms, quote),
    }
    return render(request, "returns/portal_why.html", context, status=status)


def _why_forms(request: HttpRequest, order: Order, beside: Sequence[Order], draft: Draft) -> list[WhyForm]:
    at = clock.now()
    rows = [row for one in (order, *beside) for row in opening.returnable(one, at=at)]
    left = {str(row.line.pk): row for row in rows if not row.blocked}
    return [
        WhyForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            prefix=key,
            initial=draft.told.get(key),
            line=left[key].line,
            left=left[key].left,
            url=reverse("portal_outcomes", args=[order.pk, key]),
        )
        for key in draft.lines
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


def _quote_or_none(order: Order, beside: Sequence[Order], wishes: Sequence[Wish]) -> Quote | None:
    try:
        return opening.quote(order, wishes, others=beside, at=clock.now()) if wishes else None
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
    if not reason or reason not in {code for _group, codes in form.fields["reason"].choices[1:] for code, _w in codes}:  # type: ignore[attr-defined]
        return {"outcomes": list(Outcome.values), "why": "", "chosen": form["wanted"].value() or ""}
    on = answering.footing(order, form.line.order, at=at)
    answers = {
        wanted: answering.answer_for(form.line, on=on, reason=reason, wanted=wanted) for wanted in Outcome.values
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
        "amount": money(form.line.price - first.taken_off, form.line.currency),
        "fee": money(first.taken_off, form.line.currency) if first.taken_off else "",
    }


@allow(GUEST)
@require_POST
def outcomes(request: HttpRequest, pk: uuid.UUID, line: uuid.UUID) -> HttpResponse:
    """The choices that a reason leaves, as a fragment; asked when the reason changes."""
    order, _by = order_of(request, pk)
    draft = drafts.of(request, order)
    forms = _why_forms(request, order, others(request, order, draft), draft)
    form = next((one for one in forms if one.prefix == str(line)), None)
    if form is None:
        raise Http404
    context = {"form": form, "offered": _offered(form, order, clock.now())}
    return render(request, "returns/_portal_outcomes.html", context)
