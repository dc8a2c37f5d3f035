"""Rules: what is decided by a table rather than by code, versioned and dated, so that an old decision can be explained."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms import ruling


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, actor: Actor) -> RuleSetQuerySet:
        """The operator's people see all; others their own and the ones that hold for everybody, published, of kinds that are told."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        mine = Q(organization_id=actor.organization_id) | Q(organization=None)
        return self.filter(mine, kind__in=ruling.kinds(told=True), version__isnull=False)


class RuleSet(models.Model):
    """One version of the rules of a kind, for one organization or (``organization`` null) for all that have none of their own.

    ``body`` is what ``revlog/terms/ruling.py`` evaluates. A draft has no version; publishing numbers it and says from when it holds.
    The version in force is the one with the latest ``valid_from`` that is not in the future; nothing is ever changed or deleted. Its
    id is its chain's. Kinds that nobody has published yet stand at version 0: the rules shipped with the code.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="rule_sets")
    version = models.IntegerField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    body = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "-version", "-drafted_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kind", "organization", "version"],
                condition=Q(version__isnull=False),
                name="rules_are_numbered",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="published_rules_are_dated",
                condition=Q(version=None) | Q(version__gte=1, valid_from__isnull=False, published_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "organization", "valid_from"], name="rules_in_force"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.version or 'draft'}"
