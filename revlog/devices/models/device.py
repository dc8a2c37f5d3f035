"""The device: whatever travels, with its independent axes, its names and its stays."""

from __future__ import annotations

import re
import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import measures
from revlog.custody.services.ledger import Head
from revlog.devices import classes
from revlog.devices.journey import (
    CLEARED,
    DEPARTED,
    ENDS,
    FOR_SALE,
    ON_HAND,
    ROUTES,
    Data,
    Disposition,
    State,
    Stop,
    next_stop,
)
from revlog.devices.models.catalog import ProductModel, Variant
from revlog.devices.models.places import Hazard, Location

STATES = [(state.value, state.value) for state in State]
DATA = [(data.value, data.value) for data in Data]
GRADES = [(grade, grade) for grade in ("NEW", "A", "B", "C", "D", "U", "NA")]
GRADED = ("NEW", "A", "B", "C", "D")
DISPOSITIONS = [(disposition.value, disposition.value) for disposition in Disposition]
QUEUES = [state for state in State if state not in ENDS | {State.EXPECTED, State.RECEIVED, State.DEPLOYED}]


def _queues_but(target: State) -> list[State]:
    """Every queue that a unit can be sent to ``target`` from: being sent where it is would say nothing."""
    return [state for state in QUEUES if state != target]


class Tracking(models.TextChoices):
    SERIALIZED = "serialized", _("one thing with an identity")
    COUNTED = "counted", _("counted")
    WEIGHED = "weighed", _("weighed")


class WaitingFor(models.TextChoices):
    CUSTOMER = "customer", _("the customer")
    CLIENT = "client", _("the client")
    VENDOR = "vendor", _("the vendor")
    PART = "part", _("a part")
    ASSESSOR = "assessor", _("the assessor")
    CARRIER = "carrier", _("the carrier")
    BUYER = "buyer", _("the buyer")


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, actor: Actor) -> DeviceQuerySet:
        """The operator's staff see their hubs' units (all, when bound to none); others see what they own; guests nothing by this way."""
        if actor.is_operator:
            return self.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None)) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(owner_id=actor.organization_id)

    def waiting(self, state: State) -> DeviceQuerySet:
        """The worklist of one queue: longest waiting first."""
        return self.filter(state=state).order_by("state_since", "id")

    def on_hand(self) -> DeviceQuerySet:
        return self.filter(state__in=ON_HAND)


