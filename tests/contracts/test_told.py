"""What the floor's facts say names people, sites and carriers as people do: no code that only the database knows stands in a sentence."""

from __future__ import annotations

import dataclasses
import re
import typing
from typing import Any

import pytest
from django.utils.translation import override

from revlog.common import clock, words
from revlog.custody import facts
from revlog.logistics.models import Carrier
from revlog.storage.models import PackagingKind, PackagingType
from tests.cast import Cast
from tests.contracts.test_facts import declared, sample

APPS = ("storage.", "logistics.", "labels.", "devices.place_", "returns.parcel")
PRINTED = {
    "number", "transfer", "shipment", "delivery", "tracking", "code", "unit", "container", "place", "before", "after", "parent", "door",
    "parcel", "seal", "seals", "theirs", "bill", "letter", "contract", "goes_to", "mark", "printer", "label", "reference",
    # Said by people, or counted.
    "reason", "why", "service", "goods", "packing", "begins", "ends", "currency", "deposit", "price",
    "kilograms", "value", "metres", "insured", "grams",
}  # fmt: skip
"""Fields that say what stands on the thing itself, what somebody typed, or a figure; each is read as it is."""

FLOOR = sorted(kind for kind in declared() if kind.startswith(APPS))
_BARE = re.compile(r"\{(\w+)\}")


def _texts(fact: type[facts.Fact]) -> list[str]:
    with override("en"):
        return [str(text) for text in fact.sentences.values()]


@pytest.mark.parametrize("kind", FLOOR)
def test_no_sentence_of_the_floor_shows_a_field_bare_that_holds_a_code(kind: str) -> None:
    fact = declared()[kind]
    numbers = {name for name, hint in typing.get_type_hints(fact).items() if hint in (int, int | None)}
    bare = {name for text in _texts(fact) for name in _BARE.findall(text)}

    assert bare - numbers - PRINTED == set()


def test_sites_carriers_parties_and_packaging_are_told_by_their_names(cast: Cast) -> None:
    Carrier.objects.create(code="inland-freight", name="Inland Freight", created_at=clock.now())
    Carrier.objects.create(code="rhine", name="Rhine Barges", created_at=clock.now())
    PackagingType.objects.create(code="euro-pallet", name="Euro pallet", kind=PackagingKind.PALLET)
    codes: dict[str, Any] = {
        "hub": cast.rotterdam.code, "carrier": "inland-freight", "carriers": "inland-freight, rhine",
        "type": "euro-pallet", "partner": cast.vega.code, "owner": cast.vega.code, "client": cast.vega.code,
        "giver": cast.rotterdam.code, "taker": "inland-freight", "origin": cast.rotterdam.code, "to": cast.vega.code,
        "due": "2026-11-28T09:30+00:00", "valid_from": "2026-11-28", "day": "2026-11-28", "dated": "2026-11-28",
    }  # fmt: skip
    raw = re.compile(r"inland-freight|rhine|euro-pallet|\b(?:rotterdam|demo)\b|2026-11")
    told: dict[str, str] = {}
    with override("en"), words.names_read_once():
        for kind in FLOOR:
            fact = declared()[kind]
            hints = typing.get_type_hints(fact)
            values = {
                each.name: codes.get(each.name, sample(hints[each.name], each.name))
                for each in dataclasses.fields(fact)  # type: ignore[arg-type]
            }
            for audience in fact.sentences:
                told[f"{kind} {audience}"] = facts.told(kind, fact.version, values, audience) or ""

    assert {kind: text for kind, text in told.items() if raw.search(text)} == {}
    assert told["logistics.released staff"].startswith("Handed over by Rotterdam to Inland Freight: 7 parcels")
    assert told["logistics.legs_planned staff"].endswith("with Inland Freight, Rhine Barges.")
