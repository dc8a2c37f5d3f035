"""Who comes in to the portal by which door, and what each door opens."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import translation

from returns.models import Attempts, Rma
from returns.services import attempts, doors
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.terms.models import Message, Order
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms

EMAIL = terms.EMAIL


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def order_now(cast: Cast, number: str = "PS-1001", *lines: object, **changes: object) -> Order:
    return terms.order(cast, number, *lines, at=clock.now(), **changes)  # type: ignore[arg-type]


def phone_line() -> object:
    return terms.laptop_line(
        sku="PIX-7A", description="Pixel 7a", price=Decimal("199.00"), serials=("352099001761481",)
    )


def find(client: Client, number: str = "PS-1001", email: str = EMAIL) -> int:
    return client.post("/return/", {"order": number, "email": email}).status_code


def page(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def bare(text: str) -> str:
    """A page without what is drawn by lot for each answer: the form's token and the nonce of the policy."""
    return re.sub(r'(csrfmiddlewaretoken" value|nonce|X-CSRFToken[^:]*:) *=? *"[^"]+"', "", text)


def mailed_link(client: Client, email: str = EMAIL) -> str:
    """Ask for a link and read the address in the mail."""
    client.post("/return/link/", {"email": email})
    reactions.drain(at=clock.now(), queues=["outside"])
    text = Message.objects.filter(kind="returns/mail/link").latest("created_at").text
    return next(line for line in text.splitlines() if "/return/link/" in line).partition("8000")[2]


# By mail ----------------------------------------------------------------------------------------------------------------------------


def test_a_link_is_mailed_and_opens_all_orders_and_returns_of_the_email(cast: Cast, client: Client) -> None:
    first, second = order_now(cast), order_now(cast, "PS-1002", phone_line())
    rma = returns.rma(cast, order=first, at=clock.now())
    stranger = order_now(cast, "PS-1003", email="lee@example.com", name="Lee")

    path = mailed_link(client)
    text = page(client, path)

    assert "Your orders and returns" in text
    assert all(known in text for known in ("PS-1001", "PS-1002", rma.number))
    assert "PS-1003" not in text
    assert client.get(f"/return/order/{second.pk}/").status_code == 200
    assert client.get(f"/return/{rma.number}/").status_code == 200
    assert client.get(f"/return/order/{stranger.pk}/").status_code == 404
    assert Client().get("/return/mine/").headers["Location"] == "/return/link/"


def test_the_answer_is_the_same_for_an_email_that_nobody_knows(cast: Cast, client: Client) -> None:
    order_now(cast)
    mail.outbox.clear()

    known = client.post("/return/link/", {"email": EMAIL})
    unknown = client.post("/return/link/", {"email": "nobody@example.com"})
    reactions.drain(at=clock.now(), queues=["outside"])

    assert known.status_code == unknown.status_code == 200
    assert bare(known.content.decode()) == bare(unknown.content.decode())
    assert [sent.to for sent in mail.outbox] == [[EMAIL]]


def test_the_link_of_one_shop_opens_nothing_of_another(cast: Cast, client: Client) -> None:
    order_now(cast)
    other = order_now(cast, "RV-1", seller=cast.operator)
    link = doors.contact_link(Order.objects.get(number="PS-1001").contact, at=clock.now()).partition("8000")[2]

    text = page(client, link)

    assert "PS-1001" in text
    assert "RV-1" not in text
    assert client.get(f"/return/order/{other.pk}/").status_code == 404


def test_each_shop_that_knows_the_email_writes_its_own_link(cast: Cast, client: Client) -> None:
    order_now(cast)
    order_now(cast, "RV-1", seller=cast.operator)

    client.post("/return/link/", {"email": EMAIL})
    reactions.drain(at=clock.now(), queues=["outside"])

    written = Message.objects.filter(kind="returns/mail/link")
    assert {message.organization for message in written} == {cast.retailer, cast.operator}


