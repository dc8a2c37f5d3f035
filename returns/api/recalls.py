"""Recalls over the API: which run, how far each is, and every unit that was found. Only read: they are opened by two people on pages."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from returns.models import Recall, RecallStatus, RecallUnit
from returns.models.recalls import Answer, Made, RecallKind, Remedy, Severity
from returns.queries import recalls as reads
from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.shapes import Output


class RecallOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `RC-7K3M-9QXA`.")
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=RecallKind.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    remedy = serializers.ChoiceField(choices=Remedy.choices)
    mock = serializers.BooleanField(help_text="A rehearsal: it stops nothing and writes to nobody.")
    status = serializers.ChoiceField(choices=RecallStatus.choices)
    issued_by = serializers.CharField()
    starts_on = serializers.DateField()
    target_percent = serializers.IntegerField(help_text="How much of it is to be done by `target_on`.")
    target_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField(help_text="Of its range; a later one only adds.")
    opened_at = serializers.DateTimeField(allow_null=True)
    searched_at = serializers.DateTimeField(
        source="swept_at", allow_null=True, help_text="When everything was searched last; while it runs, each night."
    )
    closed_at = serializers.DateTimeField(allow_null=True)


class RecallTallyOut(Output):
    found = serializers.IntegerField(help_text="Pieces in the range, of those that you may see.")
    held = serializers.IntegerField()
    contacted = serializers.IntegerField()
    answered = serializers.IntegerField()
    returned = serializers.IntegerField()
    remedied = serializers.IntegerField(help_text="Made good, or shown not to be affected.")
    unreachable = serializers.IntegerField()
    located = serializers.IntegerField()
    closure_percent = serializers.IntegerField(source="rate", help_text="Remedied of found; unreachable isn't done.")


class RecallDayOut(Output):
    day = serializers.DateField()
    found = serializers.IntegerField()
    done = serializers.IntegerField()
    closure_percent = serializers.IntegerField(source="rate")


class RecallDetail(RecallOut):
    why = serializers.CharField()
    what_to_do = serializers.CharField(help_text="What owners are told.")
    tally = serializers.SerializerMethodField()
    days = serializers.SerializerMethodField(help_text="The closure rate on the days on which something changed.")

    @extend_schema_field(RecallTallyOut)
    def get_tally(self, recall: Recall) -> dict[str, Any]:
        return dict(RecallTallyOut(reads.tally(recall, actor=self.context["actor"])).data)

    @extend_schema_field(RecallDayOut(many=True))
    def get_days(self, recall: Recall) -> list[Any]:
        return list(RecallDayOut(reads.over_time(recall, actor=self.context["actor"]), many=True).data)


class RecallUnitOut(Output):
    id = serializers.UUIDField()
    recall = serializers.CharField(source="recall.number")
    device = serializers.CharField(source="device.tag", default=None, allow_null=True, help_text="Tag of the unit.")
    order = serializers.CharField(
        source="order_line.order.number", default=None, allow_null=True, help_text="Of what we only sold."
    )
    serial = serializers.SerializerMethodField()
    quantity = serializers.IntegerField()
    place = serializers.CharField(help_text="Where it was when it was found.")
    found_at = serializers.DateTimeField()
    held_at = serializers.DateTimeField(allow_null=True)
    contacted_at = serializers.DateTimeField(source="told_at", allow_null=True)
    answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True, help_text="What its owner answered.")
    returned_at = serializers.DateTimeField(allow_null=True)
    located_at = serializers.DateTimeField(allow_null=True)
    made = serializers.ChoiceField(choices=Made.choices, allow_blank=True, help_text="How it was settled; else empty.")
    made_at = serializers.DateTimeField(allow_null=True)

    def get_serial(self, row: RecallUnit) -> str:
        return row.device.serial if row.device is not None else row.serial


class RecallFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=RecallStatus.choices, distinct=False)
    mock = django_filters.BooleanFilter()
    drafted_after = django_filters.IsoDateTimeFilter(
        field_name="drafted_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class RecallUnitFilter(django_filters.FilterSet):  # type: ignore[misc]
    recall = django_filters.CharFilter(field_name="recall__number", max_length=20, help_text="Number of the recall.")
    open = django_filters.BooleanFilter(field_name="made", lookup_expr="exact", method="only_open")
    found_after = django_filters.IsoDateTimeFilter(
        field_name="found_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )

    def only_open(self, rows: QuerySet[RecallUnit], _name: str, value: bool) -> QuerySet[RecallUnit]:  # noqa: FBT001
        return rows.filter(made="") if value else rows.exclude(made="")


class RecallsEndpoint(mixins.ListModelMixin, Endpoint):
    """Recalls. Each is named in addresses by its id or its number; an organization sees those that found something of theirs."""

    scopes = {"read": "recalls:read"}
    tag = "recalls"
    order = ("drafted_at", "id")
    queryset = Recall.objects.all()
    serializer_class = RecallOut
    filterset_class = RecallFilter

    @override
    def get_object(self) -> Recall:
        name = str(self.kwargs["pk"])
        rows: QuerySet[Recall] = self.get_queryset()
        if number := ids.normal(name, "RC"):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List recalls, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One recall with its tally and closure rate", responses=RecallDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(RecallDetail(self.get_object(), context={"actor": self.actor}).data)


class RecallUnitsEndpoint(mixins.ListModelMixin, Endpoint):
    """What was found for recalls: units, and pieces of orders that we never had in our hands."""

    scopes = {"read": "recalls:read"}
    tag = "recalls"
    order = ("found_at", "id")
    queryset = RecallUnit.objects.select_related("recall", "device", "order_line__order")
    serializer_class = RecallUnitOut
    filterset_class = RecallUnitFilter

    @extend_schema(summary="List what was found for recalls, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
