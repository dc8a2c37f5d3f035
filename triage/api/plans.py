"""Plans of a day over the API: asked for, read, and their units sent on their way, by the verbs of the page."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, MoneyField, Output
from triage import queries
from triage.models import DayPlan, PlannedUnit, PlanStatus
from triage.services import planning

MOST_UNITS = 500


class PlanOut(Output):
    id = serializers.UUIDField()
    site = serializers.CharField(source="hub.code")
    status = serializers.ChoiceField(
        choices=PlanStatus.choices, help_text="`asked` while it is reckoned: ask again in a second or two."
    )
    limits = serializers.DictField(
        child=serializers.IntegerField(), help_text="What is scarce, and how much of it there is."
    )
    used = serializers.DictField(child=serializers.IntegerField(), help_text="How much of each the plan takes.")
    worth = MoneyField(help_text="What the plan recovers.")
    alone = MoneyField(help_text="What the same queue brings when each unit takes its own best while it lasts.")
    gain = MoneyField(help_text="The first less the second.")
    bound = MoneyField(help_text="What no plan under these limits can exceed.")
    currency = serializers.CharField(help_text="Empty until it is made.")
    trouble = serializers.CharField(help_text="Why it failed, or what was left out.")
    asked_at = serializers.DateTimeField()
    made_at = serializers.DateTimeField(allow_null=True)


class PlanDetail(PlanOut):
    units = serializers.SerializerMethodField(help_text="How many it is of.")
    sent = serializers.SerializerMethodField(help_text="How many were sent on their way by it.")
    to_send = serializers.SerializerMethodField(help_text="How many can still be.")

    def get_units(self, row: DayPlan) -> int:
        return row.units.count()

    def get_sent(self, row: DayPlan) -> int:
        return row.units.exclude(decision=None).count()

    def get_to_send(self, row: DayPlan) -> int:
        if row.status not in {PlanStatus.MADE, PlanStatus.FOLLOWED}:
            return 0
        return len(planning.left_of(row, by=self.context["actor"]))


class PlannedUnitOut(Output):
    unit = serializers.CharField(source="device.tag", help_text="Its tag.")
    place = serializers.IntegerField(help_text="In the queue: what waits longest stands first.")
    path = serializers.CharField(help_text="The way that the plan proposes; empty where it waits for another day.")
    worth = serializers.DecimalField(max_digits=12, decimal_places=2)
    best = serializers.CharField(help_text="Its own best way.")
    best_worth = serializers.DecimalField(max_digits=12, decimal_places=2)
    uses = serializers.DictField(child=serializers.IntegerField(), help_text="What of the scarce its way takes.")
    sent = serializers.SerializerMethodField(help_text="Whether it was sent on its way by this plan.")
    refused = serializers.CharField(help_text="Why it stayed, where it was tried.")

    @extend_schema_field(serializers.BooleanField())
    def get_sent(self, row: PlannedUnit) -> bool:
        return row.decision_id is not None


class PlannedUnitsOut(Output):
    results = PlannedUnitOut(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="The `after` of the next page; null on the last one.")


class PlanIn(Input):
    site = serializers.SlugField(max_length=40, help_text="Code of the site whose queue is planned.")
    limits = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=planning.MOST_OF_A_LIMIT),
        required=False,
        default=dict,
        help_text="`minutes` at the bench, `part:display` pieces, `path:RESELL` places; what isn't named doesn't limit.",
    )


class FollowIn(Input):
    units = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        allow_null=True,
        default=None,
        max_length=1000,
        help_text="Tags of those that are sent; all that can be, when left out.",
    )


class PlanFilter(django_filters.FilterSet):  # type: ignore[misc]
    site = django_filters.CharFilter(field_name="hub__code", max_length=40, help_text="Code of the site.")
    status = django_filters.MultipleChoiceFilter(choices=PlanStatus.choices, distinct=False)


class PlansEndpoint(mixins.ListModelMixin, Endpoint):
    """Plans of a day. Each is named in addresses by its id."""

    scopes = {"read": "plans:read", "create": "plans:write", "follow": "plans:write"}
    tag = "plans"
    order = ("asked_at", "id")
    queryset = DayPlan.objects.select_related("hub")
    serializer_class = PlanOut
    filterset_class = PlanFilter

    @override
    def get_queryset(self) -> QuerySet[DayPlan]:
        if getattr(self, "swagger_fake_view", False):
            return DayPlan.objects.none()
        return queries.plans(self.actor)

    @override
    def get_object(self) -> DayPlan:
        try:
            return self.one(self.get_queryset().filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    def _shown(self, row: DayPlan, *, status: int = 200) -> Response:
        fresh = self.one(self.get_queryset().filter(pk=row.pk))
        address = reverse("api-plan-detail", args=[row.pk], request=self.request)
        told = PlanDetail(fresh, context={"actor": self.actor}).data
        return Response(told, status=status, headers={"Location": address} if status == 202 else None)

    @extend_schema(summary="List plans of a day, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One plan, and how far it is", responses=PlanDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Have a site's queue planned",
        description=(
            "Answered 202 at once and reckoned then: ask at `Location`. Asked again with the same limits while it is reckoned, it is the "
            "same plan; with others it is refused until the first is made."
        ),
        request=PlanIn,
        responses={202: PlanDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, PlanIn)
        hub = next((one for one in queries.hubs_of(self.actor) if one.code == told["site"]), None)
        if not isinstance(hub, Hub):
            raise BadInput(Reason("site", _("You plan at no site of that code."), "site"))
        row = planning.ask(hub=hub, limits=told["limits"], by=self.actor, at=self.at)
        return self._shown(row, status=202)

    @extend_schema(
        summary="The units of a plan",
        description="In the order of the queue, at most 500 a page.",
        parameters=[
            OpenApiParameter("after", int, description="Only those that stand behind this place."),
            OpenApiParameter(
                "differing", bool, description="Only those that the plan sends another way than their own best."
            ),
        ],
        responses=PlannedUnitsOut,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def units(self, request: Request, pk: str) -> Response:
        rows = self.get_object().units.select_related("device").order_by("place")
        after = request.query_params.get("after", "")
        if after:
            if not (after.isascii() and after.isdecimal() and len(after) <= 7):
                raise BadInput(Reason("after", _("A place is a whole number."), "after"))
            rows = rows.filter(place__gt=int(after))
        if request.query_params.get("differing") in {"1", "true"}:
            rows = rows.exclude(path=F("best"))
        found = list(rows[: MOST_UNITS + 1])
        more = len(found) > MOST_UNITS
        told = {"results": found[:MOST_UNITS], "next": found[MOST_UNITS - 1].place if more else None}
        return Response(PlannedUnitsOut(told).data)

    @extend_schema(
        summary="Send the plan's units on their way",
        description=(
            "Each is a decision past its own gates as they are now; one that can't be taken says why in `units` and stays. At most 200 a "
            "call: sent again it goes on with the rest, and takes nothing back that was decided."
        ),
        request=FollowIn,
        responses=PlanDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def follow(self, request: Request, pk: str) -> Response:
        told = self.read(request, FollowIn)
        row = planning.follow(plan=self.get_object(), units=told["units"], by=self.actor, at=self.at)
        return self._shown(row)
