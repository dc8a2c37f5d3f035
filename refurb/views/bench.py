"""The pages of the bench: worklist, work, check, harvest, parts, and the panel on the unit page."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from refurb import parameters, queries
from refurb.models import Operation, Part, PartUse, WorkOrder, WorkState
from refurb.operations import OPERATIONS, OperationKind
from refurb.services import bench, checking, harvest, orders, parts, quoting
from refurb.views.common import actor_of, id_of
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import answers, clock
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices import queries as devices
from revlog.devices.faces import face
from revlog.devices.models import Device, Fault


def _order(request: HttpRequest, pk: uuid.UUID) -> WorkOrder:
    try:
        return queries.order(pk, actor_of(request))
    except NotFound as missing:
        raise Http404(str(missing)) from missing


def _scanned(text: str, actor: Actor) -> Device:
    """The unit that a scanned code names. Raises NotFound with what to do."""
    match = devices.scanned(text, actor)
    if match.device is None:
        raise NotFound(
            _("%(code)s is on two units; scan the tag") % {"code": text[:40]}
            if match.is_ambiguous
            else _("no unit here is called %(code)s; scan its tag, or bring it to the dock")
            % {"code": text[:40] or "—"}
        )
    return match.device


def page_of(order: WorkOrder) -> str:
    """Where the work on this order is done."""
    if order.state == WorkState.TO_CHECK:
        return reverse("bench_check", args=[order.pk])
    return reverse("bench_harvest" if order.is_harvest else "bench_work", args=[order.pk])


# Worklist ---------------------------------------------------------------------------------------------------------------------------


@allow(
    "refurb.work",
    "refurb.harvest",
    "refurb.check",
    "refurb.view",
    write=("refurb.work", "refurb.harvest", "refurb.check", "itad.except"),
)
@require_http_methods(["GET", "HEAD", "POST"])
def worklist(request: HttpRequest) -> HttpResponse:
    """What waits for the bench, for its check and for harvest; a scan begins the work, or goes on with it."""
    actor = actor_of(request)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        waiting, strip = queries.waiting(actor), queries.to_harvest(actor)
        mine = list(queries.in_work(actor))
        check = list(queries.to_check(actor))
        context = {
            "answer": answer,
            "scan_url": reverse("bench"),
            "scan_hint": _("scan a unit to begin"),
            "lists": [
                {"title": _("To check"), "rows": [_row(each) for each in check]},
                {"title": _("At the bench"), "rows": [_row(each) for each in mine]},
                {"title": _("To repair"), "rows": [_to_repair(unit) for unit in waiting]},
                {"title": _("To harvest"), "rows": [face(unit) for unit in strip]},
            ],
            "count": len(waiting) + len(strip) + len(mine) + len(check),
            "may_keep_parts": actor.may("refurb.parts") or actor.may("refurb.view"),
        }
        return render(request, "refurb/worklist.html", context, status=status)

    if request.method != "POST":
        return page()
    place = ""

    def begin() -> str:
        nonlocal place
        unit = _scanned(request.POST.get("code", "").strip(), actor)
        live = queries.live_order(unit)
        if live is not None and live.state == WorkState.TO_CHECK:
            place = page_of(live)
            return ""
        if live is None and quoting.waits_for_consent(unit) and not quoting.reasons_against_quoting(unit):
            place = reverse("bench_quote", args=[unit.tag])
            return ""
        order = orders.open_order(unit=unit, by=actor, at=clock.now())
        place = page_of(order)
        return ""

    return answers.act(request, begin, to=lambda: place, page=page)


def _to_repair(unit: Device) -> dict[str, Any]:
    """A unit that waits for the bench; one whose owner hasn't agreed leads to its quote."""
    if not quoting.waits_for_consent(unit):
        return face(unit)
    if unit.waiting_for == "customer":
        return face(unit)
    return face(unit, note=_("no consent yet: quote it")) | {"url": reverse("bench_quote", args=[unit.tag])}


def _row(order: WorkOrder) -> dict[str, Any]:
    note = _("%(number)s · %(minutes)s min") % {"number": order.number, "minutes": order.minutes}
    return face(order.device, note=note) | {"url": page_of(order)}


# Quote ------------------------------------------------------------------------------------------------------------------------------

QUOTE_LINES = 5


