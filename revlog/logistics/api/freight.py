"""Carriage over the API: contracts, and what something would cost by one of them."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.shapes import Input, Output
from revlog.logistics.forms.freight import load_of
from revlog.logistics.freight import billing, rating
from revlog.logistics.models import Bill, BillState, BillStatus, CarrierClaim, CarrierClaimStatus, ClaimKind, Contract
from revlog.logistics.queries import contracts as queries
from revlog.logistics.services.freight import billing as bills
from revlog.logistics.services.freight import claiming


def _codes(*names: str) -> str:
    """Names of choices as the docs show them: as code."""
    return ", ".join(f"`{name}`" for name in names)


class ContractOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `CT-7K3M-9QXA`.")
    carrier = serializers.CharField(source="carrier.code")
    name = serializers.CharField()
    reference = serializers.CharField(help_text="What the carrier calls it.")
    currency = serializers.CharField()
    hubs = serializers.SerializerMethodField(help_text="Codes of the sites it holds for; empty for all.")
    begins_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    inbound = serializers.BooleanField(help_text="We pay for what comes to us.")
    outbound = serializers.BooleanField(help_text="We pay for what goes from us.")
    active = serializers.BooleanField()

    def get_hubs(self, row: Contract) -> list[str]:
        return [one.code for one in row.hubs.all()]


class SpotIn(Input):
    country = serializers.RegexField(r"^[A-Za-z]{2}$")
    postcode = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")


class LoadIn(Input):
    day = serializers.DateField(help_text="The version that holds on this day is asked.")
    service = serializers.CharField(max_length=30, required=False, default="standard")
    origin = SpotIn()
    destination = SpotIn()
    parcels = serializers.IntegerField(min_value=0, max_value=999, required=False, default=1)
    grams = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False, default=0, help_text="Of each.")
    sides_cm = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=1000), min_length=3, max_length=3, required=False,
        allow_null=True, default=None, help_text="Length, width and height of each.",
    )  # fmt: skip
    pallets = serializers.IntegerField(min_value=0, max_value=99, required=False, default=0)
    km = serializers.IntegerField(min_value=0, max_value=20_000, required=False, default=0)
    extras = serializers.DictField(
        child=serializers.DecimalField(max_digits=6, decimal_places=2, min_value=Decimal(0)), required=False, default=dict,
        help_text=f"How many of each: {_codes(*rating.EXTRAS)}.",
    )  # fmt: skip


class StepOut(Output):
    what = serializers.CharField()
    why = serializers.CharField()
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class QuoteOut(Output):
    contract = serializers.CharField()
    version = serializers.IntegerField()
    currency = serializers.CharField()
    chargeable_grams = serializers.IntegerField()
    steps = StepOut(many=True)
    total = serializers.DecimalField(max_digits=12, decimal_places=2)


class ContractsEndpoint(mixins.ListModelMixin, Endpoint):
    """Contracts with carriers. Each is named in addresses by its id."""

    scopes = {"read": "freight:read", "quote": "freight:read"}
    tag = "transport contracts"
    queryset = Contract.objects.select_related("carrier").prefetch_related("hubs")
    serializer_class = ContractOut

    @override
    def get_object(self) -> Contract:
        rows: QuerySet[Contract] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List transport contracts, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One transport contract", responses=ContractOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(ContractOut(self.get_object()).data)

    @extend_schema(
        summary="What a load would cost",
        description="Each line of the sum says how it came about. Refused where the contract has no price for it.",
        request=LoadIn,
        responses=QuoteOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def quote(self, request: Request, pk: str) -> Response:
        row, told = self.get_object(), self.read(request, LoadIn)
        card = queries.card_on(row, told["day"])
        if card is None:
            raise NotFound(Reason("no_rates", _("The contract has no rates on this day."), "day"))
        ends = [(told[name]["country"], told[name]["postcode"]) for name in ("origin", "destination")]
        load = load_of(
            service=told["service"], origin=ends[0], destination=ends[1], parcels=told["parcels"], grams=told["grams"],
            sides=told["sides_cm"], pallets=told["pallets"], km=told["km"], extras=told["extras"],
        )  # fmt: skip
        found = rating.quote(card.rates, load)
        return Response(
            QuoteOut(
                {
                    "contract": row.number, "version": card.version, "currency": found.currency,
                    "chargeable_grams": found.chargeable, "steps": found.steps, "total": found.total,
                }
            ).data
        )  # fmt: skip


class BillLineOut(Output):
    position = serializers.IntegerField()
    tracking = serializers.CharField()
    reference = serializers.CharField()
    charge = serializers.CharField(help_text="Empty for the carriage itself.")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    expected = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    found = serializers.CharField(source="state", help_text=f"One of {_codes(*BillState.values)}.")
    why = serializers.CharField()
    decision = serializers.CharField(help_text="`pay`, `dispute`, or empty while nobody decided.")
    paid = serializers.DecimalField(max_digits=12, decimal_places=2)
    dispute = serializers.CharField(help_text="What the carrier is told.")
    settled_at = serializers.DateTimeField(allow_null=True)


class BillOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `FB-7K3M-9QXA`.")
    carrier = serializers.CharField(source="carrier.code")
    contract = serializers.CharField(source="contract.number")
    theirs = serializers.CharField(help_text="The carrier's number of it.")
    dated = serializers.DateField()
    currency = serializers.CharField(source="contract.currency")
    status = serializers.CharField(help_text=f"One of {_codes(*BillStatus.values)}.")
    approved_at = serializers.DateTimeField(allow_null=True)
    lines = BillLineOut(many=True)


class BillLineIn(Input):
    tracking = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    reference = serializers.CharField(max_length=60, required=False, allow_blank=True, default="", help_text="Ours.")
    shipped_on = serializers.DateField(required=False, allow_null=True, default=None)
    grams = serializers.IntegerField(
        min_value=1,
        max_value=99_999_999,
        required=False,
        allow_null=True,
        default=None,
        help_text="The weight billed by.",
    )
    charge = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="",
        help_text=f"Empty for the carriage itself; `fuel` joins it. Else one of {_codes(*rating.EXTRAS)}, or the carrier's word.",
    )  # fmt: skip
    amount = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="Net; below nothing for a credit.")
    text = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class BillIn(Input):
    contract = serializers.CharField(max_length=20, help_text="Its number.")
    theirs = serializers.CharField(max_length=60, help_text="The carrier's number of the bill.")
    dated = serializers.DateField()
    total = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        required=False,
        allow_null=True,
        default=None,
        help_text="Net, as printed on it.",
    )
    lines = serializers.ListField(child=BillLineIn(), min_length=1, max_length=billing.MOST_LINES)


class BillsEndpoint(mixins.ListModelMixin, Endpoint):
    """Carriers' bills, line by line. Each is named in addresses by its id."""

    scopes = {"read": "freight:read", "create": "freight:write"}
    tag = "carriers' bills"
    order = ("entered_at", "id")
    queryset = Bill.objects.select_related("carrier", "contract").prefetch_related("lines")
    serializer_class = BillOut

    @override
    def get_object(self) -> Bill:
        rows: QuerySet[Bill] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List carriers' bills, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One carrier's bill", responses=BillOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(BillOut(self.get_object()).data)

    @extend_schema(
        summary="Send a carrier's bill in",
        description="Each line is matched at once. What isn't as expected is decided by a person, and another one approves the bill.",
        request=BillIn,
        responses={201: BillOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, BillIn)
        contract = queries.contract(told["contract"], self.actor)
        if contract is None:
            raise BadInput(Reason("unknown_contract", _("There is no contract %s.") % told["contract"], "contract"))
        lines = [
            billing.Read(
                tracking="".join(one["tracking"].split()).upper(), reference=one["reference"], shipped_on=one["shipped_on"],
                grams=one["grams"], charge=billing.charge_of(one["charge"], {}), text=one["text"] or one["charge"],
                amount=one["amount"],
            )
            for one in told["lines"]
        ]  # fmt: skip
        made = bills.enter(
            contract=contract, theirs=told["theirs"], dated=told["dated"], total=told["total"],
            lines=billing.with_fuel(lines), by=self.actor, at=self.at,
        )  # fmt: skip
        address = reverse("api-carrier-bill-detail", args=[made.pk], request=request)
        return Response(BillOut(made).data, status=201, headers={"Location": address})


class CarrierClaimOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `CC-7K3M-9QXA`.")
    carrier = serializers.CharField(source="carrier.code")
    contract = serializers.CharField(source="contract.number")
    shipment = serializers.CharField(source="shipment.number")
    parcel = serializers.CharField(source="parcel.tracking", allow_null=True, default=None)
    kind = serializers.CharField(help_text=f"One of {_codes(*ClaimKind.values)}.")
    notice_by = serializers.DateTimeField(help_text="By when the carrier has to be told.")
    value = serializers.DecimalField(max_digits=12, decimal_places=2)
    limit = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="The most the carrier owes, by weight.")
    claimed = serializers.DecimalField(max_digits=12, decimal_places=2)
    offered = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    paid = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField(source="contract.currency")
    status = serializers.CharField(help_text=f"One of {_codes(*CarrierClaimStatus.values)}.")
    filed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class CarrierAnswerIn(Input):
    offered = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal(0))
    text = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="What it says."
    )
    theirs = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="The carrier's number of the claim."
    )


class CarrierClaimsEndpoint(mixins.ListModelMixin, Endpoint):
    """Claims to carriers for loss and damage. Each is named in addresses by its id."""

    scopes = {"read": "freight:read", "answer": "freight:write"}
    tag = "claims to carriers"
    order = ("drafted_at", "id")
    queryset = CarrierClaim.objects.select_related("carrier", "contract", "shipment", "parcel")
    serializer_class = CarrierClaimOut

    @override
    def get_object(self) -> CarrierClaim:
        rows: QuerySet[CarrierClaim] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List claims to carriers, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One claim to a carrier", responses=CarrierClaimOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(CarrierClaimOut(self.get_object()).data)

    @extend_schema(
        summary="Write the carrier's answer down",
        description="It offers all, some or nothing of what is claimed. That the money came is said by a person.",
        request=CarrierAnswerIn,
        responses=CarrierClaimOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        told = self.read(request, CarrierAnswerIn)
        claiming.answer(self.get_object(), **told, by=self.actor, at=self.at)
        return Response(CarrierClaimOut(self.get_object()).data)
