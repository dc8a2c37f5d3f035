"""Sellers are paid by a file for the bank: drawn up by one person, released by another, each payment once, and what comes back is owed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from returns.models import (
    Charity,
    PayoutAccount,
    PayoutFile,
    PayoutTransfer,
    Refund,
    RefundStatus,
    Review,
    Rma,
    RmaStatus,
)
from returns.payments import sepa
from returns.queries import payouts as queries
from returns.services import bouncing, doors, receiving
from returns.services.tradein import agreeing, buying, charities, correcting, paying
from returns.services.tradein.correcting import UnableToCorrect
from returns.services.tradein.paying import UnableToPayOut
from revlog.accounts.models import Hub
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.terms.models import Message
from tests.cast import Cast
from tests.factories import returns
from tests.factories.tradein import IBAN, accepted, quoted, robin, seller

OURS = "DE89370400440532013000"
THEIRS = "AT611904300234573201"
OTHER = "BE68539007547034"


@pytest.fixture(autouse=True)
def _account(cast: Cast, settings: Any) -> None:
    settings.SEPA_IBAN = OURS
    Hub.objects.update(country="AT")
    cast.rotterdam.refresh_from_db()


def bought(cast: Cast, at: datetime, **changes: object) -> Rma:
    """A phone that came as told and became ours: its payment is due."""
    rma = accepted(cast, at, who=seller(**changes))
    got = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial="", by=cast.ines, at=at)
    returns.graded(got.device, grade="B", at=at)
    reactions.drain(at=at, queues=["fast", "outside"])
    return rma


def path(root: ElementTree.Element, name: str) -> list[str]:
    return [
        one.text or "" for one in root.iterfind("/".join(f"{{{sepa.NAMESPACE}}}{part}" for part in name.split("/")))
    ]


def test_a_file_counts_and_sums_its_transfers_in_letters_that_every_bank_takes() -> None:
    told = [
        sepa.Transfer("RMA-1-AB", Decimal("226.00"), "Łukasz Müller & Søn <x>", "NL91ABNA0417164300", "RMA-1"),
        sepa.Transfer("RMA-2-CD", Decimal("0.01"), "", "AT611904300234573201", "//RMA-2/"),
    ]
    made = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    data = sepa.document(
        number="PF-1", debtor=sepa.Debtor("Revlog", OURS), transfers=told, execute_on=date(2026, 11, 3), at=made
    )
    again = sepa.document(
        number="PF-1", debtor=sepa.Debtor("Revlog", OURS), transfers=told, execute_on=date(2026, 11, 3), at=made
    )
    assert data == again
    root = ElementTree.fromstring(data)  # noqa: S314 - written two lines above
    assert root.tag == f"{{{sepa.NAMESPACE}}}Document"
    head, block = "CstmrCdtTrfInitn/GrpHdr", "CstmrCdtTrfInitn/PmtInf"
    for where in (head, block):
        assert (path(root, f"{where}/NbOfTxs"), path(root, f"{where}/CtrlSum")) == (["2"], ["226.01"])
    assert path(root, f"{head}/CreDtTm") == ["2026-11-02T09:00:00+00:00"]
    assert path(root, f"{block}/ReqdExctnDt/Dt") == ["2026-11-03"]
    assert path(root, f"{block}/CdtTrfTxInf/Cdtr/Nm") == ["Lukasz Muller + Son .x.", "."]
    assert path(root, f"{block}/CdtTrfTxInf/CdtrAcct/Id/IBAN") == ["NL91ABNA0417164300", "AT611904300234573201"]
    assert path(root, f"{block}/CdtTrfTxInf/RmtInf/Ustrd") == ["RMA-1", "RMA-2"]
    # The schema wants its elements in this order.
    names = [one.tag.rpartition("}")[2] for one in root[0][1]]
    assert names == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt",
        "ChrgBr", "CdtTrfTxInf", "CdtTrfTxInf",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="can't be transferred"):
        sepa.document(
            number="PF-1", debtor=sepa.Debtor("Revlog", OURS), execute_on=made.date(), at=made,
            transfers=[sepa.Transfer("A", Decimal(0), "B", OURS, "C")],
        )  # fmt: skip


def shown_and_drawn_up(cast: Cast, client: Client) -> PayoutFile:
    """The pages show who waits, with the last signs of the account alone, and draw the file up."""
    client.force_login(cast.user("esra"))
    page = client.get("/returns/trade-ins/payments/").content.decode()
    assert all(told in page for told in ("…4300", "…3201", cast.altair.name))
    assert "ABNA" not in page
    answer = client.post("/returns/trade-ins/payments/draw-up")
    file = PayoutFile.objects.get()
    url = f"/returns/trade-ins/payments/{file.number}/"
    assert answer.headers["Location"] == url
    assert "another person must" in client.get(url).content.decode()
    assert client.get(f"{url}file.xml").status_code == 409
    return file


def dropped_and_drawn_up_again(cast: Cast, client: Client, file: PayoutFile, at: datetime) -> PayoutFile:
    """Nothing is in two files, nobody releases their own, and what is dropped waits for the next."""
    with pytest.raises(UnableToPayOut, match="Nobody waits"):
        paying.draw_up(by=cast.esra, at=at)
    one = file.transfers.get(place=1)
    with pytest.raises(IntegrityError, match="a_payment_is_in_one_file"), transaction.atomic():
        PayoutTransfer.objects.create(file=file, refund=one.refund, place=4, reference="X", status="listed")
    with pytest.raises(UnableToPayOut, match="another person must"):
        paying.release(file, execute_on=at.date(), by=cast.esra, at=at)
    with pytest.raises(UnableToPayOut, match="waiting for a second person"):
        paying.content(file, by=cast.esra)
    client.post(f"/returns/trade-ins/payments/{file.number}/drop", {"why": "wrong day"})
    file = paying.draw_up(by=cast.esra, at=at)
    with pytest.raises(BadInput, match="Choose a day"):
        paying.release(file, execute_on=at.date() - timedelta(days=1), by=cast.maria, at=at)
    return file


def tells_another_account(cast: Cast, first: Rma, second: Rma, at: datetime) -> None:
    """Whose payment came back is asked for another account, by mail, on their page."""
    owed = Refund.objects.get(line__rma=second)
    wanted = Message.objects.get(kind="returns/mail/account_wanted")
    assert wanted.thing == f"rma:{second.pk}"
    ada = Client()
    page = ada.get(re.search(r"/return/link/\S+", wanted.text)[0], follow=True).content.decode()  # type: ignore[index]
    assert "Your bank sent our payment of 226.00" in page
    where = f"/return/{second.number}/account"
    assert "one digit is wrong" in ada.post(where, {"iban": "NL91 ABNA 0417 1643 01"}).content.decode()
    assert "Tell us another one" in ada.post(where, {"iban": IBAN}).content.decode()
    trade = second.trade_in
    with pytest.raises(NotAllowed):
        correcting.correct(trade, account=OTHER, by=guest({f"rma:{first.pk}"}), at=at)
    assert ada.post(where, {"iban": OTHER, "holder": "Ada Lindqvist"}).status_code == 302
    with pytest.raises(UnableToCorrect, match="nothing to correct"):
        correcting.correct(trade, account=OURS, by=guest({f"rma:{second.pk}"}), at=at)
    assert trade.pk not in buying.to_forget(at=at + timedelta(days=40))
    reactions.drain(at=clock.now(), queues=["fast", "outside"])
    again = paying.draw_up(by=cast.esra, at=at)
    assert [(row.refund_id, row.attempt) for row in again.transfers.all()] == [(owed.pk, 2)]
    again = paying.release(again, execute_on=clock.now().date(), by=cast.maria, at=clock.now())
    assert OTHER.encode() in paying.content(again, by=cast.esra)
    paying.paid(again, by=cast.esra, at=at)


def comes_back_after_it_was_paid(cast: Cast, file: PayoutFile, paid: Refund, at: datetime) -> None:
    """The books say so, and it is paid by hand; a month later nothing of the file could be written again."""
    paying.bounced(file.transfers.get(refund=paid), why="refused", by=cast.esra, at=at)
    assert sum(Posting.objects.filter(account="purchase").values_list("amount", flat=True)) == Decimal("-452.000")
    paid.refresh_from_db()
    bouncing.pay_again(paid, by=cast.maria, at=at)
    reactions.drain(at=clock.now(), queues=["fast", "outside"])
    paid.refresh_from_db()
    assert (paid.status, paid.provider) == (RefundStatus.PAID, "manual")
    agreeing.erase_account(paid.line.rma.trade_in, at=at + timedelta(days=40))
    with pytest.raises(UnableToPayOut, match="forgotten"):
        paying.content(file, by=cast.esra)


def test_sellers_and_a_charity_are_paid_by_one_file_and_what_comes_back_is_owed_to_another_account(
    cast: Cast, client: Client
) -> None:
    at = cast.at
    given_to = charities.add(organization=cast.altair, account=THEIRS, since=at.date(), by=cast.esra, at=at)
    first, second = bought(cast, at), bought(cast, at, name="Ada Lindqvist", email="ada@example.org")
    third = bought(cast, at, payout="charity", iban="", charity=given_to.pk, email="noor@example.org")
    charities.end(given_to, until=at.date(), by=cast.esra, at=at)  # who chose it is paid to it all the same
    assert set(Refund.objects.values_list("status", flat=True)) == {RefundStatus.DUE}
    assert [row.kind for row in queries.exceptions(cast.esra, at=at)] == ["payout_waiting"]
    with pytest.raises(NotAllowed):
        paying.draw_up(by=cast.ines, at=at)

    file = shown_and_drawn_up(cast, client)
    file = dropped_and_drawn_up_again(cast, client, file, at)
    client.force_login(cast.user("maria"))
    url = f"/returns/trade-ins/payments/{file.number}/"
    client.post(f"{url}release", {"execute_on": clock.now().date().isoformat()})
    file.refresh_from_db()
    with pytest.raises(UnableToPayOut, match="released"):
        paying.release(file, execute_on=at.date(), by=cast.maria, at=at)
    loaded = client.get(f"{url}file.xml")
    assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, "application/xml")
    assert loaded.content == paying.content(file, by=cast.esra)
    assert all(number in loaded.content for number in (IBAN.replace(" ", "").encode(), THEIRS.encode()))
    assert b"<CtrlSum>678.00</CtrlSum>" in loaded.content
    told = str(list(Entry.objects.values_list("payload", flat=True)))
    assert "ABNA" not in told
    assert THEIRS not in told

    # The bank refuses one and pays the others; what was given away is called the seller's own gift, and no receipt.
    bad = file.transfers.get(refund__line__rma=second)
    paying.bounced(bad, why="account closed", by=cast.esra, at=at)
    for _again in range(2):
        client.post(f"{url}paid")
    file.refresh_from_db()
    assert (file.status, Posting.objects.filter(account="purchase").count()) == ("done", 2)
    first.refresh_from_db()
    assert first.status == RmaStatus.CLOSED
    paid, owed = Refund.objects.get(line__rma=first), Refund.objects.get(line__rma=second)
    assert (paid.status, paid.provider, owed.status) == (RefundStatus.PAID, "sepa", RefundStatus.FAILED)
    reactions.drain(at=clock.now(), queues=["fast", "outside"])
    mail = Message.objects.get(thing=f"rma:{third.pk}", kind="returns/mail/refunded").text
    assert f"to {cast.altair.name}, as your own gift" in mail
    assert "no receipt for the tax office" in mail

    tells_another_account(cast, first, second, at)

    comes_back_after_it_was_paid(cast, file, paid, at)
    client.force_login(cast.user("ines"))
    assert client.get(url).status_code == 403


def test_what_is_held_or_has_no_account_that_can_be_read_is_in_no_file_and_stops_no_other(cast: Cast) -> None:
    at = cast.at
    rmas = [bought(cast, at, email=f"{name}@example.org") for name in ("held", "lost", "paid")]
    held, lost, paid = (Refund.objects.get(line__rma=rma) for rma in rmas)
    PayoutAccount.objects.filter(trade_in__rma=rmas[1]).update(sealed="sealed with a key that is gone")
    assert paying.by_file(Refund.objects.get(pk=lost.pk))
    assert agreeing.account_of(rmas[1].trade_in, by=cast.esra) is None
    looked_at = {"status": "open", "opened_at": at, "decide_by": at + timedelta(days=3)}
    Review.objects.update_or_create(rma=rmas[0], defaults={**looked_at, "held": True})

    assert [row.pk for row in queries.waiting()] == [paid.pk]
    told = {row.key: row.money_at_risk for row in queries.exceptions(cast.esra, at=at)}
    assert told == {"payouts": paid.amount, f"payout_stuck:{lost.pk}": lost.amount}
    file = paying.draw_up(by=cast.esra, at=at)
    assert list(file.transfers.values_list("refund", flat=True)) == [paid.pk]

    # Held after it was drawn up, it isn't released; once somebody has looked, it is, and the other goes into the next.
    Review.objects.update_or_create(rma=rmas[2], defaults={**looked_at, "held": True})
    with pytest.raises(UnableToPayOut, match="look at this return closely before money is paid"):
        paying.release(file, execute_on=at.date(), by=cast.maria, at=at)
    Review.objects.update(held=False)
    assert paying.release(file, execute_on=at.date(), by=cast.maria, at=at).status == "released"
    again = paying.draw_up(by=cast.esra, at=at)
    assert list(again.transfers.values_list("refund", flat=True)) == [held.pk]


def test_a_charity_is_listed_for_days_by_who_may_pay_and_chosen_while_it_is(cast: Cast, client: Client) -> None:
    at = cast.at
    today = clock.now().date()
    with pytest.raises(NotAllowed):
        charities.add(organization=cast.altair, account=THEIRS, since=today, by=cast.ines, at=at)
    client.force_login(cast.user("esra"))
    form = {"organization": cast.altair.code, "iban": "AT00 0000", "since": today.isoformat(), "until": ""}
    assert "no IBAN that a SEPA transfer reaches" in client.post("/returns/trade-ins/charities/", form).content.decode()
    form["iban"] = THEIRS
    assert client.post("/returns/trade-ins/charities/", form).status_code == 302
    assert "listed for these days already" in client.post("/returns/trade-ins/charities/", form).content.decode()
    row = Charity.objects.get()
    other = form | {"organization": "", "name": ""}
    assert "write the name of another" in client.post("/returns/trade-ins/charities/", other).content.decode()
    client.post("/returns/trade-ins/charities/", other | {"name": "Computers for Schools"})
    assert {one.organization.name for one in Charity.objects.all()} == {cast.altair.name, "Computers for Schools"}

    quote = quoted(cast, clock.now())
    shop = Client()
    shop.get(doors.address({f"tradein:{quote.pk}"}, until=clock.now() + timedelta(days=1)).partition("8000")[2])
    page = shop.get(f"/trade-in/quote/{quote.number}/").content.decode()
    assert f"Give 226.00\xa0EUR to {cast.altair.name}, as your own gift" in page
    client.post(f"/returns/trade-ins/charities/{row.pk}/end", {"until": today.isoformat()})
    row.refresh_from_db()
    assert row.until == today
    with pytest.raises(BadInput, match="ends earlier"):
        charities.end(row, until=today + timedelta(days=1), by=cast.esra, at=at)
    late = seller(payout="charity", iban="", charity=row.pk)
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(BadInput, match="whom you want to give it to"):
        agreeing.accept(quote, late, by=robin(quote), at=tomorrow)
