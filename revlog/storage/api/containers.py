"""Containers over the API: read, and moved with all that is in them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.devices.models import Location
from revlog.storage.api.places import key, site
from revlog.storage.models import Container, ContainerKind, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import keeping, moving


class ContainerOut(Output):
    id = serializers.UUIDField(source="location_id")
    number = serializers.CharField(help_text="Such as `CT-7K3M-9QXA`.")
    kind = serializers.ChoiceField(choices=ContainerKind.choices)
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="The GRAI or SSCC on it; empty where it has none."
    )
    state = serializers.ChoiceField(choices=ContainerState.choices)
    hub = serializers.CharField(source="location.hub.code")
    place = serializers.CharField(
        source="location.parent.code", allow_null=True, default=None, help_text="Where it stands."
    )
    client = serializers.CharField(source="location.client.code", allow_null=True, default=None)
    secured = serializers.BooleanField(source="location.secured")
    capacity = serializers.IntegerField(source="location.capacity", allow_null=True)
    owner = serializers.CharField(source="owner.code")
    tare_grams = serializers.IntegerField(allow_null=True)
    gross_grams = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()


class ContainerDetail(ContainerOut):
    path = serializers.SerializerMethodField(help_text="The way there: `CAGE > PAL-3`.")
    units = serializers.SerializerMethodField(help_text="How many units are in it, whatever the depth.")
    seals = serializers.SerializerMethodField(help_text="The seals that are on it.")

    def get_path(self, row: Container) -> str:
        return reads.path(row.location.parent_id)

    def get_units(self, row: Container) -> int:
        return keeping.contents(row).units

    def get_seals(self, row: Container) -> list[str]:
        return list(row.seals.filter(broken_at=None).order_by("put_at").values_list("number", flat=True))


class ContainerMoveIn(Input):
    place = serializers.CharField(max_length=40, help_text="Code of the place or container where it goes.")
    hub = serializers.SlugField(max_length=40, required=False, help_text="Site of that place, when it is another one.")
    seen_at = serializers.CharField(
        max_length=40, required=False,
        help_text="Code of the place where you saw it: refused when somebody has moved it since.",
    )  # fmt: skip


class ContainerFilter(django_filters.FilterSet):  # type: ignore[misc]
    hub = django_filters.CharFilter(field_name="location__hub__code", max_length=40)
    kind = django_filters.MultipleChoiceFilter(choices=ContainerKind.choices, distinct=False)
    state = django_filters.MultipleChoiceFilter(choices=ContainerState.choices, distinct=False)
    label = django_filters.CharFilter(field_name="label", max_length=60)
    place = django_filters.CharFilter(
        field_name="location__parent__code", lookup_expr="iexact", max_length=40, help_text="Standing in this place."
    )


class ContainersEndpoint(mixins.ListModelMixin, Endpoint):
    """Totes, cages, pallets, gaylords and boxes of one's sites. Each is named in addresses by its id, its number or its label."""

    scopes = {"read": "devices:read", "move": "devices:write"}
    tag = "containers"
    order = ("made_at", "location_id")
    queryset = Container.objects.select_related("location__hub", "location__parent", "location__client", "owner")
    serializer_class = ContainerOut
    filterset_class = ContainerFilter

    @override
    def get_object(self) -> Container:
        rows: QuerySet[Container] = self.get_queryset()
        name = str(self.kwargs["pk"])
        number = ids.normal(name, reads.PREFIX) or name.strip().upper()
        told = Q(number=number) | Q(label=name) if name else Q(pk=None)
        found = rows.filter(told).first()
        return found if found is not None else self.one(rows.filter(pk=key(name)))

    @extend_schema(summary="List containers, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One container, and how much is in it", responses=ContainerDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(ContainerDetail(self.get_object()).data)

    @extend_schema(
        summary="Move a container with all that is in it",
        description="One step, whatever is inside. Refused with every reason; moved to where it stands already, nothing is written.",
        request=ContainerMoveIn,
        responses=ContainerDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        told = self.read(request, ContainerMoveIn)
        row = self.get_object()
        hub = site(told["hub"], self.actor) if "hub" in told else row.location.hub
        place = Location.objects.filter(hub=hub, code__iexact=told["place"]).select_related("hub").first()
        if place is None:
            raise BadInput(Reason("unknown_place", _("There is no place %s there.") % told["place"], "place"))
        moving.move(row, place, seen_at=told.get("seen_at"), by=self.actor, at=self.at)
        return Response(ContainerDetail(self.get_object()).data)
