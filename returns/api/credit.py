"""Store credit over the API: a shop looks a code up at its till, and spends a part of it under a key of its own."""

from __future__ import annotations

from decimal import Decimal

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from returns.models import CreditUse, StoreCredit
from returns.services import credits
from revlog.accounts.endpoints import Endpoint
from revlog.common.shapes import Input, MoneyField, Output
from revlog.custody import api as custody


class UseOut(Output):
    id = serializers.UUIDField()
    key = serializers.CharField(help_text="What the shop called this use.")
    amount = MoneyField(currency="currency")
    reference = serializers.CharField(help_text="The order that it was spent on.")
    used_at = serializers.DateTimeField()

    @override
    def to_representation(self, instance: CreditUse) -> dict[str, object]:
        instance.currency = instance.credit.currency  # type: ignore[attr-defined]
        shown: dict[str, object] = super().to_representation(instance)
        return shown


class CreditOut(Output):
    code = serializers.CharField(help_text="As printed, such as `GC-7K3M-9QXA-4TEH`.")
    seller = serializers.CharField(source="seller.code", help_text="Where it can be spent.")
    amount = MoneyField(help_text="What it was given for, bonus included.")
    bonus = MoneyField()
    balance = MoneyField(help_text="What is left.")
    lapsed = MoneyField(help_text="What nobody had spent by its last day: it can't be spent any more.")
    issued_at = serializers.DateTimeField()
    expires_on = serializers.DateField(allow_null=True, help_text="The last day on which it can be spent.")
    uses = UseOut(many=True)


class UseIn(Input):
    key = serializers.CharField(
        max_length=80, help_text="Your own name for this use: sent again with it, nothing is spent twice."
    )
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
    currency = serializers.CharField(max_length=3, help_text="Of the credit; another one is refused.")
    reference = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="The order that it is spent on."
    )


class CreditsEndpoint(Endpoint):
    """Store credit, each named by its code. Who gets too many codes wrong has to wait."""

    scopes = {"read": "credits:read", "uses": "credits:write"}
    tag = "store-credits"
    order = ("issued_at", "id")
    queryset = StoreCredit.objects.all()

    def _shown(self, credit: StoreCredit, *, status: int = 200) -> Response:
        rows = StoreCredit.objects.select_related("seller").prefetch_related("uses__credit")
        return Response(CreditOut(rows.get(pk=credit.pk)).data, status=status)

    @extend_schema(summary="One store credit with what is left of it", responses=CreditOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        custody.only(request)
        return self._shown(credits.find(pk, by=self.actor))

    @extend_schema(
        summary="Spend a part of a store credit",
        description="Once under its `key`, however often it is sent; another amount under the same key is refused.",
        request=UseIn,
        responses={201: CreditOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def uses(self, request: Request, pk: str) -> Response:
        told = self.read(request, UseIn)
        credit = credits.find(pk, by=self.actor)
        credits.spend(
            credit,
            key=told["key"],
            amount=told["amount"],
            currency=told["currency"],
            reference=told["reference"],
            by=self.actor,
            at=self.at,
        )
        return self._shown(credit, status=201)
