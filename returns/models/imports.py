"""Files of past orders and returns that were taken over: how far, with what, and what became of every credited or refused row."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import RmaLine
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.evidence.models import Artifact


class RunStatus(models.TextChoices):
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, actor: Actor) -> ImportRunQuerySet:
        """The operator's people see every import, a seller's people their own."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(seller_id=actor.organization_id)


class ImportRun(models.Model):
    """One file, read by one mapping, for one seller. Its id is its chain's.

    ``position`` says how many of the file's documents are in; it moves in the transaction that writes them, so that whoever is stopped or
    killed goes on behind the last one. The counts are those of the rows up to there, and of all of them once it is done.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="import_runs")
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=80)
    mapping_digest = models.CharField(max_length=64)
    mapping_text = models.TextField()
    """The TOML itself: what the rows were read by, also when the one that comes with Revlog has changed since."""
    currency = models.CharField(max_length=3)
    artifact = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    """The file itself, where it came by the browser; a file on the command line stays where it is."""
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    stop_asked = models.BooleanField(default=False)
    problem = models.CharField(max_length=1000, blank=True)
    """Why it stopped by itself."""
    position = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    """Rows of the file; 0 before it was read."""
    rows_done = models.IntegerField(default=0)
    order_lines = models.IntegerField(default=0)
    return_lines = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    unmatched = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    """Of the accepted rows, those of documents that an earlier import brought already."""
    order_total = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    return_total = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["seller", "file_digest", "mapping_digest"], name="one_import_a_file_and_mapping"
            ),
            models.CheckConstraint(
                name="an_import_that_is_done_has_a_date", condition=~Q(status="done") | Q(finished_at__isnull=False)
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.file_name} {self.status}"


class CreditNote(models.Model):
    """A document of the past by which a seller credited goods. One a number, so that no import takes it over twice."""

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="credit_notes")
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=80)
    content = models.CharField(max_length=64)
    credited_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["credited_at", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("seller", Upper("number"), name="one_credit_note_a_number"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class RowOutcome(models.TextChoices):
    MATCHED = "matched", _("matched")
    UNMATCHED = "unmatched", _("unmatched")
    REFUSED = "refused", _("refused")


class ImportedRow(models.Model):
    """A row of the file that credits something or was refused, as it was told; rows that became order lines are those.

    ``line`` is its number as an editor shows it. ``told`` is what the reason speaks of: the cell that couldn't be read, the date that
    can't be. The cells are kept as text where they couldn't be read.
    """

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="kept")
    note = models.ForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="rows")
    line = models.IntegerField()
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    reason = models.CharField(max_length=30, blank=True)
    told = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=80, blank=True)
    customer = models.CharField(max_length=60, blank=True)
    sku = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField(null=True, blank=True)
    price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    original = models.CharField(max_length=80, blank=True)
    """The order that a credited row names itself."""
    why = models.CharField(max_length=20, blank=True)
    """Reason code of a credited row."""
    matched_quantity = models.IntegerField(default=0)
    known = models.BooleanField(default=False)
    """An earlier import brought it; this row says again what became of it then."""
    matched_at = models.DateTimeField(null=True, blank=True)
    """Of a row that was unmatched at first: when pieces of it were found later. The counts of its run don't change by that."""
    matched_by = models.ForeignKey(ImportRun, models.PROTECT, null=True, blank=True, related_name="matched_later")
    """The import whose orders they were found in; null when somebody looked again by hand."""

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "line"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "line", "outcome"], name="a_row_is_kept_once"),
            models.CheckConstraint(
                name="a_row_says_why_it_is_not_matched", condition=Q(outcome="matched") | ~Q(reason="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "outcome", "line"], name="rows_by_outcome"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.run_id} {self.line}"


class ImportedMatch(models.Model):
    """So many pieces of a credited row, found in one order line: the RMA line that they became."""

    row = models.ForeignKey(ImportedRow, models.PROTECT, related_name="matches")
    rma_line = models.OneToOneField(RmaLine, models.PROTECT, related_name="credited_by")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        verbose_name_plural = "imported matches"

    @override
    def __str__(self) -> str:
        return f"{self.row_id} {self.rma_line_id}"
