"""Setting up places: bins, benches, cages. Whether a place is secured decides where data may lie, so each change is on its chain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices import facts
from revlog.devices.journey import CLEARED
from revlog.devices.models import Hazard, Location, LocationKind, Purpose

CHAIN = "place"
# What a scanner reads without a change of mode, and what no other code of ours looks like.
CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,38}[A-Z0-9])?")
MOST_UNITS = 100_000
MOST_AT_ONCE = 500
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>[0-9]{1,6})")


class UnableToSetUp(DomainError):
    """The place can't be set up like this."""

    code = "unable_to_set_up_place"


@dataclass(frozen=True)
class Arrangement:
    """What a place is for and where it stands; what isn't said is taken over from the place that it is in."""

    parent: Location | None = None
    purpose: str = ""
    client: Organization | None = None
    capacity: int | None = None


def add(
    *,
    hub: Hub,
    code: str,
    kind: LocationKind,
    secured: bool,
    capacity: int | None = None,
    parent: Location | None = None,
    purpose: str = "",
    client: Organization | None = None,
    by: Actor,
    at: datetime,
) -> Location:
    """Set up a place at a hub. Raises BadInput for a code that scanners can't tell, UnableToSetUp for one that is taken."""
    told = Arrangement(parent, purpose, client, capacity)
    return add_many(hub=hub, codes=[code], kind=kind, secured=secured, arrangement=told, by=by, at=at)[0]


def spread(text: str) -> list[str]:
    """The codes that are meant: ``A-01..A-20`` is twenty of them, ``A-01, A-04`` two. Raises BadInput for a row with no end."""
    codes: list[str] = []
    for part in re.split(r"[,;\n]+", re.sub(r"\s*\.\.\s*", "..", text.upper())):
        first, dots, last = part.strip().partition("..")
        if not dots:
            codes.append(first)
            continue
        begins, ends = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
        if (
            begins is None
            or ends is None
            or begins["head"] != ends["head"]
            or int(begins["number"]) > int(ends["number"])
        ):
            raise BadInput(
                Reason(
                    "bad_row",
                    _("A row of places is written A-01..A-20: the same letters, and numbers that rise."),
                    "code",
                )
            )
        if int(ends["number"]) - int(begins["number"]) >= MOST_AT_ONCE:
            raise BadInput(_too_many())
        width = len(begins["number"])
        codes += [
            f"{begins['head']}{number:0{width}d}" for number in range(int(begins["number"]), int(ends["number"]) + 1)
        ]
    if len(codes) > MOST_AT_ONCE:
        raise BadInput(_too_many())
    return list(dict.fromkeys(codes))


def add_many(
    *,
    hub: Hub,
    codes: Sequence[str],
    kind: LocationKind,
    secured: bool,
    arrangement: Arrangement,
    by: Actor,
    at: datetime,
) -> list[Location]:
    """Set up places alike, all or none, each with a chain of its own."""
    secured = secured or (arrangement.parent is not None and arrangement.parent.secured)
    _require(by, hub, secured=secured)
    codes = [one.strip().upper() for one in codes]
    wrong = _against(hub, arrangement, inside=None)
    if not codes or not all(CODE.fullmatch(one) for one in codes):
        wrong.insert(
            0, Reason("bad_code", _("A place's code has letters, digits, dots and dashes, at most 40 of them."), "code")
        )
    if wrong:
        raise BadInput(wrong)
    if secured and not hub.secured:
        raise UnableToSetUp(Reason("hub_not_secured", _("%(hub)s has no secured zone.") % {"hub": hub.name}, "secured"))
    if taken := _taken_codes(hub, codes):
        raise UnableToSetUp(_taken_by(hub, taken))
    told = _inherited(arrangement)
    rows = [
        Location(
            id=ids.new(at), hub=hub, code=code, kind=kind, secured=secured, capacity=told.capacity, parent=told.parent,
            purpose=told.purpose, client=told.client, created_at=at,
        )
        for code in codes
    ]  # fmt: skip
    try:
        with transaction.atomic():
            Location.objects.bulk_create(rows)
            _begin(rows, by=by, at=at)
    except IntegrityError as raced:
        raise UnableToSetUp(_taken_by(hub, codes)) from raced
    return rows


def arrange(place: Location, arrangement: Arrangement, *, by: Actor, at: datetime) -> Location:
    """Say anew what a place is for, where it stands, for whom it is kept and how much fits. Raises BadInput, UnableToSetUp.

    What lies in it stays: units that no longer belong there are shown by the place's page until somebody moves them.
    """
    _require(by, place.hub, secured=place.secured)
    with transaction.atomic():
        place = _taken(place)
        if wrong := _against(place.hub, arrangement, inside=place):
            raise BadInput(wrong)
        before = (place.parent_id, place.purpose, place.client_id, place.capacity)
        place.parent, place.purpose = arrangement.parent, arrangement.purpose
        place.client, place.capacity = arrangement.client, arrangement.capacity
        if (place.parent_id, place.purpose, place.client_id, place.capacity) == before:
            return place
        with_chain(place, by=by, at=at)
        place.save(update_fields=["parent", "purpose", "client", "capacity"])
        ledger.append(place.pk, _arranged(place), by=by, at=at, hub=place.hub_id)
    return place


