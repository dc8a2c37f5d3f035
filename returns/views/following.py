"""The portal after a return is announced: its page, its label, its photos, and what the customer may still change."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns import deductions, proof, queries, reasons, telling
from returns.facts.trading import REASON as TRADE_IN
from returns.models import Announcement, AskedBy, Kind, Outcome, Rma, RmaParcel, RmaStatus, TradeIn
from returns.models.rma import DEAD
from returns.queries.photos import still_wanted
from returns.services import after, approval, exchanges, owing, talking
from returns.services.labels import UNLABELLED, without_code
from returns.services.tradein import buying
from returns.services.ways import choosing
from returns.views import offered, panels, rating, thread, ways
from returns.views.visitors import day, issuer, rma_of
from revlog.accounts.access import GUEST, allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms


@allow(GUEST)
@never_cache
@require_GET
def status(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = rma_of(request, number)
    return status_page(request, rma, by)


def status_page(request: HttpRequest, rma: Rma, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    saying = telling.saying(rma, day=lambda moment: day(moment, rma))
    things = queries.lines_of(rma)
    context = {
        "rma": rma,
        "issuer": issuer(rma.order),
        "saying": saying,
        "decided": _decided(things),
        "together": _together(rma),
        "things": [_thing(line, unit) for line in things for unit in _units_of(line)],
        "offers": offered.open_offers(rma),
        "photos_wanted": still_wanted(rma, things),
        "proofs": proofs_of(rma, things, by=by),
        "story": _story(rma),
        "sums": _settled(rma, things),
        "messages_sent": [one for one in terms.messages_about([f"rma:{rma.pk}"]) if one.contact_id == rma.contact_id],
        "thread": thread.read(rma, customer=True, photo=lambda one: reverse("portal_photo", args=[rma.number, one.pk])),
        "may_write": not talking.reasons_against_writing(rma, by=by),
        "message": thread.form(request),
        "whereabouts": rating.where_is_the_money(rma),
        **rating.context(rma, by),
        "may_cancel": not approval.reasons_against_cancelling(rma, by=by),
        "may_hand_over": rma.status == RmaStatus.APPROVED
        and rma.way in {"", "label", "qr"}
        and bool(things)
        and rma.parcel_links.exists(),
        "problem": problem.sentence if problem else "",
        "may_burn": rma.status in {RmaStatus.REQUESTED, RmaStatus.APPROVED}
        and any(line.reason in reasons.MAY_BURN for line in things),
        "sends": any(line.comes_back for line in things),
        "is_claim": rma.kind == Kind.CLAIM,
        "is_trade": rma.kind == Kind.TRADE,
        "purchase_url": _purchase(rma),
        "identity": _identity(rma),
        **panels.for_customer(rma, by),
        **_labels(rma),
        **ways.of(rma, by),
    }
    return render(request, "returns/portal_status.html", context, status=problem.status if problem else 200)


def _together(rma: Rma) -> list[dict[str, str]]:
    """What else was announced with the same form: a return and a claim have a number each."""
    form = Announcement.objects.filter(order=rma.order_id, rmas__contains=[str(rma.pk)]).first()
    others = Rma.objects.filter(pk__in=form.rmas, contact=rma.contact_id).exclude(pk=rma.pk) if form else []
    return [{"number": one.number, "url": reverse("portal_status", args=[one.number])} for one in others]


def _units_of(line: Any) -> list[Any]:  # noqa: ANN401
    """A line's units, or None in their place where nothing of it comes back (or isn't announced yet)."""
    return list(line.units.all()) or [None]


def _thing(line: Any, unit: Any) -> dict[str, Any]:  # noqa: ANN401
    sold, count = line.order_line, unit.quantity if unit is not None else line.quantity
    name = sold.description if count == 1 else f"{count} × {sold.description}"
    where = f"rma_unit.{unit.status}" if unit is not None else f"goods.{line.goods}" if not line.comes_back else ""
    told = [f"reason.{line.reason}", f"wanted.{line.wanted}"]
    if line.reason == TRADE_IN:
        told = [f"payout.{line.rma.trade_in.payout or 'none'}"]
    note = " · ".join(word(code, Audience.CUSTOMER) for code in (*told, where) if code)
    return {"name": name, "kind": sold.device_class, "note": note}


def _decided(lines: Sequence[Any]) -> list[dict[str, str]]:
    """By which sentence each line was agreed to (or waits), as the rules or the law say it to the customer."""
    return [
        {"name": line.order_line.description, "why": _(line.decision["why"])}
        for line in lines
        if line.decision.get("why")
    ]


def proofs_of(rma: Rma, lines: Sequence[Any], *, by: Actor) -> list[dict[str, Any]]:
    """What was found on each unit that somebody looked at, as its customer reads it, and what they may do if they don't agree."""
    found, at = [], clock.now()
    for line in lines:
        for unit in line.units.all():
            told = proof.of(unit)
            appeal = offered.appeal_of(unit, rma, by=by, at=at)
            if not told.says_something and not appeal["may"] and appeal["last"] is None:
                continue
            found.append(
                {
                    "proof": told,
                    "appeal": appeal,
                    "name": line.order_line.description,
                    "kind": line.order_line.device_class,
                    "photos": [
                        {"url": reverse("portal_photo", args=[rma.number, one.pk]), "alt": _("Photo that we took")}
                        for one in told.photos
                    ],
                    "look": told.last,
                    "first": told.looks[0] if len(told.looks) > 1 else None,
                }
            )
    return found


