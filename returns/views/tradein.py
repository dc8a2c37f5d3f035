"""Selling us a used thing, on the web and at a kiosk: find it, answer, read the sum, say who you are.

Both doors are the same pages in two layouts. A kiosk is a registered station of a store: it leads nowhere else, and forgets whoever stood
before it when it is left alone (`kiosk.html`, ``forget``).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns.forms.tradein import SellerForm, ThingForm
from returns.models import Charity, TradeIn, TradeInStatus
from returns.policy import tradein as policy
from returns.policy import tradein_law
from returns.policy.questions import Question
from returns.services import attempts, letters
from returns.services.tradein import agreeing, quoting
from returns.services.tradein.agreeing import Seller
from returns.services.tradein.quoting import Told
from returns.views import doors
from returns.views.common import printable
from returns.views.visitors import guest_of, held, issuer
from revlog.accounts import guests, queries
from revlog.accounts.access import GUEST, PUBLIC, STATION, allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.common.templatetags.ui import money
from revlog.devices import classes
from revlog.devices.models import ProductModel
from revlog.evidence.pdf.qr import qr_svg
from revlog.evidence.services import artifacts


@dataclass(frozen=True)
class Door:
    """Where somebody came in: the names of the pages, the layout, and what there is on it."""

    name: str
    layout: str
    prefix: str

    @property
    def is_kiosk(self) -> bool:
        return self.name == "kiosk"

    def url(self, page: str = "", *args: object) -> str:
        return reverse(f"{self.prefix}{page}", args=args)


WEB = Door("portal", "layouts/portal.html", "tradein")
KIOSK = Door("kiosk", "layouts/kiosk.html", "kiosk")
KIOSK_SEEN, KIOSK_VISIT, QUIET_SECONDS = "kiosk_seen", "kiosk_visit", 180


def _page(
    request: HttpRequest, door: Door, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    shared = {"door": door, "layout": door.layout, "issuer": issuer(), "start_url": door.url()}
    return render(request, f"returns/tradein/{template}.html", shared | context, status=status)


def _hub(request: HttpRequest, door: Door) -> Hub | None:
    return request.station.hub if door.is_kiosk else None  # type: ignore[attr-defined]


def _buyer() -> Organization:
    found = queries.operator()
    if found is None:
        raise Http404
    return found


# Which thing ------------------------------------------------------------------------------------------------------------------------


def _start(request: HttpRequest, door: Door) -> HttpResponse:
    """What would you sell? By name, or by a number that is on it."""
    wanted = printable(request.GET.get("q", ""), 80)
    found = [
        {"name": str(one), "kind": one.device_class, "url": f"{door.url('_model', one.pk)}{_number_of(wanted)}"}
        for one in quoting.suggestions(wanted)
    ]
    context = {"wanted": wanted, "found": found, "other_url": door.url("_other"), "quiet": not wanted}
    return _page(request, door, "start", context)


def _number_of(text: str) -> str:
    digits = "".join(letter for letter in text if letter.isdigit())
    return f"?serial={digits}" if len(digits) == 15 else ""


def _thing(request: HttpRequest, door: Door, product: ProductModel | None) -> HttpResponse:
    """How it is: the questions, and the quote that follows from them."""
    at = clock.now()
    buyer = _buyer()
    rules = quoting.rules_for(buyer.pk, at=at)
    device_class = product.device_class if product is not None else _class_of(request)
    # Of what isn't in the catalog a person asks what they need to know.
    asked = policy.asked(rules, device_class) if product is not None else []
    posted = request.method == "POST"
    reach = product is None or request.POST.get("reach") == "1"
    form = _thing_form(request, product, asked, door, reach=reach)
    problem, status = "", 200
    if posted:
        status = 422
        if form.is_valid():
            try:
                row = _quote(request, form, product, device_class=device_class, door=door, buyer=buyer)
                guests.admit(request, {f"tradein:{row.pk}"})
                return HttpResponseRedirect(door.url("_quote", row.number))
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
            except DomainError as refusal:
                status = refusal.status
                if not reach and any(one.field == "email" for one in refusal.reasons):
                    reach = True
                    form = _thing_form(request, product, asked, door, reach=True)
                problem = _show(form, refusal)
    context = {
        "form": form,
        "product": product,
        "problem": problem,
        "reach": reach,
        "key": request.POST.get("key") or str(uuid.uuid4()),
    }
    return _page(request, door, "thing", context, status=status)


def _class_of(request: HttpRequest) -> str:
    told = request.POST.get("device_class", "")
    return told if told in dict(classes.CHOICES) else "other"


def _thing_form(
    request: HttpRequest, product: ProductModel | None, asked: Sequence[Question], door: Door, *, reach: bool
) -> ThingForm:
    posted = request.method == "POST"
    return ThingForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        product=product,
        asked=asked,
        photos=not door.is_kiosk,
        reach=reach,
        initial={"serial": printable(request.GET.get("serial", ""), 60)},
    )


def _language() -> str:
    told = (translation.get_language() or "en")[:2]
    return told if told in dict(settings.LANGUAGES) else "en"


def _key(request: HttpRequest) -> uuid.UUID:
    """The key of the form, for this browser and whoever stands before it: by a key alone nobody comes to another one's quote.

    A browser keeps the secret of its forms; a kiosk is one browser for many, who may go back to the form of the one before.
    """
    try:
        told = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()
    return uuid.uuid5(told, f"{request.META.get('CSRF_COOKIE', '')} {request.session.get(KIOSK_VISIT, '')}")


def _quote(
    request: HttpRequest,
    form: ThingForm,
    product: ProductModel | None,
    *,
    device_class: str,
    door: Door,
    buyer: Organization,
) -> TradeIn:
    told, at = form.cleaned_data, clock.now()
    if not door.is_kiosk:
        where = doors.address(request)
        attempts.allow(
            address=f"tradein:{where}", order=f"tradein:{where}:{told.get('email', '')}", door="tradein", at=at
        )
    uploads = told.get("photos") or []
    if wrong := quoting.reasons_against_photos(len(uploads)):
        raise BadInput(wrong)
    photos = [artifacts.keep_upload(one, at=at).digest for one in uploads]
    return quoting.quote(
        Told(
            product=product.pk if product is not None else None,
            variant=uuid.UUID(told["variant"]) if told.get("variant") else None,
            what=printable(told.get("what", ""), 120),
            device_class=device_class,
            serial=printable(told["serial"], 60),
            answers=form.answers(),
            note=told["note"],
            photos=photos,
            name=printable(told.get("name", ""), 200),
            email=told.get("email", ""),
            language=_language(),
        ),
        buyer=buyer,
        key=_key(request),
        channel=door.name,
        hub=_hub(request, door),
        at=at,
    )


def _show(form: forms.Form, refusal: DomainError) -> str:
    """Each reason beside its field; gives the sentence of those that have none."""
    bare = []
    for reason in refusal.reasons:
        name = reason.field or ""
        if name in form.fields:
            form.add_error(name, reason.sentence)
        else:
            bare.append(reason.sentence)
    return " ".join(bare)


# The quote --------------------------------------------------------------------------------------------------------------------------


def _found(request: HttpRequest, number: str) -> tuple[TradeIn, Actor]:
    row = get_object_or_404(
        TradeIn.objects.select_related("buyer", "hub", "product", "variant", "rma", "contact"), number=number
    )
    return row, guest_of(request, f"tradein:{row.pk}")


def sums_of(row: TradeIn) -> dict[str, Any]:
    """How the sum was made, as the page of money shows it."""
    lines = [
        {"label": policy.told(step["what"]), "amount": money(step["amount"], row.currency)}
        for step in row.steps
        if step["what"]
    ]
    return {
        "lines": lines,
        "total_label": _("We pay you"),
        "total": money(row.amount, row.currency),
        "note": "",
    }


def _quoted(request: HttpRequest, door: Door, number: str) -> HttpResponse:
    """The sum with how it was made, and the form by which it is accepted."""
    row, by = _found(request, number)
    if row.rma is not None:
        return _accepted(request, door, row)
    at = clock.now()
    problem, status = "", 200
    form = _seller_form(request, row)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rma = agreeing.accept(row, _seller(form), by=by, at=at)
                if not door.is_kiosk:
                    guests.admit(request, {f"rma:{rma.pk}"})
                return HttpResponseRedirect(door.url("_quote", row.number))
            except DomainError as refusal:
                problem, status = _show(form, refusal), refusal.status
                row.refresh_from_db()
    open_one = row.status == TradeInStatus.QUOTED and row.valid_until is not None and at < row.valid_until
    zone = row.hub.zone if row.hub is not None else settings.TIME_ZONE
    context = {
        "row": row,
        "form": form,
        "problem": problem,
        "sums": sums_of(row) if row.amount is not None else None,
        "open": open_one,
        "recycle": row.status == TradeInStatus.RECYCLE,
        "why": policy.told(row.why),
        "until": letters.day(row.valid_until, zone) if row.valid_until else "",
        "end_url": door.url("_end", row.number),
        "again_url": door.url("_model", row.product_id) if row.product_id else door.url("_other"),
    }
    return _page(request, door, "quote", context, status=status)


def _seller_form(request: HttpRequest, row: TradeIn) -> SellerForm:
    told = {"amount": money(row.amount or 0, row.currency), "more": money(row.uplift, row.currency)}
    contact = row.contact
    recycled = row.status == TradeInStatus.RECYCLE
    country = (row.hub.country if row.hub is not None else _home()) or "NL"
    law = agreeing.law_for(request.POST.get("country") or country, at=clock.now())
    return SellerForm(
        request.POST if request.method == "POST" else None,
        bank=_("Bank transfer: %(amount)s") % told,
        credit=_("Store credit: %(amount)s and %(more)s on top") % told,
        charities=[
            (
                f"charity:{one.pk}",
                _("Give %(amount)s to %(name)s, as your own gift") % (told | {"name": one.organization.name}),
            )
            for one in Charity.objects.on(clock.now().date())
        ],
        declaration=policy.told(law.declaration or tradein_law.DECLARATION),
        paid=not recycled,
        initial={
            "country": country,
            "name": contact.name if contact is not None else "",
            "email": contact.email if contact is not None else "",
        },
    )


def _home() -> str:
    operator = queries.operator()
    return operator.country if operator is not None else ""


def _seller(form: SellerForm) -> Seller:
    told = form.cleaned_data
    payout, _colon, charity = told.get("payout", "").partition(":")
    address = [printable(line, 200) for line in told["address"].splitlines()[:8]]
    return Seller(
        name=printable(told["name"], 200),
        email=told["email"],
        address=[line for line in address if line],
        country=told["country"],
        language=_language(),
        payout=payout,
        charity=uuid.UUID(charity) if charity else None,
        iban=told.get("iban", ""),
        business=told.get("business", False),
        declared=told["declared"],
    )


def _accepted(request: HttpRequest, door: Door, row: TradeIn) -> HttpResponse:
    """On the web, the page of the return that it is now; at a kiosk the code for the counter, and nothing else."""
    rma = row.rma
    if rma is None:
        raise Http404
    if not door.is_kiosk:
        guests.admit(request, {f"rma:{rma.pk}"})
        return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))
    law = agreeing.law_for(row.country, hub=rma.hub, at=clock.now())
    context = {
        "row": row,
        "rma": rma,
        "qr": qr_svg(rma.number),
        "sum": money(row.amount, row.currency),
        "identity": not row.business and law.asks_identity(row.amount or 0),  # type: ignore[arg-type]
    }
    return _page(request, door, "code", context)


def _end(request: HttpRequest, door: Door, number: str) -> HttpResponse:
    """I don't want to sell it."""
    row, by = _found(request, number)
    try:
        quoting.decline(row, by=by, at=clock.now())
    except DomainError:
        return HttpResponseRedirect(door.url("_quote", row.number))
    return HttpResponseRedirect(door.url() if door.is_kiosk else door.url("_quote", row.number))


