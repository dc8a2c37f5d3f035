"""What every verb of counts needs: who may, the row under lock, and the place's own chain.

Locks: units first, then the place, then the count, then chains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.accounts.queries import moment, who
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody import merkle
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import places as setting_up
from revlog.storage.models.counts import Count, Difference, DifferenceKind, Seen, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services.containers import keeping as containers


class UnableToCount(DomainError):
    """The place can't be counted like this, now, or by this person."""

    code = "unable_to_count"


class UnableToSettle(DomainError):
    """The differences can't be settled like this, now, or by this person."""

    code = "unable_to_settle_count"


MOST_SEEN = 5000


@dataclass(frozen=True)
class Found:
    """What a scan says: the row, whether it was there before, and where the thing belongs when that isn't here."""

    seen: Seen
    again: bool = False
    belongs: Location | None = None
    elsewhere: bool = False
    """By the books it lies somewhere else, or nowhere."""


@dataclass
class Compared:
    """What was seen against what the books have, without what moved meanwhile."""

    expected: int = 0
    right: list[Device] = field(default_factory=list)
    moved: int = 0
    differences: list[Difference] = field(default_factory=list)

    def of(self, kind: DifferenceKind) -> int:
        return sum(one.kind == kind for one in self.differences)


def may_count(by: Actor, hub: Hub) -> None:
    if not by.may("devices.count") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Counting needs the right to count bins of the site.")))


def may_settle(by: Actor, hub: Hub) -> None:
    if not by.may("devices.adjust") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Counts are asked for and settled by a lead of the site.")))


def mine(walk: Walk, by: Actor) -> None:
    may_count(by, walk.count.hub)
    if walk.counted_by != by.reference:
        raise NotAllowed(others(walk, walk.count))


def still_open(walk: Walk) -> Walk:
    """The walk, locked. Raises UnableToCount where it has ended."""
    row = Walk.objects.select_for_update(no_key=True, of=("self",)).get(pk=walk.pk)
    if row.ended_at is not None or row.dropped_at is not None:
        raise UnableToCount(
            Reason("ended", _("This count of %s is over. Scan the place to begin anew.") % walk.count.place.code)
        )
    return row


def demand_room(walk: Walk) -> None:
    if Seen.objects.filter(walk=walk).count() >= MOST_SEEN:
        raise UnableToCount(Reason("too_many", _("%s things were scanned here. End the count.") % f"{MOST_SEEN:,}"))


def locked(count: Count) -> Count:
    rows = Count.objects.select_for_update(no_key=True, of=("self",)).select_related("hub", "place", "assignee")
    return rows.get(pk=count.pk)


def closed(count: Count) -> Reason:
    told = {"number": count.number, "state": word(f"count.{count.state}")}
    return Reason("state", _("%(number)s is %(state)s.") % told)


def others(walk: Walk, count: Count) -> Reason:
    told = {
        "place": count.place.code,
        "who": who(walk.counted_by),
        "when": moment(walk.begun_at, count.hub),
    }
    return Reason("others", _("%(place)s is being counted by %(who)s since %(when)s. Count another place.") % told)


def fresh(count: int) -> list[str]:
    used = Count.objects.filter
    return ids.fresh(queries.PREFIX, count, taken=lambda codes: used(number__in=codes).values_list("number", flat=True))


def root(entries: Iterable[Entry]) -> str:
    return merkle.root(bytes.fromhex(digest) for digest in sorted(one.digest for one in entries)).hex()


def say(place: Location, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    """One entry on the place's own chain, which begins here where it has none."""
    if place.kind == LocationKind.CONTAINER and (row := containers.of_place(place)) is not None:
        return containers.say(row, fact, by=by, at=at)
    setting_up.with_chain(place, by=by, at=at)
    return ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
