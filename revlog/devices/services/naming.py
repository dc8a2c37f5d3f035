"""A number is found on a unit that was known by another one: noted where it is free, asked about where it is another unit's already.

Two units never become one in silence. Whoever has the thing in the hand goes on with it; a person who may correct entries says later
whether the two are one thing (then the one that never arrived is given up, and the other bears all its numbers), or stay apart.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.devices import facts
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device, Identifier, NumberConflict
from revlog.devices.services import arrivals, moves

SAME, APART = "same", "apart"


class UnableToName(DomainError):
    """The number can't be noted on this unit."""

    code = "unable_to_name"


class UnableToSettle(DomainError):
    """The two units can't be made one, or have been looked at already."""

    code = "unable_to_settle"


def bearer(device: Device, name: Name) -> Device | None:
    """Another unit that bears this number already; one that was announced and given up doesn't count."""
    same = Identifier.objects.filter(scheme=name.scheme, normal_form=name.normal_form).exclude(device=device)
    if not name.unique_by_nature and name.issuer:
        same = same.filter(issuer__in=[name.issuer, ""])
    if name.scheme == "serial":
        # A number without a maker's name is one of many; among one owner's things it is still the same.
        same = same.filter(Q(device__owner=device.owner_id) | ~Q(issuer=""))
    found = same.exclude(device__state=State.NOT_RECEIVED).select_related("device").order_by("device_id").first()
    return found.device if found is not None else None


def reasons_against_naming(device: Device, name: Name) -> list[Reason]:
    """Why this unit can't bear that number, whoever else does."""
    if name.scheme == "serial" and device.serial:
        told = {"tag": device.tag, "serial": device.serial}
        return [Reason("has_serial", _("%(tag)s has a serial already: %(serial)s.") % told)]
    return []


def note(device: Device, name: Name, *, how: str, by: Actor, at: datetime) -> NumberConflict | None:
    """Note a number that was found on a taken unit. Gives what is to be settled where it is another unit's; then it isn't noted.

    Raises UnableToName.
    """
    if found := reasons_against_naming(device, name):
        raise UnableToName(found)
    with transaction.atomic():
        other = bearer(device, name)
        if other is None:
            arrivals.identify(device, name, by=by, at=at)
            return None
        row, fresh = NumberConflict.objects.get_or_create(
            device=device,
            other=other,
            settled_at=None,
            defaults={
                "id": ids.new(at),
                "scheme": name.scheme,
                "printed": name.printed,
                "how": how,
                "found_at": at,
                "found_by": by.reference,
            },
        )
        if fresh:
            fact = facts.NumberDisputed(scheme=name.scheme, printed=name.printed, other=other.tag)
            moves.note(device, fact=fact, by=by, at=at)
    return row


def gone(row: NumberConflict) -> Device | None:
    """Of the two, the one that never arrived, and can be given up for the other; None where neither is."""
    for one in (row.other, row.device):
        about = one.visit.reference if one.visit is not None else ""
        if one.state == State.EXPECTED and not about.startswith("rma"):
            return one
    return None


def reasons_against_settling(row: NumberConflict, outcome: str, *, by: Actor) -> list[Reason]:
    found: list[Reason] = []
    if not by.is_operator or not by.may("devices.correct"):
        found.append(Reason("not_allowed", _("This needs the right to correct entries.")))
    elif not (row.device.is_visible_to(by) and row.other.is_visible_to(by)):
        found.append(Reason("not_allowed", _("One of the two is at a site in which you don't work.")))
    if row.settled_at is not None:
        found.append(Reason("settled", _("Somebody has settled it already.")))
    if outcome == SAME and gone(row) is None:
        told = _("%(one)s and %(other)s both have a story of their own. Keep them apart, and say why.")
        found.append(Reason("both_here", told % {"one": row.device.tag, "other": row.other.tag}))
    return found


def settle(row: NumberConflict, *, outcome: str, reason: str, by: Actor, at: datetime) -> NumberConflict:
    """Say whether the two units are one thing. Raises UnableToSettle, NotAllowed."""
    if outcome not in {SAME, APART}:
        raise UnableToSettle(Reason("outcome", _("Say whether they are one thing.")))
    if not reason.strip():
        raise UnableToSettle(Reason("no_reason", _("Say why; it stands in both stories."), "reason"))
    with transaction.atomic():
        one, other = moves.take([row.device_id, row.other_id])
        held = NumberConflict.objects.select_for_update(no_key=True).get(pk=row.pk)
        held.device, held.other = one, other
        if refused := reasons_against_settling(held, outcome, by=by):
            raise (NotAllowed if refused[0].code == "not_allowed" else UnableToSettle)(refused)
        held.outcome, held.reason = outcome, reason.strip()[:300]
        held.settled_at, held.settled_by = at, by.reference
        held.save(update_fields=["outcome", "reason", "settled_at", "settled_by"])
        lost = gone(held) if outcome == SAME else None
        for device, counterpart in ((one, other), (other, one)):
            fact = facts.NumberSettled(
                scheme=held.scheme,
                printed=held.printed,
                other=counterpart.tag,
                outcome=f"number.{outcome}",
                reason=held.reason,
            )
            moves.note(device, fact=fact, by=by, at=at)
        if lost is not None:
            _merge(lost, into=other if lost is one else one, by=by, at=at)
    return held


def _merge(lost: Device, *, into: Device, by: Actor, at: datetime) -> None:
    """The unit that stays bears all numbers of the one that never came."""
    held = set(into.identifiers.values_list("scheme", "normal_form"))
    for name in lost.identifiers.exclude(scheme="tag").order_by("pk"):
        if (name.scheme, name.normal_form) not in held:
            told = Name(name.scheme, name.normal_form, name.printed, name.issuer)
            arrivals.identify(into, told, by=by, at=at)
    arrivals.give_up(lost, reason=_("it is known as %s") % into.tag, by=by, at=at)


def open_of(ids_: list[uuid.UUID]) -> list[NumberConflict]:
    """What is to be settled about these units."""
    rows = NumberConflict.objects.filter(Q(device__in=ids_) | Q(other__in=ids_), settled_at=None)
    return list(rows.select_related("device__visit", "other__visit"))
