"""The paths of a unit: how each would be reckoned, in every channel and to every grade it may go by. Pure: a ``Case`` in, options out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from revlog.devices.journey import Disposition
from triage.cases import Case, Contract, Fault, Mend, Quote, Supply
from triage.defects import Axis, axis_of
from triage.economics import ZERO, Line, Need, Option, Outcome
from triage.figures import Figures
from triage.gates import BY_THE_LOT, GRADED, LOT, TO_THE_OWNER, against, better

__all__ = [
    "COMPARED",
    "GRADED",
    "LOT",
    "TO_THE_OWNER",
    "Case",
    "Contract",
    "Fault",
    "Mend",
    "Quote",
    "Supply",
    "against",
    "better",
    "beyond_repair",
    "mends_of",
    "options",
    "part_of",
    "repair_cost",
]

COMPARED = (
    Disposition.RESTOCK,
    Disposition.REFURBISH,
    Disposition.RESELL,
    LOT,
    Disposition.HARVEST,
    Disposition.DONATE,
    Disposition.DEPLOY,
    Disposition.RETURN_TO_VENDOR,
    Disposition.RECYCLE,
    Disposition.DESTROY,
)
"""Always shown, open or shut."""

_PARTS = {
    "battery_worn": "battery", "battery": "battery", "battery_missing": "battery", "keyboard": "keyboard", "trackpad": "trackpad",
    "display": "display", "touch": "display", "pixels": "display", "crack": "housing", "hinge": "hinge", "port": "port",
    "audio": "speaker", "camera": "camera", "connectivity": "radio", "memory": "memory", "fan": "fan", "power_adapter": "charger",
    "drive_failing": "storage", "drive_dead": "storage", "prints_badly": "print_head", "dent": "housing",
}  # fmt: skip
"""Fault -> the kind of part that mends it, and that brings nothing when it is taken out broken."""
PART_KINDS = frozenset(_PARTS.values())
STORAGE = "storage"
FORBIDDEN_DRIVE = "drive_dead"
"""The repair that a new drive amounts to."""


def part_of(fault: str) -> str:
    """The kind of part that a fault asks for; empty where it asks for none that a store would know."""
    return _PARTS.get(fault, "")


def mends_of(case: Case) -> Sequence[Mend]:
    """The repairs that lift its grade, the cheapest for each grade; for a case that names none, all its faults to its target."""
    found = case.mends or ([Mend(target=case.target, faults=case.mendable)] if case.mendable and case.target else [])
    return [mend for mend in found if better(mend.target, case.grade)]


def repair_cost(case: Case, figures: Figures) -> Decimal:
    """What mending everything that the bench can mend costs."""
    lines = Costing(Disposition.REFURBISH, case, figures).repairs(case.mendable).lines
    return -sum((line.amount for line in lines), ZERO)


def beyond_repair(case: Case, figures: Figures) -> bool:
    """Whether mending costs more than the mended thing would justify."""
    price = Costing(Disposition.REFURBISH, case, figures).price(case.target if case.target in GRADED else "B")
    return repair_cost(case, figures) > figures.one("beyond_repair") * price.amount


def value_of(case: Case, figures: Figures) -> Decimal:
    """What it sells for as it stands, one price for all channels: what a contract's limits of value are compared with."""
    at = Costing(Disposition.RESELL, case, figures)
    return at.as_is().amount


def options(path: str, case: Case, figures: Figures) -> list[Option]:
    """What is to be reckoned for a path (a disposition, or ``LOT``): one option, or one for each channel and grade it may go by.

    Paths that bring nothing in still cost something.
    """
    at = Costing(path, case, figures)
    if build := _MANY.get(path):
        return build(at) or [at.bare()]
    return [_ONE[path](at) if path in _ONE else at.bare()]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


@dataclass(frozen=True, kw_only=True)
class Work:
    """Repairs: their lines, the minutes by skill, and the parts they use."""

    lines: Sequence[Line] = ()
    minutes: Mapping[str, int]
    needs: Sequence[Need] = ()

    @property
    def waits(self) -> bool:
        """Whether a part is to be bought."""
        return any(not need.on_hand for need in self.needs)


