"""The list of what is in a lot: as CSV for everybody who may see the lot, and as a signed paper for each of its editions."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from resale.models import Lot, LotState, LotUnit
from revlog.accounts.actors import system
from revlog.common import cells
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft

BY = system("documents")
COLUMNS = (
    "lot", "edition", "line", "serial or tag", "article", "class", "condition", "maker's lot", "pieces", "list value", "currency",
)  # fmt: skip


def units_of(lot: Lot) -> list[LotUnit]:
    """What is in it now (or was when it was sold), in the order of its list."""
    rows = lot.units.filter(left_at=None).select_related("device__product", "device__location", "device__hub", "lot")
    return list(rows.order_by("position"))


def condition_of(unit: LotUnit) -> str:
    """Its condition in words: the grade, or that nobody graded it."""
    return word(f"grade.{unit.device.grade}") if unit.device.grade else _("not graded")


def as_csv(lot: Lot) -> str:
    """One line a unit, in which a spreadsheet runs nothing."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for one in units_of(lot):
        device = one.device
        told = [
            lot.number, lot.edition, one.position, device.serial or device.tag, device.face, device.device_class,
            condition_of(one), device.lot, one.quantity, str(one.value), lot.currency,
        ]  # fmt: skip
        rows.writerow([cells.safe(value) for value in told])
    return out.getvalue()


def prepare(lot: Lot, entry: Entry, *, edition: int, at: datetime) -> Draft | Document:
    """The paper of this edition, up to the entry that made it. Slow; for a worker."""

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.LotManifest:
        return _record(lot, edition, sheet, proof)

    return documents.prepare(
        kind="lot_manifest", cause=entry, record=record, by=BY, at=at, zone=lot.hub.zone, owner=lot.owner_id,
        hub=lot.hub_id, key=f"lot_manifest:{lot.pk}:{edition}",
    )  # fmt: skip


def _record(lot: Lot, edition: int, sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.LotManifest:
    units = units_of(lot)
    return contexts.LotManifest(
        sheet=sheet,
        number=lot.number,
        name=lot.name,
        edition=edition,
        seller=contexts.Party(name=lot.owner.name),
        place=contexts.Party(name=lot.hub.name, address_lines=tuple(lot.hub.address)),
        until=lot.until.isoformat() if lot.until else "",
        lines=tuple(
            contexts.LotLine(
                position=one.position,
                description=one.device.face,
                name=one.device.serial or one.device.tag,
                lot=one.device.lot,
                condition=condition_of(one),
                quantity=one.quantity,
                value=str(one.value),
            )
            for one in units
        ),
        value=str(sum((one.value for one in units), Decimal(0))),
        asking=str(lot.asking) if lot.asking is not None else "",
        currency=lot.currency,
        proof=proof,
    )


def wanted(lot: Lot, edition: int) -> bool:
    """Whether the paper of this edition is still to be made: a newer list, an award or an end makes it needless."""
    return lot.state == LotState.OFFERED and lot.edition == edition and lot.document_id is None


def issue(lot: Lot, edition: int, draft: Draft | Document) -> Document:
    """The paper is made, once; on the lot stands that of its present edition."""
    with transaction.atomic():
        row = Lot.objects.select_for_update(no_key=True, of=("self",)).get(pk=lot.pk)
        made = documents.finish(draft)
        if row.edition == edition and row.document_id is None:
            Lot.objects.filter(pk=row.pk).update(document=made)
    return made
