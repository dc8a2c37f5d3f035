"""Photos that couldn't be sent along when a return was announced: the customer's page asks for them, and one mail reminds of them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from returns import policy
from returns.models import Origin, Rma
from returns.queries import photos
from returns.services import approval, deadlines, opening, talking
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from revlog.terms.models import Message
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms
from tests.factories.proof import kim
from tests.returns.test_offer_pages import page, visiting

ASKS = "We still need a photo of what you send back."


def announced(cast: Cast, at: datetime, *, origin: Origin) -> Rma:
    """By a shop's system or by telephone, where the rules want a photo and none can come."""
    rule = {
        "id": "photo",
        "when": {"fact": "reason", "op": "==", "value": "CHANGED_MIND"},
        "then": {"allow": True, "photos": 1},
    }
    body = dict(policy.SHIPPED) | {"rules": [rule, *policy.SHIPPED["rules"]]}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    order = terms.order(cast, country="US", at=at)
    rma = opening.open_rma(order=order, wishes=[returns.wish(order)], origin=origin, by=cast.sam, at=at)
    if rma.status == "requested":
        rma = approval.approve(rma, why="Agreed.", by=cast.maria, at=at)
    reactions.drain(at=at)
    rma.refresh_from_db()
    return rma


def reminders(rma: Rma) -> int:
    return Entry.objects.filter(chain_id=rma.pk, kind="returns.photos_reminded").count()


@pytest.mark.parametrize("origin", [Origin.API, Origin.STAFF])
def test_its_customer_is_reminded_once_before_the_last_day(cast: Cast, at: datetime, origin: Origin) -> None:
    rma = announced(cast, at, origin=origin)
    assert rma.hand_in_by is not None
    soon = rma.hand_in_by - timedelta(days=2)
    deadlines.run(at=rma.hand_in_by - timedelta(days=4))
    assert reminders(rma) == 0

    for _look in range(2):
        deadlines.run(at=soon)
    reactions.drain(at=soon)

    assert reminders(rma) == 1
    mail = Message.objects.get(kind="returns/mail/photos")
    assert ASKS in mail.text
    assert rma.number in mail.subject


def test_who_has_sent_it_is_asked_no_more(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    rma = announced(cast, at, origin=Origin.API)
    assert rma.hand_in_by is not None
    monkeypatch.setattr(clock, "now", lambda: at)
    client = visiting(rma)
    assert ASKS in page(client, rma)
    sent = artifacts.keep_photo(pictures.drawn("a lid"), at=at)
    talking.write(rma, text="Here it is.", photos=[sent.digest], key=uuid.uuid4(), by=kim(rma), at=at)

    assert photos.still_wanted(rma, list(rma.lines.all())) == 0
    assert ASKS not in page(client, rma)
    deadlines.run(at=rma.hand_in_by - timedelta(days=2))
    assert reminders(rma) == 0


def test_what_wants_no_photo_is_not_asked_for(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    assert rma.hand_in_by is not None
    deadlines.run(at=rma.hand_in_by - timedelta(days=2))
    assert reminders(rma) == 0
