"""What a recall does to units: it stops what is here and what comes, writes to owners once, and takes things back at no cost."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from returns.models import Recall, RecallUnit, Rma, RmaStatus
from returns.services import opening, recall_nights, recall_owners, recall_units, recalls, receiving
from returns.services.opening import UnableToOpen
from returns.services.recalls import NewCriterion, UnableToRecall
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Hold, Lookout
from revlog.devices.services import arrivals, moves, standing
from revlog.terms.models import Message, Order
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import devices, refurb, returns, terms
from tests.factories import recalls as make
from tests.returns.test_recalls import harvested

LISTED = NewCriterion(range="serials", serials=["PF1ABCDE", "PF2BCDEF"])


def kinds(device: Device) -> list[str]:
    return list(Entry.objects.filter(chain_id=device.pk).order_by("sequence").values_list("kind", flat=True))


def holds(device: Device) -> list[str]:
    return Device.objects.get(pk=device.pk).holds


def row_of(recall: Recall, device: Device | None = None) -> RecallUnit:
    rows = RecallUnit.objects.filter(recall=recall).select_related("recall", "hold", "contact", "order_line")
    return rows.get(device=device) if device is not None else rows.get()


# Holds ------------------------------------------------------------------------------------------------------------------------------


def test_everything_in_our_hands_is_held_and_its_chain_says_why(cast: Cast, at: datetime) -> None:
    unit = devices.for_sale(cast, serial="PF1ABCDE")
    other = devices.for_sale(cast, serial="PF3CDEFG", drive="D3")

    recall = make.opened(cast, LISTED, at=at)

    assert (holds(unit), holds(other)) == (["recall"], [])
    assert kinds(unit)[-2:] == ["returns.recalled", "devices.held"]
    assert row_of(recall).hold == Hold.objects.get()
    taken = Device.objects.get(pk=unit.pk)
    with pytest.raises(moves.UnableToMove, match=r"on hold \(recall\)"):
        devices.sold(taken)


def test_many_are_held_by_a_handful_of_statements(
    cast: Cast, at: datetime, django_assert_max_num_queries: object
) -> None:
    units = [devices.laptop(cast, serial=f"SN{number:05d}") for number in range(40)]
    recall = make.opened(cast, NewCriterion(range="between", first="SN00000", last="SN00039"), at=at, search=False)

    with django_assert_max_num_queries(60):  # type: ignore[operator]
        recall_units.sweep(recall, at=at)

    assert Hold.objects.count() == len(units)


def test_the_dock_holds_what_arrives_later_in_the_same_act(cast: Cast, at: datetime) -> None:
    make.opened(cast, LISTED, at=at)
    rma = returns.rma(cast, at=at)

    done = returns.received(cast, rma, at=at + timedelta(hours=1))

    assert done.device.holds == ["recall"]
    row = RecallUnit.objects.get(device=done.device)
    assert (row.returned_at, row.held_at) == (at + timedelta(hours=1), at + timedelta(hours=1))
    assert kinds(done.device)[-2:] == ["devices.held", "returns.unit_matched"]


def test_whatever_door_it_comes_in_by_it_is_held(cast: Cast, at: datetime) -> None:
    make.opened(cast, LISTED, at=at)

    by_client = devices.laptop(cast, serial="PF1ABCDE")
    unannounced = receiving.receive_unannounced(serial="PF2BCDEF", hub=cast.rotterdam, by=cast.ines, at=at).device

    assert (holds(by_client), sorted(holds(unannounced))) == (["recall"], ["awaiting_owner", "recall"])


def test_a_unit_whose_serial_becomes_known_later_is_held_then(cast: Cast, at: datetime) -> None:
    make.opened(cast, LISTED, at=at)
    unit = devices.laptop(cast, serial="")
    assert holds(unit) == []

    with transaction.atomic():
        name = identifiers.serial("PF1ABCDE", "Lenovo")
        assert name is not None
        arrivals.identify(moves.take_one(unit.pk), name, by=cast.ravi, at=at)

    assert holds(unit) == ["recall"]
    assert row_of(Recall.objects.get()).found_by == "report"


def test_a_part_put_in_later_brings_its_unit_into_the_recall(cast: Cast, at: datetime) -> None:
    recall = make.opened(cast, NewCriterion(range="part", text="BAT-T480"), at=at)
    part = refurb.battery(cast)
    order = refurb.at_bench(cast, at=at)

    refurb.parts.put_in_now(order=order, part=part, by=cast.jakob, at=at)
    make.drain(at)

    assert holds(order.device) == ["recall"]
    assert row_of(recall).how == "part"


def test_a_part_that_arrives_is_known_by_the_unit_it_was_taken_from(cast: Cast, at: datetime) -> None:
    unit, screen = harvested(cast, at=at)
    recall = make.opened(
        cast, NewCriterion(range="serials", serials=["PF9PARENT"], with_parts=True), at=at, search=False
    )

    with transaction.atomic():
        taken = moves.take_one(screen.pk)
        found = recall_units.look([taken], how="dock", by=cast.ines, at=at)

    assert [(row.recall, row.how) for row in found] == [(recall, "part_out")]
    assert (holds(unit), holds(screen)) == ([], ["recall"])


def test_each_night_what_runs_is_searched_once_more_and_nothing_else(cast: Cast, at: datetime) -> None:
    running = make.opened(cast, LISTED, at=at)
    mock = make.opened(cast, LISTED, mock=True, at=at)
    # It came in behind the back of every door: only a search finds it.
    missed = devices.laptop(cast, serial="PF9ZZZZZ", at=at)
    missed.identifiers.filter(scheme="serial").update(normal_form="PF1ABCDE")
    night = at + timedelta(days=1)

    assert recall_nights.search(at=night) == 1
    assert recall_nights.search(at=night + timedelta(hours=1)) == 0

    assert row_of(running, missed).found_by == "search"
    assert holds(missed) == ["recall"]
    assert Recall.objects.get(pk=mock.pk).swept_at == at


def test_a_closed_or_mock_recall_holds_nothing(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast, serial="PF1ABCDE")
    make.opened(cast, LISTED, mock=True, at=at)
    later = devices.laptop(cast, serial="PF2BCDEF")

    assert (holds(unit), holds(later)) == ([], [])


# Release ----------------------------------------------------------------------------------------------------------------------------


def test_the_remedy_ends_the_hold_and_sends_a_repaired_unit_back_to_triage(cast: Cast, at: datetime) -> None:
    unit = devices.for_sale(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, at=at)

    with pytest.raises(NotAllowed):
        recall_units.settle(row_of(recall), "repaired", by=cast.ines, at=at)
    recall_units.settle(row_of(recall), "repaired", reason="battery swapped", by=cast.henrik, at=at)

    fresh = Device.objects.get(pk=unit.pk)
    assert (fresh.holds, fresh.state) == ([], State.IN_TRIAGE)
    assert kinds(unit)[-3:] == ["returns.recall_remedied", "devices.hold_released", "devices.sent_to_triage"]
    with pytest.raises(UnableToRecall, match="settled already"):
        recall_units.settle(row_of(recall), "destroyed", by=cast.henrik, at=at)


def test_what_is_to_be_destroyed_goes_to_destruction(cast: Cast, at: datetime) -> None:
    unit = devices.for_sale(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, remedy="destroy", at=at)

    recall_units.settle(row_of(recall), "destroyed", by=cast.henrik, at=at)

    assert devices.state_of(unit) == State.TO_DESTROY


def test_not_affected_needs_to_say_how_one_knows(cast: Cast, at: datetime) -> None:
    unit = devices.for_sale(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, at=at)

    with pytest.raises(Exception, match="Say how you know"):
        recall_units.settle(row_of(recall), "not_affected", by=cast.henrik, at=at)
    recall_units.settle(row_of(recall), "not_affected", reason="other battery inside", by=cast.henrik, at=at)

    assert (holds(unit), devices.state_of(unit)) == ([], State.TO_SELL)


def test_a_unit_of_two_recalls_is_free_only_after_both(cast: Cast, at: datetime) -> None:
    unit = devices.for_sale(cast, serial="PF1ABCDE")
    first = make.opened(cast, LISTED, at=at)
    second = make.opened(cast, NewCriterion(range="serials", serials=["PF1ABCDE"]), at=at)

    recall_units.settle(row_of(first), "repaired", by=cast.henrik, at=at)
    assert holds(unit) == ["recall"]
    recall_units.settle(row_of(second), "repaired", by=cast.henrik, at=at)
    assert holds(unit) == []


def test_a_release_on_the_unit_s_own_page_is_on_the_list_with_its_reason(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, at=at)

    with transaction.atomic():
        standing.release(moves.take_one(unit.pk), Hold.objects.get(), reason="read the label", by=cast.carla, at=at)
    make.drain(at)

    row = row_of(recall)
    assert (row.made, row.made_why, row.made_by) == ("not_affected", "read the label", cast.carla.reference)


def test_a_label_that_is_read_completes_what_we_know(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, at=at)

    recall_units.read_label(row_of(recall), lot="L-07", made_on=date(2025, 5, 4), by=cast.henrik, at=at)

    fresh = Device.objects.get(pk=unit.pk)
    assert (fresh.lot, fresh.made_on) == ("L-07", date(2025, 5, 4))


# Owners -----------------------------------------------------------------------------------------------------------------------------


def bought(cast: Cast, at: datetime, **changes: object) -> Order:
    return terms.order(cast, "PS-1001", terms.laptop_line(serials=("PF1ABCDE",)), at=at, **changes)  # type: ignore[arg-type]


def test_the_owner_of_a_sold_thing_is_written_to_once_in_their_language(cast: Cast, at: datetime) -> None:
    order = bought(cast, at, language="de")

    recall = make.opened(
        cast,
        LISTED,
        at=at,
        translations={"de": {"title": "Akkus können überhitzen", "what_to_do": "Nicht mehr benutzen."}},
    )
    recall_units.sweep(recall, at=at + timedelta(hours=2))
    make.drain(at + timedelta(hours=2))

    message = Message.objects.get(kind="returns/mail/recalled")
    assert (message.to, message.language) == ("kim@example.com", "de")
    assert "Akkus können überhitzen" in message.subject
    assert "Nicht mehr benutzen." in message.text
    assert "PF1ABCDE" in message.text
    assert message.key == f"recall:{recall.pk}:{order.contact_id}:1"
    assert len(mail.outbox) == 1
    assert row_of(recall).told_at == at


def test_nobody_is_written_to_who_was_erased(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    orders.erase_contact(order.contact_id, by=cast.admin, at=at)

    recall = make.opened(cast, LISTED, at=at)

    assert not Message.objects.exists()
    recall_units.settle(row_of(recall), "unreachable", reason="erased on request", by=cast.henrik, at=at)


def test_an_owner_who_can_be_written_to_is_not_called_unreachable_before(cast: Cast, at: datetime) -> None:
    bought(cast, at)
    recall = make.opened(cast, LISTED, at=at, search=False)
    make.drain(at, ["fast"])

    with pytest.raises(UnableToRecall, match="hasn't been written to yet"):
        recall_units.settle(row_of(recall), "unreachable", reason="no answer", by=cast.henrik, at=at)


def client_of(recall: Recall, order: Order, at: datetime) -> tuple[Client, str]:
    client = Client()
    address = recall_owners.link(recall, order.contact, at=at).partition("/return/")
    page = client.get(f"/return/{address[2]}")
    assert page.status_code == 302
    return client, page.headers["Location"]


def test_the_link_opens_a_return_at_no_cost_after_every_window(cast: Cast, at: datetime) -> None:
    order = bought(cast, at, days=900)
    recall = make.opened(cast, LISTED, at=at)
    client, address = client_of(recall, order, at)
    shown = client.get(address).content.decode()
    assert "Stop using it" in shown
    assert "PF1ABCDE" in shown

    sent = client.post(address, {"unit": [str(row_of(recall).pk)], "answer": "sends"})

    rma = Rma.objects.get()
    assert sent.headers["Location"] == f"/return/{rma.number}/"
    assert client.get(sent.headers["Location"]).status_code == 200
    line = rma.lines.get()
    assert (rma.status, rma.origin, rma.refund_on) == (RmaStatus.APPROVED, "recall", "receipt")
    assert (line.reason, line.wanted, line.fee, line.decision["rule"]) == ("RECALL", "refund", 0, "recalled")
    row = row_of(recall)
    assert (row.answer, row.rma) == ("sends", rma)

    again = client.post(address, {"unit": [str(row.pk)], "answer": "sends"})
    assert again.headers["Location"] == sent.headers["Location"]
    assert Rma.objects.count() == 1


def test_no_other_origin_gets_round_the_return_window(cast: Cast, at: datetime) -> None:
    order = bought(cast, at, days=900)

    with pytest.raises(UnableToOpen):
        opening.open_rma(order=order, wishes=[returns.wish(order)], by=returns.kim(order), at=at)


def test_a_link_opens_nobody_else_s_things(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    other = terms.order(cast, "PS-1002", terms.laptop_line(serials=("PF2BCDEF",)), email="lee@example.com", at=at)
    recall = make.opened(cast, LISTED, at=at)
    client, address = client_of(recall, order, at)
    theirs = RecallUnit.objects.get(contact=other.contact)

    assert "PF2BCDEF" not in client.get(address).content.decode()
    assert client.get(f"/return/recall/{recall.pk}/{other.contact_id}/").status_code == 404
    refused = client.post(address, {"unit": [str(theirs.pk)], "answer": "sends"})
    assert refused.status_code == 409
    assert Client().get(address).status_code in {302, 403, 404}
    assert Client().get("/return/recall/link/broken/").status_code == 410


def test_an_owner_may_say_that_it_is_gone(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    recall = make.opened(cast, LISTED, at=at)
    client, address = client_of(recall, order, at)

    client.post(address, {"unit": [str(row_of(recall).pk)], "answer": "gone"})

    assert row_of(recall).answer == "gone"
    assert (
        "You don&#x27;t have it any more" in client.get(address).content.decode()
        or "you don" in client.get(address).content.decode().lower()
    )


def test_what_comes_back_by_a_recall_is_paid_on_receipt_and_stays_on_the_hold_shelf(cast: Cast, at: datetime) -> None:
    order = bought(cast, at, days=900)
    recall = make.opened(cast, LISTED, at=at)
    client, address = client_of(recall, order, at)
    client.post(address, {"unit": [str(row_of(recall).pk)], "answer": "sends"})
    rma = Rma.objects.get()
    later = at + timedelta(days=3)

    done = returns.received(cast, rma, at=later)
    make.drain(later)

    assert done.device.holds == ["recall"]
    assert list(done.unit.refunds.values_list("status", flat=True)) == ["paid"]  # type: ignore[union-attr]
    row = row_of(recall)
    assert (row.device, row.returned_at, row.made) == (done.device, later, "")
    recall_units.settle(row, "destroyed", by=cast.henrik, at=later)
    assert row_of(recall).made == "destroyed"


def test_pieces_without_a_number_become_units_one_by_one(cast: Cast, at: datetime) -> None:
    make.variant()
    terms.order(cast, "PS-1", terms.laptop_line(serials=(), quantity=3), at=at)
    recall = make.opened(cast, at=at)
    row = row_of(recall)
    assert row.quantity == 3

    assert row.contact is not None
    recall_owners.send_back(recall, row.contact, [row], by=cast.henrik, at=at)

    rows = RecallUnit.objects.filter(recall=recall)
    assert [one.quantity for one in rows] == [1, 1, 1]
    assert all(one.device is not None and one.answer == "sends" for one in rows)
    recall_units.sweep(recall, at=at)
    assert RecallUnit.objects.filter(recall=recall).count() == 3


# Ends -------------------------------------------------------------------------------------------------------------------------------


def test_a_recall_is_closed_only_when_every_unit_is_settled(cast: Cast, at: datetime) -> None:
    devices.laptop(cast, serial="PF1ABCDE")
    recall = make.opened(cast, LISTED, at=at)

    with pytest.raises(UnableToRecall, match="1 units are still open"):
        recalls.close(recall, reason="done", by=cast.henrik, at=at)
    recall_units.settle(row_of(recall), "destroyed", by=cast.henrik, at=at)
    closed = recalls.close(recall, reason="all done", by=cast.henrik, at=at)

    assert closed.status == "closed"
    told = Entry.objects.filter(chain_id=recall.pk).latest("sequence").payload
    assert (told["found"], told["done"]) == (1, 1)


def test_a_mock_recall_writes_on_no_chain_and_its_timer_ends_with_the_last_unit(cast: Cast, at: datetime) -> None:
    _bin, cage = returns.places(cast)
    placed = devices.laptop(cast, serial="PF1ABCDE")
    lost = devices.laptop(cast, serial="PF2BCDEF")
    bought(cast, at, seller=None)
    with transaction.atomic():
        standing.put(moves.take_one(placed.pk), cage, by=cast.ines, at=at)
    before = {unit.pk: kinds(unit) for unit in (placed, lost)}

    recall = make.opened(cast, LISTED, mock=True, at=at)

    assert recall.heads_before == recall.heads_after != ""
    assert {unit.pk: kinds(unit) for unit in (placed, lost)} == before
    assert not Hold.objects.exists()
    assert not Message.objects.filter(thing=f"recall:{recall.pk}").exists()
    assert recall.located_at is None
    with pytest.raises(UnableToRecall, match="1 units are not located"):
        recalls.close(recall, reason="done", by=cast.henrik, at=at)

    row = RecallUnit.objects.get(recall=recall, device=lost)
    recall_units.locate(row, where="behind the rack", by=cast.henrik, at=at + timedelta(minutes=42))

    recall.refresh_from_db()
    assert recall.located_at == at + timedelta(minutes=42)
    assert Entry.objects.get(kind="returns.recall_located").payload["minutes"] == 42
    with pytest.raises(UnableToRecall, match="A mock recall settles nothing"):
        recall_units.settle(row, "destroyed", by=cast.henrik, at=at)
    recalls.close(recall, reason="an exercise", by=cast.henrik, at=at)


def test_nobody_looks_out_before_a_recall_runs_and_after_it_was_closed(cast: Cast, at: datetime) -> None:
    make.opened(cast, LISTED, mock=True, at=at)
    assert not Lookout.objects.exists()
    recall = make.opened(cast, LISTED, at=at)
    assert Lookout.objects.count() == 1

    recalls.close(recall, reason="nothing was found", by=cast.henrik, at=at)

    assert not Lookout.objects.exists()
    assert holds(devices.laptop(cast, serial="PF1ABCDE")) == []