@dataclass(frozen=True)
class Protection:
    """Which dangerous goods may lie in a place, up to how much of what, and from which it is kept apart."""

    hazard: str = ""
    most_units: int | None = None
    most_kilograms: Decimal | None = None
    apart_from: tuple[str, ...] = ()
    metres: Decimal | None = None
    insured: Decimal | None = None


_PROTECTING = (
    "hazard_class",
    "hazard_limit_count",
    "hazard_limit_kg",
    "kept_apart_from",
    "min_distance_m",
    "insured_value",
)


def protection(place: Location) -> Protection:
    return Protection(
        place.hazard_class,
        place.hazard_limit_count,
        place.hazard_limit_kg,
        tuple(place.kept_apart_from),
        place.min_distance_m,
        place.insured_value,
    )


def reasons_against_protecting(place: Location, told: Protection) -> list[Reason]:
    """What can't be true of a place, each with its field."""
    wrong = []
    if told.hazard not in {"", *Hazard.values} or not set(told.apart_from) <= set(Hazard.values):
        wrong.append(Reason("bad_hazard", _("A class of danger is one of the list."), "hazard"))
    amounts = {"most_units": told.most_units, "most_kilograms": told.most_kilograms, "metres": told.metres}
    wrong += [
        Reason("bad_amount", _("An amount is more than nothing."), name)
        for name, amount in (*amounts.items(), ("insured", told.insured))
        if amount is not None and amount <= 0
    ]
    if not told.hazard and any(one is not None for one in amounts.values()):
        wrong.append(
            Reason("no_hazard", _("These are limits of dangerous goods; say which class may lie there."), "hazard")
        )
    # What lies there harmless would stand beside what may burn.
    if told.hazard and not place.hazard_class and (inside := place.devices.filter(hazard="").count()):
        wrong.append(
            Reason(
                "harmless_inside",
                ngettext(
                    "%(count)s harmless unit is in %(place)s; put it elsewhere first.",
                    "%(count)s harmless units are in %(place)s; put them elsewhere first.",
                    inside,
                )
                % {"count": inside, "place": place.code},
                "hazard",
            )
        )
    if not told.hazard and place.hazard_class and (inside := place.devices.exclude(hazard="").count()):
        wrong.append(
            Reason(
                "hazard_inside",
                ngettext(
                    "%(count)s dangerous unit is in %(place)s; put it elsewhere first.",
                    "%(count)s dangerous units are in %(place)s; put them elsewhere first.",
                    inside,
                )
                % {"count": inside, "place": place.code},
                "hazard",
            )
        )
    return wrong


def protect(place: Location, told: Protection, *, by: Actor, at: datetime) -> Location:
    """Say anew which dangerous goods may lie in a place and up to how much. Raises BadInput with each field."""
    _require(by, place.hub, secured=place.secured)
    with transaction.atomic():
        place = _taken(place)
        if wrong := reasons_against_protecting(place, told):
            raise BadInput(wrong)
        if protection(place) == told:
            return place
        place.hazard_class, place.hazard_limit_count = told.hazard, told.most_units
        place.hazard_limit_kg, place.kept_apart_from = told.most_kilograms, list(told.apart_from)
        place.min_distance_m, place.insured_value = told.metres, told.insured
        with_chain(place, by=by, at=at)
        place.save(update_fields=_PROTECTING)
        fact = facts.PlaceProtected(
            place=place.code,
            hub=place.hub.code,
            hazard=f"hazard.{told.hazard}" if told.hazard else None,
            count=told.most_units,
            kilograms=_plain(told.most_kilograms),
            apart_from=", ".join(told.apart_from) or None,
            metres=_plain(told.metres),
            insured=_plain(told.insured),
            currency=place.currency if told.insured is not None else None,
        )
        ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
    return place


def _plain(amount: Decimal | None) -> str | None:
    return f"{amount.normalize():f}" if amount is not None else None


def _inherited(told: Arrangement) -> Arrangement:
    if told.parent is None:
        return told
    return Arrangement(
        told.parent, told.purpose or told.parent.purpose, told.client or told.parent.client, told.capacity
    )


def _against(hub: Hub, told: Arrangement, *, inside: Location | None) -> list[Reason]:
    wrong = []
    if told.capacity is not None and not 1 <= told.capacity <= MOST_UNITS:
        wrong.append(
            Reason("bad_capacity", _("A place holds 1 to %s units, or as many as fit.") % f"{MOST_UNITS:,}", "capacity")
        )
    if told.purpose and told.purpose not in Purpose.values:
        wrong.append(Reason("bad_purpose", _("A place is for one of the purposes in the list."), "purpose"))
    if told.parent is not None and told.parent.hub_id != hub.pk:
        wrong.append(Reason("elsewhere", _("It can't stand in a place of another hub."), "parent"))
    elif told.parent is not None and inside is not None and _within(told.parent, inside):
        wrong.append(Reason("in_itself", _("A place can't stand in itself."), "parent"))
    return wrong


