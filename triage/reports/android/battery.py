"""``adb shell dumpsys battery``, alone or as a part of a bug report.

What is true now stands in the lines below "Current Battery Service state:". Makers add to it: Samsung what it has learned of the battery
(``mSavedBatteryAsoc``) and logs of what was, whose levels are no longer true; MIUI and others their own lines. Each line is read by its
whole name, once, the first time it stands there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from triage.reports import values
from triage.reports.android import getprop
from triage.reports.normal import Battery, BatteryCondition, Component, Report, Test, UnreadableReport, Verdict
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "android.battery"
_HEAD = re.compile(r"^[^\S\r\n]*Current Battery Service state:", re.MULTILINE | re.IGNORECASE)
_END = re.compile(r"^(?:DUMP OF SERVICE |-{6,}|\S*[$#>] )", re.MULTILINE)
_LINE = re.compile(r"([A-Za-z][\w ()/-]{0,60}?)\s*[:=]\s*(.{0,200}?)")
_CORE = frozenset(
    {
        "status",
        "health",
        "present",
        "level",
        "scale",
        "voltage",
        "temperature",
        "technology",
        "ac powered",
        "usb powered",
    }
)
_FEWEST = 5
"""Without its heading a dump is known by so many of the lines that every Android prints."""
_LONGEST = 200_000

_HEALTH = {
    "1": "unknown", "2": "good", "3": "overheat", "4": "dead", "5": "over voltage", "6": "unspecified failure", "7": "cold",
    "8": "overheat limit",
}  # fmt: skip
_CONDITIONS = {
    "good": BatteryCondition.GOOD,
    "dead": BatteryCondition.FAILED,
    "over voltage": BatteryCondition.FAILED,
    "unspecified failure": BatteryCondition.FAILED,
    "failure": BatteryCondition.FAILED,
}
_STATUS = {"1": "unknown", "2": "charging", "3": "discharging", "4": "not charging", "5": "full"}
_SHARES = (
    "msavedbatteryasoc",
    "asoc",
    "battery asoc",
    "msavedbatterybsoh",
    "bsoh",
    "state of health",
    "battery state of health",
)
"""Samsung's absolute state of charge is full charge against design capacity; its other figure is taken where it has not learned that."""
_CYCLES = (
    "cycle count",
    "battery cycle count",
    "cycle_count",
    "battery cycle",
    "charge cycles",
    "mcyclecount",
    "cyclecount",
)
_DESIGNS = ("charge full design", "charge_full_design", "battery full charge design capacity", "design capacity")
_FULLS = ("charge full", "charge_full", "battery full charge", "full charge capacity")


def recognises(sniff: Sniff) -> bool:
    text = _text(sniff)
    return bool(_HEAD.search(text)) or len(_CORE & _lines(text[: 2 * _FEWEST * 400]).keys()) >= _FEWEST


def _text(sniff: Sniff) -> str:
    try:
        return sniff.text
    except UnreadableReport:
        return ""


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a service without a battery and without a word of the phone; TRUNCATED for a heading with nothing below."""
    text = sniff.text
    heads = list(_HEAD.finditer(text))
    warnings = []
    if len(heads) > 1:
        warnings.append(f"The file holds {len(heads)} dumps of the battery; the last one was read.")
    start = heads[-1].end() if heads else 0
    told = _lines(_until_end(text[start : start + _LONGEST]))
    if not told:
        raise UnreadableReport(
            "TRUNCATED", "Nothing stands below the heading of the battery's state.", f"offset {start}"
        )
    frozen = _is_frozen(told, text[start : start + 400])
    if frozen:
        warnings.append("The figures of the battery were set by hand for a test; they say nothing of it.")
    battery = None if told.get("present") == "false" else _battery(told, frozen=frozen)
    if told.get("present") == "false":
        warnings.append("The phone reports that no battery is in it.")
    warnings += _warnings(told)
    report = Report(
        kind=KIND,
        tool="dumpsys battery",
        battery=battery,
        components=(_part(battery, told, frozen=frozen),) if battery else (),
        tests=_tests(battery),
        warnings=tuple(warnings),
    )
    report = getprop.describe(report, getprop.properties(text))
    if battery is None and not report.model and not report.serial:
        raise UnreadableReport(
            "NO_DEVICE", "The phone reports no battery, and nothing says which phone it is.", f"offset {start}"
        )
    return report


def _until_end(text: str) -> str:
    found = _END.search(text)
    return text[: found.start()] if found else text


def _lines(text: str) -> dict[str, str]:
    """Each line by its name. What every Android prints of the present moment stands together at the start: after the first line of
    another form, or a gap, it is a log of earlier moments."""
    told: dict[str, str] = {}
    is_now = True
    for line in text.replace("\r\r\n", "\n").splitlines():
        bare = line.strip()
        found = _LINE.fullmatch(bare)
        if found is None:
            is_now = is_now and (not told or bare.startswith("("))
            continue
        name = " ".join(found[1].lower().split())
        if is_now or name not in _CORE:
            told.setdefault(name, found[2].strip("[] \t"))
    return told


def _is_frozen(told: Mapping[str, str], head: str) -> bool:
    return "UPDATES STOPPED" in head or told.get("use_fake_battery") == "true"


def _number(told: Mapping[str, str], *names: str) -> int | None:
    """The first of the lines that holds a number; what a maker adds behind it ("84 %", "312 (learned)") is passed over."""
    for name in names:
        if (found := re.match(r"-?\d{1,12}(?![\d.])", told.get(name, ""))) is not None:
            return int(found[0])
    return None


def _share(told: Mapping[str, str]) -> int | None:
    """-1 and 0 stand where the phone has learned nothing."""
    shares = (_number(told, name) for name in _SHARES)
    found = next((share for share in shares if share is not None and 1 <= share <= 100), None)
    if found is not None:
        return found
    full, design = _capacity(told, _FULLS), _capacity(told, _DESIGNS)
    # A full charge of a hundred, or far above the design, is no capacity.
    return min(100, round(100 * full / design)) if full and design and 0.1 <= full / design <= 1.3 else None


def _capacity(told: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    """In milliampere hours; Android's own figures are a thousandth of that."""
    found = _number(told, *names)
    if found is None or found <= 0:
        return None
    return found // 1000 if found > 100_000 else found


