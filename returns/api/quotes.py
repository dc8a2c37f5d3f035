"""What would become of a return, asked before it is announced; nothing is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from returns.api.shapes import RmaIn
from returns.models import Origin
from returns.policy import Answer
from returns.services import opening, overriding
from returns.services.opening import Wish
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.shapes import MoneyField, Output
from revlog.devices.models import Variant
from revlog.terms.foretelling import Foretold
from revlog.terms.models import OrderLine


class ForetoldOut(Output):
    recovery = MoneyField(help_text="What the best way brings in the middle, less what it loses until it is here.")
    freight = MoneyField(help_text="What bringing it here costs.")
    inspection = MoneyField(help_text="What looking at it costs.")
    left = MoneyField(help_text="What remains: below zero it isn't worth its way.")
    best = serializers.CharField(help_text="The way that is likeliest the best.")
    currency = serializers.CharField()
    price_from = serializers.CharField(help_text="`price_book`, `learned_price` or `list_price`.")
    version = serializers.CharField(help_text="Of the figures that it is reckoned with.")


class QuotedLineOut(Output):
    order_line = serializers.IntegerField()
    rule = serializers.CharField(help_text="Id of the rule that decides, or `statutory_...` where the law does.")
    why = serializers.CharField(help_text="As the customer reads it.")
    goods = serializers.CharField(help_text="back, keep, donate or none: what becomes of the thing itself.")
    outcomes = serializers.ListField(child=serializers.CharField(), help_text="What may be had for it.")
    fee = MoneyField(help_text="Taken off one piece.")
    bonus = MoneyField(help_text="Added to one piece.")
    photos = serializers.IntegerField(help_text="How many are asked for.")
    needs_person = serializers.BooleanField(help_text="Whether somebody looks first.")
    until = serializers.DateField(allow_null=True, help_text="The last day of its window.")
    foretold = serializers.SerializerMethodField(
        help_text="What it would bring, for the operator's keys, where a rule asked for it and a price is known; else null."
    )

    @extend_schema_field(ForetoldOut(allow_null=True))
    def get_foretold(self, row: SimpleNamespace) -> dict[str, Any] | None:
        told: Foretold | None = row.told
        if told is None:
            return None
        shown = SimpleNamespace(
            recovery=told.recovery + told.decay, freight=told.freight.amount, inspection=told.inspection, left=told.left,
            best=told.best, currency=told.currency, price_from=told.price_from, version=told.version,
        )  # fmt: skip
        return dict(ForetoldOut(shown).data)


class ReturnQuoteOut(Output):
    amount = MoneyField(help_text="What is paid back when everything comes as sold.")
    currency = serializers.CharField()
    hub = serializers.CharField(help_text="Code of the site that it would be sent to.")
    needs_person = serializers.BooleanField()
    lines = QuotedLineOut(many=True)


class Quoting:
    """The part of the returns' endpoint that quotes."""

    @extend_schema(
        summary="What would become of a return, before it is announced",
        description=(
            "The same rules, law and sums as announcing it, and nothing is written: whether the thing comes back or isn't worth its way, "
            "what may be had for it, and to which site it would go. What can't come back at all is refused with every reason, as there."
        ),
        request=RmaIn,
        responses=ReturnQuoteOut,
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def quote(self, request: Request) -> Response:
        view: Any = self
        told = view.read(request, RmaIn)
        order, places = view._order(told["order"], told.get("seller"))
        if found := opening.reasons_against_opening(order, by=view.actor):
            raise NotAllowed(found)
        wishes = wishes_of(told["lines"], places, by=view.actor)
        overriding.demand((wish.override for wish in wishes), orders=[order], by=view.actor)
        made = opening.quote(order, wishes, origin=Origin.API.value, at=view.at)
        shown = SimpleNamespace(
            amount=made.amount,
            currency=made.currency,
            hub=made.hub.code,
            needs_person=made.needs_person,
            lines=[_line(line, answer, view.actor) for line, _wish, answer in made.lines],
        )
        return Response(ReturnQuoteOut(shown).data)


def _line(line: OrderLine, answer: Answer, by: Actor) -> SimpleNamespace:
    return SimpleNamespace(
        order_line=line.position,
        rule=answer.decision.rule,
        why=answer.why,
        goods=answer.goods,
        outcomes=list(answer.outcomes),
        fee=answer.taken_off,
        bonus=answer.bonus,
        currency=line.currency,
        photos=answer.photos,
        needs_person=answer.needs_person,
        until=answer.until,
        told=answer.case.foretold if by.is_operator else None,
    )


def wishes_of(told: list[dict[str, Any]], places: Mapping[int, uuid.UUID], *, by: Actor) -> list[Wish]:
    """The wishes for lines of an order, whose lines are named by their position. Raises BadInput naming each line at fault."""
    wrong = [
        Reason("unknown_line", _("The order has no line %s.") % line["order_line"], f"lines[{place}].order_line")
        for place, line in enumerate(told)
        if line["order_line"] not in places
    ]
    if wrong:
        raise BadInput(wrong)
    skus = {line["new_sku"] for line in told} - {""}
    variants = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    if missing := [place for place, line in enumerate(told) if line["new_sku"] not in {"", *variants}]:
        raise BadInput(
            [
                Reason("unknown_sku", _("There is no such thing to exchange for."), f"lines[{n}].new_sku")
                for n in missing
            ]
        )
    return [
        Wish(
            line=places[line["order_line"]],
            quantity=line["quantity"],
            reason=line["reason"],
            wanted=line["wanted"],
            note=line["note"],
            answers=line["answers"],
            new_variant=variants.get(line["new_sku"]),
            override=overriding.person(by, **line["override"]) if line["override"] else None,
        )
        for line in told
    ]
