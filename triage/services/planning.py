"""The plan of a day: a site's queue solved as one under what is scarce, kept, and followed by a person who may override.

``ask`` writes down what is wanted and leaves the reckoning to a reaction (the solver is for workers alone); ``make`` reckons; ``follow``
decides unit by unit, each by its own verb and past its own gates.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor, system
from revlog.accounts.models import Hub
from revlog.common import ids, money
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.terms import queries as terms
from triage import capacity, facts
from triage.capacity import Asking, Choice
from triage.figures import KIND, SHIPPED, figures_of
from triage.gates import LOT
from triage.models import OPEN, DayPlan, PlannedUnit, PlanStatus, SecondLook
from triage.paths import PART_KINDS, part_of
from triage.services import disposition
from triage.services.worth import Path, Worth, worths_of

CHAIN = "plan"
PLANNER = system("planner")
MOST_UNITS = 10_000
FOLLOWED_AT_ONCE = 200
"""So many units are decided by one press; pressed again, it goes on."""
GIVEN_UP_AFTER = timedelta(minutes=10)
"""A plan that isn't made by then is asked for anew."""
MOST_LIMITS = 60
MOST_OF_A_LIMIT = 1_000_000
MOST_DAYS_OF_WAIT = 30
"""For longer than this nobody plans: what is scarce is bought, or the unit goes another way."""
MINUTES = "minutes"
WAIT = "wait"
"""Days for which a unit may wait for its turn; who is here longer goes some way today."""
PART = "part:"
PATH = "path:"
MINUTES_OF = "minutes:"
"""Of one skill."""
CHANNEL = "channel:"
PARTS = frozenset(
    f"{PART}{code}" for table in (SHIPPED.body["repairs"], *SHIPPED.body["repairs_of"].values()) for code in table
) | {f"{PART}{kind}" for kind in PART_KINDS}
"""The parts that a repair may want, as limits are named: by their kind, or by a fault that they mend."""
DAY = Decimal(1) / 30
"""Of a month, by which decay is told."""


class UnableToPlan(DomainError):
    """The day can't be planned, or this plan can't be followed."""

    code = "unable_to_plan"


# Asking -------------------------------------------------------------------------------------------------------------------------------


def ask(*, hub: Hub, limits: Mapping[str, int], by: Actor, at: datetime) -> DayPlan:
    """Have the queue of ``hub`` planned under ``limits``; asked twice at a time it is one plan.

    Raises NotAllowed, BadInput with each limit that is none, and UnableToPlan while another one of the site is being reckoned.
    """
    _may_plan(by, hub.pk)
    if found := _wrong(limits):
        raise BadInput(found)
    limits = by_kind(limits)
    row = DayPlan(id=ids.new(at), hub=hub, limits=dict(limits), asked_by=by.reference, asked_at=at)
    with transaction.atomic():
        Hub.objects.select_for_update(no_key=True).get(pk=hub.pk)
        running = DayPlan.objects.filter(hub=hub, status=PlanStatus.ASKED, asked_at__gt=at - GIVEN_UP_AFTER).first()
        if running is not None and running.limits == row.limits:
            return running
        if running is not None:
            raise UnableToPlan([Reason("reckoning", _("A plan of this site is being reckoned; wait for it."))])
        row.save(force_insert=True)
        ledger.begin(CHAIN, row.id, facts.PlanAsked(plan=str(row.id), limits=dict(limits)), by=by, at=at, hub=hub.pk)
    return row


def by_kind(limits: Mapping[str, int]) -> dict[str, int]:
    """The limits with each part by its kind, whichever fault named it; of two for one kind the lower holds."""
    told: dict[str, int] = {}
    for name, most in limits.items():
        code = name.removeprefix(PART)
        kind = f"{PART}{part_of(code) or code}" if name.startswith(PART) else name
        told[kind] = min(most, told.get(kind, most))
    return told


