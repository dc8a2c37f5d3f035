"""The log that nwipe 0.37 writes with ``-l``, for one run over some drives: done, failed, or broken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from revlog.pages.simulation.machines import Disk

VERSION = "0.37"
METHOD = "PRNG Stream"
STARS, RULE = "*" * 80, "-" * 80
BUS = {"nvme": "NVME   ", "ssd": "ATA-SSD", "hdd": "ATA    "}
SPEED = {"nvme": 900_000_000, "ssd": 380_000_000, "hdd": 130_000_000}
"""Bytes a second, about."""
SHORT = 8 * 1024 * 1024
"""So many bytes are left out by a wipe that fails."""
ERASED, FAILED, ABORTED = "erased", "failed", "aborted"


def needs(disk: Disk) -> timedelta:
    """How long a pass with its verification takes."""
    return timedelta(seconds=2 * (disk.kind.capacity // SPEED[disk.kind.type]))


@dataclass
class _Log:
    at: datetime
    lines: list[str] = field(default_factory=list)
    told: list[tuple[datetime, str]] = field(default_factory=list)

    def say(self, level: str, text: str, *, after: timedelta = timedelta(0)) -> None:
        self.at += after
        line = f"[{self.at:%Y/%m/%d %H:%M:%S}] {level + ':':>8} {text}"
        self.lines.append(line)
        self.told.append((self.at, line))


def _size(count: int) -> str:
    return f"{count / 1_000_000_000:.0f} GB"


def _clock(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def written(disks: Sequence[Disk], *, began: datetime, outcome: str = ERASED) -> bytes:
    """A whole log; with ``failed`` the drives had write errors, with ``aborted`` somebody stopped it half way."""
    log = _Log(began)
    log.say("info", f"nwipe {VERSION}")
    log.say("info", "Linux version 6.1.27")
    for disk in disks:
        kind = disk.kind
        log.say(
            "notice",
            f"Found /dev/{disk.name}, {BUS[kind.type]}, {kind.model}, {_size(kind.capacity)}, S/N={disk.serial}",
        )
        log.say("info", f"No hidden sectors on /dev/{disk.name}")
    log.say("notice", "Opened entropy source '/dev/urandom'.")
    log.say("notice", "Program options are set as follows...")
    for line in (
        f"banner   = nwipe {VERSION}",
        f"method   = {METHOD}",
        "quiet    = 0",
        "rounds   = 1",
        "sync     = 100000",
        "verify   = 1 (last pass)",
    ):
        log.say("notice", f"  {line}")
    told = [each for disk in disks for each in _wipe(disk, began, outcome)]
    log.lines += [line for _at, line in sorted(told, key=lambda each: each[0])]
    spent = max((needs(disk) for disk in disks), default=timedelta(0)) * (0.4 if outcome == ABORTED else 1)
    log.at = began + spent + timedelta(minutes=1)
    _tables(log, disks, outcome, spent)
    closing = {
        ERASED: "Nwipe successfully completed. See summary table for details.",
        FAILED: "Nwipe exited with errors on one or more drives! See summary table for details.",
        ABORTED: "Nwipe was aborted by the user. Check the summary table for the drive status.",
    }
    log.say("info", closing[outcome])
    return ("\n".join(log.lines) + "\n").encode()


def _wipe(disk: Disk, began: datetime, outcome: str) -> list[tuple[datetime, str]]:
    """What the thread of one drive says, with its times: the drives of a run are wiped side by side."""
    device, size = f"/dev/{disk.name}", disk.kind.capacity
    log = _Log(began)
    half = needs(disk) / 2
    log.say("notice", f"{device}, sect/blk/dev 512/4096/{size}")
    log.say("notice", f"Invoking method '{METHOD}' on {device}")
    log.say("notice", f"Starting round 1 of 1 on {device}")
    log.say("notice", f"Starting pass 1/1, round 1/1, on {device}")
    if outcome != ABORTED:
        written = size if outcome == ERASED else size - SHORT
        if outcome == FAILED:
            log.say("error", f"pwrite failed on {device}: Input/output error", after=half / 2)
        log.say("notice", f"{written} bytes written to {device}", after=half)
        log.say("notice", f"Finished pass 1/1, round 1/1, on {device}")
        log.say("notice", f"Verifying pass 1 of 1, round 1 of 1, on {device}")
        log.say("notice", f"{written} bytes read from {device}", after=half)
        if outcome == ERASED:
            log.say("notice", f"Verified pass 1 of 1, round 1 of 1, on '{device}'.")
        log.say("notice", f"Finished final round 1 of 1 on {device}")
    return log.told


def _tables(log: _Log, disks: Sequence[Disk], outcome: str, spent: timedelta) -> None:
    flag = " " if outcome == ERASED else "!"
    errors = 2048 if outcome == FAILED else 0
    status = {ERASED: " Erased ", FAILED: "-FAILED-", ABORTED: "UABORTED"}[outcome]
    log.lines += ["", f"{'*' * 32} Error Summary {'*' * 33}"]
    log.lines += ["!   Device | Pass Errors | Verifications Errors | Fdatasync I\\O Errors", RULE]
    log.lines += [f"{flag} {disk.name[-8:]:>8} | {errors:>11} | {errors:>20} | {0:>20}" for disk in disks]
    log.lines += [STARS, "", f"{'*' * 31} Erasure Summary {'*' * 32}"]
    log.lines += ["!   Device |        Bytes Erased |         Bytes Total | Percentage Erased", RULE]
    for disk in disks:
        size = disk.kind.capacity
        done = {ERASED: size, FAILED: size - SHORT, ABORTED: int(size * 0.4) // 4096 * 4096}[outcome]
        share = f"{int(done / size * 10000) / 100:.2f}%"
        log.lines.append(f"{flag} {disk.name[-8:]:>8} | {done:>19} | {size:>19} | {share:>17}")
    log.lines += [STARS, "", f"{'*' * 33} Drive Status {'*' * 33}"]
    log.lines += ["!   Device | Status | Thru-put | HH:MM:SS | Model/Serial Number", RULE]
    rate = max((SPEED[disk.kind.type] for disk in disks), default=1) // 1_000_000
    for disk in disks:
        log.lines.append(
            f"{flag} {disk.name[-8:]:>8} |{status}| {rate:>4} MB/s | {_clock(spent)} | {disk.kind.model[:17]}/{disk.serial}"
        )
    log.lines += [RULE, f"[{log.at:%Y/%m/%d %H:%M:%S}] Total Throughput {rate} MB/s, {METHOD}, 1R+NB+VL", STARS, ""]
