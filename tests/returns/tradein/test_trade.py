"""A phone is traded in: quoted, handed in, compared, paid once; and what stands against it."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from refurb.services.orders import agreed as repairs_agreed
from returns import queries as returns_queries
from returns import telling
from returns.models import (
    BlockedNumber,
    Offer,
    OfferStatus,
    PayoutAccount,
    Refund,
    RefundStatus,
    Rma,
    RmaStatus,
    StoreCredit,
    TradeIn,
    TradeInStatus,
    UnitStatus,
)
from returns.services import accepting, deadlines, offers, receiving, refunds
from returns.services.owing import UnableToSettle
from returns.services.tradein import agreeing, blocking, buying, quoting
from returns.services.tradein.quoting import UnableToQuote
from revlog.accounts.models import Hub
from revlog.accounts.queries import guest
from revlog.common.errors import BadInput, DomainError, NotAllowed
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.journey import State
from revlog.devices.models import Device, Posting
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from revlog.terms.models import Message
from revlog.terms.services import orders, prices
from tests.cast import Cast
from tests.factories import returns, tradein
from tests.factories.tradein import accepted, quoted, robin, seller
from triage.services.inspection import audience_of_photos


@pytest.fixture(autouse=True)
def _site(cast: Cast) -> None:
    """The sites are in a country whose law asks for no document; what another one's adds is told where it matters."""
    Hub.objects.update(country="AT")
    cast.rotterdam.refresh_from_db()


def graded(cast: Cast, rma: Rma, at: datetime, *, grade: str = "B", blocked: bool = False) -> Device:
    """It arrives at the dock and is graded; what follows from it is done."""
    got = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial="", by=cast.ines, at=at)
    return returns.graded(got.device, grade=grade, blocked=blocked, at=at)


def nobody_reads_of_a_return(rma: Rma, device: Device, *, at: datetime) -> None:
    """Or of something that we had sold: not in the story, whoever reads it, nor on the unit, nor in a mail beside its address."""
    reactions.drain(at=at)
    read = [one.sentence for audience in Audience for one in telling.story(rma, audience)]
    read += [one.told_to(Audience.STAFF) or "" for one in Entry.objects.filter(chain_id=device.pk)]
    for letter in Message.objects.all():
        read += [letter.subject, re.sub(r"https?://\S+", "", letter.text), re.sub(r"<[^>]*>", " ", letter.html)]
    assert "We checked it: it is what you told us, or we agreed on it." in read
    assert [one for one in read if re.search(r"\breturn|sold you", one, re.IGNORECASE)] == []


def label_names_no_return(rma: Rma, *, at: datetime) -> None:
    reactions.drain(at=at, queues=["documents"])
    label = rma.parcel_links.get().label
    assert label is not None
    told = " ".join(PdfReader(BytesIO(artifacts.read(label))).pages[0].extract_text().split())
    assert f"Trade-in number {rma.number[:4]}" in told
    assert not re.search(r"\breturn", told.removesuffix("return-label/1"), re.IGNORECASE)


def pay(at: datetime) -> None:
    reactions.drain(at=at, queues=["fast", "outside"])


