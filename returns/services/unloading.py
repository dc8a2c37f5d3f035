"""Parcels at the dock: announced, unannounced, undeliverable, empty."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_fsm import can_proceed

from returns import facts, policy
from returns.facts.sessions import ReceiptUndone
from returns.models import Discrepancy, Origin, Rma, RmaParcel, RmaStatus, RmaUnit, Trouble, UnitStatus
from returns.models.rma import COMING
from returns.services import approval, opening, troubles
from returns.services.opening import Wish
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.accounts.queries import operator
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.rows import change
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.logistics.models import Condition, Parcel, ParcelStatus
from revlog.logistics.services import parcels
from revlog.terms import queries as terms
from revlog.terms.models import Order


class UnableToReceive(DomainError):
    """The thing in the hand can't be taken in this way; the sentence says what to do with it."""

    code = "unable_to_receive"


def may_receive(by: Actor) -> None:
    if not by.may("returns.receive"):
        raise NotAllowed(Reason("not_allowed", _("Receiving needs the right to receive.")))


def arrive(
    parcel: Parcel, *, condition: Condition = Condition.INTACT, by: Actor, at: datetime
) -> tuple[Parcel, list[Rma], bool]:
    """A parcel with a known number stands on the dock: its RMAs have arrived. The flag is False when it had been taken in before."""
    may_receive(by)
    with transaction.atomic():
        links = parcel.rma_links.order_by("rma_id").values_list("rma_id", flat=True)
        rmas = [approval.lock(pk) for pk in links]
        row, fresh = parcels.take_in(parcel, condition=condition, by=by, at=at)
        for rma in rmas:
            # What is scanned off is told when its delivery ends; whoever opens it before tells it now.
            if fresh or ledger.already(rma.pk, _key(row)) is None:
                _arrived(rma, row, by=by, at=at)
    return row, rmas, fresh


def scanned_off(parcel: Parcel, *, by: Actor, at: datetime) -> None:
    """A parcel came off a truck that is gone now: its RMAs have arrived; one that nobody announced is noted for somebody to look into."""
    with transaction.atomic():
        links = list(parcel.rma_links.order_by("rma_id").values_list("rma_id", flat=True))
        for rma in [approval.lock(pk) for pk in links]:
            if ledger.already(rma.pk, _key(parcel)) is None:
                _arrived(rma, parcel, by=by, at=at)
        known = Discrepancy.objects.filter(kind=Trouble.UNANNOUNCED_PARCEL, parcel=parcel)
        if not parcel.announced and not links and not known.exists():
            troubles.raise_trouble(
                Trouble.UNANNOUNCED_PARCEL, hub=parcel.shipment.hub, parcel=parcel, expected="", found=parcel.tracking,
                by=by, at=at,
            )  # fmt: skip


def _key(parcel: Parcel) -> str:
    return f"arrived:{parcel.pk}"


def _arrived(rma: Rma, parcel: Parcel, *, by: Actor, at: datetime) -> None:
    """Say on a locked RMA's chain that a parcel of it is here; the first one sets by when we look."""
    calendar = parcel.shipment.hub.calendar
    if rma.check_by is None:
        rules = terms.in_force(policy.KIND, at=at, organization=rma.seller_id)
        rma.check_by = calendar.after_days(at, int(rules.parameters.get("check_days", 5)))
        rma.arrived_at = at
    if can_proceed(rma.arrive):
        rma.arrive()
    rma.save()
    approval.say(
        rma,
        facts.ParcelArrived(
            number=rma.number,
            parcel=str(parcel.pk),
            tracking=parcel.tracking,
            hub=parcel.shipment.hub.name,
            check_by=rma.check_by.isoformat(),
        ),
        by=by,
        at=at,
        key=_key(parcel),
    )


