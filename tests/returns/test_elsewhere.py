"""Something that was bought elsewhere: told, proved by nothing, and decided by a person."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation
from PIL import Image

from returns import policy
from returns.models import Rma, RmaStatus
from returns.services import approval, attempts, elsewhere
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.common.errors import DomainError, NotAllowed
from revlog.custody.models import Entry
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders, rules
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def answers(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "what": "Sony WH-1000XM4",
        "device_class": "accessory",
        "serial": "S01-5512345",
        "shop": "A market in Delft",
        "bought_on": (clock.now().date() - timedelta(days=10)).isoformat(),
        "reason": "DOA",
        "wanted": "refund",
        "note": "",
        "name": "Robin Visser",
        "email": "robin@example.org",
        "key": str(uuid.uuid4()),
    }
    return told | changes


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(file, "JPEG")
    file.seek(0)
    file.name = "receipt.jpg"
    return file


def tell(client: Client, **changes: object) -> Rma:
    answer = client.post("/return/elsewhere/", answers(**changes))
    assert answer.status_code == 302
    return Rma.objects.latest("opened_at")


def test_it_becomes_a_return_that_waits_for_a_person(cast: Cast, client: Client) -> None:
    rma = tell(client, receipt=photo())

    assert (rma.status, rma.order.source, rma.seller) == (RmaStatus.REQUESTED, OrderSource.TOLD, cast.operator)
    assert rma.order.number.startswith("TOLD-")
    line = rma.lines.get()
    assert (line.price, line.order_line.serials) == (Decimal(0), ["S01-5512345"])
    page = client.get(f"/return/{rma.number}/").content.decode()
    assert "We are looking at your return." in page
    assert Client().get(f"/return/{rma.number}/").status_code == 404


def test_a_person_decides_whatever_the_rules_say(cast: Cast, client: Client) -> None:
    at = clock.now()
    body = {**policy.SHIPPED, "rules": [{"id": "all", "then": {"allow": True}, "why": "Everything comes back."}]}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)

    assert tell(client, reason="CHANGED_MIND").status == RmaStatus.REQUESTED


def test_the_desk_sees_that_nothing_is_proved_and_says_what_it_is_worth_before_it_agrees(
    cast: Cast, client: Client
) -> None:
    rma = tell(client, receipt=photo())
    desk = Client()
    desk.force_login(cast.user("sam"))

    page = desk.get(f"/returns/{rma.number}/").content.decode()
    assert "Nothing of this is proved" in page
    assert "A market in Delft" in page
    assert "Photo of the receipt" in page
    early = desk.post(f"/returns/{rma.number}/approve")
    assert "Say first what it is worth" in early.content.decode()
    assert desk.post(f"/returns/{rma.number}/price", {"price": "279,50"}).status_code == 302
    assert rma.lines.get().price == Decimal("279.50")
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.price_set").payload["price"] == "279.50"
    assert desk.post(f"/returns/{rma.number}/approve").status_code == 302
    assert Rma.objects.get().status == RmaStatus.APPROVED
    late = desk.post(f"/returns/{rma.number}/price", {"price": "1"})
    assert "It is decided already." in late.content.decode()


def test_the_price_of_an_order_of_ours_stands_in_the_order(cast: Cast) -> None:
    from tests.factories import returns

    line = returns.rma(cast, at=clock.now(), reason="SWOLLEN_BATTERY").lines.get()

    with pytest.raises(DomainError):
        elsewhere.set_price(line, price=Decimal(1), by=cast.sam, at=clock.now())


def test_only_who_approves_returns_says_what_it_is_worth(cast: Cast, client: Client) -> None:
    line = tell(client).lines.get()

    with pytest.raises(NotAllowed):
        elsewhere.set_price(line, price=Decimal(1), by=cast.ines, at=clock.now())
    for wrong in ("-1", "abc", "1e99", "NaN", "1.005"):
        desk = Client()
        desk.force_login(cast.user("sam"))
        assert desk.post(f"/returns/{Rma.objects.get().number}/price", {"price": wrong}).status_code == 422, wrong
    assert line.rma.lines.get().price == 0


def test_a_repair_needs_no_price(cast: Cast, client: Client) -> None:
    rma = tell(client, wanted="repair")

    assert approval.approve(rma, by=cast.sam, at=clock.now()).status == RmaStatus.APPROVED


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bought_on": "2999-01-01"}, "Say the day on which it was bought."),
        ({"bought_on": "soon"}, "Enter a valid date."),
        ({"reason": "UNDELIVERABLE"}, "not one of the available choices"),
        ({"wanted": "exchange"}, "not one of the available choices"),
        ({"what": "=HYPERLINK()"}, "as a spreadsheet formula does"),
        ({"email": "robin"}, "Enter a valid email address."),
        ({"email": "r@localhost", "what": ""}, "This field is required."),
    ],
)
def test_what_can_not_be_is_said_beside_it(cast: Cast, client: Client, wrong: dict[str, object], said: str) -> None:
    answer = client.post("/return/elsewhere/", answers(**wrong))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Order.objects.exists()


def test_too_late_is_said_at_once(cast: Cast, client: Client) -> None:
    long_ago = (clock.now().date() - timedelta(days=60)).isoformat()

    answer = client.post("/return/elsewhere/", answers(reason="CHANGED_MIND", bought_on=long_ago))

    assert answer.status_code == 422
    assert "The return window has ended." in answer.content.decode()
    assert not Order.objects.exists()


def test_the_same_form_twice_is_one_return_and_opens_for_nobody_else(cast: Cast, client: Client) -> None:
    form = answers()
    first, second = client.post("/return/elsewhere/", form), Client().post("/return/elsewhere/", form)

    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1
    stranger = Client().post("/return/elsewhere/", form | {"email": "lee@example.com"})
    assert stranger.status_code == 422


def test_telling_is_slowed(cast: Cast, client: Client) -> None:
    for _ in range(attempts.AT_ONE_ORDER):
        tell(client)

    assert client.post("/return/elsewhere/", answers()).status_code == 429


def test_a_shop_links_to_its_own(cast: Cast, client: Client) -> None:
    page = client.get(f"/return/elsewhere/?shop={cast.retailer.code}").content.decode()

    assert cast.retailer.name in page
    assert tell(client, seller=cast.retailer.code).seller == cast.retailer
    assert tell(client, seller=cast.vega.code, email="a@example.com").seller == cast.operator  # clients have no shop


def test_erasing_the_person_erases_where_they_bought_it(cast: Cast, client: Client) -> None:
    rma = tell(client)

    orders.erase_contact(rma.contact_id, by=system("test"), at=clock.now())

    assert rma.lines.get().answers == {}


def test_no_word_of_theirs_is_on_the_ledger(cast: Cast, client: Client) -> None:
    tell(client, note="Call Robin")

    said = " ".join(str(payload) for payload in Entry.objects.values_list("payload", flat=True)).lower()
    for secret in ("robin", "visser", "delft", "example.org"):
        assert secret not in said
