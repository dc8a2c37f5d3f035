"""A person's walk through a place: begun, one scan a unit, ended by comparing what was seen with what the books had.

The one who counts isn't shown what is expected. What came, went or was fetched since the walk began is no difference: where each unit's
chain stood then tells.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import User
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, NotFound, Reason
from revlog.custody.models import Chain
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Location
from revlog.devices.models.device import Tracking
from revlog.devices.services import moves, placing
from revlog.storage.facts.counts import PlaceCounted, SeenInCount
from revlog.storage.models.counts import Count, CountState, Difference, DifferenceKind, Seen, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services.counts import asking, boxes, keeping
from revlog.storage.services.counts.keeping import Compared, Found, UnableToCount

MOST_PIECES = 9_999_999


# Beginning -------------------------------------------------------------------------------------------------------------------------


def reasons_against_counting(count: Count, *, by: Actor) -> list[Reason]:
    """Why this person can't count this place now; empty when they can."""
    found = []
    if count.state not in {CountState.OPEN, CountState.COUNTING, CountState.RECOUNT}:
        found.append(keeping.closed(count))
    walk = count.walks.filter(ended_at=None, dropped_at=None).first()
    if walk is not None and walk.counted_by != by.reference:
        found.append(keeping.others(walk, count))
    if count.assignee is not None and count.assignee_id != by.person_id:
        told = {"place": count.place.code, "who": count.assignee.name}
        found.append(Reason("handed", _("%(place)s is counted by %(who)s; a lead can hand it to you.") % told))
    before = count.walks.exclude(ended_at=None).values_list("counted_by", flat=True)
    found += separations.reasons_against("recount", doer=before, by=by)
    if not found:
        found += separations.reasons_against("bin_count", doer=queries.who_put(count.place), by=by)
    return found


def begin(place: Location, *, by: Actor, at: datetime) -> Walk:
    """Count this place from now on; the count that is open for it, or one that nobody asked for. Raises UnableToCount."""
    keeping.may_count(by, place.hub)
    if against := asking.reasons_against_asking(place, place.hub):
        raise UnableToCount(against)
    with transaction.atomic():
        place = placing.locked(place)
        current = queries.current_of(place)
        count = keeping.locked(current) if current is not None else asking.begun(place, by=by, at=at)
        if against := reasons_against_counting(count, by=by):
            raise UnableToCount(against)
        open_one = count.walks.filter(ended_at=None, dropped_at=None).first()
        if open_one is not None:
            return open_one
        there = queries.lying(place)
        walk = Walk(
            id=ids.new(at), count=count, number=count.walks.count() + 1, counted_by=by.reference,
            person=User.objects.filter(pk=by.person_id).first() if by.person_id is not None else None,
            begun_at=at, lay={str(key): sequence for key, sequence in there.units.items() if key not in there.in_carts},
            stood={str(key): sequence for key, sequence in queries.standing(place).items()},
        )  # fmt: skip
        walk.save(force_insert=True)
        count.state = CountState.COUNTING
        count.save(update_fields=["state"])
    return walk


def drop(walk: Walk, *, by: Actor, at: datetime) -> Count:
    """Leave off in the middle: what was scanned is forgotten, and somebody begins anew. By the one who counts, or a lead."""
    with transaction.atomic():
        count = keeping.locked(walk.count)
        if walk.counted_by == by.reference:
            keeping.may_count(by, count.hub)
        else:
            keeping.may_settle(by, count.hub)
        row = keeping.still_open(walk)
        row.dropped_at = at
        row.save(update_fields=["dropped_at"])
        again = count.walks.exclude(ended_at=None).exists()
        count.state = CountState.RECOUNT if again else CountState.OPEN
        count.save(update_fields=["state"])
    return count


# One scan a unit -------------------------------------------------------------------------------------------------------------------


