"""What went to another organization comes back: announced, taken in by scans, in our hands again, and looked at again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, MediumState
from revlog.devices.models.records import Medium
from revlog.evidence.services import artifacts
from revlog.logistics.models import CargoStatus, Handover, Settled, Transfer, TransferStatus
from revlog.logistics.queries import transfers as queries
from revlog.logistics.services.transfers import accepting, planning, releasing, returning, settling
from revlog.logistics.services.transfers.common import UnableToTransfer
from revlog.storage.services.containers import moving, sealing
from revlog.storage.services.containers.keeping import UnableToKeep
from tests.cast import Cast
from tests.factories import devices, storage, transfers
from tests.factories.transfers import HOUR
from tests.logistics.transfers.test_crossing import press, scan, signed_in

pytestmark = pytest.mark.django_db
AT = devices.AT


def with_vega(cast: Cast, truck: Any, **things: Any) -> Transfer:
    """Sent to Vega, and taken in there: what is sealed by its seal."""
    row = transfers.planned(
        cast, [transfers.road(truck, AT, ends="Vega")], destination=None, receiver=cast.vega, address=["Kade 4"], at=AT,
        **things,
    )  # fmt: skip
    transfers.released(cast, row, [one.code for one in row.cargo.all()], at=AT)
    for one in row.cargo.all():
        accepting.accept(row, (one.seals or [one.code])[0], by=cast.vera, at=AT + HOUR)
    transfers.taken_over(row, by=cast.vera, at=AT + HOUR)
    return row


def back(cast: Cast, truck: Any, **more: Any) -> Transfer:
    legs = [transfers.road(truck, AT + 2 * HOUR, begins="Vega", ends="Rotterdam")]
    told: dict[str, Any] = {"origin": cast.rotterdam, "giver": cast.vega, "address": ["Kade 4"], "by": cast.ines}
    return planning.plan(**(told | more), legs=legs, at=AT + 2 * HOUR)


def test_what_was_in_other_hands_is_ours_again_and_looked_at_again(cast: Cast) -> None:  # noqa: PLR0915
    truck, then = transfers.carrier("truck", AT), AT + 30 * HOUR
    wiped = devices.for_sale(cast)
    pallet, tote = storage.container(cast), storage.container(cast)
    first, second, third = storage.filled(cast, 3, pallet)
    sealing.seal(pallet, number="S-9", by=cast.ines, at=AT)
    out = with_vega(cast, truck, containers=[pallet], devices=[wiped])

    # With Vega, nobody here moves it; what Vega doesn't have can't come back from it, and Ben doesn't announce for Rotterdam.
    with pytest.raises(UnableToKeep, match="is with Vega"):
        moving.move(pallet, storage.place(cast, "BIN-1"), by=cast.ines, at=AT + HOUR)
    with pytest.raises(UnableToTransfer, match="isn't with Vega"):
        back(cast, truck, containers=[tote])
    with pytest.raises(BadInput, match="what comes back"):
        back(cast, truck)
    with pytest.raises(NotAllowed):
        back(cast, truck, containers=[pallet], by=cast.jonas)
    assert {one.code for one in queries.with_others(cast.aisha)} == {pallet.number, wiped.tag}

    # Two of the pallet's units come without it. A unit doesn't come twice.
    called_off = back(cast, truck, containers=[pallet])
    with pytest.raises(UnableToTransfer, match="comes back in"):
        planning.add(called_off, devices=[first], by=cast.ines, at=AT + 2 * HOUR)
    planning.cancel(called_off, by=cast.ines, at=AT + 2 * HOUR)
    row = back(cast, truck, devices=[first, second, wiped])
    assert set(Transfer.objects.visible_to(cast.vera)) == {row, called_off, out}
    with pytest.raises(NotAllowed, match="loaded by that one's people"):
        releasing.load(row, first.tag, by=cast.ines, at=AT + 2 * HOUR)
    returning.set_off(row, by=cast.ines, at=AT + 3 * HOUR)
    with pytest.raises(UnableToTransfer, match="has left already"):
        returning.set_off(row, by=cast.aisha, at=AT + 3 * HOUR)
    first.refresh_from_db()
    assert (first.custodian, first.holds, first.location) == (truck.organization, ["away"], None)
    assert Entry.objects.filter(chain_id=pallet.pk, kind="storage.container_taken_from").count() == 1

    # Taken in by Rotterdam's people alone; one doesn't come, since it never left.
    with pytest.raises(NotAllowed):
        accepting.accept(row, first.tag, by=cast.vera, at=then)
    for unit in (first, wiped):
        assert accepting.accept(row, unit.tag, by=cast.ines, at=then).what == "accepted"
    transfers.taken_over(row, by=cast.ines, at=then)
    missing = row.consignments.get().shipment.discrepancies.get()
    assert missing.code == second.tag
    settling.settle(missing, how=Settled.STAYED, note="Vega has it still", by=cast.aisha, at=then)
    for unit in (first, second, third, wiped):
        unit.refresh_from_db()
    assert (second.custodian, second.holds) == (cast.vega, ["away"])
    assert (first.custodian, first.hub, first.holds, first.state) == (cast.operator, cast.rotterdam, [], "RECEIVED")
    # It was for sale, wiped: now it is looked at again, and its drive counts as used until it is wiped again.
    assert (wiped.custodian, wiped.holds, wiped.state, wiped.data) == (cast.operator, [], "IN_TRIAGE", "UNKNOWN")
    assert wiped.disposition == ""
    assert Medium.objects.get(device=wiped).state == MediumState.UNKNOWN
    row.refresh_from_db()
    assert row.status == TransferStatus.DONE

    # The one that stayed can be announced again, to another site as well; the pallet's seal says nothing any more.
    again = back(cast, truck, origin=cast.leipzig, containers=[pallet], devices=[second], by=cast.jonas)
    assert accepting.accept(again, pallet.number, by=cast.katja, at=then + HOUR).what == "accepted"
    assert accepting.accept(again, second.tag, by=cast.katja, at=then + HOUR).what == "accepted"
    transfers.taken_over(again, by=cast.katja, at=then + HOUR)
    for unit in (second, third):
        unit.refresh_from_db()
        assert (unit.hub, unit.custodian, unit.holds) == (cast.leipzig, cast.operator, [])
    pallet.refresh_from_db()
    assert pallet.state == "closed"
    moving.move(pallet, storage.place(cast, "BIN-L", hub=cast.leipzig), by=cast.katja, at=then + 2 * HOUR)
    assert not queries.with_others(cast.aisha).exists()

    # No paper of ours says that Vega signed; the one with what came stands on the shipment.
    reactions.drain(at=then + 2 * HOUR)
    made = row.consignments.get()
    assert (made.document, made.receipt is not None) == (None, True)
    assert made.receipt is not None
    assert made.receipt.context["given_by"] is None


def test_the_office_announces_a_way_back_and_the_floor_takes_it_in(cast: Cast) -> None:
    truck = transfers.carrier("truck", AT)
    tote = storage.container(cast)
    unit, _other = storage.filled(cast, 2, tote)
    out = with_vega(cast, truck, containers=[tote])
    aisha, page = signed_in(cast, "aisha"), reverse("transfer_back")
    assert "Vega" in aisha.get(page).content.decode()
    assert f"?from={cast.vega.code}" in aisha.get(queries.address_of(out)).content.decode()
    form = aisha.get(f"{page}?from={cast.vega.code}").content.decode()
    assert tote.number in form
    assert "Kade 4" in form
    told = {
        "origin": "rotterdam", "address": "Kade 4", "legs-TOTAL_FORMS": "1", "legs-INITIAL_FORMS": "0",
        "legs-MIN_NUM_FORMS": "0", "legs-MAX_NUM_FORMS": "9", "legs-0-carrier": "truck", "legs-0-mode": "road",
        "legs-0-begins_at": "Vega", "legs-0-ends_at": "Rotterdam", "legs-0-planned_from": "2026-11-03T08:00",
        "legs-0-planned_to": "2026-11-03T18:00",
    }  # fmt: skip
    nothing = aisha.post(f"{page}?from={cast.vega.code}", told)
    assert nothing.status_code == 422
    assert "Choose what comes back" in nothing.content.decode()
    assert aisha.post(f"{page}?from={cast.vega.code}", told | {"things": [tote.number]}).status_code == 302
    row = Transfer.objects.get(giver=cast.vega)
    assert "It left Vega" in aisha.get(queries.address_of(row)).content.decode()
    assert signed_in(cast, "vera").get(queries.address_of(row)).status_code == 200
    # Outsiders have no such page; at another site nothing of it can be chosen.
    for name, status in (("vera", 404), ("alex", 404), ("jonas", 422)):
        answer = signed_in(cast, name).post(f"{page}?from={cast.vega.code}", told | {"codes": unit.tag})
        assert answer.status_code == status, name

    # Nobody wrote down that it left: that it stands at the door says so.
    ines = signed_in(cast, "ines")
    assert row.number not in scan(ines, "TRANSFER OUT")
    assert row.number in scan(ines, "TRANSFER IN")
    assert "Vega" in scan(ines, row.number)
    assert "Taken in" in scan(ines, tote.number)
    assert "Who takes it over signs" in scan(ines, "END")
    done = press(ines, "transfer_accept", transfer=row.number, signature=transfers.glass(), signed_by="I. Duarte")
    assert "Signed and taken in" in done
    row.refresh_from_db()
    assert row.status == TransferStatus.DONE
    assert row.cargo.get().status == CargoStatus.ACCEPTED
    assert Device.objects.get(pk=unit.pk).custodian == cast.operator


def test_the_other_organization_signs_for_handing_it_back(cast: Cast) -> None:
    truck, then = transfers.carrier("truck", AT), AT + 3 * HOUR
    tote = storage.container(cast)
    unit, _other = storage.filled(cast, 2, tote)
    with_vega(cast, truck, containers=[tote])
    row = back(cast, truck, containers=[tote])
    page, vera = queries.address_of(row), signed_in(cast, "vera")
    shown = vera.get(page).content.decode()
    assert "Hand it over" in shown
    assert f'Loaded: <span class="unbroken">{tote.number}' in shown
    signed = {"act": "hand_over", "signature": transfers.glass(), "signed_by": "V. Gerritsen"}
    # Neither strangers nor we sign for them, and on the way out nobody signs so.
    assert signed_in(cast, "alex").post(page, signed).status_code == 404
    for stranger in (cast.ines, cast.alex):
        with pytest.raises(NotAllowed, match="by the people of Vega"):
            returning.hand_over(row, signature=transfers.glass(), signed_by="I. D.", by=stranger, at=then)
    assert "Hand it over" not in signed_in(cast, "aisha").get(page).content.decode()
    with pytest.raises(BadInput, match="who signs"):
        returning.hand_over(row, signature=transfers.glass(), by=cast.vera, at=then)

    assert vera.post(page, signed).status_code == 302
    again = vera.post(page, signed)
    assert (again.status_code, "has left already" in again.content.decode()) == (409, True)
    made = row.consignments.get()
    assert (made.status, made.signed_by, made.unsigned_why, made.released_by) == (
        "under_way", "V. Gerritsen", "", cast.vera.reference,
    )  # fmt: skip
    assert made.signature is not None
    told = Entry.objects.get(chain_id=row.pk, kind="logistics.transfer_released").payload
    assert (told["signature"], told.get("unsigned")) == (made.signature.digest, None)
    assert "Gerritsen" not in str(list(Entry.objects.values_list("payload", flat=True)))
    unit.refresh_from_db()
    assert unit.custodian == truck.organization
    assert Handover.objects.get(shipment=made.shipment).is_open, "the carrier's driver has signed nothing"

    # It is taken in as always, and both papers bear their signature.
    accepting.accept(row, tote.number, by=cast.ines, at=clock.now())
    transfers.taken_over(row, by=cast.ines, at=clock.now())
    reactions.drain(at=clock.now() + HOUR)
    made.refresh_from_db()
    for paper in (made.document, made.receipt):
        assert paper is not None
        assert (paper.context["given_by"], paper.context["unsigned"]) == (None, "")
        # Both ends drew the same here, which a file holds once.
        assert len(PdfReader(io.BytesIO(artifacts.read(paper.artifact))).pages[0].images) == 1

    # Where nobody of theirs can sign, they say why; then there is no paper.
    out = with_vega(cast, truck, containers=[storage.container(cast)])
    second = back(cast, truck, containers=[out.cargo.get().container])
    with pytest.raises(NotAllowed):
        returning.hand_over(out, unsigned_why="no pen", by=cast.vera, at=then)
    returning.hand_over(second, unsigned_why="no pen", by=cast.vera, at=then)
    reactions.drain(at=clock.now() + HOUR)
    left = second.consignments.get()
    assert (left.unsigned_why, left.signature, left.document) == ("no pen", None, None)
