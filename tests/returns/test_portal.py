from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from PIL import Image

from returns.models import Attempts, Rma, RmaStatus
from returns.services import attempts, letters, receiving
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.evidence.models import Attachment
from revlog.terms.models import Message, Order
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms

EMAIL = terms.EMAIL


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    from django.utils import translation

    with translation.override("en"):
        yield


def order_now(cast: Cast, *lines: object, **changes: object) -> Order:
    """An order of Kim's that was delivered five days before the real clock, by which pages run."""
    return terms.order(cast, "PS-1001", *lines, at=clock.now(), **changes)  # type: ignore[arg-type]


def find(client: Client, number: str = "PS-1001", email: str = EMAIL) -> object:
    return client.post("/return/", {"order": number, "email": email})


def announce(client: Client, order: Order, **changes: str) -> Rma:
    """Through all the pages, as Kim does it."""
    line = order.lines.get(position=1)
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    told = {"quantity": "1", "reason": "CHANGED_MIND", "wanted": "refund", "note": ""} | changes
    client.post(f"/return/order/{order.pk}/why/", {f"{line.pk}-{name}": value for name, value in told.items()})
    client.post(f"/return/order/{order.pk}/check/")
    return Rma.objects.get(order=order)


def test_a_guest_goes_from_the_order_to_the_label(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    line = order.lines.get()

    # The order, by its number and e-mail.
    page = client.get("/return/")
    assert "Return something" in page.content.decode()
    answer = find(client, " #ps-1001 ", "KIM@example.com")
    assert answer.status_code == 302  # type: ignore[attr-defined]

    # Which: the laptop is a card to tick, with the last day of its window.
    page = client.get(f"/return/order/{order.pk}/")
    text = page.content.decode()
    assert "ThinkPad T480" in text
    assert "Return until" in text
    assert "449.00" in text
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})

    # Why: a reason and a wish; the money is in sight.
    page = client.get(f"/return/order/{order.pk}/why/")
    assert "Battery doesn&#x27;t last" in page.content.decode()
    answer = client.post(
        f"/return/order/{order.pk}/why/",
        {f"{line.pk}-quantity": "1", f"{line.pk}-reason": "CHANGED_MIND", f"{line.pk}-wanted": "refund"},
    )
    assert answer.status_code == 302

    # Check, and announce.
    page = client.get(f"/return/order/{order.pk}/check/")
    assert "449.00" in page.content.decode()
    answer = client.post(f"/return/order/{order.pk}/check/")
    rma = Rma.objects.get()
    assert answer.headers["Location"] == f"/return/{rma.number}/"

    # The label is made by a worker, and shows when it is there.
    page = client.get(f"/return/{rma.number}/")
    assert "Your label is being made" in page.content.decode()
    reactions.drain(at=clock.now(), queues=["documents"])
    page = client.get(f"/return/{rma.number}/labels/")
    assert "Print the label" in page.content.decode()
    parcel = rma.parcel_links.get().parcel
    label = client.get(f"/return/{rma.number}/label/{parcel.pk}.pdf")
    assert label.headers["Content-Type"] == "application/pdf"
    assert label.content.startswith(b"%PDF-")


def test_a_wrong_number_and_a_wrong_email_get_the_same_answer(cast: Cast, client: Client) -> None:
    order_now(cast)

    wrong_number = find(client, "PS-9999")
    wrong_email = find(client, email="kim@example.org")

    assert wrong_number.status_code == wrong_email.status_code == 422  # type: ignore[attr-defined]
    said = "We find no order with this number and e-mail."
    assert said in wrong_number.content.decode()  # type: ignore[attr-defined]
    assert said in wrong_email.content.decode()  # type: ignore[attr-defined]


def test_nobody_guesses_for_long(cast: Cast, client: Client) -> None:
    order_now(cast)
    for _ in range(attempts.AT_ONE_ORDER):
        assert find(client, email="guess@example.org").status_code == 422  # type: ignore[attr-defined]

    # Now even the right answer has to wait: the answers don't tell right from wrong.
    answer = find(client)

    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert "Wait ten minutes" in answer.content.decode()  # type: ignore[attr-defined]
    Attempts.objects.update(begun_at=clock.now() - attempts.STRETCH - timedelta(seconds=1))
    assert find(client).status_code == 302  # type: ignore[attr-defined]


def test_tries_are_counted_without_keeping_addresses(cast: Cast, client: Client) -> None:
    find(client, "PS-1")

    assert not Attempts.objects.filter(key__contains="127.0.0.1").exists()
    assert all(len(row.key) == 64 for row in Attempts.objects.all())


