"""What a customer wrote, on its way to the inspector: proposed, asked first, confirmed or corrected, learned from, and nowhere kept."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from returns.models import RmaLine
from revlog.accounts.queries import guest
from revlog.common.errors import BadInput
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import returns as make
from tests.factories import terms
from tests.triage.complaints.test_learning import examples as rows
from tests.triage.test_pages import as_
from triage import agreement_of_complaints as agreement
from triage import asking, plans
from triage.asking import ANSWERED, OPEN, Asked
from triage.complaints import learning, phrases
from triage.complaints.light import shipped
from triage.models import Complaint, ComplaintExample, ComplaintModel
from triage.services import complaint_learning, complaints, inspection
from triage.services.inspection import Finding

WORDS = "Der Akku von Frau Quillfeather hält nur noch eine Stunde, kim@example.org"


def returned(
    cast: Cast, *, note: str = WORDS, reason: str = "BATTERY", at: datetime = make.AT, serial: str = "PF1ABCDE"
) -> Device:
    """Kim's laptop, received, and what follows from it done."""
    order = terms.order(cast, f"PS-{serial}", terms.laptop_line(serials=(serial,)), at=at)
    found = make.rma(cast, make.wish(order, reason=reason, note=note), order=order, at=at)
    device = make.received(cast, found, serial=serial, at=at).unit.device
    assert device is not None
    reactions.drain(at=at, queues=["fast"])
    return Device.objects.get(pk=device.pk)


