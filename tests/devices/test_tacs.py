"""Lists of type allocation codes: brought in with what is wrong in them, and held against reports of phones."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from revlog.devices.models import Tac
from tests.cast import Cast
from tests.factories import triage as bench

LIST = """tac,name,name,comment
49015420,Nokia,3310,
35399099,Apple,iPhone 13 Pro,
 3556938,Siemens,S6,
33010667,Sagem,X,
33010667,Philips,Y,
"""


def brought(file: Path, *more: str) -> dict[str, object]:
    out = StringIO()
    call_command("import_tacs", str(file), "--source", "a list", "--json", *more, stdout=out)
    answer: dict[str, object] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tacs.csv"
    path.write_text(LIST)
    return path


MAP = ("--map", "manufacturer=name", "--map", "model=name (2)")


@pytest.mark.django_db
def test_a_list_is_kept_without_what_is_no_code_or_is_of_two_makers(file: Path) -> None:
    answer = brought(file, *MAP)

    assert answer == {"kept": 2, "refused": [4], "contradicting": ["33010667"]}
    assert brought(file, *MAP) == answer
    assert list(Tac.objects.values_list("code", "manufacturer", "model")) == [
        ("35399099", "Apple", "iPhone 13 Pro"),
        ("49015420", "Nokia", "3310"),
    ]
    with pytest.raises(CommandError, match="name"):
        brought(file)


def test_a_report_whose_imei_begins_like_another_maker_s_says_so(cast: Cast, file: Path) -> None:
    brought(file, *MAP)
    told = {
        "IMEI": "490154203237518", "IMEI2": "353990998908920", "Serial": "C2P0R6RGF7", "Make": "Apple", "Model": "iPhone 13 Pro",
        "ESN": "Clean", "MDM": "No", "Working": "Yes", "DeviceLock": "Off",
    }  # fmt: skip

    report = bench.sent(json.dumps(told).encode(), cast.ravi)

    warnings = (report.summary or {})["warnings"]
    assert warnings == ["The IMEI 490154203237518 begins like one of a Nokia 3310; the report is of Apple."]
