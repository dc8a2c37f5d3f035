"""What the pages of no stage ask: the queues, the exceptions of all stages, what stands behind a unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db.models import Count, Min
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from returns.queries.inbox import REFUSALS
from revlog.accounts.actors import Actor
from revlog.custody.models import Reaction
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device, Hold, HoldKind, NumberConflict
from revlog.logistics.queries import transfers
from revlog.storage.queries import counts, hazards

STAGES = ("revlog.logistics", "returns", "triage", "itad", "refurb", "resale", "recycling")
LONG_WAIT = timedelta(days=7)


@dataclass(frozen=True)
class Queue:
    """One worklist as a person sees it: how many wait, since when the oldest does, and where the work is done."""

    state: State
    permission: str
    route: str
    count: int = 0
    oldest: datetime | None = None

    @property
    def url(self) -> str:
        try:
            return reverse(self.route)
        except NoReverseMatch:
            return reverse("search") + f"?state={self.state.value}"


QUEUES: tuple[Queue, ...] = (
    Queue(State.EXPECTED, "returns.receive", "dock"),
    Queue(State.RECEIVED, "triage.inspect", "triage"),
    Queue(State.IN_TRIAGE, "triage.inspect", "triage"),
    Queue(State.TO_SANITIZE, "itad.sanitize", "itad"),
    Queue(State.TO_DESTROY, "itad.destroy", "itad"),
    Queue(State.TO_REFURBISH, "refurb.work", "bench"),
    Queue(State.TO_HARVEST, "refurb.harvest", "bench"),
    Queue(State.TO_SELL, "resale.offer", "sales"),
    Queue(State.TO_RESTOCK, "returns.restock", "returns"),
    Queue(State.TO_RETURN, "returns.send_back", "returns"),
    Queue(State.TO_DONATE, "itad.donate", "itad"),
    Queue(State.TO_DEPLOY, "itad.deploy", "itad"),
    Queue(State.TO_RECYCLE, "recycling.batch", "recycling"),
)


def work_of(actor: Actor) -> list[Queue]:
    """The queues that this person works off, with what waits in each; one query for all."""
    mine = [queue for queue in QUEUES if actor.may(queue.permission)]
    rows = (
        Device.objects.visible_to(actor)
        .filter(state__in=[queue.state.value for queue in mine])
        .values("state")
        .annotate(count=Count("pk"), oldest=Min("state_since"))
    )
    told: dict[str, Any] = {row["state"]: row for row in rows}
    return [
        Queue(q.state, q.permission, q.route, told[q.state]["count"], told[q.state]["oldest"]) if q.state in told else q
        for q in mine
    ]


def _of_stages(actor: Actor) -> list[ExceptionRow]:
    found: list[ExceptionRow] = transfers.exceptions(actor)
    for stage in STAGES:
        if find_spec(f"{stage}.queries") is None:
            continue
        ask: Callable[[Actor], list[ExceptionRow]] | None = getattr(
            import_module(f"{stage}.queries"), "exceptions", None
        )
        if ask is not None:
            found += ask(actor)
    return found


def _held(actor: Actor) -> list[ExceptionRow]:
    rows = Hold.objects.filter(released_at=None, device__in=Device.objects.visible_to(actor)).select_related("device")
    # What only waits until its customer's time to appeal has ended asks nothing of anybody.
    rows = rows.exclude(placed_by=REFUSALS.reference)
    # What travels has rows of its own once it is late or not as it was released; what is inspected again has the containers'.
    rows = rows.exclude(kind__in=[HoldKind.AWAY, HoldKind.RE_INSPECT])
    return [
        ExceptionRow(
            key=f"hold:{row.pk}",
            kind=f"hold.{row.kind}",
            sentence=row.reason,
            thing=f"{row.device.face} {row.device.tag}",
            url=reverse("unit", args=[row.device.tag]),
            owner=_("lead"),
            since=row.placed_at,
            money_at_risk=row.device.expected_value,
            currency=row.device.currency,
            next_action=_("Look and release"),
        )
        for row in rows.order_by("placed_at")[:200]
    ]


def _missing(actor: Actor) -> list[ExceptionRow]:
    from revlog.custody.models import Entry  # noqa: PLC0415

    units = Device.objects.visible_to(actor).on_hand().filter(location=None, hub__isnull=False)
    missed = dict(
        Entry.objects.filter(kind="devices.missed", chain_id__in=units.values("pk")).values_list(
            "chain_id", "occurred_at"
        )
    )
    return [
        ExceptionRow(
            key=f"missing:{device.pk}",
            kind="exception.missing",
            sentence=_("It is not where it should be."),
            thing=f"{device.face} {device.tag}",
            url=reverse("unit", args=[device.tag]),
            owner=_("warehouse"),
            since=missed[device.pk],
            money_at_risk=device.expected_value,
            currency=device.currency,
            next_action=_("Find it, or write it off"),
        )
        for device in units.filter(pk__in=list(missed))[:200]
    ]


def _numbers(actor: Actor) -> list[ExceptionRow]:
    """Numbers that were found on one unit and are another's."""
    if not actor.is_operator:
        return []
    seen = Device.objects.visible_to(actor)
    rows = NumberConflict.objects.filter(settled_at=None, device__in=seen).select_related("device__product", "other")
    return [
        ExceptionRow(
            key=f"number:{row.pk}",
            kind="exception.number",
            sentence=_("%(printed)s was found on it, and is %(other)s's.")
            % {"printed": row.printed, "other": row.other.tag},
            thing=f"{row.device.face} {row.device.tag}",
            url=reverse("unit_numbers", args=[row.device.tag]),
            owner=_("lead"),
            since=row.found_at,
            money_at_risk=row.device.expected_value,
            currency=row.device.currency,
            next_action=_("Say whether they are one thing"),
        )
        for row in rows[:200]
    ]


