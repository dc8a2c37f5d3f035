"""Cycle counts: counted blind, counted again by somebody else where it differs, settled by a third; what moved meanwhile is none."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.devices.models import Device, Location
from revlog.devices.services import arrivals
from revlog.storage.models import Count, CountState, CountWhy, DifferenceKind, DifferenceOutcome, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services import places
from revlog.storage.services.containers import moving, sealing
from revlog.storage.services.counts import asking, boxes, settling, walking
from revlog.storage.services.counts.keeping import UnableToCount, UnableToSettle
from revlog.storage.services.counts.settling import Decision
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import storage

HTMX = {"HX-Request": "true"}


def stocked(cast: Cast, code: str, count: int, *, prefix: str = "CNT") -> tuple[Location, list[Device]]:
    """A bin with so many monitors that Ines put there, each worth 100."""
    place = storage.place(cast, code)
    what = [arrivals.Description(device_class="monitor", serial=f"{prefix}{one:04}") for one in range(count)]
    units = arrivals.arrive_many(what=what, stay=make.stay(cast), by=cast.ines, at=cast.at)
    if units:
        places.put([one.pk for one in units], place, by=cast.ines, at=cast.at)
    Device.objects.filter(pk__in=[one.pk for one in units]).update(expected_value=Decimal(100))
    return place, [Device.objects.get(pk=one.pk) for one in units]


def lot(cast: Cast, place: Location, pieces: int) -> Device:
    told = arrivals.Description(device_class="accessory", model="cable", tracking="counted", quantity=pieces)
    made = arrivals.arrive(what=told, stay=make.stay(cast), by=cast.ines, at=cast.at)
    Device.objects.filter(pk=made.pk).update(data="NONE", expected_value=Decimal(80))
    places.put([made.pk], place, by=cast.ines, at=cast.at)
    return Device.objects.get(pk=made.pk)


def walk(place: Location, units: list[Device], *, by: str, cast: Cast, at: datetime) -> Count:
    person = getattr(cast, by)
    begun = walking.begin(place, by=person, at=at)
    for one in units:
        walking.see(begun, one, by=person, at=at)
    return walking.end(begun, by=person, at=at)


def kinds(thing: object) -> list[str]:
    rows = Entry.objects.filter(chain_id=thing.pk).order_by("sequence")  # type: ignore[attr-defined]
    return list(rows.values_list("kind", flat=True))


def test_what_is_as_it_should_be_is_asserted_and_done_and_nobody_counts_their_own_bin(cast: Cast, at: datetime) -> None:
    place, units = stocked(cast, "A-01", 3)
    with pytest.raises(UnableToCount, match="nobody counts their own bin"):
        walking.begin(place, by=cast.ines, at=at)
    [asked] = asking.request(
        [place], hub=cast.rotterdam, why=CountWhy.PLACE, due_at=at + timedelta(days=1), assignee=cast.user("luca"),
        by=cast.aisha, at=at,
    )  # fmt: skip
    with pytest.raises(UnableToCount, match="A-01 is counted by Luca"):
        walking.begin(place, by=cast.ravi, at=at)
    begun = walking.begin(place, by=cast.luca, at=at)
    assert walking.begin(place, by=cast.luca, at=at) == begun
    asked.refresh_from_db()
    asked.assignee = None
    asked.save()
    with pytest.raises(UnableToCount, match="A-01 is being counted by Luca"):
        walking.begin(place, by=cast.ravi, at=at)
    with pytest.raises(NotAllowed, match="is being counted by Luca"):
        walking.see(begun, units[0], by=cast.ravi, at=at)
    for one in units:
        assert not walking.see(begun, one, by=cast.luca, at=at).elsewhere
    assert walking.see(begun, units[0], by=cast.luca, at=at).again

    done = walking.end(begun, by=cast.luca, at=at)

    assert (done.pk, done.state, done.expected, done.right, done.differing) == (asked.pk, "done", 3, 3, 0)
    assert kinds(place)[-3:] == ["storage.count_requested", "storage.count_assigned", "storage.place_counted"]
    said = Entry.objects.filter(chain_id=place.pk).latest("sequence")
    seen = [Entry.objects.filter(chain_id=one.pk).latest("sequence") for one in units]
    assert {one.kind for one in seen} == {"storage.seen"}
    assert said.payload["root"] == merkle.root(bytes.fromhex(one) for one in sorted(e.digest for e in seen)).hex()
    with pytest.raises(UnableToCount, match="is over"):
        walking.see(begun, units[0], by=cast.luca, at=at)
    # What somebody else has counted since is nobody's own any more.
    assert walking.begin(place, by=cast.ines, at=at + timedelta(hours=1)).count.why == CountWhy.OWN


def test_a_difference_is_counted_again_by_another_and_settled_by_a_third(cast: Cast, at: datetime) -> None:
    place, units = stocked(cast, "A-01", 4)
    other, strangers = stocked(cast, "B-01", 2, prefix="OTH")
    cables = lot(cast, place, 400)
    lost, stray = units[3], strangers[0]

    begun = walking.begin(place, by=cast.luca, at=at)
    for one in (*units[:3], stray):
        walking.see(begun, one, by=cast.luca, at=at)
    walking.see(begun, cables, by=cast.luca, at=at)
    walking.note(begun, "XYZ 123", by=cast.luca, at=at)
    slip = walking.see(begun, strangers[1], by=cast.luca, at=at)
    assert slip.belongs == other
    assert walking.unsee(begun, slip.seen.pk, by=cast.luca) == strangers[1]
    with pytest.raises(UnableToCount, match="Say how many of"):
        walking.end(begun, by=cast.luca, at=at)
    walking.see(begun, cables, pieces=390, by=cast.luca, at=at)
    count = walking.end(begun, by=cast.luca, at=at)
    assert (count.state, count.missing, count.extra, count.wrong, count.unknown) == ("recount", 1, 1, 1, 1)
    assert "devices.missed" not in kinds(lost), "nothing is said of it before somebody has decided"

    with pytest.raises(UnableToCount, match="nobody counts a bin again that they counted"):
        walking.begin(place, by=cast.luca, at=at)
    with pytest.raises(UnableToCount, match="has counted it already"):
        asking.assign(count, cast.user("luca"), by=cast.aisha, at=at)
    begun = walking.begin(place, by=cast.ravi, at=at)
    for one in (*units[:3], stray):
        walking.see(begun, one, by=cast.ravi, at=at)
    walking.see(begun, cables, pieces=390, by=cast.ravi, at=at)
    walking.note(begun, "XYZ 123", by=cast.ravi, at=at)
    count = walking.end(begun, by=cast.ravi, at=at)
    assert count.state == CountState.REVIEW
    waiting = {one.kind for one in queries.exceptions(cast.aisha, at=at)}
    assert waiting == {"exception.count_differs"}
    assert queries.exceptions(cast.ravi, at=at) == []

    rows = {one.kind: one for one in queries.differences(queries.last_walk(count))}
    told = {rows[kind].pk: Decision(settling.OUTCOMES[DifferenceKind(kind)][0]) for kind in rows}
    with pytest.raises(NotAllowed, match="by a lead"):
        settling.approve(count, told, by=cast.henrik, at=at)
    left = told | {rows["unknown"].pk: Decision(DifferenceOutcome.LEFT)}
    with pytest.raises(UnableToSettle, match="Say why XYZ 123 is no difference"):
        settling.approve(count, left, by=cast.aisha, at=at)
    done = settling.approve(count, told, by=cast.aisha, at=at)

    assert (done.state, done.expected, done.right, done.missing, done.extra) == ("done", 5, 3, 1, 1)
    lost, stray, cables = (Device.objects.get(pk=one.pk) for one in (lost, stray, cables))
    assert (lost.location, stray.location, cables.quantity) == (None, place, 390)
    found = Entry.objects.filter(chain_id=stray.pk).latest("sequence")
    assert (found.kind, found.payload["before"]) == ("storage.found", "B-01")
    assert Entry.objects.get(digest=found.payload["corrects"]).kind == "devices.located"
    assert kinds(place)[-1] == "storage.count_approved"
    figures = queries.accuracy(cast.aisha, at=at).total
    assert (figures.of_places, figures.of_units) == (Decimal("0.0"), Decimal("50.0"))
    assert dict(figures.lost) == {"EUR": Decimal("102.00")}


def test_nobody_settles_what_they_counted_and_what_was_counted_once_needs_a_reason(cast: Cast, at: datetime) -> None:
    place, units = stocked(cast, "A-01", 2)
    count = walk(place, units[:1], by="aisha", cast=cast, at=at)
    [row] = queries.differences(queries.last_walk(count))
    told = {row.pk: Decision(DifferenceOutcome.MISSING)}
    with pytest.raises(UnableToSettle, match="nobody accepts their own count"):
        settling.approve(count, told, by=cast.aisha, at=at)
    with pytest.raises(UnableToCount, match="nobody accepts their own count"):
        asking.cancel(count, reason="No difference to speak of.", by=cast.aisha, at=at)
    with pytest.raises(UnableToSettle, match="have it counted again, or say why not"):
        settling.approve(count, told, by=cast.maria, at=at)
    # It turned up before anybody decided: it isn't missed then.
    elsewhere = storage.place(cast, "C-01")
    places.put([units[1].pk], elsewhere, by=cast.ines, at=at + timedelta(minutes=1))
    with pytest.raises(UnableToSettle, match="was handled since it was counted"):
        settling.approve(count, told, reason="urgent", by=cast.maria, at=at)
    left = {row.pk: Decision(DifferenceOutcome.LEFT, "it was on the bench")}
    done = settling.approve(count, left, reason="urgent", by=cast.maria, at=at)
    assert (done.differing, done.right, done.expected) == (0, 2, 2)


def test_what_comes_goes_or_is_fetched_while_it_is_counted_is_no_difference(cast: Cast, at: datetime) -> None:
    place, units = stocked(cast, "A-01", 4)
    other, strangers = stocked(cast, "B-01", 2, prefix="OTH")
    later = at + timedelta(minutes=2)
    begun = walking.begin(place, by=cast.luca, at=at)
    walking.see(begun, units[0], by=cast.luca, at=at)
    walking.see(begun, strangers[1], by=cast.luca, at=at)
    places.put([units[1].pk], other, by=cast.ines, at=later)  # went
    places.put([units[2].pk], other, by=cast.ines, at=later)  # went and came back
    places.put([units[2].pk], place, by=cast.ines, at=later)
    places.put([one.pk for one in strangers], place, by=cast.ines, at=later)  # came
    walking.see(begun, units[3], by=cast.luca, at=later)

    count = walking.end(begun, by=cast.luca, at=later)

    assert (count.state, count.expected, count.right) == ("done", 2, 2)
    assert Walk.objects.get().moved == 4


def test_what_can_not_be_said_to_lie_here_is_brought_where_it_belongs(cast: Cast, at: datetime) -> None:
    place, _units = stocked(cast, "A-01", 0)
    cage = storage.place(cast, "CAGE-1", secured=True)
    laptop = make.laptop(cast)
    places.put([laptop.pk], cage, by=cast.ines, at=at)
    count = walk(place, [laptop], by="luca", cast=cast, at=at)
    [row] = queries.differences(queries.last_walk(count))
    outcome, why = settling.proposed(row, place)
    assert (outcome, "is not secured" in why) == (DifferenceOutcome.BACK, True)
    here = {row.pk: Decision(DifferenceOutcome.HERE)}
    with pytest.raises(UnableToSettle, match="is not secured"):
        settling.approve(count, here, reason="seen by me", by=cast.aisha, at=at)
    assert "storage.found" not in kinds(laptop)
    done = settling.approve(count, {row.pk: Decision(outcome)}, reason="seen by me", by=cast.aisha, at=at)
    assert (done.state, done.extra) == ("done", 1)
    _shelf, strangers = stocked(cast, "B-01", 1, prefix="OTH")
    kept = storage.place(cast, "V-01", client=cast.vega)
    [row] = queries.differences(queries.last_walk(walk(kept, strangers, by="luca", cast=cast, at=at)))
    outcome, why = settling.proposed(row, kept)
    assert (outcome, "V-01 is kept for Vega GmbH" in why) == (DifferenceOutcome.BACK, True)
    tote = storage.container(cast)
    sealing.close(tote, by=cast.ines, at=at)
    with pytest.raises(UnableToCount, match="is closed; open it first"):
        walking.begin(tote.location, by=cast.luca, at=at)


def test_a_container_in_the_place_is_one_thing_of_it_missed_found_and_settled_like_a_unit(
    cast: Cast, at: datetime
) -> None:
    place, units = stocked(cast, "A-01", 1)
    other = storage.place(cast, "B-01")
    kept, lost, went = (storage.container(cast, parent=place) for _one in range(3))
    stray, strange = (storage.container(cast, parent=other) for _one in range(2))
    inside = storage.filled(cast, 2, lost)
    Device.objects.filter(pk__in=[one.pk for one in inside]).update(expected_value=Decimal(50))
    sealing.close(stray, by=cast.ines, at=at)

    asked = queries.stale(cast.rotterdam, queries.Wanted(CountWhy.STALE), at=at)
    assert {(one.place.code, one.units, one.containers) for one in asked} == {
        ("A-01", 1, 3), ("B-01", 0, 2), (lost.number, 2, 0),
    }  # fmt: skip

    def counted(by: str) -> Count:
        person = getattr(cast, by)
        begun = walking.begin(place, by=person, at=at)
        walking.see(begun, units[0], by=person, at=at)
        assert not boxes.see(begun, kept.location, by=person, at=at).elsewhere
        assert boxes.see(begun, kept.location, by=person, at=at).again
        assert boxes.see(begun, stray.location, by=person, at=at).belongs == other
        with pytest.raises(BadInput, match="is what is counted"):
            boxes.see(begun, place, by=person, at=at)
        assert walking.unsee(begun, boxes.see(begun, strange.location, by=person, at=at).seen.pk, by=person) is None
        if by == "luca":
            moving.move(went, other, by=cast.ines, at=at + timedelta(minutes=1))
        return walking.end(begun, by=person, at=at)

    count = counted("luca")
    assert (count.state, count.expected, count.right, count.missing, count.extra) == ("recount", 3, 2, 1, 1)
    assert Walk.objects.get().moved == 1
    assert kinds(kept)[-1] == "storage.seen"
    count = counted("ravi")
    rows = {one.name: one for one in queries.differences(queries.last_walk(count))}
    assert {name: (one.kind, one.value) for name, one in rows.items()} == {
        lost.number: ("missing", Decimal(100)), stray.number: ("extra", Decimal(0)),
    }  # fmt: skip
    told = {one.pk: Decision(settling.proposed(one, place)[0]) for one in rows.values()}
    settling.approve(count, told, by=cast.aisha, at=at)
    places_now = dict(Location.objects.filter(kind="container").values_list("pk", "parent"))
    assert (places_now[kept.pk], places_now[lost.pk], places_now[stray.pk]) == (place.pk, None, place.pk)
    assert (kinds(lost)[-1], kinds(stray)[-1]) == ("storage.container_missed", "storage.container_found")
    assert Device.objects.filter(location=lost.pk).count() == 2
    # Who put a container there doesn't count the place, and what was handled since is no difference that can be written down.
    moving.move(lost, place, by=cast.ravi, at=at + timedelta(minutes=2))
    with pytest.raises(UnableToCount, match="nobody counts their own bin"):
        walking.begin(place, by=cast.ravi, at=at + timedelta(minutes=3))
    again = walk(place, units, by="luca", cast=cast, at=at + timedelta(minutes=4))
    moving.move(lost, other, by=cast.ines, at=at + timedelta(minutes=5))
    told = {row.pk: Decision(DifferenceOutcome.MISSING) for row in queries.differences(queries.last_walk(again))}
    with pytest.raises(UnableToSettle, match=f"{lost.number} was handled since"):
        settling.approve(again, told, reason="urgent", by=cast.maria, at=at + timedelta(minutes=6))


def scanner(client: Client, cast: Cast, name: str) -> Client:
    client.force_login(cast.user(name))
    return client


def test_on_the_floor_the_next_place_ends_the_count_and_what_is_odd_is_called_out(client: Client, cast: Cast) -> None:
    place, units = stocked(cast, "A-01", 2)
    other, strangers = stocked(cast, "B-01", 1, prefix="OTH")
    cables = lot(cast, other, 12)
    tote, stray = storage.container(cast, parent=place), storage.container(cast)
    aisha = Client()
    aisha.force_login(cast.user("aisha"))
    told = {"hub": cast.rotterdam.pk, "why": "stale", "days": "30", "most": "50"}
    page = aisha.get("/store/counts/new/", told).content.decode()
    assert "Have 2 places counted" in page
    sends = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("hub", "why", "places")}
    assert "2 places are to be counted" in aisha.post("/store/counts/request", sends, follow=True).content.decode()
    again = aisha.post("/store/counts/request", sends, follow=True).content.decode()
    assert "Counts of all these places are open already" in again

    luca = scanner(client, cast, "luca")

    def scan(code: str, status: int = 200) -> str:
        answer = luca.post("/floor/scan", {"code": code}, headers=HTMX)
        assert answer.status_code == status, answer.content.decode()
        return " ".join(answer.content.decode().split())

    assert "Count it" in scan("a-01")
    assert "A-01" in scan("COUNT")
    assert "Counting A-01" in scan("a-01")
    assert "1 thing scanned" in scan(units[0].tag)
    assert "Counted already" in scan(units[0].tag)
    assert "It belongs in B-01" in scan(strangers[0].tag)
    assert "1 thing scanned" in scan("UNDO")
    assert "Nobody knows this code" in scan("GIBBERISH-77")
    scan(units[1].tag)
    assert f"{tote.number} · 3 things scanned" in scan(tote.number)
    assert "Counted already" in scan(tote.number)
    assert "It was missed" in scan(stray.number)
    assert "3 things scanned" in scan("UNDO")
    assert "400" not in scan(cables.tag)
    scan("UNDO")
    closed = scan("B-01")
    assert "A-01 is counted. All is as it should be." in closed
    assert "Counting B-01" in closed
    assert "How many?" in scan(cables.tag)
    assert "Say how many of" in scan("END", 409)
    assert "12 pieces" in scan("12")
    ended = scan("END")
    assert "somebody else counts it again" in ended
    row = Count.objects.get(place=other)
    assert (row.state, row.missing, row.expected) == ("recount", 1, 2)
    assert "nobody counts a bin again" in scan("B-01", 409)

    settled_in_the_office(aisha, luca, row, strangers[0])


def settled_in_the_office(aisha: Client, luca: Client, row: Count, lost: Device) -> None:
    seen = luca.get(f"/store/counts/{row.number}/").content.decode()
    assert lost.tag not in seen, "who may count it again isn't shown what is expected"
    shown = aisha.get(f"/store/counts/{row.number}/").content.decode()
    assert lost.tag in shown
    [one] = queries.differences(queries.last_walk(row))
    settled = {f"outcome-{one.pk}": "missing", "reason": "nobody else is here"}
    said = aisha.post(f"/store/counts/{row.number}/settle", settled, follow=True).content.decode()
    assert "is settled" in said
    lines = aisha.get("/store/counts/counts.csv").content.decode().splitlines()
    assert len(lines) == 3
    assert "100.00 EUR" in lines[1]
    page = aisha.get("/store/counts/").content.decode()
    assert "By zone" in page
    assert "80" in page
    assert luca.get("/store/counts/new/").status_code == 403
    assert luca.get("/store/counts/counts.csv").status_code == 403


def test_a_count_is_handed_over_set_back_cancelled_and_late(client: Client, cast: Cast, at: datetime) -> None:
    place, units = stocked(cast, "A-01", 1)
    zone = storage.place(cast, "CAGE-9", secured=True)
    aisha = scanner(client, cast, "aisha")
    [row] = asking.request(
        [place],
        hub=cast.rotterdam,
        why=CountWhy.PLACE,
        due_at=at + timedelta(hours=1),
        assignee=None,
        by=cast.aisha,
        at=at,
    )
    late = queries.exceptions(cast.aisha, at=at + timedelta(hours=2))
    assert [one.kind for one in late] == ["exception.count_overdue"]

    def act(**told: object) -> str:
        return aisha.post(f"/store/counts/{row.number}/change", told, follow=True).content.decode()

    everywhere = scanner(Client(), cast, "maria")
    assert "Ravi" in everywhere.get(f"/store/counts/{row.number}/").content.decode(), (
        "whoever works everywhere hands to all"
    )
    assert "is handed over" in act(assignee=cast.user("ravi").pk)
    begun = walking.begin(place, by=cast.ravi, at=at)
    assert "can be begun anew" in act(act="drop")
    with pytest.raises(UnableToCount, match="is over"):
        walking.see(begun, units[0], by=cast.ravi, at=at)
    assert "Say why it is cancelled" in act(act="cancel")
    assert "is cancelled" in act(act="cancel", reason="stock is moved first")
    with pytest.raises(NotAllowed, match="by a lead"):
        asking.request([zone], hub=cast.rotterdam, why=CountWhy.PLACE, due_at=None, assignee=None, by=cast.luca, at=at)
    with pytest.raises(UnableToCount, match="is not at"):
        hub = Hub.objects.get(code="leipzig")
        asking.request([zone], hub=hub, why=CountWhy.PLACE, due_at=None, assignee=None, by=cast.maria, at=at)
    valuable = queries.matching(cast.rotterdam, queries.Wanted(CountWhy.VALUE, letter="A"))
    assert [one.place.code for one in valuable] == ["A-01"]