class Device(FSMModelMixin, models.Model):
    """A unit: one thing with an identity, a counted lot, or a weight of material. Its id is its chain's.

    Axes that people tend to mix are kept apart: ``state`` (where on its journey), ``data`` (what is known of the data on it),
    ``grade``, ``disposition``, ``holds``, ``owner`` (title), ``custodian``, ``location``, ``waiting_for``, ``authority``. Quarantined is
    a hold, missing is an unknown location, promised is an allocation, travelling is an open handover: none of them is a state.

    Only ``devices/services/moves.py`` writes ``state``, and PostgreSQL refuses a change that cites no newer entry of the unit's chain.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    tag = models.CharField(max_length=20, unique=True)
    tracking = models.CharField(max_length=10, choices=Tracking.choices, default=Tracking.SERIALIZED)
    device_class = models.CharField(max_length=20, choices=classes.CHOICES, default="other")
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="devices")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="devices")
    manufacturer = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=200, blank=True)
    serial = models.CharField(max_length=120, blank=True)
    """As printed, for reading; matching goes by ``Identifier``."""
    memory_bytes = models.BigIntegerField(null=True, blank=True)
    quantity = models.IntegerField(default=1)
    grams = models.BigIntegerField(null=True, blank=True)
    lot = models.CharField(max_length=60, blank=True)
    made_on = models.DateField(null=True, blank=True)
    """When its maker made it, where its label or a list of the maker says so."""
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")

    state = FSMField(max_length=16, choices=STATES, default=State.EXPECTED.value, protected=True)
    state_since = models.DateTimeField()
    state_sequence = models.IntegerField()
    """Sequence of the entry that the present state cites."""
    data = models.CharField(max_length=10, choices=DATA, default=Data.UNKNOWN.value)
    grade = models.CharField(max_length=3, choices=GRADES, default="U")
    disposition = models.CharField(max_length=24, choices=DISPOSITIONS, blank=True)
    stops_done = models.SmallIntegerField(default=0)
    holds = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    """Kinds of the open holds; the rows are ``Hold``."""
    hazard = models.CharField(max_length=10, choices=Hazard.choices, blank=True)
    """What is known of the danger in it; empty: nothing. Written by ``revlog/storage/services/hazards``."""
    packed_as = models.CharField(max_length=10, blank=True)
    """By which packing instruction a dangerous one was packed for transport (P908); empty: it isn't."""
    decontaminated = models.CharField(max_length=64, blank=True)
    """Digest of the entry that says so on this visit, where its class needs it; empty: nobody opens it."""
    exit = models.CharField(max_length=30, blank=True)
    """Which of the few exits with data was taken, proof cited by the entry: title_holder, sealed_transfer, destruction_vendor, seizure."""
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="owned_devices")
    custodian = models.ForeignKey(Organization, models.PROTECT, related_name="held_devices", null=True)
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, related_name="devices")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="devices")
    waiting_for = models.CharField(max_length=10, choices=WaitingFor.choices, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    waiting_due = models.DateTimeField(null=True, blank=True)
    waiting_asked = models.CharField(max_length=200, blank=True)
    authority = models.CharField(max_length=64, blank=True)
    """Digest of the entry by which irreversible acts are allowed on this visit: title is ours, or the owner agreed."""
    visit = models.ForeignKey("Visit", models.PROTECT, null=True, related_name="+")
    expected_value = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    vat_origin = models.CharField(max_length=16, blank=True)
    """How it became ours, for the VAT of its sale: margin, standard, reverse_charge, none; empty where nobody bought it from anybody."""
    currency = models.CharField(max_length=3, default="EUR")
    created_at = models.DateTimeField()

    objects = DeviceQuerySet.as_manager()
    head: Head | None = None
    """Where its chain stands, when this instance was taken under lock (``moves.take``)."""
    looked_for: bool | None = None
    """Whether anybody looks out for units, when that was read with it; None when it wasn't (``services/watching.py``)."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="nothing_with_data_is_for_sale",
                condition=~Q(state__in=sorted(s.value for s in FOR_SALE))
                | Q(data__in=sorted(d.value for d in CLEARED)),
            ),
            models.CheckConstraint(
                name="a_sold_device_has_a_grade",
                condition=~Q(state=State.SOLD.value) | Q(grade__in=GRADED) | ~Q(tracking=Tracking.SERIALIZED),
            ),
            models.CheckConstraint(name="a_quantity_is_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="only_weighed_and_counted_come_in_numbers",
                condition=~Q(tracking=Tracking.SERIALIZED) | Q(quantity=1),
            ),
            models.CheckConstraint(
                name="what_is_weighed_has_a_weight", condition=~Q(tracking=Tracking.WEIGHED) | Q(grams__gte=0)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "state_since", "id"], name="worklists"),
            models.Index(fields=["owner", "created_at", "id"], name="units_of_an_owner"),
            models.Index(fields=["hub", "created_at", "id"], name="units_at_a_hub"),
            models.Index(fields=["created_at", "id"], name="units_by_age"),
            GinIndex(OpClass(Upper("serial"), name="gin_trgm_ops"), name="serials_by_part"),
            models.Index(Upper("lot"), name="units_by_lot", condition=~Q(lot="")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.face} {self.tag}"

    def is_visible_to(self, actor: Actor) -> bool:
        """What `visible_to` says of a queryset, said of a row that was read by other means."""
        if actor.is_operator:
            return not actor.hubs or self.hub_id is None or self.hub_id in actor.hubs
        return actor.organization_id is not None and self.owner_id == actor.organization_id

    # What it is -------------------------------------------------------------------------------------------------------------

    @property
    def kind(self) -> classes.DeviceClass:
        return classes.of(self.device_class)

    @property
    def face(self) -> str:
        """Its name for people: "Lenovo ThinkPad T480, 16 GB", "400 × cable", "412 kg mixed IT"."""
        name = " ".join(part for part in (self.manufacturer, self.model) if part)
        if self.model.lower().startswith(self.manufacturer.lower()) and self.manufacturer:
            name = self.model
        name = name or str(self.kind.label).capitalize()
        if self.tracking == Tracking.COUNTED:
            return f"{self.quantity} × {name}"
        if self.tracking == Tracking.WEIGHED:
            return f"{measures.kilograms(self.grams or 0).normalize():f} kg {name}"
        memory = measures.memory(self.memory_bytes) if self.memory_bytes else ""
        # A shop's own description often says it already.
        return f"{name}, {memory}" if memory and not re.search(rf"\b{memory}\b", name) else name

    @property
    def has_ended(self) -> bool:
        return State(self.state) in ENDS

    @property
    def has_departed(self) -> bool:
        return State(self.state) in DEPARTED

    @property
    def route(self) -> tuple[Stop, ...]:
        return ROUTES[Disposition(self.disposition)] if self.disposition else ()

    @property
    def next_stop(self) -> Stop | None:
        """The stop that comes next by its route, or None while nobody has decided."""
        return next_stop(self.route, self.stops_done, Data(self.data)) if self.disposition else None

    # Transitions: declared once; guards and ledger are in services/moves.py, the only caller ---------------------------------------

    @transition(field=state, source=State.EXPECTED, target=State.RECEIVED)
    def receive(self) -> None:
        """It arrived and was taken in."""

    @transition(field=state, source=[State.DEPLOYED, *ENDS], target=State.RECEIVED)
    def arrive_again(self) -> None:
        """A known unit arrives once more: the next visit."""

    @transition(field=state, source=State.EXPECTED, target=State.NOT_RECEIVED)
    def give_up(self) -> None:
        """It never came."""

    @transition(field=state, source=State.RECEIVED, target=State.EXPECTED)
    def expect_again(self) -> None:
        """Receiving it was a slip of the hand, said at once: it hasn't come."""

    @transition(field=state, source=[State.RECEIVED, *_queues_but(State.IN_TRIAGE)], target=State.IN_TRIAGE)
    def to_triage(self) -> None:
        """To be looked at: the first time, or again after a stop that failed."""

    @transition(field=state, source=_queues_but(State.TO_SANITIZE), target=State.TO_SANITIZE)
    def to_sanitize(self) -> None:
        """Its data must go first."""

    @transition(field=state, source=_queues_but(State.TO_REFURBISH), target=State.TO_REFURBISH)
    def to_refurbish(self) -> None:
        """To the bench."""

    @transition(field=state, source=_queues_but(State.TO_HARVEST), target=State.TO_HARVEST)
    def to_harvest(self) -> None:
        """To be taken apart for its parts."""

    @transition(field=state, source=_queues_but(State.TO_SELL), target=State.TO_SELL)
    def to_sell(self) -> None:
        """Ready for a buyer."""

    @transition(field=state, source=_queues_but(State.TO_RESTOCK), target=State.TO_RESTOCK)
    def to_restock(self) -> None:
        """Back to the shelf it came from."""

    @transition(field=state, source=_queues_but(State.TO_DONATE), target=State.TO_DONATE)
    def to_donate(self) -> None:
        """Ready for a beneficiary."""

    @transition(field=state, source=[State.RECEIVED, *_queues_but(State.TO_RETURN)], target=State.TO_RETURN)
    def to_return(self) -> None:
        """Back to the one it belongs to, or to the vendor."""

    @transition(field=state, source=_queues_but(State.TO_DEPLOY), target=State.TO_DEPLOY)
    def to_deploy(self) -> None:
        """To work again under contract."""

    @transition(field=state, source=_queues_but(State.TO_DESTROY), target=State.TO_DESTROY)
    def to_destroy(self) -> None:
        """To be destroyed."""

    @transition(field=state, source=_queues_but(State.TO_RECYCLE), target=State.TO_RECYCLE)
    def to_recycle(self) -> None:
        """To become material."""

    @transition(field=state, source=State.TO_SELL, target=State.SOLD)
    def sell(self) -> None:
        """Handed to its buyer."""

    @transition(field=state, source=State.TO_RESTOCK, target=State.RESTOCKED)
    def restock(self) -> None:
        """On the shelf again."""

    @transition(field=state, source=State.TO_DONATE, target=State.DONATED)
    def donate(self) -> None:
        """Given away."""

    @transition(field=state, source=State.TO_RETURN, target=State.RETURNED)
    def send_back(self) -> None:
        """Sent back."""

    @transition(field=state, source=State.TO_DEPLOY, target=State.DEPLOYED)
    def deploy(self) -> None:
        """At work under contract."""

    @transition(field=state, source=State.TO_RECYCLE, target=State.RECYCLED)
    def recycle(self) -> None:
        """It is material now."""

    @transition(field=state, source=[State.RECEIVED, *QUEUES], target=State.WRITTEN_OFF)
    def write_off(self) -> None:
        """Lost, stolen or gone: it will not be found."""


OF_PERSONS = frozenset({"return", "trade_in"})
"""Reasons of visits of things that are a customer's until somebody decides: they are asked before anything is done to them."""


class Visit(models.Model):
    """One stay of a unit with us. Money and KPIs count visits: a phone that comes back is a new story on the same chain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="visits")
    number = models.SmallIntegerField()
    why = models.CharField(max_length=20)
    """return, trade_in, itad, vendor_return, undeliverable, found, stock."""
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, blank=True)
    """``rma_line:<uuid>``, ``job:<uuid>``, ``order:<uuid>``: what brought it here, named without knowing that app."""
    opened_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    route = models.CharField(max_length=24, blank=True)
    outcome = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["device", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "number"], name="visits_are_numbered"),
            models.UniqueConstraint(fields=["device"], condition=Q(closed_at=None), name="one_open_visit"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["reference"], name="visits_by_reference")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} visit {self.number}"


class Lookout(models.Model):
    """Somebody looks out for units that arrive or become known, a running recall say: there is a row for as long as they do."""

    name = models.CharField(max_length=60, primary_key=True)
    since = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A name by which a unit is found: tag, serial, IMEI, asset tag ... Placeholders never become one."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=12)
    issuer = models.CharField(max_length=120, blank=True)
    """The maker of a serial, the organization of an asset tag; empty for what is unique by nature."""
    normal_form = models.CharField(max_length=120)
    printed = models.CharField(max_length=120)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device", "scheme", "issuer", "normal_form"], name="an_identifier_is_noted_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("normal_form"), F("scheme"), name="units_by_identifier"),
            GinIndex(OpClass(F("normal_form"), name="gin_trgm_ops"), name="identifiers_by_part"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.scheme} {self.printed}"
