"""Linux' ``upower -i DEVICE`` and ``upower -d`` (kind ``upower.text``): batteries without their machine.

Only what feeds the machine itself is read (``power supply: yes``); a mouse's or a headset's battery is not the machine's, and the
``DisplayDevice`` is the sum of the others. Decimals stand behind a comma or a point, as the language has it. The battery's maker, model
and serial are its own and never the machine's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from triage.reports import batteries, values
from triage.reports.normal import Battery, Report, UnreadableReport
from triage.reports.placeholders import clean
from triage.reports.sniff import Sniff

KIND = "upower.text"
_LINE = re.compile(r"^\s*([A-Za-z][A-Za-z -]*?):\s*(.*)$")
_KIND = re.compile(r"^\s{1,8}([a-z][a-z -]+)\s*$")
_DEVICE = re.compile(r"^\s*Device:\s+(/org/freedesktop/UPower/devices/\S+)\s*$")
_PATH = re.compile(r"(/org/freedesktop/UPower/devices/\S+\s*)+")
_MOST_LINES = 20_000
_MOST_BATTERIES = 8
_LONGEST = 1000


@dataclass
class _Block:
    path: str = ""
    kind: str = ""
    told: dict[str, str] = field(default_factory=dict)


def recognises(sniff: Sniff) -> bool:
    head = sniff.head
    return bool(
        re.match(r"native-path:\s", head)
        or re.match(r"Device:\s+/org/freedesktop/UPower/", head)
        or _PATH.fullmatch(sniff.text[:20_000].strip())
        or (re.search(r"^Daemon:\s*$", head, re.MULTILINE) and "daemon-version:" in head)
    )


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a list of names and where no battery of the machine is told."""
    if _PATH.fullmatch(sniff.text[:20_000].strip()):
        raise UnreadableReport(
            "NO_DEVICE", "This is a list of names (upower -e); send the output of upower -d.", "line 1"
        )
    blocks = _blocks(sniff.text)
    own = [one for one in blocks if one.kind == "battery" and one.told.get("power supply", "yes").lower() == "yes"]
    found = [
        _battery(one.told)
        for one in own
        if not one.path.endswith("/DisplayDevice") and one.told.get("present", "yes").lower() != "no"
    ]
    packs = [one for one in found if batteries.says_anything(one)][:_MOST_BATTERIES]
    if not packs:
        raise UnreadableReport("NO_DEVICE", "The output tells of no battery of the machine itself.", "line 1")
    version = next((one.told["daemon-version"] for one in blocks if "daemon-version" in one.told), None)
    return Report(
        kind=KIND,
        tool="upower",
        tool_version=clean(version),
        components=tuple(batteries.part(one) for one in packs),
        battery=batteries.together(packs),
    )


def _blocks(text: str) -> list[_Block]:
    blocks = [_Block()]
    for printed in text.splitlines()[:_MOST_LINES]:
        line = printed[:_LONGEST].rstrip()
        if found := _DEVICE.match(line):
            blocks.append(_Block(path=found[1]))
        elif line.strip() == "Daemon:":
            blocks.append(_Block(kind="daemon"))
        elif pair := _LINE.match(line):
            name = pair[1].lower()
            if name == "native-path" and blocks[-1].told:
                # Several answers of ``upower -i`` one behind the other.
                blocks.append(_Block())
            blocks[-1].told.setdefault(name, pair[2])
        elif (kind := _KIND.match(line)) and not blocks[-1].kind:
            blocks[-1].kind = kind[1].strip()
    return blocks


def _battery(told: dict[str, str]) -> Battery:
    design, full = (batteries.milliwatt_hours(told.get(name)) for name in ("energy-full-design", "energy-full"))
    stated = batteries.share(told.get("capacity"))
    return Battery(
        design_mwh=design,
        full_mwh=full,
        cycles=values.positive(told.get("charge-cycles")),
        health_percent=stated or batteries.health(full, design),
        serial=batteries.serial(told.get("serial")),
        manufacturer=clean(told.get("vendor")),
        model=clean(told.get("model")),
        chemistry=clean(told.get("technology")),
    )
