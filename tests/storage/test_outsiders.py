"""The store belongs to the people who work in it: whoever only sends units there, or drives them, learns and moves nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from revlog.accounts import queries
from revlog.accounts.actors import system
from revlog.accounts.models import Hub, Membership, Organization, Role, User
from revlog.common import ids
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device, Hazard, Location
from revlog.devices.services import places as setting_up
from revlog.devices.services import undoing
from revlog.evidence.models import Artifact
from revlog.storage.models import (
    Container,
    ContainerKind,
    ContainerState,
    Count,
    CountWhy,
    HazardCase,
    HazardKind,
    PackagingMoveKind,
    PickList,
    PickTarget,
)
from revlog.storage.queries import containers as reads
from revlog.storage.queries import hazards as hazard_reads
from revlog.storage.queries import packaging as packaging_reads
from revlog.storage.queries import picks as pick_reads
from revlog.storage.queries import places as place_reads
from revlog.storage.services import packaging, picks, places
from revlog.storage.services.containers import filling, making, moving, sealing
from revlog.storage.services.counts import asking, settling, walking
from revlog.storage.services.hazards import assessing, looking, reporting, telling
from revlog.storage.services.hazards.assessing import Judgement
from tests.cast import Cast
from tests.factories import storage

OUTSIDERS = ("vera", "nils", "dirk", "engineer")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.png", PNG, "image/png")


def person(cast: Cast, name: str, at: datetime) -> User:
    if name != "engineer":
        return cast.user(name)
    # A client's own field engineer has the right to move units, and works at none of the operator's sites.
    user = User.objects.create_user("felix@vega.revlog.invalid", name="Felix", created_at=at)
    Membership.objects.create(user=user, organization=cast.vega, role=Role.FIELD_ENGINEER, created_at=at)
    return user


class Store:
    """A sealed pallet in a bin with units of Vega's in it, a pick list, and packaging that Vega has."""

    def __init__(self, cast: Cast, at: datetime) -> None:
        self.bin, self.other = storage.place(cast, "B-1"), storage.place(cast, "B-2")
        self.sealed, self.open = (storage.container(cast, parent=self.bin) for _one in range(2))
        (self.unit,) = storage.filled(cast, 1, self.open)
        sealing.seal(self.sealed, number="S-100", by=cast.ines, at=at)
        self.tote = packaging.keep_type(code="tote-60", name="Tote 60 l", kind="tote", by=cast.aisha)
        packaging.post(self.tote, PackagingMoveKind.BOUGHT, hub=cast.rotterdam, quantity=9, by=cast.ines, at=at)
        packaging.post(
            self.tote, PackagingMoveKind.GIVEN, hub=cast.rotterdam, partner=cast.vega, quantity=4, by=cast.ines, at=at
        )
        self.list = PickList.objects.create(
            number=ids.fresh(pick_reads.PREFIX, 1, taken=lambda _codes: [])[0], hub=cast.rotterdam,
            target=PickTarget.BENCH, opened_by=cast.aisha.reference, opened_at=at,
        )  # fmt: skip
        self.walk = walking.begin(self.other, by=cast.luca, at=at)
        self.count = self.walk.count

    @property
    def pages(self) -> list[str]:
        return [
            "/store/containers/",
            f"/store/containers/{self.sealed.number}/",
            f"/labels/print?kind=container&things={self.sealed.number}",
            "/settings/places/",
            "/labels/",
            "/settings/places/rotterdam/B-1/",
            "/store/picks/",
            f"/store/picks/{self.list.number}/",
            "/store/counts/",
            "/store/counts/new/",
            f"/store/counts/{self.count.number}/",
            "/store/counts/counts.csv",
            "/store/packaging/",
            "/store/packaging/?sides=10x10x10",
            "/store/packaging/demo/",
            "/store/packaging/demo/moves.csv",
        ]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_no_page_of_the_store_opens_to_an_outsider_and_no_verb_obeys_one(
    client: Client, cast: Cast, at: datetime, name: str
) -> None:
    store = Store(cast, at)
    user = person(cast, name, at)
    by = queries.actor_of(user, at=at)
    assert not by.is_operator
    said = Entry.objects.count()

    client.force_login(user)
    for page in store.pages:
        assert client.get(page).status_code in {403, 404}, page
    broken = {"act": "break", "seal": "S-100", "reason": "x"}
    assert client.post(f"/store/containers/{store.sealed.number}/", broken).status_code in {403, 404}

    told: dict[str, Any] = {"by": by, "at": at}
    verbs: list[Callable[[], object]] = [
        lambda: sealing.break_seal(store.sealed, number="S-100", reason="x", **told),
        lambda: sealing.check(store.sealed, number="S-100", **told),
        lambda: sealing.seal(store.open, number="S-101", **told),
        lambda: sealing.close(store.open, **told),
        lambda: moving.move(store.sealed, store.other, **told),
        lambda: filling.put([store.unit], store.open, **told),
        lambda: filling.empty(store.open, store.other, **told),
        lambda: filling.put_back(store.unit.pk, out_of=store.open.pk, to=store.other.pk, **told),
        lambda: making.make(hub=cast.rotterdam, kind=ContainerKind.TOTE, **told),
        lambda: places.put([store.unit.pk], store.other, **told),
        lambda: places.miss(store.unit.pk, **told),
        lambda: picks.assign(store.list, user, **told),
        lambda: picks.bring(store.list, store.bin, **told),
        lambda: walking.begin(store.bin, **told),
        lambda: walking.see(store.walk, store.unit, **told),
        lambda: walking.end(store.walk, **told),
        lambda: walking.drop(store.walk, **told),
        lambda: asking.request([store.bin], hub=cast.rotterdam, why=CountWhy.PLACE, due_at=None, assignee=None, **told),
        lambda: asking.cancel(store.count, reason="x", **told),
        lambda: settling.approve(store.count, {}, **told),
        lambda: packaging.post(store.tote, PackagingMoveKind.BOUGHT, hub=cast.rotterdam, quantity=1, **told),
        lambda: setting_up.close(store.other, **told),
    ]
    for number, verb in enumerate(verbs):
        try:
            verb()
        except NotAllowed:
            continue
        pytest.fail(f"Verb {number} obeyed {name}.")

    assert not Container.objects.visible_to(by).exists()
    assert reads.known(store.sealed.number, by) is None
    assert not PickList.objects.visible_to(by).exists()
    assert not Count.objects.visible_to(by).exists()
    assert not place_reads.tree(by)
    assert not packaging_reads.stock(by)
    assert Entry.objects.count() == said
    assert Container.objects.get(pk=store.sealed.pk).state == ContainerState.SEALED


