"""Sentences for people: words for codes, counts with their nouns, names for organizations, and nothing said of what isn't known."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from revlog.common import words
from revlog.common.words import Audience
from tests.cast import Cast


def said(template: str, **values: object) -> str:
    with override("en"):
        return words.sentence(template, values, Audience.STAFF)


@pytest.mark.parametrize(
    ("parcels", "told"), [(0, "0 parcels"), (1, "1 parcel"), (2, "2 parcels"), (1200, "1,200 parcels")]
)
def test_a_count_has_its_noun(parcels: int, told: str) -> None:
    assert said("Handed over, {parcels:parcel|parcels}.", parcels=parcels) == f"Handed over, {told}."


def test_a_count_that_is_missing_reads_as_a_dash() -> None:
    assert said("Handed over, {parcels:parcel|parcels}.") == "Handed over, — parcels."


def test_what_stands_in_brackets_is_left_out_when_a_value_in_it_is_missing() -> None:
    template = "Wiped {serial}[: {method}][, {done!m} of {total!m} bytes]; verify it."

    assert said(template, serial="S1", method="PRNG", done=5, total=6) == "Wiped S1: PRNG, 5 of 6 bytes; verify it."
    assert said(template, serial="S1", method="", done=5) == "Wiped S1; verify it."
    assert said(template, serial="S1", method="factory reset", total=None) == "Wiped S1: factory reset; verify it."


def test_a_value_is_never_read_as_a_template() -> None:
    assert said("Reason: {reason}.", reason="[{serial}] {x}") == "Reason: [{serial}] {x}."


def test_a_sentence_that_begins_with_a_word_for_a_code_has_its_capital() -> None:
    assert said("{operation!w}: {minutes} min.", operation="no_such_code", minutes=30) == "No such code: 30 min."


def test_an_organization_is_called_by_its_name(cast: Cast) -> None:
    assert said("Now belongs to {to!o}.", to=cast.operator.code) == f"Now belongs to {cast.operator.name}."
    assert said("Now belongs to {to!o}.", to="gone") == "Now belongs to gone."
