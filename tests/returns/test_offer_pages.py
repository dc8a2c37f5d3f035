"""Offers and appeals on the pages: two clear answers for the customer, the decision side by side for the desk."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from returns.models import Appeal, AppealStatus, Offer, OfferStatus, Refund, Rma
from returns.queries import inbox
from returns.services import accepting, appeals, deducting, offers
from revlog.accounts import guests
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns, terms
from tests.factories.proof import kim
from triage.services import disposition
from triage.services.inspection import Finding


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> datetime:
    """The pages' clock stands at the tests' moment."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


def visiting(rma: Rma) -> Client:
    client = Client()
    token = guests.sign({f"rma:{rma.pk}"}, until=clock.now() + timedelta(days=1))
    client.get(reverse("returns_link", args=[token]))
    return client


def desk(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def page(client: Client, rma: Rma) -> str:
    return client.get(reverse("portal_status", args=[rma.number])).content.decode()


def test_the_customer_reads_the_offer_first_and_accepts_it(cast: Cast, now: datetime) -> None:
    rma = proof_of.worn(cast, now, Finding(code="keyboard"))
    offer = Offer.objects.get()
    client = visiting(rma)
    told = page(client, rma)
    for words in ("We need your answer.", "What we can pay: 224.50", "It was sold as new and came back damaged."):
        assert words in told
    assert told.index("What we can pay") < told.index("What we found")

    address = reverse("portal_offer", args=[rma.number, offer.pk])
    other = returns.rma(cast, order=terms.order(cast, "PS-9", terms.laptop_line(serials=("PF1X",)), at=now), at=now)
    assert visiting(other).post(address, {"act": "accept"}).status_code == 404
    assert client.post(address, {"act": "accept"}).status_code == 302
    assert Offer.objects.get().status == OfferStatus.ACCEPTED
    # The back button and a second press: said as it is, and nothing twice.
    again = client.post(address, {"act": "accept"})
    assert again.status_code == 409
    assert "This offer is accepted." in again.content.decode()
    assert Refund.objects.count() == 1


def test_declining_needs_a_way_and_an_appeal_is_one(cast: Cast, now: datetime) -> None:
    rma = proof_of.worn(cast, now, Finding(code="keyboard"))
    address = reverse("portal_offer", args=[rma.number, Offer.objects.get().pk])
    client = visiting(rma)
    refused = client.post(address, {"act": "decline"})
    assert "Choose what is to happen then." in refused.content.decode()
    assert client.post(address, {"act": "decline", "path": "appeal", "words": "They work."}).status_code == 302
    assert Appeal.objects.get().words == "They work."
    assert "Somebody else is looking at it again." in page(client, rma)


def test_the_appeal_button_has_a_clock_and_opens_it_once(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rma = proof_of.worn(cast, now)
    client = visiting(rma)
    told = page(client, rma)
    assert re.search(r"Until \w+, \d+ November you can have somebody else look again", told)
    address = reverse("portal_appeal", args=[rma.number, returns.unit_of(rma).pk])
    assert client.post(address, {"words": "No scratch."}).status_code == 302
    told = page(client, rma)
    assert "Somebody who did not look before looks again." in told
    assert "Look again</button>" not in told
    appeal = Appeal.objects.get()
    assert client.post(address).status_code == 409
    assert client.post(reverse("portal_appeal_withdraw", args=[rma.number, appeal.pk])).status_code == 302
    assert Appeal.objects.get().status == AppealStatus.WITHDRAWN

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=20))
    assert "I don't agree" not in page(client, rma)


def test_what_was_refused_says_until_when_it_stays_and_is_asked_back_once(cast: Cast, now: datetime) -> None:
    rma = returns.rma(cast, at=now)
    returns.received(cast, rma, at=now)
    accepting.refuse_unit(returns.unit_of(rma), reason="It is not ours.", by=cast.aisha, at=now)
    ours = desk(cast, "sam").get(reverse("returns_rma", args=[rma.number])).content.decode()
    assert "The customer wants it back now" in ours
    client = visiting(rma)
    told = page(client, rma)
    assert re.search(r"It stays with us until \w+, \d+ \w+", told)
    assert "Send it back to me now</button>" in told
    address = reverse("portal_ask_back", args=[rma.number, returns.unit_of(rma).pk])
    assert client.post(address).status_code == 302
    assert "Send it back to me now</button>" not in page(client, rma)
    assert client.post(address).status_code == 409


