"""Wiping: weighed, verified by another, failed and kept, escalated one way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from itad import queries
from itad.models import JobState, SanitizationJob, SetAside
from itad.services import policies, sanitization
from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.devices.journey import Data, Disposition, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import arrivals, media, moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import itad as make_itad
from tests.factories.itad import (
    AT,
    DIGEST,
    SIZE,
    VERIFIED,
    WIPED,
    credited,
    erasure,
    medium_of,
    recorded,
    waiting,
    wiped,
)


def now(unit: Device) -> Device:
    return Device.objects.get(pk=unit.pk)


def kinds(unit: Device) -> list[str]:
    return list(Entry.objects.filter(chain_id=unit.id).order_by("sequence").values_list("kind", flat=True))


def test_a_wipe_that_was_recorded_and_verified_clears_the_unit_and_sends_it_on(cast: Cast) -> None:
    unit = waiting(cast)
    assert now(unit).state == State.TO_SANITIZE
    job = wiped(cast, unit)
    device, medium = now(unit), medium_of(unit)
    assert (device.state, device.data) == (State.TO_SELL, Data.SANITIZED)
    assert (medium.state, medium.level) == (MediumState.SANITIZED, "clear")
    proof = Entry.objects.get(digest=medium.proof)
    assert proof.kind == "itad.sanitization_verified"
    assert proof.payload["required"] == "clear"
    assert job.state == JobState.VERIFIED
    assert kinds(unit)[-4:] == [
        "itad.sanitization_begun",
        "itad.erasure_recorded",
        "itad.sanitization_verified",
        "itad.unit_cleared",
    ]


def test_a_good_log_alone_wipes_nothing_until_a_second_person_agrees(cast: Cast) -> None:
    unit = waiting(cast)
    recorded(cast, unit)
    assert (now(unit).state, now(unit).data) == (State.TO_SANITIZE, Data.UNKNOWN)
    assert medium_of(unit).state == MediumState.UNKNOWN


def test_nobody_verifies_their_own_wipe(cast: Cast) -> None:
    unit = waiting(cast)
    job = recorded(cast, unit)
    with pytest.raises(sanitization.UnableToVerify, match="nobody verifies their own wipe"):
        sanitization.verify(job=job, by=cast.tomas, at=VERIFIED)
    assert medium_of(unit).state == MediumState.UNKNOWN


def test_postgresql_refuses_an_own_wipe_called_verified(cast: Cast) -> None:
    job = recorded(cast, waiting(cast))
    with pytest.raises(IntegrityError, match="nobody_verifies_an_own_wipe"), transaction.atomic():
        SanitizationJob.objects.filter(pk=job.pk).update(state="verified", verified_by=job.operator)


@pytest.mark.parametrize("name", ["ines", "jakob", "vera", "noor", "luca"])
def test_only_who_may_verifies_a_wipe(cast: Cast, name: str) -> None:
    job = recorded(cast, waiting(cast))
    with pytest.raises(sanitization.UnableToVerify):
        sanitization.verify(job=job, by=getattr(cast, name), at=VERIFIED)


def test_no_program_verifies_a_wipe(cast: Cast) -> None:
    job = recorded(cast, waiting(cast))
    with pytest.raises(sanitization.UnableToVerify, match="not a program"):
        sanitization.verify(job=job, by=system("itad"), at=VERIFIED)


FALSE: list[dict[str, Any]] = [
    {"outcome": "failed"},
    {"outcome": "aborted"},
    {"outcome": "unknown"},
    {"outcome": "verify_only", "method": "Verify Zeros (0x00)"},
    {"outcome": "surely"},
    {"doubts": ["A hidden area (HPA or DCO) was detected: the wipe doesn't reach it."]},
    {"doubts": ["Whether the drive has a hidden area (HPA or DCO) could not be determined."]},
    {"doubts": ["The log has no Drive Status table: it was cut off, or the wipe had not ended."]},
    {"hidden_area": "detected"},
    {"pass_errors": 3},
    {"bytes_erased": SIZE - 512},
    {"bytes_total": SIZE // 2, "bytes_erased": SIZE // 2},
    {"bytes_total": None},
    {"method": None},
    {"ended_at": None},
    {"ended_at": "2026-09-01T10:00:00", "started_at": "2026-09-01T08:00:00"},
    {"started_at": "2026-11-02T12:20:00"},
]


@pytest.mark.parametrize("changes", FALSE)
def test_nothing_that_speaks_against_a_wipe_ever_ends_as_sanitized(cast: Cast, changes: dict[str, Any]) -> None:
    unit = waiting(cast)
    result = credited(unit, erasure(**changes), by=cast.tomas)
    assert not result.recorded
    (job,) = result.failed
    assert job.state == JobState.FAILED
    assert job.reasons
    assert job.outcome != "success"
    with pytest.raises(sanitization.UnableToVerify):
        sanitization.verify(job=job, by=cast.sofia, at=VERIFIED)
    assert (now(unit).state, now(unit).data, medium_of(unit).state) == (
        State.TO_SANITIZE,
        Data.UNKNOWN,
        MediumState.UNKNOWN,
    )
    assert "itad.erasure_failed" in kinds(unit)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"serial": "OTHER123"}, "wrong_serial"),
        ({"serial": None, "model": "Another drive"}, "no_serial"),
        ({"serial": None, "model": None}, "no_serial"),
        ({"serial": None, "bytes_total": SIZE // 4, "bytes_erased": SIZE // 4}, "no_serial"),
        ({"serial": None, "device": "/dev/loop0", "model": "Loopback device"}, "no_drive"),
        ({"device": "/dev/loop3"}, "no_drive"),
    ],
)
def test_a_wipe_that_is_of_no_drive_of_the_unit_is_set_aside_and_never_guessed(
    cast: Cast, changes: dict[str, Any], code: str
) -> None:
    unit = waiting(cast)
    result = credited(unit, erasure(**changes), by=cast.tomas)
    assert not result.recorded
    assert not result.failed
    assert [row.code for row in result.aside] == [code]
    assert medium_of(unit).state == MediumState.UNKNOWN
    assert [row.kind for row in queries.exceptions(cast.aisha)] == ["set_aside"]


def test_a_drive_without_serial_in_the_log_is_known_by_model_and_size_when_only_one_fits(cast: Cast) -> None:
    unit = waiting(cast)
    assert credited(unit, erasure(serial=None), by=cast.tomas).recorded


def test_two_drives_alike_are_not_told_apart_without_serials(cast: Cast) -> None:
    unit = make.triaged(cast)
    with transaction.atomic():
        device = moves.take_one(unit.id)
        media.observe(
            device,
            [media.Seen(type="ssd", model="Samsung PM981", serial="S4X1NB0L", capacity_bytes=SIZE)],
            source="report",
            by=cast.ravi,
            at=AT,
        )
    make.decided(unit, Disposition.RESELL)
    result = credited(unit, erasure(serial=None), by=cast.tomas)
    assert [row.code for row in result.aside] == ["ambiguous"]


def test_one_log_without_serials_wipes_one_drive_only(cast: Cast) -> None:
    one, other = waiting(cast, drive="D1"), waiting(cast, drive="D2", serial="PF1ABCDF")
    assert credited(one, erasure(serial=None), by=cast.tomas).recorded
    result = credited(other, erasure(serial=None), by=cast.tomas)
    assert [row.code for row in result.aside] == ["used_before"]


def test_a_copy_of_a_log_without_serials_wipes_no_second_drive(cast: Cast) -> None:
    one, other = waiting(cast, drive="D1"), waiting(cast, drive="D2", serial="PF1ABCDF")
    assert credited(one, erasure(serial=None), by=cast.tomas).recorded
    result = credited(other, erasure(serial=None), by=cast.tomas, report="cd" * 32)
    assert [row.code for row in result.aside] == ["used_before"]


def test_the_same_log_twice_changes_nothing(cast: Cast) -> None:
    unit = waiting(cast)
    credited(unit, erasure(), by=cast.tomas)
    before = kinds(unit)
    again = credited(unit, erasure(), by=cast.tomas, at=WIPED + timedelta(hours=1))
    assert (again.recorded, again.failed, again.aside, again.known) == ([], [], [], 1)
    assert kinds(unit) == before


def test_the_log_of_an_earlier_stay_proves_nothing_for_the_next(cast: Cast) -> None:
    unit = waiting(cast)
    wiped(cast, unit)
    make.sold(now(unit), at=VERIFIED)
    back = VERIFIED + timedelta(days=40)
    device = now(unit)
    arrivals.arrive_again(device, stay=make.stay(cast), by=cast.ines, at=back)
    with transaction.atomic():
        device = moves.take_one(unit.id)
        standing.authorize(device, ground="title_is_ours", by=cast.aisha, at=back)
    assert now(unit).data == Data.UNKNOWN
    result = credited(unit, erasure(), by=cast.tomas, at=back)
    assert [row.code for row in result.aside] == ["used_before"]
    resaved = credited(unit, erasure(), by=cast.tomas, report="cd" * 32, at=back)
    assert "older than the job" in " ".join(resaved.failed[0].reasons)
    assert now(unit).data == Data.UNKNOWN


def test_nothing_is_wiped_before_somebody_entitled_allowed_it(cast: Cast) -> None:
    unit = waiting(cast)
    with transaction.atomic():
        standing.withdraw_authority(moves.take_one(unit.id), reason="appeal", by=cast.sam, at=AT)
    with pytest.raises(sanitization.UnableToSanitize, match="nobody entitled has allowed"):
        sanitization.begin(medium=medium_of(unit), by=cast.tomas, at=AT)
    result = credited(unit, erasure(), by=cast.tomas)
    assert [row.code for row in result.aside] == ["no_authority"]


def test_a_wipe_that_came_before_the_leave_is_weighed_once_it_is_given(cast: Cast) -> None:
    from revlog.custody.services import reactions

    unit = waiting(cast)
    with transaction.atomic():
        standing.withdraw_authority(moves.take_one(unit.id), reason="appeal", by=cast.sam, at=AT)
    credited(unit, erasure(), by=cast.tomas)
    with transaction.atomic():
        standing.authorize(moves.take_one(unit.id), ground="owner_agreed", by=cast.aisha, at=VERIFIED)
    reactions.drain(at=VERIFIED)
    assert SanitizationJob.objects.get(device=unit, state=JobState.RECORDED)
    assert SetAside.objects.get().settled_at is not None


def test_a_unit_under_a_legal_hold_is_not_wiped(cast: Cast) -> None:
    unit = waiting(cast)
    make_itad.held(cast, unit)
    with pytest.raises(sanitization.UnableToSanitize, match="on hold"):
        sanitization.begin(medium=medium_of(unit), by=cast.tomas, at=AT)
    assert [row.code for row in credited(unit, erasure(), by=cast.tomas).aside] == ["on_hold"]


def test_a_log_that_comes_while_the_unit_is_in_triage_clears_it_where_it_is(cast: Cast) -> None:
    unit = make.triaged(cast)
    wiped(cast, unit)
    assert (now(unit).state, now(unit).data) == (State.IN_TRIAGE, Data.SANITIZED)
    make.decided(now(unit), Disposition.RESELL)
    assert now(unit).state == State.TO_SELL


def test_a_unit_goes_on_only_when_its_last_drive_is_verified(cast: Cast) -> None:
    unit = make.triaged(cast)
    with transaction.atomic():
        media.observe(
            moves.take_one(unit.id),
            [media.Seen(type="hdd", model="ST1000", serial="WD1", capacity_bytes=1_000_204_886_016)],
            source="report",
            by=cast.ravi,
            at=AT,
        )
    make.decided(unit, Disposition.RESELL)
    other = erasure(
        device="/dev/sdb", model="ST1000", serial="WD1", bytes_total=1_000_204_886_016, bytes_erased=1_000_204_886_016,
        started_at="2026-11-02T03:00:00",
    )  # fmt: skip
    one, two = credited(unit, erasure(), other, by=cast.tomas).recorded
    sanitization.verify(job=one, by=cast.sofia, at=VERIFIED)
    assert (now(unit).state, now(unit).data) == (State.TO_SANITIZE, Data.UNKNOWN)
    assert "itad.unit_cleared" not in kinds(unit)
    sanitization.verify(job=two, by=cast.sofia, at=VERIFIED)
    assert (now(unit).state, now(unit).data) == (State.TO_SELL, Data.SANITIZED)


def test_a_failure_stays_on_record_and_escalates_one_way(cast: Cast) -> None:
    unit = waiting(cast)
    failed = credited(unit, erasure(outcome="failed"), by=cast.tomas).failed[0]
    with pytest.raises(sanitization.UnableToSanitize, match="last attempt failed"):
        sanitization.begin(medium=medium_of(unit), by=cast.tomas, at=WIPED)
    purge = sanitization.escalate(job=failed, reason="sectors can't be written", by=cast.tomas, at=WIPED)
    assert (purge.required, purge.attempt, purge.previous_id) == ("purge", 2, failed.pk)
    failed.refresh_from_db()
    assert failed.state == JobState.ESCALATED
    with pytest.raises(sanitization.UnableToEscalate):
        sanitization.escalate(job=failed, reason="again", by=cast.tomas, at=WIPED)
    with pytest.raises(sanitization.UnableToSanitize, match="Purge is needed"):
        sanitization.begin(medium=medium_of(unit), by=cast.tomas, at=WIPED)
    told = credited(unit, erasure(), by=cast.tomas, report="ef" * 32)
    assert not told.recorded
    assert told.failed[0].outcome == "level_not_met"
    assert "Clear" in told.failed[0].reasons[0]
    destroy = sanitization.escalate(job=told.failed[0], reason="Purge is not supported", by=cast.tomas, at=WIPED)
    assert destroy.required == "destroy"
    given_up = sanitization.give_up(job=destroy, reason="not detected", by=cast.tomas, at=WIPED)
    with pytest.raises(sanitization.UnableToEscalate, match="nothing comes after Destroy"):
        sanitization.escalate(job=given_up, reason="more", by=cast.tomas, at=WIPED)
    assert SanitizationJob.objects.filter(device=unit).count() == 3
    assert [job.required for job in queries.attempts(unit)] == ["clear", "purge", "destroy"]


def test_what_a_medium_needs_never_falls_although_its_owner_asks_for_less_later(cast: Cast) -> None:
    policies.choose(owner=cast.operator, policy="purge-before-reuse/1", reason="contract 7", by=cast.henrik, at=AT)
    unit = waiting(cast)
    failed = credited(unit, erasure(), by=cast.tomas).failed[0]
    assert (failed.required, failed.own_choice) == ("purge", True)
    policies.choose(owner=cast.operator, policy="clear-is-enough/1", reason="cheaper", by=cast.henrik, at=WIPED)
    again = sanitization.escalate(job=failed, reason="no purge here", by=cast.tomas, at=WIPED)
    assert again.required == "destroy"


def test_a_failed_wipe_is_tried_once_more_at_its_level_and_then_no_more(cast: Cast) -> None:
    unit = waiting(cast)
    first = credited(unit, erasure(outcome="failed"), by=cast.tomas).failed[0]
    sanitization.retry(job=first, by=cast.tomas, at=WIPED)
    second = credited(unit, erasure(outcome="failed", pass_errors=2), by=cast.tomas, report="01" * 32).failed[0]
    with pytest.raises(sanitization.UnableToEscalate, match="failed twice"):
        sanitization.retry(job=second, by=cast.tomas, at=WIPED)
    third = credited(unit, erasure(), by=cast.tomas, report="02" * 32)
    assert [row.code for row in third.aside] == ["tried"]


def test_a_wipe_that_broke_off_is_resumed_by_the_next_run_of_the_same_log(cast: Cast) -> None:
    unit = waiting(cast)
    result = credited(unit, erasure(outcome="aborted", bytes_erased=1000), erasure(), by=cast.tomas)
    assert [job.outcome for job in result.failed] == ["aborted"]
    assert [job.attempt for job in result.recorded] == [2]


def test_a_second_person_may_refuse_to_be_convinced(cast: Cast) -> None:
    unit = waiting(cast)
    job = recorded(cast, unit)
    with pytest.raises(sanitization.UnableToVerify):
        sanitization.reject(job=job, reason="own doubt", by=cast.tomas, at=VERIFIED)
    rejected = sanitization.reject(job=job, reason="the pattern is still readable", by=cast.sofia, at=VERIFIED)
    assert rejected.state == JobState.FAILED
    assert now(unit).data == Data.UNKNOWN


def test_a_phone_is_reset_as_directed_with_a_photo_and_verified_by_another(cast: Cast) -> None:
    phone = make.laptop(cast, device_class="phone", manufacturer="Fairphone", model="4", serial="FP4X0001")
    with transaction.atomic():
        device = moves.take_one(phone.id)
        moves.advance(device, moves.TO_TRIAGE, fact=make.facts.SentToTriage(reason="look"), by=cast.ravi, at=AT)
        standing.authorize(device, ground="title_is_ours", by=cast.aisha, at=AT)
    make.decided(phone, Disposition.RESELL)
    job = sanitization.begin(medium=medium_of(phone), technique="factory_reset", by=cast.tomas, at=AT)
    with pytest.raises(Exception, match="photo is missing"):
        sanitization.record_reset(job=job, tool="Android 14", photos=[], by=cast.tomas, at=WIPED)
    job = sanitization.record_reset(
        job=job, tool="Android 14", photos=[make_itad.photo("first set-up")], by=cast.tomas, at=WIPED
    )
    sanitization.verify(job=job, by=cast.sofia, at=VERIFIED)
    assert (now(phone).state, now(phone).data) == (State.TO_SELL, Data.SANITIZED)


def test_a_laptop_is_not_wiped_by_a_factory_reset(cast: Cast) -> None:
    with pytest.raises(sanitization.UnableToSanitize, match="reaches nothing"):
        sanitization.begin(medium=medium_of(waiting(cast)), technique="factory_reset", by=cast.tomas, at=AT)


def test_attempts_are_opened_once_for_each_medium(cast: Cast) -> None:
    unit = waiting(cast)
    assert len(sanitization.require(unit=unit, by=system("itad"), at=AT)) == 1
    assert sanitization.require(unit=unit, by=system("itad"), at=AT) == []
    assert SanitizationJob.objects.filter(device=unit).count() == 1


def test_only_those_who_may_choose_a_policy_for_an_owner(cast: Cast) -> None:
    from revlog.common.errors import BadInput, NotAllowed

    for name in ("ines", "alex", "noor"):
        with pytest.raises(NotAllowed):
            policies.choose(owner=cast.vega, policy="purge-before-reuse/1", reason="x", by=getattr(cast, name), at=AT)
    with pytest.raises(BadInput, match="no policy"):
        policies.choose(owner=cast.vega, policy="military-grade", reason="x", by=cast.vera, at=AT)
    policies.choose(owner=cast.vega, policy="destroy-all-media/1", reason="our rules", by=cast.vera, at=AT)
    policy, own = queries.policy_of(cast.vega.id, at=VERIFIED)
    assert (policy.name, own) == ("destroy-all-media/1", True)
    assert queries.policy_of(cast.altair.id, at=VERIFIED) == (queries.HOUSE, False)


def test_a_medium_of_another_unit_can_not_be_touched_through_this_one(cast: Cast) -> None:
    one, other = waiting(cast), waiting(cast, serial="PF1ABCDG", drive="OTHER9")
    assert [row.code for row in credited(one, erasure(serial="OTHER9"), by=cast.tomas).aside] == ["wrong_serial"]
    assert Medium.objects.get(device=other).state == MediumState.UNKNOWN
    assert DIGEST
