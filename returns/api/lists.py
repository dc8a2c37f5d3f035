"""Lists that return rules read, over the API, for the operator's own systems."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from returns.models import ListedKind, Listing
from returns.queries import lists as queries
from returns.services import lists
from returns.services.lists import NewListing
from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output


class ListingOut(Output):
    id = serializers.UUIDField()
    seller = serializers.CharField(source="seller.code")
    list = serializers.CharField(source="name")
    kind = serializers.ChoiceField(choices=ListedKind.choices)
    subject = serializers.CharField(help_text="The number it is compared by; of a customer a keyed digest.")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    reason = serializers.CharField(source="why")
    added_by = serializers.CharField()
    added_at = serializers.DateTimeField()
    lifted_by = serializers.CharField()
    lifted_at = serializers.DateTimeField(allow_null=True)
    lifted_reason = serializers.CharField(source="lifted_why")


class ListingIn(Input):
    seller = serializers.SlugField(max_length=40, help_text="Code of the seller whose returns it is about.")
    list = serializers.SlugField(max_length=40, help_text="Name of the list, as rules compare it, such as `blocked`.")
    kind = serializers.ChoiceField(choices=ListedKind.choices)
    subject = serializers.CharField(
        max_length=254, help_text="An e-mail, a serial number or IMEI, an SKU or an order number."
    )
    reason = serializers.CharField(max_length=300)
    since = serializers.DateField(required=False, allow_null=True, default=None, help_text="Today where left out.")
    until = serializers.DateField(required=False, allow_null=True, default=None)


class LiftIn(Input):
    reason = serializers.CharField(max_length=300)


class ListingFilter(django_filters.FilterSet):  # type: ignore[misc]
    list = django_filters.CharFilter(field_name="name", max_length=40)
    kind = django_filters.ChoiceFilter(choices=ListedKind.choices)
    seller = django_filters.CharFilter(field_name="seller__code", max_length=40)
    lifted = django_filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull", exclude=True)


class ListingsEndpoint(mixins.ListModelMixin, Endpoint):
    """What is on the lists that return rules compare."""

    scopes = {"read": "lists:read", "create": "lists:write", "lift": "lists:write"}
    tag = "listings"
    order = ("added_at", "id")
    queryset = Listing.objects.select_related("seller")
    serializer_class = ListingOut
    filterset_class = ListingFilter

    @override
    def get_object(self) -> Listing:
        rows: QuerySet[Listing] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="List what is on lists, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One thing on a list", responses=ListingOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(ListingOut(self.get_object()).data)

    @extend_schema(
        summary="Put something on a list",
        description="What follows, the published return rules say by comparing `lists`. A list needs no other making than its name.",
        request=ListingIn,
        responses={201: ListingOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, ListingIn)
        seller = queries.sellers(self.actor).filter(code=told["seller"]).first()
        if seller is None:
            raise BadInput(Reason("unknown_seller", f"There is no seller {told['seller']}.", "seller"))
        new = NewListing(
            name=told["list"], kind=told["kind"], subject=told["subject"], why=told["reason"], since=told["since"],
            until=told["until"],
        )  # fmt: skip
        made = lists.add(seller, new, by=self.actor, at=self.at)
        address = reverse("api-listing-detail", args=[made.pk], request=self.request)
        return Response(ListingOut(made).data, status=201, headers={"Location": address})

    @extend_schema(summary="Take something off a list", request=LiftIn, responses=ListingOut, filters=False)
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        told = self.read(request, LiftIn)
        lists.lift(self.get_object(), reason=told["reason"], by=self.actor, at=self.at)
        return Response(ListingOut(self.get_object()).data)
