"""Disposition: where a unit goes next. The paths are compared by what they are expected to recover, gates first; a person decides.

Every valuation keeps its version and inputs; every decision names the valuation it rests on. Another path than the proposed one needs
the right to override and a reason; a gate can't be overridden by anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import Accepted, GivenUp, OfferAccepted, ReturnRefused, ToBeSentBack, UnitMatched
from revlog.accounts.actors import Actor
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED, Data, Disposition, State
from revlog.devices.models import Device, Fault, Medium, MediumState
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import moves
from revlog.terms import queries as terms
from triage import economics, facts, judging, parameters, paths, wording
from triage.defects import Axis, axis_of
from triage.economics import Result
from triage.models import Decision, Valuation
from triage.paths import Case
from triage.services import grading

DEAD = frozenset({"no_power", "does_not_work"})
SOLDERED = frozenset({"emmc", "ufs"})
MOMENT = timedelta(microseconds=1)
VERSION = parameters.VERSION


class UnableToDecide(DomainError):
    """The unit can't take this path, or isn't in triage."""

    code = "unable_to_decide"


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
    """What was reckoned for a unit: paths with the proposed one first, and the case they rest on."""

    case: Case
    paths: Sequence[Path]
    best: Disposition | None
    price_from: str
    currency: str


# The case -----------------------------------------------------------------------------------------------------------------------------


def case_of(device: Device, *, at: datetime) -> tuple[Case, str]:
    """What the choice rests on, and where its price comes from: ``price_book``, ``list_price`` or ``assumption``."""
    faults = [
        paths.Fault(code=row.code, severity=row.severity)
        for row in Fault.objects.filter(device=device, cleared_at=None).order_by("pk")
    ]
    drives = list(Medium.objects.filter(device=device).values("type", "soldered", "state"))
    mendable = [fault for fault in faults if parameters.repair(fault.code, device.device_class)]
    price_new, price_a, decay, source = _prices(device, at=at)
    book = _book(device, at=at)
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


def _prices(device: Device, *, at: datetime) -> tuple[Decimal, Decimal, Decimal, str]:
    """A new one, one in grade A today, the monthly decay, and whether catalog or assumption spoke."""
    decay = parameters.of(parameters.MONTHLY_DECAY, device.device_class)
    listed = (device.variant.list_price if device.variant else None) or (
        device.product.list_price if device.product else None
    )
    new = listed if listed is not None else parameters.of(parameters.LIST_PRICE, device.device_class)
    months = _age(device, at=at)
    worth = (new * (1 - decay) ** months).quantize(Decimal("0.01"))
    return new, worth, decay, "list_price" if listed is not None else "assumption"


def _book(device: Device, *, at: datetime) -> dict[str, Decimal]:
    """What the price book expects per grade, in the currency the sums are in."""
    if device.product_id is None:
        return {}
    rows = terms.expected_prices(at=at, product=device.product_id, variant=device.variant_id)
    return {grade: row.amount for grade, row in rows.items() if row.currency == parameters.CURRENCY}


def _age(device: Device, *, at: datetime) -> int:
    released: date | None = device.product.released_at if device.product else None
    if device.visit is not None and device.visit.why == "return":
        usual = parameters.AGE_OF_A_RETURN
    else:
        usual = parameters.of(parameters.AGE_MONTHS, device.device_class)
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
    case, source = case_of(device, at=at)
    wanted = list(paths.COMPARED)
    if not case.ours or case.asked or not case.authority:
        wanted += paths.TO_THE_OWNER
    found = [_path(each, case) for each in wanted]
    best = _best(case, found)
    found.sort(
        key=lambda path: (path.disposition is not best, not path.is_open, -path.result.net, path.disposition.value)
    )
    return Worth(case=case, paths=found, best=best, price_from=source, currency=parameters.CURRENCY)


def _path(disposition: Disposition, case: Case) -> Path:
    return Path(
        disposition=disposition,
        result=economics.reckon(paths.option(disposition, case), currency=parameters.CURRENCY),
        against=paths.against(disposition, case),
    )


def _best(case: Case, found: Sequence[Path]) -> Disposition | None:
    """What the owner asked for goes first; then the path that recovers most. Without leave, nothing is proposed but what was asked."""
    open_ones = {path.disposition: path for path in found if path.is_open}
    if case.asked == "repair":
        repair = Disposition.REPAIR_AND_RETURN
        if repair in open_ones and not paths.beyond_repair(case):
            return repair
        return Disposition.RETURN_TO_OWNER if Disposition.RETURN_TO_OWNER in open_ones else None
    if case.asked == "return" and Disposition.RETURN_TO_OWNER in open_ones:
        return Disposition.RETURN_TO_OWNER
    ours = [path for path in open_ones.values() if path.disposition not in paths.TO_THE_OWNER]
    return max(ours, key=lambda path: (path.result.net, path.disposition.value)).disposition if ours else None


def propose(device: Device, *, at: datetime) -> Valuation:
    """Reckon and keep: what a page shows and a decision rests on."""
    worth = worth_of(device, at=at)
    return Valuation.objects.create(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        version=parameters.VERSION,
        currency=worth.currency,
        best=worth.best.value if worth.best else "",
        paths=plain_paths(worth),
        inputs=_inputs(worth),
        at=at,
    )


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
    return told | {"price_from": worth.price_from}


# Deciding -----------------------------------------------------------------------------------------------------------------------------


def reasons_against_deciding(device: Device) -> list[Reason]:
    """Why nothing can be decided for this unit now."""
    if device.state == State.IN_TRIAGE:
        return []
    state = word(f"state.{device.state}")
    return [Reason("wrong_state", _("%(tag)s can't be decided: it is %(state)s") % {"tag": device.tag, "state": state})]


def decide(
    *,
    device: Device,
    disposition: Disposition | str | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Decision:
    """Send a unit in triage on its way: by the proposed path, or by ``disposition`` with a reason.

    The valuation is reckoned anew under the unit's lock. Raises NotAllowed, BadInput (an override without reason, no such path) and
    UnableToDecide with everything that stands against the path.
    """
    if not by.may("triage.dispose"):
        raise NotAllowed(_("This needs the right to decide where a unit goes next."))
    chosen, why = _disposition(disposition), wording.line(reason)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        if reasons := reasons_against_deciding(taken):
            raise UnableToDecide(reasons)
        worth = worth_of(taken, at=at)
        goes = chosen or worth.best
        if goes is None:
            raise UnableToDecide(nothing_open(taken, worth))
        overridden = goes is not worth.best
        if overridden:
            _may_override(by, why)
        path = next((each for each in worth.paths if each.disposition is goes), None) or _path(goes, worth.case)
        if path.against:
            raise UnableToDecide(Reason(each.code, _refusal(taken, goes, each.sentence)) for each in path.against)
        return _go(taken, worth, path, overridden=overridden, reason=why, by=by, at=at)


def _disposition(given: Disposition | str | None) -> Disposition | None:
    if given is None or given == "":
        return None
    try:
        return Disposition(given)
    except ValueError:
        raise BadInput(
            Reason("unknown_disposition", _("There is no path called %(name)s.") % {"name": given}, "disposition")
        ) from None


def _may_override(by: Actor, reason: str) -> None:
    if not by.may("triage.override"):
        raise NotAllowed(_("This needs the right to override the computed disposition, with a reason."))
    if not reason:
        raise BadInput(Reason("no_reason", _("Say why it goes another way than the sums propose."), "reason"))


def _refusal(device: Device, goes: Disposition, why: str) -> str:
    return _("%(tag)s can't go to %(path)s: %(why)s") % {
        "tag": device.tag,
        "path": word(f"disposition.{goes.value}"),
        "why": why,
    }


def nothing_open(device: Device, worth: Worth) -> list[Reason]:
    """What stands against every path alike, else against each; one sentence a reason."""
    found: dict[str, str] = {}
    for path in worth.paths:
        for reason in path.against:
            found.setdefault(reason.code, reason.sentence)
    if not found:
        found["not_asked"] = _("it isn't ours, and its owner asked for nothing yet")
    return [
        Reason(code, _("No path is open for %(tag)s: %(why)s") % {"tag": device.tag, "why": sentence})
        for code, sentence in found.items()
        if code in {"on_hold", "no_authority", "hazard", "data_stays", "not_asked"} or len(found) == 1
    ] or [Reason("no_path", _("No path is open for %(tag)s.") % {"tag": device.tag})]


def _go(
    device: Device, worth: Worth, path: Path, *, overridden: bool, reason: str, by: Actor, at: datetime
) -> Decision:
    valuation = Valuation(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        version=parameters.VERSION,
        currency=worth.currency,
        best=worth.best.value if worth.best else "",
        paths=plain_paths(worth),
        inputs=_inputs(worth),
        at=at,
    )
    fact = facts.Disposed(
        disposition=path.disposition.value,
        economics=parameters.VERSION,
        valuation=str(valuation.id),
        paths=[
            {
                "path": each.disposition.value,
                "net": str(each.result.net),
                "currency": each.result.currency,
                "lines": [{"what": line.what, "amount": str(line.amount)} for line in each.result.lines],
            }
            for each in worth.paths
            if each.is_open
        ],
        overridden=overridden,
        reason=reason or None,
    )
    entry = moves.proceed(
        device,
        fact=fact,
        by=by,
        at=at,
        set={
            "disposition": path.disposition.value,
            "stops_done": 0,
            "expected_value": path.result.net,
            "currency": worth.currency,
        },
    )
    valuation.save(force_insert=True)
    return Decision.objects.create(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        valuation=valuation,
        disposition=path.disposition.value,
        expected=path.result.net,
        overridden=overridden,
        reason=reason,
        by=by.reference,
        at=at,
        entry=entry.digest,
    )