@allow("refurb.work")
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, tag: str) -> HttpResponse:
    """What a repair would cost its owner, who is asked before anything is done."""
    actor = actor_of(request)
    match = devices.scanned(tag, actor)
    if match.device is None:
        raise Http404
    unit = match.device

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        sent = request.POST if request.method == "POST" else None
        context = {
            "answer": answer,
            "device": unit,
            "unit": face(unit),
            "scan_url": reverse("bench"),
            "scan_hint": _("scan the next unit"),
            "rows": _quote_rows(unit, sent),
            "words": sent.get("words", "") if sent else "",
            "rate": parameters.in_force(clock.now()),
            "blockers": quoting.reasons_against_quoting(unit),
        }
        return render(request, "refurb/quote.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        lines = [
            quoting.Line(
                what=request.POST.get(f"what-{place}", ""),
                minutes=answers.whole(request, f"minutes-{place}", default=0),
                parts=answers.decimal(request, f"parts-{place}", default=Decimal(0)),
            )
            for place in range(1, QUOTE_LINES + 1)
            if request.POST.get(f"what-{place}", "").strip()
        ]
        quoting.quote(unit=unit, lines=lines, words=request.POST.get("words", ""), by=actor, at=clock.now())
        return _("%(tag)s waits for its owner's answer; put it on the waiting shelf.") % {"tag": unit.tag}

    return answers.act(request, do, to=reverse("bench"), page=page)


