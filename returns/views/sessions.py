"""Receiving sessions: the list, one with its report, its photos and its signature, and the acts that the floor sends."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns import checks
from returns.floor import answers
from returns.floor import sessions as hand
from returns.models import (
    Against,
    ReceivingSession,
    Rma,
    RmaUnit,
    RtvStatus,
    SessionLine,
    SessionStatus,
    Trouble,
    VendorReturn,
)
from returns.queries import sessions as queries
from returns.services.sessions import closing, opening, taking
from returns.services.sessions.opening import UnableToUnpack
from returns.views.common import face, text
from returns.words.sessions import BELONGS
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock, ids
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.common.words import word
from revlog.devices.models import Device, Location
from revlog.evidence.services import artifacts
from revlog.scanning import kept
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here

LOOKS = {"open": "work", "closed": "ready", "signed": "done"}
OUTCOMES = {
    "received": "done", "over": "work", "damaged": "held", "empty_box": "held", "wrong_serial": "held", "wrong_item": "held",
    "unannounced": "work", "found": "work", "short": "held", "differs": "work",
}  # fmt: skip


def _find(request: HttpRequest, number: str) -> tuple[ReceivingSession, Actor]:
    by = gate.actor_for(request)
    code = ids.normal(number, opening.PREFIX)
    rows = ReceivingSession.objects.visible_to(by).select_related(
        "hub", "station", "place", "client", "vendor_return", "document", "signature__artifact"
    )
    row = rows.filter(number=code).first() if code else None
    if row is None:
        raise Http404
    return row, by


def _key(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again."))) from None


# Pages ----------------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive", "exceptions.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All sessions that one may see, newest first, with tabs by status."""
    by = gate.actor_for(request)
    chosen = request.GET.get("status", "")
    rows = list(queries.sessions(by, status=chosen)[:200])
    names = people.names_of([row.opened_by for row in rows])
    url = reverse("receiving")
    tabs = [("", _("All")), *((one.value, capfirst(str(one.label))) for one in SessionStatus)]
    context = {
        "tabs": [
            {"label": label, "url": f"{url}?status={name}" if name else url, "active": name == chosen}
            for name, label in tabs
        ]
        + [{"label": _("Found property"), "url": reverse("receiving_found"), "active": False}],
        "rows": [
            {
                "row": row,
                "who": names.get(row.opened_by, ""),
                "look": LOOKS[row.status],
                "status": _status(row),
                "against": _against(row),
            }
            for row in rows
        ],
        "may_receive": by.may("returns.receive"),
        **_choices(by),
    }
    return render(request, "returns/sessions/list.html", context)


def _status(row: ReceivingSession) -> str:
    """One that ended with nothing received is closed; nobody took anything over."""
    empty = row.status == SessionStatus.SIGNED and row.signed_at is None
    return _("Closed") if empty else capfirst(word(f"session.{row.status}"))


def _against(row: ReceivingSession) -> str:
    if row.client is not None:
        return row.client.name
    return row.vendor_return.number if row.vendor_return is not None else word(f"against.{row.against}")


def _choices(by: Actor) -> dict[str, Any]:
    """What a session can be begun against, beyond announced returns."""
    clients = Organization.objects.visible_to(by).filter(kind=OrganizationKind.CLIENT).order_by("name")
    sent = VendorReturn.objects.visible_to(by).filter(status__in=[RtvStatus.SHIPPED, RtvStatus.DISPUTED])
    return {"clients": clients[:200], "vendor_returns": sent.order_by("-drafted_at")[:100], "kinds": Against.choices}


