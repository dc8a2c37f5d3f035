"""The watch over agreement: an alarm opens once for a class or an inspector whose second looks agree too little, and goes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from revlog.common import ids
from triage import agreeing, agreement
from triage.agreeing import Line
from triage.models import AgreementAlarm, SecondLook
from triage.sampling import Sampling
from triage.services import sampling

FLOOR, FELL = "floor", "fell"


def watch(*, at: datetime) -> int:
    """Compare the window up to now with the rules and with the window before; how many alarms opened."""
    known = sampling.rules(at=at)
    every = SecondLook.objects.all()
    now = agreeing.between(every, at - known.window, at)
    before = agreeing.between(every, at - 2 * known.window, at - known.window)
    opened = 0
    for scope, lines in (("class", agreeing.by_class), ("person", agreeing.by_inspector)):
        earlier = {one.key: one for one in lines(before)}
        found = {one.key: one for one in lines(now)}
        of = {key: [row for row in now if key in {row.first_by, row.device_class}] for key in found}
        opened += _scope(scope, found, earlier, of, known, at=at)
    return opened


@transaction.atomic
def _scope(
    scope: str,
    found: Mapping[str, Line],
    earlier: Mapping[str, Line],
    rows: Mapping[str, list[SecondLook]],
    known: Sampling,
    *,
    at: datetime,
) -> int:
    open_ones = {row.key: row for row in AgreementAlarm.objects.select_for_update().filter(scope=scope, ended_at=None)}
    for key, row in open_ones.items():
        # Few second looks say nothing new; none at all leave nothing to be alarmed about.
        if key not in found or (
            found[key].whole.n >= known.enough and not trouble(found[key], earlier.get(key), known)
        ):
            row.ended_at = at
            row.save(update_fields=["ended_at"])
    opened = 0
    for key, one in found.items():
        why = trouble(one, earlier.get(key), known)
        if not why:
            continue
        row = open_ones.get(key) or AgreementAlarm(id=ids.new(at), scope=scope, key=key, opened_at=at)
        opened += key not in open_ones
        value = one.whole.weighted.value
        row.why, row.n, row.same = why, one.whole.n, one.whole.same
        row.classes = sorted({each.device_class for each in rows[key]})
        row.hubs = sorted({each.hub_id for each in rows[key] if each.hub_id is not None})
        row.kappa = None if value is None else Decimal(f"{value:.3f}")
        last = earlier.get(key)
        row.n_before, row.same_before = (last.whole.n, last.whole.same) if last is not None else (0, 0)
        row.save()
    return opened


def trouble(now: Line, before: Line | None, known: Sampling) -> str:
    """What is wrong with this agreement: below the floor, or fewer agree than before by more than chance; empty when nothing is, or too
    few were compared to say."""
    one = now.whole
    if one.n < known.enough:
        return ""
    if one.weighted.value is not None and Decimal(f"{one.weighted.value:.6f}") < known.floor:
        return FLOOR
    if before is not None and before.whole.n >= known.enough:
        chance = agreement.fell(same=one.same, n=one.n, same_before=before.whole.same, n_before=before.whole.n)
        if Decimal(f"{chance:.8f}") < known.significance:
            return FELL
    return ""
