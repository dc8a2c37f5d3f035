"""Takes a log apart into runs, since nwipe appends to its log file, and each run into its drives. Nothing is judged here.

A drive's facts come from its own lines and rows of its own run only. A line that speaks against a drive without naming one
is kept for the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from triage.reports.normal import UnreadableReport
from triage.reports.nwipe.lines import Line
from triage.reports.nwipe.tables import ROW, THROUGHPUT, TITLE, ErasureRow, ErrorRow, StatusRow, Table

MOST_DRIVES = 500
_DEV = r"'?(/dev/[A-Za-z0-9_.+/-]*[A-Za-z0-9_+-])'?"
_FOUND = re.compile(rf"^Found {_DEV},\s*(.*)$")
_FOUND_OLD = re.compile(r'^Found drive model="(.*)", device path="(/dev/[^"]+)"')
_VERSION = re.compile(r"^(?:banner\s+=\s+)?nwipe (\d+\.\d+[\w.-]*)\b")
_SHREDOS = re.compile(r"^ShredOS v\S*?[_-](0\.\d{2}(?:\.\d+)?)(?:[-_]\S*)?$")
_OPTION = re.compile(r"^(method|rounds|verify|prng)\s+=\s*(.+)$")
_NO_BLANK = re.compile(r"^do not perform a final blank pass")
_HOST = re.compile(r"^((?:system|baseboard|chassis|bios|processor)-[a-z-]+) = (.*)$")
_SIZE = re.compile(rf"^{_DEV}, sect/blk/dev \d+/\d+/(\d+)$|^Device {_DEV} is size (\d+)\.?$")
_LOOSE_SIZE = re.compile(r"^Total device bytes\s+=\s+(\d+)$")
_SERIAL = re.compile(rf"^(?:Device )?{_DEV} has serial number (\S.*)$")
_INVOKED = re.compile(rf"^Invoking method '(.+)' on (?:device )?{_DEV}\.?$")
_PASS = re.compile(
    rf"^(Starting|Finished|Verifying|Verified) pass (\d+)(?:/| of )(\d+), round (\d+)(?:/| of )(\d+), on (?:device )?{_DEV}\.?$"
)
_LAST_ROUND = re.compile(rf"^Finished (?:final )?round (\d+) of (\d+) on (?:device )?{_DEV}\.?$")
_WRITTEN = re.compile(rf"^(\d+) bytes written to (?:device )?{_DEV}\.?$")
_READ = re.compile(rf"^(\d+) bytes read from (?:device )?{_DEV}\.?$")
_BLANKING = re.compile(rf"^Blanking device {_DEV}\.?$")
_BLANKED = re.compile(rf"^(?:\[SUCCESS\] )?Blanked device {_DEV}\.?$")
_CHECKING = re.compile(rf"^Verifying that {_DEV} is |^Verifying final random pattern FRP on {_DEV}")
_CHECKED = re.compile(rf"^\[SUCCESS\] Verified (?:that {_DEV} is |FRP on {_DEV} )")
_STATUS = re.compile(
    rf"^Status: {_DEV}, result=(-?\d+), pass_errors=(\d+), verify_errors=(\d+)(?:, fsync_errors=(\d+))?\s*$"
)
_HPA = re.compile(rf"^HPA values (-?\d+) / (-?\d+) on {_DEV}$")
_DCO = re.compile(rf"^(?:hdparm:|NWipe: )?(?:DCO )?Real max sectors reported as (-?\d+) on {_DEV}$", re.IGNORECASE)
_NO_HIDDEN = re.compile(rf"^No hidden (?:areas?|sectors?) on {_DEV}$", re.IGNORECASE)
_HIDDEN = re.compile(
    r"HIDDEN (?:AREA|SECTORS?)S?\s*(DETECTED|INDETERMINATE)|host protected area is (enabled)", re.IGNORECASE
)
_PROGRESS = re.compile(r"^/dev/\S+: (?:\d|Success)")
CLOSING = re.compile(
    r"^Nwipe (successfully completed|successfully exited|exited with errors, check|was aborted by the user)"
)
_NEVER_BEGAN = re.compile(r"^Nwipe was aborted by the user prior to the wipe starting")
_EXITED_WITH = re.compile(r"^Nwipe exited with (?:(?:non )?fatal )?errors on device")
_HEAD = re.compile(
    r"^(?:Found (?:/dev/|drive)|nwipe \d|ShredOS v|Linux version |Opened entropy source|Program options are set"
    r"|Automatically enumerated|Device /dev/\S+ excluded|Nwipes config file)"
)
# Words of a warning that tell of data not written or not read back, in all versions' ways of saying it.
_TROUBLE = re.compile(
    r"fail|unable|error|partial|short (?:read|write)|mismatch|\bIN USE\b|retry|retries|giv(?:en|ing) up|wrote \d|abort"
    r"|geometry|not a block|no space|read.only|timed? ?out|removed|disconnect|\blost\b|not wip|skipp"
)
_HARMLESS = re.compile(
    r"obtain serial number|temperature|hwmon|smart(?:ctl|mon)|dmidecode|modprobe|drivetemp|hdparm|the HPA line|HPA/DCO"
    r"|retrieving DCO|O_DIRECT|PDF|config|customer|pass-through support|block size|ioctl\.$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Found:
    bus: str
    model: str | None
    serial: str | None


@dataclass(slots=True)
class Against:
    """A line that speaks against the drives it names, or against all when it names none: ``hidden``, ``broke``, ``trouble``."""

    kind: str
    text: str
    devices: list[str]


@dataclass(slots=True)
class Drive:
    """What the lines and rows of one run say of one drive."""

    device: str
    found: list[Found] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)
    sizes: set[int] = field(default_factory=set)
    methods: list[str] = field(default_factory=list)
    started: set[tuple[int, int]] = field(default_factory=set)
    finished: set[tuple[int, int]] = field(default_factory=set)
    passes: set[int] = field(default_factory=set)
    rounds: set[int] = field(default_factory=set)
    rounds_done: set[int] = field(default_factory=set)
    written: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    blankings: int = 0
    blanked: int = 0
    checkings: int = 0
    checked: int = 0
    statuses: list[tuple[int, int, int, int]] = field(default_factory=list)
    hpa: list[tuple[int, int]] = field(default_factory=list)
    dco: list[int] = field(default_factory=list)
    no_hidden: int = 0
    hidden: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)
    broke: bool = False
    errors: list[ErrorRow] = field(default_factory=list)
    erasures: list[ErasureRow] = field(default_factory=list)
    rows: list[StatusRow] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)
    began: str | None = None
    last: str | None = None

    def named(self) -> list[tuple[str | None, str | None]]:
        """Model and serial, as each line and row of the log prints them."""
        pairs = [(one.model, one.serial) for one in self.found] + [(None, serial) for serial in self.serials]
        known = [serial for _, serial in pairs if serial]
        rows = [row.apart(known) for row in self.rows]
        return pairs + [(model or None, serial or None) for model, serial in rows]


@dataclass(slots=True)
class Run:
    """One call of nwipe, or what is left of it."""

    first_line: int
    drives: dict[str, Drive] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    conflicting: set[str] = field(default_factory=set)
    no_blank: bool = False
    host: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    totals: list[tuple[str, int, str, str]] = field(default_factory=list)
    totals_at: str | None = None
    closings: list[str] = field(default_factory=list)
    never_began: bool = False
    against: list[Against] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    someone_failed: bool = False
    strange_rows: list[str] = field(default_factory=list)
    loose_sizes: list[int] = field(default_factory=list)
    clipped_at: int | None = None

    def drive(self, device: str) -> Drive:
        if device not in self.drives and len(self.drives) >= MOST_DRIVES:
            raise UnreadableReport("TOO_COMPLEX", f"The log names more than {MOST_DRIVES} drives in one run.")
        return self.drives.setdefault(device, Drive(device))

    def set(self, name: str, value: str) -> None:
        if self.options.setdefault(name, value) != value:
            self.conflicting.add(name)


def split(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines of each run. A new run begins with lines of a start that come after a wipe began, or a second time."""
    current: list[Line] = []
    head_from: int | None = None
    seen: set[str] = set()
    wiping = closed = False
    for line in lines:
        text = line.text
        is_head = line.stamp is not None and bool(_HEAD.match(text))
        key = " ".join(text.split()[:2]) if is_head else ""
        is_work = text.startswith(("Invoking method", "Starting pass", "Starting round")) or bool(TITLE.match(text))
        if is_table := TITLE.match(text):
            key = is_table[1]
        if (is_head and (wiping or closed or key in seen)) or (is_work and closed) or (is_table and key in seen):
            cut = head_from if head_from is not None else len(current)
            yield current[:cut]
            current = current[cut:]
            seen, wiping, closed, head_from = set(), False, False, None
        if key:
            seen.add(key)
        if closed and line.stamp is not None and head_from is None and not CLOSING.match(text):
            # Warnings about a drive stand before its own line: they belong to the run that begins here.
            head_from = len(current)
        wiping = wiping or is_work
        if line.stamp is not None and CLOSING.match(text):
            closed, head_from = True, None
        current.append(line)
    if current:
        yield current


