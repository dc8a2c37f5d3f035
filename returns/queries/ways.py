"""What of the way that returns travel needs a person: carriers that refuse, things that nobody may carry, parcels that are late."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import Rma, RmaParcel, RmaStatus, Way
from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.logistics.models import Booking, BookingStatus, ParcelStatus, Pickup, PickupStatus
from revlog.logistics.services.bookings import KEPT

DELIVERED_AND_NOT_HERE = timedelta(hours=24)
LATE = timedelta(days=2)
"""How long after the day that its carrier named a parcel is missed."""
KEPT_FOR = timedelta(days=60)
"""How long after a carrier was asked its postage that wasn't given back stands in the inbox."""
TROUBLE = ("trouble", "going_back")


def late_parcels(actor: Actor, *, at: datetime) -> QuerySet[RmaParcel]:
    """Parcels of open returns of which the carrier says that something is wrong, or that should be here and aren't."""
    said = Q(parcel__scan__in=TROUBLE)
    delivered = Q(parcel__scan="delivered", parcel__scanned_at__lt=at - DELIVERED_AND_NOT_HERE)
    late = Q(parcel__expected_on__lt=(at - LATE).date()) & ~Q(parcel__scan="")
    return RmaParcel.objects.filter(
        said | delivered | late,
        rma__in=Rma.objects.visible_to(actor),
        rma__status__in=[RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value],
        parcel__status__in=[ParcelStatus.ANNOUNCED, ParcelStatus.IN_TRANSIT],
    ).select_related("rma", "parcel")


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    return [*_refused(actor), *_kept(actor, at), *_open(actor), *_missed(actor), *_late(actor, at)]


def _worth(rma: Rma) -> Decimal:
    return sum((line.amount for line in rma.lines.all()), Decimal(0))


def _refused(actor: Actor) -> list[ExceptionRow]:
    links = (
        RmaParcel.objects.filter(
            rma__in=Rma.objects.visible_to(actor),
            rma__status=RmaStatus.APPROVED,
            parcel__booking__status=BookingStatus.REFUSED,
            parcel__status=ParcelStatus.ANNOUNCED,
        )
        .select_related("rma", "parcel__booking__carrier")
        .prefetch_related("rma__lines")[:200]
    )
    found = []
    for link in links:
        booking: Booking = link.parcel.booking
        found.append(
            ExceptionRow(
                key=f"label:{booking.pk}",
                kind="label_refused",
                sentence=_("%(carrier)s won't carry it: %(why)s The customer has a label of ours.")
                % {"carrier": booking.carrier.name, "why": booking.why},
                thing=link.rma.number,
                url=reverse("returns_rma", args=[link.rma.number]),
                owner=_("support"),
                since=booking.answered_at or booking.asked_at,
                due=link.rma.hand_in_by,
                money_at_risk=_worth(link.rma),
                currency=link.rma.currency,
                next_action=_("Put the address right, or choose another way"),
            )
        )
    return found


def _kept(actor: Actor, at: datetime) -> list[ExceptionRow]:
    """Postage that wasn't given back: the called off parcel's link may be gone, its shipment still names the return."""
    rows = list(
        Booking.objects.filter(
            status=BookingStatus.CANCELLED,
            why=KEPT,
            asked_at__gte=at - KEPT_FOR,
            parcel__shipment__reference__startswith="rma:",
        ).select_related("carrier", "parcel__shipment")[:200]
    )
    keys = {row.pk: row.parcel.shipment.reference.removeprefix("rma:") for row in rows}
    found = (
        {str(one.pk): one for one in Rma.objects.visible_to(actor).filter(pk__in=set(keys.values()))} if rows else {}
    )
    return [
        ExceptionRow(
            key=f"postage:{row.pk}",
            kind="rma_unaccounted",
            sentence=_("%(carrier)s gives no postage back for parcel %(tracking)s, which was called off.")
            % {"carrier": row.carrier.name, "tracking": row.parcel.tracking},
            thing=rma.number,
            url=reverse("returns_rma", args=[rma.number]),
            owner=_("support"),
            since=row.answered_at or row.asked_at,
            due=None,
            money_at_risk=row.price or Decimal(0),
            currency=row.currency or rma.currency,
            next_action=_("Ask the carrier"),
        )
        for row in rows
        if (rma := found.get(keys[row.pk])) is not None
    ]


def _open(actor: Actor) -> list[ExceptionRow]:
    rows = Rma.objects.visible_to(actor).filter(way=Way.ARRANGED, status=RmaStatus.APPROVED).prefetch_related("lines")
    return [
        ExceptionRow(
            key=f"way:{row.pk}",
            kind="way_open",
            sentence=_("No way that we offer will do for it: say how it is fetched."),
            thing=row.number,
            url=reverse("returns_rma", args=[row.number]),
            owner=_("support"),
            since=row.decided_at or row.opened_at,
            due=row.hand_in_by,
            money_at_risk=_worth(row),
            currency=row.currency,
            next_action=_("Arrange it"),
        )
        for row in rows[:200]
    ]


def _missed(actor: Actor) -> list[ExceptionRow]:
    rows = Rma.objects.visible_to(actor).filter(way=Way.PICKUP, status=RmaStatus.APPROVED).prefetch_related("lines")
    found = {f"rma:{row.pk}": row for row in rows[:500]}
    booked = set(
        Pickup.objects.filter(reference__in=found, status=PickupStatus.BOOKED).values_list("reference", flat=True)
    )
    missed = Pickup.objects.filter(reference__in=set(found) - booked, status=PickupStatus.MISSED).order_by("done_at")
    last = {one.reference: one for one in missed}
    return [
        ExceptionRow(
            key=f"pickup:{pickup.pk}",
            kind="pickup_missed",
            sentence=_("The van came and met nobody; no other time is booked."),
            thing=found[reference].number,
            url=reverse("returns_rma", args=[found[reference].number]),
            owner=_("support"),
            since=pickup.done_at or pickup.ends_at,
            due=found[reference].hand_in_by,
            money_at_risk=_worth(found[reference]),
            currency=found[reference].currency,
            next_action=_("Agree on another time"),
        )
        for reference, pickup in last.items()
    ]


def _late(actor: Actor, at: datetime) -> list[ExceptionRow]:
    found = []
    for link in late_parcels(actor, at=at).prefetch_related("rma__lines")[:200]:
        parcel = link.parcel
        if parcel.scan in TROUBLE:
            sentence = _("The carrier says of parcel %(tracking)s: %(scan)s.")
        elif parcel.scan == "delivered":
            sentence = _("The carrier says that it brought parcel %(tracking)s, and the dock hasn't seen it.")
        else:
            sentence = _("Parcel %(tracking)s should be here, and isn't.")
        found.append(
            ExceptionRow(
                key=f"parcel:{parcel.pk}",
                kind="parcel_late",
                sentence=sentence % {"tracking": parcel.tracking, "scan": word(f"scan.{parcel.scan}")},
                thing=link.rma.number,
                url=reverse("returns_rma", args=[link.rma.number]),
                owner=_("support"),
                since=parcel.scanned_at or parcel.created_at,
                due=link.rma.hand_in_by,
                money_at_risk=_worth(link.rma),
                currency=link.rma.currency,
                next_action=_("Ask the carrier"),
            )
        )
    return found
