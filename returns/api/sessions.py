"""Receiving sessions over the API: read, begun and closed; a bench scale or a camera's software posts a weight."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from returns.models import Against, ReceivingSession, SessionLine, SessionStatus, Unpacked, VendorReturn
from returns.queries import sessions as queries
from returns.services.sessions import closing, opening, taking
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.scanning import weights


class SessionLineOut(Output):
    id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=Unpacked.choices)
    device = serializers.CharField(source="device.tag", allow_null=True, default=None, help_text="Tag of the unit.")
    rma = serializers.CharField(source="unit.line.rma.number", allow_null=True, default=None)
    expected = serializers.CharField()
    found = serializers.CharField()
    quantity = serializers.IntegerField()
    grams = serializers.IntegerField(allow_null=True)
    parts = serializers.DictField(
        child=serializers.BooleanField(), help_text="What belongs to it, and whether it came."
    )
    photos = serializers.SerializerMethodField(help_text="Digests (SHA-256) of its photos.")
    at = serializers.DateTimeField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_photos(self, line: SessionLine) -> list[str]:
        return [one.artifact_id for one in line.photos.all()]


class ReceivingSessionOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `RS-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    station = serializers.CharField(source="station.name", allow_null=True, default=None)
    place = serializers.CharField(source="place.code", allow_null=True, default=None)
    against = serializers.ChoiceField(choices=Against.choices)
    client = serializers.CharField(source="client.code", allow_null=True, default=None)
    vendor_return = serializers.CharField(source="vendor_return.number", allow_null=True, default=None)
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    handed_to = serializers.CharField(help_text="The shelf where it stands; empty where a person took it over.")
    document = serializers.CharField(source="document.number", allow_null=True, default=None)
    received = serializers.IntegerField()
    differing = serializers.IntegerField(help_text="How many were not as announced.")


class ReceivingSessionDetail(ReceivingSessionOut):
    lines = serializers.SerializerMethodField()

    @extend_schema_field(SessionLineOut(many=True))
    def get_lines(self, row: ReceivingSession) -> list[dict[str, Any]]:
        return [dict(one) for one in SessionLineOut(queries.lines_of(row), many=True).data]


class ReceivingSessionIn(Input):
    hub = serializers.SlugField(max_length=40, help_text="Code of the site.")
    against = serializers.ChoiceField(
        choices=Against.choices,
        required=False,
        default=None,
        help_text="What the delivery is compared with: announced returns where it isn't given.",
    )
    client = serializers.SlugField(max_length=40, required=False, default="", allow_blank=True)
    vendor_return = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class CloseSessionIn(Input):
    whole = serializers.BooleanField(
        required=False, default=False, help_text="All of the delivery was here: what is still on the list is missing."
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class WeightIn(Input):
    line = serializers.UUIDField(help_text="Which thing of the session.")
    reading = serializers.CharField(
        max_length=60,
        help_text="The scale's own line: `S S     12.345 kg` (SICS), `ST,GS,+  12.345kg` (A&D), or `W 12.345 kg`.",
    )


class ReceivingSessionFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=SessionStatus.choices, distinct=False)
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class ReceivingSessionsEndpoint(mixins.ListModelMixin, Endpoint):
    """What was unpacked in one go by one person or system. Each is named in addresses by its id or its number."""

    scopes = {"read": "rmas:read", "create": "moves:write", "close": "moves:write", "weigh": "moves:write"}
    tag = "receiving-sessions"
    order = ("opened_at", "id")
    queryset = ReceivingSession.objects.all()
    serializer_class = ReceivingSessionOut
    filterset_class = ReceivingSessionFilter

    @override
    def get_queryset(self) -> QuerySet[ReceivingSession]:
        rows: QuerySet[ReceivingSession] = queries.sessions(self.actor).select_related("document")
        return rows

    @override
    def get_object(self) -> ReceivingSession:
        name = str(self.kwargs["pk"])
        rows = self.get_queryset()
        if number := ids.normal(name, opening.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, row: ReceivingSession, *, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=row.pk)
        address = reverse("api-receiving-session-detail", args=[row.pk], request=self.request)
        headers = {"Location": address} if status == 201 else None
        return Response(ReceivingSessionDetail(fresh).data, status=status, headers=headers)

    @extend_schema(summary="List receiving sessions, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One receiving session, thing by thing", responses=ReceivingSessionDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Begin a session",
        description="Where one is open already for this key at this site, that one is given; "
        "refused where it is compared with something else than is asked for.",
        request=ReceivingSessionIn,
        responses={201: ReceivingSessionDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, ReceivingSessionIn)
        hub = Hub.objects.visible_to(self.actor).filter(code=told["hub"], active=True).first()
        if hub is None:
            raise BadInput(Reason("unknown_hub", _("There is no site %s.") % told["hub"], "hub"))
        client = Organization.objects.visible_to(self.actor).filter(code=told["client"]).first()
        rtv = VendorReturn.objects.visible_to(self.actor).filter(number=told["vendor_return"]).first()
        row, _fresh = opening.open_session(
            hub=hub, against=told["against"], client=client, vendor_return=rtv, by=self.actor, at=self.at
        )
        return self._shown(row, status=201)

    @extend_schema(
        summary="Close a session",
        description="Refused while photos are missing. What its returns expect and no parcel can bring any more is missing. "
        "One in which nothing was received ends by this: there is nothing to sign for.",
        request=CloseSessionIn,
        responses=ReceivingSessionDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        told = self.read(request, CloseSessionIn)
        row = closing.close(self.get_object(), whole=told["whole"], note=told["note"], by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(
        summary="Weigh one thing of a session", request=WeightIn, responses=ReceivingSessionDetail, filters=False
    )
    @action(detail=True, methods=["post"])
    def weigh(self, request: Request, pk: str) -> Response:
        told = self.read(request, WeightIn)
        weight = weights.read(told["reading"])
        if weight is None or not weight.resting:
            raise BadInput(Reason("reading", _("That is no weight at rest."), "reading"))
        row = self.get_object()
        taking.weigh(row, told["line"], grams=weight.grams, how="scale", by=self.actor, at=self.at)
        return self._shown(row)
