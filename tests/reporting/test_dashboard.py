"""The dashboard says what is true, opens the units behind each figure, and shows nobody what isn't theirs."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.test import Client

from reporting import charts, exports, queries, statistics
from reporting.filters import Filters, read
from reporting.services import projections
from revlog.common.errors import BadInput, NotFound
from revlog.custody.facts import Fact
from revlog.custody.services import ledger, sequencer
from revlog.devices.services import money, moves, standing
from tests.cast import Cast
from tests.factories import devices as factory

pytestmark = pytest.mark.django_db


def counted(at: datetime) -> None:
    sequencer.sequence_now()
    projections.catch_up(at=at)


@pytest.fixture
def week(at: datetime) -> Filters:
    return Filters((at - timedelta(days=3)).date(), (at + timedelta(days=20)).date())


@pytest.fixture
def life(cast: Cast, at: datetime) -> Cast:
    """Three laptops for sale, of which one is sold with a profit; one of the client; one still at the dock in Leipzig."""
    sold, *_others = [
        factory.for_sale(cast, serial=f"S{n}", drive=f"D{n}", at=at + timedelta(days=n)) for n in range(3)
    ]
    factory.sold(sold, at=at + timedelta(days=9))
    with transaction.atomic():
        entry = standing.wait(
            moves.take_one(sold.id), "buyer", asked="pay", due=None, by=cast.anouk, at=at + timedelta(days=9)
        )
        money.post(entry=entry, account="sale", amount=Decimal(240), currency="EUR", device=sold, at=at, key="s")
    from revlog.devices.services import arrivals

    for serial, owner, hub in (("V1", cast.vega.id, cast.rotterdam.id), ("L1", cast.operator.id, cast.leipzig.id)):
        arrivals.arrive(
            what=arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial=serial),
            stay=factory.stay(cast, owner=owner, hub=hub),
            by=cast.ines,
            at=at,
        )
    counted(at)
    return cast


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def addresses(page: str) -> list[str]:
    """Every address on the page that names units behind a figure."""
    text = unescape(page).replace("\\u0026", "&")
    return sorted(set(re.findall(r"/reports/units/\?[^\s\"'<>]+", text)))


# Figures --------------------------------------------------------------------------------------------------------------------------


def test_it_counts_what_came_went_and_is_here(life: Cast, week: Filters) -> None:
    found = queries.figures(filters=week, actor=life.maria)

    assert (found.received, found.ended, found.here) == (5, 1, 4)
    assert (found.cycle, found.cycle_n) == (timedelta(days=9), 1)
    assert (found.recovery, found.recovery_n) == (Decimal(240), 1)


@pytest.mark.parametrize("what", ["received", "ended", "here"])
def test_each_figure_is_as_many_as_the_units_it_opens(life: Cast, week: Filters, what: str) -> None:
    found = queries.figures(filters=week, actor=life.maria)
    listed = queries.units(what=what, filters=week, said={}, actor=life.maria).count()

    assert listed == getattr(found, what)


def test_each_bar_is_as_many_as_the_units_it_opens(life: Cast, week: Filters) -> None:
    drawn = charts.throughput(queries.weeks(filters=week, actor=life.maria), week)

    assert drawn is not None
    for series in drawn["data"]["series"]:
        for value, url in zip(series["values"], series["urls"], strict=True):
            said = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
            rows = queries.units(what=said["what"], filters=read(said, at=week.begin), said=said, actor=life.maria)
            assert rows.count() == value, url


def test_a_client_counts_its_own_units_alone(life: Cast, week: Filters) -> None:
    assert queries.figures(filters=week, actor=life.vera).received == 1
    assert queries.figures(filters=week, actor=life.alex).received == 0
    assert queries.hubs(life.alex) == []


def test_people_of_one_hub_count_that_hub_alone(life: Cast, week: Filters) -> None:
    assert queries.figures(filters=week, actor=life.jonas).received == 1
    assert queries.figures(filters=week, actor=life.maria).received == 5


def test_filters_narrow_every_figure(life: Cast, week: Filters) -> None:
    narrowed = Filters(week.since, week.until, hub=life.rotterdam.id, organization=life.vega.id)

    assert queries.figures(filters=narrowed, actor=life.maria).received == 1
    assert sum(each.moves for each in queries.flows(filters=narrowed, actor=life.maria)) == 1


def test_dwell_tells_whole_stays_and_whose_clock_ran(life: Cast, at: datetime, week: Filters) -> None:
    with transaction.atomic():
        device = moves.take_one(factory.laptop(life, serial="W", at=at).id)
        standing.wait(device, "customer", asked="its PIN", due=None, by=life.sam, at=at + timedelta(hours=10))
        standing.wait_over(device, by=life.sam, at=at + timedelta(hours=40))
        moves.proceed(device, fact=_sent(), by=life.ravi, at=at + timedelta(hours=50))
    counted(at)

    rows = {
        (row.state, row.clock): row
        for row in queries.dwell(filters=Filters(week.since, week.until), actor=life.maria)
        if row.state == "RECEIVED"
    }

    assert rows["RECEIVED", "customer"].median == timedelta(hours=30)
    assert rows["RECEIVED", ""].n == 4
    assert rows["RECEIVED", ""].p90 > timedelta(hours=30)


def _sent() -> Fact:
    from revlog.devices import facts

    return facts.SentToTriage(reason="look")


class _Stand(Fact, kind="itad.medium_destroyed_for_figures", staff="stands in"):
    medium: str


def test_sanitization_counts_a_medium_once_however_often_it_was_tried(life: Cast, at: datetime, week: Filters) -> None:
    device = factory.laptop(life, serial="SAN", at=at)
    with transaction.atomic():
        for n, kind in enumerate(("itad.erasure_failed", "itad.sanitization_verified", "itad.sanitization_verified")):
            taken = moves.take_one(device.id)
            assert taken.head is not None
            entry = ledger.draft(taken.head, _Stand(medium="m1" if n < 2 else "m2"), by=life.tomas, at=at)
            entry.kind = kind
            from revlog.custody.digests import entry_digest

            entry.digest = entry_digest(
                chain=f"unit:{device.id}", sequence=entry.sequence, kind=kind, version=1, occurred_at=at,
                actor=entry.actor, key="", payload=entry.payload, previous=entry.previous,
            )  # fmt: skip
            entry.owner_id, entry.hub_id = device.owner_id, device.hub_id
            ledger.write(entry)
    counted(at)

    overall, first = queries.sanitization(filters=week, actor=life.maria)

    assert (overall.hits, overall.of) == (2, 2)
    assert (first.hits, first.of) == (1, 2)
    assert "95 %" in charts.interval(first)


def test_the_flow_runs_in_no_circle(life: Cast, week: Filters) -> None:
    back = [
        queries.Flow("IN_TRIAGE", "TO_REFURBISH", 4),
        queries.Flow("TO_REFURBISH", "IN_TRIAGE", 3),
        queries.Flow("", "RECEIVED", 9),
    ]

    drawn = charts.flow(back, week)

    assert drawn is not None
    ends: dict[str, set[str]] = {}
    for link in drawn["data"]["links"]:
        ends.setdefault(link["source"], set()).add(link["target"])

    def reach(node: str, seen: frozenset[str]) -> None:
        assert node not in seen
        for following in ends.get(node, ()):
            reach(following, seen | {node})

    for node in ends:
        reach(node, frozenset())
    assert len(drawn["data"]["links"]) == 3


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433)]
)
def test_wilson_gives_the_published_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert statistics.wilson(hits, of) == pytest.approx((low, high), abs=0.0005)


def test_there_is_no_interval_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        statistics.wilson(0, 0)
    assert charts.interval(queries.Share(0, 0)) == ""


# Pages ----------------------------------------------------------------------------------------------------------------------------


def test_the_page_shows_figures_and_every_mark_opens_its_units(life: Cast, at: datetime) -> None:
    client = signed_in(life, "maria")
    span = f"since={(at - timedelta(days=3)).date()}&until={(at + timedelta(days=20)).date()}"

    page = client.get(f"/reports/?{span}")

    text = page.content.decode()
    assert page.status_code == 200
    assert "5 units came in, 1 went out, 4 are with us" in text
    found = addresses(text)
    assert len(found) > 10
    for address in found:
        assert client.get(address).status_code == 200, address


def test_a_mark_opens_a_list_with_the_unit(life: Cast, at: datetime) -> None:
    page = signed_in(life, "maria").get(
        f"/reports/units/?what=ended&outcome=SOLD&since={at.date()}&until={(at + timedelta(days=20)).date()}"
    )

    text = page.content.decode()
    assert "240" in text
    assert "T480" in text
    assert "outcome" in text


def test_the_page_has_no_figures_of_strangers(life: Cast, at: datetime) -> None:
    text = signed_in(life, "alex").get("/reports/").content.decode()

    assert "came in" not in text or "0 units came in" in text


def test_who_may_not_see_figures_is_turned_away(life: Cast) -> None:
    assert signed_in(life, "ines").get("/reports/").status_code == 403
    assert signed_in(life, "anouk").get("/reports/units.csv").status_code == 403


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "hub=nowhere", "since=2026-05-01&until=2026-04-01", "since=1900-01-01&until=2026-01-01"],
)
def test_a_filter_that_makes_no_sense_is_answered_with_a_sentence(life: Cast, query: str) -> None:
    client = signed_in(life, "maria")

    for address in ("/reports/", "/reports/units/", "/reports/units.csv", "/reports/figures.csv"):
        assert client.get(f"{address}?{query}").status_code == 422, address
    with pytest.raises(BadInput):
        read({name: values[0] for name, values in parse_qs(query).items()}, at=life.at)


def test_a_figure_that_there_isnt_is_not_found(life: Cast, week: Filters) -> None:
    assert signed_in(life, "maria").get("/reports/units/?what=everything").status_code == 404
    with pytest.raises(NotFound):
        queries.units(what="__class__", filters=week, said={}, actor=life.maria)


@pytest.mark.parametrize(
    "query",
    ["what=here&state=%27%3B--", "what=graded&grade=%00x", "what=stayed&clock=<script>", "what=received&page=-4"],
)
def test_strange_codes_in_an_address_find_nothing_and_break_nothing(life: Cast, query: str) -> None:
    page = signed_in(life, "maria").get(f"/reports/units/?{query}")

    assert page.status_code == 200
    assert "<script>" not in page.content.decode()


# Files ----------------------------------------------------------------------------------------------------------------------------


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def test_the_list_comes_as_a_file_with_the_same_units(life: Cast, at: datetime) -> None:
    span = f"since={(at - timedelta(days=3)).date()}&until={(at + timedelta(days=20)).date()}"
    answer = signed_in(life, "maria").get(f"/reports/units.csv?what=received&{span}")

    rows = read_csv(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert rows[0][:3] == ["tag", "number", "face"]
    assert len(rows) == 6


def test_the_figures_come_as_a_file(life: Cast, at: datetime) -> None:
    span = f"since={(at - timedelta(days=3)).date()}&until={(at + timedelta(days=20)).date()}"
    answer = signed_in(life, "maria").get(f"/reports/figures.csv?{span}")

    rows = read_csv(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert rows[0] == ["figure", "row", "column", "value"]
    assert ["Figures", "Received", "5", "5"] in rows
    assert any(row[0] == "The way of units" for row in rows)


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert exports.safe(text) == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert exports.safe(Decimal("-3.10")) == "-3.10"
    assert exports.safe(-2) == "-2"
    assert exports.safe(None) == ""
    assert exports.safe("RL-7K3M") == "RL-7K3M"


def test_a_model_name_that_is_a_formula_is_text_in_the_file(life: Cast, at: datetime) -> None:
    factory.laptop(life, serial="EVIL", at=at, manufacturer="", model="=HYPERLINK(1)")
    counted(at)

    answer = signed_in(life, "maria").get(f"/reports/units.csv?what=received&since={at.date()}&until={at.date()}")
    faces = [row[2] for row in read_csv(b"".join(answer.streaming_content))]  # type: ignore[attr-defined]

    assert "'=HYPERLINK(1)" in faces


def test_it_says_how_far_the_figures_are_behind(life: Cast, at: datetime) -> None:
    assert queries.lag().entries == 0

    factory.laptop(life, serial="LATE", at=at)

    assert queries.lag().entries == 1
    assert queries.lag().since is not None
    sequencer.sequence_now()
    assert queries.lag().entries == 1
    projections.catch_up(at=at)
    assert queries.lag().entries == 0
