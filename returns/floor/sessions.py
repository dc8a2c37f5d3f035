"""A receiving session on the floor: opened by the job, it makes the scan itself receive, and keeps what was unpacked together."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files import File
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.models import ReceivingSession, SessionLine, SessionStatus, Unpacked
from returns.services.sessions import closing, opening, taking
from returns.words.sessions import BELONGS, PARTS
from revlog.common import ids
from revlog.common.errors import NotFound, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.services import decontaminating
from revlog.evidence.services import artifacts
from revlog.scanning import registry, weights
from revlog.scanning.answers import Action, Answer, action, leads, undo
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found

KINDS = ("weight", "belonging", "session")
"""Kinds of codes that receiving leaves to their own answers."""


def at_hand(here: Here) -> ReceivingSession | None:
    """The open session in this person's hand on this tablet."""
    key = here.open.get("session")
    if not key:
        return None
    return (
        ReceivingSession.objects.filter(pk=key, status=SessionStatus.OPEN, opened_by=here.by.reference, hub=here.hub)
        .select_related("hub__organization", "client", "vendor_return")
        .first()
    )


def begin(here: Here) -> ReceivingSession:
    """The session of this person here, begun where none is open."""
    row, _fresh = opening.open_session(hub=here.hub, station=here.station, by=here.by, at=here.at)
    here.keep(session=row.pk, parcel=None, rma=None, line=None)
    return row


def line_at_hand(here: Here) -> tuple[ReceivingSession, SessionLine] | None:
    """What was unpacked last, for a weight, a photo or what belongs to it."""
    session = at_hand(here)
    key = here.open.get("line")
    if session is None or not key:
        return None
    found = session.lines.filter(pk=key, undone_at=None).select_related("device").first()
    return (session, found) if found is not None else None


def told(here: Here, answer: Answer, line: SessionLine | None) -> Answer:
    """The answer to a receipt, with what the session adds: damage, photo, what belongs to it, and the way back."""
    if line is None:
        return answer
    here.keep(line=line.pk)
    acts: list[Action] = []
    shut = decontaminating.reasons_against_opening(line.device) if line.device is not None else []
    if shut:
        answer = answer | {"tone": "attention", "todo": shut[0].sentence}
    session = line.session
    if line.photos_wanted:
        acts.append(
            leads(
                _("Take the photo"), reverse("receiving_photo", args=[session.number, line.pk]), code="PHOTO",
                primary=True, icon="camera",
            )
        )  # fmt: skip
    if line.outcome == Unpacked.RECEIVED and line.device is not None:
        acts.append(action(_("Damaged"), "receiving_act", "DAMAGED", act="damaged", session=session.pk, line=line.pk))
        if BELONGS.get(line.device.device_class) and not line.parts and not shut:
            acts.append(
                leads(
                    _("What belongs to it"), reverse("receiving_parts", args=[session.number, line.pk]), code="PARTS",
                    icon="plug",
                )
            )  # fmt: skip
        if not taking.reasons_against_undoing(line, line.device):
            name = f"{face(line.device)['name']} {line.device.tag}"
            answer["undo"] = undo("unpacked", _("Undo: %s received") % name, session=session.pk, line=line.pk)
    return answer | {"actions": [*acts, *answer.get("actions", [])]}


def damaged(here: Here, session: ReceivingSession, line: uuid.UUID) -> Answer:
    """What was received is damaged, and wants its photo."""
    found = taking.damaged(session, line, by=here.by, at=here.at)
    said: Answer = {
        "tone": "attention",
        "title": _("Damage written down"),
        "text": found.device.tag if found.device else found.found,
        "todo": _("Take a photo of it.") if found.photos_wanted else "",
        "unit": face(found.device) if found.device else None,
    }
    return told(here, said, found)


@registry.pictured(order=20)
def pictured(here: Here, upload: File[bytes]) -> Answer | None:
    """A photo that was taken without the net: it is of what was unpacked by the scan before."""
    at = line_at_hand(here)
    if at is None:
        return None
    session, line = at
    artifact = artifacts.keep_upload(upload, at=here.at)
    closing.add_photo(session, line.pk, artifact, by=here.by, at=here.at)
    return {
        "tone": "accepted",
        "title": _("Photo kept"),
        "text": line.device.tag if line.device else line.found,
        "todo": _("Scan the next thing."),
    }


@registry.undoing("unpacked")
def _undo(here: Here, sent: Mapping[str, str]) -> Answer:
    session = ReceivingSession.objects.visible_to(here.by).filter(pk=sent["session"]).first()
    if session is None:
        raise NotFound(Reason("not_found", _("There is no such session.")))
    line = taking.undo(session, uuid.UUID(sent["line"]), by=here.by, at=here.at)
    here.keep(line=None, last=None)
    return {
        "tone": "attention",
        "title": _("Taken back"),
        "text": _("%s is expected again.") % (line.device.tag if line.device else line.expected),
        "todo": _("Scan what you have in your hand."),
    }


