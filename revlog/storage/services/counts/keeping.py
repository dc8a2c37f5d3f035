"""What every verb of counts needs: who may, the row under lock, and the place's own chain.

Locks: units first, then the place, then the count, then chains.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from revlog.devices.models import Location, LocationKind
from revlog.devices.services import places as setting_up
from revlog.storage.models.counts import Count, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services.containers import keeping as containers


class UnableToCount(DomainError):
    """The place can't be counted like this, now, or by this person."""

    code = "unable_to_count"


class UnableToSettle(DomainError):
    """The differences can't be settled like this, now, or by this person."""

    code = "unable_to_settle_count"


def may_count(by: Actor, hub: Hub) -> None:
    if not by.may("devices.count") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Counting needs the right to count bins of the site.")))


def may_settle(by: Actor, hub: Hub) -> None:
    if not by.may("devices.adjust") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Counts are asked for and settled by a lead of the site.")))


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
