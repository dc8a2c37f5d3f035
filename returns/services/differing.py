"""Something else came than was sold: it is taken in as what it is, held, and a person decides what becomes of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import queries
from returns.models import Discrepancy, RmaUnit, Trouble, UnitStatus
from returns.services import accepting, approval, owing, troubles
from returns.services.receiving import Received, begin_or_again, has_been, known_by, matches_any, received
from returns.services.unloading import UnableToReceive, arrived_with, may_receive
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.journey import State
from revlog.devices.models import HoldKind
from revlog.devices.services import arrivals, moves, standing
from revlog.logistics.models import Parcel


def receive_wrong(
    unit: RmaUnit, *, serial: str, item: str = "", hub: Hub, parcel: Parcel | None = None, by: Actor, at: datetime
) -> Received:
    """Something else was in the box than was sold: taken in as what it is, held, and written down. The line goes on waiting.

    ``item`` names a thing of another kind altogether, whose number then needn't be known.
    """
    may_receive(by)
    if not serial.strip() and not item.strip():
        raise BadInput(Reason("no_serial", _("Scan the serial number that is on it."), "serial"))
    with transaction.atomic():
        known = known_by(serial)
        # The unit itself, announced: its own number is no other one's, and says so below.
        known = None if known is not None and known.pk == unit.device_id else known
        taken = moves.take_one(known.pk) if known is not None else None
        if taken is not None and State(taken.state) not in approval.AWAY:
            raise UnableToReceive(
                Reason(
                    "here_already",
                    _("%(tag)s has this number and is here already (%(state)s). Put the thing on the hold shelf.")
                    % {"tag": taken.tag, "state": word(f"state.{taken.state}")},
                )
            )
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if row.status != UnitStatus.EXPECTED:
            raise UnableToReceive(has_been(row, hub))
        sold = row.line.order_line
        expected = [row.serial] if row.serial else list(sold.serials)
        if serial.strip() and matches_any(serial, expected):
            raise UnableToReceive(Reason("right_serial", _("%s is the one that was sold: receive it.") % serial))
        device = begin_or_again(
            taken,
            serial=serial,
            device_class="other" if item else sold.device_class,
            what=item,
            owner=rma.seller_id,
            why=approval.why_here(rma),
            reference=f"rma_line:{row.line_id}",
            hub=hub,
            by=by,
            at=at,
        )
        standing.hold(
            device,
            HoldKind.FRAUD,
            reason=_("wrong item in return %(number)s: %(expected)s was sold")
            % {"number": rma.number, "expected": sold.description}
            if item
            else _("wrong serial in return %(number)s: %(expected)s was sold")
            % {"number": rma.number, "expected": ", ".join(expected) or "—"},
            by=by,
            at=at,
        )
        trouble = troubles.raise_trouble(
            Trouble.WRONG_ITEM if item else Trouble.WRONG_SERIAL,
            hub=hub,
            rma=rma,
            unit=row,
            device=device,
            parcel=parcel,
            expected=sold.description if item else ", ".join(expected),
            found=item or serial,
            money_at_risk=row.line.per_piece,
            currency=rma.currency,
            by=by,
            at=at,
        )
        arrived_with(rma, parcel, by=by, at=at)
    return Received(device, None, queries.place_for(device, hub), [trouble])


def match_anyway(row: Discrepancy, *, reason: str, by: Actor, at: datetime) -> RmaUnit:
    """A lead decides that the wrong serial is the right thing after all (the shop had noted another): it is received for the line."""
    return _match(row, reason=reason, releases=by.may("devices.release"), pays=True, by=by, at=at)


def _match(row: Discrepancy, *, reason: str, releases: bool, pays: bool, by: Actor, at: datetime) -> RmaUnit:
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is the right thing."), "reason"))
    unit = row.unit
    if row.kind != Trouble.WRONG_SERIAL or row.device_id is None or unit is None:
        raise UnableToReceive(Reason("no_wrong_serial", _("There is no wrong serial to decide on.")))
    with transaction.atomic():
        taken = moves.take([pk for pk in (row.device_id, unit.device_id) if pk is not None])
        device, announced = taken[0], taken[1] if len(taken) > 1 else None
        rma = approval.lock(unit.line.rma_id)
        fresh = (
            RmaUnit.objects.select_for_update(no_key=True, of=("self",))
            .select_related("line__order_line", "line__rma")
            .get(pk=unit.pk)
        )
        if fresh.status != UnitStatus.EXPECTED:
            raise UnableToReceive(has_been(fresh, row.hub))
        # Also the separation: nobody settles what they reported.
        troubles.resolve(row, resolution=reason, by=by, at=at)
        device = moves.take_one(device.pk)
        held = device.hold_rows.filter(kind=HoldKind.FRAUD, released_at=None).first()
        if held is not None and releases:
            standing.release(device, held, reason=reason, by=by, at=at)
        if announced is not None and State(announced.state) == State.EXPECTED:
            arrivals.give_up(announced, reason=_("it is known as %s") % device.tag, by=by, at=at)
        received(
            fresh, rma, device, hub=row.hub, serial="", how="person", unreadable=False, counted=None, damaged=False,
            parcel=row.parcel, pays=pays, by=by, at=at,
        )  # fmt: skip
    return fresh


def refuse_wrong(row: Discrepancy, *, reason: str, releases: bool = False, by: Actor, at: datetime) -> RmaUnit:
    """What came instead goes back to the customer, and the line is settled as not taken back: nothing is paid for it on the way.

    ``releases`` says that what is decided ends its fraud hold, whoever may release others.
    """
    with transaction.atomic():
        releases = releases or by.may("devices.release")
        unit = _match(row, reason=reason, releases=releases, pays=False, by=by, at=at)
        return accepting.refuse_unit(unit, reason=reason, by=by, at=at)
