"""A scanner that is set to another country's keyboard: what it meant is found again."""

from __future__ import annotations

import pytest

from revlog.scanning import keyboards


@pytest.mark.parametrize(
    ("typed", "layout", "meant"),
    [
        ('RL)èK"?)çQ', "fr", "RL-7K3M-9A"),
        ("é&(çà", "fr", "21590"),
        ("RLß7K3M", "de", "RL-7K3M"),
        ("5CGZ1Y", "de", "5CGY1Z"),
    ],
)
def test_it_finds_what_the_scanner_meant(typed: str, layout: str, meant: str) -> None:
    assert (layout, meant) in list(keyboards.meant(typed))


def test_it_leaves_alone_what_no_keyboard_garbled() -> None:
    assert list(keyboards.meant("RL-7K3M-9Q")) == []
