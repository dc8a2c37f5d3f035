"""Recognising by content, the limits, the wrappers, and a line for every file."""

from __future__ import annotations

import base64
import gzip
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from triage.reports import answer, encode, normal, placeholders, registry, values, wrappers
from triage.reports.normal import (
    Battery,
    Component,
    Erasure,
    ErasureOutcome,
    Health,
    Medium,
    MediumType,
    Report,
    UnreadableReport,
    Verdict,
)
from triage.reports.sniff import LARGEST_BYTES, Sniff

SNAPSHOT: dict[str, Any] = {
    "type": "Snapshot",
    "software": "Workbench",
    "version": "11.0b11",
    "uuid": "5c4d4a7c-3c5f-4f43-8d6d-6c2e55c5f9a1",
    "device": {"type": "Laptop", "manufacturer": "Acme", "model": "Atlas 14", "serialNumber": "AT14-000771"},
    "components": [{"type": "HardDrive", "model": "ST500LT012", "serialNumber": "W0V7XXQ1", "size": 500108.0}],
}
LSHW: dict[str, Any] = {
    "id": "bench",
    "class": "system",
    "claimed": True,
    "vendor": "Acme",
    "product": "Atlas 14 (SKU-7)",
    "serial": "AT14-000771",
    "configuration": {"sku": "SKU-7", "chassis": "laptop"},
    "children": [],
}


def refused(data: bytes) -> UnreadableReport:
    with pytest.raises(UnreadableReport) as caught:
        registry.read(data)
    return caught.value


def packed(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY"),
        (b" \n\t\n", "EMPTY"),
        (b"\x00" * 64, "NOT_TEXT"),
        (b"\x89PNG\r\n\x1a\n", "NOT_TEXT"),
        (b"%PDF-1.7\n", "NOT_TEXT"),
        (bytes(range(256)) * 4, "NOT_TEXT"),
        (b"\xff\xfea\x00\x00\xd8a\x00", "BAD_ENCODING"),
        (b"x" * (LARGEST_BYTES + 1), "TOO_LARGE"),
        (b"Dear colleague, the laptop is in the box.", "UNKNOWN_FORMAT"),
        (b"{}", "UNKNOWN_FORMAT"),
        (b"[]", "UNKNOWN_FORMAT"),
        (b'{"type": "Snapshot", "software": "Workbench"}', "NO_DEVICE"),
        (b'{"type": "Snapshot", "device": {}, "components": []}', "NO_DEVICE"),
        (b'{"software": "workbench-script", "type": "Snapshot", "uuid": "1", "data": {}}', "NO_DEVICE"),
        (b'{"device": {"model": "At', "TRUNCATED"),
        (b'{"device": {"model": "Atlas" "serial": 1}}', "BAD_JSON"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "BAD_JSON"),
        (b"[" * 1_000_000, "TOO_DEEP"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "TOO_DEEP"),
        (b"<node><node>" * 200 + b"</node></node>" * 200, "TOO_DEEP"),
        (b"<node id='a' class='system'><vendor>Acme</vendor>", "TRUNCATED"),
        (b"<node id='a' class='system'></list>", "BAD_XML"),
        (b"type: Snapshot\ndevice: {model: [\n", "BAD_YAML"),
        (b"type: Snapshot\ndevice: " + b"[" * 300 + b"]" * 300, "TOO_DEEP"),
    ],
)
def test_what_is_no_report_is_refused_with_its_code(data: bytes, code: str) -> None:
    error = refused(data)

    assert error.code == code
    assert error.sentence.endswith(".")


def test_entities_and_document_types_are_not_read() -> None:
    bomb = b'<!DOCTYPE n [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><node id="x" class="system"><vendor>&b;</vendor></node>'
    file = (
        b'<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]><node id="x" class="system"><vendor>&a;</vendor></node>'
    )

    assert refused(bomb).code == "HOSTILE_XML"
    assert refused(file).code == "HOSTILE_XML"


def test_aliases_of_yaml_that_unfold_without_end_are_refused_at_once() -> None:
    lines = [b"type: Snapshot", b"device: {model: m}", b"a0: &a0 [x, x]"]
    lines += [
        b"a%d: &a%d [*a%d, *a%d, *a%d]" % (level, level, level - 1, level - 1, level - 1) for level in range(1, 40)
    ]
    before = time.monotonic()

    assert refused(b"\n".join(lines)).code == "TOO_COMPLEX"
    assert refused(b"type: Snapshot\ndevice: &d {model: *d}\n").code == "BAD_YAML"
    assert time.monotonic() - before < 10


def test_the_place_of_an_error_is_named() -> None:
    assert refused(b'{"device":\n  {"model" "x"}}').position == "line 2, column 12, character 22"
    assert refused(b'{"device":\n').position == "line 2, column 1, character 11"


