"""Recalls: what is called back and why, by what units are known to be among it, and what became of each of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Hold, ProductModel, Variant
from revlog.terms.models import Contact, OrderLine


class RecallKind(models.TextChoices):
    SAFETY = "safety", _("safety")
    QUALITY = "quality", _("quality")
    DATA = "data", _("data")


class Severity(models.TextChoices):
    STOP = "stop", _("stop using it at once")
    SOON = "soon", _("bring it back soon")
    NOTE = "note", _("no danger")


class Remedy(models.TextChoices):
    REFUND = "refund", _("money back")
    REPLACE = "replace", _("replacement")
    REPAIR = "repair", _("repair")
    DESTROY = "destroy", _("destruction and money back")


class RecallStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("running")
    CLOSED = "closed", _("closed")
    DROPPED = "dropped", _("dropped")


class RecallQuerySet(models.QuerySet["Recall"]):
    def visible_to(self, actor: Actor) -> RecallQuerySet:
        """The operator's people see all; an organization those that found a unit of theirs, or one that they sold; guests none."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        theirs = RecallUnit.objects.visible_to(actor).values("recall")
        return self.filter(pk__in=theirs, mock=False)


class Recall(FSMModelMixin, models.Model):
    """A campaign to get back, or to make good, all units of a kind. Its id is its chain's.

    One person drafts it, another opens it. A *mock* one only searches: it stops nothing, writes to nobody, and shows how long it takes
    until every unit is located. What is in its range is said by its versions: a later version adds to the range, and nothing that was
    found once is left out again without somebody's decision about that unit.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=RecallKind.choices)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    remedy = models.CharField(max_length=8, choices=Remedy.choices)
    mock = models.BooleanField(default=False)
    why = models.CharField(max_length=600)
    """What is wrong with it, as owners read it."""
    what_to_do = models.CharField(max_length=600)
    """What the owner must do, as owners read it."""
    translations = models.JSONField(default=dict, blank=True)
    """The three texts in other languages: language -> {"title", "why", "what_to_do"}."""
    issued_by = models.CharField(max_length=120)
    """Who calls it back: a maker, an authority, or we."""
    reference = models.CharField(max_length=60, blank=True)
    """Their number of it."""
    starts_on = models.DateField()
    target_percent = models.SmallIntegerField(default=90)
    target_on = models.DateField(null=True, blank=True)
    """By when so many percent are to be done."""
    status = FSMField(max_length=8, choices=RecallStatus.choices, default=RecallStatus.DRAFT.value, protected=True)
    version = models.SmallIntegerField(default=0)
    """The last version that was opened."""
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)
    """When the last search through everything ended."""
    located_at = models.DateTimeField(null=True, blank=True)
    """When it was first known of every unit where it is: the end of the timer."""
    heads_before = models.CharField(max_length=64, blank=True)
    heads_after = models.CharField(max_length=64, blank=True)
    """Of a mock recall: the digest over the chains of all found units before and after, which shows that it wrote on none."""
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=300, blank=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-drafted_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_target_is_a_percentage", condition=Q(target_percent__gte=1, target_percent__lte=100)
            ),
            models.CheckConstraint(
                name="an_open_recall_has_a_version", condition=Q(status__in=["draft", "dropped"]) | Q(version__gte=1)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status"], name="running_recalls", condition=Q(status="open"))
        ]

    @override
    def __str__(self) -> str:
        return self.number

    def told_in(self, language: str) -> dict[str, str]:
        """``title``, ``why`` and ``what_to_do`` in a language, each as it was written where there is no translation of it."""
        plain = {"title": self.title, "why": self.why, "what_to_do": self.what_to_do}
        own = self.translations.get(language.split("-", maxsplit=1)[0], {})
        return {name: own.get(name) or text for name, text in plain.items()}

    @transition(field=status, source=RecallStatus.DRAFT.value, target=RecallStatus.OPEN.value)
    def open(self) -> None:
        """From now units are looked for."""

    @transition(field=status, source=RecallStatus.DRAFT.value, target=RecallStatus.DROPPED.value)
    def drop(self) -> None:
        """It never began."""

    @transition(field=status, source=RecallStatus.OPEN.value, target=RecallStatus.CLOSED.value)
    def close(self) -> None:
        """What could be done is done."""


class RecallVersion(models.Model):
    """The range as one person drafted and another opened it; the first with the recall, each later one adds."""

    recall = models.ForeignKey(Recall, models.PROTECT, related_name="versions")
    number = models.SmallIntegerField()
    why = models.CharField(max_length=300, blank=True)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["recall", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recall", "number"], name="recall_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["recall"], condition=Q(opened_at=None), name="one_draft_version_of_a_recall"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.recall_id} version {self.number}"


class Range(models.TextChoices):
    """By what a unit is known to be affected."""

    MODEL = "model", _("a model")
    VARIANT = "variant", _("a variant")
    LOT = "lot", _("a maker's lot")
    SERIALS = "serials", _("listed serial numbers")
    BETWEEN = "between", _("serial numbers from, to")
    PART = "part", _("a part by its number")
    PART_SERIAL = "part_serial", _("a part by its serial number")
    PART_LOT = "part_lot", _("a lot of parts")
    TAKEN_FROM = "taken_from", _("what was taken out of a unit")


class Criterion(models.Model):
    """One way to be in the range. A unit that meets any of them is found; within one, everything that is told has to hold.

    ``made_from`` and ``made_until`` leave out what is known to have been made at another time; what isn't known stays in.
    ``with_parts`` also finds what was taken out of a found unit, and the units that it may have been put into.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    version = models.ForeignKey(RecallVersion, models.PROTECT, related_name="criteria")
    range = models.CharField(max_length=12, choices=Range.choices)
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="+")
    parent = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    maker = models.CharField(max_length=120, blank=True)
    """Of serial numbers, in lower case as ``Identifier.issuer`` has it; empty for any."""
    text = models.CharField(max_length=120, blank=True)
    """The lot, or the number, serial or lot of a part."""
    first = models.CharField(max_length=120, blank=True)
    last = models.CharField(max_length=120, blank=True)
    made_from = models.DateField(null=True, blank=True)
    made_until = models.DateField(null=True, blank=True)
    with_parts = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["version", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_criterion_says_what_it_matches",
                condition=(Q(range="model") & ~Q(product=None))
                | (Q(range="variant") & ~Q(variant=None))
                | (Q(range="taken_from") & ~Q(parent=None))
                | (Q(range="between") & ~Q(first="") & ~Q(last=""))
                | Q(range="serials")
                | (Q(range__in=["lot", "part", "part_serial", "part_lot"]) & ~Q(text="")),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.range} {self.text}".strip()


