"""Printers of sites, which station has which, and what was printed when, by whom and why again."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station
from revlog.labels.drawing.shapes import STOCKS, Stock

OPEN_FOR = timedelta(minutes=15)
"""So long the one who asked for a file can open it again: a tab closed too early is no reprint."""


class Way(models.TextChoices):
    NETWORK = "network", _("ZPL over the network")
    FILE = "file", _("ZPL as a file")
    BROWSER = "browser", _("PDF in the browser")


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENT = "sent", _("sent to the printer")
    MADE = "made", _("given to the browser")
    FAILED = "failed", _("failed")


class Reprint(models.TextChoices):
    LOST = "lost", _("the label is lost")
    DAMAGED = "damaged", _("the label is damaged")
    JAM = "jam", _("the printer jammed")
    WRONG = "wrong", _("it came out wrong or elsewhere")
    CHANGED = "changed", _("what stands on it has changed")


class PrinterQuerySet(models.QuerySet["Printer"]):
    def visible_to(self, actor: Actor) -> PrinterQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class Printer(models.Model):
    """A printer of a site: how it is reached, and what it is loaded with."""

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="printers")
    name = models.CharField(max_length=60)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.BROWSER)
    host = models.CharField(max_length=100, blank=True)
    port = models.IntegerField(default=9100)
    dpi = models.IntegerField(default=203)
    stock = models.CharField(max_length=20, default="100x50")
    red_border = models.BooleanField(default=False)
    """Its labels have the red border of the lithium battery mark already."""
    on_receipt = models.BooleanField(default=False)
    """A unit that is received at a station of it gets its label at once."""
    stations = models.ManyToManyField(Station, related_name="printers", blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    objects = PrinterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["hub__name", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "name"], condition=Q(active=True), name="one_printer_a_name"),
        ]

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def loaded(self) -> Stock:
        return STOCKS[self.stock]


class PrintJobQuerySet(models.QuerySet["PrintJob"]):
    def visible_to(self, actor: Actor) -> PrintJobQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class PrintJob(models.Model):
    """Labels of one kind that were asked for at once. Its id is its chain's.

    What stands on them isn't kept: it is drawn from the things when the labels are sent or opened, so no address lies here.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="print_jobs")
    station = models.ForeignKey(Station, models.PROTECT, null=True, blank=True, related_name="+")
    printer = models.ForeignKey(Printer, models.PROTECT, null=True, blank=True, related_name="jobs")
    """None: the browser of the one who asked."""
    kind = models.CharField(max_length=30)
    stock = models.CharField(max_length=20)
    copies = models.IntegerField(default=1)
    start = models.IntegerField(default=1)
    """The first free label of a sheet."""
    reason = models.CharField(max_length=10, choices=Reprint.choices, blank=True)
    automatic = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=JobStatus.choices)
    attempts = models.IntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)
    """What was in the way last."""
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    objects = PrintJobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["hub", "-asked_at"], name="print_jobs_of_a_hub")]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.asked_at:%Y-%m-%d %H:%M}"


class PrintItem(models.Model):
    """One thing whose label a job prints. ``again`` when it had one; ``void`` while its job has failed, so that none was printed."""

    job = models.ForeignKey(PrintJob, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=30)
    thing = models.UUIDField()
    name = models.CharField(max_length=60)
    variant = models.CharField(max_length=20, blank=True)
    again = models.BooleanField(default=False)
    void = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["thing", "kind", "variant"],
                condition=Q(again=False, void=False),
                name="one_first_label_a_thing",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["thing", "kind"], name="labels_of_a_thing")]

    @override
    def __str__(self) -> str:
        return self.name
