"""Returns of businesses over the API: announced as JSON, CSV or X12 180, and read as a match."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import IO, Any

import django_filters
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.settings import api_settings
from typing_extensions import override

from returns import queries
from returns.edi.x12 import MOST_BYTES
from returns.models import BusinessCase, Origin, Rma, RmaStatus, Verdict
from returns.reasons import NAMES as REASONS
from returns.services.business import announcing, comparing, edi, lines, taxes
from returns.services.business.announcing import Announcement
from returns.services.business.comparing import Row
from returns.services.business.finding import Papers
from returns.services.business.lines import MOST_LINES, Told
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.evidence.services import artifacts
from revlog.terms.api import CsvParser


class X12Parser(BaseParser):
    """The body as an interchange; ``returns/edi/x12.py`` reads it segment by segment."""

    media_type = "application/edi-x12"

    @override
    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        data: bytes = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise RequestDataTooBig
        return data


# What is answered ------------------------------------------------------------------------------------------------------------------


class BusinessReturnOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `RMA-7K3M-9QXA`.")
    status = serializers.ChoiceField(choices=RmaStatus.choices)
    customer = serializers.CharField(source="business.customer.code")
    seller = serializers.CharField(source="seller.code")
    reference = serializers.CharField(source="business.reference", help_text="The customer's own number.")
    po_number = serializers.CharField(source="business.po_number")
    invoice_number = serializers.CharField(source="business.invoice_number")
    delivery_number = serializers.CharField(source="business.delivery_number")
    boxes_announced = serializers.IntegerField(source="business.boxes_announced", allow_null=True)
    boxes_counted = serializers.IntegerField(source="business.boxes_counted")
    opened_at = serializers.DateTimeField()
    complete_at = serializers.DateTimeField(
        source="business.complete_at", allow_null=True, help_text="When it was said that nothing more comes."
    )
    closed_at = serializers.DateTimeField(allow_null=True)


class LotOut(Output):
    lot = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    announced = serializers.IntegerField()
    received = serializers.IntegerField()
    good = serializers.IntegerField()
    damaged = serializers.IntegerField()
    wrong = serializers.IntegerField()
    expired = serializers.IntegerField()
    sent = serializers.BooleanField(help_text="False for a lot that was never sent to this customer.")


class MatchLineOut(Output):
    position = serializers.IntegerField()
    order = serializers.CharField()
    sku = serializers.CharField()
    component = serializers.CharField(help_text="Of a kit of which only a part comes back: its SKU.")
    reason = serializers.CharField()
    sold = serializers.IntegerField()
    price = MoneyField(help_text="What one piece brings when it is as sold.")
    announced = serializers.IntegerField()
    received = serializers.IntegerField()
    serials = serializers.ListField(child=serializers.CharField())
    lots = LotOut(many=True)
    match = serializers.CharField(help_text="open, matched, tolerated, disputed or decided.")
    differs = serializers.ListField(
        child=serializers.CharField(),
        help_text="short, over, damaged, wrong, expired, wrong_lot, other_lot, price, incomplete.",
    )
    to_credit = MoneyField(help_text="Null while it isn't complete.")
    credited = MoneyField()
    debited = MoneyField()


class TaxSumOut(Output):
    tax = serializers.CharField(
        help_text="standard, reduced, reverse_charge, intra_community, export, margin, exempt; empty where nobody knows.",
    )
    rate = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True, help_text="In percent.")
    net = MoneyField()
    vat = MoneyField()
    gross = MoneyField()


class MemoLineOut(Output):
    position = serializers.IntegerField(source="line.line.position")
    quantity = serializers.IntegerField()
    amount = MoneyField(help_text="With its VAT.")
    net = MoneyField(help_text="Null of a memo that was made before taxes were kept.")
    vat = MoneyField(source="tax")
    tax = serializers.CharField(source="tax_kind")
    rate = serializers.DecimalField(source="tax_rate", max_digits=5, decimal_places=2, allow_null=True)
    invoice = serializers.CharField(
        source="line.line.order_line.order.invoice_number", help_text="Number of the invoice that it corrects."
    )


class MemoOut(Output):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="credit or debit.")
    status = serializers.CharField(help_text="proposed, due, issued, settled or rejected.")
    number = serializers.SerializerMethodField(help_text="Of the document; null before it is issued.")
    document = serializers.UUIDField(source="document_id", allow_null=True)
    corrects = serializers.SerializerMethodField(help_text="Number of the memo that it corrects; else null.")
    amount = MoneyField(help_text="With its VAT.")
    currency = serializers.CharField()
    taxes = serializers.SerializerMethodField(help_text="What it comes to by rate; sums up to the amount.")
    lines = MemoLineOut(many=True)

    @extend_schema_field(TaxSumOut(many=True))
    def get_taxes(self, memo: Any) -> list[Any]:  # noqa: ANN401 - a Memo
        sums = [
            SimpleNamespace(
                tax=one.treatment.tax,
                rate=one.treatment.rate,
                net=one.net,
                vat=one.tax,
                gross=one.gross,
                currency=memo.currency,
            )
            for one in taxes.of_memo(memo)
        ]
        return list(TaxSumOut(sums, many=True).data)

    def get_corrects(self, memo: Any) -> str | None:  # noqa: ANN401 - a Memo
        return memo.corrects.document.number if memo.corrects and memo.corrects.document else None

    def get_number(self, memo: Any) -> str | None:  # noqa: ANN401 - a Memo
        return memo.document.number if memo.document else None


class BusinessReturnDetail(BusinessReturnOut):
    lines = serializers.SerializerMethodField()
    memos = serializers.SerializerMethodField()

    @extend_schema(responses=MatchLineOut(many=True))
    def get_lines(self, rma: Rma) -> list[dict[str, Any]]:
        return [_line(row) for row in self.context["rows"]]

    @extend_schema(responses=MemoOut(many=True))
    def get_memos(self, rma: Rma) -> list[Any]:
        internal = self.context["internal"]
        rows = [
            memo
            for memo in rma.memos.select_related("document", "corrects__document").prefetch_related(
                "lines__line__line__order_line__order"
            )
            if internal or memo.document_id
        ]
        return list(MemoOut(rows, many=True).data)


class PreviewOut(Output):
    lines = serializers.IntegerField()
    quantity = serializers.IntegerField()
    amount = MoneyField()
    currency = serializers.CharField()
    approvals = serializers.IntegerField(help_text="How many people would approve it.")


class InterchangeOut(Output):
    control = serializers.CharField()
    known = serializers.BooleanField(help_text="True when the very same interchange was taken before.")
    returns = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the returns.")
    verdict = serializers.CharField(help_text="A accepted, E accepted with errors noted, P accepted in part.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="What was left out or rejected.")


class AuthorizationOut(Output):
    control = serializers.CharField()
    interchange = serializers.CharField(help_text="The X12 interchange to send.")


def _line(row: Row) -> dict[str, Any]:
    own, line = row.own, row.line
    told = SimpleNamespace(
        position=line.position,
        order=line.order_line.order.number,
        sku=line.order_line.sku,
        component=own.components[0]["sku"] if own.components else "",
        reason=line.reason,
        sold=line.order_line.quantity,
        price=line.per_piece,
        announced=row.found.announced,
        received=row.found.received,
        serials=own.serials,
        lots=[
            {
                "lot": lot.lot,
                "expires_on": lot.expires_on,
                "announced": lot.announced,
                "received": lot.received,
                "sent": lot.sent,
                **{name: lot.conditions.get(name, 0) for name in ("good", "damaged", "wrong", "expired")},
            }
            for lot in row.lots
        ],
        match=own.status,
        differs=list(own.why),
        to_credit=own.found,
        credited=row.credited,
        debited=row.debited,
        currency=line.currency,
    )
    return dict(MatchLineOut(told).data)


# What is sent ----------------------------------------------------------------------------------------------------------------------


class BusinessLineIn(Input):
    sku = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=100_000, default=1)
    lot = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    serial = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="Instead of a quantity: one piece."
    )
    reason = serializers.ChoiceField(choices=REASONS)
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), required=False, allow_null=True, default=None,
        help_text="What the customer says that one piece cost.",
    )  # fmt: skip
    component = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    order = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Order, PO, invoice or delivery of the line.",
    )
    wrong_lot = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="",
        help_text="Why a lot that was never sent is accepted; for the operator's people alone.",
    )  # fmt: skip


class BusinessReturnIn(Input):
    customer = serializers.SlugField(max_length=40, required=False, help_text="Code; the key's own unless told.")
    seller = serializers.SlugField(max_length=40, required=False, help_text="Code; the key's own unless told.")
    reference = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="The customer's own number; once a return.",
    )
    po_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    invoice_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    delivery_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    order = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    boxes = serializers.IntegerField(min_value=1, max_value=10_000, required=False, allow_null=True, default=None)
    preview = serializers.BooleanField(default=False, help_text="Say what would become of it, and write nothing.")
    lines = BusinessLineIn(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


# Views -----------------------------------------------------------------------------------------------------------------------------


class BusinessReturnFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=RmaStatus.choices, distinct=False)
    customer = django_filters.CharFilter(field_name="business__customer__code", max_length=40)
    reference = django_filters.CharFilter(field_name="business__reference", max_length=60)


class BusinessReturnsEndpoint(mixins.ListModelMixin, Endpoint):
    """Returns of businesses: many lines in one case, matched against five papers. Each is named by its id or its number."""

    scopes = {"read": "rmas:read", "create": "rmas:write", "edi": "rmas:write", "authorize": "rmas:write"}
    tag = "business-returns"
    order = ("opened_at", "id")
    most_bytes = MOST_BYTES
    queryset = Rma.objects.select_related("seller", "hub__organization", "business__customer")
    serializer_class = BusinessReturnOut
    filterset_class = BusinessReturnFilter
    parser_classes = [*api_settings.DEFAULT_PARSER_CLASSES, CsvParser, X12Parser]  # type: ignore[list-item]

    @override
    def get_queryset(self) -> QuerySet[Any]:
        rows = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.filter(business__in=BusinessCase.objects.visible_to(self.actor))

    @override
    def get_object(self) -> Rma:
        name = str(self.kwargs["pk"])
        rows: QuerySet[Rma] = self.get_queryset()
        if number := ids.normal(name, queries.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, rma: Rma, *, status: int = 200) -> Response:
        fresh: Rma = self.queryset.get(pk=rma.pk)
        case = fresh.business
        case.rma = fresh
        internal = self.actor.is_operator or self.actor.organization_id == fresh.seller_id
        told = BusinessReturnDetail(
            fresh, context={"rows": comparing.rows_of(case, at=self.at), "internal": internal}
        ).data
        address = reverse("api-business-return-detail", args=[fresh.pk], request=self.request)
        return Response(told, status=status, headers={"Location": address} if status == 201 else None)

    @extend_schema(summary="List returns of businesses, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One return of a business with its match", responses=BusinessReturnDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Announce a return of a business",
        description=(
            "As JSON, or as `text/csv` with a header line and a row for each line; the papers then stand in the query. All lines or none: "
            "every mistake is named by its line. The same lines under the same `reference` give the return that stands."
        ),
        parameters=[
            OpenApiParameter(name, str, description="For CSV.")
            for name in ("customer", "seller", "reference", "po_number", "invoice_number", "delivery_number", "order")
        ],
        request={"application/json": BusinessReturnIn, "text/csv": bytes},
        responses={201: BusinessReturnDetail, 200: PreviewOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        sent: Any = request.data
        if isinstance(sent, bytes):
            query = request.query_params
            told: dict[str, Any] = {
                name: query.get(name, "")[:61]
                for name in (
                    "customer",
                    "seller",
                    "reference",
                    "po_number",
                    "invoice_number",
                    "delivery_number",
                    "order",
                )
            }
            told |= {"boxes": None, "preview": False, "lines": lines.read_csv(io.BytesIO(sent))}
        else:
            told = self.read(request, BusinessReturnIn)
            told["lines"] = [Told(row=place, **line) for place, line in enumerate(told["lines"], 1)]
        announcement = Announcement(
            customer=self._organization(told.get("customer"), "customer"),
            seller=self._organization(told.get("seller"), "seller"),
            papers=Papers(
                po=told["po_number"],
                invoice=told["invoice_number"],
                delivery=told["delivery_number"],
                order=told["order"],
            ),
            reference=told["reference"],
            boxes=told["boxes"],
            lines=told["lines"],
        )
        if told["preview"]:
            found = announcing.propose(announcement, by=self.actor, at=self.at)
            preview = SimpleNamespace(
                lines=len(found.pieces),
                quantity=found.quantity,
                amount=found.amount,
                currency=found.currency,
                approvals=found.steps,
            )
            return Response(PreviewOut(preview).data)
        return self._shown(announcing.announce(announcement, origin=Origin.API, by=self.actor, at=self.at), status=201)

    def _organization(self, code: str | None, name: str) -> Organization:
        """The one that is named; the key's own where none is. Only those who have to do with each other are found."""
        rows = Organization.objects.filter(active=True)
        found = rows.filter(code=code).first() if code else rows.filter(pk__in=[self.actor.organization_id]).first()
        if found is None:
            raise BadInput(Reason(f"unknown_{name}", _("There is no organization %s.") % (code or "")[:40], name))
        return found

    @extend_schema(
        summary="Take in an X12 interchange of transaction sets 180",
        description=(
            "Each set that can be read becomes a return, once: the same interchange again gives the returns that stand. Sets that can't be "
            "read are rejected by the 997, and named in `problems`; where none can be, the answer is 422. A 997 or TA1 says "
            "what became of those that we sent."
        ),
        request={"application/edi-x12": bytes},
        responses=InterchangeOut,
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def edi(self, request: Request) -> Response:
        sent: Any = request.data
        if not isinstance(sent, bytes):
            raise BadInput(Reason("media_type", _("Send the interchange as application/edi-x12."), "body"))
        done = edi.take_in(sent, by=self.actor, at=self.at)
        told = {
            "control": done.interchange.control,
            "known": done.known,
            "returns": [rma.number for rma in done.rmas],
            "verdict": done.interchange.verdict or Verdict.ACCEPTED,
            "problems": list(done.problems),
        }
        return Response(InterchangeOut(told).data)

    @extend_schema(
        summary="The authorization of an approved return as an X12 interchange",
        description="Made once under a control number of its own; asked again, the one that stands.",
        request=None,
        responses=AuthorizationOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def authorize(self, request: Request, pk: str) -> Response:
        rma = self.get_object()
        row = edi.authorize(rma.business, by=self.actor, at=self.at)
        told = {"control": row.control, "interchange": artifacts.read(row.artifact).decode()}
        return Response(AuthorizationOut(told).data)
