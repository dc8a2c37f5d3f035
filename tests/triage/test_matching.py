"""Whose report is it: the surest name first, within what the sender may see, and never a guess between two."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from revlog.accounts.actors import system
from revlog.devices import identifiers
from revlog.devices.models import Device
from revlog.devices.services import arrivals, media, moves
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import kinds
from triage.models import ReportStatus
from triage.reports.identifiers import identifiers as identifiers_of
from triage.reports.normal import Erasure, IdentifierKind, Medium, Report
from triage.services import matching


def with_drive(device: Device, serial: str, cast: Cast, at: datetime) -> Device:
    with transaction.atomic():
        taken = moves.take_one(device.id)
        media.observe(taken, [media.Seen(type="ssd", serial=serial)], source="report", by=cast.ravi, at=at)
    return device


def vegas(cast: Cast, serial: str, **changes: str) -> Device:
    what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial=serial, **changes)  # type: ignore[arg-type]
    return arrivals.arrive(what=what, stay=make.stay(cast, owner=cast.vega.id, why="itad"), by=cast.ines, at=make.AT)


def found(report: Report, cast: Cast, who: str = "ravi") -> matching.Found:
    return matching.find(report, sender=getattr(cast, who))


MACHINE = Report(kind="lshw.json", manufacturer="LENOVO", serial="PF1ABCDE", media=(Medium(serial="S4X1NB0K"),))


@pytest.mark.parametrize(
    ("made_by", "reported", "same"),
    [
        ("Lenovo", "LENOVO", True),
        ("Dell", "Dell Inc.", True),
        ("HP", "Hewlett-Packard", True),
        ("ASUS", "ASUSTeK COMPUTER INC.", True),
        ("", "LENOVO", True),
        ("Lenovo", "Acer", False),
        ("Fujitsu", "FUJITSU SIEMENS", True),
    ],
)
def test_makers_are_one_whatever_their_firmware_prints(made_by: str, reported: str, same: bool) -> None:
    assert kinds.agree(made_by, reported) is same


def test_it_is_known_by_maker_and_serial(cast: Cast) -> None:
    device = make.laptop(cast)

    match = found(MACHINE, cast)

    assert [(unit.device, unit.how) for unit in match.units] == [(device.id, "serial")]


def test_a_phone_is_known_by_its_imei_when_the_number_checks_itself(cast: Cast) -> None:
    number = identifiers.imei("490154203237518")
    assert number is not None
    what = arrivals.Description(
        device_class="phone", manufacturer="Apple", model="iPhone 12", serial="F2LX1", names=(number,)
    )
    phone = arrivals.arrive(what=what, stay=make.stay(cast, owner=cast.vega.id, why="itad"), by=cast.ines, at=make.AT)

    def told(number: str, *, serial: str | None = None) -> matching.Found:
        numbers = identifiers_of([(IdentifierKind.IMEI, number)])
        return found(Report(kind="blancco.json", manufacturer="Apple", serial=serial, identifiers=numbers), cast)

    assert [(unit.device, unit.how) for unit in told("49-015420-323751-8").units] == [(phone.id, "imei")]
    mistyped, other = told("490154203237519"), told("490154203237518", serial="OTHER9")
    assert (list(mistyped.units), mistyped.code) == ([], "NO_IDENTITY")
    assert (list(other.units), other.code) == ([], "UNKNOWN_UNIT")


def test_a_tag_outweighs_a_serial(cast: Cast) -> None:
    make.laptop(cast)
    tagged = make.laptop(cast, serial="OTHER123")
    report = Report(kind="lshw.json", manufacturer="LENOVO", serial="PF1ABCDE", asset_tag=tagged.tag)

    match = found(report, cast)

    assert [(unit.device, unit.how) for unit in match.units] == [(tagged.id, "tag")]


def test_the_same_serial_of_another_maker_is_another_machine(cast: Cast) -> None:
    make.laptop(cast)

    match = found(Report(kind="lshw.json", manufacturer="Acer", serial="PF1ABCDE"), cast)

    assert (list(match.units), match.code) == ([], "UNKNOWN_UNIT")
    assert "PF1ABCDE" in match.sentence


def test_two_that_fit_are_unmatched_and_both_are_named(cast: Cast) -> None:
    tags = sorted(make.laptop(cast).tag for _ in range(2))

    match = found(MACHINE, cast)

    assert (list(match.units), match.code, list(match.candidates)) == ([], "AMBIGUOUS", tags)
    assert all(tag in match.sentence for tag in tags)


def test_a_machine_with_a_placeholder_serial_is_known_by_its_drive(cast: Cast, at: datetime) -> None:
    device = with_drive(make.laptop(cast, serial="To Be Filled By O.E.M."), "S4X1NB0K", cast, at)
    report = Report(kind="lshw.json", manufacturer="LENOVO", serial=None, media=(Medium(serial="s4x1nb0k "),))

    assert [(unit.device, unit.how) for unit in found(report, cast).units] == [(device.id, "drive")]


def test_a_drive_that_moved_into_another_machine_does_not_name_the_old_one(cast: Cast, at: datetime) -> None:
    with_drive(make.laptop(cast, serial="OLD12345"), "S4X1NB0K", cast, at)

    match = found(MACHINE, cast)

    assert (list(match.units), match.code) == ([], "UNKNOWN_UNIT")


def test_it_is_known_by_a_mac_address_when_nothing_better_is_told(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast, serial="")
    address = identifiers.mac("00:16:6f:aa:bb:01")
    assert address is not None
    with transaction.atomic():
        arrivals.identify(moves.take_one(device.id), address, by=cast.ravi, at=at)

    match = found(Report(kind="lshw.json", macs=("00:16:6F:AA:BB:01",)), cast)

    assert [(unit.device, unit.how) for unit in match.units] == [(device.id, "mac")]


def test_a_report_that_names_nothing_says_so(cast: Cast) -> None:
    assert found(Report(kind="lshw.json", manufacturer="QEMU"), cast).code == "NO_IDENTITY"


def test_a_client_s_report_never_reaches_another_organization_s_unit(cast: Cast) -> None:
    theirs = vegas(cast, "VG000001")
    report = Report(kind="lshw.json", manufacturer="Lenovo", serial="VG000001")

    assert [unit.device for unit in found(report, cast, "vera").units] == [theirs.id]
    assert found(report, cast, "alex").code == "UNKNOWN_UNIT"
    assert found(report, cast, "jonas").code == "UNKNOWN_UNIT"  # Leipzig: not at his hub


def test_two_organizations_with_one_serial_are_told_apart_by_the_sender(cast: Cast) -> None:
    hers, ours = vegas(cast, "PF1ABCDE"), make.laptop(cast)

    assert [unit.device for unit in found(MACHINE, cast, "vera").units] == [hers.id]
    assert sorted(found(MACHINE, cast).candidates) == sorted([hers.tag, ours.tag])


def test_a_station_s_log_goes_to_every_unit_whose_drive_it_wiped(cast: Cast, at: datetime) -> None:
    first = with_drive(make.laptop(cast), "AAA111", cast, at)
    second = with_drive(make.laptop(cast, serial="PF2"), "BBB222", cast, at)
    log = Report(kind="nwipe.log", erasures=tuple(Erasure(serial=s) for s in ("AAA111", "BBB222", "CCC333")))

    match = found(log, cast)

    assert {(unit.device, unit.serials) for unit in match.units} == {
        (first.id, frozenset({"AAA111"})),
        (second.id, frozenset({"BBB222"})),
    }
    assert (match.code, list(match.left)) == ("DRIVES_UNKNOWN", ["CCC333"])


def test_a_report_sent_on_a_unit_s_page_is_its_own_unless_it_names_another(cast: Cast) -> None:
    device = make.laptop(cast)
    nameless = make.laptop(cast, serial="")

    assert [unit.how for unit in matching.find(MACHINE, sender=cast.ravi, meant_for=device).units] == ["chosen"]
    assert [unit.how for unit in matching.find(MACHINE, sender=cast.ravi, meant_for=nameless).units] == ["chosen"]
    other = Report(kind="lshw.json", manufacturer="LENOVO", serial="QQ999999")
    refused = matching.find(other, sender=cast.ravi, meant_for=device)
    assert (list(refused.units), refused.code) == ([], "OTHER_SERIAL")


def test_a_drive_on_record_elsewhere_is_not_taken_over_by_the_page_it_was_sent_on(cast: Cast, at: datetime) -> None:
    elsewhere = with_drive(make.laptop(cast), "AAA111", cast, at)
    device = make.laptop(cast, serial="PF2")
    drive = Report(kind="smartctl.json", serial="AAA111", media=(Medium(serial="AAA111"),))

    refused = matching.find(drive, sender=cast.ravi, meant_for=device)

    assert refused.code == "OTHER_UNIT"
    assert elsewhere.tag in refused.sentence


def test_the_command_line_sees_every_unit(cast: Cast) -> None:
    device = make.laptop(cast)

    assert [unit.device for unit in matching.find(MACHINE, sender=system("ingest")).units] == [device.id]


def test_an_unmatched_report_names_its_candidates(cast: Cast) -> None:
    tags = sorted(make.laptop(cast).tag for _ in range(2))

    report = bench.sent(bench.snapshot(), cast.ravi)

    assert (report.status, report.reason_code, report.candidates) == (ReportStatus.UNMATCHED, "AMBIGUOUS", tags)
