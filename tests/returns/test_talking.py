"""Messages between a customer and the returns desk."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from PIL import Image

from returns.models import CaseMessage, Rma
from returns.queries import inbox
from returns.services import letters, talking
from revlog.accounts.actors import Actor, system
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.evidence.models import Attachment
from revlog.terms.models import Message
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms

SECRET = "The hinge creaks, ask for Kim at 0610000000"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def rma(cast: Cast) -> Rma:
    return returns.rma(cast, order=terms.order(cast, at=clock.now()), at=clock.now())


def customer(rma: Rma) -> Actor:
    return guest({f"rma:{rma.pk}"})


def window(rma: Rma) -> Client:
    """The browser of the customer, who came by the link in a mail."""
    client = Client()
    client.get(letters.link(rma, at=clock.now()).partition("8000")[2])
    return client


def write(rma: Rma, by: Actor, text: str = SECRET, **more: object) -> CaseMessage:
    told: dict[str, object] = {"text": text, "key": uuid.uuid4(), "by": by, "at": clock.now()}
    return talking.write(rma, **(told | more))  # type: ignore[arg-type]


def photo(name: str = "hinge.jpg") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(file, "JPEG")
    file.seek(0)
    file.name = name
    return file


def test_the_customer_writes_and_the_desk_answers(cast: Cast, rma: Rma) -> None:
    client, desk = window(rma), Client()
    desk.force_login(cast.user("sam"))

    client.post(f"/return/{rma.number}/message", {"text": SECRET, "key": str(uuid.uuid4())})
    seen = desk.get(f"/returns/{rma.number}/").content.decode()
    desk.post(f"/returns/{rma.number}/message", {"text": "Send it as it is.", "key": str(uuid.uuid4())})

    assert SECRET in seen
    assert "not answered yet" in seen
    page = client.get(f"/return/{rma.number}/").content.decode()
    assert "Send it as it is." in page
    assert "Polder Shop" in page
    assert "Sam" not in page  # the shop answers, not a person by name
    assert "not answered yet" not in desk.get(f"/returns/{rma.number}/").content.decode()


def test_the_customer_gets_a_mail_when_the_desk_wrote_and_none_for_their_own(cast: Cast, rma: Rma) -> None:
    reactions.drain(at=clock.now(), queues=["outside"])
    mail.outbox.clear()

    write(rma, customer(rma))
    write(rma, cast.sam, "Use the box it came in.")
    reactions.drain(at=clock.now(), queues=["outside"])

    (sent,) = mail.outbox
    assert sent.subject == f"We wrote to you about your return {rma.number}"
    assert "Use the box it came in." in str(sent.body)
    assert "/return/link/" in str(sent.body)


def test_photos_go_with_a_message_and_are_seen_by_both_sides(cast: Cast, rma: Rma) -> None:
    client, desk = window(rma), Client()
    desk.force_login(cast.user("sam"))

    client.post(f"/return/{rma.number}/message", {"text": "See here", "photos": [photo()], "key": str(uuid.uuid4())})

    row = Attachment.objects.get(chain_id=rma.pk, use__startswith="photo_m_")
    for reader, path in ((client, "return"), (desk, "returns")):
        address = f"/{path}/{rma.number}/photo/{row.pk}.jpg"
        assert address in reader.get(f"/{path}/{rma.number}/").content.decode()
        assert reader.get(address).headers["Content-Type"] == "image/jpeg"
    assert Client().get(f"/return/{rma.number}/photo/{row.pk}.jpg").status_code == 404


def test_a_message_that_is_sent_twice_is_one_message(cast: Cast, rma: Rma) -> None:
    client, key = window(rma), str(uuid.uuid4())
    for _ in range(2):
        assert client.post(f"/return/{rma.number}/message", {"text": "Hello", "key": key}).status_code == 302

    assert CaseMessage.objects.count() == 1
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.customer_wrote").count() == 1


def test_the_key_of_another_case_shows_nothing_of_it(cast: Cast, rma: Rma) -> None:
    other = returns.rma(cast, order=terms.order(cast, "PS-2", email="lee@example.com", at=clock.now()), at=clock.now())
    message = write(other, customer(other))

    with pytest.raises(BadInput):
        write(rma, customer(rma), "Hello", key=message.pk)


@pytest.mark.parametrize(
    ("text", "said"), [("   ", "Write something first."), ("x" * 4001, "A message has at most 4,000 characters.")]
)
def test_an_empty_and_an_endless_message_are_refused_and_what_was_typed_stays(rma: Rma, text: str, said: str) -> None:
    answer = window(rma).post(f"/return/{rma.number}/message", {"text": text, "key": str(uuid.uuid4())})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert text.strip() in answer.content.decode()


def test_a_flood_of_messages_is_stopped(rma: Rma) -> None:
    for _ in range(talking.MOST_AT_ONCE):
        write(rma, customer(rma), "Hello")

    with pytest.raises(talking.TooMuch):
        write(rma, customer(rma), "Hello")


def test_only_its_customer_its_seller_and_the_operator_write(cast: Cast, rma: Rma) -> None:
    for stranger in (guest({f"rma:{uuid.uuid4()}"}), cast.noor, cast.vera):
        with pytest.raises(NotAllowed):
            write(rma, stranger)
    assert Client().post(f"/return/{rma.number}/message", {"text": "Hello"}).status_code == 404


def test_what_waits_for_an_answer_is_in_the_inbox_once_until_it_is_answered(cast: Cast, rma: Rma) -> None:
    write(rma, customer(rma))
    write(rma, customer(rma), "And?")

    (row,) = [row for row in inbox.exceptions(cast.sam) if row.kind == "customer_wrote"]
    assert row.sentence == "The customer wrote 2 messages and waits for an answer."
    assert (row.thing, row.url) == (rma.number, f"/returns/{rma.number}/#messages")
    write(rma, cast.sam, "Yes.")
    assert not [row for row in inbox.exceptions(cast.sam) if row.kind == "customer_wrote"]


def test_a_message_that_needs_no_answer_leaves_the_inbox(cast: Cast, rma: Rma) -> None:
    write(rma, customer(rma), "Thanks")
    desk = Client()
    desk.force_login(cast.user("sam"))

    desk.post(f"/returns/{rma.number}/read")
    desk.post(f"/returns/{rma.number}/read")

    assert not [row for row in inbox.exceptions(cast.sam) if row.kind == "customer_wrote"]
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.messages_read").count() == 1
    with pytest.raises(NotAllowed):
        talking.read(rma, by=customer(rma), at=clock.now())


def test_the_ledger_knows_that_somebody_wrote_and_not_what(cast: Cast, rma: Rma) -> None:
    message = write(rma, customer(rma))

    entry = Entry.objects.get(chain_id=rma.pk, kind="returns.customer_wrote")
    assert entry.payload == {"message": str(message.pk), "photos": 0}


def test_erasing_the_person_erases_what_was_written_and_shown(cast: Cast, rma: Rma) -> None:
    client = window(rma)
    client.post(f"/return/{rma.number}/message", {"text": SECRET, "photos": [photo()], "key": str(uuid.uuid4())})
    write(rma, cast.sam, "We call you, Kim.")
    reactions.drain(at=clock.now())
    label = Attachment.objects.get(chain_id=rma.pk, use="return_label")

    orders.erase_contact(rma.contact_id, by=system("test"), at=clock.now())

    assert set(CaseMessage.objects.values_list("text", flat=True)) == {""}
    assert not Message.objects.exclude(text="").exists()
    label.artifact.refresh_from_db()
    assert label.artifact.erased_at is not None
    assert Attachment.objects.get(use__startswith="photo_m_").artifact.erased_at is not None
    page = client.get(f"/return/{rma.number}/").content.decode()
    assert "Erased." in page
    assert "Write to the returns desk" not in page
    assert Entry.objects.filter(chain_id=rma.pk, kind="terms.contact_erased").exists()
