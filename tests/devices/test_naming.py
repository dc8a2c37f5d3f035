"""A number found on a unit that is known by another one: noted where it is free, and asked about where it is another unit's."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from returns.models import ReceivingSession
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices import identifiers, queries
from revlog.devices.journey import State
from revlog.devices.models import Device, NumberConflict
from revlog.devices.services import arrivals, moves, naming
from revlog.pages import queries as inbox
from tests.cast import Cast

HTMX = {"HTTP_HX_REQUEST": "true"}


def announced(cast: Cast, at: datetime, *, serial: str = "", tag: str = "", maker: str = "Lenovo") -> Device:
    name = identifiers.asset_tag(tag, cast.vega.pk)
    what = arrivals.Description(
        device_class="laptop", manufacturer=maker, model="T480", serial=serial, names=[name] if name else []
    )
    stay = arrivals.Stay(
        why="itad", owner=cast.vega.pk, hub=cast.rotterdam.pk, custodian=cast.vega.pk, reference="job:J-1"
    )
    return arrivals.announce(what=what, stay=stay, by=cast.aisha, at=at)


def words(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def kinds(device: Device) -> list[str]:
    return list(Entry.objects.filter(chain_id=device.pk).order_by("sequence").values_list("kind", flat=True))


def test_at_receiving_the_asset_tag_and_then_the_serial_make_one_unit_known_by_both(
    cast: Cast, client: Client, at: datetime
) -> None:
    unit, twin = announced(cast, at, tag="VG-0007"), announced(cast, at, serial="PF9TWIN01")
    client.force_login(cast.user("aisha"))

    def scan(code: str) -> str:
        return words(client.post("/floor/scan", {"code": code}, **HTMX))  # type: ignore[arg-type]

    scan("RECEIVE")
    assert "Scan its serial number, if it has one" in scan("vg-0007")
    asked = scan("PF7FOUND1")
    assert f"It is the serial of {unit.tag}" in asked
    line = ReceivingSession.objects.get().lines.get()
    told = {"act": "number", "session": line.session_id, "line": line.pk}
    said = client.post("/receiving/act", {**told, "serial": "PF7FOUND1"}, **HTMX)  # type: ignore[arg-type]
    assert "Number noted" in words(said)
    unit.refresh_from_db()
    assert (unit.serial, unit.state) == ("PF7FOUND1", State.RECEIVED)
    assert "devices.identified" in kinds(unit)
    assert queries.scanned("PF7FOUND1", cast.aisha).device == queries.scanned("VG-0007", cast.aisha).device == unit
    # It has its serial now: what comes next is another thing, and a second serial is refused.
    assert "It is the serial of" not in scan("PF8OTHER1")
    again = client.post("/receiving/act", {**told, "serial": "PF8OTHER1"}, **HTMX)  # type: ignore[arg-type]
    assert "has a serial already: PF7FOUND1" in words(again)

    # A serial that was announced as another unit: the hand goes on, nothing is made one, and a lead says what is right.
    other = announced(cast, at, tag="VG-0008")
    scan("VG-0008")
    line = ReceivingSession.objects.get().lines.get(device=other)
    assert f"It is the serial of {other.tag}" in scan("PF9TWIN01")
    told["line"] = line.pk
    said = client.post("/receiving/act", {**told, "serial": "PF9TWIN01"}, **HTMX)  # type: ignore[arg-type]
    assert f"PF9TWIN01 is {twin.tag}" in words(said)
    other.refresh_from_db()
    assert other.serial == ""
    assert NumberConflict.objects.get().device == other


def test_two_units_become_one_only_when_a_person_says_so(cast: Cast, client: Client, at: datetime) -> None:
    here, twin = announced(cast, at, tag="VG-1"), announced(cast, at, serial="PF9TWIN01")
    arrivals.receive(here, hub=cast.rotterdam.pk, custodian=cast.rotterdam.organization_id, by=cast.ines, at=at)
    name = identifiers.serial("PF9TWIN01", "Lenovo")
    assert name is not None
    row = naming.note(moves.take_one(here.pk), name, how="report", by=cast.tomas, at=at)
    assert row is not None
    assert naming.note(moves.take_one(here.pk), name, how="report", by=cast.tomas, at=at) == row
    assert kinds(here).count("devices.number_disputed") == 1
    (shown,) = [one for one in inbox.exceptions(cast.aisha, at=at) if one.kind == "exception.number"]
    assert not [one for one in inbox.exceptions(cast.vera, at=at) if one.kind == "exception.number"]

    for by in (cast.ines, cast.vera):
        with pytest.raises(NotAllowed):
            naming.settle(row, outcome="same", reason="x", by=by, at=at)
    with pytest.raises(naming.UnableToSettle, match="Say why"):
        naming.settle(row, outcome="same", reason=" ", by=cast.aisha, at=at)
    client.force_login(cast.user("vera"))
    assert client.get(shown.url).status_code == 404
    client.force_login(cast.user("aisha"))
    assert f"One thing: {twin.tag} never came" in words(client.get(shown.url))
    done = client.post(shown.url, {"row": row.pk, "outcome": "same", "reason": "Listed twice"})
    assert done.status_code == 302
    twin.refresh_from_db()
    here.refresh_from_db()
    assert (twin.state, here.serial) == (State.NOT_RECEIVED, "PF9TWIN01")
    assert set(here.identifiers.values_list("scheme", flat=True)) == {"tag", "asset_tag", "serial"}
    assert kinds(twin)[-2:] == ["devices.number_settled", "devices.not_received"]
    assert client.post(shown.url, {"row": row.pk, "outcome": "same", "reason": "x"}).status_code == 404
    with pytest.raises(naming.UnableToSettle, match="settled it already"):
        naming.settle(row, outcome="apart", reason="x", by=cast.aisha, at=at)


def test_two_units_that_both_have_a_story_stay_apart(cast: Cast, at: datetime, client: Client) -> None:
    here, twin = announced(cast, at, tag="VG-1"), announced(cast, at, serial="PF9TWIN01")
    for one in (here, twin):
        arrivals.receive(one, hub=cast.rotterdam.pk, custodian=cast.rotterdam.organization_id, by=cast.ines, at=at)
    name = identifiers.serial("PF9TWIN01", "Lenovo")
    assert name is not None
    row = naming.note(moves.take_one(here.pk), name, how="dock", by=cast.ines, at=at)
    assert row is not None
    with pytest.raises(naming.UnableToSettle, match="both have a story"):
        naming.settle(row, outcome="same", reason="x", by=cast.aisha, at=at)
    # Of a unit at a site where the reader doesn't work no more is told than its tag, and nothing is decided.
    Device.objects.filter(pk=twin.pk).update(hub=cast.leipzig)
    client.force_login(cast.user("aisha"))
    page = client.get(f"/unit/{here.tag}/numbers/").content.decode()
    assert (f"/unit/{twin.tag}" in page, f"/unit/{here.tag}" in page, "<textarea" in page or 'name="outcome"' in page) == (
        False, True, False,
    )  # fmt: skip
    Device.objects.filter(pk=twin.pk).update(hub=cast.rotterdam)
    naming.settle(row, outcome="apart", reason="Wrong label", by=cast.aisha, at=at)
    here.refresh_from_db()
    assert here.serial == ""
    assert kinds(here)[-1] == kinds(twin)[-1] == "devices.number_settled"
