"""The one box: any code is answered by what to do next with the thing, and what was done a moment ago can be taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from refurb.models import Part
from returns.models import RmaStatus
from revlog.accounts import gate
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import Device, Hold
from revlog.scanning.models import Hand
from tests.cast import PIN, Cast
from tests.factories import devices, returns

HTMX = {"HTTP_HX_REQUEST": "true"}
SCAN_QUERIES = 9
"""Questions of one scan of a unit's tag to its answer, hand and last line written: may only shrink (goals S8).

A kind that is asked before units are doesn't ask for what is a unit's tag.
"""


@pytest.fixture
def aisha(cast: Cast, client: Client) -> Client:
    client.force_login(cast.user("aisha"))
    return client


def scan(client: Client, code: str, **headers: str) -> HttpResponse:
    return client.post("/floor/scan", {"code": code}, **HTMX, **headers)  # type: ignore[arg-type, return-value]


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def primary(answer: HttpResponse) -> str:
    """The words of the biggest button."""
    marked = [one for one in words(answer).split("<form")[1:] if "data-primary" in one]
    assert len(marked) <= 1
    links = [one for one in words(answer).split("<a ")[1:] if "data-primary" in one.split("</a>")[0]]
    return marked[0] if marked else links[0] if links else ""


def kinds(device: Device) -> list[str]:
    return list(Entry.objects.filter(chain_id=device.pk).order_by("sequence").values_list("kind", flat=True))


# Any code ---------------------------------------------------------------------------------------------------------------------------


def test_whatever_is_scanned_the_answer_is_what_it_is_and_what_comes_next(cast: Cast, aisha: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    parcel = rma.parcel_links.get().parcel
    laptop = devices.laptop(cast, serial="PF7AAAAA")
    in_triage = devices.triaged(cast, serial="PF7BBBBB")
    Part.objects.create(
        hub=cast.rotterdam, number="01YR466", name="Battery 24 Wh", quantity=3, cost=Decimal(20), bin="P-3",
        created_at=clock.now(),
    )  # fmt: skip

    assert "Begin triage" in primary(scan(aisha, laptop.tag))
    assert "Test it and look at it" in primary(scan(aisha, "TRIAGE"))
    assert aisha.post("/triage/floor/begin/", {"unit": laptop.tag}, **HTMX).status_code == 409  # type: ignore[arg-type]
    assert "Test it and look at it" in primary(scan(aisha, "pf7bbbbb"))
    assert in_triage.tag in words(scan(aisha, "[)>{RS}06{GS}1PT480{GS}SPF7BBBBB{RS}{EOT}"))
    assert f'value="{parcel.tracking}"' in primary(scan(aisha, parcel.tracking))
    assert "1 thing expected" in words(scan(aisha, rma.number.lower()))
    order = scan(aisha, rma.order.number)  # type: ignore[union-attr]
    assert "Something of it came back" in primary(order)
    part = words(scan(aisha, "01yr466"))
    assert "Battery 24 Wh" in part
    assert "3 free" in part
    assert "P-3" in part


def test_receiving_begins_from_the_answer_and_takes_the_next_scans(cast: Cast, aisha: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    parcel = rma.parcel_links.get().parcel

    taken = aisha.post("/floor/scan", {"code": parcel.tracking, "job": "receive"}, **HTMX)  # type: ignore[arg-type]
    new = scan(aisha, "NEVERSEEN77")
    thing = scan(aisha, "PF1ABCDE")

    assert "Parcel taken in" in words(taken)
    assert 'id="tally"' in words(taken)
    assert "Received" in words(thing)  # the job opened a session: no press is needed
    assert Hand.objects.get().open["job"] == "receive"
    assert 'id="floor-jobs" hx-swap-oob="true"' in words(taken)
    assert "floor-jobs" not in words(thing)
    assert "Still expected" in words(new)
    assert "PF1ABCDE was sold, this is NEVERSEEN77." in words(new)
    assert "Look for it by name" in words(new)
    assert "Done with: Receiving" in words(scan(aisha, "DONE"))
    assert "Open its page" in words(scan(aisha, devices.laptop(cast, serial="PF7AAAAA").tag))
    rma.refresh_from_db()
    assert rma.status == RmaStatus.ARRIVED


def test_a_job_is_not_begun_by_those_who_may_not_do_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("ravi"))

    for sent in ({"code": "RECEIVE"}, {"code": "X", "job": "receive"}):
        refused = client.post("/floor/scan", sent, **HTMX)  # type: ignore[arg-type]
        assert refused.status_code == 403
        assert "receive parcels and units at the dock" in words(refused)
    assert "RECEIVE" not in words(client.get("/floor/commands/"))


# Codes that went wrong --------------------------------------------------------------------------------------------------------------


def test_a_french_keyboard_is_told_with_the_thing_that_was_meant(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast, serial="PF7AQ123")

    answer = scan(aisha, 'PFèQA&é"')

    assert "keyboard is set to French: set it to US." in words(answer)
    assert 'data-tone="attention"' in words(answer)
    assert laptop.tag in words(answer)


def test_half_a_code_is_told_as_half_and_what_begins_like_it_is_offered(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast, serial="PF7AAAAA")

    half = scan(aisha, laptop.tag[:7])
    of_serial = scan(aisha, "PF7AAA")
    nothing = scan(aisha, "QWERTZUIOP")

    assert "Half a code" in words(half)
    assert laptop.tag in words(half)
    assert "Nobody knows this code" in words(of_serial)
    assert reverse("unit", args=[laptop.tag]) in words(of_serial)
    assert "Nobody knows this code" in words(nothing)
    assert "search" in words(nothing)


def test_the_trigger_pulled_twice_counts_once_and_a_request_sent_again_is_no_second_pull(
    cast: Cast, aisha: Client
) -> None:
    laptop = devices.laptop(cast)
    first = scan(aisha, laptop.tag, HTTP_IDEMPOTENCY_KEY="a" * 32)
    again = scan(aisha, laptop.tag.lower(), HTTP_IDEMPOTENCY_KEY="b" * 32)
    lines = len(Hand.objects.get().recent)
    resent = scan(aisha, laptop.tag, HTTP_IDEMPOTENCY_KEY="b" * 32)
    later = {"HTTP_ACT_AT": (clock.now() + timedelta(seconds=2)).isoformat()}
    third = scan(aisha, laptop.tag, HTTP_IDEMPOTENCY_KEY="c" * 32, **later)

    assert first.headers.get("HX-Reswap") is None
    assert again.headers["HX-Reswap"] == "none"
    assert "Scanned twice" in words(again)
    assert lines == 1
    assert laptop.tag in words(resent)
    assert laptop.tag in words(third)


# Persons ----------------------------------------------------------------------------------------------------------------------------


def test_at_a_shared_tablet_a_badge_switches_the_person_and_each_has_a_hand_of_their_own(
    cast: Cast, client: Client
) -> None:
    made = cast.station("Dock 2")
    client.cookies[gate.STATION_COOKIE] = made.token
    cache.clear()
    client.post("/station/?next=/floor/", {"badge": cast.badge("ines"), "pin": PIN})
    scan(client, "RECEIVE")

    own = scan(client, cast.badge("ines"))
    other = scan(client, cast.badge("aisha").lower())

    assert "You are signed in here." in words(own)
    page = other.headers["HX-Redirect"]
    assert cast.badge("aisha") in page
    assert client.post(page, {"badge": cast.badge("aisha"), "pin": PIN}).headers["Location"] == "/floor/"
    scan(client, devices.laptop(cast).tag)
    jobs = {hand.person.name: hand.open.get("job") for hand in Hand.objects.select_related("person")}
    assert jobs == {"Ines Duarte": "receive", cast.aisha.name: None}
    assert "Receiving" not in words(client.get("/floor/")).split("<h1")[1].split("</h1>")[0]


def test_each_browser_of_a_person_has_a_hand_of_its_own(cast: Cast, aisha: Client) -> None:
    other = Client()
    other.force_login(cast.user("aisha"))

    page = aisha.get("/floor/")
    other.get("/floor/")
    scan(aisha, "RECEIVE")
    scan(other, devices.laptop(cast).tag)

    told = page.cookies["revlog_tablet"]
    assert told["samesite"] == "Lax"
    assert (
        Hand.objects.get(open__job="receive").tablet
        == told.value
        != Hand.objects.exclude(tablet=told.value).get().tablet
    )
    assert "revlog_tablet" not in aisha.get("/floor/").cookies


# Commands and undo ------------------------------------------------------------------------------------------------------------------


def test_a_hold_is_two_commands_and_its_undo_corrects_it_by_an_entry_of_its_own(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast)
    assert scan(aisha, "HOLD").status_code == 404
    scan(aisha, laptop.tag)
    assert "HOLD SAFETY" in words(scan(aisha, "hold"))

    held = scan(aisha, "HOLD SAFETY")
    laptop.refresh_from_db()
    assert laptop.holds == ["safety"]
    assert f"{laptop.tag} held" in words(held)
    # It stays offered while other things are scanned.
    assert "data-undo" in words(scan(aisha, laptop.tag))
    back = scan(aisha, "UNDO")

    laptop.refresh_from_db()
    assert "Hold taken back" in words(back)
    assert laptop.holds == []
    assert Hold.objects.get().released_at is not None
    placed, taken_back = Entry.objects.filter(chain_id=laptop.pk).order_by("-sequence")[:2][::-1]
    assert taken_back.kind == "devices.hold_taken_back"
    assert taken_back.payload["corrects"] == placed.digest
    assert "There is nothing to undo" in words(scan(aisha, "UNDO"))


def test_what_went_on_since_or_was_anothers_is_not_undone(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast)
    scan(aisha, laptop.tag)
    token = words(scan(aisha, "HOLD DATA")).split('name="token" value="')[1].split('"')[0]
    ines = Client()
    ines.force_login(cast.user("ines"))

    others = ines.post("/floor/undo", {"token": token}, **HTMX)  # type: ignore[arg-type]
    forged = aisha.post("/floor/undo", {"token": token[:-2] + "xx"}, **HTMX)  # type: ignore[arg-type]
    scan(aisha, "HOLD SAFETY")
    late = aisha.post("/floor/undo", {"token": token}, **HTMX)  # type: ignore[arg-type]

    assert "Only the one who did it" in words(others)
    assert "too late" in words(forged)
    assert late.status_code == 409
    assert "Something happened to" in words(late)
    laptop.refresh_from_db()
    assert laptop.holds == ["data", "safety"]


def test_a_grade_is_given_by_command_where_what_is_known_gives_it(cast: Cast, client: Client) -> None:
    laptop = devices.triaged(cast)
    client.force_login(cast.user("ravi"))
    scan(client, laptop.tag)

    answer = scan(client, "GRADE A")

    assert "By the rules it is" in words(answer)
    assert not any(kind.endswith(".graded") for kind in kinds(laptop))


def test_the_sheet_has_the_codes_of_those_who_print_it(cast: Cast, aisha: Client) -> None:
    sheet = words(aisha.get("/floor/commands/"))

    for code in ("RECEIVE", "HOLD SAFETY", "UNDO", "EMPTY", "DAMAGED"):
        assert f">{code}<" in sheet, code
    assert "data:image/svg+xml" in sheet


def test_the_last_ones_stand_below_with_their_tone(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast)
    scan(aisha, laptop.tag)
    scan(aisha, "HOLD DATA")
    scan(aisha, "HOLD NOTHING")

    foot = words(aisha.get("/floor/")).split('id="recent"')[1]

    assert foot.index("Nobody knows this code") < foot.index(f"{laptop.tag} On hold") < foot.rindex(laptop.tag)


# Speed ------------------------------------------------------------------------------------------------------------------------------


def test_a_scan_asks_the_database_no_more_than_before(cast: Cast, aisha: Client) -> None:
    laptop = devices.laptop(cast)
    scan(aisha, laptop.tag)
    scan(aisha, "PF1ABCDE")

    with CaptureQueriesContext(connection) as asked:
        scan(aisha, laptop.tag)

    assert len(asked) <= SCAN_QUERIES, [one["sql"][:120] for one in asked]
