"""Which place suits which unit: by its state, its data, its worth and whom it belongs to. Pure: columns of the two, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import CLEARED, Data, State
from revlog.devices.models import Device, Hazard, HoldKind, Location, LocationKind, Purpose

VALUABLE = Decimal(500)
"""From this expected value on, a secured place is looked for first, in the unit's own currency."""

FITTING: Mapping[State, tuple[Purpose, ...]] = {
    State.EXPECTED: (Purpose.RETURNS,),
    State.RECEIVED: (Purpose.RETURNS,),
    State.IN_TRIAGE: (Purpose.RETURNS,),
    State.TO_SANITIZE: (Purpose.WIPE,),
    State.TO_DESTROY: (Purpose.WIPE,),
    State.TO_REFURBISH: (Purpose.BENCH,),
    State.TO_HARVEST: (Purpose.BENCH,),
    State.TO_SELL: (Purpose.SALE, Purpose.OUTGOING),
    State.TO_RESTOCK: (Purpose.RESTOCK, Purpose.OUTGOING),
    State.TO_DONATE: (Purpose.OUTGOING,),
    State.TO_DEPLOY: (Purpose.OUTGOING,),
    State.TO_RETURN: (Purpose.OUTGOING,),
    State.TO_RECYCLE: (Purpose.RECYCLE,),
}
PASSING = frozenset({LocationKind.DOCK, LocationKind.VAN, LocationKind.SITE})
"""Where things pass through: whoever brings them there, for whatever end."""


DANGER = {"": 0, Hazard.DAMAGED.value: 1, Hazard.SUSPECT.value: 2, Hazard.CRITICAL.value: 3}
"""The higher the worse; a place for one class takes the lesser ones. Nobody knows of a suspect, so it lies like the worst but one."""


def purposes(device: Device) -> tuple[Purpose, ...]:
    """For what its place may be kept, the most fitting first. What is on hold lies apart, whatever it waits for."""
    if device.hazard == Hazard.DAMAGED and not device.holds:
        return (Purpose.QUARANTINE, *FITTING.get(State(device.state), ()))
    if HoldKind.SAFETY in device.holds or device.hazard:
        return (Purpose.QUARANTINE,)
    if device.holds:
        return (Purpose.HOLD, Purpose.QUARANTINE)
    return FITTING.get(State(device.state), ())


def wants_secured(device: Device) -> bool:
    return Data(device.data) not in CLEARED


def valuable(device: Device) -> bool:
    return (device.expected_value or 0) >= VALUABLE


def suits(device: Device, place: Location) -> bool:
    """Whether nothing in ``reasons_against`` speaks against it: the same answer without its sentences."""
    return _apart(device, place) and _fit(device, place) and _safe(device, place)


def _apart(device: Device, place: Location) -> bool:
    return place.client_id is None or place.client_id == device.owner_id


def _fit(device: Device, place: Location) -> bool:
    return not place.purpose or place.kind in PASSING or Purpose(place.purpose) in purposes(device)


def _safe(device: Device, place: Location) -> bool:
    """Whether its danger may lie there: where things pass through any, at a bench what somebody repairs, else in a place for it."""
    if place.kind in PASSING or (place.kind == LocationKind.BENCH and device.hazard in {"", Hazard.DAMAGED}):
        return bool(device.hazard) or not place.hazard_class
    if not device.hazard:
        return not place.hazard_class
    return bool(place.hazard_class) and DANGER[device.hazard] <= DANGER[place.hazard_class]


def reasons_against(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Why these units don't belong in the place; each reason says where such a unit goes instead."""
    found = []
    for device in devices:
        if not _apart(device, place):
            told = {"place": place.code, "client": _client(place), "tag": device.tag, "owner": device.owner.name}
            found.append(
                Reason(
                    "wrong_client",
                    _("%(place)s is kept for %(client)s, and %(tag)s belongs to %(owner)s; keep them apart") % told,
                )
            )
        if not _fit(device, place):
            found.append(_wrong_purpose(device, place, purposes(device)))
        if not _safe(device, place):
            found.append(_unsafe(device, place))
    return found


def _unsafe(device: Device, place: Location) -> Reason:
    told = {
        "tag": device.tag,
        "place": place.code,
        "hazard": word(f"hazard.{device.hazard}") if device.hazard else "",
        "takes": word(f"hazard.{place.hazard_class}") if place.hazard_class else "",
    }
    if not device.hazard:
        return Reason("harmless", _("%(place)s is kept for dangerous goods, and %(tag)s is none") % told)
    if not place.hazard_class:
        return Reason(
            "dangerous", _("%(tag)s is dangerous (%(hazard)s); it belongs in a place for dangerous goods") % told
        )
    return Reason(
        "too_dangerous", _("%(place)s takes what is %(takes)s at worst, and %(tag)s is worse: %(hazard)s") % told
    )


def _wrong_purpose(device: Device, place: Location, fitting: Sequence[Purpose]) -> Reason:
    told = {
        "tag": device.tag,
        "place": place.code,
        "purpose": word(f"purpose.{place.purpose}"),
        "state": _("on hold") if device.holds else word(f"state.{device.state}"),
        "right": word(f"purpose.{fitting[0]}") if fitting else "",
    }
    if not fitting:
        return Reason("wrong_purpose", _("%(tag)s is %(state)s and belongs in no bin") % told)
    return Reason(
        "wrong_purpose",
        _("%(place)s is for %(purpose)s, and %(tag)s is %(state)s; it belongs where %(right)s is kept") % told,
    )


def _client(place: Location) -> str:
    return place.client.name if place.client is not None else ""


def rank(device: Device, place: Location) -> tuple[int, ...]:
    """The lower the better: kept for its owner, for its purpose, secured as it needs and no more, a bin rather than a zone."""
    kinds = {LocationKind.BIN: 0, LocationKind.CONTAINER: 1, LocationKind.ZONE: 2}
    fitting = purposes(device)
    apt = fitting.index(Purpose(place.purpose)) if place.purpose and place.purpose in fitting else len(fitting)
    cage = wants_secured(device) or valuable(device)
    return (
        DANGER[place.hazard_class],
        0 if place.client_id is not None else 1,
        apt,
        0 if place.secured == cage else 1,
        kinds.get(LocationKind(place.kind), 9),
    )


def why(device: Device, place: Location) -> list[str]:
    """In words, why this place is suggested for the unit."""
    told = []
    if place.hazard_class:
        told.append(_("for dangerous goods"))
    if place.client_id is not None:
        told.append(_("kept for %s") % _client(place))
    if place.purpose:
        told.append(word(f"purpose.{place.purpose}"))
    if place.secured and wants_secured(device):
        told.append(_("secured, it may hold data"))
    elif place.secured and valuable(device):
        told.append(_("secured, it is worth much"))
    return told
