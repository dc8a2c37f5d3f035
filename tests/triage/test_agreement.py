"""Kappa by vectors that were reckoned elsewhere, the draw by its own numbers: pure, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest
from rest_framework.request import Request

from revlog.common.errors import BadInput
from revlog.terms.ruling import Ruling
from triage import agreement, sampling
from triage.api.agreement import days_of


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
        ([[10, 0], [0, 5]], 1.0),
    ],
)
def test_plain_kappa_is_that_of_the_text_books(table: list[list[int]], kappa: float) -> None:
    assert agreement.of_table(table).plain.value == pytest.approx(kappa, abs=5e-5)


def test_kappa_and_its_error_are_those_of_fleiss_for_the_psychologists() -> None:
    found = agreement.of_table([[75, 1, 4], [5, 4, 1], [0, 0, 10]])

    assert found.n == 100
    assert found.raw == pytest.approx(0.89)
    assert found.plain.value == pytest.approx(0.676, abs=5e-4)
    assert found.plain.error == pytest.approx(0.088, abs=5e-4)


def test_weighted_kappa_counts_a_step_as_a_third_of_a_miss_from_end_to_end() -> None:
    # By hand: of ten, six the same, three a step apart, one three steps; po = 1 - (3/3 + 1)/10.
    pairs = [("A", "A")] * 3 + [("B", "B")] * 2 + [("D", "D")] + [("A", "B")] * 2 + [("B", "C")] + [("A", "D")]
    found = agreement.of_pairs([*pairs, ("U", "A"), ("NA", "NA")])

    rows, columns = [6, 3, 0, 1], [3, 4, 1, 2]
    chance = 1 - sum(rows[i] * columns[j] * abs(i - j) for i in range(4) for j in range(4)) / 300
    assert (found.n, found.same) == (10, 6)
    assert found.weighted.value == pytest.approx((0.8 - chance) / (1 - chance))
    assert found.weighted.value is not None
    assert found.weighted.low is not None
    assert found.weighted.high is not None
    assert -1 <= found.weighted.low < found.weighted.value < found.weighted.high <= 1


def test_what_is_all_in_one_letter_has_no_kappa() -> None:
    assert agreement.of_pairs([("A", "A")] * 30).weighted.value is None
    # Nor has what one of them calls by a single letter: it would be nought, with 29 of 30 the same.
    assert agreement.of_pairs([*[("A", "A")] * 29, ("A", "B")]).plain.value is None
    assert agreement.of_pairs([]).raw is None
    assert (agreement.steps("A", "C"), agreement.steps("A", "U")) == (2, None)


def test_a_fall_is_told_from_chance_by_fishers_exact_test() -> None:
    # The lady tasting tea: three of four right, once the other way round.
    assert agreement.fell(same=1, n=4, same_before=3, n_before=4) == pytest.approx(17 / 70)
    assert agreement.fell(same=12, n=30, same_before=29, n_before=30) < 0.001
    assert agreement.fell(same=27, n=30, same_before=28, n_before=30) > 0.4


def test_the_draw_can_be_made_again_and_hits_the_share() -> None:
    day = date(2026, 11, 2)
    numbers = [sampling.number_of(unit, day, "digest") for unit in range(4000)]

    assert numbers == [sampling.number_of(unit, day, "digest") for unit in range(4000)]
    assert sampling.number_of(1, day, "digest") != sampling.number_of(1, day, "another")
    assert all(0 <= number < 1 for number in numbers)
    assert sum(number < Decimal("0.05") for number in numbers) == pytest.approx(200, abs=45)


def test_a_week_that_lacks_second_looks_draws_more() -> None:
    rules = sampling.sampling_of(
        Ruling(sampling.KIND, 1, {"parameters": {"share": {"phone": "0.10", "other": "0.05"}, "least_per_week": "3"}})
    )
    monday, friday = date(2026, 11, 2), date(2026, 11, 6)

    assert sampling.chance(rules, "phone", drawn=3, looks=40, usual=100, day=monday) == (Decimal("0.10"), "share")
    assert sampling.chance(rules, "phone", drawn=0, looks=0, usual=100, day=monday) == (Decimal("0.10"), "share")
    assert sampling.chance(rules, "laptop", drawn=1, looks=90, usual=100, day=friday) == (Decimal("0.1000"), "least")
    # Nobody knows how much a new inspector looks at: the first three are looked at twice.
    assert sampling.chance(rules, "laptop", drawn=0, looks=0, usual=0, day=monday) == (Decimal(1), "least")


def test_as_shipped_nothing_is_drawn_and_wrong_rules_are_told() -> None:
    assert not sampling.sampling_of(Ruling(sampling.KIND, 0, sampling.RULES.shipped)).is_on
    assert sampling.RULES.check is not None
    wrong = {"share": {"phone": "1.5"}, "hours": "0", "least_per_week": "2.5", "luck": "1"}
    assert {each.field for each in sampling.RULES.check({"parameters": wrong})} == {
        "body.parameters.share.phone",
        "body.parameters.hours",
        "body.parameters.least_per_week",
        "body.parameters.luck",
    }


@pytest.mark.parametrize("given", ["0", "3661", "000001999999", "000001" + "9" * 5000, "-1", "²", "a week"])
def test_a_window_that_no_calendar_has_is_refused(given: str) -> None:
    with pytest.raises(BadInput):
        days_of(cast("Request", SimpleNamespace(query_params={"days": given})), 28)
