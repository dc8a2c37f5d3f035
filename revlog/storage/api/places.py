"""Places over the API: read, and units put in them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
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
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.devices import identifiers
from revlog.devices.models import Device, Location, LocationKind, Purpose
from revlog.storage.queries import places as queries
from revlog.storage.services import places


class StorePlaceOut(Output):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="Such as `A-04`; unique within its site.")
    hub = serializers.CharField(source="hub.code")
    kind = serializers.ChoiceField(choices=LocationKind.choices)
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent.code", allow_null=True, default=None, help_text="What it stands in."
    )
    purpose = serializers.CharField(help_text="What it is kept for; empty: for whatever comes.")
    client = serializers.CharField(source="client.code", allow_null=True, default=None, help_text="Kept for this one.")
    secured = serializers.BooleanField()
    capacity = serializers.IntegerField(allow_null=True)
    active = serializers.BooleanField()


class StorePlaceDetail(StorePlaceOut):
    units = serializers.SerializerMethodField(help_text="How many units lie in it.")

    def get_units(self, place: Location) -> int:
        return place.devices.count()


class PlacePutIn(Input):
    units = serializers.ListField(
        child=serializers.CharField(max_length=40), min_length=1, max_length=places.MOST, help_text="Their tags."
    )


class PlacePutOut(Output):
    place = StorePlaceOut()
    units = serializers.IntegerField()
    root = serializers.CharField(  # type: ignore[assignment]
        help_text="Merkle root over the digests of the entries on the units' chains."
    )


class PlaceFilter(django_filters.FilterSet):  # type: ignore[misc]
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    code = django_filters.CharFilter(field_name="code", lookup_expr="iexact", max_length=40)
    kind = django_filters.MultipleChoiceFilter(choices=LocationKind.choices, distinct=False)
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices)
    active = django_filters.BooleanFilter()


class PlacesEndpoint(mixins.ListModelMixin, Endpoint):
    """Zones, aisles, bins, benches and docks of one's sites. Each is named in addresses by its id."""

    scopes = {"read": "devices:read", "put": "devices:write"}
    tag = "places"
    queryset = Location.objects.select_related("hub", "parent", "client")
    serializer_class = StorePlaceOut
    filterset_class = PlaceFilter

    @override
    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Location.objects.none()
        return queries.visible(self.actor).select_related("parent", "client")

    @override
    def get_object(self) -> Location:
        rows: QuerySet[Location] = self.get_queryset()
        return self.one(rows.filter(pk=key(str(self.kwargs["pk"]))))

    @extend_schema(summary="List places, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One place", responses=StorePlaceDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(StorePlaceDetail(self.get_object()).data)

    @extend_schema(
        summary="Put units in a place",
        description="All or none; refused with every reason where one of them can't lie there.",
        request=PlacePutIn,
        responses={201: PlacePutOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def put(self, request: Request, pk: str) -> Response:
        told = self.read(request, PlacePutIn)
        place = self.get_object()
        units = named(told["units"], self.actor)
        made = places.put([one.pk for one in units], place, by=self.actor, at=self.at)
        return Response(PlacePutOut({"place": place, "units": len(made.units), "root": made.root}).data, status=201)


def key(text: str) -> uuid.UUID:
    """The id in an address. Raises Http404 for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def named(tags: Sequence[str], by: Actor, *, field: str = "units") -> list[Device]:
    """The units of these tags, in their order. Raises BadInput that names those that the caller has none of."""
    normal = {tag: name.normal_form for tag in tags if (name := identifiers.tag(tag)) is not None}
    rows = Device.objects.visible_to(by).select_related("location", "hub", "owner", "product")
    known = {one.tag: one for one in rows.filter(tag__in=set(normal.values()))}
    lost = [tag for tag in tags if normal.get(tag) not in known]
    if lost:
        raise BadInput(Reason("unknown_unit", _("There is no unit %s.") % tag[:40], field) for tag in lost[:20])
    return [known[one] for one in dict.fromkeys(normal[tag] for tag in tags)]


def site(code: str, by: Actor) -> Hub:
    """One of the caller's sites. Raises BadInput."""
    found = Hub.objects.worked_by(by).filter(code=code, active=True).first()
    if found is None:
        raise BadInput(Reason("unknown_hub", _("There is no site %s.") % code, "hub"))
    return found