def open_return(rma: Rma, *, parcel: Parcel | None, hub: Hub, by: Actor, at: datetime) -> Parcel:
    """An RMA's number was scanned: its own parcel is here, or its things lie in the parcel at hand (many RMAs in one box).

    Raises UnableToReceive for an RMA that isn't coming: refused, called off, closed.
    """
    may_receive(by)
    with transaction.atomic():
        row = approval.lock(rma.pk)
        if row.status not in {status.value for status in COMING} | {RmaStatus.EXPIRED.value}:
            raise UnableToReceive(
                Reason(
                    "not_coming",
                    _("Return %(number)s is %(status)s. Put the thing on the hold shelf.")
                    % {"number": row.number, "status": word(f"rma.{row.status}")},
                )
            )
        if row.status == RmaStatus.EXPIRED:
            _expect_again(row)
        if parcel is None:
            waiting = row.parcel_links.filter(
                parcel__status__in=[ParcelStatus.ANNOUNCED, ParcelStatus.IN_TRANSIT]
            ).select_related("parcel__shipment__hub")
            link = waiting.first() or row.parcel_links.select_related("parcel__shipment__hub").last()
            if link is None:
                parcel = parcels.take_in_unannounced(hub=hub, owner=row.seller, reference=f"rma:{row.pk}", by=by, at=at)
            else:
                parcel = link.parcel
        RmaParcel.objects.get_or_create(rma=row, parcel=parcel, defaults={"added_at": at})
        if parcel.arrived_at is None:
            parcel, _rmas, _fresh = arrive(parcel, by=by, at=at)
        else:
            _arrived(row, parcel, by=by, at=at)
    return parcel


def _expect_again(rma: Rma) -> None:
    """It was given up and is here after all: its units may be taken in; the devices arrive once more on their own chains."""
    RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.NOT_RECEIVED).update(
        status=UnitStatus.EXPECTED, settled_at=None, settled_by="", settled_why=""
    )
    rma.closed_at = None


def receive_unannounced_parcel(
    *, tracking: str, hub: Hub, condition: Condition = Condition.INTACT, by: Actor, at: datetime
) -> Parcel:
    """A parcel that nobody announced: taken in, and noted for somebody to find out whose it is."""
    may_receive(by)
    owner = operating_organization()
    with transaction.atomic():
        parcel = parcels.take_in_unannounced(tracking=tracking, hub=hub, owner=owner, condition=condition, by=by, at=at)
        troubles.raise_trouble(
            Trouble.UNANNOUNCED_PARCEL, hub=hub, parcel=parcel, expected="", found=parcel.tracking, by=by, at=at
        )
    return parcel


def operating_organization() -> Organization:
    found = operator()
    if found is None:
        raise UnableToReceive(Reason("no_operator", _("No operator is set up yet.")))
    return found


def receive_undeliverable(
    order: Order, *, why: Origin, tracking: str = "", hub: Hub, by: Actor, at: datetime
) -> tuple[Rma, Parcel]:
    """A forward parcel that came back, refused at the door or undeliverable: it has an order and no RMA, so it gets one.

    What the parcel's number says was in it comes back; without a number, whatever of the order isn't back yet.
    """
    may_receive(by)
    if why not in {Origin.UNDELIVERABLE, Origin.REFUSED}:
        raise BadInput(Reason("why", _("Say whether it was refused or could not be delivered."), "why"))
    reason = "REFUSED" if why == Origin.REFUSED else "UNDELIVERABLE"
    with transaction.atomic():
        gone = opening.taken(order)
        lines = [line for line in order.lines.all() if line.quantity > gone.get(line.pk, 0)]
        bare = "".join(tracking.split())
        named = [line for line in lines if bare and line.parcel_number.upper() == bare.upper()]
        wishes = [
            Wish(line=line.pk, quantity=line.quantity - gone.get(line.pk, 0), reason=reason) for line in named or lines
        ]
        if not wishes:
            raise UnableToReceive(
                Reason("all_back", _("Everything of order %s is back or announced already.") % order.number)
            )
        rma = opening.open_rma(order=order, wishes=wishes, origin=why, by=by, at=at)
        parcel = open_return(rma, parcel=None, hub=hub, by=by, at=at)
    rma = Rma.objects.get(pk=rma.pk)
    return rma, parcel


