"""The maker's seal: while it is unbroken a unit was never used, so that its storage needs no wipe; once it is opened, all of it does.

Nothing is sealed by default, nor by what somebody bought it as: a person looked at the seal and a photo shows it. What leaves by it leaves
as a unit without data, and each medium in it says that it is not applicable, with the entry that proves it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.models import Entry
from revlog.devices import data, facts
from revlog.devices.classes import Holds
from revlog.devices.journey import FOR_SALE, Data, State
from revlog.devices.models import Device, MediumState
from revlog.devices.services import moves

INSIDE = (MediumState.UNKNOWN, MediumState.UNUSED)
"""The states that a medium nobody has looked at can have."""
OPENED = ("tested", "looked", "bench", "said")
ONWARD = FOR_SALE | {State.TO_RETURN, State.TO_REFURBISH, State.TO_HARVEST, State.TO_DEPLOY}
"""Where a unit waits that was to need no wipe: opened, it has to be wiped first."""
TOUCHED = "U"
"""The grade of what was sealed and was opened: nobody has tried it."""


class UnableToSeal(DomainError):
    """The unit can't count as sealed."""

    code = "unable_to_seal"


def last_word(device: Device) -> Entry | None:
    """The last that was said of the seal on this stay."""
    rows = Entry.objects.filter(chain_id=device.pk, kind__in=[facts.SealUnbroken.kind, facts.SealBroken.kind])
    if device.visit is not None:
        rows = rows.filter(occurred_at__gte=device.visit.opened_at)
    return rows.order_by("-sequence").first()


def is_sealed(device: Device) -> bool:
    """Whether somebody saw the seal unbroken on this stay, and nobody opened it since."""
    if Data(device.data) != Data.NONE or device.kind.holds is Holds.NEVER:
        return False
    word = last_word(device)
    return word is not None and word.kind == facts.SealUnbroken.kind


def reasons_against_confirming(device: Device) -> list[Reason]:
    """Why it can't count as never used: what is known of its storage, or that it was opened on this stay."""
    found = []
    states = set(device.media.values_list("state", flat=True))
    if states - set(INSIDE) or Data(device.data) == Data.PRESENT:
        found.append(Reason("used", _("something was done to its storage, so it was opened")))
    elif device.media.exclude(seen_by="class").exists():
        found.append(Reason("seen", _("a drive was seen in it, so it was opened")))
    word = last_word(device)
    if word is not None and word.kind == facts.SealBroken.kind:
        found.append(Reason("opened", _("it was opened on this stay")))
    if device.has_departed or device.has_ended:
        found.append(Reason("gone", _("it is not with us")))
    return found


def confirm(device: Device, *, photo: str, by: Actor, at: datetime) -> Entry:
    """Of a taken unit: the seal was seen, and ``photo`` (a digest) shows it. Its storage counts as never used from now on."""
    if not photo:
        raise BadInput(Reason("no_photo", _("a photo of the seal is missing"), "photo"))
    if reasons := reasons_against_confirming(device):
        raise UnableToSeal(
            Reason(
                reasons[0].code,
                _("%(tag)s can't count as sealed: %(why)s")
                % {"tag": device.tag, "why": ", ".join(one.sentence for one in reasons)},
            )
        )
    with transaction.atomic():
        media = list(device.media.filter(state__in=INSIDE))
        entry = moves.note(
            device,
            fact=facts.SealUnbroken(photo=photo, media=[str(one.pk) for one in media] or None),
            by=by,
            at=at,
            set={"data": Data.NONE.value},
        )
        device.media.filter(state__in=INSIDE).update(state=MediumState.UNUSED, proof=entry.digest)
    return entry


def opened(device: Device, *, how: str, by: Actor, at: datetime) -> Entry | None:
    """Of a taken unit: it is sealed no more, so its storage counts as used; out of sale or return it goes to be wiped.

    None where it wasn't sealed.
    """
    if how not in OPENED:
        raise BadInput(Reason("unknown_how", _("say how it was opened"), "how"))
    if not is_sealed(device):
        return None
    with transaction.atomic():
        device.media.filter(state=MediumState.UNUSED).update(state=MediumState.UNKNOWN, proof="")
        states = list(device.media.values_list("state", flat=True))
        columns: dict[str, Any] = {"data": data.known(device.kind, states, seen_without=False).value}
        if device.grade == "NEW":
            columns["grade"] = TOUCHED
        fact = facts.SealBroken(how=f"opened.{how}")
        if columns["data"] == Data.UNKNOWN and State(device.state) in ONWARD:
            return moves.advance(device, moves.TO_SANITIZE, fact=fact, by=by, at=at, set=columns)
        return moves.note(device, fact=fact, by=by, at=at, set=columns)
