"""What a hazard froze leaves by no door: not on a transfer, not out of what stands in it, not in a packer's cart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.logistics.models import Mode, TransferStatus
from revlog.logistics.services.transfers import planning, releasing
from revlog.logistics.services.transfers.common import UnableToTransfer
from revlog.storage.models import ContainerKind, HazardCase, HazardKind, PickTarget
from revlog.storage.services import picks
from revlog.storage.services import places as putting
from revlog.storage.services.containers import filling, moving
from revlog.storage.services.containers.keeping import UnableToMoveContainer
from revlog.storage.services.hazards import assessing, looking, reporting
from revlog.storage.services.hazards.assessing import Judgement
from tests.cast import Cast
from tests.factories import devices, storage, transfers
from tests.storage.test_picks import waiting_for_bench

pytestmark = pytest.mark.django_db


def again(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.pk)


def assessed(case: HazardCase, own: str, *, cast: Cast, at: datetime) -> None:
    keys = case.units.values_list("device_id", flat=True)
    told = {key: own if key == case.device_id else "undamaged" for key in keys}
    assessing.assess(case, Judgement(told, "expert", ("swollen",), "UN3481"), by=cast.greta, at=at)


def test_what_is_frozen_or_not_packed_for_its_class_goes_on_no_truck(cast: Cast) -> None:
    at = devices.AT
    truck = transfers.carrier("truck", at)
    able = transfers.carrier("able", at, dangerous=True)
    bin_ = storage.place(cast, "B-1")
    tote, empty = storage.container(cast), storage.container(cast, parent=bin_)
    source, mate, other, loose = storage.cables(cast, 4)
    filling.put([source, mate], tote, by=cast.ines, at=at)
    putting.put([other.pk], bin_, by=cast.ines, at=at)
    transfer = transfers.planned(cast, [transfers.road(truck, at)], containers=[tote], devices=[loose], at=at)
    signed: dict[str, Any] = {"signature": transfers.glass(), "signed_by": "D. Jansen", "by": cast.ines, "at": at}

    # It was on the truck already when somebody saw it.
    loaded = releasing.load(transfer, tote.number, by=cast.ines, at=at).cargo
    case = reporting.report(hub=cast.rotterdam, device=again(source), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match=f"{tote.number} is frozen by {case.number}"):
        releasing.release(transfer, **signed)
    releasing.unload(loaded, by=cast.ines, at=at)
    # A container without units has no hold; that it is frozen is asked of the place.
    found = reporting.report(hub=cast.rotterdam, device=again(other), kind=HazardKind.HOT, by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match=f"{empty.number} is frozen by {found.number}"):
        planning.add(transfer, containers=[again(empty)], by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match=f"B-1 is frozen by {found.number}"):
        planning.add(transfer, devices=[again(other)], by=cast.ines, at=at)

    # Free again, and dangerous: it leaves packed for that, with a carrier that takes it.
    assessed(case, "damaged", cast=cast, at=at)
    with pytest.raises(UnableToTransfer, match="isn't packed for that yet"):
        releasing.load(transfer, tote.number, by=cast.ines, at=at)
    assessing.pack(again(source), "P908", by=cast.greta, at=at)
    with pytest.raises(UnableToTransfer, match=r"\(damaged or defective\) and Truck takes none"):
        releasing.load(transfer, tote.number, by=cast.ines, at=at)
    planning.keep_legs(transfer, [transfers.road(able, at, mode=Mode.AIR)], by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match="never by air"):
        releasing.load(transfer, tote.number, by=cast.ines, at=at)
    planning.keep_legs(transfer, [transfers.road(able, at)], by=cast.ines, at=at)
    releasing.load(transfer, tote.number, by=cast.ines, at=at)
    releasing.release(transfer, **signed)
    assert again(transfer).status == TransferStatus.UNDER_WAY


def test_what_lies_with_a_clients_goods_stays_until_somebody_has_looked_whoever_owns_it(cast: Cast) -> None:
    at = devices.AT
    pallet = storage.container(cast, ContainerKind.PALLET)
    inner = storage.container(cast, parent=pallet.location)
    tote, hall = storage.container(cast), storage.place(cast, "HALL-1")
    source, theirs, late, own = storage.cables(cast, 4, owner=cast.vega.id)
    Device.objects.filter(pk=own.pk).update(owner=cast.altair)
    filling.put([source], tote, by=cast.ines, at=at)
    filling.put([theirs, own], pallet, by=cast.ines, at=at)
    case = reporting.report(hub=cast.rotterdam, device=again(source), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    looking.ask(case, at=at)
    Device.objects.filter(pk=late.pk).update(location=pallet.pk)
    reactions.drain(at=at + timedelta(minutes=1), queues=["fast"])

    assert [again(one).holds for one in (theirs, own, late)] == [["re_inspect"]] * 3
    assert "on_hold" in {one.code for one in moves.reasons_against(again(own), moves.SELL)}
    # What stands on the pallet waits for a look of its own: at its site it may be carried to where somebody looks into it.
    assert again(inner.location).frozen_by == case.number
    with pytest.raises(UnableToMoveContainer, match=f"{pallet.number} is frozen by {case.number}"):
        moving.move(storage.container(cast), pallet.location, by=cast.ines, at=at)
    for one in (pallet, inner):
        looking.all_well(again(one.location), by=cast.ines, at=at)
    assert [again(one).holds for one in (theirs, own, late)] == [[]] * 3
    moving.move(inner, hall, by=cast.ines, at=at)


def test_a_packer_fetches_nothing_that_a_hazard_froze(cast: Cast) -> None:
    first, second = waiting_for_bench(cast, 2)
    told: dict[str, Any] = {"by": cast.ines, "at": cast.at}
    row = picks.release(
        hub=cast.rotterdam, target=PickTarget.BENCH, units=[first.pk], assignee=cast.user("ines"), by=cast.aisha, at=cast.at
    )  # fmt: skip
    for unit in (first, second):
        reporting.report(hub=cast.rotterdam, device=again(unit), kind=HazardKind.SWOLLEN, **told)
    with pytest.raises(picks.UnableToPick, match="leave it there"):
        picks.pick(row, first.pk, **told)
    with pytest.raises(picks.UnableToPick, match="it is on hold"):
        picks.release(
            hub=cast.rotterdam, target=PickTarget.BENCH, units=[second.pk], assignee=None, by=cast.aisha, at=cast.at
        )
    assert {"on_hold", "not_assessed"} <= {one.code for one in moves.reasons_against(again(first), moves.SELL)}
