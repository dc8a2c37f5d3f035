"""EDIDs: the screen's own name, garbage in the place of its serial, and every form in which people send the bytes."""

from __future__ import annotations

import base64

import pytest

from triage import grading, kinds
from triage.reports import child, registry
from triage.reports.normal import Report, UnreadableReport


def text(kind: int, words: bytes) -> bytes:
    return bytes([0, 0, 0, kind, 0]) + (words + b"\n" if len(words) < 13 else words).ljust(13)


def edid(
    *rows: bytes, letters: str = "DEL", number: int = 0, year: int = 2019, sound: bool = True, extensions: int = 0
) -> bytes:
    packed = 0
    for letter in letters:
        packed = packed << 5 | ord(letter) - 64
    head = bytes.fromhex("00ffffffffffff00") + packed.to_bytes(2, "big") + (0xA0B9).to_bytes(2, "little")
    head += number.to_bytes(4, "little") + bytes([42, year - 1990, 1, 4, 0x80, 52, 32, 120, 2])
    timing = bytes.fromhex("283c80a070b023403020360006442100001a")
    body = (head.ljust(54, b"\1") + timing + b"".join(rows)).ljust(126, b"\0") + bytes([extensions])
    return body + bytes([(-sum(body) + (0 if sound else 1)) % 256])


NAME, SERIAL = text(0xFC, b"DELL U2415"), text(0xFF, b"7MT019AI34EU")
WHOLE = edid(NAME, SERIAL)


def read(data: bytes) -> Report:
    return registry.read(data)


def test_a_monitor_s_report_is_of_the_monitor() -> None:
    report = child.read_bounded(WHOLE)

    (screen,) = report.screens
    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "edid.block",
        "Dell",
        "DELL U2415",
        "7MT019AI34EU",
    )
    assert (screen.width_px, screen.height_px, screen.width_mm, screen.height_mm, screen.made_year) == (
        1920,
        1200,
        518,
        324,
        2019,
    )
    assert (report.warnings, report.memory_bytes, report.media) == ((), None, ())


def in_lines(data: bytes, form: str) -> str:
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    if form == "xrandr":
        return "eDP-1 connected\n\tEDID: \n" + "".join(f"\t\t{row.hex()}\n" for row in rows) + "\tscaling mode: Full\n"
    if form == "xxd":
        return "".join(f"{at * 16:08x}: {row.hex(' ', 2)}  {'.' * 16}\n" for at, row in enumerate(rows))
    if form == "hexdump":
        return "".join(
            f"{at * 16:08x}  {row[:8].hex(' ')}  {row[8:].hex(' ')}  |{'0' * 16}|\n" for at, row in enumerate(rows)
        )
    if form == "registry":
        return '"EDID"=hex:' + "".join(f"{row.hex(',')},\\\n  " for row in rows)
    if form == "array":
        return "".join(" ".join(f"0x{one:02X}," for one in row) + "\n" for row in rows)
    return data.hex() if form == "hex" else base64.b64encode(data).decode()


@pytest.mark.parametrize("form", ["xrandr", "xxd", "hexdump", "registry", "array", "hex", "base64"])
def test_every_form_of_the_bytes_is_the_same_screen(form: str) -> None:
    report = read(in_lines(WHOLE, form).encode())

    assert (report.manufacturer, report.model, report.serial) == ("Dell", "DELL U2415", "7MT019AI34EU")


@pytest.mark.parametrize(
    ("rows", "number", "serial"),
    [
        ((NAME,), 68056070, "68056070"), ((NAME,), 0x01010101, None), ((NAME,), 0, None), ((NAME,), 4, None),
        ((NAME,), int.from_bytes(b"GH19", "little"), None), ((NAME, text(0xFF, b"0")), 0x01010101, None),
        ((NAME, text(0xFF, b"0000000000000")), 68056070, "68056070"), ((NAME, text(0xFF, b"6017706")), 0x01010101, "6017706"),
    ],
)  # fmt: skip
def test_a_serial_is_the_words_else_the_number_and_never_what_the_factory_left_there(
    rows: tuple[bytes, ...], number: int, serial: str | None
) -> None:
    assert read(edid(*rows, number=number)).serial == serial


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ((b"AUO\0\0\0\0\0\0\0", b"B150PG01\0"), "B150PG01"), ((b"XD570\x01154W02", b"(?NX\x80\xaf\xd2"), "XD570 154W02"),
        ((b"             ",), None), ((b"MAXDATA",), None),
    ],
)  # fmt: skip
def test_a_panel_without_a_name_is_known_by_its_part_number(words: tuple[bytes, ...], model: str | None) -> None:
    assert read(edid(*(text(0xFE, one) for one in words), letters="AUO")).model == model


def test_an_acer_s_long_serial_is_put_together_and_kept_beside_the_printed_one() -> None:
    report = read(edid(text(0xFF, b"LBZ080424212"), text(0xFC, b"Acer V193"), letters="ACR", number=0x841063A6))

    assert report.serial == "LBZ080424212"
    assert report.components[0].detail["long_serial"] == "LBZ08042841063A64212"


def test_a_maker_that_no_table_knows_is_its_letters() -> None:
    assert read(edid(NAME, letters="QQQ")).manufacturer == "QQQ"


def test_a_wrong_checksum_costs_the_serial_and_is_said() -> None:
    report = read(edid(NAME, SERIAL, sound=False))

    assert (report.manufacturer, report.serial, report.screens[0].serial) == ("Dell", None, None)
    assert "checksum" in report.warnings[0]


def test_a_damaged_extension_is_said_and_a_missing_one_is_not() -> None:
    assert read(edid(NAME, SERIAL, extensions=1)).warnings == ()
    assert "extension" in read(edid(NAME, SERIAL, extensions=1) + b"\3" * 128).warnings[0]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (WHOLE[:100], "TRUNCATED", "offset 100"),
        (bytes.fromhex("00ffffffffffff00") + bytes(120), "NO_DEVICE", "offset 8"),
        (f"{in_lines(WHOLE, 'xrandr')}{in_lines(edid(NAME, number=7), 'xrandr')}".encode(), "SEVERAL_DEVICES", None),
    ],
)
def test_what_is_no_whole_edid_of_one_screen_is_refused(data: bytes, code: str, place: str | None) -> None:
    with pytest.raises(UnreadableReport) as refused:
        read(data)

    assert (refused.value.code, refused.value.position) == (code, place)


def test_a_screen_is_graded_as_a_monitor_and_lists_no_drives() -> None:
    report = read(WHOLE)

    assert (grading.class_of(report), kinds.lists_drives(report)) == ("monitor", False)
