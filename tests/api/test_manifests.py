"""Clients' lists over the API: refused at once or taken in by a worker, each once, seen by the client and its site alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.parsers import MultiPartParser

from itad.api import ManifestsEndpoint
from itad.manifests.columns import Columns
from itad.models import ManifestRun
from itad.services import drafts, manifests
from revlog.api import door
from revlog.common import clock, tables
from revlog.custody.services import reactions
from revlog.custody.services.sequencer import sequence
from revlog.devices.models import Device
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast
from tests.factories.manifests import xlsx

LIST = "Code;Kennung;Marke\nVG-1;PF1AAAA;Dell\nVG-2;1,2E+14;Dell\nVG-3;-;Dell\n".encode("utf-16")
MEANT = Columns({"asset_tag": "Code", "serial": "Kennung", "manufacturer": "Marke"})


def sent(them: Caller, data: bytes, query: str = "", form: str = "text/csv", **headers: str) -> dict[str, Any]:
    answer = them.post(f"/manifests/{query}", raw=data, form=form, **headers)
    assert answer.status_code == 202, answer.content
    told: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == told["address"]
    return told


def test_a_client_sends_a_list_asks_how_far_it_is_and_mends_what_was_refused(cast: Cast) -> None:
    manifests.save_columns(cast.vega, MEANT, name="laptops", by=cast.vera, at=clock.now())
    vega = caller(cast, "jobs:read", "jobs:write", organization=cast.vega)

    begun = sent(vega, LIST, "?hub=rotterdam&reference=J-7&name=march.csv&mapping=laptops")
    assert (begun["status"], begun["position"], begun["client"], begun["hub"], begun["name"], begun["mapping"]) == (
        "running", 0, "demo", "rotterdam", "march.csv", "laptops",
    )  # fmt: skip
    assert begun["columns"] == dict(MEANT.headings)
    assert "ask again" in begun["next"]
    # A lost answer: the same file is the same list, while it is under way and afterwards.
    assert sent(vega, LIST, "?reference=J-7")["id"] == begun["id"]
    assert not Device.objects.exists()

    reactions.drain(at=clock.now(), queues=["jobs"])
    done = vega.get(f"/manifests/{begun['id']}/").json()
    assert {name: done[name] for name in ("status", "position", "rows", "created", "matched", "refused", "units")} == {
        "status": "done", "position": 3, "rows": 3, "created": 2, "matched": 0, "refused": 1, "units": 2,
    }  # fmt: skip
    assert "Mend those" in done["next"]
    assert sent(vega, LIST, "?reference=J-7")["id"] == begun["id"]
    assert [row["id"] for row in vega.get("/manifests/?status=done&reference=J-7").json()["results"]] == [begun["id"]]

    (wrong,) = vega.get(f"/manifests/{begun['id']}/rows/").json()["results"]
    assert (wrong["place"], wrong["code"], wrong["unit"], wrong["units"]) == ("3", "scientific", None, 0)
    assert "Format the column as text" in wrong["detail"]
    taken = vega.get(f"/manifests/{begun['id']}/rows/?outcome=created").json()
    assert [row["place"] for row in taken["results"]] == ["2", "4"]
    assert {row["unit"] for row in taken["results"]} == set(Device.objects.values_list("tag", flat=True))
    assert taken["next"] is None
    assert vega.get(f"/manifests/{begun['id']}/rows/?outcome=created&after=2").json()["results"] == taken["results"][1:]

    mended = vega.get(f"/manifests/{begun['id']}/refused/").content.replace(b"1,2E+14", b"PF2AAAA").replace(b'"', b"")
    again = sent(vega, mended, "?reference=J-7")
    assert again["id"] != begun["id"]
    reactions.drain(at=clock.now(), queues=["jobs"])
    assert set(Device.objects.values_list("serial", flat=True)) == {"PF1AAAA", "PF2AAAA", ""}
    assert all(unit.owner == cast.vega and unit.state == "EXPECTED" for unit in Device.objects.all())


def test_a_form_with_a_workbook_is_sent_once_under_its_key_stopped_and_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    them = caller(cast, "jobs:read", "jobs:write")
    book = xlsx({"A": [["Serial", "Asset tag"], ["PF1AAAA", "VG-1"]]})

    def form(key: str = "m-1", **more: str) -> Any:
        told = {"client": "demo", "hub": "rotterdam", "file": SimpleUploadedFile("a.xlsx", book), **more}
        return them.client.post("/api/v1/manifests/", told, headers=them.headers | {"Idempotency-Key": key})

    first, again = form(), form()
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (202, 202, "true")
    assert first.content == again.content
    problem(form(reference="J-8"), 422)
    with monkeypatch.context() as small:
        small.setattr(tables, "MOST_BYTES", len(book) - 1)
        problem(form(reference="J-8", key="m-2"), 413)
    with monkeypatch.context() as small:
        small.setattr(door, "AROUND", 100 - tables.MOST_BYTES)
        small.setattr(MultiPartParser, "parse", None)  # nothing of the form is read
        problem(form(reference="J-8", key="m-2"), 413)
    path = f"/manifests/{first.json()['id']}"

    assert first.json()["name"] == "a.xlsx"
    assert them.post(f"{path}/stop/").status_code == 200
    reactions.drain(at=clock.now(), queues=["jobs"])
    assert them.get(f"{path}/").json()["status"] == "stopped"
    problem(them.post(f"{path}/stop/"), 409)
    assert them.post(f"{path}/go-on/").json()["status"] == "running"
    reactions.drain(at=clock.now(), queues=["jobs"])
    assert them.get(f"{path}/").json()["created"] == 1


def test_a_list_is_its_clients_and_its_sites_and_nobody_elses(cast: Cast) -> None:
    vega = caller(cast, "jobs:read", "jobs:write", organization=cast.vega)
    begun = sent(vega, b"serial\nPF1AAAA\n", "?hub=rotterdam")
    path = f"/manifests/{begun['id']}"
    others = [
        caller(cast, "jobs:read", "jobs:write", organization=cast.altair),
        caller(cast, "jobs:read", "jobs:write", hub=cast.leipzig),
    ]
    for them in others:
        assert them.get("/manifests/").json()["results"] == []
        for shown in (f"{path}/", f"{path}/rows/", f"{path}/refused/"):
            problem(them.get(shown), 404)
        for act in ("stop", "go-on"):
            problem(them.post(f"{path}/{act}/"), 404)
    problem(vega.post("/manifests/?client=altair", raw=b"serial\nPF1AAAA\n", form="text/csv"), 422)
    problem(others[0].post("/manifests/?client=demo", raw=b"serial\nPF1AAAA\n", form="text/csv"), 422)
    problem(others[1].post("/manifests/?client=demo&hub=rotterdam", raw=b"serial\nPF1AA\n", form="text/csv"), 422)
    reader = caller(cast, "jobs:read", organization=cast.vega)
    problem(reader.post("/manifests/", raw=b"serial\nPF1AAAA\n", form="text/csv"), 403)
    problem(reader.post(f"{path}/stop/"), 403)
    assert reader.get(f"{path}/").status_code == 200
    problem(caller(cast, "devices:read").get(f"{path}/"), 403)
    assert ManifestRun.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "data", "status", "sentence"),
    [
        ("", b"serial\nPF1AAAA\n", 422, "whose units"),
        ("?client=nobody", b"serial\nPF1AAAA\n", 422, "no client nobody"),
        ("?client=operator&hub=rotterdam", b"serial\nPF1AAAA\n", 422, "another organization"),
        ("?client=demo", b"serial\nPF1AAAA\n", 422, "which site"),
        ("?client=demo&hub=moon", b"serial\nPF1AAAA\n", 422, "no site moon"),
        ("?client=demo&hub=rotterdam&mapping=unheard", b"serial\nPF1AAAA\n", 422, "No columns are saved"),
        ("?client=demo&hub=rotterdam&contract=MSA-1", b"serial\nPF1AAAA\n", 422, "no such field"),
        ("?client=demo&hub=rotterdam", b" \n", 422, "empty"),
        ("?client=demo&hub=rotterdam", b"%PDF-1.7", 422, "no table"),
        ("?client=demo&hub=rotterdam", b"\xd0\xcf\x11\xe0xx", 422, "old Excel"),
        ("?client=demo&hub=rotterdam", b"name,maker\na,b\n", 422, "No line names the columns"),
        ("?client=demo&hub=rotterdam", b"serial\n" + b"PF1AAAA\n" * 20_001, 422, "at most 20,000 rows"),
        ("?client=demo&hub=rotterdam", b"x" * (25 * 1024 * 1024 + 1), 413, "larger"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_at_once(
    cast: Cast, query: str, data: bytes, status: int, sentence: str
) -> None:
    told = problem(caller(cast).post(f"/manifests/{query}", raw=data, form="text/csv"), status)

    assert sentence in told["detail"]
    assert not ManifestRun.objects.exists()


def test_so_many_lists_a_minute_and_so_many_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(manifests, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(ManifestsEndpoint, "most_a_minute", {"create": 3})
    vega = caller(cast, "jobs:read", "jobs:write", organization=cast.vega)
    first = sent(vega, b"serial\nPF1AAAA\n", "?hub=rotterdam")
    assert sent(vega, b"serial\nPF1AAAA\n")["id"] == first["id"]
    busy = problem(vega.post("/manifests/", raw=b"serial\nPF2AAAA\n", form="text/csv"), 409)
    assert busy["reasons"][0]["code"] == "too_many_lists"
    refused = vega.post("/manifests/", raw=b"serial\nPF2AAAA\n", form="text/csv")
    problem(refused, 429)
    assert refused.headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert vega.get(f"/manifests/{first['id']}/").status_code == 200


def test_a_list_that_waits_in_the_browser_is_dropped(cast: Cast) -> None:
    cache.clear()
    kept = drafts.keep(
        data=b"serial\nPF1AAAA\n", name="a.csv", client=cast.vega, hub=cast.rotterdam, by=cast.vera, at=clock.now()
    )
    path = f"/manifests/{kept.pk}"
    vega, reader = caller(cast, "jobs:read", "jobs:write", organization=cast.vega), caller(cast, "jobs:read")
    problem(reader.post(f"{path}/drop/", {}), 403)
    assert vega.post(f"{path}/drop/", {}).status_code == 204
    problem(vega.get(f"{path}/"), 404)
    begun = sent(vega, b"serial\nPF1AAAA\n", "?hub=rotterdam")
    assert problem(vega.post(f"/manifests/{begun['id']}/drop/", {}), 409)["reasons"][0]["code"] == "begun"


def test_that_a_list_is_in_is_read_from_the_log_by_its_client_and_its_site(cast: Cast) -> None:
    cache.clear()
    vega = caller(cast, "jobs:read", "jobs:write", "entries:read", organization=cast.vega)
    begun = sent(vega, b"serial,asset_tag\nPF1AAAA,VG-1\n1.2E+14,VG-2\n", "?hub=rotterdam&reference=J-7")
    reactions.drain(at=clock.now(), queues=["jobs"])
    sequence()
    for reads in (vega, caller(cast, "entries:read", hub=cast.rotterdam)):
        [told] = reads.get("/entries/?kind=itad.manifest_taken").json()["results"]
        assert (told["chain"], told["payload"]["created"], told["payload"]["refused"]) == (
            f"manifest:{begun['id']}",
            1,
            1,
        )
    for stranger in (
        caller(cast, "entries:read", hub=cast.leipzig),
        caller(cast, "entries:read", organization=cast.altair),
    ):
        assert stranger.get("/entries/?kind=itad.manifest_taken").json()["results"] == []
        assert stranger.get("/entries/?kind=itad.manifest_started").json()["results"] == []
