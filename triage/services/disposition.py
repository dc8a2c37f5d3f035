"""Disposition: where a unit goes next. The paths are compared by what they are expected to recover, gates first; a person decides.

Every valuation keeps its version and inputs; every decision names the valuation it rests on. Another path than the proposed one needs
the right to override and a reason; a gate can't be overridden by anybody.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves
from triage import facts, wording
from triage.gates import LOT
from triage.models import Decision
from triage.services import sampling
from triage.services.worth import Path, Worth, path_of, valued, worth_of


class UnableToDecide(DomainError):
    """The unit can't take this path, or isn't in triage."""

    code = "unable_to_decide"


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
    way: tuple[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> Decision:
    """Send a unit in triage on its way: by the proposed path, or by ``disposition`` with a reason.

    ``disposition`` may be ``LOT`` too; ``way`` is the channel and the grade by which the path is gone, where it isn't its best.

    The valuation is reckoned anew under the unit's lock. Raises NotAllowed, BadInput (an override without reason, no such path) and
    UnableToDecide with everything that stands against the path.
    """
    if not by.may("triage.dispose"):
        raise NotAllowed(_("This needs the right to decide where a unit goes next."))
    chosen, why = _path(disposition), wording.line(reason)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        sampling.lapse_late(taken, at=at)
        if reasons := [*reasons_against_deciding(taken), *sampling.reasons_against_deciding(taken, at=at)]:
            raise UnableToDecide(reasons)
        worth = worth_of(taken, at=at)
        goes = chosen or (worth.chosen.code if worth.chosen else "")
        if not goes:
            raise UnableToDecide(nothing_open(taken, worth))
        overridden = worth.chosen is None or goes != worth.chosen.code
        if overridden:
            _may_override(by, why)
        path = next((each for each in worth.paths if each.code == goes), None) or path_of(
            goes, worth.case, worth.figures
        )
        if way is not None:
            path = path.by(*way)
        if path.against:
            raise UnableToDecide(Reason(each.code, _refusal(taken, goes, each.sentence)) for each in path.against)
        return _go(taken, worth, path, overridden=overridden, reason=why, by=by, at=at)


def _path(given: Disposition | str | None) -> str:
    """A path by its name: a disposition, or ``LOT``; empty where none is named."""
    if given in {None, "", LOT}:
        return str(given or "")
    try:
        return Disposition(given).value
    except ValueError:
        raise BadInput(
            Reason("unknown_disposition", _("There is no path called %(name)s.") % {"name": given}, "disposition")
        ) from None


def _may_override(by: Actor, reason: str) -> None:
    if not by.may("triage.override"):
        raise NotAllowed(_("This needs the right to override the computed disposition, with a reason."))
    if not reason:
        raise BadInput(Reason("no_reason", _("Say why it goes another way than the sums propose."), "reason"))


def _refusal(device: Device, goes: str, why: str) -> str:
    return _("%(tag)s can't go to %(path)s: %(why)s") % {
        "tag": device.tag,
        "path": word(f"disposition.{goes}"),
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
    alike = [code for code in found if code in _ALIKE] or [code for code in found if code == "contract"]
    told = alike or (list(found) if len(found) == 1 else [])
    return [
        Reason(code, _("No path is open for %(tag)s: %(why)s") % {"tag": device.tag, "why": found[code]})
        for code in told
    ] or [Reason("no_path", _("No path is open for %(tag)s.") % {"tag": device.tag})]


_ALIKE = frozenset({"on_hold", "no_authority", "hazard", "data_stays", "not_asked", "identity"})
"""What stands against a unit, whatever its path; what a contract says is told where nothing of these does."""


def _go(
    device: Device, worth: Worth, path: Path, *, overridden: bool, reason: str, by: Actor, at: datetime
) -> Decision:
    valuation = valued(device, worth, at=at)
    fact = facts.Disposed(
        disposition=path.disposition.value,
        economics=worth.figures.version,
        valuation=str(valuation.id),
        paths=[
            {
                "path": each.code,
                "net": str(each.result.net),
                "currency": each.result.currency,
                "lines": [{"what": line.what, "amount": str(line.amount)} for line in each.result.lines],
            }
            for each in worth.paths
            if each.is_open
        ],
        overridden=overridden,
        reason=reason or None,
        path=path.code if path.code != path.disposition else None,
        channel=path.channel or None,
        target=path.target or None,
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
        path=path.code,
        channel=path.channel,
        target=path.target,
        expected=path.result.net,
        overridden=overridden,
        reason=reason,
        by=by.reference,
        at=at,
        entry=entry.digest,
    )
