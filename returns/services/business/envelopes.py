"""Interchanges of ours to a partner: put into their envelope, numbered, kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

from returns.edi import rma180, x12
from returns.edi.x12 import Group
from returns.models import Direction, EdiPartner, Interchange
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.evidence.services import artifacts

MEDIA_TYPE = "application/edi-x12"


def next_control(partner: EdiPartner) -> str:
    """The next control number of a partner whose row is locked."""
    partner.last_control = partner.last_control % 999_999_999 + 1
    partner.save(update_fields=["last_control"])
    return f"{partner.last_control:09d}"


def kept(
    partner: EdiPartner, control: str, data: bytes, *, answers: Interchange | None = None, by: Actor, at: datetime
) -> Interchange:
    """What goes out, kept under its control number."""
    return Interchange.objects.create(
        id=ids.new(at),
        partner=partner,
        direction=Direction.OUT.value,
        control=control,
        digest=hashlib.sha256(data).hexdigest(),
        artifact=artifacts.keep(data, media_type=MEDIA_TYPE, at=at, limit="report"),
        answers=answers,
        brought_by=by.reference,
        at=at,
    )


def enveloped(
    partner: EdiPartner, control: str, code: str, sets: tuple[x12.TransactionSet, ...], *, at: datetime
) -> bytes:
    """An interchange of ours to a partner, of one group."""
    group = Group(
        code=code,
        sender=partner.own_identifier,
        receiver=partner.identifier,
        date=at.strftime("%Y%m%d"),
        time=at.strftime("%H%M"),
        control=str(int(control)),
        agency="X",
        version=rma180.VERSION,
        sets=sets,
    )
    return _written(partner, control, at=at, groups=(group,))


def noticed(partner: EdiPartner, control: str, notice: x12.Segment, *, at: datetime) -> bytes:
    """An interchange of ours to a partner that says something of an envelope of theirs (TA1)."""
    return _written(partner, control, at=at, notices=(notice,))


def _written(
    partner: EdiPartner,
    control: str,
    *,
    at: datetime,
    groups: tuple[Group, ...] = (),
    notices: tuple[x12.Segment, ...] = (),
) -> bytes:
    return x12.write(
        x12.Interchange(
            sender_qualifier=partner.own_qualifier,
            sender=partner.own_identifier,
            receiver_qualifier=partner.qualifier,
            receiver=partner.identifier,
            date=at.strftime("%y%m%d"),
            time=at.strftime("%H%M"),
            control=control,
            groups=groups,
            notices=notices,
        )
    )
