"""Is this file what was issued? A list of small answers, each with a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cryptography import x509

if TYPE_CHECKING:
    from revlog.evidence.pdf import pades

LARGEST = 16 * 1024 * 1024  # bytes of a file we look into
# What the readers of PDF take long to get through, and no document of ours contains.
EMPTINESS = re.compile(rb"[\x00\t\n\f\r ]{65536}")
ENDING = re.compile(rb"startxref\s{1,8}(\d{1,10})\s{1,8}%%EOF\s{0,8}\Z")
TABLE = re.compile(rb"\s{0,8}(xref|\d{1,10} \d{1,5} obj)\b")
Name = Literal["readable", "signed", "intact", "whole_file", "no_later_change", "trusted", "attachment"]


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. ``name`` is from a fixed list, for pages that say it in another language."""

    name: Name
    ok: bool
    sentence: str


def holds(checks: Sequence[Check]) -> bool:
    """Whether every check passed; of an empty list, no."""
    return bool(checks) and all(check.ok for check in checks)


def validate(pdf: bytes, *, trusted: Sequence[x509.Certificate]) -> list[Check]:
    """Check the signature of ``pdf`` against ``trusted`` certificates, and that the embedded files can be read.

    Never raises for a broken or hostile file: it fails the check that names the trouble, and checks that can't be made after it
    are left out. The certificate must have been valid at the time of signing that the signature claims.
    """
    # Imported here, because pyHanko costs a web worker memory that most of them never need.
    from revlog.evidence.pdf import pades  # noqa: PLC0415

    if trouble := _trouble(pdf):
        return [Check("readable", ok=False, sentence=trouble)]
    try:
        found = pades.inspect(pdf, trusted=trusted)
    except pades.NotOneSignature as error:
        readable = Check("readable", ok=True, sentence="The file can be read.")
        if error.number == 0:
            return [readable, Check("signed", ok=False, sentence="The file carries no signature.")]
        sentence = f"The file carries {error.number} signatures; documents of ours carry one."
        return [readable, Check("no_later_change", ok=False, sentence=sentence)]
    except Exception as error:  # a hostile file may fail anywhere in the reader, and the answer is the same
        kind = type(error).__name__
        return [
            Check("readable", ok=False, sentence=f"The file is damaged: it can't be read as a signed PDF ({kind}).")
        ]
    return [
        Check("readable", ok=True, sentence="The file can be read."),
        Check("signed", ok=True, sentence=f"The file is signed by “{found.signer}”."),
        _intact(found),
        _whole_file(found),
        _no_later_change(found),
        _trusted(found),
        _attachment(pdf),
    ]


def attachments(pdf: bytes) -> dict[str, bytes]:
    """The files embedded in ``pdf``, by name; an empty mapping when there are none or they can't be read."""
    from revlog.evidence.pdf import pades  # noqa: PLC0415

    if _trouble(pdf):
        return {}
    try:
        return pades.embedded_files(pdf)
    except Exception:  # see validate
        return {}


def _trouble(pdf: bytes) -> str:
    """Why a file is not worth parsing, or "": a reader that searches megabytes for what isn't there takes its time."""
    if not pdf.startswith(b"%PDF-"):
        return "This is not a PDF file."
    if len(pdf) > LARGEST:
        return f"The file has more than {LARGEST // 1024 // 1024} MiB, which no document of ours has."
    ending = ENDING.search(pdf, max(len(pdf) - 64, 0))
    if ending is None:
        return "The file is damaged: its end is missing, or something follows it."
    if EMPTINESS.search(pdf) or not TABLE.match(pdf, int(ending[1])):
        return "The file is damaged: its table of contents is not where it should be."
    return ""


def _intact(found: pades.Inspection) -> Check:
    if not found.digest_holds:
        return Check(
            "intact", ok=False, sentence="The content was changed after signing: it does not match the signature."
        )
    if not found.exact:
        return Check("intact", ok=False, sentence="The signature itself was changed after signing.")
    return Check("intact", ok=True, sentence="The content matches the signature.")


def _whole_file(found: pades.Inspection) -> Check:
    if found.reaches_end:
        return Check("whole_file", ok=True, sentence="The signature covers the whole file.")
    return Check("whole_file", ok=False, sentence="The signature covers only a part of the file.")


def _no_later_change(found: pades.Inspection) -> Check:
    if not (found.last_revision and found.reaches_end):
        return Check("no_later_change", ok=False, sentence="Something was added to the file after signing.")
    if not found.forbids_changes:
        return Check("no_later_change", ok=False, sentence="The signature allows later changes, which ours never does.")
    return Check("no_later_change", ok=True, sentence="Nothing was added to the file after signing.")


def _trusted(found: pades.Inspection) -> Check:
    if found.trusted:
        return Check("trusted", ok=True, sentence=f"The signature was made with a key of ours, “{found.signer}”.")
    return Check(
        "trusted", ok=False, sentence=f"The signature was not made with a key of ours, but by “{found.signer}”."
    )


def _attachment(pdf: bytes) -> Check:
    files = attachments(pdf)
    if not files:
        return Check("attachment", ok=False, sentence="The file holds no embedded file that can be read.")
    return Check("attachment", ok=True, sentence=f"The embedded files can be read: {', '.join(sorted(files))}.")
