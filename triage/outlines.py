"""The pictures that defects are tapped on: an outline a class, drawn as places. Own drawings, as data; the template makes the SVG.

A place is a closed path; those drawn later lie on top. Whatever a class's defects can be at is drawn, which a test holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Place:
    """A part of a picture that can be tapped: its zone, its path, and where a mark on it stands."""

    zone: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class View:
    """One side of the thing. ``lines`` are drawn for the eye and can't be tapped."""

    title: Promise
    width: int
    height: int
    places: Sequence[Place]
    lines: Sequence[str] = ()


def _box(x: int, y: int, width: int, height: int, r: int = 0) -> str:
    """A rectangle with rounded corners, as a path."""
    if not r:
        return f"M{x} {y}h{width}v{height}h{-width}z"
    w, h = width - 2 * r, height - 2 * r
    return (
        f"M{x + r} {y}h{w}a{r} {r} 0 0 1 {r} {r}v{h}a{r} {r} 0 0 1 {-r} {r}h{-w}a{r} {r} 0 0 1 {-r} {-r}v{-h}"
        f"a{r} {r} 0 0 1 {r} {-r}z"
    )


def _place(
    zone: str, x: int, y: int, width: int, height: int, *, r: int = 0, at: tuple[int, int] | None = None
) -> Place:
    mark = at or (x + width // 2, y + height // 2)
    return Place(zone, _box(x, y, width, height, r), *mark)


def _hand(width: int, height: int, r: int) -> tuple[View, View]:
    """A phone or a tablet: a frame around glass around the picture; behind it the back, with the edge that has the socket."""
    total, edge = width + 60, 10
    front = View(
        _("From the front"),
        total,
        height + 20,
        (
            _place("frame", 30, 10, width, height, r=r, at=(30 + width // 2, 10 + height - 6)),
            _place(
                "front", 30 + edge, 10 + edge, width - 2 * edge, height - 2 * edge, r=r - 4, at=(30 + width // 2, 30)
            ),
            _place("screen", 30 + edge + 6, 46, width - 2 * edge - 12, height - 86, r=4),
            _place("left", 2, 40, 22, height - 60, r=6),
            _place("right", 36 + width, 40, 22, height - 60, r=6),
        ),
    )
    back = View(
        _("From behind"),
        total,
        height + 20,
        (
            _place("back", 30, 10, width, height - 34, r=r),
            _place("back_side", 30, height - 20, width, 28, r=8),
        ),
        (_box(46, 26, 30, 44, 10), "M61 36a6 6 0 1 0 .1 0z", "M61 54a6 6 0 1 0 .1 0z"),
    )
    return front, back


_LAPTOP = (
    View(
        _("Opened up"),
        320,
        250,
        (
            _place("screen_frame", 40, 6, 240, 122, r=8, at=(160, 14)),
            _place("screen", 52, 22, 216, 94, r=2),
            _place("hinge", 60, 130, 200, 16, r=4),
            _place("palmrest", 40, 148, 240, 96, r=8, at=(160, 226)),
            _place("keyboard", 54, 156, 212, 52, r=4),
            _place("left", 4, 148, 30, 96, r=6),
            _place("right", 286, 148, 30, 96, r=6),
        ),
        (_box(130, 214, 60, 26, 3), *(f"M58 {y}h204" for y in (169, 182, 195))),
    ),
    View(
        _("Closed, and from below"),
        320,
        250,
        (
            _place("lid", 40, 6, 240, 92, r=8),
            _place("front", 40, 102, 240, 18, r=4),
            _place("back_side", 40, 126, 240, 18, r=4),
            _place("base", 40, 168, 240, 76, r=8),
        ),
        ("M150 40h20v24h-20z", "M60 182h60M60 190h60M60 198h60"),
    ),
)  # fmt: skip
_MONITOR = (
    View(
        _("From the front"),
        280,
        220,
        (
            _place("screen_frame", 10, 6, 260, 152, r=6, at=(140, 14)),
            _place("screen", 22, 20, 236, 124, r=2),
            Place("stand", "M122 160h36v30h42v22H80v-22h42z", 140, 200),
        ),
    ),
    View(
        _("From behind"),
        280,
        220,
        (
            _place("back_side", 40, 6, 200, 152, r=6),
            _place("left", 6, 20, 28, 124, r=4),
            _place("right", 246, 20, 28, 124, r=4),
        ),
        ("M112 158v54M168 158v54", "M100 60h80v44h-80z"),
    ),
)


def _unfolded(*, screen: bool) -> tuple[View, ...]:
    """A box, all six sides beside each other."""
    front = [_place("front", 104, 84, 112, 92, r=4, at=(118, 98) if screen else None)]
    if screen:
        front.append(_place("screen", 124, 100, 72, 52, r=2))
    return (
        View(
            _("All sides"),
            440,
            260,
            (
                _place("top", 104, 6, 112, 72, r=4),
                _place("left", 6, 84, 92, 92, r=4),
                *front,
                _place("right", 222, 84, 92, 92, r=4),
                _place("back_side", 320, 84, 112, 92, r=4),
                _place("base", 104, 182, 112, 72, r=4),
            ),
        ),
    )


_CLOTHES = "M60 10l30 14h40l30-14 44 40-28 34-22-14v136H66V70L44 84 16 50z"
_APPAREL = (
    View(
        _("From the front"),
        220,
        216,
        (
            Place("front", "M66 24h88v182H66z", 110, 110),
            Place("sleeve", "M60 16L16 52l26 32 20-14zM160 16l44 36-26 32-20-14z", 38, 54),
            _place("seam", 66, 190, 88, 20),
        ),
        (_CLOTHES,),
    ),
    View(_("From behind"), 220, 216, (Place("back", "M66 24h88v182H66z", 110, 110),), (_CLOTHES,)),
)
_PLAIN = (View(_("All of it"), 240, 180, (_place("body", 30, 20, 180, 140, r=10),)),)
_SIDED = (
    View(
        _("All of it"),
        280,
        180,
        (
            _place("body", 50, 20, 180, 120, r=10),
            _place("left", 6, 30, 38, 100, r=6),
            _place("right", 236, 30, 38, 100, r=6),
            _place("back_side", 50, 146, 180, 28, r=6),
        ),
    ),
)
OUTLINES: Mapping[str, Sequence[View]] = {
    "phone": _hand(150, 280, 22),
    "tablet": _hand(220, 290, 18),
    "laptop": _LAPTOP,
    "monitor": _MONITOR,
    "apparel": _APPAREL,
    "medical": _unfolded(screen=True),
    **dict.fromkeys(("desktop", "server", "network", "appliance", "printer"), _unfolded(screen=False)),
    "accessory": _SIDED,
}


def of_class(device_class: str) -> Sequence[View]:
    """The pictures of such a thing; a plain box where its class has none of its own."""
    return OUTLINES.get(device_class, _PLAIN)
