"""Photos as documents hold them: small, upright as they were kept, inside the page."""

from __future__ import annotations

import base64
import io

from PIL import Image


def small(data: bytes, box: tuple[int, int]) -> str:
    """A picture that fits ``box`` pixels, as a ``data:`` address."""
    with Image.open(io.BytesIO(data)) as found:
        picture = found.convert("RGB")
        picture.thumbnail(box)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