def _overdue_waits(actor: Actor, at: datetime) -> list[ExceptionRow]:
    units = Device.objects.visible_to(actor).exclude(waiting_for="").filter(waiting_since__lt=at - LONG_WAIT)
    # The same: nobody is asked again before its day.
    units = units.exclude(state=State.TO_RETURN.value, waiting_for="customer", waiting_due__gt=at)
    return [
        ExceptionRow(
            key=f"wait:{device.pk}",
            kind="exception.waiting",
            sentence=device.waiting_asked,
            thing=f"{device.face} {device.tag}",
            url=reverse("unit", args=[device.tag]),
            owner=_("support"),
            since=device.waiting_since or device.state_since,
            due=device.waiting_due,
            money_at_risk=device.expected_value,
            currency=device.currency,
            next_action=_("Ask again"),
        )
        for device in units.order_by("waiting_since")[:200]
    ]


def _parked(actor: Actor) -> list[ExceptionRow]:
    if not actor.may("exceptions.resolve"):
        return []
    return [
        ExceptionRow(
            key=f"reaction:{row.pk}",
            kind="exception.parked",
            sentence=_("A job failed twelve times and waits for somebody: %(error)s") % {"error": row.error[:160]},
            thing=row.handler.replace(".reactions.", ": ").replace("_", " "),
            url=reverse("exceptions"),
            owner=_("administrator"),
            since=row.parked_at or row.due_at,
            next_action=_("Try again"),
        )
        for row in Reaction.objects.parked().order_by("parked_at")[:200]
    ]


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """One inbox over all stages: what is late first, then what has most money at risk, then the oldest."""
    rows = [
        *_of_stages(actor),
        *counts.exceptions(actor, at=at),
        *hazards.exceptions(actor, at=at),
        *_held(actor),
        *_missing(actor),
        *_numbers(actor),
        *_overdue_waits(actor, at),
        *_parked(actor),
    ]
    return sorted(rows, key=lambda row: (not row.is_late(at), -(row.money_at_risk or 0), row.since))
