"""A decoded SMBIOS table: structures with a title, and lines of ``Name: value`` below it.

Versions differ in all but the numbers of the types: before 2.9 the type stood on a line of its own and titles were indented, ESX
called its titles "... Information Block", ``-q`` leaves the handles out, extracts indent by blanks. A structure is known by its
type where one is printed, else by its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triage.reports import values

_HANDLE = re.compile(r"^Handle 0x([0-9A-Fa-f]+)(?:, DMI type (\d+))?", re.ASCII)
_OLD_TYPE = re.compile(r"^\s+DMI type (\d+), ", re.ASCII)
_LINE = re.compile(r"^[\t ]+([^:\t ][^:]*):\s?(.*)$")
_MOST_STRUCTURES = 5000
_TYPES = {
    0: "BIOS Information",
    1: "System Information",
    2: "Base Board Information",
    3: "Chassis Information",
    4: "Processor Information",
    6: "Memory Module Information",
    16: "Physical Memory Array",
    17: "Memory Device",
    22: "Portable Battery",
    39: "System Power Supply",
}
_TITLES = {
    "bios information block": "BIOS Information",
    "system information block": "System Information",
    "board information block": "Base Board Information",
    "base board information block": "Base Board Information",
    "chassis information block": "Chassis Information",
    "system enclosure or chassis": "Chassis Information",
    "processor": "Processor Information",
    "memory bank": "Memory Module Information",
    **{title.lower(): title for title in _TYPES.values()},
}
# What older versions called the lines, per title; the newer name wins where both stand.
_OLDER: Mapping[str, Mapping[str, str]] = {
    "BIOS Information": {"Release": "Release Date"},
    "System Information": {"Vendor": "Manufacturer", "Product": "Product Name"},
    "Base Board Information": {"Vendor": "Manufacturer", "Product": "Product Name"},
    "Chassis Information": {"Vendor": "Manufacturer", "Chassis Type": "Type"},
    "Processor Information": {
        "Processor Manufacturer": "Manufacturer",
        "Processor Version": "Version",
        "Processor Family": "Family",
    },
    "Portable Battery": {
        "SBDS Serial Number": "Serial Number",
        "SBDS Manufacture Date": "Manufacture Date",
        "SBDS Chemistry": "Chemistry",
    },
}


@dataclass
class Structure:
    """One structure. ``handle`` is the number in hexadecimal, lower case; empty where none is printed."""

    type: int | None = None
    title: str = ""
    handle: str = ""
    values: dict[str, str] = field(default_factory=dict)


class Table:
    """A decoded table. Structures may be missing or doubled; virtual machines and cut output have few of them."""

    def __init__(self, text: object) -> None:
        self.structures = [_named(one) for one in _structures(text)] if isinstance(text, str) else []

    @classmethod
    def of(cls, structures: list[Structure]) -> Table:
        """A table of structures that another tool printed."""
        table = cls(None)
        table.structures = [_named(one) for one in structures[:_MOST_STRUCTURES]]
        return table

    def all(self, title: str) -> list[dict[str, str]]:
        return [structure.values for structure in self.structures if structure.title == title]

    def first(self, title: str) -> dict[str, str]:
        return next(iter(self.all(title)), {})

    @property
    def system(self) -> dict[str, str]:
        return self.first("System Information")

    @property
    def chassis(self) -> dict[str, str]:
        return self.first("Chassis Information")

    @property
    def board(self) -> dict[str, str]:
        """The main board where several are listed (blades and risers are boards too), else the first."""
        boards = self.all("Base Board Information")
        return next((one for one in boards if one.get("Type") == "Motherboard"), boards[0] if boards else {})

    def memory(self) -> int | None:
        """Bytes of the installed modules; flash chips that firmware lists beside them don't count."""
        sizes = [size for module in self.modules() if (size := values.size(module.get("Size"), binary=True))]
        if not sizes and not any("Size" in one for one in self.all("Memory Device")):
            # SMBIOS before 2.1 knows sockets only.
            sockets = self.all("Memory Module Information")
            sizes = [size for one in sockets if (size := values.size(one.get("Installed Size"), binary=True))]
        return values.positive(sum(sizes))

    def modules(self) -> list[dict[str, str]]:
        """The installed modules of system memory: no flash, no video memory, no module that keeps data without power."""
        others = {
            one.handle
            for one in self.structures
            if one.title == "Physical Memory Array"
            and one.values.get("Use", "System Memory").lower() != "system memory"
        }
        return [
            module
            for module in self.all("Memory Device")
            if values.size(module.get("Size"), binary=True)
            and module.get("Type", "").strip().lower() not in {"flash", "rom"}
            and not re.search(r"persistent|NVDIMM|Optane", module.get("Memory Technology", ""), re.IGNORECASE)
            and module.get("Array Handle", "").lower().removeprefix("0x") not in (others - {""})
        ]


def _named(one: Structure) -> Structure:
    title = _TYPES.get(one.type if one.type is not None else -1) or _TITLES.get(one.title.lower(), one.title)
    for older, newer in _OLDER.get(title, {}).items():
        if older in one.values:
            one.values.setdefault(newer, one.values[older])
    return Structure(type=one.type, title=title, handle=one.handle, values=one.values)


def _structures(text: str) -> Iterator[Structure]:
    current: Structure | None = None
    count = 0
    for line in text.splitlines():
        start = _start(line, current)
        if start is not None:
            if current is not None:
                yield current
            count += 1
            if count > _MOST_STRUCTURES:
                return
            current = start
        elif current is None:
            continue
        elif not line.strip():
            if not current.handle:
                yield current
                current = None
        elif found := _OLD_TYPE.match(line):
            current.type = values.whole(found[1])
        elif not current.title and (":" not in line or not line[0].isspace()):
            current.title = line.strip()
        elif pair := _LINE.match(line):
            current.values.setdefault(pair[1].strip(), pair[2].strip())
    if current is not None:
        yield current


def _start(line: str, current: Structure | None) -> Structure | None:
    if found := _HANDLE.match(line):
        return Structure(type=values.whole(found[2]), handle=found[1].lower())
    if current is None and line.strip().lower() in _TITLES:
        return Structure(title=line.strip())
    return None
