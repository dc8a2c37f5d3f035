"""Every path of a case with its sum and what shuts it, and the one that is proposed. Pure: same case and figures, same to the letter.

The owner's wish goes first, then the order that the contract names, then the money. Of paths whose sums differ by no more than the
margin, the one higher in the hierarchy of reuse is proposed: use again, then parts, then material, then destruction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from revlog.common.errors import Reason
from revlog.devices.journey import Disposition
from triage import economics, gates, paths, supervised
from triage.cases import Case
from triage.economics import Line, Need, Option, Result
from triage.figures import Figures
from triage.gates import LOT, REUSE

ORDER = {
    Disposition.HARVEST: 1,
    Disposition.RECYCLE: 2,
    Disposition.DESTROY: 3,
}
"""Rungs below using it again."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way of going a path: in a channel, to a grade. ``against`` shuts this way alone."""

    channel: str = ""
    target: str = ""
    days: int = 0
    result: Result
    against: Sequence[Reason] = ()
    minutes: dict[str, int] = field(default_factory=dict)
    needs: Sequence[Need] = ()
    aside: Sequence[Line] = ()


@dataclass(frozen=True, kw_only=True)
class Path:
    """A path with its sum, or with what shuts it. ``code`` is a disposition, or ``LOT``; ``others`` are its other ways."""

    code: str
    result: Result
    against: Sequence[Reason]
    weighed: bool = True
    """False for what the sums don't propose by themselves: a gift of somebody else's, another desk of the owner's, the vendor."""
    channel: str = ""
    target: str = ""
    days: int = 0
    minutes: dict[str, int] = field(default_factory=dict)
    needs: Sequence[Need] = ()
    aside: Sequence[Line] = ()
    others: Sequence[Variant] = ()

    @property
    def disposition(self) -> Disposition:
        return disposition_of(self.code)

    @property
    def is_open(self) -> bool:
        return not self.against

    def by(self, channel: str, target: str) -> Path:
        """The same path gone in another channel, or to another grade; itself where that is no way of it."""
        for way in self.others:
            if (way.channel, way.target) == (channel, target):
                return replace(
                    self, channel=channel, target=target, days=way.days, result=way.result, minutes=way.minutes, needs=way.needs,
                    aside=way.aside, against=(*self.against, *way.against), others=(),
                )  # fmt: skip
        return self


@dataclass(frozen=True, kw_only=True)
class Step:
    """The cheapest repair to a grade: what it takes, and what it brings more than selling the unit as it is."""

    target: str
    faults: Sequence[str]
    minutes: int
    cost: Decimal
    gain: Decimal | None
    """None where it can't be sold as it is, or mended it can't."""
    on_hand: bool
    exact: bool


