"""Units over the API: announced or taken in, looked up, listed, moved, and their entries."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts import permissions
from revlog.accounts.actors import Actor
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody import api as custody
from revlog.custody.models import Entry
from revlog.devices import identifiers, queries
from revlog.devices.identifiers import Name
from revlog.devices.journey import ENDS, State
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.services import arrivals, decontaminating, moves, standing
from revlog.devices.shapes import (
    LISTED,
    ArrivalIn,
    DecontaminationIn,
    DeviceDetail,
    DeviceFilter,
    DeviceIn,
    DeviceOut,
    MoveIn,
    MoveOut,
    shown,
)

SHOWN_WITH = ("owner", "hub", "location")


class AlreadyKnown(DomainError):
    """A unit with one of these names is here; it is not made twice."""

    code = "already_known"


class Ambiguous(DomainError):
    """Several units answer to that name."""

    code = "ambiguous"


# What is answered ------------------------------------------------------------------------------------------------------------------


# What is sent ----------------------------------------------------------------------------------------------------------------------


# Moves -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A move as it was asked for, every reference found."""

    reason: str
    by: Actor
    at: datetime
    place: Location | None = None
    hold: HoldKind | None = None


def _to_triage(device: Device, asked: Asked) -> Entry:
    reasons = moves.reasons_against(device, moves.TO_TRIAGE)
    if device.allocations.filter(released_at=None).exists():
        reasons.append(Reason("promised", _("it is promised to somebody; release the promise first")))
    if reasons:
        raise moves.UnableToMove(Reason(reasons[0].code, moves.refusal(device, moves.TO_TRIAGE, reasons)))
    return standing.back_to_triage(device, reason=asked.reason, by=asked.by, at=asked.at)


def _put(device: Device, asked: Asked) -> Entry:
    if asked.place is None:
        raise BadInput(Reason("no_place", _("Say in which place it is put."), "location"))
    return standing.put(device, asked.place, by=asked.by, at=asked.at)


def _hold(device: Device, asked: Asked) -> Entry:
    if asked.hold is None:
        raise BadInput(Reason("no_hold", _("Say which kind of hold."), "hold"))
    if asked.hold.value in device.holds:
        raise moves.UnableToMove(Reason("held", _("%(tag)s is on that hold already") % {"tag": device.tag}))
    standing.hold(device, asked.hold, reason=asked.reason, by=asked.by, at=asked.at)
    return _newest(device)


def _release(device: Device, asked: Asked) -> Entry:
    if asked.hold is None:
        raise BadInput(Reason("no_hold", _("Say which hold is released."), "hold"))
    row = device.hold_rows.filter(kind=asked.hold, released_at=None).first()
    if row is None:
        raise standing.UnableToRelease(Reason("not_open", _("%(tag)s is on no such hold") % {"tag": device.tag}))
    return standing.release(device, row, reason=asked.reason, by=asked.by, at=asked.at)


def _newest(device: Device) -> Entry:
    if device.head is None:
        raise RuntimeError("The unit was not taken: begin with moves.take().")
    return Entry(chain_id=device.id, sequence=device.head.sequence, digest=device.head.digest)


MOVES: Mapping[str, tuple[str, Callable[[Device, Asked], Entry]]] = {
    "to_triage": ("returns.receive", _to_triage),
    "put": ("devices.locate", _put),
    "hold": ("devices.hold", _hold),
    "release": ("devices.release", _release),
}
"""What may be done to any unit whatever its stage, with the permission it takes; everything else is an act of the stage that has it."""


# Views -----------------------------------------------------------------------------------------------------------------------------


