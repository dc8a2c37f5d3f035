"""How a return travels, over the API: what may be chosen and what it costs, the choice, and what carriers say of its parcels."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from returns.models import Rma
from returns.policy.ways import METHODS
from returns.services.ways import changing, choosing
from returns.services.ways.choosing import Choice
from revlog.common.shapes import Input, MoneyField, Output
from revlog.logistics.services import pickups


class WayOut(Output):
    name = serializers.ChoiceField(choices=METHODS)
    fee = MoneyField(help_text="Taken off what is paid back.")
    open = serializers.BooleanField()
    why_not = serializers.CharField(help_text="Why it can't be chosen, as the customer reads it.")


class SlotOut(Output):
    key = serializers.CharField(help_text="To be sent as `slot`.")
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    left = serializers.IntegerField(help_text="Addresses that still fit.")


class PlaceOut(Output):
    code = serializers.CharField()
    name = serializers.CharField()
    address = serializers.ListField(child=serializers.CharField())
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    hours = serializers.DictField(help_text="Weekday (`0` is Monday) to opening and closing; a missing day is closed.")
    takes_parcels = serializers.BooleanField()
    takes_unboxed = serializers.BooleanField()


class WaysOut(Output):
    way = serializers.CharField(help_text="How it travels now; `arranged` when nothing that is offered will do.")
    options = WayOut(many=True)
    slots = SlotOut(many=True, help_text="When a van can come.")
    places = PlaceOut(many=True, help_text="Where it may be brought, nearest by postal code first.")
    pickup = serializers.CharField(help_text="Number of the pickup that is booked; empty when none is.")


class WayIn(Input):
    way = serializers.ChoiceField(choices=METHODS)
    slot = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="Of `slots`, for a pickup."
    )


class TrackedOut(Output):
    tracking = serializers.CharField()
    carrier = serializers.CharField()
    status = serializers.CharField()
    scan = serializers.CharField(help_text="The last that its carrier said of it.")
    scanned_at = serializers.DateTimeField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)
    booking = serializers.CharField(help_text="`asked`, `booked` or `refused` where a carrier on the net carries it.")
    labelled = serializers.BooleanField()


class Travel:
    """The acts of a return by which it travels; mixed into its endpoint."""

    actor: Any
    at: Any
    get_object: Any
    read: Any

    def _ways(self, rma: Rma) -> Response:
        offer = choosing.offer_for(rma, at=self.at)
        pickup = pickups.open_one(f"rma:{rma.pk}")
        told = {
            "way": rma.way,
            "options": [
                SimpleNamespace(name=one.name, fee=one.fee, currency=rma.currency, open=one.open, why_not=one.why_not)
                for one in offer.options
            ],
            "slots": offer.slots[:30],
            "places": offer.places,
            "pickup": pickup.number if pickup is not None else "",
        }
        return Response(WaysOut(told).data)

    @extend_schema(
        summary="How a return may travel",
        description="What its rules offer for all lines, less what can't be done with the things; places and times with it.",
        responses=WaysOut,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def ways(self, request: Request, pk: str) -> Response:
        return self._ways(self.get_object())

    @extend_schema(
        summary="Choose how a return travels",
        description="Until it is handed over. Another time of the van is chosen the same way, until its cut-off.",
        request=WayIn,
        responses=WaysOut,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def way(self, request: Request, pk: str) -> Response:
        told = self.read(request, WayIn)
        rma = changing.choose(self.get_object(), Choice(told["way"], told["slot"]), by=self.actor, at=self.at)
        return self._ways(rma)

    @extend_schema(summary="Where the parcels of a return are", responses=TrackedOut(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def tracking(self, request: Request, pk: str) -> Response:
        links = self.get_object().parcel_links.select_related("parcel__shipment__carrier", "parcel__booking")
        rows = [
            {
                "tracking": link.parcel.tracking,
                "carrier": link.parcel.shipment.carrier.name if link.parcel.shipment.carrier else "",
                "status": link.parcel.status,
                "scan": link.parcel.scan,
                "scanned_at": link.parcel.scanned_at,
                "expected_on": link.parcel.expected_on,
                "booking": getattr(getattr(link.parcel, "booking", None), "status", ""),
                "labelled": link.label_id is not None,
            }
            for link in links
        ]
        return Response(TrackedOut(rows, many=True).data)
