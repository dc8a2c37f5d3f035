"""What a web worker loads: the pages of triage are opened, learned prices and plans are shown, and nothing heavy comes in."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType

import pytest
from django.test import Client
from django.urls import reverse

from revlog.evidence.services import artifacts
from revlog.terms.models import PriceModel
from tests.cast import Cast
from tests.factories import triage as bench
from triage.services import inspection

HEAVY = ("numpy", "scipy", "sklearn", "joblib", "pandas")
LEARNERS = ("triage.pricing.learning", "triage.pricing.encoding", "triage.pricing.scoring", "triage.pricing.trying")


class _Shut:
    """Refuses every import of what is heavy."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if name.partition(".")[0] in HEAVY:
            raise AssertionError(f"A page loads {name}.")


@contextmanager
def nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a fresh web worker, whatever other tests of this process have loaded."""
    for name in [name for name in sys.modules if name.partition(".")[0] in HEAVY or name in LEARNERS]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Shut(), *sys.meta_path])
    yield
    monkeypatch.undo()


def test_the_pages_of_triage_and_of_prices_load_nothing_heavy(
    cast: Cast, at: datetime, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = bench.tested(cast)
    inspection.record(device=device, findings=[], works="yes", by=cast.ravi, at=at)
    part = {
        "begins": "2026-05-01", "ends": "2026-06-01", "rows": 20, "mae": 9.5, "share": 0.04, "r2": 0.9, "covered": 0.8,
        "without": 0.3, "by": "time",
    }  # fmt: skip
    PriceModel.objects.create(
        id=device.pk, number=1, status="champion", artifact=artifacts.keep(b"x", media_type="x", at=at), currency="EUR",
        rows=90, begins_on=at.date(), ends_on=at.date(), tried=[part, part], verdict={"code": "verdict.first"},
        made={"judged": [{"name": "linear", "r2": 0.9, "mae": 9.5}], "weights": {"linear": 1.0}}, trained_at=at,
        watched={"rows": 20, "share": 0.2, "covered": 0.4, "at": at.isoformat()}, drifted_at=at,
    )  # fmt: skip
    client.force_login(cast.user("aisha"))
    pages: dict[str, list[str]] = {
        "triage": [], "triage_unit": [device.tag], "triage_look": [device.tag], "triage_plan_of_the_day": [], "triage_reports": [],
        "triage_price_model": [], "prices": [], "price_lists": [], "exceptions": [],
    }  # fmt: skip
    with nothing_heavy(monkeypatch):
        opened = {name: client.get(reverse(name, args=args)).status_code for name, args in pages.items()}
    assert set(opened.values()) == {200}, opened
