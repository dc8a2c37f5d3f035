"""Where each part of a label lies, in millimetres from its top left corner: the same for paper and for a label printer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.labels.drawing import fonts
from revlog.labels.drawing.shapes import Bars, Code, Label, Mark, Matrix, Rule, Sign, Stock, Text
from revlog.labels.symbols import code128

LEAD = 1.25
"""From line to line, in sizes of the letters."""
SMALLEST, LINE, LARGEST = 1.9, 3.2, 11.0
QUIET = 10
"""Modules of white beside bars, as ISO/IEC 15417 asks."""
FINEST = 0.19
"""The narrowest bar, in mm, that scanners on the floor read from a label printer."""


def marks(label: Label, stock: Stock) -> list[Mark]:
    """What is printed where. Raises BadInput where the label needs a larger size, or a code has no room."""
    if label.least[0] > stock.width or label.least[1] > stock.height:
        told = {"width": f"{label.least[0]:g}", "height": f"{label.least[1]:g}"}
        raise BadInput(Reason("too_small", _("This label needs a size of %(width)s × %(height)s mm.") % told))
    return {"thing": _thing, "address": _address, "mark": _mark, "words": _words}[label.form](label, stock)


def _margin(stock: Stock) -> float:
    return 2.0 if min(stock.width, stock.height) <= 50 else 4.0


def _thing(label: Label, stock: Stock) -> list[Mark]:
    """Its code beside its name; below each other on a label that is higher than wide."""
    margin = _margin(stock)
    width, height = stock.width - 2 * margin, stock.height - 2 * margin
    if label.code is not None and label.code.symbol in {"code128", "gs1"}:
        bars = min(18.0, height * 0.42)
        return [
            *_block(label, margin, margin, width, height - bars - 1),
            *_bars(label.code, margin, stock.height - margin - bars, width, bars),
        ]
    if stock.width >= stock.height * 1.3:
        side = min(height, width * 0.4) if label.code is not None else 0
        code = _code(label.code, margin, margin + (height - side) / 2, side)
        left = margin + side + (1.5 if side else 0)
        return [*code, *_block(label, left, margin, stock.width - margin - left, height)]
    side = min(width, height * 0.5) if label.code is not None else 0
    code = _code(label.code, margin + (width - side) / 2, stock.height - margin - side, side)
    return [*code, *_block(label, margin, margin, width, height - side - 1)]


def _code(code: Code | None, x: float, y: float, side: float) -> list[Mark]:
    return [Matrix(x, y, side, code.text, code.symbol)] if code is not None else []


def _bars(code: Code, x: float, y: float, width: float, height: float) -> list[Mark]:
    """Bars as wide as there is room for, and under them what they say."""
    gs1 = code.symbol == "gs1"
    text = f"00{code.text}" if gs1 else code.text
    needed = code128.modules(text, gs1=gs1) + 2 * QUIET
    if width / needed < FINEST:
        raise BadInput(Reason("too_small", _("The bars of %s have no room on this label.") % code.text))
    said = f"(00) {code.text}" if gs1 else code.text
    size = fonts.size_for(said, width, most=4.2, least=SMALLEST)
    return [
        Bars(x, y, width, height - size * LEAD - 0.5, text, gs1),
        Text(x, y + height - size * LEAD, width, size, fonts.fitted(said, width, size), centred=True),
    ]


def _block(label: Label, x: float, y: float, width: float, height: float) -> list[Mark]:
    """The title as large as it fits, signs in the lower right corner, the lines with the room that is left."""
    found: list[Mark] = []
    most = min(LARGEST, height * 0.34)
    size = fonts.size_for(label.title, width, most=most, least=min(most, 2.6))
    found.append(Text(x, y, width, size, fonts.fitted(label.title, width, size)))
    top = y + size * LEAD + 0.4
    left = y + height - top
    side = min(left * 0.6, 12.0, width * 0.3) if label.signs else 0
    for place, name in enumerate(label.signs[:2]):
        found.append(Sign(x + width - side * (place + 1) - place, y + height - side, side, name))
    signs = len(label.signs[:2]) * (side + 1)
    if not label.lines or left < SMALLEST * LEAD:
        return found
    line = max(SMALLEST, min(LINE if height < 45 else 5.0, left / (len(label.lines) * LEAD)))
    for text in label.lines[: int(left / (line * LEAD) + 1e-6)]:
        narrow = signs if top + line * LEAD > y + height - side else 0
        size = fonts.size_for(text, width - narrow, most=line, least=max(SMALLEST, line * 0.72))
        if said := fonts.fitted(text, width - narrow, size):
            found.append(Text(x, top, width - narrow, size, said))
        top += line * LEAD
    return found


def _address(label: Label, stock: Stock) -> list[Mark]:
    """A shipping label: who sends in small, who receives in large, what carries it, and the code below."""
    margin = _margin(stock)
    width, height = stock.width - 2 * margin, stock.height - 2 * margin
    below = height * 0.36 if label.code is not None else 0.0
    found: list[Mark] = []
    small = max(SMALLEST, min(3.0, height * 0.024))
    top = margin
    for text in label.under:
        if said := fonts.fitted(text, width, small):
            found.append(Text(margin, top, width, small, said))
            top += small * LEAD
    found.append(Rule(margin, top + 0.5, width, 0.5))
    top += 2.0
    left = stock.height - margin - below - 2 - top
    large = max(SMALLEST, min(9.0, left / (max(1, len(label.lines) + 1) * LEAD)))
    for text in (label.title, *label.lines)[: int(left / (large * LEAD) + 1e-6)]:
        size = fonts.size_for(text, width, most=large, least=min(large, 3.0))
        if said := fonts.fitted(text, width, size):
            found.append(Text(margin, top, width, size, said))
        top += large * LEAD
    if label.code is None:
        return found
    y = stock.height - margin - below
    found.append(Rule(margin, y - 1, width, 0.5))
    signs = label.signs[:2]
    if label.code.symbol in {"code128", "gs1"}:
        side = min(14.0, below * 0.4) if signs else 0
        bars = _bars(label.code, margin, y + 1 + side, width, below - 1 - side)
    else:
        side = min(below - 2, width * 0.4)
        bars = _code(label.code, margin, y + 1, below - 1.5)
    found += [Sign(margin + width - (side + 1) * (place + 1), y + 0.5, side, name) for place, name in enumerate(signs)]
    return [*found, *bars]


def _mark(label: Label, stock: Stock) -> list[Mark]:
    """A sign as large as the label, with what belongs in it: the UN number of the lithium mark, the 9 of class 9A."""
    side = min(stock.width, stock.height)
    x, y = (stock.width - side) / 2, (stock.height - side) / 2
    name = label.signs[0]
    found: list[Mark] = [Sign(x, y, side, name)]
    if name == "class_9a":
        size = side * 0.09
        nine = fonts.width("9") * size
        found.append(Text(x + side / 2 - nine, y + side * 0.8, 2 * nine, size, "9", centred=True))
        found.append(Rule(x + side / 2 - nine / 2, y + side * 0.8 + size, nine, side * 0.008))
        return found
    room = side * 0.82
    size = fonts.size_for(label.title, room, most=side * 0.17, least=8)
    found.append(
        Text(x + side * 0.09, y + side * 0.66, room, size, fonts.fitted(label.title, room, size), centred=True)
    )
    top = y + side * 0.66 + size * LEAD
    for text in label.lines[:1]:
        line = fonts.size_for(text, room, most=side * 0.06, least=3)
        found.append(Text(x + side * 0.09, top, room, line, fonts.fitted(text, room, line), centred=True))
    return found


def _words(label: Label, stock: Stock) -> list[Mark]:
    """Words as large as they go, a line for each of ``lines``, and the thing's code below."""
    margin = _margin(stock)
    width, height = stock.width - 2 * margin, stock.height - 2 * margin
    side = min(30.0, height * 0.3) if label.code is not None else 0.0
    each = (height - side - 2) / max(1, len(label.lines))
    found: list[Mark] = []
    top = margin
    for text in label.lines:
        size = fonts.size_for(text, width, most=each / LEAD, least=3)
        found.append(
            Text(margin, top + (each - size * LEAD) / 2, width, size, fonts.fitted(text, width, size), centred=True)
        )
        top += each
    y = stock.height - margin - side
    if label.code is not None:
        found.append(Rule(margin, y - 1.5, width, 0.5))
        found += _code(label.code, margin, y, side)
        rest = width - side - 2
        size = fonts.size_for(label.title, rest, most=side * 0.35, least=2.6)
        found.append(Text(margin + side + 2, y, rest, size, fonts.fitted(label.title, rest, size)))
        for place, text in enumerate(label.under[:3]):
            found.append(
                Text(margin + side + 2, y + size * LEAD + 1 + place * 4.2, rest, 3.2, fonts.fitted(text, rest, 3.2))
            )
    return found