# Weights --------------------------------------------------------------------------------------------------------------------------------


def _find_weight(here: Here, reading: Reading) -> Found | None:
    weight = weights.read(reading.text)
    return Found("weight", weight) if weight is not None else None


@registry.kind("weight", order=5, find=_find_weight)
def weighed(here: Here, reading: Reading, found: Found) -> Answer:
    """What the scale says is of the thing that was unpacked last."""
    weight: weights.Weight = found.thing
    if not weight.resting:
        return {
            "tone": "refused",
            "title": _("The scale isn't at rest"),
            "text": _("Take your hand off and wait until the figure stands still."),
            "todo": _("Weigh it again."),
        }
    at = line_at_hand(here)
    if at is None:
        return {
            "tone": "attention",
            "title": _("A weight, and nothing to weigh"),
            "text": _("Receive the thing first, then weigh it."),
        }
    line = taking.weigh(at[0], at[1].pk, grams=weight.grams, how=weight.how, by=here.by, at=here.at)
    return {
        "tone": "accepted",
        "title": _("Weighed"),
        "text": _("%(grams)s g, %(what)s")
        % {"grams": line.grams, "what": line.device.tag if line.device else line.found},
    }


# What belongs to it -----------------------------------------------------------------------------------------------------------------------


def _find_part(here: Here, reading: Reading) -> Found | None:
    code = reading.code.removeprefix("WITH ").lower() if reading.code.startswith("WITH ") else ""
    return Found("belonging", code) if code in PARTS else None


@registry.kind("belonging", order=6, find=_find_part)
def belonging(here: Here, reading: Reading, found: Found) -> Answer:
    """``WITH CHARGER``: that part came along with what was unpacked last."""
    at = line_at_hand(here)
    if at is None or at[1].device is None:
        return {
            "tone": "attention",
            "title": word(f"belongs.{found.thing}"),
            "text": _("Receive the thing first that it belongs to."),
        }
    session, line = at
    device = at[1].device
    told_parts = {**dict.fromkeys(BELONGS.get(device.device_class, ()), False), **line.parts, found.thing: True}
    line = taking.compare_parts(session, line.pk, parts=told_parts, by=here.by, at=here.at)
    missing = [word(f"belongs.{code}") for code, there in line.parts.items() if not there]
    return {
        "tone": "attention" if missing else "accepted",
        "title": _("It is there: %s") % word(f"belongs.{found.thing}"),
        "text": _("Not seen yet: %s.") % ", ".join(missing) if missing else _("All that belongs to it is there."),
        "unit": face(device),
    }


# The session itself -----------------------------------------------------------------------------------------------------------------------


def _find_session(here: Here, reading: Reading) -> Found | None:
    number = ids.normal(reading.text, opening.PREFIX)
    row = ReceivingSession.objects.visible_to(here.by).filter(number=number).first() if number else None
    return Found("session", row) if row is not None else None


@registry.kind("session", order=54, find=_find_session)
def session(here: Here, reading: Reading, found: Found) -> Answer:
    row: ReceivingSession = found.thing
    return {
        "tone": "accepted",
        "title": _("Session %s") % row.number,
        "text": word(f"session.{row.status}"),
        "actions": [
            leads(_("Open"), reverse("receiving_session", args=[row.number]), primary=True, icon="arrow-right")
        ],
    }


def _close(here: Here, reading: Reading) -> Answer:
    row = at_hand(here) or opening.open_now(hub=here.hub, station=here.station, by=here.by)
    if row is None:
        raise NotFound(Reason("no_session", _("You have no session open here. Scan RECEIVE to begin one.")))
    counted = row.lines.filter(undone_at=None).count()
    return {
        "tone": "accepted",
        "title": _("Close %s") % row.number,
        "text": _("%s things were unpacked.") % counted,
        "actions": [
            leads(
                _("Close and sign") if counted else _("Close the session"),
                reverse("receiving_session", args=[row.number]),
                primary=True,
                icon="check",
            )
        ],
    }


registry.command(Command("CLOSE RECEIVING", gettext_lazy("Close the session"), "checklist", "returns.receive", _close))


def opened(here: Here) -> Answer:
    """RECEIVE: the session of this person here begins, or goes on."""
    row = begin(here)
    counted = row.lines.filter(undone_at=None).count()
    what = row.client.name if row.client is not None else word(f"against.{row.against}")
    text: dict[str, Any] = {"number": row.number, "against": what}
    return {
        "tone": "accepted",
        "title": _("Receiving"),
        "text": _("Session %(number)s: %(against)s.") % text
        + (" " + _("%s unpacked so far.") % counted if counted else ""),
        "todo": _("Scan a parcel, a return or a thing."),
        "actions": [
            leads(_("This session"), reverse("receiving_session", args=[row.number]), code="SESSION", icon="list")
        ],
    }
