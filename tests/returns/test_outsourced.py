"""An outsourced desk sees the orders and returns of the sellers it works for, and of nobody else; and it touches no unit."""

from __future__ import annotations

import pytest
from django.test import Client

from returns.models import Rma, RmaStatus
from returns.services import approval, opening, talking
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.accounts.models import Engagement
from revlog.common import clock, ids
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import returns, terms

pytestmark = pytest.mark.django_db


def orla(cast: Cast) -> Actor:
    return people.actor_of(cast.user("orla"), at=clock.now())


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


@pytest.fixture
def theirs(cast: Cast) -> Rma:
    """A return of the shop that Harbour Care works for."""
    return returns.rma(cast, order=terms.order(cast, at=clock.now()), at=clock.now())


@pytest.fixture
def foreign(cast: Cast) -> Rma:
    """A return of Vega's, for whom it doesn't work."""
    order = terms.order(cast, "VG-1", terms.laptop_line(serials=("PFVEGA01",)), seller=cast.vega, at=clock.now())
    return returns.rma(cast, order=order, at=clock.now())


def test_it_sees_and_opens_for_its_sellers_alone(cast: Cast, theirs: Rma, foreign: Rma) -> None:
    by = orla(cast)

    assert list(Rma.objects.visible_to(by)) == [theirs]
    assert list(Order.objects.visible_to(by)) == [theirs.order]
    at = clock.now()
    more = terms.order(cast, "PS-2", terms.laptop_line(serials=("PF2",)), at=at)
    made = opening.open_rma(order=more, wishes=[returns.wish(more)], by=by, at=at)
    assert made.opened_by == by.reference
    other = terms.order(cast, "VG-2", terms.laptop_line(serials=("PF3",)), seller=cast.vega, at=at)
    with pytest.raises(NotAllowed):
        opening.open_rma(order=other, wishes=[returns.wish(other)], by=by, at=at)


def test_it_sees_no_unit_and_reads_no_raw_entry(cast: Cast, theirs: Rma) -> None:
    by = orla(cast)

    assert Device.objects.exists()
    assert not Device.objects.visible_to(by).exists()
    assert not Entry.objects.visible_to(by).exists()


def test_it_calls_off_what_is_its_sellers_and_decides_nothing(cast: Cast, theirs: Rma, foreign: Rma) -> None:
    by = orla(cast)
    waiting = returns.rma(
        cast, order=terms.order(cast, "PS-3", terms.laptop_line(serials=("PF3",)), at=clock.now()), at=clock.now(),
        reason="BURN",
    )  # fmt: skip

    with pytest.raises(NotAllowed):
        approval.approve(waiting, by=by, at=clock.now())
    with pytest.raises(approval.UnableToDecide):
        approval.cancel(foreign, by=by, at=clock.now())
    assert approval.cancel(theirs, by=by, at=clock.now()).status == RmaStatus.CANCELLED


def test_its_pages_show_its_sellers_and_a_stranger_s_are_not_there(cast: Cast, theirs: Rma, foreign: Rma) -> None:
    client = as_(cast, "orla")
    listed = client.get("/returns/").content.decode()

    assert theirs.number in listed
    assert foreign.number not in listed
    page = client.get(f"/returns/{theirs.number}/")
    assert page.status_code == 200
    # No way leads to where it may not go: the unit's page, or the customer's own.
    assert theirs.lines.get().units.get().device.tag in page.content.decode()  # type: ignore[union-attr]
    assert 'href="/unit/' not in page.content.decode()
    assert "/return/link/" not in page.content.decode()
    assert 'href="/unit/' in as_(cast, "sam").get(f"/returns/{theirs.number}/").content.decode()
    assert "/return/link/" in as_(cast, "sam").get(f"/returns/{theirs.number}/").content.decode()
    assert client.get(f"/returns/{foreign.number}/").status_code == 404
    assert client.post(f"/returns/{foreign.number}/cancel").status_code == 404
    assert client.get("/orders/").status_code == 200
    assert client.get("/returns/new/?order=VG-1").status_code == 404
    for path in ("/dock/", "/settings/people/", "/exceptions/", "/settings/providers/"):
        assert client.get(path).status_code == 403, path


def test_it_answers_its_sellers_customers_and_no_others(cast: Cast, theirs: Rma, foreign: Rma) -> None:
    by, at = orla(cast), clock.now()

    assert talking.write(theirs, text="It is on its way.", key=ids.new(at), by=by, at=at).by_customer is False
    with pytest.raises(NotAllowed):
        talking.write(foreign, text="Hello", key=ids.new(at), by=by, at=at)


def test_it_sees_nothing_from_the_moment_that_its_work_ends(cast: Cast, theirs: Rma) -> None:
    client = as_(cast, "orla")
    assert client.get(f"/returns/{theirs.number}/").status_code == 200

    Engagement.objects.update(ended_at=clock.now())

    assert client.get(f"/returns/{theirs.number}/").status_code == 404
    assert not Order.objects.visible_to(orla(cast)).exists()