@dataclass(frozen=True, kw_only=True)
class Exceptional:
    """Supervised work on a unit that can't be driven, with its sum and what it needs."""

    kind: str
    result: Result
    needs: str
    against: Sequence[Reason]
    aside: Sequence[Line] = ()


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What was reckoned for a unit: paths with the proposed one first, and the case and figures they rest on.

    ``because`` says by what it was chosen: ``asked``, ``contract``, ``money``, ``reuse`` (within the margin), or nothing.
    """

    case: Case
    figures: Figures
    paths: Sequence[Path]
    chosen: Path | None
    price_from: str
    because: str = ""
    steps: Sequence[Step] = ()
    exceptions: Sequence[Exceptional] = ()

    @property
    def best(self) -> Disposition | None:
        return self.chosen.disposition if self.chosen else None

    @property
    def currency(self) -> str:
        return self.figures.currency


def disposition_of(code: str) -> Disposition:
    """The way that a path goes: a lot is sold as it is."""
    return Disposition.RESELL if code == LOT else Disposition(code)


def reckoned(case: Case, known: Figures, *, price_from: str) -> Worth:
    """Every path of a case by these figures. Pure: the same case and figures give the same sums, to the letter."""
    wanted: list[str] = list(paths.COMPARED)
    if paths.mends_of(case):
        wanted.append(Disposition.REFURBISH_AND_DONATE)
    if not case.ours or case.asked or not case.authority:
        wanted += paths.TO_THE_OWNER
    found = [path_of(each, case, known) for each in wanted]
    chosen, because = _chosen(case, found, known)
    found.sort(
        key=lambda path: (
            path is not chosen,
            not path.is_open,
            not path.weighed,
            -path.result.net,
            path.code,
        )
    )
    return Worth(
        case=case, figures=known, paths=found, chosen=chosen, because=because, price_from=price_from,
        steps=tuple(_steps(case, found, known)),
        exceptions=tuple(_exceptional(kind, case, known) for kind in supervised.kinds_for(case)),
    )  # fmt: skip


def path_of(code: str, case: Case, known: Figures) -> Path:
    """One path's sum by its best open way, and what stands against it. A path none of whose ways is open is shut."""
    ways = [_Way(option, case, known) for option in paths.options(code, case, known)]
    ways.sort(key=lambda way: (bool(way.against), -way.result.net, way.option.channel, way.option.target))
    best = ways[0]
    shut = gates.against(code, case, known)
    if not shut and best.against:
        shut = _each_once([reason for way in ways for reason in way.against])
    return Path(
        code=str(code),
        channel=best.option.channel,
        target=best.option.target,
        days=best.option.days,
        result=best.result,
        against=tuple(shut),
        weighed=_weighed(code, case),
        minutes=dict(best.option.minutes),
        needs=tuple(best.option.needs),
        aside=tuple(best.option.aside),
        others=tuple(way.variant() for way in ways[1:]),
    )


class _Way:
    def __init__(self, option: Option, case: Case, known: Figures) -> None:
        self.option = option
        self.result = economics.reckon(option, currency=known.currency)
        grade = option.target or case.grade
        self.against = gates.against_sale(option.channel, grade, case, known) if option.channel else []

    def variant(self) -> Variant:
        own = self.option
        return Variant(
            channel=own.channel, target=own.target, days=own.days, result=self.result, against=tuple(self.against),
            minutes=dict(own.minutes), needs=tuple(own.needs), aside=tuple(own.aside),
        )  # fmt: skip


def _each_once(reasons: Sequence[Reason]) -> list[Reason]:
    return list({reason.sentence: reason for reason in reasons}.values())


# The proposal -------------------------------------------------------------------------------------------------------------------------


_ASKED_FOR = frozenset(
    {Disposition.DEPLOY, Disposition.RETURN_TO_VENDOR, Disposition.REFURBISH_AND_DONATE, *paths.TO_THE_OWNER}
)


def _weighed(code: str, case: Case) -> bool:
    """Whether a path is weighed against the others: a gift, a vendor and another desk of the owner's only where that is whose it is."""
    if code in case.contract.weigh:
        return True
    if code == Disposition.DONATE:
        return case.ours and case.grade in {"NEW", "A", "B", "C"}
    return code not in _ASKED_FOR


def rung(code: str) -> int:
    """How low in the hierarchy a path stands: nought is used again, 3 destroyed."""
    return 0 if code in REUSE else ORDER.get(Disposition(code), 0)


def _chosen(case: Case, found: Sequence[Path], known: Figures) -> tuple[Path | None, str]:
    """What the owner asked for, else what the contract prefers, else the money, else nothing; and by which of these."""
    open_ones = {path.code: path for path in found if path.is_open}
    home = open_ones.get(Disposition.RETURN_TO_OWNER)
    if case.asked == "repair":
        repair = open_ones.get(Disposition.REPAIR_AND_RETURN)
        if repair is not None and not paths.beyond_repair(case, known):
            return repair, "asked"
        return home, "asked" if home else ""
    if case.asked == "return" and home is not None:
        return home, "asked"
    for code in case.contract.prefer:
        if code in open_ones:
            return open_ones[code], "contract"
    ours = [path for path in open_ones.values() if path.weighed]
    if not ours:
        return None, ""
    most = max(path.result.net for path in ours)
    near = [path for path in ours if path.result.net >= most - known.one("reuse_margin")]
    highest = min(rung(path.code) for path in near)
    best = max((path for path in near if rung(path.code) == highest), key=lambda path: (path.result.net, path.code))
    return best, "money" if best.result.net == most else "reuse"


