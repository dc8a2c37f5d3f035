"""Issuing documents: once, in order, with the very bytes of the ledger inside, and checked by anybody."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.devices.services import moves, standing
from revlog.evidence.models import Artifact, Document, Numbering, Reservation
from revlog.evidence.pdf import contexts, sign, validate
from revlog.evidence.services import artifacts, checking, documents
from tests import cast as casting
from tests.factories import devices as make

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def custody_of(device: Device) -> documents.Record:
    entries = tuple(
        contexts.CustodyEntry(
            sequence=entry.sequence,
            at=entry.occurred_at.isoformat(),
            sentence=entry.kind,
            kind=entry.kind,
            actor=documents.staff_of(entry.actor),
            place="Rotterdam",
            digest=entry.digest,
        )
        for entry in Entry.objects.filter(chain_id=device.id).order_by("sequence")
    )
    unit = contexts.Unit(name=device.face, tag=device.tag, serial=device.serial, category="laptop")
    return lambda sheet, proof: contexts.ChainOfCustody(
        sheet=sheet, unit=unit, owner=None, entries=entries, proof=proof
    )


def order(device: Device, *, at: datetime = LATER) -> dict[str, object]:
    cause = Entry.objects.filter(chain_id=device.id).latest("sequence")
    return {
        "kind": "chain_of_custody",
        "cause": cause,
        "record": custody_of(device),
        "by": system("documents"),
        "at": at,
        "owner": device.owner_id,
        "hub": device.hub_id,
    }


def issued(device: Device, *, at: datetime = LATER) -> Document:
    return documents.issue(**order(device, at=at))  # type: ignore[arg-type]


@pytest.fixture
def unit(cast: casting.Cast) -> Device:
    return make.triaged(cast)


def test_it_says_on_the_chain_that_a_document_was_issued_after_the_entry_that_caused_it(unit: Device) -> None:
    document = issued(unit)
    last = Entry.objects.filter(chain_id=unit.id).latest("sequence")
    assert last.kind == "evidence.document_issued"
    assert last.sequence == document.sequence + 1
    assert last.payload["digest"] == document.artifact_id
    assert last.payload["number"] == document.number == "CC-2026-000001"
    assert "CC-2026-000001" in str(last.told_to("staff"))


def test_it_issues_a_document_once_however_often_it_is_asked(unit: Device) -> None:
    asked = order(unit)
    first = documents.issue(**asked)  # type: ignore[arg-type]
    second = documents.issue(**{**asked, "at": LATER + timedelta(days=1)})  # type: ignore[arg-type]
    assert first == second
    assert Document.objects.count() == 1
    assert Entry.objects.filter(kind="evidence.document_issued").count() == 1


def test_a_worker_that_dies_between_rendering_and_finishing_leaves_one_document_and_no_gap(unit: Device) -> None:
    asked = order(unit)
    documents.prepare(**asked)  # type: ignore[arg-type]  # the worker dies here
    assert not Document.objects.exists()
    assert Reservation.objects.get().number == "CC-2026-000001"
    late = documents.issue(**{**asked, "at": LATER + timedelta(hours=5)})  # type: ignore[arg-type]
    assert late.number == "CC-2026-000001"
    assert late.issued_at == LATER
    assert Document.objects.count() == Entry.objects.filter(kind="evidence.document_issued").count() == 1
    assert Numbering.objects.get(series="CC-2026").last == 1


def test_two_workers_that_render_the_same_document_issue_it_once(unit: Device) -> None:
    asked = order(unit)
    one, other = documents.prepare(**asked), documents.prepare(**asked)  # type: ignore[arg-type]
    assert documents.finish(one) == documents.finish(other)
    assert Document.objects.count() == Artifact.objects.count() == 1


def test_what_is_attached_is_what_export_ledger_writes(unit: Device, tmp_path: Path) -> None:
    document = issued(unit)
    with transaction.atomic():
        device = moves.take_one(unit.id)
        standing.withdraw_authority(device, reason="appeal", by=system("test"), at=LATER)
    target = tmp_path / "export.json"
    call_command("export_ledger", unit.tag, output=target, until=document.sequence)
    assert validate.attachments(artifacts.read(document.artifact)) == {"ledger.json": target.read_bytes()}


def test_the_signature_is_a_valid_one_over_the_whole_file(unit: Device) -> None:
    pdf = artifacts.read(issued(unit).artifact)
    checks = validate.validate(pdf, trusted=sign.trusted_certificates(documents.keys_folder()))
    assert validate.holds(checks)
    assert {check.name for check in checks} >= {"intact", "whole_file", "no_later_change", "trusted"}


def test_everything_that_the_public_page_checks_holds_for_a_new_document(unit: Device) -> None:
    verdict = checking.check_document(issued(unit), at=LATER)
    assert verdict.holds, [check.sentence for check in verdict.failed]
    assert {check.name for check in verdict.checks} >= {
        "kept",
        "intact",
        "same_ledger",
        "checkpoint",
        "chain",
        "recorded",
    }


def test_a_changed_byte_in_the_stored_file_is_named(unit: Device) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    document = issued(unit)
    data = bytearray(artifacts.read(document.artifact))
    data[len(data) // 2] ^= 1
    default_storage.delete(document.artifact.stored_as)
    default_storage.save(document.artifact.stored_as, ContentFile(bytes(data)))
    verdict = checking.check_document(document, at=LATER)
    assert [check.name for check in verdict.failed] == ["kept"]
    uploaded = checking.check_file(bytes(data), at=LATER)
    assert not uploaded.holds
    assert "issued" in {check.name for check in uploaded.failed}


def test_a_changed_file_that_still_bears_its_number_is_told_from_the_one_that_was_issued(unit: Device) -> None:
    document = issued(unit)
    data = bytearray(artifacts.read(document.artifact))
    data[data.index(b"stream") + 20] ^= 1
    verdict = checking.check_file(bytes(data), at=LATER)
    assert not verdict.holds
    assert "issued" in {check.name for check in verdict.failed}


@pytest.mark.breaks_chains
def test_an_entry_changed_behind_our_back_makes_the_document_fail(unit: Device) -> None:
    document = issued(unit)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE custody_entry DISABLE TRIGGER USER")
        cursor.execute(
            'UPDATE custody_entry SET payload = payload || \'{"reason": "nothing"}\' WHERE chain_id = %s AND sequence = 2',
            [unit.id],
        )
        cursor.execute("ALTER TABLE custody_entry ENABLE TRIGGER USER")
    failed = {check.name for check in checking.check_document(document, at=LATER).failed}
    assert {"same_ledger", "chain"} <= failed


def test_a_document_that_was_replaced_says_by_which(unit: Device) -> None:
    document = issued(unit)
    newer = issued(unit, at=LATER + timedelta(hours=1))
    assert newer != document
    document.replaced_by = newer
    document.save(update_fields=["replaced_by"])
    failed = checking.check_document(document, at=LATER).failed
    assert [(check.name, newer.number in check.sentence) for check in failed] == [("current", True)]


def test_an_unknown_kind_is_refused(unit: Device) -> None:
    with pytest.raises(documents.UnableToIssue):
        documents.issue(**{**order(unit), "kind": "letter"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\n", b"GIF89a", b"%PDF-1.7\n" + b"\x00" * 5000 + b"startxref\n0\n%%EOF\n"]
)
def test_a_hostile_file_is_answered_and_raises_nothing(cast: casting.Cast, data: bytes) -> None:
    verdict = checking.check_file(data, at=LATER)
    assert not verdict.holds
    assert verdict.failed[0].sentence


def test_the_public_page_needs_no_sign_in_and_names_nobody(unit: Device, client: Client) -> None:
    document = issued(unit)
    answer = client.get(f"/verify/{document.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert document.number in page
    assert "It holds" in page
    for name in ("Ines", "Ravi", "Aisha", "user:"):
        assert name not in page


def test_the_public_page_of_nothing_is_a_404_with_a_sentence(client: Client, db: None) -> None:
    answer = client.get("/verify/0199a4e2-6c1f-7b7e-9d53-2f1c7a90c3be/")
    assert answer.status_code == 404
    assert "Nothing was issued under this address" in answer.content.decode()


def test_an_uploaded_file_is_checked_and_one_that_was_changed_is_refused(unit: Device, client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    pdf = artifacts.read(issued(unit).artifact)
    good = client.post("/verify/", {"file": SimpleUploadedFile("certificate.pdf", pdf)})
    assert "It holds" in good.content.decode()
    bad = client.post("/verify/", {"file": SimpleUploadedFile("certificate.pdf", pdf + b"\n% more\n")})
    assert "It does not hold" in bad.content.decode()
    assert client.post("/verify/").status_code == 422


def test_a_stranger_who_asks_too_often_is_asked_to_wait(client: Client, db: None) -> None:
    from django.core.cache import cache

    cache.clear()
    answers = [client.post("/verify/").status_code for _ in range(14)]
    cache.clear()
    assert answers[:12] == [422] * 12
    assert answers[12:] == [429] * 2


def test_documents_are_listed_for_those_whose_they_are(cast: casting.Cast, client: Client) -> None:
    device = make.triaged(cast)
    Device.objects.filter(pk=device.pk).update(owner=cast.vega)
    document = issued(Device.objects.get(pk=device.pk))
    for name, seen in (("carla", True), ("vera", True), ("alex", False)):
        client.force_login(cast.user(name))
        assert (document.number in client.get("/documents/").content.decode()) is seen
        assert client.get(f"/documents/{document.pk}/").status_code == (200 if seen else 404)


def test_the_command_says_which_check_failed(unit: Device, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf = artifacts.read(issued(unit).artifact)
    good, bad, none = tmp_path / "good.pdf", tmp_path / "bad.pdf", tmp_path / "none.pdf"
    good.write_bytes(pdf)
    bad.write_bytes(pdf + b"\n%more\n%%EOF\nstartxref\n0\n%%EOF\n")
    call_command("verify_document", good)
    assert "Everything holds." in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        call_command("verify_document", bad)
    assert refused.value.code in {1, 2}
    with pytest.raises(SystemExit) as missing:
        call_command("verify_document", none)
    assert missing.value.code == 2
    changed = bytearray(pdf)
    changed[changed.index(b"stream") + 30] ^= 1
    bad.write_bytes(bytes(changed))
    capsys.readouterr()
    with pytest.raises(SystemExit) as broken:
        call_command("verify_document", bad)
    assert broken.value.code == 1
    assert "FAILED: " in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_numbers_given_at_once_have_no_gap_and_no_twin() -> None:
    def reserve(place: int) -> None:
        try:
            documents.reserve(kind="packing_slip", key=f"packing_slip:{place % 12}", at=AT)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=reserve, args=(place,)) for place in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(Reservation.objects.values_list("number", flat=True))
    assert numbers == [f"PS-2026-{n:06d}" for n in range(1, 13)]
    assert Numbering.objects.get(series="PS-2026").last == 12
