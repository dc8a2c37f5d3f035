"""The pages of recalls: drafted, opened by another, the units with where and why, the report, and the word at the dock."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from returns.models import Recall, RecallUnit
from returns.queries import recalls as queries_recalls
from returns.services import recall_units, recalls
from returns.services.recalls import NewCriterion
from revlog.common import clock
from revlog.devices.models import Device
from revlog.devices.services import arrivals
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.factories import recalls as make

LISTED = NewCriterion(range="serials", serials=["PF1ABCDE", "PF2BCDEF"])


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def form(**changes: object) -> dict[str, object]:
    return {
        "title": "Batteries may overheat",
        "kind": "safety",
        "severity": "stop",
        "remedy": "refund",
        "why": "It may burn.",
        "what_to_do": "Stop using it.",
        "issued_by": "Lenovo",
        "target_percent": "95",
        "range": "serials",
    } | changes


def test_who_may_see_and_run_recalls(cast: Cast) -> None:
    at = clock.now()
    devices.laptop(cast, serial="PF1ABCDE", at=at)
    recall = make.opened(cast, LISTED, at=at)
    page = f"/returns/recalls/{recall.number}/"

    for name, status in (("henrik", 200), ("ines", 200), ("noor", 200), ("tomas", 403)):
        assert as_(cast, name).get("/returns/recalls/").status_code == status, name
        assert as_(cast, name).get(page).status_code == status, name
    assert as_(cast, "remco").get(page).status_code == 404
    for name, status in (("henrik", 200), ("carla", 200), ("ines", 403), ("noor", 403)):
        assert as_(cast, name).get("/returns/recalls/new/").status_code == status, name
    for act in ("open", "amend", "drop", "close", "search", "settle", "unit"):
        assert as_(cast, "noor").post(f"{page}{act}").status_code == 403, act
    assert as_(cast, "henrik").get("/returns/recalls/RC-NONE/").status_code == 404


def test_a_recall_is_drafted_from_a_list_opened_and_settled_on_its_page(cast: Cast) -> None:
    at = clock.now()
    unit = devices.laptop(cast, serial="PF1ABCDE", at=at)
    henrik, maria = as_(cast, "henrik"), as_(cast, "maria")
    listed = SimpleUploadedFile("serials.csv", b"model,serial\nT480,PF1ABCDE\nT480,PF2BCDEF\n", "text/csv")

    drafted = henrik.post("/returns/recalls/new/", form(list=listed, title_de="Akkus"))
    page = drafted.headers["Location"]
    assert "Somebody else has to open it" in henrik.get(page).content.decode()
    assert henrik.post(f"{page}open").status_code == 409
    assert maria.post(f"{page}open").status_code == 302
    make.drain(clock.now())

    shown = henrik.get(page).content.decode()
    assert unit.tag in shown
    assert "Listed serial number (PF1ABCDE)" in shown
    row = RecallUnit.objects.get()
    assert henrik.post(f"{page}settle", {"made": "destroyed"}).status_code == 422
    assert henrik.post(f"{page}settle", {"unit": [str(row.pk)], "made": "repaired"}).status_code == 302
    assert Device.objects.get(pk=unit.pk).holds == []
    assert henrik.post(f"{page}close", {"reason": "all done"}).status_code == 302
    recall = Recall.objects.get()
    assert (recall.status, recall.translations) == ("closed", {"de": {"title": "Akkus"}})


def test_a_draft_that_says_too_little_is_shown_again_with_what_is_wrong(cast: Cast) -> None:
    answer = as_(cast, "henrik").post("/returns/recalls/new/", form(why=" ", target_percent="0", target_on="soon"))

    assert answer.status_code == 422
    again = as_(cast, "henrik").post("/returns/recalls/new/", form(why=" ", target_percent="0"))
    words = again.content.decode()
    assert "Say what is wrong" in words
    assert "The target is 1 to 100 percent" in words
    assert "The list names no serial number" in words
    assert 'value="Batteries may overheat"' in words


def test_the_report_names_every_unit_and_no_person(cast: Cast) -> None:
    at = clock.now()
    devices.laptop(cast, serial="PF1ABCDE", at=at)
    terms.order(cast, "PS-1002", terms.laptop_line(serials=("PF2BCDEF",)), at=at)
    recall = make.opened(cast, LISTED, at=at)

    answer = as_(cast, "henrik").get(f"/returns/recalls/{recall.number}/report.csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["serial"] for row in rows} == {"PF1ABCDE", "PF2BCDEF"}
    assert {row["where then"] for row in rows} == {"in stock", "sold"}
    assert "kim@example.com" not in answer.content.decode()
    assert "Kim" not in answer.content.decode()


def test_a_mock_recall_shows_its_timer_and_that_nothing_was_changed(cast: Cast) -> None:
    at = clock.now()
    devices.laptop(cast, serial="PF1ABCDE", at=at)
    recall = make.opened(cast, LISTED, mock=True, at=at)
    henrik = as_(cast, "henrik")

    page = henrik.get(f"/returns/recalls/{recall.number}/").content.decode()
    assert "Until every unit is located" in page
    assert "Nothing was changed" in page
    row = RecallUnit.objects.get()
    sent = henrik.post(
        f"/returns/recalls/{recall.number}/unit", {"unit": str(row.pk), "act": "locate", "where": "behind the rack"}
    )
    assert sent.status_code == 302
    assert "Every unit is located" in henrik.get(f"/returns/recalls/{recall.number}/").content.decode()


def test_the_dock_says_to_put_it_on_the_hold_shelf_and_not_to_charge_it(cast: Cast) -> None:
    at = clock.now()
    make.opened(cast, LISTED, at=at)
    rma = returns.rma(cast, order=terms.order(cast, at=at), at=at)
    client = as_(cast, "ines")

    answer = client.post(
        "/dock/receive", {"unit": str(returns.unit_of(rma).pk), "serial": "PF1ABCDE"}, HTTP_HX_REQUEST="true"
    )

    words = " ".join(answer.content.decode().split())
    assert "Recalled" in words
    assert "Put it on the hold shelf. Don&#x27;t charge it" in words
    assert "Batteries may overheat" in words


def test_a_campaign_behind_its_target_and_a_draft_are_in_the_inbox(cast: Cast) -> None:
    at = clock.now()
    devices.laptop(cast, serial="PF1ABCDE", at=at)
    recall = make.opened(cast, LISTED, target_on=(at + timedelta(days=10)).date(), at=at)
    assert [row.kind for row in queries_recalls.exceptions(cast.henrik, at=at)] == []

    later = queries_recalls.exceptions(cast.henrik, at=at + timedelta(days=5))
    assert [row.kind for row in later] == ["exception.recall_behind"]
    assert later[0].sentence == "0 of 1 are done; 45 percent should be by now."

    recalls.amend(recall, criteria=[NewCriterion(range="lot", text="L1")], why="more", by=cast.henrik, at=at)
    assert [row.kind for row in queries_recalls.exceptions(cast.henrik, at=at)] == ["exception.recall_draft"]


def test_the_owner_of_a_unit_in_our_care_is_told_in_their_inbox_and_no_other_is(cast: Cast) -> None:
    at = clock.now()
    arrivals.arrive(
        what=arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial="PF1ABCDE"),
        stay=devices.stay(cast, owner=cast.vega.id),
        by=cast.ines,
        at=at,
    )
    make.opened(cast, LISTED, at=at)

    assert [row.kind for row in queries_recalls.exceptions(cast.vera, at=at)] == ["exception.recalled"]
    assert queries_recalls.exceptions(cast.alex, at=at) == []


def test_the_figures_count_things_and_the_rate_leaves_out_who_cant_be_reached(cast: Cast) -> None:
    at = clock.now()
    unit = devices.laptop(cast, serial="PF1ABCDE", at=at)
    terms.order(cast, "PS-1002", terms.laptop_line(serials=("PF2BCDEF",)), at=at)
    recall = make.opened(cast, LISTED, at=at)
    rows = {row.device_id: row for row in RecallUnit.objects.select_related("recall", "hold", "contact")}

    recall_units.settle(rows[unit.pk], "repaired", by=cast.henrik, at=at)
    recall_units.settle(rows[None], "unreachable", reason="no answer twice", by=cast.henrik, at=at)

    told = queries_recalls.tally(recall)
    assert (told.found, told.held, told.contacted, told.remedied, told.unreachable, told.rate) == (2, 1, 1, 1, 1, 50)
    assert [(day.found, day.done, day.rate) for day in queries_recalls.over_time(recall)] == [(2, 1, 50)]
    card = queries_recalls.card(cast.henrik)
    assert card == {"running": 1, "open": 0, "lowest": 50}


def test_the_reports_show_how_the_running_recalls_stand(cast: Cast) -> None:
    at = clock.now()
    maria = as_(cast, "maria")
    assert 'id="recalls"' not in maria.get("/reports/").content.decode()
    devices.laptop(cast, serial="PF1ABCDE", at=at)
    make.opened(cast, LISTED, at=at)

    page = " ".join(maria.get("/reports/").content.decode().split())

    assert "1 recall is running. 1 unit is still open. The slowest is done by 0 %." in page
