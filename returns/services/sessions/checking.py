"""Answers about numbers: asked of a service by a reaction, or entered by a person; a unit with a bad one is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from returns import checks
from returns.checks import Answered, Reply
from returns.facts import sessions as facts
from returns.models import CheckKind, CheckState, NumberCheck
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing

BY = actors.system("checks")
FRESH = timedelta(hours=12)
"""An answer of a service that is younger isn't asked for again."""
HOLDS = {
    CheckKind.BLACKLIST: HoldKind.FRAUD,
    CheckKind.FINANCE: HoldKind.FRAUD,
    CheckKind.LOCK: HoldKind.AWAITING_OWNER,
    CheckKind.MDM: HoldKind.AWAITING_OWNER,
}


def number_of(device: Device) -> tuple[str, str] | None:
    """Which number is asked about: the IMEI, else the serial."""
    phone = device.identifiers.filter(scheme="imei").order_by("added_at").first()
    if phone is not None:
        return "imei", phone.normal_form
    return ("serial", device.serial) if device.serial else None


def ask(device: Device, *, at: datetime) -> Reply | None:
    """What the service says; None where there is none, nothing is to be asked, or it was asked just now. Slow, for a worker."""
    kinds = checks.KINDS.get(device.device_class, ())
    service, named = checks.adapter(), number_of(device)
    if service is None or named is None or not kinds:
        return None
    if NumberCheck.objects.filter(device=device, checked_by=BY.reference, checked_at__gt=at - FRESH).exists():
        return None
    return service.ask(scheme=named[0], number=named[1], kinds=kinds)


def keep(device: Device, reply: Reply, *, by: Actor = BY, at: datetime) -> list[NumberCheck]:
    """Note each answer on the unit's chain; a bad one holds the unit."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        named = number_of(taken)
        rows = []
        for one in reply.answers:
            row = NumberCheck(
                id=ids.new(at), device=taken, kind=one.kind, scheme=named[0] if named else "", state=one.state,
                source=reply.source[:60], detail=one.detail[:200], response=dict(reply.response), checked_at=at,
                checked_by=by.reference,
            )  # fmt: skip
            row.save(force_insert=True)
            rows.append(row)
            said = facts.NumberChecked(
                check=f"check.{one.kind}", state=f"check_state.{one.state}", source=row.source, row=str(row.pk)
            )
            moves.note(taken, fact=said, by=by, at=at)
            if one.state == CheckState.BAD:
                told = {"what": word(f"check.{one.kind}"), "source": row.source}
                standing.hold(
                    taken, HOLDS[CheckKind(one.kind)], reason=_("%(what)s, says %(source)s") % told, by=by, at=at
                )
    return rows


def enter(
    device: Device, *, kind: str, state: str, source: str, detail: str = "", by: Actor, at: datetime
) -> NumberCheck:
    """A person looked it up, and says where."""
    if not by.may("returns.receive"):
        raise NotAllowed(Reason("not_allowed", _("Receiving needs the right to receive.")))
    found = []
    if kind not in CheckKind.values:
        found.append(Reason("kind", _("Say what was looked up."), "kind"))
    if state not in CheckState.values:
        found.append(Reason("state", _("Say what the answer was."), "state"))
    if not source.strip():
        found.append(Reason("source", _("Say where you looked."), "source"))
    if found:
        raise BadInput(found)
    return keep(device, Reply(source.strip(), [Answered(kind, state, detail.strip())]), by=by, at=at)[0]


def latest(device: Device) -> Sequence[NumberCheck]:
    """The newest answer of each kind."""
    rows = NumberCheck.objects.filter(device=device).order_by("kind", "-checked_at", "-id").distinct("kind")
    return list(rows)
