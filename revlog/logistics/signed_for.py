"""What people sign for at the two ends of a transfer: what is on the truck, and what came of it, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.common.words import word
from revlog.logistics.models import CargoStatus, Consignment, Transfer
from revlog.logistics.services.transfers import common

MOST_NAMED = 8


def summary(transfer: Transfer, made: Consignment) -> list[str]:
    """What is on the truck, and what is not, a line each."""
    rows = list(
        transfer.cargo.filter(status__in=[CargoStatus.LOADED, CargoStatus.LISTED]).select_related("container", "device")
    )
    # What comes back from another organization leaves it whole: nothing of it is loaded by scans.
    goes = CargoStatus.LOADED if transfer.giver_id is None else CargoStatus.LISTED
    loaded = [one for one in rows if one.status == goes]
    left = [one.code for one in rows if one.status != goes]
    carrier = common.carrier_of(made.shipment)
    units = sum(one.units for one in loaded)
    said = [
        _("%(carrier)s, shipment %(shipment)s to %(to)s")
        % {"carrier": carrier.name, "shipment": made.shipment.number, "to": common.to_people(transfer)},
        _("Loaded: %s") % _named([one.code for one in loaded]),
        ngettext("%s unit in all", "%s units in all", units) % units,
    ]
    if seals := [seal for one in loaded for seal in one.seals]:
        said.append(_("Seals: %s") % _named(seals))
    if extra := [one.code for one in loaded if one.added]:
        said.append(_("Not on the list: %s") % _named(extra))
    if left:
        said.append(_("Stays for the next shipment: %s") % _named(left))
    return said


def _named(codes: Sequence[str]) -> str:
    named = ", ".join(codes[:MOST_NAMED])
    rest = len(codes) - MOST_NAMED
    return _("%(named)s and %(rest)s more") % {"named": named, "rest": rest} if rest > 0 else named


def came(transfer: Transfer, made: Consignment) -> list[str]:
    """What came with the truck and what did not, a line each."""
    rows = list(made.shipment.cargo.select_related("container", "device"))
    here = [one for one in rows if one.status == CargoStatus.ACCEPTED]
    units = sum(one.units for one in here)
    said = [
        _("%(carrier)s, shipment %(shipment)s from %(from)s")
        % {
            "carrier": common.carrier_of(made.shipment).name,
            "shipment": made.shipment.number,
            "from": common.start_people(transfer),
        },
        _("Taken in: %s") % (_named([one.code for one in here]) or _("nothing")),
        ngettext("%s unit in all", "%s units in all", units) % units,
    ]
    if seals := [seal for one in here for seal in one.seals]:
        said.append(_("Seals: %s") % _named(seals))
    if short := [one.code for one in rows if one.status == CargoStatus.UNDER_WAY]:
        said.append(_("Didn't come: %s") % _named(short))
    said += [
        f"{one.code}: {word(f'trouble.{one.kind}')}"
        for one in made.shipment.discrepancies.order_by("kind", "code")[:MOST_NAMED]
    ]
    return said
