"""Questions about receiving sessions: what was expected in one, what was found, what is missing, and which wait for somebody."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import (
    Against,
    CheckState,
    Discrepancy,
    NumberCheck,
    ReceivingSession,
    Rma,
    RmaUnit,
    SessionLine,
    SessionStatus,
    Trouble,
    UnitStatus,
    Unpacked,
)
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.logistics.models import ParcelStatus

LATE = timedelta(hours=10)
"""A session that is open, or that nobody signed for, longer than a shift."""


def sessions(actor: Actor, *, status: str = "") -> QuerySet[ReceivingSession]:
    """Those that one may see, newest first, each with how many things were received and how many were not as announced."""
    rows = ReceivingSession.objects.visible_to(actor).select_related(
        "hub", "station", "place", "client", "vendor_return"
    )
    if status in SessionStatus.values:
        rows = rows.filter(status=status)
    stands = Q(lines__undone_at=None)
    return rows.annotate(
        received=Count("lines", filter=stands & Q(lines__outcome=Unpacked.RECEIVED)),
        differing=Count("lines", filter=stands & ~Q(lines__outcome=Unpacked.RECEIVED)),
    )


def lines_of(session: ReceivingSession) -> list[SessionLine]:
    """What stands, in the order in which it was unpacked."""
    rows = session.lines.filter(undone_at=None).select_related(
        "device__product", "device__location", "unit__line__order_line", "unit__line__rma", "parcel", "discrepancy__rma"
    )
    return list(rows.prefetch_related("photos").order_by("at", "id"))


def returns_of(session: ReceivingSession) -> QuerySet[Rma]:
    """The returns of which something was unpacked, or a box was found empty, in it."""
    lines = session.lines.filter(undone_at=None)
    units = lines.filter(unit__isnull=False).order_by().values("unit__line__rma")
    boxes = lines.filter(parcel__isnull=False).order_by().values("parcel__rma_links__rma")
    found = lines.filter(discrepancy__rma__isnull=False).order_by().values("discrepancy__rma")
    return Rma.objects.filter(Q(pk__in=units) | Q(pk__in=boxes) | Q(pk__in=found)).order_by("number")


def short_units(session: ReceivingSession) -> list[RmaUnit]:
    """What its returns still expect while no parcel of theirs is under way: an empty box and a wrong thing are told already."""
    travelling = [ParcelStatus.ANNOUNCED.value, ParcelStatus.IN_TRANSIT.value]
    told = Discrepancy.objects.filter(resolved_at=None)
    rmas = returns_of(session).filter(arrived_at__isnull=False)
    rows = RmaUnit.objects.filter(line__rma__in=rmas, status=UnitStatus.EXPECTED)
    rows = rows.exclude(line__rma__parcel_links__parcel__status__in=travelling)
    rows = rows.exclude(pk__in=told.filter(unit__isnull=False).order_by().values("unit"))
    rows = rows.exclude(line__rma__in=told.filter(kind=Trouble.EMPTY_BOX, rma__isnull=False).order_by().values("rma"))
    return list(
        rows.select_related("line__order_line", "line__rma").order_by("line__rma", "line__position", "position")
    )


def listed(session: ReceivingSession) -> QuerySet[Device]:
    """What is still expected of the list that the delivery is compared with: a client's units, or a vendor's return."""
    if session.against == Against.MANIFEST and session.client_id is not None:
        return Device.objects.filter(
            owner=session.client_id, state=State.EXPECTED.value, hub=session.hub_id, visit__closed_at=None
        ).exclude(visit__reference__startswith="rma")
    if session.against == Against.VENDOR and session.vendor_return_id is not None:
        return Device.objects.filter(vendor_lines__rtv=session.vendor_return_id, state=State.RETURNED.value)
    return Device.objects.none()


def lacking(session: ReceivingSession) -> list[SessionLine]:
    """Lines with fewer photos than the rules asked for when they were written."""
    return list(_without_photos(session.lines.filter(undone_at=None)).select_related("device"))


def lack_photos(devices: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these units, in an open session, still lack a photo, so that they aren't put away yet."""
    rows = SessionLine.objects.filter(device__in=devices, session__status=SessionStatus.OPEN, undone_at=None)
    return set(_without_photos(rows).values_list("device_id", flat=True))


def _without_photos(rows: QuerySet[SessionLine]) -> QuerySet[SessionLine]:
    rows = rows.filter(photos_wanted__gt=0).annotate(photos_there=Count("photos"))
    return rows.filter(photos_there__lt=F("photos_wanted"))


