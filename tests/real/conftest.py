"""Where the real data stands: ``REVLOG_DATA``, else ``../shared/data`` beside the repository. It is never part of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_set(name: str) -> Path:
    """The folder of a data set. A machine without the data skips, with a word; where ``CI`` is set, that is a failure."""
    folder = Path(os.environ.get("REVLOG_DATA") or ROOT.parent / "shared" / "data") / name
    if folder.is_dir():
        return folder
    said = f"The real data set {name} is not here; set REVLOG_DATA to the folder that holds it."
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    return data_set
