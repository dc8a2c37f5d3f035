"""After the return: one tap for an opinion, questions for the refund, buying again, and what of the money stayed."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from returns.models import AfterReturn, CaseMessage, MoneyState, RefundQuestion, Rma
from returns.queries import after as queries
from returns.services import after, letters, talking
from returns.services.after import UnableToAnswer
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from tests.cast import Cast
from tests.factories import desk, terms
from tests.returns.test_outcomes import came, opened, rival, ruled


def owner(rma: Rma) -> Actor:
    return guest({f"rma:{rma.pk}"})


def row_of(rma: Rma) -> AfterReturn:
    return AfterReturn.objects.get(pk=rma.pk)


def ended(cast: Cast, wanted: str, at: datetime, *, quantity: int = 1, **changes: object) -> Rma:
    rma = opened(cast, wanted, at, quantity=quantity, **changes)
    came(cast, rma, at, counted=quantity if quantity > 1 else None)
    return Rma.objects.get(pk=rma.pk)


def said(rma: Rma, kind: str) -> list[dict[str, object]]:
    return [row.payload for row in Entry.objects.filter(chain_id=rma.pk, kind=kind).order_by("sequence")]


@pytest.mark.parametrize(
    ("wanted", "shares"),
    [
        ("refund", ("449.00", "0.00", "0.00")),
        ("credit", ("0.00", "449.00", "0.00")),
        ("exchange", ("0.00", "0.00", "449.00")),
        ("replace", ("0.00", "0.00", "449.00")),
    ],
)
def test_what_became_of_the_money_is_written_down_once(
    cast: Cast, at: datetime, wanted: str, shares: tuple[str, ...]
) -> None:
    ruled(cast, at, bonus_percent="10" if wanted == "credit" else "0")
    rma = ended(cast, wanted, at)

    row = row_of(rma)
    assert (row.refunded, row.credited, row.exchanged) == tuple(map(Decimal, shares))
    assert row.deducted == 0
    after.closed(rma.pk, at=at)
    assert len(said(rma, "returns.money_shared")) == 1


def test_the_money_an_exchange_leaves_over_went_back(cast: Cast, at: datetime) -> None:
    ruled(cast, at)
    row = row_of(ended(cast, "exchange", at, **rival("400.00")))

    assert (row.refunded, row.exchanged) == (Decimal("49.00"), Decimal("400.00"))


def test_an_opinion_is_given_once_and_can_be_changed_for_a_week(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "refund", at)
    with pytest.raises(UnableToAnswer, match="isn't over yet"):
        after.answer(rma, score=5, by=owner(rma), at=at)
    came(cast, rma, at)

    with pytest.raises(NotAllowed):
        after.answer(rma, score=5, by=guest({"rma:another"}), at=at)
    with pytest.raises(NotAllowed):
        after.answer(rma, score=5, by=cast.sam, at=at)
    with pytest.raises(BadInput):
        after.answer(rma, score=6, by=owner(rma), at=at)
    for score in (2, 2):
        after.answer(rma, score=score, by=owner(rma), at=at)
    after.answer(rma, score=4, by=owner(rma), at=at + timedelta(days=7))
    with pytest.raises(UnableToAnswer, match="can't be changed any more"):
        after.answer(rma, score=1, by=owner(rma), at=at + timedelta(days=8))

    assert (row_of(rma).score, row_of(rma).answered_at) == (4, at)
    assert said(rma, "returns.opinion_given") == [{"score": 2}]
    assert said(rma, "returns.opinion_changed") == [{"score": 4, "before": 2}]


def test_the_mail_asks_once_its_link_writes_nothing_and_one_tap_answers(cast: Cast, db: None) -> None:
    at = clock.now() - timedelta(days=4)
    rma = ended(cast, "refund", at)
    assert after.run(at=at + timedelta(days=1)) == 0
    mail.outbox.clear()
    for later in (2, 3):
        after.run(at=at + timedelta(days=later))
        reactions.drain(at=at + timedelta(days=later))
    (letter,) = mail.outbox
    assert letter.subject == f"How was your return {rma.number}?"
    address = next(url for url in re.findall(r"http\S+", str(letter.body)) if url.endswith("rate=4"))

    customer = Client()
    parts = urlsplit(address)
    page = customer.get(f"{parts.path}?{parts.query}", follow=True)
    assert page.redirect_chain[-1][0].endswith(f"/return/{rma.number}/rate/?score=4")
    assert re.search(r'value="4" checked', page.content.decode())
    assert row_of(rma).score is None
    status = customer.get(f"/return/{rma.number}/").content.decode()
    assert "One tap is enough" in status

    done = customer.post(f"/return/{rma.number}/rate/", {"score": "4", "text": "Quick.", "key": str(uuid.uuid4())})

    assert done.status_code == 302
    assert row_of(rma).score == 4
    assert CaseMessage.objects.get().text == "Quick."
    assert "Quick" not in str(list(Entry.objects.filter(chain_id=rma.pk).values_list("payload", flat=True)))
    assert "You gave it 4 of 5: good." in customer.get(f"/return/{rma.number}/").content.decode()
    assert customer.post(f"/return/{rma.number}/rate/", {"score": "9"}).status_code == 422
    stranger = Client().post(f"/return/{rma.number}/rate/", {"score": "1"})
    assert stranger.status_code in {302, 403, 404}
    assert row_of(rma).score == 4


def test_the_page_says_where_the_money_is_and_questions_are_counted_once_with_it(cast: Cast, db: None) -> None:
    at = clock.now()
    rma = opened(cast, "refund", at)
    customer, office = Client(), Client()
    office.force_login(cast.user("sam"))
    token = urlsplit(letters.link(rma, at=at)).path
    customer.get(token)
    assert "Your money is due when" in customer.get(f"/return/{rma.number}/").content.decode()
    key = str(uuid.uuid4())
    for _twice in range(2):
        customer.post(f"/return/{rma.number}/message", {"text": "Where is it?", "about": "refund", "key": key})
    assert [(row.asked_by, row.money) for row in RefundQuestion.objects.all()] == [("portal", "not_due")]

    came(cast, rma, at)
    told = customer.get(f"/return/{rma.number}/").content.decode()
    assert "We paid you" in told
    written = talking.write(rma, text="Still nothing", key=uuid.uuid4(), by=owner(rma), at=at)
    with pytest.raises(NotAllowed):
        after.ask_for_refund(rma, source=written, by=cast.ravi, at=at)
    for _twice in range(2):
        office.post(f"/returns/{rma.number}/message/{written.pk}/refund")
    case = desk.case(cast, rma.order, at=at)
    type(case).objects.filter(pk=case.pk).update(rma=rma)
    office.post(f"/desk/case/{case.number}/refund")

    assert sorted((row.asked_by, row.money) for row in RefundQuestion.objects.all()) == [
        ("case", "paid"), ("message", "paid"), ("portal", "not_due"),
    ]  # fmt: skip
    assert len(said(rma, "returns.refund_asked_for")) == 3
    assert queries.whereabouts(rma).state == MoneyState.PAID


def test_buying_again_is_noted_once_and_an_exchange_isn_t_it(cast: Cast, at: datetime) -> None:
    ruled(cast, at)
    rma = ended(cast, "exchange", at)
    other = ended(cast, "credit", at, quantity=400)
    assert after.run(at=at + timedelta(hours=1)) == 0

    terms.order(cast, "PS-LATE", at=at + timedelta(days=91), email="someone@else.invalid")
    again = terms.order(cast, "PS-AGAIN", at=at + timedelta(days=10))
    terms.order(cast, "PS-THIRD", at=at + timedelta(days=12))
    for _twice in range(2):
        for pk, order in after.bought_again(at=at + timedelta(days=20)):
            after.note_again(pk, order, at=at + timedelta(days=20))

    for one in (rma, other):
        assert (row_of(one).again, row_of(one).again_days) == (again, 2)
        assert said(one, "returns.bought_again") == [{"order": str(again.pk), "days": 2}]


def test_the_page_counts_what_was_said_asked_bought_and_kept(cast: Cast, db: None) -> None:
    at = clock.now()
    ruled(cast, at)
    for wanted, score in (("refund", 2), ("credit", 5)):
        rma = ended(cast, wanted, at, quantity=1 if score == 2 else 400)
        after.answer(rma, score=score, by=owner(rma), at=at)
    written = talking.write(rma, text="Where?", key=uuid.uuid4(), by=owner(rma), at=at)
    after.ask_for_refund(rma, source=written, by=cast.sam, at=at)

    found = queries.figures(
        cast.maria, begin=at - timedelta(days=1), end=at + timedelta(days=1), ripe_before=at - timedelta(days=90)
    )
    assert (found.closed, found.average, found.per_hundred, found.kept) == (
        2, Decimal("3.50"), 50, Decimal(1000) / Decimal(1449),
    )  # fmt: skip
    assert (found.repeat, found.ripe) == (None, 0)
    assert [(row.name, row.answers, row.happy) for row in found.outcomes] == [("credit", 1, 1), ("refund", 1, 0)]

    client = Client()
    client.force_login(cast.user("maria"))
    page = client.get("/returns/after/").content.decode()
    for words in ("3.50", "50.0", "69 %", "Store credit", "given as store credit", "How it is counted"):
        assert words.lower() in page.lower(), words
    client.force_login(cast.user("ines"))
    assert client.get("/returns/after/").status_code == 403