def read(lines: list[Line]) -> Run:
    """The run that these lines tell of."""
    run = Run(first_line=lines[0].number)
    run.clipped_at = _clipped_at(lines)
    table: Table | None = None
    for line in lines:
        if found := TITLE.match(line.text):
            table = Table(found[1])
            run.tables.append(table)
            continue
        if table is not None:
            if line.stamp is not None and "|" not in line.text and not re.match(r"[-*]{5,}", line.text):
                table = None
            elif table.take(line.text, terminated=line.terminated):
                continue
            else:
                table = None
        if line.stamp is not None:
            _take(run, line)
        elif ROW.match(line.text):
            # A table whose title was lost: what it says counts against all, since it may have been anything.
            run.strange_rows.append(line.text)
    _share_out_rows(run)
    _lay_against(run)
    run.someone_failed = any(map(_failed, run.drives.values()))
    if len(run.loose_sizes) == 1 and len(run.drives) == 1:
        next(iter(run.drives.values())).sizes.add(run.loose_sizes[0])
    return run


def _clipped_at(lines: list[Line]) -> int | None:
    """The width of the screen that cut the lines off, shown by a sentence whose wording is known and that isn't whole."""
    for line in lines:
        start, known, rest = line.text.partition(" excluded as per")
        if known and start.startswith("Device /dev/") and not re.match(r" command line option -e", rest):
            return line.width
    return None


