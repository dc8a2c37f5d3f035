"""Taking a client's list in: each thing once, whatever is sent again; refused rows kept; one number joined to the other."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from itad.models import ManifestMapping, ManifestRow, ManifestRun
from itad.services import manifests
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import arrivals, moves
from tests.cast import Cast
from tests.factories.manifests import BY, taken

LIST = (
    "Seriennummer;Inventarnummer;Hersteller;Modell;Typ;Menge\n"
    "PF100001;VG-1;Lenovo;T480;Notebook;1\n"
    ";VG-2;Lenovo;T480;Notebook;\n"
    "1,2E+14;VG-3;Lenovo;T480;Notebook;\n"
    "356938035643809;VG-4;Nokia;X10;Handy;\n"
    ";;Dell;P2419;Monitor;12\n"
    ";;Dell;Latitude;Laptop;2\n"
)


def figures(run: ManifestRun) -> tuple[int, int, int, int]:
    told = manifests.figures(run)
    return told["rows"], told["created"], told["matched"], told["refused"]


def names(device: Device | None) -> set[tuple[str, str]]:
    assert device is not None
    return set(device.identifiers.exclude(scheme="tag").values_list("scheme", "printed"))


def test_a_list_becomes_announced_units_once_and_again_finds_all_of_them(cast: Cast) -> None:
    run = taken(cast, LIST, contract="MSA-7", reference="J-1")

    assert figures(run) == (6, 5, 0, 1)
    assert run.units == 6
    units = {row.line: row for row in run.kept.select_related("device__visit")}
    assert names(units[2].device) == {("serial", "PF100001"), ("asset_tag", "VG-1")}
    assert names(units[3].device) == {("asset_tag", "VG-2")}
    assert names(units[5].device) == {("imei", "356938035643809"), ("asset_tag", "VG-4")}
    lot = Device.objects.get(pk=units[6].devices[0])
    assert (lot.tracking, lot.quantity, lot.state) == ("counted", 12, State.EXPECTED)
    assert len(units[7].devices) == 2
    first = units[2].device
    assert first is not None and first.visit is not None
    assert (first.state, first.owner, first.visit.reference, bool(first.authority)) == (
        State.EXPECTED, cast.vega, "job:J-1", True,
    )  # fmt: skip
    assert not Device.objects.filter(serial__icontains="E+").exists()
    assert Entry.objects.filter(chain_id=run.pk).values_list("kind", flat=True)[0] == "itad.manifest_started"

    again = taken(cast, LIST, contract="MSA-7", reference="J-1")
    assert again.pk != run.pk
    assert figures(again) == (6, 0, 5, 1)
    assert Device.objects.count() == 6
    # Another job may bring the same count once more; what has a number is the same thing.
    assert figures(taken(cast, LIST, contract="MSA-7", reference="J-2")) == (6, 2, 3, 1)


def test_refused_rows_mended_in_their_own_file_bring_in_just_those(cast: Cast) -> None:
    run = taken(cast, LIST, reference="J-1")
    told = manifests.refused_csv(run)
    (row,) = csv.DictReader(io.StringIO(told))
    assert row["Stood on line"] == "4"
    assert "spreadsheet made of a long number" in row["Why it was refused"]

    mended = taken(cast, told.replace("1,2E+14", "PF100003"), name="mended.csv", reference="J-1")

    assert figures(mended) == (1, 1, 0, 0)
    assert names(mended.kept.get().device) == {("serial", "PF100003"), ("asset_tag", "VG-3")}


def test_what_was_known_by_its_asset_tag_gets_the_serial_of_a_later_list_and_two_units_never_become_one(
    cast: Cast,
) -> None:
    taken(cast, "asset tag,make\nVG-1,Lenovo\nVG-2,Lenovo\nVG-3,Lenovo\n")
    later = taken(
        cast,
        "serial,asset tag,make\nPF1AAAA,VG-1,Lenovo\nPF2AAAA,VG-9,Lenovo\nPF3AAAA,VG-3,Lenovo\nPF9AAAA,VG-3,Lenovo\n",
    )
    assert figures(later) == (4, 1, 2, 1)
    rows = {row.line: row for row in later.kept.select_related("device")}
    assert names(rows[2].device) == {("serial", "PF1AAAA"), ("asset_tag", "VG-1")}
    assert rows[2].notes == [["serial_joined", "PF1AAAA"]]
    assert rows[2].device is not None
    assert Entry.objects.filter(chain_id=rows[2].device.pk, kind="devices.identified").count() == 1
    assert (rows[5].outcome, rows[5].reason) == ("refused", "twice")

    crossed = taken(
        cast,
        "serial,asset tag,make\nPF1AAAA,VG-2,Lenovo\nPF8AAAA,VG-1,Lenovo\nPF2AAAA,VG-10,Lenovo\nVG-3,PF3AAAA,Lenovo\n",
    )
    assert figures(crossed) == (4, 0, 1, 3)
    assert [(row.reason, row.outcome) for row in crossed.kept.order_by("line")] == [
        ("two_units", "refused"), ("other_serial", "refused"), ("other_asset_tag", "refused"), ("", "matched"),
    ]  # fmt: skip
    assert [one[0] for one in crossed.kept.get(line=5).notes] == ["names_swapped"]


def test_another_owners_numbers_are_nobodys_business_here(cast: Cast) -> None:
    stay = arrivals.Stay(why="itad", owner=cast.altair.pk, hub=cast.rotterdam.pk)
    for number in range(7):
        what = arrivals.Description(manufacturer="Lenovo", serial="PF1AAAA", model=str(number))
        arrivals.announce(what=what, stay=stay, by=BY, at=clock.now())
    run = taken(cast, "serial,make\nPF1AAAA,Lenovo\n")
    assert figures(run) == (1, 1, 0, 0)
    assert figures(taken(cast, "serial,make\nPF1AAAA,Lenovo\n")) == (1, 0, 1, 0)


def test_what_is_here_or_was_here_is_known_and_said_so(cast: Cast) -> None:
    run = taken(cast, "serial,make\nPF1AAAA,Lenovo\nPF2AAAA,Lenovo\n")
    first, second = (row.device for row in run.kept.select_related("device").order_by("line"))
    assert first is not None and second is not None
    arrivals.receive(first, hub=cast.rotterdam.pk, custodian=cast.rotterdam.organization_id, by=BY, at=clock.now())
    arrivals.give_up(moves.take_one(second.pk), reason="x", by=BY, at=clock.now())
    again = taken(cast, "serial,make\nPF1AAAA,Lenovo\nPF2AAAA,Lenovo\n")
    assert [row.notes for row in again.kept.order_by("line")] == [[["is_here", ""]], [["was_here", ""]]]
    here = taken(cast, "serial,make\nPF2AAAA,Lenovo\nPF3AAAA,Lenovo\n", here=True, contract="X")
    assert figures(here) == (2, 1, 1, 0)
    assert {Device.objects.get(serial=one).state for one in ("PF2AAAA", "PF3AAAA")} == {State.RECEIVED}


def test_it_may_be_stopped_and_killed_anywhere_and_loses_and_doubles_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "BATCH_ROWS", 4)
    data = ("serial,make\n" + "".join(f"PF{number:06d},Dell\n" for number in range(10))).encode()
    at = clock.now()
    told = {"data": data, "name": "a.csv", "client": cast.vega, "hub": cast.rotterdam, "by": BY, "at": at}
    run = manifests.carry_on(manifests.begin(**told), data=data, most=timedelta(0), by=BY, at=at)  # type: ignore[arg-type]
    assert (run.position, run.status, Device.objects.count()) == (4, "running", 4)

    def dies(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(ManifestRow.objects, "bulk_create", dies)
        with pytest.raises(KeyboardInterrupt):
            manifests.carry_on(run, data=data, by=BY, at=at)
    assert Device.objects.count() == 4
    same = manifests.begin(**told)  # type: ignore[arg-type]
    assert same.pk == run.pk
    with pytest.raises(manifests.UnableToTakeIn, match="not the file"):
        manifests.carry_on(same, data=b"serial\nX12\n", by=BY, at=at)
    manifests.stopped(same, by=BY, at=at)
    assert manifests.carry_on(manifests.begin(**told), data=data, by=BY, at=at).position == 4  # type: ignore[arg-type]
    done = manifests.carry_on(manifests.go_on(same, at=at), data=data, by=BY, at=at)
    assert figures(done) == (10, 10, 0, 0)
    assert Device.objects.count() == ManifestRow.objects.count() == 10


def test_the_command_ends_with_its_figures_and_keeps_the_columns(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, refused = tmp_path / "list.csv", tmp_path / "refused.csv"
    file.write_bytes("Nr;Kennung;Gerät\n1;PF100001;Notebook\n2;-;Notebook\n".encode("cp1252"))

    def run(*args: str) -> dict[str, object]:
        out = io.StringIO()
        call_command("import_manifest", str(file), "--client", "demo", "--json", *args, stdout=out)
        told: dict[str, object] = json.loads(out.getvalue().splitlines()[-1])
        assert set(told) == {"rows", "created", "matched", "refused", "seconds"}
        return told | {"seconds": 0}

    with pytest.raises(CommandError, match=r"No line names the columns.*Nr, Kennung, Gerät"):
        run()
    first = run("--map", "serial=Kennung", "--refused", str(refused))
    assert first == {"rows": 2, "created": 1, "matched": 0, "refused": 1, "seconds": 0}
    assert "line 3" in capsys.readouterr().err
    assert refused.read_text("utf-8-sig").startswith("Nr,Kennung,Gerät,Stood on line")
    assert ManifestMapping.objects.get().columns == {"serial": "Kennung"}
    # Next time the client's columns are known.
    assert run() == {"rows": 2, "created": 0, "matched": 1, "refused": 1, "seconds": 0}
    assert ManifestMapping.objects.count() == 1
    for args, sentence in (
        (("--client", "nobody"), "no organization"),
        (("--map", "colour=Nr"), "--map takes"),
        (("--hub", "moon"), "no site 'moon'"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run(*args)


def test_only_those_who_may_send_lists_do_and_clients_only_their_own_and_without_leave(cast: Cast) -> None:
    told = {"data": b"serial\nPF1AAAA\n", "name": "a.csv", "hub": cast.rotterdam, "at": clock.now()}
    for by, client, more in (
        (cast.tomas, cast.vega, {}),
        (cast.alex, cast.vega, {}),
        (cast.vera, cast.vega, {"here": True}),
        (cast.vera, cast.vega, {"contract": "X"}),
    ):
        with pytest.raises(NotAllowed):
            manifests.begin(**told, client=client, by=by, **more)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="another organization"):
        manifests.begin(**told, client=cast.rotterdam.organization, by=cast.henrik)  # type: ignore[arg-type]
    run = manifests.begin(**told, client=cast.vega, by=cast.vera)  # type: ignore[arg-type]
    assert ManifestRun.objects.visible_to(cast.vera).get() == run
    assert not ManifestRun.objects.visible_to(cast.alex).exists()
    assert ManifestRun.objects.visible_to(cast.henrik).get() == run
