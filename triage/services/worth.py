"""What a unit is worth on each path: the case it makes, the figures in force, and the sums with what stands against each.

Reads only, but for ``propose``. A valuation keeps its version and inputs, so that it can be reckoned again to the same sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from returns.facts import Accepted, GivenUp, OfferAccepted, ReturnRefused, ToBeSentBack, UnitMatched
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED, Data, Disposition
from revlog.devices.models import Device, Fault, Medium, MediumState
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import moves
from revlog.terms import queries as terms
from triage import economics, figures, judging, paths
from triage.defects import Axis, axis_of
from triage.economics import Result
from triage.figures import Figures
from triage.models import KeptFigures, Valuation
from triage.paths import Case
from triage.services import grading

DEAD = frozenset({"no_power", "does_not_work"})
SOLDERED = frozenset({"emmc", "ufs"})
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Path:
    """A path with its sum, or with what shuts it."""

    disposition: Disposition
    result: Result
    against: Sequence[Reason]

    @property
    def is_open(self) -> bool:
        return not self.against


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What was reckoned for a unit: paths with the proposed one first, and the case and figures they rest on."""

    case: Case
    figures: Figures
    paths: Sequence[Path]
    best: Disposition | None
    price_from: str

    @property
    def currency(self) -> str:
        return self.figures.currency


# The case -----------------------------------------------------------------------------------------------------------------------------


def figures_for(device: Device, *, at: datetime) -> Figures:
    """The figures in force at ``at`` for a unit: its owner's own or everybody's."""
    return figures.figures_of(terms.in_force(figures.KIND, at=at, organization=device.owner_id))


def case_of(device: Device, known: Figures, *, at: datetime) -> tuple[Case, str]:
    """What the choice rests on, and where its price comes from: ``price_book``, ``list_price`` or ``assumption``."""
    faults = [
        paths.Fault(code=row.code, severity=row.severity)
        for row in Fault.objects.filter(device=device, cleared_at=None).order_by("pk")
    ]
    drives = list(Medium.objects.filter(device=device).values("type", "soldered", "state"))
    mendable = [fault for fault in faults if known.repair(fault.code, device.device_class)]
    price_new, price_a, decay, source = _prices(device, known, at=at)
    book = _book(device, known, at=at)
    ours = device.owner.kind == OrganizationKind.OPERATOR
    case = Case(
        device_class=device.device_class,
        tracking=device.tracking,
        quantity=device.quantity,
        grams=device.grams or (device.product.grams if device.product else None) or device.kind.typical_grams,
        grade=device.grade,
        target=_target(device, mendable, at=at) if mendable else "",
        mendable=tuple(mendable),
        faults=tuple(faults),
        holds=tuple(device.holds),
        held=moves.held(device),
        authority=bool(device.authority),
        ours=ours,
        why=device.visit.why if device.visit else "",
        asked=asked_of(device),
        uncleared=_uncleared(device, drives),
        clearable=_clearable(device, faults, drives),
        price_new=price_new,
        price_a=price_a,
        prices=book,
        decay=decay,
    )
    return case, "price_book" if device.grade in book else source


def _prices(device: Device, known: Figures, *, at: datetime) -> tuple[Decimal, Decimal, Decimal, str]:
    """A new one, one in grade A today, the monthly decay, and whether catalog or assumption spoke."""
    decay = known.of("monthly_decay", device.device_class)
    listed = (device.variant.list_price if device.variant else None) or (
        device.product.list_price if device.product else None
    )
    new = listed if listed is not None else known.of("list_price", device.device_class)
    months = _age(device, known, at=at)
    worth = (new * (1 - decay) ** months).quantize(Decimal("0.01"))
    return new, worth, decay, "list_price" if listed is not None else "assumption"


def _book(device: Device, known: Figures, *, at: datetime) -> dict[str, Decimal]:
    """What the price book expects per grade, in the currency the sums are in."""
    if device.product_id is None:
        return {}
    rows = terms.expected_prices(at=at, product=device.product_id, variant=device.variant_id, currency=known.currency)
    return {grade: row.amount for grade, row in rows.items()}


