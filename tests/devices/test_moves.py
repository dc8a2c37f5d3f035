"""Moving units: with an entry that says so, or not at all; refusals name every reason in one sentence."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from revlog.custody.models import Entry, Reaction
from revlog.devices import facts
from revlog.devices.journey import Data, Disposition, State
from revlog.devices.models import Device, HoldKind, Visit
from revlog.devices.services import arrivals, moves, standing
from tests.cast import Cast
from tests.factories import devices as make


def test_it_says_on_the_chain_what_it_moved(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)

    entry = moves.advance(device, moves.TO_TRIAGE, fact=facts.SentToTriage(reason="first look"), by=cast.ravi, at=at)

    device.refresh_from_db()
    assert (device.state, device.state_sequence) == (State.IN_TRIAGE, entry.sequence)
    assert entry.payload == {"reason": "first look", "state_from": "RECEIVED", "state_to": "IN_TRIAGE"}
    assert entry.actor == cast.ravi.reference
    assert (entry.owner_id, entry.hub_id) == (cast.operator.id, cast.rotterdam.id)


def test_it_names_every_reason_in_one_sentence_and_moves_nothing(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        standing.hold(taken, HoldKind.LEGAL, reason="matter 14", by=cast.aisha, at=at)
    device = Device.objects.get(pk=device.pk)

    with pytest.raises(moves.UnableToMove) as refused:
        moves.advance(device, moves.TO_SELL, fact=facts.SentToTriage(reason="x"), by=cast.ravi, at=at)

    sentence = str(refused.value)
    for part in (
        device.tag,
        "put up for sale",
        "it is received",
        "on hold (legal hold)",
        "data is not cleared",
        "no grade",
    ):
        assert part in sentence
    assert sentence.count(".") == 1
    assert make.state_of(device) == State.RECEIVED


def test_a_refusal_leaves_the_unit_in_hand_as_it_was(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)

    with pytest.raises(moves.UnableToMove):
        moves.advance(
            device, moves.TO_SELL, fact=facts.SentToTriage(reason="x"), by=cast.ravi, at=at, set={"grade": "A"}
        )

    assert (device.grade, device.state) == ("U", State.IN_TRIAGE)


def test_it_puts_the_wipe_in_front_of_the_first_stop_that_refuses_the_data(cast: Cast) -> None:
    device = make.decided(make.triaged(cast), Disposition.REFURBISH)

    assert device.state == State.TO_SANITIZE
    assert device.stops_done == 0


def test_it_goes_on_along_the_route_when_a_stop_is_done(cast: Cast, at: datetime) -> None:
    device = make.decided(make.cleared(make.triaged(cast)), Disposition.REFURBISH)
    assert device.state == State.TO_REFURBISH

    with transaction.atomic():
        device = moves.take_one(device.id)
        moves.proceed(
            device, fact=facts.SentToTriage(reason="bench done"), by=cast.jakob, at=at, finished=device.route[0]
        )
    assert (device.state, device.stops_done) == (State.IN_TRIAGE, 1)

    with transaction.atomic():
        device = moves.take_one(device.id)
        moves.proceed(device, fact=facts.SentToTriage(reason="regraded"), by=cast.ravi, at=at, finished=device.route[1])
    assert (device.state, device.stops_done) == (State.TO_SELL, 2)


def test_many_move_together_or_none_does(cast: Cast, at: datetime) -> None:
    ready = [make.laptop(cast, serial=f"READY{i:03d}") for i in range(3)]
    in_triage = make.triaged(cast, serial="ODDONE1", drive="ODD")

    with pytest.raises(moves.UnableToMove) as refused:
        moves.advance_many(
            [*ready, in_triage], moves.TO_TRIAGE, facts=[facts.SentToTriage(reason="shift")] * 4, by=cast.ravi, at=at
        )

    assert in_triage.tag in str(refused.value)
    assert not any(device.tag in str(refused.value) for device in ready)
    assert {make.state_of(device) for device in ready} == {State.RECEIVED}


def test_many_moves_write_the_same_rows_as_single_ones(cast: Cast, at: datetime) -> None:
    units = [make.laptop(cast, serial=f"MANY{i:04d}") for i in range(5)]

    entries = moves.advance_many(
        units, moves.TO_TRIAGE, facts=[facts.SentToTriage(reason="shift")] * 5, by=cast.ravi, at=at
    )

    stored = Entry.objects.filter(pk__in=[entry.pk for entry in entries])
    assert {entry.payload["state_to"] for entry in stored} == {"IN_TRIAGE"}
    assert set(Device.objects.filter(pk__in=[u.pk for u in units]).values_list("state", "state_sequence")) == {
        ("IN_TRIAGE", 2)
    }
    assert Reaction.objects.filter(entry__in=stored).count() == 5 * len(_listeners("devices.sent_to_triage"))


def _listeners(kind: str) -> list[object]:
    from revlog.custody import outbox

    return list(outbox.handlers_of(kind))


def test_the_end_of_a_visit_closes_it(cast: Cast) -> None:
    device = make.sold(make.for_sale(cast))

    visit = Visit.objects.get(device=device)
    assert (visit.outcome, visit.route, visit.closed_at) == ("SOLD", "RESELL", make.AT)


def test_a_sold_unit_that_comes_back_has_unknown_data_and_no_grade(cast: Cast, at: datetime) -> None:
    device = make.sold(make.for_sale(cast))

    arrivals.arrive_again(device, stay=make.stay(cast), by=cast.ines, at=at)

    device.refresh_from_db()
    assert (device.state, device.data, device.grade, device.disposition, device.authority) == (
        State.RECEIVED, Data.UNKNOWN, "U", "", "",
    )  # fmt: skip
    assert list(device.media.values_list("state", "proof")) == [("UNKNOWN", "")]
    assert [visit.number for visit in device.visits.all()] == [1, 2]


def test_a_unit_that_is_with_us_can_not_arrive_again(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)

    with pytest.raises(moves.UnableToMove, match="it is received"):
        arrivals.arrive_again(device, stay=make.stay(cast), by=cast.ines, at=at)


def test_it_refuses_to_assign_a_state_past_the_moves(cast: Cast) -> None:
    device = make.laptop(cast)

    with pytest.raises(AttributeError):
        device.state = State.SOLD


def test_a_look_that_is_out_of_date_writes_nothing(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    early, late = moves.take([device.id])[0], moves.take([device.id])[0]
    moves.advance(early, moves.TO_TRIAGE, fact=facts.SentToTriage(reason="one"), by=cast.ravi, at=at)

    with pytest.raises(IntegrityError, match="one_entry_a_place"), transaction.atomic():
        moves.note(late, fact=facts.SentToTriage(reason="two"), by=cast.ravi, at=at)

    assert Entry.objects.filter(chain_id=device.id).count() == 2
