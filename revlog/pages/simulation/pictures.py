"""Photos of the simulated floor: drawn, since nobody was there to take any."""

from __future__ import annotations

import base64
import hashlib
import io

from PIL import Image, ImageDraw

SIZE = (640, 420)


def drawn(what: str) -> bytes:
    """A plain JPEG that says what it stands for; the same words give the same bytes."""
    shade = hashlib.sha256(what.encode()).digest()
    picture = Image.new("RGB", SIZE, (190 + shade[0] % 40, 190 + shade[1] % 40, 190 + shade[2] % 40))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, SIZE[0] - 40, SIZE[1] - 40), outline=(90, 90, 90), width=4)
    for place in range(12):
        x, y = 60 + shade[place] * 2, 80 + shade[place + 12] % 240
        pen.polygon([(x, y), (x + 14, y + 6), (x + 5, y + 18)], fill=(110, 110, 110))
    pen.text((60, SIZE[1] - 80), f"simulated: {what}", fill=(40, 40, 40))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


def signature(name: str) -> str:
    """A scribble as the floor's glass sends it: a data address of a PNG."""
    shade = hashlib.sha256(name.encode()).digest()
    picture = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    points = [(40 + place * 34, 100 + shade[place] % 90 - 45) for place in range(16)]
    ImageDraw.Draw(picture).line(points, fill=(26, 34, 51), width=5, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
