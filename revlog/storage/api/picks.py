"""Pick lists over the API: read."""

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
from revlog.storage.api.places import key
from revlog.storage.models import Pick, PickList, PickListState, PickState, PickTarget
from revlog.storage.queries import picks as queries


class PickOut(Output):
    device = serializers.CharField(source="device.tag", help_text="Tag of the unit.")
    place = serializers.CharField(source="place.code", help_text="Where it lay when the list was released.")
    state = serializers.ChoiceField(choices=PickState.choices)
    why_short = serializers.CharField(help_text="missing, damaged or blocked; empty where it was fetched.")
    done_at = serializers.DateTimeField(allow_null=True)


class PickListOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Such as `PK-7K3M-9QXA`.")
    hub = serializers.CharField(source="hub.code")
    target = serializers.ChoiceField(choices=PickTarget.choices)
    state = serializers.ChoiceField(choices=PickListState.choices)
    taken = serializers.SerializerMethodField(help_text="Whether somebody has it.")
    brought_to = serializers.CharField(source="brought_to.code", allow_null=True, default=None)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_taken(self, row: PickList) -> bool:
        return row.assignee_id is not None


class PickListDetail(PickListOut):
    picks = serializers.SerializerMethodField()

    def get_picks(self, row: PickList) -> list[dict[str, Any]]:
        found: list[Pick] = queries.lines(row)
        return [dict(PickOut(one).data) for one in found]


class PickListFilter(django_filters.FilterSet):  # type: ignore[misc]
    hub = django_filters.CharFilter(field_name="hub__code", max_length=40)
    state = django_filters.MultipleChoiceFilter(choices=PickListState.choices, distinct=False)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class PickListsEndpoint(mixins.ListModelMixin, Endpoint):
    """What is fetched from its places for a bench or for shipping. Each is named in addresses by its id or its number."""

    scopes = {"read": "devices:read"}
    tag = "pick-lists"
    order = ("opened_at", "id")
    queryset = PickList.objects.select_related("hub", "brought_to")
    serializer_class = PickListOut
    filterset_class = PickListFilter

    @override
    def get_object(self) -> PickList:
        rows: QuerySet[PickList] = self.get_queryset()
        name = str(self.kwargs["pk"])
        number = ids.normal(name, queries.PREFIX)
        return self.one(rows.filter(number=number) if number is not None else rows.filter(pk=key(name)))

    @extend_schema(summary="List pick lists, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One pick list, in the order of the walk", responses=PickListDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(PickListDetail(self.get_object()).data)