@dataclass(frozen=True)
class _Job:
    """Mending one fault: minutes, and what its part costs."""

    fault: str
    minutes: int
    part: Decimal


@dataclass(frozen=True)
class Costing:
    """The lines of one path of one case."""

    path: str
    case: Case
    figures: Figures

    def of(self, table: str) -> Decimal:
        """The path's own figure."""
        return self.figures.of(table, self.path)

    @property
    def times(self) -> Decimal:
        return Decimal(self.case.quantity if self.case.tracking == "counted" else 1)

    # Prices ---------------------------------------------------------------------------------------------------------------------------

    def price(self, grade: str, channel: str = "") -> Quote:
        """The channel's own price in the book, else the book's for all, else by the grade's factor; those for the channel's share."""
        if found := self.case.quotes.get(channel, {}).get(grade) if channel else None:
            return found
        share = self.figures.of("channel_share", channel) if channel else Decimal(1)
        found = self.case.quotes.get("", {}).get(grade)
        if found is None:
            amount = self.case.prices.get(grade)
            if amount is None:
                amount = self.case.price_a * self.figures.of("grade_factor", grade)
            found = Quote(amount=cents(amount))
        return _times(found, share)

    def as_is(self, channel: str = "") -> Quote:
        """What a buyer pays for it as it stands, all pieces together."""
        grade = self.grade
        return _times(self.price(grade, channel), self.figures.one("as_is_discount") * self.times)

    @property
    def grade(self) -> str:
        return self.case.grade if self.case.grade in GRADED else "C"

    # Lines ----------------------------------------------------------------------------------------------------------------------------

    def handling(self) -> Line:
        return Line(what="handling", amount=-self.of("handling"))

    def carriage(self) -> Line:
        return Line(what="freight", amount=-self.of("carriage"))

    def data(self, how: str = "", *, mended: Iterable[Fault] = ()) -> list[Line]:
        """Clearing its media: wiped, or destroyed where the contract says so, and then replaced where it is used again.

        A drive that mending it (``mended``) replaces anyway isn't bought twice.
        """
        how = how or ("destroy" if self.case.contract.drives == "destroy" else "wipe")
        each = self.figures.of("data_per_medium", how)
        lines = [Line(what=f"data_{how}", amount=-each * self.case.uncleared, how=f"{self.case.uncleared} × {each}")]
        job = self.figures.repair(FORBIDDEN_DRIVE, self.case.device_class)
        replaced = any(part_of(fault.code) == STORAGE for fault in mended)
        missing = max(0, self.case.uncleared - replaced)
        if how == "destroy" and missing and job and self.path not in _WITHOUT_DRIVE:
            lines.append(Line(what="new_drive", amount=-job[1] * missing, how=f"{missing} × {job[1]}"))
        return lines

    def labor(self, minutes: Mapping[str, int]) -> list[Line]:
        """A line for each skill."""
        return [
            Line(
                what=f"labor_{skill}",
                amount=-cents(Decimal(count) * self.figures.rate(skill) / 60),
                how=f"{count} min × {self.figures.rate(skill)}/h",
            )
            for skill, count in minutes.items()
            if count
        ]

    def repairs(self, faults: Iterable[Fault]) -> Work:
        """Mending these: work by skill, and each part, from the store where it lies on hand.

        What one part mends (a cracked display whose touch is dead) takes it once, at the dearest figure, and the longest work of them.
        """
        minutes: dict[str, int] = {}
        parts, needs = [], []
        for jobs in self._jobs(faults):
            longest = max(jobs, key=lambda job: job.minutes)
            skill = self.figures.word("skill_of", longest.fault)
            minutes[skill] = minutes.get(skill, 0) + longest.minutes
            dearest = max(jobs, key=lambda job: job.part)
            if not dearest.part:
                continue
            kind = part_of(dearest.fault)
            supply = self.case.supplies.get(kind)
            there = supply is not None and supply.available > 0
            cost = supply.cost if there and supply is not None and supply.cost is not None else dearest.part
            needs.append(Need(fault=dearest.fault, part=kind, on_hand=there))
            parts.append(Line(what=dearest.fault, amount=-cost, note="on_hand" if there else "to_buy"))
        minutes = dict(sorted(minutes.items()))
        return Work(lines=[*self.labor(minutes), *parts], minutes=minutes, needs=tuple(needs))

    def _jobs(self, faults: Iterable[Fault]) -> list[list[_Job]]:
        """What the bench does for these, together what one part mends."""
        by_part: dict[str, list[_Job]] = {}
        found = []
        for fault in faults:
            job = self.figures.repair(fault.code, self.case.device_class)
            if job is None:
                continue
            kind = part_of(fault.code) if job[1] else ""
            if kind in by_part:
                by_part[kind].append(_Job(fault.code, *job))
                continue
            found.append([_Job(fault.code, *job)])
            if kind:
                by_part[kind] = found[-1]
        return found

    def carbon(self) -> list[Line]:
        """What the operator's own price on carbon makes of a second life; nothing while it sets none."""
        price = self.figures.one("carbon_per_tonne")
        made = self.figures.of("carbon_of_new", self.case.device_class)
        if not price or not made:
            return []
        displaced, life = self.figures.one("displaced"), self.figures.one("second_life")
        amount = made * displaced * life * price / 1000 * self.times
        return [Line(what="carbon", amount=amount, how=f"{made} kg × {displaced} × {life} × {price}/t")]

    def carbon_aside(self) -> list[Line]:
        """The carbon that a second life avoids, in kilograms."""
        made = self.figures.of("carbon_of_new", self.case.device_class)
        displaced, life = self.figures.one("displaced"), self.figures.one("second_life")
        kilos = (made * displaced * life * self.times).quantize(Decimal("0.1"))
        return [Line(what="carbon_kg", amount=kilos, how=f"{made} kg × {displaced} × {life}")] if kilos else []

    def material(self) -> list[Line]:
        kilos = Decimal(self.case.grams) / 1000
        worth = self.figures.of("material_per_kg", self.case.device_class)
        fee = self.figures.of("treatment_per_kg", self.case.device_class)
        shown = f"{kilos.normalize():f} kg"
        lines = [
            Line(what="material", amount=kilos * worth, how=f"{shown} × {worth}"),
            Line(what="treatment", amount=-kilos * fee, how=f"{shown} × {fee}"),
        ]
        share, price = self.of("landfill_share"), self.figures.one("landfill_per_kg")
        if share and price:
            lines.append(Line(what="landfill", amount=-kilos * share * price, how=f"{shown} × {share} × {price}"))
        if any(axis_of(fault.code) is Axis.HAZARD for fault in self.case.faults):
            lines.append(Line(what="hazard", amount=-self.figures.one("hazard_fee")))
        return lines

    def landfill_aside(self) -> list[Line]:
        kilos = Decimal(self.case.grams) / 1000 * self.of("landfill_share")
        return [Line(what="landfill_kg", amount=kilos.quantize(Decimal("0.001")))] if kilos else []

    # Options --------------------------------------------------------------------------------------------------------------------------

    def bare(self) -> Option:
        """What a path without proceeds costs."""
        costs, work = [self.handling()], Work(minutes={})
        if self.path in {Disposition.DONATE, Disposition.REFURBISH_AND_DONATE, Disposition.DEPLOY}:
            mended = self.case.mendable if self.path == Disposition.REFURBISH_AND_DONATE else ()
            costs += [*self.data(mended=mended), *self.carbon()]
        if self.path == Disposition.RETURN_TO_VENDOR:
            costs += self.data()
        if self.path in {Disposition.REFURBISH, Disposition.REFURBISH_AND_DONATE, Disposition.REPAIR_AND_RETURN}:
            work = self.repairs(self.case.mendable)
            costs += work.lines
        costs.append(self.carriage())
        return Option(
            path=str(self.path), costs=[line for line in costs if line.amount], minutes=work.minutes, needs=work.needs
        )

    def sold(
        self,
        outcomes: Sequence[Outcome],
        costs: Sequence[Line],
        *,
        value: Decimal,
        channel: str = "",
        days: int = 0,
        warranty: bool = False,
        target: str = "",
        work: Work | None = None,
        aside: Sequence[Line] = (),
    ) -> Option:
        """A path that ends with a buyer: its decay, fee and capital by the figures of its channel, or by its own."""
        listing = Line(what="listing", amount=-self.figures.of("channel_cost", channel)) if channel else None
        return Option(
            path=str(self.path),
            channel=channel,
            target=target,
            outcomes=outcomes,
            days=days + int(self.figures.of("channel_days", channel) if channel else self.of("days")),
            decay=self.case.decay,
            fee=self.figures.of("channel_fee", channel) if channel else self.of("fee"),
            costs=[*costs, *([listing] if listing else [])],
            value=value,
            holding=self.figures.one("holding_per_year"),
            warranty_rate=self.of("warranty_rate") if warranty else ZERO,
            warranty_cost=self.of("warranty_cost") if warranty else ZERO,
            minutes=work.minutes if work else {},
            needs=work.needs if work else (),
            aside=aside,
        )