# Beside the paths -----------------------------------------------------------------------------------------------------------------------


def _steps(case: Case, found: Sequence[Path], known: Figures) -> list[Step]:
    """For each grade that the bench can reach: the cheapest repair, and its gain over a sale as it is, the nearest grade first."""
    by_code = {path.code: path for path in found}
    refurbish = by_code.get(Disposition.REFURBISH)
    if refurbish is None or not case.clearable:
        return []
    nets: dict[str, Decimal] = {}
    if refurbish.is_open:
        nets[refurbish.target] = refurbish.result.net
        for way in refurbish.others:
            if not way.against:
                nets[way.target] = max(nets.get(way.target, way.result.net), way.result.net)
    as_is = [
        by_code[code].result.net for code in (Disposition.RESELL, LOT) if code in by_code and by_code[code].is_open
    ]
    steps = []
    for mend in sorted(paths.mends_of(case), key=lambda each: -gates.GRADED.index(each.target)):
        work = paths.Costing(Disposition.REFURBISH, case, known).repairs(mend.faults)
        steps.append(
            Step(
                target=mend.target,
                faults=tuple(fault.code for fault in mend.faults),
                minutes=sum(work.minutes.values()),
                cost=-sum((line.amount for line in work.lines), Decimal(0)),
                gain=nets[mend.target] - max(as_is) if as_is and mend.target in nets else None,
                on_hand=not work.waits,
                exact=mend.exact,
            )
        )
    return steps


def _exceptional(kind: str, case: Case, known: Figures) -> Exceptional:
    option = supervised.option(kind, case, known)
    return Exceptional(
        kind=kind, result=economics.reckon(option, currency=known.currency), needs=supervised.needs(kind),
        against=tuple(supervised.against(kind, case, known)), aside=tuple(option.aside),
    )  # fmt: skip


# As plain data --------------------------------------------------------------------------------------------------------------------------


def plain_paths(worth: Worth) -> list[dict[str, object]]:
    """The paths as a valuation keeps them."""
    return [plain_path(path) for path in worth.paths]


def plain_path(path: Path) -> dict[str, object]:
    return {
        "path": path.code,
        "channel": path.channel,
        "target": path.target,
        "days": path.days,
        **_sum(path.result),
        "against": _reasons(path.against),
        "weighed": path.weighed,
        "minutes": dict(path.minutes),
        "parts": [{"fault": need.fault, "part": need.part, "on_hand": need.on_hand} for need in path.needs],
        "aside": [_line(line) for line in path.aside],
        "others": [
            {
                "channel": way.channel, "target": way.target, "days": way.days, "net": str(way.result.net),
                "against": _reasons(way.against),
            }
            for way in path.others
        ],
    }  # fmt: skip


def plain_beside(worth: Worth) -> dict[str, object]:
    """What stands beside the paths: the steps to better grades, the supervised exceptions, and by what the proposal was chosen."""
    return {
        "because": worth.because,
        "steps": [
            {
                "target": step.target, "faults": list(step.faults), "minutes": step.minutes, "cost": str(step.cost),
                "gain": None if step.gain is None else str(step.gain), "on_hand": step.on_hand, "exact": step.exact,
            }
            for step in worth.steps
        ],
        "exceptions": [
            {
                "kind": each.kind, **_sum(each.result), "needs": each.needs, "against": _reasons(each.against),
                "aside": [_line(line) for line in each.aside],
            }
            for each in worth.exceptions
        ],
    }  # fmt: skip


def _sum(result: Result) -> dict[str, object]:
    return {
        "net": str(result.net),
        "low": None if result.low is None else str(result.low),
        "high": None if result.high is None else str(result.high),
        "currency": result.currency,
        "lines": [_line(line) for line in result.lines],
    }


def _line(line: Line) -> dict[str, str]:
    return {"what": line.what, "amount": str(line.amount), "how": line.how, "note": line.note}


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    return [{"code": reason.code, "sentence": reason.sentence} for reason in reasons]
