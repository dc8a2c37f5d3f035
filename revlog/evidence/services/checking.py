"""Is this document true, now? Signature, file, entry, chain and checkpoint, each looked at live and answered with one sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from revlog.common.errors import DomainError
from revlog.custody import signing, verifier
from revlog.custody.models import Entry, LogPlace
from revlog.custody.services import checkpoints, exporting, verification
from revlog.evidence import facts
from revlog.evidence.models import Document
from revlog.evidence.pdf import sign, validate
from revlog.evidence.services import artifacts, documents

NUMBER = re.compile(rb"\b[A-Z]{2}-[0-9]{4}-[0-9]{6}\b")


@dataclass(frozen=True)
class Check:
    """One answer: ``name`` from a fixed list (``check.<name>`` is its word), whether it holds, and why in a sentence."""

    name: str
    ok: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What was found of a file or a document; ``document`` is None for a file that nothing of ours is known of."""

    document: Document | None
    checks: Sequence[Check]

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    @property
    def is_readable(self) -> bool:
        """False for what is no PDF at all, or is broken beyond looking into."""
        return not any(check.name == "readable" and not check.ok for check in self.checks)


def check_document(document: Document, *, at: datetime) -> Verdict:
    """Look at an issued document as it stands: its stored file, and the ledger that it speaks of."""
    issued = Check(
        "issued",
        ok=True,
        sentence=_("Issued by %(issuer)s as %(number)s.")
        % {"issuer": documents.issuer().name, "number": document.number},
    )
    try:
        pdf = artifacts.read(document.artifact)
    except DomainError as error:
        return Verdict(document, [issued, Check("kept", ok=False, sentence=error.sentence), *_of_ledger(document)])
    except (OSError, ValueError):
        why = _("The file that we keep is not the one that was issued: its digest differs, or it is gone.")
        return Verdict(document, [issued, Check("kept", ok=False, sentence=why), *_of_ledger(document)])
    kept = Check(
        "kept", ok=True, sentence=_("The file that we keep has the digest that was recorded when it was issued.")
    )
    return Verdict(document, [issued, kept, *_of_file(pdf, document, at=at), *_of_ledger(document)])


def check_file(pdf: bytes, *, at: datetime) -> Verdict:
    """Look at a file that somebody holds. Never raises for a broken or hostile one."""
    digest = hashlib.sha256(pdf).hexdigest()
    document = Document.objects.select_related("artifact").filter(artifact_id=digest).first()
    if document is not None:
        return check_document(document, at=at)
    found = [Check(one.name, one.ok, one.sentence) for one in _validated(pdf)]
    if found and found[0].name == "readable" and not found[0].ok:
        return Verdict(None, found)
    named = NUMBER.findall(pdf)
    known = Document.objects.filter(number__in={number.decode() for number in named[:50]}).first()
    why = (
        _("It calls itself %(number)s, but the file that was issued under that number has other content.")
        % {"number": known.number}
        if known is not None
        else _("No document with this content was issued here.")
    )
    return Verdict(known, [*found, Check("issued", ok=False, sentence=why)])


def _validated(pdf: bytes) -> list[validate.Check]:
    return validate.validate(pdf, trusted=sign.trusted_certificates(documents.keys_folder()))


def _of_file(pdf: bytes, document: Document, *, at: datetime) -> list[Check]:
    found = [Check(one.name, one.ok, one.sentence) for one in _validated(pdf)]
    embedded = validate.attachments(pdf).get(documents.ATTACHED)
    if embedded is None:
        return [*found, Check("same_ledger", ok=False, sentence=_("The ledger entries are not embedded in the file."))]
    found.append(_same_ledger(embedded, document, at=at))
    found.append(_embedded_holds(embedded))
    return found


