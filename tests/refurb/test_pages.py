"""The pages of the bench, as people use them: a scan begins the work, each refusal stands beside the button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from refurb import queries
from refurb.models import Part, WorkOrder
from revlog.common import clock
from revlog.devices.journey import State
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import refurb as bench_of
from tests.refurb.test_harvest import dead_phone, harvesting


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    def make_client(name: str) -> Client:
        client = Client()
        client.force_login(cast.user(name))
        return client

    return make_client


def test_a_scan_begins_the_work_and_opens_its_page(cast: Cast, client_of: Callable[[str], Client]) -> None:
    unit = bench_of.to_refurbish(cast)
    jakob = client_of("jakob")
    assert unit.tag in jakob.get(reverse("bench")).content.decode()

    answer = jakob.post(reverse("bench"), {"code": unit.tag})

    order = WorkOrder.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("bench_work", args=[order.pk]))
    assert unit.tag in jakob.get(answer.url).content.decode()


def test_a_scan_by_script_is_sent_to_the_page_or_answered_with_the_refusal_alone(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    unit = bench_of.to_refurbish(cast)
    jakob = client_of("jakob")

    done = jakob.post(reverse("bench"), {"code": unit.tag}, headers={"HX-Request": "true"})
    refused = jakob.post(reverse("bench"), {"code": "RL-NOPE"}, headers={"HX-Request": "true"})

    assert done["HX-Redirect"] == reverse("bench_work", args=[WorkOrder.objects.get().pk])
    assert refused.status_code == 404
    assert "No unit here is called RL-NOPE" in refused.content.decode()
    assert "<html" not in refused.content.decode()


def test_an_operation_a_part_and_the_end_are_done_on_the_work_page(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    part = bench_of.battery(cast)
    order = bench_of.at_bench(cast)
    jakob = client_of("jakob")
    here = reverse("bench_work", args=[order.pk])

    jakob.post(here, {"act": "begin", "code": "replace_battery", "fault": bench_of.fault_of(order).pk})
    jakob.post(here, {"act": "scan", "code": part.number, "key": "scan-1"})
    jakob.post(here, {"act": "scan", "code": part.number, "key": "scan-1"})
    assert Part.objects.get().quantity == 2, "the same scan again took a second part"
    page = jakob.get(here).content.decode()
    assert "Replace battery" in page
    assert "replace_battery" not in page.replace('value="replace_battery"', "")
    finished = jakob.post(here, {"act": "finish"})

    assert finished.url == reverse("bench")
    assert WorkOrder.objects.get(pk=order.pk).state == "to_check"


def test_what_cant_be_finished_says_why_on_the_page(cast: Cast, client_of: Callable[[str], Client]) -> None:
    order = bench_of.at_bench(cast)
    jakob = client_of("jakob")

    answer = jakob.post(reverse("bench_work", args=[order.pk]), {"act": "finish"})

    assert answer.status_code == 409
    assert "No operation was booked in this round" in answer.content.decode()


def test_the_check_page_shows_no_button_to_the_one_who_did_the_work(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    order = bench_of.finished(cast)
    here = reverse("bench_check", args=[order.pk])

    own = client_of("jakob").get(here).content.decode()
    other = client_of("mei")

    assert "nobody checks their own repair" in own
    assert 'value="accept"' not in own
    assert 'value="accept"' in other.get(here).content.decode()
    assert client_of("jakob").post(here, {"act": "accept"}).status_code == 409
    assert other.post(here, {"act": "accept"}).url == reverse("bench")
    assert make.state_of(order.device) == State.IN_TRIAGE


def test_a_harvest_takes_parts_and_ends_with_a_weight(
    cast: Cast, at: datetime, client_of: Callable[[str], Client]
) -> None:
    order = harvesting(cast, at)
    mei = client_of("mei")
    here = reverse("bench_harvest", args=[order.pk])

    wrong = mei.post(here, {"act": "take", "number": "LCD", "name": "Display", "grams": "heavy", "fate": "stock"})
    mei.post(
        here, {"act": "take", "number": "LCD", "name": "Display", "grams": "300", "value": "18,50", "fate": "stock"}
    )
    page = mei.get(here).content.decode()
    mei.post(here, {"act": "close", "remaining": "1300"})

    assert wrong.status_code == 422
    assert "is no whole number" in wrong.content.decode()
    assert "18.50" in page
    assert make.state_of(order.device) == State.TO_RECYCLE


def test_under_control_the_page_says_so_and_keeps_others_out(
    cast: Cast, at: datetime, client_of: Callable[[str], Client]
) -> None:
    _phone, order = dead_phone(cast, at)
    here = reverse("bench_harvest", args=[order.pk])

    assert "only a data technician" in client_of("mei").get(here).content.decode()
    page = client_of("tomas").get(here).content.decode()
    assert "data is still on it" in page
    assert 'value="take"' in page


def test_parts_are_taken_in_and_counted(cast: Cast, client_of: Callable[[str], Client]) -> None:
    henrik = client_of("henrik")
    sent = {"number": "bat-1", "name": "Battery", "quantity": "5", "cost": "12,40", "hub": str(cast.rotterdam.pk)}
    assert henrik.post(reverse("bench_parts"), sent).status_code == 302
    part = Part.objects.get()
    assert "BAT-1" in henrik.get(reverse("bench_parts") + "?q=bat").content.decode()

    refused = henrik.post(reverse("bench_part", args=[part.pk]), {"counted": "4", "reason": "one gone"})
    done = client_of("aisha").post(reverse("bench_part", args=[part.pk]), {"counted": "4", "reason": "one gone"})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert Part.objects.get().quantity == 4
    assert "4" in henrik.get(reverse("bench_part", args=[part.pk])).content.decode()


def test_the_unit_page_gets_the_work_as_a_panel_and_a_stranger_nothing(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    order = bench_of.finished(cast)
    here = reverse("refurb_panel_parts", args=[order.device.tag])

    assert order.number in client_of("jakob").get(here).content.decode()
    assert client_of("jonas").get(here).status_code == 404
    assert client_of("jonas").get(reverse("bench_work", args=[order.pk])).status_code == 404


def test_the_inbox_names_late_checks_idle_work_and_parts_that_run_out(cast: Cast, at: datetime) -> None:
    bench_of.finished(cast)
    bench_of.at_bench(cast, bench_of.to_refurbish(cast, serial="PF1IDLE", drive="S4X1IDLE"))
    bench_of.battery(cast, quantity=1, minimum=2)

    rows = queries.exceptions(cast.aisha, at=at + timedelta(days=4))

    kinds = {row.kind for row in rows}
    assert kinds == {"exception.work_waits_for_check", "exception.work_idle", "exception.part_low"}
    assert all(row.url for row in rows)
    assert queries.exceptions(cast.jonas, at=clock.now()) == []