_WITHOUT_DRIVE = frozenset(
    {Disposition.HARVEST, Disposition.RECYCLE, Disposition.DESTROY, Disposition.RETURN_TO_VENDOR}
)
"""Paths on which nobody misses the drive."""


def _times(quote: Quote, share: Decimal) -> Quote:
    if share == 1:
        return quote
    low, high = (None if each is None else cents(each * share) for each in (quote.low, quote.high))
    return Quote(amount=cents(quote.amount * share), low=low, high=high, basis=quote.basis)


def _outcome(grade: str, probability: Decimal, price: Quote) -> Outcome:
    return Outcome(grade=grade, probability=probability, price=price.amount, low=price.low, high=price.high)


def _restock(at: Costing) -> Option:
    price = cents(at.case.price_new * (1 - at.figures.one("restock_markdown"))) * at.times
    outcome = Outcome(grade="", probability=Decimal(1), price=price)
    return at.sold(
        [outcome], [at.handling(), *at.data(), *at.carbon()], value=price, aside=at.carbon_aside(),
    )  # fmt: skip


def _as_it_is(at: Costing, channel: str) -> Option:
    price = at.as_is(channel)
    costs = [at.handling(), *at.data(), *at.carbon()]
    return at.sold(
        [_outcome(at.grade, Decimal(1), price)], costs, value=price.amount, channel=channel, warranty=at.grade != "D",
        aside=at.carbon_aside(),
    )  # fmt: skip


