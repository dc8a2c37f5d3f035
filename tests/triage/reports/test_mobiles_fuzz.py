"""Made-up reports of phones and rows of tables, bent as the real ones are: answered each time, and no erasure made out of damage."""

from __future__ import annotations

import json
import random

import pytest

from tests.real.test_hostile_variations import bent, broken, read
from tests.triage.reports import test_blancco as blancco
from tests.triage.reports import test_mobiles as mobiles
from triage.reports.normal import ErasureOutcome

ROW = {
    "revlog_row": 1,
    "mapping": "Bench",
    "line": 3,
    "cells": {"serial": "PF1ABCDE", "imei": "490154203237518", "test:camera": "ok"},
}
SAMPLES = {
    "dump": (mobiles.NOW + mobiles.LEARNED).encode(),
    "gauge": mobiles.GAUGE.format(cycles=3, design=1751, full=100).encode(),
    "phonecheck": json.dumps([mobiles.PHONE]).encode(),
    "blancco": json.dumps({"reports": [{"blancco_data": {"blancco_hardware_report": blancco.PHONE}}]}).encode(),
    "eraser": blancco.drive(interface="SATA").encode(),
    "row": json.dumps(ROW).encode(),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_bent_report_is_answered(name: str) -> None:
    data = SAMPLES[name]
    for seed in range(25):
        dice = random.Random(f"{name} {seed}")
        changed = (
            bent(json.loads(data), dice) if data[:1] in {b"{", b"["} and dice.random() < 0.7 else broken(data, dice)
        )
        report = read(changed, f"{name} {seed}")
        # The drive hangs on SATA, and the report says nothing of a hidden area.
        assert report is None or all(one.outcome is not ErasureOutcome.SUCCESS for one in report.erasures), (name, seed)