@allow("returns.receive")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin one against a client's list, a vendor's return or nothing, and go to the box."""
    try:
        here = Here(request)
        against = text(request, "against", 10)
        client = Organization.objects.visible_to(here.by).filter(code=text(request, "client", 40)).first()
        rtv = VendorReturn.objects.visible_to(here.by).filter(number=text(request, "vendor_return", 40)).first()
        row, fresh = opening.open_session(
            hub=here.hub,
            station=here.station,
            place=Location.objects.filter(hub=here.hub, code__iexact=text(request, "place", 40), active=True).first(),
            against=against,
            client=client if against == Against.MANIFEST else None,
            vendor_return=rtv if against == Against.VENDOR else None,
            by=here.by,
            at=here.at,
        )
    except UnableToUnpack as refusal:
        messages.warning(request, refusal.sentence)
        known = opening.open_now(hub=here.hub, station=here.station, by=here.by)
        return HttpResponseRedirect(
            reverse("receiving_session", args=[known.number]) if known is not None else reverse("receiving")
        )
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("receiving"))
    if not fresh:
        messages.warning(request, _("You have %s open; close it before you begin another.") % row.number)
        return HttpResponseRedirect(reverse("receiving_session", args=[row.number]))
    here.keep(session=row.pk, job="receive", parcel=None, rma=None, line=None)
    return HttpResponseRedirect(reverse("floor"))


@allow("returns.receive", "exceptions.view")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One session: what was expected and found, its photos, and what its end still needs."""
    row, by = _find(request, number)
    return _shown(request, row, by)


def _shown(request: HttpRequest, row: ReceivingSession, by: Actor, problem: DomainError | None = None) -> HttpResponse:
    report = queries.report(row)
    names = people.names_of([row.opened_by, row.closed_by, row.signed_by])
    open_now = row.status == SessionStatus.OPEN
    without = {line.pk for line in queries.lacking(row)} if open_now else set()
    bad = queries.bad_checks([line.device_id for line in report.lines if line.device_id is not None])
    context = {
        "row": row,
        "against": _against(row),
        "look": LOOKS[row.status],
        "status": _status(row),
        "opened_by": names.get(row.opened_by, ""),
        "closed_by": names.get(row.closed_by, ""),
        "signed_by": names.get(row.signed_by, ""),
        "report": report,
        "compared": [{"one": one, "counts": queries.words_of(one.counts)} for one in report.compared],
        "lines": [
            {
                "line": line,
                "unit": face(line.device) if line.device else None,
                "word": capfirst(word(f"unpacked.{line.outcome}")),
                "look": OUTCOMES[line.outcome],
                "lacks": line.pk in without,
                "checks": reverse("receiving_checks", args=[line.device.tag])
                if line.device and line.device.device_class in checks.KINDS
                else "",
                "bad": ", ".join(
                    word(f"check.{one.kind}") for one in (bad.get(line.device_id, []) if line.device_id else [])
                ),
                "number": line.unit.line.rma.number if line.unit else "",
                "missing": ", ".join(word(f"belongs.{code}") for code, there in line.parts.items() if not there),
                "photos": [
                    reverse("receiving_picture", args=[row.number, one.pk]) for one in line.photos.all()
                ],
            }
            for line in report.lines
        ],
        "reasons": [one.sentence for one in closing.reasons_against_closing(row)] if open_now else [],
        "may_close": open_now and by.may("returns.receive") and (row.opened_by == by.reference or by.may("exceptions.resolve")),
        "own": row.opened_by == by.reference,
        "may_sign": row.status == SessionStatus.CLOSED and by.may("returns.receive"),
        "short": len(queries.short_units(row)) if open_now else 0,
        "left": queries.listed(row).count() if open_now else 0,
        "problem": problem,
    }  # fmt: skip
    return render(request, "returns/sessions/session.html", context, status=problem.status if problem else 200)


@allow("returns.receive")
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    try:
        closing.close(row, whole=request.POST.get("whole") == "1", note=text(request, "note"), by=by, at=clock.now())
    except DomainError as refusal:
        kept.tell(request, refusal)
        return _shown(request, row, by, refusal)
    return HttpResponseRedirect(f"{reverse('receiving_session', args=[row.number])}#sign")