def test_a_phone_as_told_is_paid_as_quoted_and_becomes_ours(cast: Cast, at: datetime) -> None:
    row = quoted(cast, at)
    assert (row.status, row.grade, row.amount) == (TradeInStatus.QUOTED, "B", Decimal("226.00"))
    # A new price, or other rules, change nothing of what was promised.
    assert row.product is not None
    prices.set_price(
        product=row.product, grade="B", amount=Decimal(100), currency="EUR", by=cast.anouk, at=at + timedelta(hours=1)
    )
    rma = agreeing.accept(row, seller(), by=robin(row), at=at + timedelta(hours=2))
    assert agreeing.accept(row, seller(), by=robin(row), at=at + timedelta(hours=2)) == rma
    assert (rma.kind, rma.status, Rma.objects.count()) == ("trade", RmaStatus.APPROVED, 1)
    assert rma.hand_in_by == rma.hub.calendar.after_days(at + timedelta(hours=2), 7)
    device = Device.objects.get()
    assert device.owner.code == "private-buyers"
    assert device.visit is not None
    assert (device.visit.why, audience_of_photos(device), repairs_agreed(device)) == ("trade_in", "customer", False)

    label_names_no_return(rma, at=at + timedelta(hours=2))

    device = graded(cast, rma, at + timedelta(days=1))
    device.refresh_from_db()
    assert (device.owner, bool(device.authority)) == (cast.operator, True)
    assert device.vat_origin == "margin"
    assert repairs_agreed(device)
    assert [one.payload["why"] for one in Entry.objects.filter(chain_id=device.pk, kind="devices.arrived")] == [
        "trade_in"
    ]
    pay(at + timedelta(days=1))
    # Another worker, and a second try of the first one, change nothing.
    refund = Refund.objects.get()
    refunds.paid(refund.pk, provider="manual", reference="again", at=at + timedelta(days=2))
    pay(at + timedelta(days=2))
    assert (refund.status, refund.amount) == (RefundStatus.PAID, Decimal("226.00"))
    bought = Posting.objects.get(account="purchase")
    assert (bought.device, bought.book, bought.amount) == (device, "ours", Decimal("-226.000"))
    rma.refresh_from_db()
    assert rma.status == RmaStatus.CLOSED
    nobody_reads_of_a_return(rma, device, at=at + timedelta(days=2))
    # The account is in no entry, and is forgotten once it has served.
    told = "".join(str(one) for one in Entry.objects.values_list("payload", flat=True))
    assert not any(name in told for name in ("ABNA", "Robin"))
    row.refresh_from_db()
    assert agreeing.account_of(row, by=cast.esra) == ("NL91 ABNA 0417 1643 00", "Robin Visser")
    with pytest.raises(UnableToQuote, match="right to approve refunds"):
        agreeing.account_of(row, by=cast.ines)
    assert "ABNA" not in PayoutAccount.objects.get().sealed
    deadlines.run(at=at + timedelta(days=40))
    assert agreeing.account_of(row, by=cast.esra) is None
    # The bill of sale: signed, numbered, and what the row keeps of it names nobody.
    reactions.drain(at=at + timedelta(days=1), queues=["documents"])
    row.refresh_from_db()
    assert row.document is not None
    assert (row.document.kind, row.document.number[:3]) == ("purchase_document", "PD-")
    assert "Robin" not in str(row.document.context)
    read = " ".join(PdfReader(BytesIO(artifacts.read(row.document.artifact))).pages[0].extract_text().split())
    assert "Robin Visser" in read
    assert "226.00 EUR" in read
    assert "margin scheme" in read
    deadlines.run(at=at + timedelta(days=121 * 31))
    row.document.artifact.refresh_from_db()
    assert row.document.artifact.erased_at is not None


def test_for_less_than_told_the_seller_is_asked_and_accepts(cast: Cast, at: datetime) -> None:
    rma = accepted(cast, at, who=seller(payout="credit"))
    device = graded(cast, rma, at, grade="C")
    device.refresh_from_db()
    offer = Offer.objects.get()
    # What it sells for in that grade less our margin, or what is left of what it brings us, where that is less.
    poor = offer.amount
    assert Decimal(150) < poor <= Decimal("170.00")
    assert (offer.status, device.holds) == (OfferStatus.OPEN, ["awaiting_owner"])
    assert (device.authority, device.owner.code, Refund.objects.count()) == ("", "private-buyers", 0)
    assert offer.lines[0]["what"] == "It is in worse condition than you told us."

    offers.answer(offer, accept=True, by=guest({f"rma:{rma.pk}"}), at=at + timedelta(days=1))
    pay(at + timedelta(days=1))

    device.refresh_from_db()
    assert (device.owner, device.vat_origin) == (cast.operator, "margin")
    credit = StoreCredit.objects.get()
    # With the tenth on top of it that store credit brings, of what is really paid.
    tenth = (poor / 10).quantize(Decimal("0.01"))
    assert (credit.amount, credit.bonus) == (poor + tenth, tenth)
    costs = dict(Posting.objects.filter(device=device).values_list("account", "amount"))
    assert costs == {"purchase_credit": -(poor + tenth)}
    assert TradeIn.objects.get().paid_amount == poor


