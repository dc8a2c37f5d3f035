"""Support cases over the API: listed, opened, noted and closed, by those who serve the seller's customers."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
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

from returns.models import CaseNote, Channel, Result, Rma, SupportCase
from returns.services import desk
from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.terms.models import Order, OrderLine

# What is answered ------------------------------------------------------------------------------------------------------------------


class NoteOut(Output):
    id = serializers.UUIDField()
    text = serializers.CharField(help_text="Empty once the customer was erased on request.")
    written_by = serializers.CharField()
    written_at = serializers.DateTimeField()


class CaseOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `SC-7K3M-9QXA`.")
    seller = serializers.CharField(source="seller.code")
    desk = serializers.SerializerMethodField(help_text="Code of the organization whose people do the work.")
    order = serializers.SerializerMethodField(
        help_text="Number of the order that it is about, null where it is about none."
    )
    order_line = serializers.SerializerMethodField(help_text="Position in that order.")
    rma = serializers.SerializerMethodField(help_text="Number of the return that it is about, or that came of it.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    opened_by = serializers.CharField()
    opened_at = serializers.DateTimeField()
    result = serializers.CharField(help_text="fixed, rma_opened, information or declined; empty while it is open.")
    closed_at = serializers.DateTimeField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)
    measured = serializers.IntegerField(allow_null=True, help_text="What the clock said.")
    cost = MoneyField(source="charged", help_text="Null while it is open.")

    def get_desk(self, case: SupportCase) -> str | None:
        return case.desk.code if case.desk else None

    def get_order(self, case: SupportCase) -> str | None:
        return case.order.number if case.order else None

    def get_order_line(self, case: SupportCase) -> int | None:
        return case.line.position if case.line else None

    def get_rma(self, case: SupportCase) -> str | None:
        return case.rma.number if case.rma else None


class CaseDetail(CaseOut):
    notes = NoteOut(many=True)


# What is sent ----------------------------------------------------------------------------------------------------------------------


class CaseIn(Input):
    order = serializers.CharField(
        max_length=60, required=False, help_text="Number of the order that the customer asks about."
    )
    seller = serializers.SlugField(
        max_length=40, required=False, help_text="Code of its seller, where two have that number."
    )
    order_line = serializers.IntegerField(
        min_value=1, max_value=32000, required=False, help_text="Position in the order."
    )
    rma = serializers.CharField(max_length=20, required=False, help_text="Number of the return that they ask about.")
    channel = serializers.ChoiceField(choices=Channel.choices)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class NoteIn(Input):
    text = serializers.CharField(max_length=4000)


class CloseIn(Input):
    result = serializers.ChoiceField(choices=Result.choices)
    minutes = serializers.IntegerField(
        min_value=0, max_value=600, required=False, allow_null=True, default=None, help_text="Where the clock is wrong."
    )
    why = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why the minutes are others than measured.",
    )


# Views -----------------------------------------------------------------------------------------------------------------------------


class CaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    result = django_filters.MultipleChoiceFilter(choices=Result.choices, distinct=False)
    open = django_filters.BooleanFilter(
        field_name="closed_at", lookup_expr="isnull", help_text="Only open ones, or none."
    )
    seller = django_filters.CharFilter(field_name="seller__code", max_length=40)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class CasesEndpoint(mixins.ListModelMixin, Endpoint):
    """Support cases: one talk with one customer each. Each is named in addresses by its id or its number."""

    scopes = {"read": "cases:read", "create": "cases:write", "note": "cases:write", "close": "cases:write"}
    tag = "cases"
    order = ("opened_at", "id")
    queryset = SupportCase.objects.select_related("seller", "desk", "order", "line", "rma")
    serializer_class = CaseOut
    filterset_class = CaseFilter

    @override
    def get_object(self) -> SupportCase:
        name = str(self.kwargs["pk"])
        rows: QuerySet[SupportCase] = self.get_queryset()
        if number := ids.normal(name, desk.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, case: SupportCase, *, status: int = 200) -> Response:
        fresh = self.get_queryset().prefetch_related("notes").get(pk=case.pk)
        address = reverse("api-case-detail", args=[case.pk], request=self.request)
        return Response(CaseDetail(fresh).data, status=status, headers={"Location": address} if status == 201 else None)

    @extend_schema(summary="List support cases, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One support case with its notes", responses=CaseDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Open a support case",
        description="About an order, one of its lines, or a return; the customer is theirs. The clock of the case runs from now.",
        request=CaseIn,
        responses={201: CaseDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, CaseIn)
        order = self._order(told)
        rma = self._rma(told["rma"]) if told.get("rma") else None
        line = None
        if "order_line" in told:
            line = (
                OrderLine.objects.select_related("order").filter(order=order, position=told["order_line"]).first()
                if order
                else None
            )
            if line is None:
                raise BadInput(
                    Reason("unknown_line", _("The order has no line %s.") % told["order_line"], "order_line")
                )
        about = order or rma
        if about is None:
            raise BadInput(Reason("about", _("Name the order or the return that the customer asks about."), "order"))
        case = desk.open_case(
            contact=about.contact, seller=about.seller, channel=Channel(told["channel"]), order=order, line=line, rma=rma,
            note=told["note"], by=self.actor, at=self.at,
        )  # fmt: skip
        return self._shown(case, status=201)

    def _order(self, told: dict[str, Any]) -> Order | None:
        if not told.get("order"):
            return None
        rows = Order.objects.visible_to(self.actor).filter(number__iexact=told["order"].strip())
        if told.get("seller"):
            rows = rows.filter(seller__code=told["seller"])
        found = list(rows.select_related("seller", "contact")[:2])
        if len(found) > 1:
            raise BadInput(Reason("which", _("Two sellers have an order with that number; name the seller."), "seller"))
        if not found:
            raise BadInput(Reason("unknown_order", _("There is no order %s.") % told["order"], "order"))
        return found[0]

    def _rma(self, number: str) -> Rma:
        rows = Rma.objects.visible_to(self.actor).select_related("seller", "contact")
        found = rows.filter(number=ids.normal(number, "RMA") or "").first()
        if found is None:
            raise BadInput(Reason("unknown_rma", _("There is no return %s.") % number, "rma"))
        return found

    @extend_schema(summary="Note what was said", request=NoteIn, responses={201: NoteOut}, filters=False)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        told = self.read(request, NoteIn)
        row: CaseNote = desk.note(self.get_object(), text=told["text"], by=self.actor, at=self.at)
        return Response(NoteOut(row).data, status=201)

    @extend_schema(
        summary="Close a support case",
        description="Its minutes are reckoned once, into the book of whose people spent them.",
        request=CloseIn,
        responses=CaseDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        told = self.read(request, CloseIn)
        return self._shown(
            desk.close(
                self.get_object(),
                result=Result(told["result"]),
                minutes=told["minutes"],
                why=told["why"],
                by=self.actor,
                at=self.at,
            )
        )
