"""Two who begin to count one place at the same moment: one counts it, the other reads who does."""

from __future__ import annotations

from datetime import datetime

from revlog.storage.models import Count, Walk
from revlog.storage.services.counts import walking
from revlog.storage.services.counts.keeping import UnableToCount
from tests import cast as casting
from tests.concurrency.test_receiving import race
from tests.storage.test_counts import stocked


def test_of_two_who_begin_to_count_one_place_one_does(transactional_db: None, at: datetime) -> None:
    people = casting.make()
    place, _units = stocked(people, "A-01", 2)
    counters = [people.luca, people.ravi]

    def begins(index: int) -> object:
        return lambda: walking.begin(place, by=counters[index], at=at)

    results = race([begins(0), begins(1)])  # type: ignore[list-item]

    [refused] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(refused, UnableToCount), refused
    assert f"is being counted by {('Ravi', 'Luca')[results.index(refused) == 1]}" in str(refused)
    assert (Count.objects.count(), Walk.objects.count()) == (1, 1)