# The doors --------------------------------------------------------------------------------------------------------------------------


@allow(PUBLIC)
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    return _start(request, WEB)


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def model(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _thing(request, WEB, get_object_or_404(ProductModel, pk=pk))


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def other(request: HttpRequest) -> HttpResponse:
    return _thing(request, WEB, None)


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, number: str) -> HttpResponse:
    return _quoted(request, WEB, number)


@allow(GUEST)
@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    return _end(request, WEB, number)


@allow(STATION)
@never_cache
@require_GET
def kiosk_start(request: HttpRequest) -> HttpResponse:
    """The first page of a kiosk; whoever stood here before is forgotten with it."""
    _forget(request)
    return _start(request, KIOSK)


def _forget(request: HttpRequest) -> None:
    request.session[guests.SESSION] = [thing for thing in held(request) if not thing.startswith("tradein:")]
    request.session[KIOSK_VISIT] = uuid.uuid4().hex


def _quiet(request: HttpRequest) -> None:
    """Nobody touched the kiosk for a while: whoever comes now is somebody else, also where no script led back to the start."""
    now = clock.now().timestamp()
    if now - float(request.session.get(KIOSK_SEEN, now)) > QUIET_SECONDS:
        _forget(request)
    request.session[KIOSK_SEEN] = now


@allow(STATION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_model(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    _quiet(request)
    return _thing(request, KIOSK, get_object_or_404(ProductModel, pk=pk))


@allow(STATION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_other(request: HttpRequest) -> HttpResponse:
    _quiet(request)
    return _thing(request, KIOSK, None)


@allow(STATION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_quote(request: HttpRequest, number: str) -> HttpResponse:
    _quiet(request)
    return _quoted(request, KIOSK, number) if _made_here(request, number) else HttpResponseRedirect(KIOSK.url())


def _made_here(request: HttpRequest, number: str) -> bool:
    """Whether this kiosk still knows the quote; a page that says "not found" would lead away from it."""
    row = TradeIn.objects.filter(number=number).values_list("pk", flat=True).first()
    return row is not None and f"tradein:{row}" in held(request)


@allow(STATION)
@require_POST
def kiosk_end(request: HttpRequest, number: str) -> HttpResponse:
    _quiet(request)
    return _end(request, KIOSK, number) if _made_here(request, number) else HttpResponseRedirect(KIOSK.url())
