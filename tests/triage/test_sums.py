"""The sums of every path: ways of selling, repairs, contracts, supervised work, and that old decisions come out again to the letter."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revlog.common import words
from revlog.devices.journey import Disposition
from revlog.terms import ruling
from revlog.terms.ruling import Ruling
from triage import cases, paths, ranking, sop, supervised
from triage.cases import Case, Contract, Fault, Mend, Quote, Supply
from triage.defects import DEFECTS
from triage.figures import KIND, SHIPPED, Figures, figures_of
from triage.gates import LOT, REUSE
from triage.ranking import Worth, path_of, plain_paths, reckoned
from triage.services import planning
from triage.services.worth import again_from

LAPTOP = Case(
    device_class="laptop", grade="B", grams=1700, authority=True, price_new=Decimal(900), price_a=Decimal(400), uncleared=1,
    media=("ssd",),
)  # fmt: skip
BATTERY, SCRATCH, DEAD = Fault(code="battery_worn"), Fault(code="scratch"), Fault(code="no_power", severity="critical")
WORN = replace(
    LAPTOP, grade="C", target="A", mendable=(BATTERY, SCRATCH), faults=(BATTERY, SCRATCH),
    mends=(Mend(target="A", faults=(BATTERY, SCRATCH)), Mend(target="B", faults=(BATTERY,))),
)  # fmt: skip
STUCK = replace(
    LAPTOP, device_class="phone", grade="D", faults=(DEAD,), clearable=False, soldered=True, media=("ufs",), grams=190
)


def worth(case: Case, known: Figures = SHIPPED) -> Worth:
    return reckoned(case, known, price_from="assumption")


def shut(path: str, case: Case) -> set[str]:
    return {reason.code for reason in path_of(path, case, SHIPPED).against}


def told(*rules: dict[str, Any]) -> Ruling:
    return Ruling(sop.KIND, 3, {"mode": "collect", "rules": list(rules)})


def under(case: Case, *rules: dict[str, Any]) -> Case:
    return sop.with_contract(case, told(*rules), SHIPPED)


# Again --------------------------------------------------------------------------------------------------------------------------------


def test_valuations_of_the_first_shape_come_out_again_byte_for_byte() -> None:
    kept = json.loads((Path(__file__).parent / "samples" / "valuations_of_the_first_shape.json").read_text())
    known = Figures(**kept["figures"])
    for one in kept["valuations"]:
        found = again_from(one["inputs"], known)
        assert json.dumps(found, ensure_ascii=False) == json.dumps(one["paths"], ensure_ascii=False)
        assert not one["best"] or found[0]["path"] == one["best"]


def test_a_case_is_kept_as_plain_data_and_reckoned_again_from_it_to_the_letter() -> None:
    full = replace(
        WORN,
        quotes={"": {"A": Quote(amount=Decimal("410.00"), low=Decimal(350), high=Decimal(480), basis="imported")}},
        supplies={"battery": Supply(available=2, cost=Decimal("31.50")), "display": Supply(short=True)},
        contract=Contract(
            version="sop/3", forbidden={"DONATE": "No gifts."}, prefer=("REFURBISH",), prefer_why="Reuse."
        ),
    )
    inputs = cases.plain(full) | {"price_from": "price_book", "shape": cases.SHAPE}
    stored = json.loads(json.dumps(inputs, sort_keys=True))
    figures = Figures(version=SHIPPED.version, body=json.loads(json.dumps(SHIPPED.body, sort_keys=True)))

    assert cases.case_from({k: v for k, v in stored.items() if k not in {"price_from", "shape"}}) == full
    assert json.dumps(again_from(stored, figures)) == json.dumps(plain_paths(worth(full)))
    with pytest.raises(LookupError, match="shape 9"):
        again_from(stored | {"shape": 9}, figures)


# Ways of selling ----------------------------------------------------------------------------------------------------------------------


def test_the_best_channel_is_chosen_and_the_others_are_shown_beneath() -> None:
    sale = path_of(Disposition.RESELL, LAPTOP, SHIPPED)

    ways = [(sale.channel, sale.result.net), *((way.channel, way.result.net) for way in sale.others)]
    assert {channel for channel, _net in ways} == {"own_shop", "marketplace", "business"}
    assert [net for _channel, net in ways] == sorted((net for _channel, net in ways), reverse=True)
    poor = path_of(Disposition.RESELL, replace(LAPTOP, grade="D"), SHIPPED)
    assert poor.channel == "business"
    assert {way.channel: [reason.sentence for reason in way.against] for way in poor.others} == {
        "marketplace": ["marketplace takes it from C, visible wear up"],
        "own_shop": ["own shop takes it from B, light wear up"],
    }


def test_a_channel_s_own_price_goes_before_the_one_for_all_and_a_band_makes_a_band() -> None:
    book = {
        "": {"B": Quote(amount=Decimal(300), low=Decimal(250), high=Decimal(360))},
        "marketplace": {"B": Quote(amount=Decimal(500))},
    }
    sale = path_of(Disposition.RESELL, replace(LAPTOP, quotes=book), SHIPPED)
    assert (sale.channel, sale.result.low) == ("marketplace", None)

    lot = path_of(LOT, replace(LAPTOP, quotes=book), SHIPPED)
    assert lot.result.low is not None and lot.result.high is not None
    assert lot.result.low < lot.result.net < lot.result.high
    assert lot.days < sale.days


def test_a_lot_is_best_for_what_is_hardly_worth_listing() -> None:
    cheap = worth(replace(LAPTOP, price_a=Decimal(12), uncleared=0))
    assert cheap.chosen is not None
    assert (cheap.chosen.code, cheap.chosen.disposition) == (LOT, Disposition.RESELL)


# Repairs ------------------------------------------------------------------------------------------------------------------------------


def test_each_better_grade_is_offered_with_its_cheapest_repair_and_what_it_brings() -> None:
    nearest, best = worth(WORN).steps

    assert (nearest.target, nearest.faults, nearest.minutes) == ("B", ("battery_worn",), 12)
    assert (best.target, best.faults, best.minutes) == ("A", ("battery_worn", "scratch"), 27)
    assert nearest.cost < best.cost
    found = worth(WORN)
    as_is = max(path.result.net for path in found.paths if path.code in {"RESELL", LOT})
    refurbish = next(path for path in found.paths if path.code == "REFURBISH")
    assert max(step.gain for step in found.steps if step.gain is not None) == refurbish.result.net - as_is


def test_work_is_told_by_skill_and_a_part_on_hand_costs_what_it_stands_in_the_books() -> None:
    dead = replace(WORN, mendable=(BATTERY, DEAD), mends=(Mend(target="A", faults=(BATTERY, DEAD)),))
    stocked = replace(dead, supplies={"battery": Supply(available=1, cost=Decimal("21.50"))})
    there, bought = path_of("REFURBISH", stocked, SHIPPED), path_of("REFURBISH", dead, SHIPPED)

    assert there.minutes == {"bench": 12, "board": 60}
    lines = {line.what: (str(line.amount), line.how, line.note) for line in there.result.lines}
    assert lines["labor_board"] == ("-52.00", "60 min × 52/h", "")
    assert lines["battery_worn"] == ("-21.50", "", "on_hand")
    assert lines["no_power"] == ("-30.00", "", "to_buy")
    assert [(need.part, need.on_hand) for need in there.needs] == [("battery", True), ("", False)]
    assert {line.what: line.note for line in bought.result.lines}["battery_worn"] == "to_buy"
    quick = replace(WORN, mends=(Mend(target="B", faults=(BATTERY,)),))
    on_hand = replace(quick, supplies={"battery": Supply(available=1, cost=Decimal(38))})
    assert path_of("REFURBISH", on_hand, SHIPPED).days == path_of("REFURBISH", quick, SHIPPED).days - 5


def test_faults_that_one_part_mends_take_it_once_with_the_longest_work_of_them() -> None:
    screen = tuple(
        Fault(code=code) for code in ("touch", "display", "pixels", "battery_worn", "drive_failing", "drive_dead")
    )
    repairs = {"touch": ["40", "70"], "display": ["32", "85"], "pixels": ["20", "90"]}
    known = figures_of(Ruling(KIND, 2, {"parameters": {"repairs": {**SHIPPED.body["repairs"], **repairs}}}))
    case = replace(WORN, faults=screen, mendable=screen, mends=(Mend(target="A", faults=screen),), uncleared=2)
    found = path_of("REFURBISH", replace(case, contract=Contract(drives="destroy")), known)

    lines = {line.what: line.amount for line in found.result.lines}
    assert found.minutes == {"bench": 40 + 12 + 5}
    assert [need.fault for need in found.needs] == ["pixels", "battery_worn", "drive_failing"]
    assert (lines["pixels"], "display" in lines, lines["new_drive"]) == (Decimal(-90), False, Decimal(-32))
    uses = planning.uses_of(found)
    assert [uses[f"part:{kind}"] for kind in ("display", "battery", "storage")] == [1, 1, 1]
    assert planning.by_kind({"part:touch": 3, "part:display": 2, "part:scratch": 1, "minutes": 9}) == {
        "part:display": 2, "part:scratch": 1, "minutes": 9,
    }  # fmt: skip
    assert all(words.known(f"part.{kind}") for kind in paths.PART_KINDS)


def test_harvest_lists_its_parts_without_broken_ones_and_more_for_what_is_short() -> None:
    short = replace(WORN, supplies={"memory": Supply(short=True)})
    parts = {line.what: line for line in path_of("HARVEST", short, SHIPPED).aside if line.what.startswith("part.")}

    assert set(parts) == {"part.display", "part.memory", "part.keyboard", "part.storage"}
    assert (parts["part.memory"].amount, parts["part.memory"].note) == (Decimal("24.20"), "short")


def test_a_gift_brings_nothing_and_tells_what_its_receipt_is_worth() -> None:
    gift = path_of("DONATE", LAPTOP, SHIPPED)
    assert all(line.amount < 0 for line in gift.result.lines)
    assert {line.what for line in gift.aside} == {"receipt", "carbon_kg"}


# Contracts and the hierarchy ------------------------------------------------------------------------------------------------------------

DRIVES = {
    "id": "drives",
    "when": {"fact": "has_data", "value": True},
    "then": {"drives": "destroy"},
    "why": "4.2: Drives are destroyed.",
}
ABOVE = {
    "id": "dear",
    "when": {"fact": "value", "op": ">", "value": "200"},
    "then": {"only": ["RETURN_TO_OWNER"]},
    "why": "7: Above 200 it goes back.",
}
NO_SALE = {"id": "no_sale", "then": {"forbid": ["SALE"]}, "why": "3: Nothing is sold."}
SHOPS = {"id": "shops", "then": {"forbid_channels": ["marketplace", "own_shop"]}, "why": "5: Not to the public."}
LEAST = {"id": "least", "then": {"least_grade": "B"}, "why": "6: Used again from B."}
FIRST = {"id": "first", "then": {"prefer": ["DEPLOY", "DONATE"], "weigh": ["DEPLOY"]}, "why": "2: Redeploy first."}


def test_a_contract_shuts_paths_with_its_own_sentence() -> None:
    case = under(replace(WORN, ours=False), NO_SALE)

    assert all("contract" in shut(path, case) for path in ("RESELL", LOT, "REFURBISH"))
    (reason,) = [one for one in path_of("RESELL", case, SHIPPED).against if one.code == "contract"]
    assert reason.sentence == "its owner's contract forbids it: 3: Nothing is sold"
    assert case.contract.version == "sop/3"


def test_above_a_value_it_goes_back_to_its_owner_and_below_it_does_not() -> None:
    dear = worth(under(replace(LAPTOP, ours=False), ABOVE))
    cheap = worth(under(replace(LAPTOP, ours=False, price_a=Decimal(90)), ABOVE))

    assert dear.best is Disposition.RETURN_TO_OWNER
    assert cheap.best is not None
    assert cheap.best is not Disposition.RETURN_TO_OWNER


def test_where_drives_are_destroyed_the_sums_say_so_and_what_can_not_be_parted_from_its_drive_is_destroyed() -> None:
    lines = {line.what for line in path_of("RESELL", under(LAPTOP, DRIVES), SHIPPED).result.lines}
    assert {"data_destroy", "new_drive"} <= lines
    assert "data_wipe" not in lines
    # A drive that the bench changes anyway isn't bought twice.
    failing = (Fault(code="drive_failing"),)
    broken = replace(
        LAPTOP, grade="D", target="B", mendable=failing, faults=failing, mends=(Mend(target="B", faults=failing),)
    )
    for path in ("REFURBISH", "REFURBISH_AND_DONATE"):
        bought = [line.what for line in path_of(path, under(broken, DRIVES), SHIPPED).result.lines]
        assert ("drive_failing" in bought, "new_drive" in bought) == (True, False)
    loose = under(replace(LAPTOP, device_class="storage"), DRIVES)
    assert worth(loose).best is Disposition.DESTROY
    assert "contract" in shut("RECYCLE", loose)


def test_a_contract_names_channels_a_least_grade_and_an_order() -> None:
    sale = path_of("RESELL", under(LAPTOP, SHOPS), SHIPPED)
    assert (sale.channel, sale.is_open) == ("business", True)
    assert "contract" in shut("RESELL", under(replace(LAPTOP, grade="C"), LEAST))
    assert shut("RESELL", under(LAPTOP, LEAST)) == set()
    mended = path_of("REFURBISH", under(WORN, LEAST), SHIPPED)
    assert mended.is_open
    # What is mended to be given away is used again in the grade that it is mended to.
    poor = replace(WORN, grade="D", target="C", mends=(Mend(target="C", faults=(BATTERY,)),))
    assert "contract" in shut("REFURBISH_AND_DONATE", under(poor, LEAST))
    assert "contract" not in shut("REFURBISH_AND_DONATE", under(WORN, LEAST))
    found = worth(under(replace(LAPTOP, ours=False), FIRST))
    assert (found.best, found.because) == (Disposition.DEPLOY, "contract")


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ({"id": "a", "then": {"forbid": ["SELL"]}, "why": "1"}, "body.rules[0].then.forbid"),
        ({"id": "a", "then": {"least_grade": "E"}, "why": "1"}, "body.rules[0].then.least_grade"),
        ({"id": "a", "then": {"least_grade": ["A"]}, "why": "1"}, "body.rules[0].then.least_grade"),
        ({"id": "a", "then": {"only": "RESELL"}, "why": "1"}, "body.rules[0].then.only"),
        ({"id": "a", "then": {"luck": ["x"]}, "why": "1"}, "body.rules[0].then.luck"),
        ({"id": "a", "then": {"forbid": ["RESELL"]}}, "body.rules[0].why"),
    ],
)
def test_instructions_of_another_shape_are_refused_with_their_place(rule: dict[str, object], where: str) -> None:
    found = ruling.problems({"mode": "collect", "rules": [rule]}, ruling.kind(sop.KIND))
    assert [reason.field for reason in found] == [where]


def test_of_paths_within_the_margin_the_one_that_uses_it_again_is_proposed() -> None:
    near = replace(LAPTOP, grade="D", price_a=Decimal(140), uncleared=0)
    money = worth(near, figures_of(Ruling(KIND, 2, {"parameters": {"reuse_margin": "0"}})))
    wide = worth(near, figures_of(Ruling(KIND, 2, {"parameters": {"reuse_margin": "500"}})))

    assert money.chosen is not None and wide.chosen is not None
    most = max(
        path.result.net for path in money.paths if path.is_open and path.code not in {"DEPLOY", "RETURN_TO_VENDOR"}
    )
    assert (money.chosen.result.net, money.because) == (most, "money")
    assert ranking.rung(wide.chosen.code) == 0
    assert wide.because == ("money" if wide.chosen.code == money.chosen.code else "reuse")


# What can't be driven -------------------------------------------------------------------------------------------------------------------


def test_a_unit_that_can_not_be_driven_is_destroyed_and_shows_what_supervised_work_would_bring() -> None:
    found = worth(STUCK)

    assert found.best is Disposition.DESTROY
    harvest, repair, remove = found.exceptions
    assert (harvest.kind, list(harvest.against)) == (supervised.HARVEST, [])
    assert {line.what for line in harvest.aside} == {"part.display", "part.camera", "part.housing", "part.battery"}
    assert "labor_data" in {line.what for line in harvest.result.lines}
    assert "another allows it" in harvest.needs
    assert list(repair.against) == []
    assert [reason.code for reason in remove.against] == ["soldered"]
    for each in found.exceptions:
        assert each.result.net == sum((line.amount for line in each.result.lines), Decimal(0))
    assert worth(LAPTOP).exceptions == ()
    assert "hazard" in {
        reason.code
        for each in worth(replace(STUCK, faults=(DEAD, Fault(code="liquid")))).exceptions
        for reason in each.against
    }


def test_an_open_contradiction_of_identity_shuts_what_can_not_be_undone() -> None:
    disputed = replace(LAPTOP, contradicts=("serial",))
    assert worth(disputed).chosen is None
    assert all("identity" in shut(path, disputed) for path in paths.COMPARED)
    assert "identity" not in shut(Disposition.RETURN_TO_OWNER, disputed)


# Properties -----------------------------------------------------------------------------------------------------------------------------

RULES = st.lists(
    st.sampled_from([DRIVES, ABOVE, NO_SALE, SHOPS, LEAST, FIRST]), max_size=4, unique_by=lambda rule: str(rule["id"])
)
CODES = st.lists(st.sampled_from(sorted(DEFECTS)), max_size=4, unique=True)


@given(rules=RULES, codes=CODES, grade=st.sampled_from(["NEW", "A", "B", "C", "D", "U"]), price=st.integers(0, 3000),
       ours=st.booleans(), clearable=st.booleans(), disputed=st.booleans())  # fmt: skip
def test_nothing_that_is_shut_is_proposed_whatever_the_contract_says_and_the_same_comes_out_twice(
    *,
    rules: list[dict[str, Any]],
    codes: list[str],
    grade: str,
    price: int,
    ours: bool,
    clearable: bool,
    disputed: bool,
) -> None:
    faults = tuple(Fault(code=code) for code in codes)
    case = under(
        replace(
            LAPTOP, grade=grade, faults=faults, mendable=faults, target="A", price_a=Decimal(price), ours=ours, clearable=clearable,
            contradicts=("serial",) if disputed else (),
        ),
        *rules,
    )  # fmt: skip
    found = worth(case)

    if found.chosen is not None:
        assert path_of(found.chosen.code, case, SHIPPED).against == ()
        assert found.chosen is found.paths[0]
        assert not disputed or found.chosen.code not in REUSE
        planned = planning._ours(found, {"channel:own_shop": 1, "minutes:bench": 60})
        assert all(path.is_open and path_of(path.code, case, SHIPPED).is_open for path in planned)
    assert json.dumps(plain_paths(found)) == json.dumps(plain_paths(worth(case)))


@given(codes=CODES, more=st.sampled_from(sorted(DEFECTS)), price=st.integers(0, 3000))
def test_one_defect_more_in_the_same_grade_never_raises_what_the_best_open_path_recovers(
    codes: list[str], more: str, price: int
) -> None:
    def most(found: list[str]) -> Decimal:
        faults = tuple(Fault(code=code) for code in found)
        mends = tuple(Fault(code=code) for code in found if SHIPPED.repair(code, "laptop"))
        case = replace(LAPTOP, grade="D", faults=faults, mendable=(BATTERY, *mends), target="B", price_a=Decimal(price))
        exact = figures_of(Ruling(KIND, 2, {"parameters": {"reuse_margin": "0"}}))
        chosen = worth(case, exact).chosen
        return chosen.result.net if chosen else Decimal("-Infinity")

    assert most(sorted({*codes, more})) <= most(codes)
