"""JSON with something before, behind or between: read where what it means is plain, refused where something is missing."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import yaml

from tests.triage.reports.test_frame import LSHW, SNAPSHOT, packed, refused
from triage.reports import registry

DRIVE: dict[str, Any] = {
    "smartctl": {"version": [7, 3], "exit_status": 0},
    "device": {"name": "/dev/sda", "info_name": "/dev/sda [SAT]", "type": "sat", "protocol": "ATA"},
    "model_name": "HARBOR HX500",
    "serial_number": "HX5-00017",
    "user_capacity": {"blocks": 976773168, "bytes": 500107862016},
    "rotation_rate": 7200,
    "scsi_grown_defect_list": 0,
}
TEXT = json.dumps(LSHW, indent=2)
OTHER = json.dumps(LSHW | {"serial": "AT14-000772"}, indent=2)
OUT_OF_ORDER = "The JSON is not quite in order; it was read as what it means."


@pytest.mark.parametrize(
    "text",
    [
        f"[\n{TEXT},\n]",
        TEXT.removesuffix("}").rstrip() + ",\n}",
        TEXT.replace('"children": []', '"children": [],'),
        f"{TEXT}]",
        f"{TEXT},\n{TEXT}\n",
        f"[{TEXT}]\n[{TEXT}]\n",
        f"WARNING: you should run this program as super-user.\n{TEXT}\nWARNING: output may be incomplete or inaccurate.\n",
        f"[sudo] password for ravi: \n{TEXT}\nroot@bench:~# ",
        f"\rDMI   \rSMP   \rPCI (sysfs)  \r             \r{TEXT}",
    ],
)
def test_what_is_plainly_meant_is_read_with_a_warning(text: str) -> None:
    report = registry.read(text.encode())

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "lshw.json",
        "Acme",
        "Atlas 14",
        "AT14-000771",
    )
    assert report.warnings == (OUT_OF_ORDER,)


def test_a_comma_before_a_bracket_inside_a_text_stays() -> None:
    text = json.dumps(LSHW | {"product": 'Atlas ",]" 14 ,}'}).removesuffix("}") + ",}"
    assert registry.read(text.encode()).model == 'Atlas ",]" 14 ,}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"[{TEXT}", "TRUNCATED"),
        (f"{TEXT}\n{TEXT[:-20]}", "BAD_JSON"),
        (f"{TEXT}\n{{", "BAD_JSON"),
        (f"{TEXT}\n" + "prompt$ \n" * 1000, "BAD_JSON"),
        (f"{TEXT}\n17", "BAD_JSON"),
        ("Hello,\n" * 1000 + TEXT, "UNKNOWN_FORMAT"),
        (f"{TEXT}\n{OTHER}", "SEVERAL_DEVICES"),
        (f"[{TEXT}, {OTHER}]", "SEVERAL_DEVICES"),
        (json.dumps([DRIVE, DRIVE]), "SEVERAL_DEVICES"),
        (json.dumps(DRIVE) + "\n" + json.dumps(DRIVE), "SEVERAL_DEVICES"),
        (json.dumps(SNAPSHOT) + "\n" + json.dumps(SNAPSHOT), "SEVERAL_DEVICES"),
        (json.dumps([{"a": 1}, {"b": 2}]), "UNKNOWN_FORMAT"),
    ],
)
def test_what_is_cut_or_of_several_things_is_refused(text: str, code: str) -> None:
    assert refused(text.encode()).code == code


def test_smartctl_in_a_list_of_one_or_as_yaml_is_what_it_is_alone() -> None:
    alone = registry.read(packed(DRIVE))

    assert (alone.model, alone.serial, alone.media[0].capacity_bytes) == ("HARBOR HX500", "HX5-00017", 500107862016)
    assert registry.read(packed([DRIVE])) == alone
    assert registry.read(b"---\n" + yaml.safe_dump(DRIVE, sort_keys=False).encode()) == alone


def test_gzip_that_grew_piece_by_piece_is_unpacked_whole() -> None:
    plain = packed(DRIVE)
    assert registry.read(gzip.compress(plain[:90]) + gzip.compress(plain[90:])) == registry.read(plain)
    assert refused(gzip.compress(plain[:90]) + gzip.compress(plain[90:])[:-4]).code == "TRUNCATED"
    assert refused(gzip.compress(b" " * 12_000_000) * 2).code == "TOO_LARGE"
