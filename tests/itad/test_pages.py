"""The pages: one journey by clicks, refusals beside the button, and strangers who see nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from itad.models import SanitizationJob, SupervisedException
from itad.services import sanitization
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.evidence.models import Document
from tests.cast import Cast
from tests.factories import itad as make_itad
from tests.factories.itad import cage, credited, erasure, medium_of, waiting


def as_(client: Client, cast: Cast, name: str) -> Client:
    client.logout()
    client.force_login(cast.user(name))
    return client


def page(client: Client, unit: Device) -> str:
    answer = client.get(reverse("itad_unit", args=[unit.tag]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, unit: Device, route: str, **data: object) -> tuple[int, str]:
    answer = client.post(reverse(route, args=[unit.tag]), data, follow=True)
    return answer.status_code, answer.content.decode()


def state(unit: Device) -> str:
    return str(Device.objects.get(pk=unit.pk).state)


def fresh(**changes: object) -> dict[str, object]:
    """A wipe that ended just now, by the clock that pages run by."""
    now = clock.now()
    return erasure(
        started_at=(now - timedelta(hours=2)).isoformat(), ended_at=(now - timedelta(hours=1)).isoformat(), **changes
    )


@pytest.fixture
def unit(cast: Cast) -> Device:
    return waiting(cast)


def test_a_drive_is_begun_by_one_wiped_verified_by_another_and_certified_by_clicks(
    cast: Cast, unit: Device, client: Client
) -> None:
    tomas = as_(client, cast, "tomas")
    assert unit.tag in tomas.get(reverse("itad")).content.decode()
    assert "Begin the wipe" in page(tomas, unit)
    assert post(tomas, unit, "itad_begin", medium=medium_of(unit).pk, technique="overwrite")[0] == 200
    credited(unit, fresh(), by=cast.tomas, at=clock.now())
    assert "nobody verifies their own wipe" in page(tomas, unit)
    job = SanitizationJob.objects.get(device=unit, state="recorded")
    status, body = post(tomas, unit, "itad_verify", job=job.pk)
    assert status == 409
    assert "obody verifies their own wipe" in body
    sofia = as_(client, cast, "sofia")
    assert "Verify this wipe" in page(sofia, unit)
    assert post(sofia, unit, "itad_verify", job=job.pk)[0] == 200
    assert state(unit) == State.TO_SELL
    reactions.drain(at=clock.now())
    number = Document.objects.get().number
    assert number in page(sofia, unit)
    assert number in sofia.get(reverse("itad_panel_documents", args=[unit.tag])).content.decode()
    assert "wiped" in sofia.get(reverse("itad_panel_media", args=[unit.tag])).content.decode().lower()


def test_a_failed_wipe_shows_why_and_offers_to_try_again_or_escalate(cast: Cast, unit: Device, client: Client) -> None:
    credited(unit, fresh(outcome="failed"), by=cast.tomas, at=clock.now())
    tomas = as_(client, cast, "tomas")
    body = page(tomas, unit)
    assert "the tool reports that it failed" in body
    assert "Try again" in body
    assert unit.tag in tomas.get(reverse("itad") + "?tab=decide").content.decode()
    job = SanitizationJob.objects.get(device=unit)
    status, body = post(tomas, unit, "itad_escalate", job=job.pk, reason="")
    assert status == 422
    assert post(tomas, unit, "itad_escalate", job=job.pk, reason="bad sectors")[0] == 200
    assert "No wipe reaches what this medium needs" in page(tomas, unit)


def test_a_destruction_is_recorded_with_two_photos_and_witnessed_by_another(cast: Cast, client: Client) -> None:
    unit = waiting(cast, Disposition.DESTROY)
    tomas = as_(client, cast, "tomas")

    def photo(name: str) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, make_itad.picture(), "image/jpeg")

    told = {"technique": "shred", "equipment": "HSM HDS 230", "particle_mm": "18,5", "grams": "1450"}
    status, body = post(tomas, unit, "itad_destroy", **told, before=photo("a.jpg"))
    assert status == 422
    assert "photo is missing" in body
    status, body = post(
        tomas, unit, "itad_destroy", **told, before=photo("a.jpg"), after=SimpleUploadedFile("b.jpg", b"no")
    )
    assert status == 422
    assert post(tomas, unit, "itad_destroy", **told, before=photo("a.jpg"), after=photo("b.jpg"))[0] == 200
    assert "nobody witnesses their own" in page(tomas, unit)
    sofia = as_(client, cast, "sofia")
    assert "I saw it destroyed" in page(sofia, unit)
    assert post(sofia, unit, "itad_witness")[0] == 200
    assert state(unit) == State.TO_RECYCLE


def test_supervised_work_is_asked_for_and_allowed_on_the_page(cast: Cast, unit: Device, client: Client) -> None:
    cage(cast)
    tomas = as_(client, cast, "tomas")
    assert "Ask for supervised work" in page(tomas, unit)
    told = {"kind": "repair_to_erase", "reason": "dead screen", "place": "CAGE-1"}
    assert post(tomas, unit, "itad_ask_exception", **told)[0] == 200
    row = SupervisedException.objects.get()
    assert post(tomas, unit, "itad_allow_exception", exception=row.pk)[0] == 409
    assert post(as_(client, cast, "sofia"), unit, "itad_allow_exception", exception=row.pk)[0] == 200
    assert state(unit) == State.TO_REFURBISH


def test_a_stranger_and_a_rival_are_told_that_there_is_no_such_unit(cast: Cast, unit: Device, client: Client) -> None:
    for name in ("alex", "vera"):
        someone = as_(client, cast, name)
        for route in ("itad_unit", "itad_panel_media", "itad_panel_documents"):
            assert someone.get(reverse(route, args=[unit.tag])).status_code == 404
    client.logout()
    assert client.get(reverse("itad")).status_code == 302


def test_a_client_sees_the_media_of_own_units_and_can_do_nothing_to_them(
    cast: Cast, unit: Device, client: Client
) -> None:
    Device.objects.filter(pk=unit.pk).update(owner=cast.vega)
    vera = as_(client, cast, "vera")
    body = page(vera, unit)
    assert "S4X1" in body
    assert "Begin the wipe" not in body
    assert "Begonnen" not in body
    assert post(vera, unit, "itad_begin", medium=medium_of(unit).pk)[0] == 403


def test_a_job_of_another_unit_can_not_be_reached_through_this_one(cast: Cast, unit: Device, client: Client) -> None:
    other = waiting(cast, serial="PF1ABCDK", drive="OTHER1")
    (job,) = sanitization.require(unit=other, by=cast.tomas, at=clock.now())
    assert post(as_(client, cast, "tomas"), unit, "itad_give_up", job=job.pk, reason="x")[0] == 404
    assert post(as_(client, cast, "tomas"), unit, "itad_give_up", job="nothing", reason="x")[0] == 404


@pytest.mark.parametrize("tab", ["wipe", "verify", "destroy", "decide", "donate", "deploy", "nonsense"])
def test_every_tab_of_the_worklist_opens(cast: Cast, unit: Device, client: Client, tab: str) -> None:
    assert as_(client, cast, "aisha").get(reverse("itad"), {"tab": tab, "level": "clear"}).status_code == 200


def test_a_list_of_a_client_is_taken_in_by_the_planner(cast: Cast, client: Client) -> None:
    henrik = as_(client, cast, "henrik")
    assert henrik.get(reverse("itad_intake")).status_code == 200
    told = {"client": "demo", "hub": "rotterdam", "contract": "MSA-7", "here": "1", "list": "serial;class\nPF9;boat\n"}
    answer = henrik.post(reverse("itad_intake"), told)
    assert answer.status_code == 422
    assert "line 2: there is no class boat" in answer.content.decode()
    assert not Device.objects.exists()
    told["list"] = "serial;manufacturer;model;class\nPF900001;Lenovo;T480;laptop\n"
    assert henrik.post(reverse("itad_intake"), told).status_code == 302
    assert Device.objects.get().owner == cast.vega
    assert as_(client, cast, "vera").get(reverse("itad_intake")).status_code == 403


def test_an_owner_chooses_a_policy_and_nobody_elses(cast: Cast, client: Client) -> None:
    vera = as_(client, cast, "vera")
    assert vera.get(reverse("itad_policies")).status_code == 200
    told = {"owner": "demo", "policy": "purge-before-reuse/1", "reason": "our rules"}
    assert vera.post(reverse("itad_policies"), told).status_code == 302
    assert vera.post(reverse("itad_policies"), told | {"owner": "altair"}).status_code == 422
    assert as_(client, cast, "ines").post(reverse("itad_policies"), told).status_code == 403


def test_a_custody_report_is_asked_for_on_the_page(cast: Cast, unit: Device, client: Client) -> None:
    noor = as_(client, cast, "noor")
    assert post(noor, unit, "itad_custody_report")[0] == 200
    reactions.drain(at=clock.now())
    assert Document.objects.get().kind == "chain_of_custody"
