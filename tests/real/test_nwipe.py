"""Real nwipe runs, with what the disks really held afterwards, and cut pastes of users. No false erasure among them."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import Erasure, ErasureOutcome, Report, UnreadableReport

SUCCESS = ErasureOutcome.SUCCESS


def logs() -> dict[str, bytes]:
    """Every log of full runs: as written with -l, and as shown on the screen."""
    folder = data_set("nwipe-logs-sandbox")
    found = [path for path in sorted(folder.rglob("*")) if path.name.endswith((".log", ".log.stdout"))]
    assert found
    return {str(path): path.read_bytes() for path in found}


def pastes() -> dict[str, bytes]:
    found = sorted(data_set("issue-excerpts").rglob("nwipe/*.log"))
    assert found
    return {str(path): path.read_bytes() for path in found}


def truth_of(path: str) -> list[dict[str, Any]]:
    images = json.loads(Path(path.removesuffix(".stdout") + ".truth.json").read_text())
    return list(images.values())


def erased(data: bytes) -> dict[str, list[ErasureOutcome]]:
    try:
        report = registry.read(data)
    except UnreadableReport:
        return {}
    found: dict[str, list[ErasureOutcome]] = {}
    for erasure in report.erasures:
        found.setdefault(erasure.device or "", []).append(erasure.outcome)
    return found


def expected(text: str) -> dict[str, str]:
    """The outcome by what a person would read: the status word, and the method that only verifies."""
    words = {"Erased": "success", "-FAILED-": "failed", "UABORTED": "aborted", "INSANITY": "unknown"}
    table = text.partition(" Drive Status ")[2]
    found = {
        row[1]: words[row[2]] for row in re.finditer(r"^!?\s+(?!Device)(\w+) \|\s*([\w-]+)\s*\|", table, re.MULTILINE)
    }
    only_reads = "method   = Verify" in text
    return {name: "verify_only" if only_reads and word == "success" else word for name, word in found.items()}


def test_every_full_run_has_the_outcome_its_status_table_tells() -> None:
    for path, data in logs().items():
        report = registry.read(data)
        assert report.kind == "nwipe.log"
        told = {(erasure.device or "").removeprefix("/dev/"): erasure.outcome.value for erasure in report.erasures}
        assert told == expected(data.decode()), path
        assert len(report.erasures) == len(truth_of(path)), path


def test_every_erasure_agrees_with_what_the_disk_held() -> None:
    for path, data in logs().items():
        truth = {image["bytes"]: image for image in truth_of(path)}
        for erasure in registry.read(data).erasures:
            assert erasure.bytes_total in truth, path
            image = truth[erasure.bytes_total]
            if erasure.outcome is SUCCESS:
                assert erasure.bytes_erased == erasure.bytes_total, path
                assert erasure.doubts == (), path
                if erasure.blanked or (erasure.method == "Fill With Zeros"):
                    assert image["all_zero"], path
            else:
                assert not image["all_zero"] or erasure.outcome is ErasureOutcome.VERIFY_ONLY, path


def test_the_screen_tells_the_same_as_the_log_file() -> None:
    found = logs()
    for path, data in found.items():
        if screen := found.get(path + ".stdout"):
            assert _facts(registry.read(screen)) == _facts(registry.read(data)), path


def _facts(report: Report) -> list[Erasure]:
    return list(report.erasures)


def test_loop_devices_have_no_serial() -> None:
    for path, data in logs().items():
        assert {erasure.serial for erasure in registry.read(data).erasures} == {None}, path


def test_no_cut_paste_is_an_erasure() -> None:
    for path, data in pastes().items():
        report = registry.read(data)
        assert report.erasures, path
        for erasure in report.erasures:
            assert erasure.outcome in {ErasureOutcome.UNKNOWN, ErasureOutcome.FAILED}, path
            assert erasure.doubts, path


def test_pastes_name_their_drives_and_machine() -> None:
    found = {Path(path).name.partition("_")[0]: registry.read(data) for path, data in pastes().items()}
    drives = {name: [(medium.model, medium.serial) for medium in report.media] for name, report in found.items()}
    assert drives["issue332"] == [("TOSHIBA MQ01ABD1", "35H2SCTWS")]
    assert drives["issue444"] == [
        ("ST1000DM003-1SB1", "ZN15TA6Y"),
        ("ST10000NM0016-1T", "ZA20SSAR"),
        ("ST4000NM0033-9ZM", "Z1Z7NVF7"),
    ]
    assert [erasure.hidden_area for erasure in found["issue444"].erasures][:2] == ["detected", "indeterminate"]
    # The screen's edge cut this serial after one sign.
    assert drives["pr223"] == [("WDC WD1600AAJS-2", None)]
    assert (found["pr223"].manufacturer, found["pr223"].model, found["pr223"].serial) == ("MEDION", "X681X", None)
    assert found["issue21"].media[0].capacity_bytes == 600127266816
    assert [erasure.device for erasure in found["pr367"].erasures] == ["/dev/sda", "/dev/sdb", "/dev/sdc", "/dev/sdd"]


def test_two_logs_in_one_file_stay_apart() -> None:
    found = logs()
    for first in found.values():
        for second in list(found.values())[::3]:
            together = registry.read(first + second)
            assert _facts(together) == _facts(registry.read(first)) + _facts(registry.read(second))


def test_no_log_cut_at_a_line_is_an_erasure() -> None:
    for path, data in {**logs(), **pastes()}.items():
        lines = data.splitlines(keepends=True)
        step = max(1, len(lines) // 60)
        for end in [*range(1, len(lines), step), len(lines) - 1]:
            for outcomes in erased(b"".join(lines[:end])).values():
                assert SUCCESS not in outcomes, f"{path} cut after line {end}"


def test_no_damage_makes_an_erasure() -> None:
    dice = random.Random(20260302)
    for path, data in {**logs(), **pastes()}.items():
        whole = erased(data)
        lines = data.splitlines(keepends=True)
        for _ in range(40):
            for device, outcomes in erased(_damaged(lines, dice)).items():
                if whole.get(device) != [SUCCESS]:
                    assert SUCCESS not in outcomes, f"{path} {device}"


def _damaged(lines: list[bytes], dice: random.Random) -> bytes:
    lines = list(lines)
    for _ in range(dice.randrange(1, 8)):
        kind, at, other = dice.randrange(4), dice.randrange(len(lines)), dice.randrange(len(lines))
        if kind == 0 and len(lines) > 1:
            lines.pop(at)
        elif kind == 1:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 2:
            lines.insert(other, lines[at])
        else:
            lines[at] = bytes(
                dice.choice(b"0123456789") if 48 <= sign <= 57 and dice.random() < 0.2 else sign for sign in lines[at]
            )
    data = b"".join(lines)
    return data[: dice.randrange(1, len(data))] if dice.random() < 0.3 else data