def test_those_who_work_in_the_store_see_it_and_nobody_another_sites(client: Client, cast: Cast, at: datetime) -> None:
    store = Store(cast, at)
    demo = Organization.objects.get(code="demo")
    assert demo == cast.vega
    client.force_login(cast.user("aisha"))
    for page in store.pages:
        assert client.get(page).status_code == 200, page

    assert set(Hub.objects.worked_by(cast.jonas)) == {cast.leipzig}
    assert cast.rotterdam.is_worked_by(system())
    assert not cast.rotterdam.is_worked_by(cast.jonas)
    assert not cast.rotterdam.is_worked_by(cast.vera)
    assert reads.known(store.sealed.number, cast.jonas) is None


def test_a_put_is_not_taken_back_past_what_refuses_a_put(cast: Cast, at: datetime) -> None:
    tote, small = storage.container(cast), storage.place(cast, "S-1", capacity=5)
    bin_ = storage.place(cast, "B-1")
    first, second = storage.cables(cast, 2)

    def put(unit: Device, place: Location, minute: int) -> tuple[places.Put, str]:
        made = places.put([unit.pk], place, by=cast.ines, at=at + timedelta(minutes=minute))
        return made, made.entries[0].digest

    filling.put([first], tote, by=cast.ines, at=at)
    made, digest = put(first, bin_, 1)
    sealing.close(tote, by=cast.ines, at=at)
    with pytest.raises(undoing.UnableToUndo, match="is closed"):
        undoing.take_back_put(first.pk, digest, back=tote.location, by=cast.ines, at=at)
    with pytest.raises(places.UnableToTakeBack, match="is closed"):
        places.take_back(bin_, root=made.root, put_at=made.at, by=cast.ines, at=at)
    sealing.open_again(tote, by=cast.ines, at=at)
    undoing.take_back_put(first.pk, digest, back=tote.location, by=cast.ines, at=at)
    # What came back into the container stands on its chain too.
    filled = Entry.objects.filter(chain_id=tote.pk, kind="storage.container_filled")
    assert [one.payload["inside"] for one in filled.order_by("sequence")] == [1, 1]

    _made, digest = put(second, small, 2)
    made, _digest = put(second, bin_, 3)
    setting_up.close(small, by=cast.admin, at=at)
    with pytest.raises(places.UnableToTakeBack, match="S-1 is not in use"):
        places.take_back(bin_, root=made.root, put_at=made.at, by=cast.ines, at=at)

    # Out of a container to nowhere: it is told there as well, and not past a lid that was closed since.
    (third,) = storage.cables(cast, 3)[2:]
    _made, digest = put(third, tote.location, 4)
    sealing.close(tote, by=cast.ines, at=at)
    with pytest.raises(undoing.UnableToUndo, match="is closed"):
        undoing.take_back_put(third.pk, digest, back=None, by=cast.ines, at=at)
    sealing.open_again(tote, by=cast.ines, at=at)
    with pytest.raises(NotAllowed):
        undoing.take_back_put(third.pk, digest, back=None, by=cast.vera, at=at)
    undoing.take_back_put(third.pk, digest, back=None, by=cast.ines, at=at)
    out = Entry.objects.filter(chain_id=tote.pk, kind="storage.container_taken_from").latest("sequence")
    assert (out.payload["units"], out.payload["inside"], out.payload.get("place")) == (1, 1, None)


