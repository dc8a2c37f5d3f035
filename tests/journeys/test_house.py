"""The platform answers, and every card of the welcome page opens a door."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import People

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


def test_each_of_these_people_comes_in_by_their_card_and_sees_their_work(people: People) -> None:
    status, told = people.platform.health()
    assert status == 200
    assert {told[name].split(":")[0] for name in ("database", "broker", "worker", "ledger")} == {"ok"}

    for name, face in {
        "ines": "Ines Duarte",
        "ravi": "Ravi Menon",
        "tomas": "Tomas Kral",
        "maria": "Maria Costa",
    }.items():
        page = people.as_person(name)
        page.goto("/work/")
        assert page.get_by_text(face).first.is_visible(), name
        page.goto("/exceptions/")
        assert page.get_by_role("heading", level=1).is_visible(), name