def _may_plan(by: Actor, hub: uuid.UUID) -> None:
    if not (by.is_operator and by.may("triage.dispose") and by.may("triage.override")):
        raise NotAllowed(_("This needs the right to decide where units go, also against their own sums."))
    if by.hubs and hub not in by.hubs:
        raise NotAllowed(_("This plan is of a site at which you don't work."))


def _wrong(limits: Mapping[str, int]) -> list[Reason]:
    if len(limits) > MOST_LIMITS:
        return [Reason("too_many", _("At most %s limits are taken.") % MOST_LIMITS, "limits")]
    paths = {*(each.value for each in Disposition), LOT}
    found = []
    for name, most in limits.items():
        known = name in {MINUTES, WAIT} or name in PARTS or (name.startswith(PATH) and name[len(PATH) :] in paths)
        known = known or (name.startswith((MINUTES_OF, CHANNEL)) and name.partition(":")[2].isidentifier())
        if not known:
            shown = "".join(letter for letter in name[:60] if letter.isprintable())
            found.append(Reason("limit", _("Nothing is limited by %s.") % shown, "limits"))
        elif not 0 <= most <= MOST_OF_A_LIMIT:
            text = _("A limit is a number from 0 to %s.") % MOST_OF_A_LIMIT
            found.append(Reason("number", text, name))
    return found


# Reckoning ----------------------------------------------------------------------------------------------------------------------------


def queue_of(hub: uuid.UUID) -> list[Device]:
    """What is to be decided at a site, what waits longest first: graded, in triage, without a way yet, and waiting for no second look."""
    rows = Device.objects.waiting(State.IN_TRIAGE).filter(hub_id=hub, disposition="", tracking="serialized")
    waits = SecondLook.objects.filter(device=OuterRef("pk"), visit=OuterRef("visit"), status__in=OPEN)
    wanted = (
        rows.exclude(grade="U").exclude(Exists(waits)).select_related("owner", "hub", "visit", "product", "variant")
    )
    return list(wanted.order_by("state_since", "pk")[:MOST_UNITS])


def make(plan: DayPlan, *, at: datetime) -> None:
    """Reckon a plan that was asked for, once. Slow; the units are read, not locked: who follows the plan asks each gate again."""
    if plan.status != PlanStatus.ASKED:
        return
    house = figures_of(terms.in_force(KIND, at=at)).currency
    units = queue_of(plan.hub_id)
    queue = [
        (device, found)
        for device, found in zip(units, worths_of(units, at=at), strict=True)
        if found.chosen is not None
    ]
    # What is reckoned in other money can't be weighed against the rest.
    worths = [(device, found) for device, found in queue if found.currency == house]
    ways = [_ours(found, plan.limits) for _device, found in worths]
    here = [max(0, (at - device.state_since).days) for device, _found in worths]
    asked = asking_of([(device.tag, found) for device, found in worths], plan.limits, stood=here)
    try:
        scarce = {name: most for name, most in plan.limits.items() if name != WAIT}
        solved = capacity.plan(asked, scarce)
    except capacity.UnableToPlan as error:
        DayPlan.objects.filter(pk=plan.pk, status=PlanStatus.ASKED).update(
            status=PlanStatus.FAILED, trouble=str(error)[:300], made_at=at
        )
        return
    rows = []
    for place, ((device, found), taken_ways, asking, chosen) in enumerate(
        zip(worths, ways, asked, solved.chosen, strict=True)
    ):
        choice, best = asking.choices[chosen], found.paths[0]
        # Who may wait has that as its first choice, before its ways.
        way = taken_ways[chosen - len(asking.choices)] if choice.path else None
        rows.append(
            PlannedUnit(
                plan=plan, place=place, device=device, visit_id=device.visit_id, path=choice.path, worth=choice.worth,
                channel=way.channel if way else "", target=way.target if way else "", uses=dict(choice.uses),
                best=best.code, best_worth=best.result.net,
            )
        )  # fmt: skip
    foreign = len(queue) - len(worths)
    left_out = ngettext(
        "%s unit is reckoned in other money and was left out.",
        "%s units are reckoned in other money and were left out.",
        foreign,
    )
    with transaction.atomic():
        taken = DayPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        if taken.status != PlanStatus.ASKED:
            return
        PlannedUnit.objects.bulk_create(rows, batch_size=1000)
        taken.status, taken.made_at, taken.currency, taken.used = PlanStatus.MADE, at, house, dict(solved.used)
        taken.trouble = left_out % foreign if foreign else ""
        taken.worth, taken.alone, taken.bound = solved.worth, solved.alone, solved.bound
        taken.save()
        fact = facts.PlanMade(
            plan=str(plan.pk), count=len(rows), currency=house, worth=str(solved.worth), alone=str(solved.alone),
            bound=str(solved.bound),
        )  # fmt: skip
        ledger.append(taken.pk, fact, by=PLANNER, at=at, hub=taken.hub_id)


