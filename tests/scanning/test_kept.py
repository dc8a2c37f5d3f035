"""Acts under a key: done once, in order, with the time at which they were made; what can't be done is kept with both stories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from revlog.accounts import actors, gate
from revlog.accounts.models import Badge, Hub
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.services import moves, standing
from revlog.scanning import conflicts, kept, registry
from revlog.scanning.answers import Answer
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.models import Act, ActFile, Hand
from revlog.storage.models import Count
from revlog.storage.services import places as putting
from revlog.storage.services.counts import walking
from tests.cast import Cast
from tests.factories import devices, storage
from tests.factories.tablets import Tablet, outcome

PHOTO = b"\x89PNG\r\n\x1a\nnot much of one"


@pytest.fixture
def tablet(cast: Cast) -> Tablet:
    return Tablet(cast, "aisha")


@pytest.fixture
def bins(cast: Cast) -> tuple[str, str]:
    for code in ("K-1", "K-2"):
        Location.objects.create(
            hub=Hub.objects.get(code="rotterdam"), code=code, kind="bin", secured=True, created_at=clock.now()
        )
    return "K-1", "K-2"


def test_an_act_that_is_sent_again_is_answered_as_before_and_done_once(cast: Cast, tablet: Tablet) -> None:
    laptop = devices.laptop(cast)
    tablet.scan(laptop.tag)
    hold = tablet.act(code="HOLD SAFETY")

    first, again = tablet.send(hold), tablet.send(hold)

    assert (outcome(first), outcome(again)) == ("accepted", "repeated")
    assert first.content == again.content
    assert Entry.objects.filter(chain_id=laptop.pk, kind="devices.held").count() == 1
    conflicts.forget(at=clock.now() + timedelta(days=8))
    assert outcome(tablet.send(hold)) == "repeated"
    assert not Act.objects.exclude(body="").exists()
    assert conflicts.forget(at=clock.now() + timedelta(days=91)) > 0


def test_what_was_made_before_comes_first_and_numbers_that_are_lost_are_said(cast: Cast, tablet: Tablet) -> None:
    laptop = devices.laptop(cast)
    tablet.scan(laptop.tag)
    lost, hold = tablet.act(code="X"), tablet.act(code="HOLD SAFETY")

    early = tablet.send(hold)
    told = tablet.send({**lost, "path": "/floor/acts/keep"}, HTTP_ACT_KEEP="lost", HTTP_ACT_PATH="/floor/scan")
    late = tablet.send(hold)

    assert (outcome(early), early.status_code, early.headers["Act-Next"]) == ("wait", 425, "2")
    assert outcome(told) == "held"
    assert outcome(late) == "accepted"
    assert Act.objects.open().get().fields["code"] == ["X"]


def test_an_act_and_what_it_did_are_one_and_a_fault_of_ours_keeps_the_act(
    cast: Cast, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = devices.laptop(cast)
    tablet.scan(laptop.tag)
    entries = Entry.objects.count()
    monkeypatch.setattr(registry, "answer", lambda here, reading: [Entry.objects.all(), here.show("device", 1), 1 / 0])

    tablet.client.raise_request_exception = False
    broken = tablet.scan("HOLD SAFETY")

    assert (outcome(broken), broken.status_code) == ("held", 409)
    assert Entry.objects.count() == entries
    assert Act.objects.open().get().fields["code"] == ["HOLD SAFETY"]
    assert Hand.objects.get().open["last"] == f"device:{laptop.pk}"


def test_what_was_done_without_the_net_happened_when_it_was_done(cast: Cast, tablet: Tablet) -> None:
    laptop = devices.laptop(cast, by=actors.system("test"))
    tablet.scan(laptop.tag, ago=3600)

    held = tablet.scan("HOLD DATA", ago=3590)
    back = tablet.scan("UNDO", ago=3580)

    assert (outcome(held), outcome(back)) == ("accepted", "accepted")
    placed, taken_back = Entry.objects.filter(chain_id=laptop.pk).order_by("-sequence")[:2][::-1]
    assert abs(placed.recorded_at - placed.occurred_at - timedelta(seconds=3590)) < timedelta(seconds=5)
    assert placed.occurred_at < taken_back.occurred_at < clock.now() - timedelta(seconds=3500)


def test_a_thing_that_another_person_moved_since_is_a_conflict_with_both_stories(
    cast: Cast, tablet: Tablet, bins: tuple[str, str]
) -> None:
    laptop = devices.laptop(cast, by=actors.system("test"))
    ines = Tablet(cast, "ines")
    for code in ("PUTAWAY", laptop.tag, bins[1]):
        assert outcome(ines.scan(code)) == "accepted"
    tablet.scan("PUTAWAY", ago=600)
    tablet.scan(laptop.tag, ago=590)

    act = tablet.act(code=bins[0], ago=580)
    told, again = tablet.send(act), tablet.send(act)

    words = " ".join(told.content.decode().split())
    assert (outcome(told), told.status_code, outcome(again)) == ("conflict", 409, "conflict")
    assert "Ines Duarte" in words
    assert f"{bins[0]}</span> · {laptop.tag}" in words
    assert bins[0] in words
    assert bins[1] in words
    assert Device.objects.get(pk=laptop.pk).location.code == bins[1]  # type: ignore[union-attr]
    # Done again now, it is an act like any other and about the laptop of then, whatever is in the hand now; the conflict is settled.
    other = devices.laptop(cast, serial="IN-HAND-NOW", by=actors.system("test"))
    assert outcome(tablet.scan(other.tag)) == "accepted"
    assert outcome(tablet.scan(bins[0], HTTP_ACT_AGAIN=act["HTTP_IDEMPOTENCY_KEY"])) == "accepted"
    assert Act.objects.get(key=act["HTTP_IDEMPOTENCY_KEY"]).settled_how == "again"
    assert outcome(tablet.scan(bins[1])) == "accepted"
    assert [Device.objects.get(pk=one.pk).location.code for one in (laptop, other)] == list(bins)  # type: ignore[union-attr]


def test_another_person_s_acts_wait_and_those_too_old_are_kept_for_a_lead(
    cast: Cast, tablet: Tablet, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tablet.act(code="HOLD SAFETY")
    tablet.client.logout()
    signed_out = tablet.send(own)
    assert signed_out.headers["HX-Redirect"].startswith(reverse("account_login"))
    assert "Act-Outcome" not in signed_out.headers
    assert not Act.objects.exists()
    tablet.client.force_login(cast.user("ines"))
    foreign = tablet.send(own)
    tablet.client.force_login(tablet.person)
    monkeypatch.setattr(kept, "OLDEST", kept.FORM + 1)
    picture = SimpleUploadedFile("a.png", PHOTO, content_type="image/png")
    old = tablet.send({**own, "data": {**own["data"], "photo": picture}})
    monkeypatch.setattr(kept, "OLDEST", kept.FORM)
    ancient = tablet.scan("HOLD DATA", ago=80 * 3600)

    assert (outcome(foreign), foreign.status_code) == ("other-person", 409)
    assert (outcome(old), outcome(ancient)) == ("too-old", "conflict")
    assert "80 hours ago" in ancient.content.decode()
    assert bytes(ActFile.objects.get().content) == PHOTO
    page = reads(client, cast, "maria")
    assert "HOLD SAFETY" in page
    row = Act.objects.get(outcome="too_old")
    shown = client.get(f"/floor/acts/pictures/{row.files.get().pk}")
    assert shown.content == PHOTO
    assert client.post(f"/floor/acts/{row.pk}/resolve", {"why": " "}).status_code == 302
    assert Act.objects.open().count() == 2
    client.post(f"/floor/acts/{row.pk}/resolve", {"why": "Held it by hand"})
    reads(client, cast, "maria")  # what was said of it stands there once
    assert "HOLD SAFETY" not in reads(client, cast, "maria")
    assert "Held it by hand" in client.get("/floor/acts/?status=settled").content.decode()
    # The person lets the other one go; nobody else can.
    key = Act.objects.open().get().key
    client.force_login(cast.user("ines"))
    assert client.post("/floor/acts/give-up", {"act": key}).status_code == 404
    assert tablet.client.post("/floor/acts/give-up", {"act": key}).status_code == 204
    assert not Act.objects.open().exists()


def reads(client: Client, cast: Cast, name: str) -> str:
    client.force_login(cast.user(name))
    return client.get("/floor/acts/").content.decode()


def test_the_app_s_files_open_to_anybody_and_its_page_shows_what_one_scanned_to_nobody(
    cast: Cast, tablet: Tablet, client: Client
) -> None:
    laptop = devices.laptop(cast)
    tablet.scan(laptop.tag)

    worker = client.get("/floor/worker.js")
    manifest = client.get("/manifest.webmanifest").json()
    shell = tablet.client.get("/floor/?shell=1").content.decode()

    assert worker.headers["Service-Worker-Allowed"] == "/"
    assert "javascript" in worker.headers["Content-Type"]
    assert manifest["start_url"] == "/floor/"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert str(tablet.person.pk) in shell
    assert laptop.tag not in shell


def test_a_danger_is_frozen_however_late_and_whatever_others_did_beside_it(cast: Cast, tablet: Tablet) -> None:
    first, mate = devices.laptop(cast, by=actors.system("test")), devices.laptop(cast, serial="PF2BESIDE")
    bin_ = storage.place(cast, "H-1", secured=True)
    for unit in (first, mate):
        putting.put([unit.pk], bin_, by=cast.ines, at=cast.at)
    tablet.scan(first.tag, ago=600)

    answer = tablet.scan("HAZARD", ago=590)

    assert outcome(answer) == "accepted", answer.content.decode()
    assert [Device.objects.get(pk=one.pk).holds for one in (first, mate)] == [["safety"], ["safety"]]


@pytest.mark.parametrize("ago", [0, 600])
@pytest.mark.parametrize("stands", [False, True])
def test_of_a_refusal_nothing_is_kept_but_the_hand_unless_it_says_that_it_stands(
    cast: Cast, tablet: Tablet, monkeypatch: pytest.MonkeyPatch, *, ago: int, stands: bool
) -> None:
    laptop = devices.laptop(cast, by=actors.system("test"))

    def half_done(here: Here, reading: Reading) -> Answer:
        standing.hold(moves.take_one(laptop.pk), HoldKind.SAFETY, reason="half", by=here.by, at=here.at)
        here.keep(last="device:seen")
        return {"tone": "refused", "title": "No", "text": "Not like this.", "stands": stands}

    monkeypatch.setattr(registry, "answer", half_done)
    told = tablet.scan("X", ago=ago)

    assert outcome(told) == ("accepted" if stands else "conflict" if ago else "refused")
    assert Device.objects.get(pk=laptop.pk).holds == (["safety"] if stands else [])
    assert Entry.objects.filter(chain_id=laptop.pk, kind="devices.held").exists() is stands
    assert Act.objects.count() == 1
    assert Hand.objects.get().open["last"] == "device:seen"


def test_a_wrong_pin_counts_whatever_its_request_says_of_itself(cast: Cast, tablet: Tablet) -> None:
    tablet.client.cookies[gate.STATION_COOKIE] = cast.station().token
    badge = cast.badge("ines")
    for ago in (0, 600):
        told = tablet.send(tablet.act(reverse("accounts_station"), ago=ago, badge=badge, pin="0000"))
        assert (told.status_code, "Act-Outcome" in told.headers) == (403, False)
    assert Badge.objects.get(code=badge).wrong_pins == 2
    assert not Act.objects.exists()


def test_what_is_handed_over_is_kept_within_bounds_and_no_outsider_s_files(
    cast: Cast, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_PHOTO", 100)

    def hand_over(by: Tablet, *sizes: int) -> HttpResponse:
        files = [SimpleUploadedFile(f"{size}.png", b"x" * size, "image/png") for size in sizes]
        act = by.act("/floor/acts/keep", code="A\0B", photo=files)
        return by.send(act, HTTP_ACT_KEEP="refused", HTTP_ACT_PATH="/floor/scan")

    # A zero byte is no reason to wait for ever: it would keep back all that was done after it.
    assert outcome(hand_over(tablet, *range(90, 105))) == "held"
    act = Act.objects.get(person=tablet.person)
    assert act.fields == {"code": ["AB"]}
    assert sorted(len(one.content) for one in act.files.all()) == [90, 91, 92, 93, 94, 95]
    assert outcome(hand_over(tablet, 101)) == "held"
    assert outcome(hand_over(Tablet(cast, "vera"), 50)) == "held"
    assert ActFile.objects.count() == 6
    assert [one.fields for one in Act.objects.exclude(person=tablet.person)] == [{}]
    # A page that isn't there is no fault of the platform.
    gone = tablet.send(tablet.act("/floor/acts/keep", code="X"))
    assert (outcome(gone), "isn&#x27;t there any more" in gone.content.decode()) == ("held", True)


def test_a_count_that_the_next_place_closed_is_closed_though_that_one_is_another_s(cast: Cast, tablet: Tablet) -> None:
    first, second = storage.place(cast, "N-1"), storage.place(cast, "N-2")
    walking.begin(second, by=cast.ravi, at=cast.at)
    for code in ("COUNT", first.code):
        assert outcome(tablet.scan(code, ago=600)) == "accepted"

    told = tablet.scan(second.code, ago=590)

    assert (outcome(told), "is being counted by" in told.content.decode()) == ("accepted", True)
    assert Count.objects.get(place=first).state == "done"
