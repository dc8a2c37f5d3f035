"""The board says how many wait where, how late, on whose clock; each figure is the list behind it; a shift is handed to the next."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from reporting import board, queueing, shifts, watching
from reporting.board import Asked, Done
from reporting.folding import Said
from reporting.models import HandOver, Queued, QueueTally, Shift, Team
from reporting.services import handing_over, projections, teams
from reporting.targets import Targets
from revlog.accounts.gate import STATION_COOKIE
from revlog.accounts.models import Hub, Membership
from revlog.common import clock
from revlog.common.calendars import Calendar
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import sequencer
from revlog.devices.journey import State
from revlog.devices.models import HoldKind
from revlog.devices.services import moves, standing
from revlog.storage.queries import people
from revlog.storage.services.hazards import reporting
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as factory
from tests.factories import storage

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(sequence: int, kind: str, hours: float, **payload: Any) -> Said:
    return Said(sequence, kind, MONDAY + hours * HOUR, payload, None, None)


ARRIVED = said(1, "devices.arrived", 0, state_to="RECEIVED", why="return")
WAITS = said(3, "devices.wait_begun", 2, party="customer", asked="?", due=(MONDAY + 5 * HOUR).isoformat())
WAITED = said(4, "devices.wait_ended", 26, party="customer")
HELD = said(3, "devices.held", 2, hold="awaiting_owner", reason="?")
OTHER_HOLD = said(3, "devices.held", 2, hold="safety", reason="hot")
LET_GO = said(4, "devices.hold_released", 3, hold="awaiting_owner", reason="!")
GONE = said(5, "resale.sold_to", 30, state_to="SOLD", state_from="TO_SELL")


@pytest.mark.parametrize(
    ("entries", "clock_now", "due_after"),
    [
        ([ARRIVED], "ours", 4),
        ([ARRIVED, WAITS], "customer", 5),
        # Two of its four hours were spent before the customer was asked; the other two run from the answer on.
        ([ARRIVED, WAITS, WAITED], "ours", 28),
        ([ARRIVED, HELD], "customer", None),
        ([ARRIVED, HELD, LET_GO], "ours", 5),
        ([ARRIVED, OTHER_HOLD], "ours", 4),
        ([ARRIVED, said(2, "triage.begun", 1, state_to="IN_TRIAGE"), WAITS, WAITED], "ours", 29),
        # A known unit that comes again keeps nothing of its last stay.
        ([ARRIVED, HELD, said(5, "devices.arrived_again", 20, state_to="RECEIVED", why="itad")], "ours", 24),
    ],
)
def test_a_unit_is_late_by_our_own_hours_alone(entries: list[Said], clock_now: str, due_after: float | None) -> None:
    always_open = Calendar(hours={day: (time(0), time(23, 59, 59, 999999)) for day in range(7)})
    found = queueing.stand(entries)
    assert found is not None
    assert found.clock == clock_now
    due = queueing.due(found, hours=4, calendar=always_open)
    expected = None if due_after is None else MONDAY + due_after * HOUR
    assert due == expected or (due is not None and expected is not None and abs(due - expected) < timedelta(seconds=1))


def test_nothing_stands_before_it_came_or_after_it_left() -> None:
    assert queueing.stand([]) is None
    assert queueing.stand([ARRIVED, GONE]) is None


# The board -------------------------------------------------------------------------------------------------------------------------


def counted(at: datetime) -> None:
    sequencer.sequence_now()
    projections.catch_up(at=at)


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


@pytest.fixture
def noon(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Wednesday noon, two days after the cast's Monday: what came on Monday is late."""
    now = MONDAY + timedelta(days=2, hours=2)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


@pytest.fixture
def floor(cast: Cast, noon: datetime) -> Cast:
    """Units of Monday that are late, one of which waits for its owner; some of today; one elsewhere."""
    for n in range(3):
        factory.laptop(cast, serial=f"OLD{n}", at=MONDAY)
    waits = factory.laptop(cast, serial="WAITS", at=MONDAY)
    with transaction.atomic():
        standing.hold(moves.take_one(waits.pk), HoldKind.AWAITING_OWNER, reason="whose?", by=cast.aisha, at=MONDAY)
    for n in range(2):
        factory.laptop(cast, serial=f"NEW{n}", at=noon - HOUR)
    team = teams.keep_team(hub=cast.rotterdam, name="Dock", by=cast.aisha, at=noon)
    teams.place(hub=cast.rotterdam, teams={cast.user("ines").pk: team}, by=cast.aisha, at=noon)
    counted(noon)
    return cast


