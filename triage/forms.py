"""What the pages send: the inspection form is made from the defects of the unit's class and read back here."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from revlog.common.words import word
from revlog.devices.models import Device, Fault
from triage.defects import Axis, Defect, of_class, zones_of
from triage.services.inspection import Finding

GROUPS = (Axis.FUNCTION, Axis.COSMETIC, Axis.BATTERY, Axis.STORAGE, Axis.LOCK, Axis.HAZARD)
MOST_FILES = 100
READ_AT_ONCE = 40
"""More files than that are kept at once and read by the worker, so that the answer comes soon."""


@dataclass(frozen=True)
class Row:
    """One defect on the form: ``severity`` is what is ticked ("" for none), ``zones`` the places with whether they are."""

    code: str
    label: str
    severities: list[tuple[str, str]]
    severity: str
    zones: list[tuple[str, str, bool]]

    @property
    def only(self) -> str:
        """The one severity of a defect that is there or isn't."""
        return self.severities[0][0]

    @property
    def is_tap(self) -> bool:
        return len(self.severities) == 1 and len(self.zones) < 2


@dataclass(frozen=True)
class Group:
    """One axis of the form: ``taps`` are there or not, ``rows`` ask how bad and where."""

    axis: str
    label: str
    taps: list[Row]
    rows: list[Row]
    found: int

    @property
    def open(self) -> bool:
        return bool(self.found) or self.axis in {Axis.FUNCTION, Axis.COSMETIC}


def groups_for(device: Device, chosen: dict[str, tuple[str, set[str]]]) -> list[Group]:
    """The form of a unit: its defects by axis, with ``chosen`` (code -> severity, zones) ticked."""
    found = []
    for axis in GROUPS:
        rows = [_row(defect, device, chosen) for defect in of_class(device.device_class) if defect.axis is axis]
        if rows:
            taps = [row for row in rows if row.is_tap]
            graded = [row for row in rows if not row.is_tap]
            found.append(
                Group(axis.value, word(f"axis.{axis.value}"), taps, graded, sum(bool(row.severity) for row in rows))
            )
    return found


def _row(defect: Defect, device: Device, chosen: dict[str, tuple[str, set[str]]]) -> Row:
    severity, zones = chosen.get(defect.code, ("", set()))
    return Row(
        code=defect.code,
        label=str(defect.label),
        severities=[(each, word(each)) for each in defect.severities],
        severity=severity,
        zones=[(zone, word(zone), zone in zones) for zone in zones_of(defect, device.device_class)],
    )


def open_findings(device: Device) -> dict[str, tuple[str, set[str]]]:
    """What a person found on the unit before and is still open, as the form ticks it."""
    found: dict[str, tuple[str, set[str]]] = {}
    for row in Fault.objects.filter(device=device, cleared_at=None, source="inspection"):
        _severity, zones = found.setdefault(row.code, (row.severity, set()))
        if row.zone:
            zones.add(row.zone)
    return found


def posted(device: Device, data: QueryDict) -> dict[str, tuple[str, set[str]]]:
    """What was ticked: code -> severity and zones. Unknown codes are kept, so that the verb refuses them aloud."""
    found: dict[str, tuple[str, set[str]]] = {}
    for name in list(data)[:500]:
        if name.startswith("defect-") and (severity := data.get(name, "")):
            code = name.removeprefix("defect-")
            found[code] = (severity, set(data.getlist(f"zone-{code}")))
    return found


def findings(chosen: dict[str, tuple[str, set[str]]]) -> list[Finding]:
    """One finding a place; without a place, one for the whole."""
    return [
        Finding(code=code, zone=zone, severity=severity)
        for code, (severity, zones) in chosen.items()
        for zone in sorted(zones) or [""]
    ]


def gone(device: Device, chosen: dict[str, tuple[str, set[str]]]) -> list[str]:
    """What a person had found before and is not ticked any more."""
    return [code for code in open_findings(device) if code not in chosen]


def files_of(files: MultiValueDict[str, UploadedFile[bytes]]) -> list[UploadedFile[bytes]]:
    return list(files.getlist("files"))
