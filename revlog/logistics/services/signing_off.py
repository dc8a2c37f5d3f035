"""The end of a scan-off: what is missing is said, the driver signs for count and exceptions, and the goods pass from hand to hand."""

from __future__ import annotations

import base64
import binascii
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.logistics import facts
from revlog.logistics.models import (
    Appointment,
    AppointmentStatus,
    Delivery,
    DeliveryLine,
    DeliveryStatus,
    Handover,
    LineStatus,
    ListFrom,
    Shipment,
)
from revlog.logistics.services.scanning_off import UnableToScanOff, lock, require

MOST_SIGNATURE = 400_000
PEN = "data:image/png;base64,"
LEAST_INK = 30
"""Fewer dark dots are a slip of the finger."""


@dataclass(frozen=True)
class Sums:
    """What a delivery came to. ``unlisted`` are counted and not on the list; ``turned_away`` went back with the driver."""

    expected: int
    counted: int
    unlisted: int
    damaged: int
    missing: int
    turned_away: int


def sums(delivery: Delivery, lines: Sequence[DeliveryLine] | None = None) -> Sums:
    rows = list(delivery.lines.all()) if lines is None else lines
    counted = [one for one in rows if one.status == LineStatus.COUNTED]
    missing = sum(one.status in {LineStatus.EXPECTED, LineStatus.MISSING} for one in rows)
    if delivery.list_from == ListFrom.COUNT or not any(one.listed for one in rows):
        missing = max(0, delivery.expected - len(counted))
    return Sums(
        expected=delivery.expected,
        counted=len(counted),
        unlisted=sum(bool(one.why) for one in counted),
        damaged=sum(one.damaged for one in counted),
        missing=missing,
        turned_away=sum(one.status == LineStatus.FOREIGN for one in rows),
    )


def reasons_against_ending(delivery: Delivery, lines: Sequence[DeliveryLine] | None = None) -> list[Reason]:
    """Why the driver can't sign yet."""
    rows = list(delivery.lines.all()) if lines is None else lines
    if delivery.status != DeliveryStatus.OPEN:
        return [Reason("ended", _("Delivery %s is signed and closed.") % delivery.number)]
    found = []
    bare = [one.tracking for one in rows if one.damaged and one.photo_id is None]
    if bare:
        found.append(
            Reason(
                "no_photo",
                ngettext(
                    "Parcel %(which)s is damaged and has no photo.",
                    "Parcels %(which)s are damaged and have no photo.",
                    len(bare),
                )
                % {"which": ", ".join(bare[:4])},
            )
        )
    if not any(one.status in {LineStatus.COUNTED, LineStatus.FOREIGN} for one in rows) and not delivery.expected:
        found.append(Reason("nothing", _("Nothing was scanned yet.")))
    return found


