"""Offers and appeals over the API: what a customer was asked, what they answered, what they don't agree with, and the decision."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from returns.models import Appeal, Offer, OfferKind, Rma, RmaUnit, UnitStatus
from returns.queries import waiting
from returns.services import appeals, awaiting, offers
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output


class OfferOut(Output):
    id = serializers.UUIDField()
    unit = serializers.UUIDField(source="unit_id")
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    status = serializers.CharField(help_text="open, accepted, declined, lapsed or withdrawn.")
    amount = MoneyField(help_text="What a repair costs the customer, or what they get.")
    words = serializers.CharField()
    made_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField(help_text="After it the thing goes back to the customer as it is.")
    answered_at = serializers.DateTimeField(allow_null=True)
    path = serializers.CharField(
        help_text="What the customer chose: `send_back`, `give_up`, `appeal`, `refund` or `exchange`."
    )


class AppealOut(Output):
    id = serializers.UUIDField()
    unit = serializers.UUIDField(source="unit_id")
    status = serializers.CharField(help_text="open, changed, upheld or withdrawn.")
    opened_at = serializers.DateTimeField()
    decide_by = serializers.DateTimeField(help_text="By when an answer is promised.")
    decided_at = serializers.DateTimeField(allow_null=True)
    grade_before = serializers.CharField()
    grade_after = serializers.CharField()
    why = serializers.CharField(help_text="As the customer reads it.")


class WaitOut(Output):
    unit = serializers.UUIDField()
    status = serializers.ChoiceField(
        choices=[UnitStatus.ACCEPTED.value, UnitStatus.REFUSED.value],
        help_text="`accepted`: for less, and the customer may agree; `refused`: the customer may have it sent back.",
    )
    until = serializers.DateTimeField(
        help_text="Until when the customer may appeal. Nothing that can't be undone before."
    )


class TalksOut(Output):
    offers = OfferOut(many=True)
    appeals = AppealOut(many=True)
    waits = WaitOut(many=True, help_text="Units that are kept as they are while their customer may appeal.")


class UnitIn(Input):
    unit = serializers.UUIDField()


class OfferIn(Input):
    unit = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=OfferKind.choices)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    words = serializers.CharField(max_length=1000, help_text="The customer reads it.")


class AnswerIn(Input):
    offer = serializers.UUIDField()
    accept = serializers.BooleanField()
    path = serializers.CharField(
        max_length=12,
        required=False,
        allow_blank=True,
        default="",
        help_text=(
            "Declined: `send_back`, `give_up` (a repair) or `appeal` (less money). Instead of a repair, accepted: `refund` or `exchange`."
        ),
    )
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class WithdrawIn(Input):
    offer = serializers.UUIDField()
    reason = serializers.CharField(max_length=300, help_text="The customer reads it.")


class AppealIn(Input):
    unit = serializers.UUIDField()
    words = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="The customer's own words."
    )


class DecideIn(Input):
    appeal = serializers.UUIDField()
    changed = serializers.BooleanField()
    amount = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="What the customer gets in all, when it is changed; another person approves the rest.",
    )
    why = serializers.CharField(max_length=1000, help_text="The customer reads it.")


class Talks:
    """The acts of a return by which it is talked over; mixed into its endpoint."""

    actor: Any
    at: Any
    get_object: Any
    read: Any

    def _talks(self, rma: Rma, *, status: int = 200) -> Response:
        shown = {
            "offers": Offer.objects.filter(unit__line__rma=rma).order_by("made_at", "id"),
            "appeals": Appeal.objects.filter(unit__line__rma=rma).order_by("opened_at", "id"),
            "waits": waiting.kept(rma),
        }
        return Response(TalksOut(shown).data, status=status)

    @extend_schema(summary="Offers and appeals of a return", responses=TalksOut, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def talks(self, request: Request, pk: str) -> Response:
        return self._talks(self.get_object())

    @extend_schema(
        summary="Make an offer for a unit",
        description="Less money, or a repair for a price. The unit waits under a hold until the customer has answered.",
        request=OfferIn,
        responses={201: TalksOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, pk: str) -> Response:
        told = self.read(request, OfferIn)
        rma = self.get_object()
        offers.make(
            _unit(rma, told["unit"]), kind=told["kind"], amount=told["amount"], words=told["words"], by=self.actor, at=self.at
        )  # fmt: skip
        return self._talks(rma, status=201)

    @extend_schema(summary="Answer an offer for the customer", request=AnswerIn, responses=TalksOut, filters=False)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        told = self.read(request, AnswerIn)
        rma = self.get_object()
        offers.answer(
            _offer(rma, told["offer"]), accept=told["accept"], path=told["path"], words=told["words"], by=self.actor, at=self.at
        )  # fmt: skip
        return self._talks(rma)

    @extend_schema(summary="Withdraw an open offer", request=WithdrawIn, responses=TalksOut, filters=False)
    @action(detail=True, methods=["post"], url_path="withdraw-offer")
    def withdraw_offer(self, request: Request, pk: str) -> Response:
        told = self.read(request, WithdrawIn)
        rma = self.get_object()
        offers.withdraw(_offer(rma, told["offer"]), reason=told["reason"], by=self.actor, at=self.at)
        return self._talks(rma)

    @extend_schema(
        summary="Appeal for the customer",
        description="The thing goes back to triage under a hold, and somebody who didn't look before looks again.",
        request=AppealIn,
        responses={201: TalksOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, pk: str) -> Response:
        told = self.read(request, AppealIn)
        rma = self.get_object()
        appeals.open_appeal(_unit(rma, told["unit"]), words=told["words"], by=self.actor, at=self.at)
        return self._talks(rma, status=201)

    @extend_schema(
        summary="Agree to a deduction for the customer",
        description="The unit waits no longer for an appeal, and may be sold or taken apart. Said again, it stays said once.",
        request=UnitIn,
        responses=TalksOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        told = self.read(request, UnitIn)
        rma = self.get_object()
        awaiting.agree(_unit(rma, told["unit"]), by=self.actor, at=self.at)
        return self._talks(rma)

    @extend_schema(
        summary="Ask for a refused unit to be sent back now",
        description="For the customer, who doesn't wait until the time to appeal has ended. Until it has left they may still appeal.",
        request=UnitIn,
        responses=TalksOut,
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="ask-back")
    def ask_back(self, request: Request, pk: str) -> Response:
        told = self.read(request, UnitIn)
        rma = self.get_object()
        awaiting.ask_back(_unit(rma, told["unit"]), by=self.actor, at=self.at)
        return self._talks(rma)

    @extend_schema(summary="Decide an open appeal", request=DecideIn, responses=TalksOut, filters=False)
    @action(detail=True, methods=["post"], url_path="decide-appeal")
    def decide_appeal(self, request: Request, pk: str) -> Response:
        told = self.read(request, DecideIn)
        rma = self.get_object()
        row = (
            Appeal.objects.select_related("unit__line__rma", "unit__device")
            .filter(pk=told["appeal"], unit__line__rma=rma)
            .first()
        )
        if row is None:
            raise Http404
        appeals.decide(row, changed=told["changed"], amount=told["amount"], why=told["why"], by=self.actor, at=self.at)
        return self._talks(rma)


def _unit(rma: Rma, pk: uuid.UUID) -> RmaUnit:
    found = RmaUnit.objects.select_related("line__rma").filter(pk=pk, line__rma=rma).first()
    if found is None:
        raise BadInput(Reason("unknown_unit", _("The return has no such unit."), "unit"))
    return found


def _offer(rma: Rma, pk: uuid.UUID) -> Offer:
    found = Offer.objects.filter(pk=pk, unit__line__rma=rma).first()
    if found is None:
        raise BadInput(Reason("unknown_offer", _("The return has no such offer."), "offer"))
    return found
