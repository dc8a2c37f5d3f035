"""The maker's seal: a sealed unit needs no wipe while it is sealed, and does once it was opened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices import facts
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, Medium
from revlog.devices.services import moves, sealing
from revlog.devices.services.sealing import UnableToSeal
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import itad as proof
from tests.factories import triage as bench
from triage.services import inspection
from triage.services import sealing as seals

MINUTE = timedelta(minutes=1)


def photo(at: datetime) -> Artifact:
    return artifacts.keep_photo(proof.picture(), at=at)


def boxed(cast: Cast, device_class: str, at: datetime) -> Device:
    """Bought stock in its box, in triage: nobody has seen its drives."""
    unit = make.laptop(cast, device_class=device_class, serial=f"BOX{device_class}", at=at)
    with transaction.atomic():
        taken = moves.take_one(unit.pk)
        moves.advance(taken, moves.TO_TRIAGE, fact=facts.SentToTriage(reason="bought"), by=cast.ravi, at=at)
    return Device.objects.get(pk=unit.pk)


@pytest.mark.parametrize("device_class", ["laptop", "phone"])
def test_what_is_sealed_goes_back_to_its_vendor_without_a_wipe(cast: Cast, at: datetime, device_class: str) -> None:
    unit = boxed(cast, device_class, at)
    assert unit.data == "UNKNOWN"
    waits = make.decided(unit, Disposition.RETURN_TO_VENDOR, at=at)
    assert waits.state == "TO_SANITIZE"
    with pytest.raises(NotAllowed):
        seals.confirm(device=waits, photo=photo(at), by=cast.luca, at=at)

    done = seals.confirm(device=waits, photo=photo(at), by=cast.ravi, at=at)

    assert (done.state, done.data) == ("TO_RETURN", "NONE")
    assert moves.reasons_against(done, moves.SEND_BACK) == []
    said = Entry.objects.get(chain_id=unit.pk, kind="devices.seal_unbroken")
    assert set(Medium.objects.filter(device=unit).values_list("state", "proof")) <= {("UNUSED", said.digest)}
    assert len(said.payload.get("media") or []) == Medium.objects.filter(device=unit).count()

    # Opened, it has to be wiped like any other, and nobody can seal it again on this stay.
    back = seals.opened(device=done, by=cast.ravi, at=at)
    assert (back.state, back.data) == ("TO_SANITIZE", "UNKNOWN")
    assert not Medium.objects.filter(device=unit, state="UNUSED").exists()
    assert [one.code for one in moves.reasons_against(back, moves.SEND_BACK)][-1] == "nothing_leaves_with_data"
    with pytest.raises(UnableToSeal, match="it was opened on this stay"):
        seals.confirm(device=back, photo=photo(at), by=cast.ravi, at=at)
    with pytest.raises(UnableToSeal, match="isn't sealed"):
        seals.opened(device=back, by=cast.ravi, at=at)


def test_a_look_at_a_sealed_box_with_a_photo_says_it_and_a_look_inside_ends_it(cast: Cast, at: datetime) -> None:
    unit = boxed(cast, "laptop", at)
    inspection.record(device=unit, sealed=True, by=cast.ravi, at=at)
    assert Device.objects.get(pk=unit.pk).data == "UNKNOWN"
    inspection.record(device=unit, sealed=True, photos=[photo(at)], by=cast.ravi, at=at + MINUTE)
    sealed = Device.objects.get(pk=unit.pk)
    assert (sealed.data, sealed.grade, sealing.is_sealed(sealed)) == ("NONE", "NEW", True)
    inspection.record(device=unit, works="yes", by=cast.ravi, at=at + 2 * MINUTE)
    looked = Device.objects.get(pk=unit.pk)
    assert (looked.data, sealing.is_sealed(looked)) == ("UNKNOWN", False)
    assert looked.grade != "NEW"


def test_a_log_of_a_sealed_drive_says_that_it_was_opened_and_it_waits_to_be_wiped(cast: Cast, at: datetime) -> None:
    unit = make.decided(boxed(cast, "storage", at), Disposition.RETURN_TO_VENDOR, at=at)
    sealed = seals.confirm(device=unit, photo=photo(at), by=cast.ravi, at=at)
    assert (sealed.state, sealed.data) == ("TO_RETURN", "NONE")

    bench.sent(bench.smart(serial=sealed.serial), cast.ravi, at=at + MINUTE)

    opened = Device.objects.get(pk=unit.pk)
    assert (opened.state, opened.data, sealing.is_sealed(opened)) == ("TO_SANITIZE", "UNKNOWN", False)
    assert set(Medium.objects.filter(device=unit).values_list("state", flat=True)) == {"UNKNOWN"}
    assert Entry.objects.filter(chain_id=unit.pk, kind="devices.seal_broken").count() == 1


def test_what_was_tried_or_whose_drive_was_seen_is_not_sealed(cast: Cast, at: datetime) -> None:
    tested = make.triaged(cast, at=at)
    with pytest.raises(UnableToSeal, match="a drive was seen in it"):
        seals.confirm(device=tested, photo=photo(at), by=cast.ravi, at=at)
    tried = boxed(cast, "laptop", at)
    inspection.record(device=tried, works="no", by=cast.ravi, at=at)
    with pytest.raises(UnableToSeal, match="somebody tried it on this stay"):
        seals.confirm(device=tried, photo=photo(at), by=cast.ravi, at=at)
    with pytest.raises(BadInput, match="a photo of the seal is missing"), transaction.atomic():
        sealing.confirm(moves.take_one(tried.pk), photo="", by=cast.ravi, at=at)


def test_the_database_takes_no_medium_for_never_used_without_the_entry(cast: Cast, at: datetime) -> None:
    unit = boxed(cast, "phone", at)
    other = Entry.objects.filter(chain_id=unit.pk).earliest("sequence").digest
    with pytest.raises(IntegrityError, match="a_cleared_medium_has_proof"), transaction.atomic():
        Medium.objects.filter(device=unit).update(state="UNUSED", proof=other)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_inspector_confirms_the_seal_on_the_page_of_triage(cast: Cast, at: datetime) -> None:
    unit = make.decided(boxed(cast, "laptop", at), Disposition.RETURN_TO_VENDOR, at=at)
    ravi, url = Client(), f"/triage/units/{unit.tag}/"
    ravi.force_login(cast.user("ravi"))
    assert "Photo of the seal" in ravi.get(url).content.decode()
    assert ravi.post(f"{url}seal/", {}).status_code == 422
    sent = SimpleUploadedFile("seal.jpg", proof.picture(), "image/jpeg")
    assert ravi.post(f"{url}seal/", {"photo": sent}).status_code == 302
    assert Device.objects.get(pk=unit.pk).state == State.TO_RETURN
    assert "It was opened" in ravi.get(url).content.decode()
    assert ravi.post(f"{url}seal/", {"act": "opened"}).status_code == 302
    assert Device.objects.get(pk=unit.pk).state == State.TO_SANITIZE
