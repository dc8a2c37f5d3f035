"""Why a thing can't travel now: asked when it is put on the list, when it is loaded, and again when the shipment is released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.models import Organization
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import CLEARED, ENDS, Data, State
from revlog.devices.models import Device, HoldKind, Location, LocationKind
from revlog.devices.services import moves, placing
from revlog.logistics.models import Cargo, CargoStatus, Leg, Mode, Transfer
from revlog.logistics.services.transfers import common
from revlog.storage.models import Container, ContainerState
from revlog.storage.queries import containers as stores
from revlog.storage.queries import hazards
from revlog.storage.services.containers import keeping

MOST_NAMED = 4
NOT_HERE = ENDS | {State.EXPECTED, State.DEPLOYED}


def reasons_against_listing(cargo: Cargo, devices: Sequence[Device], transfer: Transfer) -> list[Reason]:
    """What is wrong with the thing itself, whoever carries it."""
    if transfer.giver is not None:
        return _coming_back(cargo, devices, transfer, transfer.giver)
    found = []
    if cargo.container is not None:
        found += _container(cargo.container, transfer)
    elif devices:
        found += placing.reasons_against_leaving(devices)
    found += hazards.reasons_against_leaving(devices, cargo.container)
    for device in devices:
        told = {"tag": device.tag}
        if State(device.state) in NOT_HERE:
            found.append(Reason("not_here", _("%(tag)s isn't here (any more).") % told))
        elif device.hub_id != transfer.origin_id:
            found.append(Reason("elsewhere", _("%(tag)s is at another site.") % told))
        if device.holds:
            found.append(
                Reason(
                    "on_hold",
                    _("%(tag)s is on hold (%(holds)s): it stays here until the hold is released.")
                    % {"tag": device.tag, "holds": moves.held(device)},
                )
            )
    return found


def _coming_back(cargo: Cargo, devices: Sequence[Device], transfer: Transfer, giver: Organization) -> list[Reason]:
    """Only what that organization has comes back from it; it may have been taken out of the container that it went in."""
    told = {"giver": giver.name}
    if cargo.container is not None:
        box = cargo.container
        last = Cargo.objects.filter(container=box).exclude(transfer=transfer).exclude(status=CargoStatus.LEFT_OUT)
        went = last.select_related("transfer").order_by("-id").first()
        if went is None or went.status != CargoStatus.ACCEPTED or not _went_to(went.transfer, giver):
            return [Reason("not_there", _("%(code)s isn't with %(giver)s.") % (told | {"code": cargo.code}))]
        return []
    found = []
    for device in devices:
        told |= {"tag": device.tag}
        if State(device.state) in NOT_HERE or HoldKind.AWAY not in device.holds or device.custodian_id != giver.pk:
            found.append(Reason("not_there", _("%(tag)s isn't with %(giver)s.") % told))
            continue
        boxes = Cargo.objects.filter(
            transfer=transfer, status__in=common.OPEN, container__in=[one.id for one in stores.way(device.location_id)]
        )
        if (box_row := boxes.select_related("container").first()) is not None:
            found.append(Reason("inside", _("%(tag)s comes back in %(box)s.") % (told | {"box": box_row.code})))
    return found


def _went_to(transfer: Transfer, giver: Organization) -> bool:
    return transfer.destination_id is None and transfer.receiver_id == giver.pk


def _container(container: Container, transfer: Transfer) -> list[Reason]:
    told = {"container": container.number}
    found = []
    if container.location.hub_id != transfer.origin_id:
        found.append(Reason("elsewhere", _("%(container)s is at another site.") % told))
    if container.state == ContainerState.RETIRED:
        found.append(Reason("retired", _("%(container)s is out of use.") % told))
    if container.location.parent is not None and container.location.parent.kind == "container":
        found.append(
            Reason(
                "inside",
                _("%(container)s stands in %(outer)s: scan that one, or take it out first.")
                % (told | {"outer": container.location.parent.code}),
            )
        )
    return found


def reasons_against_carrying(
    cargo: Cargo, devices: Sequence[Device], transfer: Transfer, legs: Iterable[Leg]
) -> list[Reason]:
    """What its carriers and its receiver ask for: data under seal or with an approved carrier, dangerous goods with who takes them."""
    way = list(legs)
    found = []
    risky = [one for one in devices if Data(one.data) not in CLEARED]
    if risky:
        found += _data(cargo, risky, transfer, way)
    classes = {one.hazard for one in devices if one.hazard}
    if cargo.container is not None and cargo.container.location.hazard_class:
        classes.add(cargo.container.location.hazard_class)
    if classes:
        told = {"code": cargo.code, "hazard": ", ".join(word(f"hazard.{one}") for one in sorted(classes))}
        found += [
            Reason(
                "hazard",
                _("%(code)s holds dangerous goods (%(hazard)s) and %(carrier)s takes none. Choose a carrier that does.")
                % (told | {"carrier": leg.carrier.name}),
            )
            for leg in way
            if not leg.carrier.dangerous
        ]
        if any(leg.mode == Mode.AIR for leg in way):
            found.append(
                Reason(
                    "hazard",
                    _("%(code)s holds dangerous goods (%(hazard)s) and goes by road, rail or sea, never by air.")
                    % told,
                )
            )
    return found


def _data(cargo: Cargo, risky: Sequence[Device], transfer: Transfer, way: Sequence[Leg]) -> list[Reason]:
    found = []
    told = {"code": cargo.code, "units": len(risky), "to": transfer.receiver.name}
    sealed = cargo.container is not None and cargo.container.state == ContainerState.SEALED
    bare = [leg.carrier.name for leg in way if not leg.carrier.carries_data]
    if not sealed and bare:
        told |= {"carrier": bare[0]}
        found.append(
            Reason(
                "data_unsealed",
                ngettext(
                    "%(code)s isn't sealed, and %(units)s unit in it may hold data. Seal it; %(carrier)s isn't approved for open data.",
                    "%(code)s isn't sealed, and %(units)s units in it may hold data. Seal it; %(carrier)s isn't approved for open data.",
                    len(risky),
                )
                % told
                if cargo.container is not None
                else _(
                    "%(code)s may hold data. Put it into a sealed container; %(carrier)s isn't approved for open data."
                )
                % told,
            )
        )
    if transfer.destination is not None:
        if not transfer.destination.secured:
            found.append(
                Reason(
                    "data_unsecured",
                    _("%(code)s may hold data, and %(to)s has no secured area.")
                    % (told | {"to": transfer.destination.name}),
                )
            )
    elif any(one.owner_id != transfer.receiver_id for one in risky):
        # Out of our hands, data goes to whom it belongs, and to nobody else.
        found.append(
            Reason(
                "data_not_theirs",
                _("%(code)s may hold data that isn't %(to)s's: it is wiped before it leaves our sites.") % told,
            )
        )
    return found


def devices_of(cargo: Cargo) -> list[Device]:
    """The units of a thing, not locked: for a list, a button, a first look."""
    if cargo.container is not None:
        return list(stores.inside(cargo.container).select_related("location"))
    return [cargo.device] if cargo.device is not None else []


def named(reasons: Sequence[Reason]) -> list[Reason]:
    """The first few, and how many more there are: a container may hold hundreds of units."""
    if len(reasons) <= MOST_NAMED:
        return list(reasons)
    rest = len(reasons) - MOST_NAMED
    more = ngettext("And %s more like this.", "And %s more like these.", rest) % rest
    return [*reasons[:MOST_NAMED], Reason(reasons[MOST_NAMED].code, more)]


# What travels is out of our hands ---------------------------------------------------------------------------------------------------


@placing.leaving
def away(devices: Sequence[Device]) -> list[Reason]:
    """Units that travel, or are with another organization, lie nowhere here."""
    return [
        Reason("away", _("%(tag)s is away from our sites; it is taken in by its transfer") % {"tag": one.tag})
        for one in devices
        if HoldKind.AWAY in one.holds
    ]


@keeping.hands_off
def travelling(container: Container) -> list[Reason]:
    return _travels([container])


@placing.guard
def into_what_travels(devices: Sequence[Device], place: Location) -> list[Reason]:
    if place.kind != LocationKind.CONTAINER:
        return []
    return _travels(Container.objects.filter(pk__in=[one.id for one in stores.way(place.pk)]))


def _travels(containers: Iterable[Container]) -> list[Reason]:
    """The last that happened to each of them is that it left, or that another organization took it in."""
    rows = Cargo.objects.filter(
        container__in=list(containers), status__in=[CargoStatus.UNDER_WAY, CargoStatus.ACCEPTED]
    )
    found = []
    for row in (
        rows.select_related("transfer__receiver", "container").order_by("container_id", "-id").distinct("container_id")
    ):
        told = {"container": row.code, "number": row.transfer.number, "with": row.transfer.receiver.name}
        if row.status == CargoStatus.UNDER_WAY:
            found.append(Reason("away", _("%(container)s is on its way with transfer %(number)s") % told))
        elif row.transfer.destination_id is None:
            found.append(Reason("away", _("%(container)s is with %(with)s") % told))
    return found
