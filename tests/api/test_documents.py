"""Documents over the API: listed, told, and handed out as they were issued."""

from __future__ import annotations

from django.core.files.storage import default_storage

from revlog.custody.models import Chain
from revlog.devices.services import arrivals
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices as make


def issued(cast: Cast, *, number: str = "CS-2026-000001", owner: object = None) -> Document:
    """A document as the issuing service leaves it, without the seconds that rendering takes."""
    device = arrivals.arrive(
        what=arrivals.Description(device_class="laptop", model="T480"),
        stay=make.stay(cast, owner=(owner or cast.vega).id), by=cast.ines, at=make.AT,
    )  # fmt: skip
    artifact = artifacts.keep(
        b"%PDF-1.7 " + number.encode(), media_type="application/pdf", at=make.AT, limit="document"
    )
    head = Chain.objects.get(pk=device.id)
    return Document.objects.create(
        id=device.visit_id,
        number=number,
        kind="certificate_of_sanitization",
        template="certificate-of-sanitization/1",
        chain_id=device.id,
        sequence=head.head_sequence,
        head_digest=head.head_digest,
        artifact=artifact,
        context={"unit": {"tag": device.tag, "name": "T480"}},
        key=f"test:{number}",
        issued_at=make.AT,
        owner=owner or cast.vega,
        hub_id=cast.rotterdam.id,
    )


def test_it_hands_a_document_out_byte_for_byte(cast: Cast) -> None:
    row = issued(cast)
    vega = caller(cast, organization=cast.vega)

    told = vega.get("/documents/?kind=certificate_of_sanitization").json()["results"][0]
    assert (told["number"], told["units"][0]["name"], told["owner"]) == (row.number, "T480", "demo")
    assert told["verify"].endswith(f"/verify/{row.pk}/")
    assert vega.get(f"/documents/{row.number.lower()}/").json() == told
    file = vega.client.get(told["file"], headers=vega.headers)

    assert file.content == artifacts.read(row.artifact)
    assert file.headers["ETag"] == f'"{told["sha256"]}"'
    assert file.headers["Content-Type"] == "application/pdf"


def test_it_keeps_documents_from_strangers(cast: Cast) -> None:
    row = issued(cast)
    altair = caller(cast, organization=cast.altair)

    assert altair.get("/documents/").json()["results"] == []
    for path in (f"/documents/{row.pk}/", f"/documents/{row.number}/", f"/documents/{row.pk}/file/"):
        problem(altair.get(path), 404)
    problem(altair.get(f"/documents/{row.pk}/file/", Accept="application/pdf"), 404)


def test_it_hands_out_nothing_that_was_changed_or_erased(cast: Cast) -> None:
    row = issued(cast)
    them = caller(cast)
    with default_storage.open(row.artifact.stored_as, "wb") as file:
        file.write(b"%PDF-1.7 something else")

    assert problem(them.get(f"/documents/{row.pk}/file/"), 409)["code"] == "not_as_issued"
    artifacts.erase(row.artifact, why="asked for by the owner", at=make.AT)
    assert "asked for by the owner" in problem(them.get(f"/documents/{row.pk}/file/"), 410)["detail"]