def _take(run: Run, line: Line) -> None:
    text = line.text
    if not line.terminated and not CLOSING.match(text):
        # The file ends in the middle of this line. What it seems to say may go on: it can only count against a drive.
        _take_against(run, line)
        return
    _take_of_run(run, line, text)
    for device in line.devices:
        if "/dev/" in text and device in run.drives and line.level != "debug" and not _PROGRESS.match(text):
            run.drives[device].last = line.stamp
    _take_of_drive(run, line, text)
    _take_against(run, line)


def _take_of_run(run: Run, line: Line, text: str) -> None:
    if found := (_VERSION.match(text) or _SHREDOS.match(text)):
        run.versions.append(found[1])
    elif found := _OPTION.match(text):
        run.set(found[1], found[2].strip())
    elif found := _HOST.match(text):
        run.host.setdefault(found[1], found[2].strip())
    elif _NO_BLANK.match(text):
        run.no_blank = True
    elif found := _LOOSE_SIZE.match(text):
        run.loose_sizes.append(_int(found[1]))
    elif found := THROUGHPUT.match(text):
        run.totals.append((" ".join(found[1].split()), _int(found[2]), found[3], found[4]))
        run.totals_at = line.stamp
    elif found := CLOSING.match(text):
        run.closings.append(found[1])
        run.never_began = run.never_began or bool(_NEVER_BEGAN.match(text))


def _take_of_drive(run: Run, line: Line, text: str) -> None:
    if "/dev/" not in text:
        return
    for pattern, take in _OF_A_DRIVE:
        if found := pattern.match(text):
            take(run, found, line)
            return


def _take_found(run: Run, found: re.Match[str], line: Line) -> None:
    clipped = run.clipped_at is not None and line.width >= run.clipped_at
    run.drive(found[1]).found.append(_found(found[2], clipped=clipped))


def _take_found_old(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[2]).found.append(Found("", found[1].strip() or None, None))


def _take_serial(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1]).serials.append(found[2].strip())


def _take_size(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1] or found[3]).sizes.add(_int(found[2] or found[4]))


def _take_invoked(run: Run, found: re.Match[str], line: Line) -> None:
    drive = run.drive(found[2])
    drive.methods.append(" ".join(found[1].split()))
    drive.began = drive.began or line.stamp


def _take_pass(run: Run, found: re.Match[str], _line: Line) -> None:
    drive = run.drive(found[6])
    number, passes, turn, rounds = (_int(part) for part in found.groups()[1:5])
    drive.passes.add(passes)
    drive.rounds.add(rounds)
    if found[1] == "Starting":
        drive.started.add((turn, number))
    elif found[1] == "Finished":
        drive.finished.add((turn, number))
    elif found[1] == "Verifying":
        drive.checkings += 1
    else:
        drive.checked += 1


def _take_last_round(run: Run, found: re.Match[str], _line: Line) -> None:
    drive = run.drive(found[3])
    drive.rounds_done.add(_int(found[1]))
    drive.rounds.add(_int(found[2]))


def _take_written(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[2]).written.append(_int(found[1]))


def _take_read(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[2]).read.append(_int(found[1]))


def _take_blanking(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1]).blankings += 1


def _take_blanked(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1]).blanked += 1


def _take_checking(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1] or found[2]).checkings += 1


def _take_checked(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1] or found[2]).checked += 1


def _take_status(run: Run, found: re.Match[str], _line: Line) -> None:
    result, passes, verifies, syncs = (_int(number or "0") for number in found.groups()[1:])
    run.drive(found[1]).statuses.append((result, passes, verifies, syncs))


def _take_hpa(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[3]).hpa.append((_int(found[1]), _int(found[2])))


