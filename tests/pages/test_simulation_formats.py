"""What the simulator writes is what our readers read: the tools' own formats, with the truth that went in."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from revlog.devices import identifiers
from revlog.pages.simulation import catalog, machines
from revlog.pages.simulation.formats import lshw, nwipe, smartctl, workbench
from triage.reports import registry
from triage.reports.normal import ErasureOutcome, Report

AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
COMPUTERS = [model for model in catalog.MODELS if model.drive]


def machine(model: catalog.Model, **more: object) -> machines.Machine:
    return machines.build(random.Random(model.sku), model, **more)  # type: ignore[arg-type]


def truth(one: machines.Machine, report: Report) -> None:
    assert report.serial == one.serial
    assert report.manufacturer == one.model.maker
    assert report.memory_bytes == one.memory_bytes
    assert [(medium.serial, medium.type.value) for medium in report.media] == [
        (disk.serial, disk.kind.type) for disk in one.disks
    ]


@pytest.mark.parametrize("model", COMPUTERS, ids=lambda model: model.sku)
def test_lshw_is_read_as_it_was_written(model: catalog.Model) -> None:
    one = machine(model)

    report = registry.read(lshw.written(one))

    assert report.kind == "lshw.json"
    assert report.serial == one.serial
    assert report.memory_bytes == one.memory_bytes
    assert [medium.serial for medium in report.media] == [disk.serial for disk in one.disks]
    assert report.macs == (one.mac,)


@pytest.mark.parametrize("model", COMPUTERS, ids=lambda model: model.sku)
def test_workbench_11_is_read_as_it_was_written(model: catalog.Model) -> None:
    one = machine(model)
    one.failed = ("StressTest",)

    report = registry.read(workbench.version11(one, at=AT, appearance="B"))

    assert report.kind == "ereuse.workbench11"
    assert (report.serial, report.memory_bytes) == (one.serial, one.memory_bytes)
    assert [medium.serial for medium in report.media] == [disk.serial for disk in one.disks]
    assert any(test.verdict.value == "fail" for test in report.tests)
    if one.battery is not None:
        assert report.battery is not None
        assert report.battery.health_percent == one.battery


@pytest.mark.parametrize("model", COMPUTERS, ids=lambda model: model.sku)
def test_the_workbench_script_is_read_as_it_was_written(model: catalog.Model) -> None:
    one = machine(model)

    report = registry.read(workbench.script(one, at=AT))

    assert report.kind == "ereuse.workbench-script"
    truth(one, report)


@pytest.mark.parametrize("name", sorted(catalog.DRIVES))
@pytest.mark.parametrize("passed", [True, False])
def test_smartctl_is_read_as_it_was_written(name: str, *, passed: bool) -> None:
    disk = machines.Disk(
        catalog.DRIVES[name], "SN0017X", "nvme0n1" if name.startswith("nvme") else "sda", 4000, 8, passed
    )

    report = registry.read(smartctl.written(disk))

    assert report.kind == "smartctl.json"
    (medium,) = report.media
    assert (medium.serial, medium.capacity_bytes, medium.type.value) == ("SN0017X", disk.kind.capacity, disk.kind.type)
    assert medium.health is not None
    assert medium.health.passed is passed


@pytest.mark.parametrize("model", COMPUTERS, ids=lambda model: model.sku)
def test_a_finished_nwipe_log_is_an_erasure_that_nothing_speaks_against(model: catalog.Model) -> None:
    one = machine(model)

    report = registry.read(nwipe.written(one.disks, began=AT))

    assert report.kind == "nwipe.log"
    for erasure, disk in zip(report.erasures, one.disks, strict=True):
        assert (erasure.outcome, erasure.doubts) == (ErasureOutcome.SUCCESS, ())
        assert (erasure.serial, erasure.bytes_erased, erasure.bytes_total) == (
            disk.serial,
            disk.kind.capacity,
            disk.kind.capacity,
        )
        assert erasure.verification == "last pass"


@pytest.mark.parametrize(
    ("said", "outcome"), [(nwipe.FAILED, ErasureOutcome.FAILED), (nwipe.ABORTED, ErasureOutcome.ABORTED)]
)
def test_a_failed_or_stopped_wipe_is_read_as_one(said: str, outcome: ErasureOutcome) -> None:
    one = machine(catalog.BY_SKU["R640-64"])

    report = registry.read(nwipe.written(one.disks, began=AT, outcome=said))

    assert [erasure.outcome for erasure in report.erasures] == [outcome] * 4


@pytest.mark.parametrize("seed", range(20))
def test_the_imei_it_makes_is_one(seed: int) -> None:
    assert identifiers.imei(machines.imei(random.Random(seed))) is not None


def test_a_machine_of_the_same_dice_is_the_same() -> None:
    assert machine(COMPUTERS[0]) == machine(COMPUTERS[0])
