"""Lists: put on by a person with a reason, read by published rules, never a silent refusal, and taken off again."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client

from returns.models import Listing, Review, Rma
from returns.policy import replaying
from returns.queries import lists as queries
from returns.services import lists, opening
from returns.services.lists import NewListing, UnableToList
from returns.services.opening import UnableToOpen
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.terms.models import Order
from revlog.terms.services import orders
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import returns, terms

LATE = 20
"""Days after delivery: the law's days are over, the window isn't."""


def listing(cast: Cast, at: datetime, **changes: object) -> Listing:
    told = {"name": "blocked", "kind": "serial", "subject": "pf1 abcde", "why": "Charged back twice.", **changes}
    return lists.add(cast.retailer, NewListing(**told), by=cast.esra, at=at)  # type: ignore[arg-type]


def refused(order: Order, at: datetime) -> str:
    """What the customer reads when they ask; empty where it is allowed."""
    try:
        opening.quote(order, [returns.wish(order)], at=at)
    except UnableToOpen as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("serial", "pf1 abcde"),
        ("customer", "Kim+new@example.com"),
        ("product", "t480-16-256"),
        ("order", "ps-1001"),
    ],
)
def test_what_is_on_a_list_is_refused_in_plain_words_with_whom_to_write_to(
    cast: Cast, at: datetime, kind: str, subject: str
) -> None:
    Organization.objects.filter(pk=cast.retailer.pk).update(email="help@shop.example")
    order = terms.order(cast, at=at, days=LATE)
    assert refused(order, at) == ""
    row = listing(cast, at, kind=kind, subject=subject)

    order = Order.objects.select_related("seller", "contact").get(pk=order.pk)
    assert "is on a list of ours. If you think that is wrong, write to help@shop.example." in refused(order, at)
    assert refused(terms.order(cast, "PS-2", at=at, days=1), at) == "", "the law comes first"

    lists.lift(row, reason="It was somebody else.", by=cast.aisha, at=at)
    assert refused(order, at) == ""
    told = Entry.objects.filter(chain_id=row.pk).order_by("sequence")
    assert [entry.kind for entry in told] == ["returns.listed", "returns.unlisted"]
    assert ("subject" in told[0].payload) is (kind != "customer")
    assert "example.com" not in str([entry.payload for entry in told])


def test_what_follows_is_said_by_rules_on_its_days_at_its_seller(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at, days=LATE)
    listing(cast, at, name="review", since=at.date() + timedelta(days=1), until=at.date() + timedelta(days=2))
    listing(cast, at, name="watched")
    other = NewListing(name="blocked", kind="serial", subject="PF1ABCDE", why="Theirs.")
    lists.add(cast.vega, other, by=cast.esra, at=at)

    assert returns.rma(cast, order=order, at=at).status == "approved", "a list that no rule reads changes nothing"
    second = terms.order(cast, "PS-2", at=at + timedelta(days=1), days=LATE)
    rma = returns.rma(cast, order=second, at=at + timedelta(days=1))
    assert rma.status == "requested"
    inputs = rma.lines.get().decision["inputs"]
    assert inputs["lists"] == ["review", "watched"]
    case = replaying.case_of(inputs, None)
    assert case is not None
    assert case.lists == ["review", "watched"], "tried on later, it is decided as it was"
    third = terms.order(cast, "PS-3", at=at + timedelta(days=3), days=LATE)
    assert returns.rma(cast, order=third, at=at + timedelta(days=3)).status == "approved"

    assert {(one.name, one.then) for one in queries.follows([cast.retailer], at=at)} == {
        ("blocked", "block"),
        ("review", "review"),
    }


def test_it_takes_the_right_a_reason_and_something_to_list(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        lists.add(cast.retailer, NewListing(name="blocked", kind="order", subject="X", why="Y"), by=cast.sam, at=at)
    with pytest.raises(BadInput) as wrong:
        listing(cast, at, name="Bad guys", kind="customer", subject="nobody", why=" ", until=at.date() - timedelta(1))
    assert [one.code for one in wrong.value.reasons] == ["name", "subject", "no_reason", "period"]
    row = listing(cast, at)
    with pytest.raises(UnableToList, match="It is on the list “blocked” already"):
        listing(cast, at, subject="PF1ABCDE")
    with pytest.raises(BadInput, match="Say why it is taken off"):
        lists.lift(row, reason="", by=cast.esra, at=at)
    lists.lift(row, reason="Solved.", by=cast.esra, at=at)
    with pytest.raises(UnableToList, match="taken off the list before"):
        lists.lift(row, reason="Solved.", by=cast.esra, at=at)


def test_whoever_is_erased_is_on_no_list_any_more(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at, days=LATE)
    row = listing(cast, at, kind="customer", subject="kim@example.com", why="Kim wrote threats.")
    assert row.contact_id == order.contact_id

    orders.erase_contact(order.contact_id, by=cast.admin, at=at)

    row.refresh_from_db()
    assert (row.subject, row.contact, row.why, row.lifted_at) == ("", None, "", at)
    assert Entry.objects.filter(chain_id=row.pk, kind="returns.unlisted").get().payload["erased"] is True


def test_a_file_is_taken_whole_or_not_at_all_and_twice_changes_nothing(cast: Cast, at: datetime) -> None:
    head = "list;kind;subject;from;until;reason\n"
    bad = head + "blocked;serial;PF9;;;Stolen\nblocked;person;x;;;No\nreview;order;A1;soon;;No\nreview;order;A1;;;\n"
    with pytest.raises(BadInput) as wrong:
        lists.import_file(BytesIO(bad.encode()), cast.retailer, by=cast.esra, at=at)
    assert [one.field for one in wrong.value.reasons] == ["line 3, kind", "line 4, from", "line 5, reason"]
    assert not Listing.objects.exists()

    good = head + "blocked;serial;PF9;;;Stolen\nReview;customer;kim@example.com;2026-01-01;2099-12-31;Asked to look\n"
    for added, known in ((2, 0), (0, 2)):
        done = lists.import_file(BytesIO(good.encode()), cast.retailer, by=cast.esra, at=at)
        assert (done.added, done.known) == (added, known)


def test_the_page_shows_what_is_listed_and_what_follows(cast: Cast, client: Client) -> None:
    at = clock.now()
    order = terms.order(cast, at=at, days=LATE)
    client.force_login(cast.user("sam"))
    assert client.get("/returns/lists/").status_code == 403
    client.force_login(cast.user("esra"))
    told = {"act": "add", "seller": "retailer", "list": "blocked", "kind": "customer", "subject": "kim@example.com"}
    assert "Say why; whoever" in client.post("/returns/lists/", told).content.decode()
    page = client.post("/returns/lists/", told | {"reason": "Empty boxes."}, follow=True).content.decode()
    assert "Kim Jansen" in page
    assert "Empty boxes." in page
    assert "The return is blocked, and the customer reads why" in page
    assert "No rule in force reads" not in page
    assert "Kim Jansen" in client.get("/returns/lists/?q=kim%40example.com").content.decode()
    assert "Kim Jansen" not in client.get("/returns/lists/?q=ben%40example.com").content.decode()
    file = BytesIO(b"list,kind,subject,reason\nwatched,product,T480,Comes back broken\n")
    file.name = "list.csv"
    page = client.post(
        "/returns/lists/", {"act": "file", "seller": "retailer", "file": file}, follow=True
    ).content.decode()
    assert "No rule in force reads watched" in page

    row = Listing.objects.get(kind="customer")
    client.post("/returns/lists/", {"act": "lift", "listing": str(row.pk), "reason": "Mixed up."})
    row.refresh_from_db()
    assert row.lifted_by == cast.esra.reference
    assert "Mixed up." in client.get("/returns/lists/?lifted=1").content.decode()

    rma = returns.rma(cast, order=order, at=at)
    Review.objects.update_or_create(rma=rma, defaults={"points": 45})
    case = f"/returns/closer-look/{rma.number}/"
    assert "This customer is on no list." in client.get(case).content.decode()
    assert (
        "This customer is on: blocked."
        in client.post(f"{case}act", {"act": "list_blocked"}, follow=True).content.decode()
    )
    found = Listing.objects.get(rma=Rma.objects.get(pk=rma.pk))
    assert (found.why, found.contact_id) == ("Risk of 45 points.", order.contact_id)
    assert "is on a list of ours" in refused(terms.order(cast, "PS-2", at=at, days=LATE), at)


def test_systems_of_ours_keep_lists_over_the_api_and_a_sellers_dont(cast: Cast) -> None:
    us = caller(cast, "lists:read", "lists:write")
    told = {
        "seller": "retailer",
        "list": "blocked",
        "kind": "order",
        "subject": "PS-1001",
        "reason": "Paid with a stolen card.",
    }
    made = us.post("/listings/", told)
    assert made.status_code == 201, made.content
    assert problem(us.post("/listings/", told), 409)["code"] == "unable_to_list"
    assert us.get("/listings/?list=blocked&lifted=false").json()["results"][0]["subject"] == "PS-1001"
    lifted = us.post(f"/listings/{made.json()['id']}/lift/", {"reason": "The card was theirs."})
    assert lifted.json()["lifted_reason"] == "The card was theirs."
    assert us.get("/listings/?lifted=false").json()["results"] == []
    seller = caller(cast, organization=cast.retailer)
    problem(seller.get("/listings/"), 403)
