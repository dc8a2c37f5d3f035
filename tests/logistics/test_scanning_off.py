"""A truck is scanned off: counted while the driver waits, signed for, and unpacked by somebody else later."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from pypdf import PdfReader

from revlog.accounts.actors import system
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Location
from revlog.evidence.models import Attachment, Document
from revlog.evidence.services import artifacts
from revlog.logistics.models import (
    Appointment,
    Carrier,
    Delivery,
    Direction,
    Handover,
    LineStatus,
    Parcel,
    ParcelStatus,
)
from revlog.logistics.services import docks, parcels, scanning_off, signing_off
from revlog.logistics.services.docks import UnableToPlanDock
from revlog.logistics.services.scanning_off import UnableToScanOff
from tests.cast import Cast


def glass(*, ink: bool = True) -> str:
    """What the browser sends of a signature."""
    picture = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    if ink:
        ImageDraw.Draw(picture).line((10, 50, 290, 60), fill=(0, 0, 0, 255), width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return signing_off.PEN + base64.b64encode(out.getvalue()).decode()


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (120, 60, 30)).save(out, "JPEG")
    return SimpleUploadedFile("crushed.jpg", out.getvalue(), "image/jpeg")


def carrier(code: str, at: datetime) -> Carrier:
    return Carrier.objects.create(code=code, name=code.title(), created_at=at)


def coming(cast: Cast, whose: Carrier, count: int = 1, *, hub: Hub | None = None, at: datetime) -> list[Parcel]:
    made = parcels.announce(
        direction=Direction.INBOUND, hub=hub or cast.rotterdam, owner=cast.retailer, parcels=count, carrier=whose,
        by=cast.henrik, at=at,
    )  # fmt: skip
    Parcel.objects.filter(shipment=made.shipment).update(status=ParcelStatus.IN_TRANSIT)
    return list(Parcel.objects.filter(shipment=made.shipment).order_by("number"))


def kinds(chain: UUID) -> list[str]:
    return [
        one.removeprefix("logistics.") for one in Entry.objects.filter(chain_id=chain).values_list("kind", flat=True)
    ]


def test_a_truck_is_counted_signed_for_and_handed_over(cast: Cast, at: datetime) -> None:
    post, other = carrier("post", at), carrier("rival", at)
    door = Location.objects.create(hub=cast.rotterdam, code="DOOR-1", kind="dock", created_at=at)
    first, second, missing = coming(cast, post, 3, at=at)
    strange = coming(cast, other, at=at)[0]
    elsewhere = coming(cast, post, hub=cast.leipzig, at=at)[0]
    with pytest.raises(NotAllowed):
        scanning_off.begin(hub=cast.rotterdam, carrier=post, by=cast.ravi, at=at)

    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, door=door, reference="TOUR 7", by=cast.ines, at=at)
    assert delivery.expected == 3
    with pytest.raises(UnableToScanOff):
        scanning_off.begin(hub=cast.rotterdam, carrier=post, door=door, by=cast.ines, at=at)

    scanned = scanning_off.scan(delivery, [first.tracking.lower()], by=cast.ines, at=at)
    assert (scanned.what, scanned.line.listed, scanned.line.why) == ("counted", True, "")
    again = scanning_off.scan(delivery, [first.tracking], by=cast.ines, at=at + timedelta(milliseconds=600))
    assert (again.what, again.at_once) == ("again", True)
    later = scanning_off.scan(delivery, [first.tracking], by=cast.aisha, at=at + timedelta(minutes=2))
    assert (later.what, later.at_once) == ("again", False)
    assert scanning_off.scan(delivery, [second.tracking], by=cast.ines, at=at).what == "counted"
    foreign = [
        scanning_off.scan(delivery, [number], by=cast.ines, at=at).line.why
        for number in (strange.tracking, elsewhere.tracking, "ZZ99")
    ]
    assert foreign == ["other_carrier", "other_hub", "unknown"]
    taken = scanning_off.scan(delivery, ["ZZ99"], anyway=True, by=cast.ines, at=at)
    assert (taken.what, taken.line.why) == ("counted", "unknown")
    assert taken.parcel is not None
    assert not taken.parcel.announced

    # Damage is shown before the driver goes.
    scanning_off.damaged(delivery, first.tracking, by=cast.ines, at=at)
    with pytest.raises(UnableToScanOff, match="no photo"):
        signing_off.end(delivery, signature=glass(), signed_by="D. Jansen", by=cast.ines, at=at)
    scanning_off.photograph(delivery, first.tracking, photo(), by=cast.ines, at=at)
    assert Attachment.objects.filter(chain_id=first.shipment_id, use="photo_parcel").exists()

    for drawing in ("", "data:image/png;base64,AAAA", glass(ink=False)):
        with pytest.raises(BadInput):
            signing_off.end(delivery, signature=drawing, signed_by="D. Jansen", by=cast.ines, at=at)
    ended = signing_off.end(delivery, signature=glass(), signed_by="D. Jansen", by=cast.ines, at=at)
    with pytest.raises(UnableToScanOff):
        scanning_off.scan(ended, [missing.tracking], by=cast.ines, at=at)

    told = Entry.objects.get(chain_id=delivery.pk, kind="logistics.delivery_ended").payload
    assert {name: told[name] for name in ("expected", "counted", "unlisted", "damaged", "missing", "turned_away")} == {
        "expected": 3, "counted": 3, "unlisted": 1, "damaged": 1, "missing": 1, "turned_away": 2,
    }  # fmt: skip
    assert "Jansen" not in str(list(Entry.objects.values_list("payload", flat=True)))
    assert ended.lines.get(status=LineStatus.MISSING).parcel == missing
    assert kinds(first.shipment_id) == [
        "shipment_announced", "parcel_scanned_off", "parcel_scanned_off",
        "parcel_condition_noted", "parcel_pictured", "released", "accepted",
    ]  # fmt: skip
    handover = Handover.objects.get(shipment=first.shipment_id)
    assert (handover.giver, handover.taker, handover.parcels, handover.is_open) == ("post", "rotterdam", 2, False)
    assert Entry.objects.get(digest=handover.accepted_entry).payload["released"] == handover.released_entry

    reactions.drain(at=at)
    sheet = Document.objects.get(kind="delivery_sheet")
    # A driver's name and signature are for those who work with parcels.
    assert list(Document.objects.visible_to(cast.ines)) == [sheet]
    assert not Document.objects.visible_to(cast.ravi).exists()
    ended.refresh_from_db()
    assert ended.document == sheet
    # The drawing is in the file; the row keeps no picture of it.
    assert len(PdfReader(io.BytesIO(artifacts.read(sheet.artifact))).pages[0].images) == 1
    assert (sheet.context["signature"], sheet.context["unsigned"]) == ("", "")


def test_a_scan_made_by_mistake_is_taken_back_in_time_by_whoever_made_it(cast: Cast, at: datetime) -> None:
    post = carrier("post", at)
    second = coming(cast, post, at=at)[0]
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, by=cast.ines, at=at)
    scanning_off.scan(delivery, [second.tracking], by=cast.ines, at=at)
    scanning_off.scan(delivery, ["ZZ99"], by=cast.ines, at=at)

    with pytest.raises(NotAllowed):
        scanning_off.undo(delivery, second.tracking, by=cast.aisha, at=at)
    with pytest.raises(UnableToScanOff):
        scanning_off.undo(delivery, second.tracking, by=cast.ines, at=at + timedelta(minutes=5))
    scanning_off.undo(delivery, second.tracking, by=cast.ines, at=at + timedelta(seconds=20))
    second.refresh_from_db()
    assert (second.status, second.arrived_at) == (ParcelStatus.IN_TRANSIT, None)
    scanning_off.scan(delivery, [second.tracking], by=cast.ines, at=at + timedelta(seconds=30))
    assert kinds(second.shipment_id)[-3:] == ["parcel_scanned_off", "parcel_scan_undone", "parcel_scanned_off"]
    with pytest.raises(UnableToScanOff):
        scanning_off.undo(delivery, "ZZ99", by=cast.ines, at=at)


def test_a_list_of_the_carrier_or_the_drivers_count_is_counted_against(cast: Cast, at: datetime) -> None:
    post = carrier("post", at)
    known = coming(cast, post, at=at)[0]
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, by=cast.ines, at=at)
    scanning_off.scan(delivery, [known.tracking], by=cast.ines, at=at)

    listed = scanning_off.relist(delivery, listed=[known.tracking, "nl 123", "NL124"], by=cast.ines, at=at)
    assert listed.expected == 3
    # What the list names is taken off, announced to us or not.
    assert scanning_off.scan(delivery, ["NL123"], by=cast.ines, at=at).what == "counted"
    assert signing_off.sums(listed).missing == 1
    counted = scanning_off.relist(delivery, count=5, by=cast.ines, at=at)
    assert signing_off.sums(counted).missing == 3
    with pytest.raises(BadInput):
        scanning_off.relist(delivery, count=-1, by=cast.ines, at=at)

    with pytest.raises(BadInput):
        signing_off.end(delivery, by=cast.ines, at=at)
    left = signing_off.end(delivery, unsigned_why="The driver left", by=cast.ines, at=at)
    assert (left.signature, kinds(known.shipment_id)[-1]) == (None, "accepted")
    assert "released" not in kinds(known.shipment_id)


def test_of_parcels_of_other_sites_a_list_and_a_scan_tell_no_more_than_that_they_go_elsewhere(
    cast: Cast, at: datetime
) -> None:
    post = carrier("post", at)
    here = coming(cast, post, at=at)[0]
    coming_there, come_there = coming(cast, post, 2, hub=cast.leipzig, at=at)
    Parcel.objects.filter(pk=come_there.pk).update(status=ParcelStatus.ARRIVED)
    numbers = [one.tracking for one in (here, coming_there, come_there)]
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, by=cast.ines, at=at)

    alike = [scanning_off.scan(delivery, [number], by=cast.ines, at=at).line for number in numbers[1:]]
    assert [(one.why, one.parcel) for one in alike] == [("other_hub", None)] * 2
    delivery.lines.filter(pk__in=[one.pk for one in alike]).delete()
    only_ours = {numbers[0]: here, numbers[1]: None, numbers[2]: None}
    scanning_off.relist(delivery, listed=numbers, by=cast.ines, at=at)
    assert {one.tracking: one.parcel for one in delivery.lines.all()} == only_ours
    begun = scanning_off.begin(hub=cast.rotterdam, carrier=carrier("rival", at), listed=numbers, by=cast.ines, at=at)
    assert {one.tracking: one.parcel for one in begun.lines.all()} == only_ours


def test_a_person_without_a_site_sees_no_site(cast: Cast, at: datetime) -> None:
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=carrier("post", at), by=cast.ines, at=at)
    nowhere = replace(cast.ines, hubs=frozenset())

    assert [Delivery.objects.visible_to(by).first() for by in (cast.ines, system(), nowhere)] == [
        delivery, delivery, None,
    ]  # fmt: skip


def test_a_door_takes_one_truck_at_a_time(cast: Cast, at: datetime) -> None:
    post = carrier("post", at)
    door = Location.objects.create(hub=cast.rotterdam, code="DOOR-1", kind="dock", created_at=at)
    bin = Location.objects.create(hub=cast.rotterdam, code="BIN-1", kind="bin", created_at=at)
    hour = timedelta(hours=1)

    def plan(**told: Any) -> Appointment:
        facts: dict[str, Any] = {
            "hub": cast.rotterdam,
            "carrier": post,
            "door": door,
            "begins_at": at,
            "ends_at": at + hour,
        }
        return docks.plan(**(facts | {"by": cast.aisha} | told), at=at)

    first = plan(parcels=40)
    with pytest.raises(UnableToPlanDock, match="is taken by Post"):
        plan(begins_at=at + hour / 2, ends_at=at + 2 * hour)
    with pytest.raises(UnableToPlanDock, match="no door"):
        plan(door=bin)
    with pytest.raises(UnableToPlanDock):
        plan(door=None, ends_at=at - hour)
    with pytest.raises(NotAllowed):
        plan(by=cast.ravi)
    plan(begins_at=at + hour, ends_at=at + 2 * hour)

    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=post, appointment=first, by=cast.ines, at=at)
    assert (delivery.door, delivery.expected) == (door, 40)
    first.refresh_from_db()
    assert first.status == "arrived"
    with pytest.raises(UnableToPlanDock):
        docks.cancel(first, by=cast.aisha, at=at)
    assert Delivery.objects.visible_to(cast.jonas).count() == 0
