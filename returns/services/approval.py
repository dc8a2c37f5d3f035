"""Saying yes or no to an RMA, and calling it off: what is to come is announced, or no longer expected."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from returns import facts, policy, queries
from returns.models import (
    Approval,
    Charge,
    ChargeStatus,
    Goods,
    Kind,
    Refund,
    RefundStatus,
    Rma,
    RmaLine,
    RmaParcel,
    RmaStatus,
    RmaUnit,
    UnitStatus,
)
from returns.models.rma import SETTLED_UNITS
from returns.queries import whole
from returns.services import overriding
from returns.services.business import expecting
from returns.services.ways import choosing, spending
from returns.services.ways.choosing import Choice
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.accounts.services import persons
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.rows import Joined, change, put
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import DEPARTED, ENDS, State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals, moves
from revlog.devices.services.arrivals import Description, Stay
from revlog.logistics.models import Parcel
from revlog.logistics.services import parcels
from revlog.terms import queries as terms
from revlog.terms.models import Contact, Order, OrderSource

PLATFORM = actors.system("returns")
AWAY = DEPARTED | ENDS
"""States from which a unit can arrive again."""


class UnableToDecide(DomainError):
    """The RMA can't be approved, refused or called off (any more), or not by this person."""

    code = "unable_to_decide"


_LOCKED = Joined(
    Rma,
    {"order": Order, "seller": Organization, "contact": Contact, "hub": Hub},
    "t.id = %(rma)s",
    takes={"rma": "uuid"},
    lock=True,
)


def lock(rma: uuid.UUID) -> Rma:
    """The RMA, fresh and locked; units (devices) are locked before, its chain after."""
    found: Rma = _LOCKED.get(rma=rma)
    return found


