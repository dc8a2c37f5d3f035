"""Returns to suppliers: from the draft under an agreement to the last cent, each refusal beside the success."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from returns.models import Unsold, VendorReturn, VendorReturnLine
from returns.queries import quotas
from returns.queries import vendors as queries
from returns.services import leaving
from returns.services.vendors import asking, crediting, partly, returning, sending, unsold
from returns.services.vendors.partly import Taken
from returns.services.vendors.returning import Piece, UnableToReturn
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.services import reactions
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, HoldKind, Posting
from revlog.devices.services import moves, standing
from revlog.evidence.models import Document
from tests.cast import Cast
from tests.factories import devices
from tests.factories import vendors as make


def test_a_return_goes_from_draft_to_the_last_cent(cast: Cast, at: datetime) -> None:
    make.agreed(cast, carrier="Delta Parcel", account="77-1", papers="Copy of the order")
    first = make.going_back(cast, pieces=40, price="2.49")
    second = make.going_back(cast, pieces=7, price="13.33", product=make.model("Hub"))
    rtv = make.drafted(cast, first, second)
    assert (rtv.number, rtv.status) == ("RTV-2026-000001", "draft")
    # 99.60 and 93.31, less a tenth.
    assert [one.expected for one in rtv.lines.all()] == [Decimal("89.64"), Decimal("83.98")]
    with pytest.raises(UnableToReturn, match="is being prepared"):
        sending.pack(rtv, by=cast.luca, at=at)
    assert not VendorReturn.objects.visible_to(cast.nils).exists()

    asking.ask(rtv, by=cast.henrik, at=at)
    with pytest.raises(UnableToReturn, match="is asked for"):
        sending.ship(rtv, by=cast.luca, at=at)
    with pytest.raises(NotAllowed, match="for the supplier to answer"):
        asking.authorize(rtv, theirs="X", by=cast.vera, at=at)
    with pytest.raises(BadInput, match="supplier's number"):
        asking.authorize(rtv, theirs=" ", by=cast.nils, at=at)
    asking.authorize(rtv, theirs="ND-R-1", until=date(2026, 11, 20), by=cast.nils, at=at)
    with pytest.raises(UnableToReturn, match="is authorized"):
        sending.ship(rtv, by=cast.luca, at=at)
    with pytest.raises(UnableToReturn, match="took it until 2026-11-20"):
        sending.pack(rtv, by=cast.luca, at=at + timedelta(days=30))
    later = asking.authorize(rtv, theirs="ND-R-1", until=date(2026, 12, 24), by=cast.nils, at=at)
    assert (later.status, later.until) == ("authorized", date(2026, 12, 24))
    sending.pack(rtv, parcels=2, by=cast.luca, at=at)
    reactions.drain(at=at, queues=["documents"])
    paper = Document.objects.get(kind="vendor_return")
    assert VendorReturn.objects.get().document == paper
    assert (paper.owner_id, paper.context["theirs"], paper.context["expected"]) == (rtv.supplier_id, "ND-R-1", "173.62")
    with pytest.raises(leaving.UnableToSendBack, match=rtv.number):
        leaving.send_back(first, hub=cast.rotterdam, by=cast.luca, at=at)
    with pytest.raises(UnableToReturn, match="is packed"):
        crediting.credit(rtv, number="CN-1", amount=Decimal(1), by=cast.nils, at=at)
    done = sending.ship(rtv, by=cast.luca, at=at)

    assert set(Device.objects.values_list("state", flat=True)) == {"RETURNED"}
    assert done.shipment is not None
    assert done.shipment.parcels.count() == 2
    sums = {(one.account): one.amount for one in Posting.objects.filter(device=first)}
    assert sums == {"claim": Decimal("99.600")}

    _credited(cast, rtv, at=at)


def _credited(cast: Cast, rtv: VendorReturn, *, at: datetime) -> None:
    with pytest.raises(UnableToReturn, match=r"owe 173.62 EUR and no more"):
        crediting.credit(rtv, number="CN-1", amount=Decimal("173.63"), by=cast.nils, at=at)
    crediting.credit(rtv, number="CN-1", amount=Decimal("100.01"), by=cast.nils, at=at)
    with pytest.raises(UnableToReturn, match="CN-1 stands on RTV-2026-000001 already"):
        crediting.credit(rtv, number=" CN-1 ", amount=Decimal("10.00"), by=cast.henrik, at=at)
    assert [one.credited for one in VendorReturnLine.objects.order_by("position")] == [
        Decimal("51.64"),
        Decimal("48.37"),
    ]
    with pytest.raises(BadInput, match="Say why the rest"):
        crediting.close(rtv, by=cast.henrik, at=at)
    crediting.dispute(rtv, text="Two pieces are missing in your count.", by=cast.henrik, at=at)
    crediting.credit(rtv, number="CN-2", amount=Decimal("73.61"), by=cast.nils, at=at)
    closed = crediting.close(rtv, by=cast.henrik, at=at)
    crediting.close(rtv, by=cast.henrik, at=at)

    assert (closed.status, VendorReturn.objects.get().status) == ("closed", "closed")
    lines = list(VendorReturnLine.objects.order_by("position"))
    assert [(one.credited, one.written_off) for one in lines] == [
        (Decimal("89.64"), Decimal("9.96")), (Decimal("83.98"), Decimal("9.33")),
    ]  # fmt: skip
    totals = {
        account: sum(one.amount for one in Posting.objects.filter(account=account, book="ours"))
        for account in ("claim", "vendor_credit", "write_off")
    }
    # What the goods cost, less what was credited; what came; what is lost. Together: what came.
    assert totals == {"claim": Decimal("19.29"), "vendor_credit": Decimal("173.62"), "write_off": Decimal("-19.29")}
    assert sum(totals.values()) == Decimal("173.62")


def test_what_an_agreement_doesn_t_take_is_refused_by_its_reasons(cast: Cast, at: datetime) -> None:
    make.agreed(cast, min_value="150", min_quantity=50)
    lot, shelf = make.going_back(cast), make.stock(cast, product=make.model("Hub"))
    with pytest.raises(UnableToReturn, match="nobody decided that it goes back"):
        make.drafted(cast, shelf)
    with pytest.raises(UnableToReturn, match=r"bought of somebody else"):
        make.agreed(cast, make.other())
        returning.draft(make.other(), [Piece(device=lot)], hub=cast.rotterdam, by=cast.henrik, at=at)
    with pytest.raises(BadInput, match="named once"):
        make.drafted(cast, lot, lot)
    with pytest.raises(NotAllowed):
        returning.draft(make.norden(), [Piece(device=lot)], hub=cast.rotterdam, by=cast.ines, at=at)
    rtv = make.drafted(cast, lot)
    with pytest.raises(UnableToReturn, match=f"{lot.tag} can't go to this supplier: it is on {rtv.number} already"):
        make.drafted(cast, lot)
    with pytest.raises(UnableToReturn, match=r"from 150 EUR on; The supplier takes returns from 50 pieces on"):
        asking.ask(rtv, by=cast.henrik, at=at)
    make.agreed(cast, valid_from=date(2026, 3, 1), reasons=["expired"])
    with pytest.raises(UnableToReturn, match="doesn't take goods that are overstock"):
        asking.ask(rtv, by=cast.henrik, at=at)
    # Newer terms hold when it is asked for, and the expected credit is theirs.
    make.agreed(cast, valid_from=date(2026, 4, 1), restocking_percent="20")
    asked = asking.ask(rtv, by=cast.henrik, at=at)
    assert (asked.agreement.version, asked.lines.get().expected) == (3, Decimal("80.00"))


def test_a_quota_is_taken_when_asked_and_given_back_when_refused(cast: Cast, at: datetime) -> None:
    agreement = make.agreed(cast, quota_of="pieces", quota="50", quota_period="year")
    lots = [make.going_back(cast, product=make.model(f"Cable {n}"), pieces=30) for n in range(2)]
    first, second = (make.drafted(cast, one) for one in lots)
    asking.ask(first, by=cast.henrik, at=at)
    asking.ask(first, by=cast.henrik, at=at)
    assert (quotas.quota(agreement, on=at.date()).used, quotas.quota(agreement, on=at.date()).left) == (30, 20)
    with pytest.raises(UnableToReturn, match="until 2026-12-31 only 20 pieces are left"):
        asking.ask(second, by=cast.henrik, at=at)
    third = make.stock(cast, product=make.model("Hub"), pieces=21)
    row = make.proposal(third)
    assert [one["code"] for one in row.ways[0]["against"]] == ["quota"]

    with pytest.raises(BadInput, match="Say why"):
        asking.refuse(first, why="", by=cast.nils, at=at)
    asking.refuse(first, why="We stopped this line.", by=cast.nils, at=at)

    assert quotas.quota(agreement, on=at.date()).used == 0
    assert Device.objects.get(pk=lots[0].pk).state == "IN_TRIAGE"
    # What its vendor refused isn't proposed to go there again.
    assert [one["code"] for one in make.proposal(lots[0]).ways[0]["against"]] == ["refused"]
    assert asking.ask(second, by=cast.henrik, at=at).status == "asked"


def test_pieces_of_a_lot_go_back_and_none_is_lost(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lot = make.going_back(cast, pieces=40)
    with pytest.raises(UnableToReturn, match="there are 40 pieces of it"):
        returning.draft(make.norden(), [Piece(device=lot, pieces=41)], hub=cast.rotterdam, by=cast.henrik, at=at)
    rtv = returning.draft(make.norden(), [Piece(device=lot, pieces=12)], hub=cast.rotterdam, by=cast.henrik, at=at)

    line = rtv.lines.get()
    rest = Device.objects.get(pk=lot.pk)
    assert (line.quantity, line.device.quantity, rest.quantity, line.expected) == (12, 12, 28, Decimal("27.00"))
    assert (line.device.state, rest.state) == ("TO_RETURN", "TO_RETURN")
    assert (line.device.purchase.quantity, rest.purchase.quantity) == (12, 28)
    assert Device.objects.filter(product=lot.product).count() == 2
    # The rest can go on a return of its own.
    assert make.drafted(cast, rest).number == "RTV-2026-000002"


def test_a_vendor_takes_a_part_and_the_rest_goes_its_next_best_way(cast: Cast, at: datetime) -> None:
    agreement = make.agreed(cast, quota_of="pieces", quota="100", quota_period="year")
    lots = [make.going_back(cast, product=make.model(f"Cable {n}"), pieces=20, price="10.00") for n in range(3)]
    rtv = asking.ask(make.drafted(cast, *lots), by=cast.henrik, at=at)
    taken = [Taken(position=1, pieces=12), Taken(position=2, pieces=0), Taken(position=3, credit=Decimal("150.01"))]
    for wrong, told in (
        ([Taken(position=1, pieces=21)], "there are 20 pieces"),
        ([Taken(position=9)], "no line 9"),
        ([Taken(position=3, credit=Decimal("180.01"))], "between nothing and 180.00 EUR"),
        ([Taken(position=n, pieces=0) for n in (1, 2, 3)], "it is refused"),
    ):
        with pytest.raises(BadInput, match=told):
            partly.authorize(rtv, theirs="N-1", taken=wrong, why="x", by=cast.nils, at=at)
    with pytest.raises(BadInput, match="Say why not all"):
        partly.authorize(rtv, theirs="N-1", taken=taken, by=cast.nils, at=at)
    with pytest.raises(NotAllowed):
        partly.authorize(rtv, theirs="N-1", taken=taken, why="Full.", by=cast.vera, at=at)
    assert (VendorReturn.objects.count(), quotas.quota(agreement, on=at.date()).used) == (1, 60)

    done = partly.authorize(rtv, theirs="N-1", taken=taken, why="Our store is full.", by=cast.nils, at=at)

    rest = VendorReturn.objects.get(status="refused")
    assert (done.status, [(one.quantity, one.expected) for one in done.lines.all()]) == (
        "authorized", [(12, Decimal("108.00")), (20, Decimal("150.01"))],
    )  # fmt: skip
    assert [(one.quantity, one.device.state, one.is_open) for one in rest.lines.all()] == [
        (8, "IN_TRIAGE", False), (20, "IN_TRIAGE", False),
    ]  # fmt: skip
    assert (rest.answer, quotas.quota(agreement, on=at.date()).used) == ("Our store is full.", 32)
    assert sum(Device.objects.values_list("quantity", flat=True)) == 60
    ways = [one.ways[0] for one in Unsold.objects.filter(status="open", device__in=rest.lines.values("device"))]
    assert [[each["code"] for each in one["against"]] for one in ways] == [["refused"], ["refused"]]
    # What goes, goes as any other; the credit is what they said.
    sending.ship(sending.pack(done, by=cast.luca, at=at), by=cast.luca, at=at)
    assert crediting.owed(done) == Decimal("258.01")


def sold_instead(cast: Cast, device: Device, *, wiped_first: bool, at: datetime) -> Device:
    """What was to go back is sold after all; with data on it, once it is wiped."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        standing.back_to_triage(taken, reason="somebody wants it", by=cast.aisha, at=at)
        if wiped_first:
            seen = device_facts.Described(what="x", source="test")
            moves.note(taken, fact=seen, by=cast.ravi, at=at, set={"data": "PRESENT"})
    return devices.decided(taken, Disposition.RESELL, at=at)