@allow("returns.receive")
@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """The next person signs on the glass, or whoever puts it on a shelf names the shelf and signs for that."""
    row, by = _find(request, number)
    shelf = text(request, "to", 40)
    try:
        place = Location.objects.filter(hub=row.hub, code__iexact=shelf, active=True).first() if shelf else None
        if shelf and place is None:
            raise BadInput(Reason("place", _("There is no place %s here.") % shelf, "to"))
        closing.sign(
            row,
            drawn=request.POST.get("signature", ""),
            by_sign_in=request.POST.get("by_sign_in") == "1",
            to=place,
            by=by,
            at=clock.now(),
        )
    except DomainError as refusal:
        kept.tell(request, refusal)
        return _shown(request, row, by, refusal)
    messages.success(request, _("%s is handed over.") % row.number)
    return HttpResponseRedirect(reverse("receiving_session", args=[row.number]))


def _line(row: ReceivingSession, pk: uuid.UUID) -> SessionLine:
    return get_object_or_404(SessionLine.objects.select_related("device", "session"), pk=pk, session=row)


@allow("returns.receive")
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest, number: str, line: uuid.UUID) -> HttpResponse:
    """Take the photos of one thing: the camera of the tablet, then back to the box."""
    row, by = _find(request, number)
    found = _line(row, line)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            uploads = request.FILES.getlist("photo")[:6]
            if not uploads:
                raise BadInput(Reason("photo", _("Take a photo first."), "photo"))
            for upload in uploads:
                artifact = artifacts.keep_upload(upload, at=clock.now())
                closing.add_photo(row, found.pk, artifact, by=by, at=clock.now())
        except DomainError as refusal:
            kept.tell(request, refusal)
            problem = refusal
        else:
            messages.success(request, _("The photo is kept."))
            return HttpResponseRedirect(reverse("floor"))
    context = {
        "row": row,
        "line": found,
        "unit": face(found.device) if found.device else None,
        "word": word(f"unpacked.{found.outcome}"),
        "left": max(found.photos_wanted - found.photos.count(), 0),
        "problem": problem,
    }
    return render(request, "returns/sessions/photo.html", context, status=problem.status if problem else 200)


@allow("returns.receive")
@require_http_methods(["GET", "HEAD", "POST"])
def parts(request: HttpRequest, number: str, line: uuid.UUID) -> HttpResponse:
    """Tick what came along with one thing, and type its weight where no scale does."""
    row, by = _find(request, number)
    found = _line(row, line)
    codes = list(BELONGS.get(found.device.device_class if found.device else "", ())) + [
        code for code in found.parts if found.device and code not in BELONGS.get(found.device.device_class, ())
    ]
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            told = text(request, "kilograms", 20).replace(",", ".")
            if codes:
                there = set(request.POST.getlist("part"))
                taking.compare_parts(
                    row, found.pk, parts={code: code in there for code in codes}, by=by, at=clock.now()
                )
            if told:
                taking.weigh(row, found.pk, grams=_grams(told), how="hand", by=by, at=clock.now())
        except DomainError as refusal:
            kept.tell(request, refusal)
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("floor"))
    context = {
        "row": row,
        "line": found,
        "unit": face(found.device) if found.device else None,
        "parts": [
            {"code": code, "label": capfirst(word(f"belongs.{code}")), "there": found.parts.get(code, False)}
            for code in codes
        ],
        "problem": problem,
    }
    return render(request, "returns/sessions/parts.html", context, status=problem.status if problem else 200)


def _grams(told: str) -> int:
    try:
        return round(float(told) * 1000)
    except (ValueError, OverflowError):
        raise BadInput(Reason("kilograms", _("A weight is like 1.7."), "kilograms")) from None


