"""Taking back what was done a moment ago: a new entry that cites the one it corrects. Nothing on a chain is ever changed.

Only the one who did it takes it back, and only while nothing else has been said of the unit since.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices import facts
from revlog.devices.models import Device, Location
from revlog.devices.services import moves, placing, standing


class UnableToUndo(DomainError):
    """Something happened since, or it was somebody else's act."""

    code = "unable_to_undo"


def last_entry(device: uuid.UUID) -> Entry:
    """What was said last of a unit that has been taken."""
    return Entry.objects.filter(chain_id=device).latest("sequence")


def reasons_against_undoing(device: Device, digest: str, *, kind: str, by: Actor) -> list[Reason]:
    """Why the act whose entry is ``digest`` can't be taken back by ``by``; the unit must have been taken."""
    last = last_entry(device.pk)
    if last.digest != digest or last.kind != kind:
        return [Reason("gone_on", _("Something happened to %(tag)s since; scan it again.") % {"tag": device.tag})]
    if last.actor != by.reference:
        return [Reason("not_yours", _("Only the one who did it takes it back."))]
    return []


def take_back_hold(device: uuid.UUID, digest: str, *, by: Actor, at: datetime) -> Device:
    """End the hold that the entry ``digest`` placed. Raises UnableToUndo."""
    with transaction.atomic():
        taken = moves.take_one(device)
        if reasons := reasons_against_undoing(taken, digest, kind=facts.Held.kind, by=by):
            raise UnableToUndo(reasons)
        hold = last_entry(device).payload["hold"]
        row = taken.hold_rows.filter(kind=hold, released_at=None).first()
        if row is not None and (against := standing.reasons_against_ending(taken, row)):
            raise UnableToUndo(against)
        taken.hold_rows.filter(kind=hold, released_at=None).update(released_by=by.reference, released_at=at)
        moves.note(
            taken,
            fact=facts.HoldTakenBack(hold=hold, corrects=digest),
            by=by,
            at=at,
            set={"holds": [one for one in taken.holds if one != hold]},
        )
    return taken


def take_back_put(device: uuid.UUID, digest: str, *, back: Location | None, by: Actor, at: datetime) -> Device:
    """Say that the unit lies again where it lay before the entry ``digest`` put it elsewhere.

    Where it goes back to is a place like any other: what refuses a put refuses this. Raises UnableToUndo with every reason.
    """
    if not by.may("devices.locate"):
        raise NotAllowed(Reason("not_allowed", _("Moving units needs the right to move them.")))
    with transaction.atomic():
        taken = moves.take_one(device)
        if not taken.is_visible_to(by):
            raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
        reasons = reasons_against_undoing(taken, digest, kind=facts.Located.kind, by=by)
        told = {} if reasons else last_entry(device).payload
        if told and told.get("before") != (back.code if back is not None else None):
            reasons = [Reason("gone_on", _("It wasn't there before; scan the place where it is."))]
        into = None
        if not reasons:
            placing.hold_for([taken], *([back] if back is not None else []))
            into = placing.locked(back) if back is not None else None
            against = placing.reasons_against
            reasons = against([taken], into) if into is not None else placing.reasons_against_leaving([taken])
        if reasons:
            raise UnableToUndo(reasons)
        lay = taken.location
        entry = moves.note(
            taken,
            fact=facts.PutTakenBack(place=told["place"], back=into.code if into is not None else None, corrects=digest),
            by=by,
            at=at,
            set={"location_id": into.pk, "hub_id": into.hub_id} if into is not None else {"location_id": None},
        )
        placing.tell({taken.pk: lay}, into, [entry], by=by, at=at)
    return taken