def test_strangers_see_neither_order_nor_return_nor_label(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    rma = announce(client, order)
    reactions.drain(at=clock.now(), queues=["documents"])
    parcel = rma.parcel_links.get().parcel
    stranger = Client()

    for path in (
        f"/return/order/{order.pk}/",
        f"/return/order/{order.pk}/why/",
        f"/return/order/{order.pk}/check/",
        f"/return/{rma.number}/",
        f"/return/{rma.number}/labels/",
        f"/return/{rma.number}/label/{parcel.pk}.pdf",
        "/return/RMA-0000-0000/",
    ):
        assert stranger.get(path).status_code == 404, path
    for path in ("cancel", "handed-in", "parcel"):
        assert stranger.post(f"/return/{rma.number}/{path}").status_code == 404


def test_one_return_opens_no_other(cast: Cast, client: Client) -> None:
    first = announce(client, order_now(cast))
    other = returns.rma(cast, order=terms.order(cast, "PS-2", at=clock.now(), email="lee@example.com"), at=clock.now())

    assert client.get(f"/return/{first.number}/").status_code == 200
    assert client.get(f"/return/{other.number}/").status_code == 404


def test_the_signed_link_of_a_mail_opens_the_status_page(cast: Cast, client: Client) -> None:
    rma = returns.rma(cast, order=order_now(cast), at=clock.now())
    path = letters.link(rma, at=clock.now()).partition("8000")[2]

    answer = client.get(path, follow=True)

    assert answer.status_code == 200
    assert "You can send it now." in answer.content.decode()
    assert client.get(path[:-3] + "/").status_code == 410
    run_out = letters.link(rma, at=clock.now() - timedelta(days=400)).partition("8000")[2]
    assert Client().get(run_out).status_code == 410


def test_what_can_not_be_returned_says_why_and_can_not_be_ticked(cast: Cast, client: Client) -> None:
    order = order_now(cast, days=800)
    find(client)

    page = client.get(f"/return/order/{order.pk}/")

    assert "The return window has ended." in page.content.decode()
    line = order.lines.get()
    answer = client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    assert answer.status_code == 422
    assert "Choose at least one thing." in answer.content.decode()


def test_a_wish_that_the_rules_do_not_allow_is_said_beside_it(cast: Cast, client: Client) -> None:
    order = order_now(cast, days=300)
    line = order.lines.get()
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})

    answer = client.post(
        f"/return/order/{order.pk}/why/",
        {
            f"{line.pk}-quantity": "1",
            f"{line.pk}-reason": "BATTERY",
            f"{line.pk}-asked": "BATTERY",
            f"{line.pk}-wanted": "refund",
        },
    )

    assert answer.status_code == 422
    assert "For this reason we offer: exchange, repair, replacement under warranty." in answer.content.decode()
    assert not Rma.objects.exists()


def test_the_choices_follow_the_reason(cast: Cast, client: Client) -> None:
    order = order_now(cast, days=300)
    line = order.lines.get()
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    path = f"/return/order/{order.pk}/why/{line.pk}/"

    fault = client.post(path, {f"{line.pk}-quantity": "1", f"{line.pk}-reason": "BATTERY"}).content.decode()
    remorse = client.post(path, {f"{line.pk}-quantity": "1", f"{line.pk}-reason": "CHANGED_MIND"}).content.decode()

    assert "Have it repaired" in fault
    assert "My money back" not in fault
    assert "answer within two working days" in fault
    assert "The return window has ended." in remorse


def test_hostile_answers_are_refused_with_a_sentence(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    line = order.lines.get()
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk), "x", "' OR 1=1"]})
    path = f"/return/order/{order.pk}/why/"
    key = str(line.pk)

    for told in (
        {f"{key}-quantity": "0", f"{key}-reason": "CHANGED_MIND", f"{key}-wanted": "refund"},
        {f"{key}-quantity": "9" * 30, f"{key}-reason": "CHANGED_MIND", f"{key}-wanted": "refund"},
        {f"{key}-quantity": "1", f"{key}-reason": "UNDELIVERABLE", f"{key}-wanted": "refund"},
        {f"{key}-quantity": "1", f"{key}-reason": "CHANGED_MIND", f"{key}-wanted": "gold"},
        {f"{key}-quantity": "1", f"{key}-reason": "CHANGED_MIND", f"{key}-wanted": "refund", f"{key}-note": "x" * 1001},
        {},
    ):
        assert client.post(path, told).status_code == 422, told
    assert client.post(f"/return/order/{order.pk}/check/").status_code in {302, 422}
    assert not Rma.objects.exists()


