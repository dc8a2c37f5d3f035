"""The pictures that the README and the docs show are there, and small enough to lie in the repository."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)
PICTURES = ROOT / "docs" / "pictures"


def test_every_picture_that_is_shown_is_there_and_says_what_it_shows() -> None:
    shown = {
        (page.parent / name).resolve(): alt
        for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for name, alt in re.findall(r'<img src="([^"]+)" alt="([^"]*)"', page.read_text(encoding="utf-8"))
    }
    assert len(shown) >= 3
    assert [path for path, alt in shown.items() if not path.is_file() or not alt] == []


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 600_000
