"""Medical goods: nobody opens the box before its decontamination is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from refurb.services import orders
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Decontamination, Device
from revlog.devices.services import arrivals, decontaminating, moves, standing
from revlog.devices.services.decontaminating import Paper, UnableToRecord
from revlog.devices.services.moves import UnableToMove
from revlog.pages.simulation import pictures
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.triage.test_pages import as_
from triage import queries
from triage.models import TestReport
from triage.services import inspection, looking, reports
from triage.services.inspection import UnableToInspect
from triage.services.reports import UnableToMatch


def monitor(cast: Cast, at: datetime, serial: str = "PF1ABCDE") -> Device:
    return make.laptop(cast, device_class="medical", manufacturer="LENOVO", model="N12", serial=serial, at=at)


def paper(at: datetime, **changes: Any) -> Paper:
    told = Paper(done_by="Ward 4, A. Nurse", done_on=at.date(), method="wiped", number="DK-17")
    return replace(told, **changes)


def test_nobody_opens_it_before_its_paper_is_there(cast: Cast, at: datetime) -> None:
    device = monitor(cast, at)

    for refused in (
        lambda: inspection.record(device=device, works="yes", by=cast.ravi, at=at),
        lambda: looking.begin(device=device, by=cast.ravi, at=at),
    ):
        with pytest.raises(UnableToInspect, match="Don't open"):
            refused()
    with pytest.raises(UnableToMove, match="its decontamination isn't on record"):
        inspection.begin(device=device, by=cast.ravi, at=at)
    with pytest.raises(UnableToMatch, match="Don't open"):
        reports.receive(data=bench.snapshot(), name="a", via="page", by=cast.ravi, at=at, unit=device)
    assert not TestReport.objects.exists()

    # A bench that knew no better: what it says is kept with the unit, which stays closed at the dock; by hand nothing is matched.
    kept = bench.sent(bench.snapshot(), cast.ravi, at=at)
    assert (kept.status, make.state_of(device)) == ("ingested", State.RECEIVED)
    (row,) = queries.exceptions(cast.ravi)
    assert (row.kind, row.url) == ("triage.not_decontaminated", reverse("triage_decontamination", args=[device.tag]))
    stray = bench.sent(bench.snapshot(serial="QQ1", drives=()), cast.ravi, at=at)
    with pytest.raises(UnableToMatch, match="Don't open"):
        reports.match_by_hand(report=stray, unit=device, reason="on my bench", by=cast.ravi, at=at)

    # At the bench too, however it came there; and it goes nowhere but back as it came.
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        assert "not_decontaminated" in [reason.code for reason in orders.reasons_against_opening(taken)]
        for move in (moves.TO_TRIAGE, moves.TO_REFURBISH, moves.TO_SANITIZE, moves.TO_DESTROY):
            assert "not_decontaminated" in [reason.code for reason in moves.reasons_against(taken, move)]
        assert moves.reasons_against(taken, moves.TO_RETURN) == []
    assert list(queries.to_clear(cast.ravi)) == [device]
    assert device not in queries.to_begin(cast.ravi)


def test_the_paper_opens_it_for_this_stay_and_no_ledger_names_who_cleaned_it(cast: Cast, at: datetime) -> None:
    device = monitor(cast, at)
    with pytest.raises(NotAllowed):
        decontaminating.record(device=device, paper=paper(at), by=cast.luca, at=at)
    with pytest.raises(BadInput) as refused:
        wrong = Paper(done_by=" ", done_on=at.date() + timedelta(days=1), method="prayer", number="")
        decontaminating.record(device=device, paper=wrong, by=cast.ines, at=at)
    assert {reason.field for reason in refused.value.reasons} == {"done_by", "paper", "method", "done_on"}
    old = paper(at, done_on=at.date() - timedelta(days=400))
    with pytest.raises(BadInput, match="more than a year"):
        decontaminating.record(device=device, paper=old, by=cast.ines, at=at)

    row = decontaminating.record(device=device, paper=paper(at), by=cast.ines, at=at)

    said = Entry.objects.get(digest=row.entry).payload
    assert said == {"method": "decontamination.wiped", "done_on": at.date().isoformat(), "paper": "DK-17"}
    with pytest.raises(UnableToRecord, match="on record"):
        decontaminating.record(device=device, paper=paper(at), by=cast.ines, at=at)
    assert inspection.record(device=device, works="yes", by=cast.ravi, at=at).plan == "medical-2026-1"
    with pytest.raises(UnableToRecord, match="no medical device"):
        decontaminating.record(device=make.laptop(cast, serial="X1"), paper=paper(at), by=cast.ines, at=at)

    # What comes back comes unknown.
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        standing.write_off(taken, reason="lost", by=cast.admin, at=at)
        arrivals.arrive_again(taken, stay=make.stay(cast), by=cast.ines, at=at)
    device.refresh_from_db()
    assert decontaminating.is_needed(device)


def test_floor_and_pages_say_so_and_take_the_paper(cast: Cast, at: datetime) -> None:
    device = monitor(cast, at)
    ines, ravi, here = as_(cast, "ines"), as_(cast, "ravi"), reverse("triage_decontamination", args=[device.tag])

    box = ravi.post(reverse("floor_scan"), {"code": device.tag}).content.decode()
    assert "Don&#x27;t open it" in box
    assert here in box
    assert "Begin triage" not in box
    scanned = ravi.post(reverse("triage_scan"), {"code": device.tag})
    assert (scanned.status_code, b"Don&#x27;t open it" in scanned.content) == (409, True)
    for name in ("triage_unit", "triage_look"):
        shown = ravi.get(reverse(name, args=[device.tag])).content.decode()
        assert here in shown
        assert "Begin to look" not in shown
    assert "Not to be opened yet" in ravi.get(reverse("triage") + "?view=closed").content.decode()
    sent = {"files": [SimpleUploadedFile("a.json", bench.snapshot())]}
    assert b"t open" in ravi.post(reverse("triage_unit_reports", args=[device.tag]), sent).content

    told = {"done_by": "Ward 4", "done_on": "2026-10-30", "method": "wiped", "paper": "DK-18"}
    assert ines.post(here, told | {"done_on": "soon"}).status_code == 422
    photo = SimpleUploadedFile("a.jpg", pictures.drawn("paper"), content_type="image/jpeg")
    assert ines.post(here, told | {"photo": photo}).status_code == 302
    assert Decontamination.objects.get().paper == "DK-18"
    assert "DK-18" in ines.get(here).content.decode()
    assert "Begin to look" in ravi.get(reverse("triage_look", args=[device.tag])).content.decode()
    assert as_(cast, "jonas").get(here).status_code == 404
    assert as_(cast, "vera").get(here).status_code == 403
