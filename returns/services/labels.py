"""Return labels: made by a worker, kept by digest, one for each parcel of an RMA."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from returns import facts, reasons
from returns.models import Kind, Rma, RmaParcel, Way
from returns.services import approval
from revlog.accounts.actors import Actor
from revlog.evidence.models import Artifact
from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.qr import qr_svg
from revlog.evidence.pdf.render import render
from revlog.evidence.services import artifacts
from revlog.logistics.models import Booking, BookingStatus

UNLABELLED = frozenset({Way.QR.value, Way.COUNTER.value, Way.ARRANGED.value})
"""Ways for which the customer prints nothing."""
WITH_BATTERY = frozenset({"laptop", "phone", "tablet"})


@dataclass(frozen=True)
class Made:
    """A label whose bytes are kept, not yet said to be the parcel's."""

    link: int
    artifact: Artifact


def draw(rma: Rma, *, at: datetime) -> list[Made]:
    """Render the labels that are missing. Slow, and outside of any transaction; drawing one twice gives the same bytes.

    A parcel that is here by now needs none: a worker may come late to it.
    """
    links = list(
        rma.parcel_links.select_related("parcel__shipment__carrier", "parcel__booking__label").order_by(
            "added_at", "id"
        )
    )
    language = rma.contact.language if rma.contact.language in dict(settings.LANGUAGES) else "en"
    made = []
    for place, link in enumerate(links, 1):
        if link.label_id is not None or link.parcel.arrived_at is not None:
            continue
        booking = getattr(link.parcel, "booking", None)
        if rma.way in UNLABELLED and not without_code(booking):
            continue
        if booking is not None and booking.status == BookingStatus.ASKED:
            continue  # the carrier's own comes when it has answered
        if booking is not None and booking.label is not None:
            made.append(Made(link.pk, booking.label))
            continue
        with translation.override(language):
            record = _record(rma, link, place, len(links), at=at)
            title = (_("Trade-in label %s") if rma.kind == Kind.TRADE else _("Return label %s")) % rma.number
        pdf = render(
            template=record.TEMPLATE,
            context=contexts.context_of(record),
            attachments=[],
            title=title,
            language=language,
            created_at=at,
            identifier=f"label:{link.parcel_id}",
        )
        made.append(Made(link.pk, artifacts.keep(pdf, media_type="application/pdf", at=at, limit="document")))
    return made


def without_code(booking: Booking | None) -> bool:
    """Whether the carrier was to give a code and gave none: then there is a label all the same, its own or ours."""
    if booking is None or booking.status == BookingStatus.REFUSED:
        return booking is not None
    return booking.status == BookingStatus.BOOKED and booking.label_free and booking.code_id is None


def _record(rma: Rma, link: RmaParcel, place: int, parcels: int, *, at: datetime) -> contexts.ReturnLabel:
    carrier = link.parcel.shipment.carrier
    booking = getattr(link.parcel, "booking", None)
    refused = booking is not None and booking.status == BookingStatus.REFUSED
    own = carrier is None or carrier.vendor == "any" or refused
    last_day = (rma.hand_in_by - timedelta(seconds=1)) if rma.hand_in_by else None
    return contexts.ReturnLabel(
        sheet=contexts.Sheet(
            number=link.parcel.tracking,
            issued_at=at.isoformat(),
            issuer=contexts.Issuer(name=str(settings.ISSUER["name"]), address_lines=tuple(settings.ISSUER["address"])),
            paper="label",
            zone=rma.hub.zone,
        ),
        rma=rma.number,
        sender=contexts.Party(name=rma.contact.name or rma.number, address_lines=tuple(rma.contact.address)),
        receiver=contexts.Party(
            name=(_("Trade-ins, %s") if rma.kind == Kind.TRADE else _("Returns, %s")) % rma.hub.organization.name,
            address_lines=tuple(rma.hub.address),
        ),
        qr=qr_svg(rma.number),
        parcel=place,
        parcels=parcels,
        hand_in=_("any post office or parcel shop") if own else carrier.name if carrier else "",
        hand_in_until=rma.hub.calendar.local(last_day).date().isoformat() if last_day else "",
        carrier="" if own or carrier is None else carrier.name,
        tracking=link.parcel.tracking,
        warning=_warning(rma),
        trade=rma.kind == Kind.TRADE,
    )


def _warning(rma: Rma) -> str:
    lines = list(rma.lines.select_related("order_line"))
    if any(reasons.group(line.reason) == "safety" for line in lines):
        return _("Don't hand this in before we have written how to pack it: it may catch fire.")
    if any(line.order_line.device_class in WITH_BATTERY for line in lines):
        return _("Contains lithium ion batteries in equipment (UN 3481). Don't send a swollen or damaged battery.")
    return ""


def issue(rma: Rma, made: list[Made], *, by: Actor, at: datetime) -> None:
    """Say which labels are whose; one that another worker was quicker with is left alone."""
    with transaction.atomic():
        row = approval.lock(rma.pk)
        for label in made:
            link = RmaParcel.objects.select_related("parcel").filter(pk=label.link).first()
            if link is None or link.label_id is not None:
                continue
            link.label, link.labelled_at = label.artifact, at
            link.save(update_fields=["label", "labelled_at"])
            artifacts.attach(
                label.artifact, chain=row.pk, use="return_label", audience="customer", by=by, at=at,
                name=f"{row.number}.pdf",
            )  # fmt: skip
            approval.say(
                row,
                facts.LabelIssued(number=row.number, parcel=str(link.parcel_id), tracking=link.parcel.tracking),
                by=by,
                at=at,
                key=f"label:{link.parcel_id}",
            )
