"""Returns of businesses: many lines in one case, counted by lot, matched against five papers, credited by a document."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma, RmaLine, RmaUnit
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.evidence.models import Artifact, Document
from revlog.logistics.models import Parcel


class Condition(models.TextChoices):
    """What inspection found: the four ways in which a received quantity is split."""

    GOOD = "good", _("good")
    DAMAGED = "damaged", _("damaged")
    WRONG = "wrong", _("wrong")
    EXPIRED = "expired", _("expired")


class MatchStatus(models.TextChoices):
    OPEN = "open", _("not complete yet")
    MATCHED = "matched", _("matched")
    TOLERATED = "tolerated", _("within tolerance")
    DISPUTED = "disputed", _("disputed")
    DECIDED = "decided", _("decided")


CREDITABLE = (MatchStatus.MATCHED, MatchStatus.TOLERATED, MatchStatus.DECIDED)
"""A line in one of these may be credited; any other blocks the credit."""


class BusinessCaseQuerySet(models.QuerySet["BusinessCase"]):
    def visible_to(self, actor: Actor) -> BusinessCaseQuerySet:
        """The operator's people see all; those who stand for a seller what comes back to it, a customer's people what they send."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(Q(rma__seller_id__in=actor.stands_for) | Q(customer_id=actor.organization_id))


class BusinessCase(models.Model):
    """What an RMA of a business has beyond one of a person: who sends it, by which papers, in how many boxes."""

    rma = models.OneToOneField(Rma, models.PROTECT, primary_key=True, related_name="business")
    customer = models.ForeignKey(Organization, models.PROTECT, related_name="business_returns")
    reference = models.CharField(max_length=60, blank=True)
    """The customer's own number for this return."""
    po_number = models.CharField(max_length=60, blank=True)
    invoice_number = models.CharField(max_length=60, blank=True)
    delivery_number = models.CharField(max_length=60, blank=True)
    boxes_announced = models.IntegerField(null=True, blank=True)
    boxes_counted = models.IntegerField(default=0)
    complete_at = models.DateTimeField(null=True, blank=True)
    """When somebody said that nothing more of it comes: from then on what is missing is missing."""
    complete_by = models.CharField(max_length=80, blank=True)
    content = models.CharField(max_length=64, blank=True)
    """Digest of what was announced, so that the same sent twice is known."""

    objects = BusinessCaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["customer", "reference"],
                condition=~Q(reference=""),
                name="one_return_a_reference_of_a_customer",
            ),
            models.CheckConstraint(name="boxes_are_counted_from_zero", condition=Q(boxes_counted__gte=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} of {self.customer_id}"


class BusinessLine(models.Model):
    """What a line of such an RMA has beyond one of a person: the lot as announced, and how it stands in the match."""

    line = models.OneToOneField(RmaLine, models.PROTECT, primary_key=True, related_name="business")
    lot = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    serials = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    claimed = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What the customer says that one piece cost, where they say it."""
    components = models.JSONField(default=list, blank=True)
    """Of a kit of which only a part comes back: ``{"sku", "quantity", "before"}``, the pieces in all and those credited earlier."""
    lot_sent = models.BooleanField(default=True)
    """False for a lot that we never sent to this customer and that a person accepted all the same."""
    why_accepted = models.CharField(max_length=300, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=MatchStatus.choices, default=MatchStatus.OPEN.value)
    found = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What is to be credited by what was found, once it is complete."""
    why = models.JSONField(default=list, blank=True)
    """Codes of what differs: short, over, damaged, wrong, expired, wrong_lot, price ..."""
    tolerance = models.JSONField(default=dict, blank=True)
    """Version, rule and limits by which the difference was judged."""
    inputs = models.JSONField(default=dict, blank=True)
    """All that the rules compared when it was announced."""

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status"], name="business_lines_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.line_id} {self.lot}"


