"""The chain of custody of one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import Party, Proof, Sheet, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEntry:
    """One fact of the chain as its reader is told it. ``sentence`` is already in the reader's language."""

    sequence: int
    at: str
    sentence: str
    kind: str
    actor: str
    place: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainOfCustody:
    TEMPLATE: ClassVar[str] = "documents/chain_of_custody.html"
    VERSION: ClassVar[str] = "chain-of-custody/1"

    sheet: Sheet
    unit: Unit
    owner: Party | None
    entries: tuple[CustodyEntry, ...]
    proof: Proof
