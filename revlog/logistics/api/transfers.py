"""Transfers over the API: read with their legs, cargo and differences, planned, released and taken in by another system's scans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.devices.models import Device
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Carrier,
    Consignment,
    ConsignmentStatus,
    Discrepancy,
    Leg,
    Mode,
    Settled,
    Transfer,
    TransferStatus,
    Trouble,
)
from revlog.logistics.services.transfers import accepting, common, planning, releasing
from revlog.storage.models import Container
from revlog.storage.queries import containers as stores

SHOWN = (
    "origin",
    "destination",
    "receiver",
    "giver",
    Prefetch("consignments", Consignment.objects.select_related("shipment").order_by("number")),
    Prefetch("consignments__shipment__legs", Leg.objects.select_related("carrier").order_by("number")),
    Prefetch(
        "consignments__shipment__discrepancies", Discrepancy.objects.select_related("shipment").order_by("noted_at")
    ),
    Prefetch("cargo", Cargo.objects.select_related("container", "device", "shipment").order_by("id")),
)


class LegOut(Output):
    number = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    carrier = serializers.CharField(source="carrier.code")
    begins_at = serializers.CharField()
    ends_at = serializers.CharField()
    planned_from = serializers.DateTimeField()
    planned_to = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    came_at = serializers.DateTimeField(allow_null=True)
    reference = serializers.CharField()
    container = serializers.CharField(help_text="Overseas container, by ISO 6346.")
    seals = serializers.ListField(child=serializers.CharField())
    vessel = serializers.CharField()
    voyage = serializers.CharField()


class DiscrepancyOut(Output):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Trouble.choices)
    code = serializers.CharField()
    noted_at = serializers.DateTimeField()
    settled = serializers.ChoiceField(choices=[("", "not yet"), *Settled.choices])
    settled_at = serializers.DateTimeField(allow_null=True)


class TransferShipmentOut(Output):
    number = serializers.CharField(source="shipment.number", help_text="Such as `SH-7K3M-9QXA`.")
    status = serializers.ChoiceField(choices=ConsignmentStatus.choices)
    released_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    legs = LegOut(source="shipment.legs", many=True)
    discrepancies = DiscrepancyOut(source="shipment.discrepancies", many=True)


class CargoOut(Output):
    code = serializers.CharField(help_text="A container's number, or a unit's tag.")
    shipment = serializers.CharField(source="shipment.number", allow_null=True, default=None)
    status = serializers.ChoiceField(choices=CargoStatus.choices)
    units = serializers.IntegerField()
    seals = serializers.ListField(child=serializers.CharField())
    accepted_at = serializers.DateTimeField(allow_null=True)


class TransferOut(Output):
    number = serializers.CharField(help_text="Such as `TR-7K3M-9QXA`.")
    origin = serializers.CharField(source="origin.code")
    destination = serializers.CharField(
        source="destination.code", allow_null=True, default=None, help_text="Null: a place of the receiver."
    )
    receiver = serializers.CharField(source="receiver.code")
    giver = serializers.CharField(
        source="giver.code", allow_null=True, default=None, help_text="The organization that it comes back from."
    )
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=TransferStatus.choices)
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    shipments = TransferShipmentOut(source="consignments", many=True)
    cargo = CargoOut(many=True)


class LegIn(Input):
    mode = serializers.ChoiceField(choices=Mode.choices, required=False, default=Mode.ROAD)
    carrier = serializers.SlugField(max_length=40)
    begins_at = serializers.CharField(max_length=120)
    ends_at = serializers.CharField(max_length=120)
    planned_from = serializers.DateTimeField()
    planned_to = serializers.DateTimeField()
    reference = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    container = serializers.CharField(max_length=16, required=False, allow_blank=True, default="")
    seals = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=6, required=False, default=list
    )
    vessel = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    voyage = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class TransferIn(Input):
    origin = serializers.SlugField(max_length=40, help_text="Code of the site that it leaves.")
    destination = serializers.SlugField(max_length=40, required=False, help_text="Code of our site that it goes to.")
    receiver = serializers.SlugField(max_length=40, required=False, help_text="Or the organization that it goes to.")
    giver = serializers.SlugField(
        max_length=40, required=False, help_text="Or the organization that it comes back from, to `origin`."
    )
    address = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=5, required=False, default=list
    )
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    legs = LegIn(many=True)
    things = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=planning.MOST_THINGS, required=False, default=list,
        help_text="Numbers of containers and tags of units.",
    )  # fmt: skip


class ReleaseIn(Input):
    things = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=planning.MOST_THINGS, help_text="What is on the truck."
    )
    signed_by = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    signature = serializers.CharField(
        max_length=400_000, required=False, allow_blank=True, default="", help_text="A PNG, as a `data:` address."
    )
    unsigned_why = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class TakeInIn(Input):
    things = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=planning.MOST_THINGS,
        help_text="Numbers of seals, of containers without a seal, tags of units.",
    )  # fmt: skip
    all_of_it = serializers.BooleanField(
        required=False, default=False, help_text="That was all of the shipment: what isn't in by now is missing."
    )
    signed_by = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="With `all_of_it`: who takes it over."
    )
    signature = serializers.CharField(
        max_length=400_000, required=False, allow_blank=True, default="", help_text="A PNG, as a `data:` address."
    )
    unsigned_why = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Or why nobody signs."
    )


class TransferFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=TransferStatus.choices, distinct=False)
    origin = django_filters.CharFilter(field_name="origin__code", max_length=40)
    destination = django_filters.CharFilter(field_name="destination__code", max_length=40)


# Named here, since the endpoint has a method called ``list``.
Containers = list[Container]
Devices = list[Device]


class TransfersEndpoint(mixins.ListModelMixin, Endpoint):
    """Transfers of containers and units between sites and to other organizations, which see theirs once they were released."""

    scopes = {
        "read": "shipments:read",
        "create": "shipments:write",
        "release": "shipments:write",
        "accept": "transfers:accept",
    }
    tag = "transfers"
    queryset = Transfer.objects.prefetch_related(*SHOWN)
    serializer_class = TransferOut
    filterset_class = TransferFilter

    @override
    def get_object(self) -> Transfer:
        row = self.get_queryset().filter(number__iexact=str(self.kwargs["pk"]).replace("\0", "")).first()
        if row is None:
            raise Http404
        found: Transfer = row
        return found

    @extend_schema(summary="List transfers, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One transfer", responses=TransferOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(TransferOut(self.get_object()).data)

    @extend_schema(
        summary="Plan a transfer",
        description=(
            "With its legs and, if they are known, what goes along. Refused with every reason why something can't go. "
            "With `giver` it announces what comes back from another organization."
        ),
        request=TransferIn,
        responses={201: TransferOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, TransferIn)
        wrong = []
        origin = Hub.objects.worked_by(self.actor).filter(code=told["origin"], active=True).first()
        if origin is None:
            wrong.append(Reason("unknown_hub", _("There is no site %s.") % told["origin"], "origin"))
        destination = receiver = giver = None
        if name := told.get("destination"):
            destination = Hub.objects.filter(code=name, active=True, organization=self.actor.organization_id).first()
            if destination is None:
                wrong.append(Reason("unknown_hub", _("There is no site %s.") % name, "destination"))
        elif name := told.get("receiver"):
            receiver = Organization.objects.visible_to(self.actor).filter(code=name, active=True).first()
            if receiver is None:
                wrong.append(Reason("unknown_organization", _("There is no organization %s.") % name, "receiver"))
        elif name := told.get("giver"):
            giver = Organization.objects.visible_to(self.actor).filter(code=name, active=True).first()
            if giver is None:
                wrong.append(Reason("unknown_organization", _("There is no organization %s.") % name, "giver"))
        carriers = {one.code: one for one in Carrier.objects.filter(code__in=[leg["carrier"] for leg in told["legs"]])}
        wrong += [
            Reason("unknown_carrier", _("There is no carrier %s.") % leg["carrier"], "legs")
            for leg in told["legs"]
            if leg["carrier"] not in carriers
        ]
        if wrong or origin is None:
            raise BadInput(wrong)
        containers, devices = self._things(told["things"], origin)
        legs = [
            planning.Stretch(**{**leg, "carrier": carriers[leg["carrier"]], "mode": Mode(leg["mode"])})
            for leg in told["legs"]
        ]
        row = planning.plan(
            origin=origin, destination=destination, receiver=receiver, giver=giver, address=told["address"],
            legs=legs, containers=containers, devices=devices, reason=told["reason"], by=self.actor, at=self.at,
        )  # fmt: skip
        address = reverse("api-transfer-detail", args=[row.number], request=request)
        return Response(TransferOut(self._again(row)).data, status=201, headers={"Location": address})

    @extend_schema(
        summary="Load and release",
        description="All or nothing: what is named is loaded, and the truck leaves with it. What isn't named stays on the list.",
        request=ReleaseIn,
        responses=TransferOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        row, told = self.get_object(), self.read(request, ReleaseIn)
        with transaction.atomic():
            # Units and containers are locked before the transfer, as everywhere.
            waiting = row.cargo.filter(status__in=[CargoStatus.LISTED, CargoStatus.LOADED]).order_by("id")
            common.take(waiting.select_related("container__location__hub", "device"))
            for code in told["things"]:
                releasing.load(row, code, by=self.actor, at=self.at)
            releasing.release(
                row, signature=told["signature"], signed_by=told["signed_by"], unsigned_why=told["unsigned_why"],
                by=self.actor, at=self.at,
            )  # fmt: skip
        return Response(TransferOut(self._again(row)).data)

    @extend_schema(
        summary="Take in",
        description="What is under seal is named by its seal, which says that it was looked at.",
        request=TakeInIn,
        responses=TransferOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        row, told = self.get_object(), self.read(request, TakeInIn)
        # A transaction for each thing, as for each scan: what is in stays in, and sending it again does no harm.
        for code in told["things"]:
            done = accepting.accept(row, code, by=self.actor, at=self.at)
            if done.what == "seals":
                raise BadInput(Reason("seals", _("Name %s by its seal: look at it first.") % code, "things"))
        if told["all_of_it"]:
            accepting.close(
                row, signature=told["signature"], signed_by=told["signed_by"], unsigned_why=told["unsigned_why"],
                by=self.actor, at=self.at,
            )  # fmt: skip
        return Response(TransferOut(self._again(row)).data)

    def _again(self, row: Transfer) -> Transfer:
        found: Transfer = Transfer.objects.prefetch_related(*SHOWN).get(pk=row.pk)
        return found

    def _things(self, codes: Sequence[str], origin: Hub) -> tuple[Sequence[Container], Sequence[Device]]:
        containers: Containers = []
        devices: Devices = []
        for code in dict.fromkeys(codes):
            container = stores.known(code, self.actor, label=[code], hub=origin)
            device = releasing.unit(code, self.actor) if container is None else None
            if container is not None and not container._state.adding:
                containers.append(container)
            elif device is not None:
                devices.append(device)
            else:
                raise BadInput(Reason("unknown", _("Nobody knows %s here.") % code, "things"))
        return containers, devices
