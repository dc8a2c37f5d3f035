"""Returns over the API: announced, approved, received and settled, with what comes next said in the answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from returns import queries
from returns.api.fraud import risk_of
from returns.api.quotes import Quoting, wishes_of
from returns.api.shapes import (
    ApproveIn,
    LinkOut,
    LinksIn,
    ReceivedOut,
    ReceiveIn,
    RmaDetail,
    RmaExplained,
    RmaIn,
    RmaOut,
    SettleIn,
    TroubleOut,
    WhyIn,
)
from returns.api.talks import Talks
from returns.api.ways import Travel
from returns.models import Origin, Rma, RmaLine, RmaStatus, RmaUnit, UnitStatus
from returns.policy import explaining
from returns.queries import named, whole
from returns.services import accepting, approval, differing, doors, opening, receiving
from returns.services.fraud import assessing
from returns.services.receiving import Received
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import told as shown
from revlog.custody import api as custody
from revlog.devices import identifiers
from revlog.evidence.api import PdfRenderer
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import Order


class RmaFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=RmaStatus.choices, distinct=False)
    seller = django_filters.CharFilter(field_name="seller__code", max_length=40)
    order = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", max_length=60)
    opened_after = django_filters.IsoDateTimeFilter(
        field_name="opened_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


def _shown_with() -> QuerySet[Rma]:
    lines = (
        RmaLine.objects.select_related("order_line__order", "new_variant", "exchange")
        .prefetch_related("units__device", "charges")
        .order_by("position")
    )
    return Rma.objects.select_related("seller", "order", "hub").prefetch_related(
        Prefetch("lines", queryset=lines), "parcel_links__parcel"
    )


LEAN = frozenset({"retrieve", "approve", "receive", "settle"})
"""Acts that need little of the return that they name."""


class RmasEndpoint(Quoting, Talks, Travel, mixins.ListModelMixin, Endpoint):
    """Returns (RMAs): a customer's wish to give something back. Each is named in addresses by its id or its number."""

    scopes = {
        "read": "rmas:read",
        "create": "rmas:write",
        "quote": "rmas:write",
        "links": "rmas:write",
        "cancel": "rmas:write",
        "approve": "rmas:decide",
        "refuse": "rmas:decide",
        "settle": "rmas:decide",
        "talks": "rmas:read",
        "offer": "rmas:decide",
        "answer": "rmas:decide",
        "withdraw_offer": "rmas:decide",
        "appeal": "rmas:decide",
        "decide_appeal": "rmas:decide",
        "agree": "rmas:decide",
        "ask_back": "rmas:decide",
        "ways": "rmas:read",
        "tracking": "rmas:read",
        "way": "rmas:write",
        "receive": "moves:write",
    }
    tag = "rmas"
    order = ("opened_at", "id")
    queryset = _shown_with()
    serializer_class = RmaOut
    filterset_class = RmaFilter

    @override
    def get_object(self) -> Rma:
        """The return that is named: no more of it than who acts on it has to know, since verbs and answers read it anew."""
        name = str(self.kwargs["pk"])
        number = ids.normal(name, queries.PREFIX) or ""
        try:
            pk = None if number else uuid.UUID(name)
        except ValueError:
            raise Http404 from None
        if self.action in LEAN:
            if (found := named.rma(self.actor, id=pk, number=number)) is None:
                raise Http404
            return found
        rows: QuerySet[Rma] = self.get_queryset().prefetch_related(None)
        return self.one(rows.filter(number=number) if pk is None else rows.filter(pk=pk))

    def _shown(self, rma: Rma, *, status: int = 200, also: Sequence[Rma] = ()) -> Response:
        fresh = whole.read(rma.pk).rma
        fresh.also = [one.number for one in also]  # type: ignore[attr-defined]
        address = reverse("api-rma-detail", args=[rma.pk], request=self.request)
        return Response(
            shown(RmaDetail, fresh), status=status, headers={"Location": address} if status == 201 else None
        )

    @extend_schema(summary="List returns, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One return with its lines, units and decisions", responses=RmaExplained, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        custody.only(request)
        rma = whole.read(self.get_object().pk).rma
        may_see = assessing.may_see(self.actor)
        told = explaining.explained(rma.lines.all(), risk=may_see, worth=self.actor.is_operator)
        review = whole.of(rma).review if may_see else None
        return Response(RmaExplained(rma, context={"explained": told, "risk": risk_of(rma, review)}).data)

    @extend_schema(
        summary="Announce a return",
        description=(
            "When the rules allow every line it is approved in the same act; else it waits for a person. Where the delivery was at fault "
            "(wrong, damaged, missing, never arrived) it becomes a claim; sent together with a return, both are opened: the return is "
            "answered, and `also` names the claim. A line with an `override` gets what the rules don't give, as on the desk's page: with "
            "a reason, with the scope rmas:override, and above the published limit only once another person has approved it."
        ),
        request=RmaIn,
        responses={201: RmaDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, RmaIn)
        order, places = self._order(told["order"], told.get("seller"))
        wishes = wishes_of(told["lines"], places, by=self.actor)
        rmas = opening.open_rmas(order=order, wishes=wishes, origin=Origin.API, by=self.actor, at=self.at)
        return self._shown(rmas[0], status=201, also=rmas[1:])

    @extend_schema(
        summary="Links for customers, to return something of an order",
        description=(
            "For the mails of a shop: each link opens one order in the portal, without number and e-mail. A number that you "
            "have no order of is a reason against all."
        ),
        request=LinksIn,
        responses=LinkOut(many=True),
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def links(self, request: Request) -> Response:
        told = self.read(request, LinksIn)
        found = terms.orders_by_numbers(told["orders"], self.actor)
        wrong = [
            Reason("unknown_order", _("There is no order %s.") % number, f"orders[{place}]")
            for place, number in enumerate(told["orders"])
            if number.upper() not in found
        ]
        if wrong:
            raise BadInput(wrong)
        until = self.at + timedelta(days=doors.ORDER_DAYS)
        rows = [
            {"order": order.number, "url": doors.order_link(order, at=self.at), "until": until}
            for order in (found[number.upper()] for number in told["orders"])
        ]
        return Response(LinkOut(rows, many=True).data)

    @extend_schema(
        summary="Approve a return that waits for a person", request=ApproveIn, responses=RmaDetail, filters=False
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        told = self.read(request, ApproveIn)
        return self._shown(approval.approve(self.get_object(), why=told["why"], by=self.actor, at=self.at))

    @extend_schema(summary="Refuse a return that waits for a person", request=WhyIn, responses=RmaDetail, filters=False)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        told = self.read(request, WhyIn)
        return self._shown(approval.refuse(self.get_object(), reason=told["reason"], by=self.actor, at=self.at))

    @extend_schema(summary="Call a return off before it is handed in", request=None, responses=RmaDetail, filters=False)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return self._shown(approval.cancel(self.get_object(), by=self.actor, at=self.at))

    @extend_schema(
        summary="Take in a thing that a return brings back",
        description=(
            "It is known by its serial. Another serial than was sold is refused, with what to do with the thing in the hand; sent again "
            "with `wrong` it is taken in as what it is, held and written down."
        ),
        request=ReceiveIn,
        responses={201: ReceivedOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        told = self.read(request, ReceiveIn)
        rma = self.get_object()
        hub = self._hub(told.get("hub", rma.hub.code), usual=rma.hub)
        unit = _unit_meant(rma, told)
        if told["wrong"]:
            found = differing.receive_wrong(unit, serial=told["serial"], hub=hub, by=self.actor, at=self.at)
        else:
            found = receiving.receive(
                unit,
                hub=hub,
                serial=told["serial"],
                unreadable=told["unreadable"],
                counted=told["counted"],
                damaged=told["damaged"],
                by=self.actor,
                at=self.at,
            )
        return Response(self._received(found, rma), status=201)

    @extend_schema(
        summary="Settle a received unit: take it back for good, or send it back",
        description="Accepting makes the refund due, or the exchange; the return closes when every unit is settled.",
        request=SettleIn,
        responses=RmaDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        told = self.read(request, SettleIn)
        rma = self.get_object()
        unit = _unit(rma, told["unit"])
        if told["outcome"] == "accept":
            accepting.accept(unit, deduction=told["deduction"], why=told["why"], by=self.actor, at=self.at)
        else:
            accepting.refuse_unit(unit, reason=told["why"], by=self.actor, at=self.at)
        return self._shown(rma)

    @extend_schema(
        summary="The label to print and stick on the parcel",
        description="404 until a worker has made it, a second or two after the approval.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JSONRenderer], pagination_class=None)
    def label(self, request: Request, pk: str) -> HttpResponse:
        rma = self.get_object()
        link = rma.parcel_links.select_related("label").exclude(label=None).order_by("added_at").last()
        if link is None or link.label is None:
            raise Http404
        answer = HttpResponse(artifacts.read(link.label), content_type="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="{rma.number}.pdf"'
        return answer

    def _received(self, found: Received, rma: Rma) -> dict[str, Any]:
        return {
            "device": found.device.tag,
            "unit": str(found.unit.pk) if found.unit else None,
            "put": found.place.code if found.place else None,
            "troubles": TroubleOut(found.troubles, many=True).data,
            "rma": shown(RmaDetail, whole.read(rma.pk).rma),
        }

    def _hub(self, code: str, *, usual: Hub) -> Hub:
        """The site of that code, which mostly is the one that it was to come to."""
        hub = usual if usual.code == code else Hub.objects.filter(code=code).first()
        if hub is None or not hub.active or not hub.is_visible_to(self.actor):
            raise BadInput(Reason("unknown_hub", _("You have no site %(code)s.") % {"code": code}, "hub"))
        return hub

    def _order(self, name: str, seller: str | None) -> tuple[Order, Mapping[int, uuid.UUID]]:
        """The order that is named, and its lines by position."""
        try:
            pk = uuid.UUID(name)
        except ValueError:
            pk = None
        found = named.orders(self.actor, id=pk, number=name, seller=seller or "")
        if not found:
            raise BadInput(Reason("unknown_order", _("There is no order %s that is yours.") % name, "order"))
        if len(found) > 1:
            raise BadInput(Reason("two_orders", _("Two sellers have an order %s; name the seller.") % name, "seller"))
        return found[0]


def _unit(rma: Rma, pk: uuid.UUID) -> RmaUnit:
    unit = named.unit(rma, pk)
    if unit is None:
        raise BadInput(Reason("unknown_unit", _("%s has no such unit.") % rma.number, "unit"))
    return unit


def _unit_meant(rma: Rma, told: dict[str, Any]) -> RmaUnit:
    """The unit that is named, else the one of that serial, else the first that is expected (or that was, so that the verb says why not)."""
    if "unit" in told:
        return _unit(rma, told["unit"])
    units = [unit for unit in named.units(rma) if "line" not in told or unit.line.position == told["line"]]
    if not units:
        raise BadInput(Reason("no_units", _("%s expects nothing there (yet).") % rma.number, "line"))
    forms = {name.normal_form for name in identifiers.readings(told["serial"])} if told["serial"] else set()
    bearing = [unit for unit in units if unit.serial and identifiers.normal_serial(unit.serial) in forms]
    waiting = [unit for unit in units if unit.status == UnitStatus.EXPECTED]
    return (bearing or waiting or units)[0]