def _resell(at: Costing) -> list[Option]:
    return [_as_it_is(at, channel) for channel in at.figures.channels if channel != BY_THE_LOT]


def _lot(at: Costing) -> list[Option]:
    return [_as_it_is(at, BY_THE_LOT)]


def _refurbish(at: Costing) -> list[Option]:
    channels = [channel for channel in at.figures.channels if channel != BY_THE_LOT]
    return [_mended(at, mend, channel) for mend in mends_of(at.case) for channel in channels]


def _mended(at: Costing, mend: Mend, channel: str) -> Option:
    """Mended to a grade and sold in a channel; what the bench does not lift goes as defective."""
    reached, work = at.figures.one("yield"), at.repairs(mend.faults)
    price = at.price(mend.target, channel)
    outcomes = [
        _outcome(mend.target, reached, price),
        _outcome("D", 1 - reached, at.price("D")),
    ]
    days = int(at.figures.one("bench_days") + (at.figures.one("buy_days") if work.waits else 0))
    return at.sold(
        outcomes, [*work.lines, at.handling(), *at.data(mended=mend.faults), *at.carbon()], value=price.amount, channel=channel,
        days=days, warranty=True, target=mend.target, work=work, aside=at.carbon_aside(),
    )  # fmt: skip


def parts_out(at: Costing, *, without: Iterable[str] = ()) -> list[Line]:
    """The parts worth taking out, with what each brings: none that is broken, more for one that the store is short of."""
    whole = at.case.price_a * at.figures.of("harvest_share", at.case.device_class)
    gone = {part_of(fault.code) for fault in at.case.faults} | set(without)
    if at.case.contract.drives == "destroy":
        gone.add(STORAGE)
    found = []
    for part, share in (at.figures.parts(at.case.device_class) or {"parts": Decimal(1)}).items():
        if part in gone or not whole:
            continue
        supply = at.case.supplies.get(part)
        short = supply is not None and supply.short
        more = at.figures.one("short_supply") if short else Decimal(1)
        shown = cents(share)
        how = f"{cents(whole)} × {shown}" + (f" × {more}" if short else "")
        found.append(
            Line(what=f"part.{part}", amount=cents(whole * share * more), how=how, note="short" if short else "")
        )
    return found


