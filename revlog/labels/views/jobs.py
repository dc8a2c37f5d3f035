"""Labels in the office: what was printed, printing one or many, and the files that the browser gets."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.labels import queries, registry
from revlog.labels.drawing.shapes import STOCKS
from revlog.labels.forms import BROWSER, PrintForm
from revlog.labels.models import JobStatus, PrintJob, Way
from revlog.labels.services import printing

PAGE = 50
MAY = (
    "devices.locate", "returns.receive", "logistics.handover", "recycling.hazard", "resale.ship", "returns.send_back", "returns.desk",
    "accounts.stations",
)  # fmt: skip


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()


@allow(*MAY)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What was printed at one's sites, newest first."""
    actor = gate.insider_for(request)
    asked = {name: _clean(request.GET.get(name, ""))[:60] for name in ("status", "q")}
    page = Paginator(queries.jobs(actor, status=asked["status"], text=asked["q"]), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": queries.shown(page.object_list),
        "asked": asked,
        "statuses": JobStatus.choices,
        "may_set_up": actor.may("accounts.stations"),
    }
    return render(request, "labels/jobs.html", context)


@allow(*MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Print labels: of one thing by its page's button, or of many by their codes. A POST makes the job and leads to it."""
    actor = gate.insider_for(request)
    mine = registry.mine(actor)
    if not mine:
        raise Http404
    station = getattr(request, "station", None)
    at_station = printing.of_station(station)
    initial = {name: _clean(request.GET.get(name, ""))[:8000] for name in ("kind", "things", "variant", "reason")}
    if initial["kind"] not in {one.name for one in mine}:
        initial["kind"] = mine[0].name
    initial["printer"] = _usual(initial, at_station, actor)
    form = PrintForm(request.POST or None, initial=initial, actor=actor, station_printers=at_station)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        kind, printer = registry.KINDS[told["kind"]], form.printers.get(told["printer"])
        variant = kind.variant(told.get("variant", ""))
        try:
            found = printing.things(kind, _codes(told["things"]), variant=variant, by=actor)
            job = printing.ask(
                kind, found, hub=_hub(actor), station=station, printer=printer, stock=told["stock"], variant=variant,
                copies=told["copies"], start=told["start"] or 1, reason=told["reason"], by=actor, at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            return HttpResponseRedirect(reverse("print_job", args=[job.pk]))
    bound = form.data.get("kind") if form.is_bound else initial["kind"]
    kind = registry.KINDS.get(str(bound)) or mine[0]
    codes = _codes(form.data.get("things", "") if form.is_bound else initial["things"])
    context = {"form": form, "kind": kind, "kinds": mine, "codes": ", ".join(codes), **_known(kind, codes, actor)}
    return render(request, "labels/ask.html", context, status=422 if form.errors else 200)


def _usual(initial: dict[str, str], at_station: list[Any], actor: Actor) -> str:
    """The station's own printer for this label, where the page was opened for a thing."""
    if not at_station or not initial["things"]:
        return BROWSER
    kind = registry.KINDS[initial["kind"]]
    found = kind.find(actor, _codes(initial["things"])[:1], kind.variant(initial["variant"]))
    chosen = printing.suiting(at_station, found[0].label) if found and found[0].stored is None else None
    return str(chosen.pk) if chosen is not None else BROWSER


def _codes(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[\n,;]+", text.replace("\0", "")) if one.strip()]


def _known(kind: registry.Kind, codes: list[str], actor: Actor) -> dict[str, Any]:
    """What was printed of these before; nothing where a code is unknown, which the POST tells."""
    if not codes:
        return {"before": []}
    try:
        found = printing.things(kind, codes, by=actor)
    except DomainError:
        return {"before": []}
    have = printing.printed(kind, found, kind.variant(""))
    return {"before": [one.name for one in found if one.id in have][:20]}


def _hub(actor: Actor) -> Hub:
    row = Hub.objects.worked_by(actor).filter(pk=actor.hub_id, active=True).first() if actor.hub_id else None
    if row is None:
        raise printing.UnableToPrint(_("Choose the site where you work first."))
    return row


def _job(request: HttpRequest, pk: uuid.UUID) -> tuple[PrintJob, Actor]:
    actor = gate.insider_for(request)
    found = queries.job(pk, actor)
    if found is None:
        raise Http404
    return found, actor


@allow(*MAY)
@never_cache
@require_GET
def one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One job: how it stands, what is on it, and its file where the browser prints."""
    job, actor = _job(request, pk)
    at = clock.now()
    entries = list(Entry.objects.filter(chain_id=job.pk).visible_to(actor).order_by("sequence"))
    names = people.names_of({entry.actor for entry in entries})
    context = {
        **queries.shown([job])[0],
        "look": queries.LOOKS[job.status],
        "stock": STOCKS[job.stock].label if job.stock in STOCKS else job.stock,
        "items": _items(job, actor),
        "file": reverse("print_file", args=[job.pk])
        if not printing.reasons_against_opening(job, by=actor, at=at)
        else "",
        "is_zpl": job.printer is not None and job.printer.way == Way.FILE,
        "may_retry": job.status == JobStatus.FAILED and job.printer is not None and job.printer.active,
        "told": [
            {"what": said, "at": entry.occurred_at, "by": names.get(entry.actor, "")}
            for entry in entries
            if (said := entry.told_to(Audience.STAFF))
        ],
        "waits": job.status == JobStatus.QUEUED,
        "again": f"{reverse('print_labels')}?kind={job.kind}",
    }
    template = "labels/_status.html" if getattr(request, "htmx", False) else "labels/job.html"
    return render(request, template, context)


def _items(job: PrintJob, actor: Actor) -> list[dict[str, Any]]:
    kind = registry.KINDS[job.kind]
    rows = list(job.items.all())
    variants = dict(kind.variants)
    urls = (
        {one.id: one.url for one in kind.find(actor, [str(row.thing) for row in rows], "")} if len(rows) <= PAGE else {}
    )
    return [
        {"name": row.name, "url": urls.get(row.thing, ""), "again": row.again, "variant": variants.get(row.variant, "")}
        for row in rows
    ]


@allow(*MAY)
@never_cache
@require_GET
def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The labels themselves, for the browser or a printer's own program: for 15 minutes, to who asked for them."""
    job, actor = _job(request, pk)
    try:
        data, media = printing.opened(job, by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("print_job", args=[job.pk]))
    answer = HttpResponse(data, content_type=media)
    ending = "pdf" if media == "application/pdf" else "zpl"
    way = "inline" if ending == "pdf" else "attachment"
    answer.headers["Content-Disposition"] = f'{way}; filename="labels-{job.kind}-{job.asked_at:%Y%m%d-%H%M}.{ending}"'
    return answer


@allow(*MAY)
@require_POST
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send what failed once more."""
    job, actor = _job(request, pk)
    try:
        printing.retry(job, by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("It is sent again."))
    return HttpResponseRedirect(reverse("print_job", args=[job.pk]))