def _within(place: Location, other: Location) -> bool:
    seen = set()
    above: Location | None = place
    while above is not None and above.pk not in seen:
        if above.pk == other.pk:
            return True
        seen.add(above.pk)
        above = above.parent
    return False


def _taken_codes(hub: Hub, codes: Sequence[str]) -> list[str]:
    return list(Location.objects.filter(hub=hub, code__in=codes).order_by("code").values_list("code", flat=True))


def _taken_by(hub: Hub, codes: Sequence[str]) -> Reason:
    listed = ", ".join(codes[:5])
    return Reason("taken", _("%(hub)s has a place called %(code)s.") % {"hub": hub.name, "code": listed}, "code")


def _too_many() -> Reason:
    return Reason("too_many", _("At most %s places are set up at once.") % MOST_AT_ONCE, "code")


def secure(place: Location, *, secured: bool, by: Actor, at: datetime) -> Location:
    """Say that a place is secured, or no longer is; the latter is refused while units in it may hold data."""
    _require(by, place.hub, secured=True)
    with transaction.atomic():
        place = _taken(place)
        if place.secured == secured:
            return place
        if secured and not place.hub.secured:
            raise UnableToSetUp(Reason("hub_not_secured", _("%(hub)s has no secured zone.") % {"hub": place.hub.name}))
        if not secured and (risky := place.devices.exclude(data__in=CLEARED).count()):
            raise UnableToSetUp(
                Reason(
                    "data_inside",
                    ngettext(
                        "%(count)s unit in %(place)s may hold data; move it to a secured place first.",
                        "%(count)s units in %(place)s may hold data; move them to a secured place first.",
                        risky,
                    )
                    % {"count": risky, "place": place.code},
                )
            )
        place.secured = secured
        _change(place, by=by, at=at)
    return place


def close(place: Location, *, by: Actor, at: datetime) -> Location:
    """Take an empty place out of use; its code stays taken, since old entries name it."""
    return _use(place, active=False, by=by, at=at)


def reopen(place: Location, *, by: Actor, at: datetime) -> Location:
    return _use(place, active=True, by=by, at=at)


def _use(place: Location, *, active: bool, by: Actor, at: datetime) -> Location:
    _require(by, place.hub, secured=place.secured)
    with transaction.atomic():
        place = _taken(place)
        if place.active == active:
            return place
        if not active and (inside := place.devices.count()):
            raise UnableToSetUp(
                Reason(
                    "not_empty",
                    ngettext(
                        "%(count)s unit is in %(place)s; put it elsewhere first.",
                        "%(count)s units are in %(place)s; put them elsewhere first.",
                        inside,
                    )
                    % {"count": inside, "place": place.code},
                )
            )
        place.active = active
        _change(place, by=by, at=at)
    return place


def _require(by: Actor, hub: Hub, *, secured: bool) -> None:
    """Leads set up open places at their hubs; where data may lie is the administrator's to say."""
    if not Hub.objects.worked_by(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This hub is not yours to set up.")))
    if not by.may("accounts.hubs" if secured else "accounts.stations"):
        raise NotAllowed(
            Reason("not_allowed", _("A secured place is set up by an administrator."))
            if secured
            else Reason("not_allowed", _("Places are set up by a lead or an administrator."))
        )


def _taken(place: Location) -> Location:
    return Location.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=place.pk)


def _begin(places: Sequence[Location], *, by: Actor, at: datetime) -> None:
    """The chains of new places: that they were set up, and what for where that was said."""
    drafts = []
    for place in places:
        head = ledger.Head(id=place.pk, kind=CHAIN)
        said: list[Fact] = [
            facts.PlaceAdded(
                place=place.code,
                hub=place.hub.code,
                kind_of_place=place.kind,
                secured=place.secured,
                capacity=place.capacity,
            )
        ]
        if place.parent_id or place.purpose or place.client_id:
            said.append(_arranged(place))
        for fact in said:
            entry = ledger.draft(head, fact, by=by, at=at)
            entry.hub_id = place.hub_id
            drafts.append(entry)
    ledger.write_many(drafts, opening=CHAIN)


def _arranged(place: Location) -> facts.PlaceArranged:
    return facts.PlaceArranged(
        place=place.code,
        hub=place.hub.code,
        parent=place.parent.code if place.parent else None,
        purpose=f"purpose.{place.purpose}" if place.purpose else None,
        client=place.client.code if place.client else None,
        capacity=place.capacity,
    )


def with_chain(place: Location, *, by: Actor, at: datetime) -> None:
    """Its chain, begun with what is found where it was set up before places had any."""
    if not Chain.objects.filter(pk=place.pk).exists():
        _begin([Location.objects.select_related("hub", "parent", "client").get(pk=place.pk)], by=by, at=at)


def _change(place: Location, *, by: Actor, at: datetime) -> None:
    with_chain(place, by=by, at=at)
    place.save(update_fields=["secured", "active"])
    fact = facts.PlaceChanged(place=place.code, hub=place.hub.code, secured=place.secured, active=place.active)
    ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
