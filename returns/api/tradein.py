"""Trade-ins over the API: what is asked, the quote, its acceptance, and where it stands. A shop's own page sells with it."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from returns.models import Charity, TradeIn, TradeInPayout, TradeInStatus, VatOrigin
from returns.policy import tradein as policy
from returns.services.tradein import agreeing, quoting
from returns.services.tradein.agreeing import Seller
from returns.services.tradein.quoting import Told
from revlog.accounts import queries
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices import classes


class StepOut(Output):
    what = serializers.CharField(help_text="In the language of the request.")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    rule = serializers.CharField(help_text="The rule or answer that it follows from.")


class TradeInOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `TI-7K3M-9QXA`.")
    status = serializers.ChoiceField(choices=TradeInStatus.choices)
    what = serializers.CharField()
    grade = serializers.CharField(help_text="The grade that follows from the answers.")
    amount = MoneyField(help_text="What is paid when it arrives as told; null where no sum was quoted.")
    uplift = MoneyField(help_text="What is added when store credit is taken.")
    steps = serializers.SerializerMethodField(help_text="How the sum was made.")
    why = serializers.SerializerMethodField(help_text="Why there is no sum, or what a person wrote beside it.")
    valid_until = serializers.DateTimeField(allow_null=True, help_text="Until when it can be accepted.")
    rma = serializers.SerializerMethodField(help_text="Number of the return that it comes as, once it is accepted.")
    made_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    bought_at = serializers.DateTimeField(allow_null=True)
    paid = MoneyField(source="paid_amount", help_text="What was agreed in the end; null until it is bought.")
    vat_origin = serializers.ChoiceField(choices=[*VatOrigin.choices, ("", "")], help_text="For the VAT of its sale.")

    def get_steps(self, row: TradeIn) -> list[dict[str, Any]]:
        return [dict(StepOut({**step, "what": policy.told(step["what"])}).data) for step in row.steps]

    def get_why(self, row: TradeIn) -> str:
        return policy.told(row.why)

    def get_rma(self, row: TradeIn) -> str | None:
        return row.rma.number if row.rma is not None else None


class ChoiceOut(Output):
    code = serializers.CharField()
    text = serializers.CharField()


class QuestionOut(Output):
    code = serializers.CharField(help_text="What an answer is sent under.")
    text = serializers.CharField()
    needed = serializers.BooleanField(help_text="Whether it must be answered.")
    choices = ChoiceOut(many=True)


class TradeInIn(Input):
    product = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Model of the catalog.")
    variant = serializers.UUIDField(required=False, allow_null=True, default=None)
    what = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    device_class = serializers.ChoiceField(choices=classes.CHOICES, required=False, default="other")
    serial = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    answers = serializers.DictField(child=serializers.CharField(max_length=40), required=False, default=dict)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = serializers.EmailField(
        required=False, allow_blank=True, default="", help_text="Needed where a person has to answer."
    )
    language = serializers.CharField(max_length=5, required=False, default="en")
    buyer = serializers.SlugField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="Who buys it; your own organization if left out.",
    )
    key = serializers.UUIDField(help_text="Your own id of this request: sent again with it, the same quote comes back.")


class AcceptIn(Input):
    name = serializers.CharField(max_length=200)
    email = serializers.EmailField()
    address = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=8)
    country = serializers.CharField(min_length=2, max_length=2)
    language = serializers.CharField(max_length=5, required=False, default="en")
    payout = serializers.ChoiceField(choices=TradeInPayout.choices, required=False, default=TradeInPayout.BANK.value)
    iban = serializers.CharField(max_length=42, required=False, allow_blank=True, default="")
    holder = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    charity = serializers.SlugField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="Where `payout` is `charity`: the code of the organization that the sum is given to. It has to be listed on the day.",
    )
    business = serializers.BooleanField(required=False, default=False)
    declared = serializers.BooleanField(help_text="They read the declaration, and it is so.")


class TradeInFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=TradeInStatus.choices, distinct=False)


class TradeInsEndpoint(mixins.ListModelMixin, Endpoint):
    """Used things that people sell. Each is named in addresses by its id or its number."""

    scopes = {"read": "rmas:read", "create": "rmas:write", "accept": "rmas:write"}
    tag = "trade-ins"
    order = ("made_at", "id")
    queryset = TradeIn.objects.select_related("rma")
    serializer_class = TradeInOut
    filterset_class = TradeInFilter

    @override
    def get_object(self) -> TradeIn:
        name = str(self.kwargs["pk"])
        rows: QuerySet[TradeIn] = self.get_queryset()
        if number := ids.normal(name, quoting.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, row: TradeIn, *, status: int = 200) -> Response:
        fresh = TradeIn.objects.select_related("rma").get(pk=row.pk)
        address = reverse("api-trade-in-detail", args=[row.pk], request=self.request)
        return Response(TradeInOut(fresh).data, status=status, headers={"Location": address} if status == 201 else None)

    def _buyer(self, code: str) -> Organization:
        kinds = (OrganizationKind.OPERATOR, OrganizationKind.RETAILER)
        rows = Organization.objects.visible_to(self.actor).filter(kind__in=kinds)
        own = self.actor.organization_id
        mine = rows.filter(pk=own).first() if own is not None else None
        found = rows.filter(code=code).first() if code else mine or queries.operator()
        allowed = found is not None and (self.actor.is_operator or found.pk in self.actor.stands_for)
        if found is None or not allowed:
            raise BadInput(Reason("unknown_buyer", _("You may not buy in that name."), "buyer"))
        return found

    @extend_schema(summary="List trade-ins, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One trade-in, and where it stands", responses=TradeInOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="What is asked about a thing of a class",
        parameters=[OpenApiParameter("device_class", str, required=True)],
        responses=QuestionOut(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"])
    def questions(self, request: Request) -> Response:
        wanted = str(request.query_params.get("device_class", ""))
        if wanted not in dict(classes.CHOICES):
            raise BadInput(Reason("device_class", _("Choose the class of the thing."), "device_class"))
        rules = quoting.rules_for(self._buyer("").pk, at=self.at)
        rows = [
            {
                "code": one.id,
                "text": one.text,
                "needed": one.required,
                "choices": [{"code": code, "text": text} for code, text in one.choices],
            }
            for one in policy.asked(rules, wanted)
        ]
        return Response(QuestionOut(rows, many=True).data)

    @extend_schema(
        summary="Ask for a quote",
        description="The sum is reckoned here, from the price book, the rules in force and the answers; none is taken from outside.",
        request=TradeInIn,
        responses={201: TradeInOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, TradeInIn)
        if not self.actor.may("returns.open"):
            raise Http404
        names = ("product", "variant", "what", "device_class", "serial", "answers", "note", "name", "email", "language")
        row = quoting.quote(
            Told(**{name: told[name] for name in names}),
            buyer=self._buyer(told["buyer"]),
            key=told["key"],
            channel="api",
            by=self.actor,
            at=self.at,
        )
        return self._shown(row, status=201)

    @extend_schema(
        summary="Accept a quote for its seller",
        description="Once: said again, the same return. Label, dock, counter-offer and payment are those of the return `rma`.",
        request=AcceptIn,
        responses=TradeInOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        told = self.read(request, AcceptIn)
        row = self.get_object()
        listed = Charity.objects.on(self.at.date()).filter(organization__code=told["charity"]).first()
        told["charity"] = listed.pk if listed is not None else None
        agreeing.accept(row, Seller(**told), by=self.actor, at=self.at)
        return self._shown(row)
