"""Units that begin together: the same rows as one by one, all or none, in a number of statements that doesn't grow."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from revlog.common import ids
from revlog.common.errors import BadInput
from revlog.custody.models import Chain, Entry, Reaction
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Medium
from revlog.devices.services import arrivals, standing
from revlog.devices.services.arrivals import Description, Stay
from tests.cast import Cast


def stay(cast: Cast) -> Stay:
    return Stay(
        why="stock", owner=cast.operator.id, hub=cast.rotterdam.id, custodian=cast.operator.id, reference="job:7"
    )


VEGA = uuid.UUID(int=7)  # whose asset tags these are


def laptop(number: int) -> Description:
    name = identifiers.asset_tag(f"NB-{number}", VEGA)
    assert name is not None
    return Description(
        device_class="laptop", manufacturer="Lenovo", model="T480", serial=f"ARR{number:05}", names=[name]
    )


def phone() -> Description:
    return Description(device_class="phone", manufacturer="Fairphone", model="4", serial="FP4-77123")


def told(device: Device) -> dict[str, Any]:
    """All that was written of a unit, but for what no two units share."""
    row = model_to_dict(Device.objects.get(pk=device.pk), exclude=["tag", "visit", "serial"])
    assert device.visit is not None
    visit = model_to_dict(device.visits.get(), exclude=["device"])
    names = list(device.identifiers.order_by("scheme").values("scheme", "issuer", "added_at"))
    entries = list(Entry.objects.filter(chain_id=device.pk).values("sequence", "kind", "actor", "owner_id", "hub_id"))
    chain = Chain.objects.get(pk=device.pk)
    media = list(Medium.objects.filter(device=device).values("type", "soldered", "state"))
    return {"row": row, "visit": visit, "names": names, "entries": entries, "head": chain.head_sequence, "media": media}


def test_many_that_arrive_are_written_like_one(cast: Cast, at: datetime) -> None:
    alone = [arrivals.arrive(what=what, stay=stay(cast), by=cast.ravi, at=at) for what in (laptop(1), phone())]
    together = arrivals.arrive_many(what=[laptop(2), phone()], stay=stay(cast), by=cast.ravi, at=at)

    assert [told(device) for device in together] == [told(device) for device in alone]
    assert [device.state for device in together] == [State.RECEIVED] * 2
    assert len({device.tag for device in together}) == 2


def test_a_thousand_take_as_many_statements_as_one(cast: Cast, at: datetime) -> None:
    counts, ravi, its_stay = [], cast.ravi, stay(cast)
    for many in (1, 50):
        what = [laptop(many * 100 + number) for number in range(many)]
        with CaptureQueriesContext(connection) as seen:
            arrivals.announce_many(what=what, stay=its_stay, by=ravi, at=at)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 5


def test_one_that_is_wrong_keeps_all_out(cast: Cast, at: datetime) -> None:
    before = Device.objects.count()

    with pytest.raises(BadInput) as refused:
        arrivals.announce_many(
            what=[laptop(1), Description(device_class="spaceship")], stay=stay(cast), by=cast.ravi, at=at
        )

    assert "spaceship" in str(refused.value)
    assert Device.objects.count() == before


def test_none_at_all_is_nothing_to_write(cast: Cast, at: datetime) -> None:
    assert arrivals.announce_many(what=[], stay=stay(cast), by=cast.ravi, at=at) == []
    assert standing.authorize_many([], ground="contract", by=cast.ravi, at=at) == []


def test_leave_given_to_many_cites_each_units_own_entry(cast: Cast, at: datetime) -> None:
    units = arrivals.announce_many(what=[laptop(1), laptop(2)], stay=stay(cast), by=cast.ravi, at=at)

    entries = standing.authorize_many(units, ground="contract", reference="MSA-7", by=cast.ravi, at=at)

    for unit, entry in zip(units, entries, strict=True):
        assert (entry.chain_id, entry.sequence) == (unit.pk, 2)
        assert Device.objects.get(pk=unit.pk).authority == unit.authority == entry.digest
        assert Reaction.objects.filter(entry=entry).exists()
    assert units[0].authority != units[1].authority


def test_a_tag_that_a_unit_has_is_drawn_anew(cast: Cast, at: datetime) -> None:
    drawn = []
    for day in range(3):
        with ids.seeded("the same luck each day"):
            unit = arrivals.arrive(what=laptop(day), stay=stay(cast), by=cast.ines, at=at + timedelta(days=day))
        drawn.append(unit.tag)

    assert len(set(drawn)) == 3
    assert all(ids.holds(tag, "RL") for tag in drawn)
