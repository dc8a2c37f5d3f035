"""Hand-made logs in nwipe's form: what they must be read as, and above all what must never pass for an erasure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from triage.reports import nwipe
from triage.reports.normal import Erasure, ErasureOutcome, MediumType, Report, UnreadableReport
from triage.reports.sniff import Sniff

AT = "[2026/03/02 09:15:00]"
STARS = "*" * 80
RULE = "-" * 80


@dataclass(frozen=True, kw_only=True)
class Disk:
    """One drive of a made-up run, erased well unless said otherwise."""

    name: str = "sdb"
    bus: str = "ATA    "
    model: str = "HARBOR HX500"
    serial: str = "HX5-00017"
    size: int = 500_107_862_016
    written: int | None = None
    hidden: str | None = None
    passes: int = 1
    finished: int | None = None
    extra: tuple[str, ...] = ()
    errors: str = "           0 |                    0 |                    0"
    flag: str = " "
    status: str = " Erased "
    erased: tuple[int, str] | None = None
    row_serial: str | None = None


@dataclass(frozen=True, kw_only=True)
class Log:
    disks: tuple[Disk, ...] = (Disk(),)
    version: str = "0.37"
    method: str = "PRNG Stream"
    verify: str = "1 (last pass)"
    letters: str = "1R+NB+VL"
    host: tuple[str, ...] = ()
    closing: str = "Nwipe successfully completed. See summary table for details."
    erasure_summary: bool = False
    lines: list[str] = field(default_factory=list)

    def say(self, level: str, text: str) -> None:
        self.lines.append(f"{AT} {level + ':':>8} {text}")

    def text(self) -> str:
        self.lines.clear()
        self.say("info", f"nwipe {self.version}")
        for disk in self.disks:
            self.say("notice", f"Found /dev/{disk.name}, {disk.bus}, {disk.model}, 500 GB, S/N={disk.serial}")
            hidden = f"No hidden sectors on /dev/{disk.name}" if disk.hidden is None else disk.hidden
            if hidden:
                self.say("info" if disk.hidden is None else "warning", hidden)
        for line in self.host:
            self.say("info", line)
        self.say("notice", "Opened entropy source '/dev/urandom'.")
        self.say("notice", "Program options are set as follows...")
        self.say("notice", "  banner   = nwipe " + self.version)
        self.say("notice", f"  method   = {self.method}")
        self.say("notice", "  rounds   = 1")
        self.say("notice", f"  verify   = {self.verify}")
        for disk in self.disks:
            self._wipe(disk)
        self._tables()
        self.say("info", self.closing)
        return "\n".join(self.lines) + "\n"

    def _wipe(self, disk: Disk) -> None:
        device = f"/dev/{disk.name}"
        self.say("notice", f"{device}, sect/blk/dev 512/4096/{disk.size}")
        self.say("notice", f"Invoking method '{self.method}' on {device}")
        self.say("notice", f"Starting round 1 of 1 on {device}")
        finished = disk.passes if disk.finished is None else disk.finished
        for number in range(1, disk.passes + 1):
            self.say("notice", f"Starting pass {number}/{disk.passes}, round 1/1, on {device}")
            if number > finished:
                break
            written = disk.size if disk.written is None else disk.written
            self.say("notice", f"{written} bytes written to {device}")
            self.say("notice", f"Finished pass {number}/{disk.passes}, round 1/1, on {device}")
        for line in disk.extra:
            level, _, text = line.partition(": ")
            self.say(level, text)
        if finished == disk.passes:
            self.say("notice", f"Finished final round 1 of 1 on {device}")

    def _tables(self) -> None:
        self.lines.extend(["", f"{'*' * 32} Error Summary {'*' * 33}"])
        self.lines.extend(["!   Device | Pass Errors | Verifications Errors | Fdatasync I\\O Errors", RULE])
        self.lines.extend([f"{disk.flag} {disk.name:>8} |{disk.errors}" for disk in self.disks])
        self.lines.extend([STARS, ""])
        if self.erasure_summary:
            self.lines.extend([f"{'*' * 31} Erasure Summary {'*' * 32}"])
            self.lines.extend(["!   Device |        Bytes Erased |         Bytes Total | Percentage Erased", RULE])
            for disk in self.disks:
                count, percent = disk.erased or (disk.size, "100.00%")
                self.lines.append(f"{disk.flag} {disk.name:>8} | {count:>19} | {disk.size:>19} | {percent:>17}")
            self.lines.extend([STARS, ""])
        self.lines.extend([f"{'*' * 33} Drive Status {'*' * 33}"])
        self.lines.extend(["!   Device | Status | Thru-put | HH:MM:SS | Model/Serial Number", RULE])
        for disk in self.disks:
            serial = disk.serial if disk.row_serial is None else disk.row_serial
            self.lines.append(
                f"{disk.flag} {disk.name:>8} |{disk.status}| 131 MB/s | 01:03:20 | {disk.model[:17]}/{serial}"
            )
        self.lines.extend([RULE, f"{AT} Total Throughput 131 MB/s, {self.method}, {self.letters}", STARS, ""])


def read(text: str) -> Report:
    sniff = Sniff(text.encode())
    assert nwipe.recognises(sniff)
    return nwipe.parse(sniff)


def only(text: str) -> Erasure:
    (erasure,) = read(text).erasures
    return erasure


def test_it_reads_a_whole_log_as_an_erasure() -> None:
    report = read(Log().text())
    (erasure,) = report.erasures
    assert erasure.outcome is ErasureOutcome.SUCCESS
    assert erasure.doubts == ()
    assert (erasure.device, erasure.model, erasure.serial) == ("/dev/sdb", "HARBOR HX500", "HX5-00017")
    assert (erasure.method, erasure.rounds, erasure.verification, erasure.blanked) == (
        "PRNG Stream",
        1,
        "last pass",
        False,
    )
    assert erasure.bytes_erased == erasure.bytes_total == 500_107_862_016
    assert (erasure.pass_errors, erasure.verify_errors, erasure.sync_errors) == (0, 0, 0)
    assert erasure.hidden_area == "none"
    assert erasure.started_at == "2026-03-02T09:15:00"
    assert report.tool_version == "0.37"
    assert [(medium.model, medium.serial, medium.capacity_bytes) for medium in report.media] == [
        ("HARBOR HX500", "HX5-00017", 500_107_862_016)
    ]


def test_it_takes_the_machine_from_the_host_lines_and_no_placeholders() -> None:
    report = read(
        Log(
            host=(
                "system-manufacturer = Kestrel Computer",
                "system-product-name = K14",
                "system-serial-number = To be filled by O.E.M.",
            )
        ).text()
    )
    assert (report.manufacturer, report.model, report.serial) == ("Kestrel Computer", "K14", None)


def test_it_hides_what_the_tool_was_told_to_hide() -> None:
    assert only(Log(disks=(Disk(serial="XXXXXXXXXXXXXXX"),)).text()).serial is None


@pytest.mark.parametrize(
    "garbage", [" \x90\xf8J\xcc\x7f", " \xd0#\x10E\x7f", " \x90\x80/\xab\x7f", " \xe0\x1e\xe9.\x7f", " p\x11/J\x7f"]
)
@pytest.mark.parametrize("ending", ["", "\x00" * 4096])
def test_what_lay_in_memory_where_a_drive_has_no_serial_is_none_and_takes_no_proof_away(
    garbage: str, ending: str
) -> None:
    disks = (
        Disk(name="loop0", bus="VIRT", model="Loopback device", serial=garbage),
        Disk(name="loop1", bus="VIRT", model="Loopback device", serial=garbage, size=8_388_608),
    )
    sniff = Sniff((Log(disks=disks, version="0.33").text() + ending).encode("latin-1"))
    assert nwipe.recognises(sniff)

    report = nwipe.parse(sniff)

    assert [(one.serial, one.outcome, one.doubts) for one in report.erasures] == [
        (None, ErasureOutcome.SUCCESS, ())
    ] * 2
    assert [(one.serial, one.capacity_bytes) for one in report.media] == [(None, 500_107_862_016), (None, 8_388_608)]


def test_garbage_in_one_place_and_a_serial_in_another_is_no_proof() -> None:
    assert (
        only(Log(disks=(Disk(serial="HX5-00017", row_serial=" \x90J\x7f"),)).text()).outcome is ErasureOutcome.UNKNOWN
    )


def test_lines_that_end_as_on_an_old_mac_are_read_alike() -> None:
    text = Log().text()
    assert read(text.replace("\n", "\r")).erasures == read(text).erasures


@pytest.mark.parametrize(
    ("bus", "kind"),
    [
        ("NVME   ", MediumType.NVME),
        (" ATA-SSD", MediumType.SSD),
        ("USB    ", MediumType.USB),
        ("ATA    ", MediumType.UNKNOWN),
    ],
)
def test_it_knows_the_medium_only_where_the_bus_tells(bus: str, kind: MediumType) -> None:
    assert read(Log(disks=(Disk(bus=bus),)).text()).media[0].type is kind


def test_a_stopped_drive_is_aborted_though_no_errors_were_counted() -> None:
    disk = Disk(status="UABORTED", flag="!", passes=3, finished=1)
    assert only(Log(disks=(disk,), closing="Nwipe was aborted by the user.").text()).outcome is ErasureOutcome.ABORTED


def test_a_failed_drive_is_failed_though_its_result_is_zero() -> None:
    disk = Disk(
        status="-FAILED-",
        flag="!",
        errors="           0 |                    0 |                    1",
        extra=("debug: Status: /dev/sdb, result=0, pass_errors=0, verify_errors=0, fsync_errors=1",),
    )
    closing = "Nwipe exited with errors, check the log & summary table for individual drive status."
    assert only(Log(disks=(disk,), closing=closing).text()).outcome is ErasureOutcome.FAILED


def test_counted_errors_make_a_row_failed_that_says_erased() -> None:
    assert only(Log(disks=(Disk(errors=" 0 | 4 | 0"),)).text()).outcome is ErasureOutcome.FAILED


@pytest.mark.parametrize("method", ["Verify Zeros (0x00)", "Verify Ones  (0xFF)"])
def test_a_method_that_only_reads_erased_nothing(method: str) -> None:
    erasure = only(Log(disks=(Disk(passes=0),), method=method).text())
    assert erasure.outcome is ErasureOutcome.VERIFY_ONLY
    assert erasure.bytes_erased == 0


def test_an_unknown_method_is_not_called_an_erasure() -> None:
    erasure = only(Log(method="Polish Gently").text())
    assert erasure.outcome is ErasureOutcome.UNKNOWN
    assert any("not known" in doubt for doubt in erasure.doubts)


@pytest.mark.parametrize(
    "words",
    [
        "HIDDEN AREA DETECTED! on /dev/sdb",
        " *** HIDDEN SECTORS DETECTED ! *** on /dev/sdb",
        "HIDDEN AREA INDETERMINATE! on /dev/sdb, are you using a USB bridge or memory stick?",
        "HIDDEN SECTORS INDETERMINATE! on /dev/sdb, Some USB adapters & memory sticks don't support ATA pass through",
        "HIDDEN AREA DETECTED!",
        "The host protected area is enabled on /dev/sdb",
        "",
    ],
)
def test_a_hidden_area_or_an_unsettled_one_is_never_an_erasure(words: str) -> None:
    erasure = only(Log(disks=(Disk(hidden=words),)).text())
    assert erasure.outcome is ErasureOutcome.UNKNOWN
    assert any("hidden area" in doubt for doubt in erasure.doubts)


def test_a_hidden_area_wrapped_by_a_paste_is_still_seen() -> None:
    text = Log().text().replace("No hidden sectors on /dev/sdb", "HIDDEN AREA DETECTED! on /dev\n/sdb")
    assert only(text).hidden_area == "detected"


def test_drives_without_overlay_need_equal_sizes_only() -> None:
    disk = Disk(hidden="HPA values 976773168 / 976773168 on /dev/sdb")
    assert only(Log(disks=(disk,)).text()).outcome is ErasureOutcome.SUCCESS
    disk = replace(disk, hidden="HPA values 976000000 / 976773168 on /dev/sdb")
    assert only(Log(disks=(disk,)).text()).hidden_area == "detected"


def test_a_version_that_looks_for_no_hidden_area_says_nothing_of_it() -> None:
    erasure = only(Log(disks=(Disk(hidden=""),), version="0.32").text())
    assert (erasure.outcome, erasure.hidden_area) == (ErasureOutcome.SUCCESS, None)


def test_the_erasure_summary_must_show_all_bytes() -> None:
    assert only(Log(erasure_summary=True).text()).outcome is ErasureOutcome.SUCCESS
    short = Disk(erased=(500_000_000_000, "99.98%"))
    erasure = only(Log(erasure_summary=True, disks=(short,)).text())
    assert (erasure.outcome, erasure.bytes_erased) == (ErasureOutcome.UNKNOWN, 500_000_000_000)
    none = Disk(erased=(0, "0.00%"))
    assert only(Log(erasure_summary=True, disks=(none,)).text()).outcome is ErasureOutcome.UNKNOWN
    wrong = Disk(erased=(500_107_862_016, "50.00%"))
    assert only(Log(erasure_summary=True, disks=(wrong,)).text()).outcome is ErasureOutcome.UNKNOWN


def test_a_table_that_lost_its_title_counts_against_the_run() -> None:
    text = Log(erasure_summary=True, disks=(Disk(erased=(0, "0.00%")),)).text()
    lines = [line for line in text.splitlines() if " Erasure Summary " not in line]
    assert only("\n".join(lines) + "\n").outcome is ErasureOutcome.UNKNOWN


def test_the_version_that_sums_up_must_have_done_so() -> None:
    assert only(Log(version="0.42").text()).outcome is ErasureOutcome.UNKNOWN
    assert only(Log(version="0.42", erasure_summary=True).text()).outcome is ErasureOutcome.SUCCESS


def test_a_pass_that_stopped_short_is_not_an_erasure() -> None:
    assert only(Log(disks=(Disk(written=4096),)).text()).outcome is ErasureOutcome.UNKNOWN


def test_a_pass_that_was_not_finished_is_not_an_erasure() -> None:
    assert only(Log(disks=(Disk(passes=7, finished=6),)).text()).outcome is ErasureOutcome.UNKNOWN


@pytest.mark.parametrize(
    "line",
    [
        "error: nwipe_random_pass: write: Input/output error",
        "error: Write error on '/dev/sdb' at offset 4096, starting reverse wipe.",
        "warning: nwipe_write_with_retry: write() failed on '/dev/sdb' (attempt 1/3): Input/output error",
        "warning: Buffer flush failure on '/dev/sdb'.",
        "warning: /dev/sdb is reported as IN USE (it could be mounted)",
        "sanity: Unrecognised HPA_status, should not be possible /dev/sdb",
        "notice: Blanking device /dev/sdb",
        "notice: Verifying pass 1 of 1, round 1 of 1, on /dev/sdb",
        "notice: 512 bytes read from /dev/sdb",
    ],
)
def test_trouble_on_the_way_is_never_an_erasure(line: str) -> None:
    assert only(Log(disks=(Disk(extra=(line,)),)).text()).outcome is ErasureOutcome.UNKNOWN


@pytest.mark.parametrize(
    "line", ["error: [FAILURE] /dev/sdb has not been blanked!", "fatal: Nwipe exited with errors on device = /dev/sdb"]
)
def test_a_failure_nwipe_names_is_failed_whatever_the_table_says(line: str) -> None:
    assert only(Log(disks=(Disk(extra=(line,)),)).text()).outcome is ErasureOutcome.FAILED


def test_errors_of_no_named_drive_are_those_of_the_drive_that_failed() -> None:
    bad = Disk(
        name="sdc",
        serial="HX5-2",
        status="-FAILED-",
        flag="!",
        errors=" 1 | 0 | 1",
        written=4096,
        extra=("error: nwipe_random_pass: fdatasync: Input/output error",),
    )
    closing = "Nwipe exited with errors, check the log & summary table for individual drive status."
    text = Log(disks=(Disk(), bad), closing=closing).text()
    assert [erasure.outcome.value for erasure in read(text).erasures] == ["success", "failed"]


def test_each_drive_is_judged_by_its_own_rows() -> None:
    stopped = Disk(name="sdc", serial="HX5-2", status="UABORTED", flag="!", passes=35, finished=3)
    text = Log(
        disks=(stopped, Disk()), closing="Nwipe was aborted by the user. Check the summary table for the drive status."
    )
    assert [(erasure.device, erasure.outcome.value) for erasure in read(text.text()).erasures] == [
        ("/dev/sdc", "aborted"),
        ("/dev/sdb", "success"),
    ]


def test_runs_in_one_file_are_told_apart_though_the_device_name_is_the_same() -> None:
    failed = Log(
        disks=(Disk(serial="FIRST-1", status="-FAILED-", flag="!", errors=" 1 | 0 | 0"),),
        closing="Nwipe exited with errors, check the log & summary table",
    )
    well = Log(disks=(Disk(serial="SECOND-2"),))
    report = read(failed.text() + well.text())
    assert [(erasure.serial, erasure.outcome.value) for erasure in report.erasures] == [
        ("FIRST-1", "failed"),
        ("SECOND-2", "success"),
    ]
    report = read(well.text() + failed.text())
    assert [erasure.outcome.value for erasure in report.erasures] == ["success", "failed"]


def test_a_run_that_broke_off_takes_nothing_from_the_next_one() -> None:
    broken = Log().text().partition("Finished pass")[0].rpartition("\n")[0] + "\n"
    report = read(broken + Log().text())
    assert [erasure.outcome.value for erasure in report.erasures] == ["unknown", "success"]


def test_every_cut_before_the_last_line_proves_nothing() -> None:
    lines = Log(erasure_summary=True).text().splitlines(keepends=True)
    for end in range(1, len(lines)):
        sniff = Sniff("".join(lines[:end]).encode())
        try:
            report = nwipe.parse(sniff)
        except UnreadableReport as error:
            assert error.code == "NO_DEVICE"
            continue
        assert [erasure.outcome for erasure in report.erasures] == [ErasureOutcome.UNKNOWN]
        assert report.erasures[0].doubts


def test_a_cut_head_proves_nothing() -> None:
    lines = Log().text().splitlines(keepends=True)
    for start in range(4, len(lines) - 1):
        sniff = Sniff("".join(lines[start:]).encode())
        if nwipe.recognises(sniff):
            try:
                outcomes = {erasure.outcome for erasure in nwipe.parse(sniff).erasures}
            except UnreadableReport:
                continue
            assert outcomes <= {ErasureOutcome.UNKNOWN}


def _row(text: str, table: str) -> str:
    rows = [line for line in text.splitlines() if line.split("|")[0].strip(" !") == "sdb"]
    return rows[{"errors": 0, "status": -1}[table]]


@pytest.mark.parametrize("table", ["errors", "status"])
def test_a_row_that_stands_twice_proves_nothing(table: str) -> None:
    text = Log().text()
    row = _row(text, table)
    assert only(text.replace(row, f"{row}\n{row}")).outcome is ErasureOutcome.UNKNOWN


def test_a_row_marked_bad_proves_nothing() -> None:
    text = Log().text()
    row = _row(text, "status")
    assert only(text.replace(row, "!" + row[1:])).outcome is ErasureOutcome.UNKNOWN


def test_a_count_that_is_no_number_proves_nothing() -> None:
    assert only(Log(disks=(Disk(errors=" 0 | ? | 0"),)).text()).outcome is ErasureOutcome.UNKNOWN


def test_a_word_in_a_model_is_no_failure() -> None:
    assert only(Log(disks=(Disk(model="FAILURE >>> 9000"),)).text()).outcome is ErasureOutcome.SUCCESS


def test_another_serial_in_the_table_is_a_contradiction() -> None:
    erasure = only(Log(disks=(Disk(row_serial="OTHER-9"),)).text())
    assert (erasure.outcome, erasure.serial) == (ErasureOutcome.UNKNOWN, None)


def test_a_name_cut_by_the_table_may_fit_two_drives_and_is_then_no_ones() -> None:
    text = Log(disks=(Disk(name="mapper/xcrypt-01"), Disk(name="mapper/ycrypt-01", serial="HX5-2"))).text()
    text = text.replace("mapper/xcrypt-01 |", "crypt-01 |").replace("mapper/ycrypt-01 |", "crypt-01 |")
    assert {erasure.outcome for erasure in read(text).erasures} == {ErasureOutcome.UNKNOWN}


def test_a_long_name_is_found_by_its_tail() -> None:
    text = Log(disks=(Disk(name="nvme10n1p", bus="NVME   "),)).text()
    assert only(text.replace("nvme10n1p |", "vme10n1p |")).outcome is ErasureOutcome.SUCCESS


def test_drives_that_were_seen_and_not_chosen_have_no_erasure() -> None:
    text = Log().text()
    seen = f"{AT}  notice: Found /dev/sda, USB    , PEBBLE STICK, 32 GB, S/N=PB1\n"
    report = read(text.replace(f"{AT}  notice: Opened", seen + f"{AT}  notice: Opened"))
    assert [erasure.device for erasure in report.erasures] == ["/dev/sdb"]
    assert {medium.serial for medium in report.media} == {"HX5-00017", "PB1"}


def test_a_quoted_and_colored_paste_reads_like_the_log() -> None:
    quoted = "".join(f"> {line}\r\n" for line in Log().text().splitlines())
    assert only(quoted).outcome is ErasureOutcome.SUCCESS
    colored = Log().text().replace(" Erased ", "\x1b[32m Erased \x1b[0m")
    assert only(colored).outcome is ErasureOutcome.SUCCESS


def test_a_table_alone_with_errors_is_failed_and_never_more() -> None:
    table = f"{'*' * 20} Error Summary {'*' * 20}\n! Device | Pass Errors | Verifications Errors | fdatasync I/O Errors\n{RULE}\n"
    erasure = only(table + "sdd     |            0 |                    0 |                  2 |\n" + STARS + "\n")
    assert (erasure.device, erasure.sync_errors, erasure.outcome) == ("/dev/sdd", 2, ErasureOutcome.FAILED)
    erasure = only(table + "sdd     |            0 |                    0 |                  0 |\n" + STARS + "\n")
    assert erasure.outcome is ErasureOutcome.UNKNOWN


def test_a_serial_cut_off_by_the_screen_is_left_out() -> None:
    lines = [
        f"{AT} notice: Device /dev/sda excluded as per command line optio",
        f"{AT} notice: Found /dev/sdb, ATA HARBOR HX500, 500GB, S/N=HX5-000",
    ]
    width = max(map(len, lines))
    assert len(lines[0]) <= width
    lines = [line[: min(map(len, lines))] for line in lines]
    report = read("\n".join(lines) + "\n")
    assert (report.media[0].serial, report.media[0].model) == (None, "HARBOR HX500")


def test_a_log_without_a_drive_is_refused() -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read(f"{AT}    info: Storage devices not found.\n")
    assert refusal.value.code == "NO_DEVICE"


def test_a_log_of_endless_drives_is_refused() -> None:
    text = "".join(f"{AT}  notice: Found /dev/sd{number}, ATA, X, 1 GB, S/N=\n" for number in range(600))
    with pytest.raises(UnreadableReport) as refusal:
        read(text)
    assert refusal.value.code == "TOO_COMPLEX"


@pytest.mark.parametrize("data", [b"{}", b"<a/>", b"hello", b"[2026/03/02 09:15:00] GET /index.html", b"\x00\x01"])
def test_it_leaves_other_files_alone(data: bytes) -> None:
    assert not nwipe.recognises(Sniff(data))