class RecallSerial(models.Model):
    """One of the serial numbers that a criterion lists, as they are compared."""

    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="serials")
    normal_form = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["criterion", "normal_form"], name="a_serial_is_listed_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["normal_form"], name="recalled_serials")]

    @override
    def __str__(self) -> str:
        return self.normal_form


class Answer(models.TextChoices):
    """What the owner said."""

    SENDS = "sends", _("sends it back")
    GONE = "gone", _("doesn't have it any more")
    SCRAPPED = "scrapped", _("has thrown it away")


class Made(models.TextChoices):
    """What became of a unit in the end. All but ``UNREACHABLE`` count as done."""

    REFUNDED = "refunded", _("money back")
    REPLACED = "replaced", _("replaced")
    REPAIRED = "repaired", _("repaired")
    DESTROYED = "destroyed", _("destroyed")
    NOT_AFFECTED = "not_affected", _("looked at, not affected")
    ENDED = "ended", _("no longer exists")
    UNREACHABLE = "unreachable", _("can't be reached")


class RecallUnitQuerySet(models.QuerySet["RecallUnit"]):
    def visible_to(self, actor: Actor) -> RecallUnitQuerySet:
        """The operator's people see all; an organization what is theirs or was sold by them; guests none by this way."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(
            Q(device__owner_id=actor.organization_id) | Q(order_line__order__seller_id=actor.organization_id)
        )

    def open(self) -> RecallUnitQuerySet:
        return self.filter(made="")


class RecallUnit(models.Model):
    """One thing in the range: a device, or so many pieces of an order line that we never had in our hands.

    It keeps by what it was found and where it was then; where it is now is asked of the device. ``order_line`` says as what it was last
    sold, and so to whom to write.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recall = models.ForeignKey(Recall, models.PROTECT, related_name="units")
    version = models.SmallIntegerField()
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="found")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="recall_units")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="recall_units")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="recall_units")
    serial = models.CharField(max_length=120, blank=True)
    """Of a sold thing that is no device of ours."""
    quantity = models.IntegerField(default=1)
    how = models.CharField(max_length=12)
    """By what: a ``Range``, or ``part_out`` (taken out of a found unit), ``part_in`` (a part of one may have been put in)."""
    through = models.CharField(max_length=120, blank=True)
    """What led to it: a part's number, the tag of the unit that a part came from."""
    place = models.CharField(max_length=12)
    """Where it was when it was found: stock, repair, rma, expected, sold, deployed, elsewhere, gone."""
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=10)
    """search, dock, report."""
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="+")
    held_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    notice_at = models.DateTimeField(null=True, blank=True)
    """When it was decided to write to its owner; ``told_at`` is when the mail went."""
    told_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    rma = models.ForeignKey(Rma, models.PROTECT, null=True, blank=True, related_name="recall_units")
    returned_at = models.DateTimeField(null=True, blank=True)
    served_at = models.DateTimeField(null=True, blank=True)
    """When its owner got what was promised; the thing itself may still wait on the hold shelf."""
    located_at = models.DateTimeField(null=True, blank=True)
    located_by = models.CharField(max_length=80, blank=True)
    """Who found it with their own eyes; empty where the books know."""
    located_where = models.CharField(max_length=200, blank=True)
    made = models.CharField(max_length=12, choices=Made.choices, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.CharField(max_length=80, blank=True)
    made_why = models.CharField(max_length=300, blank=True)

    objects = RecallUnitQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["found_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recall", "device"], name="a_unit_is_recalled_once"),
            models.UniqueConstraint(
                fields=["recall", "order_line", "serial"],
                condition=Q(device=None),
                name="a_sold_thing_is_recalled_once",
            ),
            models.CheckConstraint(
                name="what_is_recalled_is_a_unit_or_was_sold", condition=~Q(device=None) | ~Q(order_line=None)
            ),
            models.CheckConstraint(name="recalled_in_numbers", condition=Q(quantity__gte=1)),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recall", "made", "found_at", "id"], name="units_of_a_recall"),
            models.Index(fields=["recall", "contact"], name="owners_of_a_recall"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.recall_id} {self.device_id or self.serial or self.order_line_id}"

    @property
    def has_reachable_owner(self) -> bool:
        return self.contact is not None and self.contact.erased_at is None and bool(self.contact.email)
