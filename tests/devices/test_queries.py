"""Which unit a name is of: two questions for any number of names, and the same answer as one by one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revlog.devices import identifiers, queries
from revlog.devices.identifiers import Name
from tests.cast import Cast
from tests.factories import devices as make


def serial(text: str, maker: str = "") -> Name:
    found = identifiers.serial(text, maker)
    assert found is not None
    return found


@pytest.mark.parametrize("maker", ["Lenovo", "lenovo ", ""])
def test_a_serial_is_of_the_unit_of_that_maker(cast: Cast, maker: str) -> None:
    device = make.laptop(cast, serial="PF1ABCDE")

    assert queries.by_names([serial("pf1abcde")], actor=cast.ravi, maker=maker).device == device
    assert queries.by_names([serial("PF1ABCDE", maker)], actor=cast.ravi).device == device


def test_a_serial_of_another_maker_is_another_things(cast: Cast) -> None:
    make.laptop(cast, serial="PF1ABCDE")

    match = queries.by_names([serial("PF1ABCDE", "Dell")], actor=cast.ravi)

    assert (match.device, match.candidates) == (None, ())


def test_a_tag_decides_before_any_serial(cast: Cast) -> None:
    one, other = make.laptop(cast, serial="PF000001"), make.laptop(cast, serial="PF000002")
    tag = identifiers.tag(one.tag)
    assert tag is not None

    assert queries.by_names([serial(other.serial), tag], actor=cast.ravi).device == one


def test_two_units_of_one_name_are_both_named_and_none_is_taken(cast: Cast) -> None:
    older, newer = make.laptop(cast, serial="SAME0001"), make.laptop(cast, serial="SAME0001")

    match = queries.by_names([serial("SAME0001")], actor=cast.ravi)

    assert match.is_ambiguous
    assert {device.pk for device in match.candidates} == {older.pk, newer.pk}


def test_what_the_caller_may_not_see_is_not_found(cast: Cast) -> None:
    make.laptop(cast, serial="PF1ABCDE")

    assert queries.by_names([serial("PF1ABCDE")], actor=cast.vera).device is None


def test_many_are_found_by_two_questions_each_as_if_asked_alone(cast: Cast) -> None:
    made = [make.laptop(cast, serial=f"MANY{number:04}") for number in range(6)]
    make.laptop(cast, serial="MANY0003")
    asked: list[tuple[list[Name], str]] = [([serial(f"MANY{number:04}")], "Lenovo") for number in range(8)]
    asked += [([], ""), ([serial("MANY0001", "Dell")], "")]

    ravi = cast.ravi

    with CaptureQueriesContext(connection) as seen:
        found = queries.by_names_each(asked, actor=ravi)

    assert len(seen) == 2
    assert found[0].device == made[0]
    assert found[3].is_ambiguous
    assert found == [queries.by_names(names, actor=cast.ravi, maker=maker) for names, maker in asked]
