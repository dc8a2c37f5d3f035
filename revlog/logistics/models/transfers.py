"""Transfers: containers and units that go from one of our sites to another, or to another organization, in one or more shipments."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device
from revlog.evidence.models import Artifact, Document
from revlog.logistics.models.travel import Carrier, Shipment
from revlog.storage.models import Container


class TransferStatus(models.TextChoices):
    PLANNED = "planned", _("being put together")
    UNDER_WAY = "under_way", _("under way")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("called off")


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, actor: Actor) -> TransferQuerySet:
        """Both sites' people see it; another organization's what comes back from it, and what goes to it once it has left."""
        if actor.kind == ActorKind.SYSTEM:
            return self
        if actor.is_operator:
            return self.filter(Q(origin_id__in=actor.hubs) | Q(destination_id__in=actor.hubs))
        if actor.organization_id is None:
            return self.none()
        theirs = Q(receiver_id=actor.organization_id, released_at__isnull=False) | Q(giver_id=actor.organization_id)
        return self.filter(theirs)


class Transfer(models.Model):
    """What goes from a site of ours to another site, or to a place of another organization. Its id is its chain's.

    What goes with one truck is a shipment of its own (``Consignment``); what didn't fit waits on the list for the next one.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    origin = models.ForeignKey(Hub, models.PROTECT, related_name="transfers_from")
    destination = models.ForeignKey(Hub, models.PROTECT, null=True, blank=True, related_name="transfers_to")
    """Null: a place of the receiver that isn't a site here."""
    receiver = models.ForeignKey(Organization, models.PROTECT, related_name="transfers_to")
    """Who has custody once it was accepted: the destination's organization, or the other one."""
    giver = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="transfers_back")
    """The other organization that it comes back from. Origin and destination are then the site that takes it back."""
    address = models.JSONField(default=list, blank=True)
    """The lines of the place that is no site: where it goes, or where it comes back from."""
    reason = models.CharField(max_length=200, blank=True)
    """What it is for; no name of a person."""
    status = models.CharField(max_length=10, choices=TransferStatus.choices, default=TransferStatus.PLANNED.value)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    """When its first shipment left."""
    done_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_transfer_goes_elsewhere",
                condition=Q(giver=None) & (Q(destination=None) | ~Q(destination=F("origin")))
                | Q(giver__isnull=False, destination=F("origin")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "created_at"], name="transfers_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class ConsignmentStatus(models.TextChoices):
    LOADING = "loading", _("being loaded")
    UNDER_WAY = "under_way", _("under way")
    OPENED = "opened", _("being taken in")
    ACCEPTED = "accepted", _("taken in")


class Consignment(models.Model):
    """One shipment of a transfer: what goes with one truck. It has the shipment's id, and says what follows on the shipment's chain."""

    shipment = models.OneToOneField(Shipment, models.PROTECT, primary_key=True, related_name="consignment")
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="consignments")
    number = models.SmallIntegerField()
    status = models.CharField(max_length=10, choices=ConsignmentStatus.choices, default=ConsignmentStatus.LOADING.value)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=80, blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    """Who signed for the carrier: personal, so never on the chain."""
    signature = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    unsigned_why = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    """The handover paper, made after it was released."""
    opened_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    taker_name = models.CharField(max_length=120, blank=True)
    """Who signed for what came: personal, so never on the chain."""
    taker_signature = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    taker_unsigned_why = models.CharField(max_length=200, blank=True)
    receipt = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    """The handover paper with both signatures, made after it was taken in."""

    class Meta:
        ordering: ClassVar[list[str]] = ["transfer", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["transfer", "number"], name="shipments_of_a_transfer_are_numbered"),
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(status="loading"), name="one_shipment_of_a_transfer_is_loaded"
            ),
            models.CheckConstraint(
                name="a_released_shipment_is_signed_or_says_why_not",
                condition=Q(released_at=None) | Q(signature__isnull=False) | ~Q(unsigned_why=""),
            ),
            models.CheckConstraint(
                name="what_is_taken_in_is_signed_for_or_says_why_not",
                condition=Q(accepted_at=None) | Q(taker_signature__isnull=False) | ~Q(taker_unsigned_why=""),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.transfer_id} {self.number}"


class Mode(models.TextChoices):
    ROAD = "road", _("by road")
    SEA = "sea", _("by sea")
    AIR = "air", _("by air")