@pytest.mark.parametrize("wiped_first", [False, True], ids=["for sale", "to be wiped, then for sale"])
def test_what_went_another_way_meanwhile_stays_there_when_its_vendor_refuses_it(
    cast: Cast, at: datetime, wiped_first: bool
) -> None:
    make.agreed(cast)
    lots = [make.going_back(cast, product=make.model(f"Cable {n}"), pieces=20) for n in range(3)]
    rtv = asking.ask(make.drafted(cast, *lots), by=cast.henrik, at=at)
    gone = sold_instead(cast, lots[1], wiped_first=wiped_first, at=at)
    assert gone.state == ("TO_SANITIZE" if wiped_first else "TO_SELL")

    # Of what isn't on its way no pieces are split off: they take all of it, or none.
    some = [Taken(position=1, pieces=0), Taken(position=2, pieces=8)]
    with pytest.raises(UnableToReturn, match=f"{gone.tag} can't be split any more"):
        partly.authorize(rtv, theirs="N-1", taken=some, why="Full.", by=cast.nils, at=at)
    assert (VendorReturn.objects.get().status, Device.objects.get(pk=gone.pk).quantity) == ("asked", 20)
    none = [Taken(position=1, pieces=0), Taken(position=2, pieces=0)]
    partly.authorize(rtv, theirs="N-1", taken=none, why="Full.", by=cast.nils, at=at)

    states = [Device.objects.get(pk=one.pk).state for one in lots]
    assert states == ["IN_TRIAGE", gone.state, "TO_RETURN"]
    assert VendorReturn.objects.get(status="refused").lines.filter(is_open=False).count() == 2

    # The same where all of it is refused.
    last = asking.ask(make.drafted(cast, make.going_back(cast, product=make.model("Hub"))), by=cast.henrik, at=at)
    other = sold_instead(cast, last.lines.get().device, wiped_first=wiped_first, at=at)
    asking.refuse(last, why="No.", by=cast.nils, at=at)
    assert Device.objects.get(pk=other.pk).state == other.state


