"""Issuing a document: reserve its number, export the chain that proves it, render, sign, and only then say so, once.

``prepare`` is the slow part and runs outside any transaction: what it writes (the number, the file) is the same whenever it is done
again. ``finish`` runs in the transaction that marks the work done: artifact, row and entry together. A worker that dies in between
leaves a reserved number and nothing else; the next one makes the same document under the same number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import DomainError, Reason
from revlog.common.words import word
from revlog.custody.models import Chain, Entry
from revlog.custody.services import checkpoints, exporting, ledger
from revlog.evidence import facts
from revlog.evidence.models import Document, Numbering, Reservation
from revlog.evidence.pdf import contexts, render, sign
from revlog.evidence.pdf.qr import qr_svg
from revlog.evidence.services import artifacts

SERIES: Mapping[str, str] = {
    "certificate_of_sanitization": "CS",
    "certificate_of_destruction": "CD",
    "certificate_of_recycling": "CR",
    "chain_of_custody": "CC",
    "packing_slip": "PS",
    "return_label": "LB",
    "credit_memo": "CM",
    "debit_note": "DN",
    "purchase_document": "PD",
    "vendor_return": "VR",
    "lot_manifest": "LM",
    "delivery_sheet": "DS",
    "receiving_report": "RR",
    "handover_paper": "HP",
    "claim_letter": "CL",
}
"""The kinds of documents, and the letters that their numbers begin with."""
ATTACHED = "ledger.json"
OLDEST_SIGNING = timedelta(days=4 * 365)
"""A certificate of our own is made valid from so long before its first use, so that a simulated past can be signed as well."""

Record = Callable[[contexts.Sheet, contexts.Proof], contexts.DocumentRecord]
"""Makes the document's record once its number, address and proof are known."""