class BoxCount(models.Model):
    """Boxes that were taken in and not opened yet: the count is all that is known of them."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(BusinessCase, models.PROTECT, related_name="box_counts")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=80)
    """Of the act, so that the same count sent twice counts once."""
    boxes = models.IntegerField()
    damaged = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    counted_by = models.CharField(max_length=80)
    counted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["counted_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "key"], name="boxes_are_counted_once"),
            models.CheckConstraint(name="a_count_has_boxes", condition=Q(boxes__gte=1)),
            models.CheckConstraint(
                name="no_more_boxes_are_damaged_or_opened_than_came",
                condition=Q(
                    damaged__gte=0, damaged__lte=models.F("boxes"), opened__gte=0, opened__lte=models.F("boxes")
                ),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.boxes} of {self.case_id}"


class LotUnit(models.Model):
    """What was found of a unit of a business return: its lot and expiry as printed on it, and its condition once it was inspected."""

    unit = models.OneToOneField(RmaUnit, models.PROTECT, primary_key=True, related_name="found")
    lot = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    component = models.CharField(max_length=60, blank=True)
    """SKU of the part of a kit that it is; empty for the whole."""
    lot_sent = models.BooleanField(default=True)
    missing = models.JSONField(default=list, blank=True)
    """Parts of a kit that were not there: ``{"sku", "quantity"}``, the pieces in all."""
    condition = models.CharField(max_length=8, choices=Condition.choices, blank=True)
    inspected_by = models.CharField(max_length=80, blank=True)
    inspected_at = models.DateTimeField(null=True, blank=True)

    @override
    def __str__(self) -> str:
        return f"{self.unit_id} {self.lot} {self.condition}"


class DisputeEnd(models.TextChoices):
    FOUND = "found", _("what was found counts")
    ANNOUNCED = "announced", _("what was announced counts")
    AMOUNT = "amount", _("another amount")


class Dispute(models.Model):
    """A line on which the papers disagree beyond tolerance, until a person has decided what is credited. One at a time."""

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(BusinessLine, models.PROTECT, related_name="disputes")
    why = models.JSONField(default=list)
    money_at_risk = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    ended_as = models.CharField(max_length=10, choices=DisputeEnd.choices, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What is credited by decision."""
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["line"], condition=Q(decided_at=None), name="one_open_dispute_a_line"),
            models.CheckConstraint(
                name="a_decided_dispute_has_an_amount", condition=Q(decided_at=None) | Q(amount__gte=0)
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.line_id}: {', '.join(self.why)}"


class DisputeNote(models.Model):
    """One thing that was said in a dispute, with its evidence. The words are the writers' own, so never on the chain."""

    id = models.UUIDField(primary_key=True, editable=False)
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="notes")
    by_customer = models.BooleanField()
    written_by = models.CharField(max_length=80)
    written_at = models.DateTimeField()
    text = models.CharField(max_length=4000)
    artifact = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["written_at", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.dispute_id} {self.written_at}"


class MemoKind(models.TextChoices):
    CREDIT = "credit", _("credit memo")
    DEBIT = "debit", _("debit note")


class MemoStatus(models.TextChoices):
    PROPOSED = "proposed", _("waits for a second person")
    DUE = "due", _("being made")
    ISSUED = "issued", _("issued")
    SETTLED = "settled", _("settled")
    REJECTED = "rejected", _("rejected")


