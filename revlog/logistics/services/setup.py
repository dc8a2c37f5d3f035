"""Setting up how things travel: places where people bring them, windows in which a van comes, carriers and their accounts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.logistics import carriers, facts
from revlog.logistics.models import Carrier, PickupWindow, Place

CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
ACCOUNT = ("service", "carrier", "carrier_accounts", "grams")
"""What an account may say; a carrier's secrets are in the environment."""


class UnableToSetUpTravel(DomainError):
    """It can't be set up like this."""

    code = "unable_to_set_up_travel"


def _require(by: Actor) -> None:
    if not by.may("logistics.carriers"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to keep carriers and their accounts.")))


def _tell(pk: uuid.UUID, what: str, code: str, *, active: bool, hub: Hub | None, by: Actor, at: datetime) -> None:
    fact = facts.WaySetUp(what=f"travel.{what}", code=code, active=active)
    owner, site = (hub.organization_id, hub.pk) if hub is not None else (by.organization_id, None)
    if Chain.objects.filter(pk=pk).exists():
        ledger.append(pk, fact, by=by, at=at, owner=owner, hub=site)
    else:
        ledger.begin(what, pk, fact, by=by, at=at, owner=owner, hub=site)


def hours_of(told: Mapping[int, str]) -> dict[str, list[str]]:
    """Weekday -> "10:00-18:00" as people write it, as a place keeps it. Raises BadInput naming the day."""
    found: dict[str, list[str]] = {}
    wrong = []
    for day, words in told.items():
        if not words.strip():
            continue
        span = SPAN.fullmatch(words.strip())
        try:
            if span is None:
                raise ValueError
            begins, ends = (time.fromisoformat(one.zfill(5)) for one in span.groups())
            if not begins < ends:
                raise ValueError
            found[str(day)] = [f"{begins:%H:%M}", f"{ends:%H:%M}"]
        except ValueError:
            wrong.append(Reason("hours", _("Opening hours are written like 10:00-18:00."), f"day_{day}"))
    if wrong:
        raise BadInput(wrong)
    return found


def keep_place(
    *,
    code: str,
    name: str,
    hub: Hub,
    address: Sequence[str],
    postcode: str = "",
    city: str = "",
    country: str = "",
    hours: Mapping[int, str] | None = None,
    takes_parcels: bool = True,
    takes_unboxed: bool = False,
    active: bool = True,
    organization: Organization | None = None,
    by: Actor,
    at: datetime,
) -> Place:
    """A place where people bring things, new or as it is now; its code names it."""
    _require(by)
    bare, lines = code.strip().lower(), [line.strip()[:120] for line in address if line.strip()][:5]
    wrong = []
    if not CODE.fullmatch(bare):
        wrong.append(Reason("code", _("A code has small letters, digits and dashes, at most 40 of them."), "code"))
    if not name.strip():
        wrong.append(Reason("name", _("Give it the name that customers know it by."), "name"))
    if not lines:
        wrong.append(Reason("address", _("Say where it is."), "address"))
    if not takes_parcels and not takes_unboxed:
        wrong.append(Reason("takes", _("Say what may be brought there."), "takes_parcels"))
    if wrong:
        raise BadInput(wrong)
    opening = hours_of(hours or {})
    with transaction.atomic():
        row = Place.objects.select_for_update(no_key=True).filter(code=bare).first() or Place(
            id=ids.new(at), code=bare, created_at=at
        )
        row.name, row.hub, row.organization, row.address = name.strip()[:120], hub, organization, lines
        row.postcode, row.city, row.country = postcode.strip()[:12], city.strip()[:80], country.strip().upper()[:2]
        row.hours, row.takes_parcels, row.takes_unboxed, row.active = opening, takes_parcels, takes_unboxed, active
        row.save()
        _tell(row.pk, "drop_off", bare, active=active, hub=hub, by=by, at=at)
    return row


def keep_window(
    *,
    hub: Hub,
    weekday: int,
    begins: time,
    ends: time,
    capacity: int,
    cutoff_hours: int = 18,
    postcodes: Sequence[str] = (),
    driven_by: Organization | None = None,
    active: bool = True,
    by: Actor,
    at: datetime,
) -> PickupWindow:
    """When a van comes by; hub, weekday and beginning name it. Less room than is booked already turns nobody away."""
    _require(by)
    wrong = []
    if not 0 <= weekday <= 6:
        wrong.append(Reason("weekday", _("Choose a day of the week."), "weekday"))
    if not begins < ends:
        wrong.append(Reason("ends", _("It ends after it begins."), "ends"))
    if not 1 <= capacity <= 500:
        wrong.append(Reason("capacity", _("A van calls at 1 to 500 addresses in a window."), "capacity"))
    if not 0 <= cutoff_hours <= 336:
        wrong.append(Reason("cutoff_hours", _("It can be booked until 0 to 336 hours before."), "cutoff_hours"))
    if wrong:
        raise BadInput(wrong)
    with transaction.atomic():
        row = PickupWindow.objects.select_for_update(no_key=True).filter(
            hub=hub, weekday=weekday, begins=begins
        ).first() or PickupWindow(id=ids.new(at), hub=hub, weekday=weekday, begins=begins, created_at=at)
        row.ends, row.capacity, row.cutoff_hours, row.active = ends, capacity, cutoff_hours, active
        row.driven_by = driven_by
        row.postcodes = [one.replace(" ", "").upper()[:8] for one in postcodes if one.strip()][:200]
        row.save()
        _tell(row.pk, "window", f"{hub.code} {weekday} {begins:%H:%M}", active=active, hub=hub, by=by, at=at)
    return row


def keep_carrier(
    *,
    code: str,
    name: str,
    vendor: str = "any",
    account: Mapping[str, object] | None = None,
    for_returns: bool = False,
    label_free: bool = False,
    dangerous: bool = False,
    carries_data: bool = False,
    active: bool = True,
    organization: Organization | None = None,
    by: Actor,
    at: datetime,
) -> Carrier:
    """A carrier and its account, new or as it is now; its code names it. What is on its way with it stays so."""
    _require(by)
    bare = code.strip().lower()
    wrong = []
    if not CODE.fullmatch(bare):
        wrong.append(Reason("code", _("A code has small letters, digits and dashes, at most 40 of them."), "code"))
    if not name.strip():
        wrong.append(Reason("name", _("Give it the name that customers know it by."), "name"))
    if vendor not in carriers.VENDORS:
        wrong.append(Reason("vendor", _("Nobody has taught us this carrier's interface."), "vendor"))
    if strange := set(account or {}) - set(ACCOUNT):
        wrong.append(Reason("account", _("An account says nothing of %s.") % min(strange), "account"))
    if wrong:
        raise BadInput(wrong)
    with transaction.atomic():
        row = Carrier.objects.select_for_update(no_key=True).filter(code=bare).first() or Carrier(
            id=ids.new(at), code=bare, created_at=at
        )
        row.name, row.vendor, row.account, row.organization = (
            name.strip()[:120],
            vendor,
            dict(account or {}),
            organization,
        )
        row.for_returns, row.label_free, row.dangerous, row.active = for_returns, label_free, dangerous, active
        row.carries_data = carries_data
        row.save()
        _tell(row.pk, "carrier", bare, active=active, hub=None, by=by, at=at)
    return row