def _story(rma: Rma) -> list[dict[str, Any]]:
    photos: dict[str, list[dict[str, str]]] = {}
    for row in Attachment.objects.filter(
        chain_id=rma.pk, audience="customer", use="photo_customer", artifact__erased_at=None
    ):
        url = reverse("portal_photo", args=[rma.number, row.pk])
        photos.setdefault("first", []).append({"url": url, "alt": _("Your photo")})
    told = [
        {"what": one.sentence, "at": one.entry.occurred_at, "look": "done"}
        for one in telling.story(rma, Audience.CUSTOMER)
    ]
    if told and photos:
        told[0]["photos"] = photos["first"]
    if rma.status == RmaStatus.APPROVED and not rma.parcel_links.exists():
        return told
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
    if rma.status in DEAD:
        return {}  # nothing was taken back, and nothing is paid
    rows: list[dict[str, str]] = []
    total = Decimal(0)
    for line in things:
        name = _came(line)
        if owing.PAID_BACK.isdisjoint({line.wanted, line.settled_as}):
            rows.append({"label": name, "amount": word(f"wanted.{line.wanted}", Audience.CUSTOMER)})
            rows += _on_top(line)
            continue
        agreed = [row for unit in line.units.all() for row in unit.refunds.all() if row.status != "rejected"]
        parts = [(row, part) for row in agreed for part in proof.parts_of(row)]
        less = sum((Decimal(str(part["amount"])) for _row, part in parts), Decimal(0))
        if line.settled_at is not None:
            # First what it was worth, then each deduction: together they are what was paid.
            whole = (line.settled_amount or Decimal(0)) + less
            travel = ways.paid_for(line) if line.settled_as in owing.PAID_BACK else Decimal(0)
            rows.append({"label": name, "amount": money(whole + travel, line.currency)})
            total += whole
        else:
            # Of a counted lot, what was there; what is still to come, as it was announced.
            amount = sum((owing.worth(unit) for unit in line.units.all()), Decimal(0)) or line.amount
            travel = ways.paid_for(line)
            rows.append({"label": name, "amount": money(amount + travel, line.currency)})
            total += amount
            if line.bonus and line.wanted == Outcome.CREDIT:
                bonus = line.bonus * line.quantity
                rows.append({"label": _("For taking store credit"), "amount": money(bonus, line.currency)})
                total += bonus
        if travel:
            taken = money(-travel, line.currency)
            rows.append({"label": str(ways.TITLES[rma.way]), "amount": taken, "reason": str(ways.WHY)})
        total -= less
        rows += [
            {
                "label": _("Deducted") if Decimal(str(part["amount"])) > 0 else _("Given back"),
                "amount": money(-Decimal(str(part["amount"])), row.currency),
                "reason": deductions.told(str(part.get("why", ""))),
            }
            for row, part in parts
        ]
    return {
        "lines": rows,
        "total_label": _total_label(rma),
        "total": money(total, rma.currency) if rma.kind == Kind.TRADE or _pays(things) else "",
        "note": _("As store credit.")
        if total and all(line.wanted == Outcome.CREDIT for line in things)
        else _gift(rma),
    }


def _gift(rma: Rma) -> str:
    """Whom what is sold was given to: it is the seller's gift, and nothing is said of anybody's taxes."""
    charity = rma.trade_in.charity if rma.kind == Kind.TRADE else None
    return _("It goes to %s, as your own gift.") % charity.organization.name if charity is not None else ""


