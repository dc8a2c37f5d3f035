"""Bought elsewhere, or without an order number: one short page, and then the page of a return that waits for a person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from returns.forms import ElsewhereForm
from returns.models import Rma
from returns.services import attempts, elsewhere
from returns.services.elsewhere import Told
from returns.views import doors, office
from returns.views.common import amount_in, printable
from returns.views.visitors import issuer
from revlog.accounts import guests, queries
from revlog.accounts.access import PUBLIC, allow
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.evidence.services import artifacts


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest) -> HttpResponse:
    """What it is, where it was bought, why, and who asks. A shop links here with ``?shop=<code>``; otherwise it is the operator's."""
    seller = _seller(request)
    posted = request.method == "POST"
    form = ElsewhereForm(request.POST if posted else None, request.FILES if posted else None)
    problem, status = "", 200
    if posted:
        status = 422
        if form.is_valid():
            try:
                rma = _tell(request, form, seller)
                guests.admit(request, {f"rma:{rma.pk}"})
                return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
            except DomainError as refusal:
                problem, status = _show(form, refusal), refusal.status
    context = {
        "form": form,
        "problem": problem,
        "issuer": issuer() | {"name": seller.name},
        "shop": seller.code,
        "key": request.POST.get("key") or str(uuid.uuid4()),
    }
    return render(request, "returns/portal_elsewhere.html", context, status=status)


def _seller(request: HttpRequest) -> Organization:
    """Whose portal it is: of the shop that is named, else of the operator."""
    code = request.POST.get("seller") or request.GET.get("shop") or ""
    kinds = (OrganizationKind.RETAILER, OrganizationKind.OPERATOR)
    found = Organization.objects.filter(code=code[:40], kind__in=kinds).first() if code else None
    if found is None:
        found = queries.operator()
    if found is None:
        raise Http404
    return found


def _tell(request: HttpRequest, form: ElsewhereForm, seller: Organization) -> Rma:
    told, at = form.cleaned_data, clock.now()
    attempts.allow(address=doors.address(request), order=f"mail:{told['email']}", door="elsewhere", at=at)
    receipts = [artifacts.keep_upload(told["receipt"], at=at).digest] if told["receipt"] else []
    language = (translation.get_language() or "en")[:2]
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    return elsewhere.tell(
        Told(
            what=printable(told["what"], 120),
            device_class=told["device_class"],
            serial=printable(told["serial"], 60),
            shop=printable(told["shop"], 120),
            bought_on=told["bought_on"],
            reason=told["reason"],
            wanted=told["wanted"],
            note=told["note"],
            name=printable(told["name"], 200),
            email=told["email"],
            language=language if language in dict(settings.LANGUAGES) else "en",
            receipts=receipts,
        ),
        seller=seller,
        key=key,
        at=at,
    )


NAMES = {"photo": "receipt", "serials": "serial", "description": "what", "line": "what", "class": "device_class"}
"""What a field of the order is called on this page."""


def _show(form: ElsewhereForm, refusal: DomainError) -> str:
    """Each reason beside its field; gives the sentence of those that have none."""
    bare = []
    for reason in refusal.reasons:
        name = (reason.field or "").rpartition(".")[2]
        name = NAMES.get(name, name)
        if name in form.fields:
            form.add_error(name, reason.sentence)
        else:
            bare.append(reason.sentence)
    return " ".join(bare)


@allow("returns.approve")
@require_POST
def price(request: HttpRequest, number: str) -> HttpResponse:
    """The desk says what something is worth that a customer only told of."""
    rma, by = office.find(request, number)
    line = get_object_or_404(rma.lines.select_related("order_line__order", "rma"), position=1)
    try:
        amount = amount_in(request, "price")
        if amount is None:
            raise BadInput(Reason("price", _("A price is an amount like 12.50."), "price"))
        elsewhere.set_price(line, price=amount, by=by, at=clock.now())
    except DomainError as refusal:
        return office.show(request, rma, by, problem=refusal)
    messages.success(request, _("The price is set."))
    return HttpResponseRedirect(reverse("returns_rma", args=[number]))
