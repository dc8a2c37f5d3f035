"""Shared tablets and bench PCs: registered once by a lead, then signed in on with a badge and a PIN.

A badge is easily borrowed and a PIN is short, so three things hold them: both are needed, only a registered station takes them, and
wrong PINs make the next try wait.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import transaction

from revlog.accounts import permissions, queries, separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Badge, Hub, Organization, Station, User
from revlog.accounts.services import trail
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason

TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
PREFIX = "BD"
_SALT = "revlog.accounts.station"


class UnableToRegister(BadInput):
    """The station needs a name and a hub of one's own."""


class UnableToSignIn(DomainError):
    """Badge and PIN don't let this person in here; the sentence doesn't tell which of the two was wrong."""

    status = 403
    code = "wrong_badge_or_pin"


class Locked(UnableToSignIn):
    """Too many wrong PINs: ``until`` says when the next try counts."""

    status = 429
    code = "locked"

    def __init__(self, until: datetime, at: datetime) -> None:
        self.until = until
        minutes = max(1, -(-int((until - at).total_seconds()) // 60))
        wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many wrong PINs for this badge. Try again in {wait}, or ask a lead for a new PIN")


class UnableToSetPin(BadInput):
    """The PIN is too short, too long or too easily guessed."""


@dataclass(frozen=True)
class NewStation:
    """``token`` goes into the station's cookie; the secret in it is stored nowhere else."""

    station: Station
    token: str


def _require(by: Actor, permission: str) -> None:
    if not by.may(permission):
        raise NotAllowed(f"This needs the right to {permissions.sentence(permission)}")


@transaction.atomic
def register(*, hub: Hub, name: str, by: Actor, at: datetime) -> NewStation:
    """Make this device a station of ``hub``. Raises UnableToRegister, NotAllowed."""
    _require(by, "accounts.stations")
    reasons = []
    if not name.strip():
        reasons.append(Reason("name", "A station needs a name, as 'Dock 2'", "name"))
    if by.kind != "system" and hub.pk not in by.hubs:
        reasons.append(Reason("foreign_hub", f"{hub.name} is not your hub", "hub"))
    if reasons:
        raise UnableToRegister(reasons)
    secret = secrets.token_urlsafe(32)
    station = Station.objects.create(
        id=ids.new(at), hub=hub, name=name.strip()[:100], secret_digest=queries.digest(secret), created_at=at
    )
    trail.note(act="station.registered", organization=hub.organization, subject=f"station:{station.pk}", by=by, at=at)
    return NewStation(station, signing.Signer(salt=_SALT).sign(secret))


@transaction.atomic
def retire(*, station: Station, by: Actor, at: datetime) -> Station:
    """End a station: whoever is signed in on it is signed out at the next page. Raises NotAllowed."""
    _require(by, "accounts.stations")
    if by.kind != "system" and station.hub_id not in by.hubs:
        raise NotAllowed(f"{station.name} is not at your hub")
    station.active = False
    station.save(update_fields=["active"])
    trail.note(
        act="station.retired", organization=station.hub.organization, subject=f"station:{station.pk}", by=by, at=at
    )
    return station


def holds_token(token: str) -> bool:
    """Whether ``token`` was signed by this install; says nothing about the station being active."""
    return _secret(token) is not None


def _secret(token: str) -> str | None:
    try:
        return signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None


def station_of(token: str) -> Station | None:
    """The active station whose cookie holds ``token``."""
    secret = _secret(token)
    return queries.station_by_secret(secret) if secret else None


def wait_after(wrong: int) -> timedelta:
    """How long to wait after the ``wrong``-th wrong PIN in a row: nothing for four, then a minute, doubled each time, at most an hour."""
    if wrong < TRIES:
        return timedelta(0)
    doublings = min(wrong - TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def sign_in(*, station: Station, badge: str, pin: str, at: datetime) -> User:
    """The person who holds ``badge`` and knows its PIN, when they work at the station's hub. Raises UnableToSignIn, Locked.

    The count of wrong PINs is committed before the refusal is raised, so it must not be called inside a transaction that a refusal
    would roll back.
    """
    refusal = UnableToSignIn("Badge and PIN don't match. Scan the badge again")
    normal = ids.normal(badge, PREFIX)
    if normal is None or not Badge.objects.filter(code=normal).exists():
        # The same work as for a real badge, so that the time taken doesn't tell which codes exist.
        make_password(pin)
        raise refusal
    with transaction.atomic():
        held = Badge.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(code=normal)
        if held.locked_until is not None and at < held.locked_until:
            raise Locked(held.locked_until, at)
        right = check_password(pin, held.pin)
        held.wrong_pins = 0 if right else held.wrong_pins + 1
        wait = wait_after(held.wrong_pins)
        held.locked_until = at + wait if wait else None
        held.save(update_fields=["wrong_pins", "locked_until"])
    if held.locked_until is not None:
        raise Locked(held.locked_until, at)
    if not right:
        raise refusal
    if queries.standing_of(held.user, at=at, station=station).place is None:
        raise UnableToSignIn(f"{held.user.name} has no role at {station.hub.name}. Ask a lead")
    return held.user


def reasons_against_pin(pin: str) -> list[Reason]:
    """Why ``pin`` is no PIN: four to eight digits, not all alike, not a run up or down."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        return [Reason("pin", "A PIN is four to eight digits", "pin")]
    steps = {int(later) - int(earlier) for earlier, later in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        return [Reason("pin", "That PIN is guessed at the first try; take another", "pin")]
    return []


@transaction.atomic
def issue_badge(*, user: User, pin: str, organization: Organization, by: Actor, at: datetime) -> Badge:
    """Give ``user`` a new badge with ``pin``; an older badge of theirs stops working. Raises UnableToSetPin, NotAllowed."""
    _require(by, "accounts.badges")
    if against := separations.reasons_against("badge_issue", doer=[user.pk], by=by):
        raise NotAllowed(against)
    if reasons := reasons_against_pin(pin):
        raise UnableToSetPin(reasons)
    fields = {"code": ids.code(PREFIX), "pin": make_password(pin), "wrong_pins": 0, "locked_until": None}
    badge, _new = Badge.objects.update_or_create(user=user, defaults=fields)
    trail.note(act="badge.issued", organization=organization, subject=f"user:{user.pk}", by=by, at=at)
    return badge


@transaction.atomic
def change_pin(*, user: User, pin: str, by: Actor, at: datetime, organization: Organization) -> Badge:
    """Set one's own PIN, from a session that was opened with a password. Raises UnableToSetPin, NotAllowed."""
    if by.person_id != user.pk:
        raise NotAllowed("A PIN is set by the holder of the badge alone")
    badge = Badge.objects.select_for_update(no_key=True).filter(user=user).first()
    if badge is None:
        raise UnableToSetPin(Reason("no_badge", "You have no badge yet; a lead hands them out", "pin"))
    if reasons := reasons_against_pin(pin):
        raise UnableToSetPin(reasons)
    badge.pin, badge.wrong_pins, badge.locked_until = make_password(pin), 0, None
    badge.save(update_fields=["pin", "wrong_pins", "locked_until"])
    trail.note(act="pin.changed", organization=organization, subject=f"user:{user.pk}", by=by, at=at)
    return badge
