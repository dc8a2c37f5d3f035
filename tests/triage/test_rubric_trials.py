"""Rubrics and grade books tried before they are published: who would change, from which grade to which, and what that is worth."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from returns.models import Trial
from returns.services import trials
from revlog.devices.models import Device
from revlog.terms import ruling
from revlog.terms.services import prices, rules
from tests.cast import Cast
from tests.factories import recalls
from tests.factories import triage as bench
from triage import books, rubrics
from triage.books import defaults as shelf
from triage.models import Grading
from triage.rubrics import defaults
from triage.services import inspection

HOUR = timedelta(hours=1)


def tried(cast: Cast, kind: str, at: datetime, **parameters: Any) -> Trial:
    shipped = ruling.kind(kind).shipped["parameters"]
    row = rules.draft(kind=kind, body={"parameters": {**shipped, **parameters}}, by=cast.admin, at=at)
    trial = trials.start(rule_set=row, since=at.date(), until=at.date(), by=cast.admin, at=at)
    known = trials.Rulings()
    while trials.portion(trial.pk, rulings=known, by=trials.TRIALS, at=at, most=1):
        pass
    trial.refresh_from_db()
    return trial


def test_a_draft_says_which_units_it_would_grade_otherwise_and_changes_none(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast, at=at, battery=83)
    inspection.record(device=device, tests={"complete": "pass"}, works="yes", by=cast.ravi, at=at + HOUR)
    model = recalls.model()
    Device.objects.filter(pk=device.pk).update(product=model)
    for grade, amount in (("A", "310"), ("B", "260")):
        prices.set_price(product=model, grade=grade, amount=Decimal(amount), currency="EUR", by=cast.admin, at=at)
    given = Grading.objects.filter(device=device).count()
    stricter = defaults.BODIES["laptop"] | {"battery": [[85, "A"], [70, "B"], [50, "C"]]}

    trial = tried(cast, rubrics.KIND, at + 2 * HOUR, laptop=stricter)

    assert (trial.total, trial.done, trial.changed, trial.skipped) == (1, 1, 1, 0)
    assert trial.sums["changes"] == {"worse": 1}
    assert trial.sums["cells"] == [["laptop", "01:A", "02:B", 1]]
    assert trial.sums["money"]["EUR"] == {"before": {"value": "310.00"}, "after": {"value": "260.00"}}
    client = Client()
    client.force_login(cast.user("admin"))
    page = client.get(reverse("trial", args=[trial.pk])).content.decode()
    assert "1 of 1 change" in page
    assert "grade B, " in page
    assert "The battery holds 83 % of its design capacity." in page
    assert reverse("triage_unit", args=[device.tag]) in page
    told = client.get(reverse("trial_json", args=[trial.pk])).json()
    assert told["tables"] == [{"group": "Laptop", "before": "A", "after": "B", "cases": 1}]
    assert (told["examples"][0]["case"], told["examples"][0]["after"]["grade"]) == (device.tag, "B")
    assert Grading.objects.filter(device=device).count() == given

    # In the books: Back Market would ask for more.
    stricter_book = dict(shelf.BOOKS["backmarket"]) | {
        "grades": [{"code": "good", "name": "Good", "asks": [{"battery": 90}]}]
    }
    tried_books = tried(cast, books.KIND, at + 2 * HOUR, backmarket=stricter_book)
    assert tried_books.sums["changes"] == {"worse": 1}
    assert ["Back Market", "01:Excellent", "98:-", 1] in tried_books.sums["cells"]
    page = client.get(reverse("trial", args=[tried_books.pk])).content.decode()
    assert "Back Market: none of its grades" in page
    assert "Nothing changes for: Amazon Renewed, House grades" in page

    # What was graded before its condition was kept can't be tried.
    Grading.objects.filter(device=device).update(condition=None)
    assert tried(cast, rubrics.KIND, at + 2 * HOUR, laptop=stricter).skipped == 1
