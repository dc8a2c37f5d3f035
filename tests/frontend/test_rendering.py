"""The style guide as files, without a browser."""

from __future__ import annotations

from pathlib import Path

from django.utils import translation

from tools import styleguide


def test_the_guide_is_english_whatever_the_last_page_of_the_process_spoke(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()

    translation.activate("de")
    styleguide.render(tmp_path / "guide", assets=tmp_path / "assets")

    assert translation.get_language() == "de"
    assert 'aria-label="Colours: ' in (tmp_path / "guide" / "status.html").read_text()