def _quote_rows(unit: Device, sent: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a QueryDict, or None
    """The lines of the form: as sent, else a line for each fault that is open."""
    faults = [word(fault.code) for fault in queries.open_faults(unit)][:QUOTE_LINES]
    rows = []
    for place in range(1, QUOTE_LINES + 1):
        what = faults[place - 1] if place <= len(faults) else ""
        rows.append(
            {
                "place": place,
                "what": sent.get(f"what-{place}", "") if sent else what[:1].upper() + what[1:],
                "minutes": sent.get(f"minutes-{place}", "") if sent else "",
                "parts": sent.get(f"parts-{place}", "") if sent else "",
            }
        )
    return rows


# Work -------------------------------------------------------------------------------------------------------------------------------


def _operations(order: WorkOrder) -> list[OperationKind]:
    wanted = (
        ("disassemble", "test", "other") if order.is_harvest else tuple(c for c in OPERATIONS if c != "disassemble")
    )
    return [OPERATIONS[code] for code in wanted]


def _context(order: WorkOrder, actor: Actor, at: datetime) -> dict[str, Any]:
    running = order.running
    return {
        "order": order,
        "unit": face(order.device),
        "running": running,
        "running_word": word(running.code) if running else "",
        "running_seconds": (at - running.begun_at).total_seconds() if running else 0,
        "booked": [
            {
                "operation": each,
                "word": word(each.code),
                "fault": word(each.fault.code) if each.fault else "",
                "capped": each.measured is not None and each.minutes is not None and each.measured > each.minutes,
            }
            for each in order.operations.filter(ended_at__isnull=False).select_related("fault")
        ],
        "faults": [{"fault": each, "word": word(each.code)} for each in queries.open_faults(order.device)],
        "uses": [
            {"use": each, "word": word(f"use.{each.state}")}
            for each in order.parts.select_related("part").exclude(state="returned")
        ],
        "operations": _operations(order),
        "minutes": order.minutes,
        "may_plan": actor.may("refurb.plan"),
    }


@allow("refurb.view", write=("refurb.work", "itad.except"))
@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The work on one unit. A scan is an operation, a part, or the next unit."""
    actor, order = actor_of(request), _order(request, pk)
    if order.is_harvest and request.method != "POST":
        return harvesting(request, pk)
    here = reverse("bench_work", args=[pk])

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        at = clock.now()
        found = _order(request, pk)
        context = _context(found, actor, at) | {
            "answer": answer,
            "scan_url": here,
            "scan_hint": _("scan an operation, a part or the next unit"),
            "fitting": queries.parts_for(found.device, actor),
            "is_open": found.state == WorkState.OPEN,
            "state_word": word(f"work.{found.state}"),
            "blockers": bench.reasons_against_finishing(found, found.device),
            "done_count": found.minutes,
        }
        return render(request, "refurb/work.html", context, status=status)

    if request.method != "POST":
        return page()
    place = here

    def do() -> str:
        nonlocal place
        at, act = clock.now(), request.POST.get("act", "scan")
        if act == "scan":
            said, place = _scan(order, request.POST.get("code", "").strip(), actor, at, key=request.POST.get("key", ""))
            return said
        if act == "finish":
            bench.finish(order=order, by=actor, at=at)
            place = reverse("bench")
            return _("%(tag)s waits for its check.") % {"tag": order.device.tag}
        if act == "fail":
            bench.fail(order=order, reason=request.POST.get("reason", ""), by=actor, at=at)
            place = reverse("bench")
            return _("%(tag)s goes back to triage.") % {"tag": order.device.tag}
        return _work_act(request, order, act, actor, at)

    return answers.act(request, do, to=lambda: place, page=page)


def _work_act(request: HttpRequest, order: WorkOrder, act: str, actor: Actor, at: datetime) -> str:
    if act == "begin":
        wanted = request.POST.get("fault", "")
        fault = Fault.objects.filter(pk=int(wanted)).first() if wanted.isdigit() else None
        operation = bench.begin_operation(order=order, code=request.POST.get("code", ""), fault=fault, by=actor, at=at)
        return _("You are on: %(operation)s.") % {"operation": word(operation.code)}
    if act == "reserve":
        part = _part(request, actor)
        use = parts.reserve(
            order=order, part=part, quantity=answers.whole(request, "quantity", default=1), by=actor, at=at
        )
        return _("%(count)s × %(name)s reserved.") % {"count": use.quantity, "name": part.name}
    if act in {"put", "back"}:
        use = _use(request, order)
        if act == "put":
            parts.put_in(use=use, by=actor, at=at)
            return _("%(name)s is in.") % {"name": use.part.name}
        parts.give_back(use=use, by=actor, at=at)
        return _("%(name)s given back.") % {"name": use.part.name}
    if act == "await":
        bench.await_part(order=order, asked=request.POST.get("asked", ""), by=actor, at=at)
        return _("%(tag)s waits for a part; put it on the waiting shelf.") % {"tag": order.device.tag}
    if act == "minutes":
        wanted = request.POST.get("operation", "")
        booked = Operation.objects.filter(order=order, pk=id_of(wanted)).select_related("order").first()
        if booked is None:
            raise NotFound(_("There is no such operation."))
        bench.correct_minutes(
            operation=operation, minutes=answers.whole(request, "minutes"), reason=request.POST.get("reason", ""),
            by=actor, at=at,
        )  # fmt: skip
        return _("Minutes corrected.")
    raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))


def _part(request: HttpRequest, actor: Actor) -> Part:
    found = Part.objects.visible_to(actor).filter(pk=id_of(request.POST.get("part", ""))).first()
    if found is None:
        raise NotFound(_("There is no such part in stock."))
    return found


def _use(request: HttpRequest, order: WorkOrder) -> PartUse:
    found = (
        PartUse.objects.filter(order=order, pk=id_of(request.POST.get("use", "")))
        .select_related("part", "order")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such part in this order."))
    return found


def _scan(order: WorkOrder, code: str, actor: Actor, at: datetime, *, key: str) -> tuple[str, str]:
    """What a scan at the bench means, in this order: an operation, a part of the stock, another unit. Gives words and place."""
    operation = code.lower().removeprefix("op:").replace("-", "_").replace(" ", "_")
    if operation in OPERATIONS:
        begun = bench.begin_operation(order=order, code=operation, by=actor, at=at)
        return _("You are on: %(operation)s.") % {"operation": word(begun.code)}, page_of(order)
    part = queries.part_by_number(code, device=order.device, actor=actor) if code else None
    if part is not None:
        parts.put_in_now(order=order, part=part, key=key, by=actor, at=at)
        return _("%(name)s is in.") % {"name": part.name}, page_of(order)
    unit = _scanned(code, actor)
    live = queries.live_order(unit)
    if live is not None and live.state == WorkState.TO_CHECK:
        return "", page_of(live)
    return "", page_of(orders.open_order(unit=unit, by=actor, at=at))


# Check ------------------------------------------------------------------------------------------------------------------------------


@allow("refurb.view", write=("refurb.check", "itad.except"))
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Another person says whether the work is good."""
    actor, order = actor_of(request), _order(request, pk)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        found = _order(request, pk)
        context = _context(found, actor, clock.now()) | {
            "answer": answer,
            "scan_url": reverse("bench"),
            "scan_hint": _("scan the next unit"),
            "state_word": word(f"work.{found.state}"),
            "waits": found.state == WorkState.TO_CHECK,
            "blockers": checking.reasons_against_checking(found, found.device, by=actor),
        }
        return render(request, "refurb/check.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        at, act, reason = clock.now(), request.POST.get("act", ""), request.POST.get("reason", "")
        tag = order.device.tag
        if act == "accept":
            checking.accept(order=order, by=actor, at=at)
            return _("%(tag)s passed. It is %(state)s now.") % {
                "tag": tag,
                "state": word(f"state.{Device.objects.values_list('state', flat=True).get(pk=order.device_id)}"),
            }
        if act == "rework":
            checking.rework(order=order, reason=reason, by=actor, at=at)
            return _("%(tag)s goes back to the bench.") % {"tag": tag}
        if act == "reject":
            checking.reject(order=order, reason=reason, by=actor, at=at)
            return _("%(tag)s goes back to triage.") % {"tag": tag}
        raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))

    return answers.act(request, do, to=reverse("bench"), page=page)


