"""The sums of valuations of the first shape, as they were reckoned then. Nothing here changes: a decision is reckoned again by it.

Their inputs say no ``shape``, their figures were kept beside them. What is decided today goes by ``triage.ranking``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import Disposition
from triage import economics
from triage.cases import Fault
from triage.defects import Axis, axis_of
from triage.economics import Line, Option, Outcome
from triage.figures import Figures

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


def against(disposition: Disposition, case: Case, figures: Figures) -> list[Reason]:
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
    reasons += _unfit(disposition, case, figures)
    return reasons


def _unfit(disposition: Disposition, case: Case, figures: Figures) -> list[Reason]:
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
    if disposition == Disposition.HARVEST and (not single or not figures.has("harvest_share", case.device_class)):
        found.append(Reason("no_parts", _("it has no parts worth taking out")))
    if disposition == Disposition.DESTROY and case.device_class == "materials":
        found.append(Reason("no_data_to_destroy", _("there is nothing on it to destroy")))
    if disposition == Disposition.REPAIR_AND_RETURN and not case.mendable:
        found.append(Reason("nothing_to_mend", _("no fault is known that the bench could mend")))
    return found


def _better(grade: str, than: str) -> bool:
    return than not in GRADED or GRADED.index(grade) < GRADED.index(than)


def option(disposition: Disposition, case: Case, figures: Figures) -> Option:
    """What is to be reckoned for this path. Paths that bring nothing in still cost something."""
    build = {
        Disposition.RESTOCK: _restock,
        Disposition.RESELL: _resell,
        Disposition.REFURBISH: _refurbish,
        Disposition.HARVEST: _harvest,
        Disposition.RECYCLE: _recycle,
        Disposition.DESTROY: _destroy,
    }.get(disposition)
    costing = _Costing(disposition, case, figures)
    if build is not None:
        return build(costing)
    costs = [costing.handling()]
    if disposition in {Disposition.DONATE, Disposition.REFURBISH_AND_DONATE, Disposition.DEPLOY}:
        costs += [costing.data(), *costing.carbon()]
    if disposition in _BENCH:
        costs += costing.repairs()
    costs.append(costing.carriage())
    return Option(path=disposition.value, costs=[line for line in costs if line.amount])


def repair_cost(case: Case, figures: Figures) -> Decimal:
    repairs = _Costing(Disposition.REFURBISH, case, figures).repairs()
    return -sum((line.amount for line in repairs), Decimal(0))


def beyond_repair(case: Case, figures: Figures) -> bool:
    """Whether mending costs more than the mended thing would justify."""
    mended = _Costing(Disposition.REFURBISH, case, figures).price(case.target if case.target in GRADED else "B")
    return repair_cost(case, figures) > figures.one("beyond_repair") * mended


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


@dataclass(frozen=True)
class _Costing:
    """The lines of one path of one case."""

    disposition: Disposition
    case: Case
    figures: Figures

    @property
    def path(self) -> str:
        return self.disposition.value

    def of(self, table: str) -> Decimal:
        """The path's own figure."""
        return self.figures.of(table, self.path)

    def price(self, grade: str) -> Decimal:
        if grade in self.case.prices:
            return self.case.prices[grade]
        return _cents(self.case.price_a * self.figures.of("grade_factor", grade))

    @property
    def times(self) -> Decimal:
        return Decimal(self.case.quantity if self.case.tracking == "counted" else 1)

    def handling(self) -> Line:
        return Line(what="handling", amount=-self.of("handling"))

    def carriage(self) -> Line:
        return Line(what="freight", amount=-self.of("carriage"))

    def data(self, how: str = "wipe") -> Line:
        each = self.figures.of("data_per_medium", how)
        return Line(what=f"data_{how}", amount=-each * self.case.uncleared, how=f"{self.case.uncleared} × {each}")

    def labor(self, minutes: int | Decimal) -> Decimal:
        return Decimal(minutes) * self.figures.one("labor_per_hour") / 60

    def repairs(self) -> list[Line]:
        lines = []
        for fault in self.case.mendable:
            job = self.figures.repair(fault.code, self.case.device_class)
            if job is None:
                continue
            minutes, parts = job
            how = f"{minutes} min × {self.figures.one('labor_per_hour')}/h + {parts}"
            lines.append(Line(what=fault.code, amount=-_cents(self.labor(minutes) + parts), how=how))
        return lines

    def carbon(self) -> list[Line]:
        """What the operator's own price on carbon makes of a second life; nothing while it sets none."""
        price = self.figures.one("carbon_per_tonne")
        made = self.figures.of("carbon_of_new", self.case.device_class)
        if not price or not made:
            return []
        displaced, life = self.figures.one("displaced"), self.figures.one("second_life")
        amount = made * displaced * life * price / 1000 * self.times
        return [Line(what="carbon", amount=amount, how=f"{made} kg × {displaced} × {life} × {price}/t")]

    def material(self) -> list[Line]:
        kilos = Decimal(self.case.grams) / 1000
        worth = self.figures.of("material_per_kg", self.case.device_class)
        fee = self.figures.of("treatment_per_kg", self.case.device_class)
        lines = [
            Line(what="material", amount=kilos * worth, how=f"{kilos.normalize():f} kg × {worth}"),
            Line(what="treatment", amount=-kilos * fee, how=f"{kilos.normalize():f} kg × {fee}"),
        ]
        if any(axis_of(fault.code) is Axis.HAZARD for fault in self.case.faults):
            lines.append(Line(what="hazard", amount=-self.figures.one("hazard_fee")))
        return lines

    def sold(
        self, outcomes: Sequence[Outcome], costs: Sequence[Line], *, value: Decimal, warranty: bool = False
    ) -> Option:
        """A path that ends with a buyer: its days, decay, fee and capital by the path's own figures."""
        return Option(
            path=self.path,
            outcomes=outcomes,
            days=int(self.of("days")),
            decay=self.case.decay,
            fee=self.of("fee"),
            costs=costs,
            value=value,
            holding=self.figures.one("holding_per_year"),
            warranty_rate=self.of("warranty_rate") if warranty else Decimal(0),
            warranty_cost=self.of("warranty_cost") if warranty else Decimal(0),
        )


