"""Hazards: one report freezes a thing and what shares its place, an assessor classifies it, containers are looked into again, and
places for dangerous goods refuse."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, Hazard, Hold, Location
from revlog.devices.services import moves, places, placing, standing
from revlog.devices.services.places import Protection
from revlog.labels import registry as labels
from revlog.labels.services import printing
from revlog.labels.services.printing import UnableToPrint
from revlog.storage.models import HazardCase, HazardKind, Reinspection
from revlog.storage.queries import hazards as queries
from revlog.storage.queries import places as place_reads
from revlog.storage.services import places as putting
from revlog.storage.services.containers import filling, moving
from revlog.storage.services.containers.keeping import UnableToMoveContainer
from revlog.storage.services.hazards import assessing, looking, reporting
from revlog.storage.services.hazards.assessing import Judgement
from revlog.storage.services.hazards.freezing import UnableToAssess
from tests.cast import Cast
from tests.factories import storage

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def again(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.pk)


def judged(case: HazardCase, own: str, *, criteria: tuple[str, ...] = ("swollen",), note: str = "") -> Judgement:
    keys = case.units.values_list("device_id", flat=True)
    return Judgement(
        {key: own if key == case.device_id else "undamaged" for key in keys}, "expert", criteria, "UN3481", note
    )


def drain(at: datetime) -> None:
    reactions.drain(at=at + timedelta(minutes=1), queues=["fast", "outside"])


def kinds(thing: Any) -> list[str]:
    return list(Entry.objects.filter(chain_id=thing.pk).order_by("sequence").values_list("kind", flat=True))


def fire(cast: Cast, code: str = "FIRE-1", **told: Any) -> Location:
    place = storage.place(cast, code, **told)
    return places.protect(place, Protection(Hazard.CRITICAL.value, most_units=1), by=cast.admin, at=cast.at)


def test_one_report_freezes_all_that_shares_the_place_until_an_assessor_has_classified_it(
    cast: Cast, at: datetime
) -> None:
    bin_, safe, other = storage.place(cast, "B-1"), fire(cast), storage.place(cast, "B-2")
    pallet = storage.container(cast, parent=bin_)
    tote = storage.container(cast, parent=pallet.location)
    units = storage.cables(cast, 4, owner=cast.vega.id)
    source, mate, far, outside = units
    filling.put([source, mate], tote, by=cast.ines, at=at)
    filling.put([far], pallet, by=cast.ines, at=at)
    putting.put([outside.pk], bin_, by=cast.ines, at=at)

    source = again(source)
    case = reporting.report(hub=cast.rotterdam, device=source, kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    assert reporting.report(hub=cast.rotterdam, device=source, by=cast.ines, at=at) == case, (
        "reported twice, it is one case"
    )
    assert case.due_at == at + timedelta(minutes=60)
    assert [again(one).holds for one in units] == [["safety"], ["safety"], ["safety"], []]
    assert [again(one).hazard for one in units] == ["suspect", "", "", ""]
    assert {again(one.location).frozen_by for one in (pallet, tote)} == {case.number}
    assert again(bin_).frozen_by == ""
    assert kinds(case) == ["storage.hazard_reported"]
    assert kinds(pallet)[-1] == "storage.place_frozen"

    # Nothing in, nothing out, but the suspect to a place for it.
    with pytest.raises(placing.UnableToPut, match="is frozen by"):
        putting.put([outside.pk], again(tote.location), by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match="all else stays"):
        putting.put([mate.pk], safe, by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match="belongs in a place for dangerous goods"):
        putting.put([source.pk], other, by=cast.ines, at=at)
    with pytest.raises(UnableToMoveContainer, match="goes to a place for dangerous goods"):
        moving.move(pallet, other, by=cast.ines, at=at)
    assert place_reads.place_for(again(source), cast.rotterdam) == safe
    putting.put([source.pk], safe, by=cast.ines, at=at)

    # The hold is nobody's to end but the assessor's.
    with transaction.atomic(), pytest.raises(standing.UnableToRelease, match="verdict in HZ-"):
        taken = moves.take_one(source.pk)
        standing.release(taken, taken.hold_rows.get(), reason="It is fine.", by=cast.aisha, at=at)


def test_an_assessor_who_is_not_the_reporter_says_by_which_criteria_and_then_it_may_be_packed(
    cast: Cast, at: datetime
) -> None:
    tote = storage.container(cast)
    source, mate, outside = units = storage.cables(cast, 3, owner=cast.vega.id)
    filling.put([source, mate], tote, by=cast.ines, at=at)
    case = reporting.report(hub=cast.rotterdam, device=again(source), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    assert {"on_hold", "not_assessed"} <= {one.code for one in moves.reasons_against(again(source), moves.SEND_BACK)}
    mark = labels.KINDS["lithium"]
    for waiting in (again(source).tag, again(mate).tag, tote.number):
        with pytest.raises(UnableToPrint, match="no mark is printed before"):
            printing.things(mark, [waiting], by=cast.greta)
    with pytest.raises(NotAllowed):
        assessing.assess(case, judged(case, "damaged"), by=cast.aisha, at=at)
    own = reporting.report(hub=cast.rotterdam, device=again(outside), by=cast.greta, at=at)
    with pytest.raises(UnableToAssess, match="nobody assesses a hazard that they reported"):
        assessing.assess(own, judged(own, "undamaged", note="It is nothing."), by=cast.greta, at=at)
    for wrong, field in (
        (judged(case, "damaged", criteria=()), "criteria"), (judged(case, "critical"), "criteria"),
        (judged(case, "undamaged", criteria=()), "note"), (judged(case, "", note="?"), "verdicts"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            assessing.assess(case, wrong, by=cast.greta, at=at)
        assert [one.field for one in refused.value.reasons] == [field]
    assessing.assess(case, judged(case, "damaged"), by=cast.greta, at=at)

    assert [again(one).holds for one in units] == [[], [], ["safety"]]
    assert again(source).hazard == "damaged"
    assert again(tote.location).frozen_by == ""
    assert [one.name for one in printing.things(mark, [again(source).tag], by=cast.greta)] == [again(source).tag]
    told = Entry.objects.get(chain_id=source.pk, kind="storage.hazard_assessed")
    assert (told.actor, told.payload["criteria"], told.payload["packing"]) == (
        cast.greta.reference, "swollen (ADR SP 376; 49 CFR 173.185(f))", "P908/LP904",
    )  # fmt: skip
    with pytest.raises(UnableToAssess, match="is assessed already"):
        assessing.assess(case, judged(case, "damaged"), by=cast.greta, at=at)

    def against(move: moves.Move) -> set[str]:
        return {one.code for one in moves.reasons_against(again(source), move)}

    assert "hazard" in against(moves.SELL)
    assert "not_packed" in against(moves.RECYCLE)
    with pytest.raises(BadInput):
        assessing.pack(again(source), "P911", by=cast.greta, at=at)
    with pytest.raises(NotAllowed):
        assessing.pack(again(source), "P908", by=cast.ines, at=at)
    assessing.pack(again(source), "P908", by=cast.greta, at=at)
    assert "not_packed" not in against(moves.RECYCLE)
    assessing.lift(again(source), reason="The battery is out of it.", by=cast.greta, at=at)
    assert (again(source).hazard, again(source).packed_as) == ("", "")


def test_the_assessor_is_told_and_the_clients_other_containers_are_looked_into_again(cast: Cast, at: datetime) -> None:
    totes = [storage.container(cast) for _one in range(4)]
    units = storage.cables(cast, 5, owner=cast.vega.id)
    for tote, unit in zip(totes, units, strict=False):
        filling.put([unit], tote, by=cast.ines, at=at)
    case = reporting.report(hub=cast.rotterdam, device=again(units[0]), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    # Somebody else's unit that was put down at that moment is held by the reaction.
    Device.objects.filter(pk=units[4].pk).update(location=totes[0].pk)
    drain(at)
    assert [one.to for one in mail.outbox] == [[cast.user("greta").email]]
    assert case.number in mail.outbox[0].subject
    assert "safety" in again(units[4]).holds

    assert {one.place_id for one in queries.looks(cast.ines)} == {one.pk for one in totes[1:]}
    assert again(units[1]).holds == ["re_inspect"]
    with pytest.raises(placing.UnableToPut, match="is frozen by"):
        filling.put([units[4]], totes[1], by=cast.ines, at=at)
    with transaction.atomic(), pytest.raises(standing.UnableToRelease, match="inspected again"):
        taken = moves.take_one(units[1].pk)
        standing.release(taken, taken.hold_rows.get(), reason="It is fine.", by=cast.aisha, at=at)
    late = queries.exceptions(cast.aisha, at=at + timedelta(hours=2))
    assert [one.is_late(at + timedelta(hours=2)) for one in late] == [True, False, False, False]
    assert queries.exceptions(cast.vera, at=at) == []
    for stranger in (cast.vera, cast.jonas):
        assert not HazardCase.objects.visible_to(stranger).exists()
        with pytest.raises(NotAllowed):
            looking.all_well(totes[1].location, by=stranger, at=at)

    looking.all_well(totes[1].location, by=cast.ines, at=at)
    assert (again(units[1]).holds, again(totes[1].location).frozen_by) == ([], "")
    with pytest.raises(UnableToAssess, match="Nobody asked"):
        looking.all_well(totes[1].location, by=cast.ines, at=at)
    found = reporting.report(
        hub=cast.rotterdam, place=again(totes[2].location), kind=HazardKind.HOT, by=cast.ines, at=at
    )
    assert Reinspection.objects.get(place=totes[2].pk).state == "hazard"
    assert again(units[2]).holds == ["safety"]

    # A false alarm frees its own list, but what another case of the client waits for is that one's.
    assessing.assess(case, judged(case, "undamaged", criteria=(), note="The cover was bent."), by=cast.greta, at=at)
    drain(at)
    assert Reinspection.objects.get(place=totes[3].pk).case == found
    assert again(totes[2].location).frozen_by == found.number
    assert again(units[2]).holds == ["safety"]
    assessing.assess(found, judged(found, "undamaged", criteria=(), note="A warm day."), by=cast.greta, at=at)
    drain(at)
    assert Reinspection.objects.get(place=totes[3].pk).state == "dropped"
    assert not Hold.objects.filter(released_at=None).exists()
    assert not Location.objects.exclude(frozen_by="").exists()


def test_places_for_dangerous_goods_refuse_by_class_count_weight_neighbours_and_worth(cast: Cast, at: datetime) -> None:
    zone = storage.place(cast, "ZONE")
    one, two = (storage.place(cast, code, parent=zone) for code in ("FIRE-1", "FIRE-2"))
    plain = storage.place(cast, "B-1")
    first, second, harmless = storage.cables(cast, 3)
    Device.objects.filter(pk=first.pk).update(hazard="damaged", grams=900, expected_value=Decimal(400))
    Device.objects.filter(pk=second.pk).update(hazard="critical", grams=900, expected_value=Decimal(400))

    def protect(place: Location, hazard: str = "critical", **told: Any) -> None:
        places.protect(again(place), Protection(hazard, **told), by=cast.admin, at=at)

    def refusals(unit: Device, place: Location) -> set[str]:
        return {reason.code for reason in placing.reasons_against([again(unit)], again(place))}

    assert refusals(first, plain) == {"dangerous"}
    protect(one, "damaged")
    assert (refusals(first, one), refusals(second, one), refusals(harmless, one)) == (
        set(),
        {"too_dangerous"},
        {"harmless"},
    )
    protect(one, most_units=1, most_kilograms=Decimal(1), insured=Decimal(500))
    putting.put([first.pk], one, by=cast.ines, at=at)
    assert refusals(second, one) == {"too_many_hazards", "too_heavy", "uninsured"}
    protect(two, apart_from=("damaged",), metres=Decimal(3))
    assert refusals(second, two) == {"too_near"}
    assert place_reads.place_for(again(second), cast.rotterdam) is None
    protect(two)
    assert place_reads.place_for(again(second), cast.rotterdam) == two
    with pytest.raises(BadInput, match="1 dangerous unit is in FIRE-1"):
        protect(one, "")
    with pytest.raises(BadInput, match="limits of dangerous goods"):
        protect(plain, "", most_units=3)
    assert kinds(one).count("devices.place_protected") == 2


def test_the_pages_show_the_clock_take_the_photo_and_the_verdict_and_keep_strangers_out(
    client: Client, cast: Cast, at: datetime
) -> None:
    (unit,) = storage.cables(cast, 1)
    client.force_login(cast.user("ines"))
    client.post("/floor/scan", {"code": unit.tag})
    answer = client.post("/floor/scan", {"code": "HAZARD"}).content.decode()
    case = HazardCase.objects.get()
    assert case.number in answer
    assert "Keep others 5 m away." in answer
    client.post("/floor/scan", {"code": "HAZARD HOT"})
    assert again(case).kind == "hot"
    sent = {"case": case.pk, "photo": SimpleUploadedFile("a.png", PNG, "image/png")}
    assert "photo kept" in client.post("/store/hazards/picture", sent).content.decode()
    page = f"/store/hazards/{case.number}/"
    assert client.post(page, {}).status_code == 403, "who may not assess is stopped at the door"
    assert client.get("/store/hazards/steps/").status_code == 403

    client.force_login(cast.user("greta"))
    assert client.get(f"{page}photo")["Content-Type"] == "image/jpeg"
    steps = {"hub": cast.rotterdam.pk, "kind": "hot", "steps": "Run.\nCall.", "minutes": "5", "call": "Bert"}
    assert client.post("/store/hazards/steps/", {**steps, "minutes": "0"}).status_code == 422
    assert client.post("/store/hazards/steps/", steps).status_code == 302
    assert queries.steps_for(cast.rotterdam, "hot").lines == ["Run.", "Call."]
    told = {f"verdict-{unit.pk}": "critical", "basis": "expert", "goods": "UN3480", "criteria": ["flames"]}
    assert client.post(page, told | {"criteria": ["heat"]}).status_code == 409
    assert client.post(page, told).status_code == 302
    assert "P 911, LP 906" in client.get(page).content.decode()
    client.post(f"{page}unit", {"unit": unit.pk, "act": "pack", "packing": "P911"})
    assert again(unit).packed_as == "P911"
    for name in ("vera", "jonas"):
        client.force_login(cast.user(name))
        assert client.get(page).status_code in {403, 404}
        assert client.get(f"{page}photo").status_code in {403, 404}


def test_a_verdict_about_one_thing_takes_back_no_class_that_another_beside_it_has(cast: Cast, at: datetime) -> None:
    tote = storage.container(cast)
    first, mate = units = storage.cables(cast, 2)
    filling.put(units, tote, by=cast.ines, at=at)
    case = reporting.report(hub=cast.rotterdam, device=again(first), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    assessing.assess(case, judged(case, "damaged"), by=cast.greta, at=at)
    assessing.pack(again(first), "P908", by=cast.greta, at=at)

    other = reporting.report(hub=cast.rotterdam, device=again(mate), kind=HazardKind.HOT, by=cast.ines, at=at)
    assessing.assess(other, judged(other, "undamaged", criteria=(), note="A lamp."), by=cast.greta, at=at)

    assert (again(first).hazard, again(first).packed_as, again(mate).hazard) == ("damaged", "P908", "")
    assert not Hold.objects.filter(released_at=None).exists()
    # What it is itself reported for again is judged anew.
    anew = reporting.report(hub=cast.rotterdam, device=again(first), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    assessing.assess(anew, judged(anew, "undamaged", criteria=(), note="The battery is out."), by=cast.greta, at=at)
    assert again(first).hazard == ""


def test_what_stands_in_a_pallet_is_inspected_before_it_leaves_and_no_hold_outlasts_the_look(
    cast: Cast, at: datetime
) -> None:
    there = places.add(hub=cast.leipzig, code="L-1", kind="bin", secured=False, by=cast.admin, at=at)
    pallet, found = storage.container(cast, parent=storage.place(cast, "B-1")), storage.container(cast)
    tote = storage.container(cast, parent=pallet.location)
    source, inside, gone = storage.cables(cast, 3, owner=cast.vega.id)
    filling.put([source], found, by=cast.ines, at=at)
    filling.put([inside, gone], tote, by=cast.ines, at=at)
    reporting.report(hub=cast.rotterdam, device=again(source), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    drain(at)
    assert again(pallet.location).frozen_by == ""
    with pytest.raises(UnableToMoveContainer, match=f"{tote.number} is to be inspected again"):
        moving.move(again(pallet), there, by=cast.maria, at=at)

    # A unit that isn't in it any more when somebody looks: its hold isn't there for good.
    Device.objects.filter(pk=gone.pk).update(location=None)

    def release() -> None:
        with transaction.atomic():
            taken = moves.take_one(gone.pk)
            standing.release(taken, taken.hold_rows.get(), reason="It lay beside it.", by=cast.aisha, at=at)

    with pytest.raises(standing.UnableToRelease, match="inspected again"):
        release()
    looking.all_well(again(tote.location), by=cast.ines, at=at)
    assert (again(inside).holds, again(gone).holds) == ([], ["re_inspect"])
    release()
    assert again(gone).holds == []


def test_what_stands_in_a_pallet_that_is_inspected_again_is_frozen_with_it(cast: Cast, at: datetime) -> None:
    found, pallet = storage.container(cast), storage.container(cast, parent=storage.place(cast, "B-1"))
    tote, empty = (storage.container(cast, parent=pallet.location) for _one in range(2))
    source, theirs = storage.cables(cast, 2, owner=cast.vega.id)
    ours, other = storage.cables(cast, 2)
    for unit, box in ((source, found), (theirs, pallet), (ours, tote)):
        filling.put([unit], box, by=cast.ines, at=at)
    reporting.report(hub=cast.rotterdam, device=again(source), kind=HazardKind.SWOLLEN, by=cast.ines, at=at)
    drain(at)

    assert {one.place_id for one in queries.looks(cast.ines)} == {pallet.pk, tote.pk, empty.pk}
    assert again(ours).holds == ["re_inspect"]
    for box in (tote, empty):
        with pytest.raises(placing.UnableToPut, match="is frozen by"):
            filling.put([other], box, by=cast.ines, at=at)
    # One that came into it in that moment is frozen by the reaction.
    late = storage.container(cast)
    filling.put([other], late, by=cast.ines, at=at)
    Location.objects.filter(pk=late.pk).update(parent=pallet.pk)
    case = HazardCase.objects.get()
    looking.sweep(case, at=at)
    assert (again(late.location).frozen_by, again(other).holds) == (case.number, ["re_inspect"])
    for box in (pallet, tote, empty, late):
        looking.all_well(again(box.location), by=cast.ines, at=at)
    assert not Location.objects.exclude(frozen_by="").exclude(pk=found.pk).exists()
    assert (again(theirs).holds, again(ours).holds, again(other).holds) == ([], [], [])
