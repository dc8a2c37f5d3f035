"""What the API of returns takes and answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from typing_extensions import override

from returns import proof, telling
from returns.models import ChargeFor, ChargeStatus, Kind, Outcome, Rma, RmaLine, RmaStatus, RmaUnit
from returns.queries import inbox, whole
from returns.reasons import NAMES as REASONS
from revlog.common.shapes import Input, MoneyField, Output, told

# What is answered ------------------------------------------------------------------------------------------------------------------


class DeductionOut(Output):
    amount = MoneyField()
    why = serializers.CharField(help_text="As the customer reads it.")
    rule = serializers.CharField(help_text="The rule by which it was made, in words.")
    version = serializers.IntegerField(allow_null=True, help_text="Version of the rules; null when a person decided.")


class LookOut(Output):
    at = serializers.DateTimeField()
    grade = serializers.CharField(help_text="NEW, A, B, C or D; empty when none could be given.")
    word = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class FoundOut(Output):
    """What was found on one unit while the return was looked at, as its customer reads it."""

    unit = serializers.UUIDField(source="unit.pk")
    looks = LookOut(many=True, help_text="Each grade that was given, the last one last.")
    expected = serializers.CharField(help_text="Serial that was sold, where only one can be meant.")
    found = serializers.CharField(help_text="Serial that came.")
    confirmed = serializers.CharField(help_text="What the reason was found to be; empty until somebody says so.")
    deductions = DeductionOut(many=True)
    photos = serializers.SerializerMethodField(help_text="SHA-256 of each photo that the customer sees.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_photos(self, found: proof.Proof) -> list[str]:
        return [one.artifact_id for one in found.photos]


class UnitOut(Output):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    quantity = serializers.IntegerField()
    status = serializers.CharField(
        help_text="expected, received, accepted, refused, sent_back, not_received or written_off."
    )
    serial = serializers.CharField(help_text="The one that is expected, where only one can be meant.")
    device = serializers.SerializerMethodField(help_text="Tag of the device, null before it is known.")
    received_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)

    def get_device(self, unit: RmaUnit) -> str | None:
        return unit.device.tag if unit.device else None


class ChargeOut(Output):
    """Money that the customer is asked for: a price difference, a deposit or a repair."""

    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=ChargeFor.choices)
    status = serializers.ChoiceField(choices=ChargeStatus.choices)
    amount = MoneyField()
    kept = MoneyField(help_text="How much of a deposit is taken; null where none is (yet).")
    reference = serializers.CharField(help_text="By which the customer pays; empty until the provider was told.")
    due_by = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField(help_text="Why it was taken, given back or no longer asked for.")


class LineOut(Output):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    order = serializers.CharField(
        source="order_line.order.number", help_text="Its order; one return may name lines of several."
    )
    order_line = serializers.IntegerField(source="order_line.position", help_text="Position in that order.")
    sku = serializers.CharField(source="order_line.sku")
    quantity = serializers.IntegerField()
    reason = serializers.CharField()
    confirmed_reason = serializers.CharField(help_text="What inspection found; empty until then.")
    wanted = serializers.CharField(help_text="refund, credit, exchange, advance, repair or replace.")
    goods = serializers.CharField(help_text="back, keep, donate or none: what becomes of the thing itself.")
    new_sku = serializers.SerializerMethodField(help_text="What is wanted instead; null for the same again.")
    new_price = MoneyField(help_text="The price of one piece of it on the day of the wish.")
    price = MoneyField(help_text="What was paid for one piece.")
    fee = MoneyField(help_text="What the rules take off one piece.")
    bonus = MoneyField(help_text="What the rules add to one piece for store credit or another thing.")
    settled_as = serializers.CharField(help_text="What was wanted, refused or not_received; empty until then.")
    settled_amount = MoneyField()
    settled_at = serializers.DateTimeField(allow_null=True)
    exchange = serializers.SerializerMethodField(
        help_text="Number of the order of the new thing; null before it is placed."
    )
    charges = ChargeOut(many=True, help_text="What the customer is asked to pay.")
    units = UnitOut(
        many=True, help_text="One for each piece; there are none before it is approved, nor for what stays."
    )

    def get_new_sku(self, line: RmaLine) -> str | None:
        return line.new_variant.sku if line.new_variant is not None else None

    def get_exchange(self, line: RmaLine) -> str | None:
        return line.exchange.number if line.exchange is not None else None


class RmaOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `RMA-7K3M-9QXA`.")
    kind = serializers.ChoiceField(choices=Kind.choices, help_text="A claim says that the delivery was at fault.")
    status = serializers.ChoiceField(choices=RmaStatus.choices)
    origin = serializers.CharField()
    seller = serializers.CharField(source="seller.code")
    order = serializers.CharField(source="order.number")
    hub = serializers.CharField(source="hub.code", help_text="Where it is to be sent.")
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_why = serializers.CharField()
    hand_in_by = serializers.DateTimeField(allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True)
    check_by = serializers.DateTimeField(allow_null=True, help_text="By when we promised to have looked at it.")
    closed_at = serializers.DateTimeField(allow_null=True)
    parcels = serializers.SerializerMethodField(help_text="Tracking numbers.")
    lines = LineOut(many=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_parcels(self, rma: Rma) -> list[str]:
        return [link.parcel.tracking for link in rma.parcel_links.all()]


class RmaDetail(RmaOut):
    says = serializers.CharField(read_only=True, help_text="Where it stands, in a sentence for the customer.")
    next = serializers.CharField(read_only=True, help_text="What comes next, likewise.")
    also = serializers.SerializerMethodField(
        help_text="Numbers of what was opened in the same act: a claim beside a return. Said when it is announced."
    )
    found = serializers.SerializerMethodField(help_text="What was found on each unit that was looked at.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_also(self, rma: Rma) -> list[str]:
        return list(getattr(rma, "also", []))

    @extend_schema_field(FoundOut(many=True))
    def get_found(self, rma: Rma) -> list[dict[str, Any]]:
        known = whole.of(rma)
        proofs = [proof.of(unit, known=known) for unit in known.units if unit.received_at]
        return [told(FoundOut, one) for one in proofs if one.says_something]

    @override
    def to_representation(self, instance: Rma) -> dict[str, Any]:
        saying = telling.saying(instance)
        instance.says, instance.next = str(saying.sentence), str(saying.then)  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(instance)
        return shown


class TriedOut(Output):
    rule = serializers.CharField()
    matched = serializers.BooleanField()
    failed_at = serializers.CharField(help_text="The condition that didn't hold, in words; empty where it matched.")


class DecisionOut(Output):
    version = serializers.IntegerField(help_text="Of the return rules; 0 are those that are shipped.")
    rule = serializers.CharField(help_text="Id of the rule that decided, or `statutory_...` where the law did.")
    why = serializers.CharField(help_text="As the customer reads it.")
    tried = TriedOut(source="steps", many=True, help_text="Every rule that was looked at, in order.")
    facts = serializers.DictField(source="inputs", help_text="What it was decided on; names as in the rules.")
    law = serializers.ListField(child=serializers.CharField(), help_text="What the law gave on the day of the order.")


class LineExplained(LineOut):
    decision = serializers.SerializerMethodField(help_text="By which rule of which version, and why.")

    @extend_schema_field(DecisionOut)
    def get_decision(self, line: RmaLine) -> dict[str, Any]:
        return dict(DecisionOut(self.context["explained"][line.pk]).data)


class ApprovalOut(Output):
    step = serializers.IntegerField()
    approved_at = serializers.DateTimeField()
    why = serializers.CharField()


class RmaExplained(RmaDetail):
    """One return with all that there is to say of it; what an act answers leaves the decisions out."""

    lines = LineExplained(many=True)
    steps = serializers.IntegerField(help_text="How many people have to approve it; 0 when the rules do.")
    approvals = ApprovalOut(many=True, help_text="The steps that were given.")
    risk = serializers.SerializerMethodField(
        help_text="What it was scored, for keys of the operator with `reviews:read`; null for all others."
    )

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_risk(self, rma: Rma) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.context.get("risk")
        return found


class TroubleOut(Output):
    kind = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    sentence = serializers.SerializerMethodField()

    def get_sentence(self, row: Any) -> str:  # noqa: ANN401 - a Discrepancy
        return str(inbox.sentence_of(row))


class ReceivedOut(Output):
    device = serializers.CharField(help_text="Tag of what was taken in.")
    unit = serializers.UUIDField(
        allow_null=True, help_text="The unit of the return that it is; null when it is another thing."
    )
    put = serializers.CharField(allow_null=True, help_text="Code of the place where it goes.")
    troubles = TroubleOut(many=True, help_text="What was not as announced.")
    rma = RmaDetail()


# What is sent ----------------------------------------------------------------------------------------------------------------------


class OverrideIn(Input):
    why = serializers.CharField(max_length=300, help_text="Why the rules are overridden; colleagues read it.")
    waive_fee = serializers.BooleanField(default=False, help_text="Take no fee.")


class WishIn(Input):
    order_line = serializers.IntegerField(min_value=1, max_value=32000, help_text="Position in the order.")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    reason = serializers.ChoiceField(choices=REASONS)
    wanted = serializers.ChoiceField(choices=Outcome.values, default=Outcome.REFUND.value)
    new_sku = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="For an exchange: what is wanted instead; the same again unless told.",
    )
    note = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text="The customer's own words."
    )
    answers = serializers.DictField(
        child=serializers.CharField(max_length=40),
        required=False,
        default=dict,
        help_text="Answers to the questions that the return rules ask, by the question's id.",
    )
    override = OverrideIn(
        required=False,
        allow_null=True,
        default=None,
        help_text="Gives more than the rules do; needs the scope rmas:override.",
    )


class RmaIn(Input):
    order = serializers.CharField(max_length=60, help_text="Number or id of the order.")
    seller = serializers.SlugField(
        max_length=40, required=False, help_text="Code of its seller, where two have that number."
    )
    lines = WishIn(many=True, allow_empty=False, max_length=100)  # type: ignore[call-arg]


class ApproveIn(Input):
    why = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class LinksIn(Input):
    orders = serializers.ListField(
        child=serializers.CharField(max_length=60), min_length=1, max_length=500, help_text="Numbers of orders."
    )


class LinkOut(Output):
    order = serializers.CharField(help_text="Number of the order.")
    url = serializers.CharField(help_text="Opens this one order in the portal, for whoever has it; fit for a mail.")
    until = serializers.DateTimeField(help_text="When it runs out.")


class WhyIn(Input):
    reason = serializers.CharField(max_length=300, help_text="The customer reads it.")


class ReceiveIn(Input):
    hub = serializers.SlugField(
        max_length=40, required=False, help_text="Site where it stands; where it was to be sent unless told."
    )
    unit = serializers.UUIDField(
        required=False, help_text="Which unit of the return; found by serial or order unless told."
    )
    line = serializers.IntegerField(
        min_value=1, max_value=32000, required=False, help_text="Position of the line of the return."
    )
    serial = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    unreadable = serializers.BooleanField(default=False, help_text="There is a serial number, and it can't be read.")
    counted = serializers.IntegerField(
        min_value=0, max_value=2_000_000_000, required=False, allow_null=True, default=None
    )
    damaged = serializers.BooleanField(default=False)
    wrong = serializers.BooleanField(
        default=False,
        help_text="Something else came than was sold: it is taken in, held and written down, and the line goes on waiting.",
    )


class SettleIn(Input):
    unit = serializers.UUIDField(help_text="Which unit of the return.")
    outcome = serializers.ChoiceField(choices=["accept", "refuse"])
    deduction = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=0,
        default=Decimal(0),
        help_text="Less than agreed; another person approves the refund.",
    )
    why = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="The customer reads it."
    )