def _age(device: Device, known: Figures, *, at: datetime) -> int:
    released: date | None = device.product.released_at if device.product else None
    if device.visit is not None and device.visit.why == "return":
        usual = int(known.one("age_of_a_return"))
    else:
        usual = int(known.of("age_months", device.device_class))
    if released is None:
        return usual
    return max(0, (at.year - released.year) * 12 + at.month - released.month)


def _target(device: Device, mendable: Sequence[paths.Fault], *, at: datetime) -> str:
    """The grade the bench can reach: judged on the same evidence with what it can mend taken as mended."""
    known = grading.evidence(device)
    codes = {fault.code for fault in mendable}
    axes = {axis_of(code).value for code in codes}
    repaired = dict(known.repaired) | dict.fromkeys(axes - {Axis.FUNCTION.value, Axis.COSMETIC.value}, at + MOMENT)
    works = "yes" if Axis.FUNCTION.value in axes and known.works == "no" else known.works
    left = tuple(flaw for flaw in known.flaws if flaw.code not in codes)
    mended = replace(known, flaws=left, sealed=False, works=works, repaired=repaired)
    rubric = grading.rubric_for(device, at=at)
    if rubric is None:
        return ""
    # A part that was changed is tested at the bench: what was its axis is no longer unseen.
    seen = {axis: cap for axis, cap in rubric.unseen.items() if axis not in axes}
    required = tuple(axis for axis in rubric.required if axis not in axes)
    judged = judging.judge(mended, replace(rubric, unseen=seen, required=required))
    return judged.overall if judged.overall in paths.GRADED else "B" if axes else ""


def _uncleared(device: Device, drives: Sequence[Mapping[str, Any]]) -> int:
    if Data(device.data) in CLEARED:
        return 0
    open_ones = [each for each in drives if each["state"] in {MediumState.UNKNOWN, MediumState.PRESENT}]
    return len(open_ones) or 1


