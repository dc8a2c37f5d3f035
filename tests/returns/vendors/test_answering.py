"""A supplier is asked by mail and answers by its link, without an account; each refusal beside the success."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client

from returns.models import VendorReturn
from returns.services import deadlines
from returns.services.vendors import asking, returning, writing
from returns.services.vendors.returning import UnableToReturn
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.terms.models import Message
from tests.cast import Cast
from tests.factories import vendors as make

MAILBOX = "returns@norden.example"


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def asked(cast: Cast, *, at: datetime, products: int = 1, **terms: object) -> VendorReturn:
    make.agreed(cast, mail=MAILBOX, **terms)
    lots = [
        make.going_back(cast, product=make.model(f"Cable {n}"), pieces=20, price="10.00", at=at)
        for n in range(products)
    ]
    return asking.ask(make.drafted(cast, *lots, at=at), by=cast.henrik, at=at)


def test_a_supplier_is_written_to_once_and_reminded_once_before_the_agreed_day(cast: Cast, at: datetime) -> None:
    rtv = asked(cast, at=at, answer_days="10")
    assert rtv.answer_by == at + timedelta(days=10)
    reactions.drain(at=at, queues=["outside"])
    reactions.drain(at=at, queues=["outside"])
    [first] = mail.outbox
    assert (first.to, rtv.number in first.subject, "180.00" in first.body) == ([MAILBOX], True, True)

    for days, mails in ((6, 1), (8, 2), (9, 2), (11, 2)):
        deadlines.run(at=at + timedelta(days=days))
        reactions.drain(at=at + timedelta(days=days), queues=["outside"])
        assert len(mail.outbox) == mails, days
    assert "your answer by" in mail.outbox[1].subject
    assert Message.objects.filter(kind="returns/mail/vendor_asked").count() == 2
    # Where the agreement names no mailbox, nobody is written to, and nobody reminded.
    make.agreed(cast, valid_from=at.date(), answer_days="10")
    silent = asking.ask(make.drafted(cast, make.going_back(cast, product=make.model("Hub"))), by=cast.henrik, at=at)
    reactions.drain(at=at, queues=["outside"])
    assert (silent.agreement.version, writing.due(at=at + timedelta(days=8)), len(mail.outbox)) == (2, [], 2)
    with pytest.raises(BadInput, match="e-mail address"):
        make.agreed(cast, mail="returns at norden")


def test_the_link_answers_once_and_opens_nothing_else(cast: Cast) -> None:
    at = clock.now()
    rtv = asked(cast, at=at, products=2)
    reactions.drain(at=at, queues=["outside"])
    found = re.search(r"/vendors/answer/link/\S+", str(mail.outbox[0].body))
    assert found is not None
    client, stranger = Client(), Client()
    page = client.get(found[0])["Location"]
    assert "Say by" in text(client.get(page))
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"act": "refuse", "why": "x"}).status_code == 404
    over = writing.link(VendorReturn(pk=rtv.pk, answer_by=at - timedelta(days=61)), at=at)
    assert stranger.get(over[over.index("/vendors/") :]).status_code == 410
    other = make.drafted(cast, make.going_back(cast, product=make.model("Hub"), at=at), at=at)
    asking.ask(other, by=cast.henrik, at=at)
    assert client.post(f"/vendors/answer/{other.pk}/", {"act": "authorize", "theirs": "X"}).status_code == 404
    with pytest.raises(NotAllowed, match="for the supplier"):
        asking.refuse(other, why="x", by=guest({returning.scope(rtv)}), at=at)

    wrong = client.post(page, {"act": "take_part", "theirs": "N-1", "pieces-1": "21", "why": "Full."})
    assert (wrong.status_code, "there are 20 pieces" in text(wrong)) == (422, True)
    part = {"act": "take_part", "theirs": "N-1", "pieces-1": "12", "credit-2": "150", "why": "Our store is full."}
    assert client.post(page, part).status_code == 302
    rtv.refresh_from_db()
    assert (rtv.status, [(one.quantity, one.expected) for one in rtv.lines.all()]) == (
        "authorized", [(12, Decimal("108.00")), (20, Decimal("150.00"))],
    )  # fmt: skip
    assert VendorReturn.objects.get(status="refused").answer == "Our store is full."
    assert "You take it in part" in text(client.get(page))
    for again in ({"act": "authorize", "theirs": "N-2"}, part, {"act": "refuse", "why": "x"}):
        second = client.post(page, again)
        assert (second.status_code, "is authorized" in text(second)) == (409, True)
    with pytest.raises(UnableToReturn, match="is authorized"):
        asking.authorize(rtv, theirs="N-2", by=guest({returning.scope(rtv)}), at=at)
    assert Device.objects.filter(state="IN_TRIAGE").count() == 1
