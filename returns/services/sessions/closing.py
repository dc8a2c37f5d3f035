"""The end of a session: what is missing is written down, the photos are there, and somebody signs for what was received."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns.facts import sessions as facts
from returns.models import (
    Against,
    Discrepancy,
    ReceivingSession,
    Rma,
    RmaUnit,
    SessionLine,
    SessionStatus,
    Trouble,
    UnitStatus,
    Unpacked,
)
from returns.queries import sessions as queries
from returns.services import approval, troubles
from returns.services.sessions import opening, taking
from returns.services.sessions.opening import UnableToUnpack
from returns.services.unloading import may_receive
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody import merkle
from revlog.custody.services import ledger
from revlog.devices.models import Location
from revlog.evidence.models import Artifact, Attachment
from revlog.evidence.services import artifacts
from revlog.logistics.services import signing_off

PHOTO = "photo_receipt"
SIGNATURE = "signature"


def add_photo(session: ReceivingSession, line: uuid.UUID, artifact: Artifact, *, by: Actor, at: datetime) -> Attachment:
    """A photo of one thing of the session; kept on the unit's chain where there is a unit."""
    may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = row.lines.filter(pk=line).first()
        if found is None:
            raise UnableToUnpack(Reason("no_line", _("It is not in this session (any more). Scan it again.")))
        made = artifacts.attach(artifact, chain=found.device_id or row.pk, use=PHOTO, by=by, at=at)
        found.photos.add(made)
    return made


def reasons_against_closing(session: ReceivingSession) -> list[Reason]:
    found = []
    if session.status != SessionStatus.OPEN:
        found.append(Reason("not_open", _("%s is closed already.") % session.number))
    if without := queries.lacking(session):
        names = ", ".join(line.device.tag if line.device else line.found or line.expected for line in without[:5])
        found.append(
            Reason(
                "photos",
                ngettext("A photo is missing: %(names)s.", "Photos are missing: %(names)s.", len(without))
                % {"names": names},
            )
        )
    return found


def close(
    session: ReceivingSession, *, whole: bool = False, note: str = "", by: Actor, at: datetime
) -> ReceivingSession:
    """Close it: what its returns still expect and no parcel can bring any more is missing. ``whole`` says of a client's list or of a
    vendor's delivery that all of it was here, so that what isn't is missing too. One without a line has ended: there is nothing to
    sign for."""
    may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        if row.opened_by != by.reference and not by.may("exceptions.resolve"):
            raise NotAllowed(Reason("not_yours", _("Who opened the session closes it, or a lead.")))
        if found := reasons_against_closing(row):
            raise UnableToUnpack(found)
        _missing(row, by=by, at=at)
        if whole:
            _missing_in_list(row, by=by, at=at)
        lines = list(row.lines.filter(undone_at=None).order_by("at", "id"))
        status = SessionStatus.CLOSED if lines else SessionStatus.SIGNED
        row.status, row.closed_at, row.closed_by = status.value, at, by.reference
        row.note = note.strip()[:300]
        row.save(update_fields=["status", "closed_at", "closed_by", "note"])
        received = sum(1 for line in lines if line.outcome == Unpacked.RECEIVED)
        ledger.append(
            row.pk,
            facts.SessionClosed(
                number=row.number, received=received, differing=len(lines) - received, root=root_of(lines)
            ),
            by=by,
            at=at,
            hub=row.hub_id,
        )
    return row


def root_of(lines: Sequence[SessionLine]) -> str:
    """One digest over what every line says, in their order."""

    def leaf(line: SessionLine) -> bytes:
        told = [
            str(line.pk), line.outcome, str(line.device_id or ""), str(line.unit_id or ""), line.expected, line.found,
            line.quantity,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()).digest()

    return merkle.root(leaf(line) for line in lines).hex()


def _missing(session: ReceivingSession, *, by: Actor, at: datetime) -> None:
    """Of each return that was unpacked and of which no parcel is under way any more, what didn't come."""
    waiting = queries.short_units(session)
    for pk in sorted({unit.line.rma_id for unit in waiting}):
        rma = approval.lock(pk)
        # Somebody may have received one of them until the return was locked.
        still = set(RmaUnit.objects.filter(line__rma=pk, status=UnitStatus.EXPECTED).values_list("pk", flat=True))
        for unit in (one for one in waiting if one.pk in still):
            _short(session, rma, unit, by=by, at=at)


