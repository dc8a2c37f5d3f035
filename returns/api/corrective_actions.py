"""Corrective actions with suppliers over the API: opened, written, done, verified by another person, or dropped."""

from __future__ import annotations

import uuid
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
from rest_framework.reverse import reverse
from typing_extensions import override

from returns.models import ActionStatus, CorrectiveAction
from returns.services.vendors import actions
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output


class CorrectiveActionOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `CA-7K3M-9QXA`.")
    supplier = serializers.CharField(source="supplier.code")
    product = serializers.CharField(source="product.name", default="", help_text="Model; empty where it is of none.")
    lot = serializers.CharField()
    problem = serializers.CharField()
    containment = serializers.CharField()
    cause = serializers.CharField()
    action = serializers.CharField()
    owner = serializers.CharField(help_text="Whose task it is: a post, not a person.")
    due_on = serializers.DateField()
    status = serializers.ChoiceField(choices=ActionStatus.choices)
    opened_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    proof = serializers.CharField(help_text="How it is known whether it helped.")
    dropped_at = serializers.DateTimeField(allow_null=True)
    dropped_why = serializers.CharField()


class CorrectiveActionIn(Input):
    supplier = serializers.SlugField(max_length=40)
    problem = serializers.CharField(max_length=600)
    owner = serializers.CharField(max_length=120, help_text="Whose task it is: a post, not a person.")
    due_on = serializers.DateField()
    lot = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    containment = serializers.CharField(max_length=600, required=False, allow_blank=True, default="")


class PartsIn(Input):
    problem = serializers.CharField(max_length=600, required=False)
    containment = serializers.CharField(max_length=600, required=False, allow_blank=True)
    cause = serializers.CharField(max_length=600, required=False, allow_blank=True)
    action = serializers.CharField(max_length=600, required=False, allow_blank=True)


class ActionDoneIn(Input):
    pass


class VerifyIn(Input):
    effective = serializers.BooleanField(help_text="False opens it again.")
    proof = serializers.CharField(max_length=300, help_text="How you know.")


class DropIn(Input):
    why = serializers.CharField(max_length=300)


class CorrectiveActionFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=ActionStatus.choices, distinct=False)
    supplier = django_filters.CharFilter(field_name="supplier__code", max_length=40)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class CorrectiveActionsEndpoint(mixins.ListModelMixin, Endpoint):
    """What suppliers do about their defects. Each is named in addresses by its id or its number."""

    scopes = {
        "read": "rtvs:read",
        "create": "rtvs:write",
        "write": "rtvs:write",
        "done": "rtvs:write",
        "verify": "rtvs:write",
        "drop": "rtvs:write",
    }
    tag = "corrective-actions"
    order = ("opened_at", "id")
    queryset = CorrectiveAction.objects.select_related("supplier", "product")
    serializer_class = CorrectiveActionOut
    filterset_class = CorrectiveActionFilter

    @override
    def get_object(self) -> CorrectiveAction:
        name = str(self.kwargs["pk"])
        rows: QuerySet[CorrectiveAction] = self.get_queryset()
        if number := ids.normal(name, actions.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, row: CorrectiveAction, *, status: int = 200) -> Response:
        fresh = CorrectiveAction.objects.select_related("supplier", "product").get(pk=row.pk)
        address = reverse("api-corrective-action-detail", args=[row.pk], request=self.request)
        headers = {"Location": address} if status == 201 else None
        return Response(CorrectiveActionOut(fresh).data, status=status, headers=headers)

    @extend_schema(summary="List corrective actions, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One corrective action", responses=CorrectiveActionOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Open a corrective action",
        request=CorrectiveActionIn,
        responses={201: CorrectiveActionOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, CorrectiveActionIn)
        suppliers = Organization.objects.visible_to(self.actor).filter(kind=OrganizationKind.SUPPLIER)
        supplier = suppliers.filter(code=told["supplier"]).first()
        if supplier is None:
            raise BadInput(Reason("unknown_supplier", _("There is no supplier %s.") % told["supplier"], "supplier"))
        made = actions.open_action(
            supplier, problem=told["problem"], owner=told["owner"], due_on=told["due_on"], lot=told["lot"],
            containment=told["containment"], by=self.actor, at=self.at,
        )  # fmt: skip
        return self._shown(made, status=201)

    @extend_schema(
        summary="Write down what is known by now",
        description="Parts that are left out stay as they are.",
        request=PartsIn,
        responses=CorrectiveActionOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def write(self, request: Request, pk: str) -> Response:
        told = self.read(request, PartsIn)
        return self._shown(actions.write(self.get_object(), parts=told, by=self.actor, at=self.at))

    @extend_schema(
        summary="Say that it is done",
        description="Cause and action are written down by then.",
        request=ActionDoneIn,
        responses=CorrectiveActionOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        self.read(request, ActionDoneIn)
        return self._shown(actions.done(self.get_object(), by=self.actor, at=self.at))

    @extend_schema(
        summary="Say whether it helped",
        description="Refused to the key that said that it is done.",
        request=VerifyIn,
        responses=CorrectiveActionOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        told = self.read(request, VerifyIn)
        row = actions.verify(
            self.get_object(), effective=told["effective"], proof=told["proof"], by=self.actor, at=self.at
        )
        return self._shown(row)

    @extend_schema(
        summary="Drop it",
        description="Nobody follows it up any more; the reason stays with it.",
        request=DropIn,
        responses=CorrectiveActionOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        told = self.read(request, DropIn)
        return self._shown(actions.drop(self.get_object(), why=told["why"], by=self.actor, at=self.at))
