"""PDF pages as pictures, to look at while working on templates. Needs pypdfium2, which is a development requirement."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO


def pages_as_png(pdf: bytes, *, dots_per_inch: int = 110) -> Iterator[bytes]:
    """Each page of ``pdf`` as the bytes of a PNG, one at a time."""
    import pypdfium2  # noqa: PLC0415

    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            picture = BytesIO()
            page.render(scale=dots_per_inch / 72).to_pil().save(picture, format="PNG")
            yield picture.getvalue()
    finally:
        document.close()