@dataclass(frozen=True)
class Compared:
    """One return, or one list, against what was found of it."""

    number: str
    url: str
    expected: int
    received: int
    counts: dict[str, int] = field(default_factory=dict)
    still_coming: int = 0


@dataclass(frozen=True)
class Report:
    """What a session says when it closes: line by line, and by what each was announced in."""

    lines: list[SessionLine]
    compared: list[Compared]
    counts: dict[str, int]

    @property
    def received(self) -> int:
        return self.counts.get(Unpacked.RECEIVED.value, 0)

    @property
    def differing(self) -> int:
        return sum(self.counts.values()) - self.received


def report(session: ReceivingSession) -> Report:
    """Expected, received and what differs, for each return and each list that was unpacked."""
    lines = lines_of(session)
    found = []
    for rma in returns_of(session):
        own = [line for line in lines if _of(line, rma)]
        units = RmaUnit.objects.filter(line__rma=rma)
        waiting = units.filter(status=UnitStatus.EXPECTED).count()
        found.append(
            Compared(
                rma.number,
                reverse("returns_rma", args=[rma.number]),
                units.count(),
                sum(1 for line in own if line.outcome == Unpacked.RECEIVED),
                dict(Counter(line.outcome for line in own if line.outcome != Unpacked.RECEIVED)),
                waiting,
            )
        )
    if session.against in {Against.MANIFEST, Against.VENDOR}:
        others = [line for line in lines if line.unit_id is None and line.device_id is not None]
        left = listed(session).count()
        here = sum(1 for line in others if line.outcome in {Unpacked.RECEIVED, Unpacked.DAMAGED})
        name = session.client.name if session.client is not None else str(session.vendor_return)
        found.append(
            Compared(
                name, "", here + left, here,
                dict(Counter(line.outcome for line in others if line.outcome != Unpacked.RECEIVED)), left,
            )
        )  # fmt: skip
    return Report(lines, found, dict(Counter(line.outcome for line in lines)))


def _of(line: SessionLine, rma: Rma) -> bool:
    if line.unit is not None:
        return line.unit.line.rma_id == rma.pk
    return line.discrepancy is not None and line.discrepancy.rma_id == rma.pk


def bad_checks(devices: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[NumberCheck]]:
    """Of these units, the newest answer of each kind where it is bad."""
    rows = NumberCheck.objects.filter(device__in=devices).order_by("device", "kind", "-checked_at", "-id")
    found: dict[uuid.UUID, list[NumberCheck]] = {}
    for row in rows.distinct("device", "kind"):
        if row.state == CheckState.BAD:
            found.setdefault(row.device_id, []).append(row)
    return found


def found_property(actor: Actor) -> QuerySet[Discrepancy]:
    """Things of which nobody knows whose they are, longest waiting first."""
    return (
        Discrepancy.objects.visible_to(actor)
        .filter(kind=Trouble.FOUND_PROPERTY)
        .select_related("device__product", "device__location", "device__owner", "hub")
        .order_by("resolved_at", "raised_at")
    )


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """Sessions that are open longer than a shift, and those that nobody signed for."""
    now = at or clock.now()
    rows = (
        ReceivingSession.objects.visible_to(actor)
        .filter(opened_at__lt=now - LATE)
        .exclude(status=SessionStatus.SIGNED)
        .select_related("hub")
        .order_by("opened_at")[:200]
    )
    return [
        ExceptionRow(
            key=f"session:{row.pk}",
            kind="exception.session_open" if row.status == SessionStatus.OPEN else "exception.session_unsigned",
            sentence=_("It was begun and not closed.")
            if row.status == SessionStatus.OPEN
            else _("Nobody has signed for what was received."),
            thing=row.number,
            url=reverse("receiving_session", args=[row.number]),
            since=row.opened_at if row.status == SessionStatus.OPEN else row.closed_at or row.opened_at,
            due=(row.closed_at or row.opened_at) + LATE,
            owner=word("role.warehouse"),
            next_action=_("Close it") if row.status == SessionStatus.OPEN else _("Sign for it"),
        )
        for row in rows
    ]


def words_of(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each outcome with how often it was found, for lists and papers."""
    return [{"word": word(f"unpacked.{name}"), "n": counts[name]} for name in Unpacked.values if counts.get(name)]