@allow("returns.receive", "exceptions.view")
@require_GET
def picture(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    """A photo of one thing of the session, or its signature."""
    row, _by = _find(request, number)
    if row.signature is not None and row.signature.pk == pk:
        found = row.signature
    else:
        lines = row.lines.filter(photos=pk).prefetch_related("photos__artifact")
        line = lines.first()
        if line is None:
            raise Http404
        found = next(one for one in line.photos.all() if one.pk == pk)
    if found.artifact.erased_at is not None:
        raise Http404
    return HttpResponse(artifacts.read(found.artifact), content_type=found.artifact.media_type)


@allow("returns.receive", "exceptions.view")
@require_GET
def found_property(request: HttpRequest) -> HttpResponse:
    """Things of unknown owner: those still held first, then those whose owner was found or that were given up."""
    by = gate.actor_for(request)
    rows = list(queries.found_property(by)[:200])
    names = people.names_of([row.raised_by for row in rows])
    context = {
        "rows": [
            {
                "row": row,
                "unit": face(row.device) if row.device else None,
                "who": names.get(row.raised_by, ""),
                "url": reverse("returns_trouble", args=[row.pk]),
            }
            for row in rows
        ],
        "waiting": sum(1 for row in rows if row.resolved_at is None),
    }
    return render(request, "returns/sessions/found.html", context)


# What the floor sends -------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@require_POST
@at_floor
def act(request: HttpRequest, here: Here) -> Answer:
    """What was found to be otherwise than announced, about ids that the answer named."""
    verb = {
        "announced": _announced, "damaged": _damaged, "wrong_item": _wrong_item, "over": _over, "found": _found,
        "number": _number,
    }.get(request.POST.get("act", ""))  # fmt: skip
    if verb is None:
        raise NotFound(Reason("not_found", _("There is no such act.")))
    return verb(request, here)


def _announced(request: HttpRequest, here: Here) -> Answer:
    device = Device.objects.visible_to(here.by).filter(pk=_key(request.POST.get("device", ""))).first()
    if device is None:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again.")))
    done, line = taking.receive_announced(hand.at_hand(here), device, hub=here.hub, by=here.by, at=here.at)
    return answers.received(here, done, _("Received"), line)


def _damaged(request: HttpRequest, here: Here) -> Answer:
    row = ReceivingSession.objects.visible_to(here.by).filter(pk=_key(request.POST.get("session", ""))).first()
    if row is None:
        raise NotFound(Reason("not_found", _("There is no such session.")))
    return hand.damaged(here, row, _key(request.POST.get("line", "")))


def _number(request: HttpRequest, here: Here) -> Answer:
    """The serial of what was received by its asset tag."""
    session = ReceivingSession.objects.visible_to(here.by).filter(pk=_key(request.POST.get("session", ""))).first()
    if session is None:
        raise NotFound(Reason("not_found", _("There is no such session.")))
    number = text(request, "serial", 120)
    device, conflict = taking.note_number(
        session, _key(request.POST.get("line", "")), number=number, by=here.by, at=here.at
    )
    return answers.numbered(here, device, conflict.other if conflict is not None else None, number)


def _unit(request: HttpRequest, here: Here) -> RmaUnit:
    found = (
        RmaUnit.objects.select_related("line__order_line", "line__rma__hub", "device")
        .filter(pk=_key(request.POST.get("unit", "")), line__rma__in=Rma.objects.visible_to(here.by))
        .first()
    )
    if found is None:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again.")))
    return found


def _wrong_item(request: HttpRequest, here: Here) -> Answer:
    serial = text(request, "serial", 120)
    done, line = taking.wrong(
        hand.at_hand(here), _unit(request, here), serial=serial, item=text(request, "item", 120) or serial, hub=here.hub,
        parcel=answers.parcel_at_hand(here), by=here.by, at=here.at,
    )  # fmt: skip
    return answers.received(here, done, _("Recorded and held"), line)


def _over(request: HttpRequest, here: Here) -> Answer:
    rma = Rma.objects.visible_to(here.by).filter(pk=_key(request.POST.get("rma", ""))).first()
    if rma is None:
        raise NotFound(Reason("not_found", _("There is no such return.")))
    done, line = taking.unannounced(
        hand.at_hand(here), serial=text(request, "serial", 120), hub=here.hub, parcel=answers.parcel_at_hand(here),
        kind=Trouble.OVER, rma=rma, by=here.by, at=here.at,
    )  # fmt: skip
    return answers.received(here, done, _("One too many, held"), line)


def _found(request: HttpRequest, here: Here) -> Answer:
    done, line = taking.unannounced(
        hand.at_hand(here), serial=text(request, "serial", 120), what=text(request, "what", 120), hub=here.hub,
        kind=Trouble.FOUND_PROPERTY, by=here.by, at=here.at,
    )  # fmt: skip
    return answers.received(here, done, _("Found, held for its owner"), line)
