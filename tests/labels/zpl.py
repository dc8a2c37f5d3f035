"""A strict reader of the ZPL that we write: it knows the commands that we use with their parameters, and refuses all else.

``read`` gives the labels with their fields, each with the rectangle that it covers, so that tests can see what overlaps or stands out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import segno

from revlog.labels.drawing import fonts
from revlog.labels.symbols import code128


class Wrong(AssertionError):
    """It isn't ZPL as we write it."""


@dataclass
class Field:
    kind: str
    x: int
    y: int
    width: int
    height: int
    text: str = ""


@dataclass
class Label:
    width: int = 0
    height: int = 0
    copies: int = 0
    fields: list[Field] = field(default_factory=list)


_HEAD = {
    "CI": r"28", "PO": r"N", "LH": r"0,0", "PW": r"([1-9]\d{1,4})", "LL": r"([1-9]\d{1,4})", "PQ": r"([1-9]\d?)",
}  # fmt: skip
_FIELD = re.compile(r"\^FO(\d{1,5}),(\d{1,5})(.*?)\^FS", re.DOTALL)
_DATA = r"\^FH_\^FD((?:[ -\]`-}]|_[0-9A-F]{2})*)"
_KINDS = {
    "text": re.compile(r"\^A0N,(\d+),(\d+)" + _DATA),
    "bars": re.compile(r"\^BY(\d{1,2}),2,(\d+)\^BCN,(\d+),N,N,N,([AN])" + _DATA),
    "qr": re.compile(r"\^BQN,2,(\d{1,2})" + _DATA),
    "datamatrix": re.compile(r"\^BXN,(\d{1,2}),200,(\d+),(\d+),6,_" + _DATA),
    "rule": re.compile(r"\^GB(\d+),(\d+),(\d+),B,0"),
    "sign": re.compile(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-FG-Yg-z,!:]+)"),
}


def read(text: str) -> list[Label]:
    found = []
    rest = text
    while rest:
        begun = re.match(r"\^XA\n(.*?)\^XZ\n", rest, re.DOTALL)
        if begun is None:
            raise Wrong(f"no label begins at {rest[:40]!r}")
        found.append(_label(begun.group(1)))
        rest = rest[begun.end() :]
    return found


def _label(body: str) -> Label:
    label = Label()
    for line in body.splitlines():
        if not line.isascii() or "~" in line:
            raise Wrong(f"a byte that may command the printer: {line[:60]!r}")
        if line.startswith("^FO"):
            label.fields.append(_field(line))
            continue
        name, told = line[1:3], line[3:]
        if line[:1] != "^" or name not in _HEAD or (value := re.fullmatch(_HEAD[name], told)) is None:
            raise Wrong(f"unknown command {line[:60]!r}")
        if name == "PW":
            label.width = int(value[1])
        elif name == "LL":
            label.height = int(value[1])
        elif name == "PQ":
            label.copies = int(value[1])
    if not (label.width and label.height and label.copies):
        raise Wrong("no size, or no number of copies")
    return label


def _field(line: str) -> Field:
    placed = _FIELD.fullmatch(line)
    if placed is None:
        raise Wrong(f"not one whole field: {line[:80]!r}")
    x, y = int(placed[1]), int(placed[2])
    for kind, shape in _KINDS.items():
        if (told := shape.fullmatch(placed[3])) is None:
            continue
        if kind == "text":
            said = _said(told[3])
            # Font 0 is narrower than the font that we measure with.
            return Field(kind, x, y, int(fonts.width(said) * int(told[2])), int(told[1]), said)
        if kind == "bars":
            said = _said(told[5])
            gs1 = told[4] == "N"
            if gs1 and not re.fullmatch(r">;>8\d{20}", said):
                raise Wrong(f"no SSCC: {said!r}")
            wide = code128.modules(said.removeprefix(">;>8"), gs1=gs1) * int(told[1])
            return Field(kind, x, y, wide, int(told[3]), said)
        if kind == "qr":
            said = _said(told[2])
            if not said.startswith("MA,"):
                raise Wrong("a QR code says its correction and mode first")
            side = len(segno.make_qr(said[3:], error="m", boost_error=False).matrix) * int(told[1])
            return Field(kind, x, y, side, side, said[3:])
        if kind == "datamatrix":
            return Field(kind, x, y, int(told[1]) * int(told[2]), int(told[1]) * int(told[3]), _said(told[4]))
        if kind == "rule":
            return Field(kind, x, y, int(told[1]), int(told[2]))
        total, again, across = int(told[1]), int(told[2]), int(told[3])
        rows = unpacked(told[4], across)
        if total != again or len(rows) * across != total:
            raise Wrong(f"a picture of {len(rows)} rows says it has {total} bytes")
        return Field(kind, x, y, across * 8, len(rows))
    raise Wrong(f"unknown field {placed[3][:80]!r}")


def _said(data: str) -> str:
    return re.sub(rb"_([0-9A-F]{2})", lambda hexed: bytes.fromhex(hexed[1].decode()), data.encode()).decode()


def unpacked(data: str, across: int) -> list[str]:
    """The rows of a picture in Zebra's short form."""
    rows, row, count = [], "", 0
    for letter in data:
        if letter == ":":
            rows.append(rows[-1])
        elif letter in ",!":
            rows.append(row + ("0" if letter == "," else "F") * (across * 2 - len(row)))
            row = ""
        elif "G" <= letter <= "Y":
            count += ord(letter) - ord("F")
        elif "g" <= letter <= "z":
            count += (ord(letter) - ord("f")) * 20
        else:
            row += letter * (count or 1)
            count = 0
        if len(row) == across * 2:
            rows.append(row)
            row = ""
        if len(row) > across * 2:
            raise Wrong("a row that is too long")
    if row or count:
        raise Wrong("a row that doesn't end")
    return rows


def outside(label: Label) -> list[Field]:
    return [one for one in label.fields if one.x + one.width > label.width or one.y + one.height > label.height]


def overlapping(label: Label) -> list[tuple[Field, Field]]:
    """Fields that lie on each other; what is printed into a sign that fills the label is meant to."""
    fields = [one for one in label.fields if not (one.kind == "sign" and one.width > label.width * 0.9)]
    return [
        (one, other)
        for place, one in enumerate(fields)
        for other in fields[place + 1 :]
        if one.x < other.x + other.width and other.x < one.x + one.width
        and one.y < other.y + other.height and other.y < one.y + one.height
    ]  # fmt: skip
