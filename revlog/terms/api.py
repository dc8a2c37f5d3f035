"""Forward orders over the API: imported as JSON or CSV, and read. Customers' names and addresses come in and never go out."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any
from zoneinfo import available_timezones

import django_filters
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Organization
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices.models.device import Tracking
from revlog.terms.models import Order, OrderSource, Tax
from revlog.terms.services import importing, orders
from revlog.terms.services.new_orders import NewLine, NewOrder
from revlog.terms.services.orders import Placed

MOST_BYTES = 25 * 1024 * 1024
MOST_ORDERS = 5000


class CsvParser(BaseParser):
    """The body as a table; ``revlog/terms/services/importing.py`` reads it line by line."""

    media_type = "text/csv"

    @override
    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        data: bytes = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise RequestDataTooBig
        return data


class OrderLineOut(Output):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    sku = serializers.CharField()
    description = serializers.CharField()
    device_class = serializers.CharField()
    tracking = serializers.CharField()
    quantity = serializers.IntegerField()
    price = MoneyField(help_text="Of one piece.")
    serials = serializers.ListField(child=serializers.CharField())
    parcel_number = serializers.CharField()
    lot = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    tax = serializers.CharField(help_text="How it was taxed, where the seller said so.")
    tax_rate = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True, help_text="In percent.")


class OrderOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField()
    seller = serializers.CharField(source="seller.code")
    source = serializers.CharField(help_text="import, api, own or exchange.")  # type: ignore[assignment]
    po_number = serializers.CharField()
    invoice_number = serializers.CharField()
    delivery_number = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = OrderLineOut(many=True)


class ImportOut(Output):
    placed = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the orders that are new.")
    known = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers of those that stood here already, word for word."
    )


class ComponentIn(Input):
    sku = serializers.CharField(max_length=60)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=1000, default=1, help_text="Pieces in one kit.")
    share = serializers.DecimalField(
        max_digits=12, decimal_places=4, min_value=0, default=Decimal(1), coerce_to_string=True,
        help_text="How the kit's price is divided: a part's share of the sum of shares.",
    )  # fmt: skip


class OrderLineIn(Input):
    sku = serializers.CharField(max_length=60)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, help_text="Of one piece, as text.")
    device_class = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    category = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=20
    )
    tracking = serializers.ChoiceField(choices=Tracking.values, default=Tracking.SERIALIZED.value)
    serials = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, default=list, max_length=5000
    )
    parcel_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    shipped_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    delivered_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    lot = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="The maker's lot that was shipped."
    )
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    tax = serializers.ChoiceField(
        choices=[*Tax.values, ""],
        required=False,
        default="",
        help_text="How it was taxed; left out, the rules for VAT say it. Prices are what was paid, tax included.",
    )
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, required=False, allow_null=True, default=None,
        help_text="In percent, as text; left out, the rate of the seller's country on the day of the order.",
    )  # fmt: skip
    components = ComponentIn(many=True, required=False, max_length=100)  # type: ignore[call-arg]


class OrderIn(Input):
    number = serializers.CharField(max_length=60)
    email = serializers.CharField(max_length=254, help_text="By which, with the number, the customer finds the order.")
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    address = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=8
    )
    country = serializers.CharField(max_length=2, required=False, allow_blank=True, default="")
    language = serializers.CharField(max_length=5, default="en")
    currency = serializers.CharField(max_length=3, default="EUR")
    customer = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Code of the business that bought it."
    )
    po_number = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="The customer's own number of its order."
    )
    invoice_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    delivery_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    ordered_at = serializers.DateTimeField()
    shipped_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    delivered_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    channel = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Where it was sold: web, store ..."
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=20
    )
    payment = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="",
        help_text="What the payment provider calls its payment, such as `pi_3Pq...`: refunds go back by it.",
    )  # fmt: skip
    lines = OrderLineIn(many=True, allow_empty=False, max_length=500)  # type: ignore[call-arg]


class ImportIn(Input):
    seller = serializers.SlugField(
        max_length=40, required=False, help_text="Code of the organization that sold; the key's own unless told."
    )
    orders = OrderIn(many=True, allow_empty=False, max_length=MOST_ORDERS)  # type: ignore[call-arg]


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    number = django_filters.CharFilter(lookup_expr="iexact", max_length=60)
    seller = django_filters.CharFilter(field_name="seller__code", max_length=40)
    parcel_number = django_filters.CharFilter(method="in_parcel", max_length=60)
    ordered_after = django_filters.IsoDateTimeFilter(
        field_name="ordered_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )

    def in_parcel(self, rows: QuerySet[Order], name: str, number: str) -> QuerySet[Order]:
        return rows.filter(lines__parcel_number__iexact=number).distinct()


class OrdersEndpoint(mixins.ListModelMixin, Endpoint):
    """Forward orders: what was sold, so that what comes back is known."""

    scopes = {"read": "orders:read", "create": "orders:write"}
    tag = "orders"
    order = ("ordered_at", "id")
    most_bytes = MOST_BYTES
    queryset = Order.objects.select_related("seller").prefetch_related("lines")
    serializer_class = OrderOut
    filterset_class = OrderFilter
    parser_classes = [*api_settings.DEFAULT_PARSER_CLASSES, CsvParser]  # type: ignore[list-item]

    @extend_schema(summary="List orders, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One order, by its id", responses=OrderOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        rows: QuerySet[Order] = self.get_queryset()
        try:
            return Response(OrderOut(self.one(rows.filter(pk=uuid.UUID(pk)))).data)
        except ValueError:
            return Response(OrderOut(self.one(rows.filter(number__iexact=pk[:60]))).data)

    @extend_schema(
        summary="Import orders, all or none",
        description=(
            "As JSON, or as `text/csv` with a header line and a row for each line of an order (UTF-8; comma, semicolon or tab); then "
            "`seller` and `zone`, in which dates without a time are days, stand in the query. An order that is here already, word for "
            "word, is no error, so that an import may be sent again. Every mistake is named, with its field or line."
        ),
        parameters=[
            OpenApiParameter("seller", str, description="For CSV: code of the organization that sold."),
            OpenApiParameter("zone", str, description="For CSV: a zone such as `Europe/Amsterdam`; UTC unless told."),
        ],
        request={"application/json": ImportIn, "text/csv": bytes},
        responses={201: ImportOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        sent: Any = request.data
        if isinstance(sent, bytes):
            seller = self._seller(request.query_params.get("seller"))
            zone = request.query_params.get("zone") or "UTC"
            if zone not in available_timezones():
                raise BadInput(Reason("unknown_zone", _("There is no zone %s.") % zone[:60], "zone"))
            found = importing.import_csv(io.BytesIO(sent), seller=seller, by=self.actor, at=self.at, zone=zone)
        else:
            told = self.read(request, ImportIn)
            found = orders.place_many(
                [_new(one) for one in told["orders"]],
                seller=self._seller(told.get("seller")),
                source=OrderSource.API,
                by=self.actor,
                at=self.at,
            )
        return Response(_told(found), status=201)

    def _seller(self, code: str | None) -> Organization:
        rows = Organization.objects.visible_to(self.actor).filter(active=True)
        if code is None or code == "":
            return self.one(rows.filter(pk__in=[self.actor.organization_id]))
        seller = rows.filter(code=code).first()
        if seller is None or not (self.actor.is_operator or seller.pk == self.actor.organization_id):
            raise BadInput(Reason("unknown_seller", _("You have no seller %(code)s.") % {"code": code[:40]}, "seller"))
        return seller


def _new(told: dict[str, Any]) -> NewOrder:
    lines = tuple(NewLine(**{**line, "serials": tuple(line["serials"])}) for line in told["lines"])
    return NewOrder(**{**told, "address": tuple(told["address"]), "lines": lines})


def _told(found: Placed) -> dict[str, list[str]]:
    return {"placed": [order.number for order in found.placed], "known": [order.number for order in found.known]}
