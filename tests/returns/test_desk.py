"""The desk's pages: found, shown, helped, closed; for those who may, and nothing of anybody else's."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from returns import finding
from returns.models import Result, Rma, SupportCase
from returns.queries import inbox
from returns.services import desk, talking
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.terms.models import OrderLine, WarrantyKind
from revlog.terms.services import orders, warranties
from tests.cast import Cast
from tests.factories import desk as desks
from tests.factories import devices as make
from tests.factories import returns, terms

pytestmark = pytest.mark.django_db


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def orla(cast: Cast) -> Actor:
    return people.actor_of(cast.user("orla"), at=clock.now())


def kims(cast: Cast) -> Rma:
    return returns.rma(cast, order=terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now()), at=clock.now())


# Finding ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["kim@example.com", " KIM@Example.com ", "kim@", "jansen", "PS-1001", "#ps-1001", "PX0001", "px0001"]
)
def test_a_customer_is_found_by_whatever_they_can_say(cast: Cast, asked: str) -> None:
    terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now())
    terms.order(cast, "PS-2", terms.laptop_line(), at=clock.now(), email="lee@example.com", name="Lee Wong")

    found = finding.find(asked, cast.sam)

    assert [one.contact.email for one in found] == ["kim@example.com"]
    assert found[0].newest is not None


def test_they_are_found_by_numbers_of_ours_and_by_tag(cast: Cast) -> None:
    rma = kims(cast)
    case = desks.case(cast, rma.order, at=clock.now())
    device = make.laptop(cast, serial="PFSOLD01")
    terms.order(cast, "PS-7", terms.laptop_line(serials=("PFSOLD01",)), at=clock.now(), email="lee@example.com")

    for asked, email in (
        (rma.number, "kim@example.com"),
        (case.number, "kim@example.com"),
        (device.tag, "lee@example.com"),
    ):
        assert [one.contact.email for one in finding.find(asked, cast.sam)] == [email], asked


def test_one_person_with_many_orders_is_one_customer(cast: Cast) -> None:
    for number in range(4):
        terms.order(cast, f"PS-{number}00", desks.phone_line(serials=(f"PX{number}00",)), at=clock.now())

    found = finding.find("kim@example.com", cast.sam)

    assert [(one.orders) for one in found] == [4]


def test_nobody_finds_whom_they_do_not_serve(cast: Cast) -> None:
    rma = kims(cast)
    order = terms.order(
        cast, "VG-1", terms.laptop_line(serials=("PFVEGA01",)), seller=cast.vega, at=clock.now(), email="vic@example.com",
        name="Vic Vega",
    )  # fmt: skip
    vic = returns.rma(cast, order=order, at=clock.now())
    desks.case(cast, order, at=clock.now())
    by = orla(cast)

    for asked in ("vic@example.com", "vic@", "vega", "VG-1", "PFVEGA01", vic.number):
        assert len(finding.find(asked, cast.sam)) == 1, asked
        assert finding.find(asked, by) == [], asked
    assert [one.contact.pk for one in finding.find("kim@example.com", by)] == [rma.contact_id]
    assert finding.find("ki", cast.sam) == []
    assert finding.find("kim@example.com", people.guest({f"order:{rma.order_id}"})) == []


def test_the_same_e_mail_at_two_sellers_shows_each_desk_its_own(cast: Cast) -> None:
    mine = terms.order(cast, "PS-1", desks.phone_line(), at=clock.now())
    other = terms.order(cast, "VG-1", terms.laptop_line(serials=("PFV1",)), seller=cast.vega, at=clock.now())
    client = as_(cast, "orla")

    page = client.get(f"/desk/customer/{mine.contact_id}/").content.decode()

    assert "PS-1" in page
    assert "VG-1" not in page
    assert client.get(f"/desk/customer/{other.contact_id}/").status_code == 404
    both = as_(cast, "sam").get(f"/desk/customer/{mine.contact_id}/").content.decode()
    assert "VG-1" in both


def test_a_search_stands_in_no_address_and_no_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    kims(cast)
    terms.order(cast, "PS-2", terms.laptop_line(), at=clock.now(), email="kimberly@example.com", name="Kim Berly")
    client = as_(cast, "sam")

    with caplog.at_level(logging.DEBUG):
        one = client.post("/desk/find", {"q": "kim@example.com"})
        many = client.post("/desk/find", {"q": "kim"})

    assert one.status_code == 302
    assert "example" not in one["Location"]
    assert "kimberly@example.com" in many.content.decode()
    assert "no-store" in many["Cache-Control"]
    assert "kim@example.com" not in "".join(
        record.getMessage()
        for record in caplog.records
        if "sql" not in record.name and not record.name.startswith("django.db")
    )
    # An address with a search in it finds nothing.
    assert "Kim Jansen" not in client.get("/desk/find?q=kim@example.com").content.decode()


def test_the_forms_carry_the_token_that_posting_asks_for(cast: Cast) -> None:
    kims(cast)
    case = desks.case(
        cast, terms.order(cast, "PS-2", desks.phone_line(serials=("PX2",)), at=clock.now()), at=clock.now()
    )
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.user("sam"))

    for path in (
        "/desk/",
        "/desk/find",
        f"/desk/customer/{case.contact_id}/",
        f"/desk/case/{case.number}/",
        f"/returns/new/?case={case.number}",
    ):
        page = client.get(path).content.decode()
        forms = [form for form in page.split("<form")[1:] if 'method="post"' in form.split(">", 1)[0]]
        assert forms, path
        assert all("csrfmiddlewaretoken" in form.split("</form>")[0] for form in forms), path


# Pages ------------------------------------------------------------------------------------------------------------------------------


def test_who_may_open_the_desk(cast: Cast) -> None:
    order = terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now())
    case = desks.case(cast, order, at=clock.now())
    paths = (
        "/desk/", "/desk/find", "/desk/cases/", f"/desk/customer/{order.contact_id}/", f"/desk/order/{order.pk}/",
        f"/desk/line/{order.lines.get().pk}/", f"/desk/case/{case.number}/",
    )  # fmt: skip

    for name, status in (
        ("sam", 200),
        ("maria", 200),
        ("orla", 200),
        ("ines", 403),
        ("remco", 403),
        ("vera", 403),
        ("noor", 403),
    ):
        client = as_(cast, name)
        for path in paths:
            assert client.get(path).status_code == status, (name, path)
    assert Client().get("/desk/").status_code == 302


def test_a_stranger_s_things_are_not_there(cast: Cast) -> None:
    order = terms.order(cast, "VG-1", desks.phone_line(), seller=cast.vega, at=clock.now())
    case = desks.case(cast, order, at=clock.now())
    client = as_(cast, "orla")
    key = order.lines.get().pk

    for path in (
        f"/desk/customer/{order.contact_id}/",
        f"/desk/order/{order.pk}/",
        f"/desk/line/{key}/",
        f"/desk/case/{case.number}/",
    ):
        assert client.get(path).status_code == 404, path
    for act in ("note", "about", "begin", "answer", "close"):
        assert client.post(f"/desk/case/{case.number}/{act}", {"line": str(key)}).status_code == 404, act
    assert client.post(f"/desk/customer/{order.contact_id}/case", {"channel": "call"}).status_code == 404
    mine = terms.order(cast, "PS-1", desks.phone_line(serials=("PX9",)), at=clock.now())
    told = {"channel": "call", "line": str(key)}
    assert client.post(f"/desk/customer/{mine.contact_id}/case", told).status_code == 404
    assert client.get(f"/desk/line/{mine.lines.get().pk}/?case={case.number}").status_code == 200
    assert "/desk/case/" not in client.get(f"/desk/line/{mine.lines.get().pk}/?case={case.number}").content.decode()


def test_the_customer_page_says_what_there_is_in_a_bounded_number_of_queries(cast: Cast) -> None:
    now = clock.now()
    for number in range(12):
        order = terms.order(cast, f"PS-{number}00", desks.phone_line(serials=(f"PX{number}00",)), at=now)
        returns.rma(cast, order=order, at=now)
        desks.case(cast, order, at=now)
        warranties.grant(
            order_line=order.lines.get(),
            kind=WarrantyKind.COMMERCIAL,
            months=24,
            starts_on=now.date(),
            by=cast.sam,
            at=now,
        )
    client = as_(cast, "sam")
    client.get("/desk/")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get(f"/desk/customer/{order.contact_id}/").content.decode()

    assert len(asked) <= 60
    assert page.count("PS-") >= 12
    assert "Kim Jansen" in page
    assert "It was announced already." in page
    with CaptureQueriesContext(connection) as home:
        client.get("/desk/")
    assert len(home) <= 25


def test_a_call_from_search_to_fixed(cast: Cast) -> None:
    now = clock.now()
    order = terms.order(cast, "PS-1001", desks.phone_line(), at=now)
    key = str(order.lines.get().pk)
    client = as_(cast, "sam")

    customer = client.post("/desk/find", {"q": "PS-1001"})["Location"]
    assert "may come back until" in client.get(customer).content.decode()
    opened = client.post(f"{customer}case", {"channel": "call", "line": key, "note": "It stays dark."})
    here = opened["Location"]
    assert "It stays dark." in client.get(here).content.decode()
    client.post(f"{here}begin", {"reason": "POWER"})
    for node, option in (("safe", "no"), ("first", "yes")):
        client.post(f"{here}answer", {"node": node, "option": option})
    page = client.get(here).content.decode()
    assert "Leave it charging for 10 minutes" in page
    client.post(f"{here}answer", {"node": "press", "option": "works"})
    assert "Close as fixed" in client.get(here).content.decode()
    client.post(f"{here}answer", {"back": "1"})
    assert "Close as fixed" not in client.get(here).content.decode()
    client.post(f"{here}answer", {"node": "press", "option": "works"})
    assert client.post(f"{here}close", {"result": "fixed"}).status_code == 302

    case = SupportCase.objects.get()
    assert (case.result, case.minutes) == ("fixed", 1)
    home = client.get("/desk/").content.decode()
    assert "Fixed without a return" in home
    assert "Contacts for 100 returns" in home
    assert client.post(f"{here}note", {"text": "More"}).status_code == 409


def test_a_call_that_ends_in_a_return_filled_in_by_its_steps(cast: Cast) -> None:
    order = terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now())
    key = str(order.lines.get().pk)
    client = as_(cast, "sam")
    case = desks.case(cast, order, at=clock.now())
    here = f"/desk/case/{case.number}/"
    client.post(f"{here}begin", {"reason": "POWER"})
    for node, option in (("safe", "no"), ("first", "yes"), ("press", "same"), ("force", "black")):
        client.post(f"{here}answer", {"node": node, "option": option})
    assert "Announce the return" in client.get(here).content.decode()

    form = client.get(f"/returns/new/?case={case.number}").content.decode()
    assert 'value="DISPLAY" selected' in form
    done = client.post(
        "/returns/new/",
        {
            "case": case.number,
            "order": "PS-1001",
            "lines": key,
            f"{key}-quantity": "1",
            f"{key}-reason": "DISPLAY",
            f"{key}-wanted": "repair",
        },
    )

    assert done["Location"] == here
    case.refresh_from_db()
    assert case.rma is not None
    assert case.rma.opened_by == cast.sam.reference
    page = client.get(here).content.decode()
    assert case.rma.number in page
    assert client.post(f"{here}close", {"result": "rma_opened"}).status_code == 302
    # The return's own page says what support spent on it; to those at the desk alone.
    path = f"/returns/{case.rma.number}/"
    assert "1 minute · 0.50" in client.get(path).content.decode()
    assert case.number not in as_(cast, "ines").get(path).content.decode()


def test_what_is_not_safe_is_said_as_a_stop(cast: Cast) -> None:
    case = desks.case(cast, terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now()), at=clock.now())
    client = as_(cast, "sam")
    client.post(f"/desk/case/{case.number}/begin", {"reason": "BATTERY"})
    client.post(f"/desk/case/{case.number}/answer", {"node": "safe", "option": "yes"})

    page = client.get(f"/desk/case/{case.number}/").content.decode()

    assert "Stop. Don&#x27;t charge it" in page
    assert client.post(f"/desk/case/{case.number}/close", {"result": "fixed"}).status_code == 409


@pytest.mark.parametrize(
    ("days", "reason", "says"),
    [
        (5, "CHANGED_MIND", "Money back"),
        (5, "POWER", "Repair"),
        (400, "CHANGED_MIND", "Nothing by the rules"),
        (400, "POWER", "Repair"),
    ],
)
def test_a_line_says_what_may_be_had_and_why_not(cast: Cast, days: int, reason: str, says: str) -> None:
    now = clock.now()
    order = terms.order(cast, "PS-1001", desks.phone_line(), at=now, days=days)
    line: OrderLine = order.lines.get()
    warranties.grant(
        order_line=line,
        kind=WarrantyKind.COMMERCIAL,
        months=36,
        starts_on=now.date() - timedelta(days=days),
        by=cast.sam,
        at=now,
    )

    page = as_(cast, "sam").get(f"/desk/line/{line.pk}/?reason={reason}").content.decode()

    assert says in page
    assert "Guarantee by law" in page
    assert "Warranty" in page


def test_a_case_is_refused_without_a_channel_and_closed_with_wrong_minutes(cast: Cast) -> None:
    order = terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now())
    client = as_(cast, "sam")
    page = f"/desk/customer/{order.contact_id}/"
    assert client.post(f"{page}case", {"channel": "pigeon"}).status_code == 422
    assert client.post(f"{page}case", {"channel": "call", "line": "nothing"}).status_code == 404
    here = client.post(f"{page}case", {"channel": "chat"})["Location"]
    assert client.post(f"{here}close", {"result": "gone"}).status_code == 422
    assert client.post(f"{here}close", {"result": "information", "minutes": "ten"}).status_code == 422
    assert client.post(f"{here}close", {"result": "information", "minutes": "9"}).status_code == 409
    assert (
        client.post(f"{here}close", {"result": "information", "minutes": "9", "why": "A long talk."}).status_code == 302
    )
    assert SupportCase.objects.get().cost == Decimal("4.50")


def test_home_shows_what_waits_and_leaves_what_i_opened_to_others(cast: Cast) -> None:
    now = clock.now()
    rma = kims(cast)
    talking.write(rma, text="Where is my label?", key=ids.new(now), by=people.guest({f"rma:{rma.pk}"}), at=now)
    own = returns.rma(
        cast,
        order=terms.order(cast, "PS-5", desks.phone_line(serials=("PX5",)), at=now),
        by=cast.sam,
        at=now,
        reason="BURN",
    )
    other = returns.rma(
        cast, order=terms.order(cast, "PS-6", desks.phone_line(serials=("PX6",)), at=now), at=now, reason="BURN"
    )
    desks.case(cast, rma.order, at=now)

    page = as_(cast, "sam").get("/desk/").content.decode()

    assert rma.number in page
    assert "1 message" in page
    assert other.number in page
    assert own.number not in page
    assert SupportCase.objects.get().number in page


def test_a_case_left_open_is_an_exception_until_it_is_closed(cast: Cast) -> None:
    now = clock.now()
    case = desks.case(cast, terms.order(cast, "PS-1001", desks.phone_line(), at=now), at=now - timedelta(hours=30))

    assert [row.thing for row in inbox.exceptions(cast.sam, at=now) if row.kind == "case_waiting"] == [case.number]
    desk.close(case, result=Result.INFORMATION, by=cast.sam, at=now)
    assert [row for row in inbox.exceptions(cast.sam, at=now) if row.kind == "case_waiting"] == []


def test_an_erased_customer_is_shown_as_such_and_their_case_can_be_closed(cast: Cast) -> None:
    now = clock.now()
    case = desks.case(cast, terms.order(cast, "PS-1001", desks.phone_line(), at=now), at=now, note="Kim is cross.")
    orders.erase_contact(case.contact_id, by=cast.admin, at=now)
    client = as_(cast, "sam")

    page = client.get(f"/desk/case/{case.number}/").content.decode()
    assert "Erased on request" in page
    assert "Kim Jansen" not in page
    assert "Erased on request" in client.get(f"/desk/customer/{case.contact_id}/").content.decode()
    assert client.post(f"/desk/case/{case.number}/close", {"result": "information"}).status_code == 302