# Harvest ----------------------------------------------------------------------------------------------------------------------------


@allow("refurb.view", write="refurb.harvest")
@require_http_methods(["GET", "HEAD", "POST"])
def harvesting(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a unit apart: each part as it comes out, at the end the weight of what remains."""
    actor, order = actor_of(request), _order(request, pk)
    here = reverse("bench_harvest", args=[pk])

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        found = _order(request, pk)
        taken, usable, value = queries.yield_of(found)
        context = _context(found, actor, clock.now()) | {
            "answer": answer,
            "scan_url": here,
            "scan_hint": _("scan an operation or the next unit"),
            "is_open": found.state == WorkState.OPEN and found.is_harvest,
            "state_word": word(f"work.{found.state}"),
            "controlled": found.kind == "controlled_harvest",
            "harvested": found.harvested.select_related("part", "became"),
            "taken": taken,
            "usable": usable,
            "value": value,
            "blockers": harvest.reasons_against_harvesting(found, found.device, by=actor),
            "typical_grams": found.device.grams or found.device.kind.typical_grams,
            "sent": request.POST if answer else {},
        }
        return render(request, "refurb/harvest.html", context, status=status)

    if request.method != "POST":
        return page()
    place = here

    def do() -> str:
        nonlocal place
        at, act = clock.now(), request.POST.get("act", "scan")
        if act == "scan":
            said, place = _scan(order, request.POST.get("code", "").strip(), actor, at, key=request.POST.get("key", ""))
            return said
        if act == "begin":
            return _work_act(request, order, act, actor, at)
        if act == "take":
            fate = request.POST.get("fate", "stock")
            row = harvest.take_part(
                order=order,
                taken=harvest.Taken(
                    number=request.POST.get("number", ""),
                    name=request.POST.get("name", ""),
                    quantity=answers.whole(request, "quantity", default=1),
                    grams=answers.whole(request, "grams", default=0),
                    value=answers.decimal(request, "value", default=Decimal(0)),
                    usable=fate != "broken",
                    tracked=fate == "tracked",
                    serial=request.POST.get("serial", ""),
                ),
                by=actor,
                at=at,
            )
            return _("%(name)s taken out%(tag)s.") % {
                "name": row.name,
                "tag": f", {row.became.tag}" if row.became else "",
            }
        if act == "close":
            harvest.close(order=order, remaining_grams=answers.whole(request, "remaining"), by=actor, at=at)
            place = reverse("bench")
            state = Device.objects.values_list("state", flat=True).get(pk=order.device_id)
            return _("The rest of %(tag)s is %(state)s.") % {"tag": order.device.tag, "state": word(f"state.{state}")}
        raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))

    return answers.act(request, do, to=lambda: place, page=page)


# Parts ------------------------------------------------------------------------------------------------------------------------------


# Panel ------------------------------------------------------------------------------------------------------------------------------


@allow("refurb.view", "refurb.work")
@require_GET
def panel(request: HttpRequest, tag: str) -> HttpResponse:
    """On the unit page: the work on it, its parts and what was harvested."""
    actor = actor_of(request)
    match = devices.scanned(tag, actor)
    if match.device is None:
        raise Http404
    found = [
        {
            "order": each,
            "state": word(f"work.{each.state}"),
            "kind": word(each.kind),
            "url": page_of(each),
            "parts": [use for use in each.parts.all() if use.state == "used"],
            "operations": [word(operation.code) for operation in each.operations.all()],
            "harvested": list(each.harvested.all()),
        }
        for each in queries.orders_of(match.device, actor)
    ]
    return render(request, "refurb/panels/parts.html", {"orders": found, "device": match.device})
