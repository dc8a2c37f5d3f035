"""Where a person begins: each page for those who may open it, and nothing for the others."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories.itad import picture


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def test_the_address_alone_leads_to_ones_work(cast: Cast) -> None:
    assert signed_in(cast, "ravi").get("/").headers["Location"] == reverse("my_work")
    assert Client().get("/").headers["Location"] == reverse("welcome")


def test_my_work_counts_what_waits_for_these_hands(cast: Cast) -> None:
    make.laptop(cast)
    make.triaged(cast, serial="TRIAGED1", drive="D9")

    page = signed_in(cast, "ravi").get(reverse("my_work")).content.decode()

    assert "Received" in page
    assert "In triage" in page
    assert "Waiting for wipe" not in page


def test_search_goes_straight_to_the_unit_by_any_of_its_names(cast: Cast) -> None:
    device = make.laptop(cast, serial="PF9XYZ12")
    client = signed_in(cast, "ines")

    for text in (device.tag, device.tag.lower().replace("-", ""), "pf9xyz12", "SPF9XYZ12"):
        answer = client.get(reverse("search"), {"q": text})
        assert answer.status_code == 302, text
        assert answer.headers["Location"] == reverse("unit", args=[device.tag])


def test_search_shows_both_of_two_that_cant_be_told_apart(cast: Cast) -> None:
    one, two = make.laptop(cast, serial="TWIN0001"), make.laptop(cast, serial="TWIN0001")

    page = signed_in(cast, "ines").get(reverse("search"), {"q": "TWIN0001"}).content.decode()

    assert one.tag in page
    assert two.tag in page


def test_a_strangers_unit_is_not_there(cast: Cast) -> None:
    device = make.laptop(cast)

    rival = signed_in(cast, "alex")
    assert rival.get(reverse("unit", args=[device.tag])).status_code == 404
    assert "ThinkPad" not in rival.get(reverse("search"), {"q": device.tag}).content.decode()


@pytest.mark.parametrize("tab", ["story", "grade", "decision", "media", "parts", "money", "documents", "ledger"])
def test_every_part_of_the_unit_page_opens(cast: Cast, tab: str) -> None:
    device = make.triaged(cast)

    answer = signed_in(cast, "maria").get(reverse("unit", args=[device.tag]), {"tab": tab})

    assert answer.status_code == 200
    assert device.tag in answer.content.decode()


def test_the_unit_page_tells_its_story_in_sentences_and_no_codes(cast: Cast) -> None:
    device = make.triaged(cast)

    page = signed_in(cast, "maria").get(reverse("unit", args=[device.tag])).content.decode()

    assert "Storage found: SSD Samsung PM981 S4X1NB0K." in page
    for code in ("IN_TRIAGE", "UNKNOWN", "title_is_ours", "devices.arrived"):
        assert code not in page


def test_a_unit_s_photos_are_shown_to_those_they_are_for(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)
    Device.objects.filter(pk=device.pk).update(owner=cast.vega)
    kept = artifacts.keep_photo(picture(), at=at)
    staff = artifacts.attach(kept, chain=device.id, use="photo_bay", by=cast.tomas, at=at)
    everyones = artifacts.attach(kept, chain=device.id, use="photo_front", audience="client", by=cast.tomas, at=at)

    def seen(name: str) -> tuple[bool, bool]:
        client, shown = signed_in(cast, name), []
        page = client.get(reverse("unit", args=[device.tag])).content.decode()
        for row in (staff, everyones):
            address = reverse("unit_photo", args=[device.tag, row.pk])
            answer = client.get(address)
            assert (address in page) == (answer.status_code == 200)
            assert answer.status_code in {200, 404}
            if answer.status_code == 200:
                assert (answer["Content-Type"], answer.content[:2]) == ("image/jpeg", b"\xff\xd8")
            shown.append(answer.status_code == 200)
        return shown[0], shown[1]

    assert seen("maria") == (True, True)
    assert seen("vera") == (False, True)
    assert seen("alex") == (False, False)


def test_the_chain_can_be_verified_and_exported_from_the_page(cast: Cast) -> None:
    device = make.triaged(cast)
    client = signed_in(cast, "maria")

    assert "holds" in client.post(reverse("unit_verify", args=[device.tag])).content.decode()
    export = client.get(reverse("unit_export", args=[device.tag]))
    if export.status_code == 200:
        from revlog.custody import verifier

        assert verifier.verify(verifier.parse_export(export.content)) == []


def test_a_hold_is_placed_with_a_reason_and_released_by_another(cast: Cast) -> None:
    device = make.laptop(cast)
    lead = signed_in(cast, "aisha")

    lead.post(reverse("unit_hold", args=[device.tag]), {"kind": "fraud", "reason": "serial was never sold"})
    device.refresh_from_db()
    assert device.holds == [HoldKind.FRAUD.value]

    refused = lead.post(reverse("unit_release", args=[device.tag]), {"kind": "fraud", "reason": "fine"}, follow=True)
    assert "nobody releases a hold that they placed" in refused.content.decode()

    signed_in(cast, "maria").post(
        reverse("unit_release", args=[device.tag]), {"kind": "fraud", "reason": "receipt seen"}
    )
    device.refresh_from_db()
    assert device.holds == []


def test_a_hold_without_a_reason_is_refused_aloud(cast: Cast) -> None:
    device = make.laptop(cast)

    page = signed_in(cast, "aisha").post(
        reverse("unit_hold", args=[device.tag]), {"kind": "fraud", "reason": " "}, follow=True
    )

    assert "Say why it is held" in page.content.decode()
    assert Device.objects.get(pk=device.pk).holds == []


def test_exceptions_show_what_is_held(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    signed_in(cast, "aisha").post(reverse("unit_hold", args=[device.tag]), {"kind": "legal", "reason": "matter 14"})

    page = signed_in(cast, "maria").get(reverse("exceptions")).content.decode()

    assert device.tag in page
    assert "matter 14" in page
    assert "Legal hold" in page


def test_a_queue_opens_from_the_search_page(cast: Cast) -> None:
    device = make.triaged(cast)

    page = signed_in(cast, "maria").get(reverse("search"), {"state": State.IN_TRIAGE.value}).content.decode()

    assert device.tag in page


def test_the_demo_pages_are_there_without_signing_in(cast: Cast) -> None:
    for route in ("welcome", "demo_codes", "demo_mailbox"):
        assert Client().get(reverse(route)).status_code == 200


def test_healthz_names_each_part(cast: Cast) -> None:
    told = Client().get("/healthz").json()

    assert told["database"] == "ok"
    assert told["broker"] == "ok"
    assert set(told) == {"status", "database", "broker", "worker", "ledger"}