def empty_box(parcel: Parcel, rma: Rma, *, by: Actor, at: datetime) -> Discrepancy:
    """The box is empty: what was to be in it stays expected, and somebody has to decide."""
    may_receive(by)
    with transaction.atomic():
        row = approval.lock(rma.pk)
        parcels.note_condition(parcel, Condition.EMPTY, by=by, at=at)
        known = Discrepancy.objects.filter(kind=Trouble.EMPTY_BOX, parcel=parcel, rma=row, resolved_at=None).first()
        if known is not None:
            return known
        waiting = RmaUnit.objects.filter(line__rma=row, status=UnitStatus.EXPECTED).select_related("line__order_line")
        expected = ", ".join(unit.line.order_line.description for unit in waiting)
        return troubles.raise_trouble(
            Trouble.EMPTY_BOX,
            hub=parcel.shipment.hub,
            rma=row,
            parcel=parcel,
            expected=expected,
            found=_("nothing"),
            money_at_risk=sum((unit.line.per_piece * unit.quantity for unit in waiting), Decimal(0)),
            currency=row.currency,
            by=by,
            at=at,
        )


def arrived_with(rma: Rma, parcel: Parcel | None, *, by: Actor, at: datetime) -> None:
    """A thing was taken in before anybody scanned its parcel: the RMA has arrived all the same."""
    if parcel is not None:
        RmaParcel.objects.get_or_create(rma=rma, parcel=parcel, defaults={"added_at": at})
        _arrived(rma, parcel, by=by, at=at)
    elif can_proceed(rma.arrive):
        rma.arrive()
        rules = terms.in_force(policy.KIND, at=at, organization=rma.seller_id)
        rma.arrived_at = at
        rma.check_by = rma.hub.calendar.after_days(at, int(rules.parameters.get("check_days", 5)))
        change([rma], "status", "arrived_at", "check_by")


def not_arrived(rma: Rma, slips: AbstractSet[datetime], *, fact: ReceiptUndone, by: Actor, at: datetime) -> None:
    """Of a locked RMA of which nothing is received any more: take back what receipts at these moments said of it, and no more.

    A parcel that was scanned stays here, and so does its return; so does one of which something else was found.
    """
    if RmaUnit.objects.filter(line__rma=rma, received_at__isnull=False).exists():
        return
    if Discrepancy.objects.filter(rma=rma).exists():
        return
    made = rma.parcel_links.filter(added_at__in=slips)
    own = rma.parcel_links.exclude(added_at__in=slips)
    if own.filter(parcel__arrived_at__isnull=False).exists():
        made.delete()
        return
    if rma.status != RmaStatus.ARRIVED or rma.arrived_at is None or rma.arrived_at not in slips:
        return
    entry = Entry.objects.filter(chain_id=rma.pk, kind=facts.ParcelArrived.kind, occurred_at=rma.arrived_at).last()
    made.delete()
    rma.take_back_arrival()
    rma.arrived_at, rma.check_by = None, None
    change([rma], "status", "arrived_at", "check_by")
    corrected = ReceiptUndone(session=fact.session, corrects=entry.digest) if entry is not None else fact
    approval.say(rma, corrected, by=by, at=at)


def not_unpacked(parcel: Parcel | None) -> None:
    """Something is expected out of it again."""
    if parcel is None:
        return
    waiting = RmaUnit.objects.filter(line__rma__parcel_links__parcel=parcel, status=UnitStatus.EXPECTED)
    if waiting.exists():
        parcels.not_unpacked(parcel.pk)


def unpacked(parcel: Parcel | None) -> None:
    if parcel is None:
        return
    waiting = RmaUnit.objects.filter(line__rma__parcel_links__parcel=parcel, status=UnitStatus.EXPECTED)
    if not waiting.exists():
        parcels.unpacked(parcel.pk)


def summary(parcel: Parcel) -> str:
    """How much of what the parcel's returns expect is still to come out of it."""
    left = RmaUnit.objects.filter(line__rma__parcel_links__parcel=parcel, status=UnitStatus.EXPECTED).count()
    return ngettext("%s thing still expected", "%s things still expected", left) % left