def _ours(found: Worth, limits: Mapping[str, int]) -> list[Path]:
    """The paths that a plan may choose between, each by its best way, and by its others where something is short that they spare.

    What the owner asked for, or its contract puts first, isn't weighed against anything.
    """
    best = found.paths[0]
    if found.because in {"asked", "contract"}:
        return [best]
    kinds = {f"{name.partition(':')[0]}:" for name in limits}
    by_channel, by_grade = CHANNEL in kinds, bool(kinds & {MINUTES_OF, PART})
    paths = []
    for path in found.paths:
        if not (path.is_open and path.weighed):
            continue
        paths.append(path)
        for way in path.others:
            other = path.by(way.channel, way.target)
            spares = (by_channel or way.channel == path.channel) and (by_grade or way.target == path.target)
            if other.is_open and spares:
                paths.append(other)
    return paths


def _choice(path: Path, *, less: Decimal) -> Choice:
    return Choice(path=path.code, worth=path.result.net - less, uses=uses_of(path))


def asking_of(
    queue: Sequence[tuple[str, Worth]],
    limits: Mapping[str, int],
    *,
    stood: Sequence[int] = (),
    poorer: bool = False,
) -> list[Asking]:
    """What is asked for each unit (its name, and what was reckoned for it): its open paths, or to wait until it is its turn.

    ``stood`` are the days for which each is here. Who is here as long as anything may wait goes some way today, if one is open that needs
    nothing scarce. With ``poorer`` they have passed since it was reckoned, and what they cost is taken off.
    """
    days, patience = days_until_its_turn([found for _unit, found in queue], limits), limits.get(WAIT)
    asked = []
    for (unit, found), wait, here in zip(queue, days, stood or [0] * len(queue), strict=True):
        day = cost_of_a_day(found)
        gone = day * here if poorer else Decimal(0)
        choices = [_choice(path, less=gone) for path in _ours(found, limits)]
        waiting = Choice(path="", worth=found.paths[0].result.net - gone - day * wait)
        free = any(not any(count and name in limits for name, count in one.uses.items()) for one in choices)
        may_wait = patience is None or here < patience or not free
        asked.append(Asking(unit=unit, choices=[waiting, *choices] if may_wait else choices))
    return asked


