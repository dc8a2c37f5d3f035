"""QR codes as vector pictures."""

from __future__ import annotations

import io
from urllib.parse import quote

import segno

from revlog.common.errors import BadInput

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks
LONGEST = 512  # characters: beyond it modules get too fine for a phone at the 25 mm we print


class UnreadableCode(BadInput):
    """A text that can't be printed as a code that phones read."""

    code = "unreadable_code"


def qr_svg(text: str) -> str:
    """``text`` as a QR code (error correction M, quiet zone included), as a ``data:image/svg+xml`` URI for ``<img src>``.

    Raises ``UnreadableCode`` for an empty or too long text. All modules are one filled path, so that no hairlines show between
    them when the page is turned into pixels.
    """
    if not text or len(text) > LONGEST:
        raise UnreadableCode(f"a QR code takes 1 to {LONGEST} characters, and this text has {len(text)}")
    code = segno.make_qr(text, error="m", boost_error=False)
    path: list[str] = []
    rows = [bytes(row) for row in code.matrix]
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            path.append(f"M{start + QUIET} {y + QUIET}h{x - start}v1h-{x - start}z")
    side = len(rows) + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{"".join(path)}" fill="#000"/></svg>'
    )
    return "data:image/svg+xml," + quote(svg, safe=" =/:")


def qr_png(text: str) -> bytes:
    """The same as a picture file, for mails. Raises ``UnreadableCode`` likewise."""
    if not text or len(text) > LONGEST:
        raise UnreadableCode(f"a QR code takes 1 to {LONGEST} characters, and this text has {len(text)}")
    file = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(file, kind="png", scale=8, border=QUIET)
    return file.getvalue()
