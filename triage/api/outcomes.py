"""What came of decisions, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.common.shapes import Output
from triage import agreeing, outturns
from triage.api.agreement import days_of
from triage.models import Outturn


class OutcomeOut(Output):
    id = serializers.UUIDField(help_text="The decision's.")
    unit = serializers.CharField(source="device.tag")
    path = serializers.CharField(source="disposition")
    device_class = serializers.CharField()
    decided_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    end = serializers.CharField(help_text="The state in which the stay ended.")
    again = serializers.BooleanField(help_text="It was decided anew later on the same stay.")
    checked = serializers.BooleanField(help_text="Whether the books say what it brought.")
    currency = serializers.CharField()
    expected = serializers.DecimalField(max_digits=12, decimal_places=2)
    came = serializers.DecimalField(max_digits=12, decimal_places=2)
    days = serializers.IntegerField()
    planned_days = serializers.IntegerField(allow_null=True)
    channel = serializers.CharField()
    expected_sale = serializers.DecimalField(max_digits=12, decimal_places=2)
    sold_for = serializers.DecimalField(max_digits=12, decimal_places=2)
    channel_fee = serializers.DecimalField(max_digits=12, decimal_places=2)
    expected_work = serializers.DecimalField(max_digits=12, decimal_places=2)
    labor = serializers.DecimalField(max_digits=12, decimal_places=2)
    parts = serializers.DecimalField(max_digits=12, decimal_places=2)
    expected_material = serializers.DecimalField(max_digits=12, decimal_places=2)
    material = serializers.DecimalField(max_digits=12, decimal_places=2)
    expected_freight = serializers.DecimalField(max_digits=12, decimal_places=2)
    freight = serializers.DecimalField(max_digits=12, decimal_places=2)
    expected_holding = serializers.DecimalField(max_digits=12, decimal_places=2)
    holding = serializers.DecimalField(max_digits=12, decimal_places=2)
    planned = serializers.DecimalField(
        max_digits=12, decimal_places=2, help_text="Lines that no book keeps of a single unit: they count as planned."
    )
    other = serializers.DecimalField(max_digits=12, decimal_places=2)
    sentence = serializers.SerializerMethodField(help_text="What became of it, in a sentence.")

    def get_sentence(self, row: Outturn) -> str:
        return outturns.sentence(row)


class OutcomeTotalOut(Output):
    key = serializers.CharField(help_text="The path or the class; empty for all.")
    n = serializers.IntegerField()
    expected = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="Mean of a unit.")
    came = serializers.DecimalField(max_digits=12, decimal_places=2)
    bias = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="What came more than expected.")
    miss = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="Mean absolute error.")
    late = serializers.DecimalField(
        max_digits=8, decimal_places=1, allow_null=True, help_text="Days later than planned."
    )


class OutcomeLineOut(Output):
    key = serializers.CharField(help_text="sale, work, material, freight, holding.")
    expected = serializers.DecimalField(max_digits=12, decimal_places=2)
    came = serializers.DecimalField(max_digits=12, decimal_places=2)
    bias = serializers.DecimalField(max_digits=12, decimal_places=2)
    miss = serializers.DecimalField(max_digits=12, decimal_places=2)


class MeasuredOut(Output):
    table = serializers.CharField(help_text="As the rules `triage.economics` call it.")
    name = serializers.CharField()
    in_force = serializers.CharField()
    measured = serializers.CharField()
    n = serializers.IntegerField()
    enough = serializers.BooleanField()


class OutcomesSummaryOut(Output):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    figures = serializers.CharField(help_text="Version of the figures in force.")
    whole = OutcomeTotalOut()
    paths = OutcomeTotalOut(many=True)
    classes = OutcomeTotalOut(many=True)
    lines = OutcomeLineOut(many=True)
    measured = MeasuredOut(many=True)


class OutcomesEndpoint(mixins.ListModelMixin, Endpoint):
    """What came of decisions whose stay has ended, beside what was expected."""

    scopes = {"read": "figures:read"}
    tag = "outcomes"
    order = ("ended_at", "id")
    queryset = Outturn.objects.select_related("device")
    serializer_class = OutcomeOut
    filterset_class = None

    @extend_schema(summary="What came of decisions, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Expected and real together",
        description="By path, class and line, and the planning figures that this measures. Without `days` the last 365.",
        parameters=[OpenApiParameter("days", int, description="The window up to now, by the end of the stay.")],
        responses=OutcomesSummaryOut,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def summary(self, request: Request) -> Response:
        since, until = agreeing.window(days_of(request, 365), at=self.at)
        rows = outturns.since(self.actor, (until - since).days, at=self.at)
        told = {
            "since": since,
            "until": until,
            "figures": outturns.in_force(at=self.at).version,
            "whole": outturns.total(rows),
            "paths": outturns.by(rows, "disposition"),
            "classes": outturns.by(rows, "device_class"),
            "lines": outturns.lines(rows),
            "measured": outturns.measured(rows, at=self.at),
        }
        return Response(OutcomesSummaryOut(told).data)
