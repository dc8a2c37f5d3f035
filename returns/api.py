"""Returns over the API: announced, approved, received and settled, with what comes next said in the answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from returns import explaining, proof, queries, telling
from returns.api_talks import Talks
from returns.models import ChargeFor, ChargeStatus, Kind, Origin, Outcome, Rma, RmaLine, RmaStatus, RmaUnit, UnitStatus
from returns.reasons import CHOICES as REASONS
from returns.services import accepting, approval, doors, opening, receiving
from returns.services.opening import Wish
from returns.services.receiving import Received
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.custody import api as custody
from revlog.devices import identifiers
from revlog.devices.models import Variant
from revlog.evidence.api import PdfRenderer
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine

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
        told = [proof.of(unit) for line in rma.lines.all() for unit in line.units.all() if unit.received_at]
        return [dict(FoundOut(one).data) for one in told if one.says_something]

    @override
    def to_representation(self, instance: Rma) -> dict[str, Any]:
        told = telling.saying(instance)
        instance.says, instance.next = str(told.sentence), str(told.then)  # type: ignore[attr-defined]
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


class TroubleOut(Output):
    kind = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    sentence = serializers.SerializerMethodField()

    def get_sentence(self, row: Any) -> str:  # noqa: ANN401 - a Discrepancy
        return str(queries.sentence_of(row))


class ReceivedOut(Output):
    device = serializers.CharField(help_text="Tag of what was taken in.")
    unit = serializers.UUIDField(
        allow_null=True, help_text="The unit of the return that it is; null when it is another thing."
    )
    put = serializers.CharField(allow_null=True, help_text="Code of the place where it goes.")
    troubles = TroubleOut(many=True, help_text="What was not as announced.")
    rma = RmaDetail()


# What is sent ----------------------------------------------------------------------------------------------------------------------


class WishIn(Input):
    order_line = serializers.IntegerField(min_value=1, max_value=32000, help_text="Position in the order.")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    reason = serializers.ChoiceField(choices=[code for code, _label in REASONS])
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


# Views -----------------------------------------------------------------------------------------------------------------------------


class RmaFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=RmaStatus.choices, distinct=False)
    seller = django_filters.CharFilter(field_name="seller__code", max_length=40)
    order = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", max_length=60)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


def _shown_with() -> QuerySet[Rma]:
    lines = (
        RmaLine.objects.select_related("order_line__order", "new_variant", "exchange")
        .prefetch_related("units__device", "charges")
        .order_by("position")
    )
    return Rma.objects.select_related("seller", "order", "hub").prefetch_related(
        Prefetch("lines", queryset=lines), "parcel_links__parcel"
    )


class RmasEndpoint(Talks, mixins.ListModelMixin, Endpoint):
    """Returns (RMAs): a customer's wish to give something back. Each is named in addresses by its id or its number."""

    scopes = {
        "read": "rmas:read",
        "create": "rmas:write",
        "links": "rmas:write",
        "cancel": "rmas:write",
        "approve": "rmas:decide",
        "refuse": "rmas:decide",
        "settle": "rmas:decide",
        "talks": "rmas:read",
        "offer": "rmas:decide",
        "answer": "rmas:decide",
        "withdraw_offer": "rmas:decide",
        "appeal": "rmas:decide",
        "decide_appeal": "rmas:decide",
        "receive": "moves:write",
    }
    tag = "rmas"
    order = ("opened_at", "id")
    queryset = _shown_with()
    serializer_class = RmaOut
    filterset_class = RmaFilter

    @override
    def get_object(self) -> Rma:
        """The return that is named; with all that is shown of it only where nothing but that is asked."""
        name = str(self.kwargs["pk"])
        rows: QuerySet[Rma] = self.get_queryset()
        if self.action not in {"list", "retrieve"}:
            rows = rows.prefetch_related(None)
        if number := ids.normal(name, queries.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, rma: Rma, *, status: int = 200, also: Sequence[Rma] = ()) -> Response:
        fresh = _shown_with().get(pk=rma.pk)
        fresh.also = [one.number for one in also]  # type: ignore[attr-defined]
        address = reverse("api-rma-detail", args=[rma.pk], request=self.request)
        return Response(RmaDetail(fresh).data, status=status, headers={"Location": address} if status == 201 else None)

    @extend_schema(summary="List returns, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One return with its lines, units and decisions", responses=RmaExplained, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        custody.only(request)
        rma = self.get_object()
        told = explaining.explained(rma.lines.all())
        return Response(RmaExplained(rma, context={"explained": told}).data)

    @extend_schema(
        summary="Announce a return",
        description=(
            "When the rules allow every line it is approved in the same act; else it waits for a person. Where the delivery was at fault "
            "(wrong, damaged, missing, never arrived) it becomes a claim; sent together with a return, both are opened: the return is "
            "answered, and `also` names the claim."
        ),
        request=RmaIn,
        responses={201: RmaDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, RmaIn)
        order = self._order(told["order"], told.get("seller"))
        places = dict(OrderLine.objects.filter(order=order).values_list("position", "pk"))
        wrong = [
            Reason("unknown_line", _("The order has no line %s.") % line["order_line"], f"lines[{place}].order_line")
            for place, line in enumerate(told["lines"])
            if line["order_line"] not in places
        ]
        if wrong:
            raise BadInput(wrong)
        skus = {line["new_sku"] for line in told["lines"]} - {""}
        variants = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
        if missing := [place for place, line in enumerate(told["lines"]) if line["new_sku"] not in {"", *variants}]:
            raise BadInput(
                [
                    Reason("unknown_sku", _("There is no such thing to exchange for."), f"lines[{n}].new_sku")
                    for n in missing
                ]
            )
        wishes = [
            Wish(
                line=places[line["order_line"]],
                quantity=line["quantity"],
                reason=line["reason"],
                wanted=line["wanted"],
                note=line["note"],
                answers=line["answers"],
                new_variant=variants.get(line["new_sku"]),
            )
            for line in told["lines"]
        ]
        rmas = opening.open_rmas(order=order, wishes=wishes, origin=Origin.API, by=self.actor, at=self.at)
        return self._shown(rmas[0], status=201, also=rmas[1:])

    @extend_schema(
        summary="Links for customers, to return something of an order",
        description=(
            "For the mails of a shop: each link opens one order in the portal, without number and e-mail. A number that you "
            "have no order of is a reason against all."
        ),
        request=LinksIn,
        responses=LinkOut(many=True),
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def links(self, request: Request) -> Response:
        told = self.read(request, LinksIn)
        found = terms.orders_by_numbers(told["orders"], self.actor)
        wrong = [
            Reason("unknown_order", _("There is no order %s.") % number, f"orders[{place}]")
            for place, number in enumerate(told["orders"])
            if number.upper() not in found
        ]
        if wrong:
            raise BadInput(wrong)
        until = self.at + timedelta(days=doors.ORDER_DAYS)
        rows = [
            {"order": order.number, "url": doors.order_link(order, at=self.at), "until": until}
            for order in (found[number.upper()] for number in told["orders"])
        ]
        return Response(LinkOut(rows, many=True).data)

    @extend_schema(
        summary="Approve a return that waits for a person", request=ApproveIn, responses=RmaDetail, filters=False
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        told = self.read(request, ApproveIn)
        return self._shown(approval.approve(self.get_object(), why=told["why"], by=self.actor, at=self.at))

    @extend_schema(summary="Refuse a return that waits for a person", request=WhyIn, responses=RmaDetail, filters=False)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        told = self.read(request, WhyIn)
        return self._shown(approval.refuse(self.get_object(), reason=told["reason"], by=self.actor, at=self.at))

    @extend_schema(summary="Call a return off before it is handed in", request=None, responses=RmaDetail, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return self._shown(approval.cancel(self.get_object(), by=self.actor, at=self.at))

    @extend_schema(
        summary="Take in a thing that a return brings back",
        description=(
            "It is known by its serial. Another serial than was sold is refused, with what to do with the thing in the hand; sent again "
            "with `wrong` it is taken in as what it is, held and written down."
        ),
        request=ReceiveIn,
        responses={201: ReceivedOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        told = self.read(request, ReceiveIn)
        rma = self.get_object()
        hub = self._hub(told["hub"]) if "hub" in told else self._hub(rma.hub.code)
        unit = _unit_meant(rma, told)
        if told["wrong"]:
            found = receiving.receive_wrong(unit, serial=told["serial"], hub=hub, by=self.actor, at=self.at)
        else:
            found = receiving.receive(
                unit,
                hub=hub,
                serial=told["serial"],
                unreadable=told["unreadable"],
                counted=told["counted"],
                damaged=told["damaged"],
                by=self.actor,
                at=self.at,
            )
        return Response(self._received(found, rma), status=201)

    @extend_schema(
        summary="Settle a received unit: take it back for good, or send it back",
        description="Accepting makes the refund due, or the exchange; the return closes when every unit is settled.",
        request=SettleIn,
        responses=RmaDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        told = self.read(request, SettleIn)
        rma = self.get_object()
        unit = _unit(rma, told["unit"])
        if told["outcome"] == "accept":
            accepting.accept(unit, deduction=told["deduction"], why=told["why"], by=self.actor, at=self.at)
        else:
            accepting.refuse_unit(unit, reason=told["why"], by=self.actor, at=self.at)
        return self._shown(rma)

    @extend_schema(
        summary="The label to print and stick on the parcel",
        description="404 until a worker has made it, a second or two after the approval.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JSONRenderer], pagination_class=None)
    def label(self, request: Request, pk: str) -> HttpResponse:
        rma = self.get_object()
        link = rma.parcel_links.select_related("label").exclude(label=None).order_by("added_at").last()
        if link is None or link.label is None:
            raise Http404
        answer = HttpResponse(artifacts.read(link.label), content_type="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="{rma.number}.pdf"'
        return answer

    def _received(self, found: Received, rma: Rma) -> dict[str, Any]:
        return {
            "device": found.device.tag,
            "unit": str(found.unit.pk) if found.unit else None,
            "put": found.place.code if found.place else None,
            "troubles": TroubleOut(found.troubles, many=True).data,
            "rma": RmaDetail(_shown_with().get(pk=rma.pk)).data,
        }

    def _hub(self, code: str) -> Hub:
        hub = Hub.objects.visible_to(self.actor).filter(code=code, active=True).first()
        if hub is None:
            raise BadInput(Reason("unknown_hub", _("You have no site %(code)s.") % {"code": code}, "hub"))
        return hub

    def _order(self, name: str, seller: str | None) -> Order:
        rows = Order.objects.visible_to(self.actor)
        if seller:
            rows = rows.filter(seller__code=seller)
        try:
            rows = rows.filter(pk=uuid.UUID(name))
        except ValueError:
            rows = rows.filter(number__iexact=name)
        found = list(rows.select_related("seller", "contact")[:2])
        if not found:
            raise BadInput(Reason("unknown_order", _("There is no order %s that is yours.") % name, "order"))
        if len(found) > 1:
            raise BadInput(Reason("two_orders", _("Two sellers have an order %s; name the seller.") % name, "seller"))
        return found[0]


def _unit(rma: Rma, pk: uuid.UUID) -> RmaUnit:
    unit = RmaUnit.objects.filter(line__rma=rma, pk=pk).select_related("line").first()
    if unit is None:
        raise BadInput(Reason("unknown_unit", _("%s has no such unit.") % rma.number, "unit"))
    return unit


def _unit_meant(rma: Rma, told: dict[str, Any]) -> RmaUnit:
    """The unit that is named, else the one of that serial, else the first that is expected (or that was, so that the verb says why not)."""
    if "unit" in told:
        return _unit(rma, told["unit"])
    rows = RmaUnit.objects.filter(line__rma=rma).select_related("line")
    if "line" in told:
        rows = rows.filter(line__position=told["line"])
    units = list(rows.order_by("line__position", "position"))
    if not units:
        raise BadInput(Reason("no_units", _("%s expects nothing there (yet).") % rma.number, "line"))
    forms = {name.normal_form for name in identifiers.readings(told["serial"])} if told["serial"] else set()
    bearing = [unit for unit in units if unit.serial and identifiers.normal_serial(unit.serial) in forms]
    waiting = [unit for unit in units if unit.status == UnitStatus.EXPECTED]
    return (bearing or waiting or units)[0]
