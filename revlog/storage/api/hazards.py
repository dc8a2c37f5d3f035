"""Hazards over the API: read, for the systems of those who work where they were found."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.shapes import Output
from revlog.storage import dangers
from revlog.storage.api.places import key
from revlog.storage.models import (
    Basis,
    HazardCase,
    HazardKind,
    HazardState,
    HazardUnit,
    LookState,
    Reinspection,
    Verdict,
)
from revlog.storage.queries import hazards as queries


class HazardOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `HZ-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    danger = serializers.ChoiceField(source="kind", choices=HazardKind.choices, help_text="What somebody saw.")
    state = serializers.ChoiceField(choices=HazardState.choices)
    device = serializers.CharField(
        source="device.tag", allow_null=True, default=None, help_text="The unit that it is about; none for a place."
    )
    place = serializers.CharField(source="place.code", allow_null=True, default=None, help_text="Where it lay.")
    reported_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="Until when an assessor is to have looked.")
    photo = serializers.SerializerMethodField(help_text="Whether a photo was taken.")
    verdict = serializers.ChoiceField(
        choices=Verdict.choices, allow_blank=True, help_text="Of the unit that it is about, or the worst of all."
    )
    basis = serializers.ChoiceField(choices=Basis.choices, allow_blank=True, help_text="By whose criteria.")
    criteria = serializers.ListField(
        child=serializers.ChoiceField(choices=list(dangers.CRITERIA)), help_text="Which of them are met."
    )
    goods = serializers.CharField(help_text="The UN number; empty where no battery is in it, or nobody assessed it.")
    assessed_at = serializers.DateTimeField(allow_null=True)

    def get_photo(self, row: HazardCase) -> bool:
        return row.photo_id is not None


class HazardUnitOut(Output):
    device = serializers.CharField(source="device.tag", help_text="Tag of the unit.")
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_blank=True)
    packed_as = serializers.CharField(
        source="device.packed_as", help_text="The packing instruction; empty until it is packed for its class."
    )


class HazardLookOut(Output):
    container = serializers.CharField(source="place.code")
    hub = serializers.CharField(source="hub.code")
    state = serializers.ChoiceField(choices=LookState.choices)
    done_at = serializers.DateTimeField(allow_null=True)


class HazardDetail(HazardOut):
    units = serializers.SerializerMethodField(help_text="What it froze, and what was decided of each.")
    places = serializers.SerializerMethodField(help_text="What was frozen with them.")
    looks = serializers.SerializerMethodField(
        help_text="The client's other containers, which are looked into again: those of your sites."
    )

    def get_units(self, row: HazardCase) -> list[dict[str, Any]]:
        found: QuerySet[HazardUnit] = queries.units(row, self.context["actor"])
        return [dict(HazardUnitOut(one).data) for one in found]

    def get_places(self, row: HazardCase) -> list[str]:
        return [one.place.code for one in row.places.select_related("place").order_by("place__code")]

    def get_looks(self, row: HazardCase) -> list[dict[str, Any]]:
        found: QuerySet[Reinspection] = queries.looks_of(row, self.context["actor"])
        return [dict(HazardLookOut(one).data) for one in found]


class HazardFilter(django_filters.FilterSet):  # type: ignore[misc]
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    state = django_filters.MultipleChoiceFilter(choices=HazardState.choices, distinct=False)
    danger = django_filters.MultipleChoiceFilter(field_name="kind", choices=HazardKind.choices, distinct=False)
    verdict = django_filters.MultipleChoiceFilter(choices=Verdict.choices, distinct=False)
    device = django_filters.CharFilter(
        field_name="units__device__tag", max_length=40, help_text="The tag of a unit that it froze."
    )
    reported_after = django_filters.IsoDateTimeFilter(
        field_name="reported_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class HazardsEndpoint(mixins.ListModelMixin, Endpoint):
    """Dangers that somebody reported, what each froze, and the assessor's verdict. Each is named in addresses by its id or its number.

    The verdict itself is a person's, who looks at the thing: it is given on the page.
    """

    scopes = {"read": "devices:read"}
    tag = "hazards"
    order = ("reported_at", "id")
    queryset = HazardCase.objects.select_related("hub", "device", "place")
    serializer_class = HazardOut
    filterset_class = HazardFilter

    @override
    def get_object(self) -> HazardCase:
        rows: QuerySet[HazardCase] = self.get_queryset()
        name = str(self.kwargs["pk"])
        number = ids.normal(name, queries.PREFIX)
        return self.one(rows.filter(number=number) if number is not None else rows.filter(pk=key(name)))

    @extend_schema(summary="List hazards, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="One hazard, with what it froze and what is looked into again", responses=HazardDetail, filters=False
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(HazardDetail(self.get_object(), context={"actor": self.actor}).data)
