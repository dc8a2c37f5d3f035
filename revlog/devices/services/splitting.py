"""A counted lot in two: some of it goes another way. Said on both chains; together they are as many as before."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, Reason
from revlog.custody.services import ledger
from revlog.devices import facts
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device, Visit
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals, moves

SPLITTABLE = frozenset({State.EXPECTED, State.RECEIVED, State.IN_TRIAGE})
"""Before anything is decided about it: what was decided for a lot was decided for all of it."""


class UnableToSplit(DomainError):
    code = "unable_to_split"


def reasons_against_splitting(device: Device, pieces: int) -> list[Reason]:
    found = []
    if device.tracking != Tracking.COUNTED:
        found.append(Reason("not_counted", _("%s is one thing and can't be split.") % device.tag))
    elif State(device.state) not in SPLITTABLE:
        found.append(Reason("wrong_state", _("%s can't be split any more: its way is decided.") % device.tag))
    elif device.holds:
        found.append(Reason("on_hold", _("%s is on hold and stays together.") % device.tag))
    elif not 1 <= pieces < device.quantity:
        found.append(
            Reason(
                "pieces",
                _("Of %(tag)s 1 to %(most)s pieces can be split off.")
                % {"tag": device.tag, "most": device.quantity - 1},
            )
        )
    return found


def split(device: Device, pieces: int, *, by: Actor, at: datetime) -> Device:
    """Split so many pieces off a taken lot: a unit of its own, with its own tag, in the same state and place. Raises UnableToSplit."""
    if found := reasons_against_splitting(device, pieces):
        raise UnableToSplit(found)
    [tag] = arrivals.fresh_tags(1)
    stay = Visit.objects.get(pk=device.visit_id) if device.visit_id else None
    entry = moves.note(
        device,
        fact=facts.SplitOff(to=tag, quantity=pieces),
        by=by,
        at=at,
        set={"quantity": device.quantity - pieces},
    )
    part = Device(
        **{
            field.attname: getattr(device, field.attname)
            for field in Device._meta.concrete_fields
            if field.attname not in {"id", "tag", "quantity", "state_sequence", "visit_id", "created_at", "authority"}
        },
        id=ids.new(at),
        tag=tag,
        quantity=pieces,
        state_sequence=1,
        visit_id=ids.new(at),
        created_at=at,
    )
    part.head = ledger.Head(id=part.id, kind="unit")
    first = ledger.draft(
        part.head,
        facts.SplitFrom(
            parent=device.tag,
            parent_chain=str(device.pk),
            parent_sequence=entry.sequence,
            parent_digest=entry.digest,
            quantity=pieces,
        ),
        by=by,
        at=at,
        more={"state_to": part.state, "tag": tag},
    )
    first.owner_id, first.hub_id = part.owner_id, part.hub_id
    visit = Visit(
        id=part.visit_id,
        device_id=part.id,
        number=1,
        why=stay.why if stay else "return",
        owner_id=part.owner_id,
        reference=stay.reference if stay else "",
        opened_at=stay.opened_at if stay else at,
        received_at=stay.received_at if stay else None,
    )
    names = arrivals.named(part, [Name("tag", tag, tag)], at=at)
    ledger.write_many([first], opening="unit", also=arrivals.first_rows([part], [visit], names))
    part._state.adding = visit._state.adding = False
    part.visit = visit
    return part
