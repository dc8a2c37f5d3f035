"""What was counted is inspected: its pieces by condition. What differs is split off, so that it can go its own way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import kits
from returns.facts import business as business_facts
from returns.models import BusinessCase, Condition, LotUnit, RmaUnit, UnitStatus
from returns.services import approval
from returns.services.business import expecting, memos
from returns.services.unloading import UnableToReceive
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.models import Device
from revlog.devices.services import moves, splitting


@dataclass(frozen=True, kw_only=True)
class Split:
    """What inspection found of one unit: its pieces by condition, together as many as were counted."""

    unit: uuid.UUID
    good: int = 0
    damaged: int = 0
    wrong: int = 0
    expired: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    """Parts of kits that were not there: SKU -> pieces."""

    def parts(self) -> list[tuple[Condition, int]]:
        told = [
            (Condition.GOOD, self.good),
            (Condition.DAMAGED, self.damaged),
            (Condition.WRONG, self.wrong),
            (Condition.EXPIRED, self.expired),
        ]
        return [(condition, pieces) for condition, pieces in told if pieces]

    @property
    def pieces(self) -> int:
        return self.good + self.damaged + self.wrong + self.expired


def may_inspect(by: Actor) -> bool:
    return by.may("triage.inspect") or by.may("returns.settle")


def inspect(case: BusinessCase, splits: Sequence[Split], *, by: Actor, at: datetime) -> list[RmaUnit]:
    """Say in which condition the counted pieces are; those that differ are split off. All or nothing, each mistake by its unit."""
    if not may_inspect(by):
        raise NotAllowed(Reason("not_allowed", _("Inspecting needs the right to inspect units.")))
    if not splits:
        raise BadInput(Reason("nothing", _("Enter the condition of at least one unit."), "units"))
    with transaction.atomic():
        before = dict(
            RmaUnit.objects.filter(pk__in=[one.unit for one in splits], line__rma=case.rma_id).values_list(
                "pk", "device_id"
            )
        )
        taken = {device.pk: device for device in moves.take(before.values())}
        rma = approval.lock(case.rma_id)
        rows = {
            row.pk: row
            for row in RmaUnit.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=list(before))
            .select_related("line__order_line", "line__business", "line__rma", "found")
        }
        if mistakes := _wrong_splits(splits, rows, at=at):
            raise BadInput(mistakes)
        done: list[RmaUnit] = []
        for one in splits:
            done += _inspect(rows[one.unit], taken, one, by=by, at=at)
        approval.say(
            rma,
            business_facts.LinesInspected(
                pieces=sum(one.pieces for one in splits),
                found=[
                    f"{unit.line.position} {unit.device.tag if unit.device else '-'} {unit.found.condition} {unit.counted}"
                    for unit in done
                ],
            ),
            by=by,
            at=at,
        )
        memos.follow(rma, by=by, at=at)
    return done


def _wrong_splits(splits: Sequence[Split], rows: Mapping[uuid.UUID, RmaUnit], *, at: datetime) -> list[Reason]:
    found: list[Reason] = []
    for place, one in enumerate(splits):
        unit, where = rows.get(one.unit), f"units[{place}]"
        if unit is None:
            found.append(Reason("no_unit", _("This return has no such unit."), where))
            continue
        what = _("Line %(line)s, lot %(lot)s") % {"line": unit.line.position, "lot": unit.found.lot or "—"}
        counts = (one.good, one.damaged, one.wrong, one.expired)
        if unit.status != UnitStatus.RECEIVED or unit.counted is None:
            found.append(Reason("wrong_status", f"{what}: {word(f'rma_unit.{unit.status}')}.", where))
        elif unit.found.condition:
            found.append(Reason("inspected", _("%s was inspected already.") % what, where))
        elif min(counts) < 0 or one.pieces != unit.counted:
            found.append(
                Reason(
                    "sum",
                    _("%(what)s: %(told)s pieces are told, %(counted)s were counted.")
                    % {"what": what, "told": one.pieces, "counted": unit.counted},
                    where,
                )
            )
        elif one.good and unit.found.expires_on is not None and unit.found.expires_on < at.date():
            found.append(
                Reason(
                    "expired",
                    _("%(what)s expired on %(day)s, so nothing of it is good.")
                    % {"what": what, "day": unit.found.expires_on.isoformat()},
                    f"{where}.good",
                )
            )
        else:
            found += _wrong_parts(unit, one, what, where)
    if len({one.unit for one in splits}) != len(splits):
        found.append(Reason("twice", _("A unit is named twice."), "units"))
    return found[:50]


def _wrong_parts(unit: RmaUnit, one: Split, what: str, where: str) -> list[Reason]:
    found = []
    for sku, pieces in one.missing.items():
        part = kits.part(unit.line.order_line.components, sku) if not unit.found.component else None
        if part is None:
            found.append(
                Reason("no_part", _("%(what)s: %(part)s is no part of it.") % {"what": what, "part": sku}, where)
            )
        elif not 0 <= pieces <= int(part["quantity"]) * (unit.counted or 0):
            found.append(
                Reason("parts", _("%(what)s: so many %(part)s can't be missing.") % {"what": what, "part": sku}, where)
            )
    return found


def _inspect(unit: RmaUnit, taken: dict[uuid.UUID, Device], one: Split, *, by: Actor, at: datetime) -> list[RmaUnit]:
    line, parts = unit.line, one.parts()
    device = taken[unit.device_id] if unit.device_id else None
    if device is None:
        raise UnableToReceive(Reason("no_unit", _("Nothing was received for this line yet.")))
    done: list[tuple[RmaUnit, Device, Condition, int]] = []
    for condition, pieces in parts[1:]:
        apart = splitting.split(device, pieces, by=by, at=at)
        made = expecting.add_unit(line, apart, pieces, at=at)
        made.found = LotUnit.objects.get(pk=made.pk)
        for name in ("lot", "expires_on", "component", "lot_sent"):
            setattr(made.found, name, getattr(unit.found, name))
        for name in ("parcel_id", "received_at", "received_by", "matched_by"):
            setattr(made, name, getattr(unit, name))
        made.status, made.visit, made.line = UnitStatus.RECEIVED, 1, line
        done.append((made, apart, condition, pieces))
    done.insert(0, (unit, device, parts[0][0], parts[0][1]))
    unit.found.missing = [{"sku": sku, "quantity": pieces} for sku, pieces in one.missing.items() if pieces]
    for row, thing, condition, pieces in done:
        row.device, row.quantity, row.counted = thing, pieces, pieces
        row.save()
        row.found.condition, row.found.inspected_by, row.found.inspected_at = condition.value, by.reference, at
        row.found.save()
        moves.note(
            thing,
            fact=business_facts.UnitInspected(
                rma=str(line.rma_id),
                line=str(line.pk),
                position=line.position,
                condition=condition.value,
                quantity=pieces,
            ),
            by=by,
            at=at,
        )
    return [row for row, _thing, _condition, _pieces in done]
