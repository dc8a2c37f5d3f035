"""What stands on a label, said once; and what lies where, in millimetres, once it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Symbol = Literal["qr", "datamatrix", "code128", "gs1"]
Form = Literal["thing", "address", "mark", "words"]


@dataclass(frozen=True)
class Sheet:
    """Labels on a sheet of A4: how many, and where the first one lies."""

    columns: int
    rows: int
    left: float
    top: float
    across: float = 0
    down: float = 0

    @property
    def count(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True)
class Stock:
    """What a printer is loaded with: a roll of labels of one size, or sheets of them."""

    name: str
    label: str | Promise
    width: float
    height: float
    sheet: Sheet | None = None


STOCKS: dict[str, Stock] = {
    one.name: one
    for one in (
        Stock("50x25", _("50 × 25 mm (strip for a unit)"), 50, 25),
        Stock("75x50", _("75 × 50 mm"), 75, 50),
        Stock("100x50", _("100 × 50 mm"), 100, 50),
        Stock("100x100", _("100 × 100 mm (hazard)"), 100, 100),
        Stock("100x150", _("100 × 150 mm (shipping)"), 100, 150),
        Stock("a4-3x8", _("A4, 24 labels of 70 × 37 mm"), 70, 37, Sheet(3, 8, 0, 0.5)),
        Stock("a4-3x7", _("A4, 21 labels of 63.5 × 38.1 mm"), 63.5, 38.1, Sheet(3, 7, 7.2, 15.15, 2.5)),
        Stock("a4-2x4", _("A4, 8 labels of 99.1 × 67.7 mm"), 99.1, 67.7, Sheet(2, 4, 4.65, 13.1, 2.5)),
        Stock("a4-2x2", _("A4, 4 labels of 105 × 148 mm"), 105, 148, Sheet(2, 2, 0, 0.5)),
    )
}


@dataclass(frozen=True)
class Code:
    """What a scanner reads: ``text`` as this symbol. A ``gs1`` code is an SSCC: its 18 digits."""

    text: str
    symbol: Symbol = "qr"


@dataclass(frozen=True)
class Label:
    """One label. ``title`` is large; ``lines`` follow, the most important first: what has no room is left out from the end.

    ``signs`` are pictures beside it. ``least`` is the smallest size on which it may be printed, ``colour`` says that it means nothing
    without red. Form ``address`` has ``lines`` as the receiver's and ``under`` as small print; ``mark`` is one sign that fills the label;
    ``words`` are words as large as they go.
    """

    title: str
    code: Code | None = None
    lines: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    form: Form = "thing"
    least: tuple[float, float] = (0, 0)
    colour: bool = False


@dataclass(frozen=True)
class Text:
    """One line in a box: ``size`` is the height of the letters' em; it is as wide as ``width`` at most."""

    x: float
    y: float
    width: float
    size: float
    text: str
    centred: bool = False


@dataclass(frozen=True)
class Bars:
    x: float
    y: float
    width: float
    height: float
    text: str
    gs1: bool = False


@dataclass(frozen=True)
class Matrix:
    x: float
    y: float
    side: float
    text: str
    symbol: Symbol


@dataclass(frozen=True)
class Rule:
    """A black bar: a line between parts."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sign:
    x: float
    y: float
    side: float
    name: str


Mark = Text | Bars | Matrix | Rule | Sign
