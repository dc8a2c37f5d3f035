"""Questions about recycling: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from recycling import parameters
from recycling.balances import Balance
from recycling.models import Batch, BatchState, FractionOut, MassRow, Member, Weighing
from recycling.streams import TREATMENTS
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import clock
from revlog.common.errors import NotFound
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device


def waiting(actor: Actor, *, most: int = 200) -> list[Device]:
    """Units that wait for recycling and are in no batch yet, longest waiting first."""
    inside = Member.objects.filter(left_at=None).values("device_id")
    return list(
        Device.objects.visible_to(actor)
        .waiting(State.TO_RECYCLE)
        .exclude(pk__in=inside)
        .select_related("product", "owner", "location", "hub")[:most]
    )


def batches(actor: Actor, *, state: str = "") -> QuerySet[Batch]:
    rows = (
        Batch.objects.visible_to(actor)
        .select_related("hub")
        .prefetch_related("fractions")
        .annotate(units=Count("members", filter=Q(members__left_at=None), distinct=True))
    )
    return rows.filter(state=state) if state else rows


def batch(pk: uuid.UUID, actor: Actor) -> Batch:
    """Raises NotFound, for strangers likewise."""
    found = Batch.objects.visible_to(actor).filter(pk=pk).select_related("hub", "carried_from").first()
    if found is None:
        raise NotFound(_("There is no such batch."))
    return found


def batch_of(device: Device) -> Member | None:
    """The batch a unit is in, or was recycled in."""
    return Member.objects.filter(device=device, left_at=None).select_related("batch", "batch__hub").first()


def members(found: Batch) -> list[Member]:
    return list(
        found.members.filter(left_at=None).select_related("device", "device__product", "owner").order_by("-joined_at")
    )


def final_weighing(found: Batch) -> Weighing | None:
    """The weight that counts: the last final one that was not refused and doesn't wait."""
    return (
        found.weighings.filter(final=True, refused=False, settled_at__isnull=False)
        .order_by("-settled_at", "-id")
        .first()
    )


def pending_correction(found: Batch) -> Weighing | None:
    return found.weighings.filter(final=True, settled_at=None).first()


def vendors() -> list[Organization]:
    """Downstream vendors that may get material."""
    return list(Organization.objects.filter(kind=OrganizationKind.RECYCLER, active=True))


def recovered(found: Batch) -> Decimal:
    """Percentage of what left as final recovery (no interim codes, no energy) of what was treated; one decimal."""
    treated = found.opening_grams + (found.received_grams or 0) - found.closing_grams
    counted = sum(row.grams for row in found.fractions.all() if TREATMENTS[row.treatment].counts)
    return (Decimal(counted) * 100 / treated).quantize(Decimal("0.1")) if treated > 0 else Decimal(0)


DAY = timedelta(days=1)

# Balances ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """The balance of a stream at a site over a period, by the book: it closes to the gram, and ``unexplained`` is part of its loss."""

    hub: Hub
    stream: str
    balance: Balance
    unexplained: int
    fractions: Sequence[tuple[str, str, int]]
    """Stream, treatment and grams of what left."""

    @property
    def variance(self) -> Decimal:
        """What the scales can't explain, in percent of what came."""
        came = self.balance.came
        return (Decimal(abs(self.unexplained)) * 100 / came).quantize(Decimal("0.01")) if came > 0 else Decimal(0)


def _sums(rows: QuerySet[MassRow]) -> dict[tuple[uuid.UUID, str], dict[str, int]]:
    found: dict[tuple[uuid.UUID, str], dict[str, int]] = {}
    for row in rows.values("hub_id", "stream", "kind").annotate(grams=Sum("grams"), hidden=Sum("unexplained")):
        sums = found.setdefault((row["hub_id"], row["stream"]), {"in": 0, "out": 0, "loss": 0, "unexplained": 0})
        sums[row["kind"]] += row["grams"]
        sums["unexplained"] += row["hidden"]
    return found