def _short(session: ReceivingSession, rma: Rma, unit: RmaUnit, *, by: Actor, at: datetime) -> None:
    if Discrepancy.objects.filter(kind=Trouble.MISSING, unit=unit, resolved_at=None).exists():
        return
    row = troubles.raise_trouble(
        Trouble.MISSING, hub=session.hub, rma=rma, unit=unit, expected=unit.line.order_line.description,
        found=_("nothing"), money_at_risk=unit.line.per_piece * unit.quantity, currency=rma.currency, by=by, at=at,
    )  # fmt: skip
    taking.add(session, Unpacked.SHORT, unit=unit, discrepancy=row, quantity=unit.quantity, by=by, at=at)


def _missing_in_list(session: ReceivingSession, *, by: Actor, at: datetime) -> None:
    waiting = queries.listed(session)
    left = waiting.count()
    if not left or session.against not in {Against.MANIFEST, Against.VENDOR}:
        return
    row = troubles.raise_trouble(
        Trouble.MISSING, hub=session.hub, chain=session.pk,
        expected=ngettext("%s unit of the list", "%s units of the list", left) % left, found=_("nothing"),
        money_at_risk=Decimal(0), by=by, at=at,
    )  # fmt: skip
    taking.add(session, Unpacked.SHORT, discrepancy=row, quantity=left, by=by, at=at)


# The hand-off ---------------------------------------------------------------------------------------------------------------------------


def picture_of(drawn: str) -> bytes:
    """What was drawn on the glass, as dark ink on white paper. Raises BadInput for what is no drawing."""
    try:
        return signing_off.drawn(drawn)
    except BadInput:
        raise BadInput(Reason("signature", _("Sign in the field first."), "signature")) from None


def reasons_against_signing(session: ReceivingSession, *, to: Location | None, by: Actor) -> list[Reason]:
    found = []
    if session.status != SessionStatus.CLOSED:
        found.append(
            Reason(
                "not_closed",
                _("%(number)s is %(status)s.") % {"number": session.number, "status": session.get_status_display()},
            )
        )
    if to is not None and (to.hub_id != session.hub_id or not to.active):
        found.append(Reason("place", _("That place is not one of this site."), "to"))
    if to is None:
        found += separations.reasons_against("receiving_hand_off", doer=[session.opened_by], by=by)
    return found


def sign(
    session: ReceivingSession,
    *,
    drawn: str = "",
    by_sign_in: bool = False,
    to: Location | None = None,
    by: Actor,
    at: datetime,
) -> ReceivingSession:
    """Take over what was received: the next person signs, or whoever puts it on a shelf signs that it stands there.

    ``by_sign_in``: who can't draw signs by being signed in; their entry in the ledger says so.
    """
    may_receive(by)
    artifact = (
        None
        if by_sign_in and not drawn
        else artifacts.keep(picture_of(drawn), media_type="image/png", at=at, limit="photo")
    )
    with transaction.atomic():
        row = (
            ReceivingSession.objects.select_for_update(no_key=True, of=("self",))
            .select_related("hub")
            .get(pk=session.pk)
        )
        if found := reasons_against_signing(row, to=to, by=by):
            raise UnableToUnpack(found)
        if artifact is not None:
            row.signature = artifacts.attach(artifact, chain=row.pk, use=SIGNATURE, by=by, at=at)
        row.status, row.signed_by, row.signed_at = SessionStatus.SIGNED.value, by.reference, at
        row.handed_to = to.code if to is not None else ""
        row.save(update_fields=["signature", "status", "signed_by", "signed_at", "handed_to"])
        ledger.append(
            row.pk,
            facts.SessionSigned(
                number=row.number,
                to=row.handed_to or "person",
                signature=artifact.digest if artifact is not None else None,
            ),
            by=by,
            at=at,
            hub=row.hub_id,
        )
    return row
