"""What falls due, in a person's own calendar program: by a secret address that ends when it is revoked or its person leaves."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from returns import ics
from returns.models import CalendarFeed
from returns.services import approval
from revlog.accounts import gate
from revlog.accounts.models import AccessChange
from revlog.accounts.queries import guest
from revlog.common import clock
from tests.cast import PIN, Cast
from tests.factories import returns


def unfolded(body: bytes) -> list[str]:
    return body.decode().replace("\r\n ", "").split("\r\n")


@given(st.text(max_size=300))
def test_any_text_is_one_line_folded_by_octets_and_read_back(text: str) -> None:
    told = ics.write([ics.Day("u", date(2026, 12, 31), text)], name="x", at=datetime(2026, 1, 1, tzinfo=UTC))

    assert all(len(line) <= 75 for line in told.split(b"\r\n"))
    (title,) = [line for line in unfolded(told) if line.startswith("SUMMARY:")]
    plain = re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], title.removeprefix("SUMMARY:"))
    assert plain == "".join(one for one in text.replace("\r\n", "\n") if one.isprintable() or one == "\n")
    assert "DTEND;VALUE=DATE:20270101" in unfolded(told)


def test_a_calendar_program_reads_what_falls_due_by_a_secret_address_until_it_is_revoked(cast: Cast) -> None:
    at = clock.now()
    rma = returns.rma(cast, at=at)
    approval.hand_over(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    esra, program = Client(), Client()
    esra.force_login(cast.user("esra"))
    assert "Make an address" in esra.get("/returns/calendar/").content.decode()

    page = esra.post("/returns/calendar/", {"act": "make"}).content.decode()
    (address,) = re.findall(r"/calendar/[\w-]{43}\.ics", page)
    assert address not in esra.get("/returns/calendar/").content.decode()
    answer = program.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    lines = unfolded(answer.content)
    due = cast.rotterdam.calendar.local(at + timedelta(days=14)).date()
    assert f"SUMMARY:Refund by law · {rma.number}" in lines
    assert f"DTSTART;VALUE=DATE:{due:%Y%m%d}" in lines
    assert rma.contact.name not in answer.content.decode()
    assert rma.contact.email not in answer.content.decode()
    assert not CalendarFeed.objects.filter(digest__in=[address, address[10:-4]]).exists()

    # A new one ends the one before; who left reads nothing, and neither does anybody with a made-up address.
    page = esra.post("/returns/calendar/", {"act": "make"}).content.decode()
    (second,) = re.findall(r"/calendar/[\w-]{43}\.ics", page)
    assert [program.get(one).status_code for one in (address, second, "/calendar/x.ics")] == [404, 200, 404]
    user = cast.user("esra")
    user.is_active = False
    user.save()
    assert program.get(second).status_code == 404
    user.is_active = True
    user.save()
    assert esra.post("/returns/calendar/", {"act": "revoke"}).status_code == 302
    assert program.get(second).status_code == 404
    assert AccessChange.objects.filter(act__startswith="calendar.").count() == 3


def test_a_calendar_address_is_neither_made_nor_revoked_at_a_shared_station(cast: Cast) -> None:
    aisha = Client()
    aisha.cookies[gate.STATION_COOKIE] = cast.station().token
    assert aisha.post("/station/", {"badge": cast.badge("aisha"), "pin": PIN}).status_code == 302

    page = aisha.get("/returns/calendar/").content.decode()
    assert "not open on a shared station" in page
    assert "Make an address" not in page
    for act in ("make", "revoke"):
        assert aisha.post("/returns/calendar/", {"act": act}).status_code == 403
    assert not CalendarFeed.objects.exists()