def say(rma: Rma, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> Entry:
    """Say ``fact`` on the RMA's chain; its seller may read it."""
    return ledger.append(rma.pk, fact, by=by, at=at, key=key, owner=rma.seller_id, hub=rma.hub_id)


def _may_decide(by: Actor) -> None:
    if not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Approving returns needs the right to approve them.")))


def reasons_against_deciding(rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't approve or refuse it; feeds the buttons."""
    found = []
    if rma.status != RmaStatus.REQUESTED:
        found.append(
            Reason(
                "decided", _("%(number)s is %(status)s.") % {"number": rma.number, "status": word(f"rma.{rma.status}")}
            )
        )
    return found + separations.reasons_against("rma_approval", doer=[rma.opened_by], by=by)


def reasons_against_approving(rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't give the step of approval that is open."""
    given = [one.approved_by for one in rma.approvals.all()]
    found = reasons_against_deciding(rma, by=by) + overriding.reasons_against_approving(rma, by=by)
    found += _reasons_against_worthless(rma)
    return found + separations.reasons_against("second_approval", doer=given, by=by)


def _reasons_against_worthless(rma: Rma) -> list[Reason]:
    """Something that a customer only told of costs nothing until somebody says what it is worth; money for it would be nothing."""
    if rma.order.source != OrderSource.TOLD:
        return []
    if any(not line.price and line.wanted in {"refund", "credit"} for line in rma.lines.all()):
        return [Reason("no_price", _("Say first what it is worth: no order of ours tells."))]
    return []


def approve(rma: Rma, *, why: str = "", by: Actor, at: datetime) -> Rma:
    """Say yes to what the rules left to people: a step of it where they ask for two. Nobody approves what they opened, or twice."""
    _may_decide(by)
    with transaction.atomic():
        row = whole.with_lines(lock(rma.pk))
        if found := reasons_against_approving(row, by=by):
            raise UnableToDecide(found)
        step, of = len(row.approvals.all()) + 1, max(row.steps, 1)
        given = Approval(rma=row, step=step, approved_by=by.reference, approved_at=at, why=why.strip()[:300])
        if step < of:
            put(given)
            say(row, facts.RmaStepApproved(number=row.number, step=step, of=of), by=by, at=at)
            return whole.forget(row)
        row.decided_why = why.strip()[:300]
        version = int(row.lines.all()[0].decision.get("version", 0))
        return put_through(row, rule="person", version=version, given=given, by=by, at=at)


def put_through(
    rma: Rma,
    *,
    rule: str,
    version: int,
    given: Approval | None = None,
    choice: Choice | None = None,
    hand_in_by: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Rma:
    """Approve a locked (or new) RMA: announce the units that come back, and their parcel by the way that it travels; say so.

    The label follows by itself, and so does what is due for lines of which nothing comes back (``keeping.begin``).
    """
    rules = terms.in_force(policy.KIND, at=at, organization=rma.seller_id)
    calendar = rma.hub.calendar
    rma.approve()
    rma.decided_by, rma.decided_at = by.reference, at
    lines = list(rma.lines.all())
    if any(line.goods in {Goods.BACK, Goods.DONATE} for line in lines):
        rma.hand_in_by = hand_in_by or calendar.after_days(at, int(rules.parameters.get("hand_in_days", 14)))
    back = [line for line in lines if line.comes_back]
    also: list[Model] = [given] if given is not None else []
    if expecting.is_business(rma):
        expecting.expect(rma, back=lambda serial: _back(serial, rma), by=by, at=at)
    else:
        named: set[uuid.UUID] = set()
        for line in back:
            also += _expect(rma, line, named=named, by=by, at=at)
    if back:
        also += choosing.begin(rma, choice=choice, rules=rules, by=by, at=at)
    change([rma], "status", "decided_by", "decided_at", "decided_why", "hand_in_by", "way")
    put(*also)
    say(
        rma,
        facts.RmaApproved(
            number=rma.number,
            rule=rule,
            rules=version,
            hand_in_by=rma.hand_in_by.isoformat() if rma.hand_in_by else "",
        ),
        by=by,
        at=at,
    )
    return whole.forget(rma)


def why_here(rma: Rma) -> str:
    """What brings the things of this case here, as ``Visit.why`` has it: a trade-in is no return, and isn't counted as one."""
    return "trade_in" if rma.kind == Kind.TRADE else "return"


def _expect(rma: Rma, line: RmaLine, *, named: set[uuid.UUID], by: Actor, at: datetime) -> list[RmaUnit]:
    """A unit, still to be put down, for each piece: announced as a device, unless its serial is of one that we know and that has left us.

    ``named`` are those of that kind which this return has already: no device is two of its units.
    """
    sold = line.order_line
    counted = sold.tracking == Tracking.COUNTED
    # Only when all that shipped come back is it certain which serial a piece has.
    serials = list(sold.serials) if len(sold.serials) == sold.quantity == line.quantity else []
    units = []
    for place in range(1 if counted else line.quantity):
        serial = serials[place] if serials and not counted else ""
        known = queries.known_device(serial, PLATFORM)
        free = known is not None and known.pk not in named and _may_come_back(known, rma)
        back = known if free else None
        named |= {back.pk} if back is not None else set()
        device = back or arrivals.announce(
            what=Description(
                device_class=sold.device_class,
                product=sold.product,
                variant=sold.variant,
                model="" if sold.product else sold.description,
                # A number that somebody here has already must not name two units; what differs shows at the dock.
                serial="" if known is not None else serial,
                tracking=sold.tracking,
                quantity=line.quantity if counted else 1,
            ),
            stay=Stay(
                why=why_here(rma),
                owner=title_of(rma, at=at),
                hub=rma.hub_id,
                reference=f"rma_line:{line.pk}",
                currency=line.currency,
            ),
            by=by,
            at=at,
        )
        units.append(
            RmaUnit(
                id=ids.new(at),
                line=line,
                position=place + 1,
                quantity=line.quantity if counted else 1,
                serial=serial,
                device=device,
            )
        )
    return units


def title_of(rma: Rma, *, at: datetime) -> uuid.UUID:
    """Whose the thing is while it comes: the seller's who takes it back; of one that is traded in, still the person's."""
    return persons.private_persons(at).pk if rma.kind == Kind.TRADE else rma.seller_id


def _back(serial: str, rma: Rma) -> tuple[Device | None, bool]:
    known = queries.known_device(serial, PLATFORM)
    return (known if known is not None and _may_come_back(known, rma) else None), known is not None


def may_give_back(device: Device, rma: Rma) -> bool:
    """Whether whoever returns it may have it: it is still the seller's, or was sold and belongs to its buyer."""
    return device.owner_id == rma.seller_id or device.owner.kind == OrganizationKind.BUYER


def _may_come_back(device: Device, rma: Rma) -> bool:
    """Whether it has been here and is away, may be given back, and is in no other open return."""
    return (
        State(device.state) in AWAY
        and may_give_back(device, rma)
        and not device.rma_units.exclude(status__in=[status.value for status in SETTLED_UNITS]).exists()
    )


def refuse(rma: Rma, *, reason: str, by: Actor, at: datetime) -> Rma:
    """Say no, with the reason that the customer reads."""
    _may_decide(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is refused; the customer reads it."), "reason"))
    with transaction.atomic():
        row = lock(rma.pk)
        if found := reasons_against_deciding(row, by=by):
            raise UnableToDecide(found)
        row.refuse()
        row.decided_by, row.decided_at, row.decided_why = by.reference, at, reason.strip()[:300]
        row.closed_at = at
        row.save()
        say(row, facts.RmaRefused(number=row.number, reason=row.decided_why), by=by, at=at)
    return row


def reasons_against_cancelling(rma: Rma, *, by: Actor) -> list[Reason]:
    found = []
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.approve") and not (by.may("returns.open") and rma.seller_id in by.stands_for):
        found.append(Reason("not_allowed", _("Calling a return off needs the right to do so.")))
    if not can_proceed(rma.cancel):
        found.append(
            Reason(
                "too_late",
                _("%(number)s can't be called off any more: it is %(status)s.")
                % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        )
    elif _something_given(rma):
        found.append(
            Reason(
                "too_late",
                _("%s can't be called off any more: money or another thing for it is on its way.") % rma.number,
            )
        )
    return found


def _something_given(rma: Rma) -> bool:
    """Whether the customer has got, or paid, something for it already."""
    return (
        rma.lines.exclude(exchange=None).exists()
        or Refund.objects.filter(line__rma=rma).exclude(status=RefundStatus.REJECTED).exists()
        or Charge.objects.filter(line__rma=rma, status=ChargeStatus.PAID).exists()
    )


def cancel(rma: Rma, *, by: Actor, at: datetime) -> Rma:
    """Call it off before it is handed over: nothing is expected any more, and the things may be announced again."""
    with transaction.atomic():
        taken = take_expected(rma.pk)
        row = lock(rma.pk)
        if found := reasons_against_cancelling(row, by=by):
            raise UnableToDecide(found)
        row.cancel()
        row.closed_at = at
        row.save()
        no_longer_expected(row, taken, reason=_("called off"), by=by, at=at)
        for link in row.parcel_links.select_related("parcel__shipment"):
            parcels.cancel(link.parcel.shipment, reason=row.number, by=by, at=at)
        choosing.call_off(row, by=by, at=at)
        say(row, facts.RmaCancelled(number=row.number, trade=row.kind == Kind.TRADE or None), by=by, at=at)
    return row


def take_expected(rma: uuid.UUID) -> list[Device]:
    expected = RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED, device__isnull=False)
    return moves.take(expected.values_list("device_id", flat=True))


def no_longer_expected(rma: Rma, taken: Iterable[Device], *, reason: str, by: Actor, at: datetime) -> list[RmaUnit]:
    """The units of a locked RMA that haven't come won't; the devices announced for them are given up."""
    for device in taken:
        if State(device.state) == State.EXPECTED:
            arrivals.give_up(device, reason=reason, by=by, at=at)
    rows = list(
        RmaUnit.objects.select_for_update(no_key=True, of=("self",)).filter(line__rma=rma, status=UnitStatus.EXPECTED)
    )
    for unit in rows:
        unit.status, unit.settled_at, unit.settled_by = UnitStatus.NOT_RECEIVED, at, by.reference
        unit.settled_why = reason[:300]
        unit.save(update_fields=["status", "settled_at", "settled_by", "settled_why"])
    return rows


def hand_over(rma: Rma, *, by: Actor, at: datetime) -> Rma:
    """The customer (or the carrier for them) says that it was handed in. Said again, nothing happens."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.open") and not by.may("logistics.handover"):
        raise NotAllowed(Reason("not_allowed", _("Only who sends it can say that it was handed in.")))
    with transaction.atomic():
        row = lock(rma.pk)
        if row.status in {RmaStatus.HANDED_OVER, RmaStatus.ARRIVED, RmaStatus.CLOSED}:
            return row
        if not can_proceed(row.hand_over) or not row.parcel_links.exists():
            raise UnableToDecide(
                Reason(
                    "wrong_status",
                    _("%(number)s can't be handed over: it is %(status)s.")
                    % {"number": row.number, "status": word(f"rma.{row.status}")},
                )
            )
        row.hand_over()
        row.handed_over_at = at
        row.save()
        links = list(row.parcel_links.select_related("parcel__shipment__carrier"))
        for link in links:
            shipment = link.parcel.shipment
            parcels.release(
                shipment,
                giver="customer",
                taker=shipment.carrier.code if shipment.carrier else "carrier",
                parcels=1,
                by=by,
                at=at,
            )
        say(row, facts.HandedOver(number=row.number, parcels=len(links)), by=by, at=at)
    return row


def add_parcel(rma: Rma, *, by: Actor, at: datetime) -> Parcel:
    """One more box for the same RMA, with a label of its own."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.open") and not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Only who sends it can add a parcel.")))
    with transaction.atomic():
        row = lock(rma.pk)
        if row.status not in {RmaStatus.APPROVED, RmaStatus.HANDED_OVER}:
            raise UnableToDecide(Reason("wrong_status", _("A parcel can be added only before the return has arrived.")))
        if not row.parcel_links.exists():
            raise UnableToDecide(Reason("nothing_comes", _("Nothing of this return is to be sent.")))
        if row.parcel_links.count() >= 10:
            raise UnableToDecide(Reason("parcels", _("A return has at most 10 parcels; write to us for more.")))
        if own and (found := spending.reasons_against_another(row, at=at)):
            raise UnableToDecide(found)
        link = row.parcel_links.select_related("parcel__shipment")[0]
        parcel = parcels.add_parcel(link.parcel.shipment, by=by, at=at)
        RmaParcel.objects.create(rma=row, parcel=parcel, added_at=at)
        say(
            row,
            facts.ParcelPlanned(number=row.number, parcel=str(parcel.pk), tracking=parcel.tracking),
            by=by,
            at=at,
        )
    return parcel
