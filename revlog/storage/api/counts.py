"""Counts over the API: asked for and read, and a whole walk sent in by what reads tags by itself (a gate, a cart, a drone)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.actors import ActorKind
from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices.identifiers import TAG_PREFIX
from revlog.devices.models import Location
from revlog.storage.api.places import key, named, site
from revlog.storage.models import Count, CountState, CountWhy, Difference, DifferenceKind
from revlog.storage.models.counts import CURRENT
from revlog.storage.queries import containers
from revlog.storage.queries import counts as queries
from revlog.storage.services.counts import asking, boxes, keeping, walking


class DifferenceOut(Output):
    kind = serializers.ChoiceField(choices=DifferenceKind.choices)
    device = serializers.CharField(source="device.tag", allow_null=True, default=None, help_text="Tag of the unit.")
    container = serializers.CharField(
        source="container.code", allow_null=True, default=None, help_text="Number of the container."
    )
    code = serializers.CharField(help_text="What stood on it, where nobody knows it.")
    belongs = serializers.CharField(source="belongs.code", allow_null=True, default=None, help_text="By the books.")
    expected = serializers.IntegerField()
    counted = serializers.IntegerField()
    value = MoneyField(help_text="What isn't there, at its expected value.")
    outcome = serializers.CharField(help_text="missing, here, back, adjusted or left; empty until it is settled.")
    note = serializers.CharField()


class WalkOut(Output):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    begun_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    dropped_at = serializers.DateTimeField(allow_null=True)
    expected = serializers.IntegerField()
    right = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="Came, went or were fetched meanwhile: no difference.")


class CountOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `CN-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    place = serializers.CharField(source="place.code")
    state = serializers.ChoiceField(choices=CountState.choices)
    why = serializers.ChoiceField(choices=CountWhy.choices)
    due_at = serializers.DateTimeField(allow_null=True)
    requested_at = serializers.DateTimeField()
    differs_since = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    expected = serializers.IntegerField()
    right = serializers.IntegerField()
    missing = serializers.IntegerField()
    extra = serializers.IntegerField()
    wrong = serializers.IntegerField(help_text="Counted lots in another number.")
    unknown = serializers.IntegerField(help_text="Things with a code that nobody knows.")


class CountDetail(CountOut):
    walks = WalkOut(many=True)
    differences = serializers.SerializerMethodField(help_text="Of the last walk that ended.")

    def get_differences(self, row: Count) -> list[dict[str, Any]]:
        found: list[Difference] = queries.differences(queries.last_walk(row))
        return [dict(DifferenceOut(one).data) for one in found]


class CountIn(Input):
    hub = serializers.SlugField(max_length=40, help_text="Code of the site.")
    places = serializers.ListField(
        child=serializers.CharField(max_length=40), min_length=1, max_length=queries.MOST, help_text="Codes of places."
    )
    due_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class SeenIn(Input):
    device = serializers.CharField(max_length=40, help_text="Tag of the unit.")
    pieces = serializers.IntegerField(
        min_value=0, max_value=walking.MOST_PIECES, required=False, help_text="Of a counted lot: how many."
    )


class WalkIn(Input):
    units = serializers.ListField(child=SeenIn(), required=False, default=list, max_length=keeping.MOST_SEEN)
    containers = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=200,
        help_text="Numbers of the containers that stand there: each is one thing, whatever is in it.",
    )  # fmt: skip
    codes = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list, max_length=200,
        help_text="What else was read there, that you know no unit of.",
    )  # fmt: skip


class CountFilter(django_filters.FilterSet):  # type: ignore[misc]
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    place = django_filters.CharFilter(field_name="place__code", lookup_expr="iexact", max_length=40)
    state = django_filters.MultipleChoiceFilter(choices=CountState.choices, distinct=False)
    requested_after = django_filters.IsoDateTimeFilter(
        field_name="requested_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class CountsEndpoint(mixins.ListModelMixin, Endpoint):
    """Counts of places. Each is named in addresses by its id or its number."""

    scopes = {"read": "counts:read", "create": "counts:write", "walk": "counts:write"}
    tag = "counts"
    order = ("requested_at", "id")
    queryset = Count.objects.select_related("hub", "place")
    serializer_class = CountOut
    filterset_class = CountFilter

    @override
    def get_queryset(self) -> QuerySet[Any]:
        """Whoever may still count a place isn't shown here either what is expected: a lead is, and a program that counts by itself."""
        rows: QuerySet[Any] = super().get_queryset()
        blind = self.actor.kind == ActorKind.USER and not self.actor.may("devices.adjust")
        return rows.exclude(state__in=CURRENT) if blind else rows

    @override
    def get_object(self) -> Count:
        rows: QuerySet[Count] = self.get_queryset()
        name = str(self.kwargs["pk"])
        number = ids.normal(name, queries.PREFIX)
        return self.one(rows.filter(number=number) if number is not None else rows.filter(pk=key(name)))

    @extend_schema(summary="List counts, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One count with its walks and differences", responses=CountDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(CountDetail(self.get_object()).data)

    @extend_schema(
        summary="Have places counted",
        description="One count a place; a place that has an open one keeps it and isn't in the answer.",
        request=CountIn,
        responses={201: CountOut(many=True)},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, CountIn)
        hub = site(told["hub"], self.actor)
        codes = {one.upper() for one in told["places"]}
        found = list(Location.objects.filter(hub=hub, code__in=codes).select_related("hub"))
        if lost := sorted(codes - {one.code for one in found}):
            raise BadInput(Reason("unknown_place", _("There is no place %s.") % one, "places") for one in lost[:20])
        rows = asking.request(
            found, hub=hub, why=CountWhy.PLACE, due_at=told["due_at"], assignee=None, by=self.actor, at=self.at
        )
        return Response(CountOut(rows, many=True).data, status=201)

    def _container(self, number: str) -> Location:
        found = containers.known(number, self.actor)
        if found is None:
            raise BadInput(Reason("unknown_container", _("There is no container %s.") % number, "containers"))
        return found.location

    @extend_schema(
        summary="Send in a whole walk",
        description=(
            "All that was read in the place, at once. Without a difference the count is done; with one it waits to be counted again by "
            "another person or key, and for a lead. Who put things there doesn't count them."
        ),
        request=WalkIn,
        responses={201: CountDetail},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def walk(self, request: Request, pk: str) -> Response:
        told = self.read(request, WalkIn)
        row = self.get_object()
        units = named([one["device"] for one in told["units"]], self.actor) if told["units"] else []
        pieces = {ids.normal(one["device"], TAG_PREFIX): one.get("pieces") for one in told["units"]}
        standing = [self._container(one) for one in told["containers"]]
        with transaction.atomic():
            walk = walking.begin(row.place, by=self.actor, at=self.at)
            for unit in units:
                walking.see(walk, unit, pieces=pieces[unit.tag], by=self.actor, at=self.at)
            for container in standing:
                boxes.see(walk, container, by=self.actor, at=self.at)
            for code in told["codes"]:
                walking.note(walk, code, by=self.actor, at=self.at)
            walking.end(walk, by=self.actor, at=self.at)
        return Response(CountDetail(self.get_object()).data, status=201)