class Memo(models.Model):
    """A credit memo for lines that match, or what corrects one. Written before the document is made, so that nothing is credited twice.

    It credits the customer's account with the seller: no money goes to a card. ``SETTLED`` says that finance has set it against an
    invoice or paid it out, and by which reference.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    rma = models.ForeignKey(Rma, models.PROTECT, related_name="memos")
    customer = models.ForeignKey(Organization, models.PROTECT, related_name="memos")
    kind = models.CharField(max_length=6, choices=MemoKind.choices)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    key = models.CharField(max_length=80, blank=True)
    """Of the act that made a correction, so that the same sent twice corrects once."""
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    why = models.CharField(max_length=300, blank=True)
    """What a correction is for, as the customer reads it."""
    status = models.CharField(max_length=8, choices=MemoStatus.choices)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, blank=True, related_name="memo")
    issued_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_reference = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["proposed_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_memo_is_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="a_debit_note_corrects", condition=~Q(kind="debit") | Q(corrects__isnull=False)
            ),
            models.CheckConstraint(
                name="an_issued_memo_has_a_document",
                condition=~Q(status__in=["issued", "settled"]) | Q(document__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["corrects", "key"],
                condition=Q(corrects__isnull=False) & ~Q(status="rejected"),
                name="a_correction_is_made_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status"], name="memos_by_status")]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class MemoLine(models.Model):
    """What a memo credits (or takes back) for one line. ``first`` are those of a credit memo that corrects nothing: one a line."""

    id = models.UUIDField(primary_key=True, editable=False)
    memo = models.ForeignKey(Memo, models.PROTECT, related_name="lines")
    line = models.ForeignKey(BusinessLine, models.PROTECT, related_name="memo_lines")
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    tax_kind = models.CharField(max_length=16, blank=True)
    """How it is taxed (``terms.Tax``), as it was sold; empty where nobody knows, and then the document shows no tax."""
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    net = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """Without its tax; null of a memo that was made before taxes were kept."""
    tax = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    first = models.BooleanField(default=True)
    void = models.BooleanField(default=False)
    """True when its memo was rejected: the line may be credited anew."""

    class Meta:
        ordering: ClassVar[list[str]] = ["memo", "line__line__position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(first=True, void=False), name="a_line_is_credited_once"
            ),
            models.UniqueConstraint(fields=["memo", "line"], name="a_memo_names_a_line_once"),
            models.CheckConstraint(name="a_memo_line_is_not_negative", condition=Q(quantity__gte=0, amount__gte=0)),
            models.CheckConstraint(
                name="net_and_tax_are_the_amount",
                condition=Q(net=None, tax=0) | Q(net__gte=0, tax__gte=0, amount=models.F("net") + models.F("tax")),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.memo_id} {self.line_id}"

    @property
    def currency(self) -> str:
        return self.memo.currency


class Verdict(models.TextChoices):
    """What an acknowledgment says of an interchange, by its code in X12."""

    ACCEPTED = "A", _("accepted")
    NOTED = "E", _("accepted, errors noted")
    PARTLY = "P", _("accepted in part")
    REJECTED = "R", _("rejected")


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")


class EdiPartner(models.Model):
    """Who a sender of interchanges is: the identifiers in the envelope, the customer they stand for, and the seller it returns to."""

    id = models.UUIDField(primary_key=True, editable=False)
    customer = models.ForeignKey(Organization, models.PROTECT, related_name="edi_identities")
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="edi_customers")
    qualifier = models.CharField(max_length=2, default="ZZ")
    identifier = models.CharField(max_length=15)
    own_qualifier = models.CharField(max_length=2, default="ZZ")
    own_identifier = models.CharField(max_length=15)
    last_control = models.IntegerField(default=0)
    """Control number of the last interchange that we sent; the row is the lock."""
    mapping = models.JSONField(default=dict, blank=True)
    """What this partner does otherwise than ``docs/edi-180.md``: qualifiers and codes by their names there."""
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["qualifier", "identifier", "own_qualifier", "own_identifier"], name="one_partner_an_envelope"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.qualifier}:{self.identifier}"


class Interchange(models.Model):
    """An interchange as it came or went, known by the control number in its envelope: the same twice is the same one."""

    id = models.UUIDField(primary_key=True, editable=False)
    partner = models.ForeignKey(EdiPartner, models.PROTECT, related_name="interchanges")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    control = models.CharField(max_length=9)
    digest = models.CharField(max_length=64)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    cases = models.ManyToManyField(BusinessCase, related_name="interchanges")
    answers = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="acknowledgment", editable=False
    )
    """Of an acknowledgment (997, TA1): what came."""
    verdict = models.CharField(max_length=1, choices=Verdict.choices, blank=True)
    """Of what came: what we answered. Of what we sent: what the partner answered; empty until they did."""
    problems = models.JSONField(default=list, blank=True)
    """What was wrong in it, a sentence each; of what we sent, the codes that the partner answered."""
    answered_at = models.DateTimeField(null=True, blank=True)
    brought_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["partner", "direction", "control"],
                condition=~Q(verdict="R", direction="in"),
                name="an_interchange_is_taken_once",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.direction} {self.control}"
