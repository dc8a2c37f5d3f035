"""Prices are learned from any table of examples: better than a plain linear model, with a band that covers what it says."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from triage.pricing import scoring
from triage.pricing.scoring import Band
from triage.pricing.table import Kind, Table, UnusableTable, kind_of, number_of, read_csv, targets

GRADES = {"A": 1.0, "B": 0.85, "C": 0.7, "D": 0.4}


def sales(count: int, seed: int) -> Table:
    """Sales whose price bends with age, falls by grade and differs by model."""
    drawn = random.Random(seed)
    rows = []
    for number in range(count):
        model, new = drawn.choice([("Alpha", 900), ("Beta", 600), ("Gamma", 300)])
        grade, months = drawn.choice(sorted(GRADES)), drawn.randint(0, 60)
        price = new * GRADES[grade] * 0.97**months * drawn.lognormvariate(0, 0.1)
        told = "" if drawn.random() < 0.1 else str(drawn.randint(60, 100))
        rows.append([f"lot-{number}", f"{model} 128 GB", grade, str(months), told, f"{price:.2f}"])
    return Table(columns=("reference", "model", "grade", "months", "battery", "price"), rows=rows)


def write(path: Path, table: Table) -> Path:
    lines = [";".join(table.columns), *(";".join(row) for row in table.rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_bent_price_is_learned_better_than_by_a_plain_linear_model_and_the_band_holds(tmp_path: Path) -> None:
    out = StringIO()
    train, test = write(tmp_path / "a.csv", sales(320, 1)), write(tmp_path / "b.csv", sales(200, 2))
    call_command("evaluate_price_model", train=train, test=test, target="price", json=True, stdout=out)
    found = json.loads(out.getvalue())
    assert set(found) == {"r2", "mae", "baseline_r2", "baseline_mae", "coverage_80"}
    assert found["r2"] > found["baseline_r2"] + 0.02
    assert found["mae"] < 0.8 * found["baseline_mae"]
    assert 0.7 <= found["coverage_80"] <= 0.92


@pytest.fixture(scope="module")
def learned() -> Any:
    from triage.pricing import learning

    return learning.learn(sales(170, 3), "price")


def test_a_better_grade_sells_for_more_all_else_equal(learned: Any) -> None:
    asked = sales(40, 4).without("price")
    assert list(learned.effect(asked, "grade")) == ["A", "B", "C", "D"]


def test_columns_are_found_by_name_and_what_was_never_seen_is_said_to_be_strange(learned: Any) -> None:
    asked = sales(5, 5).without("price")
    turned = asked.arranged(tuple(reversed(asked.columns)))
    assert learned.predict(turned) == learned.predict(asked)
    strange = Table(columns=("model", "grade", "months", "battery"), rows=[["Omega 9", "Z", "600", ""]])
    assert learned.familiar(strange) == [0.0]
    assert min(learned.familiar(asked.without("battery"))) < 1 <= max(learned.familiar(asked))


def test_the_same_examples_give_the_same_figures() -> None:
    from triage.pricing import learning

    once, again = (learning.learn(sales(60, 3), "price") for _ in range(2))
    assert again.predict(sales(20, 6)) == once.predict(sales(20, 6))


def test_bands_stand_in_order_and_near_what_was_ever_paid(learned: Any) -> None:
    prices = targets(sales(170, 3), "price")
    wild = Table(columns=("model", "grade", "months"), rows=[["Alpha 128 GB", "A", "-5000"], ["Gamma", "D", "99999"]])
    for band in learned.predict(wild):
        assert 0 < band.p10 <= band.p50 <= band.p90 < 3 * max(prices)


def test_a_few_examples_teach_nothing_but_their_middle() -> None:
    from triage.pricing import learning

    few = Table(columns=("grade", "price"), rows=[["A", str(price)] for price in (10, 20, 30, 40, 50, 60, 70)])
    found = learning.learn(few, "price")
    assert found.weights == {"middle": 1.0}
    assert found.predict(few)[0].p50 == pytest.approx(40)
    with pytest.raises(UnusableTable, match="too few"):
        learning.learn(Table(columns=("grade", "price"), rows=[["A", "1"]]), "price")


def test_what_a_column_holds_is_told_from_its_values() -> None:
    assert kind_of([str(number) for number in range(50)]) is Kind.NUMBER
    assert kind_of(["A", "B", "", "A"]) is Kind.CATEGORY
    assert kind_of([f"Phone {number} blue with box" for number in range(900)]) is Kind.TEXT
    assert kind_of([f"https://example.org/{number}" for number in range(900)]) is Kind.NOTHING
    assert kind_of(["same"] * 9) is Kind.NOTHING
    assert [number_of(text) for text in ("1,5", "1,234.50", "€ 20", "1,234,567", "one", "inf")] == [
        1.5, 1234.5, 20.0, 1234567.0, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", "two columns called 'a'"),
        ("a,price\n1,2\n1\n", "line 3: 1 values for 2 columns"),
        ("a,price\n1,much\n", "'much' in 'price' is no number"),
        ("a,b\n1,2\n", "no column 'price'"),
    ],
)
def test_a_table_that_can_not_be_learned_from_is_refused_with_the_place(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=complaint):
        call_command("evaluate_price_model", train=path, test=path, target="price", stdout=StringIO())
    with pytest.raises((UnusableTable, CommandError)):
        targets(read_csv(path), "price")


def test_a_band_is_scored_by_what_it_covers() -> None:
    bands = [Band(p10=1, p50=2, p90=3)] * 4
    assert scoring.covered([0, 1, 3, 4], bands) == 0.5
    assert scoring.explained([1, 2, 3], [1, 2, 3]) == 1
    assert scoring.explained([1, 2, 3], [2, 2, 2]) == 0
    assert scoring.mean_miss([1, 2], [2, 4]) == 1.5


def test_a_page_never_loads_what_learns() -> None:
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'revlog.settings.check'; import django; django.setup(); "
        "import revlog.urls; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules or 'numpy' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, capture_output=True).returncode == 0
