"""How far inspectors agree, over the API: by class. Figures of persons aren't told to keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Output
from triage import agreeing
from triage.agreement import LETTERS, Agreement, Kappa
from triage.models import SecondLook
from triage.services import sampling


def days_of(request: Request, usual: int) -> int:
    """The window that was asked for. Raises BadInput."""
    given = request.query_params.get("days", "")
    if not given:
        return usual
    if not (given.isascii() and given.isdecimal() and len(given) <= 4 and 1 <= int(given) <= 3660):
        raise BadInput(Reason("days", "The window is a number of days from 1 to 3660.", "days"))
    return int(given)


class KappaOut(Output):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Lower end of the 95 % interval.")
    high = serializers.FloatField(allow_null=True)


class AgreementAxisOut(Output):
    axis = serializers.CharField(help_text="`whole` is the grade.")
    n = serializers.IntegerField()
    same = serializers.IntegerField(help_text="Pairs of the same letter.")
    plain = KappaOut()
    weighted = KappaOut()
    counts = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="First by second, in the order of `letters`.",
    )


class AgreementLineOut(Output):
    device_class = serializers.CharField()
    axes = AgreementAxisOut(many=True)


class AgreementOut(Output):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    rules = serializers.CharField(help_text="Version of the rules in force.")
    enough = serializers.IntegerField(help_text="With fewer, figures say little.")
    drawn = serializers.IntegerField()
    compared = serializers.IntegerField()
    lapsed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    letters = serializers.ListField(child=serializers.CharField())
    whole = AgreementLineOut()
    classes = AgreementLineOut(many=True)


class AgreementEndpoint(Endpoint):
    """First and second looks at units that were drawn at random, compared."""

    scopes = {"read": "figures:read"}
    tag = "agreement"
    order = ("drawn_at", "id")
    queryset = SecondLook.objects.all()
    serializer_class = AgreementOut
    pagination_class = None
    filterset_class = None

    @extend_schema(
        summary="How far first and second looks agree",
        description="By class, on the grade and on each axis, with Cohen's kappa plain and linearly weighted.",
        parameters=[OpenApiParameter("days", int, description="The window up to now; that of the rules without.")],
        responses=AgreementOut,
        filters=False,
    )
    def list(self, request: Request) -> Response:
        known = sampling.rules(at=self.at)
        days = days_of(request, known.window.days)
        since, until = agreeing.window(days, at=self.at)
        return Response(self._told(known.version, known.enough, since, until))

    def _told(self, version: str, enough: int, since: datetime, until: datetime) -> dict[str, Any]:
        rows = agreeing.between(SecondLook.objects.visible_to(self.actor), since, until)
        drawn = agreeing.drawn(self.actor, since, until)
        return {
            "since": since,
            "until": until,
            "rules": version,
            "enough": enough,
            "drawn": drawn.total,
            "compared": drawn.compared,
            "lapsed": drawn.lapsed,
            "waiting": drawn.waiting,
            "letters": list(LETTERS),
            "whole": _line(agreeing.line("", rows)),
            "classes": [_line(one) for one in agreeing.by_class(rows)],
        }


def _line(one: agreeing.Line) -> dict[str, Any]:
    return {"device_class": one.key, "axes": [_axis(axis, found) for axis, found in one.axes.items()]}


def _axis(axis: str, one: Agreement) -> dict[str, Any]:
    counts = [list(row) for row in one.counts]
    return {
        "axis": axis,
        "n": one.n,
        "same": one.same,
        "plain": _kappa(one.plain),
        "weighted": _kappa(one.weighted),
        "counts": counts,
    }


def _kappa(one: Kappa) -> dict[str, float | None]:
    found = {"value": one.value, "low": one.low, "high": one.high}
    return {name: None if value is None else round(value, 4) for name, value in found.items()}