def _restock(at: _Costing) -> Option:
    price = _cents(at.case.price_new * (1 - at.figures.one("restock_markdown"))) * at.times
    outcome = Outcome(grade="", probability=Decimal(1), price=price)
    return at.sold([outcome], [at.handling(), at.data(), *at.carbon()], value=price)


def _resell(at: _Costing) -> Option:
    grade = at.case.grade if at.case.grade in GRADED else "C"
    price = _cents(at.price(grade) * at.figures.one("as_is_discount")) * at.times
    outcome = Outcome(grade=grade, probability=Decimal(1), price=price)
    return at.sold([outcome], [at.handling(), at.data(), *at.carbon()], value=price, warranty=grade != "D")


def _refurbish(at: _Costing) -> Option:
    target, reached = at.case.target if at.case.target in GRADED else "B", at.figures.one("yield")
    outcomes = [
        Outcome(grade=target, probability=reached, price=at.price(target)),
        Outcome(grade="D", probability=1 - reached, price=at.price("D")),
    ]
    costs = [*at.repairs(), at.handling(), at.data(), *at.carbon()]
    return at.sold(outcomes, costs, value=at.price(target), warranty=True)


def _harvest(at: _Costing) -> Option:
    minutes = int(at.figures.of("teardown_minutes", at.case.device_class))
    parts = _cents(at.case.price_a * at.figures.of("harvest_share", at.case.device_class))
    how = f"{minutes} min × {at.figures.one('labor_per_hour')}/h"
    labor = Line(what="teardown", amount=-_cents(at.labor(minutes)), how=how)
    outcome = Outcome(grade="parts", probability=at.figures.one("harvest_yield"), price=parts)
    return at.sold([outcome], [labor, at.handling(), at.data(), *at.material()], value=parts)


def _recycle(at: _Costing) -> Option:
    return Option(path=at.path, costs=[*at.material(), at.handling(), at.data()])


def _destroy(at: _Costing) -> Option:
    fee = Line(what="destruction", amount=-at.figures.one("destruction_fee"))
    return Option(path=at.path, costs=[fee, at.handling(), *at.material()])


# The sum and the choice -----------------------------------------------------------------------------------------------------------------


def again(inputs: Mapping[str, Any], known: Figures) -> list[dict[str, Any]]:
    """The paths of a valuation of the first shape, from its inputs and figures, as it keeps them: the proposed one first."""
    case = _case_from(inputs)
    wanted = list(COMPARED)
    if not case.ours or case.asked or not case.authority:
        wanted += TO_THE_OWNER
    found = [_path(each, case, known) for each in wanted]
    best = _best(case, found, known)
    found.sort(key=lambda path: (path["path"] != best, bool(path["against"]), -Decimal(path["net"]), path["path"]))
    return found


def _path(disposition: Disposition, case: Case, known: Figures) -> dict[str, Any]:
    result = economics.reckon(option(disposition, case, known), currency=known.currency)
    return {
        "path": disposition.value,
        "net": str(result.net),
        "currency": result.currency,
        "lines": [{"what": line.what, "amount": str(line.amount), "how": line.how} for line in result.lines],
        "against": [{"code": reason.code, "sentence": reason.sentence} for reason in against(disposition, case, known)],
    }


def _best(case: Case, found: Sequence[Mapping[str, Any]], known: Figures) -> str | None:
    open_ones = {path["path"]: Decimal(path["net"]) for path in found if not path["against"]}
    home = Disposition.RETURN_TO_OWNER.value
    if case.asked == "repair":
        if Disposition.REPAIR_AND_RETURN in open_ones and not beyond_repair(case, known):
            return Disposition.REPAIR_AND_RETURN.value
        return home if home in open_ones else None
    if case.asked == "return" and home in open_ones:
        return home
    ours = {path: net for path, net in open_ones.items() if path not in TO_THE_OWNER}
    return max(ours, key=lambda path: (ours[path], path)) if ours else None


def _case_from(inputs: Mapping[str, Any]) -> Case:
    told = dict(inputs)
    told.pop("price_from", None)
    for name in ("price_new", "price_a", "decay"):
        told[name] = Decimal(told[name])
    told["prices"] = {grade: Decimal(amount) for grade, amount in told["prices"].items()}
    for name in ("mendable", "faults"):
        told[name] = tuple(Fault(**each) for each in told[name])
    return Case(**told)
