"""Files of one sign without end: read in the child, within its time, by every reader that goes line by line."""

from __future__ import annotations

import pytest

from triage.reports import child
from triage.reports.normal import UnreadableReport

RUN = 300_000


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("# dmidecode 3.3\n", "\nx"),
        ("Handle 0x0001, DMI type 1, 2 bytes\nSystem Information\n\tManufacturer: ", "x\n"),
        ("01: None 00.0: 10600 ", "x\n  Unique ID: x\n"),
        ("01: None 00.0: 10600 Disk\n  Unique ID: x\n  Model: \"", "x\n"),
        ("FRU Device Description : ", "x\n"),
        ("Slot Number: 1\nInquiry Data: ", "x\n"),
        ("CLI Version = 1\nStatus = x\nDrive /c0/s0 ", "x\n"),
        ("POWER_SUPPLY_NAME=", "x\n"),
        ("\nATA device, with non-removable media\nStandards:\n", "\tModel Number: x"),
        ("$SYSTEM = {\n   'sda' => {", "$STORAGE = [ {'NAME' => 'sda'} ]"),
        ("00", "ff"),
        ("x", "Exit Code: 0x00\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [" ", "\n"])
def test_a_run_of_blanks_costs_no_time(start: str, end: str, sign: str) -> None:
    try:
        child.read_bounded(f"{start}{sign * RUN}{end}".encode())
    except UnreadableReport as error:
        assert not error.code.startswith("PARSER"), error
