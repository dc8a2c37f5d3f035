"""The published RFC 8785 vectors: input, exact canonical output, and its bytes in hexadecimal."""

from __future__ import annotations

from pathlib import Path

import pytest

from revlog.custody import canonical
from tests.real.conftest import data_set


@pytest.fixture(scope="module")
def vectors() -> Path:
    return data_set("rfc8785-jcs") / "open"


def test_every_published_input_gives_the_published_bytes(vectors: Path) -> None:
    inputs = sorted((vectors / "input").glob("*.json"))

    assert inputs
    for path in inputs:
        got = canonical.dumps(canonical.loads_strict(path.read_bytes(), floats=True))
        assert got == (vectors / "output" / path.name).read_bytes(), path.name
        written_out = (vectors / "outhex" / path.name).with_suffix(".txt").read_text()
        assert got == bytes.fromhex(written_out), path.name


def test_canonical_output_is_its_own_canonical_form(vectors: Path) -> None:
    outputs = sorted((vectors / "output").glob("*.json"))

    assert outputs
    for path in outputs:
        assert canonical.dumps(canonical.loads_strict(path.read_bytes(), floats=True)) == path.read_bytes(), path.name