class UnableToIssue(DomainError):
    """The document can't be issued."""

    code = "unable_to_issue"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A document that is signed and not yet issued: all that ``finish`` writes."""

    reservation: Reservation
    kind: str
    cause: Entry
    record: contexts.DocumentRecord
    context: Mapping[str, object]
    pdf: bytes
    checkpoint_size: int
    language: str
    owner: UUID | None
    hub: UUID | None
    by: Actor


def issue(
    *,
    kind: str,
    cause: Entry,
    record: Record,
    by: Actor,
    at: datetime,
    language: str = "en",
    zone: str = "UTC",
    owner: UUID | None = None,
    hub: UUID | None = None,
    key: str = "",
) -> Document:
    """The document of ``kind`` about the chain of ``cause`` up to it; asked again, the one that stands.

    ``record`` gets the sheet and the proof and gives the record to print. ``key`` names it among all documents (default: kind and
    digest of the cause). Slow: for a worker, as ``issue_later``. Raises UnableToIssue, and what rendering and signing raise.
    """
    draft = prepare(
        kind=kind, cause=cause, record=record, by=by, at=at, language=language, zone=zone, owner=owner, hub=hub, key=key
    )
    return draft if isinstance(draft, Document) else finish(draft)


def key_of(kind: str, cause: Entry) -> str:
    """The key by which a document of this kind is issued once for this cause."""
    return f"{kind}:{cause.digest}"


def prepare(
    *,
    kind: str,
    cause: Entry,
    record: Record,
    by: Actor,
    at: datetime,
    language: str = "en",
    zone: str = "UTC",
    owner: UUID | None = None,
    hub: UUID | None = None,
    key: str = "",
) -> Draft | Document:
    """The slow part: everything up to the signed bytes. Gives the document itself when it was issued before."""
    if kind not in SERIES:
        raise UnableToIssue(Reason("unknown_kind", _("There is no document of the kind %(kind)s.") % {"kind": kind}))
    key = key or key_of(kind, cause)
    issued = Document.objects.filter(key=key).first()
    if issued is not None:
        return issued
    reserved = reserve(kind=kind, key=key, at=at)
    # The number's own moment: a second try, an hour later, makes the same document.
    moment = reserved.at
    export = exporting.export(cause.chain_id, at=at, until=cause.sequence)
    checkpoint = checkpoints.covering(cause, at=at)
    proof = contexts.Proof(
        chain=Chain.objects.get(pk=cause.chain_id).name,
        first_sequence=1,
        last_sequence=cause.sequence,
        head_digest=cause.digest,
        attachment=ATTACHED,
        checkpoint_size=checkpoint.size,
        checkpoint_root=checkpoint.root,
        key_id=checkpoint.key_id,
    )
    address = verify_address(reserved.document)
    sheet = contexts.Sheet(
        number=reserved.number,
        issued_at=moment.astimezone(UTC).isoformat(),
        issuer=issuer(),
        verify_url=address,
        qr=qr_svg(address),
        zone=zone,
    )
    language = language if language in dict(settings.LANGUAGES) else "en"
    with translation.override(language):
        made = record(sheet, proof)
        title = f"{word(kind)} {reserved.number}"
    context = contexts.context_of(made)
    pdf = render.render(
        template=made.TEMPLATE,
        context=context,
        attachments=[render.AttachedFile(ATTACHED, export, "Ledger entries with their proof")],
        title=title[:1].upper() + title[1:],
        language=language,
        created_at=moment,
        identifier=str(reserved.document),
    )
    signed = sign.sign(pdf, signer=signer(at=moment), reason=title, location=issuer().name, at=moment)
    return Draft(
        reservation=reserved,
        kind=kind,
        cause=cause,
        record=made,
        context=_kept(render.primitives(context)),
        pdf=signed,
        checkpoint_size=checkpoint.size,
        language=language,
        owner=owner,
        hub=hub,
        by=by,
    )


def finish(draft: Draft | Document) -> Document:
    """Issue a prepared document: file, row and entry in one transaction; the one that stands when another worker was first."""
    if isinstance(draft, Document):
        return draft
    reserved = draft.reservation
    with transaction.atomic():
        # The chain first: whoever holds it decides, and the other finds the document made.
        ledger.lock([draft.cause.chain_id])
        issued = Document.objects.filter(key=reserved.key).first()
        if issued is not None:
            return issued
        artifact = artifacts.keep(draft.pdf, media_type="application/pdf", at=reserved.at, limit="document")
        row = Document.objects.create(
            id=reserved.document,
            number=reserved.number,
            kind=draft.kind,
            template=draft.record.VERSION,
            language=draft.language,
            chain_id=draft.cause.chain_id,
            sequence=draft.cause.sequence,
            head_digest=draft.cause.digest,
            checkpoint_size=draft.checkpoint_size,
            artifact=artifact,
            context=draft.context,
            key=reserved.key,
            issued_at=reserved.at,
            owner_id=draft.owner,
            hub_id=draft.hub,
        )
        ledger.append(
            draft.cause.chain_id,
            facts.DocumentIssued(
                document=str(row.id),
                number=row.number,
                document_kind=row.kind,
                digest=artifact.digest,
                sequence=row.sequence,
            ),
            by=draft.by,
            at=reserved.at,
            key=f"document:{row.id}",
            owner=draft.owner,
            hub=draft.hub,
        )
    return row


def issue_later(**order: object) -> Callable[[], Document]:
    """``prepare`` now, ``finish`` when called: what a slow reaction returns. Takes what ``issue`` takes."""
    draft = prepare(**order)  # type: ignore[arg-type]  # the same keywords, checked there
    return lambda: finish(draft)


def reserve(*, kind: str, key: str, at: datetime) -> Reservation:
    """The number, id and moment of the document called ``key``: given once, in a short transaction of its own.

    The row of the series and year is the lock, so numbers run without gap or twin; a second try gets what the first one got.
    """
    known = Reservation.objects.filter(key=key).first()
    if known is not None:
        return known
    series = f"{SERIES[kind]}-{at.astimezone(UTC).year}"
    try:
        with transaction.atomic():
            Numbering.objects.get_or_create(series=series)
            counter = Numbering.objects.select_for_update(no_key=True).get(series=series)
            known = Reservation.objects.filter(key=key).first()
            if known is not None:
                return known
            counter.last += 1
            counter.save(update_fields=["last"])
            return Reservation.objects.create(
                key=key, document=ids.new(at), number=f"{series}-{counter.last:06d}", at=at
            )
    except IntegrityError:
        # Two workers in two years, at the turn of the year: the one that came first counts, and this number was rolled back.
        return Reservation.objects.get(key=key)


def _kept(context: Mapping[str, object]) -> Mapping[str, object]:
    """The context without its pictures, which the file holds and nobody looks up."""
    kept = {name: _without_pictures(value) for name, value in context.items()}
    sheet = kept["sheet"]
    if isinstance(sheet, Mapping):
        return {**kept, "sheet": {**sheet, "qr": "", "issuer": {**sheet["issuer"], "logo": ""}}}
    return kept


def _without_pictures(value: object) -> object:
    if isinstance(value, str):
        return "" if value.startswith("data:image/") else value
    if isinstance(value, Mapping):
        return {name: _without_pictures(one) for name, one in value.items()}
    return [_without_pictures(one) for one in value] if isinstance(value, list | tuple) else value


def issuer() -> contexts.Issuer:
    return contexts.Issuer(name=str(settings.ISSUER["name"]), address_lines=tuple(settings.ISSUER["address"]))


def party(organization: Organization, language: str, *, reference: str = "") -> contexts.Party:
    """A company as documents name it: with its address in the reader's language, and its VAT number."""
    return contexts.Party(
        name=organization.name,
        address_lines=organization.address.lines(language) if organization.address else (),
        reference=reference,
        vat_id=organization.vat_id,
    )


def signer(*, at: datetime) -> sign.Signer:
    return sign.load_signer(
        keys=keys_folder(), issuer=issuer().name, environment=os.environ, at=at, valid_from=at - OLDEST_SIGNING
    )


def keys_folder() -> Path:
    return Path(settings.VAR) / "keys"


def verify_address(document: UUID) -> str:
    """The public page of a document, as a whole address where the install knows its own."""
    return (settings.BASE_URL or "http://localhost:8000") + reverse("verify", args=[document])


def staff_of(reference: str) -> str:
    """The pseudonym that stands on documents for an actor (``user:<uuid>``): the same person, the same code, and no name."""
    number = int.from_bytes(sha256(reference.encode()).digest()[:8], "big")
    letters = []
    for _place in range(6):
        number, rest = divmod(number, len(ids.ALPHABET))
        letters.append(ids.ALPHABET[rest])
    return "S-" + "".join(letters)
