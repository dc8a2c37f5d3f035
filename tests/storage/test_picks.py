"""Pick lists: released in a wave with a preview, worked off by one person with one scan a unit, brought to bench or dock."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices import facts
from revlog.devices.models import Device, HoldKind, LocationKind
from revlog.devices.services import moves, standing
from revlog.devices.services import places as setting_up
from revlog.storage.models import PickList, PickState, PickTarget, ShortReason
from revlog.storage.queries import picks as queries
from revlog.storage.services import picks, places
from tests.cast import Cast
from tests.factories import devices as make


def waiting_for_bench(cast: Cast, count: int) -> list[Device]:
    """Cleared laptops in bins A-1, A-2 ..., the last in the first bin."""
    made = []
    for number in range(count):
        device = make.cleared(make.triaged(cast, serial=f"PF1ABC{number:02d}", drive=f"S4X{number}"))
        with transaction.atomic():
            taken = moves.take_one(device.pk)
            moves.advance(
                taken, moves.TO_REFURBISH, fact=facts.SentToTriage(reason="x"), by=cast.ravi, at=cast.at,
                set={"disposition": "REFURBISH"},
            )  # fmt: skip
        bin_ = setting_up.add(
            hub=cast.rotterdam, code=f"A-{count - number}", kind=LocationKind.BIN, secured=False, by=cast.admin, at=cast.at
        )  # fmt: skip
        places.put([device.pk], bin_, by=cast.ines, at=cast.at)
        made.append(Device.objects.get(pk=device.pk))
    return made


def test_a_lead_previews_a_wave_releases_it_and_a_person_walks_it_with_one_scan_a_unit(
    client: Client, cast: Cast
) -> None:
    units = waiting_for_bench(cast, 4)
    setting_up.add(
        hub=cast.rotterdam, code="BENCH-9", kind=LocationKind.BENCH, secured=False, by=cast.admin, at=cast.at
    )
    with transaction.atomic():
        standing.hold(moves.take_one(units[3].pk), HoldKind.LEGAL, reason="matter 14", by=cast.aisha, at=cast.at)
    client.force_login(cast.user("aisha"))
    told = {"hub": cast.rotterdam.pk, "target": "bench", "most": "50"}
    page = client.get("/store/picks/new/", told).content.decode()
    assert "it is on hold (legal hold)" in page
    assert "Release a list of 3 units" in page
    sends = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("hub", "units", "assignee")}
    answer = client.post("/store/picks/release", {**sends, "target": "bench"}, follow=True)
    row = PickList.objects.get()
    assert f"{row.number} is released." in answer.content.decode()
    assert "nobody yet" in client.get("/store/picks/").content.decode()
    again = client.post("/store/picks/release", {**sends, "target": "bench"}, follow=True)
    assert f"is on list {row.number}" in again.content.decode()

    ines = Client()
    ines.force_login(cast.user("ines"))

    def scan(code: str) -> str:
        return ines.post("/floor/scan", {"code": code}, headers={"HX-Request": "true"}).content.decode()

    opened = scan("PICK")
    assert f"List {row.number}" in opened
    assert "lies in A-2" in opened, "the walk goes by the codes of the places"
    assert "fetch what is left first" in scan("BENCH-9")
    assert "put it back" in scan(units[3].tag)
    assert "1 of 3" in scan(units[2].tag)
    told = {"list": row.number, "unit": units[1].pk, "reason": "missing"}
    assert "Not fetched" in ines.post("/store/short", told, headers={"HX-Request": "true"}).content.decode()
    assert "Bring 2 things for the bench" in scan(units[0].tag)
    done = scan("BENCH-9")
    assert "Brought to BENCH-9" in done
    assert "1 not fetched" in done

    row.refresh_from_db()
    units = [Device.objects.get(pk=one.pk) for one in units]
    assert [one.location.code if one.location else None for one in units] == ["BENCH-9", None, "BENCH-9", "A-1"]
    assert (row.state, row.assignee) == ("done", cast.user("ines"))
    assert [one.state for one in queries.lines(row)] == [PickState.STAGED, PickState.SHORT, PickState.STAGED]
    said = list(Entry.objects.filter(chain_id=row.pk).order_by("sequence").values_list("kind", flat=True))
    assert said == ["storage.picks_released", "storage.picks_assigned", "storage.picks_brought"]
    of_one = Entry.objects.filter(chain_id=units[1].pk).order_by("-sequence").values_list("kind", flat=True)[:2]
    assert list(of_one) == ["devices.missed", "storage.picked_short"]
    assert "not there" in client.get(f"/store/picks/{row.number}/").content.decode()
    assert "Nothing to fetch" in scan("PICK")


def test_for_shipping_only_what_is_promised_and_one_list_has_one_person(client: Client, cast: Cast) -> None:
    first, second = waiting_for_bench(cast, 2)
    units = [first.pk, second.pk]
    with pytest.raises(picks.UnableToPick, match=r"it is .*promised to nobody"):
        picks.release(
            hub=cast.rotterdam, target=PickTarget.SHIPPING, units=units, assignee=None, by=cast.aisha, at=cast.at
        )
    with pytest.raises(NotAllowed, match="by a lead or a planner"):
        picks.release(hub=cast.rotterdam, target=PickTarget.BENCH, units=units, assignee=None, by=cast.ines, at=cast.at)
    row = picks.release(
        hub=cast.rotterdam, target=PickTarget.BENCH, units=units, assignee=cast.user("luca"), by=cast.aisha, at=cast.at
    )
    with pytest.raises(picks.UnableToPick, match="a lead can hand it to you"):
        picks.pick(row, first.pk, by=cast.ines, at=cast.at)
    with pytest.raises(NotAllowed):
        picks.assign(row, cast.user("ines"), by=cast.ines, at=cast.at)

    client.force_login(cast.user("aisha"))
    handed = {"act": "assign", "assignee": cast.user("ines").pk}
    assert "is handed over" in client.post(f"/store/picks/{row.number}/change", handed, follow=True).content.decode()
    picks.pick(row, first.pk, by=cast.ines, at=cast.at)
    with pytest.raises(picks.UnableToPick, match="in a cart already"):
        picks.cancel(row, reason="too late", by=cast.aisha, at=cast.at)
    picks.short(row, second.pk, ShortReason.DAMAGED, by=cast.ines, at=cast.at)
    with pytest.raises(picks.UnableToPick, match="not fetched already"):
        picks.pick(row, second.pk, by=cast.ines, at=cast.at)
    second.refresh_from_db()
    assert second.location is not None, "what is damaged still lies where it lay"

    other = picks.release(
        hub=cast.rotterdam, target=PickTarget.BENCH, units=[second.pk], assignee=None, by=cast.aisha, at=cast.at
    )
    cancel = {"act": "cancel", "reason": "the bench is full"}
    assert "is cancelled" in client.post(f"/store/picks/{other.number}/change", cancel, follow=True).content.decode()
    picks.release(
        hub=cast.rotterdam, target=PickTarget.BENCH, units=[second.pk], assignee=None, by=cast.aisha, at=cast.at
    )