def test_what_is_taken_for_no_credit_is_closed_once_it_left(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lots = [make.going_back(cast, product=make.model(f"Cable {n}"), pieces=20, price="10.00") for n in range(2)]
    owing = make.shipped(cast, lots[0])
    asked = asking.ask(make.drafted(cast, lots[1]), by=cast.henrik, at=at)
    taken = [Taken(position=1, credit=Decimal(0))]
    rtv = partly.authorize(asked, theirs="N-1", taken=taken, why="Worn.", by=cast.nils, at=at)
    with pytest.raises(UnableToReturn, match="is authorized"):
        crediting.close(rtv, why="x", by=cast.henrik, at=at)
    sending.ship(sending.pack(rtv, by=cast.luca, at=at), by=cast.luca, at=at)
    # Where credit is still to come, it is waited for or disputed.
    with pytest.raises(UnableToReturn, match="on its way to them"):
        crediting.close(owing, why="x", by=cast.henrik, at=at)
    with pytest.raises(BadInput, match="Say why the rest"):
        crediting.close(rtv, by=cast.henrik, at=at)
    desk = Client()
    desk.force_login(cast.user("henrik"))
    page = {one.pk: desk.get(reverse("rtv", args=[one.number])).content.decode() for one in (rtv, owing)}
    acts = {pk: ('value="credit"' in told, 'value="close"' in told) for pk, told in page.items()}
    assert acts == {rtv.pk: (False, True), owing.pk: (True, False)}

    closed = crediting.close(rtv, why="Taken for nothing.", by=cast.henrik, at=at)

    line = closed.lines.get()
    assert (closed.status, line.written_off, line.is_open) == ("closed", Decimal("200.00"), False)
    sums = {one.account: one.amount for one in Posting.objects.filter(device=lots[1])}
    assert sums == {"claim": Decimal("200.00"), "write_off": Decimal("-200.00")}


def test_goods_without_papers_go_back_at_a_price_that_a_person_says(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lot = make.stock(cast, price=None)
    with transaction.atomic():
        taken = moves.take_one(lot.pk)
        moves.proceed(
            taken, fact=device_facts.SentToTriage(reason="to the vendor"), by=cast.aisha, at=at,
            set={"disposition": "RETURN_TO_VENDOR", "stops_done": 0},
        )  # fmt: skip
    with pytest.raises(UnableToReturn, match="nobody noted what it was bought for"):
        make.drafted(cast, lot)
    piece = Piece(device=lot, price=Decimal("2.00"))
    rtv = returning.draft(make.norden(), [piece], hub=cast.rotterdam, by=cast.henrik, at=at)
    assert [(one.reason, one.price, one.order_number) for one in rtv.lines.all()] == [
        ("defective", Decimal("2.00"), "")
    ]
    make.agreed(cast, valid_from=date(2026, 2, 1), needs_papers=True)
    with pytest.raises(UnableToReturn, match="asks for the purchase order"):
        asking.ask(rtv, by=cast.henrik, at=at)
    asking.cancel(rtv, why="No papers.", by=cast.henrik, at=at)
    assert not VendorReturnLine.objects.filter(is_open=True).exists()


def test_what_is_on_hold_or_holds_data_isn_t_packed(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lot = make.going_back(cast)
    rtv = make.authorized(cast, lot)
    with transaction.atomic():
        hold = standing.hold(moves.take_one(lot.pk), HoldKind.RECALL, reason="RC", by=cast.aisha, at=at)
    with pytest.raises(UnableToReturn, match=r"it is on hold \(recall\)"):
        sending.pack(rtv, by=cast.luca, at=at)
    with transaction.atomic():
        taken = moves.take_one(lot.pk)
        standing.release(taken, hold, reason="fine", by=cast.maria, at=at)
        moves.note(taken, fact=device_facts.Described(what="x", source="test"), by=cast.ravi, at=at, set={"data": "PRESENT"})  # fmt: skip
    with pytest.raises(UnableToReturn, match="it would leave with data on it"):
        sending.pack(rtv, by=cast.luca, at=at)
    assert not Posting.objects.exists()


def test_what_a_supplier_is_late_with_stands_in_the_inbox(cast: Cast, at: datetime) -> None:
    make.agreed(cast)
    lots = [make.going_back(cast, product=make.model(f"Cable {n}")) for n in range(3)]
    asked = asking.ask(make.drafted(cast, lots[0]), by=cast.henrik, at=at)
    lapsing = asking.ask(make.drafted(cast, lots[1]), by=cast.henrik, at=at)
    asking.authorize(lapsing, theirs="N-2", until=date(2026, 12, 1), by=cast.nils, at=at)
    sent = make.shipped(cast, lots[2])
    make.stock(cast, product=make.model("Hub"))
    unsold.sweep(at=at)

    now = {one.kind: one for one in queries.exceptions(cast.henrik, at=at)}
    late = {one.kind: one for one in queries.exceptions(cast.henrik, at=at + timedelta(days=31))}

    assert set(now) == {"exception.unsold"}
    assert now["exception.unsold"].money_at_risk == Decimal("100.00")
    assert {kind: one.thing for kind, one in late.items() if kind != "exception.unsold"} == {
        "exception.rtv_unanswered": asked.number,
        "exception.rtv_lapsing": lapsing.number,
        "exception.rtv_uncredited": sent.number,
    }
    assert queries.exceptions(cast.nils, at=at) == []
