"""Supervised exceptions: three kinds, in the secured zone, asked for by one and allowed by another."""

from __future__ import annotations

import pytest

from itad import queries
from itad.models import SupervisedException
from itad.services import sanitization, supervision
from revlog.common.errors import BadInput
from revlog.custody.models import Entry
from revlog.devices.journey import Data, Disposition, State
from revlog.devices.models import Device, MediumState
from tests.cast import Cast
from tests.factories import itad as make_itad
from tests.factories.itad import AT, VERIFIED, WIPED, cage, credited, erasure, medium_of, photo, waiting


def now(unit: Device) -> Device:
    return Device.objects.get(pk=unit.pk)


def asked(cast: Cast, unit: Device, kind: str = "repair_to_erase", **changes: object) -> SupervisedException:
    values: dict[str, object] = {
        "reason": "the screen is dead",
        "place": cage(cast),
        "by": cast.tomas,
        "at": AT,
    } | changes
    return supervision.request(unit=unit, kind=kind, **values)  # type: ignore[arg-type]


def test_a_unit_that_can_not_be_driven_goes_to_the_bench_when_a_second_person_allows_it(cast: Cast) -> None:
    unit = waiting(cast, Disposition.REFURBISH)
    row = asked(cast, unit)
    assert now(unit).state == State.TO_SANITIZE
    assert now(unit).location == cage(cast)
    supervision.allow(row=row, by=cast.sofia, at=VERIFIED)
    assert (now(unit).state, now(unit).data) == (State.TO_REFURBISH, Data.UNKNOWN)
    entry = Entry.objects.filter(chain_id=unit.id).latest("sequence")
    assert entry.kind == "itad.exception_allowed"
    assert entry.payload["reason"] == "the screen is dead"


def test_nobody_allows_their_own_supervised_work(cast: Cast) -> None:
    row = asked(cast, waiting(cast))
    with pytest.raises(supervision.UnableToExcept, match="nobody allows their own"):
        supervision.allow(row=row, by=cast.tomas, at=VERIFIED)
    with pytest.raises(supervision.UnableToExcept, match="needs the right"):
        supervision.allow(row=row, by=cast.jakob, at=VERIFIED)


def test_supervised_work_happens_in_the_secured_zone_alone(cast: Cast) -> None:
    unit = waiting(cast)
    with pytest.raises(supervision.UnableToExcept, match="data cage"):
        asked(cast, unit, place=None)
    with pytest.raises(supervision.UnableToExcept, match="data cage"):
        asked(cast, unit, place=cage(cast, "SHELF-1", secured=False))


def test_there_is_no_fourth_kind(cast: Cast) -> None:
    with pytest.raises(supervision.UnableToExcept, match="three kinds"):
        asked(cast, waiting(cast), kind="sell_it_anyway")


def test_a_request_without_a_reason_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput, match="Say why"):
        asked(cast, waiting(cast), reason="  ")


def test_only_data_technicians_and_leads_ask(cast: Cast) -> None:
    unit = waiting(cast)
    for name in ("ines", "jakob", "anouk", "vera"):
        with pytest.raises(supervision.UnableToExcept, match="needs the right"):
            asked(cast, unit, by=getattr(cast, name))


def test_one_exception_at_a_time(cast: Cast) -> None:
    unit = waiting(cast)
    asked(cast, unit)
    with pytest.raises(supervision.UnableToExcept, match="going on already"):
        asked(cast, unit, kind="harvest_under_control")


def test_what_was_refused_can_be_asked_for_again(cast: Cast) -> None:
    unit = waiting(cast)
    supervision.refuse(row=asked(cast, unit), reason="try another dock first", by=cast.aisha, at=VERIFIED)
    assert now(unit).state == State.TO_SANITIZE
    assert asked(cast, unit).is_waiting


def test_a_harvest_under_control_leads_to_destruction_and_nowhere_else(cast: Cast) -> None:
    unit = waiting(cast, Disposition.HARVEST)
    supervision.allow(row=asked(cast, unit, "harvest_under_control"), by=cast.sofia, at=VERIFIED)
    device = now(unit)
    assert (device.state, device.disposition) == (State.TO_HARVEST, Disposition.DESTROY)
    assert device.next_stop is not None
    assert device.next_stop.queue == State.TO_DESTROY


def test_what_was_allowed_to_be_harvested_is_decided_and_leaves_the_inbox(cast: Cast) -> None:
    unit = waiting(cast, Disposition.HARVEST)
    credited(unit, erasure(outcome="failed"), by=cast.tomas)
    assert [row.kind for row in queries.exceptions(cast.aisha)] == ["wipe_failed"]
    row = asked(cast, unit, "harvest_under_control")
    supervision.allow(row=row, by=cast.sofia, at=VERIFIED)
    assert queries.exceptions(cast.aisha) == []


def test_a_drive_that_failed_is_taken_out_and_waits_for_destruction_while_its_laptop_goes_on(cast: Cast) -> None:
    unit = waiting(cast)
    credited(unit, erasure(outcome="failed"), by=cast.tomas)
    drive = medium_of(unit)
    row = asked(cast, unit, "remove_medium", medium=drive)
    with pytest.raises(supervision.UnableToExcept, match="not allowed"):
        supervision.remove_medium(row=row, photo=photo("empty bay"), by=cast.tomas, at=WIPED)
    supervision.allow(row=row, by=cast.sofia, at=WIPED)
    loose = supervision.remove_medium(row=row, photo=photo("empty bay"), by=cast.tomas, at=VERIFIED)
    drive.refresh_from_db()
    assert (now(unit).state, now(unit).data, drive.state) == (State.TO_SELL, Data.NONE, MediumState.REMOVED)
    assert (now(loose).state, now(loose).data, now(loose).disposition) == (State.TO_DESTROY, Data.UNKNOWN, "DESTROY")
    assert [job.required for job in queries.attempts(now(loose))] == ["destroy"]
    assert sanitization.reasons_against_working(now(loose)) == []


def test_a_drive_is_not_taken_out_without_a_photo_of_the_bay(cast: Cast) -> None:
    unit = waiting(cast)
    row = supervision.allow(row=asked(cast, unit, "remove_medium", medium=medium_of(unit)), by=cast.sofia, at=WIPED)
    with pytest.raises(BadInput, match="No photo is kept"):
        supervision.remove_medium(
            row=row, photo=make_itad.Photo(digest="00" * 32, caption="none"), by=cast.tomas, at=VERIFIED
        )


def test_what_waits_to_be_allowed_stands_in_the_exceptions_inbox(cast: Cast) -> None:
    asked(cast, waiting(cast))
    assert [row.kind for row in queries.exceptions(cast.aisha)] == ["exception_waiting"]
    assert queries.exceptions(cast.vera) == []
