"""Lots for one buyer over the API: put together, offered, awarded and shipped by us; seen and offered for by a buyer's own key."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from resale.models import Lot, LotKey, LotState
from resale.queries import lots as queries
from resale.services.lots import gathering, manifests, selling
from resale.services.lots.gathering import Rule
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.shapes import Input, MoneyField, Output
from revlog.devices.models import Device


class LotUnitOut(Output):
    position = serializers.IntegerField()
    device = serializers.CharField(source="device.tag", help_text="Tag of the unit or counted goods.")
    serial = serializers.CharField(source="device.serial")
    article = serializers.CharField(source="device.face")
    grade = serializers.CharField(source="device.grade", help_text="Empty where nobody graded it.")
    quantity = serializers.IntegerField()
    value = MoneyField(help_text="List value of all its pieces.")


class LotOfferOut(Output):
    id = serializers.UUIDField()
    buyer = serializers.CharField(source="buyer.code")
    amount = MoneyField()
    edition = serializers.IntegerField(help_text="Of the list that it was made for.")
    note = serializers.CharField()
    given_at = serializers.DateTimeField()


class LotOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `LT-7K3M-9QXA`.")
    name = serializers.CharField()
    owner = serializers.CharField(source="owner.code")
    hub = serializers.CharField(source="hub.code")
    state = serializers.ChoiceField(choices=LotState.choices)
    key = serializers.ChoiceField(choices=LotKey.choices, help_text="By what the proceeds are spread over the units.")
    edition = serializers.IntegerField(help_text="Of its list.")
    currency = serializers.CharField()
    asking = MoneyField()
    until = serializers.DateField(allow_null=True, help_text="The last day for offers.")
    opened_at = serializers.DateTimeField()
    offered_at = serializers.DateTimeField(allow_null=True)
    awarded_at = serializers.DateTimeField(allow_null=True)
    sold_at = serializers.DateTimeField(allow_null=True)


class LotDetail(LotOut):
    units = serializers.SerializerMethodField()
    offers = serializers.SerializerMethodField()

    @extend_schema_field(LotUnitOut(many=True))
    def get_units(self, lot: Lot) -> Any:  # noqa: ANN401 - what the serializer gives
        return LotUnitOut(manifests.units_of(lot), many=True).data

    @extend_schema_field(LotOfferOut(many=True))
    def get_offers(self, lot: Lot) -> Any:  # noqa: ANN401 - what the serializer gives
        return LotOfferOut(queries.offers(lot, self.context["actor"]), many=True).data


class RuleIn(Input):
    classes = serializers.ListField(child=serializers.CharField(max_length=20), required=False, default=list)
    grades = serializers.ListField(child=serializers.CharField(max_length=3), required=False, default=list)
    days = serializers.IntegerField(min_value=0, max_value=3650, required=False, default=0)
    unsold = serializers.BooleanField(required=False, default=False)
    by_itself = serializers.BooleanField(required=False, default=False)


class LotIn(Input):
    name = serializers.CharField(max_length=120)
    hub = serializers.SlugField(max_length=40)
    owner = serializers.SlugField(max_length=40, help_text="Code of the organization whose goods they are.")
    key = serializers.ChoiceField(choices=LotKey.choices, required=False, default=LotKey.VALUE.value)
    rule = RuleIn(required=False, allow_null=True, default=None)
    asking = serializers.DecimalField(
        max_digits=11, decimal_places=2, min_value=Decimal("0.01"), required=False, allow_null=True, default=None
    )
    reserve = serializers.DecimalField(
        max_digits=11, decimal_places=2, min_value=Decimal("0.01"), required=False, allow_null=True, default=None
    )


class PutIn(Input):
    devices = serializers.ListField(
        child=serializers.CharField(max_length=20), min_length=1, max_length=gathering.MOST_UNITS, help_text="Tags."
    )


class TakeOutIn(Input):
    device = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=300)


class PutUpIn(Input):
    until = serializers.DateField(required=False, allow_null=True, default=None)


class BidIn(Input):
    amount = serializers.DecimalField(max_digits=11, decimal_places=2, min_value=Decimal("0.01"))
    buyer = serializers.SlugField(
        max_length=40, required=False, default="", allow_blank=True, help_text="Only where we note it for them."
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class AwardIn(Input):
    offer = serializers.UUIDField()
    why = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="Where it is below the reserve."
    )


class GatherIn(Input):
    pass


class ShipLotIn(Input):
    tracking = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    parcels = serializers.IntegerField(min_value=1, max_value=99, required=False, default=1)


class CancelLotIn(Input):
    reason = serializers.CharField(max_length=300)


class LotFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=LotState.choices, distinct=False)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class LotsEndpoint(mixins.ListModelMixin, Endpoint):
    """Lots for one buyer. Each is named in addresses by its id or its number."""

    scopes = {
        "read": "lots:read",
        "create": "lots:write",
        "put": "lots:write",
        "gather": "lots:write",
        "take_out": "lots:write",
        "put_up": "lots:write",
        "bid": "lots:bid",
        "award": "lots:write",
        "ship": "lots:write",
        "cancel": "lots:write",
    }
    tag = "lots"
    order = ("opened_at", "id")
    queryset = Lot.objects.select_related("owner", "hub", "buyer")
    serializer_class = LotOut
    filterset_class = LotFilter

    @override
    def get_object(self) -> Lot:
        name = str(self.kwargs["pk"])
        rows: QuerySet[Lot] = self.get_queryset()
        if number := ids.normal(name, gathering.PREFIX):
            return self.one(rows.filter(number=number))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, lot: Lot, *, status: int = 200) -> Response:
        fresh = Lot.objects.select_related("owner", "hub", "buyer").get(pk=lot.pk)
        address = reverse("api-lot-detail", args=[lot.pk], request=self.request)
        headers = {"Location": address} if status == 201 else None
        return Response(LotDetail(fresh, context={"actor": self.actor}).data, status=status, headers=headers)

    @extend_schema(summary="List lots, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="One lot with its units and offers",
        description="A buyer's key sees its own offer alone, and no reserve.",
        responses=LotDetail,
        filters=False,
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(summary="Begin a lot", request=LotIn, responses={201: LotDetail}, filters=False)
    def create(self, request: Request) -> Response:
        told = self.read(request, LotIn)
        hub = Hub.objects.visible_to(self.actor).filter(code=told["hub"], active=True).first()
        owner = Organization.objects.visible_to(self.actor).filter(code=told["owner"]).first()
        if hub is None:
            raise BadInput(Reason("unknown_hub", _("There is no site %s.") % told["hub"], "hub"))
        if owner is None:
            raise BadInput(Reason("unknown_owner", _("There is no organization %s.") % told["owner"], "owner"))
        made = gathering.open_lot(
            name=told["name"], hub=hub, owner=owner, key=told["key"], rule=Rule(**told["rule"]) if told["rule"] else None,
            asking=told["asking"], reserve=told["reserve"], by=self.actor, at=self.at,
        )  # fmt: skip
        return self._shown(made, status=201)

    @extend_schema(
        summary="Put units in",
        description="All or none; every unit that can't go in is named with its reasons.",
        request=PutIn,
        responses=LotDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def put(self, request: Request, pk: str) -> Response:
        told = self.read(request, PutIn)
        tags = list(dict.fromkeys(one.strip().upper() for one in told["devices"]))
        found = {one.tag: one for one in Device.objects.visible_to(self.actor).filter(tag__in=tags)}
        if missing := [tag for tag in tags if tag not in found]:
            raise BadInput([Reason("unknown_device", _("There is no unit %s.") % tag, "devices") for tag in missing])
        row = self.get_object()
        gathering.put(row, [found[tag] for tag in tags], by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(summary="Put in what its rule takes", request=GatherIn, responses=LotDetail, filters=False)
    @action(detail=True, methods=["post"])
    def gather(self, request: Request, pk: str) -> Response:
        self.read(request, GatherIn)
        row = self.get_object()
        gathering.gather(row, by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(
        summary="Take a unit out before the award",
        description="A lot that is open for offers has a new edition of its list then, and offers have to be made again.",
        request=TakeOutIn,
        responses=LotDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="take-out", url_name="take-out")
    def take_out(self, request: Request, pk: str) -> Response:
        told = self.read(request, TakeOutIn)
        row = self.get_object()
        inside = row.units.filter(left_at=None, device__tag=told["device"].strip().upper())
        unit = inside.select_related("lot").first()
        if unit is None:
            raise NotFound(_("That unit is not in this lot."))
        gathering.take_out(unit, reason=told["reason"], by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(summary="Open it for offers", request=PutUpIn, responses=LotDetail, filters=False)
    @action(detail=True, methods=["post"], url_path="put-up", url_name="put-up")
    def put_up(self, request: Request, pk: str) -> Response:
        told = self.read(request, PutUpIn)
        return self._shown(selling.put_up(self.get_object(), until=told["until"], by=self.actor, at=self.at))

    @extend_schema(
        summary="Offer for the whole lot",
        description="A new offer of the same buyer ends the one before.",
        request=BidIn,
        responses=LotDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def bid(self, request: Request, pk: str) -> Response:
        told = self.read(request, BidIn)
        row = self.get_object()
        buyers = Organization.objects.filter(kind=OrganizationKind.BUYER)
        own = {"code": told["buyer"]} if self.actor.is_operator else {"pk": self.actor.organization_id}
        buyer = buyers.filter(**own).first()
        if buyer is None:
            raise BadInput(Reason("buyer", _("Choose the buyer."), "buyer"))
        selling.bid(row, buyer=buyer, amount=told["amount"], note=told["note"], by=self.actor, at=self.at)
        return self._shown(row)

    @extend_schema(
        summary="Award it to one offer",
        description="The price is spread over the units by the lot's key, to the cent.",
        request=AwardIn,
        responses=LotDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def award(self, request: Request, pk: str) -> Response:
        told = self.read(request, AwardIn)
        row = self.get_object()
        offer = row.offers.filter(pk=told["offer"]).select_related("lot").first()
        if offer is None:
            raise NotFound(_("There is no such offer."))
        return self._shown(selling.award(offer, why=told["why"], by=self.actor, at=self.at))

    @extend_schema(
        summary="It leaves for its buyer",
        description="One shipment; title and share of each unit are on its chain, and the share in the book of whose it was.",
        request=ShipLotIn,
        responses=LotDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: str) -> Response:
        told = self.read(request, ShipLotIn)
        row = selling.ship(
            self.get_object(), tracking=told["tracking"], parcels=told["parcels"], by=self.actor, at=self.at
        )
        return self._shown(row)

    @extend_schema(summary="Call it off", request=CancelLotIn, responses=LotDetail, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        told = self.read(request, CancelLotIn)
        return self._shown(selling.cancel(self.get_object(), reason=told["reason"], by=self.actor, at=self.at))
