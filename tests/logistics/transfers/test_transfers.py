"""A transfer is put together, loaded by scans, signed for, carried leg by leg, taken in by scans, and what isn't right is settled."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.services import arrivals, moves, placing, standing
from revlog.devices.services.placing import UnableToPut
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from revlog.logistics.models import (
    CargoStatus,
    Handover,
    Mode,
    Settled,
    Transfer,
    TransferStatus,
    Trouble,
)
from revlog.logistics.services.transfers import accepting, common, planning, releasing, seaboxes, settling, travelling
from revlog.logistics.services.transfers.common import UnableToTransfer
from revlog.logistics.services.transfers.planning import Stretch
from revlog.storage.services.containers import moving, sealing
from revlog.storage.services.containers.keeping import UnableToKeep
from tests.cast import Cast
from tests.factories import devices, storage, transfers
from tests.factories.transfers import HOUR


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (120, 60, 30)).save(out, "JPEG")
    return SimpleUploadedFile("seal.jpg", out.getvalue(), "image/jpeg")


def kinds(chain: UUID) -> list[str]:
    return list(Entry.objects.filter(chain_id=chain).order_by("sequence").values_list("kind", flat=True))


def monitor(cast: Cast, serial: str) -> Device:
    what = arrivals.Description(device_class="monitor", serial=serial)
    return arrivals.arrive(what=what, stay=devices.stay(cast), by=cast.ines, at=devices.AT)


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("CSQU3054383", True),
        ("csqu 305438 3", True),
        ("CSQU3054384", False),
        ("CSQX3054383", False),
        ("MSKU6011672", True),
        ("CSQU305438", False),
    ],
)
def test_the_check_digit_of_an_overseas_container(number: str, valid: bool) -> None:
    assert seaboxes.is_valid(seaboxes.normal(number)) is valid


@pytest.mark.django_db
def test_two_shipments_by_road_and_sea_with_every_kind_of_trouble(cast: Cast, at: datetime) -> None:  # noqa: PLR0915
    at = devices.AT
    truck, ship = transfers.carrier("truck", at), transfers.carrier("ship", at)
    door = Location.objects.create(hub=cast.leipzig, code="DOOR-L", kind="dock", created_at=at)
    sealed, plain, third = (storage.container(cast) for _n in range(3))
    inside = storage.filled(cast, 3, sealed)
    sealing.seal(sealed, number="S-1001", by=cast.ines, at=at)
    loose, gone, extra = (monitor(cast, f"LOOSE{n}") for n in range(3))
    way = [
        transfers.road(truck, at, ends="Maasvlakte"),
        Stretch(
            carrier=ship, mode=Mode.SEA, begins_at="Maasvlakte", ends_at="Leipzig", planned_from=at + 9 * HOUR,
            planned_to=at + 30 * HOUR, container="CSQU 305438 3", seals=["b-77"], vessel="Aurora", voyage="12W",
        ),
    ]  # fmt: skip
    with pytest.raises(BadInput, match="isn't a container's number"):
        transfers.planned(cast, [Stretch(**{**vars(way[1]), "container": "CSQU3054384"})], containers=[sealed], at=at)
    with pytest.raises(NotAllowed):
        planning.plan(origin=cast.rotterdam, destination=cast.leipzig, legs=way, by=cast.jonas, at=at)
    transfer = transfers.planned(cast, way, containers=[sealed, plain, third], devices=[loose, gone], at=at)
    with pytest.raises(UnableToTransfer, match=f"is on transfer {transfer.number}"):
        transfers.planned(cast, way, containers=[sealed], at=at)

    # Loading: a seal names its container; twice is once; what isn't on the list is called out.
    with pytest.raises(NotAllowed):
        releasing.load(transfer, sealed.number, by=cast.jonas, at=at)
    assert not releasing.load(transfer, "s-1001", by=cast.ines, at=at).again
    assert releasing.load(transfer, sealed.number, by=cast.aisha, at=at).again
    with pytest.raises(UnableToTransfer, match="isn't on the list"):
        releasing.load(transfer, extra.tag, by=cast.ines, at=at)
    releasing.load(transfer, plain.number, by=cast.ines, at=at)
    releasing.load(transfer, gone.tag, by=cast.ines, at=at)
    off = releasing.load(transfer, extra.tag, anyway=True, by=cast.ines, at=at).cargo
    assert off.added
    releasing.unload(off, by=cast.ines, at=at)
    planning.leave_out(off, by=cast.ines, at=at)
    with pytest.raises(BadInput):
        releasing.release(transfer, by=cast.ines, at=at)
    first = releasing.release(transfer, signature=transfers.glass(), signed_by="D. Jansen", by=cast.ines, at=at)

    # Custody is the carrier's; one entry on each thing's chain; nobody works on what is away, by whatever page.
    told = Entry.objects.get(chain_id=transfer.pk, kind="logistics.transfer_released").payload
    assert (told["containers"], told["units"], told["left"]) == (2, 1, 2)
    for unit in (*inside, gone):
        unit.refresh_from_db()
        assert (unit.custodian, unit.holds) == (truck.organization, ["away"])
        assert kinds(unit.pk)[-1] == "logistics.unit_released"
    assert kinds(sealed.pk)[-1] == "logistics.container_released"
    with pytest.raises(moves.UnableToMove, match="away from our sites"):
        moves.advance(inside[0], moves.TO_TRIAGE, fact=devices.facts.SentToTriage(reason="look"), by=cast.ravi, at=at)
    with pytest.raises(UnableToPut):
        placing.put(moves.take_one(gone.pk), storage.place(cast, "BIN-1"), by=cast.ines, at=at)
    with pytest.raises(UnableToKeep, match="on its way"):
        moving.move(plain, storage.place(cast, "BIN-2"), by=cast.ines, at=at)
    hold = gone.hold_rows.get()
    with pytest.raises(standing.UnableToRelease):
        standing.release(gone, hold, reason="I want it", by=cast.aisha, at=at)
    handover = Handover.objects.get(shipment=first.shipment)
    assert (handover.giver, handover.taker, handover.is_open) == ("rotterdam", "truck", False)
    assert "Jansen" not in str(list(Entry.objects.values_list("payload", flat=True)))

    # What didn't fit goes with a second shipment of the same transfer, by the same way.
    releasing.load(transfer, third.number, by=cast.ines, at=at + HOUR)
    releasing.load(transfer, loose.serial, by=cast.ines, at=at + HOUR)
    second = releasing.release(transfer, unsigned_why="He was gone.", by=cast.ines, at=at + HOUR)
    assert (second.number, second.shipment.legs.count()) == (2, 2)
    reactions.drain(at=at + HOUR)
    papers = Document.objects.filter(kind="handover_paper").order_by("issued_at")
    assert papers.count() == 2
    verified = Client().get(reverse("verify", args=[papers[0].pk])).content.decode()
    assert sealed.number in verified
    assert plain.number in verified

    # At the cross-dock the next carrier takes over; the clock runs leg by leg.
    leg, sea = first.shipment.legs.order_by("number")
    assert travelling.say_late(at=at + 11 * HOUR) == 0
    assert travelling.say_late(at=at + 13 * HOUR + HOUR / 60) == 2
    assert travelling.say_late(at=at + 14 * HOUR) == 0
    reactions.drain(at=at + 14 * HOUR)
    assert {one.to[0].split("@")[0] for one in mail.outbox} == {"aisha", "jonas"}
    assert transfer.number in mail.outbox[0].subject
    with pytest.raises(UnableToTransfer, match="hasn't come"):
        travelling.left(sea, by=cast.ines, at=at + 15 * HOUR)
    travelling.came(leg, by=cast.ines, at=at + 15 * HOUR)
    travelling.left(sea, by=cast.ines, at=at + 16 * HOUR)
    gone.refresh_from_db()
    assert gone.custodian == ship.organization

    # Taking in: the seal first. Here it is another one, so the container comes in with a row for the lead, and a photo.
    then = at + 30 * HOUR
    with pytest.raises(NotAllowed):
        accepting.accept(transfer, sealed.number, by=cast.ines, at=then)
    assert accepting.accept(transfer, sealed.number, by=cast.katja, at=then).what == "seals"
    taken = accepting.accept(transfer, sealed.number, seals_broken=["S-1001"], by=cast.katja, at=then)
    assert taken.discrepancy is not None
    assert taken.discrepancy.kind == Trouble.SEAL
    assert accepting.accept(transfer, sealed.number, by=cast.jonas, at=then).what == "again"
    assert accepting.accept(transfer, plain.number, by=cast.katja, at=then).what == "accepted"
    assert accepting.accept(transfer, extra.tag, by=cast.katja, at=then).what == "over"
    damage = accepting.damaged(transfer, plain.number, words="crushed corner", by=cast.katja, at=then)
    for unit in inside:
        unit.refresh_from_db()
        assert (unit.hub, unit.custodian, unit.holds) == (cast.leipzig, cast.operator, [])
        assert kinds(unit.pk).count("logistics.unit_taken_in") == 1
    sealed.location.refresh_from_db()
    assert (sealed.location.hub, sealed.location.parent) == (cast.leipzig, door)
    with pytest.raises(UnableToTransfer, match="no photo"):
        transfers.taken_over(transfer, by=cast.katja, at=then)
    for one in (taken.discrepancy, damage):
        accepting.photograph(one, photo(), by=cast.katja, at=then)
    with pytest.raises(BadInput, match="who signs"):
        accepting.close(transfer, by=cast.katja, at=then)
    transfers.taken_over(transfer, by=cast.katja, at=then)
    rows = {one.kind: one for one in first.shipment.discrepancies.all()}
    assert set(rows) == {"seal", "over", "damaged", "short"}
    assert rows["short"].code == gone.tag

    # Whoever took it over signed for what came; the paper has both signatures, and no name.
    reactions.drain(at=then)
    first.refresh_from_db()
    assert first.taker_name == "K. Brandt"
    assert first.receipt is not None
    paper = first.receipt.context
    assert (paper["taken"]["things"], paper["taken"]["of"]) == (2, 3)
    assert {one["code"] for one in paper["taken"]["differences"]} == {sealed.number, plain.number, gone.tag, extra.tag}
    drawn = [
        len(PdfReader(io.BytesIO(artifacts.read(one.artifact))).pages[0].images) for one in (papers[0], first.receipt)
    ]
    assert drawn == [1, 1]  # both ends drew the same here, which a file holds once
    assert "Brandt" not in str(list(Entry.objects.values_list("payload", flat=True))) + str(paper)

    # The second shipment comes whole; the transfer stays open until a lead has settled each row.
    for code in (third.number, loose.tag):
        accepting.accept(transfer, code, by=cast.katja, at=then)
    transfers.taken_over(transfer, by=cast.katja, at=then)
    transfer.refresh_from_db()
    assert transfer.status == TransferStatus.UNDER_WAY
    with pytest.raises(NotAllowed):
        settling.settle(rows["short"], how=Settled.LOST, note="gone", by=cast.katja, at=then)
    with pytest.raises(UnableToTransfer, match="isn't taken in yet"):
        settling.settle(rows["short"], how=Settled.FOUND, note="it was behind", by=cast.jonas, at=then)
    with pytest.raises(UnableToTransfer, match="can't be said"):
        settling.settle(rows["over"], how=Settled.LOST, note="no", by=cast.jonas, at=then)
    assert accepting.accept(transfer, gone.tag, by=cast.katja, at=then).what == "accepted"
    for kind, how in (
        ("short", Settled.FOUND),
        ("over", Settled.KEPT),
        ("damaged", Settled.LOST),
        ("seal", Settled.KEPT),
    ):
        settling.settle(rows[kind], how=how, note="looked at", by=cast.jonas, at=then)
    with pytest.raises(UnableToTransfer, match="settled it already"):
        settling.settle(rows["short"], how=Settled.LOST, note="again", by=cast.aisha, at=then)
    transfer.refresh_from_db()
    assert transfer.status == TransferStatus.DONE
    extra.refresh_from_db()
    gone.refresh_from_db()
    assert {extra.hub, gone.hub} == {cast.leipzig}
    assert not transfer.cargo.filter(status__in=[CargoStatus.MISSING, CargoStatus.UNDER_WAY]).exists()


@pytest.mark.django_db
def test_what_may_not_travel_is_named_before_anything_moves(cast: Cast) -> None:
    at = devices.AT
    plain, approved = transfers.carrier("plain", at), transfers.carrier("safe", at, carries_data=True)
    laptop, held = devices.laptop(cast), monitor(cast, "HELD")
    tote, hazard = storage.container(cast, secured=True), storage.container(cast)
    Location.objects.filter(pk=hazard.pk).update(hazard_class="damaged")
    standing.hold(moves.take_one(held.pk), HoldKind.SAFETY, reason="it smells", by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match="on hold"):
        transfers.planned(cast, [transfers.road(plain, at)], devices=[held], at=at)
    assert not Transfer.objects.exists()

    transfer = transfers.planned(cast, [transfers.road(plain, at)], containers=[hazard], devices=[laptop], at=at)
    with pytest.raises(UnableToTransfer, match="dangerous goods") as refusal:
        releasing.load(transfer, hazard.number, by=cast.ines, at=at)
    assert len(refusal.value.reasons) == 1
    with pytest.raises(UnableToTransfer) as refusal:
        releasing.load(transfer, laptop.tag, by=cast.ines, at=at)
    assert [one.code for one in refusal.value.reasons] == ["data_unsealed", "data_unsecured"]

    # An approved carrier and a secured site: it may go. Another organization gets no data that isn't its own.
    type(cast.leipzig).objects.filter(pk=cast.leipzig.pk).update(secured=True)
    planning.keep_legs(transfer, [transfers.road(approved, at)], by=cast.ines, at=at)
    releasing.load(transfer, laptop.tag, by=cast.ines, at=at)
    out = transfers.planned(
        cast, [transfers.road(approved, at)], destination=None, receiver=cast.vega, address=["Kade 4"],
        containers=[tote], at=at,
    )  # fmt: skip
    other = devices.laptop(cast, serial="PF2OTHER")
    planning.add(out, devices=[other], by=cast.ines, at=at)
    with pytest.raises(UnableToTransfer, match="isn't Vega"):
        releasing.load(out, other.tag, by=cast.ines, at=at)


@pytest.mark.django_db
def test_another_organization_sees_and_takes_in_what_goes_to_it_and_nothing_else(cast: Cast, client: Any) -> None:
    at = devices.AT
    truck = transfers.carrier("truck", at)
    unit = monitor(cast, "OUT1")
    transfer = transfers.planned(
        cast,
        [transfers.road(truck, at)],
        destination=None,
        receiver=cast.vega,
        address=["Kade 4"],
        devices=[unit],
        at=at,
    )
    assert not Transfer.objects.visible_to(cast.vera).exists()
    transfers.released(cast, transfer, [unit.tag], at=at)
    assert list(Transfer.objects.visible_to(cast.vera)) == [transfer]
    assert not Transfer.objects.visible_to(cast.alex).exists()
    for stranger in (cast.alex, cast.jonas, cast.ines):
        with pytest.raises(NotAllowed):
            accepting.accept(transfer, unit.tag, by=stranger, at=at + HOUR)
    assert accepting.accept(transfer, unit.tag, by=cast.vera, at=at + HOUR).what == "accepted"
    transfers.taken_over(transfer, by=cast.vera, at=at + HOUR)
    unit.refresh_from_db()
    transfer.refresh_from_db()
    assert (unit.custodian, unit.holds, transfer.status) == (cast.vega, ["away"], TransferStatus.DONE)


@pytest.mark.django_db
def test_a_shipment_that_was_begun_and_left_empty_keeps_no_transfer_open(cast: Cast) -> None:
    at = devices.AT
    first, second = monitor(cast, "GOES"), monitor(cast, "STAYS")
    transfer = transfers.planned(
        cast, [transfers.road(transfers.carrier("truck", at), at)], devices=[first, second], at=at
    )
    transfers.released(cast, transfer, [first.tag], at=at)
    loaded = releasing.load(transfer, second.tag, by=cast.ines, at=at)
    planning.leave_out(releasing.unload(loaded.cargo, by=cast.ines, at=at), by=cast.ines, at=at)

    accepting.accept(transfer, first.tag, by=cast.jonas, at=at + HOUR)
    transfers.taken_over(transfer, by=cast.jonas, at=at + HOUR)

    transfer.refresh_from_db()
    assert transfer.status == TransferStatus.DONE


@pytest.mark.django_db
def test_a_lid_that_was_opened_while_its_lock_was_waited_for_is_seen_open(cast: Cast) -> None:
    at = devices.AT
    tote = storage.container(cast, secured=True)
    sealing.seal(tote, number="S-1", by=cast.ines, at=at)
    transfer = transfers.planned(
        cast, [transfers.road(transfers.carrier("truck", at), at)], containers=[type(tote).objects.get(pk=tote.pk)], at=at
    )  # fmt: skip
    rows = list(transfer.cargo.select_related("container__location__hub"))
    sealing.break_seal(type(tote).objects.get(pk=tote.pk), number="S-1", reason="To count it.", by=cast.ines, at=at)

    with transaction.atomic():
        [thing] = common.take(rows)

    assert thing.cargo.container is not None
    assert thing.cargo.container.state != "sealed"
