"""Units whose data can't be cleared: what may be done under supervision instead, with its sums. Pure.

None of these is a path that is decided here. The unit goes to destruction, and from there a data technician asks for the exception,
another allows it (``itad``); each says what supervision it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.devices.journey import Disposition
from triage.cases import Case
from triage.defects import Axis, axis_of
from triage.economics import ZERO, Line, Option, Outcome
from triage.figures import Figures
from triage.gates import GRADED, better
from triage.paths import STORAGE, Costing, in_parts, parts_out

HARVEST = "harvest_under_control"
REPAIR = "repair_to_erase"
REMOVE = "remove_medium"
KINDS = (HARVEST, REPAIR, REMOVE)
_NO_PARTS = frozenset({"storage", "materials", "apparel", "accessory"})


def needs(kind: str) -> str:
    """What supervision it needs, in a sentence."""
    return {
        HARVEST: _(
            "In the data cage alone: a data technician asks for it, another allows it; parts without data come out, the rest is destroyed "
            "before a witness."
        ),
        REPAIR: _(
            "In the data cage alone: a data technician asks for it, another allows it; once it can be driven it is wiped first."
        ),
        REMOVE: _(
            "In the data cage alone: a data technician asks for it, another allows it; the drive is destroyed before a witness."
        ),
    }[kind]


def against(kind: str, case: Case, figures: Figures) -> list[Reason]:
    """Why this exception can't be asked for."""
    found = []
    if case.holds:
        found.append(Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": case.held or ", ".join(case.holds)}))
    if not case.authority or case.asked:
        found.append(Reason("no_authority", _("nobody entitled has allowed what can't be undone")))
    if case.contradicts:
        told = _("its sources differ on which thing it is (%(fields)s); that is settled first")
        found.append(Reason("identity", told % {"fields": ", ".join(case.contradicts)}))
    if any(axis_of(fault.code) is Axis.HAZARD for fault in case.faults):
        found.append(Reason("hazard", _("it is hazardous goods")))
    told_not = case.contract.forbidden.get(Disposition.HARVEST if kind != REPAIR else Disposition.REFURBISH)
    if told_not is not None:
        found.append(Reason("contract", _("its owner's contract forbids it: %(why)s") % {"why": told_not.rstrip(".")}))
    if kind == HARVEST and (case.device_class in _NO_PARTS or not figures.has("harvest_share", case.device_class)):
        found.append(Reason("no_parts", _("there are no parts to take from it")))
    if kind == REMOVE and case.device_class == "storage":
        found.append(Reason("is_itself", _("a loose drive can't be taken out of itself")))
    elif kind == REMOVE and case.soldered:
        found.append(Reason("soldered", _("its storage is part of the board and can't be taken out")))
    if kind == REPAIR and case.contract.drives == "destroy":
        why = case.contract.drives_why.rstrip(".")
        found.append(Reason("contract", _("its owner's contract forbids it: %(why)s") % {"why": why}))
    return found


def option(kind: str, case: Case, figures: Figures) -> Option:
    """What is to be reckoned for an exception."""
    return {HARVEST: _harvest, REPAIR: _repair, REMOVE: _remove}[kind](case, figures)


def _minutes(figures: Figures, *works: str) -> int:
    """Minutes of the people who do it and of those who see to it."""
    return int(
        sum((figures.of("supervised_minutes", work) for work in works), ZERO) * figures.one("supervised_persons")
    )


def _end(at: Costing) -> list[Line]:
    """The rest is destroyed, before a witness."""
    return [Line(what="destruction", amount=-at.figures.one("destruction_fee")), at.handling(), *at.material()]


def _in_parts(case: Case, figures: Figures, kind: str) -> Option:
    at = Costing(Disposition.HARVEST, case, figures)
    parts = parts_out(at, without=[STORAGE])
    price = sum((line.amount for line in parts), ZERO)
    minutes = {"data": _minutes(figures, kind, "witness")}
    if kind == REMOVE:
        minutes["teardown"] = int(figures.of("teardown_minutes", case.device_class))
    return Option(
        path=kind, outcomes=in_parts(price, figures.one("harvest_yield")), days=int(at.of("days")), decay=case.decay, fee=at.of("fee"),
        costs=[*at.labor(minutes), *_end(at)], value=price, holding=figures.one("holding_per_year"), minutes=minutes, aside=parts,
    )  # fmt: skip


def _harvest(case: Case, figures: Figures) -> Option:
    return _in_parts(case, figures, HARVEST)


def _remove(case: Case, figures: Figures) -> Option:
    return _in_parts(case, figures, REMOVE)


def _repair(case: Case, figures: Figures) -> Option:
    """Made drivable and wiped, it is sold; where that fails it is destroyed after all."""
    at = Costing(Disposition.REFURBISH, case, figures)
    reached = figures.one("repair_to_erase_yield")
    target = case.target if better(case.target, "C") and case.target in GRADED else "C"
    price = at.price(target)
    board = int(figures.of("supervised_minutes", REPAIR))
    minutes = {"board": board, "data": int(board * (figures.one("supervised_persons") - 1))}
    return Option(
        path=REPAIR,
        outcomes=[
            Outcome(grade=target, probability=reached, price=price.amount, low=price.low, high=price.high),
            Outcome(grade="scrap", probability=1 - reached, price=ZERO),
        ],
        days=int(figures.of("channel_days", "marketplace") + figures.one("bench_days")),
        decay=case.decay,
        fee=figures.of("channel_fee", "marketplace"),
        costs=[
            *at.labor(minutes), Line(what="erase_parts", amount=-figures.one("repair_to_erase_parts")), at.handling(), *at.data("wipe"),
        ],
        value=price.amount,
        holding=figures.one("holding_per_year"),
        warranty_rate=at.of("warranty_rate") * reached,
        warranty_cost=at.of("warranty_cost"),
        fail_probability=1 - reached,
        fail_cost=figures.one("destruction_fee") + Decimal(_minutes(figures, "witness")) * figures.rate("data") / 60,
        minutes=minutes,
    )  # fmt: skip


def kinds_for(case: Case) -> Sequence[str]:
    """The exceptions to show: all for a unit whose data can't be cleared, none for others."""
    return () if case.clearable else KINDS
