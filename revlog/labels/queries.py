"""What is read of printing: jobs with their labels, printers with their stations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.accounts.models import Station
from revlog.common.words import word
from revlog.labels import registry
from revlog.labels.models import JobStatus, Printer, PrintItem, PrintJob

LOOKS = {
    JobStatus.QUEUED.value: "coming",
    JobStatus.SENT.value: "done",
    JobStatus.MADE.value: "done",
    JobStatus.FAILED.value: "held",
}


def jobs(by: Actor, *, status: str = "", text: str = "") -> QuerySet[PrintJob]:
    """The print jobs of one's sites, newest first; only of kinds that one may print."""
    rows = (
        PrintJob.objects.visible_to(by)
        .filter(kind__in=[one.name for one in registry.mine(by)])
        .select_related("hub", "station", "printer")
        .annotate(things=Count("items"))
    )
    if status in JobStatus.values:
        rows = rows.filter(status=status)
    if text:
        rows = rows.filter(pk__in=PrintItem.objects.filter(name__icontains=text).values("job"))
    return rows.order_by("-asked_at", "-id")


def job(id: uuid.UUID, by: Actor) -> PrintJob | None:
    return jobs(by).filter(pk=id).first()


def shown(rows: Iterable[PrintJob]) -> list[dict[str, Any]]:
    """Jobs as the lists want them, with the first names on them."""
    found = list(rows)
    names = people.names_of({one.asked_by for one in found})
    first: dict[uuid.UUID, list[str]] = {}
    for item in PrintItem.objects.filter(job__in=found).order_by("id"):
        first.setdefault(item.job_id, []).append(item.name)
    return [
        {
            "job": one,
            "label": word(f"label.{one.kind}"),
            "names": ", ".join(first.get(one.pk, [])[:3]),
            "more": max(0, len(first.get(one.pk, [])) - 3),
            "by": names.get(one.asked_by, ""),
            "status": word(f"print_status.{one.status}"),
            "reason": word(f"reprint.{one.reason}") if one.reason else "",
        }
        for one in found
    ]


def of_thing(thing: uuid.UUID, by: Actor) -> list[PrintJob]:
    """The jobs in which a thing had a label, newest first."""
    return list(jobs(by).filter(items__thing=thing, items__void=False).distinct()[:20])


def printers(by: Actor) -> QuerySet[Printer]:
    return (
        Printer.objects.visible_to(by)
        .filter(active=True)
        .select_related("hub")
        .prefetch_related("stations")
        .order_by("hub__name", "name")
    )


def stations(by: Actor) -> QuerySet[Station]:
    return Station.objects.visible_to(by).filter(active=True).select_related("hub").order_by("hub__name", "name")
