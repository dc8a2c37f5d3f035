"""Labels as ZPL II, the language of Zebra's printers and of those that speak like them.

Every text goes through ``^FH``: whatever could be a command, and whatever isn't plain ASCII, is written as hexadecimal UTF-8, so that no
name can change what is printed. Lengths are whole dots of the printer.
"""

from __future__ import annotations

from collections.abc import Sequence

import segno
from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.labels.drawing import fonts, layout, signs
from revlog.labels.drawing.shapes import Bars, Label, Mark, Matrix, Rule, Sign, Stock, Text
from revlog.labels.symbols import code128, datamatrix

DPI = (203, 300, 600)
_PER_MM = {203: 8, 300: 12, 600: 24}
"""Dots in a millimetre, as Zebra's heads have them."""
_PLAIN = frozenset(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]`abcdefghijklmnopqrstuvwxyz{|}")
MOST_COPIES = 99


def draw(label: Label, stock: Stock, *, dpi: int, copies: int = 1, red_stock: bool = False) -> str:
    """One label, ``copies`` times. Raises BadInput where it has no room, or means nothing in black alone."""
    if label.colour and not red_stock:
        raise BadInput(
            Reason("needs_red", _("This mark has a red border: print it in colour, or on stock that has the border."))
        )
    if stock.sheet is not None:
        raise BadInput(Reason("sheet", _("A label printer has a roll, not sheets.")))
    per = _PER_MM[dpi]
    lines = [
        "^XA", "^CI28", "^PON", "^LH0,0", f"^PW{_dots(stock.width, per)}", f"^LL{_dots(stock.height, per)}",
        *(_field(mark, per) for mark in layout.marks(label, stock)),
        f"^PQ{max(1, min(copies, MOST_COPIES))}", "^XZ",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """``text`` as the data of a field under ``^FH_``."""
    return "".join(
        letter if letter in _PLAIN else "".join(f"_{byte:02X}" for byte in letter.encode()) for letter in text
    )


def _dots(length: float, per: int) -> int:
    return int(length * per + 1e-6)


def _field(mark: Mark, per: int) -> str:
    if isinstance(mark, Text):
        return _text(mark, per)
    if isinstance(mark, Bars):
        return _bars(mark, per)
    if isinstance(mark, Matrix):
        return _matrix(mark, per)
    if isinstance(mark, Rule):
        width, height = max(1, _dots(mark.width, per)), max(1, _dots(mark.height, per))
        return f"^FO{_dots(mark.x, per)},{_dots(mark.y, per)}^GB{width},{height},{min(width, height)},B,0^FS"
    return _sign(mark, per)


def _text(mark: Text, per: int) -> str:
    size = max(10, _dots(mark.size, per))
    x = mark.x
    if mark.centred:
        x += max(0.0, (mark.width - fonts.width(mark.text) * mark.size) / 2)
    return f"^FO{_dots(x, per)},{_dots(mark.y, per)}^A0N,{size},{size}^FH_^FD{escaped(mark.text)}^FS"


def _bars(mark: Bars, per: int) -> str:
    modules = code128.modules(mark.text, gs1=mark.gs1)
    room = _dots(mark.width, per)
    module = min(10, room // (modules + 2 * layout.QUIET))
    if module < 1:
        raise BadInput(Reason("too_small", _("The bars of %s have no room on this label.") % mark.text))
    x = _dots(mark.x, per) + (room - module * modules) // 2
    # Subset C with FNC1 in front is what makes a Code 128 a GS1-128; else the printer chooses the subsets.
    data = f">;>8{mark.text}" if mark.gs1 else escaped(mark.text)
    mode = "N" if mark.gs1 else "A"
    height = _dots(mark.height, per)
    return f"^FO{x},{_dots(mark.y, per)}^BY{module},2,{height}^BCN,{height},N,N,N,{mode}^FH_^FD{data}^FS"


def _matrix(mark: Matrix, per: int) -> str:
    room = _dots(mark.side, per)
    x, y = _dots(mark.x, per), _dots(mark.y, per)
    if mark.symbol == "datamatrix":
        side = len(datamatrix.matrix(mark.text))
        module = room // (side + 2)
        if module < 2:
            raise BadInput(Reason("too_small", _("The code of %s has no room on this label.") % mark.text))
        at = (room - module * side) // 2
        return f"^FO{x + at},{y + at}^BXN,{module},200,{side},{side},6,_^FH_^FD{escaped(mark.text)}^FS"
    side = len(segno.make_qr(mark.text, error="m", boost_error=False).matrix)
    module = min(10, room // (side + 2))
    if module < 2:
        raise BadInput(Reason("too_small", _("The code of %s has no room on this label.") % mark.text))
    at = (room - module * side) // 2
    return f"^FO{x + at},{y + at}^BQN,2,{module}^FH_^FDMA,{escaped(mark.text)}^FS"


def _sign(mark: Sign, per: int) -> str:
    side = max(8, _dots(mark.side, per) // 8 * 8)
    across = side // 8
    rows = _rows(signs.dots(mark.name, side), across)
    total = across * side
    return f"^FO{_dots(mark.x, per)},{_dots(mark.y, per)}^GFA,{total},{total},{across},{rows}^FS"


def _rows(data: bytes, across: int) -> str:
    """The dots as hexadecimal in Zebra's short form: a letter for a run, ``,`` or ``!`` for the rest of a row, ``:`` for the same row."""
    found: list[str] = []
    before = None
    for start in range(0, len(data), across):
        row = data[start : start + across].hex().upper()
        if row == before:
            found.append(":")
            continue
        before = row
        if row.endswith("0") and not (bare := row.rstrip("0")):
            found.append(",")
        elif row.endswith("00"):
            found.append(_runs(bare) + ",")
        elif row.endswith("FF"):
            found.append(_runs(row.rstrip("F")) + "!")
        else:
            found.append(_runs(row))
    return "".join(found)


def _runs(row: str) -> str:
    found: list[str] = []
    at = 0
    while at < len(row):
        count = 1
        while at + count < len(row) and row[at + count] == row[at]:
            count += 1
        if count > 2:
            found.append(_count(count))
            found.append(row[at])
        else:
            found.append(row[at] * count)
        at += count
    return "".join(found)


def _count(count: int) -> str:
    """G is 1 to Y is 19, g is 20 to z is 400."""
    said = ""
    while count >= 20:
        tens = min(20, count // 20)
        said += chr(ord("g") + tens - 1)
        count -= tens * 20
    return said + (chr(ord("G") + count - 1) if count else "")


def many(labels: Sequence[Label], stock: Stock, *, dpi: int, copies: int = 1, red_stock: bool = False) -> str:
    return "".join(draw(one, stock, dpi=dpi, copies=copies, red_stock=red_stock) for one in labels)