def _take_no_hidden(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[1]).no_hidden += 1


def _take_dco(run: Run, found: re.Match[str], _line: Line) -> None:
    run.drive(found[2]).dco.append(_int(found[1]))


_OF_A_DRIVE: tuple[tuple[re.Pattern[str], Callable[[Run, re.Match[str], Line], None]], ...] = (
    (_WRITTEN, _take_written),
    (_PASS, _take_pass),
    (_READ, _take_read),
    (_FOUND, _take_found),
    (_FOUND_OLD, _take_found_old),
    (_SERIAL, _take_serial),
    (_SIZE, _take_size),
    (_INVOKED, _take_invoked),
    (_LAST_ROUND, _take_last_round),
    (_BLANKING, _take_blanking),
    (_BLANKED, _take_blanked),
    (_CHECKING, _take_checking),
    (_CHECKED, _take_checked),
    (_STATUS, _take_status),
    (_HPA, _take_hpa),
    (_NO_HIDDEN, _take_no_hidden),
    (_DCO, _take_dco),
)


def _int(digits: str) -> int:
    """A number of the log; one too long for any drive is cut, which makes it wrong and never right."""
    return int(digits[:20])


def _found(rest: str, *, clipped: bool) -> Found:
    """Bus, model, size and serial of a "Found" line; the model may hold commas itself, and one version set none after the bus."""
    body, mark, serial = rest.rpartition("S/N=")
    if not mark:
        body, serial = rest, ""
    parts = [part.strip() for part in body.rstrip(" ,").split(",")]
    if parts and re.fullmatch(r"\d[\d.]* ?[KMGTP]?i?B", parts[-1]):
        parts.pop()
    bus, model = parts[0], ", ".join(part for part in parts[1:] if part)
    if not model and " " in bus:
        bus, _, model = bus.partition(" ")
    return Found(bus, model.strip() or None, None if clipped else serial.strip() or None)


def _take_against(run: Run, line: Line) -> None:
    """Lines that speak against a drive, read with what was wrapped on to the next lines. A line may name a drive before the
    drive's own line comes, so names are looked up when the run is over."""
    text, full = line.text, line.full
    if found := _HIDDEN.search(full):
        run.against.append(Against("hidden", (found[1] or "DETECTED").upper(), line.devices))
        return
    if _EXITED_WITH.match(text):
        run.against.append(Against("broke", text, line.devices))
        return
    if any(pattern.match(text) for pattern in (_FOUND, _FOUND_OLD, _SERIAL, _STATUS, CLOSING)):
        # These print what the drive says of itself: a model may be called anything.
        return
    failure = "[FAILURE]" in full or ">>> FAILURE" in full
    busy = " IN USE" in full
    severe = line.level in {"error", "fatal", "sanity"}
    if failure or busy:
        run.against.append(Against("broke" if failure else "trouble", text, line.devices))
    elif (severe or (line.level == "warning" and _TROUBLE.search(full))) and not _HARMLESS.search(text):
        run.against.append(Against("trouble", text, line.devices))


def _lay_against(run: Run) -> None:
    for item in run.against:
        named = [run.drives[device] for device in item.devices if device in run.drives]
        for drive in named:
            if item.kind == "hidden":
                drive.hidden.add(item.text)
            else:
                drive.trouble.append(item.text)
                drive.broke = drive.broke or item.kind == "broke"
        if not item.devices and item.kind == "hidden":
            run.hidden.add(item.text)
        elif not item.devices:
            run.trouble.append(item.text)


def _failed(drive: Drive) -> bool:
    """Whether a drive shows by its own rows that it is the one that went wrong."""
    if drive.broke or any(row.status != "Erased" for row in drive.rows):
        return True
    return any(row.pass_errors or row.verify_errors or row.sync_errors for row in drive.errors)


def _share_out_rows(run: Run) -> None:
    """Give each row to its drive. nwipe cuts long names from the left, so a row may fit several drives: then it is none's proof."""
    printed = {device: device.rsplit("/", 1)[-1] for device in run.drives}
    for table in run.tables:
        for name, row in chain(table.rows, ((name, text) for name, text in table.malformed)):
            fits = [
                device for device, base in printed.items() if base == name or (len(name) >= 6 and base.endswith(name))
            ]
            if not fits and name:
                fits = [run.drive(f"/dev/{name}").device]
                printed[fits[0]] = name
            if len(fits) != 1 or isinstance(row, str):
                text = row if isinstance(row, str) else name
                for device in fits:
                    run.drives[device].malformed.append(text)
                if not fits:
                    run.strange_rows.append(text)
                continue
            drive = run.drives[fits[0]]
            if isinstance(row, ErrorRow):
                drive.errors.append(row)
            elif isinstance(row, ErasureRow):
                drive.erasures.append(row)
            else:
                drive.rows.append(row)
