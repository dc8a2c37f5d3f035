"""The dock over the API: appointments read and made by a carrier's or a planner's system, deliveries read with their exceptions."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.devices.models import Location, LocationKind
from revlog.logistics.models import Appointment, AppointmentStatus, Carrier, Delivery, DeliveryStatus, LineStatus
from revlog.logistics.services import docks


class AppointmentOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `AP-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    carrier = serializers.CharField(source="carrier.code")
    door = serializers.CharField(source="door.code", allow_null=True, default=None, help_text="Null: any door.")
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    parcels = serializers.IntegerField()
    pallets = serializers.IntegerField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=AppointmentStatus.choices)
    arrived_at = serializers.DateTimeField(allow_null=True)


class AppointmentIn(Input):
    hub = serializers.SlugField(max_length=40, help_text="Code of the site.")
    carrier = serializers.SlugField(max_length=40)
    door = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    parcels = serializers.IntegerField(min_value=0, max_value=docks.MOST, required=False, default=0)
    pallets = serializers.IntegerField(min_value=0, max_value=docks.MOST, required=False, default=0)
    reference = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="What the carrier calls it; no name."
    )


class AppointmentFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=AppointmentStatus.choices, distinct=False)
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    begins_after = django_filters.IsoDateTimeFilter(
        field_name="begins_at", lookup_expr="gt", help_text="Only what begins later than this moment."
    )


class AppointmentsEndpoint(mixins.ListModelMixin, Endpoint):
    """Appointments of trucks at the doors of a site. Each is named in addresses by its id."""

    scopes = {"read": "shipments:read", "create": "shipments:write"}
    tag = "appointments"
    order = ("begins_at", "id")
    queryset = Appointment.objects.select_related("hub", "carrier", "door")
    serializer_class = AppointmentOut
    filterset_class = AppointmentFilter

    @override
    def get_object(self) -> Appointment:
        rows: QuerySet[Appointment] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List appointments, latest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One appointment", responses=AppointmentOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(AppointmentOut(self.get_object()).data)

    @extend_schema(
        summary="Plan a truck",
        description="Refused where the door is taken in that window.",
        request=AppointmentIn,
        responses={201: AppointmentOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, AppointmentIn)
        hub = Hub.objects.visible_to(self.actor).filter(code=told["hub"], active=True).first()
        carrier = Carrier.objects.filter(code=told["carrier"], active=True).first()
        door = Location.objects.filter(hub=hub, code__iexact=told["door"], kind=LocationKind.DOCK).first()
        found = []
        if hub is None:
            found.append(Reason("unknown_hub", _("There is no site %s.") % told["hub"], "hub"))
        if carrier is None:
            found.append(Reason("unknown_carrier", _("There is no carrier %s.") % told["carrier"], "carrier"))
        if told["door"] and door is None:
            found.append(Reason("unknown_door", _("There is no door %s.") % told["door"], "door"))
        if found or hub is None or carrier is None:
            raise BadInput(found)
        names = ("begins_at", "ends_at", "parcels", "pallets", "reference")
        row = docks.plan(
            hub=hub, carrier=carrier, door=door, **{name: told[name] for name in names}, by=self.actor, at=self.at
        )
        address = reverse("api-appointment-detail", args=[row.pk], request=request)
        return Response(AppointmentOut(row).data, status=201, headers={"Location": address})


class DeliveredOut(Output):
    tracking = serializers.CharField()
    status = serializers.ChoiceField(choices=LineStatus.choices)
    odd = serializers.CharField(
        source="why", help_text="unlisted, other_carrier, other_hub, unknown or gone; empty when nothing is odd."
    )
    damaged = serializers.BooleanField()
    scanned_at = serializers.DateTimeField(allow_null=True)


class DeliveryOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `DL-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    carrier = serializers.CharField(source="carrier.code")
    door = serializers.CharField(source="door.code", allow_null=True, default=None)
    appointment = serializers.CharField(source="appointment.number", allow_null=True, default=None)
    reference = serializers.CharField()
    expected = serializers.IntegerField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    begun_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    signed = serializers.SerializerMethodField()
    parcels = DeliveredOut(source="lines", many=True)

    def get_signed(self, row: Delivery) -> bool:
        return row.signature_id is not None


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=DeliveryStatus.choices, distinct=False)
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    begun_after = django_filters.IsoDateTimeFilter(
        field_name="begun_at", lookup_expr="gt", help_text="Only what was begun later than this moment."
    )


class DeliveriesEndpoint(mixins.ListModelMixin, Endpoint):
    """What trucks brought, parcel by parcel. Each is named in addresses by its id."""

    scopes = {"read": "shipments:read"}
    tag = "deliveries"
    order = ("begun_at", "id")
    queryset = Delivery.objects.select_related("hub", "carrier", "door", "appointment").prefetch_related("lines")
    serializer_class = DeliveryOut
    filterset_class = DeliveryFilter

    @override
    def get_object(self) -> Delivery:
        rows: QuerySet[Delivery] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List deliveries, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One delivery", responses=DeliveryOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(DeliveryOut(self.get_object()).data)
