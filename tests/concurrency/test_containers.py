"""Two operators on the same pallet: one moves it, the other reads who did."""

from __future__ import annotations

from datetime import datetime

from revlog.custody.models import Entry
from revlog.devices.models import Location
from revlog.storage.models import ContainerKind
from revlog.storage.services.containers import moving
from tests import cast as casting
from tests.concurrency.test_receiving import race
from tests.factories import storage


def test_of_two_who_move_one_pallet_one_does_and_the_other_reads_where_it_went(
    transactional_db: None, at: datetime
) -> None:
    people = casting.make()
    start, *ways = (storage.place(people, code) for code in ("HALL-0", "HALL-1", "HALL-2"))
    pallet = storage.container(people, ContainerKind.PALLET, parent=start)
    storage.filled(people, 5, pallet)
    movers = [people.ines, people.aisha]

    def moves(index: int) -> object:
        return lambda: moving.move(pallet, ways[index], seen_at="HALL-0", by=movers[index], at=at)

    results = race([moves(0), moves(1)])  # type: ignore[list-item]

    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1, results
    assert isinstance(refused[0], moving.UnableToMoveContainer)
    winner = 1 if results[0] is refused[0] else 0
    assert f"Moved to {ways[winner].code} with 5 units in it" in str(refused[0])
    assert ("Ines Duarte", "Aisha Rahman")[winner] in str(refused[0])
    assert Location.objects.get(pk=pallet.pk).parent == ways[winner]
    assert Entry.objects.filter(chain_id=pallet.pk, kind="storage.container_moved").count() == 1
