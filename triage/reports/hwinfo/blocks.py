"""The blocks of hwinfo's text: ``NN: BUS place: CLASS name``, and lines of ``Name: value`` below, indented by two blanks.

The first block holds the firmware's table, one level deeper; it is read into the structures that dmidecode prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from triage.reports.dmidecode.table import Structure, Table

LARGEST = 4_000_000
HEADING = re.compile(
    r"^(\d{1,5}): (\S[^\n]{0,40}?) [0-9a-f]{1,8}\.[0-9a-f]{1,4}: ([0-9a-f]{4,5}) ([^\n]{0,200})",
    re.MULTILINE | re.ASCII,
)
_MOST_BLOCKS = 5000
_VALUE = re.compile(r'(?:\w+ )?(?:[0-9.]+ )?(?:0x[0-9a-f]+ )?"([^"\n]*)')
_NUMBER_ALONE = re.compile(r"(?:pci|usb|eisa|pnp) 0x[0-9a-f]{1,8}", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"^0x[0-9a-f]+ \((.*)\)$")
_SECTIONS = {
    "bios info": (0, {"Date": "Release Date"}),
    "system info": (1, {"Product": "Product Name", "Serial": "Serial Number"}),
    "board info": (2, {"Product": "Product Name", "Serial": "Serial Number"}),
    "chassis info": (3, {"Serial": "Serial Number"}),
    "processor info": (4, {"Serial": "Serial Number"}),
    "physical memory array": (16, {}),
    "memory device": (17, {"Serial": "Serial Number", "Location": "Locator", "Memory Array": "Array Handle"}),
}
_BATTERY_STRINGS = {"Location": 4, "Manufacturer": 5, "Manufacture Date": 6, "Serial Number": 7, "Name": 8}
_SECTION = re.compile(r"^  ([A-Z][A-Za-z0-9 ]*): #(\d+)\s*$")


@dataclass
class Block:
    """One device. ``number`` is its code of base class and subclass, such as 10600 for a disk."""

    id: str
    bus: str
    number: str
    name: str
    lines: list[str] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """The value of the first line of that name, without quotation marks and without the number before it."""
        start = f"  {name}: "
        line = next((line[len(start) :] for line in self.lines if line.startswith(start)), None)
        return None if line is None else bare(line)

    @property
    def behind_usb(self) -> bool:
        """Whether it hangs on USB: by its place in the system, its driver or its bus."""
        link = f"{self.value('SysFS Device Link') or ''} {self.value('SysFS ID') or ''}"
        drivers = next((line for line in self.lines if line.startswith("  Driver: ")), "")
        return bool(self.bus == "USB" or "/usb" in link or re.search(r'"(?:usb-storage|uas)"', drivers))


def bare(value: str) -> str:
    """The text of a value: between the quotation marks where there are some, else as it stands; a bus's bare number is none."""
    found = _VALUE.match(value)
    if found is None and _NUMBER_ALONE.fullmatch(value.strip()):
        return ""
    return found[1] if found else value.strip()


def read(text: str) -> Iterator[Block]:
    """The blocks in the order of the file; what stands before the first is passed over."""
    current: Block | None = None
    count = 0
    for line in text[:LARGEST].splitlines():
        if found := HEADING.match(line):
            if current is not None:
                yield current
            count += 1
            if count > _MOST_BLOCKS:
                return
            current = Block(id=found[1], bus=found[2], number=found[3], name=found[4].strip())
        elif current is not None and line.strip():
            current.lines.append(line[:2000])
    if current is not None:
        yield current


def table(blocks: list[Block]) -> Table:
    """The firmware's table, as far as hwinfo decodes it; empty where hwinfo did not run as root."""
    bios = next((block for block in blocks if block.number == "10105"), None)
    structures: list[Structure] = []
    current: Structure | None = None
    names: dict[str, str] = {}
    for line in bios.lines if bios else ():
        if found := _SECTION.match(line):
            number, names = _SECTIONS.get(found[1].lower(), (-1, {}))
            current = Structure(type=number, title=found[1], handle=format(int(found[2][:9]), "x"))
            structures.append(current)
        elif not line.startswith("    "):
            current = None
        elif current is not None and (pair := re.match(r"^    ([A-Z][\w ./-]*?): (.*)$", line)):
            current.values.setdefault(names.get(pair[1], pair[1]), _decoded(pair[2]))
    for one in structures:
        if one.type == 17 and (array := one.values.get("Array Handle", "").removeprefix("#")).isdecimal():
            one.values["Array Handle"] = format(int(array[:9]), "x")
    return Table.of([_battery(one.values) if one.title == "Type 22 Record" else one for one in structures])


def _battery(printed: dict[str, str]) -> Structure:
    """A battery, which hwinfo prints as bytes and strings: by the offsets that SMBIOS gives type 22."""
    digits = "".join(line for name, line in sorted(printed.items()) if name.startswith("Data ")).replace(" ", "")
    data = bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9a-f]{2}){16,64}", digits) else bytes(16)
    said = {name: printed.get(f"String {data[at]}", "") for name, at in _BATTERY_STRINGS.items() if data[at]}
    capacity, volts = int.from_bytes(data[10:12], "little"), int.from_bytes(data[12:14], "little")
    if len(data) >= 22:
        capacity *= data[21] or 1
        said.setdefault("Serial Number", data[16:18][::-1].hex().upper())
        said["Chemistry"] = printed.get(f"String {data[20]}", "")
    return Structure(type=22, values=said | {"Design Capacity": f"{capacity} mWh", "Design Voltage": f"{volts} mV"})


def _decoded(value: str) -> str:
    found = _IN_BRACKETS.match(value.strip())
    return found[1] if found else bare(value)
