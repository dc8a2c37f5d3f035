"""Sums to the cent: the worked check, what each line adds, and gates that no sum gets past."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revlog.devices.journey import Disposition
from revlog.terms import ruling
from revlog.terms.ruling import Ruling
from triage import economics, paths
from triage.defects import DEFECTS
from triage.economics import Line, Option, Outcome
from triage.figures import KIND, SHIPPED, Figures, defaults, figures_of
from triage.gates import LOT
from triage.paths import Case, Fault
from triage.ranking import path_of, plain_paths, reckoned

LAPTOP = Case(
    device_class="laptop",
    grade="B",
    grams=1700,
    authority=True,
    price_new=Decimal(900),
    price_a=Decimal(400),
    uncleared=1,
)
WORN = replace(
    LAPTOP, grade="C", target="A", mendable=(Fault(code="battery_worn"),), faults=(Fault(code="battery_worn"),)
)


def reasons(disposition: Disposition, case: Case) -> list[str]:
    return [reason.code for reason in paths.against(disposition, case, SHIPPED)]


def net(path: str, case: Case) -> Decimal:
    return path_of(path, case, SHIPPED).result.net


ALL = (*Disposition, LOT)


def test_the_worked_check_comes_out_to_the_cent() -> None:
    option = Option(
        path="REFURBISH",
        outcomes=[Outcome(grade="B", probability=Decimal("0.92"), price=Decimal(220))],
        days=28,
        decay=Decimal("0.03"),
        fee=Decimal("0.12"),
        costs=[Line(what="repair", amount=Decimal(-38)), Line(what="handling", amount=Decimal(-14))],
    )

    found = economics.reckon(option, currency="EUR")

    assert found.net == Decimal("121.12")
    assert [(line.what, str(line.amount)) for line in found.lines] == [
        ("grade_B", "173.12"), ("repair", "-38.00"), ("handling", "-14.00"),
    ]  # fmt: skip
    assert found.lines[0].how == "0.92 × 220 × 0.97^(28/30) × 0.88"


def test_holding_warranty_and_failure_are_lines_of_their_own() -> None:
    option = Option(
        path="RESELL", outcomes=[Outcome(grade="A", probability=Decimal(1), price=Decimal(300))], days=30,
        value=Decimal(300), holding=Decimal("0.12"), warranty_rate=Decimal("0.05"), warranty_cost=Decimal(25),
        fail_probability=Decimal("0.1"), fail_cost=Decimal(20),
    )  # fmt: skip

    lines = {line.what: line.amount for line in economics.reckon(option, currency="EUR").lines}

    assert lines == {
        "grade_A": Decimal("300.00"),
        "holding": Decimal("-2.96"),
        "warranty": Decimal("-1.25"),
        "failure": Decimal("-2.00"),
    }


@given(
    price=st.decimals(min_value=0, max_value=5000, places=2),
    grams=st.integers(min_value=0, max_value=60_000),
    grade=st.sampled_from(["NEW", "A", "B", "C", "D", "U", "NA"]),
    kind=st.sampled_from(sorted(defaults.BODY["list_price"])),
    uncleared=st.integers(min_value=0, max_value=4),
)
def test_what_is_shown_adds_up_for_every_path(
    price: Decimal, grams: int, grade: str, kind: str, uncleared: int
) -> None:
    case = replace(
        WORN, device_class=kind, price_a=price, price_new=price, grams=grams, grade=grade, uncleared=uncleared
    )
    for path in ALL:
        for option in paths.options(path, case, SHIPPED):
            found = economics.reckon(option, currency="EUR")
            assert found.net == sum((line.amount for line in found.lines), Decimal(0))
            assert not option.outcomes or sum(each.probability for each in option.outcomes) == 1


def test_a_worn_battery_is_worth_changing_in_a_good_laptop_and_not_in_a_poor_one() -> None:
    poor = replace(WORN, price_a=Decimal(60))

    assert net(Disposition.REFURBISH, WORN) > net(Disposition.RESELL, WORN)
    assert net(Disposition.REFURBISH, poor) < net(Disposition.RESELL, poor)


def test_counted_goods_are_reckoned_by_the_piece() -> None:
    cables = Case(
        device_class="accessory",
        tracking="counted",
        quantity=400,
        authority=True,
        price_new=Decimal(5),
        price_a=Decimal(4),
    )

    assert net(Disposition.RESTOCK, cables) > 1500
    assert "not_single" in reasons(Disposition.REFURBISH, cables)
    assert reasons(Disposition.RESTOCK, cables) == []


# Gates --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disposition", list(Disposition))
def test_nothing_goes_anywhere_while_it_is_held(disposition: Disposition) -> None:
    assert "on_hold" in reasons(disposition, replace(LAPTOP, holds=("legal",)))


@pytest.mark.parametrize("disposition", list(Disposition))
def test_without_leave_it_goes_back_to_its_owner_or_stays(disposition: Disposition) -> None:
    back = disposition in {Disposition.RETURN_TO_OWNER, Disposition.REPAIR_AND_RETURN}

    assert ("no_authority" in reasons(disposition, replace(LAPTOP, authority=False))) is not back


@pytest.mark.parametrize("disposition", list(Disposition))
def test_what_can_not_be_wiped_is_destroyed_or_goes_home(disposition: Disposition) -> None:
    allowed = {Disposition.DESTROY, Disposition.RETURN_TO_OWNER, Disposition.REPAIR_AND_RETURN}

    assert ("data_stays" in reasons(disposition, replace(LAPTOP, clearable=False))) is (disposition not in allowed)


@pytest.mark.parametrize("lock", ["locked", "firmware_password", "reported_stolen"])
def test_what_is_locked_is_never_used_again(lock: str) -> None:
    case = replace(LAPTOP, faults=(Fault(code=lock),))
    reuse = {Disposition.RESTOCK, Disposition.RESELL, Disposition.REFURBISH, Disposition.DONATE, Disposition.DEPLOY}

    assert all("locked" in reasons(disposition, case) for disposition in reuse)
    assert reasons(Disposition.HARVEST, case) == []
    assert reasons(Disposition.RECYCLE, case) == []


@pytest.mark.parametrize("danger", sorted(code for code, defect in DEFECTS.items() if defect.axis == "hazard"))
def test_hazardous_goods_go_to_recycling_or_destruction_alone(danger: str) -> None:
    case = replace(WORN, faults=(*WORN.faults, Fault(code=danger)))
    open_ones = {disposition for disposition in Disposition if "hazard" not in reasons(disposition, case)}

    assert open_ones == {Disposition.RECYCLE, Disposition.DESTROY, Disposition.RETURN_TO_VENDOR}
    assert any(line.what == "hazard" for line in path_of(Disposition.RECYCLE, case, SHIPPED).result.lines)


def test_only_like_new_goods_are_restocked_and_only_graded_ones_sold() -> None:
    assert reasons(Disposition.RESTOCK, LAPTOP) == ["not_as_new"]
    assert reasons(Disposition.RESTOCK, replace(LAPTOP, grade="NEW")) == []
    assert reasons(Disposition.RESELL, replace(LAPTOP, grade="U")) == ["not_graded"]
    assert reasons(Disposition.RESELL, replace(LAPTOP, grade="NA")) == ["not_graded"]


def test_the_bench_gets_only_what_it_can_lift() -> None:
    assert reasons(Disposition.REFURBISH, LAPTOP) == ["nothing_to_mend"]
    assert reasons(Disposition.REFURBISH, WORN) == []
    assert reasons(Disposition.REFURBISH, replace(WORN, target="C")) == ["nothing_to_mend"]


def test_every_fault_that_grades_function_or_storage_has_a_repair_or_none_on_purpose() -> None:
    without = {
        code
        for code, d in DEFECTS.items()
        if d.axis in {"function", "battery", "storage"} and not SHIPPED.repair(code, "laptop")
    }

    assert without == set()


@given(
    price=st.decimals(min_value=0, max_value=5000, places=2),
    more=st.decimals(min_value=0, max_value=5000, places=2),
    grade=st.sampled_from(["NEW", "A", "B", "C", "D"]),
    kind=st.sampled_from(sorted(defaults.BODY["list_price"])),
    booked=st.booleans(),
)
def test_a_better_price_never_lowers_a_path(
    price: Decimal, more: Decimal, grade: str, kind: str, *, booked: bool
) -> None:
    def case(amount: Decimal) -> Case:
        book = dict.fromkeys(("NEW", "A", "B", "C", "D"), amount) if booked else {}
        return replace(WORN, device_class=kind, grade=grade, price_a=amount, price_new=amount, prices=book)

    for path in ALL:
        assert net(path, case(price + more)) >= net(path, case(price)) - Decimal("0.05")


@given(
    holds=st.sets(st.sampled_from(["legal", "safety", "fraud"])),
    faults=st.sets(st.sampled_from(sorted(DEFECTS)), max_size=4),
    grade=st.sampled_from(["NEW", "A", "B", "C", "D", "U", "NA"]),
    authority=st.booleans(),
    clearable=st.booleans(),
    asked=st.sampled_from(["", "repair", "return"]),
    price=st.integers(min_value=0, max_value=9000),
)
def test_no_path_that_anything_stands_against_is_ever_proposed(
    *, holds: set[str], faults: set[str], grade: str, authority: bool, clearable: bool, asked: str, price: int
) -> None:
    found = tuple(Fault(code=code) for code in sorted(faults))
    case = replace(
        LAPTOP, holds=tuple(sorted(holds)), faults=found, mendable=found, target="A", grade=grade, authority=authority,
        clearable=clearable, asked=asked, price_a=Decimal(price),
    )  # fmt: skip
    worth = reckoned(case, SHIPPED, price_from="assumption")

    assert worth.chosen is None or paths.against(worth.chosen.code, case, SHIPPED) == []
    assert plain_paths(worth) == plain_paths(reckoned(case, SHIPPED, price_from="assumption"))


def test_a_price_on_carbon_speaks_for_a_second_life_and_for_nothing_else() -> None:
    priced = figures_of(Ruling(KIND, 2, {"parameters": {"carbon_per_tonne": "100"}}))
    case = replace(LAPTOP, grade="B")

    def lines(path: str, known: Figures = priced) -> list[Line]:
        return [line for line in path_of(path, case, known).result.lines if line.what == "carbon"]

    (found,) = lines(Disposition.RESELL)
    assert (found.amount, found.how) == (Decimal("7.50"), "250 kg × 0.5 × 0.6 × 100/t")
    assert lines(Disposition.RECYCLE) == lines(Disposition.HARVEST) == []
    assert priced.version == "economics/2"
    assert lines(Disposition.RESELL, SHIPPED) == []
    aside = path_of(Disposition.RESELL, case, SHIPPED).aside
    assert [(line.what, line.amount) for line in aside] == [("carbon_kg", Decimal("75.0"))]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"fee": {"RESELL": "1.2"}}, "body.parameters.fee.RESELL"),
        ({"labor_per_hour": "-3"}, "body.parameters.labor_per_hour"),
        ({"repairs": {"fan": ["20"]}}, "body.parameters.repairs.fan"),
        ({"days": "3"}, "body.parameters.days"),
        ({"currency": "euro"}, "body.parameters.currency"),
        ({"luck": "7"}, "body.parameters.luck"),
    ],
)
def test_figures_of_another_shape_are_refused_with_their_place(given: dict[str, object], where: str) -> None:
    found = ruling.problems({"parameters": given}, ruling.kind(KIND))
    assert [reason.field for reason in found] == [where]
