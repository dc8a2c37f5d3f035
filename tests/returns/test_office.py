from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from returns import queries, telling
from returns.models import Discrepancy, Refund, RefundStatus, Rma, RmaStatus, UnitStatus
from returns.queries import inbox
from returns.services import awaiting, differing, unloading
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition, State
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.factories.proof import kim


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def test_who_may_see_and_do_what(cast: Cast, client: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    path = f"/returns/{rma.number}/"

    assert client.get("/returns/").status_code == 302
    for name, status in (("sam", 200), ("ines", 200), ("noor", 200), ("tomas", 403), ("remco", 200)):
        assert as_(cast, name).get(path).status_code == status, name
    # A seller's people see their own; others' returns are not there at all.
    assert as_(cast, "vera").get(path).status_code == 404
    for act in ("approve", "refuse", "accept", "refuse-unit", "refund", "propose", "give-up"):
        assert as_(cast, "noor").post(f"{path}{act}").status_code == 403, act
        assert as_(cast, "sam").get(f"{path}{act}").status_code == 405 or act in {
            "accept",
            "refuse-unit",
            "refund",
            "propose",
        }


def test_the_list_filters_and_goes_on_by_cursor(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    made = [
        returns.rma(
            cast,
            order=terms.order(cast, f"PS-{n}", terms.laptop_line(serials=(f"PF{n}XYZ",)), at=now),
            at=now - timedelta(minutes=n),
        )
        for n in range(5)
    ]
    monkeypatch.setattr(queries, "PAGE", 2)
    seen: list[str] = []
    cursor = ""
    while True:
        page = queries.listed(cast.sam, cursor=cursor, most=2)
        seen += [rma.number for rma in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [rma.number for rma in made]
    sam = as_(cast, "sam")
    assert made[3].number in sam.get("/returns/?q=PF3XYZ").content.decode()
    assert made[2].number not in sam.get("/returns/?q=PF3XYZ").content.decode()
    assert made[2].number in sam.get("/returns/?q=ps-2").content.decode()
    assert made[0].number not in sam.get("/returns/?status=closed").content.decode()
    assert made[0].number in sam.get("/returns/?reason=CHANGED_MIND&seller=retailer").content.decode()
    assert sam.get("/returns/?after=nonsense&status=nonsense").status_code == 200


def test_approving_by_the_page_and_being_refused_for_ones_own(cast: Cast) -> None:
    now = clock.now()
    rma = returns.rma(
        cast, order=terms.order(cast, at=now, days=300), reason="BATTERY", wanted="repair", by=cast.sam, at=now
    )
    sam, aisha = as_(cast, "sam"), as_(cast, "aisha")

    own = sam.post(f"/returns/{rma.number}/approve")
    assert own.status_code == 409
    assert "nobody approves an RMA that they opened" in own.content.decode()
    assert aisha.post(f"/returns/{rma.number}/approve").status_code == 302
    assert Rma.objects.get().status == RmaStatus.APPROVED


def test_refusing_needs_a_reason_that_the_customer_reads(cast: Cast) -> None:
    now = clock.now()
    rma = returns.rma(cast, order=terms.order(cast, at=now, days=300), reason="BATTERY", wanted="repair", at=now)
    aisha = as_(cast, "aisha")

    assert aisha.post(f"/returns/{rma.number}/refuse", {"reason": " "}).status_code == 422
    assert aisha.post(f"/returns/{rma.number}/refuse", {"reason": "Water damage."}).status_code == 302
    assert telling.saying(Rma.objects.get()).then == "Water damage."


def test_accepting_with_a_deduction_and_approving_the_refund(cast: Cast) -> None:
    rma = returns.rma(cast, at=clock.now())
    returns.received(cast, rma, at=clock.now())
    unit = str(returns.unit_of(rma).pk)
    aisha, esra = as_(cast, "aisha"), as_(cast, "esra")

    for wrong in ("abc", "-5", "1e400", "NaN"):
        assert (
            aisha.post(f"/returns/{rma.number}/accept", {"unit": unit, "deduction": wrong, "why": "x"}).status_code
            == 422
        )
    bare = aisha.post(f"/returns/{rma.number}/accept", {"unit": unit, "deduction": "50"})
    assert bare.status_code == 409
    assert "Say why something is deducted" in bare.content.decode()
    told = {"unit": unit, "deduction": "50", "why": "A key is missing."}
    assert aisha.post(f"/returns/{rma.number}/accept", told).status_code == 302
    refund = Refund.objects.get()
    assert "Approve" in esra.get(f"/returns/{rma.number}/").content.decode()
    assert esra.post(f"/returns/{rma.number}/refund", {"refund": str(refund.pk), "act": "approve"}).status_code == 302
    reactions.drain(at=clock.now(), queues=["outside"])
    assert Refund.objects.get().status == RefundStatus.PAID


def test_support_announces_for_somebody_who_calls(cast: Cast) -> None:
    order = terms.order(cast, at=clock.now())
    line = order.lines.get()
    sam = as_(cast, "sam")

    assert sam.get("/returns/new/?order=PS-0000").status_code == 404
    assert "ThinkPad T480" in sam.get("/returns/new/?order=ps-1001").content.decode()
    assert sam.post("/returns/new/", {"order": "PS-1001"}).status_code == 422
    told = {
        "order": "PS-1001", "lines": str(line.pk), f"{line.pk}-quantity": "1", f"{line.pk}-reason": "DOA",
        f"{line.pk}-wanted": "exchange",
    }  # fmt: skip
    answer = sam.post("/returns/new/", told)

    rma = Rma.objects.get()
    assert answer.headers["Location"] == f"/returns/{rma.number}/"
    assert rma.origin == "staff"


def test_the_queues_say_why_something_cannot_go_yet(cast: Cast) -> None:
    now = clock.now()
    rma = returns.rma(cast, at=now)
    device = returns.received(cast, rma, at=now).device
    returns.graded(device, at=now)
    devices.decided(device, Disposition.RETURN_TO_OWNER, at=now)
    luca = as_(cast, "luca")

    page = as_(cast, "ines").get("/returns/queue/send-back/").content.decode()
    assert device.tag in page
    assert "it was accepted and is ours now" in page
    refused = luca.post("/returns/send-back", {"tag": device.tag})
    assert refused.status_code == 409
    assert devices.state_of(device) == State.TO_RETURN
    assert as_(cast, "ines").get("/returns/queue/nonsense/").status_code == 404
    assert luca.post("/returns/send-back", {"tag": "RL-0000-0000"}).status_code == 404


def test_a_refused_unit_is_sent_back_from_its_queue(cast: Cast) -> None:
    now = clock.now()
    rma = returns.rma(cast, at=now)
    device = returns.received(cast, rma, at=now).device
    unit = returns.unit_of(rma)
    told = {"unit": str(unit.pk), "reason": "It is not ours."}
    assert as_(cast, "aisha").post(f"/returns/{rma.number}/refuse-unit", told).status_code == 302

    send = {"tag": device.tag, "tracking": "3S1"}
    assert as_(cast, "luca").post("/returns/send-back", send).status_code == 409  # its customer may still appeal
    awaiting.ask_back(returns.unit_of(rma), by=kim(rma), at=clock.now())
    assert as_(cast, "luca").post("/returns/send-back", send).status_code == 302

    assert returns.unit_of(rma).status == UnitStatus.SENT_BACK
    assert Rma.objects.get().status == RmaStatus.CLOSED


def test_a_wrong_serial_is_decided_on_its_own_page_by_somebody_else(cast: Cast) -> None:
    now = clock.now()
    rma = returns.rma(cast, at=now)
    differing.receive_wrong(returns.unit_of(rma), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=now)
    row = Discrepancy.objects.get()
    path = f"/returns/trouble/{row.pk}/"

    assert "PF1ABCDE was sold, PF9OTHER came." in as_(cast, "ines").get(path).content.decode()
    own = as_(cast, "ines").post(path, {"act": "resolve", "reason": "fine"})
    assert own.status_code == 409
    assert as_(cast, "aisha").post(path, {"act": "match", "reason": ""}).status_code == 422
    assert as_(cast, "aisha").post(path, {"act": "match", "reason": "typo of the shop"}).status_code == 302
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED


def test_every_exception_names_its_owner_its_due_time_and_what_to_do(cast: Cast) -> None:
    now = clock.now()
    late = returns.rma(cast, order=terms.order(cast, "A", at=now - timedelta(days=40)), at=now - timedelta(days=40))
    waiting = returns.rma(
        cast, order=terms.order(cast, "B", at=now, days=300), reason="BATTERY", wanted="repair", at=now
    )
    unloading.receive_unannounced_parcel(tracking="JD1", hub=cast.rotterdam, by=cast.ines, at=now)

    rows = {row.kind: row for row in inbox.exceptions(cast.aisha)}

    assert set(rows) == {"overdue_rma", "rma_waiting", "unannounced_parcel"}
    assert (rows["overdue_rma"].thing, rows["rma_waiting"].thing) == (late.number, waiting.number)
    for row in rows.values():
        assert row.owner
        assert row.due is not None
        assert row.next_action
        assert as_(cast, "aisha").get(row.url).status_code == 200
    assert inbox.exceptions(cast.vera) == []


def test_lists_take_the_same_number_of_queries_however_long_they_are(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    now = clock.now()
    for n in range(8):
        returns.rma(cast, order=terms.order(cast, f"PS-{n}", terms.laptop_line(serials=(f"PF{n}XYZ",)), at=now), at=now)
    sam = as_(cast, "sam")

    with django_assert_max_num_queries(26):  # type: ignore[operator]
        sam.get("/returns/")