def test_a_link_runs_out_and_ends_with_the_person(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    long_ago = clock.now() - timedelta(days=doors.LINK_DAYS, minutes=1)
    fresh = doors.contact_link(order.contact, at=clock.now()).partition("8000")[2]

    assert client.get(doors.contact_link(order.contact, at=long_ago).partition("8000")[2]).status_code == 410
    assert client.get(fresh).status_code == 302
    orders.erase_contact(order.contact_id, by=system("test"), at=clock.now())
    assert client.get(fresh).status_code == 410
    assert client.get("/return/mine/").status_code == 302


def test_asking_for_links_is_slowed_like_guessing(cast: Cast, client: Client) -> None:
    order_now(cast)
    for _ in range(attempts.AT_ONE_ORDER):
        assert client.post("/return/link/", {"email": EMAIL}).status_code == 200

    answer = client.post("/return/link/", {"email": EMAIL})

    assert answer.status_code == 429
    assert "Wait ten minutes" in answer.content.decode()


def test_a_shops_own_link_opens_its_order_and_no_other(cast: Cast, client: Client) -> None:
    order, other = order_now(cast), order_now(cast, "PS-1002")

    text = page(client, doors.order_link(order, at=clock.now()).partition("8000")[2])

    # One thing was bought: the page asks why, with the cursor in its first question, and leads back to all of the order.
    assert "Why does it come back?" in text
    assert text.count("autofocus") == 1
    assert f'href="/return/order/{order.pk}/"' in text
    assert client.get(f"/return/order/{other.pk}/").status_code == 404
    assert client.get("/return/mine/").status_code == 302


def test_a_link_to_several_things_or_to_a_begun_return_asks_which(cast: Cast, client: Client) -> None:
    laptop = terms.laptop_line()
    two = order_now(cast, "PS-1003", laptop, terms.laptop_line(sku="CH-65", description="Charger", serials=()))
    begun = order_now(cast, "PS-1004")
    returns.rma(cast, order=begun, at=clock.now())

    for order in (two, begun):
        text = page(client, doors.order_link(order, at=clock.now()).partition("8000")[2])
        assert "What do you want to return?" in text


def test_a_reason_of_a_group_that_is_not_meant_any_more_does_not_count(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    page(client, doors.order_link(order, at=clock.now()).partition("8000")[2])
    key = order.lines.get().pk
    told = {f"{key}-quantity": "1", f"{key}-wanted": "refund", f"{key}-reason.remorse": "CHANGED_MIND"}
    path = f"/return/order/{order.pk}/why/"

    # "Changed my mind" was ticked before "The delivery" was: without a reason of the delivery nothing was answered.
    refused = client.post(path, told | {f"{key}-reason.about": "fulfilment"})
    went_on = client.post(path, told | {f"{key}-reason.about": "remorse"})

    assert refused.status_code == 422
    assert "Choose a reason." in refused.content.decode()
    assert went_on.headers["Location"] == f"/return/order/{order.pk}/check/"


def test_an_account_with_a_confirmed_email_sees_its_orders(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    user = cast.user("vera")
    client.force_login(user)
    row = EmailAddress.objects.create(user=user, email="KIM@example.com", verified=False)

    assert client.get(f"/return/order/{order.pk}/").status_code == 404
    row.verified = True
    row.save()
    assert "PS-1001" in page(client, "/return/mine/")
    assert client.get(f"/return/order/{order.pk}/").status_code == 200


# Several orders in one case ---------------------------------------------------------------------------------------------------------


def together(client: Client, first: Order, second: Order) -> Rma:
    """Both laptops, all the way."""
    a, b = first.lines.get(), second.lines.get()
    path = f"/return/order/{first.pk}/"
    client.post(path, {"lines": [str(a.pk)], "other": second.number})
    client.post(path, {"lines": [str(a.pk), str(b.pk)]})
    told = {f"{line.pk}-{name}": value for line in (a, b) for name, value in ANSWER.items()}
    client.post(f"{path}why/", told)
    client.post(f"{path}check/")
    return Rma.objects.get()


ANSWER = {"quantity": "1", "reason": "CHANGED_MIND", "wanted": "refund"}


def test_lines_of_two_orders_come_back_in_one_case(cast: Cast, client: Client) -> None:
    first, second = order_now(cast), order_now(cast, "PS-1002", phone_line())
    find(client)

    rma = together(client, first, second)

    assert rma.order == first
    assert [line.order_line.order for line in rma.lines.all()] == [first, second]
    text = page(client, f"/return/{rma.number}/")
    assert "Pixel 7a" in text
    assert "648.00" in text
    assert rma.number in page(client, f"/return/order/{second.pk}/")  # the second order knows its return too
    assert "You announced this already." in page(client, f"/return/order/{second.pk}/")


def test_the_number_of_another_order_needs_the_same_email(cast: Cast, client: Client) -> None:
    first = order_now(cast)
    strange = order_now(cast, "PS-1003", email="lee@example.com", name="Lee")
    find(client)

    answer = client.post(f"/return/order/{first.pk}/", {"other": "PS-1003"})

    assert answer.status_code == 422
    assert "We find no order with this number and the e-mail of the first one." in answer.content.decode()
    assert client.get(f"/return/order/{strange.pk}/").status_code == 404


def test_number_and_email_list_no_other_order(cast: Cast, client: Client) -> None:
    first = order_now(cast)
    order_now(cast, "PS-1002", phone_line())
    find(client)

    assert "PS-1002" not in page(client, f"/return/order/{first.pk}/")
    page(client, mailed_link(client))
    assert "Add the order PS-1002" in page(client, f"/return/order/{first.pk}/")


def test_an_order_of_another_shop_is_another_case(cast: Cast, client: Client) -> None:
    first = order_now(cast)
    order_now(cast, "RV-1", seller=cast.operator)
    find(client)

    answer = client.post(f"/return/order/{first.pk}/", {"other": "RV-1"})

    assert answer.status_code == 422
    assert "bought from one seller" in answer.content.decode()


def test_what_was_ticked_stays_ticked_when_an_order_is_added(cast: Cast, client: Client) -> None:
    first, second = order_now(cast, "PS-1001", terms.laptop_line(), phone_line()), order_now(cast, "PS-1002")
    find(client)
    ticked = first.lines.get(position=2)

    client.post(f"/return/order/{first.pk}/", {"lines": [str(ticked.pk)], "other": second.number})

    assert f'value="{ticked.pk}" checked' in page(client, f"/return/order/{first.pk}/")


def test_guessing_other_orders_is_slowed(cast: Cast, client: Client) -> None:
    first = order_now(cast)
    find(client)
    for place in range(attempts.FROM_ONE_ADDRESS - 1):
        assert client.post(f"/return/order/{first.pk}/", {"other": f"PS-{place}"}).status_code == 422

    assert client.post(f"/return/order/{first.pk}/", {"other": "PS-77"}).status_code == 429


def test_guessing_is_logged_without_saying_who_or_what(
    cast: Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    order_now(cast)
    with caplog.at_level(logging.INFO, logger="returns.services.attempts"):
        for _ in range(attempts.AT_ONE_ORDER + 1):
            find(client, email="guess@example.org")

    records = [record for record in caplog.records if record.name == "returns.services.attempts"]
    said = [record.getMessage() for record in records]
    assert len([line for line in said if "a wrong answer at the door order" in line]) == attempts.AT_ONE_ORDER
    assert "too many tries at the door order" in said[-1]
    assert records[-1].levelno == logging.WARNING
    for secret in ("guess@", "example", "PS-1001", "127.0.0.1"):
        assert secret not in " ".join(said)
    assert Attempts.objects.exists()


def test_the_ledger_says_that_a_link_was_asked_for_and_not_by_whom(cast: Cast, client: Client) -> None:
    order = order_now(cast)

    client.post("/return/link/", {"email": EMAIL})

    entry = Entry.objects.get(chain_id=order.pk, kind="returns.link_asked")
    assert entry.payload == {"contact": str(order.contact_id)}
