"""The export: one thing's chain with its proof, as a file that anyone can check with ``revlog.custody.verifier``.

The same bytes are written by ``export_ledger`` and attached to certificates. So nothing in them may depend on when they
are made: the chain is cut after a named entry, the subject is what the chain itself has said by then, and the
checkpoint is always the *first* whose size covers the last entry's position in the log. Checkpoints are only ever
added, each longer than the last, so the first that covers a position stays the first. docs/ledger.md has the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from revlog.custody import canonical
from revlog.custody.digests import utc_text
from revlog.custody.signing import Checkpoint

FORMAT: Final = "revlog.export/1"


class UnableToExport(ValueError):
    """The parts do not make one export; the sentence says which of them disagree."""


class RecordedEntry(Protocol):
    """What the export reads of an entry; ``custody.models.Entry`` has it all."""

    @property
    def sequence(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def payload(self) -> Any: ...  # noqa: ANN401 - whatever JSON the ledger kept
    @property
    def previous(self) -> str: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where the export's last entry stands in the log: position from 1, and the proof under the checkpoint's root."""

    sequence: int
    position: int
    proof: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Citation:
    """An entry of another chain that an entry of this one cites: the parent of a harvested part, for instance."""

    chain: str
    sequence: int
    digest: str


def build_export(
    *,
    chain: str,
    subject: Mapping[str, str],
    entries: Iterable[RecordedEntry],
    checkpoint: Checkpoint | None = None,
    inclusion: Inclusion | None = None,
    public_keys: Mapping[str, str] | None = None,
    parents: Sequence[Citation] = (),
) -> bytes:
    """Return the export as canonical JSON in one line, with a newline at its end.

    ``chain`` is ``<kind>:<uuid>``; ``subject`` names the thing by what its entries say: ``{"tag": "RV-7K3M-Q2"}`` needs
    an entry with that ``tag`` in its payload; ``entries`` run from the first to the one the export ends with.
    Checkpoint and inclusion come together or not at all; of ``public_keys`` (key id to hexadecimal) only the one that
    signed is written, so keys that came later change nothing. Raises UnableToExport.
    """
    listed = [
        {
            "sequence": entry.sequence,
            "kind": entry.kind,
            "version": entry.version,
            "occurred_at": utc_text(entry.occurred_at),
            "actor": entry.actor,
            "key": entry.key,
            "payload": entry.payload,
            "previous": entry.previous,
            "digest": entry.digest,
        }
        for entry in entries
    ]
    if not listed:
        raise UnableToExport(f"The chain {chain} has no entries to export.")
    head = {"sequence": listed[-1]["sequence"], "digest": listed[-1]["digest"]}
    export: dict[str, Any] = {
        "format": FORMAT,
        "chain": chain,
        "subject": dict(subject),
        "entries": listed,
        "head": head,
    }
    if parents:
        export["parents"] = [
            {"chain": cited.chain, "sequence": cited.sequence, "digest": cited.digest} for cited in parents
        ]
    for name, value in subject.items():
        if value not in [entry["payload"].get(name) for entry in listed]:
            raise UnableToExport(f"No entry of {chain} says {name} {value!r}, so the export may not say it either.")
    if (checkpoint is None) is not (inclusion is None):
        raise UnableToExport("A checkpoint and an inclusion proof belong together: give both or neither.")
    if checkpoint is not None and inclusion is not None:
        if inclusion.sequence != head["sequence"]:
            raise UnableToExport(
                f"The proof is for entry {inclusion.sequence} but the export ends with {head['sequence']}."
            )
        if not 1 <= inclusion.position <= checkpoint["size"]:
            raise UnableToExport(
                f"The checkpoint covers {checkpoint['size']:,} entries, not position {inclusion.position:,}."
            )
        signer = checkpoint["key_id"]
        if not public_keys or signer not in public_keys:
            raise UnableToExport(f"The public key {signer}, which signed the checkpoint, is not among those given.")
        export["checkpoint"] = dict(checkpoint)
        export["inclusion"] = {
            "sequence": inclusion.sequence,
            "position": inclusion.position,
            "proof": [step.hex() for step in inclusion.proof],
        }
        export["public_keys"] = {signer: public_keys[signer]}
    return canonical.dumps(export) + b"\n"
