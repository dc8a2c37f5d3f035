"""A list at the desk: its columns are looked at, corrected and kept; a worker takes it in; refused rows come back as a file."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from itad.models import ManifestMapping, ManifestRun
from itad.services import drafts
from revlog.common import clock, tables
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.evidence.models import Artifact
from tests.cast import Cast
from tests.factories.manifests import xlsx

LIST = "Code;Kennung;Marke\nVG-1;PF1AAAA;Dell\nVG-2;1,2E+14;Dell\n"


def words(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def sent(client: Client, data: bytes, name: str = "list.csv", **more: str) -> str:
    told = {"client": "demo", "hub": "rotterdam", "file": SimpleUploadedFile(name, data), **more}
    answer = client.post(reverse("itad_manifests"), told)
    assert answer.status_code == 302, words(answer)
    return str(answer["Location"])


def columns(page: str) -> dict[str, str]:
    """Heading -> the field that is chosen for it, as the page shows it."""
    found = {}
    for one in page.split("<tr>")[1:]:
        heading = re.search(r'name="heading-\d+" value="([^"]*)"', one)
        field = re.search(r'value="(\w+)" selected', one)
        if heading:
            found[heading.group(1)] = field.group(1) if field else ""
    return found


def test_a_file_is_looked_at_corrected_kept_and_taken_in(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("henrik"))
    assert client.get(reverse("itad_manifests")).status_code == 200
    # No heading says what names the things: nothing can be guessed, and the person is told what the file begins with.
    told = {"client": "demo", "hub": "rotterdam", "contract": "MSA-7", "here": "0"}
    sent_in = client.post(
        reverse("itad_intake"),
        {**told, "file": SimpleUploadedFile("l.csv", LIST.replace("Code", "Asset").encode("utf-16"))},
    )
    page = sent_in["Location"]
    shown = words(client.get(page))
    assert columns(shown) == {"Asset": "asset_tag", "Kennung": "", "Marke": "manufacturer"}
    assert "PF1AAAA · 1,2E+14" in shown

    chosen = {
        "count": "3", "heading-0": "Asset", "field-0": "asset_tag", "heading-1": "Kennung", "field-1": "serial",
        "heading-2": "Marke", "field-2": "serial", "name": "Vega laptops",
    }  # fmt: skip
    twice = client.post(page, {**chosen, "act": "take"})
    assert (twice.status_code, "Two columns are taken for the same" in words(twice)) == (409, True)
    chosen["field-2"] = "manufacturer"
    again = words(client.post(page, {**chosen, "act": "look"}))
    assert "Line 3: “1,2E+14” is what a spreadsheet made of a long number" in again
    assert not Device.objects.exists()
    taken = client.post(page, {**chosen, "act": "take"})
    assert taken.status_code == 302
    assert client.get(page).status_code == 404
    assert "It goes on as soon as a worker has time" in words(client.get(taken["Location"]))
    reactions.drain(at=clock.now(), queues=["jobs"])
    done = words(client.get(taken["Location"]))
    assert "1,2E+14" in done
    assert Device.objects.get().serial == "PF1AAAA"
    assert ManifestMapping.objects.get().name == "Vega laptops"
    refused = client.get(taken["Location"] + "refused.csv").content.decode("utf-8-sig")
    assert refused.splitlines()[1].startswith("VG-2,")
    for shown_rows in ("created", "matched", "refused"):
        assert client.get(taken["Location"], {"show": shown_rows}).status_code == 200

    # The client's columns are known next time, in a workbook as well.
    book = xlsx({"A": [["Kennung", "Asset", "Marke"], ["PF2AAAA", "VG-7", "Dell"]]})
    assert columns(words(client.get(sent(client, book, "next.xlsx")))) == {
        "Kennung": "serial", "Asset": "asset_tag", "Marke": "manufacturer",
    }  # fmt: skip


def test_what_is_no_table_is_told_to_whoever_sent_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("henrik"))
    for data, sentence in ((b"%PDF-1.7", "This is no table"), (b"\xd0\xcf\x11\xe0xx", "old Excel file")):
        told = {"client": "demo", "hub": "rotterdam", "file": SimpleUploadedFile("a.xlsx", data)}
        answer = client.post(reverse("itad_manifests"), told)
        assert (answer.status_code, sentence in words(answer)) == (422, True)
    unnamed = client.get(sent(client, b"name,maker\na,b\n"))
    assert "No line names the columns" in words(unnamed)


@pytest.mark.parametrize("person", ["nils", "dirk", "alex"])
def test_a_clients_list_is_its_own_peoples_and_the_operators(cast: Cast, client: Client, person: str) -> None:
    client.force_login(cast.user("vera"))
    page = sent(client, b"serial\nPF1AAAA\n", reference="J-1")
    assert 'name="contract"' not in words(client.get(reverse("itad_manifests")))
    other = {"client": "altair", "hub": "rotterdam", "file": SimpleUploadedFile("a.csv", b"serial\nPF1AAAA\n")}
    assert client.post(reverse("itad_manifests"), other).status_code == 422
    run = ManifestRun.objects.get()
    client.force_login(cast.user(person))
    for path in (page, f"{page}refused.csv"):
        assert client.get(path).status_code in {403, 404}
    for path in (page, f"{page}stop", f"{page}go-on", f"{page}drop"):
        assert client.post(path, {"act": "take"}).status_code in {403, 404}
    run.refresh_from_db()
    assert run.status == "draft"


def test_so_many_files_wait_for_somebody_and_each_may_be_dropped(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 2)
    client.force_login(cast.user("vera"))
    first, twin = (sent(client, b"serial\nPF1AAAA\n", name) for name in ("first.csv", "twin.csv"))
    told = {"client": "demo", "hub": "rotterdam", "file": SimpleUploadedFile("third.csv", b"serial\nPF2AAAA\n")}
    full = client.post(reverse("itad_manifests"), told)
    assert (full.status_code, "Zuerst eine übernehmen oder verwerfen" in words(full)) == (409, True)
    assert not Artifact.objects.filter(digest=hashlib.sha256(b"serial\nPF2AAAA\n").hexdigest()).exists()

    assert f'action="{first}drop"' in words(client.get(first))
    left = client.post(f"{first}drop", follow=True)
    assert "first.csv ist verworfen" in words(left)  # Vera reads German
    # Its twin still needs the bytes; with the last one they go, and come again like new ones.
    kept = Artifact.objects.get()
    assert "PF1AAAA" in words(client.get(twin))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{twin}drop")
    assert (ManifestRun.objects.exists(), Artifact.objects.exists(), default_storage.exists(kept.stored_as)) == (
        False, False, False,
    )  # fmt: skip
    once_more = sent(client, b"serial\nPF1AAAA\n")
    under_way = client.post(once_more, {"count": "1", "heading-0": "serial", "field-0": "serial", "act": "take"})
    refused = client.post(f"{under_way['Location']}drop")
    assert (refused.status_code, "It is under way, or done, already" in words(refused)) == (409, True)


def test_a_file_to_which_nobody_came_back_is_forgotten(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("vera"))
    sent(client, b"serial\nPF1AAAA\n")
    taken = client.post(
        sent(client, b"serial\nPF2AAAA\n"),
        {"count": "1", "heading-0": "serial", "field-0": "serial", "act": "take"},
    )
    now = clock.now()
    assert drafts.drop_forgotten(at=now + timedelta(days=29)) == 0
    assert [drafts.drop_forgotten(at=now + timedelta(days=31)) for _again in range(2)] == [1, 0]
    assert reverse("itad_manifest", args=[ManifestRun.objects.get().pk]) == taken["Location"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 1024)
    client.force_login(cast.user("vera"))
    told = {"client": "demo", "hub": "rotterdam", "file": SimpleUploadedFile("list.csv", LIST.encode() * 50)}
    answer = client.post(reverse("itad_manifests"), told)
    assert answer.status_code == 422
    assert "A file has at most" in words(answer)
    assert not ManifestRun.objects.exists()