def test_a_report_packed_once_is_opened_and_an_archive_is_not() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("snapshot.json", packed(SNAPSHOT))
    zipped = gzip.compress(packed(SNAPSHOT))

    assert registry.read(zipped).serial == "AT14-000771"
    assert refused(archive.getvalue()).code == "COMPRESSED"
    assert refused(gzip.compress(zipped)).code == "COMPRESSED"
    assert refused(zipped[:-9]).code == "TRUNCATED"
    assert refused(b"\x1f\x8b but not gzip").code == "COMPRESSED"


def test_a_gzip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b" " * (LARGEST_BYTES * 10))

    assert refused(bomb).code == "TOO_LARGE"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encodings_that_tools_write_are_read(encoding: str) -> None:
    snapshot = {**SNAPSHOT, "device": {**SNAPSHOT["device"], "model": "Größe 14"}}

    report = registry.read(json.dumps(snapshot, ensure_ascii=False).encode(encoding))

    assert report.model == "Größe 14"
    assert report.warnings == ()


def test_an_old_code_page_is_read_as_latin_1_and_said_so() -> None:
    snapshot = {**SNAPSHOT, "device": {**SNAPSHOT["device"], "model": "Größe 14"}}

    report = registry.read(json.dumps(snapshot, ensure_ascii=False).encode("latin-1"))

    assert report.model == "Größe 14"
    assert "Latin-1" in report.warnings[0]


def test_base64_and_signed_tokens_are_opened_and_the_unchecked_signature_is_said() -> None:
    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    token = b".".join([part(b'{"alg":"HS256","typ":"JWT"}'), part(packed(SNAPSHOT)), part(b"signature")])

    plain = registry.read(base64.encodebytes(packed(SNAPSHOT)))
    signed = registry.read(token)
    quoted = registry.read(b'"' + token + b'"')

    assert plain.serial == signed.serial == quoted.serial == "AT14-000771"
    assert "base64" in plain.warnings[0]
    assert "not checked" in signed.warnings[0]


def test_wrapping_without_end_is_refused() -> None:
    data = packed(SNAPSHOT)
    for _ in range(6):
        data = base64.b64encode(data)

    assert refused(data).code == "COMPRESSED"
    assert wrappers.unwrap(Sniff(b"x" * 10))[0].text == "x" * 10


def test_a_report_is_recognised_by_what_it_holds() -> None:
    assert registry.read(packed(SNAPSHOT)).kind == "ereuse.workbench11"
    assert registry.read(packed(LSHW)).kind == "lshw.json"
    assert registry.read(packed([LSHW])).kind == "lshw.json"


def test_every_kind_has_its_reader_and_every_reader_its_documentation() -> None:
    documentation = (Path(__file__).resolve().parents[3] / "docs" / "reports.md").read_text()
    for kind in registry.KINDS:
        reader = registry.format_of(kind)
        assert not reader.recognises(Sniff(b"just words")), kind
        assert not reader.recognises(Sniff(b"{}")), kind
        assert not reader.recognises(Sniff(b"[1, 2]")), kind
        assert f"`{kind}`" in documentation, kind


def test_double_keys_and_not_a_number_are_tolerated() -> None:
    data = packed(SNAPSHOT)[:-1] + b', "elapsed": NaN, "version": "11.0b12"}'

    assert registry.read(data).tool_version == "11.0b12"


def test_a_whole_report_survives_encoding() -> None:
    report = Report(
        kind="smartctl.json",
        manufacturer="Acme",
        media=(
            Medium(serial="S1", type=MediumType.NVME, health=Health()),
            Medium(health=Health(passed=False, pending=0)),
        ),
        components=(Component(kind="memory", detail={"size_bytes": "1"}),),
        erasures=(Erasure(outcome=ErasureOutcome.FAILED, pass_errors=0, doubts=("x",)),),
        tests=(normal.Test(code="stress", verdict=Verdict.PASS),),
        battery=Battery(cycles=0),
        macs=("00:11:22:33:44:55",),
        inspection={"appearance": "B"},
        warnings=("y",),
    )

    assert encode.decode(json.loads(json.dumps(encode.encode(report)))) == report


@pytest.mark.parametrize("plain", [{}, {"kind": 1}, {"kind": "x", "new": 1}, {"kind": "x", "media": [{"type": "tea"}]}])
def test_what_is_no_encoded_report_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encode.decode(plain)


@pytest.mark.parametrize(
    "value",
    [
        "To Be Filled By O.E.M.", "to be filled by o.e.m", "Default string", "System Serial Number", "0123456789", "None", "N/A",
        "Not Specified", "INVALID", "xxxxxxxx", "00000000", "FFFFFFFF", "REDACTED", "[Empty]", "  ", "", None, True, "SerNum0",
        "Chassis Serial Number", "...........", "MB-1234567890", "000000000001", "EeePC-0123456789", 0,
    ],
)  # fmt: skip
def test_a_placeholder_is_no_serial(value: object) -> None:
    assert placeholders.clean_serial(value) is None


