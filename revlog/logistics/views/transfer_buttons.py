"""What the buttons on a transfer's page do: each says what was done, or raises why not."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.devices.models import Device, Location
from revlog.logistics.models import Cargo, Discrepancy, Leg, Settled, Transfer
from revlog.logistics.services.transfers import accepting, planning, releasing, returning, settling, travelling
from revlog.storage.models import Container
from revlog.storage.queries import containers as stores


def things(
    numbers: Sequence[str], location: Location | None, origin: Hub, actor: Actor
) -> tuple[list[Container], list[Device]]:
    """The containers and units that these codes name, and the units that lie in a place. Raises with each that nobody knows."""
    containers: dict[uuid.UUID, Container] = {}
    devices: dict[uuid.UUID, Device] = {}
    unknown = []
    for number in numbers:
        container = stores.known(number, actor, label=[number], hub=origin)
        device = releasing.unit(number, actor) if container is None else None
        if container is not None and not container._state.adding:
            containers[container.pk] = container
        elif device is not None:
            devices[device.pk] = device
        else:
            unknown.append(Reason("unknown", _("Nobody knows %s here.") % number[:60], "codes"))
    if unknown:
        raise BadInput(unknown[:8])
    if location is not None:
        rows = Device.objects.visible_to(actor).filter(location=location).order_by("tag")
        devices |= {one.pk: one for one in rows[: planning.MOST_THINGS]}
    return list(containers.values()), list(devices.values())


def _key(request: HttpRequest, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound(Reason("not_found", _("There is no such thing."))) from None


def _add(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    containers, devices = things(request.POST.get("codes", "")[:20_000].split()[:500], None, row.origin, by)
    made = planning.add(row, containers=containers, devices=devices, by=by, at=at)
    return ngettext("%s thing more is on the list.", "%s things more are on the list.", len(made)) % len(made)


def _cargo(request: HttpRequest, row: Transfer) -> Cargo:
    found = row.cargo.select_related("transfer__origin").filter(pk=_key(request, "cargo")).first()
    if found is None:
        raise NotFound(Reason("not_found", _("There is no such thing.")))
    return found


def _leave_out(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    return _("%s doesn't go along.") % planning.leave_out(_cargo(request, row), by=by, at=at).code


def _cancel(_request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    return _("Transfer %s is called off.") % planning.cancel(row, by=by, at=at).number


def _leg(request: HttpRequest, row: Transfer) -> Leg:
    found = Leg.objects.filter(pk=_key(request, "leg"), shipment__consignment__transfer=row).first()
    if found is None:
        raise NotFound(Reason("not_found", _("There is no such leg.")))
    return found


def _came(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    return _("It came to %s.") % travelling.came(_leg(request, row), by=by, at=at).ends_at


def _left(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    return _("It left %s.") % travelling.left(_leg(request, row), by=by, at=at).begins_at


def _settle(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    found = Discrepancy.objects.filter(
        pk=_key(request, "discrepancy"), shipment__consignment__transfer=row
    ).select_related("shipment__consignment__transfer__origin", "shipment__consignment__transfer__destination")
    difference, how = found.first(), request.POST.get("how", "")
    if difference is None:
        raise NotFound(Reason("not_found", _("There is no such thing.")))
    if how not in Settled.values:
        raise BadInput(Reason("how", _("Say what became of it."), "how"))
    settling.settle(difference, how=Settled(how), note=request.POST.get("note", ""), by=by, at=at)
    return _("%s is settled.") % difference.code


def _accept(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    code = request.POST.get("code", "").replace("\0", "").strip()[:60]
    broken = bool(request.POST.get("broken"))
    cargo, _seal = releasing.find(row, code, statuses=accepting.COMES)
    seals = cargo.seals if broken and cargo is not None else ()
    done = accepting.accept(row, code, seals_broken=seals, by=by, at=at)
    if done.what == "seals" and done.cargo is not None:
        raise BadInput(Reason("seals", _("Give the number of its seal, or say that it is broken."), "code"))
    if done.what == "over":
        return _("%s came too. A lead says where it belongs.") % code
    if done.what == "again":
        return _("%s is taken in already.") % code
    return _("%s is taken in.") % code


def _photo(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    found = Discrepancy.objects.filter(
        pk=_key(request, "discrepancy"), shipment__consignment__transfer=row
    ).select_related("shipment__consignment__transfer__origin", "shipment__consignment__transfer__destination")
    difference = found.first()
    if difference is None:
        raise NotFound(Reason("not_found", _("There is no such thing.")))
    accepting.photograph(difference, request.FILES.get("photo"), by=by, at=at)
    return _("The photo is kept.")


def _close(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    done = accepting.close(row, **_signed(request), by=by, at=at)
    return _("Shipment %s is taken in.") % done.shipment.number


def _set_off(_request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    return _("Shipment %s is on its way back.") % returning.set_off(row, by=by, at=at).shipment.number


def _hand_over(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    done = returning.hand_over(row, **_signed(request), by=by, at=at)
    return _("Shipment %s is on its way back.") % done.shipment.number


def _signed(request: HttpRequest) -> dict[str, str]:
    """What components/sign.html sends."""
    return {name: request.POST.get(name, "") for name in ("signature", "signed_by", "unsigned_why")}


def _missing(request: HttpRequest, row: Transfer, by: Actor, at: datetime) -> str:
    note = request.POST.get("note", "")
    if request.POST.get("what") == "damaged":
        return (
            _("%s is noted as damaged.")
            % accepting.damaged(row, request.POST.get("code", ""), words=note, by=by, at=at).code
        )
    return (
        _("%s is noted as missing.")
        % accepting.missing_inside(row, request.POST.get("code", ""), words=note, by=by, at=at).code
    )


ACTS: dict[str, Callable[[HttpRequest, Transfer, Actor, datetime], str]] = {
    "add": _add,
    "leave_out": _leave_out,
    "cancel": _cancel,
    "came": _came,
    "left": _left,
    "settle": _settle,
    "accept": _accept,
    "photo": _photo,
    "close": _close,
    "set_off": _set_off,
    "hand_over": _hand_over,
    "note": _missing,
}
