"""Each outcome from the customer's link to the closed return, in two languages, on a phone and on a desk."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys import looking
from tests.journeys.conftest import PATIENCE, People
from tests.journeys.steps import portal
from tests.journeys.steps.pages import again_until, still

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SETTLED = {"en": "Everything is settled.", "de": "Alles ist erledigt."}
WINDOWS = [("en", 390, 844), ("de", 1440, 900)]


@dataclass
class Shopper:
    """Somebody with a phone or a desk who reads one language. Everything is found by what it is, not by its words."""

    people: People
    page: Page
    language: str

    def play(self, scene: str, **names: object) -> dict[str, object]:
        told: dict[str, object] = self.people.platform.python(
            f"from tests.journeys import endings\ntold = endings.{scene}({', '.join(f'{n}={n}' for n in names)})",
            **names,
        )
        return told

    def announce(self, link: str, *, reason: str, wanted: str, answers: str = "no", photo: bool = False) -> str:
        """Say why and what for; gives the number of the return."""
        page = self.page
        page.goto(f"/return/{link}")
        page.wait_for_url(re.compile("/why/"))  # there is one thing in the order
        page.wait_for_load_state()
        portal.say_why(page, reason)
        choice = page.locator(f"input[type=radio][name$=-wanted][value={wanted}]")
        expect(choice).to_be_attached()
        for place in range(page.locator(f"fieldset input[type=radio][value={answers}]").count()):
            with page.expect_response(re.compile("/why/")):  # an answer may bring other choices
                page.locator(f"fieldset input[type=radio][value={answers}]").nth(place).check()
            still(page)
        if photo:
            picture = io.BytesIO()
            Image.new("RGB", (640, 480), "gray").save(picture, "JPEG")
            page.locator("input[type=file]").first.set_input_files(
                {"name": "it.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
            )
        choice.check()
        page.locator(".go button.btn-primary").click()
        page.wait_for_url(re.compile("/(try|check)/"))
        if "/try/" in page.url:
            self.look("try")
            page.locator("button[name=act][value=skip]").click()
        page.wait_for_url(re.compile("/check/"))
        self.look("check")
        page.locator(".go button.btn-primary").click()
        page.wait_for_url(re.compile("/return/RMA-"))
        self.look("status")
        return page.url.rstrip("/").rsplit("/", 1)[1]

    def look(self, name: str) -> None:
        """The page is in the language, and neither axe nor our own eye finds anything."""
        assert self.page.locator("html").get_attribute("lang") == self.language
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        faults = [*looking.of(self.page), *looking.axe(self.page)]
        assert faults == [], f"{name}: {faults}"

    def pay(self, number: str, purpose: str) -> None:
        """Read how to pay, and pay; finance sees it on the account."""
        link = again_until(self.page, self.page.locator("a[href*='/pay/']"))
        link.click()
        again_until(self.page, self.page.locator("dl.pairs .mono").last)
        self.look("pay")
        self.play("money_came", number=number, purpose=purpose)
        self.page.goto(f"/return/{number}/")

    def reads_that_it_is_settled(self, number: str) -> dict[str, object]:
        told = self.play("ended", number=number)
        self.page.goto(f"/return/{number}/")
        again_until(self.page, self.page.locator(".says", has_text=SETTLED[self.language]))
        self.look("settled")
        return told


@pytest.fixture(params=WINDOWS, ids=["english, phone", "german, desk"])
def shopper(people: People, request: pytest.FixtureRequest) -> Shopper:
    language, width, height = request.param
    context = people.browser.new_context(
        base_url=people.platform.url,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        locale={"en": "en-GB", "de": "de-DE"}[language],
    )
    context.set_default_timeout(PATIENCE)
    context.on("console", people._heard)
    people.contexts.append(context)
    return Shopper(people, context.new_page(), language)


def bought(shopper: Shopper, name: str, *, price: str = "449.00", kind: str = "laptop", **more: object) -> str:
    number = f"{name}-{shopper.language.upper()}"
    names = {"number": number, "language": shopper.language, "price": price, "kind": kind} | more
    return str(shopper.play("bought", **names))


def test_money_back(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WREF"), reason="CHANGED_MIND", wanted="refund")
    shopper.play("came_and_good", number=number)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["amount"], told["postings"]) == ("refund", "449.00", ["-449.00"])


def test_store_credit(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WCRE"), reason="CHANGED_MIND", wanted="credit")
    shopper.play("came_and_good", number=number)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["amount"], told["refunds"]) == ("credit", "449.00", 1)
    expect(shopper.page.locator("section.panel p.mono strong")).to_be_visible()


def test_an_exchange(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WEXC"), reason="CHANGED_MIND", wanted="exchange")
    shopper.play("came_and_good", number=number)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["order"], told["postings"]) == ("exchange", f"{number}-X1", [])


def test_the_new_one_first(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WADV"), reason="DISPLAY", wanted="advance")
    shopper.pay(number, "deposit")
    ordered = shopper.play("new_one_is_ordered", number=number)
    assert ordered == {"order": f"{number}-X1", "came": False}
    shopper.play("came_and_good", number=number)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["charges"], told["postings"]) == ("advance", ["deposit released"], [])


def test_a_repair_that_its_owner_pays(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WREP"), reason="KEYBOARD", wanted="repair")
    unit = shopper.play("quoted", number=number)
    button = again_until(shopper.page, shopper.page.locator("section.offer button[value=accept]"))
    shopper.look("offer")
    button.click()
    shopper.pay(number, "repair")
    shopper.play("mended_and_sent", tag=unit["tag"])

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["charges"], told["units"]) == ("repair", ["repair paid"], ["sent_back"])


def test_a_replacement_under_warranty(shopper: Shopper) -> None:
    number = shopper.announce(bought(shopper, "WWAR"), reason="DISPLAY", wanted="replace")
    shopper.play("came_and_good", number=number)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["order"], told["postings"]) == ("replace", f"{number}-X1", [])


def test_keep_it(shopper: Shopper) -> None:
    link = bought(shopper, "WKEE", price="9.00", kind="accessory")
    number = shopper.announce(link, reason="NOT_AS_DESCRIBED", wanted="refund", photo=True)

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["amount"], told["units"]) == ("refund", "9.00", [])


def test_give_it_away(shopper: Shopper) -> None:
    link = bought(shopper, "WDON", price="29.00", kind="accessory", gives_away=True)
    number = shopper.announce(link, reason="CHANGED_MIND", wanted="refund")
    shopper.page.locator("form[action$='/given-away'] button").click()

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["amount"], told["units"]) == ("refund", "29.00", [])


def test_a_claim(shopper: Shopper) -> None:
    link = bought(shopper, "WCLA", price="19.00", kind="accessory")
    number = shopper.announce(link, reason="NEVER_ARRIVED", wanted="refund")

    told = shopper.reads_that_it_is_settled(number)
    assert (told["settled_as"], told["amount"], told["units"]) == ("refund", "19.00", [])