def _harvest(at: Costing) -> Option:
    parts = parts_out(at)
    price = sum((line.amount for line in parts), ZERO)
    minutes = {"teardown": int(at.figures.of("teardown_minutes", at.case.device_class))}
    return at.sold(
        in_parts(price, at.figures.one("harvest_yield")), [*at.labor(minutes), at.handling(), *at.data(), *at.material()],
        value=price, work=Work(minutes=minutes), aside=[*parts, *at.landfill_aside()],
    )  # fmt: skip


def in_parts(price: Decimal, reached: Decimal) -> list[Outcome]:
    """Its parts come out whole, or they don't."""
    return [
        Outcome(grade="parts", probability=reached, price=price),
        Outcome(grade="scrap", probability=1 - reached, price=ZERO),
    ]


def _donate(at: Costing) -> Option:
    """Nothing comes in; what a receipt would say it is worth is told beside it."""
    receipt = cents(at.as_is().amount * at.figures.one("receipt_share"))
    found = at.bare()
    aside = [Line(what="receipt", amount=receipt), *at.carbon_aside()]
    return Option(path=found.path, costs=found.costs, minutes=found.minutes, needs=found.needs, aside=aside)


def _deploy(at: Costing) -> Option:
    """Back to work with its owner, who would else buy another like it."""
    price = _times(at.price(at.grade), at.figures.one("replacement_share") * at.times)
    costs = [at.handling(), *at.data(), *at.carbon(), at.carriage()]
    outcome = Outcome(grade="replacement", probability=Decimal(1), price=price.amount, low=price.low, high=price.high)
    return Option(
        path=str(at.path), outcomes=[outcome], costs=[line for line in costs if line.amount], aside=at.carbon_aside()
    )


def _recycle(at: Costing) -> Option:
    costs = [*at.material(), at.handling(), *at.data()]
    return Option(path=str(at.path), costs=costs, aside=at.landfill_aside())


def _destroy(at: Costing) -> Option:
    fee = Line(what="destruction", amount=-at.figures.one("destruction_fee"))
    return Option(path=str(at.path), costs=[fee, at.handling(), *at.material()], aside=at.landfill_aside())


_MANY: Mapping[str, Callable[[Costing], list[Option]]] = {
    Disposition.RESELL: _resell,
    LOT: _lot,
    Disposition.REFURBISH: _refurbish,
}
_ONE: Mapping[str, Callable[[Costing], Option]] = {
    Disposition.RESTOCK: _restock,
    Disposition.HARVEST: _harvest,
    Disposition.DONATE: _donate,
    Disposition.REFURBISH_AND_DONATE: _donate,
    Disposition.DEPLOY: _deploy,
    Disposition.RECYCLE: _recycle,
    Disposition.DESTROY: _destroy,
}