class DevicesEndpoint(mixins.ListModelMixin, Endpoint):
    """Units: whatever travels. Each is named in addresses by its id or by its tag."""

    scopes = {
        "read": "devices:read",
        "create": "devices:write",
        "moves": "moves:write",
        "arrivals": "moves:write",
        "decontamination": "moves:write",
        "entries": "entries:read",
    }
    tag = "devices"
    queryset = Device.objects.select_related(*SHOWN_WITH)
    serializer_class = DeviceOut
    filterset_class = DeviceFilter

    @override
    def get_object(self) -> Device:
        """By id or by tag, in one query."""
        return self._named(str(self.kwargs["pk"]))

    def _named(self, name: str) -> Device:
        rows: QuerySet[Device] = self.get_queryset()
        if tag := identifiers.tag(name):
            return self.one(rows.filter(tag=tag.normal_form))
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            raise Http404 from None

    def _shown(self, device: Device, *, status: int = 200) -> Response:
        address = reverse("api-device-detail", args=[device.id], request=self.request)
        return Response(shown(device), status=status, headers={"Location": address} if status == 201 else None)

    @extend_schema(summary="List units, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(LISTED.read(self.filter_queryset(self.get_queryset())))
        return self.get_paginated_response([LISTED.told(row) for row in rows or ()])

    @extend_schema(summary="One unit with its names and drives", responses=DeviceDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        custody.only(request)
        return Response(DeviceDetail(self.get_object(), context={"actor": self.actor}).data)

    @extend_schema(
        summary="Look a unit up by what was scanned",
        description="By tag, serial, IMEI or MAC, exactly. 404: none. 409: several that can't be told apart; give `maker` then.",
        parameters=[
            OpenApiParameter("code", str, required=True, description="What stands on the thing."),
            OpenApiParameter("maker", str, description="Maker, where serials of several makers may be alike."),
        ],
        responses=DeviceOut,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def lookup(self, request: Request) -> Response:
        custody.only(request, "code", "maker")
        code = request.query_params.get("code", "").strip()
        if not code or len(code) > 120:
            raise BadInput(Reason("no_code", _("Say what was scanned, in at most 120 characters."), "code"))
        names = identifiers.readings(code)
        maker = request.query_params.get("maker", "")[:120]
        match = queries.by_names(names, actor=self.actor, maker=maker, shown_with=SHOWN_WITH)
        if match.is_ambiguous:
            raise Ambiguous(
                Reason(
                    "ambiguous",
                    _("%(tag)s, %(what)s, answers to it") % {"tag": device.tag, "what": device.face},
                )
                for device in match.candidates
            )
        if match.device is None:
            raise Http404
        return Response(shown(match.device))

    @extend_schema(summary="Announce a unit, or take it in", request=DeviceIn, responses={201: DeviceOut})
    def create(self, request: Request) -> Response:
        told = self.read(request, DeviceIn)
        if told["arrived"] and not self.actor.may("returns.receive"):
            raise NotAllowed(
                Reason("not_allowed", _("Only who has a unit in hand takes it in; announce it instead."), "arrived")
            )
        hub = self._hub(told.get("hub")) if told.get("hub") else None
        if told["arrived"] and hub is None:
            raise BadInput(Reason("no_hub", _("Say at which site it arrived."), "hub"))
        owner = self._owner(told.get("owner"), hub)
        what = arrivals.Description(
            device_class=told["device_class"],
            manufacturer=told["manufacturer"],
            model=told["model"],
            serial=told["serial"],
            tracking=told["tracking"],
            quantity=told["quantity"],
            grams=told["grams"],
            lot=told["lot"],
            names=_names(told.get("identifiers", []), owner=owner, maker=told["manufacturer"]),
        )
        _nobody_else(what, owner=owner, actor=self.actor)
        stay = arrivals.Stay(
            why=told["why"],
            owner=owner.pk,
            hub=hub.pk if hub else None,
            custodian=self.actor.organization_id if told["arrived"] else owner.pk,
            reference=told["reference"],
        )
        begin = arrivals.arrive if told["arrived"] else arrivals.announce
        device = begin(what=what, stay=stay, by=self.actor, at=self.at)
        device.owner, device.hub = owner, hub
        return self._shown(device, status=201)

    @extend_schema(
        summary="Move a unit, in ways that don't depend on its stage",
        description=(
            "`to_triage` sends it to be looked at (again); `put` says in which place it is; `hold` stops it; `release` ends a hold, which "
            "nobody does to their own. `put` and `hold` take the scope `devices:write` as well. What belongs to a stage, such as wiping or "
            "selling, is an act of that stage. A refused move is answered 409 with every reason."
        ),
        request=MoveIn,
        responses={201: MoveOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def moves(self, request: Request, pk: str) -> Response:
        told = self.read(request, MoveIn)
        needed, act = MOVES[told["move"]]
        if not self.actor.may(needed):
            raise NotAllowed(
                Reason(
                    "not_allowed", _("This needs the right to %(act)s.") % {"act": permissions.sentence(needed)}, "move"
                )
            )
        if told["move"] != "put" and not told["reason"].strip():
            raise BadInput(Reason("no_reason", _("Say why."), "reason"))
        seen = self.get_object()
        asked = Asked(
            reason=told["reason"].strip(),
            by=self.actor,
            at=self.at,
            place=self._place(told, seen) if told["move"] == "put" else None,
            hold=HoldKind(told["hold"]) if "hold" in told else None,
        )
        with transaction.atomic():
            device = moves.take_one(seen.id)
            _knows(device, seen)
            entry = act(device, asked)
        if asked.place is not None:
            device.hub, device.location = asked.place.hub, asked.place
        return Response({"entry": entry.digest, "sequence": entry.sequence, "device": shown(device)}, status=201)

    @extend_schema(
        summary="Say that a known unit stands on the dock",
        description=(
            "One that was announced is received; one whose visit ended arrives again, and what was known of its data no longer holds. What "
            "an RMA brings back is received by the RMA (`/rmas/{id}/receive/`), which settles it."
        ),
        request=ArrivalIn,
        responses={201: MoveOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def arrivals(self, request: Request, pk: str) -> Response:
        told = self.read(request, ArrivalIn)
        if not self.actor.may("returns.receive"):
            raise NotAllowed(Reason("not_allowed", _("This needs the right to receive units.")))
        seen = self.one(self.get_queryset().filter(pk=self.get_object().pk).select_related(*SHOWN_WITH, "visit"))
        hub = self._hub(told["hub"])
        if State(seen.state) == State.EXPECTED and seen.visit and seen.visit.reference.startswith("rma_line:"):
            raise moves.UnableToMove(
                Reason("belongs_to_rma", _("%(tag)s is expected by an RMA; receive it there") % {"tag": seen.tag})
            )
        owner = self._owner(told["owner"], hub) if "owner" in told else seen.owner
        with transaction.atomic():
            device = moves.take_one(seen.id)
            if State(device.state) in ENDS | {State.DEPLOYED}:
                stay = arrivals.Stay(why=told["why"], owner=owner.pk, hub=hub.pk, custodian=self.actor.organization_id)
                entry = arrivals.arrive_again(device, stay=stay, by=self.actor, at=self.at)
            else:
                entry = arrivals.receive(
                    device, hub=hub.pk, custodian=self.actor.organization_id, by=self.actor, at=self.at
                )
        device.owner, device.hub = owner, hub
        return Response({"entry": entry.digest, "sequence": entry.sequence, "device": shown(device)}, status=201)

    @extend_schema(
        summary="Write down a medical device's decontamination",
        description=(
            "Before it is on record for this stay nobody opens the device: it is inspected, tested, wiped and repaired by nobody "
            "(`not_decontaminated`). Goods of other classes need none."
        ),
        request=DecontaminationIn,
        responses={201: MoveOut},
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def decontamination(self, request: Request, pk: str) -> Response:
        told = self.read(request, DecontaminationIn)
        device = self.get_object()
        paper = decontaminating.Paper(
            done_by=told["done_by"], done_on=told["done_on"], method=told["method"], number=told["paper"]
        )
        row = decontaminating.record(device=device, paper=paper, by=self.actor, at=self.at)
        entry = Entry.objects.get(chain_id=device.id, digest=row.entry)
        return Response(
            {"entry": entry.digest, "sequence": entry.sequence, "device": shown(self.get_object())}, status=201
        )

    @extend_schema(
        summary="The entries of a unit's chain, oldest first",
        parameters=[custody.AFTER, custody.LIMIT],
        responses={(200, "application/json"): custody.EntryPage, (200, "application/x-ndjson"): custody.EntryOut},
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        renderer_classes=[JSONRenderer, custody.LinesRenderer],
        pagination_class=None,
    )
    def entries(self, request: Request, pk: str) -> Response | StreamingHttpResponse:
        custody.only(request, "after", "limit")
        after = custody.number(request, "after", usual=0, most=2_000_000_000)
        limit = custody.number(request, "limit", usual=custody.USUAL, least=1, most=custody.MOST)
        rows = Entry.objects.visible_to(self.actor).filter(chain_id=self._chain(), sequence__gt=after)
        found = list(rows.select_related("chain", "place").order_by("sequence")[: limit + 1])
        for entry in found:
            entry.position = entry.place.position if hasattr(entry, "place") else None  # type: ignore[attr-defined]
        page = found[:limit]
        end = page[-1].sequence if page else after
        return custody.answered(request, page, actor=self.actor, position=end, more=len(found) > limit)

    def _chain(self) -> uuid.UUID:
        """The unit's chain, also for one who owned it once: they keep the entries up to the passing of title."""
        name = str(self.kwargs["pk"])
        rows = Device.objects.all()
        try:
            found = (
                rows.filter(tag=tag.normal_form) if (tag := identifiers.tag(name)) else rows.filter(pk=uuid.UUID(name))
            )
        except ValueError:
            raise Http404 from None
        device = self.one(found.only("id"))
        known = Device.objects.visible_to(self.actor).filter(pk=device.pk).exists()
        if not known and not Entry.objects.visible_to(self.actor).filter(chain_id=device.pk).exists():
            raise Http404
        return device.pk

    # What is named by a code ----------------------------------------------------------------------------------------------------

    def _hub(self, code: str | None) -> Hub:
        hub = Hub.objects.visible_to(self.actor).filter(code=code, active=True).select_related("organization").first()
        if hub is None:
            raise BadInput(Reason("unknown_hub", _("You have no site %(code)s.") % {"code": code}, "hub"))
        return hub

    def _owner(self, code: str | None, hub: Hub | None) -> Organization:
        if code is None:
            if hub is not None and hub.organization_id == self.actor.organization_id:
                return hub.organization
            return self.one(Organization.objects.filter(pk__in=[self.actor.organization_id]))
        if hub is not None and hub.organization_id == self.actor.organization_id:
            own = hub.organization
            if own.code == code and own.active:
                return own
        owner = Organization.objects.visible_to(self.actor).filter(code=code, active=True).first()
        if owner is None or not (self.actor.is_operator or owner.pk == self.actor.organization_id):
            raise BadInput(Reason("unknown_owner", _("You have no organization %(code)s.") % {"code": code}, "owner"))
        return owner

    def _place(self, told: Mapping[str, Any], device: Device) -> Location | None:
        if "location" not in told:
            return None
        # Whose units go to a site, but who doesn't work in it, learns and uses no place of its store.
        worked = Hub.objects.worked_by(self.actor)
        rows = Location.objects.filter(code=told["location"], hub__in=worked).select_related("hub")
        rows = rows.filter(hub__code=told["hub"]) if "hub" in told else rows.filter(hub=device.hub)
        place = rows.first()
        if place is None:
            raise BadInput(
                Reason("unknown_place", _("There is no place %(code)s there.") % {"code": told["location"]}, "location")
            )
        return place


def _knows(device: Device, seen: Device) -> None:
    """Give the locked unit what was read with the seen one, where it is still so: each would be a query of its own."""
    for name in SHOWN_WITH:
        if getattr(device, f"{name}_id") == getattr(seen, f"{name}_id"):
            setattr(device, name, getattr(seen, name))


def _names(told: list[dict[str, str]], *, owner: Organization, maker: str) -> tuple[Name, ...]:
    """Raises BadInput for what is no identifier of its kind."""
    found, wrong = [], []
    for place, each in enumerate(told):
        readers: dict[str, Callable[[str], Name | None]] = {
            "imei": identifiers.imei,
            "mac": identifiers.mac,
            "asset_tag": lambda text: identifiers.asset_tag(text, owner.pk),
            "serial": lambda text: identifiers.serial(text, maker),
        }
        name = readers[each["scheme"]](each["value"])
        if name is None:
            wrong.append(
                Reason(
                    "no_identifier",
                    _("%(value)s is no %(scheme)s.") % {"value": repr(each["value"]), "scheme": each["scheme"]},
                    f"identifiers/{place}/value",
                )
            )
        else:
            found.append(name)
    if wrong:
        raise BadInput(wrong)
    return tuple(found)


def _nobody_else(what: arrivals.Description, *, owner: Organization, actor: Actor) -> None:
    """Raises AlreadyKnown when a unit that the caller may see has one of these names."""
    names = list(what.names)
    if what.serial and (serial := identifiers.serial(what.serial, what.manufacturer)):
        names.append(serial)
    known = queries.bearing(names, actor=actor, owner=owner.pk)
    if known:
        raise AlreadyKnown(
            Reason(
                "already_known",
                _("%(tag)s, %(what)s, has this name; say that it arrived (again) instead")
                % {"tag": device.tag, "what": device.face},
                "serial",
            )
            for device in known
        )
