"""Destroying: equipment, particles and photos on record, true only with a witness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from itad.services import destruction, sanitization
from itad.services.destruction import Destruction
from itad.services.sanitization import Photo
from revlog.common.errors import BadInput
from revlog.custody.models import Entry
from revlog.devices.journey import Data, Disposition, State
from revlog.devices.models import Device, MediumState
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import itad as make_itad
from tests.factories.itad import AT, VERIFIED, WIPED, credited, erasure, medium_of, photo, waiting

SHRED = Destruction(technique="shred", equipment="HSM Powerline HDS 230", particle_mm="18.5", grams=1450)


def now(unit: Device) -> Device:
    return Device.objects.get(pk=unit.pk)


def shredded(cast: Cast, unit: Device, **changes: Any) -> None:
    destruction.record(unit=unit, how=SHRED, photos=[photo()], by=cast.tomas, at=WIPED, **changes)


def test_what_was_destroyed_counts_once_it_was_witnessed_and_goes_on_as_remains(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    shredded(cast, unit)
    assert (now(unit).state, medium_of(unit).state) == (State.TO_DESTROY, MediumState.UNKNOWN)
    destruction.witness(unit=unit, by=cast.sofia, at=VERIFIED)
    device = now(unit)
    assert (device.state, device.data, device.grams) == (State.TO_RECYCLE, Data.DESTROYED, 1450)
    assert medium_of(unit).level == "destroy"
    assert Entry.objects.get(digest=medium_of(unit).proof).kind == "itad.medium_destroyed"


def test_nobody_witnesses_their_own_destruction(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    shredded(cast, unit)
    with pytest.raises(destruction.UnableToWitness, match="nobody witnesses their own"):
        destruction.witness(unit=unit, by=cast.tomas, at=VERIFIED)
    assert medium_of(unit).state == MediumState.UNKNOWN


@pytest.mark.parametrize("name", ["ines", "luca", "vera", "noor"])
def test_only_who_may_witnesses_a_destruction(cast: Cast, name: str) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    shredded(cast, unit)
    with pytest.raises(destruction.UnableToWitness):
        destruction.witness(unit=unit, by=getattr(cast, name), at=VERIFIED)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (Destruction(technique="drill", equipment="press"), "technique"),
        (Destruction(technique="overwrite", equipment="nwipe"), "technique"),
        (Destruction(technique="", equipment="press"), "technique"),
        (Destruction(technique="shred", equipment=" ", particle_mm="2"), "equipment"),
        (Destruction(technique="shred", equipment="HSM"), "particle_mm"),
        (Destruction(technique="shred", equipment="HSM", particle_mm="small"), "particle_mm"),
        (Destruction(technique="shred", equipment="HSM", particle_mm="-1"), "particle_mm"),
        (Destruction(technique="shred", equipment="HSM", particle_mm="NaN"), "particle_mm"),
        (Destruction(technique="shred", equipment="HSM", particle_mm="2", particle_class="H9"), "particle_class"),
        (Destruction(technique="melt", equipment="oven", grams=-1), "grams"),
    ],
)
def test_a_destruction_without_its_particulars_is_refused(cast: Cast, how: Destruction, field: str) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    with pytest.raises(BadInput) as refused:
        destruction.record(unit=unit, how=how, photos=[photo()], by=cast.tomas, at=WIPED)
    assert field in {reason.field for reason in refused.value.reasons}


@pytest.mark.parametrize("photos", [[], [Photo(digest="ab" * 32, caption="none")]])
def test_a_destruction_without_a_photo_that_is_kept_is_refused(cast: Cast, photos: list[Photo]) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    with pytest.raises(BadInput, match="hoto"):
        destruction.record(unit=unit, how=SHRED, photos=photos, by=cast.tomas, at=WIPED)


def test_nothing_is_destroyed_without_leave_or_under_a_hold(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    with transaction.atomic():
        standing.withdraw_authority(moves.take_one(unit.id), reason="appeal", by=cast.sam, at=AT)
    make_itad.held(cast, unit)
    with pytest.raises(destruction.UnableToDestroy) as refused:
        shredded(cast, unit)
    assert {reason.code for reason in refused.value.reasons} == {"no_authority", "on_hold"}


def test_a_drive_in_a_unit_that_is_to_be_sold_is_taken_out_before_it_is_destroyed(cast: Cast) -> None:
    with pytest.raises(destruction.UnableToDestroy, match="take the drive out first"):
        shredded(cast, waiting(cast))


def test_a_dead_unit_whose_storage_nobody_saw_is_destroyed_under_its_own_tag(cast: Cast) -> None:
    unit = make.laptop(cast)
    with transaction.atomic():
        device = moves.take_one(unit.id)
        moves.advance(device, moves.TO_TRIAGE, fact=make.facts.SentToTriage(reason="dead"), by=cast.ravi, at=AT)
        standing.authorize(device, ground="title_is_ours", by=cast.aisha, at=AT)
    make.decided(unit, Disposition.DESTROY)
    shredded(cast, unit)
    destruction.witness(unit=unit, by=cast.aisha, at=VERIFIED)
    assert (now(unit).state, now(unit).data) == (State.TO_RECYCLE, Data.DESTROYED)
    assert medium_of(unit).seen_by == "destruction"


def test_a_thing_without_storage_is_destroyed_as_a_whole(cast: Cast) -> None:
    unit = make.laptop(cast, device_class="monitor", model="P2419H", serial="MON1")
    with transaction.atomic():
        device = moves.take_one(unit.id)
        moves.advance(device, moves.TO_TRIAGE, fact=make.facts.SentToTriage(reason="look"), by=cast.ravi, at=AT)
        standing.authorize(device, ground="title_is_ours", by=cast.aisha, at=AT)
    make.decided(unit, Disposition.DESTROY)
    shredded(cast, unit)
    destruction.witness(unit=unit, by=cast.sofia, at=VERIFIED)
    assert (now(unit).state, now(unit).data, now(unit).grams) == (State.TO_RECYCLE, Data.NONE, 1450)


def test_a_unit_whose_wipe_failed_for_good_is_ordered_to_destruction(cast: Cast) -> None:
    unit = waiting(cast)
    with pytest.raises(destruction.UnableToDestroy, match="no medium of it needs to be destroyed"):
        destruction.order(unit=unit, reason="no", by=cast.tomas, at=AT)
    job = credited(unit, erasure(outcome="failed"), by=cast.tomas).failed[0]
    for report in ("01", "02"):
        job = sanitization.escalate(job=job, reason="can't be written", by=cast.tomas, at=WIPED)
        if job.required == "destroy":
            break
        job = credited(unit, erasure(pass_errors=1), by=cast.tomas, report=report * 32).failed[0]
    destruction.order(unit=unit, reason="its drive can't be wiped", by=cast.tomas, at=WIPED + timedelta(hours=1))
    device = now(unit)
    assert (device.state, device.disposition) == (State.TO_DESTROY, Disposition.DESTROY)
    shredded(cast, unit)
    destruction.witness(unit=unit, by=cast.sofia, at=VERIFIED)
    assert now(unit).state == State.TO_RECYCLE
