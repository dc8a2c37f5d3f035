"""A client's contract binds beyond the sums: who sells the unit and who clears its media are refused with its own sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from itad import queries as data_station
from itad.models import JobState, SanitizationJob
from itad.services import sanitization
from resale.models import Offer, Pool, PoolUnit
from resale.services import offers, pools, sales
from resale.services.lots import gathering
from resale.services.lots.gathering import UnableToLot
from resale.services.offers import UnableToOffer
from resale.services.pools import UnableToPool
from resale.services.sales import UnableToSell
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.devices.services import media, moves
from revlog.terms import instructions
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import itad as station
from tests.factories import triage as bench
from tests.factories.resale import BEA
from triage import sop
from triage.services import disposition

NO_MARKETPLACE = {
    "id": "not_there",
    "then": {"forbid_channels": ["marketplace"]},
    "why": "MSA 4.3: Nothing of ours stands on a marketplace.",
}
NO_LOT = {"id": "no_lot", "then": {"forbid": ["LOT"]}, "why": "MSA 4.4: Nothing is sold by the lot."}
NO_SALE = {"id": "no_sale", "then": {"forbid": ["SALE"]}, "why": "MSA 4.1: Our laptops are not sold."}
DESTROYED = {
    "id": "drives",
    "when": {"fact": "has_data", "op": "==", "value": True},
    "then": {"drives": "destroy"},
    "why": "MSA 6.2: All data carriers are destroyed, none is wiped.",
}


def instructed(cast: Cast, at: datetime, *found: Mapping[str, object]) -> None:
    """The operator's own goods stand for a client's."""
    row = rules.draft(
        kind=sop.KIND,
        body={"mode": "collect", "rules": [dict(each) for each in found]},
        organization=cast.operator.pk,
        by=cast.admin,
        at=at,
    )
    rules.publish(row, by=cast.maria, at=at)


def to_sell(cast: Cast, at: datetime, path: str = "RESELL") -> Device:
    device = make.cleared(bench.tested(cast), at=at)
    disposition.decide(device=device, disposition=path, reason="as it is", by=cast.aisha, at=at)
    return Device.objects.get(pk=device.pk)


def test_what_was_decided_under_a_contract_is_not_offered_where_it_forbids_nor_where_the_contract_of_today_does(
    cast: Cast, at: datetime
) -> None:
    later = at + timedelta(days=1)
    instructed(cast, at, NO_MARKETPLACE)
    device = to_sell(cast, at)
    pools.enter(unit=device, by=cast.anouk, at=at)
    pool = Pool.objects.get(units__device=device)

    with pytest.raises(
        UnableToOffer, match=rf"{device.tag}: its owner's contract forbids it: MSA 4\.3: Nothing of ours"
    ):
        offers.publish(pool=pool, channel="marketplace", price=Decimal(249), by=cast.anouk, at=at)
    assert not Offer.objects.exists()
    shop = offers.publish(pool=pool, channel="own_shop", price=Decimal(249), by=cast.anouk, at=at)

    # Other instructions since: what was agreed then still holds, and what is said now too.
    instructed(
        cast, later, NO_LOT, {"id": "dealers", "then": {"only_channels": ["business"]}, "why": "MSA 5: Dealers."}
    )
    told = instructions.of_one(device.pk, at=later)
    assert (told.version, set(told.channels), told.sale) == ("sop/1, sop/2", {"marketplace", "own_shop", "lot"}, "")
    with pytest.raises(UnableToOffer, match="stands on a marketplace"):
        offers.publish(pool=pool, channel="marketplace", price=Decimal(249), by=cast.anouk, at=later)
    for unit in (None, device):
        with pytest.raises(UnableToSell, match="MSA 5: Dealers"):
            sales.sell(offer=shop, buyer=BEA, unit=unit, by=cast.anouk, at=later)
    lot = gathering.open_lot(name="Laptops", hub=cast.rotterdam, owner=device.owner, by=cast.anouk, at=later)
    with pytest.raises(UnableToLot, match=r"MSA 4\.4: Nothing is sold by the lot"):
        gathering.put(lot, [device], by=cast.anouk, at=later)

    # It can't join again while the pool is offered where it may not be; in the channel that is left it is sold.
    PoolUnit.objects.update(left_at=later)
    with pytest.raises(UnableToPool, match="MSA 5: Dealers"):
        pools.enter(unit=device, by=cast.anouk, at=later)
    offers.end(offer=shop, by=cast.anouk, at=later)
    pools.enter(unit=device, by=cast.anouk, at=later)
    dealers = offers.publish(pool=pool, channel="business", price=Decimal(249), by=cast.anouk, at=later)
    assert sales.sell(offer=dealers, buyer=BEA, by=cast.anouk, at=later).total == Decimal(249)


def test_what_was_decided_for_a_lot_waits_for_one_and_what_may_not_be_sold_stays_out_of_pools_with_the_reason(
    cast: Cast, at: datetime, client: Client
) -> None:
    later = at + timedelta(days=1)
    device = to_sell(cast, at, "LOT")
    reactions.drain(at=at, queues=["fast"])
    assert not PoolUnit.objects.exists()
    client.force_login(cast.user("anouk"))
    assert "It was decided to be sold in a lot" in client.get(reverse("sales")).content.decode()
    lot = gathering.open_lot(name="Laptops", hub=cast.rotterdam, owner=device.owner, by=cast.anouk, at=at)
    [row] = gathering.put(lot, [device], by=cast.anouk, at=at)
    gathering.take_out(row, reason="Somebody wants it alone.", by=cast.anouk, at=at)

    instructed(cast, later, NO_SALE)
    with pytest.raises(UnableToPool, match=r"MSA 4\.1: Our laptops are not sold"):
        pools.enter(unit=device, by=cast.anouk, at=later)
    page = client.post(reverse("sales"), follow=True).content.decode()
    assert "0 units pooled" in page
    assert page.count("MSA 4.1: Our laptops are not sold") == 2
    assert not Pool.objects.exists()


def test_media_are_destroyed_where_the_contract_says_so_and_a_wipe_of_them_counts_for_nothing(
    cast: Cast, client: Client
) -> None:
    unit = station.waiting(cast)
    sanitization.require(unit=unit, by=cast.tomas, at=station.AT)
    sanitization.begin(medium=station.medium_of(unit), by=cast.tomas, at=station.AT)
    instructed(cast, station.AT, DESTROYED)
    drive = station.medium_of(unit)

    asked = data_station.requirement(unit, drive.type, at=station.WIPED)
    assert (asked.level, asked.policy.name, asked.own_choice) == ("destroy", "destroy-all-media/1", True)
    against = sanitization.reasons_against_beginning(drive, "overwrite", by=cast.tomas, at=station.WIPED)
    assert against[-1].sentence.endswith("MSA 6.2: All data carriers are destroyed, none is wiped")
    [failed] = station.credited(unit, station.erasure(serial=drive.serial), by=cast.tomas).failed
    assert (failed.outcome, failed.reasons[-1]) == ("level_not_met", against[-1].sentence)
    again = sanitization.escalate(job=failed, reason="by contract", by=cast.tomas, at=station.WIPED)
    assert (again.required, again.policy) == ("destroy", "destroy-all-media/1")
    client.force_login(cast.user("tomas"))
    for url in (reverse("itad_unit", args=[unit.tag]), reverse("itad")):
        assert client.get(url).status_code == 200
    assert "MSA 6.2" in client.get(reverse("itad_unit", args=[unit.tag])).content.decode()

    # Taken out, the drive is still one of that unit: the rule of loose drives says nothing of it.
    instructed(cast, station.WIPED, DESTROYED | {"when": {"fact": "device_class", "value": "laptop"}})
    with transaction.atomic():
        taken = moves.take_one(unit.pk)
        loose = media.remove(
            taken,
            station.medium_of(unit),
            reason="by contract",
            bay_photo="ab" * 32,
            by=cast.tomas,
            at=station.VERIFIED,
        )
    assert data_station.requirement(loose, drive.type, at=station.VERIFIED).contract.startswith("MSA 6.2")
    assert not SanitizationJob.objects.filter(state=JobState.VERIFIED).exists()


def test_a_wipe_that_waits_for_its_second_person_is_not_verified_once_the_contract_has_drives_destroyed(
    cast: Cast,
) -> None:
    unit = station.waiting(cast)
    job = station.recorded(cast, unit)
    instructed(cast, station.WIPED, DESTROYED)
    with pytest.raises(sanitization.UnableToVerify, match=r"MSA 6\.2: All data carriers are destroyed"):
        sanitization.verify(job=job, by=cast.sofia, at=station.VERIFIED)
    sanitization.reject(job=job, reason="to be destroyed", by=cast.sofia, at=station.VERIFIED)


def test_many_units_are_asked_about_with_as_many_queries_as_one(cast: Cast, at: datetime) -> None:
    units = [make.triaged(cast, serial=f"MANY{number}", drive=f"DRV{number}", at=at) for number in range(3)]
    with CaptureQueriesContext(connection) as without:
        assert instructions.of([each.pk for each in units], at=at)[units[0].pk] == instructions.NONE
    instructed(cast, at, DESTROYED)
    instructions.of_one(units[0].pk, at=at)
    with CaptureQueriesContext(connection) as one:
        instructions.of_one(units[0].pk, at=at)
    with CaptureQueriesContext(connection) as many:
        told = instructions.of([each.pk for each in units], at=at)
    assert (len(without), len(many)) == (3, len(one))
    assert {each.drives for each in told.values()} == {DESTROYED["why"]}
