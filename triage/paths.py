"""The paths of a unit: which are open, what shuts the others, and the options to be reckoned. Pure: a ``Case`` in, options out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import Disposition
from triage import parameters as p
from triage.defects import Axis, axis_of
from triage.economics import Line, Option, Outcome

GRADED = ("NEW", "A", "B", "C", "D")
COMPARED = (
    Disposition.RESTOCK,
    Disposition.REFURBISH,
    Disposition.RESELL,
    Disposition.HARVEST,
    Disposition.RECYCLE,
    Disposition.DESTROY,
)
"""Always shown, open or shut."""
TO_THE_OWNER = (Disposition.REPAIR_AND_RETURN, Disposition.RETURN_TO_OWNER)
_REUSE = frozenset(
    {
        Disposition.RESTOCK,
        Disposition.RESELL,
        Disposition.REFURBISH,
        Disposition.DONATE,
        Disposition.REFURBISH_AND_DONATE,
        Disposition.DEPLOY,
    }
)
_FOR_A_BUYER = frozenset({Disposition.RESELL})
_BENCH = frozenset({Disposition.REFURBISH, Disposition.REFURBISH_AND_DONATE, Disposition.REPAIR_AND_RETURN})


@dataclass(frozen=True, kw_only=True)
class Fault:
    code: str
    severity: str = "major"


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the choice of a path rests on, and what a decision keeps as its inputs.

    ``price_new`` is a new one's, ``price_a`` one in grade A today; ``target`` the grade that the bench can reach by mending ``mendable``.
    ``asked`` is what the owner asked for (``repair``, ``return``), empty when nothing but to deal with it.
    """

    device_class: str
    tracking: str = "serialized"
    quantity: int = 1
    grams: int = 0
    grade: str = "U"
    target: str = ""
    mendable: Sequence[Fault] = ()
    faults: Sequence[Fault] = ()
    holds: Sequence[str] = ()
    held: str = ""
    """The same as a sentence: by what, and where its owner is waited for until when."""
    authority: bool = False
    ours: bool = True
    why: str = "return"
    asked: str = ""
    uncleared: int = 0
    """Media whose data isn't cleared."""
    clearable: bool = True
    price_new: Decimal = Decimal(0)
    price_a: Decimal = Decimal(0)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    """What the price book expects per grade; it goes before ``price_a`` and the grade's factor."""
    decay: Decimal = Decimal("0.03")


