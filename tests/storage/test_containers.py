"""Containers: what goes in, what comes out, how they move with all that is in them, and their seals."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revlog.custody import merkle
from revlog.custody.models import Chain, Entry
from revlog.devices.models import Device, LocationKind
from revlog.devices.services import moves, placing, standing
from revlog.storage.models import ContainerKind, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import filling, keeping, making, moving, sealing
from tests.cast import Cast
from tests.factories import devices, storage


def kinds(container: object) -> list[str]:
    rows = Entry.objects.filter(chain_id=container.pk)  # type: ignore[attr-defined]
    return [one.removeprefix("storage.") for one in rows.values_list("kind", flat=True)]


def test_a_pallet_moves_with_all_in_it_by_one_entry_and_as_many_statements_as_an_empty_one(
    cast: Cast, at: datetime
) -> None:
    dock = storage.place(cast, "DOCK-9", kind=LocationKind.DOCK)
    shelf = storage.place(cast, "SHELF-9")
    pallet, bare = (storage.container(cast, ContainerKind.PALLET, parent=dock) for _ in range(2))
    tote = storage.container(cast, parent=pallet.location)
    units = [*storage.filled(cast, 20, pallet), devices.laptop(cast, serial="X1", device_class="monitor")]
    filling.put(units[-1:], tote, by=cast.ines, at=at)
    heads = dict(Chain.objects.filter(pk__in=[one.pk for one in units]).values_list("pk", "head_digest"))

    with CaptureQueriesContext(
        connection,
    ) as many:
        entry = moving.move(pallet, shelf, seen_at="DOCK-9", by=cast.ines, at=at)
    with CaptureQueriesContext(connection) as few:
        moving.move(bare, shelf, by=cast.ines, at=at)

    assert entry is not None
    assert len(many) <= len(few) + 1
    # One entry on the pallet's own chain; what it covered is proved by the root, each unit by the end of its own chain.
    assert kinds(pallet) == ["container_made", "container_filled", "container_moved"]
    told = entry.payload
    assert (told["units"], told["containers"], told["before"]) == (21, 1, "DOCK-9")
    leaves = [bytes.fromhex(heads[one]) for one in sorted(heads)]
    assert told["root"] == merkle.root(leaves).hex()
    assert heads == dict(Chain.objects.filter(pk__in=heads).values_list("pk", "head_digest"))
    lost = Device.objects.get(pk=units[-1].pk)
    assert reads.path(lost.location_id) == f"SHELF-9 > {pallet.number} > {tote.number}"
    assert moving.move(pallet, shelf, by=cast.ines, at=at) is None
    with pytest.raises(moving.UnableToMoveContainer, match="into itself"):
        moving.move(pallet, tote.location, by=cast.ines, at=at)


def test_another_site_has_the_units_too_and_their_chains_say_so(cast: Cast, at: datetime) -> None:
    there = storage.place(cast, "HALL-2", hub=cast.leipzig)
    pallet = storage.container(cast, ContainerKind.PALLET)
    tote = storage.container(cast, parent=pallet.location)
    units = storage.filled(cast, 3, tote)

    with pytest.raises(moving.NotAllowed):
        moving.move(pallet, there, by=cast.ines, at=at)
    moving.move(pallet, there, by=cast.maria, at=at)

    for one in Device.objects.filter(pk__in=[each.pk for each in units]).select_related("location"):
        assert (one.hub_id, one.location_id) == (cast.leipzig.pk, tote.pk)
        assert one.location is not None
        assert one.location.hub_id == cast.leipzig.pk
        said = Entry.objects.filter(chain_id=one.pk).latest("sequence")
        assert said.payload["hub"] == cast.leipzig.code


def test_data_stays_behind_locks_and_seals(cast: Cast, at: datetime) -> None:
    cage, hall = storage.place(cast, "CAGE-9", secured=True), storage.place(cast, "HALL-9")
    tote, locker = storage.container(cast, capacity=2), storage.container(cast, ContainerKind.CAGE, secured=True)
    laptop = devices.laptop(cast)

    with pytest.raises(placing.UnableToPut, match="is not secured"):
        filling.put([laptop], tote, by=cast.ines, at=at)
    filling.put([laptop], locker, by=cast.ines, at=at)
    # Standing in the data cage, a plain tote is as safe as its place; outside it is not.
    moving.move(tote, cage, by=cast.ines, at=at)
    standing_in = moves.take_one
    with moves.taken(laptop):
        standing.put(standing_in(laptop.pk), tote.location, by=cast.ines, at=at)
    assert kinds(locker)[-1] == "container_taken_from"
    with pytest.raises(moving.UnableToMoveContainer, match=r"1 unit in .* may hold data and HALL-9 is not secured"):
        moving.move(tote, hall, by=cast.ines, at=at)

    sealing.seal(tote, number="s-100 1", by=cast.ines, at=at)
    moving.move(tote, hall, by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match="is sealed; break the seal"):
        filling.put([storage.cables(cast, 1)[0]], tote, by=cast.ines, at=at)
    with moves.taken(laptop), pytest.raises(placing.UnableToPut, match="is sealed"):
        standing.put(moves.take_one(laptop.pk), cage, by=cast.ines, at=at)
    with pytest.raises(keeping.UnableToKeep, match=r"Seal S-999 isn't on .*: S-100 1 should be"):
        sealing.check(tote, number="S-999", by=cast.ines, at=at)
    sealing.check(tote, number="S-100 1", by=cast.ines, at=at)
    with pytest.raises(keeping.UnableToKeep, match="before the seal is broken"):
        sealing.break_seal(tote, number="S-100 1", reason="wrong label", by=cast.ines, at=at)
    with pytest.raises(keeping.UnableToKeep, match="has been used before"):
        sealing.seal(locker, number="S-100 1", by=cast.ines, at=at)
    # What was found broken is said, wherever it stands.
    sealing.break_seal(tote, number="S-100 1", reason="torn on the way", found_broken=True, by=cast.ines, at=at)
    tote.refresh_from_db()
    assert tote.state == ContainerState.CLOSED
    sealing.open_again(tote, by=cast.ines, at=at)
    assert filling.empty(tote, cage, by=cast.ines, at=at) == 1
    with pytest.raises(keeping.UnableToKeep, match="Say why"):
        making.retire(tote, reason=" ", by=cast.admin, at=at)
    making.retire(tote, reason="cracked", by=cast.admin, at=at)
    assert kinds(tote)[-4:] == ["seal_broken", "container_opened", "container_taken_from", "container_retired"]


def test_what_is_kept_for_a_client_takes_nothing_of_others_and_no_more_than_fits(cast: Cast, at: datetime) -> None:
    pallet = storage.container(cast, ContainerKind.PALLET, client=cast.vega)
    tote = storage.container(cast, capacity=1, parent=pallet.location)
    ours, theirs = storage.cables(cast, 1)[0], devices.laptop(cast, serial="V1", device_class="monitor")
    with moves.taken(theirs):
        standing.pass_title(theirs, cast.vega, by=cast.admin, at=at)

    with pytest.raises(placing.UnableToPut, match=f"{pallet.number} is kept for Vega GmbH alone"):
        filling.put([ours], tote, by=cast.ines, at=at)
    filling.put([theirs], tote, by=cast.ines, at=at)
    free = storage.container(cast, capacity=1)
    filling.put([ours], free, by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match="is full"):
        filling.put([theirs], free, by=cast.ines, at=at)
    with pytest.raises(moving.UnableToMoveContainer, match="belongs to somebody else"):
        moving.move(free, pallet.location, by=cast.ines, at=at)
    with pytest.raises(moving.NotAllowed):
        moving.move(free, pallet.location, by=cast.jonas, at=at)


@pytest.mark.parametrize("sealed", [True, False])
def test_nothing_is_moved_out_of_what_is_shut_until_it_is_opened(cast: Cast, at: datetime, sealed: bool) -> None:
    shelf = storage.place(cast, "SHELF-9")
    pallet = storage.container(cast, ContainerKind.PALLET, parent=shelf)
    case = storage.container(cast, parent=pallet.location)
    tote = storage.container(cast, parent=case.location)
    storage.filled(cast, 1, tote)
    if sealed:
        sealing.seal(pallet, number="S-200", by=cast.ines, at=at)
    else:
        sealing.close(pallet, by=cast.ines, at=at)
    shut = f"{pallet.number} is {'sealed' if sealed else 'closed'}"

    with pytest.raises(moving.UnableToMoveContainer, match=shut):
        moving.move(tote, shelf, by=cast.ines, at=at)
    with pytest.raises(moving.UnableToMoveContainer, match=shut):
        filling.empty(case, shelf, by=cast.ines, at=at)
    with pytest.raises(moving.UnableToMoveContainer) as within:
        moving.move(tote, pallet.location, by=cast.ines, at=at)
    assert [one.code for one in within.value.reasons] == ["shut"]
    tote.location.refresh_from_db()
    assert tote.location.parent_id == case.pk
    assert kinds(tote)[-1] == "container_filled"

    if sealed:
        sealing.break_seal(pallet, number="S-200", reason="repacked", by=cast.ines, at=at)
    sealing.open_again(pallet, by=cast.ines, at=at)
    assert moving.move(tote, shelf, by=cast.ines, at=at) is not None


def test_a_container_in_another_takes_a_room_of_it(cast: Cast, at: datetime) -> None:
    crate = storage.container(cast, capacity=2)
    storage.container(cast, parent=crate.location)
    first, second = storage.cables(cast, 2)

    assert placing.room(crate.location) == 1
    with pytest.raises(placing.UnableToPut, match=f"{crate.number} has room for 1 more, and there are 2"):
        filling.put([first, second], crate, by=cast.ines, at=at)
    filling.put([first], crate, by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match=f"{crate.number} is full"):
        filling.put([second], crate, by=cast.ines, at=at)


def test_a_container_is_emptied_at_its_own_site_and_what_stands_in_it_is_locked_with_it(
    cast: Cast, at: datetime
) -> None:
    here = storage.place(cast, "SHELF-9")
    there = storage.place(cast, "HALL-2", hub=cast.leipzig)
    pallet = storage.container(cast, ContainerKind.PALLET)
    totes = [storage.container(cast, parent=pallet.location) for _one in range(2)]
    [unit] = storage.filled(cast, 1, pallet)
    storage.filled(cast, 1, totes[0])

    with pytest.raises(keeping.UnableToKeep, match=f"HALL-2 is at {cast.leipzig.name}; move {pallet.number} there"):
        filling.empty(pallet, there, by=cast.maria, at=at)
    unit.refresh_from_db()
    assert (unit.hub_id, unit.location_id) == (cast.rotterdam.pk, pallet.pk)

    with CaptureQueriesContext(connection) as asked:
        assert filling.empty(pallet, here, by=cast.ines, at=at) == 1
    locks = [
        one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"] and 'FROM "devices_location"' in one["sql"]
    ]
    keys = {str(one) for one in (pallet.pk, here.pk, *(tote.pk for tote in totes))}
    assert {one for one in keys if one in locks[0]} == keys, "all places by one statement, in the order of their ids"
    for tote in totes:
        tote.location.refresh_from_db()
        assert tote.location.parent_id == here.pk
