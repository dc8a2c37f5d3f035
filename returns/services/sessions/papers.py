"""The report of a closed session as a document, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import capfirst

from returns.models import ReceivingSession, SessionLine, Unpacked
from returns.queries import sessions as queries
from revlog.accounts import actors
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Attachment, Document
from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.pictures import small
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft

BY = actors.system("documents")
MOST_PHOTOS = 8
SMALL = (220, 160)


def prepare(session: ReceivingSession, entry: Entry, *, at: datetime) -> Draft | Document:
    """The report that follows from closing, up to that entry of the session's chain. Slow; for a worker."""

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.ReceivingReport:
        return _record(session, sheet, proof)

    return documents.prepare(
        kind="receiving_report", cause=entry, record=record, by=BY, at=at, zone=session.hub.zone,
        owner=session.hub.organization_id, hub=session.hub_id, key=f"receiving_report:{session.pk}",
    )  # fmt: skip


def _record(session: ReceivingSession, sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.ReceivingReport:
    report = queries.report(session)
    against = session.client.name if session.client is not None else word(f"against.{session.against}")
    if session.vendor_return is not None:
        against = session.vendor_return.number
    left = MOST_PHOTOS
    lines = []
    for place, line in enumerate(report.lines, 1):
        photos = list(line.photos.all())
        shown, left = photos[:left], max(left - len(photos), 0)
        lines.append(_line(place, line, photos, shown))
    return contexts.ReceivingReport(
        sheet=sheet,
        number=session.number,
        place=contexts.Party(name=session.hub.name, address_lines=tuple(session.hub.address)),
        station=session.station.name if session.station is not None else "",
        against=against,
        opened_at=session.opened_at.isoformat(),
        closed_at=(session.closed_at or session.opened_at).isoformat(),
        unpacked_by=contexts.Person(staff=documents.staff_of(session.opened_by), role="packer"),
        received=report.received,
        differing=report.differing,
        note=session.note,
        compared=tuple(
            contexts.ComparedWith(
                number=one.number,
                expected=one.expected,
                received=one.received,
                not_here=one.still_coming,
                differs=", ".join(f"{each['n']} × {each['word']}" for each in queries.words_of(one.counts)),
            )
            for one in report.compared
        ),
        lines=tuple(lines),
        proof=proof,
    )


def _line(place: int, line: SessionLine, photos: list[Attachment], shown: list[Attachment]) -> contexts.ReceivedLine:
    device = line.device
    return contexts.ReceivedLine(
        position=place,
        expected=line.expected,
        found=line.found,
        name=(device.serial or device.tag) if device is not None else "",
        announced_in=line.unit.line.rma.number if line.unit is not None else "",
        outcome=capfirst(word(f"unpacked.{line.outcome}")),
        as_announced=line.outcome == Unpacked.RECEIVED,
        quantity=line.quantity,
        grams=str(line.grams) if line.grams else "",
        missing=", ".join(word(f"belongs.{code}") for code, there in sorted(line.parts.items()) if not there),
        photos=tuple(small(artifacts.read(one.artifact), SMALL) for one in shown if one.artifact.erased_at is None),
        photo_digests=tuple(one.artifact_id for one in photos),
    )


def issue(session: ReceivingSession, draft: Draft | Document) -> Document:
    """The report is made, once, and stands on its session."""
    with transaction.atomic():
        row = ReceivingSession.objects.select_for_update(no_key=True, of=("self",)).get(pk=session.pk)
        made = documents.finish(draft)
        if row.document_id is None:
            row.document = made
            row.save(update_fields=["document"])
    return made