def against(disposition: Disposition, case: Case) -> list[Reason]:
    """Every reason why ``case`` may not take this path; no override gets past them."""
    reasons: list[Reason] = []
    axes = {axis_of(fault.code) for fault in case.faults}
    back = disposition in {Disposition.RETURN_TO_OWNER, Disposition.REPAIR_AND_RETURN}
    if case.holds:
        kinds = case.held or ", ".join(word(f"hold.{kind}") for kind in case.holds)
        reasons.append(Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": kinds}))
    if case.asked and case.authority and not back:
        reasons.append(Reason("not_ours", _("its owner wants it back; they allowed its repair and nothing else")))
    if not case.authority and not back:
        reasons.append(
            Reason(
                "no_authority",
                _("nobody entitled has allowed what can't be undone: it is neither ours nor released by its owner"),
            )
        )
    if not case.clearable and disposition not in {
        Disposition.DESTROY,
        Disposition.RETURN_TO_OWNER,
        Disposition.REPAIR_AND_RETURN,
    }:
        reasons.append(Reason("data_stays", _("its data can't be cleared while its storage can't be driven")))
    if Axis.LOCK in axes and disposition in _REUSE:
        locks = ", ".join(word(fault.code) for fault in case.faults if axis_of(fault.code) is Axis.LOCK)
        reasons.append(Reason("locked", _("nobody could use it (%(locks)s)") % {"locks": locks}))
    if Axis.HAZARD in axes and (disposition in _REUSE | _BENCH or disposition == Disposition.HARVEST or back):
        hazards = ", ".join(word(fault.code) for fault in case.faults if axis_of(fault.code) is Axis.HAZARD)
        reasons.append(Reason("hazard", _("it is hazardous goods (%(hazards)s)") % {"hazards": hazards}))
    reasons += _unfit(disposition, case)
    return reasons


def _unfit(disposition: Disposition, case: Case) -> list[Reason]:
    """What its grade and kind rule out."""
    found: list[Reason] = []
    single = case.tracking == "serialized"
    if disposition == Disposition.RESTOCK and single and case.grade not in {"NEW", "A"}:
        found.append(Reason("not_as_new", _("only sealed or like-new goods go back to stock")))
    if disposition in _FOR_A_BUYER and single and case.grade not in GRADED:
        found.append(Reason("not_graded", _("it has no grade")))
    if disposition in {Disposition.REFURBISH, Disposition.REFURBISH_AND_DONATE}:
        if not single:
            found.append(Reason("not_single", _("only single things go to the bench")))
        elif not case.mendable or case.target not in GRADED or not _better(case.target, case.grade):
            found.append(Reason("nothing_to_mend", _("no repair would lift its grade")))
    if disposition == Disposition.HARVEST and (not single or case.device_class not in p.HARVEST_SHARE):
        found.append(Reason("no_parts", _("it has no parts worth taking out")))
    if disposition == Disposition.DESTROY and case.device_class == "materials":
        found.append(Reason("no_data_to_destroy", _("there is nothing on it to destroy")))
    if disposition == Disposition.REPAIR_AND_RETURN and not case.mendable:
        found.append(Reason("nothing_to_mend", _("no fault is known that the bench could mend")))
    return found


def _better(grade: str, than: str) -> bool:
    return than not in GRADED or GRADED.index(grade) < GRADED.index(than)


def option(disposition: Disposition, case: Case) -> Option:
    """What is to be reckoned for this path. Paths that bring nothing in still cost something."""
    build = {
        Disposition.RESTOCK: _restock,
        Disposition.RESELL: _resell,
        Disposition.REFURBISH: _refurbish,
        Disposition.HARVEST: _harvest,
        Disposition.RECYCLE: _recycle,
        Disposition.DESTROY: _destroy,
    }.get(disposition)
    if build is not None:
        return build(case)
    costs = (
        [_handling(disposition, case), _data(case)] if disposition in {Disposition.DONATE, Disposition.DEPLOY} else []
    )
    if disposition in _BENCH:
        costs += _repair(case)
    costs += [line for line in (_handling(disposition, case), _carriage(disposition)) if line not in costs]
    return Option(path=disposition.value, costs=[line for line in costs if line.amount])


def _price(case: Case, grade: str) -> Decimal:
    if grade in case.prices:
        return case.prices[grade]
    return (case.price_a * p.GRADE_FACTOR[grade]).quantize(Decimal("0.01")) if grade in p.GRADE_FACTOR else Decimal(0)


def _times(case: Case) -> Decimal:
    return Decimal(case.quantity if case.tracking == "counted" else 1)


def _handling(disposition: Disposition, case: Case) -> Line:
    return Line(what="handling", amount=-p.HANDLING.get(disposition.value, Decimal(4)))


def _carriage(disposition: Disposition) -> Line:
    return Line(what="freight", amount=-p.CARRIAGE.get(disposition.value, Decimal(0)))


def _data(case: Case, how: str = "wipe") -> Line:
    each = p.DATA_PER_MEDIUM[how]
    return Line(what=f"data_{how}", amount=-each * case.uncleared, how=f"{case.uncleared} × {each}")


def _repair(case: Case) -> list[Line]:
    lines = []
    for fault in case.mendable:
        job = p.repair(fault.code, case.device_class)
        if job is None:
            continue
        minutes, parts = job
        amount = (Decimal(minutes) * p.LABOR_PER_HOUR / 60 + parts).quantize(Decimal("0.01"))
        lines.append(Line(what=fault.code, amount=-amount, how=f"{minutes} min × {p.LABOR_PER_HOUR}/h + {parts}"))
    return lines


def repair_cost(case: Case) -> Decimal:
    return -sum((line.amount for line in _repair(case)), Decimal(0))


def beyond_repair(case: Case) -> bool:
    """Whether mending costs more than the mended thing would justify."""
    return repair_cost(case) > p.BEYOND_REPAIR * _price(case, case.target if case.target in GRADED else "B")


def _restock(case: Case) -> Option:
    price = (case.price_new * (1 - p.RESTOCK_MARKDOWN)).quantize(Decimal("0.01")) * _times(case)
    return Option(
        path="RESTOCK",
        outcomes=[Outcome(grade="", probability=Decimal(1), price=price)],
        days=p.DAYS["RESTOCK"],
        decay=case.decay,
        costs=[_handling(Disposition.RESTOCK, case), _data(case)],
        value=price,
        holding=p.HOLDING_PER_YEAR,
    )


def _resell(case: Case) -> Option:
    grade = case.grade if case.grade in GRADED else "C"
    price = (_price(case, grade) * p.AS_IS_DISCOUNT).quantize(Decimal("0.01")) * _times(case)
    rate, cost = p.WARRANTY["RESELL"] if grade != "D" else (Decimal(0), Decimal(0))
    return Option(
        path="RESELL",
        outcomes=[Outcome(grade=grade, probability=Decimal(1), price=price)],
        days=p.DAYS["RESELL"],
        decay=case.decay,
        fee=p.FEE["RESELL"],
        costs=[_handling(Disposition.RESELL, case), _data(case)],
        value=price,
        holding=p.HOLDING_PER_YEAR,
        warranty_rate=rate,
        warranty_cost=cost,
    )


def _refurbish(case: Case) -> Option:
    target = case.target if case.target in GRADED else "B"
    rate, cost = p.WARRANTY["REFURBISH"]
    return Option(
        path="REFURBISH",
        outcomes=[
            Outcome(grade=target, probability=p.YIELD, price=_price(case, target)),
            Outcome(grade="D", probability=1 - p.YIELD, price=_price(case, "D")),
        ],
        days=p.DAYS["REFURBISH"],
        decay=case.decay,
        fee=p.FEE["REFURBISH"],
        costs=[*_repair(case), _handling(Disposition.REFURBISH, case), _data(case)],
        value=_price(case, target),
        holding=p.HOLDING_PER_YEAR,
        warranty_rate=rate,
        warranty_cost=cost,
    )


def _harvest(case: Case) -> Option:
    minutes = p.TEARDOWN_MINUTES.get(case.device_class, 30)
    parts = (case.price_a * p.HARVEST_SHARE.get(case.device_class, Decimal(0))).quantize(Decimal("0.01"))
    labor = Line(
        what="teardown",
        amount=-(Decimal(minutes) * p.LABOR_PER_HOUR / 60).quantize(Decimal("0.01")),
        how=f"{minutes} min × {p.LABOR_PER_HOUR}/h",
    )
    return Option(
        path="HARVEST",
        outcomes=[Outcome(grade="parts", probability=p.HARVEST_YIELD, price=parts)],
        days=p.DAYS["HARVEST"],
        decay=case.decay,
        fee=p.FEE["HARVEST"],
        costs=[labor, _handling(Disposition.HARVEST, case), _data(case), *_material(case)],
        value=parts,
        holding=p.HOLDING_PER_YEAR,
    )


def _material(case: Case) -> list[Line]:
    kilos = Decimal(case.grams) / 1000
    worth, fee = p.of(p.MATERIAL_PER_KG, case.device_class), p.of(p.TREATMENT_PER_KG, case.device_class)
    lines = [
        Line(what="material", amount=kilos * worth, how=f"{kilos.normalize():f} kg × {worth}"),
        Line(what="treatment", amount=-kilos * fee, how=f"{kilos.normalize():f} kg × {fee}"),
    ]
    if any(axis_of(fault.code) is Axis.HAZARD for fault in case.faults):
        lines.append(Line(what="hazard", amount=-p.HAZARD_FEE))
    return lines


def _recycle(case: Case) -> Option:
    return Option(path="RECYCLE", costs=[*_material(case), _handling(Disposition.RECYCLE, case), _data(case)])


def _destroy(case: Case) -> Option:
    fee = Line(what="destruction", amount=-p.DESTRUCTION_FEE)
    return Option(path="DESTROY", costs=[fee, _handling(Disposition.DESTROY, case), *_material(case)])
