"""nwipe logs (kind ``nwipe.log``), of versions 0.2x to 0.42, plain or from ShredOS: log files (``-l``), screens, pastes.

What goes where
---------------
* The report is of the machine nwipe ran on, when the log holds its ``dmidecode`` lines: ``manufacturer``, ``model``,
  ``serial``, ``chassis``, ``asset_tag``. Runs on several machines in one file give none of them, and a warning.
* ``media``: every drive nwipe found, once. The type is known only where the bus tells (``NVME``, ``-SSD``, ``USB``); the
  capacity only where the log has it in bytes, since "1000 GB" is rounded.
* ``erasures``: one for each drive of each run, in order, never mixed: nwipe appends to its log file, and a device name
  may be another drive in the next run. Drives that were found and not chosen have none. If a log breaks off before the wipe
  of any drive began, each drive found has one, with outcome ``unknown``.
* ``bytes_total`` and ``bytes_erased``: from the Erasure Summary table, else the device's size line and the most that a pass
  wrote; 0 erased for methods that only read. They say how far nwipe came, not that the drive is clean.
* ``started_at`` and ``ended_at``: local time of that machine, without a zone, since the log names none.
* Serials hidden by nwipe's ``-q`` option are ``None``, and so is the garbage that it prints for drives without one.

Outcomes
--------
``success``
    The log is whole and everything agrees: the run's start, the drive's line, one method known to overwrite, every pass of
    every round finished and of the drive's full size, verification and blanking, where begun, shown as successful, one row
    without errors, all bytes erased where the table exists, status ``Erased``, the closing lines, no hidden area (HPA, DCO).
``verify_only``
    The same, but the method (``Verify Zeros``, ``Verify Ones``) only reads: nwipe prints ``Erased`` and erased nothing.
``failed``
    nwipe counted errors or printed ``-FAILED-``, a ``[FAILURE]`` or a result that isn't zero, even when the log is cut.
``aborted``
    ``UABORTED``: stopped by the user (nwipe then exits with 0 and counts no errors).
``unknown``
    Anything else: cut logs, contradictions, rows that are there twice or can't be told to one drive, errors that were
    overcome by a retry, an area that is hidden or may be, a version or method whose words are not known. ``doubts`` says
    why, one sentence each; a success has no doubts.

A line that can't be told to a drive counts against every drive of its run, unless another drive shows that it was the one.
Lines wrapped by a paste can count against a drive and never for it. Versions before 0.28 print no tables and those before
0.31 none of errors (and had a fault that printed ``Erased`` for drives that stopped answering), so their logs give
``unknown``. Versions before 0.35 don't look for hidden areas: a success of theirs has ``hidden_area`` None, and whoever needs
to know asks the drive. A drive behind a USB bridge can't tell, so from 0.35 on its outcome is ``unknown``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from triage.reports.normal import Component, Erasure, Medium, MediumType, Report, UnreadableReport
from triage.reports.nwipe import judgement, runs
from triage.reports.nwipe.lines import lex
from triage.reports.nwipe.runs import Drive, Run
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.makers import maker_of
from triage.reports.sniff import Sniff

KIND = "nwipe.log"
MOST_RUNS = 2000

_SURE = re.compile(
    r"^[^\w\n]{0,40}\*{3,} *(?:Error Summary|Erasure Summary|Drive Status) *\*{3,}"
    r"|^.{0,40}\bNwipe (?:successfully|exited with|was aborted by)"
    r"|^(?:> )?\[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\] +nwipe: "
    r"|^(?:> )?\[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\] *(?:debug|info|notice|warning|error|fatal|sanity): *"
    r"(?:nwipe |Nwipes? |ShredOS |Found /dev/|Found drive|Invoking method '|Starting pass |Starting round |Finished pass "
    r"|Program options are set|Opened entropy source|Automatically enumerated|Storage devices not found|Device /dev/"
    r"|HPA values|HIDDEN |No hidden |\d+ bytes (?:written|read)|Blanking device|Blanked device|Verifying |hwmon: |Status: /dev/"
    r"|GUI compute_stats|Wipe thread for|Initialising |prng stream|banner +=|/dev/\S+:? )",
    re.MULTILINE,
)
_MASKED = re.compile(r"[X?]{6,}")
_LOOKED_AT = 256 * 1024


def recognises(sniff: Sniff) -> bool:
    """Whether the text has nwipe's own lines. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT].replace("\r", "\n")
    except UnreadableReport:
        return False
    start = head.lstrip("\ufeff \t\r\n")[:1]
    return start not in {"{", "<"} and bool(_SURE.search(head))


def parse(sniff: Sniff) -> Report:
    """The report; raises UnreadableReport NO_DEVICE when the log names no drive, TOO_COMPLEX when it is no log of one bench."""
    found: list[Run] = []
    for lines in runs.split(lex(sniff.text.lstrip("\ufeff"))):
        if lines:
            found.append(runs.read(lines))
        if len(found) > MOST_RUNS:
            raise UnreadableReport(
                "TOO_COMPLEX", f"The log holds more than {MOST_RUNS} runs.", f"line {lines[0].number}"
            )
    if not any(run.drives for run in found):
        raise UnreadableReport(
            "NO_DEVICE", "The log names no drive: nwipe found none, or the log was cut off before.", "line 1"
        )
    versions = list(dict.fromkeys(version for run in found for version in run.versions))
    report = Report(
        kind=KIND,
        tool="nwipe",
        tool_version=versions[0] if len(versions) == 1 else None,
        media=_media(found),
        erasures=tuple(erasure for run in found for erasure in _erasures(run)),
        warnings=_warnings(found, versions),
    )
    return _with_host(report, found)


