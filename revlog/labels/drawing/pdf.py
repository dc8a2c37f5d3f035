"""Labels as PDF: a page for each, or sheets of A4. Written out here, without a layout engine, since everything has its place already.

Letters are the outlines of the font, so that nothing need be embedded; the same words stand over them unseen, to be found and read aloud.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import segno

from revlog.labels.drawing import fonts, layout, signs
from revlog.labels.drawing.shapes import Bars, Label, Mark, Matrix, Rule, Sign, Stock, Text
from revlog.labels.symbols import code128, datamatrix

POINT = 72 / 25.4
A4 = (210.0, 297.0)
_INKS = {"black": "0 g", "white": "1 g", "red": "0.85 0.07 0.13 rg"}


def draw(labels: Sequence[Label], stock: Stock, *, start: int = 1, title: str = "", at: datetime) -> bytes:
    """The PDF of ``labels``. On sheets the first lies at place ``start``, counted by rows. Raises BadInput, NoFont."""
    paper = _Paper()
    pages: list[list[str]] = []
    if stock.sheet is None:
        size = (stock.width, stock.height)
        pages = [_drawn(paper, layout.marks(label, stock), 0, 0, stock.height) for label in labels]
    else:
        size = A4
        sheet = stock.sheet
        first = max(0, min(start, sheet.count) - 1)
        for place, label in enumerate(labels, first):
            if place % sheet.count == 0 or not pages:
                pages.append([])
            row, column = divmod(place % sheet.count, sheet.columns)
            x = sheet.left + column * (stock.width + sheet.across)
            y = sheet.top + row * (stock.height + sheet.down)
            pages[-1] += _drawn(paper, layout.marks(label, stock), x, y, A4[1])
    return paper.written(pages, size=size, title=title, at=at)


def _drawn(paper: _Paper, marks: Sequence[Mark], x: float, y: float, height: float) -> list[str]:
    """The marks of one label, whose corner lies at ``x, y`` of the page."""
    found = [f"q {POINT:.6f} 0 0 {POINT:.6f} {x * POINT:.3f} {(height - y) * POINT:.3f} cm"]
    for mark in marks:
        if isinstance(mark, Text):
            found.append(_text(paper, mark))
        elif isinstance(mark, Bars):
            found.append(_bars(mark))
        elif isinstance(mark, Matrix):
            found.append(_matrix(mark))
        elif isinstance(mark, Rule):
            found.append(f"0 g {mark.x:.3f} {-mark.y - mark.height:.3f} {mark.width:.3f} {mark.height:.3f} re f")
        else:
            found.append(_sign(mark))
    return [*found, "Q"]


def _text(paper: _Paper, mark: Text) -> str:
    x = mark.x
    if mark.centred:
        x += max(0.0, (mark.width - fonts.width(mark.text) * mark.size) / 2)
    base = -mark.y - fonts.ASCENT * mark.size
    said = ["0 g"]
    at = x
    for letter in mark.text:
        name, step = paper.letter(letter)
        if not letter.isspace():
            said.append(f"q {mark.size:.3f} 0 0 {mark.size:.3f} {at:.3f} {base:.3f} cm /{name} Do Q")
        at += step * mark.size
    plain = mark.text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    said.append(f"BT 3 Tr /F0 {mark.size:.3f} Tf {x:.3f} {base:.3f} Td ({plain.decode('latin-1')}) Tj ET")
    return " ".join(said)


def _bars(mark: Bars) -> str:
    widths = code128.bars(mark.text, gs1=mark.gs1)
    module = min(0.6, mark.width / (code128.modules(mark.text, gs1=mark.gs1) + 2 * layout.QUIET))
    at = mark.x + (mark.width - module * code128.modules(mark.text, gs1=mark.gs1)) / 2
    said = ["0 g"]
    for place, width in enumerate(widths):
        if place % 2 == 0:
            said.append(f"{at:.4f} {-mark.y - mark.height:.3f} {int(width) * module:.4f} {mark.height:.3f} re")
        at += int(width) * module
    return " ".join([*said, "f"])


def _matrix(mark: Matrix) -> str:
    if mark.symbol == "datamatrix":
        rows: Sequence[Sequence[object]] = datamatrix.matrix(mark.text)
    else:
        rows = [bytes(row) for row in segno.make_qr(mark.text, error="m", boost_error=False).matrix]
    module = mark.side / (len(rows) + 2)
    said = ["0 g"]
    for y, row in enumerate(rows, 1):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            said.append(
                f"{mark.x + (start + 1) * module:.4f} {-mark.y - (y + 1) * module:.4f} {(x - start) * module:.4f} {module:.4f} re"
            )
    return " ".join([*said, "f"])


def _sign(mark: Sign) -> str:
    scale = mark.side / 100
    said = []
    for part in signs.parts(mark.name):
        points = [f"{mark.x + x * scale:.3f} {-mark.y - y * scale:.3f}" for x, y in part.points]
        said.append(f"{_INKS[part.ink]} {points[0]} m {' '.join(f'{point} l' for point in points[1:])} h f")
    return " ".join(said)


class _Paper:
    """The file while it is written: each letter is drawn once and used by name."""

    def __init__(self) -> None:
        self._letters: dict[str, tuple[str, str, float]] = {}

    def letter(self, letter: str) -> tuple[str, float]:
        if letter not in self._letters:
            drawn, step = fonts.outline(letter)
            self._letters[letter] = (f"G{len(self._letters)}", drawn, step)
        name, _drawn, step = self._letters[letter]
        return name, step

    def written(self, pages: Sequence[Sequence[str]], *, size: tuple[float, float], title: str, at: datetime) -> bytes:
        objects: list[bytes] = []

        def keep(body: bytes) -> int:
            objects.append(body)
            return len(objects)

        def stream(content: str, more: str = "") -> int:
            data = zlib.compress(content.encode("latin-1"))
            return keep(
                f"<< /Length {len(data)} /Filter /FlateDecode {more}>>\nstream\n".encode() + data + b"\nendstream"
            )

        catalog, tree = keep(b""), keep(b"")
        font = keep(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
        letters = {
            name: stream(drawn, "/Type /XObject /Subtype /Form /BBox [-1 -1 3 3] ")
            for name, drawn, _step in self._letters.values()
        }
        named = " ".join(f"/{name} {number} 0 R" for name, number in letters.items())
        resources = keep(f"<< /Font << /F0 {font} 0 R >> /XObject << {named} >> >>".encode())
        box = f"[0 0 {size[0] * POINT:.3f} {size[1] * POINT:.3f}]"
        leaves = []
        for page in pages:
            content = stream("\n".join(page))
            leaves.append(
                keep(
                    f"<< /Type /Page /Parent {tree} 0 R /MediaBox {box} /Resources {resources} 0 R /Contents {content} 0 R >>".encode()
                )
            )
        kids = " ".join(f"{number} 0 R" for number in leaves)
        objects[tree - 1] = f"<< /Type /Pages /Count {len(leaves)} /Kids [{kids}] >>".encode()
        # A viewer's own "fit to page" would make codes smaller and hazard marks too small.
        objects[catalog - 1] = (
            f"<< /Type /Catalog /Pages {tree} 0 R /ViewerPreferences << /PrintScaling /None /DisplayDocTitle true >> >>".encode()
        )
        moment = at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
        named_so = title.encode("utf-16-be").hex().upper()
        info = keep(f"<< /Title <FEFF{named_so}> /Producer (Revlog) /CreationDate ({moment}) >>".encode())
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(objects, 1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
        out += f"trailer\n<< /Size {len(objects) + 1} /Root {catalog} 0 R /Info {info} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)
