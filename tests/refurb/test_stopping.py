"""Parts in stock that a recall names: stopped by its name until it ends or a person sorted them out, each refusal beside the success."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.test import Client

from refurb import queries
from refurb.models import Part, PartStop
from refurb.services import harvest, orders, parts, stopping
from refurb.services.harvest import Taken
from refurb.services.orders import UnableToWork
from returns.services import recall_units, recalls
from returns.services.recalls import NewCriterion
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from tests.cast import Cast
from tests.factories import recalls as make
from tests.factories import refurb as bench_of


def stocked(cast: Cast, number: str, *, lot: str = "", hub: Hub | None = None, at: datetime) -> Part:
    return parts.stock(
        hub=hub or cast.rotterdam, number=number, name=f"Part {number}", quantity=3, cost=Decimal(5), lot=lot,
        by=cast.henrik, at=at,
    )  # fmt: skip


def stopped() -> set[str]:
    return set(PartStop.objects.filter(ended_at=None).values_list("part__number", flat=True))


def test_what_a_recall_names_is_stopped_by_its_name_until_it_ends(cast: Cast, at: datetime) -> None:
    order = bench_of.at_bench(cast, at=at)
    battery, fan, free = (stocked(cast, *told, at=at) for told in (("BAT-1",), ("FAN-1",), ("RAM-1",)))
    lot = stocked(cast, "FAN-2", lot="L-07", at=at)
    gone = orders.open_order(unit=bench_of.to_harvest(cast, at=at), by=cast.mei, at=at)
    row = harvest.take_part(
        order=gone, taken=Taken(number="LCD-1", name="Display", value=Decimal(9)), by=cast.mei, at=at
    )
    assert row.part is not None
    kept = parts.reserve(order=order, part=battery, by=cast.jakob, at=at)
    back = parts.reserve(order=order, part=battery, by=cast.jakob, at=at)
    named = (
        NewCriterion(range="part", text="bat-1"),
        NewCriterion(range="part_lot", text="l-07"),
        NewCriterion(range="taken_from", parent=gone.device),
    )
    make.opened(cast, *named, at=at, mock=True)
    assert stopped() == set()

    recall = make.opened(cast, *named, at=at)

    assert stopped() == {"BAT-1", "FAN-2", "LCD-1"}
    told = f"is in recall {recall.number}: Batteries may overheat"
    for part in (battery, lot, row.part):
        with pytest.raises(UnableToWork, match=told):
            parts.reserve(order=order, part=part, by=cast.jakob, at=at)
    with pytest.raises(UnableToWork, match=told):
        parts.put_in_now(order=order, part=battery, key="scan", by=cast.jakob, at=at)
    with pytest.raises(UnableToWork, match=told):
        parts.put_in(use=kept, by=cast.jakob, at=at)
    parts.give_back(use=back, by=cast.jakob, at=at)
    assert {one.number for one in queries.parts_for(order.device, cast.jakob)} == {fan.number, free.number}
    parts.put_in_now(order=order, part=free, key="other", by=cast.jakob, at=at)
    # What comes in later is stopped too; said once, however often everything is searched.
    stocked(cast, "BAT-1", hub=Hub.objects.exclude(pk=cast.rotterdam.pk).order_by("code").first(), at=at)
    make.drain(at)
    recall_units.sweep(recall, at=at)
    make.drain(at)
    assert PartStop.objects.filter(part__number="BAT-1").count() == 2
    assert Entry.objects.filter(kind="refurb.part_stopped").count() == 4

    _sorted_out(cast, recall.number, lot, at=at)

    recalls.close(recall, reason="Nothing is left.", by=cast.henrik, at=at)
    make.drain(at)
    assert stopped() == set()
    assert parts.put_in(use=kept, by=cast.jakob, at=at).state == "used"
    said = [sentence for _entry, sentence in queries.story_of_part(battery)]
    assert f"No longer stopped by recall {recall.number}: Nothing is left." in said


def _sorted_out(cast: Cast, number: str, part: Part, *, at: datetime) -> None:
    """A person looked through one stock: the page names the recall, and lets it go with a reason."""
    desk = Client()
    desk.force_login(cast.user("henrik"))
    url = f"/bench/parts/{part.pk}/"
    shown = desk.get(url).content.decode()
    assert "what became of them" in shown
    assert f"Stopped by recall {number}" in shown
    assert f"stopped, {number}" in desk.get("/bench/parts/").content.decode()
    recall = part.stops.get().recall
    with pytest.raises(NotAllowed):
        stopping.sort_out(part=part, recall=recall, reason="x", by=cast.jakob, at=at)
    with pytest.raises(BadInput, match="what became of the recalled ones"):
        stopping.sort_out(part=part, recall=recall, reason=" ", by=cast.henrik, at=at)
    answer = desk.post(url, {"recall": str(recall), "reason": "Two of the lot were scrapped."})
    assert answer.status_code in {204, 302}
    with pytest.raises(UnableToWork, match="doesn't stop it"):
        stopping.sort_out(part=part, recall=recall, reason="again", by=cast.henrik, at=at)
    assert "what became of them" not in desk.get(url).content.decode()
    assert desk.post(url, {"counted": "3"}).status_code in {204, 302}
    assert Entry.objects.filter(chain_id=part.pk, kind="refurb.part_counted").exists()
    make.drain(at)
    assert part.number not in stopped()
