"""The pages by which somebody sells us a thing: on the web, at a kiosk, and what the desk does with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import translation

from returns.models import BlockedNumber, IdentityCheck, Rma, TradeIn, TradeInStatus
from returns.services import letters
from returns.services.tradein import quoting
from revlog.accounts.gate import STATION_COOKIE
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.terms.models import Message, Price
from tests.cast import Cast
from tests.factories import returns, tradein, travel
from tests.factories.tradein import GOOD, IBAN, accepted, seller

SELLER = {
    "name": "Robin Visser", "email": "robin@example.org", "address": "Oude Dijk 7\n3011 AA Rotterdam", "country": "NL",
    "payout": "bank", "iban": IBAN, "declared": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def answers(**changes: str) -> dict[str, str]:
    return {f"answers.{name}": told for name, told in (GOOD | changes).items()} | {"key": str(uuid.uuid4())}


def test_a_seller_shows_their_document_at_the_counter_and_reads_before_how(cast: Cast, client: Client) -> None:
    at = clock.now()
    travel.place(cast, at=at)
    rma = accepted(cast, at, who=seller(country="NL"))
    guests = Client()
    guests.get(letters.link(rma, at=at))
    url = f"/return/{rma.number}/"
    page = guests.get(url).content.decode()
    assert "Show us your document once" in page
    assert "Harbour Store" in page
    assert "write to us below when we may call you" in page

    client.force_login(cast.user("ines"))
    page = client.post("/counter/scan", {"code": rma.number}, headers={"HX-Request": "true"}).content.decode()
    assert f"Trade-in {rma.number}" in page
    assert "Make no copy" in page
    told = {"act": "identify", "document": "passport", "number": "C01X00T47", "country": "PL", "of_age": "1"}
    assert client.post("/counter/act", told | {"country": "1"}).status_code == 422
    page = client.post("/counter/act", told).content.decode()
    assert "Document seen" in page
    assert "Make no copy" not in page
    check = IdentityCheck.objects.get()
    assert (check.document, check.country, check.tail) == ("passport", "PL", "0T47")
    # Of it the chain knows the kind alone.
    assert not any("0T47" in str(one) for one in Entry.objects.values_list("payload", flat=True))
    assert "Show us your document once" not in guests.get(url).content.decode()


def test_on_the_web_from_the_name_of_a_phone_to_the_page_of_its_sale(cast: Cast, at: datetime, client: Client) -> None:
    product = tradein.phone(cast, clock.now() - timedelta(days=1))
    page = client.get("/trade-in/", {"q": "fairphone 5"}).content.decode()
    assert f"/trade-in/model/{product.pk}/" in page
    form = f"/trade-in/model/{product.pk}/"
    assert "Does it turn on and work?" in client.get(form).content.decode()
    missing = client.post(form, answers(screen=""))
    assert missing.status_code == 422
    assert "Answer this: How is the screen?" in missing.content.decode()
    told = answers()
    first, again = client.post(form, told), client.post(form, told)
    assert first.url == again.url  # type: ignore[attr-defined]
    row = TradeIn.objects.get()
    page = client.get(first.url).content.decode()  # type: ignore[attr-defined]
    assert "We pay you 226.00\xa0EUR." in page
    assert "What it sells for in this condition" in page
    assert "Store credit: 226.00\xa0EUR and 22.60\xa0EUR on top" in page
    wrong = client.post(f"/trade-in/quote/{row.number}/", SELLER | {"iban": "NL91 ABNA 0417 1643 01"})
    assert (wrong.status_code, "one digit is wrong" in wrong.content.decode()) == (422, True)
    for _twice in range(2):
        done = client.post(f"/trade-in/quote/{row.number}/", SELLER, follow=True)
    rma = Rma.objects.get()
    assert done.redirect_chain[-1][0] == f"/return/{rma.number}/"
    page = done.content.decode()
    assert "You can hand it in now." in page
    assert "Call the sale off" in page
    worthless = client.post(form, answers(powers_on="no", screen="broken"), follow=True)
    assert "Hand it in to be recycled" in worthless.content.decode()
    given = {name: SELLER[name] for name in ("name", "email", "address", "country", "declared")}
    handed = client.post(worthless.redirect_chain[-1][0], given, follow=True).content.decode()
    assert "We erase your data and recycle it." in handed
    # Nobody else reaches the quote by its number.
    assert Client().get(f"/trade-in/quote/{row.number}/").status_code == 404
    reactions.drain(at=clock.now(), queues=["documents", "outside"])
    assert f"You can hand in your trade-in {rma.number}" in set(Message.objects.values_list("subject", flat=True))


def test_without_a_price_the_desk_answers_and_the_link_in_its_mail_opens_the_quote(
    cast: Cast, at: datetime, client: Client
) -> None:
    asked = {"what": "Nokia 3310", "device_class": "phone", "email": "robin@example.org", "name": "Robin", "reach": "1"}
    shown = client.post("/trade-in/other/", asked | {"key": str(uuid.uuid4())}, follow=True)
    assert "We are working out a price." in shown.content.decode()
    row = TradeIn.objects.get()
    client.force_login(cast.user("aisha"))
    assert row.number in client.get("/returns/trade-ins/").content.decode()
    assert "Somebody waits for our price: Nokia 3310." in client.get("/exceptions/").content.decode()
    price = f"/returns/trade-ins/{row.number}/price"
    assert "A sum is an amount like 12.50." in client.post(price, {"amount": "x"}).content.decode()
    client.post(price, {"amount": "17,50", "words": "A collector asked for one.", "act": "quote"})
    row.refresh_from_db()
    assert (row.status, str(row.amount)) == (TradeInStatus.QUOTED, "17.50")
    reactions.drain(at=clock.now(), queues=["outside"])
    mail = Message.objects.get(kind="returns/mail/tradein_quoted")
    link = next(word for word in mail.text.split() if word.startswith("http"))
    page = Client().get(link.replace("http://localhost:8000", ""), follow=True).content.decode()
    assert "We pay you 17.50\xa0EUR." in page
    assert "A collector asked for one." in page


def test_a_kiosk_shows_a_code_for_the_counter_and_forgets_who_stood_there(cast: Cast, at: datetime) -> None:
    product = tradein.phone(cast, clock.now() - timedelta(days=1))
    tablet = Client()
    # Only a registered station of a store is a kiosk.
    assert tablet.get("/kiosk/").status_code == 302
    tablet.cookies[STATION_COOKIE] = cast.station("Kiosk 1").token
    page = tablet.get("/kiosk/", {"q": "Fairphone"}).content.decode()
    assert 'data-idle="60"' in page
    assert "/return/" not in page
    quote = tablet.post(f"/kiosk/model/{product.pk}/", answers()).url  # type: ignore[attr-defined]
    row = TradeIn.objects.get()
    assert (row.channel, row.hub) == ("kiosk", cast.rotterdam)
    done = tablet.post(quote, SELLER, follow=True).content.decode()
    rma = Rma.objects.get()
    assert rma.number in done
    assert "Have your identity card or passport at hand" in done
    assert (rma.hub, "Robin" in done) == (cast.rotterdam, False)
    tablet.get("/kiosk/")
    # Also an address that shows nothing leads nowhere but to its own start.
    assert tablet.get(quote).url == "/kiosk/"  # type: ignore[attr-defined]

    # The counter takes it in by the code, and looks at the document.
    desk = Client()
    desk.force_login(cast.user("ines"))
    desk.get("/dock/")
    assert rma.number in desk.post("/floor/scan", {"code": rma.number}, follow=True).content.decode()
    got = returns.received(cast, rma, serial="", at=clock.now())
    returns.graded(got.device, at=clock.now())
    page = desk.get(f"/returns/trade-ins/{row.number}/").content.decode()
    assert "The law asks to look at its seller" in page
    assert "NL91" not in page
    seen = {"document": "passport", "number": "NP1234567", "of_age": "1"}
    desk.post(f"/returns/trade-ins/{row.number}/document", seen)
    assert IdentityCheck.objects.get().document == "passport"
    reactions.drain(at=clock.now(), queues=["fast"])
    desk.force_login(cast.user("esra"))
    page = desk.get(f"/returns/trade-ins/{row.number}/").content.decode()
    assert "NL91 ABNA 0417 1643 00" in page
    assert "margin scheme" in page
    got.device.refresh_from_db()
    assert got.device.owner == cast.operator


def test_a_list_of_blocked_numbers_is_brought_in_on_the_page(cast: Cast, at: datetime, client: Client) -> None:
    client.force_login(cast.user("sam"))
    file = SimpleUploadedFile("list.csv", f"number,why\n{tradein.IMEI},stolen\n".encode())
    page = client.post("/returns/trade-ins/blocked", {"source": "Police", "file": file}, follow=True).content.decode()
    assert "1 numbers are listed" in page
    assert BlockedNumber.objects.get().why == "stolen"
    product = tradein.phone(cast, clock.now() - timedelta(days=1))
    refused = client.post(f"/trade-in/model/{product.pk}/", answers() | {"serial": tradein.IMEI})
    assert "lost, stolen or blocked" in refused.content.decode()
    client.force_login(cast.user("anouk"))
    assert "we pay at most 226.00\xa0EUR" in client.get("/returns/trade-ins/prices/").content.decode()
    told = {"product": str(product.pk), "grade": "B", "amount": "300"}
    page = client.post("/returns/trade-ins/prices/set", told, follow=True).content.decode()
    assert "we pay at most 198.00\xa0EUR" in page
    assert (
        "A price is an amount"
        in client.post("/returns/trade-ins/prices/set", told | {"amount": "3.001"}, follow=True).content.decode()
    )
    # A price set here is in the money that quotes are made in, and nobody from outside reads or sets what we expect and pay.
    with override_settings(BASE_CURRENCY="CHF"):
        client.post("/returns/trade-ins/prices/set", told | {"amount": "310"})
    assert Price.objects.get(amount=310).currency == "CHF"
    client.force_login(cast.user("vera"))
    assert client.get("/returns/trade-ins/prices/").status_code == 404
    # By the first digits of an IMEI that was here the model of another one is known.
    assert quoting.suggestions("fairph") == [product]
