"""The page that asks why: questions by reason, photos, choices with their money, and what may be had instead."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from PIL import Image

from returns import policy
from returns.models import Rma
from returns.services import choosing
from revlog.common import clock
from revlog.devices.models import ProductModel, Variant
from revlog.terms.models import Order
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import terms


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


class Kim:
    """A customer on the why page of an order with one line."""

    def __init__(self, client: Client, order: Order) -> None:
        self.client, self.order, self.line = client, order, order.lines.get(position=1)
        client.post("/return/", {"order": order.number, "email": terms.EMAIL})
        client.post(f"/return/order/{order.pk}/", {"lines": [str(self.line.pk)]})

    def _told(self, told: dict[str, Any]) -> dict[str, Any]:
        values = {"quantity": "1", "reason": "CHANGED_MIND", "wanted": "refund"} | told
        return {f"{self.line.pk}-{name}": value for name, value in values.items()}

    def says(self, *, search: Any = False, **told: Any) -> HttpResponse:
        more = {"search": str(self.line.pk)} if search else {}
        return self.client.post(f"/return/order/{self.order.pk}/why/", self._told(told) | more)  # type: ignore[return-value]

    def chooses(self, **told: Any) -> str:
        """What the page brings when a reason or an answer changes."""
        answer = self.client.post(f"/return/order/{self.order.pk}/why/{self.line.pk}/", self._told(told))
        return answer.content.decode()

    def check(self) -> str:
        return self.client.get(f"/return/order/{self.order.pk}/check/").content.decode()

    def announces(self) -> Rma:
        key = self.check().partition('name="key" value="')[2].partition('"')[0]
        self.client.post(f"/return/order/{self.order.pk}/check/", {"key": key})
        return Rma.objects.get()


@pytest.fixture
def kim(cast: Cast, client: Client) -> Kim:
    return Kim(client, terms.order(cast, at=clock.now()))


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(file, "JPEG")
    file.seek(0)
    file.name = "crack.jpg"
    return file


def by_rule(cast: Cast, **then: object) -> None:
    """Rules by which everything comes back, on these terms."""
    at = clock.now()
    body = {
        **policy.SHIPPED,
        "rules": [{"id": "all", "then": {"allow": True} | then, "why": "It is within the return window."}],
    }
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)


# Questions --------------------------------------------------------------------------------------------------------------------------


def test_without_script_a_reason_brings_its_questions_after_continue_with_the_cursor_in_the_first(kim: Kim) -> None:
    first = kim.says(reason="BATTERY")
    page = first.content.decode()

    assert first.status_code == 200
    assert "Has it been dropped?" in page
    assert page.count("autofocus") >= 1
    assert "A little more about it, then continue." in page
    assert "is-invalid" not in page
    second = kim.says(reason="BATTERY", asked="BATTERY", **{"answers.dropped": "no"})
    assert second.status_code == 302
    assert kim.announces().lines.get().answers == {"dropped": "no"}


def test_the_desk_reads_what_was_answered(cast: Cast, kim: Kim) -> None:
    kim.says(reason="BATTERY", asked="BATTERY", **{"answers.dropped": "no", "answers.since": "later"})
    desk = Client()
    desk.force_login(cast.user("sam"))

    page = desk.get(f"/returns/{kim.announces().number}/").content.decode()

    assert "Since when?" in page
    assert "It began later" in page


def test_a_reason_without_questions_goes_on_at_once(kim: Kim) -> None:
    assert kim.says(reason="CHANGED_MIND").status_code == 302


def test_with_script_the_questions_come_with_the_reason(kim: Kim) -> None:
    assert "Has it been dropped?" in kim.chooses(reason="BATTERY")
    assert "Has it been dropped?" not in kim.chooses(reason="CHANGED_MIND")


def test_an_answer_changes_what_is_offered_and_why_is_said(kim: Kim) -> None:
    dry = kim.chooses(reason="BATTERY")
    dropped = kim.chooses(reason="BATTERY", **{"answers.dropped": "yes"})

    assert "My money back" in dry
    assert "My money back" not in dropped
    assert "Money back isn&#x27;t offered here. It was dropped or got wet" in dropped
    assert "We look at this first" in dropped


def test_a_question_that_must_be_answered_says_so_beside_itself(cast: Cast, kim: Kim) -> None:
    by_rule(cast, questions=["opened", "complete"])

    first = kim.says(reason="LATE")
    second = kim.says(reason="LATE", asked="LATE", **{"answers.opened": "sealed"})

    assert first.status_code == 200
    assert "How is it now?" in first.content.decode()
    assert second.status_code == 422
    assert "Answer this: Is everything there that came with it?" in second.content.decode()
    assert 'value="sealed"' in second.content.decode()
    assert (
        kim.says(reason="LATE", asked="LATE", **{"answers.opened": "sealed", "answers.complete": "yes"}).status_code
        == 302
    )


def test_a_made_up_answer_is_refused(kim: Kim) -> None:
    answer = kim.says(reason="BATTERY", asked="BATTERY", **{"answers.dropped": "<b>maybe</b>"})

    assert answer.status_code == 422
    assert "<b>maybe</b>" not in answer.content.decode()


# Photos -----------------------------------------------------------------------------------------------------------------------------


def test_photos_that_a_rule_wants_are_asked_for_and_counted(cast: Cast, kim: Kim) -> None:
    by_rule(cast, photos=2)

    first, none = kim.says(reason="LATE"), kim.says(reason="LATE", asked="LATE")
    one = kim.says(reason="LATE", asked="LATE", photos=[photo()])

    assert "2 photos of it" in first.content.decode()
    assert (none.status_code, one.status_code) == (422, 422)
    assert "Add 2 photos of Lenovo ThinkPad T480, 16 GB." in one.content.decode()
    assert "One photo is here already." in one.content.decode()
    assert kim.says(reason="LATE", asked="LATE", photos=[photo()]).status_code == 302
    assert kim.says(reason="LATE", asked="LATE", no_photos="on").status_code == 422


def test_photos_stay_when_something_else_was_wrong(kim: Kim) -> None:
    answer = kim.says(reason="", photos=[photo(), photo()])

    assert answer.status_code == 422
    assert "2 photos are here already." in answer.content.decode()


# Choices and money ------------------------------------------------------------------------------------------------------------------


def test_store_credit_says_how_much_more_it_is_than_money(cast: Cast, kim: Kim) -> None:
    by_rule(cast, bonus_percent="5")

    page = kim.chooses()

    assert "471.45 EUR to spend with us, 22.45 EUR more than money back" in page.replace("€", "EUR").replace(
        "\xa0", " "
    )


def test_what_is_chosen_stands_at_the_foot_and_on_the_last_page(cast: Cast, kim: Kim) -> None:
    by_rule(cast, bonus_percent="5", fee_percent="10", outcomes=["refund", "credit"])

    assert "426.55" in kim.chooses(reason="LATE", wanted="credit")
    kim.says(reason="LATE", asked="LATE", wanted="credit")
    page = kim.check()
    assert all(sum_ in page for sum_ in ("449.00", "44.90", "22.45", "426.55"))
    assert "As store credit" in page
    line = kim.announces().lines.get()
    assert (line.wanted, line.fee, line.bonus) == ("credit", Decimal("44.90"), Decimal("22.45"))


def test_what_needs_not_come_back_says_so(cast: Cast, kim: Kim) -> None:
    by_rule(cast, goods="keep", outcomes=["refund"])

    assert "You keep it. There is nothing to send." in kim.chooses()


def test_what_never_arrived_is_a_claim_beside_the_return_with_a_number_of_its_own(cast: Cast, client: Client) -> None:
    charger = terms.laptop_line(sku="CH-65", description="Charger, 65 W", price=Decimal("29.00"), serials=())
    kim = Kim(client, terms.order(cast, "PS-1001", terms.laptop_line(), charger, at=clock.now()))
    first, second = kim.order.lines.order_by("position")
    client.post(f"/return/order/{kim.order.pk}/", {"lines": [str(first.pk), str(second.pk)]})
    told = {
        f"{line.pk}-{name}": value
        for line, reason in ((first, "CHANGED_MIND"), (second, "MISSING_ITEM"))
        for name, value in {"quantity": "1", "reason": reason, "asked": reason, "wanted": "refund"}.items()
    }

    client.post(f"/return/order/{kim.order.pk}/why/", told)
    client.post(f"/return/order/{kim.order.pk}/check/", {"key": kim.check().partition('name="key" value="')[2][:36]})

    back, claim = Rma.objects.get(kind="return"), Rma.objects.get(kind="claim")
    for one, other in ((back, claim), (claim, back)):
        page = client.get(f"/return/{one.number}/").content.decode()
        assert f'href="/return/{other.number}/"' in page


# Something else instead -------------------------------------------------------------------------------------------------------------


def variant(product: ProductModel, sku: str, name: str, price: str | None) -> Variant:
    return Variant.objects.create(
        product=product, sku=sku, name=name, list_price=Decimal(price) if price else None, created_at=clock.now()
    )


@pytest.fixture
def phone() -> ProductModel:
    return ProductModel.objects.create(
        manufacturer="Google", name="Pixel 7a", device_class="phone", created_at=clock.now()
    )


@pytest.fixture
def holder(cast: Cast, client: Client, phone: ProductModel) -> Kim:
    """Kim, who bought the small variant of a phone."""
    variant(phone, "PIX-128", "128 GB", "199.00")
    line = terms.laptop_line(sku="PIX-128", description="Pixel 7a, 128 GB", price=Decimal("199.00"), serials=())
    return Kim(client, terms.order(cast, "PS-1001", line, at=clock.now()))


def test_another_variant_can_be_had_with_its_difference(holder: Kim, phone: ProductModel) -> None:
    big, _unpriced = variant(phone, "PIX-256", "256 GB", "249.00"), variant(phone, "PIX-512", "512 GB", None)

    page = holder.chooses(reason="CHANGED_MIND")

    assert "Pixel 7a, 256 GB" in page
    assert "50.00" in page
    assert "512 GB" not in page  # nobody has said what it costs
    holder.says(asked="CHANGED_MIND", wanted="exchange", new_variant=str(big.pk))
    check = holder.check()
    assert "You pay for Google Pixel 7a, 256 GB" in check
    line = holder.announces().lines.get()
    assert (line.new_variant, line.new_price) == (big, Decimal("249.00"))


def test_the_same_again_names_no_other_thing(holder: Kim) -> None:
    holder.says(asked="CHANGED_MIND", wanted="exchange", new_variant="")

    assert holder.announces().lines.get().new_variant is None


def test_looking_for_something_else_finds_what_the_seller_sells(cast: Cast, holder: Kim) -> None:
    tablet = ProductModel.objects.create(
        manufacturer="Apple", name="iPad 9", device_class="tablet", created_at=clock.now()
    )
    sold, strange = variant(tablet, "IPAD-64", "64 GB", "219.00"), variant(tablet, "IPAD-256", "256 GB", "319.00")
    terms.order(cast, "PS-7", terms.laptop_line(sku="IPAD-64", serials=()))
    terms.order(cast, "RV-7", terms.laptop_line(sku="IPAD-256", serials=()), seller=cast.operator)

    answer = holder.says(search=True, find="ipad apple")
    page = answer.content.decode()

    assert answer.status_code == 200
    assert str(sold.pk) in page
    assert str(strange.pk) not in page
    assert "We found nothing by these words." in holder.says(search=True, find="bicycle").content.decode()
    assert holder.says(asked="CHANGED_MIND", wanted="exchange", new_variant=str(sold.pk)).status_code == 302
    refused = holder.says(asked="CHANGED_MIND", wanted="exchange", new_variant=str(strange.pk))
    assert refused.status_code == 422
    assert "This can&#x27;t be had instead (any more)." in refused.content.decode()


def test_a_sellers_own_price_goes_before_the_catalogs(cast: Cast, holder: Kim, phone: ProductModel) -> None:
    from revlog.terms.models import Price

    big = variant(phone, "PIX-256", "256 GB", "249.00")
    at = clock.now()
    Price.objects.create(
        id=big.pk, variant=big, product=phone, grade="NEW", organization=cast.retailer, amount=Decimal("229.00"),
        valid_from=at, set_by="test", created_at=at,
    )  # fmt: skip

    found = choosing.choice(holder.line, big.pk, at=clock.now())

    assert found is not None
    assert found.price == Decimal("229.00")
