"""The ways in and out: a client's list, a donation, a deployment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from itad.services import intake, leaving
from revlog.common.errors import BadInput, NotAllowed
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories.itad import AT, VERIFIED, waiting, wiped

LIST = """Serial;Manufacturer;Model;Class;Asset tag
PF100001;Lenovo;ThinkPad T480;laptop;VG-001
PF100002;Lenovo;ThinkPad T480;laptop;VG-002
"""


def taken(cast: Cast, text: str = LIST, *, here: bool = True, at: object = AT) -> intake.Taken:
    return intake.take_in(
        client=cast.vega,
        lines=intake.read(text),
        contract="MSA-7",
        hub=cast.rotterdam,
        here=here,
        by=cast.henrik,
        at=at,
    )  # type: ignore[arg-type]


def now(unit: Device) -> Device:
    return Device.objects.get(pk=unit.pk)


def test_a_clients_list_becomes_units_of_the_client_with_leave_by_contract(cast: Cast) -> None:
    units = taken(cast).new
    assert [(unit.serial, now(unit).state, now(unit).owner) for unit in units] == [
        ("PF100001", State.RECEIVED, cast.vega),
        ("PF100002", State.RECEIVED, cast.vega),
    ]
    assert all(now(unit).authority for unit in units)
    assert units[0].visit is not None
    assert (units[0].visit.why, units[0].visit.reference) == ("itad", "job:MSA-7")
    assert Device.objects.visible_to(cast.vera).count() == 2
    assert Device.objects.visible_to(cast.alex).count() == 0


def test_what_was_announced_is_received_by_the_same_list(cast: Cast) -> None:
    announced = taken(cast, here=False).new
    assert {now(unit).state for unit in announced} == {State.EXPECTED}
    arrived = taken(cast, at=AT + timedelta(days=2))
    assert (len(arrived.expected), arrived.new, arrived.again) == (2, [], [])
    assert {now(unit).state for unit in announced} == {State.RECEIVED}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("serial\n", "no lines"),
        ("name;maker\na;b\n", "has to name a serial"),
        ("serial,class\nA1234,spaceship\n", "line 2: there is no class spaceship"),
        ("serial\nA1234\na1234\n", "line 3: The same unit as line 2"),
        ("serial,model\n,T480\n", "line 2: Neither serial nor asset tag"),
        ("serial\nTo be filled by O.E.M.\n", "is no serial"),
    ],
)
def test_a_list_that_can_not_be_taken_says_which_line_and_takes_nothing(cast: Cast, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        taken(cast, text)
    assert not Device.objects.exists()


def test_a_unit_that_is_here_already_is_not_taken_twice(cast: Cast) -> None:
    taken(cast)
    with pytest.raises(BadInput, match="line 2: PF100001 is known as"):
        taken(cast)
    assert Device.objects.count() == 2


def test_a_unit_without_a_contract_or_by_somebody_else_is_refused(cast: Cast) -> None:
    lines = intake.read(LIST)
    with pytest.raises(BadInput, match="contract"):
        intake.take_in(
            client=cast.vega, lines=lines, contract=" ", hub=cast.rotterdam, here=True, by=cast.henrik, at=AT
        )
    with pytest.raises(NotAllowed):
        intake.take_in(client=cast.vega, lines=lines, contract="X", hub=cast.rotterdam, here=True, by=cast.vera, at=AT)


def test_a_wiped_unit_is_donated_and_one_with_data_never_gets_there(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DONATE)
    with pytest.raises(moves.UnableToMove):
        leaving.donate(unit=unit, to="School of the quarter", by=cast.aisha, at=AT)
    wiped(cast, unit)
    assert now(unit).state == State.TO_DONATE
    with pytest.raises(NotAllowed):
        leaving.donate(unit=unit, to="School", by=cast.tomas, at=VERIFIED)
    with pytest.raises(BadInput):
        leaving.donate(unit=unit, to=" ", by=cast.aisha, at=VERIFIED)
    leaving.donate(unit=unit, to="School of the quarter", by=cast.aisha, at=VERIFIED)
    assert now(unit).state == State.DONATED


def test_a_wiped_unit_is_deployed_under_contract_and_stays_on_its_visit(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DEPLOY)
    wiped(cast, unit)
    with pytest.raises(BadInput, match="which site"):
        leaving.deploy(unit=unit, site="", reference="C-1", by=cast.henrik, at=VERIFIED)
    leaving.deploy(unit=unit, site="Hamburg branch", reference="C-1", by=cast.henrik, at=VERIFIED)
    device = now(unit)
    assert device.state == State.DEPLOYED
    assert device.visit is not None
    assert device.visit.closed_at is None


def test_a_donated_unit_passes_to_the_organization_that_gets_it(cast: Cast) -> None:
    unit = waiting(cast, Disposition.DONATE)
    wiped(cast, unit)
    leaving.donate(unit=unit, to="", organization=cast.altair, by=cast.aisha, at=VERIFIED)
    assert now(unit).owner == cast.altair
    assert make.state_of(unit) == State.DONATED
