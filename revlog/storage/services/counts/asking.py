"""Asking for counts: of many places at once, handed to a person or to whoever comes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.devices.models import Location
from revlog.storage.facts.counts import CountAssigned, CountCancelled, CountRequested
from revlog.storage.models.counts import CURRENT, Count, CountState, CountWhy
from revlog.storage.queries import counts as queries
from revlog.storage.services.containers import keeping as containers
from revlog.storage.services.counts import keeping
from revlog.storage.services.counts.keeping import UnableToCount


def reasons_against_asking(place: Location, hub: Hub) -> list[Reason]:
    """Why a place can't be counted at all."""
    told = {"place": place.code, "hub": hub.name}
    found = []
    if place.hub_id != hub.pk:
        found.append(Reason("elsewhere", _("%(place)s is not at %(hub)s") % told))
    if not place.active:
        found.append(Reason("closed", _("%(place)s is not in use") % told))
    if place.kind not in queries.COUNTABLE:
        found.append(Reason("kind", _("things only pass through %(place)s; it isn't counted") % told))
    row = containers.of_place(place)
    if row is not None and row.state != "open":
        found.append(Reason("shut", containers.state_sentence(row)))
    return found


def request(
    places: Sequence[Location],
    *,
    hub: Hub,
    why: CountWhy,
    due_at: datetime | None,
    assignee: User | None,
    by: Actor,
    at: datetime,
) -> list[Count]:
    """Have these places counted; those that have an open count already keep it. Raises UnableToCount, BadInput."""
    keeping.may_settle(by, hub)
    some = sorted({one.pk: one for one in places}.values(), key=lambda one: one.pk)
    if not some:
        raise BadInput(Reason("nothing", _("Choose at least one place.")))
    if len(some) > queries.MOST:
        raise BadInput(Reason("too_many", _("At most %s places are asked for at once.") % queries.MOST))
    if due_at is not None and due_at < at:
        raise BadInput(Reason("due", _("The day by which it is counted is over."), "due"))
    if reasons := [reason for one in some for reason in reasons_against_asking(one, hub)]:
        raise UnableToCount(reasons)
    with transaction.atomic():
        rows_of = Location.objects.select_for_update(no_key=True, of=("self",)).select_related("hub")
        held = list(rows_of.filter(pk__in=[one.pk for one in some]).order_by("pk"))
        busy = set(Count.objects.filter(place__in=held, state__in=CURRENT).values_list("place_id", flat=True))
        free = [one for one in held if one.pk not in busy]
        if not free:
            raise UnableToCount(
                Reason(
                    "asked",
                    ngettext(
                        "A count of this place is open already.", "Counts of all these places are open already.", len(some)
                    ),
                )
            )  # fmt: skip
        rows = [
            _row(place, number, why=why, due_at=due_at, assignee=assignee, by=by, at=at)
            for place, number in zip(free, keeping.fresh(len(free)), strict=True)
        ]
        Count.objects.bulk_create(rows)
        for row in rows:
            _told(row, by=by, at=at)
    return rows


def begun(place: Location, *, by: Actor, at: datetime) -> Count:
    """A count that nobody asked for, by whoever stands before the place, which is locked."""
    [number] = keeping.fresh(1)
    row = _row(place, number, why=CountWhy.OWN, due_at=None, assignee=None, by=by, at=at)
    row.save(force_insert=True)
    _told(row, by=by, at=at)
    return row


def _row(
    place: Location,
    number: str,
    *,
    why: CountWhy,
    due_at: datetime | None,
    assignee: User | None,
    by: Actor,
    at: datetime,
) -> Count:
    return Count(
        id=ids.new(at), number=number, hub=place.hub, place=place, why=why, assignee=assignee, due_at=due_at,
        requested_by=by.reference, requested_at=at,
    )  # fmt: skip


def _told(row: Count, *, by: Actor, at: datetime) -> None:
    fact = CountRequested(
        number=row.number, place=row.place.code, hub=row.hub.code, why=f"count_why.{row.why}",
        due=row.due_at.isoformat() if row.due_at is not None else None,
    )  # fmt: skip
    keeping.say(row.place, fact, by=by, at=at)
    if row.assignee_id is not None:
        handed = CountAssigned(number=row.number, person=f"user:{row.assignee_id}")
        keeping.say(row.place, handed, by=by, at=at)


def assign(count: Count, person: User | None, *, by: Actor, at: datetime) -> Count:
    """Hand an open count to somebody, or leave it to whoever comes first."""
    keeping.may_settle(by, count.hub)
    with transaction.atomic():
        row = keeping.locked(count)
        if row.state not in {CountState.OPEN, CountState.RECOUNT}:
            raise UnableToCount(keeping.closed(row))
        if person is not None and row.walks.filter(counted_by=f"user:{person.pk}").exclude(ended_at=None).exists():
            raise UnableToCount(
                Reason("recount", _("%s has counted it already; another person must now.") % person.name)
            )
        if row.assignee_id == (person.pk if person is not None else None):
            return row
        row.assignee = person
        row.save(update_fields=["assignee"])
        if person is not None:
            keeping.say(row.place, CountAssigned(number=row.number, person=f"user:{person.pk}"), by=by, at=at)
    return row


def reasons_against_cancelling(count: Count, *, by: Actor) -> list[Reason]:
    """A difference that stands is settled; who counted makes it go away no more by cancelling than by accepting it."""
    if count.state not in CURRENT:
        return [keeping.closed(count)]
    counters = count.walks.exclude(ended_at=None).values_list("counted_by", flat=True)
    return separations.reasons_against("count_approval", doer=counters, by=by)


def cancel(count: Count, *, reason: str, by: Actor, at: datetime) -> Count:
    """Count it not after all. What was found until then stays written down, and changes nothing."""
    keeping.may_settle(by, count.hub)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is cancelled."), "reason"))
    with transaction.atomic():
        row = keeping.locked(count)
        if against := reasons_against_cancelling(row, by=by):
            raise UnableToCount(against)
        row.walks.filter(ended_at=None, dropped_at=None).update(dropped_at=at)
        row.state, row.closed_at, row.closed_by = CountState.CANCELLED, at, by.reference
        row.save(update_fields=["state", "closed_at", "closed_by"])
        fact = CountCancelled(number=row.number, place=row.place.code, reason=reason.strip()[:200])
        keeping.say(row.place, fact, by=by, at=at)
    return row
