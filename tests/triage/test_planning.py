"""The plan of the day: the bench goes to where it earns most, and following it is deciding, past every gate."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices
from tests.factories import triage as bench
from triage.models import DayPlan, PlanStatus
from triage.services import inspection, planning, worth
from triage.services.inspection import Finding


def worn(cast: Cast, at: datetime, number: int) -> Device:
    """A laptop with a broken display that the bench can mend, in triage and graded."""
    device = devices.triaged(cast, serial=f"PLAN{number}X", drive=f"DISK{number}X", at=at)
    bench.sent(bench.snapshot(serial=f"PLAN{number}X", drives=(f"DISK{number}X",)), cast.ravi, at=at)
    device.refresh_from_db()
    inspection.record(
        device=device,
        findings=[Finding(code="display", zone="screen", severity="major")],
        works="yes",
        by=cast.ravi,
        at=at,
    )
    device.refresh_from_db()
    return device


def test_what_the_bench_can_not_take_today_waits_or_goes_another_way_and_following_decides(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = [worn(cast, at, number) for number in range(3)]
    known = worth.worth_of(units[0], at=at)
    assert known.best is not None
    minutes = planning.uses_of(known.paths[0])[planning.MINUTES]

    row = planning.ask(hub=cast.rotterdam, limits={planning.MINUTES: minutes}, by=cast.aisha, at=at)
    planning.make(row, at=at)
    with monkeypatch.context() as patched:
        patched.setattr(planning, "queue_of", lambda _hub: pytest.fail("it is made, and reckoned again"))
        planning.make(DayPlan.objects.get(pk=row.pk), at=at)  # told twice, made once

    row.refresh_from_db()
    planned = list(row.units.all())
    assert (row.status, len(planned), row.used[planning.MINUTES]) == (PlanStatus.MADE, 3, minutes)
    assert [each.path for each in planned].count(known.best.value) == 1
    assert row.worth == sum((each.worth for each in planned), Decimal(0))
    assert row.alone <= row.worth <= row.bound

    going = [each for each in planned if each.path]
    held = going[-1].device
    with transaction.atomic():
        standing.hold(moves.take_one(held.id), HoldKind.LEGAL, reason="matter 14", by=cast.carla, at=at)
    planning.follow(plan=row, by=cast.aisha, at=at)

    row.refresh_from_db()
    for each in row.units.select_related("decision"):
        if each.device_id == held.pk:
            assert each.decision is None
            assert "hold" in each.refused
        elif each.path:
            assert each.decision is not None
            assert each.decision.path == each.path
            assert each.decision.overridden == (each.path != each.best)
        else:
            assert Device.objects.get(pk=each.device_id).disposition == ""
    before = {each.pk: each.decision_id for each in row.units.all()}
    planning.follow(plan=row, by=cast.aisha, at=at)
    assert {each.pk: each.decision_id for each in row.units.all()} == before  # pressed again, nothing is taken back
    told = list(Entry.objects.filter(chain_id=row.pk).order_by("sequence").values_list("kind", flat=True))
    assert told == ["triage.plan_asked", "triage.plan_made", "triage.plan_followed", "triage.plan_followed"]


def test_only_a_lead_of_the_site_plans_and_limits_are_named_by_what_they_limit(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        planning.ask(hub=cast.rotterdam, limits={}, by=cast.ravi, at=at)
    with pytest.raises(NotAllowed, match="site"):
        planning.ask(hub=cast.leipzig, limits={}, by=cast.aisha, at=at)
    with pytest.raises(BadInput, match="luck"):
        planning.ask(hub=cast.rotterdam, limits={"luck": 3}, by=cast.aisha, at=at)
    with pytest.raises(BadInput, match="from 0"):
        planning.ask(hub=cast.rotterdam, limits={planning.MINUTES: -1}, by=cast.aisha, at=at)
    for name in ("part:\0", "part:luck", "path:NOWHERE"):
        with pytest.raises(BadInput, match="limited by"):
            planning.ask(hub=cast.rotterdam, limits={name: 1}, by=cast.aisha, at=at)
    row = planning.ask(hub=cast.rotterdam, limits={}, by=cast.aisha, at=at)
    assert planning.ask(hub=cast.rotterdam, limits={}, by=cast.aisha, at=at) == row  # a second tap
    with pytest.raises(planning.UnableToPlan, match="being reckoned"):
        planning.ask(hub=cast.rotterdam, limits={planning.MINUTES: 5}, by=cast.aisha, at=at)
    with pytest.raises(planning.UnableToPlan, match="isn't made"):
        planning.follow(plan=row, by=cast.aisha, at=at)


def test_a_lead_plans_and_follows_on_the_page_and_a_stranger_finds_none(
    cast: Cast, at: datetime, client: Client
) -> None:
    device = worn(cast, at, 1)
    client.force_login(cast.user("aisha"))

    refused = client.post(reverse("triage_plan_ask"), {"hub": str(cast.rotterdam.pk), "limit:hours": "many"})
    assert (refused.status_code, "no whole number" in refused.content.decode()) == (422, True)
    asked = client.post(
        reverse("triage_plan_ask"), {"hub": str(cast.rotterdam.pk), "limit:hours": "8", "limit:path:RESELL": ""}
    )
    row = DayPlan.objects.get()
    assert row.limits == {planning.MINUTES: 480}
    assert asked.headers["Location"] == reverse("triage_plan", args=[row.pk])
    assert "being reckoned" in client.get(asked.headers["Location"]).content.decode()
    planning.make(row, at=at)
    shown = client.get(asked.headers["Location"]).content.decode()
    assert "Send 1 unit on its way" in shown
    client.post(reverse("triage_plan_follow", args=[row.pk]))
    device.refresh_from_db()
    assert device.disposition

    client.force_login(cast.user("ravi"))
    assert client.get(reverse("triage_plan", args=[row.pk])).status_code == 403