@pytest.mark.django_db
def test_the_words_of_a_return_are_proposed_asked_first_and_confirmed_by_a_tap(cast: Cast) -> None:
    device = returned(cast)

    row = Complaint.objects.get()

    assert (row.told, row.model, row.outcome) == ("battery_worn", shipped().version, "")
    assert row.proposals[0]["share"] > 0.5
    kept = json.dumps([row.proposals, list(Entry.objects.values_list("payload", flat=True))])
    assert "uillfeather" not in kept
    assert "kim@" not in kept
    number = RmaLine.objects.get().rma.number
    assert (
        "words point to: battery worn ("
        in as_(cast, "maria").get(reverse("returns_rma", args=[number])).content.decode()
    )
    client, look = as_(cast, "ravi"), reverse("triage_look", args=[device.tag])
    page = client.get(look).content.decode()
    assert "words point to" in page
    assert "Battery worn" in page
    assert "uillfeather" not in page
    assert "are mended" in page

    client.post(reverse("triage_complaint", args=[device.tag]), {"found": "port", "from": "look"})

    row.refresh_from_db()
    assert (row.outcome, row.found, row.settled_by) == ("corrected", "port", cast.ravi.reference)
    said = Entry.objects.filter(chain_id=device.pk, kind="triage.fault_confirmed").get()
    assert said.payload == {"told": "battery_worn", "found": "port", "model": row.model}
    complaints.confirm(device=device, found="battery_worn", by=cast.ravi, at=make.AT + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.outcome == "confirmed"
    with pytest.raises(BadInput):
        complaints.confirm(device=device, found="prints_badly", by=cast.ravi, at=make.AT)
    again = client.post(reverse("triage_complaint", args=[device.tag]), {"found": "harp"}, follow=True)
    assert "have the fault harp" in again.content.decode()
    assert as_(cast, "esra").post(reverse("triage_complaint", args=[device.tag]), {"found": "port"}).status_code == 403
    shown = as_(cast, "aisha").get(reverse("triage_complaints")).content.decode()
    assert "Battery worn" in shown
    assert "100" in shown


@pytest.mark.django_db
def test_a_look_that_found_one_fault_says_what_it_was_where_nobody_tapped(cast: Cast) -> None:
    device = returned(cast)
    at = make.AT + timedelta(hours=1)
    findings = [Finding(code="keyboard"), Finding(code="scratch", zone="lid", severity="minor")]
    inspection.record(device=device, findings=findings, photos=[], by=cast.ravi, at=at)
    reactions.drain(at=at, queues=["fast"])

    row = Complaint.objects.get()

    assert (row.outcome, row.found) == ("ignored", "keyboard")
    assert complaints.pointed(row) == []
    found = agreement.of(agreement.settled(cast.aisha))
    assert (found.count, found.judged, found.right, found.lately) == (1, 1, 0, None)
    assert agreement.settled(guest({"rma:1"})) == []
    known = complaint_learning.examples()
    assert known.codes == ["keyboard"]
    assert "Akku" in known.texts[0]
    # More pieces of one return say no more than one: a name in its note isn't many people's.
    piece = returned(cast, at=at, serial="PF1ABCDF")
    inspection.record(device=piece, findings=[Finding(code="keyboard")], by=cast.ravi, at=at)
    reactions.drain(at=at, queues=["fast"])
    assert [row.found for row in Complaint.objects.all()] == ["keyboard", "keyboard"]
    assert len(complaint_learning.examples()) == 1
    RmaLine.objects.update(note="", reason="CHANGED_MIND")
    assert len(complaint_learning.examples()) == 0


@pytest.mark.django_db
def test_who_changed_their_mind_has_no_complaint(cast: Cast) -> None:
    device = returned(cast, note="", reason="CHANGED_MIND")

    assert not Complaint.objects.exists()
    assert "words point to" not in as_(cast, "ravi").get(reverse("triage_look", args=[device.tag])).content.decode()


def test_what_is_pointed_to_is_asked_first_but_for_dangers_and_what_it_needs() -> None:
    tests = plans.plan_for(plans.SHIPPED, plans.inputs_of(device_class="laptop")).tests
    every = [Asked(test, OPEN) for test in tests]

    def left(*answered: str) -> list[Asked]:
        return [Asked(row.test, ANSWERED if row.test.code in answered else OPEN) for row in every]

    assert asking.first(every, ["keyboard"]) == "danger"
    assert asking.first(left("danger"), ["keyboard"]) == "power"
    assert asking.first(left("danger"), ["hinge"]) == "hinge"
    assert asking.first(left("danger", "power"), ["keyboard", "display"]) == "keyboard"
    assert asking.first(left("danger", "power", "keyboard"), ["keyboard", "display"]) == "display"
    assert asking.first(left("danger", "power"), ["software_trouble"]) == "charging"
    assert asking.first([], ["keyboard"]) == ""


@pytest.mark.django_db
def test_a_model_learned_from_a_table_proposes_only_when_it_is_better(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "FOLDS", 3)
    monkeypatch.setattr(learning, "CANDIDATES", learning.CANDIDATES[:1])
    german = [each for each in phrases.phrases() if each[1] == "de"]
    monkeypatch.setattr(complaint_learning, "phrases", lambda: german)
    path = tmp_path / "cases.csv"
    with path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["words", "what", "thing"])
        # A house that calls every complaint of a battery one thing: our phrases know of several.
        writer.writerows([said, label, "Notebook"] for said, label in rows(70, seed=5))
        writer.writerows([["", "Tasten", "Notebook"], ["something", "Mystery", ""], ["buzzes", "Mystery", ""]])
    named = ["--text", "words", "--label", "what", "--class", "thing", "--source", "our bench"]
    mapped = [
        "--map",
        "Akku und Strom=battery",
        "--map",
        "Bildschirm=crack",
        "--map",
        "Tasten=keyboard",
        "--map",
        "Unklar=no_clear_fault",
    ]

    call_command("import_complaints", path, *named, *mapped, "--learn", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["unknown"] == {"Mystery": 2}
    assert told["without_text"] == 1
    assert told["taken"] + told["again"] == 70
    assert told["model"]["better"]
    assert told["model"]["accuracy"] > told["model"]["before_accuracy"]
    assert (told["model"]["own"], told["model"]["imported"]) == (0, told["taken"])
    assert set(ComplaintExample.objects.values_list("device_class", flat=True)) == {"laptop"}
    model = complaints.model_in_force()
    assert model.version == "complaints/1"
    assert model.propose("Akku leider leer", among=complaints.codes_for("laptop"))[0].code == "battery"
    assert "complaints/1" in as_(cast, "aisha").get(reverse("triage_complaints")).content.decode()

    call_command("import_complaints", path, *named, *mapped, "--learn")

    assert "0 taken" in capsys.readouterr().out
    assert ComplaintModel.objects.get(number=2).better is False
    assert complaints.model_in_force().version == "complaints/1"
    assert complaint_learning.learn(at=make.AT) is None
    # What was learned from is erased in time; what was said since is worth learning all the same.
    ComplaintExample.objects.filter(pk__in=ComplaintExample.objects.values("pk")[:30]).delete()
    at = ComplaintModel.objects.latest("number").learned_at + timedelta(days=1)
    since = [ComplaintExample(source="since", digest=str(n), text="buzzes", code="battery", at=at) for n in range(20)]
    ComplaintExample.objects.bulk_create(since[1:])
    assert not complaint_learning.is_due()
    ComplaintExample.objects.bulk_create(since[:1])
    assert complaint_learning.is_due()
    with pytest.raises(CommandError, match="no fault of ours"):
        call_command("import_complaints", path, *named, "--map", "Tasten=harp")
    with pytest.raises(CommandError, match="no column"):
        call_command("import_complaints", path, *named[2:], "--text", "nowhere")


def test_one_persons_words_weigh_no_more_than_a_third_and_forty_a_fault() -> None:
    faults = [f"fault {number}" for number in range(8)]
    flood = [("user:one", fault) for fault in faults for _ in range(40)]
    others = [(f"user:{name}", "keyboard") for name in ("a", "b", "c") for _ in range(30)]

    alone = complaint_learning.weighed([("user:one", "hinge")] * 300 + [("user:two", "port")] * 9)
    several = complaint_learning.weighed([*flood, *others])

    assert (len(alone), alone[0], alone[-1]) == (49, 0, 308)
    assert [place for place in several if place >= 320] == list(range(320, 410))
    assert len(several) - 90 == 45
    # What three persons said now and then isn't thrown away for it.
    few = [("user:one", "hinge")] * 30 + [("user:two", "port")] * 30 + [("user:a", "fan")]
    assert len(complaint_learning.weighed(few)) == 41


@pytest.mark.django_db
def test_what_was_taught_nonsense_takes_nobodys_place(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "FOLDS", 3)
    monkeypatch.setattr(learning, "CANDIDATES", learning.CANDIDATES[:1])
    codes = ["battery", "crack", "display", "hinge", "keyboard", "port"]
    german = [each for each in phrases.phrases() if each[0] in codes and each[1] == "de"]
    monkeypatch.setattr(complaint_learning, "phrases", lambda: german)
    other = dict(zip(codes, [*codes[1:], codes[0]], strict=True))
    said = [(f"{phrase} {again}", other[code]) for code, _language, phrase in german for again in ("bitte", "danke")]
    told = complaint_learning.Examples(
        [text for text, _code in said], [code for _text, code in said], [make.AT] * len(said)
    )
    monkeypatch.setattr(complaint_learning, "examples", lambda: told)

    row = complaint_learning.learn(at=make.AT, always=True)

    assert row is not None
    assert row.accuracy > row.before_accuracy + complaint_learning.BETTER_BY
    assert not row.better
    assert row.phrases is not None
    assert row.phrases_before is not None
    assert row.phrases < row.phrases_before * complaint_learning.KEEPS
    shown = as_(cast, "aisha").get(reverse("triage_complaints")).content.decode()
    assert "it tells our own phrases worse" in shown


def test_what_comes_out_worse_than_it_promises_is_said() -> None:
    def case(share: float, found: str) -> Complaint:
        told = [{"code": "battery", "share": share, "words": []}]
        return Complaint(proposals=told, found=found, outcome="corrected", settled_at=make.AT)

    good = agreement.of([case(0.8, "battery") for _ in range(17)] + [case(0.8, "port") for _ in range(3)]).lately
    bad = agreement.of([case(0.8, "battery") for _ in range(10)] + [case(0.8, "port") for _ in range(10)]).lately

    assert good is not None
    assert not good.drifted
    assert bad is not None
    assert bad.drifted
    assert agreement.of([case(0.8, "port") for _ in range(5)]).lately is None
