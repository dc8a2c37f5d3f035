"""How wide words are, and how letters are drawn: the outlines of a font of the machine, the same that documents are set in.

Labels are drawn in the web process, which has no WeasyPrint; a letter is its outline, so nothing need be embedded. A Zebra's own font 0
is narrower than these, so what fits here fits there.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import DomainError

NAMES = (
    "LiberationSans-Bold.ttf", "DejaVuSansCondensed-Bold.ttf", "DejaVuSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf", "NotoSans-Bold.ttf",
)  # fmt: skip
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
WIDEST = 0.78
"""What a letter takes at most on average, where there is no font to ask."""
ASCENT = 0.78
"""Where the line stands on which letters stand, from the top of the em."""


class NoFont(DomainError):
    """The machine has no font for labels."""

    code = "no_font"


@lru_cache(maxsize=1)
def _path() -> Path | None:
    folders = [Path(one).expanduser() for one in FOLDERS]
    if sys.platform == "win32":
        folders.append(Path("C:/Windows/Fonts"))
    found = {path.name: path for folder in folders if folder.is_dir() for path in folder.rglob("*.ttf")}
    return next((found[name] for name in NAMES if name in found), None)


@lru_cache(maxsize=1)
def _font() -> Any:  # noqa: ANN401
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - a hundred milliseconds that most requests don't need

    path = _path()
    if path is None:
        return None
    font = TTFont(path, lazy=True)
    return font, font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


def width(text: str) -> float:
    """How wide a line is, in em."""
    if (font := _font()) is None:
        return len(text) * WIDEST
    _file, letters, metrics, units = font
    return float(sum(metrics[letters.get(ord(letter), ".notdef")][0] for letter in text)) / float(units)


def fitted(text: str, room: float, size: float) -> str:
    """``text`` on one line of ``room`` at ``size``: shortened with an ellipsis where it is longer."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if width(text) * size <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…") * size <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…" if low else ""


def size_for(text: str, room: float, *, most: float, least: float) -> float:
    """The largest size, between these, at which ``text`` fits in ``room``; ``least`` where it doesn't fit at any."""
    one = width(text)
    return max(least, min(most, room / one if one else most))


@lru_cache(maxsize=4096)
def outline(letter: str) -> tuple[str, float]:
    """A letter as PDF path operators in units of the em, filled; and how far it moves on."""
    if (font := _font()) is None:
        raise NoFont(_("This machine has no font for labels. Install Liberation Sans or DejaVu Sans, or print as ZPL."))
    from fontTools.pens.basePen import BasePen  # noqa: PLC0415

    file, letters, metrics, units = font
    name = letters.get(ord(letter), ".notdef")
    said: list[str] = []

    class Pen(BasePen):  # type: ignore[misc]
        """Writes what the font says as PDF operators; quadratic curves come as cubic ones."""

        def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
            said.append(f"{point[0]:.0f} {point[1]:.0f} m")

        def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
            said.append(f"{point[0]:.0f} {point[1]:.0f} l")

        def _curveToOne(self, one: tuple[float, float], two: tuple[float, float], point: tuple[float, float]) -> None:  # noqa: N802
            said.append(f"{one[0]:.0f} {one[1]:.0f} {two[0]:.0f} {two[1]:.0f} {point[0]:.0f} {point[1]:.0f} c")

        def _closePath(self) -> None:  # noqa: N802
            said.append("h")

    glyphs = file.getGlyphSet()
    glyphs[name].draw(Pen(glyphs))
    scale = 1 / units
    return f"{scale:.8f} 0 0 {scale:.8f} 0 0 cm {' '.join(said)}{' f' if said else ''}", metrics[name][0] / units