@pytest.mark.parametrize(
    "value", ["CZC901381R", "13138/00064437", "0169622", "WD-WCC2ETY84203", "/FJBQVZ1/CN12/", "8F17943"]
)
def test_a_serial_stays_as_printed_but_for_the_blanks_around_it(value: str) -> None:
    assert placeholders.clean_serial(f"  {value} \n") == value


def test_text_for_a_database_holds_neither_zero_bytes_nor_half_characters() -> None:
    assert values.text("A\x00B\ud800C") == "A B C"
    assert values.text("x" * 10_000) == "x" * 500
    assert values.text(["x"]) is None


@pytest.mark.parametrize(
    ("written", "bytes_"),
    [
        ("8 GB", 8 * 10**9),
        ("8192 MiB", 8 * 2**30),
        ("500,107,862,016 bytes", 500107862016),
        ("1.5T", 1.5e12),
        ("none", None),
    ],
)
def test_sizes_are_read_with_their_units(written: str, bytes_: float | None) -> None:
    assert values.size(written) == bytes_


def test_a_time_without_a_zone_is_no_moment() -> None:
    assert values.moment("2018-07-03T09:15:22") is None
    assert values.moment("2018-07-03T11:15:22+02:00") == "2018-07-03T09:15:22Z"
    assert values.moment("yesterday") is None
    assert values.moment(10**20) is None


def test_the_command_answers_every_file_in_order_and_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, cut = tmp_path / "a.json", tmp_path / "b.json"
    good.write_bytes(packed(SNAPSHOT))
    cut.write_bytes(packed(SNAPSHOT)[:100])
    files = [str(good), str(tmp_path), str(tmp_path / "missing.json"), str(cut), "\x00"]

    call_command("ingest_report", "--json", "--dry-run", *files)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == files
    assert [line["status"] for line in lines] == ["parsed", "refused", "refused", "refused", "refused"]
    assert [(line["reason"] or "").split(":")[0] for line in lines] == [
        "", "NOT_A_FILE", "NOT_FOUND", "TRUNCATED", "NOT_READABLE",
    ]  # fmt: skip
    assert len({tuple(line) for line in lines}) == 1
    assert lines[0] == {
        "file": str(good), "status": "parsed", "kind": "ereuse.workbench11", "manufacturer": "Acme", "model": "Atlas 14",
        "serial": "AT14-000771", "memory_bytes": None,
        "media": [{"model": "ST500LT012", "serial": "W0V7XXQ1", "capacity_bytes": 500108000000, "type": "hdd"}],
        "erasures": [], "grade": "U", "reason": None,
    }  # fmt: skip


def test_a_refusal_s_reason_is_code_sentence_and_place() -> None:
    line = answer.refusal(UnreadableReport("BAD_JSON", "The JSON is broken.", "line 3"), file="x")

    assert line["reason"] == "BAD_JSON: The JSON is broken. (line 3)"


SEEDS = [
    packed(SNAPSHOT),
    packed(LSHW),
    b"type: Snapshot\nsoftware: Workbench\ndevice:\n  model: Atlas\n  serialNumber: 0012\ncomponents:\n - {type: RamModule, size: 4}\n",
    b"<list><node id='a' class='system'><vendor>Acme</vendor><serial>S7</serial></node></list>",
    b"bench\n    description: Laptop\n    product: Atlas\n    vendor: Acme\n  *-core\n       product: B\n",
    packed(
        {
            "type": "Snapshot",
            "uuid": "1",
            "data": {"lshw": LSHW, "dmidecode": "Handle 0x1\nSystem Information\n\tX: y\n"},
        }
    ),
]


@settings(max_examples=examples(300), deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
)
def test_damaged_reports_are_read_or_refused_and_nothing_else(
    seed: bytes, cut: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(seed[: int(len(seed) * cut)])
    for place, byte in changes:
        if data:
            data[int(len(data) * place)] = byte
    try:
        report = registry.read(bytes(data))
    except UnreadableReport as error:
        assert error.code.isupper()
    else:
        assert encode.decode(encode.encode(report)) == report


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(UnreadableReport):
        registry.read(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(
            [
                "id", "class", "type", "@type", "device", "components", "data", "lshw", "dmidecode", "smart",
                "smartctl", "inxi", "hwinfo", "children", "size", "serial", "serialNumber", "configuration",
                "capabilities", "logicalname", "actions", "steps", "severity", "endTime", "software", "version",
                "product",
            ]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=examples(400), deadline=None)
@given(value=JSON, top=st.sampled_from([{}, SNAPSHOT, LSHW, {"type": "Snapshot", "data": {}}]))
def test_values_of_the_wrong_shape_never_break_a_reader(value: object, top: dict[str, Any]) -> None:
    merged = (
        {**top, **value} if isinstance(value, dict) else {**top, "components": value, "children": value, "data": value}
    )
    try:
        report = registry.read(json.dumps(merged).encode())
    except UnreadableReport:
        return
    assert encode.decode(json.loads(json.dumps(encode.encode(report)))) == report
    json.dumps(answer.answer(report, file="x"))
