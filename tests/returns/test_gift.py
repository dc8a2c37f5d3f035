"""Somebody gives back what they got as a gift: without the buyer hearing of it, and without seeing what the buyer paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from returns import policy
from returns.models import Rma
from returns.services import attempts, opening
from returns.services.answering import UnableToOpen
from returns.services.opening import Recipient
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.terms import queries
from revlog.terms.models import Message, Order
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms

ROBIN = {"order": "PS-1001", "postcode": "3011aa", "name": "Robin Visser", "email": "Robin@example.org"}
SECRETS = ("Kim", "Jansen", "kim@example.com", "Kade 12", "3011 AA")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def order(cast: Cast) -> Order:
    """Two things that Kim bought; the laptop was for Robin."""
    dear = terms.laptop_line(sku="TV", description="Television", price=Decimal("1234.00"), serials=())
    return terms.order(cast, "PS-1001", terms.laptop_line(), dear, at=clock.now())


def come_in(client: Client, **changes: str) -> int:
    return client.post("/return/gift/", ROBIN | changes).status_code


def announce(client: Client, order: Order, wanted: str = "credit", **changes: str) -> Rma:
    line = order.lines.get(position=1)
    come_in(client, **changes)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    told = {"quantity": "1", "reason": "CHANGED_MIND", "asked": "CHANGED_MIND", "wanted": wanted}
    client.post(f"/return/order/{order.pk}/why/", {f"{line.pk}-{name}": value for name, value in told.items()})
    text = client.get(f"/return/order/{order.pk}/check/").content.decode()
    client.post(f"/return/order/{order.pk}/check/", {"key": text.partition('name="key" value="')[2].partition('"')[0]})
    return Rma.objects.get()


def test_the_recipient_announces_it_and_sees_the_amount_only_in_the_end(client: Client, order: Order) -> None:
    come_in(client)
    line = order.lines.get(position=1)
    which = client.get(f"/return/order/{order.pk}/").content.decode()
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    why = client.get(f"/return/order/{order.pk}/why/").content.decode()
    chosen = client.post(
        f"/return/order/{order.pk}/why/{line.pk}/", {f"{line.pk}-quantity": "1", f"{line.pk}-reason": "CHANGED_MIND"}
    ).content.decode()
    rma = announce(client, order)

    for page in (which, why, chosen):
        assert "449.00" not in page
        assert "1,234.00" not in page
    assert "Store credit" in chosen
    assert "My money back" not in chosen
    assert (rma.gift, rma.contact.name, rma.contact.email) == (True, "Robin Visser", "robin@example.org")
    assert rma.contact != order.contact
    assert "449.00" in client.get(f"/return/{rma.number}/").content.decode()


def test_nothing_of_the_buyer_is_shown_to_the_recipient(client: Client, order: Order) -> None:
    pages = [client.post("/return/gift/", ROBIN, follow=True).content.decode()]
    rma = announce(client, order)
    reactions.drain(at=clock.now())
    pages += [
        client.get(f"/return/order/{order.pk}/").content.decode(),
        client.get(f"/return/{rma.number}/").content.decode(),
    ]
    pages += [message.text + message.html + message.subject for message in Message.objects.all()]

    for page in pages:
        for secret in (*SECRETS, "1,234.00"):
            assert secret not in page


def test_the_label_names_the_recipient_as_its_sender(client: Client, order: Order) -> None:
    from returns.services import labels
    from returns.services.letters import day

    rma = announce(client, order)

    link = rma.parcel_links.select_related("parcel__shipment__carrier").get()
    record = labels._record(rma, link, 1, 1, at=clock.now())
    assert record.sender.name == "Robin Visser"
    assert not set(SECRETS) & set(record.sender.address_lines)
    assert day(rma.hand_in_by, rma.hub.zone)


def test_the_desk_is_told_that_it_is_a_gift(cast: Cast, client: Client, order: Order) -> None:
    rma = announce(client, order)
    desk = Client()
    desk.force_login(cast.user("sam"))

    assert "A gift comes back" in desk.get(f"/returns/{rma.number}/").content.decode()


def test_the_buyer_hears_nothing_and_sees_nothing_of_it(client: Client, order: Order) -> None:
    rma = announce(client, order)
    mail.outbox.clear()
    reactions.drain(at=clock.now(), queues=["outside"])

    assert {to for sent in mail.outbox for to in sent.to} == {"robin@example.org"}
    buyer = Client()
    buyer.post("/return/", {"order": "PS-1001", "email": terms.EMAIL})
    page = buyer.get(f"/return/order/{order.pk}/").content.decode()
    assert rma.number not in page
    assert buyer.get(f"/return/{rma.number}/").status_code == 404


def test_the_recipient_sees_no_return_of_the_buyer(cast: Cast, client: Client, order: Order) -> None:
    bought = returns.rma(cast, returns.wish(order, 2), order=order, at=clock.now())
    come_in(client)

    assert bought.number not in client.get(f"/return/order/{order.pk}/").content.decode()
    assert client.get(f"/return/{bought.number}/").status_code == 404


def test_the_buyers_own_door_shows_the_buyers_page(client: Client, order: Order) -> None:
    come_in(client)
    assert "449.00" not in client.get(f"/return/order/{order.pk}/").content.decode()

    client.post("/return/", {"order": "PS-1001", "email": terms.EMAIL})

    assert "449.00" in client.get(f"/return/order/{order.pk}/").content.decode()


def test_a_wrong_number_and_a_wrong_postal_code_get_the_same_answer_and_are_slowed(
    client: Client, order: Order
) -> None:
    said = "We find no order with this number that went to this postal code."
    for wrong in ({"order": "PS-77"}, {"postcode": "3011AB"}, {"postcode": "12"}, {"postcode": "KADE12"}):
        answer = client.post("/return/gift/", ROBIN | wrong)
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    for _ in range(attempts.AT_ONE_ORDER):
        come_in(client, postcode="1000AA")

    assert come_in(client) == 429


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (("Kade 12", "3011 AA Rotterdam", "Netherlands"), "3011aa"),
        (("Kade 12", "3011AA Rotterdam"), "NL-3011 AA"),
        (("Allee 5", "10115 Berlin"), "D-10115"),
        (("Rue 3", "F-75001 Paris"), "75001"),
        (("1 Road", "London", "SW1A 1AA"), "sw1a1aa"),
        (("1 Street", "Lisboa 1100-148"), "1100148"),
    ],
)
def test_a_postal_code_is_known_in_any_spelling(cast: Cast, address: tuple[str, ...], typed: str) -> None:
    order = terms.order(cast, "PS-5", address=address)

    assert queries.recipients_order("PS-5", typed) == order
    assert queries.recipients_order("PS-5", "99999") is None


def test_whatever_the_rules_say_a_recipient_gets_no_money(cast: Cast, order: Order) -> None:
    at = clock.now()
    body = {**policy.SHIPPED, "rules": [{"id": "all", "then": {"allow": True}, "why": "Everything comes back."}]}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    robin = Recipient(name="Robin", email="robin@example.org")
    by = guest({f"gift:{order.pk}"})

    for wanted in ("refund", "repair", "advance"):
        with pytest.raises(UnableToOpen, match="A gift comes back for store credit"):
            opening.open_rma(order=order, wishes=[returns.wish(order, wanted=wanted)], recipient=robin, by=by, at=at)
    opening.open_rma(order=order, wishes=[returns.wish(order, wanted="credit")], recipient=robin, by=by, at=at)


def test_who_came_in_for_a_gift_can_not_announce_it_as_the_buyer(order: Order) -> None:
    with pytest.raises(NotAllowed):
        opening.open_rma(order=order, wishes=[returns.wish(order)], by=guest({f"gift:{order.pk}"}), at=clock.now())


def test_another_one_needs_an_address_of_the_recipients_own(client: Client, order: Order) -> None:
    line = order.lines.get(position=1)
    come_in(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    told = {"quantity": "1", "reason": "CHANGED_MIND", "asked": "CHANGED_MIND", "wanted": "exchange"}
    client.post(f"/return/order/{order.pk}/why/", {f"{line.pk}-{name}": value for name, value in told.items()})

    page = client.get(f"/return/order/{order.pk}/check/").content.decode()

    assert "Say where the other one is to be sent." in page
    assert "Announce the return" not in page
    rma = announce(client, order, wanted="exchange", address="Dorpsstraat 1\n1012 AB Amsterdam")
    assert rma.contact.address == ["Dorpsstraat 1", "1012 AB Amsterdam"]


def test_no_word_of_the_recipient_is_on_the_ledger(client: Client, order: Order) -> None:
    announce(client, order)
    reactions.drain(at=clock.now())

    said = " ".join(str(payload) for payload in Entry.objects.values_list("payload", flat=True)).lower()
    for secret in ("robin", "visser", "example.org"):
        assert secret not in said