def _erasures(run: Run) -> list[Erasure]:
    ended = any(table.title == "Drive Status" and table.closed for table in run.tables)
    touched = [drive for drive in run.drives.values() if _touched(drive)]
    if not touched and not ended:
        touched = list(run.drives.values())
    return [_erasure(run, drive) for drive in touched]


def _touched(drive: Drive) -> bool:
    rows = drive.rows or drive.errors or drive.erasures or drive.malformed
    return bool(drive.methods or drive.started or drive.written or drive.statuses or rows or drive.blankings)


def _erasure(run: Run, drive: Drive) -> Erasure:
    outcome, doubts = judgement.outcome(run, drive)
    errors = drive.errors[0] if len(drive.errors) == 1 else None
    counted = drive.statuses[-1] if drive.statuses and errors is None else None
    return Erasure(
        device=drive.device,
        model=_model(drive),
        serial=_serial(drive),
        method=judgement.method_of(run, drive),
        rounds=judgement.rounds_of(run, drive),
        verification=judgement.verification_of(run),
        blanked=judgement.blanked(run, drive),
        bytes_total=_bounded(judgement.bytes_total(drive)),
        bytes_erased=_bounded(judgement.bytes_erased(run, drive)),
        pass_errors=_bounded(errors.pass_errors if errors else counted[1] if counted else None),
        verify_errors=_bounded(errors.verify_errors if errors else counted[2] if counted else None),
        sync_errors=_bounded(errors.sync_errors if errors else counted[3] if counted else None),
        hidden_area=judgement.hidden_area(run, drive),
        started_at=drive.began,
        ended_at=(drive.last or run.totals_at) if drive.rows else None,
        outcome=outcome,
        doubts=doubts,
    )


def _bounded(number: int | None) -> int | None:
    return number if number is not None and number < 2**63 else None


def _model(drive: Drive) -> str | None:
    named = [model for model, _ in drive.named() if model]
    return clean(named[0]) if named else None


def _serial(drive: Drive) -> str | None:
    """The serial, if the log gives one and only one, and it is one."""
    serials = {serial for _, serial in drive.named() if serial and not _MASKED.fullmatch(serial)}
    return clean_serial(next(iter(serials))) if len(serials) == 1 and not any(map(_garbled, serials)) else None


def _garbled(serial: str) -> bool:
    """Whether it is no serial but what lay in memory: some versions print that where a drive has none (loop devices, USB bridges)."""
    return not (serial.isascii() and serial.isprintable())


def _media(found: list[Run]) -> tuple[Medium, ...]:
    media: dict[tuple[str | None, ...], Medium] = {}
    for drive in (drive for run in found for drive in run.drives.values()):
        model, serial = _model(drive), _serial(drive)
        key = (serial, model) if serial else (None, drive.device, model)
        medium = Medium(
            model=model,
            serial=serial,
            capacity_bytes=_bounded(judgement.bytes_total(drive)),
            type=_type(drive),
            manufacturer=maker_of(model),
            interface=_interface(drive),
        )
        known = media.get(key)
        if known is None or (known.capacity_bytes is None and medium.capacity_bytes is not None):
            media[key] = medium
    return tuple(media.values())


def _buses(drive: Drive) -> set[str]:
    return {found.bus.strip().upper() for found in drive.found if found.bus.strip()}


def _type(drive: Drive) -> MediumType:
    buses = _buses(drive)
    if any(bus.startswith("NVME") for bus in buses):
        return MediumType.NVME
    if any(bus.endswith("-SSD") for bus in buses):
        return MediumType.SSD
    return MediumType.USB if "USB" in buses else MediumType.UNKNOWN


def _interface(drive: Drive) -> str | None:
    buses = {bus.removesuffix("-SSD") for bus in _buses(drive)}
    return next(iter(buses)) if len(buses) == 1 else None


def _warnings(found: list[Run], versions: list[str]) -> tuple[str, ...]:
    warnings = []
    if len(found) > 1:
        warnings.append(f"The log holds {len(found)} runs; the erasures stand in their order.")
    if len(versions) > 1:
        warnings.append("The runs were made with several versions of nwipe.")
    if any(run.clipped_at for run in found):
        warnings.append("The lines were cut off at the edge of a screen; serials that reach it are left out.")
    return tuple(warnings)


def _with_host(report: Report, found: list[Run]) -> Report:
    hosts: list[dict[str, str]] = []
    for run in found:
        host = {name: value for name, value in run.host.items() if not _MASKED.fullmatch(value)}
        if host and host not in hosts:
            hosts.append(host)
    if not hosts:
        return report
    identities = {
        tuple(host.get(f"system-{name}") for name in ("manufacturer", "product-name", "serial-number"))
        for host in hosts
    }
    if len(identities) > 1:
        return replace(report, warnings=(*report.warnings, "The runs were made on several machines; none is named."))
    host = hosts[-1]
    return replace(
        report,
        manufacturer=clean(host.get("system-manufacturer")),
        model=clean(host.get("system-product-name")),
        serial=clean_serial(host.get("system-serial-number")),
        chassis=clean(host.get("chassis-type")),
        asset_tag=clean_serial(host.get("chassis-asset-tag")),
        components=_components(host),
    )


def _components(host: dict[str, str]) -> tuple[Component, ...]:
    board = (clean(host.get("baseboard-manufacturer")), clean(host.get("baseboard-product-name")))
    serial = clean_serial(host.get("baseboard-serial-number"))
    components = []
    if any(board) or serial:
        components.append(Component(kind="motherboard", manufacturer=board[0], model=board[1], serial=serial))
    processor = (clean(host.get("processor-manufacturer")), clean(host.get("processor-version")))
    if any(processor):
        components.append(Component(kind="processor", manufacturer=processor[0], model=processor[1]))
    return tuple(components)