def _clearable(device: Device, faults: Sequence[paths.Fault], drives: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a wipe can be tried: not on storage that is part of a dead board, nor on a loose drive that doesn't answer."""
    if Data(device.data) in CLEARED:
        return True
    codes = {fault.code for fault in faults}
    soldered = any(
        (each["soldered"] or each["type"] in SOLDERED) and each["state"] in {MediumState.UNKNOWN, MediumState.PRESENT}
        for each in drives
    )
    return not ((soldered and codes & DEAD) or (device.device_class == "storage" and codes & {"drive_dead"}))


ASKED = {
    ReturnRefused.kind: "return",
    ToBeSentBack.kind: "return",
    GivenUp.kind: "",
    Accepted.kind: "",
}
"""What a later fact makes of what was asked for first."""


def asked_of(device: Device) -> str:
    """What its owner asked for on this stay, as the unit's own chain tells: ``repair``, ``return`` or nothing."""
    if device.visit is None or device.visit.why not in OF_PERSONS:
        return ""
    told = (
        Entry.objects.filter(
            chain_id=device.id,
            kind__in=[UnitMatched.kind, OfferAccepted.kind, *ASKED],
            occurred_at__gte=device.visit.opened_at,
        )
        .order_by("-sequence")
        .values_list("kind", "payload")
    )
    for kind, payload in told:
        if kind in ASKED:
            return ASKED[kind]
        if kind == UnitMatched.kind:
            return "repair" if payload.get("wanted") == "repair" else ""
        if payload.get("offer_kind") == "offer.instead":
            # Money or a replacement instead of the repair: it is ours now.
            return ""
    return ""


# The worth ----------------------------------------------------------------------------------------------------------------------------


def worth_of(device: Device, *, at: datetime) -> Worth:
    """Reckon every path of a unit. Reads only."""
    known = figures_for(device, at=at)
    case, source = case_of(device, known, at=at)
    return reckoned(case, known, price_from=source)


def reckoned(case: Case, known: Figures, *, price_from: str) -> Worth:
    """Every path of a case by these figures. Pure: the same case and figures give the same sums, to the letter."""
    wanted = list(paths.COMPARED)
    if not case.ours or case.asked or not case.authority:
        wanted += paths.TO_THE_OWNER
    found = [path_of(each, case, known) for each in wanted]
    best = _best(case, found, known)
    found.sort(
        key=lambda path: (path.disposition is not best, not path.is_open, -path.result.net, path.disposition.value)
    )
    return Worth(case=case, figures=known, paths=found, best=best, price_from=price_from)


def path_of(disposition: Disposition, case: Case, known: Figures) -> Path:
    """One path's sum, and what stands against it."""
    return Path(
        disposition=disposition,
        result=economics.reckon(paths.option(disposition, case, known), currency=known.currency),
        against=paths.against(disposition, case, known),
    )


def _best(case: Case, found: Sequence[Path], known: Figures) -> Disposition | None:
    """What the owner asked for goes first; then the path that recovers most. Without leave, nothing is proposed but what was asked."""
    open_ones = {path.disposition: path for path in found if path.is_open}
    if case.asked == "repair":
        repair = Disposition.REPAIR_AND_RETURN
        if repair in open_ones and not paths.beyond_repair(case, known):
            return repair
        return Disposition.RETURN_TO_OWNER if Disposition.RETURN_TO_OWNER in open_ones else None
    if case.asked == "return" and Disposition.RETURN_TO_OWNER in open_ones:
        return Disposition.RETURN_TO_OWNER
    ours = [path for path in open_ones.values() if path.disposition not in paths.TO_THE_OWNER]
    return max(ours, key=lambda path: (path.result.net, path.disposition.value)).disposition if ours else None


def valued(device: Device, worth: Worth, *, at: datetime) -> Valuation:
    """The row that keeps what was reckoned, not saved yet; its figures are kept beside it."""
    return Valuation(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        version=worth.figures.version,
        figures_id=keep(worth.figures, at=at),
        currency=worth.currency,
        best=worth.best.value if worth.best else "",
        paths=plain_paths(worth),
        inputs=_inputs(worth),
        at=at,
    )


def propose(device: Device, *, at: datetime) -> Valuation:
    """Reckon and keep: what a page shows and a decision rests on."""
    found = valued(device, worth_of(device, at=at), at=at)
    found.save(force_insert=True)
    return found


def plain_paths(worth: Worth) -> list[dict[str, Any]]:
    """The paths as a valuation keeps them."""
    return [_plain(path) for path in worth.paths]


def _plain(path: Path) -> dict[str, Any]:
    return {
        "path": path.disposition.value,
        "net": str(path.result.net),
        "currency": path.result.currency,
        "lines": [{"what": line.what, "amount": str(line.amount), "how": line.how} for line in path.result.lines],
        "against": [{"code": reason.code, "sentence": reason.sentence} for reason in path.against],
    }


def _inputs(worth: Worth) -> dict[str, Any]:
    told = {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(worth.case).items()}
    prices = {grade: str(amount) for grade, amount in worth.case.prices.items()}
    return told | {"prices": prices, "price_from": worth.price_from}


# Again, years later --------------------------------------------------------------------------------------------------------------------

_kept: set[str] = set()
"""Digests of figures that this process knows to be kept."""


def keep(known: Figures, *, at: datetime) -> str:
    """Keep the figures by what they say, once; the digest they are kept under."""
    if known.digest not in _kept:
        row = KeptFigures(digest=known.digest, version=known.version, body=dict(known.body), kept_at=at)
        KeptFigures.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(lambda: _kept.add(known.digest))
    return known.digest


def again(valuation: Valuation) -> Worth:
    """What the valuation's own inputs and figures come to, reckoned anew. Raises LookupError for one from before figures were kept."""
    if valuation.figures is None:
        raise LookupError("The figures of this valuation weren't kept.")
    known = Figures(version=valuation.figures.version, body=valuation.figures.body)
    return reckoned(_case_from(valuation.inputs), known, price_from=str(valuation.inputs.get("price_from", "")))


def _case_from(inputs: Mapping[str, Any]) -> Case:
    """The case of ``_inputs``."""
    told = dict(inputs)
    told.pop("price_from", None)
    for name in ("price_new", "price_a", "decay"):
        told[name] = Decimal(told[name])
    told["prices"] = {grade: Decimal(amount) for grade, amount in told["prices"].items()}
    for name in ("mendable", "faults"):
        told[name] = tuple(paths.Fault(**each) for each in told[name])
    return Case(**told)
