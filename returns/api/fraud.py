"""Returns to look at closely over the API, for the operator's own systems: scores with their signals, and the decision."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from returns import queries as return_queries
from returns.fraud.scoring import BANDS
from returns.models import Review, ReviewStatus, Rma
from returns.queries import fraud as queries
from returns.services.fraud import deciding
from revlog.accounts.endpoints import Endpoint
from revlog.common import ids
from revlog.common.shapes import Input, Output


class ListedSignalOut(Output):
    code = serializers.CharField()
    why = serializers.CharField(help_text="What was seen, in a sentence.")
    points = serializers.IntegerField(source="counted", help_text="What it counts, under the caps.")
    group = serializers.CharField(help_text="history, links or receipt.")
    facts = serializers.DictField(help_text="The numbers that the rule compared.")


class SignalOut(ListedSignalOut):
    evidence = serializers.ListField(child=serializers.CharField(), help_text="Addresses of the pages that show it.")


class _ScoreOut(Output):
    points = serializers.IntegerField(help_text="0 to 100; the sum of what the signals count.")
    band = serializers.ChoiceField(choices=BANDS)
    version = serializers.IntegerField(help_text="Of the risk rules; 0 are those that are shipped.")
    status = serializers.ChoiceField(choices=ReviewStatus.choices)
    held = serializers.BooleanField(help_text="Whether money waits for a decision.")
    decide_by = serializers.DateTimeField(allow_null=True)
    pay_by = serializers.DateTimeField(allow_null=True, help_text="When the law wants a withdrawal paid.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_why = serializers.CharField()


class RiskOut(_ScoreOut):
    """What a return was scored; only keys of the operator with `reviews:read` are told it."""

    signals = serializers.SerializerMethodField()

    @extend_schema_field(SignalOut(many=True))
    def get_signals(self, review: Review) -> list[dict[str, Any]]:
        last = queries.assessment(review.rma)
        if last is None:
            return []
        behind = queries.evidence(review.rma, [one["code"] for one in last.signals])
        rows = [one | {"evidence": [link.url for link in behind.get(one["code"], [])]} for one in last.signals]
        return [dict(SignalOut(one).data) for one in rows]


class ReviewOut(RiskOut):
    rma = serializers.CharField(source="rma.number")
    seller = serializers.CharField(source="rma.seller.code")


class ListedReviewOut(_ScoreOut):
    """One of many; what stands behind its signals is told of each return by itself."""

    signals = serializers.SerializerMethodField()
    rma = serializers.CharField(source="rma.number")
    seller = serializers.CharField(source="rma.seller.code")

    @extend_schema_field(ListedSignalOut(many=True))
    def get_signals(self, review: Review) -> list[dict[str, Any]]:
        return [dict(ListedSignalOut(one).data) for last in review.rma.newest for one in last.signals]  # type: ignore[attr-defined]


class DecideReviewIn(Input):
    outcome = serializers.ChoiceField(choices=["clear", "confirm"])
    reason = serializers.CharField(
        max_length=300, help_text="Why. When fraud is confirmed the customer reads it: say what was found."
    )


class ReviewFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=ReviewStatus.choices, distinct=False)
    seller = django_filters.CharFilter(field_name="rma__seller__code", max_length=40)


class ReviewsEndpoint(mixins.ListModelMixin, Endpoint):
    """Returns that were scored, and those that wait for a decision. Each is named by the id or the number of its return."""

    scopes = {"read": "reviews:read", "decide": "reviews:decide"}
    tag = "reviews"
    order = ("rma__opened_at", "rma_id")
    queryset = Review.objects.select_related("rma__seller", "rma__contact", "rma__order")
    serializer_class = ListedReviewOut
    filterset_class = ReviewFilter

    @override
    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if self.action != "list":
            return rows
        return rows.prefetch_related(Prefetch("rma__assessments", queryset=queries.newest(), to_attr="newest"))

    @override
    def get_object(self) -> Review:
        name = str(self.kwargs["pk"])
        rows: QuerySet[Review] = self.get_queryset()
        if number := ids.normal(name, return_queries.PREFIX):
            return self.one(rows.filter(rma__number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    @extend_schema(
        summary="List scored returns, newest first",
        description="Each with its newest score and the signals of it; the answer about one return adds the evidence.",
    )
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="What one return was scored, with its signals", responses=ReviewOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(ReviewOut(self.get_object()).data)

    @extend_schema(
        summary="Decide about a return that may be fraud",
        description=(
            "`clear` lets go what was held. `confirm` doesn't pay it, sends back what came, and writes the customer what was found and how "
            "to object. Of two who decide at once the second is told what was decided."
        ),
        request=DecideReviewIn,
        responses=ReviewOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        told = self.read(request, DecideReviewIn)
        verb = deciding.clear if told["outcome"] == "clear" else deciding.confirm
        verb(self.get_object(), reason=told["reason"], by=self.actor, at=self.at)
        return Response(ReviewOut(self.get_object()).data)


def risk_of(rma: Rma, review: Review | None) -> dict[str, Any] | None:
    """As the detail of a return has it."""
    if review is None:
        return None
    review.rma = rma
    return dict(RiskOut(review).data)
