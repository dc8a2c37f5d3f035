"""A return that is looked at closely: money waits, a person decides, the law's day is kept, and the customer never reads a score."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns import telling
from returns.models import Assessment, PersonKey, Refund, RefundStatus, Review, Rma, RmaLine
from returns.queries import fraud as fraud_queries
from returns.services import approval, deadlines, differing, letters, talking, unloading
from returns.services.fraud import deciding
from returns.services.fraud.deciding import UnableToReview
from revlog.accounts.queries import guest
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.terms.models import Contact, Message
from revlog.terms.services import orders
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import returns, terms


def drain(at: datetime) -> None:
    for _each in range(3):
        reactions.drain(at=at, queues=["fast", "outside"])


def found_out(cast: Cast, at: datetime, **changes: object) -> Rma:
    """A return of whoever is known by ``changes``, that a reviewer found to be fraud a month ago."""
    then = at - timedelta(days=40)
    order = terms.order(cast, f"PS-{uuid.uuid4().hex[:6]}", terms.laptop_line(serials=()), at=then, **changes)
    before = returns.rma(cast, order=order, at=then)
    drain(then)
    Review.objects.update_or_create(rma=before, defaults={"status": "confirmed", "decided_at": then})
    return before


def not_here(cast: Cast, at: datetime) -> Rma:
    """Something is said never to have arrived, by somebody who was found out before: support approves it, and the money is held."""
    found_out(cast, at)
    order = terms.order(cast, "PS-901", terms.laptop_line(price=Decimal("24.00"), serials=()), at=at)
    rma = returns.rma(cast, returns.wish(order, reason="NEVER_ARRIVED"), order=order, at=at)
    approval.approve(rma, by=cast.sam, at=at)
    drain(at)
    return Rma.objects.get(pk=rma.pk)


def kinds(rma: Rma) -> list[str]:
    return list(Entry.objects.filter(chain_id=rma.pk).order_by("sequence").values_list("kind", flat=True))


def test_money_is_held_until_somebody_clears_it_and_then_goes_once(cast: Cast, at: datetime) -> None:
    rma = not_here(cast, at)

    review = Review.objects.get(rma=rma)
    refund = Refund.objects.get(line__rma=rma)
    assert (review.status, review.held, review.band, refund.status) == ("open", True, "hold", RefundStatus.HELD)
    said = telling.saying(rma)
    assert said.sentence == "We look at this return closely before refunding."
    last = Assessment.objects.filter(rma=rma).latest("number")
    assert sum(one["counted"] for one in last.signals) == last.points == review.points
    assert "confirmed_before" in {one["code"] for one in last.signals}
    told = Entry.objects.filter(chain_id=rma.pk, kind="returns.risk_scored").latest("sequence").payload
    assert set(told["signals"][0]) == {"code", "points"}
    assert [row.kind for row in fraud_queries.exceptions(cast.esra, at=at)] == ["exception.review_open"]

    with pytest.raises(NotAllowed):
        deciding.clear(review, reason="I know them.", by=cast.sam, at=at)
    with pytest.raises(BadInput, match="Say why it may go on"):
        deciding.clear(review, reason=" ", by=cast.esra, at=at)
    deciding.clear(review, reason="The carrier lost it.", by=cast.esra, at=at)
    with pytest.raises(UnableToReview, match="It is decided already: cleared"):
        deciding.clear(review, reason="Again.", by=cast.maria, at=at)
    drain(at)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.PAID
    assert kinds(rma).count("returns.refund_due") == 1
    assert Rma.objects.get(pk=rma.pk).status == "closed"
    assert fraud_queries.exceptions(cast.esra, at=at) == []
    assert fraud_queries.cleared_share(cast.esra, since=at - timedelta(days=1)) == (1, 1)


def test_fraud_is_confirmed_with_a_letter_and_an_objection_is_looked_at_by_somebody_else(
    cast: Cast, at: datetime
) -> None:
    rma = not_here(cast, at)
    customer = guest({f"rma:{rma.pk}"})
    review = Review.objects.get(rma=rma)

    with pytest.raises(BadInput, match="Say what was found"):
        deciding.confirm(review, reason="", by=cast.esra, at=at)
    deciding.confirm(review, reason="The carrier has your signature.", by=cast.esra, at=at)
    drain(at)

    assert Refund.objects.get(line__rma=rma).status == RefundStatus.REJECTED
    letter = Message.objects.get(thing=f"rma:{rma.pk}", kind="returns/mail/denied")
    assert "The carrier has your signature." in letter.text
    assert "If you don't agree, write to us on the page of your return" in letter.text
    assert telling.saying(rma).sentence == "We can't pay this back."

    talking.write(rma, text="I was abroad.", key=uuid.uuid4(), by=customer, at=at + timedelta(days=2))
    drain(at + timedelta(days=2))
    review.refresh_from_db()
    assert (review.status, review.objected_at) == ("open", at + timedelta(days=2))
    with pytest.raises(UnableToReview, match="announced, received or decided before"):
        deciding.clear(review, reason="Well.", by=cast.esra, at=at + timedelta(days=3))
    deciding.clear(review, reason="The signature is another one.", by=cast.maria, at=at + timedelta(days=3))
    drain(at + timedelta(days=3))

    assert list(Refund.objects.filter(line__rma=rma).values_list("status", flat=True)) == ["rejected", "paid"]
    assert Message.objects.filter(thing=f"rma:{rma.pk}", kind="returns/mail/cleared").exists()
    assert Rma.objects.get(pk=rma.pk).status == "closed"


def test_without_an_objection_what_is_denied_is_settled_and_nothing_is_paid(cast: Cast, at: datetime) -> None:
    rma = not_here(cast, at)
    deciding.confirm(Review.objects.get(rma=rma), reason="It was signed for.", by=cast.esra, at=at)

    assert deadlines.run(at=at + timedelta(days=3), rma=rma.pk) == 0
    assert deadlines.run(at=at + timedelta(days=30), rma=rma.pk) == 1
    drain(at + timedelta(days=30))

    line = RmaLine.objects.get(rma=rma)
    assert (line.settled_as, line.settled_amount, Rma.objects.get(pk=rma.pk).status) == ("not_given", 0, "closed")
    assert deadlines.run(at=at + timedelta(days=31), rma=rma.pk) == 0


def test_a_withdrawal_isn_t_refused_and_its_money_is_held_no_longer_than_the_law_allows(
    cast: Cast, at: datetime
) -> None:
    """Risky by all that is known of the person: it is approved all the same, and paid by the legal date though nobody decided."""
    found_out(cast, at)
    order = terms.order(cast, "PS-902", at=at)
    rma = returns.rma(cast, order=order, at=at)
    assert (rma.status, rma.steps) == ("approved", 0)
    Rma.objects.filter(pk=rma.pk).update(refund_on="receipt")
    rma.refresh_from_db()
    drain(at)
    review = Review.objects.get(rma=rma)
    assert (review.status, review.held, review.pay_by) == ("open", True, None)

    came = at + timedelta(days=4)
    returns.received(cast, rma, at=came)
    drain(came)

    review.refresh_from_db()
    refund = Refund.objects.get(line__rma=rma)
    assert refund.status == RefundStatus.HELD
    assert review.pay_by is not None
    assert review.pay_by.date() == (at + timedelta(days=15)).date() or review.pay_by <= at + timedelta(days=15)
    assert review.decide_by is not None
    assert review.decide_by <= review.pay_by
    soon = review.decide_by - timedelta(days=1)
    assert [row.kind for row in fraud_queries.exceptions(cast.maria, at=soon)] == ["exception.review_late"]
    deadlines.run(at=review.pay_by - timedelta(hours=1), rma=rma.pk)
    refund.refresh_from_db()
    assert refund.status == RefundStatus.HELD
    deadlines.run(at=review.pay_by, rma=rma.pk)
    drain(review.pay_by)

    refund.refresh_from_db()
    review.refresh_from_db()
    assert (refund.status, review.status) == (RefundStatus.PAID, "lapsed")


def test_an_inspection_that_finds_nothing_ends_the_hold_and_one_that_finds_something_does_not(
    cast: Cast, at: datetime
) -> None:
    found_out(cast, at)
    clean = returns.rma(cast, order=terms.order(cast, "PS-903", at=at), at=at)
    device = returns.received(cast, clean, at=at).device
    drain(at)
    assert Review.objects.get(rma=clean).held
    returns.graded(device, at=at)
    drain(at)
    assert (Review.objects.get(rma=clean).status, Refund.objects.get(line__rma=clean).status) == ("inspected", "paid")

    order = terms.order(cast, "PS-904", terms.laptop_line(serials=("PF2BCDEF",)), at=at)
    other = returns.rma(cast, order=order, at=at)
    differing.receive_wrong(returns.unit_of(other), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=at)
    drain(at)

    review = Review.objects.get(rma=other)
    signals = {one["code"]: one["counted"] for one in Assessment.objects.filter(rma=other).latest("number").signals}
    assert {"wrong_serial", "serial_never_sold", "confirmed_before"} <= set(signals)
    assert sum(signals.values()) == review.points == 100
    links = fraud_queries.evidence(other, ["wrong_serial", "confirmed_before"])
    assert links["wrong_serial"][0].url == f"/returns/trouble/{other.discrepancies.get().pk}/"
    assert links["confirmed_before"]
    deciding.confirm(review, reason="You sent back another laptop.", by=cast.maria, at=at)
    assert (returns.unit_of(other).status, other.discrepancies.get().resolved_at) == ("refused", at)
    drain(at)
    assert "another laptop" in Message.objects.get(thing=f"rma:{other.pk}", kind="returns/mail/not_taken").text

    third = returns.rma(cast, order=terms.order(cast, "PS-906", terms.laptop_line(serials=("PF3C",)), at=at), at=at)
    returns.received(cast, third, serial="PF3C", by=cast.aisha, at=at)
    drain(at)
    with pytest.raises(UnableToReview, match="announced, received or decided before"):
        deciding.clear(Review.objects.get(rma=third), reason="I had it in my hands.", by=cast.aisha, at=at)
    deciding.clear(Review.objects.get(rma=third), reason="It is the one that was sold.", by=cast.esra, at=at)


def test_a_parcel_lighter_than_its_goods_and_an_empty_box_are_seen(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    parcel = rma.parcel_links.get().parcel
    unloading.arrive(parcel, by=cast.ines, at=at)
    unloading.empty_box(parcel, rma, by=cast.ines, at=at)
    drain(at)

    review = Review.objects.get(rma=rma)
    assert (review.band, review.held) == ("hold", True)
    deciding.confirm(review, reason="The parcel was empty when we opened it.", by=cast.esra, at=at)
    drain(at)
    assert Message.objects.filter(thing=f"rma:{rma.pk}", kind="returns/mail/denied").exists()
    deadlines.run(at=at + timedelta(days=40), rma=rma.pk)
    assert Rma.objects.get(pk=rma.pk).status == "closed"
    assert not Refund.objects.filter(line__rma=rma).exists()


def test_accounts_are_linked_by_what_they_share_and_no_longer_once_a_person_is_erased(cast: Cast, at: datetime) -> None:
    other = found_out(cast, at, email="someone@example.net", name="Sam Vos")
    order = terms.order(cast, "PS-905", at=at)
    rma = returns.rma(cast, order=order, at=at)
    drain(at)

    shared = fraud_queries.links(rma)
    assert [(one.kind, one.confirmed, one.newest) for one in shared] == [("address", 1, other.number)]
    codes = {one["code"] for one in Assessment.objects.filter(rma=rma).latest("number").signals}
    assert "linked_confirmed" in codes
    kept = str(list(Entry.objects.filter(chain_id=rma.pk).values_list("payload", flat=True)))
    assert not any(
        one in kept for one in ("kim@", "someone@", "Kade", *PersonKey.objects.values_list("digest", flat=True))
    )

    orders.erase_contact(other.contact_id, by=cast.admin, at=at)
    assert not PersonKey.objects.filter(contact=other.contact_id).exists()
    assert fraud_queries.links(rma) == []
    assert Contact.objects.get(pk=other.contact_id).erased_at == at


def test_nobody_but_those_who_decide_reads_a_score(cast: Cast, at: datetime, client: Client) -> None:
    rma = not_here(cast, at)
    page = f"/returns/closer-look/{rma.number}/"

    client.force_login(cast.user("esra"))
    shown = client.get(page).content.decode()
    assert "A reviewer confirmed fraud on this account before." in shown
    assert client.get("/returns/closer-look/").status_code == 200
    refused = client.post(f"{page}act", {"act": "clear", "reason": ""})
    assert refused.status_code == 422
    assert "See the evidence" in client.get(f"/returns/{rma.number}/").content.decode()

    client.force_login(cast.user("sam"))
    assert client.get(page).status_code == 403
    told = client.get(f"/returns/{rma.number}/").content.decode()
    assert "Money waits for a closer look" in told
    assert "confirmed fraud" not in told

    client.force_login(cast.user("remco"))
    assert client.get(page).status_code in {403, 404}
    partner = client.get(f"/returns/{rma.number}/").content.decode()
    assert all(
        "Risk score" not in page_of and "look at this return closely, by" not in page_of for page_of in (told, partner)
    )

    visitor = Client()
    followed = visitor.get(letters.link(rma, at=at), follow=True).content.decode()
    assert "We look at this return closely before refunding." in followed
    for word in ("score", "risk", "fraud", "points"):
        assert word not in followed.lower(), word
    assert client.get("/returns/closer-look/").status_code == 403


def test_partners_keys_read_no_score_and_the_operators_key_decides_once(cast: Cast, at: datetime) -> None:
    rma = not_here(cast, at)
    ours, theirs = caller(cast), caller(cast, organization=cast.retailer)

    told = ours.get(f"/rmas/{rma.number}/").json()
    assert told["risk"]["points"] == sum(one["points"] for one in told["risk"]["signals"]) >= 70
    hidden = theirs.get(f"/rmas/{rma.number}/").json()
    assert hidden["risk"] is None
    assert not any("risk" in name for line in hidden["lines"] for name in line["decision"]["facts"])
    problem(theirs.get(f"/reviews/{rma.number}/"), 403)
    entries = json.dumps(theirs.get("/entries/").json())
    assert '"points"' not in entries

    done = ours.post(f"/reviews/{rma.number}/decide/", {"outcome": "clear", "reason": "The carrier lost it."}).json()
    assert done["status"] == "cleared"
    problem(ours.post(f"/reviews/{rma.number}/decide/", {"outcome": "confirm", "reason": "No."}), 409)
