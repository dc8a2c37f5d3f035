"""What matches is credited once, by a signed document; what doesn't blocks the credit until a person has decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from returns.models import (
    BusinessLine,
    Dispute,
    DisputeEnd,
    MatchStatus,
    Memo,
    MemoKind,
    MemoStatus,
    Refund,
    Rma,
    RmaStatus,
    RmaUnit,
)
from returns.reactions import business as business_reactions
from returns.services.business import comparing, correcting, counting, disputes, inspecting, issuing, memos
from returns.services.business.correcting import Correction
from returns.services.business.counting import Counted
from returns.services.business.memos import UnableToCredit
from returns.services.owing import UnableToSettle
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, HoldKind, Posting
from revlog.devices.services import moves, standing
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import business as make
from tests.factories import returns

D = Decimal


def drain(at: datetime) -> None:
    reactions.drain(at=at, queues=["documents"])


def status(rma: Rma) -> list[tuple[str, str, Decimal | None]]:
    rows = BusinessLine.objects.filter(line__rma=rma).order_by("line__position")
    return [(row.status, ",".join(row.why), row.found) for row in rows]


def disputed(cast: Cast, at: datetime, *, pieces: int = 38) -> tuple[Rma, Dispute]:
    """Forty announced, fewer came."""
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40), reference="RA-1")
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=pieces))
    make.inspected(cast, unit)
    counting.complete(rma.business, by=cast.ines, at=at)
    return rma, Dispute.objects.get(line__line__rma=rma)


def credited(cast: Cast, at: datetime) -> Memo:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40), reference="RA-1")
    make.came(cast, rma)
    drain(at)
    return Memo.objects.get(rma=rma)


def test_what_matches_is_credited_by_itself_with_a_signed_document_and_no_money_goes_to_a_card(
    cast: Cast, at: datetime
) -> None:
    make.order(cast, "B-1", make.toner(), make.phones("SN-A1", "SN-A2"))
    rma = make.rma(
        cast,
        make.told(2, quantity=40),
        *[make.told(3 + n, sku="PHONE-1", lot="", quantity=1, serial=f"SN-A{n}") for n in (1, 2)],
    )
    make.came(cast, rma)
    assert status(rma) == [("matched", "", D("1000.00")), ("matched", "", D("398.00"))]
    memo = Memo.objects.get(rma=rma)
    assert (memo.status, memo.amount, memo.document) == ("due", D("1398.00"), None)

    drain(at)

    memo.refresh_from_db()
    assert memo.status == MemoStatus.ISSUED
    assert memo.document is not None
    assert (memo.document.kind, memo.document.number, memo.document.owner_id) == (
        "credit_memo", "CM-2026-000001", make.buyer(cast).pk,
    )  # fmt: skip
    pdf = artifacts.read(memo.document.artifact)
    assert pdf.startswith(b"%PDF")
    assert b"/ByteRange" in pdf
    posting = Posting.objects.get(key=f"memo:{memo.pk}")
    assert (posting.account, posting.amount, posting.book, posting.party_id) == (
        "credit", D("-1398.00"), "seller", make.buyer(cast).pk,
    )  # fmt: skip
    assert not Refund.objects.exists()
    rma = Rma.objects.get(pk=rma.pk)
    assert rma.status == RmaStatus.CLOSED
    assert list(rma.lines.values_list("settled_as", "settled_amount")) == [
        ("account", D("1000.00")), ("account", D("398.00")),
    ]  # fmt: skip
    assert set(Device.objects.filter(rma_units__line__rma=rma).values_list("authority", flat=True)) != {""}


def test_a_memo_is_made_once_however_often_its_work_is_done(cast: Cast, at: datetime) -> None:
    memo = credited(cast, at)
    entry = Entry.objects.get(chain_id=memo.rma_id, kind="returns.memo_due")
    assert business_reactions.issue_memo(entry, at=at) is None
    Memo.objects.filter(pk=memo.pk).update(status="due", document=None)
    finish = business_reactions.issue_memo(entry, at=at)
    assert finish is not None
    finish()
    assert Document.objects.filter(kind="credit_memo").count() == 1
    assert Posting.objects.filter(account="credit").count() == 1
    with pytest.raises(UnableToCredit, match="nothing to credit"):
        memos.credit(memo.rma.business, by=cast.aisha, at=at)


def test_a_line_that_does_not_match_blocks_the_credit_and_says_why(cast: Cast, at: datetime) -> None:
    rma, dispute = disputed(cast, at)

    assert status(rma) == [("disputed", "short", D("950.00"))]
    assert (dispute.money_at_risk, dispute.why) == (D("50.00"), ["short"])
    assert not Memo.objects.exists()
    with pytest.raises(UnableToCredit, match=r"block the credit: 1\."):
        memos.credit(rma.business, by=cast.aisha, at=at)
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED


def test_one_line_that_differs_holds_the_others_back_too(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner(), make.toner("L-200", sku="TONER-2"))
    rma = make.rma(cast, make.told(2), make.told(3, sku="TONER-2", lot="L-200"))
    make.inspected(cast, *make.counted(cast, rma, Counted(position=1, pieces=10), Counted(position=2, pieces=9)), at=at)
    counting.complete(rma.business, by=cast.ines, at=at)
    assert [one for one, _why, _found in status(rma)] == ["matched", "disputed"]
    assert not Memo.objects.exists()


def test_a_small_difference_is_within_tolerance_and_credited_as_found(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner(price=D("1.50")))
    rma = make.rma(cast, make.told(quantity=40))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=39))
    make.inspected(cast, unit)
    counting.complete(rma.business, by=cast.ines, at=at)
    assert status(rma) == [("tolerated", "short", D("58.50"))]
    assert Memo.objects.get(rma=rma).amount == D("58.50")


def test_both_sides_speak_in_a_dispute_and_their_words_stay_off_the_chain(cast: Cast, at: datetime) -> None:
    rma, dispute = disputed(cast, at)

    disputes.answer(dispute, text="We packed forty, ask Marta Gil.", by=cast.lola, at=at)
    disputes.answer(dispute, text="Two were not in the box.", by=cast.sam, at=at + timedelta(hours=1))

    assert list(dispute.notes.values_list("by_customer", flat=True)) == [True, False]
    told = Entry.objects.filter(chain_id=rma.pk, kind="returns.dispute_answered")
    assert [entry.payload["by_customer"] for entry in told] == [True, False]
    assert "Marta" not in str(list(Entry.objects.values_list("payload", flat=True)))
    for reader in (cast.luca, cast.noor, cast.vera):
        with pytest.raises(NotAllowed):
            disputes.answer(dispute, text="hello", by=reader, at=at)
    with pytest.raises(BadInput):
        disputes.answer(dispute, text=" ", by=cast.lola, at=at)


def test_who_counted_or_inspected_does_not_decide_and_who_decided_does_not_approve(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=38))
    make.inspected(cast, unit, by=cast.aisha)
    counting.complete(rma.business, by=cast.ines, at=at)
    dispute = Dispute.objects.get()
    with pytest.raises(UnableToSettle, match="counted or inspected"):
        disputes.decide(dispute, DisputeEnd.ANNOUNCED, reason="trust", by=cast.aisha, at=at)
    with pytest.raises(NotAllowed):
        disputes.decide(dispute, DisputeEnd.ANNOUNCED, reason="trust", by=cast.lola, at=at)

    disputes.decide(dispute, DisputeEnd.ANNOUNCED, reason="The carrier lost two.", by=cast.maria, at=at)
    assert status(rma) == [("decided", "short", D("1000.00"))]
    # A person decided, so it doesn't go by itself, and another person approves it.
    memo = memos.credit(rma.business, by=cast.aisha, at=at)
    assert memo.status == MemoStatus.PROPOSED
    for somebody in (cast.maria, cast.aisha):
        with pytest.raises((UnableToCredit, NotAllowed)):
            memos.approve(memo, by=somebody, at=at)
    memos.approve(memo, by=cast.esra, at=at)
    drain(at)
    memo.refresh_from_db()
    assert (memo.status, memo.amount) == ("issued", D("1000.00"))
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED
    with pytest.raises(UnableToSettle, match="decided already"):
        disputes.decide(dispute, DisputeEnd.FOUND, reason="again", by=cast.maria, at=at)


def test_another_amount_is_at_most_what_the_line_was_sold_for(cast: Cast, at: datetime) -> None:
    _rma, dispute = disputed(cast, at)
    for amount in (None, D("-1"), D("1000.01"), D("1.001")):
        with pytest.raises(BadInput):
            disputes.decide(dispute, DisputeEnd.AMOUNT, amount=amount, reason="goodwill", by=cast.maria, at=at)
    assert (
        disputes.decide(dispute, DisputeEnd.AMOUNT, amount=D("975"), reason="goodwill", by=cast.maria, at=at).amount
        == 975
    )


def test_a_rejected_memo_frees_its_lines(cast: Cast, at: datetime) -> None:
    rma, dispute = disputed(cast, at)
    disputes.decide(dispute, DisputeEnd.FOUND, reason="counted twice", by=cast.maria, at=at)
    memo = memos.credit(rma.business, by=cast.aisha, at=at)
    with pytest.raises(UnableToCredit, match="nothing to credit"):
        memos.credit(rma.business, by=cast.aisha, at=at)
    memos.reject(memo, by=cast.esra, at=at)
    assert memos.credit(rma.business, by=cast.aisha, at=at).pk != memo.pk


def test_nothing_to_credit_settles_without_a_memo(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner(), make.toner("L-200", sku="TONER-2"))
    rma = make.rma(cast, make.told(2), make.told(3, sku="TONER-2", lot="L-200"))
    make.inspected(cast, *make.counted(cast, rma, Counted(position=1, pieces=10)), at=at)
    counting.complete(rma.business, by=cast.ines, at=at)
    dispute = Dispute.objects.get()
    disputes.decide(dispute, DisputeEnd.FOUND, reason="none came", by=cast.maria, at=at)
    drain(at)
    line = rma.lines.get(position=2)
    assert (line.settled_as, line.settled_amount) == ("not_received", D("0.00"))
    assert Memo.objects.get(rma=rma).lines.count() == 1
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED


def test_wrong_goods_go_back_and_the_rest_is_taken(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=40))
    make.inspected(cast, unit, good=35, wrong=5)
    disputes.decide(Dispute.objects.get(), DisputeEnd.FOUND, reason="five are of another maker", by=cast.maria, at=at)
    memos.approve(memos.credit(rma.business, by=cast.aisha, at=at), by=cast.esra, at=at)
    drain(at)
    assert dict(RmaUnit.objects.filter(line__rma=rma).values_list("found__condition", "status")) == {
        "good": "accepted", "wrong": "refused",
    }  # fmt: skip
    assert Device.objects.get(rma_units__found__condition="wrong").state == "TO_RETURN"
    # They may be announced again, and it is closed when the five are on their way back.
    assert make.rma(cast, make.told(quantity=5)).lines.get().quantity == 5
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED


def test_a_kit_without_a_part_is_credited_less_its_share(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.kit(quantity=2))
    rma = make.rma(cast, make.told(sku="KIT-1", lot="", quantity=2))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=2))
    splits = [inspecting.Split(unit=unit.pk, good=2, missing={"CABLE-1": 1})]
    inspecting.inspect(rma.business, splits, by=cast.ravi, at=at)
    assert status(rma) == [("disputed", "incomplete", D("193.33"))]
    with pytest.raises(BadInput):
        inspecting.inspect(rma.business, splits, by=cast.ravi, at=at)


def test_parts_of_a_kit_are_credited_at_their_share_and_all_parts_are_the_kit(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.kit(quantity=1))
    for component, pieces in (("CABLE-1", 1), ("CABLE-1", 2), ("DOCK-1", 1)):
        make.came(cast, make.rma(cast, make.told(sku="KIT-1", lot="", component=component, quantity=pieces)))
    drain(at)
    assert set(Memo.objects.values_list("amount", "status")) == {
        (D("6.67"), "issued"), (D("13.33"), "issued"), (D("80.00"), "issued"),
    }  # fmt: skip


def test_an_issued_memo_is_corrected_by_a_note_that_cites_it_and_another_person_approves(
    cast: Cast, at: datetime
) -> None:
    memo = credited(cast, at)
    told = [Correction(position=1, amount=D("50.00"), quantity=2)]
    with pytest.raises(UnableToCredit, match="No more can be taken back"):
        correcting.correct(
            memo, MemoKind.DEBIT, [Correction(position=1, amount=D("1000.01"))], why="x", key="a", by=cast.aisha, at=at
        )
    with pytest.raises(UnableToCredit, match="than it was sold for"):
        correcting.correct(memo, MemoKind.CREDIT, told, why="x", key="a", by=cast.aisha, at=at)
    with pytest.raises(UnableToCredit, match="Say what"):
        correcting.correct(memo, MemoKind.DEBIT, told, why=" ", key="a", by=cast.aisha, at=at)

    note = correcting.correct(memo, MemoKind.DEBIT, told, why="Two were counted twice.", key="a", by=cast.aisha, at=at)
    assert (
        correcting.correct(memo, MemoKind.DEBIT, told, why="Two were counted twice.", key="a", by=cast.aisha, at=at)
        == note
    )
    with pytest.raises((UnableToCredit, NotAllowed)):
        memos.approve(note, by=cast.aisha, at=at)
    memos.approve(note, by=cast.esra, at=at)
    drain(at)

    note.refresh_from_db()
    assert note.document is not None
    assert note.document.number == "DN-2026-000001"
    due = Entry.objects.filter(chain_id=memo.rma_id, kind="returns.memo_due").last()
    assert due is not None
    assert due.payload["corrects"] == "CM-2026-000001"
    assert Posting.objects.get(key=f"memo:{note.pk}").amount == D("50.00")
    row = comparing.rows_of(memo.rma.business, at=at)[0]
    assert (row.credited, row.debited) == (D("1000.00"), D("50.00"))
    again = correcting.correct(memo, MemoKind.CREDIT, told, why="They were right.", key="b", by=cast.aisha, at=at)
    memos.approve(again, by=cast.esra, at=at)
    drain(at)
    assert Document.objects.filter(kind="credit_memo").count() == 2


def test_finance_says_against_what_a_memo_was_set(cast: Cast, at: datetime) -> None:
    memo = credited(cast, at)
    with pytest.raises(NotAllowed):
        issuing.settle(memo, reference="INV-9", by=cast.aisha, at=at)
    with pytest.raises(BadInput):
        issuing.settle(memo, reference=" ", by=cast.esra, at=at)
    assert issuing.settle(memo, reference="INV-9", by=cast.esra, at=at).status == MemoStatus.SETTLED
    assert issuing.settle(memo, reference="INV-9", by=cast.esra, at=at).settled_reference == "INV-9"
    with pytest.raises(UnableToCredit, match="settled already"):
        issuing.settle(memo, reference="INV-10", by=cast.esra, at=at)


def test_nobody_is_paid_by_triage_what_waits_for_its_match(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=38))
    assert unit.device is not None
    returns.graded(unit.device, at=at)
    assert not Refund.objects.exists()
    assert RmaUnit.objects.get(pk=unit.pk).status == "received"
    assert BusinessLine.objects.get(line__rma=rma).status == MatchStatus.OPEN


def test_what_is_on_hold_is_credited_and_taken_when_the_hold_ends(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1")
    rma = make.rma(cast, make.told(quantity=40))
    [unit] = make.counted(cast, rma, Counted(position=1, pieces=40))
    assert unit.device_id is not None
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        hold = standing.hold(device, HoldKind.RECALL, reason="the maker looks at it", by=cast.aisha, at=at)
    make.inspected(cast, unit)
    drain(at)
    assert Memo.objects.get(rma=rma).status == MemoStatus.ISSUED
    assert RmaUnit.objects.get(pk=unit.pk).status == "received"

    with transaction.atomic():
        standing.release(moves.take_one(unit.device_id), hold, reason="cleared", by=cast.carla, at=at)
    reactions.drain(at=at)

    assert RmaUnit.objects.get(pk=unit.pk).status == "accepted"
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED


def test_a_hundred_lines_are_counted_inspected_and_credited_by_one_memo(cast: Cast, at: datetime) -> None:
    rows = [make.toner(f"L-{n}", sku=f"TONER-{n}", price=D("1.00")) for n in range(100)]
    make.order(cast, "B-1", *rows)
    rma = make.rma(cast, *[make.told(n + 2, sku=f"TONER-{n}", lot=f"L-{n}", quantity=3) for n in range(100)])
    make.came(cast, rma)
    with CaptureQueriesContext(connection) as queries:
        drain(at)
    assert Memo.objects.get(rma=rma).amount == D("300.00")
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED
    assert len(queries) < 2000
