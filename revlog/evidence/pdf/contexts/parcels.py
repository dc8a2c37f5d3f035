"""What goes on or into a parcel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import Party, Person, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabel:
    """A parcel label of 100 x 150 mm; its ``sheet.paper`` is ``label``.

    ``hand_in`` says where, ``hand_in_until`` is a day (``2026-03-14``) or "". ``trade``: it is sold to us, not returned.
    """

    TEMPLATE: ClassVar[str] = "documents/return_label.html"
    VERSION: ClassVar[str] = "return-label/1"

    sheet: Sheet
    rma: str
    sender: Party
    receiver: Party
    qr: str
    parcel: int
    parcels: int
    hand_in: str
    hand_in_until: str
    carrier: str = ""
    tracking: str = ""
    warning: str = ""
    trade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLine:
    """``serials`` are the tags or serial numbers in the parcel; goods that are only counted have none."""

    description: str
    sku: str
    grade: str
    quantity: int
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSlip:
    TEMPLATE: ClassVar[str] = "documents/packing_slip.html"
    VERSION: ClassVar[str] = "packing-slip/1"

    sheet: Sheet
    order: str
    ordered_at: str
    sender: Party
    receiver: Party
    lines: tuple[PackedLine, ...]
    packed_by: Person
    parcels: int = 1
    weight_grams: int | None = None
    carrier: str = ""
    tracking: str = ""
    warranty: str = ""
    note: str = ""
