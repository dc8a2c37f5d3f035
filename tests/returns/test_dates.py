"""What the law wants by a day is known, said ahead by the site's own days, and called late when it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from returns.models import Rma
from returns.queries import dates, inbox
from returns.services import approval, deadlines
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.calendars import Calendar
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from tests.cast import Cast
from tests.factories import returns, terms


def kinds(cast: Cast, at: datetime) -> list[tuple[str, str]]:
    rows = [one for one in inbox.exceptions(cast.esra, at=at) if one.kind in {"refund_by_law", "refund_late"}]
    return [(one.kind, str(one.owner)) for one in rows]


def said(rma: Rma) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(chain_id=rma.pk, kind__in=["returns.refund_wanted_soon", "returns.refund_late"])
    return [(row.kind, str(row.payload["day"])) for row in rows.order_by("sequence")]


def local(cast: Cast, due: datetime) -> date:
    return cast.rotterdam.calendar.local(due - timedelta(seconds=1)).date()


def test_a_withdrawal_is_paid_back_in_fourteen_days_from_it_once_the_thing_was_sent(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    assert dates.refunds(rma=rma.pk) == []  # nothing was sent: the money may wait

    approval.hand_over(rma, by=guest({f"rma:{rma.pk}"}), at=at + timedelta(days=1))
    ((_line, due, source),) = dates.refunds(rma=rma.pk)

    assert (local(cast, due), source) == (date(2026, 11, 16), "2011/83/EU Art. 9, 13, 16")
    # Sent only after those days, it is due on the day on which that is known.
    Rma.objects.filter(pk=rma.pk).update(handed_over_at=at + timedelta(days=30))
    ((_line, due, _source),) = dates.refunds(rma=rma.pk)
    assert local(cast, due) == date(2026, 12, 2)


def test_a_fault_isn_t_a_withdrawal_and_a_british_one_counts_from_receipt(cast: Cast, at: datetime) -> None:
    broken = returns.rma(cast, reason="POWER", at=at)
    Rma.objects.filter(pk=broken.pk).update(handed_over_at=at)
    assert dates.refunds(rma=broken.pk) == []

    order = terms.order(cast, "PS-UK", terms.laptop_line(serials=("PF2ABCDE",)), country="GB", at=at)
    british = returns.rma(cast, order=order, at=at)
    returns.received(cast, british, serial="PF2ABCDE", at=at + timedelta(days=5))
    ((_line, due, _source),) = dates.refunds(rma=british.pk)
    assert local(cast, due) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("due", "days", "first"),
    [
        (date(2026, 11, 20), 3, date(2026, 11, 17)),
        (date(2026, 11, 16), 3, date(2026, 11, 11)),  # a Monday: the weekend doesn't count
        (date(2026, 12, 28), 2, date(2026, 12, 23)),  # nor do Christmas and the day after it
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
    ],
)
def test_open_days_of_the_site_are_counted_back(due: date, days: int, first: date) -> None:
    calendar = Calendar(zone="Europe/Amsterdam", country="NL")

    begins = dates.warned_from(calendar, calendar.end_of_day(due), days)

    assert calendar.local(begins).date() == first
    assert calendar.local(begins).hour == 0


def test_it_is_in_the_inbox_ahead_late_for_the_lead_and_said_once_each(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at + timedelta(days=1)).device
    early, near, late = (at + timedelta(days=days) for days in (8, 9, 15))

    assert deadlines.run(at=early, rma=rma.pk) == 0
    assert kinds(cast, early) == []
    assert [deadlines.run(at=near, rma=rma.pk) for _twice in range(2)] == [1, 0]
    assert kinds(cast, near) == [("refund_by_law", "finance")]
    assert [deadlines.run(at=late, rma=rma.pk) for _twice in range(2)] == [1, 0]
    assert kinds(cast, late) == [("refund_late", "lead")]
    assert said(rma) == [
        ("returns.refund_wanted_soon", "2026-11-16"), ("returns.refund_late", "2026-11-16"),
    ]  # fmt: skip

    returns.graded(device, at=late)
    reactions.drain(at=late)
    assert (dates.refunds(rma=rma.pk), kinds(cast, late)) == ([], [])


def test_the_calendar_shows_its_month_by_the_days_of_the_site(cast: Cast, db: None) -> None:
    at = clock.now()
    rma = returns.rma(cast, order=terms.order(cast, at=at), at=at)
    returns.received(cast, rma, at=at)
    ((_line, due, _source),) = dates.refunds(rma=rma.pk)
    day = local(cast, due)
    client = Client()
    client.force_login(cast.user("aisha"))

    page = client.get(f"/returns/calendar/?month={day:%Y-%m}").content.decode()

    assert f'href="#d{day.isoformat()}"' in page
    assert "2011/83/EU" in page
    assert rma.number in page
    assert rma.number not in client.get("/returns/calendar/?month=1999-01").content.decode()
    assert client.get("/returns/calendar/?month=nonsense&hub=none").status_code == 200
    client.force_login(cast.user("jonas"))
    assert rma.number not in client.get(f"/returns/calendar/?month={day:%Y-%m}").content.decode()