def test_the_desk_decides_with_both_looks_side_by_side(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rma = proof_of.worn(cast, now, photo="a scratched lid")
    appeal = appeals.open_appeal(returns.unit_of(rma), words="No scratch.", by=kim(rma), at=now + timedelta(seconds=30))
    address = reverse("returns_appeal", args=[appeal.pk])
    told = desk(cast, "carla").get(address).content.decode()
    for words in ("No scratch.", "Nobody else has looked at it again yet.", "Ravi Menon", "C, visible wear"):
        assert words in told
    later = now + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    proof_of.looked_at(cast, Device.objects.get(), at=later, gone=("scratch",), photo="a spotless lid", by=cast.maria)
    told = desk(cast, "carla").get(address).content.decode()
    assert told.count('class="photo-grid"') == 2
    assert desk(cast, "ines").post(address, {"act": "upheld", "why": "x"}).status_code == 403
    assert desk(cast, "carla").post(address, {"act": "changed", "amount": "449", "why": ""}).status_code == 422
    done = desk(cast, "carla").post(address, {"act": "changed", "amount": "449,00", "why": "It was dust."})
    assert done.status_code == 302
    assert Refund.objects.filter(amount=Decimal("112.25")).exists()
    # And another person approves the rest on the return's page.
    rest = Refund.objects.get(supplement_to__isnull=False)
    sent = {"refund": str(rest.pk), "act": "approve"}
    assert desk(cast, "esra").post(reverse("returns_refund", args=[rma.number]), sent).status_code == 302
    reactions.drain(at=now + timedelta(days=1))
    told = page(visiting(rma), rma)
    for words in ("You asked us to look again: decided anew.", "It was dust.", "First we had said: C, visible wear."):
        assert words in told


def test_the_desk_offers_withdraws_and_answers_for_a_caller(cast: Cast, now: datetime) -> None:
    rma = returns.rma(cast, at=now)
    proof_of.looked_at(cast, returns.received(cast, rma, at=now).device, Finding(code="locked"), at=now)
    unit = returns.unit_of(rma)
    make, end = (reverse(name, args=[rma.number]) for name in ("returns_offer", "returns_offer_end"))
    sent = {"unit": str(unit.pk), "kind": "reduction", "amount": "300,00", "words": "It is locked."}
    aisha, sam = desk(cast, "aisha"), desk(cast, "sam")
    assert "Make an offer" in aisha.get(reverse("returns_rma", args=[rma.number])).content.decode()
    assert aisha.post(make, sent | {"kind": "x"}).status_code == 422
    assert sam.post(make, sent).status_code == 403
    assert aisha.post(make, sent).status_code == 302
    offer = Offer.objects.get()
    assert "They agree" not in aisha.get(reverse("returns_rma", args=[rma.number])).content.decode()
    assert aisha.post(end, {"offer": str(offer.pk), "act": "withdraw", "reason": "Wrong sum."}).status_code == 302
    assert aisha.post(make, sent).status_code == 302
    again = Offer.objects.get(status=OfferStatus.OPEN)
    assert "They agree" in sam.get(reverse("returns_rma", args=[rma.number])).content.decode()
    assert sam.post(end, {"offer": str(again.pk), "act": "decline:send_back"}).status_code == 302
    assert Offer.objects.get(pk=again.pk).path == "send_back"


def test_the_bench_quotes_and_the_customer_sees_the_price(cast: Cast, now: datetime) -> None:
    rma = returns.rma(cast, wanted="repair", reason="KEYBOARD", at=now)
    device = returns.received(cast, rma, at=now).device
    deducting.confirm_reason(rma.lines.get(), reason="CUSTOMER_DAMAGE", by=cast.aisha, at=now)
    proof_of.looked_at(cast, device, Finding(code="keyboard"), at=now)
    disposition.decide(device=device, by=cast.ravi, at=now)
    reactions.drain(at=now, queues=["fast"])
    assert [row.kind for row in inbox.exceptions(cast.admin, at=now)] == ["repair_unquoted"]
    jakob = desk(cast, "jakob")
    address = reverse("bench_quote", args=[device.tag])
    assert jakob.post(reverse("bench"), {"code": device.tag}).headers["Location"] == address
    told = jakob.get(address).content.decode()
    assert 'value="Keys fail or are missing"' in told
    assert jakob.post(address, {"what-1": "Keyboard", "minutes-1": "x"}).status_code == 422
    assert jakob.post(address, {"what-1": "Keyboard", "minutes-1": "30", "parts-1": "45"}).status_code == 302
    reactions.drain(at=now, queues=["fast"])

    client = visiting(rma)
    told = page(client, rma)
    assert "Repair it for 72.00" in told
    assert "destroy its data and recycle it" in told.lower()
    client.post(reverse("portal_offer", args=[rma.number, Offer.objects.get().pk]), {"act": "accept"})
    assert "It waits for your payment." in page(client, rma)


def test_the_inbox_shows_appeals_and_offers_that_end_soon(cast: Cast, now: datetime) -> None:
    rma = proof_of.worn(cast, now, Finding(code="keyboard"))
    offer = Offer.objects.get()
    assert inbox.exceptions(cast.admin, at=now) == []
    soon = offer.answer_by - timedelta(days=1)
    [row] = inbox.exceptions(cast.admin, at=soon)
    assert (row.kind, row.due) == ("offer_lapsing", offer.answer_by)
    offers.answer(offer, accept=False, path="appeal", by=kim(rma), at=now)
    [row] = inbox.exceptions(cast.admin, at=now)
    assert (row.kind, row.due) == ("appeal_open", Appeal.objects.get().decide_by)


def test_the_second_look_is_shut_to_the_first_inspector_on_the_page(cast: Cast, now: datetime) -> None:
    rma = proof_of.worn(cast, now)
    appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=now)
    address = reverse("triage_unit", args=[Device.objects.get().tag])
    assert "another person must" in desk(cast, "ravi").get(address).content.decode()
    assert "Its customer appeals: look again" in desk(cast, "maria").get(address).content.decode()