def _cycles(told: Mapping[str, str]) -> int | None:
    """Samsung keeps the use of a battery in hundredths of a full cycle."""
    found = _number(told, *_CYCLES)
    if found is not None and 0 < found < 20_000:
        return found
    used = _number(told, "msavedbatteryusage", "battery usage")
    return used // 100 if used is not None and 0 < used < 2_000_000 else None


def _health(told: Mapping[str, str]) -> str | None:
    word = told.get("health", "").lower().replace("_", " ").removeprefix("battery health ")
    return _HEALTH.get(word, word) or None


def _battery(told: Mapping[str, str], *, frozen: bool) -> Battery:
    health = _health(told)
    condition = None if health is None else _CONDITIONS.get(health, BatteryCondition.UNKNOWN)
    return Battery(
        cycles=_cycles(told),
        health_percent=_share(told),
        serial=clean_serial(told.get("battery serial") or told.get("serial number")),
        chemistry=clean(told.get("technology")),
        condition=BatteryCondition.UNKNOWN if frozen and condition else condition,
    )


def _charge(told: Mapping[str, str]) -> int | None:
    """The level as a share of its scale, which isn't always a hundred."""
    level, scale = _number(told, "level"), _number(told, "scale")
    scale = 100 if scale is None else scale
    return round(100 * level / scale) if level is not None and 0 <= level <= scale and scale > 0 else None


def _millivolts(told: Mapping[str, str]) -> int | None:
    found = _number(told, "voltage")
    if found is None or found <= 0:
        return None
    found = found // 1000 if found > 100_000 else found
    return found if 1000 <= found <= 30_000 else None


def _celsius(told: Mapping[str, str]) -> str | None:
    tenths = _number(told, "temperature")
    return f"{tenths / 10:.1f}" if tenths is not None and tenths != 0 and -400 <= tenths <= 1200 else None


def _part(battery: Battery, told: Mapping[str, str], *, frozen: bool) -> Component:
    figures: dict[str, object] = {
        "asoc_percent": _number(told, "msavedbatteryasoc", "asoc"),
        "bsoh_percent": _number(told, "msavedbatterybsoh", "bsoh"),
        "design_mah": _capacity(told, _DESIGNS),
        "full_mah": _capacity(told, _FULLS),
        "first_used": _day(told),
    }
    if not frozen:
        figures |= {
            "health": _health(told),
            "charge_percent": _charge(told),
            "voltage_mv": _millivolts(told),
            "temperature_c": _celsius(told),
            "status": _STATUS.get(told.get("status", "").lower(), clean(told.get("status"))),
        }
    figures |= {name: None for name in ("asoc_percent", "bsoh_percent") if not 1 <= (_whole(figures[name]) or 0) <= 100}
    detail = {name: text for name, figure in figures.items() if (text := values.text(figure))}
    return Component(kind="battery", serial=battery.serial, detail=detail)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _day(told: Mapping[str, str]) -> str | None:
    line = told.get("battery firstusedate") or told.get("firstusedate") or told.get("msavedbatterybeginningdate") or ""
    found = re.fullmatch(r"(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])", line)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else None


def _tests(battery: Battery | None) -> tuple[Test, ...]:
    if battery is None or battery.condition is not BatteryCondition.FAILED:
        # "Good" is only that the charger saw nothing wrong: a swollen battery is good too.
        return ()
    return (Test(code="battery", verdict=Verdict.FAIL, detail="the phone's own word on its battery"),)


def _warnings(told: Mapping[str, str]) -> list[str]:
    health, level, scale = _health(told), _number(told, "level"), _number(told, "scale")
    warnings = []
    if health in {"overheat", "overheat limit", "cold"}:
        warnings.append("The battery was too hot or too cold to say how it is.")
    if level is not None and _charge(told) is None:
        warnings.append(f"A level of {level} of {scale} can't be.")
    return warnings
