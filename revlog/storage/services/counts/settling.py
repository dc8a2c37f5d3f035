"""What becomes of the differences: settled one by one by a person who didn't count, or counted once more."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.devices.facts import Counted, Missed
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Location
from revlog.devices.services import moves, placing
from revlog.storage.facts.counts import CountApproved, CountedAgain, FoundInCount
from revlog.storage.models.counts import WAITING, Count, CountState, Difference, DifferenceKind, DifferenceOutcome, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services.counts import boxes, keeping
from revlog.storage.services.counts.keeping import UnableToSettle

OUTCOMES: Mapping[DifferenceKind, tuple[DifferenceOutcome, ...]] = {
    DifferenceKind.MISSING: (DifferenceOutcome.MISSING, DifferenceOutcome.LEFT),
    DifferenceKind.EXTRA: (DifferenceOutcome.HERE, DifferenceOutcome.BACK, DifferenceOutcome.LEFT),
    DifferenceKind.QUANTITY: (DifferenceOutcome.ADJUSTED, DifferenceOutcome.LEFT),
    DifferenceKind.UNKNOWN: (DifferenceOutcome.BACK, DifferenceOutcome.LEFT),
}
"""What a difference of each kind can be settled with; the first is what is proposed."""


@dataclass(frozen=True)
class Decision:
    """What becomes of one difference, and why where nothing does."""

    outcome: DifferenceOutcome
    note: str = ""


def reasons_against_settling(count: Count, walk: Walk | None, *, by: Actor) -> list[Reason]:
    """Why this person can't settle the count now; empty when they can."""
    if count.state not in WAITING or walk is None:
        return [keeping.closed(count)]
    counters = count.walks.exclude(ended_at=None).values_list("counted_by", flat=True)
    return separations.reasons_against("count_approval", doer=counters, by=by)


def proposed(difference: Difference, place: Location) -> tuple[DifferenceOutcome, str]:
    """What is proposed for a difference, and what speaks against the first that comes to mind."""
    first = OUTCOMES[DifferenceKind(difference.kind)][0]
    if first == DifferenceOutcome.HERE:
        against = (
            against_lying_here([difference.device], place)
            if difference.device is not None
            else boxes.against_standing_here(difference.container, place)
            if difference.container is not None
            else []
        )
        if against:
            return DifferenceOutcome.BACK, "; ".join(one.sentence for one in against)
    return first, ""


def against_lying_here(units: Sequence[Device], place: Location) -> list[Reason]:
    """Why the books can't say that these units lie here: what would refuse to put them here."""
    found = [
        Reason("gone", _("%(tag)s is not in our books as being at this site: it is %(state)s") % _of(one))
        for one in units
        if State(one.state) not in ON_HAND or one.hub_id != place.hub_id
    ]
    return found or placing.reasons_against(units, place)


def _of(device: Device) -> dict[str, str]:
    return {"tag": device.tag, "state": word(f"state.{device.state}")}


def approve(count: Count, decisions: Mapping[int, Decision], *, reason: str = "", by: Actor, at: datetime) -> Count:
    """Settle every difference of the last walk, and close the count. Raises UnableToSettle with every reason; then nothing changes.

    ``decisions`` are by the difference's id. ``reason`` says why it isn't counted again, where it was counted once.
    """
    keeping.may_settle(by, count.hub)
    with transaction.atomic():
        walk = queries.last_walk(count)
        rows = queries.differences(walk)
        taken = {
            one.pk: one for one in moves.take(sorted({row.device_id for row in rows if row.device_id is not None}))
        }
        place = count.place
        placing.hold_for(list(taken.values()), place, *(one.container for one in rows if one.container is not None))
        for row in rows:
            if row.container is not None:
                row.container.refresh_from_db()
        place = placing.locked(place)
        count = keeping.locked(count)
        against = reasons_against_settling(count, walk, by=by)
        if not against and queries.last_walk(count) != walk:
            against = [keeping.closed(count)]
        if not against and count.state == CountState.RECOUNT and not reason.strip():
            against = [Reason("once", _("It was counted once: have it counted again, or say why not."), "reason")]
        against = against or _against(rows, decisions, taken)
        if against:
            raise UnableToSettle(against)
        for row in rows:
            told = decisions[row.pk]
            row.outcome, row.note = told.outcome, told.note.strip()[:200]
        entries = _write(count, rows, taken, place, by=by, at=at)
        Difference.objects.bulk_update(rows, ["outcome", "note"])
        _done(count, rows, by=by, at=at)
        sums = Counter(str(row.outcome) for row in rows)
        fact = CountApproved(
            number=count.number, place=place.code, hub=place.hub.code, root=keeping.root(entries),
            reason=reason.strip()[:200] or None, **{name: sums[name] or None for name in ("missing", "here", "back", "adjusted", "left")},
        )  # fmt: skip
        keeping.say(place, fact, by=by, at=at)
    return count


