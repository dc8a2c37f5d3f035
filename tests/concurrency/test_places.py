"""Two hands at one bin: its last room goes to one of them, and the other is told that it is full."""

from __future__ import annotations

import pytest

from revlog.devices.models import LocationKind
from revlog.devices.services import places as setting_up
from revlog.devices.services.placing import UnableToPut
from revlog.storage.services import places
from tests import cast as casting
from tests.concurrency.test_one_unit_two_hands import at_once
from tests.factories import devices as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_last_room_of_a_bin_goes_to_one_of_two_hands() -> None:
    people = casting.make()
    small = setting_up.add(
        hub=people.rotterdam, code="S-1", kind=LocationKind.BIN, secured=True, capacity=1, by=people.admin, at=people.at
    )
    units = [make.laptop(people, serial=f"RACE000{number}").pk for number in range(2)]
    ines, luca = people.ines, people.luca

    results = at_once(
        lambda: places.put([units[0]], small, by=ines, at=people.at),
        lambda: places.put([units[1]], small, by=luca, at=people.at),
    )

    refused = [one for one in results if isinstance(one, UnableToPut)]
    assert len(refused) == 1, results
    assert "S-1 is full" in str(refused[0])
    assert small.devices.count() == 1