def _total_label(rma: Rma) -> str:
    if rma.kind == Kind.TRADE and _gift(rma):
        return _("We paid") if rma.closed_at else _("We pay")
    if rma.kind == Kind.TRADE:
        return _("We paid you") if rma.closed_at else _("We pay you")
    return _("You got back") if rma.closed_at else _("You'll get back")


def _pays(lines: Sequence[Any]) -> bool:
    """Whether any of it is for money (or credit) back: a repair or another thing alone has no sum that would say 0."""
    return any(not owing.PAID_BACK.isdisjoint({line.wanted, line.settled_as}) for line in lines)


def _on_top(line: Any) -> list[dict[str, str]]:  # noqa: ANN401
    """What is sent instead, and what it costs more than what comes back."""
    if line.new_variant is None or line.new_price is None:
        return []
    more = max(exchanges.owes(line, line.quantity), Decimal(0))
    return [
        {
            "label": _("You get %s") % line.new_variant,
            "amount": money(more, line.currency) if more else "",
            "reason": _("You pay what it costs more.") if more else "",
        }
    ]


def _labels(rma: Rma) -> dict[str, Any]:
    links = list(rma.parcel_links.select_related("parcel__booking").order_by("added_at", "id"))
    if rma.way in UNLABELLED:
        # Only where a carrier gave no code there is a label all the same.
        links = [one for one in links if without_code(getattr(one.parcel, "booking", None))]
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
    rma, _by = rma_of(request, number)
    return render(request, "returns/_portal_labels.html", {"rma": rma, **_labels(rma)})


@allow(GUEST)
@never_cache
@require_GET
def label(request: HttpRequest, number: str, parcel: uuid.UUID) -> HttpResponse:
    rma, _by = rma_of(request, number)
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
def purchase(request: HttpRequest, number: str) -> HttpResponse:
    """The purchase document, for who sold."""
    rma, _by = rma_of(request, number)
    sold = get_object_or_404(
        TradeIn.objects.select_related("document__artifact"), rma=rma, document__artifact__erased_at=None
    )
    if sold.document is None:
        raise Http404
    response = HttpResponse(artifacts.read(sold.document.artifact), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{sold.document.number}.pdf"'
    return response


def _identity(rma: Rma) -> dict[str, Any] | None:
    """What the law wants to see of who sells, and where they can show it; None where nobody asks, or somebody saw it."""
    if rma.kind != Kind.TRADE or rma.status not in {RmaStatus.APPROVED, RmaStatus.HANDED_OVER, RmaStatus.ARRIVED}:
        return None
    row = TradeIn.objects.select_related("rma__hub", "hub").filter(rma=rma).first()
    at = clock.now()
    if row is None or not buying.needs_identity(row, at=at):
        return None
    counters = choosing.places_for(rma.seller, address=rma.contact.address, country=rma.contact.country)
    return {
        "number": buying.law_of(row, at=at).keep_number,
        "places": [ways.place(one) for one in counters if one.takes_unboxed],
    }


def _purchase(rma: Rma) -> str:
    """Where their purchase document is, for who sold; empty while there is none (any more)."""
    if rma.kind != Kind.TRADE:
        return ""
    there = TradeIn.objects.filter(rma=rma, document__artifact__erased_at=None).exclude(document=None).exists()
    return reverse("portal_purchase", args=[rma.number]) if there else ""


@allow(GUEST)
@never_cache
@require_GET
def photo(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    rma, _by = rma_of(request, number)
    rows = Attachment.objects.select_related("artifact")
    found = rows.filter(
        pk=pk, chain_id=rma.pk, audience="customer", use__startswith="photo", artifact__erased_at=None
    ).first() or proof.photo(rma, pk)
    if found is None:
        raise Http404
    return HttpResponse(artifacts.read(found.artifact), content_type=found.artifact.media_type)


def _act(request: HttpRequest, number: str, verb: Any) -> HttpResponse:  # noqa: ANN401
    rma, by = rma_of(request, number)
    try:
        verb(rma, by=by, at=clock.now())
    except DomainError as refusal:
        return status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))


@allow(GUEST)
@require_POST
def message(request: HttpRequest, number: str) -> HttpResponse:
    """The customer writes to the desk; what they wrote is on the page then."""
    rma, by = rma_of(request, number)
    at = clock.now()
    try:
        written = talking.write(rma, **thread.told(request, at=at), by=by, at=at)
        if request.POST.get("about") == "refund":
            after.ask_for_refund(rma, source=written, asked_by=AskedBy.PORTAL, by=by, at=at)
    except DomainError as refusal:
        return status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(f"{reverse('portal_status', args=[rma.number])}#messages")


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