def days_until_its_turn(queue: Sequence[Worth], limits: Mapping[str, int]) -> list[int]:
    """How long each would wait for its own best path: as many days as the whole queue's wishes take of what is scarcest of it."""
    best = [uses_of(found.paths[0]) for found in queue]
    wanted: Counter[str] = Counter()
    for uses in best:
        wanted.update({name: count for name, count in uses.items() if name in limits})
    days = {
        name: min(-(-count // limits[name]), MOST_DAYS_OF_WAIT) if limits[name] else MOST_DAYS_OF_WAIT
        for name, count in wanted.items()
    }
    return [max([1, *(days[name] for name, count in uses.items() if count and name in days)]) for uses in best]


def cost_of_a_day(found: Worth) -> Decimal:
    """What a day's wait takes off the best path: a day's decay and a day's capital on what it sells for."""
    value = sum((line.amount for line in found.paths[0].result.lines if line.amount > 0), Decimal(0))
    decay = 1 - (1 - found.case.decay) ** DAY
    held = found.figures.one("holding_per_year") / 365
    # A day is worth a cent at least: of two plans that bring the same, the one without waiting is better.
    return max(money.rounded(value * (decay + held), found.currency), Decimal("0.01"))


def uses_of(path: Path) -> dict[str, int]:
    """What of the scarce a path takes: minutes of the bench, in all and by skill, parts by kind, its place in the way and the channel."""
    uses = {f"{PATH}{path.code}": 1}
    if path.channel:
        uses[f"{CHANNEL}{path.channel}"] = 1
    if minutes := sum(path.minutes.values()):
        uses[MINUTES] = minutes
    for skill, count in path.minutes.items():
        uses[f"{MINUTES_OF}{skill}"] = count
    for need in path.needs:
        name = f"{PART}{need.part or need.fault}"
        uses[name] = uses.get(name, 0) + 1
    return uses


# Following ----------------------------------------------------------------------------------------------------------------------------


def follow(*, plan: DayPlan, units: Sequence[str] | None = None, by: Actor, at: datetime) -> DayPlan:
    """Decide the plan's units as it proposes: all, or those of ``units`` (tags). What waits stays where it is.

    Each is a decision of its own, by the person who follows, past its own gates as they are now; one that can't be taken says why and
    stays. What has left the site or this stay since isn't touched. At most ``FOLLOWED_AT_ONCE`` at a time: asked again, it goes on.
    """
    _may_plan(by, plan.hub_id)
    if plan.status not in {PlanStatus.MADE, PlanStatus.FOLLOWED}:
        raise UnableToPlan(Reason("not_made", _("This plan isn't made yet.")))
    done, refused = 0, 0
    for unit, key in left_of(plan, units, by=by)[:FOLLOWED_AT_ONCE]:
        decided = _follow(unit, key, plan, by=by, at=at)
        done, refused = done + (decided is True), refused + (decided is False)
    with transaction.atomic():
        taken = DayPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        taken.status = PlanStatus.FOLLOWED
        taken.save(update_fields=["status"])
        fact = facts.PlanFollowed(plan=str(plan.pk), done=done, refused=refused)
        ledger.append(taken.pk, fact, by=by, at=at, hub=taken.hub_id)
    return taken


def left_of(plan: DayPlan, units: Sequence[str] | None = None, *, by: Actor) -> list[tuple[uuid.UUID, int]]:
    """The units that can still be followed, with their rows: on the same stay at the same site, seen by ``by``; untried ones first."""
    rows = plan.units.filter(decision=None, device__visit=F("visit"), device__hub=plan.hub_id).exclude(path="")
    rows = rows.filter(device__in=Device.objects.visible_to(by))
    if units is not None:
        rows = rows.filter(device__tag__in=list(units))
    return list(rows.order_by("refused", "place").values_list("device_id", "pk"))


def _follow(unit: uuid.UUID, key: int, plan: DayPlan, *, by: Actor, at: datetime) -> bool | None:
    """Decide one unit and keep that in its row, both or neither; None where somebody else was first."""
    with transaction.atomic():
        device = moves.take_one(unit)
        row = PlannedUnit.objects.select_for_update(no_key=True).filter(pk=key, decision=None).first()
        if row is None:
            return None
        try:
            row.decision = disposition.decide(
                device=device,
                disposition=row.path,
                way=(row.channel, row.target),
                reason=_reason(row, plan),
                by=by,
                at=at,
            )
            row.refused = ""
        except DomainError as refusal:
            row.refused = refusal.sentence[:500]
        row.save(update_fields=["decision", "refused"])
    return row.decision is not None


def _reason(row: PlannedUnit, plan: DayPlan) -> str:
    if row.path == row.best:
        return _("Plan of the day %s") % plan.asked_at.date().isoformat()
    return _("Plan of the day %(day)s: %(best)s would bring %(worth)s %(currency)s, what it needs goes to others.") % {
        "day": plan.asked_at.date().isoformat(),
        "best": word(f"disposition.{row.best}"),
        "worth": row.best_worth,
        "currency": plan.currency,
    }