def _against(
    rows: Sequence[Difference], decisions: Mapping[int, Decision], taken: Mapping[uuid.UUID, Device]
) -> list[Reason]:
    found = []
    handled = queries.moved_since(
        {key: row.sequence for row in rows if (key := row.device_id or row.container_id) is not None}
    )
    for row in rows:
        told = decisions.get(row.pk)
        name = {"what": row.name}
        if told is None or told.outcome not in OUTCOMES[DifferenceKind(row.kind)]:
            found.append(Reason("undecided", _("Say what becomes of %(what)s.") % name))
        elif told.outcome == DifferenceOutcome.LEFT and not told.note.strip():
            found.append(Reason("no_note", _("Say why %(what)s is no difference.") % name))
        elif told.outcome in _CHANGING and (
            _changed(row, taken[row.device_id], handled)
            if row.device_id is not None
            else boxes.is_changed(row, handled)
        ):
            found.append(
                Reason("handled", _("%(what)s was handled since it was counted: say that it is no difference.") % name)
            )
    return found


_CHANGING = frozenset({DifferenceOutcome.MISSING, DifferenceOutcome.HERE, DifferenceOutcome.ADJUSTED})


def _changed(row: Difference, device: Device, handled: set[uuid.UUID]) -> bool:
    if row.kind == DifferenceKind.QUANTITY and device.quantity != row.expected:
        return True
    return device.pk in handled or device.location_id != row.belongs_id


def _write(
    count: Count,
    rows: Sequence[Difference],
    taken: Mapping[uuid.UUID, Device],
    place: Location,
    *,
    by: Actor,
    at: datetime,
) -> list[Entry]:
    """The entries on the chains of the units and containers of which something is otherwise from now on."""
    chosen: dict[DifferenceOutcome, list[tuple[Device, Difference]]] = {}
    for row in rows:
        if row.device_id is not None:
            chosen.setdefault(DifferenceOutcome(row.outcome), []).append((taken[row.device_id], row))
    entries: list[Entry] = []
    if lost := [device for device, _row in chosen.get(DifferenceOutcome.MISSING, [])]:
        facts: list[Fact] = [Missed(place=place.code) for _one in lost]
        written = moves.note_many(lost, facts=facts, by=by, at=at, set={"location_id": None})
        placing.tell({one.pk: place for one in lost}, None, written, by=by, at=at)
        entries += written
    if here := [device for device, _row in chosen.get(DifferenceOutcome.HERE, [])]:
        entries += _found_here(count, here, place, by=by, at=at)
    if adjusted := chosen.get(DifferenceOutcome.ADJUSTED):
        said = [
            (device, Counted(expected=row.expected, counted=row.counted), {"quantity": row.counted})
            for device, row in adjusted
        ]
        entries += moves.note_each(said, by=by, at=at)
    for row in rows:
        if row.container is not None and row.outcome == DifferenceOutcome.MISSING:
            entries.append(boxes.missed(count, row.container, place, by=by, at=at))
        if row.container is not None and row.outcome == DifferenceOutcome.HERE:
            entries.append(boxes.found_here(count, row.container, place, by=by, at=at))
    return entries


def _found_here(count: Count, here: Sequence[Device], place: Location, *, by: Actor, at: datetime) -> list[Entry]:
    """They lie here, and the entries that said otherwise are corrected by new ones that cite them."""
    if against := against_lying_here(here, place):
        raise UnableToSettle(against)
    known = Location.objects.in_bulk({one.location_id for one in here if one.location_id is not None})
    lay = {one.pk: known.get(one.location_id) if one.location_id is not None else None for one in here}
    wrong = queries.laid_by([one.pk for one in here])
    facts: list[Fact] = [
        FoundInCount(
            number=count.number, place=place.code, hub=place.hub.code,
            before=former.code if (former := lay[one.pk]) is not None else None, corrects=wrong.get(one.pk),
        )
        for one in here
    ]  # fmt: skip
    entries = moves.note_many(here, facts=facts, by=by, at=at, set={"location_id": place.pk})
    placing.tell(lay, place, entries, by=by, at=at)
    return entries


def _done(count: Count, rows: Sequence[Difference], *, by: Actor, at: datetime) -> None:
    """What was no difference after all doesn't count against the place."""
    stand = Counter(row.kind for row in rows if row.outcome != DifferenceOutcome.LEFT)
    were = Counter(row.kind for row in rows)
    kind = DifferenceKind
    count.right += sum(were[one] - stand[one] for one in (kind.MISSING, kind.QUANTITY))
    count.missing, count.extra = stand[kind.MISSING], stand[kind.EXTRA]
    count.wrong, count.unknown = stand[kind.QUANTITY], stand[kind.UNKNOWN]
    count.state, count.closed_at, count.closed_by = CountState.DONE, at, by.reference
    count.save()


def again(count: Count, *, by: Actor, at: datetime) -> Count:
    """Have it counted once more before anything is decided, by somebody who hasn't."""
    keeping.may_settle(by, count.hub)
    with transaction.atomic():
        count = keeping.locked(count)
        if count.state != CountState.REVIEW:
            raise UnableToSettle(keeping.closed(count))
        count.state = CountState.RECOUNT
        count.save(update_fields=["state"])
        keeping.say(count.place, CountedAgain(number=count.number, place=count.place.code), by=by, at=at)
    return count
