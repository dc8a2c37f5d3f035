"""Returns to vendors over the API: prepared, asked for, shipped by us; authorized, refused and credited also by the vendor's own key."""

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

from returns.models import RtvStatus, VendorReturn
from returns.services.vendors import asking, crediting, partly, returning, sending
from returns.services.vendors.partly import Taken
from returns.services.vendors.returning import Piece
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices.models import Device


class VendorReturnLineOut(Output):
    position = serializers.IntegerField()
    device = serializers.CharField(source="device.tag", help_text="Tag of the unit or lot.")
    reason = serializers.CharField(help_text="overstock, obsolete, seasonal, perishable, expired or defective.")
    quantity = serializers.IntegerField()
    price = MoneyField(help_text="What one piece was bought for.")
    order = serializers.CharField(source="order_number", help_text="Our purchase order; empty where none is known.")
    expected = MoneyField()
    credited = MoneyField()
    written_off = MoneyField(help_text="Null until the return is closed.")


class VendorCreditOut(Output):
    number = serializers.CharField()
    amount = MoneyField()
    given_on = serializers.DateField()


class VendorReturnOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `RTV-2026-000001`.")
    supplier = serializers.CharField(source="supplier.code")
    hub = serializers.CharField(source="hub.code")
    agreement = serializers.IntegerField(source="agreement.version", help_text="Version of the agreement it is under.")
    status = serializers.ChoiceField(choices=RtvStatus.choices)
    currency = serializers.CharField()
    theirs = serializers.CharField(help_text="The vendor's number of it.")
    until = serializers.DateField(allow_null=True, help_text="The last day on which the vendor takes it.")
    drafted_at = serializers.DateTimeField()
    asked_at = serializers.DateTimeField(allow_null=True)
    answer_by = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    credit_by = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    lines = VendorReturnLineOut(many=True)
    credits = VendorCreditOut(many=True)


class PieceIn(Input):
    device = serializers.CharField(max_length=20, help_text="Tag of a unit or lot whose way is back to its vendor.")
    pieces = serializers.IntegerField(min_value=1, required=False, help_text="Of a lot; all, when left out.")
    price = serializers.DecimalField(
        max_digits=11, decimal_places=2, min_value=Decimal(0), required=False, help_text="Where no purchase is known."
    )


class VendorReturnIn(Input):
    supplier = serializers.SlugField(max_length=40)
    hub = serializers.SlugField(max_length=40, help_text="Code of the site that it leaves from.")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    lines = serializers.ListField(child=PieceIn(), min_length=1, max_length=returning.MOST_LINES)


class NothingIn(Input):
    pass


class TakenIn(Input):
    position = serializers.IntegerField(min_value=1)
    pieces = serializers.IntegerField(min_value=0, required=False, help_text="All, when left out; 0 for none.")
    credit = serializers.DecimalField(
        max_digits=11, decimal_places=2, min_value=Decimal(0), required=False, help_text="As expected, when left out."
    )


class AuthorizeIn(Input):
    theirs = serializers.CharField(max_length=60, help_text="The vendor's number of it.")
    until = serializers.DateField(required=False, allow_null=True, default=None)
    lines = serializers.ListField(
        child=TakenIn(), required=False, default=list, max_length=returning.MOST_LINES,
        help_text="Where not all of it is taken as asked: the lines that differ.",
    )  # fmt: skip
    why = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class VendorWhyIn(Input):
    why = serializers.CharField(max_length=300)


class PackIn(Input):
    parcels = serializers.IntegerField(min_value=1, max_value=99, required=False, default=1)


class ShipIn(Input):
    tracking = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class CreditIn(Input):
    number = serializers.CharField(max_length=60, help_text="Of the vendor's credit note: the same number counts once.")
    amount = serializers.DecimalField(max_digits=11, decimal_places=2, min_value=Decimal("0.01"))
    given_on = serializers.DateField(required=False, allow_null=True, default=None)


class VendorReturnFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=RtvStatus.choices, distinct=False)
    supplier = django_filters.CharFilter(field_name="supplier__code", max_length=40)
    drafted_after = django_filters.IsoDateTimeFilter(
        field_name="drafted_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class VendorReturnsEndpoint(mixins.ListModelMixin, Endpoint):
    """Returns to vendors. Each is named in addresses by its id or its number."""

    scopes = {
        "read": "rtvs:read",
        "create": "rtvs:write",
        "ask": "rtvs:write",
        "authorize": "rtvs:answer",
        "refuse": "rtvs:answer",
        "pack": "rtvs:write",
        "ship": "rtvs:write",
        "credit": "rtvs:answer",
        "close": "rtvs:write",
    }
    tag = "vendor-returns"
    order = ("drafted_at", "id")
    queryset = VendorReturn.objects.select_related("supplier", "hub", "agreement").prefetch_related(
        "lines__device", "credits"
    )
    serializer_class = VendorReturnOut
    filterset_class = VendorReturnFilter

    @override
    def get_object(self) -> VendorReturn:
        name = str(self.kwargs["pk"])
        rows: QuerySet[VendorReturn] = self.get_queryset()
        if name.upper().startswith(f"{returning.SERIES}-"):
            return self.one(rows.filter(number=name.upper()))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, rtv: VendorReturn, *, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=rtv.pk)
        address = reverse("api-vendor-return-detail", args=[rtv.pk], request=self.request)
        headers = {"Location": address} if status == 201 else None
        return Response(VendorReturnOut(fresh).data, status=status, headers=headers)

    @extend_schema(summary="List returns to vendors, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One return to a vendor", responses=VendorReturnOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Prepare a return to a vendor",
        description="Under the agreement that holds today; every unit that can't go is named with its reasons, and nothing is made.",
        request=VendorReturnIn,
        responses={201: VendorReturnOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, VendorReturnIn)
        suppliers = Organization.objects.visible_to(self.actor).filter(kind=OrganizationKind.SUPPLIER)
        supplier = suppliers.filter(code=told["supplier"]).first()
        hub = Hub.objects.filter(code=told["hub"], active=True).first()
        tags = {one["device"].strip().upper() for one in told["lines"]}
        devices = {one.tag: one for one in Device.objects.visible_to(self.actor).filter(tag__in=tags)}
        found = []
        if supplier is None:
            found.append(Reason("unknown_supplier", _("There is no supplier %s.") % told["supplier"], "supplier"))
        if hub is None:
            found.append(Reason("unknown_hub", _("There is no site %s.") % told["hub"], "hub"))
        found += [
            Reason("unknown_device", _("There is no unit %s.") % tag, "lines") for tag in sorted(tags - set(devices))
        ]
        if found or supplier is None or hub is None:
            raise BadInput(found)
        pieces = [
            Piece(device=devices[one["device"].strip().upper()], pieces=one.get("pieces"), price=one.get("price"))
            for one in told["lines"]
        ]
        made = returning.draft(supplier, pieces, hub=hub, note=told["note"], by=self.actor, at=self.at)
        return self._shown(made, status=201)

    @extend_schema(
        summary="Ask the vendor to take it",
        description="Its part of the quota is taken now; beyond the quota it is refused.",
        request=NothingIn,
        responses=VendorReturnOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        self.read(request, NothingIn)
        return self._shown(asking.ask(self.get_object(), by=self.actor, at=self.at))

    @extend_schema(
        summary="The vendor takes it, all or a part",
        description="What isn't taken is a refused return of its own, and goes the next best way.",
        request=AuthorizeIn,
        responses=VendorReturnOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def authorize(self, request: Request, pk: str) -> Response:
        told = self.read(request, AuthorizeIn)
        rtv = self.get_object()
        if told["lines"]:
            taken = [Taken(**one) for one in told["lines"]]
            row = partly.authorize(
                rtv, theirs=told["theirs"], taken=taken, why=told["why"], until=told["until"], by=self.actor, at=self.at
            )
        else:
            row = asking.authorize(rtv, theirs=told["theirs"], until=told["until"], by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(summary="The vendor doesn't take it", request=VendorWhyIn, responses=VendorReturnOut, filters=False)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        told = self.read(request, VendorWhyIn)
        return self._shown(asking.refuse(self.get_object(), why=told["why"], by=self.actor, at=self.at))

    @extend_schema(summary="It is packed", request=PackIn, responses=VendorReturnOut, filters=False)
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> Response:
        told = self.read(request, PackIn)
        return self._shown(sending.pack(self.get_object(), parcels=told["parcels"], by=self.actor, at=self.at))

    @extend_schema(
        summary="It leaves",
        description="One outbound shipment; what the goods cost stands as claim in the book of whose they were.",
        request=ShipIn,
        responses=VendorReturnOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: str) -> Response:
        told = self.read(request, ShipIn)
        return self._shown(sending.ship(self.get_object(), tracking=told["tracking"], by=self.actor, at=self.at))

    @extend_schema(
        summary="Write one credit of the vendor down",
        description="Shared among the lines by what each still waits for; never more than they owe, and each paper once.",
        request=CreditIn,
        responses=VendorReturnOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def credit(self, request: Request, pk: str) -> Response:
        told = self.read(request, CreditIn)
        row = self.get_object()
        crediting.credit(
            row, number=told["number"], amount=told["amount"], given_on=told["given_on"], by=self.actor, at=self.at
        )
        return self._shown(row)

    @extend_schema(
        summary="Close it",
        description="What the goods cost beyond the credit is written off in the same book, once.",
        request=VendorWhyIn,
        responses=VendorReturnOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        told = self.read(request, VendorWhyIn)
        return self._shown(crediting.close(self.get_object(), why=told["why"], by=self.actor, at=self.at))
