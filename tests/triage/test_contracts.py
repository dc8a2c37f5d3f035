"""What a decision must heed beside the money: the client's instructions, an unsettled identity, what lies in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from refurb import supplying
from refurb.models import Part
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, ProductModel
from revlog.terms.models import Price
from revlog.terms.services import rules
from revlog.terms.supplies import Stock
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import sop
from triage.models import Contradiction
from triage.services import disposition, inspection, planning, worth
from triage.services.inspection import Finding

NO_SALE = {"id": "no_sale", "then": {"forbid": ["SALE"]}, "why": "MSA 4.1: Our laptops are not sold."}


def instructed(cast: Cast, device: Device, at: datetime, *found: Mapping[str, object]) -> None:
    """The owner's instructions, drafted by one and published by another."""
    body = {"mode": "collect", "rules": [dict(each) for each in found]}
    row = rules.draft(kind=sop.KIND, body=body, organization=device.owner_id, by=cast.admin, at=at)
    rules.publish(row, by=cast.maria, at=at)


def test_no_override_gets_past_a_client_s_contract_and_the_page_says_its_sentence(
    cast: Cast, at: datetime, client: Client
) -> None:
    device = bench.tested(cast)
    instructed(cast, device, at, NO_SALE)

    found = worth.worth_of(device, at=at)
    assert found.best not in {None, Disposition.RESELL}
    for goes in (Disposition.RESELL, "LOT"):
        with pytest.raises(disposition.UnableToDecide, match="Our laptops are not sold"):
            disposition.decide(device=device, disposition=goes, reason="a buyer asked", by=cast.aisha, at=at)
    client.force_login(cast.user("aisha"))
    page = client.get(reverse("triage_unit", args=[device.tag])).content.decode()
    assert "MSA 4.1: Our laptops are not sold" in page
    assert "sop/1" in page
    refused = client.post(
        reverse("triage_decide", args=[device.tag]), {"disposition": "LOT", "reason": "a buyer asked"}
    )
    assert (refused.status_code, "Our laptops are not sold" in refused.content.decode()) == (409, True)
    assert make.state_of(device) == State.IN_TRIAGE

    told = caller(cast).get(f"/reports/worth/?unit={device.tag}").json()
    assert (told["chosen"], told["versions"]["instructions"]) == (found.paths[0].code, "sop/1")
    assert {one["path"]: one["blocked_by"] for one in told["ranked"]}["LOT"] == ["contract"]
    problem(caller(cast, organization=cast.vega).get(f"/reports/worth/?unit={device.tag}"), 422)

    kept = disposition.decide(device=device, by=cast.ravi, at=at)
    assert kept.valuation.inputs["contract"]["version"] == "sop/1"
    assert kept.path == kept.valuation.best
    assert worth.again(kept.valuation)[0]["path"] == kept.path


def test_nothing_that_can_not_be_undone_is_decided_while_its_identity_is_open(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast)
    told = [{"key": "PF1ABCDE", "look": False, "sources": []}, {"key": "PF1OTHER", "look": False, "sources": []}]
    row = Contradiction.objects.create(
        id=device.pk, device=device, visit=device.visit, field="serial", kind="identity", values_told=told, found_at=at
    )

    with pytest.raises(disposition.UnableToDecide, match=r"differ on which thing it is \(serial\)"):
        disposition.decide(device=device, by=cast.ravi, at=at)
    with pytest.raises(disposition.UnableToDecide, match="settled first"):
        disposition.decide(device=device, disposition="DESTROY", reason="it is broken", by=cast.aisha, at=at)
    Contradiction.objects.filter(pk=row.pk).update(outcome="settled", settled_at=at)
    assert disposition.decide(device=device, by=cast.ravi, at=at).disposition


def test_many_units_are_reckoned_with_as_many_queries_as_one_and_by_what_lies_in_the_store(
    cast: Cast, at: datetime
) -> None:
    product = ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T480", device_class="laptop", list_price=Decimal(1400), created_at=at
    )
    units = [make.triaged(cast, serial=f"MANY{number}", drive=f"DRV{number}", at=at) for number in range(3)]
    Device.objects.filter(pk__in=[unit.pk for unit in units]).update(product=product, grade="B")
    Price.objects.create(
        id=product.pk, product=product, grade="B", channel="business", amount=Decimal(2000), low=Decimal(1800), high=Decimal(2300),
        valid_from=at, set_by="test", created_at=at,
    )  # fmt: skip
    units = [Device.objects.select_related("product", "variant", "owner", "visit").get(pk=unit.pk) for unit in units]

    with CaptureQueriesContext(connection) as one:
        alone = worth.worths_of(units[:1], at=at)
    with CaptureQueriesContext(connection) as many:
        found = worth.worths_of(units, at=at)
    assert len(many) == len(one)
    assert [worth.plain_paths(each) for each in found] == [worth.plain_paths(alone[0])] * 3
    sale = next(path for path in found[0].paths if path.code == "RESELL")
    assert (sale.channel, sale.result.low is not None) == ("business", True)

    inspection.record(
        device=units[0],
        findings=[Finding(code="keyboard", zone="keyboard", severity="major")],
        works="yes",
        by=cast.ravi,
        at=at,
    )
    broken = Device.objects.get(pk=units[0].pk)
    bought = next(path for path in worth.worth_of(broken, at=at).paths if path.code == "REFURBISH")
    part = Part.objects.create(
        hub=cast.rotterdam,
        number="01HX419",
        name="Keyboard US",
        quantity=1,
        minimum=2,
        cost=Decimal("19.90"),
        created_at=at,
    )
    part.models_fitting.add(product)
    # One that fits any model counts too, where none made for this one is left.
    Part.objects.create(
        hub=cast.rotterdam, number="KB-1", name="Keyboard for any", quantity=4, cost=Decimal("12.00"), created_at=at
    )
    assert supplying.on_hand([(cast.rotterdam.pk, product.pk)])[cast.rotterdam.pk, product.pk]["keyboard"] == Stock(
        available=5, minimum=2, cost=Decimal("12.00"), currency="EUR"
    )
    Part.objects.filter(number="KB-1").update(quantity=0)
    there = next(path for path in worth.worth_of(broken, at=at).paths if path.code == "REFURBISH")
    lines = [{line.what: (str(line.amount), line.note) for line in path.result.lines} for path in (bought, there)]
    assert [each["keyboard"] for each in lines] == [("-35.00", "to_buy"), ("-19.90", "on_hand")]
    assert there.result.net > bought.result.net

    # A quota of a channel sends the plan's second unit another way.
    limits = {"channel:business": 1}
    ways = [planning._ours(each, limits) for each in found]
    assert {way.channel for way in ways[0] if way.code == "RESELL"} == {"business", "marketplace", "own_shop"}
    assert planning.uses_of(ways[0][0])["channel:business"] == 1
