"""An EDID's base block of 128 bytes (VESA E-EDID, versions 1.0 to 1.4), and its way out of texts that print it in hexadecimal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from triage.reports import values
from triage.reports.edid.makers import name_of
from triage.reports.normal import Screen
from triage.reports.placeholders import clean, clean_serial

HEADER = bytes.fromhex("00ffffffffffff00")
SIZE = 128
LARGEST = 256 * SIZE
IN_HEXADECIMAL = re.compile(r"00[\s,:\\-]*(?:0x)?(?:ff[\s,:\\-]*(?:0x)?){6}00", re.IGNORECASE)
"""The eight bytes that every block begins with, as texts print them."""
_DESCRIPTORS = (54, 72, 90, 108)
_SERIAL, _TEXT, _NAME = 0xFF, 0xFE, 0xFC
_SIGNS = re.compile(r"[0-9A-Za-z]{4}")
# Dell's panels: its own part number, one byte of revision, the panel's.
_TWO_NUMBERS = re.compile(rb"([0-9A-Z]{5})[\x00-\x1f\x7f-\xff]([0-9A-Z]{4,7})")
_PANEL = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9][A-Z0-9 ._/+-]{3,12}")
_OFFSET = re.compile(
    r"(?:0x)?(?:[0-9a-f]{2,8}:|[0-9a-f]{7,8}) {1,3}((?:[0-9a-f]{2}(?:[0-9a-f]{2})?(?: {1,2}|$)){1,16})"
)
_NO_NUMBERS = frozenset({0, 0x01010101, 0xFFFFFFFF, 0x01000000, 1})


def in_text(text: str) -> list[bytes]:
    """The blocks that a text prints in hexadecimal, in any of the usual ways; none where it prints something else."""
    return list(_runs(text[: 8 * LARGEST]))[:64]


def _runs(text: str) -> Iterator[bytes]:
    """Blocks out of plain hexadecimal, ``xxd``, ``hexdump -C``, ``xrandr --props``, ``.reg`` files and C arrays."""
    digits = ""
    for line in [*text.splitlines(), ""]:
        found = "".join(re.findall(r"[0-9a-f]", _hexadecimal(line)))
        if found:
            digits += found
            continue
        if digits:
            yield from _cut(digits)
        digits = ""


def _cut(digits: str) -> Iterator[bytes]:
    start = digits.find(HEADER.hex())
    if start >= 0:
        body = digits[start:]
        yield bytes.fromhex(body[: len(body) // 2 * 2])


def _hexadecimal(line: str) -> str:
    """The part of a line that is nothing but bytes in hexadecimal; empty for a line of words."""
    plain = re.sub(r"^\"?edid\"?\s*[=:]\s*(?:hex:)?", "", line.strip().lower())
    if found := _OFFSET.match(plain):
        # A dump: the place first, then up to sixteen bytes, then the same as letters.
        return found[1]
    plain = plain.replace("0x", " ").replace("\\", " ").strip(" {};,\t")
    return plain if re.fullmatch(r"[0-9a-f][0-9a-f, :\t-]*", plain) else ""


@dataclass(frozen=True)
class Block:
    """A base block with what follows it. ``sound`` is whether the base block's checksum is right."""

    data: bytes

    @property
    def sound(self) -> bool:
        return sum(self.data[:SIZE]) % 256 == 0

    @property
    def damaged_behind(self) -> bool:
        """Whether one of the extensions that are there has a wrong checksum or an end missing; an extract may leave them out."""
        named = SIZE * (1 + self.data[126])
        return any(
            len(one) < SIZE or sum(one) % 256 for at in range(SIZE, named, SIZE) if (one := self.data[at : at + SIZE])
        )

    @property
    def letters(self) -> str | None:
        """The maker's PNP id; None where the three packed numbers are no letters."""
        packed = self.data[8] << 8 | self.data[9]
        letters = "".join(chr(64 + (packed >> shift & 31)) for shift in (10, 5, 0))
        return letters if letters.isalpha() and letters.isascii() else None

    @property
    def version(self) -> tuple[int, int]:
        return self.data[18], self.data[19]

    def texts(self, kind: int) -> list[bytes]:
        """The descriptors of a kind, up to the line feed that ends them."""
        rows = [self.data[at : at + 18] for at in _DESCRIPTORS]
        return [row[5:].split(b"\n")[0] for row in rows if row[:3] == b"\0\0\0" and row[3] == kind]

    def model(self) -> str | None:
        """The name that the screen gives itself, or the part number that a panel has in its text instead."""
        name = "".join(one.decode("latin-1") for one in self.texts(_NAME) if one.strip(b" \0"))
        if found := clean(" ".join(name.split())):
            return found
        numbers = [_part_number(one) for one in self.texts(_TEXT)]
        return next((number for number in reversed(numbers) if number), None)

    def serial(self) -> str | None:
        """The serial in letters, else the number; both are left as they come from the tube in many screens, which is no serial."""
        for one in self.texts(_SERIAL):
            if found := clean_serial(one.decode("latin-1").strip("\0 ")):
                return found
        number = int.from_bytes(self.data[12:16], "little")
        letters = self.data[12:16].decode("latin-1")
        if number in _NO_NUMBERS or (letters.isascii() and _SIGNS.fullmatch(letters)):
            # Four letters in the number's place are a piece of the serial or of the model.
            return None
        return clean_serial(str(number))

    def made_year(self) -> int | None:
        return 1990 + self.data[17] if 0 < self.data[17] < 110 else None

    def screen(self) -> Screen:
        width, height = self._millimetres()
        shape = self._shape()
        return Screen(
            manufacturer=name_of(self.letters) if self.letters else None,
            model=self.model(),
            serial=self.serial() if self.sound else None,
            width_px=shape[0] if shape else None,
            height_px=shape[1] if shape else None,
            width_mm=width,
            height_mm=height,
            made_year=self.made_year(),
        )

    def _timing(self) -> bytes | None:
        """The first detailed timing, where the version or the feature bit says that it is the screen's own."""
        row = self.data[54:72]
        own = self.version >= (1, 3) or self.data[24] & 2
        return row if own and (row[0] or row[1]) else None

    def _shape(self) -> tuple[int, int] | None:
        row = self._timing()
        if row is None:
            return None
        across, down = row[2] | (row[4] & 0xF0) << 4, row[5] | (row[7] & 0xF0) << 4
        return (across, down * 2 if row[17] & 0x80 else down) if across and down else None

    def _millimetres(self) -> tuple[int | None, int | None]:
        """The picture's size: to the millimetre where the timing agrees with the centimetres, else those; a projector has none."""
        wide, high = self.data[21] * 10, self.data[22] * 10
        row = self._timing()
        if row is not None:
            across, down = row[12] | (row[14] & 0xF0) << 4, row[13] | (row[14] & 0x0F) << 8
            if abs(across - wide) <= 10 and abs(down - high) <= 10 and across and down:
                return across, down
        # One of the two alone is an aspect ratio since version 1.4.
        return (wide, high) if wide and high else (None, None)


def _part_number(raw: bytes) -> str | None:
    if two := _TWO_NUMBERS.fullmatch(raw.rstrip(b" \0")):
        return f"{two[1].decode()} {two[2].decode()}"
    line = values.text(raw.decode("latin-1").strip("\0 "))
    return clean(line) if line and _PANEL.fullmatch(line) else None
