"""Claims to suppliers over the API: prepared, sent and answered; a supplier's own key reads those to them."""

from __future__ import annotations

import uuid
from decimal import Decimal
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

from returns.models import ClaimAsks, ClaimStatus, SupplierClaim
from returns.services import supplier_claims as claims
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices.models import Device


class SupplierClaimOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `WC-7K3M-9QXA`.")
    device = serializers.CharField(source="device.tag", help_text="Tag of the unit.")
    supplier = serializers.CharField(source="supplier.code")
    asks = serializers.ChoiceField(choices=ClaimAsks.choices)
    defect = serializers.CharField()
    amount = MoneyField()
    granted = MoneyField(help_text="Null until it is answered.")
    status = serializers.ChoiceField(choices=ClaimStatus.choices)
    theirs = serializers.CharField(help_text="The supplier's number of it.")
    drafted_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    answer_by = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()


class SupplierClaimIn(Input):
    device = serializers.CharField(max_length=20, help_text="Tag of the unit.")
    supplier = serializers.SlugField(max_length=40, help_text="Code of the organization that is to pay.")
    asks = serializers.ChoiceField(choices=ClaimAsks.choices)
    defect = serializers.CharField(max_length=500, help_text="What is wrong, as the supplier reads it.")
    amount = serializers.DecimalField(max_digits=11, decimal_places=2, min_value=Decimal("0.01"))
    currency = serializers.CharField(max_length=3, required=False, default="EUR")


class SendIn(Input):
    theirs = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class ClaimAnswerIn(Input):
    granted = serializers.DecimalField(max_digits=11, decimal_places=2, min_value=Decimal(0))
    text = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="Why, where not all of it is granted."
    )
    theirs = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class SupplierClaimFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=ClaimStatus.choices, distinct=False)
    supplier = django_filters.CharFilter(field_name="supplier__code", max_length=40)
    drafted_after = django_filters.IsoDateTimeFilter(
        field_name="drafted_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class SupplierClaimsEndpoint(mixins.ListModelMixin, Endpoint):
    """Claims to suppliers. Each is named in addresses by its id or its number."""

    scopes = {"read": "claims:read", "create": "claims:write", "send": "claims:write", "answer": "claims:write"}
    tag = "supplier-claims"
    order = ("drafted_at", "id")
    queryset = SupplierClaim.objects.select_related("device", "supplier")
    serializer_class = SupplierClaimOut
    filterset_class = SupplierClaimFilter

    @override
    def get_object(self) -> SupplierClaim:
        name = str(self.kwargs["pk"])
        rows: QuerySet[SupplierClaim] = self.get_queryset()
        if number := ids.normal(name, claims.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, claim: SupplierClaim, *, status: int = 200) -> Response:
        fresh = SupplierClaim.objects.select_related("device", "supplier").get(pk=claim.pk)
        address = reverse("api-supplier-claim-detail", args=[claim.pk], request=self.request)
        headers = {"Location": address} if status == 201 else None
        return Response(SupplierClaimOut(fresh).data, status=status, headers=headers)

    @extend_schema(summary="List claims to suppliers, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One claim to a supplier", responses=SupplierClaimOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Prepare a claim",
        description="For a unit that you may see; one that is open with the same supplier for this visit is refused by its number.",
        request=SupplierClaimIn,
        responses={201: SupplierClaimOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, SupplierClaimIn)
        device = Device.objects.visible_to(self.actor).filter(tag=told["device"].strip().upper()).first()
        if device is None:
            raise BadInput(Reason("unknown_device", _("There is no unit %s.") % told["device"], "device"))
        suppliers = Organization.objects.visible_to(self.actor).filter(kind=OrganizationKind.SUPPLIER)
        supplier = suppliers.filter(code=told["supplier"]).first()
        if supplier is None:
            raise BadInput(Reason("unknown_supplier", _("There is no supplier %s.") % told["supplier"], "supplier"))
        made = claims.draft(
            device, supplier=supplier, asks=told["asks"], defect=told["defect"], amount=told["amount"],
            currency=told["currency"], by=self.actor, at=self.at,
        )  # fmt: skip
        return self._shown(made, status=201)

    @extend_schema(
        summary="Say that a claim was sent",
        description="From now the supplier's days run, and the amount stands in the book of whose the unit is.",
        request=SendIn,
        responses=SupplierClaimOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        told = self.read(request, SendIn)
        return self._shown(claims.send(self.get_object(), theirs=told["theirs"], by=self.actor, at=self.at))

    @extend_schema(
        summary="Write the supplier's answer down",
        description="What isn't granted is written off in the same book, once.",
        request=ClaimAnswerIn,
        responses=SupplierClaimOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        told = self.read(request, ClaimAnswerIn)
        row = claims.answer(
            self.get_object(),
            granted=told["granted"],
            text=told["text"],
            theirs=told["theirs"],
            by=self.actor,
            at=self.at,
        )
        return self._shown(row)
