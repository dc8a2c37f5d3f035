"""The table of looks: every state has one, in every reader's words, and no page shows a code."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from revlog.common import looks, words
from revlog.common.templatetags import ui
from revlog.devices import journey


def test_every_state_of_a_device_has_a_look_and_words() -> None:
    states = {str(state.value) for state in journey.State}
    assert set(looks.LOOK_OF_STATE) == states
    assert set(looks.STATE_WORDS) == states


@pytest.mark.parametrize("audience", list(looks.Audience))
def test_no_audience_reads_a_raw_code(audience: looks.Audience) -> None:
    with override("en"):
        for state in looks.LOOK_OF_STATE:
            word = str(looks.badge(state, audience).word)
            assert word
            assert "_" not in word
            assert word != state
        assert all(str(row.word) for row in looks.legend(audience))


def test_there_are_eight_looks_and_each_differs_in_icon_and_color() -> None:
    assert len(looks.LOOKS) == 8
    assert len({appearance.icon for appearance in looks.LOOKS.values()}) == 8
    assert len({appearance.color for appearance in looks.LOOKS.values()}) == 8


def test_a_hold_outweighs_the_state() -> None:
    badge = looks.badge("TO_SELL", looks.Audience.CUSTOMER, held=True)
    assert badge.look is looks.Look.HELD
    assert str(badge.word) == "We need to look closer"


def test_a_hold_left_on_an_ended_journey_does_not_hide_its_end() -> None:
    assert looks.look_of("SOLD", held=True) is looks.Look.DONE
    assert str(looks.badge("SOLD", held=True).word) == "Sold"


@pytest.mark.parametrize("state", ["WRITTEN_OFF", "NOT_RECEIVED"])
def test_a_loss_never_passes_for_success(state: str) -> None:
    assert looks.look_of(state) is looks.Look.HELD
    assert str(looks.badge(state, held=True).word) == str(looks.STATE_WORDS[state].office)


def test_a_unit_with_data_to_remove_looks_the_same_whether_wiped_or_shredded() -> None:
    assert looks.look_of("TO_SANITIZE") is looks.look_of("TO_DESTROY") is looks.Look.DATA


def test_an_unknown_state_is_refused_by_name() -> None:
    with pytest.raises(looks.UnknownState, match="TO_MARS"):
        looks.badge("TO_MARS")


def test_an_unknown_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="pirate"):
        looks.badge("SOLD", "pirate")


def test_every_icon_that_the_table_names_is_in_the_sprite() -> None:
    named = (
        {appearance.icon for appearance in looks.LOOKS.values()}
        | set(looks.KIND_ICONS.values())
        | {looks.kind_icon("zeppelin")}
    )
    assert named <= ui.icon_names()


def test_the_staff_of_the_sentences_reads_the_badges_of_the_office() -> None:
    assert looks.badge("TO_SANITIZE", words.Audience.STAFF) == looks.badge("TO_SANITIZE", looks.Audience.OFFICE)