def drawn(told: str) -> bytes:
    """The picture of a signature as the browser sends it, made anew. Raises BadInput for what is no drawing."""
    wrong = BadInput(Reason("signature", _("The driver signs in the field first."), "signature"))
    if not told.startswith(PEN) or len(told) > MOST_SIGNATURE:
        raise wrong
    try:
        with Image.open(
            io.BytesIO(base64.b64decode(told.removeprefix(PEN), validate=True)), formats=["PNG"]
        ) as picture:
            if picture.width * picture.height > 2_000_000:
                raise wrong
            seen = picture.convert("RGBA")
    except (binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise wrong from error
    paper = Image.new("L", seen.size, 255)
    paper.paste(Image.new("L", seen.size, 0), mask=seen.getchannel("A"))
    if sum(paper.histogram()[:128]) < LEAST_INK:
        raise wrong
    paper.thumbnail((900, 400))
    out = io.BytesIO()
    paper.save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass(frozen=True)
class Given:
    """A signature with who gave it; without a ``picture``, ``why`` nobody did."""

    picture: Artifact | None
    name: str
    why: str


def given(*, signature: str, signed_by: str, unsigned_why: str, at: datetime) -> Given:
    """What was drawn on the glass, kept; or the reason why nothing was. Raises BadInput."""
    if why := unsigned_why.strip()[:200]:
        return Given(None, "", why)
    name = signed_by.strip()[:120]
    if not name:
        raise BadInput(Reason("signed_by", _("Write down who signs."), "signed_by"))
    return Given(artifacts.keep(drawn(signature), media_type="image/png", at=at, limit="photo"), name, "")


def end(
    delivery: Delivery, *, signature: str = "", signed_by: str = "", unsigned_why: str = "", by: Actor, at: datetime
) -> Delivery:
    """Close it: signed by the driver on the glass, or, where the driver is gone or won't, with the reason."""
    require(by)
    told_by = given(signature=signature, signed_by=signed_by, unsigned_why=unsigned_why, at=at)
    picture = told_by.picture
    with transaction.atomic():
        row = lock(delivery.pk)
        lines = list(row.lines.select_related("parcel").order_by("tracking"))
        if found := reasons_against_ending(row, lines):
            raise UnableToScanOff(found)
        counted = [one for one in lines if one.status == LineStatus.COUNTED and one.parcel is not None]
        accepted = _hand_over(row, counted, released=picture is not None, by=by, at=at)
        row.lines.filter(status=LineStatus.EXPECTED).update(status=LineStatus.MISSING)
        told = sums(row, lines)
        row.status, row.ended_by, row.ended_at = DeliveryStatus.ENDED, by.reference, at
        row.signature, row.signed_by, row.unsigned_why = picture, told_by.name, told_by.why
        row.save()
        if picture is not None:
            artifacts.attach(picture, chain=row.pk, use="signature", name=row.number, by=by, at=at)
        fact = facts.DeliveryEnded(
            number=row.number,
            hub=row.hub.code,
            carrier=row.carrier.code,
            expected=told.expected,
            counted=told.counted,
            unlisted=told.unlisted,
            damaged=told.damaged,
            missing=told.missing,
            turned_away=told.turned_away,
            root=merkle.root([bytes.fromhex(digest) for digest in accepted]).hex(),
            signature=picture.digest if picture is not None else None,
            unsigned="unsigned" if picture is None else None,
        )
        ledger.append(row.pk, fact, by=by, at=at, owner=row.hub.organization_id, hub=row.hub_id)
        Appointment.objects.filter(deliveries=row, status=AppointmentStatus.ARRIVED).update(
            status=AppointmentStatus.DONE
        )
    return row


def _hand_over(
    delivery: Delivery, counted: Sequence[DeliveryLine], *, released: bool, by: Actor, at: datetime
) -> list[str]:
    """Released by the carrier (by its driver's signature) and accepted by us, on the chain of each shipment; the entries' digests."""
    many = Counter(line.parcel.shipment_id for line in counted if line.parcel is not None)
    shipments = Shipment.objects.in_bulk(list(many))
    giver, taker = delivery.carrier.code, delivery.hub.code
    heads = ledger.lock(many)
    entries: list[Entry] = []
    rows: list[Handover] = []
    # Who gave it to the carrier has waited for its word: it had it, since it gave it to us.
    waiting = {
        one.shipment_id: one
        for one in Handover.objects.select_for_update(no_key=True, of=("self",))
        .filter(shipment__in=list(many), accepted_at=None, released_at__isnull=False)
        .order_by("-released_at")
    }
    digests = []
    for id in sorted(many):
        shipment, head, said = shipments[id], heads[id], ""
        if released:
            fact = facts.Released(giver=giver, taker=taker, parcels=many[id])
            entries.append(ledger.draft(head, fact, by=by, at=at))
            said = entries[-1].digest
            if (open_one := waiting.get(id)) is not None:
                open_one.accepted_at, open_one.accepted_entry = at, said
        accepted = facts.AcceptedByTaker(giver=giver, taker=taker, parcels=many[id], released=said or None)
        entries.append(ledger.draft(head, accepted, by=by, at=at))
        digests.append(entries[-1].digest)
        for entry in entries[-2 if released else -1 :]:
            entry.owner_id, entry.hub_id = shipment.owner_id, delivery.hub_id
        rows.append(
            Handover(
                id=ids.new(at), shipment=shipment, giver=giver, taker=taker, parcels=many[id],
                released_at=at if released else None, released_entry=said, accepted_at=at,
                accepted_entry=entries[-1].digest, created_at=at,
            )
        )  # fmt: skip
    ledger.write_many(entries)
    Handover.objects.bulk_create(rows)
    if released:
        Handover.objects.bulk_update(waiting.values(), ["accepted_at", "accepted_entry"])
    return digests
