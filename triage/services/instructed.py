"""Answers what clients' contracts say of units (``revlog.terms.instructions``): what each one's decision kept, and what is said now.

Of both the stricter holds: what was agreed when it was decided isn't undone by new rules, and new rules count at once. Units of owners
without instructions cost two queries, all others together a handful more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTransform

from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.terms import instructions as port
from revlog.terms import queries as terms
from revlog.terms.instructions import Instructions
from triage import sop
from triage.cases import Contract
from triage.gates import BY_THE_LOT, LOT, better
from triage.models import Decision
from triage.services import worth


@dataclass(frozen=True, kw_only=True)
class _Kept:
    path: str
    contract: Mapping[str, Any]


@port.answered_by
def of(devices: Collection[uuid.UUID], *, at: datetime) -> Mapping[uuid.UUID, Instructions]:
    rows = list(
        Device.objects.filter(pk__in=devices).select_related("product", "variant", "owner", "visit").order_by("pk")
    )
    kept, now = _kept(rows), _now(rows, at=at)
    return {row.pk: _told(row, kept.get(row.pk), now.get(row.pk)) for row in rows}


def _kept(devices: Collection[Device]) -> dict[uuid.UUID, _Kept]:
    """What the last decision of each one's present stay kept."""
    rows = (
        Decision.objects.filter(device__in=[each.pk for each in devices], visit_id=F("device__visit_id"))
        .order_by("device_id", "-at", "-id")
        .distinct("device_id")
        .values_list("device_id", "path", KeyTransform("contract", "valuation__inputs"))
    )
    return {device: _Kept(path=path, contract=contract or {}) for device, path, contract in rows}


def _now(devices: Collection[Device], *, at: datetime) -> dict[uuid.UUID, Contract]:
    """What the instructions in force say of those whose owners have any."""
    owners = list(dict.fromkeys(each.owner_id for each in devices))
    found = terms.in_force_each([(sop.KIND, owner) for owner in owners], at=at)
    instructed = {owner for owner, rules in zip(owners, found, strict=True) if rules.body.get("rules")}
    asked = [each for each in devices if each.owner_id in instructed]
    if not asked:
        return {}
    return {
        each.pk: case.contract
        for each, (case, _figures, _source) in zip(asked, worth.cases_of(asked, at=at), strict=True)
    }


def _told(device: Device, kept: _Kept | None, now: Contract | None) -> Instructions:
    then = Contract(**kept.contract) if kept is not None else Contract()
    both = [each for each in (then, now) if each is not None]
    channels: dict[str, str] = {}
    for each in both:
        for channel, why in each.channels.items():
            channels.setdefault(channel, why)
    path = device.disposition if device.disposition == Disposition.REFURBISH else Disposition.RESELL.value
    return Instructions(
        version=", ".join(dict.fromkeys(each.version for each in both if each.version)),
        channels=channels,
        sale=_first(both, path, device.grade),
        lot=_first(both, LOT, device.grade) or channels.get(BY_THE_LOT, ""),
        drives=next((each.drives_why for each in both if each.drives == "destroy"), ""),
        by_lot=kept is not None and kept.path == LOT,
    )


def _first(told: Collection[Contract], path: str, grade: str) -> str:
    """The first sentence that shuts this way of selling."""
    for each in told:
        if path in each.forbidden:
            return each.forbidden[path]
        if each.least_grade and better(each.least_grade, grade):
            return each.least_why
    return ""