@pytest.mark.parametrize("answer", ["declined", "lapsed"])
def test_who_declines_or_does_not_answer_gets_it_back(cast: Cast, at: datetime, answer: str) -> None:
    rma = accepted(cast, at)
    device = graded(cast, rma, at, grade="D", blocked=True)
    offer = Offer.objects.get()
    # Locked, it is worth nothing to us: the seller may have it recycled, or gets it back.
    assert offer.amount == 0
    if answer == "declined":
        offers.answer(offer, accept=False, path="send_back", by=guest({f"rma:{rma.pk}"}), at=at)
    else:
        deadlines.run(at=offer.answer_by)
    device.refresh_from_db()
    unit = returns.unit_of(rma)
    assert (unit.status, State(device.state), device.owner.code) == (
        UnitStatus.REFUSED, State.TO_RETURN, "private-buyers",
    )  # fmt: skip
    assert (Refund.objects.count(), device.authority, device.vat_origin) == (0, "", "")


def test_a_quote_that_runs_out_and_a_thing_that_never_comes(cast: Cast, at: datetime) -> None:
    row = quoted(cast, at)
    assert row.valid_until is not None
    with pytest.raises(UnableToQuote, match="has run out"):
        agreeing.accept(row, seller(), by=robin(row), at=row.valid_until)
    deadlines.run(at=row.valid_until)
    row.refresh_from_db()
    assert row.status == TradeInStatus.LAPSED
    with pytest.raises(UnableToQuote):
        quoting.decline(row, by=robin(row), at=at)

    rma = accepted(cast, at)
    assert rma.hand_in_by is not None
    deadlines.run(at=rma.hand_in_by + timedelta(seconds=1))
    rma.refresh_from_db()
    assert (rma.status, Device.objects.get().state) == (RmaStatus.EXPIRED, State.NOT_RECEIVED)


def test_what_is_missing_of_the_seller_is_said_at_once(cast: Cast, at: datetime) -> None:
    row = quoted(cast, at)
    with pytest.raises(BadInput) as refused:
        agreeing.accept(
            row,
            seller(name="", email="robin", address=(), country="", iban="NL91 ABNA 0417 1643 01", declared=False),
            by=robin(row),
            at=at,
        )
    fields = {reason.field for reason in refused.value.reasons}
    assert fields == {"name", "email", "address", "country", "iban", "declared"}
    with pytest.raises(UnableToQuote, match="Only whoever asked"):
        agreeing.accept(row, seller(), by=guest({f"tradein:{uuid.uuid4()}"}), at=at)


def test_where_the_law_asks_for_a_document_nothing_is_paid_before(cast: Cast, at: datetime) -> None:
    rma = accepted(cast, at, who=seller(country="NL"))
    row = TradeIn.objects.get()
    device = graded(cast, rma, at)
    unit = returns.unit_of(rma)
    assert unit.status == UnitStatus.RECEIVED
    with pytest.raises(UnableToSettle, match="document first"):
        accepting.accept(unit, by=cast.aisha, at=at)
    with pytest.raises(NotAllowed):
        buying.identify(row, document="passport", number="NP1234567", of_age=True, by=cast.luca, at=at)
    with pytest.raises(BadInput, match="number of the document"):
        buying.identify(row, document="passport", of_age=True, by=cast.ines, at=at)
    with pytest.raises(BadInput, match="nobody under 18"):
        buying.identify(row, document="passport", number="NP1234567", of_age=False, by=cast.ines, at=at)

    check = buying.identify(row, document="passport", number="NP1234567", of_age=True, by=cast.ines, at=at)
    pay(at)

    assert "NP1234567" not in check.number
    assert Refund.objects.get().status == RefundStatus.PAID
    device.refresh_from_db()
    # In the Netherlands it may not be sold on for some days.
    row.refresh_from_db()
    assert device.holds == ["legal"]
    assert row.hold_until == rma.hub.calendar.after_days(at, 3)
    deadlines.run(at=row.hold_until - timedelta(seconds=1))
    device.refresh_from_db()
    assert device.holds == ["legal"]
    deadlines.run(at=row.hold_until)
    device.refresh_from_db()
    assert device.holds == []
    deadlines.run(at=at + timedelta(days=7 * 365 + 10))
    check.refresh_from_db()
    assert (check.number, check.erased_at is not None) == ("", True)


