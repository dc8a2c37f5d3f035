"""Sellers are paid by a file for the bank: drawn up by one person, released by another, each payment once, and what comes back is owed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from returns.models import PayoutFile, PayoutTransfer, Refund, RefundStatus, Rma, RmaStatus
from returns.payments import sepa
from returns.queries import payouts as queries
from returns.services import bouncing, receiving
from returns.services.tradein import agreeing, paying
from returns.services.tradein.paying import UnableToPayOut
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from tests.cast import Cast
from tests.factories import returns
from tests.factories.tradein import IBAN, accepted, seller

OURS = "DE89370400440532013000"


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


def test_two_sellers_are_paid_by_one_file_and_what_comes_back_is_still_owed(cast: Cast, at: datetime) -> None:
    first, second = bought(cast, at), bought(cast, at, name="Ada Lindqvist", email="ada@example.org")
    assert set(Refund.objects.values_list("status", flat=True)) == {RefundStatus.DUE}
    assert [row.kind for row in queries.exceptions(cast.esra, at=at)] == ["payout_waiting"]
    with pytest.raises(NotAllowed):
        paying.draw_up(by=cast.ines, at=at)
    file = paying.draw_up(by=cast.esra, at=at)
    # Nothing is in two files, and nobody releases their own.
    with pytest.raises(UnableToPayOut, match="Nobody waits"):
        paying.draw_up(by=cast.esra, at=at)
    one = file.transfers.get(place=1)
    with pytest.raises(IntegrityError, match="a_payment_is_in_one_file"), transaction.atomic():
        PayoutTransfer.objects.create(file=file, refund=one.refund, place=3, reference="X", status="listed")
    with pytest.raises(UnableToPayOut, match="another person must"):
        paying.release(file, execute_on=at.date(), by=cast.esra, at=at)
    with pytest.raises(UnableToPayOut, match="waiting for a second person"):
        paying.content(file, by=cast.esra)
    with pytest.raises(BadInput, match="Choose a day"):
        paying.release(file, execute_on=at.date() - timedelta(days=1), by=cast.maria, at=at)
    file = paying.release(file, execute_on=at.date(), by=cast.maria, at=at)
    with pytest.raises(UnableToPayOut, match="released"):
        paying.release(file, execute_on=at.date(), by=cast.maria, at=at)
    data = paying.content(file, by=cast.esra)
    assert data == paying.content(file, by=cast.esra)
    assert IBAN.replace(" ", "").encode() in data
    assert b"<CtrlSum>452.00</CtrlSum>" in data
    assert not any("ABNA" in str(told) for told in Entry.objects.values_list("payload", flat=True))

    # The bank refuses one and pays the other; a month later nothing of it could be written again.
    bad = file.transfers.get(refund__line__rma=second)
    paying.bounced(bad, why="account closed", by=cast.esra, at=at + timedelta(days=1))
    for _again in range(2):
        file = paying.paid(file, by=cast.esra, at=at + timedelta(days=1))
    assert (file.status, Posting.objects.filter(account="purchase").count()) == ("done", 1)
    first.refresh_from_db()
    assert first.status == RmaStatus.CLOSED
    paid, owed = Refund.objects.get(line__rma=first), Refund.objects.get(line__rma=second)
    assert (paid.status, paid.provider, owed.status) == (RefundStatus.PAID, "sepa", RefundStatus.FAILED)
    bouncing.pay_again(owed, by=cast.maria, at=at + timedelta(days=2))
    reactions.drain(at=at + timedelta(days=2), queues=["fast", "outside"])
    owed.refresh_from_db()
    assert (owed.status, owed.provider) == (RefundStatus.PAID, "manual")
    # What was paid may come back too: the books say so.
    paying.bounced(file.transfers.get(refund=paid), why="refused", by=cast.esra, at=at + timedelta(days=3))
    assert sum(Posting.objects.filter(account="purchase").values_list("amount", flat=True)) == Decimal("-226.000")
    agreeing.erase_account(first.trade_in, at=at + timedelta(days=40))
    with pytest.raises(UnableToPayOut, match="forgotten"):
        paying.content(file, by=cast.esra)


def test_the_pages_lead_from_who_waits_to_the_file(cast: Cast, client: Client) -> None:
    at = cast.at
    rma = bought(cast, at)
    client.force_login(cast.user("esra"))
    page = client.get("/returns/trade-ins/payments/").content.decode()
    assert "…4300" in page
    assert "ABNA" not in page
    answer = client.post("/returns/trade-ins/payments/draw-up")
    file = PayoutFile.objects.get()
    url = f"/returns/trade-ins/payments/{file.number}/"
    assert answer.headers["Location"] == url
    assert "another person must" in client.get(url).content.decode()
    assert client.get(f"{url}file.xml").status_code == 409
    client.force_login(cast.user("maria"))
    client.post(f"{url}drop", {"why": "wrong day"})
    client.post("/returns/trade-ins/payments/draw-up")
    second = PayoutFile.objects.exclude(pk=file.pk).get()
    client.force_login(cast.user("esra"))
    url = f"/returns/trade-ins/payments/{second.number}/"
    client.post(f"{url}release", {"execute_on": datetime.now(UTC).date().isoformat()})
    loaded = client.get(f"{url}file.xml")
    assert (loaded.status_code, loaded.headers["Content-Type"]) == (200, "application/xml")
    client.post(f"{url}paid")
    assert Refund.objects.get(line__rma=rma).status == RefundStatus.PAID
    client.force_login(cast.user("ines"))
    assert client.get(url).status_code == 403
