"""What is open on the floor and must not stay so: parcels, trucks, receiving sessions, containers, pick lists, counts. One list for the
board's dwell alarms and for the hand-over of a shift.

An alarm is what is open for longer than the dated figure ``reporting.dwell`` says. A subject is one ``Watch`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reporting.targets import DWELL
from returns.models import ReceivingSession, SessionStatus
from revlog.accounts.models import Hub
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.logistics.models import Delivery, DeliveryStatus, Parcel, ParcelStatus
from revlog.logistics.models.transfers import Transfer
from revlog.scanning.models import Act as Kept
from revlog.storage.models import Container, ContainerState, PickList
from revlog.storage.models.counts import CURRENT, Count
from revlog.storage.models.hazards import HazardCase, HazardKind, HazardState
from revlog.storage.models.picks import Pick, PickListState, PickState


@dataclass(frozen=True)
class Thing:
    """One thing that is open: how people call it, since when, where it is looked at."""

    text: str
    since: datetime
    url: str


@dataclass(frozen=True)
class Watch:
    """``rows`` are all that are open at a site, each with its ``since``; ``late`` narrows those that may be an alarm."""

    code: str
    label: str | Promise
    about: str | Promise
    icon: str
    rows: Callable[[Hub], QuerySet[Any]]
    told: Callable[[Any], tuple[str, str]]
    late: Q = Q()  # noqa: RUF009 - never changed
    shown_with: tuple[str, ...] = ()

    def alarms(self, hub: Hub, *, at: datetime, hours: float) -> QuerySet[Any]:
        return self.rows(hub).filter(self.late, since__lt=at - timedelta(hours=hours))

    def listed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The oldest first, with what their words need."""
        return rows.select_related(*self.shown_with).order_by("since") if self.shown_with else rows.order_by("since")

    def thing(self, row: Any) -> Thing:  # noqa: ANN401
        text, url = self.told(row)
        return Thing(text, row.since, url)


def _parcels(hub: Hub) -> QuerySet[Any]:
    rows = Parcel.objects.filter(status=ParcelStatus.ARRIVED, shipment__hub=hub, shipment__direction="inbound")
    return rows.filter(arrived_at__isnull=False).annotate(since=F("arrived_at"))


def _containers(hub: Hub) -> QuerySet[Any]:
    """Those with things in them, since their last entry: whatever moved, filled or closed them."""
    last = Entry.objects.filter(chain_id=OuterRef("pk")).order_by("-sequence").values("occurred_at")[:1]
    return (
        Container.objects.filter(location__hub=hub)
        .exclude(state=ContainerState.RETIRED)
        .filter(Exists(Device.objects.filter(location=OuterRef("pk"))))
        .annotate(since=Subquery(last))
    )


def _picks(hub: Hub) -> QuerySet[Any]:
    begun = Pick.objects.filter(list=OuterRef("pk")).exclude(state=PickState.WAITING)
    rows = PickList.objects.filter(hub=hub, state=PickListState.OPEN)
    return rows.annotate(since=F("opened_at"), begun=Exists(begun))


def _transfers(hub: Hub) -> QuerySet[Any]:
    """Those from here and those to here, since they left; planned ones are nobody's worry yet."""
    rows = Transfer.objects.filter(Q(origin=hub) | Q(destination=hub)).exclude(released_at=None)
    return rows.filter(done_at=None).exclude(status="cancelled").annotate(since=F("released_at"))


WATCHES: tuple[Watch, ...] = (
    Watch(
        "deliveries",
        _("Trucks not scanned off"),
        _("A delivery that was begun and isn't signed for."),
        "truck-delivery",
        lambda hub: Delivery.objects.filter(hub=hub, status=DeliveryStatus.OPEN).annotate(since=F("begun_at")),
        lambda row: (row.number, reverse("delivery", args=[row.number])),
    ),
    Watch(
        "parcels",
        _("Parcels not unpacked"),
        _("A parcel that came and that nobody has unpacked."),
        "package",
        _parcels,
        lambda row: (row.tracking, reverse("parcels_waiting")),
    ),
    Watch(
        "sessions",
        _("Receiving sessions open"),
        _("A session in which somebody receives, and that isn't closed."),
        "clipboard-list",
        lambda hub: ReceivingSession.objects.filter(hub=hub, status=SessionStatus.OPEN).annotate(since=F("opened_at")),
        lambda row: (row.number, reverse("receiving_session", args=[row.number])),
    ),
    Watch(
        "containers",
        _("Full containers at rest"),
        _("A container with things in it that nobody moved, filled or closed."),
        "packages",
        _containers,
        lambda row: (f"{word(f'container.{row.kind}')} {row.number}", reverse("container", args=[row.number])),
    ),
    Watch(
        "picks",
        _("Pick lists open"),
        _("A pick list that isn't brought; an alarm when nobody has begun it."),
        "list",
        _picks,
        lambda row: (row.number, reverse("pick_list", args=[row.number])),
        late=Q(begun=False),
    ),
    Watch(
        "counts",
        _("Counts not done"),
        _("A place that is to be counted, or whose differences nobody has decided."),
        "checklist",
        lambda hub: Count.objects.filter(hub=hub, state__in=CURRENT).annotate(since=F("requested_at")),
        lambda row: (f"{row.place.code} {row.number}", reverse("count", args=[row.number])),
        shown_with=("place",),
    ),
    Watch(
        "transfers",
        _("Transfers not taken in"),
        _("Goods that go from one site to another and that nobody has taken in whole."),
        "arrows-exchange",
        _transfers,
        lambda row: (row.number, reverse("transfer", args=[row.number])),
    ),
    Watch(
        "hazards",
        _("Dangers not assessed"),
        _("A danger that was reported and that no assessor has decided."),
        "alert-triangle",
        lambda hub: HazardCase.objects.filter(hub=hub, state=HazardState.OPEN).annotate(since=F("reported_at")),
        lambda row: (f"{HazardKind(row.kind).label} {row.number}", reverse("hazard", args=[row.number])),
    ),
    Watch(
        "conflicts",
        _("Scans not settled"),
        _("What a tablet did without the net and couldn't be done when it was sent."),
        "hand-stop",
        lambda hub: Kept.objects.open().filter(hub=hub).annotate(since=F("made_at")),
        lambda row: (row.label or row.url, reverse("floor_acts")),
    ),
)


def watch(code: str) -> Watch | None:
    return next((one for one in WATCHES if one.code == code), None)


@dataclass(frozen=True)
class Alarm:
    watch: Watch
    hours: float
    count: int


def alarms(hub: Hub, *, at: datetime) -> list[Alarm]:
    """How many things of each kind are open too long at a site."""
    told = DWELL.in_force(at)
    found = []
    for one in WATCHES:
        hours = float(told[f"{one.code}_hours"])
        found.append(Alarm(one, hours, one.alarms(hub, at=at, hours=hours).count()))
    return found


@dataclass(frozen=True)
class Open:
    """All of a kind that is open, the oldest first, and how many of it are alarms."""

    watch: Watch
    count: int
    alarms: int
    things: Sequence[Thing]


MOST_THINGS = 20


def opened(hub: Hub, *, at: datetime) -> list[Open]:
    told = DWELL.in_force(at)
    found = []
    for one in WATCHES:
        rows = one.listed(one.rows(hub).filter(since__lte=at))
        late = one.alarms(hub, at=at, hours=float(told[f"{one.code}_hours"])).count()
        found.append(Open(one, rows.count(), late, [one.thing(row) for row in rows[:MOST_THINGS]]))
    return found