def see(walk: Walk, device: Device, *, pieces: int | None = None, by: Actor, at: datetime) -> Found:
    """The unit is here, and of a counted lot so many pieces. Scanned again, it is said and counts once."""
    keeping.mine(walk, by)
    if not device.is_visible_to(by):
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
    if pieces is not None and not 0 <= pieces <= MOST_PIECES:
        raise BadInput(Reason("pieces", _("Say how many pieces are here, up to %s.") % f"{MOST_PIECES:,}", "pieces"))
    if pieces is not None and device.tracking != Tracking.COUNTED:
        raise BadInput(Reason("pieces", _("%s is one thing, not a lot.") % device.tag, "pieces"))
    with transaction.atomic():
        keeping.still_open(walk)
        known = Seen.objects.filter(walk=walk, device=device).first()
        if known is not None:
            if pieces is not None and pieces != known.pieces:
                known.pieces = pieces
                known.save(update_fields=["pieces"])
                return _found(known, device, walk)
            return _found(known, device, walk, again=True)
        keeping.demand_room(walk)
        device = Device.objects.select_related("location").get(pk=device.pk)
        head = Chain.objects.filter(pk=device.pk).values_list("head_sequence", flat=True).first()
        row = Seen(
            id=ids.new(at), walk=walk, device=device, pieces=pieces, place_id=device.location_id, sequence=head or 0,
            seen_at=at,
        )  # fmt: skip
        row.save(force_insert=True)
    return _found(row, device, walk)


def _found(row: Seen, device: Device, walk: Walk, *, again: bool = False) -> Found:
    here = walk.count.place_id
    elsewhere = device.location_id != here and str(device.pk) not in walk.lay
    return Found(row, again, device.location if elsewhere else None, elsewhere)


def note(walk: Walk, code: str, *, by: Actor, at: datetime) -> Found:
    """Something with a code that nobody knows lies here too."""
    keeping.mine(walk, by)
    told = " ".join(code.split())[:80]
    if not told:
        raise BadInput(Reason("code", _("Scan what stands on it."), "code"))
    with transaction.atomic():
        keeping.still_open(walk)
        known = Seen.objects.filter(walk=walk, code=told).first()
        if known is not None:
            return Found(known, again=True)
        row = Seen(id=ids.new(at), walk=walk, code=told, seen_at=at)
        row.save(force_insert=True)
    return Found(row)


def unsee(walk: Walk, seen: uuid.UUID, *, by: Actor) -> Device | None:
    """A scan was a slip of the hand. While the walk lasts, nothing of it is written down yet."""
    keeping.mine(walk, by)
    with transaction.atomic():
        keeping.still_open(walk)
        row = Seen.objects.filter(walk=walk, pk=seen).select_related("device").first()
        if row is None:
            raise NotFound(Reason("unknown", _("That isn't counted any more.")))
        row.delete()
    return row.device


# Ending ----------------------------------------------------------------------------------------------------------------------------


def reasons_against_ending(walk: Walk) -> list[Reason]:
    return [
        Reason("pieces", _("Say how many of %s are here first.") % one.device.tag)
        for one in walk.seen.filter(pieces=None, device__tracking=Tracking.COUNTED).select_related("device")
        if one.device is not None
    ]


def end(walk: Walk, *, by: Actor, at: datetime) -> Count:
    """Compare and write it down: one entry on the place's chain with the root over those of the units that were seen where they belong.

    Without a difference the count is done. With one it waits for another person, and after that for a lead.
    """
    keeping.mine(walk, by)
    if against := reasons_against_ending(walk):
        raise UnableToCount(against)
    place = walk.count.place
    with transaction.atomic():
        scanned = list(Seen.objects.filter(walk=walk).select_related("place"))
        now = queries.lying(place)
        keys = {uuid.UUID(key) for key in walk.lay} | set(now.units)
        keys |= {one.device_id for one in scanned if one.device_id is not None}
        taken = moves.take(sorted(keys))
        placing.hold_for(taken, place, *boxes.meant(walk, scanned, place))
        place = placing.locked(place)
        count = keeping.locked(walk.count)
        row = keeping.still_open(walk)
        if set(Seen.objects.filter(walk=row).values_list("pk", "pieces")) != {(one.pk, one.pieces) for one in scanned}:
            raise UnableToCount(Reason("scanned", _("Something was scanned just now. Scan it once more.")))
        told = compare(row, taken, scanned, place, in_carts=queries.lying(place).in_carts)
        stands = boxes.compare(row, scanned, place, told)
        right = len(told.right) + len(stands)
        pieces = {one.device_id: one.pieces for one in scanned}
        said = [
            SeenInCount(number=count.number, place=place.code, hub=place.hub.code, pieces=pieces.get(one.pk))
            for one in told.right
        ]
        entries = moves.note_many(told.right, facts=said, by=by, at=at) if told.right else []
        heads = {one.pk: one.head.sequence for one in taken if one.head is not None}
        for one in told.differences:
            one.walk = row
            if one.device_id is not None:
                one.sequence = heads.get(one.device_id, 0)
        entries += boxes.say_seen(count, stands, place, by=by, at=at)
        Difference.objects.bulk_create(told.differences)
        row.ended_at, row.expected, row.right, row.moved = at, told.expected, right, told.moved
        row.save(update_fields=["ended_at", "expected", "right", "moved"])
        _close(count, told, right, by=by, at=at)
        fact = PlaceCounted(
            number=count.number, place=place.code, hub=place.hub.code, round=row.number, expected=told.expected,
            units=right, root=keeping.root(entries), missing=count.missing or None, extra=count.extra or None,
            wrong=count.wrong or None, unknown=count.unknown or None, moved=told.moved or None,
        )  # fmt: skip
        keeping.say(place, fact, by=by, at=at)
    return count


