"""Clients' manifests: how their columns are read, each file with how far it is, and what became of every row."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device
from revlog.evidence.models import Artifact


class ManifestStatus(models.TextChoices):
    DRAFT = "draft", _("columns to check")
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


class RowOutcome(models.TextChoices):
    CREATED = "created", _("new")
    MATCHED = "matched", _("known already")
    REFUSED = "refused", _("refused")


class ManifestMapping(models.Model):
    """Which column of a client's lists means what, under a name; the one saved last that fits a file is used for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Organization, models.PROTECT, related_name="manifest_mappings")
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict)
    """Field -> heading, as ``itad.manifests.columns.Columns`` has it."""
    saved_by = models.CharField(max_length=80)
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-saved_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["client", "name"], name="one_mapping_a_name_and_client"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.client_id} {self.name}"


class ManifestRunQuerySet(models.QuerySet["ManifestRun"]):
    def visible_to(self, actor: Actor) -> ManifestRunQuerySet:
        """The operator's people see those of the sites they work in, a client's people their own."""
        if actor.is_operator:
            return self.filter(hub__in=Hub.objects.worked_by(actor))
        return self.filter(client_id=actor.organization_id) if actor.organization_id is not None else self.none()


class ManifestRun(models.Model):
    """One file of one client, read by one mapping. Its id is its chain's.

    ``position`` says how many of the file's rows are in; it moves in the transaction that writes them, so that whoever is stopped or
    killed goes on behind the last one. One that is done may be followed by another of the same file, in which everything is known.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    client = models.ForeignKey(Organization, models.PROTECT, related_name="manifests")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="manifests")
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    columns = models.JSONField(default=dict, blank=True)
    """What a person said of the columns; empty where the file's own headings and the saved mappings do."""
    mapping_name = models.CharField(max_length=60, blank=True)
    reading_digest = models.CharField(max_length=64, blank=True)
    """Over all that says what the rows become: columns, contract, job, site, here or announced."""
    contract = models.CharField(max_length=60, blank=True)
    """What allows what can't be undone; empty where that is said later."""
    reference = models.CharField(max_length=50, blank=True)
    here = models.BooleanField(default=False)
    """Whether the things are here and received by the list itself; else they are announced."""
    artifact = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    """The file itself, where it came by the browser or the API; a file on the command line stays where it is."""
    status = models.CharField(max_length=10, choices=ManifestStatus.choices, default=ManifestStatus.RUNNING)
    stop_asked = models.BooleanField(default=False)
    problem = models.CharField(max_length=1000, blank=True)
    position = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    units = models.IntegerField(default=0)
    """Units (and counted lots) that the created rows made."""
    warnings = models.JSONField(default=list, blank=True)
    heads = models.JSONField(default=dict, blank=True)
    """Sheet -> what its columns are called, for a file of the refused rows."""
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ManifestRunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["client", "file_digest", "reading_digest"],
                condition=Q(status__in=["running", "stopped"]),
                name="one_open_import_a_manifest",
            ),
            models.CheckConstraint(
                name="a_manifest_that_is_done_adds_up",
                condition=~Q(status="done")
                | Q(rows=models.F("created") + models.F("matched") + models.F("refused"), finished_at__isnull=False),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.file_name} {self.status}"


class ManifestRow(models.Model):
    """What became of one row. A refused one keeps its cells, so that just those rows can be mended and sent again."""

    run = models.ForeignKey(ManifestRun, models.PROTECT, related_name="kept")
    sheet = models.CharField(max_length=60, blank=True)
    line = models.IntegerField()
    """As an editor or a spreadsheet shows it."""
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    reason = models.CharField(max_length=30, blank=True)
    told = models.CharField(max_length=200, blank=True)
    notes = models.JSONField(default=list, blank=True)
    cells = models.JSONField(default=list, blank=True)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="manifest_rows")
    key = models.CharField(max_length=64, blank=True)
    """Of a line that only counts: what it says, so that it is known when it is sent again."""
    devices = models.JSONField(default=list, blank=True)
    """Of a line that only counts: ids of the units that it made."""

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "sheet", "line"], name="a_manifest_row_is_kept_once"),
            models.CheckConstraint(
                name="a_refused_manifest_row_says_why", condition=~Q(outcome="refused") | ~Q(reason="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "outcome", "id"], name="manifest_rows_by_outcome"),
            models.Index(fields=["key"], condition=~Q(key=""), name="manifest_rows_that_count"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.run_id} {self.line}"