@pytest.mark.django_db
def test_each_figure_is_the_list_that_it_leads_to(
    floor: Cast, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(floor, "aisha")
    with django_assert_max_num_queries(32):
        page = client.get("/board/")
    text = unescape(page.content.decode())
    figures = re.findall(r'href="(/board/(?:queue|work)/[^"]*)">([\d,]+)</a>', text)
    assert len(figures) > 8
    for address, shown in figures:
        answer = client.get(address)
        assert answer.context["total"] == int(shown.replace(",", "")), address
        assert len(answer.context["rows"]) == answer.context["total"], address
    late_by = board.alarm_after(noon)
    found = board.queues(floor.rotterdam, at=noon, alarm=late_by)
    assert Asked(state="RECEIVED").count(found) == 6
    assert Asked(state="RECEIVED", clock="ours", late="late").count(found) == 3
    assert (
        Asked(state="RECEIVED", clock="client").count(found) + Asked(state="RECEIVED", clock="customer").count(found)
        == 1
    )
    assert board.work(floor.rotterdam, Done(act="received", team="none"), at=noon).count() == 0
    assert "Ines" not in text, "a board counts teams, not people"
    assert ">Dock<" in text


@pytest.mark.django_db
def test_the_rollup_is_what_the_rows_say_through_every_change(floor: Cast, noon: datetime) -> None:
    def whole() -> dict[tuple[Any, ...], int]:
        rows = QueueTally.objects.values_list("hub_id", "state", "clock", "hour", "units")
        return {tuple(row[:4]): row[4] for row in rows}

    def of_rows() -> dict[tuple[Any, ...], int]:
        found: dict[tuple[Any, ...], int] = {}
        for row in Queued.objects.values_list("hub_id", "state", "clock", "hour"):
            found[row] = found.get(row, 0) + 1
        return found

    assert whole() == of_rows()
    before = Queued.objects.get(clock__in=("client", "customer"))
    with transaction.atomic():
        device = moves.take_one(before.device_id)
        row = device.hold_rows.get(released_at=None)
        standing.release(device, row, reason="it is ours", by=floor.carla, at=noon - HOUR)
    factory.for_sale(floor, serial="SALE", drive="D1", at=noon - HOUR)
    counted(noon)
    assert whole() == of_rows()
    assert Queued.objects.get(device_id=before.device_id).clock == "ours"
    projections.rebuild(at=noon)
    assert whole() == of_rows()


@pytest.mark.django_db
def test_a_target_of_an_owner_or_a_site_holds_for_what_comes_after_it(cast: Cast) -> None:
    own = [
        {"id": "a", "when": {"fact": "hub", "op": "==", "value": "leipzig"}, "then": {"hours": 2}},
        {"id": "b", "then": {"hours": 5}},
    ]
    drafted = rules.draft(
        kind="reporting.targets", body={"rules": own}, organization=cast.vega.pk, by=cast.admin, at=MONDAY
    )
    rules.publish(drafted, by=cast.maria, at=MONDAY)
    found = Targets()

    def hours(owner: Any, hub: str, at: datetime) -> float | None:
        return found.hours(State.RECEIVED.value, hub=hub, device_class="laptop", owner=owner, at=at)

    assert hours(cast.vega.pk, "leipzig", MONDAY + HOUR) == 2
    assert hours(cast.vega.pk, "rotterdam", MONDAY + HOUR) == 5
    assert hours(cast.vega.pk, "rotterdam", MONDAY - HOUR) == 8, "what came before it keeps what held then"
    assert hours(cast.altair.pk, "rotterdam", MONDAY + HOUR) == 8


@pytest.mark.django_db
def test_the_board_is_not_sent_again_while_it_reads_the_same(floor: Cast) -> None:
    client = signed_in(floor, "ines")
    first = client.get("/board/", headers={"HX-Request": "true"})
    tag = first.headers["ETag"]
    assert tag.strip('"') in first.content.decode()
    again = client.get("/board/", headers={"HX-Request": "true", "If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["HX-Reswap"]) == (304, b"", "none")
    with transaction.atomic():
        device = moves.take_one(Queued.objects.all()[0].device_id)
        standing.wait(device, "vendor", asked="a part", due=None, by=floor.jakob, at=clock.now())
    counted(clock.now())
    assert client.get("/board/", headers={"HX-Request": "true", "If-None-Match": tag}).status_code == 200


@pytest.mark.django_db
def test_a_registered_screen_shows_its_own_site_with_nobody_signed_in(floor: Cast) -> None:
    screen = Client()
    assert screen.get("/board/wall/station/").status_code == 302, "an unknown screen is led to where one is registered"
    screen.cookies[STATION_COOKIE] = floor.station("Wall").token
    page = screen.get("/board/wall/station/?theme=dark")
    assert page.status_code == 200
    assert floor.rotterdam.name in page.content.decode()
    assert "Ines" not in page.content.decode()
    assert screen.get("/board/").status_code == 302
    elsewhere = signed_in(floor, "jonas").get("/board/wall/?rotate=1").content.decode()
    assert floor.leipzig.name in elsewhere
    assert floor.rotterdam.name not in elsewhere


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["vera", "nils", "dirk"])
def test_outsiders_reach_no_board(floor: Cast, noon: datetime, name: str) -> None:
    row = given(floor, noon)
    client = signed_in(floor, name)
    for address in ("/board/", "/board/queue/", "/board/work/", "/board/wall/", "/board/alarms/picks/", "/board/hand-over/",
                    f"/board/hand-over/{row.number}/", "/settings/shifts/"):  # fmt: skip
        assert client.get(address).status_code in {403, 404}, address


@pytest.mark.django_db
def test_what_stays_too_long_is_an_alarm_and_the_list_behind_it(floor: Cast, noon: datetime) -> None:
    container = storage.container(floor, parent=storage.place(floor, "B-1"))
    storage.filled(floor, 2, container)
    last = Entry.objects.filter(chain_id=container.pk).latest("sequence").occurred_at

    def alarms(hub: Hub, after: timedelta) -> int:
        return {one.watch.code: one.count for one in watching.alarms(hub, at=last + after)}["containers"]

    assert alarms(floor.rotterdam, timedelta(days=5)) == 1
    assert alarms(floor.leipzig, timedelta(days=5)) == 0
    assert alarms(floor.rotterdam, HOUR) == 0


@pytest.mark.django_db
def test_what_is_open_leads_only_where_the_reader_may_go(floor: Cast, noon: datetime) -> None:
    place = storage.place(floor, "B-1")
    case = reporting.report(hub=floor.rotterdam, place=place, by=floor.ines, at=noon - timedelta(days=9))
    for name, leads in (("ines", True), ("esra", False)):
        client = signed_in(floor, name)
        for page in ("/board/alarms/hazards/", "/board/hand-over/"):
            text = client.get(page).content.decode()
            assert case.number in text
            assert (reverse("hazard", args=[case.number]) in text) == leads, (name, page)
    assert reverse("dock_plan") in signed_in(floor, "ines").get("/board/").content.decode()
    assert reverse("dock_plan") not in signed_in(floor, "jakob").get("/board/").content.decode()


@pytest.mark.django_db
def test_words_that_no_figure_has_find_nothing(floor: Cast) -> None:
    client = signed_in(floor, "aisha")
    for address in ("/board/queue/?state=SOLD", "/board/queue/?clock=moon", "/board/work/?act=slept", "/board/work/?team=x",
                    "/board/work/?hour=25", "/board/alarms/ghosts/"):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert client.get("/board/queue/?after=never,x").status_code == 200


# Shifts ----------------------------------------------------------------------------------------------------------------------------


def given(cast: Cast, at: datetime, **told: Any) -> HandOver:
    early = Shift.objects.filter(hub=cast.rotterdam, name="Early").first() or teams.keep_shift(
        hub=cast.rotterdam, name="Early", begins=time(6), ends=time(13), by=cast.aisha, at=at
    )
    return handing_over.hand_over(
        hub=cast.rotterdam, shift=early, day=at.date(), notes="The ramp of door 2 sticks.",
        points=["Call the carrier", " ", "Wipe bench 3"], by=told.get("by", cast.aisha), at=at,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_shift_is_handed_over_by_one_and_taken_over_by_another(floor: Cast, noon: datetime) -> None:
    teams.keep_shift(hub=floor.rotterdam, name="Early", begins=time(6), ends=time(13), by=floor.aisha, at=noon)
    (turn,) = [one for one in shifts.to_hand_over(floor.rotterdam, at=noon) if one.day == noon.date()]
    lead, next_lead = signed_in(floor, "aisha"), signed_in(floor, "maria")
    answer = lead.post(
        "/board/hand-over/",
        {
            "turn": f"{turn.shift.pk},{turn.day}",
            "notes": "The ramp sticks.",
            "points": "Call the carrier\n\nWipe bench 3",
        },
    )
    row = HandOver.objects.get()
    address = f"/board/hand-over/{row.number}/"
    assert answer.headers["Location"] == address
    assert row.number in unescape(lead.get("/board/").content.decode()), "the next shift sees it first"

    lead.post(f"{address}take", {})
    assert HandOver.objects.get().taken_by is None, "nobody takes over from themselves"
    next_lead.post(f"{address}take", {"remark": "seen"})
    row = HandOver.objects.get()
    assert row.taken_by == floor.user("maria")
    with pytest.raises(handing_over.UnableToTakeOver):
        handing_over.take_over(row, remark="", by=floor.maria, at=noon)
    with pytest.raises(handing_over.UnableToHandOver):
        given(floor, noon)

    worker = signed_in(floor, "ines")
    assert worker.post(f"{address}take", {}).status_code == 403
    for code in ("HANDOVER", row.number):
        assert address in worker.post("/floor/scan", {"code": code}).content.decode(), code
    for place in ("1", "2", "2"):
        worker.post(f"{address}tick", {"point": place, "done": "1"})
    assert shifts.latest(floor.rotterdam) is None, "what is taken over and done leaves the board"
    worker.post(f"{address}tick", {"point": "2", "done": "0"})
    assert shifts.latest(floor.rotterdam) == row
    kinds = list(Entry.objects.filter(chain_id=row.pk).order_by("sequence").values_list("kind", flat=True))
    assert [kind.removeprefix("reporting.") for kind in kinds] == [
        "shift_handed_over", "shift_taken_over", "point_done", "point_done", "point_reopened",
    ]  # fmt: skip
    assert "Maria" in worker.get(address).content.decode()


@pytest.mark.django_db
def test_a_hand_over_stays_as_it_read(floor: Cast, noon: datetime) -> None:
    container = storage.container(floor, parent=storage.place(floor, "B-1"))
    (unit, *_rest) = storage.filled(floor, 2, container)
    row = given(floor, Entry.objects.filter(chain_id=container.pk).latest("sequence").occurred_at + HOUR)
    (kept,) = [one for one in row.open if one["code"] == "containers"]
    assert (kept["count"], container.number in kept["rows"][0]["text"]) == (1, True)
    with transaction.atomic():
        handing_over.take_over(row, remark="", by=floor.maria, at=noon)
    assert HandOver.objects.get(pk=row.pk).open == row.open
    assert unit.location_id == container.pk


@pytest.mark.django_db
def test_a_night_shift_belongs_to_the_day_on_which_it_begins(cast: Cast) -> None:
    teams.keep_shift(hub=cast.rotterdam, name="Night", begins=time(22), ends=time(6), by=cast.aisha, at=MONDAY)
    at = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
    first = shifts.to_hand_over(cast.rotterdam, at=at)[0]
    assert (first.shift.name, first.day.isoformat()) == ("Night", "2026-03-02")


@pytest.mark.django_db
def test_teams_and_shifts_are_a_leads_and_of_the_own_site(cast: Cast) -> None:
    for doer in (cast.ines, cast.jonas, cast.vera):
        with pytest.raises(NotAllowed):
            teams.keep_team(hub=cast.rotterdam, name="Dock", by=doer, at=MONDAY)
    client = signed_in(cast, "aisha")
    client.post("/settings/shifts/change", {"act": "team", "name": "Bench"})
    client.post("/settings/shifts/change", {"act": "shift", "name": "Late", "begins": "14:00", "ends": "22:00"})
    team = Team.objects.get()
    client.post("/settings/shifts/change", {"act": "people", f"team-{cast.user('jakob').pk}": str(team.pk)})
    assert [member.user for member in team.members.all()] == [cast.user("jakob")]
    page = client.get("/settings/shifts/").content.decode()
    assert "Late" in page
    client.post("/settings/shifts/change", {"act": "end_team", "team": str(team.pk)})
    assert not team.members.exists()
    with pytest.raises(NotAllowed):
        teams.keep_shift(hub=cast.leipzig, name="Late", begins=time(14), ends=time(22), by=cast.aisha, at=MONDAY)


@pytest.mark.django_db
def test_nobody_is_put_into_a_team_or_given_a_count_after_their_last_day(cast: Cast, noon: datetime) -> None:
    team = teams.keep_team(hub=cast.rotterdam, name="Dock", by=cast.aisha, at=noon)
    ines = cast.user("ines")
    assert ines in teams.people_of(cast.rotterdam)
    assert ines in people.able(cast.aisha, "devices.count")

    Membership.objects.filter(user=ines).update(until=noon.date() - timedelta(days=1))

    assert ines not in teams.people_of(cast.rotterdam)
    assert ines not in people.able(cast.aisha, "devices.count")
    with pytest.raises(BadInput):
        teams.place(hub=cast.rotterdam, teams={ines.pk: team}, by=cast.aisha, at=noon)
