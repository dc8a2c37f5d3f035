"""What was handed to the accountant: runs with their files as they were, and for each posting the one run that it is in."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.devices.models import Posting
from revlog.evidence.models import Artifact


def keeps_books(actor: Actor) -> bool:
    """Whether it is the platform itself, or somebody with the right who works at all of the operator's sites."""
    if not actor.is_operator or not actor.may("money.post"):
        return False
    if actor.kind == ActorKind.SYSTEM or actor.organization_id is None:
        return actor.kind == ActorKind.SYSTEM
    others = Hub.objects.filter(organization_id=actor.organization_id).exclude(pk__in=actor.hubs)
    return not actor.hubs or not others.exists()


class RunQuerySet(models.QuerySet["AccountingRun"]):
    def visible_to(self, actor: Actor) -> RunQuerySet:
        """Whoever keeps the operator's books at all of its sites: a run is of the whole company."""
        return self if keeps_books(actor) else self.none()


class AccountingRun(models.Model):
    """All postings of a period as journal lines, made once. Its files are kept as they were made: downloaded again they are the same.

    ``chart`` is the version of the chart of accounts that it was made by. Runs follow each other without a day between them.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.IntegerField(unique=True)
    since = models.DateField()
    until = models.DateField()
    zone = models.CharField(max_length=60)
    chart = models.IntegerField()
    postings = models.IntegerField()
    late = models.IntegerField(default=0)
    """How many of them happened before ``since`` and were booked after the run before: they stand under its first day."""
    sums = models.JSONField(default=dict)
    """The sum of the postings by book, as text: positive is income."""
    currency = models.CharField(max_length=3)
    journal = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    datev = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_run_has_a_period", condition=Q(until__gte=F("since"))),
        ]

    @override
    def __str__(self) -> str:
        return str(self.number)

    @property
    def by_book(self) -> list[tuple[str, Decimal]]:
        return [(book, Decimal(told)) for book, told in sorted(self.sums.items())]


class AccountingLine(models.Model):
    """One posting in one run: the row is what keeps it out of every other."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(AccountingRun, models.PROTECT, related_name="lines")
    number = models.IntegerField()
    posting = models.OneToOneField(Posting, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["run", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="a_line_has_its_number_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"
