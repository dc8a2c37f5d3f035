"""An inspector looks at the maker's seal of a unit that nobody has used, or says that it was opened."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, Reason
from revlog.devices import facts as device_facts
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import moves, sealing
from revlog.devices.services.sealing import UnableToSeal
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from triage.models import Inspection, ReportUnit

PHOTO = "photo_seal"
LOOKED_AT = (State.RECEIVED, State.IN_TRIAGE, State.TO_SANITIZE)


def reasons_against(device: Device) -> list[Reason]:
    """Why it can't be confirmed as sealed now: where it is, what was done to it on this stay, or what is known of its storage."""
    found = []
    if State(device.state) not in LOOKED_AT:
        found.append(Reason("wrong_state", _("only what is at the dock, in triage or to be wiped is looked at")))
    if ReportUnit.objects.filter(device=device, visit=device.visit).exists():
        found.append(Reason("tested", _("a test report says that it was switched on")))
    tried = Inspection.objects.filter(device=device, visit=device.visit).exclude(works="untested")
    if tried.exists():
        found.append(Reason("tried", _("somebody tried it on this stay")))
    return found + sealing.reasons_against_confirming(device)


def confirm(*, device: Device, photo: Artifact, by: Actor, at: datetime) -> Device:
    """The seal is unbroken, and the photo shows it: the unit needs no wipe. One that waits for it goes on its way."""
    _may(by)
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if found := reasons_against(taken):
            told = {"tag": taken.tag, "why": ", ".join(one.sentence for one in found)}
            raise UnableToSeal(Reason(found[0].code, _("%(tag)s can't count as sealed: %(why)s") % told))
        sealing.confirm(taken, photo=photo.digest, by=by, at=at)
        artifacts.attach(photo, chain=taken.pk, use=PHOTO, audience="staff", by=by, at=at)
        if State(taken.state) == State.TO_SANITIZE and taken.disposition:
            moves.proceed(taken, fact=device_facts.NeedsNoWipe(), by=by, at=at)
    return taken


def opened(*, device: Device, by: Actor, at: datetime) -> Device:
    """Somebody found it opened, or opens it now. Raises UnableToSeal where it wasn't sealed."""
    _may(by)
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if sealing.opened(taken, how="said", by=by, at=at) is None:
            raise UnableToSeal(Reason("not_sealed", _("%s isn't sealed.") % taken.tag))
    return taken


def _may(by: Actor) -> None:
    if not by.may("triage.inspect"):
        raise NotAllowed(_("This needs the right to inspect units and record faults."))
