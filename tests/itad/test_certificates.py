"""Certificates follow from a cleared unit: once, with what failed before, signed, with the ledger inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from itad import reactions
from itad.services import certificates, custody, destruction, policies, sanitization
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions as outbox
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.services import media, moves
from revlog.evidence.models import Document
from revlog.evidence.pdf import sign, validate
from revlog.evidence.services import artifacts, checking, documents
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import itad as make_itad
from tests.factories.itad import AT, VERIFIED, WIPED, credited, erasure, waiting, wiped


def unit_of(document: Document) -> dict[str, Any]:
    return document.context["units"][0]  # type: ignore[no-any-return]


def test_a_cleared_unit_gets_its_certificate_once_however_often_the_work_is_done(cast: Cast) -> None:
    unit = waiting(cast)
    wiped(cast, unit)
    outbox.drain(at=VERIFIED)
    document = Document.objects.get()
    cleared = Entry.objects.get(chain_id=unit.id, kind="itad.unit_cleared")
    assert (document.kind, document.sequence) == ("certificate_of_sanitization", cleared.sequence)
    assert document.number == "CS-2026-000001"
    reactions.issue_certificates(cleared, at=VERIFIED)()
    assert Document.objects.count() == 1
    assert Entry.objects.filter(kind="evidence.document_issued").count() == 1


def test_the_certificate_names_medium_level_tool_report_and_two_persons_without_their_names(cast: Cast) -> None:
    unit = waiting(cast)
    wiped(cast, unit)
    outbox.drain(at=VERIFIED)
    (medium,) = unit_of(Document.objects.get())["media"]
    assert medium["medium"]["serial"] == "S4X1NB0K"
    assert (medium["level_required"], medium["level_achieved"]) == ("clear", "clear")
    assert (medium["tool"], medium["tool_version"]) == ("nwipe", "0.34")
    assert medium["tool_report_digest"] == make_itad.DIGEST
    assert medium["performed_by"]["staff"] != medium["verified_by"]["staff"]
    assert medium["performed_by"]["role"] == "data_technician"
    assert "Tomas" not in str(Document.objects.get().context)


def test_the_certificate_says_by_which_policy_and_whose_choice_it_was(cast: Cast) -> None:
    one = waiting(cast)
    wiped(cast, one)
    policies.choose(owner=cast.operator, policy="clear-is-enough/1", reason="decided in May", by=cast.henrik, at=AT)
    other = waiting(cast, serial="PF1ABCDX", drive="S4X1NB0Z")
    wiped(cast, other)
    outbox.drain(at=VERIFIED)
    house, own = Document.objects.order_by("number")
    assert "the issuer's own policy" in unit_of(house)["requirement"]
    assert "Clear is enough" in unit_of(own)["requirement"]
    assert "chosen by the owner" in unit_of(own)["requirement"]


def test_the_certificate_cites_the_attempt_that_succeeded_and_lists_those_before(cast: Cast) -> None:
    unit = waiting(cast)
    first = credited(unit, erasure(outcome="failed", pass_errors=2), by=cast.tomas).failed[0]
    sanitization.retry(job=first, by=cast.tomas, at=WIPED)
    second = credited(unit, erasure(), by=cast.tomas, report="cd" * 32).recorded[0]
    sanitization.verify(job=second, by=cast.sofia, at=VERIFIED)
    outbox.drain(at=VERIFIED)
    (medium,) = unit_of(Document.objects.get())["media"]
    assert medium["tool_report_digest"] == "cd" * 32
    (earlier,) = medium["earlier_attempts"]
    assert earlier["outcome"] == "failed"
    assert "2 errors were counted" in earlier["reason"]


def test_a_worker_killed_between_rendering_and_finishing_leaves_one_certificate(cast: Cast) -> None:
    unit = waiting(cast)
    wiped(cast, unit)
    cleared = Entry.objects.get(chain_id=unit.id, kind="itad.unit_cleared")
    reactions.issue_certificates(cleared, at=VERIFIED)  # rendered and signed; the worker dies before it finishes
    assert not Document.objects.exists()
    outbox.drain(at=VERIFIED)
    assert Document.objects.get().number == "CS-2026-000001"
    assert Reaction.objects.filter(handler__endswith="issue_certificates", done_at=None).count() == 0


def test_its_signature_its_ledger_and_its_public_page_hold(cast: Cast, tmp_path: Path) -> None:
    unit = waiting(cast)
    wiped(cast, unit)
    outbox.drain(at=VERIFIED)
    document = Document.objects.get()
    pdf = artifacts.read(document.artifact)
    assert validate.holds(validate.validate(pdf, trusted=sign.trusted_certificates(documents.keys_folder())))
    target = tmp_path / "ledger.json"
    call_command("export_ledger", unit.tag, output=target, until=document.sequence)
    assert validate.attachments(pdf)["ledger.json"] == target.read_bytes()
    verdict = checking.check_document(document, at=VERIFIED)
    assert verdict.holds, [check.sentence for check in verdict.failed]


def test_a_destroyed_unit_gets_a_certificate_of_destruction_and_its_remains_their_weight(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    destruction.record(
        unit=unit,
        how=destruction.Destruction(
            technique="shred", equipment="HSM HDS 230", particle_mm="18.5", particle_class="H-4", grams=1450
        ),
        photos=[make_itad.photo("before", "red"), make_itad.photo("after")],
        by=cast.tomas,
        at=WIPED,
    )
    destruction.witness(unit=unit, by=cast.sofia, at=VERIFIED)
    outbox.drain(at=VERIFIED)
    document = Document.objects.get()
    assert (document.kind, document.number) == ("certificate_of_destruction", "CD-2026-000001")
    (medium,) = unit_of(document)["media"]
    assert (medium["technique"], medium["particle_mm"], medium["particle_class"]) == ("shred", "18.5", "H-4")
    assert len(medium["pictures"]) == 2
    assert "1450 g" in unit_of(document)["remains"]


def test_a_unit_with_wiped_and_destroyed_media_gets_both_certificates(cast: Cast) -> None:
    unit = make.triaged(cast)
    with transaction.atomic():
        media.observe(
            moves.take_one(unit.id),
            [media.Seen(type="hdd", model="ST1000", serial="WD1", capacity_bytes=1_000_204_886_016)],
            source="report",
            by=cast.ravi,
            at=AT,
        )
    make.decided(unit, Disposition.RECYCLE)
    wipe = credited(unit, erasure(), by=cast.tomas).recorded[0]
    sanitization.verify(job=wipe, by=cast.sofia, at=VERIFIED)
    drive = unit.media.get(serial="WD1")
    destruction.record(
        unit=unit,
        media=[drive],
        how=destruction.Destruction(technique="shred", equipment="HSM", particle_mm="10", grams=400),
        photos=[make_itad.photo()],
        by=cast.tomas,
        at=WIPED,
    )
    destruction.witness(unit=unit, by=cast.sofia, at=VERIFIED)
    outbox.drain(at=VERIFIED)
    found = {
        document.kind: [m["medium"]["serial"] for m in unit_of(document)["media"]]
        for document in Document.objects.all()
    }
    assert found == {"certificate_of_sanitization": ["S4X1NB0K"], "certificate_of_destruction": ["WD1"]}


def test_a_chain_of_custody_report_is_asked_for_and_made_by_a_worker(cast: Cast) -> None:
    unit = waiting(cast)
    entry = custody.ask(unit=unit, language="de", by=cast.noor, at=VERIFIED)
    outbox.drain(at=VERIFIED)
    document = Document.objects.get()
    assert (document.kind, document.language, document.sequence) == ("chain_of_custody", "de", entry.sequence)
    assert len(document.context["entries"]) == entry.sequence


def test_a_client_reads_the_certificate_of_an_own_unit_and_a_rival_does_not(cast: Cast) -> None:
    unit = make.triaged(cast)
    Device.objects.filter(pk=unit.pk).update(owner=cast.vega)
    make.decided(unit, Disposition.RESELL)
    wiped(cast, unit)
    outbox.drain(at=VERIFIED)
    assert Document.objects.visible_to(cast.vera).count() == 1
    assert Document.objects.visible_to(cast.alex).count() == 0
    assert Document.objects.get().language == "de"


def test_a_unit_without_any_medium_of_its_own_gets_no_certificate(cast: Cast) -> None:
    unit = waiting(cast)
    entry = Entry.objects.filter(chain_id=unit.id).latest("sequence")
    assert certificates.prepare_for(entry, at=AT) == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_report_is_written_in_every_language_of_documents(cast: Cast, language: str) -> None:
    unit = waiting(cast)
    custody.ask(unit=unit, language=language, by=cast.carla, at=VERIFIED)
    outbox.drain(at=VERIFIED)
    assert Document.objects.get().language == language