def test_what_is_on_a_list_is_neither_quoted_nor_bought(cast: Cast, at: datetime) -> None:
    row = quoted(cast, at, serial=tradein.IMEI)
    rma = agreeing.accept(row, seller(), by=robin(row), at=at)
    listed = f"number,why\n{tradein.IMEI},stolen\nxx,\n".encode()
    with pytest.raises(NotAllowed):
        blocking.import_list(listed, source="Police", by=cast.luca, at=at)
    done = blocking.import_list(listed, source="Police", by=cast.sam, at=at)
    assert (done.listed, done.refused) == (1, 1)

    with pytest.raises(BadInput, match="lost, stolen or blocked"):
        quoted(cast, at, serial=tradein.IMEI)
    got = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial=tradein.IMEI, by=cast.ines, at=at)
    returns.graded(got.device, at=at)
    got.device.refresh_from_db()
    assert got.device.holds == ["fraud"]
    assert Refund.objects.count() == 0
    with pytest.raises(DomainError, match="lost, stolen or blocked"):
        accepting.accept(returns.unit_of(rma), by=cast.aisha, at=at)
    # The next file of that name no longer names it.
    assert blocking.import_list(b"number\n356938035643809\n", source="Police", by=cast.sam, at=at).lifted == 1
    assert blocking.of_text(tradein.IMEI) is None
    assert BlockedNumber.objects.count() == 2


def test_without_a_price_a_person_is_asked(cast: Cast, at: datetime) -> None:
    product = tradein.phone(cast, at, priced=False)
    told, key = tradein.told(product), uuid.uuid4()
    with pytest.raises(BadInput, match="We know no price"):
        quoting.quote(told, buyer=cast.operator, key=key, at=at)
    told = replace(told, email="robin@example.org", name="Robin")
    row = quoting.quote(told, buyer=cast.operator, key=key, at=at)
    assert quoting.quote(told, buyer=cast.operator, key=key, at=at) == row
    assert row.status == TradeInStatus.ASKED
    with pytest.raises(NotAllowed):
        quoting.set_sum(row, amount=Decimal(150), by=cast.ines, at=at)
    with pytest.raises(BadInput):
        quoting.set_sum(row, amount=Decimal("150.001"), by=cast.aisha, at=at)
    row = quoting.set_sum(row, amount=Decimal(150), by=cast.aisha, at=at)
    assert (row.status, row.uplift) == (TradeInStatus.QUOTED, Decimal("15.00"))
    rma = agreeing.accept(row, seller(), by=robin(row), at=at)
    assert rma.contact_id == row.contact_id
    # What a person promised is compared too: the same grade is paid as promised, and a worse one is worth nothing that the book knows.
    graded(cast, rma, at)
    pay(at)
    assert Refund.objects.get().amount == Decimal(150)


def test_what_is_worth_nothing_is_handed_in_and_recycled_for_free(cast: Cast, at: datetime) -> None:
    row = quoted(cast, at, answers={"powers_on": "no", "screen": "broken"})
    assert (row.status, row.amount) == (TradeInStatus.RECYCLE, None)
    rma = agreeing.accept(row, seller(iban="", country="NL"), by=robin(row), at=at)
    assert "recycle it" in telling.saying(rma).then
    device = graded(cast, rma, at, grade="D")
    pay(at)
    device.refresh_from_db()
    rma.refresh_from_db()
    # Nothing is bought: no account, no look at a document, no days of holding, no bill of sale.
    assert (device.owner, device.holds, device.vat_origin) == (cast.operator, [], "none")
    assert (rma.status, PayoutAccount.objects.count(), Posting.objects.count()) == (RmaStatus.CLOSED, 0, 0)
    assert not Message.objects.filter(kind="returns/mail/refunded").exists()


def test_who_is_erased_leaves_no_account_no_photo_and_no_words(cast: Cast, at: datetime) -> None:
    photo = artifacts.keep_photo(pictures.drawn("a phone"), at=at)
    row = quoted(cast, at, photos=[photo.digest], note="Call me on Sundays.")
    rma = agreeing.accept(row, seller(), by=robin(row), at=at)
    orders.erase_contact(rma.contact_id, by=cast.admin, at=at)
    pay(at)
    row.refresh_from_db()
    photo.refresh_from_db()
    assert (row.note, photo.erased_at is not None) == ("", True)
    assert PayoutAccount.objects.get().sealed == ""
    # What they sold us is no order and no return of theirs.
    history = returns_queries.history_of(rma.order, at=at + timedelta(hours=1))
    assert (history.orders, history.returns) == (0, 0)