def _same_ledger(embedded: bytes, document: Document, *, at: datetime) -> Check:
    """What is embedded is, byte for byte, what the ledger says today of the same stretch."""
    try:
        now = exporting.export(document.chain_id, at=at, until=document.sequence)
    except (DomainError, ValueError, LookupError) as error:
        return Check("same_ledger", ok=False, sentence=_("The ledger can't be compared: %(why)s") % {"why": str(error)})
    if now != embedded:
        return Check("same_ledger", ok=False, sentence=_("The ledger says something else today than is embedded here."))
    return Check(
        "same_ledger",
        ok=True,
        sentence=_("Entries 1 to %(last)s in the file are those of the ledger, byte for byte.")
        % {"last": document.sequence},
    )


def _embedded_holds(embedded: bytes) -> Check:
    """The stand-alone verifier's answer, under a checkpoint key that this install has or had."""
    keys = checkpoints.public_keys()
    try:
        export = verifier.parse_export(embedded)
        signer = export.data.get("checkpoint", {}).get("key_id", "")
        if signer not in keys:
            return Check("proof", ok=False, sentence=_("The checkpoint is not signed by a key of ours."))
        export = verifier.parse_export(embedded, trusted_key=bytes.fromhex(keys[signer]))
        breaks = verifier.verify(export)
    except verifier.Unreadable as error:
        return Check("proof", ok=False, sentence=str(error))
    if breaks:
        return Check("proof", ok=False, sentence=breaks[0].sentence())
    size = export.data["checkpoint"]["size"]
    return Check(
        "proof",
        ok=True,
        sentence=_("The last entry stands under our signed checkpoint over %(size)s entries.") % {"size": f"{size:,}"},
    )


def _of_ledger(document: Document) -> list[Check]:
    return [_recorded(document), _chain(document), _mark(document), _current(document)]


def _recorded(document: Document) -> Check:
    entry = Entry.objects.filter(
        chain_id=document.chain_id, kind=facts.DocumentIssued.kind, payload__document=str(document.id)
    ).first()
    if entry is None:
        return Check("recorded", ok=False, sentence=_("The ledger has no entry that it was issued."))
    if entry.payload.get("digest") != document.artifact_id:
        return Check("recorded", ok=False, sentence=_("The ledger recorded another file under this number."))
    return Check(
        "recorded",
        ok=True,
        sentence=_("Entry %(sequence)s of the chain records it with the digest of this file.")
        % {"sequence": entry.sequence},
    )


def _chain(document: Document) -> Check:
    breaks = verification.chain(document.chain_id)
    head = Entry.objects.filter(chain_id=document.chain_id, sequence=document.sequence).first()
    if breaks:
        return Check("chain", ok=False, sentence=_("The chain of entries is broken: %(why)s") % {"why": breaks[0]})
    if head is None or head.digest != document.head_digest:
        return Check("chain", ok=False, sentence=_("The entry it rests on is not the one it was issued for."))
    return Check("chain", ok=True, sentence=_("Every entry of the chain holds today, up to its head."))


def _mark(document: Document) -> Check:
    """The checkpoint in the database: still there, still signed, over a log that still has the entry."""
    place = LogPlace.objects.filter(entry__chain_id=document.chain_id, entry__sequence=document.sequence).first()
    row = checkpoints.first_covering(place.position) if place is not None else None
    if row is None:
        return Check("checkpoint", ok=False, sentence=_("No checkpoint covers the entry it rests on."))
    signer = checkpoints.public_keys().get(row.key_id)
    if signer is None or not signing.verify_checkpoint(checkpoints.as_signed(row), bytes.fromhex(signer)):
        return Check(
            "checkpoint",
            ok=False,
            sentence=_("The checkpoint over %(size)s entries is not signed by a key of ours.") % {"size": row.size},
        )
    return Check(
        "checkpoint",
        ok=True,
        sentence=_("The checkpoint over %(size)s entries is signed by us and covers it.") % {"size": f"{row.size:,}"},
    )


def _current(document: Document) -> Check:
    if document.replaced_by is not None:
        return Check(
            "current",
            ok=False,
            sentence=_("It was replaced by %(number)s.") % {"number": document.replaced_by.number},
        )
    return Check("current", ok=True, sentence=_("It was not replaced or revoked."))
