"""Two people with one transfer at the same moment: it leaves once, comes in once, is signed for once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import pytest

from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.logistics.models import Cargo, Discrepancy, Handover, Settled
from revlog.logistics.services.transfers import accepting, common, releasing, settling
from revlog.logistics.services.transfers.accepting import Taken
from revlog.logistics.services.transfers.common import UnableToTransfer
from revlog.storage.models import ContainerKind
from tests import cast as casting
from tests.concurrency.test_containers import Meeting
from tests.concurrency.test_receiving import race
from tests.factories import storage, transfers
from tests.factories.transfers import HOUR


@pytest.mark.slow
def test_two_load_release_take_in_and_close_one_transfer_at_once(transactional_db: None, at: datetime) -> None:
    people = casting.make()
    senders, takers = (people.ines, people.aisha), (people.katja, people.jonas)
    pallet = storage.container(people, ContainerKind.PALLET)
    units = storage.filled(people, 4, pallet)
    way = [transfers.road(transfers.carrier("truck", at), at)]
    transfer = transfers.planned(people, way, containers=[pallet], at=at)
    then, glass = at + HOUR, transfers.glass()

    found = race([lambda by=by: releasing.load(transfer, pallet.number, by=by, at=at) for by in senders])
    assert not [one for one in found if isinstance(one, Exception)], found
    assert Counter(one.again for one in found) == {False: 1, True: 1}  # type: ignore[attr-defined]

    found = race(
        [lambda by=by: releasing.release(transfer, signature=glass, signed_by="D. J.", by=by, at=at) for by in senders]
    )
    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 1, found
    assert isinstance(refused[0], UnableToTransfer)

    found = race([lambda by=by: accepting.accept(transfer, pallet.number, by=by, at=then) for by in takers])
    assert Counter(one.what for one in found if isinstance(one, Taken)) == {"accepted": 1, "again": 1}, found

    def close(by: object) -> object:
        return lambda: accepting.close(transfer, signature=glass, signed_by="K. B.", by=by, at=then)  # type: ignore[arg-type]

    found = race([close(by) for by in takers])  # type: ignore[misc]
    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 1, found
    assert isinstance(refused[0], UnableToTransfer)

    # Each said once, on every chain that has a say; two handovers: to the carrier, and to Leipzig.
    for chain in (pallet.pk, *(one.pk for one in units)):
        kinds = Counter(Entry.objects.filter(chain_id=chain).values_list("kind", flat=True))
        assert [many for kind, many in kinds.items() if kind.endswith(("_released", "_taken_in"))] == [1, 1], kinds
    told = Counter(Entry.objects.filter(chain_id=transfer.pk).values_list("kind", flat=True))
    assert [told[f"logistics.{kind}"] for kind in ("cargo_loaded", "transfer_released", "transfer_taken_in")] == [1] * 3
    assert Handover.objects.filter(accepted_at__isnull=False).count() == Handover.objects.count() == 2
    assert set(Device.objects.filter(location=pallet.pk).values_list("hub__code", flat=True)) == {"leipzig"}
    transfer.refresh_from_db()
    assert transfer.status == "done"


@pytest.mark.slow
def test_what_came_too_is_kept_while_it_is_released_elsewhere_without_a_deadlock(
    transactional_db: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever releases has the units and goes for the transfer; whoever settles goes the same way, and not against it."""
    people = casting.make()
    pallet = storage.container(people, ContainerKind.PALLET)
    units = storage.filled(people, 2, pallet)
    first = storage.container(people)
    way = [transfers.road(transfers.carrier("truck", at), at)]
    transfer = transfers.planned(people, way, containers=[first, pallet], at=at)
    transfers.released(people, transfer, [first.number], at=at)
    then = at + HOUR
    accepting.accept(transfer, first.number, by=people.katja, at=then)
    over = accepting.accept(transfer, units[0].tag, by=people.katja, at=then).discrepancy
    assert over is not None
    releasing.load(transfer, pallet.number, by=people.ines, at=then)
    meeting = Meeting(lambda: settling.settle(over, how=Settled.KEPT, note="it is here", by=people.jonas, at=then))

    def taken(cargo: Iterable[Cargo]) -> list[common.Contents]:
        found = take(cargo)
        if not meeting.other.ident:
            meeting.meet()
        return found

    take = common.take
    monkeypatch.setattr(common, "take", taken)
    releasing.release(transfer, unsigned_why="He was gone.", by=people.ines, at=then)
    meeting.other.join(60)

    assert isinstance(meeting.found, Discrepancy), meeting.found
    kinds = list(Entry.objects.filter(chain_id=units[0].pk).order_by("sequence").values_list("kind", flat=True))
    assert kinds[-2:] == ["logistics.unit_released", "logistics.unit_taken_in"]
