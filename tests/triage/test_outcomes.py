"""A decision is held against what came of it, and many of them measure the planning figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.forms import model_to_dict
from django.urls import reverse

from resale.models import Pool, Sale
from resale.services import offers, pools, sales
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.devices.services import money
from revlog.terms.models import RuleSet
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.factories.resale import BEA
from tests.triage.test_pages import as_
from triage import figures, measuring, outturns
from triage.models import Decision, Outturn
from triage.services import disposition
from triage.services import outturns as following
from triage.views import outcomes

DAY = timedelta(days=1)


def sold(cast: Cast, at: datetime) -> Device:
    """A laptop that was decided to be sold as it is, and was, on a marketplace thirty days later."""
    device = make.cleared(bench.tested(cast), at=at)
    disposition.decide(device=device, disposition="RESELL", reason="as it is", by=cast.aisha, at=at)
    pools.enter(unit=Device.objects.get(pk=device.pk), by=cast.anouk, at=at)
    offer = offers.publish(
        pool=Pool.objects.get(units__device=device), channel="marketplace", price=Decimal(249), by=cast.anouk, at=at
    )
    order = sales.sell(offer=offer, buyer=BEA, by=cast.anouk, at=at + 29 * DAY)
    sale = Sale.objects.get(line__order=order)
    sales.pick(sale=sale, scanned=device, by=cast.luca, at=at + 30 * DAY)
    sales.ship(sale=Sale.objects.get(pk=sale.pk), parcel_number="3SXYZ 0001", by=cast.luca, at=at + 30 * DAY)
    reactions.drain(at=at + 30 * DAY)
    return Device.objects.get(pk=device.pk)


def test_what_a_unit_brought_stands_beside_what_was_expected_and_is_made_anew_to_the_same(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = sold(cast, at)

    row = Outturn.objects.get()
    decision = Decision.objects.get()
    assert (row.pk, row.expected, row.end, row.again) == (decision.pk, decision.expected, "SOLD", False)
    assert (row.sold_for, row.channel, row.days) == (Decimal("249.00"), "marketplace", 30)
    assert row.channel_fee == Decimal("-29.88")
    assert row.checked
    told = outturns.sentence(row)
    assert "brought" in told
    assert "day" in told
    before = model_to_dict(row, exclude=["folded_at"])
    assert following.rebuild(at=at + 31 * DAY) == 1
    assert model_to_dict(Outturn.objects.get(), exclude=["folded_at"]) == before

    # A freight bill that comes later counts too.
    assert following.refresh(at=at + 31 * DAY) == 0
    entry = Entry.objects.filter(chain_id=device.pk).latest("sequence")
    money.post(
        entry=entry,
        account="freight",
        amount=Decimal("-5.40"),
        currency="EUR",
        device=device,
        at=at + 40 * DAY,
        key="late",
    )
    assert following.refresh(at=at + 41 * DAY) == 1
    row.refresh_from_db()
    assert (row.freight, row.came) == (Decimal("-5.40"), before["came"] - before["freight"] - Decimal("5.40"))

    # It is said on the unit's page and told on the page of outcomes, to people of the operator who read figures.
    told = outturns.sentence(row)
    shown = as_(cast, "aisha").get(reverse("triage_panel_decision", args=[device.tag])).content.decode()
    assert told in shown.replace("&nbsp;", "\xa0")
    manager, page = as_(cast, "maria"), reverse("triage_outcomes")
    shown = manager.get(page + "?days=0").content.decode()
    assert device.tag in shown
    assert told in shown
    assert "too few to say much" in shown
    assert as_(cast, "ravi").get(page).status_code == 403
    assert as_(cast, "vera").get(page).status_code in {403, 404}
    lines = b"".join(manager.get(reverse("triage_outcomes_csv") + "?days=0").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].split(",") == list(outturns.COLUMNS)
    assert lines[1].startswith(f"{device.tag},RESELL,laptop,")

    # What was measured is drafted where there is enough of it, and nothing is in force by it.
    draft = reverse("triage_outcomes_draft")
    assert as_(cast, "aisha").post(draft).status_code == 403
    monkeypatch.setattr(measuring, "ENOUGH", 1)
    monkeypatch.setattr(outcomes, "SPANS", (90, 0))  # all there ever was
    assert manager.post(draft).status_code == 302
    drafted = RuleSet.objects.get(kind=figures.KIND)
    assert drafted.version is None
    assert drafted.body["parameters"]["channel_fee"]["marketplace"] == "0.120"
    assert drafted.body["parameters"]["channel_days"]["marketplace"] == "30"
