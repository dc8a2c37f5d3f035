"""A recall is drafted by one person, opened by another, only ever grows, and finds every unit by whatever it is known by."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from refurb.services import harvest, orders, parts
from refurb.services.harvest import Taken
from returns import recall_range
from returns.models import RecallStatus, RecallUnit
from returns.queries import recalls as queries_recalls
from returns.services import recall_units, recalls
from returns.services.recalls import NewCriterion, UnableToRecall
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Hold
from revlog.terms.models import SoldSerial
from tests.cast import Cast
from tests.factories import devices, refurb, terms
from tests.factories import recalls as make


def found(recall: object) -> dict[str, tuple[str, str]]:
    """What is on the list: tag or serial of each, how it was found and where it was."""
    rows = RecallUnit.objects.filter(recall=recall).select_related("device", "order_line__order")
    return {
        row.device.tag if row.device else row.serial or row.order_line.order.number: (row.how, row.place)  # type: ignore[union-attr]
        for row in rows
    }


# The campaign -----------------------------------------------------------------------------------------------------------------------


def test_one_person_drafts_it_and_another_opens_it(cast: Cast, at: datetime) -> None:
    recall = recalls.draft(make.new(), by=cast.henrik, at=at)

    with pytest.raises(UnableToRecall, match="nobody opens a recall that they drafted"):
        recalls.open_version(recall, by=cast.henrik, at=at)
    opened = recalls.open_version(recall, by=cast.carla, at=at)

    assert (opened.status, opened.version, opened.opened_at) == (RecallStatus.OPEN, 1, at)
    kinds = list(Entry.objects.filter(chain_id=recall.pk).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["returns.recall_drafted", "returns.recall_opened"]
    with pytest.raises(UnableToRecall, match="There is no draft"):
        recalls.open_version(recall, by=cast.maria, at=at)


def test_recalls_need_the_right_to_run_them(cast: Cast, at: datetime) -> None:
    recall = recalls.draft(make.new(), by=cast.henrik, at=at)

    for stranger in (cast.ines, cast.sam, cast.vera, cast.remco):
        with pytest.raises(NotAllowed):
            recalls.draft(make.new(), by=stranger, at=at)
        with pytest.raises(NotAllowed):
            recalls.open_version(recall, by=stranger, at=at)


@pytest.mark.parametrize(
    ("criterion", "sentence"),
    [
        (NewCriterion(range="model"), "Choose the model"),
        (NewCriterion(range="serials"), "The list names no serial number"),
        (NewCriterion(range="serials", serials=["n/a"]), "“n/a” is no serial number"),
        (NewCriterion(range="between", first="AB1", last="AB10"), "have the same length"),
        (NewCriterion(range="between", first="AB9", last="AB1"), "comes before the last"),
        (NewCriterion(range="lot"), "number of the lot or part"),
        (NewCriterion(range="colour"), "Say by what the units are known"),
    ],
)
def test_a_range_that_says_nothing_is_refused(cast: Cast, at: datetime, criterion: NewCriterion, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        recalls.draft(make.new(criterion), by=cast.henrik, at=at)


def test_a_list_is_read_from_a_csv_file_or_one_a_line() -> None:
    assert recalls.serials_in("PF1ABCDE\nPF2BCDEF\n\nPF1ABCDE\n") == ["PF1ABCDE", "PF2BCDEF"]
    assert recalls.serials_in(b"\xef\xbb\xbfmodel;Serial;made\nT480;PF1ABCDE;2024\nT480;PF2BCDEF;2024\n") == [
        "PF1ABCDE",
        "PF2BCDEF",
    ]
    assert recalls.serials_in("") == []


def test_a_wider_range_adds_and_leaves_out_nothing_that_was_found(cast: Cast, at: datetime) -> None:
    first = devices.laptop(cast, serial="PF1ABCDE")
    second = devices.laptop(cast, serial="PF2BCDEF")
    recall = make.opened(cast, NewCriterion(range="serials", serials=["PF1ABCDE"]), at=at)
    assert set(found(recall)) == {first.tag}

    recalls.amend(
        recall,
        criteria=[NewCriterion(range="serials", serials=["PF2BCDEF"])],
        why="the maker named more",
        by=cast.henrik,
        at=at,
    )
    with pytest.raises(UnableToRecall, match="Another version is drafted"):
        recalls.amend(recall, criteria=[NewCriterion(range="lot", text="L1")], why="more", by=cast.maria, at=at)
    assert set(found(recall)) == {first.tag}
    recalls.open_version(recall, by=cast.maria, at=at + timedelta(hours=1))
    make.drain(at + timedelta(hours=1))

    assert set(found(recall)) == {first.tag, second.tag}
    assert dict(RecallUnit.objects.values_list("device__tag", "version")) == {first.tag: 1, second.tag: 2}


def test_only_a_running_recall_is_widened_and_only_a_draft_is_dropped(cast: Cast, at: datetime) -> None:
    recall = recalls.draft(make.new(), by=cast.henrik, at=at)
    with pytest.raises(UnableToRecall, match="is draft"):
        recalls.amend(recall, criteria=[NewCriterion(range="lot", text="L1")], why="more", by=cast.henrik, at=at)

    recalls.drop(recall, reason="the maker took it back", by=cast.henrik, at=at)

    with pytest.raises(UnableToRecall, match="is dropped"):
        recalls.drop(recall, reason="again", by=cast.henrik, at=at)


# Finding ----------------------------------------------------------------------------------------------------------------------------


def test_a_model_finds_what_is_here_what_was_sold_and_what_is_in_an_open_return(cast: Cast, at: datetime) -> None:
    product = make.model()
    make.variant()
    here = devices.laptop(cast, serial="PF2BCDEF", product=product)
    other = devices.laptop(cast, serial="XX9OTHER", product=make.model("ThinkPad X1"))
    terms.order(cast, "PS-1001", terms.laptop_line(serials=("PF1ABCDE",)), at=at)
    terms.order(cast, "PS-1002", terms.laptop_line(serials=(), quantity=3), at=at)

    recall = make.opened(cast, NewCriterion(range="model", product=product), at=at)

    assert found(recall) == {
        here.tag: ("model", "stock"),
        "PF1ABCDE": ("model", "sold"),
        "PS-1002": ("model", "sold"),
    }
    assert other.tag not in found(recall)
    assert RecallUnit.objects.get(order_line__order__number="PS-1002").quantity == 3


def test_a_sold_unit_of_ours_is_found_once_with_its_buyer(cast: Cast, at: datetime) -> None:
    make.variant()
    unit = devices.sold(devices.for_sale(cast, serial="PF1ABCDE", product=make.model()))
    order = terms.order(cast, "PS-1001", terms.laptop_line(serials=("pf1 abcde",)), at=at)

    recall = make.opened(cast, at=at)

    row = RecallUnit.objects.get(recall=recall)
    assert (row.device, row.place, row.order_line, row.contact) == (unit, "sold", order.lines.get(), order.contact)


def test_a_range_of_serial_numbers_holds_its_ends_and_no_other_length(cast: Cast, at: datetime) -> None:
    tags = {
        serial: devices.laptop(cast, serial=serial).tag for serial in ("AB100", "AB150", "AB199", "AB200", "AB1500")
    }
    terms.order(cast, "PS-1001", terms.laptop_line(serials=("ab 120", "AB300"), quantity=2), at=at)

    recall = make.opened(cast, NewCriterion(range="between", first="ab100", last="AB199", maker="Lenovo"), at=at)

    assert set(found(recall)) == {tags["AB100"], tags["AB150"], tags["AB199"], "ab 120"}


def test_a_lot_and_days_of_production_leave_out_only_what_is_known_to_be_another(cast: Cast, at: datetime) -> None:
    inside = devices.laptop(cast, serial="PF1ABCDE", lot="L-07", made_on=date(2026, 3, 4))
    unknown = devices.laptop(cast, serial="PF2BCDEF", lot="l-07")
    devices.laptop(cast, serial="PF3CDEFG", lot="L-07", made_on=date(2026, 5, 4))
    devices.laptop(cast, serial="PF4DEFGH", lot="L-08", made_on=date(2026, 3, 4))

    criterion = NewCriterion(range="lot", text="L-07", made_from=date(2026, 3, 1), made_until=date(2026, 3, 31))
    recall = make.opened(cast, criterion, at=at)

    assert set(found(recall)) == {inside.tag, unknown.tag}


def test_a_drive_is_found_by_its_model_or_its_serial_in_the_unit_that_holds_it(cast: Cast, at: datetime) -> None:
    unit = devices.triaged(cast, serial="PF1ABCDE", drive="S4X1NB0K")
    other = devices.triaged(cast, serial="PF2BCDEF", drive="S4X1NB0L")

    by_serial = make.opened(cast, NewCriterion(range="part_serial", text="s4x1nb0k"), at=at)
    by_model = make.opened(cast, NewCriterion(range="part", text="samsung pm981"), at=at)

    assert found(by_serial) == {unit.tag: ("part_serial", "stock")}
    assert set(found(by_model)) == {unit.tag, other.tag}


def with_battery(cast: Cast, serial: str, *, at: datetime) -> Device:
    """A laptop that got a battery from the stock of parts."""
    order = refurb.at_bench(cast, refurb.to_refurbish(cast, serial=serial, drive=f"D{serial}", at=at), at=at)
    part = parts.Part.objects.get(number="BAT-T480")
    parts.put_in_now(order=order, part=part, by=cast.jakob, at=at)
    return order.device


def test_a_part_is_found_by_its_number_in_every_unit_it_was_put_into(cast: Cast, at: datetime) -> None:
    refurb.battery(cast)
    unit = with_battery(cast, "PF1ABCDE", at=at)
    devices.laptop(cast, serial="PF2BCDEF")

    recall = make.opened(cast, NewCriterion(range="part", text="bat-t480"), at=at)

    assert found(recall) == {unit.tag: ("part", "repair")}
    assert RecallUnit.objects.get().through == "BAT-T480"


def test_a_lot_of_parts_is_in_whatever_took_one_before_the_stock_was_empty(cast: Cast, at: datetime) -> None:
    def bought(lot: str, quantity: int) -> None:
        parts.stock(
            hub=cast.rotterdam, number="BAT-T480", name="Battery T480", quantity=quantity, cost=refurb.Decimal("24.50"),
            lot=lot, by=cast.henrik, at=at,
        )  # fmt: skip

    bought("L-06", 1)
    before = with_battery(cast, "PF1ABCDE", at=at)
    bought("L-07", 2)
    first = with_battery(cast, "PF2BCDEF", at=at)
    second = with_battery(cast, "PF3CDEFG", at=at)
    bought("L-08", 1)
    after = with_battery(cast, "PF4DEFGH", at=at)

    recall = make.opened(cast, NewCriterion(range="part_lot", text="l-07"), at=at)

    assert set(found(recall)) == {first.tag, second.tag}
    assert {before.tag, after.tag}.isdisjoint(found(recall))


def harvested(cast: Cast, *, at: datetime) -> tuple[Device, Device]:
    """A unit taken apart: its screen goes on as a unit, its battery into the stock of parts."""
    unit = refurb.to_harvest(cast, serial="PF9PARENT", at=at)
    order = orders.open_order(unit=unit, by=cast.jakob, at=at)
    screen = harvest.take_part(
        order=order,
        taken=Taken(number="LCD-T480", name="Screen", tracked=True, serial="SCR12345", grams=300),
        by=cast.jakob,
        at=at,
    )
    harvest.take_part(order=order, taken=Taken(number="BAT-T480", name="Battery T480", grams=300), by=cast.jakob, at=at)
    assert screen.became is not None
    return unit, screen.became


def test_genealogy_is_followed_from_a_unit_to_its_parts_and_on_into_other_units(cast: Cast, at: datetime) -> None:
    unit, screen = harvested(cast, at=at)
    order = refurb.at_bench(cast, refurb.to_refurbish(cast, serial="PF2BCDEF", drive="D2", at=at), at=at)
    part = parts.Part.objects.get(number="BAT-T480", condition="harvested")
    parts.put_in_now(order=order, part=part, by=cast.jakob, at=at)

    only_it = make.opened(cast, NewCriterion(range="serials", serials=["PF9PARENT"]), at=at)
    with_parts = make.opened(cast, NewCriterion(range="serials", serials=["PF9PARENT"], with_parts=True), at=at)
    its_parts = make.opened(cast, NewCriterion(range="taken_from", parent=unit), at=at)

    assert set(found(only_it)) == {unit.tag}
    assert found(with_parts) == {
        unit.tag: ("serials", "stock"),
        screen.tag: ("part_out", "stock"),
        order.device.tag: ("part_in", "repair"),
    }
    assert set(found(its_parts)) == {screen.tag, order.device.tag}
    assert RecallUnit.objects.get(recall=with_parts, device=order.device).through == f"{unit.tag} BAT-T480"


def test_searching_again_finds_nothing_twice(cast: Cast, at: datetime) -> None:
    devices.laptop(cast, serial="PF1ABCDE", product=make.model())
    terms.order(cast, "PS-1", terms.laptop_line(serials=("PF7GHJKL",), quantity=2), at=at)
    make.variant()
    recall = make.opened(cast, at=at)
    before = (RecallUnit.objects.count(), Hold.objects.count(), Entry.objects.exclude(chain_id=recall.pk).count())

    recall_units.sweep(recall, at=at + timedelta(hours=1))

    assert (
        RecallUnit.objects.count(),
        Hold.objects.count(),
        Entry.objects.exclude(chain_id=recall.pk).count(),
    ) == before
    roots = {entry.payload["root"] for entry in Entry.objects.filter(kind="returns.recall_swept")}
    assert len(roots) == 1


def test_the_search_goes_by_indexes_and_never_reads_all_units(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast, serial="PF1ABCDE")
    criteria = [
        NewCriterion(range="model", product=make.model(), with_parts=True),
        NewCriterion(range="variant", variant=make.variant()),
        NewCriterion(range="lot", text="L-07"),
        NewCriterion(range="serials", serials=["PF1ABCDE"]),
        NewCriterion(range="between", first="PF1ABCDA", last="PF1ABCDF"),
        NewCriterion(range="part", text="BAT-T480"),
        NewCriterion(range="part_serial", text="S4X1NB0K"),
        NewCriterion(range="part_lot", text="L-07"),
        NewCriterion(range="taken_from", parent=unit),
    ]
    recall = make.opened(cast, *criteria, at=at, search=False)
    inside = recall_units.in_force(recall=recall)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for asked in (
            recall_range.devices(inside),
            recall_range.devices(inside, only=[unit.pk]),
            recall_range.sold(inside),
        ):
            assert asked is not None
            cursor.execute("EXPLAIN " + asked.sql, asked.params)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            for table in ("devices_device", "devices_identifier", "custody_entry", "devices_medium", "terms_orderline"):
                assert f"Seq Scan on {table}" not in plan, plan


def test_serial_numbers_of_orders_are_kept_in_one_form_whoever_writes_them(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-1", terms.laptop_line(serials=("pf1 abcde",), quantity=2), at=at)
    line = order.lines.get()
    assert list(SoldSerial.objects.values_list("normal_form", "printed")) == [("PF1ABCDE", "pf1 abcde")]

    line.serials = ["pf1 abcde", "PF2BCDEF"]
    line.save()
    assert set(SoldSerial.objects.values_list("normal_form", flat=True)) == {"PF1ABCDE", "PF2BCDEF"}
    type(line).objects.filter(pk=line.pk).update(serials=["PF2BCDEF"], quantity=1)
    assert set(SoldSerial.objects.values_list("normal_form", flat=True)) == {"PF2BCDEF"}


def test_a_scrapped_disposition_is_no_place_to_hide(cast: Cast, at: datetime) -> None:
    unit = devices.decided(devices.cleared(devices.triaged(cast)), Disposition.RECYCLE, grade="D")

    recall = make.opened(cast, NewCriterion(range="serials", serials=["PF1ABCDE"]), at=at)

    assert found(recall) == {unit.tag: ("serials", "stock")}


def test_parts_on_the_shelf_are_named_as_long_as_some_of_the_lot_may_lie_there(cast: Cast, at: datetime) -> None:
    parts.stock(
        hub=cast.rotterdam, number="BAT-T480", name="Battery T480", quantity=2, cost=refurb.Decimal("24.50"), lot="L-07",
        by=cast.henrik, at=at,
    )  # fmt: skip
    by_lot = make.opened(cast, NewCriterion(range="part_lot", text="L-07"), at=at)
    by_number = make.opened(cast, NewCriterion(range="part", text="bat-t480"), at=at)
    other = make.opened(cast, NewCriterion(range="part", text="LCD-T480"), at=at)

    assert [(one.number, one.on_hand) for one in queries_recalls.piles(by_lot)] == [("BAT-T480", 2)]
    assert [(one.number, one.on_hand) for one in queries_recalls.piles(by_number)] == [("BAT-T480", 2)]
    assert queries_recalls.piles(other) == []

    parts.count(part=parts.Part.objects.get(), counted=0, reason="taken off the shelf", by=cast.aisha, at=at)
    assert queries_recalls.piles(by_lot) == []
