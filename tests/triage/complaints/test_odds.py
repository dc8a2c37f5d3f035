"""The odds of a repair: drawn to what is above where cases are few, honest about how much is known, and counted from any table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from revlog.terms.models import RuleSet
from triage import repairing
from triage.complaints import odds
from triage.complaints.odds import Row

COUNTS: dict[str, Any] = {
    "classes": {"laptop": [800, 200], "phone": [300, 300], "tablet": [1, 0]},
    "ages": {"laptop": {"0-1": [90, 10], "11-": [50, 50]}, "phone": {"0-1": [2, 0]}},
    "faults": {"laptop": {"liquid": [5, 45], "software_trouble": [190, 10]}},
    "prior": 20,
    "sources": ["our bench, 2026"],
}


def told(**what: Any) -> odds.Odds:
    return odds.odds(COUNTS, **what)


def test_class_age_and_fault_each_say_their_part() -> None:
    plain = told(device_class="laptop")
    assert plain.share == pytest.approx(0.8, abs=0.01)
    assert (plain.n, plain.by, plain.source) == (1000, ("class",), "our bench, 2026")
    young, old = told(device_class="laptop", age=1), told(device_class="laptop", age=15)
    assert young.share > plain.share > old.share
    wet, slow = told(device_class="laptop", fault="liquid"), told(device_class="laptop", fault="software_trouble")
    assert wet.share < told(device_class="server").share < slow.share
    both = told(device_class="laptop", age=15, fault="liquid")
    assert both.share < wet.share
    assert both.by == ("class", "age", "fault")
    assert both.n == 50


def test_few_cases_are_drawn_to_what_is_above_and_their_interval_is_wide() -> None:
    one = told(device_class="tablet")
    everything = told(device_class="server")
    assert everything.by == ()
    assert everything.n == 0
    assert abs(one.share - everything.share) < 0.03
    assert one.high - one.low > told(device_class="laptop").high - told(device_class="laptop").low
    assert told(device_class="phone", age=1).share < 0.6


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=4, max_size=4),
    age=st.none() | st.integers(-5, 200),
    fault=st.sampled_from(["", "liquid", "never heard of"]),
)
def test_odds_are_always_a_share_within_its_interval(pairs: list[tuple[int, int]], age: int | None, fault: str) -> None:
    counts = {
        "classes": {"laptop": pairs[0], "phone": pairs[1]},
        "ages": {"laptop": {"2-3": pairs[2]}},
        "faults": {"laptop": {"liquid": pairs[3]}},
    }
    found = odds.odds(counts, device_class="laptop", age=age, fault=fault)
    assert 0 < found.low <= found.share <= found.high < 1


def test_those_that_are_shipped_say_their_source_and_foretell_better_than_one_share_for_all() -> None:
    shipped = repairing.read(repairing.SHIPPED)
    found = repairing.of(repairing.SHIPPED, device_class="laptop", age=5, fault="no_power")
    assert "CC BY-SA 4.0" in found.source
    assert found.share < repairing.of(repairing.SHIPPED, device_class="laptop", age=5).share
    rows = [
        Row(device_class=kind, age=None, fault="", mended=side == 0)
        for kind, pair in shipped["classes"].items()
        for side in (0, 1)
        for _ in range(pair[side] // 20)
    ]
    judged = odds.judged(shipped, rows)
    assert judged["brier"] < judged["brier_one_share"]


TABLE = """kind,how it ended,built,seen,years,told
Laptop,ok,2015,2020-03-01,,battery drains fast
Laptop,gone,????,2020-03-01,,water damage
Notebook,ok,,2020-03-01,"3,5",
Mobile,ok,2030,2020-03-01,,cracked screen
Trombone,ok,,,,
Laptop,later,,,,
Box,gone,,,0,
"""


@pytest.mark.django_db
def test_a_table_is_counted_and_drafted_for_a_person_to_publish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bench.csv"
    path.write_text(TABLE)
    columns = [
        "--category",
        "kind",
        "--outcome",
        "how it ended",
        "--year",
        "built",
        "--date",
        "seen",
        "--age",
        "years",
        "--text",
        "told",
    ]
    said = ["--mended", "ok", "--lost", "gone", "--map", "Box=desktop", "--source", "our bench"]

    call_command("import_repair_odds", path, *columns, *said, "--json", "--against", path)

    found = json.loads(capsys.readouterr().out)
    assert found["left_out"] == {"category": 1, "outcome": 1}
    counts = found["parameters"]
    assert counts["classes"] == {"laptop": [2, 1], "phone": [1, 0], "desktop": [0, 1]}
    assert counts["ages"] == {"laptop": {"4-6": [1, 0], "2-3": [1, 0]}, "desktop": {"0-1": [0, 1]}}
    assert counts["faults"] == {"laptop": {"battery_worn": [1, 0], "liquid": [0, 1]}, "phone": {"crack": [1, 0]}}
    assert found["judged"]["n"] == 5
    assert not RuleSet.objects.filter(kind=repairing.KIND).exists()

    call_command("import_repair_odds", path, *columns, *said)

    row = RuleSet.objects.get(kind=repairing.KIND)
    assert row.body["parameters"]["sources"] == ["our bench"]
    with pytest.raises(CommandError, match="No row could be counted"):
        call_command("import_repair_odds", path, *columns, "--mended", "never", "--lost", "nor", "--source", "x")
    for wrong in (
        {"classes": {"laptop": [1]}},
        {"classes": {"harp": [1, 1]}},
        {"sources": []},
        {"odd": 1},
        {"prior": 0},
    ):
        assert repairing.RULES.check is not None
        assert repairing.RULES.check({"parameters": wrong})