class Leg(models.Model):
    """One stretch of a shipment's way: who carries it how, from where to where, when by plan and when in fact."""

    id = models.UUIDField(primary_key=True, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="legs")
    number = models.SmallIntegerField()
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.ROAD.value)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="legs")
    begins_at = models.CharField(max_length=120)
    """Where it begins: a site, a cross-dock, a port."""
    ends_at = models.CharField(max_length=120)
    planned_from = models.DateTimeField()
    planned_to = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    came_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    """The bill of lading, the air waybill, the carrier's own number."""
    container = models.CharField(max_length=11, blank=True)
    """The overseas container, by ISO 6346."""
    seals = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """On its doors."""
    vessel = models.CharField(max_length=80, blank=True)
    voyage = models.CharField(max_length=20, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    """When it was said that it is late."""

    class Meta:
        ordering: ClassVar[list[str]] = ["shipment", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shipment", "number"], name="legs_are_numbered"),
            models.CheckConstraint(name="a_leg_ends_after_it_begins", condition=Q(planned_to__gt=F("planned_from"))),
            models.CheckConstraint(
                name="a_leg_comes_after_it_left",
                condition=Q(came_at=None) | Q(left_at__isnull=False, came_at__gte=F("left_at")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["planned_to"], name="legs_on_the_way", condition=Q(came_at=None)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.number} {self.mode} {self.begins_at} - {self.ends_at}"


class CargoStatus(models.TextChoices):
    LISTED = "listed", _("to be loaded")
    LOADED = "loaded", _("loaded")
    UNDER_WAY = "under_way", _("under way")
    ACCEPTED = "accepted", _("taken in")
    MISSING = "missing", _("missing")
    LEFT_OUT = "left_out", _("left out")


class Cargo(models.Model):
    """One thing of a transfer: a container with all that is in it, or a unit by itself."""

    id = models.UUIDField(primary_key=True, editable=False)
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="cargo")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, blank=True, related_name="cargo")
    """With which it was loaded."""
    container = models.ForeignKey(Container, models.PROTECT, null=True, blank=True, related_name="cargo")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="cargo")
    status = models.CharField(max_length=10, choices=CargoStatus.choices, default=CargoStatus.LISTED.value)
    added = models.BooleanField(default=False)
    """It wasn't on the list: it was loaded all the same."""
    units = models.IntegerField(default=1)
    seals = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """On it when it was released."""
    seals_seen = models.BooleanField(default=False)
    """At the other end, each was looked at: whole, or told as broken."""
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.CharField(max_length=80, blank=True)
    released_entry = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="cargo_is_a_container_or_a_unit",
                condition=Q(container=None, device__isnull=False) | Q(container__isnull=False, device=None),
            ),
            models.UniqueConstraint(
                fields=["container"],
                condition=Q(status__in=["listed", "loaded", "under_way"]),
                name="a_container_is_on_one_open_transfer",
            ),
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(status__in=["listed", "loaded", "under_way"]),
                name="a_unit_is_on_one_open_transfer",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["transfer", "status"], name="cargo_of_a_transfer"),
        ]

    @override
    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What is scanned: the container's number or the unit's tag."""
        return self.container.number if self.container is not None else self.device.tag if self.device else ""


class Trouble(models.TextChoices):
    SHORT = "short", _("didn't come")
    OVER = "over", _("came without being on the list")
    DAMAGED = "damaged", _("came damaged")
    SEAL = "seal", _("came with a broken or another seal")


class Settled(models.TextChoices):
    FOUND = "found", _("found later")
    LOST = "lost", _("lost: to be claimed")
    ELSEWHERE = "elsewhere", _("belongs elsewhere")
    KEPT = "kept", _("kept as it is")
    STAYED = "stayed", _("stayed where it was")


class Discrepancy(models.Model):
    """What was not as released: a row of its own, open until a lead has said what became of it."""

    id = models.UUIDField(primary_key=True, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="discrepancies")
    cargo = models.ForeignKey(Cargo, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    """Null for what wasn't on the list."""
    kind = models.CharField(max_length=8, choices=Trouble.choices)
    code = models.CharField(max_length=60)
    """What was scanned, or is missing: a container's number, a unit's tag."""
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    """The unit, where it is one, also one out of a container."""
    note = models.CharField(max_length=300, blank=True)
    photo = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=80)
    settled = models.CharField(max_length=10, choices=Settled.choices, blank=True)
    settled_note = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["noted_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shipment", "kind", "code"], name="a_discrepancy_is_said_once"),
            models.CheckConstraint(
                name="a_settled_discrepancy_says_how", condition=Q(settled_at=None) | ~Q(settled="")
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Grace(models.Model):
    """How many hours after its planned arrival a leg is late: of a carrier at a site, of all at a site, of a carrier anywhere."""

    hub = models.ForeignKey(Hub, models.CASCADE, null=True, blank=True, related_name="transfer_graces")
    carrier = models.ForeignKey(Carrier, models.CASCADE, null=True, blank=True, related_name="graces")
    hours = models.SmallIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["hub", "carrier"], name="one_grace_a_site_and_carrier", nulls_distinct=False
            ),
            models.CheckConstraint(name="a_grace_is_not_negative", condition=Q(hours__gte=0, hours__lte=720)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.hours} h"