def test_a_photo_is_kept_without_what_it_told_of_its_taker(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    line = order.lines.get()
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG", exif=b"Exif\0\0secret place")
    told = {f"{line.pk}-quantity": "1", f"{line.pk}-reason": "DAMAGED_TRANSIT", f"{line.pk}-wanted": "refund"}
    file.seek(0)
    file.name = "kitchen.jpg"

    client.post(f"/return/order/{order.pk}/why/", told | {f"{line.pk}-photos": file})
    client.post(f"/return/order/{order.pk}/check/")

    rma = Rma.objects.get()
    row = Attachment.objects.get(chain_id=rma.pk, use="photo_customer")
    picture = client.get(f"/return/{rma.number}/photo/{row.pk}.jpg")
    assert picture.status_code == 200
    assert b"secret place" not in picture.content
    assert Client().get(f"/return/{rma.number}/photo/{row.pk}.jpg").status_code == 404


def test_a_file_that_is_no_photo_is_refused_beside_its_field(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    line = order.lines.get()
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    file = io.BytesIO(b"<svg onload=alert(1)>")
    file.name = "photo.jpg"

    answer = client.post(
        f"/return/order/{order.pk}/why/",
        {
            f"{line.pk}-quantity": "1",
            f"{line.pk}-reason": "DAMAGED_TRANSIT",
            f"{line.pk}-wanted": "refund",
            f"{line.pk}-photos": file,
        },
    )

    assert answer.status_code == 422
    assert "This file is no photo that can be read." in answer.content.decode()


def test_handing_in_calling_off_and_one_more_label(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    rma = announce(client, order)

    assert client.post(f"/return/{rma.number}/parcel").status_code == 302
    assert rma.parcel_links.count() == 2
    assert client.post(f"/return/{rma.number}/handed-in").status_code == 302
    assert Rma.objects.get().status == RmaStatus.HANDED_OVER
    refused = client.post(f"/return/{rma.number}/cancel")
    assert refused.status_code == 409
    assert "can&#x27;t be called off any more" in refused.content.decode()


def test_of_a_box_that_was_short_the_customer_reads_what_was_there_and_its_money(cast: Cast, client: Client) -> None:
    order = order_now(cast, terms.cable_line())
    rma = announce(client, order, quantity="400")
    assert "1,000.00" in client.get(f"/return/{rma.number}/").content.decode()
    receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, counted=388, by=cast.ines, at=clock.now())

    text = client.get(f"/return/{rma.number}/").content.decode()

    assert "388 of 400 × USB-C cable, 1 m" in text
    assert "970.00" in text
    assert "1,000.00" not in text


def test_calling_off_lets_it_be_announced_again(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    rma = announce(client, order)

    client.post(f"/return/{rma.number}/cancel")

    assert "You called this return off." in client.get(f"/return/{rma.number}/").content.decode()
    assert client.post(f"/return/order/{order.pk}/", {"lines": [str(order.lines.get().pk)]}).status_code == 302


def test_a_get_changes_nothing(cast: Cast, client: Client) -> None:
    rma = announce(client, order_now(cast))

    for path in ("cancel", "handed-in", "parcel"):
        assert client.get(f"/return/{rma.number}/{path}").status_code == 405


def test_the_customer_is_written_to_once_in_their_language(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    client.cookies["django_language"] = "de"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    rma = announce(client, order)
    mail.outbox.clear()

    reactions.drain(at=clock.now(), queues=["outside"])

    message = Message.objects.get(thing=f"rma:{rma.pk}")
    assert (message.kind, message.language, message.to) == ("returns/mail/approved", "de", EMAIL)
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [message.message_id]
    assert "/return/link/" in message.text
    assert message.sent_at is not None


def test_a_mail_that_goes_twice_is_the_same_mail(cast: Cast, client: Client) -> None:
    from returns import reactions as returning

    rma = announce(client, order_now(cast))
    entry = Entry.objects.get(chain_id=rma.pk, kind="returns.rma_approved")
    mail.outbox.clear()

    # A worker that died after handing the mail over: the row says unsent, so it goes again under the same Message-ID.
    returning.write_to_customer(entry, at=clock.now())
    returning.write_to_customer(entry, at=clock.now())

    ids = {sent.extra_headers["Message-ID"] for sent in mail.outbox}
    assert (len(mail.outbox), len(ids)) == (2, 1)
    assert Message.objects.count() == 1


def test_an_erased_customer_is_written_to_no_more(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    announce(client, order)
    reactions.drain(at=clock.now(), queues=["outside"])
    orders.erase_contact(order.contact_id, by=system("test"), at=clock.now())

    message = Message.objects.get()
    assert (message.to, message.subject, message.text, message.html) == ("", "", "", "")
    assert find(Client()).status_code == 422  # type: ignore[attr-defined]


def test_somebody_signed_in_may_use_the_portal_all_the_same(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    client.force_login(cast.user("ines"))

    rma = announce(client, order)

    assert client.get(f"/return/{rma.number}/").status_code == 200
    assert rma.opened_by.startswith("guest:")


def test_no_personal_data_is_on_any_chain(cast: Cast, client: Client) -> None:
    announce(client, order_now(cast), note="Call me at 0610000000, Kim")
    reactions.drain(at=clock.now())

    said = " ".join(str(payload) for payload in Entry.objects.values_list("payload", flat=True))
    for secret in ("kim", "Jansen", "Kade 12", "0610000000", "example.com"):
        assert secret.lower() not in said.lower()


# Once -------------------------------------------------------------------------------------------------------------------------------


def chosen(client: Client, order: Order, quantity: int = 1) -> str:
    """Up to the last page; gives the key in its form."""
    line = order.lines.get(position=1)
    find(client)
    client.post(f"/return/order/{order.pk}/", {"lines": [str(line.pk)]})
    told = {"quantity": str(quantity), "reason": "CHANGED_MIND", "wanted": "refund"}
    client.post(f"/return/order/{order.pk}/why/", {f"{line.pk}-{name}": value for name, value in told.items()})
    text = client.get(f"/return/order/{order.pk}/check/").content.decode()
    return text.partition('name="key" value="')[2].partition('"')[0]


def test_a_form_that_is_sent_twice_makes_one_return_and_shows_it(cast: Cast, client: Client) -> None:
    order = order_now(cast, terms.cable_line())
    key = chosen(client, order)  # one of 400: a second return of one more would be allowed

    first = client.post(f"/return/order/{order.pk}/check/", {"key": key})
    second = client.post(f"/return/order/{order.pk}/check/", {"key": key})

    rma = Rma.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/return/{rma.number}/"


def test_a_try_after_the_answer_was_lost_shows_the_return_that_was_made(cast: Cast, client: Client) -> None:
    from returns.services import announcing
    from returns.services.opening import Wish

    order = order_now(cast, terms.cable_line())
    key = uuid.UUID(chosen(client, order))
    # The first try came through, its answer (and with it the session) didn't.
    wish = Wish(line=order.lines.get().pk, reason="CHANGED_MIND")
    announcing.announce(key=key, order=order, wishes=[wish], by=returns.kim(order), at=clock.now())

    answer = client.post(f"/return/order/{order.pk}/check/", {"key": str(key)})

    assert answer.headers["Location"] == f"/return/{Rma.objects.get().number}/"


def test_two_tabs_make_one_return(cast: Cast, client: Client) -> None:
    order = order_now(cast, terms.cable_line())
    key = chosen(client, order)
    again = client.get(f"/return/order/{order.pk}/check/").content.decode()

    assert f'value="{key}"' in again  # both tabs carry the same key
    client.post(f"/return/order/{order.pk}/check/", {"key": key})
    client.post(f"/return/order/{order.pk}/check/", {"key": key})

    assert Rma.objects.count() == 1


def test_the_next_return_of_the_same_order_is_another_one(cast: Cast, client: Client) -> None:
    order = order_now(cast, terms.cable_line())
    for _ in range(2):
        client.post(f"/return/order/{order.pk}/check/", {"key": chosen(client, order)})

    assert Rma.objects.count() == 2


def test_the_back_button_finds_the_return_and_not_an_empty_form(cast: Cast, client: Client) -> None:
    order = order_now(cast)
    client.post(f"/return/order/{order.pk}/check/", {"key": chosen(client, order)})

    answer = client.get(f"/return/order/{order.pk}/check/", follow=True)

    assert Rma.objects.get().number in answer.content.decode()
    assert "You announced this already." in answer.content.decode()


def test_the_key_of_another_order_opens_nothing(cast: Cast, client: Client) -> None:
    other = order_now(cast)
    key = chosen(client, other)
    client.post(f"/return/order/{other.pk}/check/", {"key": key})
    mine = terms.order(cast, "PS-7", at=clock.now(), email="lee@example.com")
    stranger = Client()
    find(stranger, "PS-7", "lee@example.com")

    answer = stranger.post(f"/return/order/{mine.pk}/check/", {"key": key})

    assert answer.headers["Location"] == f"/return/order/{mine.pk}/"
    assert stranger.get(f"/return/{Rma.objects.get().number}/").status_code == 404
