"""The table of looks: every state has one, in every reader's words, and no page shows a code."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import override

from revlog.common import looks, words
from revlog.common.templatetags import ui
from revlog.devices import journey


def test_every_state_of_a_device_has_a_look_and_words() -> None:
    states = {str(state.value) for state in journey.State}
    assert set(looks.STATES) == states


@pytest.mark.parametrize("audience", list(looks.Audience))
def test_no_audience_reads_a_raw_code(audience: looks.Audience) -> None:
    with override("en"):
        for state in looks.STATES:
            word = str(looks.badge(state, audience).word)
            assert word
            assert "_" not in word
            assert word != state
        assert all(str(row.word) for row in looks.legend(audience))


def test_the_glossary_lists_the_states_as_their_readers_know_them() -> None:
    page = (Path(settings.ROOT) / "docs" / "glossary.md").read_text(encoding="utf-8")
    with override("en"):
        told = [
            f"| `{code}` | {row.look.value} | {row.staff} | {row.customer} | {row.client} | {row.auditor} |"
            for code, row in looks.STATES.items()
        ]
    assert [line for line in page.splitlines() if line.startswith("| `")] == told


@pytest.mark.parametrize("audience", list(words.Audience))
def test_a_sentence_and_a_badge_say_the_same_of_a_state(audience: words.Audience) -> None:
    with override("en"):
        for state in looks.STATES:
            said = words.word(f"state.{state}", audience)
            assert looks.badge(state, audience).word == capfirst(said)
            assert said[0].islower(), f"{said!r} can't stand in a sentence"


def test_staff_read_wipe_where_auditors_read_sanitization_as_the_glossary_has_it() -> None:
    with override("en"):
        told = looks.STATES["TO_SANITIZE"]
        assert "wipe" in str(told.staff)
        assert "sanitization" in str(told.auditor)
        assert not [row for row in looks.STATES.values() if "saniti" in f"{row.staff} {row.customer}"]


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_a_customers_words_are_there_in_each_language(language: str) -> None:
    path = Path(settings.ROOT) / "revlog/common/locale" / language / "LC_MESSAGES/django.po"
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)
    with override("en"):
        wanted = {str(row.customer) for row in (*looks.STATES.values(), looks.HELD)}
    assert sorted(text for text in wanted if not (found := catalog.get(text)) or not found.string) == []


def test_there_are_eight_looks_and_each_differs_in_icon_and_color() -> None:
    assert len(looks.LOOKS) == 8
    assert len({appearance.icon for appearance in looks.LOOKS.values()}) == 8
    assert len({appearance.color for appearance in looks.LOOKS.values()}) == 8


def test_a_hold_outweighs_the_state() -> None:
    with override("en"):
        badge = looks.badge("TO_SELL", looks.Audience.CUSTOMER, held=True)
        assert badge.look is looks.Look.HELD
        assert badge.word == "We need to look closer"


def test_a_hold_left_on_an_ended_journey_does_not_hide_its_end() -> None:
    assert looks.look_of("SOLD", held=True) is looks.Look.DONE
    assert str(looks.badge("SOLD", held=True).word) == "Sold"


@pytest.mark.parametrize("state", ["WRITTEN_OFF", "NOT_RECEIVED"])
def test_a_loss_never_passes_for_success(state: str) -> None:
    assert looks.look_of(state) is looks.Look.HELD
    assert looks.badge(state, held=True).word == looks.badge(state).word


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
