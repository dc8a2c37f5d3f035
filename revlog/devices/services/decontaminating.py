"""The decontamination record of medical goods: who cleaned it, when, how, by which paper. Before it is written down nobody opens the box.

It holds for one stay: what comes back comes unknown. Without it a unit is received, put away, held, and sent back as it came; nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices import facts
from revlog.devices.journey import ENDS, State
from revlog.devices.models import Decontamination, DecontaminationMethod, Device
from revlog.devices.services import moves
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

MAY = ("returns.receive", "triage.inspect")
"""Who has the thing and its paper in the hand."""
OLDEST = timedelta(days=366)
LONGEST = 120
PHOTO = "photo_decontamination"


class UnableToRecord(DomainError):
    """The record can't be written down."""

    code = "unable_to_record_decontamination"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What the paper says. ``number`` is its own number; ``done_by`` the body that cleaned it, which no ledger entry names."""

    done_by: str
    done_on: date
    method: str
    number: str


def is_needed(device: Device) -> bool:
    """Whether nobody may open it before its record is there."""
    return device.kind.needs_decontamination and not device.decontaminated


def reasons_against_opening(device: Device) -> list[Reason]:
    """Why nobody may open, try or work on it now. Asked by whoever would; pages, verbs and the floor alike."""
    if not is_needed(device):
        return []
    told = _("Don't open %s: its decontamination isn't on record.") % device.tag
    return [Reason("not_decontaminated", told)]


def reasons_against_recording(device: Device) -> list[Reason]:
    if not device.kind.needs_decontamination:
        return [Reason("not_needed", _("%s is no medical device; it needs no such record.") % device.tag)]
    if device.decontaminated:
        return [Reason("recorded", _("The decontamination of %s is on record for this stay.") % device.tag)]
    if State(device.state) in ENDS or device.visit_id is None:
        return [Reason("gone", _("%s is not with us.") % device.tag)]
    return []


def record(*, device: Device, paper: Paper, photo: Artifact | None = None, by: Actor, at: datetime) -> Decontamination:
    """Write down what the paper says, with a photo of it where there is one; from now on it may be opened.

    Raises NotAllowed, UnableToRecord, and BadInput with everything that is missing or can't be.
    """
    if not any(by.may(one) for one in MAY):
        raise NotAllowed(_("This needs the right to receive or to inspect units."))
    told = _checked(paper, today=at.date())
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        reasons = reasons_against_recording(taken)
        if taken.visit_id is None or reasons:
            raise UnableToRecord(reasons)
        entry = moves.note(
            taken,
            fact=facts.Decontaminated(
                method=f"decontamination.{told.method}",
                done_on=told.done_on.isoformat(),
                paper=told.number,
                photo=photo.digest if photo is not None else None,
            ),
            by=by,
            at=at,
            set={"decontaminated": moves.THIS_ENTRY},
        )
        row = Decontamination.objects.create(
            id=ids.new(at),
            device=taken,
            visit_id=taken.visit_id,
            done_by=told.done_by,
            done_on=told.done_on,
            method=told.method,
            paper=told.number,
            entry=entry.digest,
            recorded_by=by.reference,
            recorded_at=at,
        )
        if photo is not None:
            artifacts.attach(photo, chain=taken.pk, use=PHOTO, audience="staff", by=by, at=at)
    return row


def _checked(paper: Paper, *, today: date) -> Paper:
    done_by, number = _line(paper.done_by), _line(paper.number)
    wrong = []
    if not done_by:
        wrong.append(Reason("no_body", _("Say who decontaminated it."), "done_by"))
    if not number:
        wrong.append(Reason("no_paper", _("The number of its paper is missing."), "paper"))
    if paper.method not in DecontaminationMethod.values:
        wrong.append(Reason("unknown_method", _("Say how it was decontaminated."), "method"))
    if paper.done_on > today:
        wrong.append(Reason("future", _("It can't have been decontaminated on a day that hasn't come."), "done_on"))
    elif paper.done_on < today - OLDEST:
        wrong.append(Reason("too_old", _("That is more than a year ago: it needs a new decontamination."), "done_on"))
    if wrong:
        raise BadInput(wrong)
    return Paper(done_by=done_by, done_on=paper.done_on, method=paper.method, number=number)


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[: LONGEST * 4]).split())[
        :LONGEST
    ]