@pytest.mark.parametrize("name", [*OUTSIDERS, "jonas"])
def test_a_hazard_is_its_own_sites_page_photo_and_verdict_even_for_the_owner_of_the_unit(
    client: Client, cast: Cast, at: datetime, name: str
) -> None:
    """The people of another site of ours are strangers as well; the owner of the goods is told by us, not by these pages."""
    tote, other = storage.container(cast), storage.container(cast)
    unit, mate, away = storage.cables(cast, 3, owner=cast.vega.id)
    filling.put([unit], tote, by=cast.ines, at=at)
    filling.put([mate], other, by=cast.ines, at=at)
    case = reporting.report(
        hub=cast.rotterdam, device=Device.objects.get(pk=unit.pk), kind=HazardKind.SWOLLEN, by=cast.ines, at=at
    )
    reporting.photograph(case, photo(), by=cast.ines, at=at)
    case.refresh_from_db()
    looking.ask(case, at=at)
    Device.objects.filter(pk=away.pk).update(hazard=Hazard.DAMAGED)
    user = person(cast, name, at)
    by = queries.actor_of(user, at=at)
    said, kept = Entry.objects.count(), Artifact.objects.count()

    client.force_login(user)
    page = f"/store/hazards/{case.number}/"
    shut = {403, 404}
    for path in (page, f"{page}photo", f"{page}unit", "/store/hazards/picture", "/store/hazards/all-well"):
        assert client.get(path).status_code in {*shut, 405}, path
    listed = client.get("/store/hazards/")
    assert listed.status_code in {200, 403, 404}
    for secret in (case.number, unit.tag, tote.number, other.number):
        assert secret not in listed.content.decode()
    verdict = {f"verdict-{unit.pk}": "undamaged", "basis": "expert", "goods": "UN3481", "note": "It is nothing."}
    posts: list[tuple[str, dict[str, Any]]] = [
        (page, verdict),
        (f"{page}unit", {"unit": unit.pk, "act": "pack", "packing": "P908"}),
        (f"{page}unit", {"unit": unit.pk, "act": "lift", "reason": "x"}),
        ("/store/hazards/steps/", {"hub": cast.rotterdam.pk, "kind": "hot", "steps": "Run.", "minutes": "5"}),
    ]
    for path, sent in posts:
        assert client.post(path, sent).status_code in shut, path
    # The floor answers with a page that says no; nothing of the case is on it.
    for path, sent in (
        ("/store/hazards/picture", {"case": case.pk, "photo": photo()}),
        ("/store/hazards/all-well", {"place": other.pk}),
        ("/floor/scan", {"code": case.number}),
        ("/floor/scan", {"code": "REINSPECT"}),
    ):
        answer = client.post(path, sent).content.decode()
        for secret in (unit.tag, tote.number, other.number, "minutes"):
            assert secret not in answer, path

    told: dict[str, Any] = {"by": by, "at": at}
    judged = Judgement({unit.pk: "undamaged"}, "expert", (), "UN3481", "It is nothing.")
    refused: list[Callable[[], object]] = [
        lambda: reporting.report(hub=cast.rotterdam, device=away, kind=HazardKind.HOT, **told),
        lambda: reporting.report(hub=cast.rotterdam, place=other.location, **told),
        lambda: reporting.photograph(case, photo(), **told),
        lambda: reporting.recognize(case, HazardKind.HOT, **told),
        lambda: assessing.assess(case, judged, **told),
        lambda: assessing.pack(away, "P908", **told),
        lambda: assessing.lift(away, reason="x", **told),
        lambda: looking.all_well(other.location, **told),
        lambda: telling.tell(cast.rotterdam, "hot", steps="Run.", minutes="5", by=by),
    ]
    for number, verb in enumerate(refused):
        try:
            verb()
        except NotAllowed:
            continue
        pytest.fail(f"Verb {number} obeyed {name}.")

    assert hazard_reads.by_number(case.number, by) is None
    assert not HazardCase.objects.visible_to(by).exists()
    assert not hazard_reads.looks_of(case, by).exists()
    assert case.number not in {row.thing for row in hazard_reads.exceptions(by, at=at)}
    assert (Entry.objects.count(), Artifact.objects.count()) == (said, kept)
    case.refresh_from_db()
    assert (case.state, case.kind) == ("open", "swollen")
    # The same page shows all of it to whom it is for.
    client.force_login(cast.user("greta"))
    shown = client.get(page).content.decode()
    for each in (unit.tag, tote.number, other.number):
        assert each in shown
