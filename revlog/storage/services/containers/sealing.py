"""Closing, sealing and opening. A sealed container keeps data as a secured place does: nothing goes in or out of it."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.storage.facts import containers as facts
from revlog.storage.models import Container, ContainerState, Seal
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import keeping
from revlog.storage.services.containers.keeping import UnableToKeep

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{1,38}[A-Z0-9]")


@transaction.atomic
def close(container: Container, *, by: Actor, at: datetime) -> Container:
    """Nothing goes in or out until it is opened."""
    keeping.require(by, container)
    row = keeping.locked(container)
    if row.state == ContainerState.CLOSED:
        return row
    if row.state != ContainerState.OPEN:
        raise UnableToKeep(Reason("shut", keeping.state_sentence(row)))
    _turn(row, ContainerState.CLOSED)
    inside = keeping.contents(row)
    keeping.say(row, facts.ContainerClosed(container=row.number, units=inside.units, root=inside.root), by=by, at=at)
    return row


@transaction.atomic
def open_again(container: Container, *, by: Actor, at: datetime) -> Container:
    keeping.require(by, container)
    row = keeping.locked(container)
    if row.state == ContainerState.OPEN:
        return row
    if row.state != ContainerState.CLOSED:
        raise UnableToKeep(Reason("shut", keeping.state_sentence(row)))
    _turn(row, ContainerState.OPEN)
    keeping.say(row, facts.ContainerOpened(container=row.number), by=by, at=at)
    return row


@transaction.atomic
def seal(container: Container, *, number: str, by: Actor, at: datetime) -> Seal:
    """Put a numbered seal on. More than one may be on it; each number is used once."""
    keeping.require(by, container)
    told = _number(number)
    row = keeping.locked(container)
    if row.state == ContainerState.RETIRED:
        raise UnableToKeep(Reason("retired", keeping.state_sentence(row)))
    used = _("Seal %s has been used before. Take another one.") % told
    made = Seal(id=ids.new(at), container=row, number=told, put_at=at, put_by=by.reference)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToKeep(Reason("used", used, "seal")) from error
    _turn(row, ContainerState.SEALED)
    inside = keeping.contents(row)
    fact = facts.SealPut(container=row.number, seal=told, units=inside.units, root=inside.root)
    keeping.say(row, fact, by=by, at=at)
    return made


@transaction.atomic
def check(container: Container, *, number: str, by: Actor, at: datetime) -> Seal:
    """The seal was looked at, is whole, and is the one that should be there. Refused when it isn't: then it is broken, with the reason."""
    keeping.require(by, container)
    row = keeping.locked(container)
    found = _on(row, _number(number))
    found.checked_at, found.checked_by = at, by.reference
    found.save(update_fields=["checked_at", "checked_by"])
    keeping.say(row, facts.SealChecked(container=row.number, seal=found.number), by=by, at=at)
    return found


def reasons_against_breaking(row: Container) -> list[Reason]:
    """Without its last seal, what may hold data in it would lie open to all, unless it or what it stands in is secured."""
    if row.seals.filter(broken_at=None).count() > 1 or reads.guarded(reads.way(row.pk)):
        return []
    risky = reads.risky(row)
    if not risky:
        return []
    return [
        Reason(
            "not_secured",
            ngettext(
                "%(units)s unit in %(container)s may hold data; move it to a secured place before the seal is broken",
                "%(units)s units in %(container)s may hold data; move it to a secured place before the seal is broken",
                risky,
            )
            % {"units": risky, "container": row.number},
        )
    ]


@transaction.atomic
def break_seal(
    container: Container, *, number: str, reason: str, found_broken: bool = False, by: Actor, at: datetime
) -> Seal:
    """Break a seal, or say that it was found broken, with the reason. With the last one gone the container is closed, not open."""
    keeping.require(by, container)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why the seal is broken."), "reason"))
    row = keeping.locked(container)
    broken = _on(row, _number(number))
    # What is broken is broken, wherever it stands: the truth is never refused.
    if not found_broken and (against := reasons_against_breaking(row)):
        raise UnableToKeep(against)
    broken.broken_at, broken.broken_by, broken.reason = at, by.reference, reason.strip()[:200]
    broken.save(update_fields=["broken_at", "broken_by", "reason"])
    if not row.seals.filter(broken_at=None).exists():
        _turn(row, ContainerState.CLOSED)
    fact = facts.SealBroken(container=row.number, seal=broken.number, reason=broken.reason, found=found_broken)
    keeping.say(row, fact, by=by, at=at)
    return broken


def _number(text: str) -> str:
    told = " ".join(text.upper().split())
    if not NUMBER.fullmatch(told):
        raise BadInput(Reason("seal", _("A seal's number has 3 to 40 letters and digits."), "seal"))
    return told


def _on(row: Container, number: str) -> Seal:
    found = row.seals.filter(number=number, broken_at=None).first()
    if found is not None:
        return found
    there = ", ".join(row.seals.filter(broken_at=None).values_list("number", flat=True))
    raise UnableToKeep(
        Reason(
            "other_seal",
            _("Seal %(number)s isn't on %(container)s: %(there)s should be. Leave it shut and call your lead.")
            % {"number": number, "container": row.number, "there": there or _("none")},
            "seal",
        )
    )


def _turn(row: Container, state: ContainerState) -> None:
    row.state = state
    row.save(update_fields=["state"])
