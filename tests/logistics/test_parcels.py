from __future__ import annotations

from datetime import datetime

import pytest

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.logistics import carriers, queries
from revlog.logistics.models import Condition, Handover, ParcelStatus
from revlog.logistics.services import parcels
from revlog.logistics.services.parcels import UnableToReceiveParcel
from tests.cast import Cast
from tests.factories import logistics


def kinds(shipment: object) -> list[str]:
    return list(Entry.objects.filter(chain_id=shipment).order_by("sequence").values_list("kind", flat=True))


def test_a_handover_is_two_entries_and_the_second_cites_the_first(cast: Cast, at: datetime) -> None:
    sent = logistics.shipment(cast, at=at)

    handover = parcels.release(sent.shipment, giver="customer", taker="any", parcels=1, seal="S-9", by=cast.dirk, at=at)
    assert handover.is_open
    parcel, fresh = parcels.take_in(sent.parcels[0], by=cast.ines, at=at)

    assert fresh
    assert kinds(sent.shipment.pk) == [
        "logistics.shipment_announced",
        "logistics.released",
        "logistics.parcel_received",
        "logistics.accepted",
    ]
    handover.refresh_from_db()
    assert not handover.is_open
    accepted = Entry.objects.get(digest=handover.accepted_entry)
    assert accepted.payload["released"] == handover.released_entry
    assert parcel.status == ParcelStatus.ARRIVED


def test_what_nobody_said_they_released_is_accepted_as_such(cast: Cast, at: datetime) -> None:
    sent = logistics.shipment(cast, at=at)

    parcels.take_in(sent.parcels[0], by=cast.ines, at=at)

    handover = Handover.objects.get()
    assert (handover.released_at, handover.giver) == (None, "carrier")
    assert "released" not in Entry.objects.get(digest=handover.accepted_entry).payload


def test_a_parcel_arrives_once(cast: Cast, at: datetime) -> None:
    parcel = logistics.shipment(cast, at=at).parcels[0]
    parcels.take_in(parcel, by=cast.ines, at=at)

    row, fresh = parcels.take_in(parcel, by=cast.aisha, at=at)

    assert (fresh, row.arrived_by) == (False, cast.ines.reference)
    assert Handover.objects.count() == 1


def test_a_tracking_number_is_read_however_it_is_written(cast: Cast, at: datetime) -> None:
    parcel = logistics.shipment(cast, at=at).parcels[0]

    assert queries.parcel_by_tracking(parcel.tracking.replace("-", "").lower(), cast.ines) == parcel
    assert queries.parcel_by_tracking(f" {parcel.tracking} ", cast.ines) == parcel
    assert queries.parcel_by_tracking("", cast.ines) is None
    assert queries.parcel_by_tracking(parcel.tracking, cast.vera) is None


def test_an_unannounced_parcel_without_a_readable_number_gets_one_of_ours(cast: Cast, at: datetime) -> None:
    parcel = parcels.take_in_unannounced(hub=cast.rotterdam, owner=cast.operator, by=cast.ines, at=at)

    assert parcel.tracking.startswith("RP-")
    assert not parcel.announced


def test_one_number_is_one_parcel(cast: Cast, at: datetime) -> None:
    told = {"hub": cast.rotterdam, "owner": cast.operator, "by": cast.ines, "at": at}
    parcels.take_in_unannounced(tracking="JD 1", **told)  # type: ignore[arg-type]

    with pytest.raises(UnableToReceiveParcel, match="is known already"):
        parcels.take_in_unannounced(tracking="jd1", **told)  # type: ignore[arg-type]


def test_what_was_called_off_or_may_not_be_received_is_not(cast: Cast, at: datetime) -> None:
    sent = logistics.shipment(cast, at=at)
    with pytest.raises(NotAllowed):
        parcels.take_in(sent.parcels[0], by=cast.sam, at=at)
    parcels.cancel(sent.shipment, reason="changed my mind", by=cast.sam, at=at)

    with pytest.raises(UnableToReceiveParcel, match="was called off"):
        parcels.take_in(sent.parcels[0], by=cast.ines, at=at)


def test_a_shipment_has_a_sensible_number_of_parcels(cast: Cast, at: datetime) -> None:
    for count in (0, 100):
        with pytest.raises(BadInput):
            logistics.shipment(cast, count=count, at=at)
    sent = logistics.shipment(cast, count=3, at=at)
    assert [parcel.number for parcel in sent.parcels] == [1, 2, 3]
    assert parcels.add_parcel(sent.shipment, by=cast.sam, at=at).number == 4


def test_the_look_of_a_box_is_said_once(cast: Cast, at: datetime) -> None:
    sent = logistics.shipment(cast, at=at)
    for _ in range(2):
        parcels.note_condition(sent.parcels[0], Condition.DAMAGED, by=cast.ines, at=at)

    assert kinds(sent.shipment.pk).count("logistics.parcel_condition_noted") == 1


def test_an_unknown_carrier_is_named() -> None:
    with pytest.raises(LookupError, match="no folder for the carrier 'pigeon'"):
        carriers.vendor("pigeon")