def _close(count: Count, told: Compared, right: int, *, by: Actor, at: datetime) -> None:
    kind = DifferenceKind
    count.expected, count.right = told.expected, right
    count.missing, count.extra = told.of(kind.MISSING), told.of(kind.EXTRA)
    count.wrong, count.unknown = told.of(kind.QUANTITY), told.of(kind.UNKNOWN)
    if not told.differences:
        count.state, count.closed_at, count.closed_by = CountState.DONE, at, by.reference
    else:
        again = count.walks.exclude(ended_at=None).count() > 1
        count.state = CountState.REVIEW if again else CountState.RECOUNT
        count.differs_since = count.differs_since or at
        # Whoever it was handed to has counted it; the next is somebody else.
        count.assignee = None
    count.save()


def compare(
    walk: Walk, taken: Sequence[Device], scanned: Sequence[Seen], place: Location, *, in_carts: set[uuid.UUID]
) -> Compared:
    """What was seen against what the books have, of taken units; of containers, ``boxes.compare``."""
    then = {uuid.UUID(key): sequence for key, sequence in walk.lay.items()}
    units = {one.pk: one for one in taken}
    here = {
        one.pk
        for one in taken
        if one.location_id == place.pk and State(one.state) in ON_HAND and one.pk not in in_carts
    }
    seen = {one.device_id: one for one in scanned if one.device_id is not None}
    moved = queries.moved_since(then) | (set(then) ^ here)
    settled = [units[key] for key in sorted(set(then) - moved)]
    told = Compared(expected=len(settled), moved=len(moved))
    for unit in settled:
        row = seen.get(unit.pk)
        if row is None or row.pieces == 0:
            told.differences.append(
                Difference(
                    kind=DifferenceKind.MISSING, device=unit, belongs=place, expected=unit.quantity, counted=0,
                    value=unit.expected_value or Decimal(0), currency=unit.currency,
                )
            )  # fmt: skip
        elif unit.tracking == Tracking.COUNTED and row.pieces != unit.quantity:
            told.differences.append(_quantity(unit, row.pieces or 0, place))
        else:
            told.right.append(unit)
    strange = {key: row for key, row in seen.items() if key not in then and key not in moved and key is not None}
    handled = queries.moved_since({key: row.sequence for key, row in strange.items()})
    for key, row in sorted(strange.items()):
        unit = units[key]
        # Fetched for a list and still in the books here: it is on its way.
        if key in handled or unit.location_id != row.place_id or unit.location_id == place.pk:
            told.moved += 1
            continue
        told.differences.append(
            Difference(
                kind=DifferenceKind.EXTRA, device=unit, belongs_id=unit.location_id, expected=0,
                counted=row.pieces if row.pieces is not None else 1, currency=unit.currency,
            )
        )  # fmt: skip
    told.differences += [
        Difference(kind=DifferenceKind.UNKNOWN, code=one.code, expected=0, counted=1) for one in scanned if one.code
    ]
    return told


def _quantity(unit: Device, counted: int, place: Location) -> Difference:
    each = (unit.expected_value or Decimal(0)) / unit.quantity if unit.quantity else Decimal(0)
    return Difference(
        kind=DifferenceKind.QUANTITY, device=unit, belongs=place, expected=unit.quantity, counted=counted,
        value=(each * (unit.quantity - counted)).quantize(Decimal("0.01")), currency=unit.currency,
    )  # fmt: skip
