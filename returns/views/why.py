"""Why each thing comes back, and what for: what is asked and what can be had follows the reason. Works without script.

With script the questions and choices come as soon as a reason is chosen. Without it they come after "Continue", on the same page, with
the cursor in the first of them; ``asked`` in the form says for which reason they stand there.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from returns import reasons
from returns.forms import ReasonsInput, WhyForm
from returns.services import answering, opening
from returns.views import drafts, offering, trying
from returns.views.offering import Page
from returns.views.portal import card, others, steps
from returns.views.visitors import issuer, visit_of
from revlog.accounts.access import GUEST, allow
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.evidence.services import artifacts

# The page ---------------------------------------------------------------------------------------------------------------------------


MOST_PHOTOS = 5


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Reason, wish and number for each chosen thing; what can't be had for a reason is said beside it."""
    page = _page(request, pk)
    if not page.forms:
        return HttpResponseRedirect(reverse("portal_lines", args=[pk]))
    status, more = 200, False
    if request.method == "POST":
        valid = [form.is_valid() for form in page.forms]
        try:
            _keep(request, page)
            if _searched(request, page):
                pass
            elif not all(valid):
                status = 422
            elif more := any(_is_new(request, form, page) for form in page.forms):
                pass  # what the reason leads to is shown before it is judged
            else:
                opening.quote(
                    page.visit.order, page.draft.wishes(), others=page.beside, gift=page.visit.gift, at=page.at
                )
                return HttpResponseRedirect(trying.next_page(page.visit.order, page.draft, at=page.at))
        except DomainError as refusal:
            _show(page.forms, refusal)
            status = refusal.status
    rows = [(form, offering.offered(form, page)) for form in page.forms]
    if more:
        form, offered = next(row for row in rows if _is_new(request, row[0], page))
        offered.focus = True
        for question in form.asked[:1]:
            form.fields[question.field].widget.attrs["autofocus"] = True
    else:
        next((form for form in page.forms if form.errors), page.forms[0]).begins = True
    context = {
        "order": page.visit.order,
        "gift": page.visit.gift,
        "issuer": issuer(page.visit.order),
        "steps": steps("why"),
        "forms": rows,
        "more": more,
        "amount": offering.amount(page, [offered for _form, offered in rows]),
    }
    return render(request, "returns/portal_why.html", context, status=status)


@allow(GUEST)
@require_POST
def outcomes(request: HttpRequest, pk: uuid.UUID, line: uuid.UUID) -> HttpResponse:
    """What a reason leads to, as a fragment; asked when the reason or an answer changes."""
    page = _page(request, pk)
    form = next((one for one in page.forms if one.prefix == str(line)), None)
    if form is None:
        raise Http404
    rows = {str(one.prefix): offering.offered(one, page) for one in page.forms}
    context = {
        "form": form,
        "offered": rows[str(line)],
        "gift": page.visit.gift,
        "amount": offering.amount(page, list(rows.values())),
        "apart": True,
    }
    return render(request, "returns/_portal_terms.html", context)


def _page(request: HttpRequest, pk: uuid.UUID) -> Page:
    visit = visit_of(request, pk)
    at = clock.now()
    draft = drafts.of(request, visit.order)
    beside = others(request, visit.order, draft)
    on = answering.footing(visit.order, *beside, at=at)
    page = Page(visit, draft, beside, on, [], at)
    rows = [row for one in (visit.order, *beside) for row in opening.returnable(one, at=at, on=on)]
    left = {str(row.line.pk): row for row in rows if not row.blocked}
    page.forms = [_form(request, page, key, left[key]) for key in draft.lines if key in left]
    return page


def _form(request: HttpRequest, page: Page, key: str, row: opening.Returnable) -> WhyForm:
    posted = request.POST if request.method == "POST" else None
    told = page.draft.told.get(key, {})
    reason = (
        told.get("reason", "") if posted is None else ReasonsInput().value_from_datadict(posted, {}, f"{key}-reason")
    )
    answers = told.get("answers", {}) if posted is None else _answers_in(posted, key)
    asked = []
    if reason and reasons.may_ask(reason, row.line.device_class):
        answer = answering.answer_for(
            row.line,
            on=page.on,
            reason=reason,
            answers=answers,
            quantity=row.left,
            kind=opening.kind_for(reason).value,
            gift=page.visit.gift,
        )
        asked = answering.questions_for(row.line, on=page.on, reason=reason, answer=answer)
    form = WhyForm(
        posted,
        request.FILES if posted is not None else None,
        prefix=key,
        initial={**told, **{f"answers.{name}": answer for name, answer in told.get("answers", {}).items()}},
        line=row.line,
        left=row.left,
        url=reverse("portal_outcomes", args=[page.visit.order.pk, key]),
        asked=asked,
    )
    form.thing = card(row, gift=page.visit.gift)
    return form


def _answers_in(posted: Mapping[str, Any], key: str) -> dict[str, str]:
    """The answers as they were sent, before they are judged: they decide what else is asked."""
    start = f"{key}-answers."
    return {
        name.removeprefix(start): "yes" if value == "on" else str(value)[:60]
        for name, value in posted.items()
        if name.startswith(start) and value
    }


# What was said ----------------------------------------------------------------------------------------------------------------------


def _keep(request: HttpRequest, page: Page) -> None:
    """What was answered goes into the draft, whole or not, so that nothing is lost on the way; photos are kept as artifacts at once.

    Raises BadInput for a file that is no photo.
    """
    for form in page.forms:
        key = str(form.prefix)
        before = page.draft.told.get(key, {})
        photos = [] if form.cleaned_data.get("no_photos") else list(before.get("photos", []))
        photos += _photos(form, page.at)
        page.draft.told[key] = _told(form, photos) if form.is_valid() else before | {"photos": photos[-MOST_PHOTOS:]}
    drafts.keep(request, page.visit.order, page.draft)


def _told(form: WhyForm, photos: Sequence[str]) -> dict[str, Any]:
    data = form.cleaned_data
    return {
        "quantity": data["quantity"],
        "reason": data["reason"],
        "wanted": data["wanted"],
        "note": data["note"],
        "photos": list(photos[-MOST_PHOTOS:]),
        "answers": form.answers(),
        "new_variant": str(data["new_variant"] or ""),
    }


def _photos(form: WhyForm, at: datetime) -> list[str]:
    found = []
    for upload in form.cleaned_data.get("photos", [])[:MOST_PHOTOS]:
        try:
            found.append(artifacts.keep_upload(upload, at=at).digest)
        except DomainError as refusal:
            raise BadInput(
                [type(one)(one.code, one.sentence, f"{form.prefix}.photos") for one in refusal.reasons]
            ) from None
    return found


def _searched(request: HttpRequest, page: Page) -> bool:
    """Whether somebody looks for something else to have instead, by a button that says so and a word to look for."""
    return "search" in request.POST and any(request.POST.get(f"{form.prefix}-find", "").strip() for form in page.forms)


def _is_new(request: HttpRequest, form: WhyForm, page: Page) -> bool:
    """Whether the reason leads to something that didn't stand on the page when it was sent: it is shown first, and judged after."""
    told = page.draft.told.get(str(form.prefix), {})
    reason = told.get("reason", "")
    if not reason or request.POST.get(f"{form.prefix}-asked", "") == reason:
        return False
    offered = offering.offered(form, page)
    wanted = {one["value"] for one in offered.options}
    return bool(form.asked) or offered.photos > offered.have or offered.refused or told.get("wanted") not in wanted


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
