"""Receiving sessions: one person at one station unpacks, from the first scan to the signature of who takes it over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import RmaUnit
from returns.models.trouble import Discrepancy
from returns.models.vendors import VendorReturn
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization, Station
from revlog.devices.models import Device, Location
from revlog.evidence.models import Attachment, Document
from revlog.logistics.models import Parcel


class Against(models.TextChoices):
    """What a delivery is compared with."""

    RETURNS = "returns", _("announced returns")
    MANIFEST = "manifest", _("a client's list")
    VENDOR = "vendor", _("a return to a vendor that came back")
    FORWARD = "forward", _("parcels that could not be delivered")
    NOTHING = "nothing", _("nothing announced")


class SessionStatus(models.TextChoices):
    OPEN = "open", _("being unpacked")
    CLOSED = "closed", _("waits to be signed for")
    SIGNED = "signed", _("handed over")


class Unpacked(models.TextChoices):
    """What one thing was found to be; what was not received as announced is a discrepancy as well."""

    RECEIVED = "received", _("received")
    OVER = "over", _("more than announced")
    DAMAGED = "damaged", _("damaged")
    EMPTY = "empty_box", _("empty box")
    WRONG_SERIAL = "wrong_serial", _("wrong serial")
    WRONG_ITEM = "wrong_item", _("wrong item")
    UNANNOUNCED = "unannounced", _("not announced")
    FOUND = "found", _("found property")
    SHORT = "short", _("missing")
    DIFFERS = "differs", _("received, differs")


class SessionQuerySet(models.QuerySet["ReceivingSession"]):
    def visible_to(self, actor: Actor) -> SessionQuerySet:
        """The operator's people see those of their sites; nobody else any."""
        if not actor.is_operator:
            return self.none()
        return self if actor.kind == ActorKind.SYSTEM else self.filter(hub_id__in=actor.hubs)


class ReceivingSession(models.Model):
    """What one person took in at one station in one go. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="receiving_sessions")
    station = models.ForeignKey(Station, models.PROTECT, null=True, blank=True, related_name="receiving_sessions")
    place = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="receiving_sessions")
    """The dock or bench where it is done."""
    against = models.CharField(max_length=10, choices=Against.choices, default=Against.RETURNS.value)
    client = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="receiving_sessions")
    vendor_return = models.ForeignKey(
        VendorReturn, models.PROTECT, null=True, blank=True, related_name="receiving_sessions"
    )
    status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.OPEN.value)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    signed_by = models.CharField(max_length=80, blank=True)
    """Who took it over: a person, or who put it on a shelf."""
    signed_at = models.DateTimeField(null=True, blank=True)
    """None of one that ended with nothing received: there was nothing to sign for."""
    handed_to = models.CharField(max_length=40, blank=True)
    """The shelf where it stands; empty where a person took it."""
    signature = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["opened_by", "hub", "station"],
                condition=Q(status="open"),
                name="one_open_session_a_person_and_station",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="a_signed_session_was_closed", condition=Q(signed_at=None) | Q(closed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="who_unpacked_signs_for_a_shelf_alone",
                condition=Q(signed_by="") | ~Q(signed_by=models.F("opened_by")) | ~Q(handed_to=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opened_at"], name="sessions_not_signed", condition=~Q(status="signed")),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class SessionLine(models.Model):
    """One thing of a session: what was expected, what was found, and what it weighs. ``undone_at`` says that it was taken back."""

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(ReceivingSession, models.PROTECT, related_name="lines")
    outcome = models.CharField(max_length=12, choices=Unpacked.choices)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="session_lines")
    unit = models.ForeignKey(RmaUnit, models.PROTECT, null=True, blank=True, related_name="session_lines")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="session_lines")
    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, null=True, blank=True, related_name="session_lines")
    expected = models.CharField(max_length=200, blank=True)
    found = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField(default=1)
    photos_wanted = models.SmallIntegerField(default=0)
    """How many photos the rules of that day ask for."""
    photos = models.ManyToManyField(Attachment, related_name="+", blank=True)
    grams = models.IntegerField(null=True, blank=True)
    weighed_by = models.CharField(max_length=6, blank=True)
    """scale or hand."""
    parts = models.JSONField(default=dict)
    """What belongs to it, by code: whether it was there."""
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.session_id} {self.outcome}"
