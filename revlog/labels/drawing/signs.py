"""Pictures on labels as polygons in a square of 100 by 100, from the top left: drawn in a PDF as paths, for ZPL as dots.

The lithium battery mark and the class 9A label are those of the UN model regulations (5.2.1.9.2, 5.2.2.2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Ink = Literal["black", "white", "red"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Part:
    ink: Ink
    points: tuple[Point, ...]


def _box(ink: Ink, x: float, y: float, width: float, height: float) -> Part:
    return Part(ink, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


def _cell(x: float, y: float, scale: float) -> list[Part]:
    """A battery standing: a body with a white inside, and its pole."""
    return [
        _box("black", x + 5 * scale, y, 6 * scale, 4 * scale),
        _box("black", x, y + 3 * scale, 16 * scale, 34 * scale),
    ]


def _batteries(x: float, y: float, scale: float) -> list[Part]:
    """A group of batteries, one of them broken and on fire."""
    found = [*_cell(x, y + 20 * scale, scale), *_cell(x + 19 * scale, y + 20 * scale, scale)]
    found += _cell(x + 38 * scale, y + 20 * scale, scale)
    # The crack through the last one, and the flame that comes out of it.
    crack = ((38, 46), (44, 41), (48, 47), (54, 39), (54, 42), (48, 51), (44, 45), (38, 50))
    flame = (
        (46, 22), (41, 15), (43, 8), (46, 11), (47, 2), (54, 9), (57, 4), (63, 13), (65, 8), (69, 19), (66, 28), (60, 33), (56, 30),
        (60, 25), (57, 19), (54, 24), (51, 18), (49, 24),
    )  # fmt: skip
    found.append(Part("white", tuple((x + px * scale, y + py * scale) for px, py in crack)))
    found.append(Part("black", tuple((x + px * scale, y + py * scale) for px, py in flame)))
    return found


def _hatched(width: float) -> list[Part]:
    """A border of slanting red strokes, ``width`` wide, around the square."""
    found, step = [], width * 1.6
    count = int(100 / step) + 1
    stroke = step * 0.55
    for place in range(count):
        at = place * step
        for flip in (False, True):
            edge = 100 - width if flip else 0
            across = ((at, edge + width), (at + stroke, edge + width), (at + stroke + width, edge), (at + width, edge))
            down = ((edge, at + width), (edge, at + width + stroke), (edge + width, at + stroke), (edge + width, at))
            found += [Part("red", tuple((min(x, 100.0), min(y, 100.0)) for x, y in shape)) for shape in (across, down)]
    return found


def _frame(ink: Ink, inset: float, width: float) -> list[Part]:
    side = 100 - 2 * inset
    return [
        _box(ink, inset, inset, side, width),
        _box(ink, inset, 100 - inset - width, side, width),
        _box(ink, inset, inset, width, side),
        _box(ink, 100 - inset - width, inset, width, side),
    ]


def _lithium() -> list[Part]:
    return [*_hatched(5.5), *_batteries(22, 9, 0.92)]


def _diamond(ink: Ink, inset: float) -> Part:
    return Part(ink, ((50, inset), (100 - inset, 50), (50, 100 - inset), (inset, 50)))


def _class_9a() -> list[Part]:
    found = [_diamond("black", 0), _diamond("white", 1), _diamond("black", 4.5), _diamond("white", 5.5)]
    # Seven stripes in the upper half, cut by the inner line: each is as high as the diamond there.
    for place in range(7):
        left = 50 - 39 + place * 12
        right = left + 6
        points: list[Point] = [(left, 49.5)]
        points += [(x, 5.5 + abs(50 - x)) for x in ([left, 50, right] if left < 50 < right else [left, right])]
        points.append((right, 49.5))
        found.append(Part("black", tuple(points)))
    return [*found, *_batteries(35, 49, 0.45)]


def _lock() -> list[Part]:
    return [
        _box("black", 15, 45, 70, 50),
        _box("black", 28, 10, 12, 40),
        _box("black", 60, 10, 12, 40),
        _box("black", 28, 5, 44, 12),
        _box("white", 44, 60, 12, 20),
    ]


def _hazard() -> list[Part]:
    return [
        Part("black", ((50, 4), (98, 94), (2, 94))),
        Part("white", ((50, 17), (88, 88), (12, 88))),
        Part("black", ((45, 40), (55, 40), (53, 68), (47, 68))),
        _box("black", 46, 73, 8, 8),
    ]


_DRAWN = {"lithium": _lithium, "class_9a": _class_9a, "lock": _lock, "hazard": _hazard}


@lru_cache(maxsize=8)
def parts(name: str) -> tuple[Part, ...]:
    return tuple(_DRAWN[name]())


@lru_cache(maxsize=32)
def dots(name: str, side: int) -> bytes:
    """The picture in black and white, ``side`` dots square, eight a byte; red is left out (it is on the stock)."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    picture = Image.new("1", (side, side), 0)
    draw = ImageDraw.Draw(picture)
    for part in parts(name):
        if part.ink != "red":
            draw.polygon(
                [(x * side / 100, y * side / 100) for x, y in part.points], fill=1 if part.ink == "black" else 0
            )
    return bytes(picture.tobytes())
