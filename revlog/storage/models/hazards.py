"""Hazards: what was found, what was frozen for it, who classified it by which criteria, and what is looked at again for it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device, Location
from revlog.evidence.models import Artifact


class HazardKind(models.TextChoices):
    """What somebody saw. It decides the steps and the clock, not the class: that is the assessor's."""

    SWOLLEN = "swollen", _("swollen battery")
    HOT = "hot", _("hot or smoking")
    LEAKING = "leaking", _("leaking")
    WATER = "water", _("water")
    GLASS = "glass", _("broken glass")
    POWDER = "powder", _("unknown powder")
    OTHER = "other", _("another danger")


class HazardState(models.TextChoices):
    OPEN = "open", _("to be assessed")
    CLOSED = "closed", _("assessed")


class Verdict(models.TextChoices):
    """What the assessor decided of one unit."""

    UNDAMAGED = "undamaged", _("undamaged, released")
    DAMAGED = "damaged", _("damaged or defective")
    CRITICAL = "critical", _("critical")


class Basis(models.TextChoices):
    """Whose criteria the verdict rests on (ADR special provision 376)."""

    MAKER = "maker", _("safety criteria of the maker")
    EXPERT = "expert", _("judgement of a qualified expert")


class HazardCaseQuerySet(models.QuerySet["HazardCase"]):
    def visible_to(self, actor: Actor) -> HazardCaseQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class HazardCase(models.Model):
    """One danger that somebody reported. Its chain says what was frozen, who classified it and by what."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="hazards")
    kind = models.CharField(max_length=10, choices=HazardKind.choices)
    state = models.CharField(max_length=10, choices=HazardState.choices, default=HazardState.OPEN)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    """The unit that it is about; none where a whole place was reported."""
    place = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    """Where it lay."""
    photo = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    reported_by = models.CharField(max_length=80)
    reported_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """Until when an assessor is to have looked."""
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    """The class of the unit that it is about; the worst of all where a place was reported."""
    basis = models.CharField(max_length=10, choices=Basis.choices, blank=True)
    criteria = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    goods = models.CharField(max_length=10, blank=True)
    """What it is by the rules of transport: a UN number, or empty where no battery is in it."""
    note = models.CharField(max_length=500, blank=True)
    assessed_by = models.CharField(max_length=80, blank=True)
    assessed_at = models.DateTimeField(null=True, blank=True)

    objects = HazardCaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["due_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(state="open"), name="one_open_hazard_a_unit"),
            models.CheckConstraint(
                name="a_verdict_has_its_person",
                condition=Q(state="open", assessed_by="") | (Q(state="closed") & ~Q(assessed_by="")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "due_at"], condition=Q(state="open"), name="open_hazards"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class HazardUnit(models.Model):
    """A unit that a case froze, and what was decided of it."""

    case = models.ForeignKey(HazardCase, models.CASCADE, related_name="units")
    device = models.ForeignKey(Device, models.PROTECT, related_name="hazards")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "device"], name="a_hazard_freezes_a_unit_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device"], condition=Q(verdict=""), name="units_to_be_assessed"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} of {self.case_id}"


class FrozenPlace(models.Model):
    """A place or container in which a case froze everything."""

    case = models.ForeignKey(HazardCase, models.CASCADE, related_name="places")
    place = models.ForeignKey(Location, models.PROTECT, related_name="hazards")
    freed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "place"], name="a_hazard_freezes_a_place_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.place_id} of {self.case_id}"


class LookState(models.TextChoices):
    WAITING = "waiting", _("to be inspected")
    WELL = "well", _("all well")
    HAZARD = "hazard", _("a hazard was found")
    DROPPED = "dropped", _("not needed any more")


class ReinspectionQuerySet(models.QuerySet["Reinspection"]):
    def visible_to(self, actor: Actor) -> ReinspectionQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class Reinspection(models.Model):
    """Another container of the same client: nothing comes out of it until somebody has looked into it."""

    case = models.ForeignKey(HazardCase, models.CASCADE, related_name="looks")
    place = models.ForeignKey(Location, models.PROTECT, related_name="looks")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=LookState.choices, default=LookState.WAITING)
    asked_at = models.DateTimeField()
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ReinspectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["place"], condition=Q(state="waiting"), name="one_open_look_a_container"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.place_id} for {self.case_id}"


class HazardSteps(models.Model):
    """What a site does first when a danger is found, and how long an assessor may take; without a row, what is shipped."""

    hub = models.ForeignKey(Hub, models.CASCADE, related_name="hazard_steps")
    kind = models.CharField(max_length=10, choices=HazardKind.choices)
    steps = models.TextField()
    """One step a line."""
    minutes = models.IntegerField()
    call = models.CharField(max_length=120, blank=True)
    """Whom to call: a name or a number of the site's own."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "kind"], name="steps_are_told_once"),
            models.CheckConstraint(name="a_clock_runs_forward", condition=Q(minutes__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} at {self.hub_id}"