def balances(actor: Actor, *, start: datetime, end: datetime, hub: Hub | None = None) -> list[Line]:
    """Each stream at each site over ``[start, end)``: opening + in = out + loss + closing, in grams."""
    hubs = {one.pk: one for one in Hub.objects.visible_to(actor)}
    if hub is not None:
        hubs = {pk: one for pk, one in hubs.items() if pk == hub.pk}
    rows = MassRow.objects.filter(hub_id__in=hubs)
    before = _sums(rows.filter(occurred_at__lt=start))
    within = _sums(rows.filter(occurred_at__gte=start, occurred_at__lt=end))
    empty = {"in": 0, "out": 0, "loss": 0, "unexplained": 0}
    left: dict[tuple[uuid.UUID, str], list[tuple[str, str, int]]] = {}
    for row in (
        FractionOut.objects.filter(batch__hub_id__in=hubs, out_at__gte=start, out_at__lt=end)
        .values("batch__hub_id", "batch__stream", "stream", "treatment")
        .annotate(grams=Sum("grams"))
        .order_by("stream", "treatment")
    ):
        key = (row["batch__hub_id"], row["batch__stream"])
        left.setdefault(key, []).append((row["stream"], row["treatment"], row["grams"]))
    found = []
    for key in sorted({*before, *within}, key=lambda pair: (hubs[pair[0]].name, pair[1])):
        old, new = before.get(key, empty), within.get(key, empty)
        opening = old["in"] - old["out"] - old["loss"]
        closing = opening + new["in"] - new["out"] - new["loss"]
        balance = Balance(opening=opening, received=new["in"], out=new["out"], loss=new["loss"], closing=closing)
        found.append(Line(hubs[key[0]], key[1], balance, new["unexplained"], left.get(key, [])))
    return found


def month(of: date, *, zone: str = "UTC") -> tuple[datetime, datetime]:
    """The instants between which a calendar month lies in a zone."""
    first = of.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    tz = ZoneInfo(zone)
    return datetime.combine(first, time(), tz), datetime.combine(following, time(), tz)


# Exceptions -------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """What in recycling needs a decision: batches open for long, corrected weights to accept, batches that can't close in balance."""
    at = at or clock.now()
    rules = parameters.in_force(at)
    found: list[ExceptionRow] = []
    live = Batch.objects.visible_to(actor).exclude(state=BatchState.CLOSED).select_related("hub")
    for late in live.filter(opened_at__lt=at - rules.close_within):
        found.append(  # noqa: PERF401 - three kinds of rows, one shape each
            ExceptionRow(
                key=f"batch_late:{late.pk}",
                kind="exception.batch_late",
                sentence=_("Batch %(number)s has been open for long.") % {"number": late.number},
                thing=late.number,
                url=reverse("recycling_batch", args=[late.pk]),
                owner=_("recycling"),
                since=late.opened_at,
                due=late.opened_at + rules.close_within,
                next_action=_("Weigh or close"),
            )
        )
    for row in Weighing.objects.filter(batch__in=live, final=True, settled_at=None).select_related("batch"):
        found.append(  # noqa: PERF401
            ExceptionRow(
                key=f"weight_to_accept:{row.pk}",
                kind="exception.weight_to_accept",
                sentence=_("A corrected weight of batch %(number)s waits for another person.")
                % {"number": row.batch.number},
                thing=row.batch.number,
                url=reverse("recycling_batch", args=[row.batch_id]),
                owner=_("lead"),
                since=row.weighed_at,
                next_action=_("Accept or refuse"),
            )
        )
    for heavy in live.filter(state=BatchState.WEIGHED).prefetch_related("fractions"):
        balance = heavy.balance(loss=0, closing=0)
        if balance.difference < 0 and not balance.is_within(rules.tolerance):
            found.append(
                ExceptionRow(
                    key=f"batch_out_of_balance:{heavy.pk}",
                    kind="exception.batch_out_of_balance",
                    sentence=_("%(grams)s g more left batch %(number)s than came in.")
                    % {"grams": -balance.difference, "number": heavy.number},
                    thing=heavy.number,
                    url=reverse("recycling_batch", args=[heavy.pk]),
                    owner=_("recycling"),
                    since=heavy.opened_at,
                    next_action=_("Weigh again"),
                )
            )
    return found
