"""What a customer's words are made of, what our own phrases make of them, and that a model survives being kept as bytes."""

from __future__ import annotations

import gzip
import json

import pytest

from revlog.devices.classes import CLASSES
from triage.complaints import categories, features, labels, light, phrases, text
from triage.complaints.light import UnreadableModel, packed, unpacked
from triage.defects import DEFECTS

KNOWN = frozenset(DEFECTS) | set(labels.BESIDES)


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ("Der AKKU hält <b>nicht</b>&nbsp;lange", "der akku halt nicht lange"),
        ("Écran cassé", "ecran casse"),
        ("Ｗｉ-Ｆｉ\u200b kaputt", "wi fi kaputt"),
        ("Экран разбит", "экран разбит"),
        ("屏幕碎了", "屏幕碎了"),
        ("write to kim@example.org, IMEI 356938035643809, https://a.example/x?y", "write to imei"),
        ("fan <k.im@a.example>, seen by @kim and @ 9.30", "fan seen by kim and 9 30"),
        ("<script>alert('broken battery')</script>fan loud", "fan loud"),
        ("a < b and &lt;i&gt;hot&lt;/i&gt;", "a b and hot"),
        ("Straße, øl, łódź", "strasse ol lodz"),
        ("", ""),
    ],
)  # fmt: skip
def test_words_of_any_script_come_in_one_plain_form(told: str, plain: str) -> None:
    assert text.plain(told) == plain


def test_a_pasted_book_is_bounded_and_markup_that_never_ends_is_too() -> None:
    for told in (
        "battery " * 200_000,
        "<" * 300_000,
        "@" * 300_000,
        "a@" * 150_000,
        "<script " * 50_000,
        "&amp;" * 100_000,
        "x" * 500_000,
        "\x00\ud800" * 9000,
    ):
        assert len(text.plain(told)) <= text.LONGEST * 4
        assert len(features.counts(told)) < 40_000


@pytest.mark.parametrize(
    ("told", "kind", "code"),
    [
        ("The battery drains within an hour", "laptop", "battery_worn"),
        ("Nach dem Sturz ist das Display gesprungen", "phone", "crack"),
        ("La batterie est gonflée, le dos se soulève", "phone", "battery_swollen"),
        ("El puerto de carga está suelto y el cable no encaja", "tablet", "port"),
        ("La tastiera non risponde, manca un tasto", "laptop", "keyboard"),
        ("De ventilator maakt lawaai", "laptop", "fan"),
        ("Skærmen er sort, intet billede", "laptop", "display"),
        ("Bateria szybko się rozładowuje", "phone", "battery_worn"),
        ("O ecrã está partido", "phone", "crack"),
        ("Il y a eu un bourrage papier, n'imprime plus", "printer", "prints_badly"),
        ("asks for the previous owner's account, activation lock", "phone", "locked"),
        ("Wasser ist hineingelaufen, Wasserschaden", "laptop", "liquid"),
        ("very slow since the last update, stuck on the logo", "phone", "software_trouble"),
    ],
)  # fmt: skip
def test_a_fresh_install_understands_the_languages_it_was_given(told: str, kind: str, code: str) -> None:
    among = [each for each, defect in DEFECTS.items() if not defect.classes or kind in defect.classes]

    found = light.shipped().propose(told, among=[*among, *labels.BESIDES])

    assert found
    assert found[0].code == code
    assert 0.3 <= found[0].share <= 1
    assert found[0].words


@pytest.mark.parametrize(
    "told", ["", "???", "Ich habe es mir anders überlegt", "changed my mind", "zzyzx qwfp", "屏幕碎了"]
)
def test_where_no_clear_fault_is_told_none_is_proposed(told: str) -> None:
    assert light.shipped().propose(told) == []


def test_only_what_such_a_thing_can_have_is_proposed_and_the_words_shown_are_the_models_own() -> None:
    model = light.shipped()

    found = model.propose("Herr Quillfeather says that his printer prints stripes", among=["prints_badly", "display"])

    assert [each.code for each in found][:1] == ["prints_badly"]
    assert not {"quillfeather", "herr", "his"} & {word for each in found for word in each.words}
    assert all(each.code in {"prints_badly", "display"} for each in found)


def test_every_phrase_is_of_a_fault_of_the_house_and_says_something() -> None:
    told = phrases.phrases()

    assert {code for code, _language, _phrase in told} <= KNOWN
    for language in phrases.languages():
        own = {code for code, tongue, _phrase in told if tongue == language}
        assert len(own) >= 28, (language, own)
    assert all(text.plain(phrase) for _code, _language, phrase in told)


def test_names_of_others_mean_faults_and_classes_of_ours() -> None:
    assert {code for codes in labels.MEANS.values() for code in codes} <= KNOWN
    assert set(categories.MEANS.values()) <= set(CLASSES)
    assert labels.meant("USB/charging port", known=KNOWN) == ("port",)
    assert labels.meant("Broken thing", known=KNOWN, mapped={"Broken thing": "hinge"}) == ("hinge",)
    assert labels.meant("HINGE", known=KNOWN) == ("hinge",)
    assert labels.meant("Multiple", known=KNOWN) == ()
    may = labels.meant("Power/battery", known=KNOWN)
    assert labels.settled(may, light.shipped().shares("battery drains fast")) == "battery_worn"
    assert labels.settled(may, {}) == "no_power"
    assert categories.meant("Mobile", known=frozenset(CLASSES)) == "phone"
    assert categories.meant("Kettle", known=frozenset(CLASSES)) == "appliance"
    assert categories.meant("Trombone", known=frozenset(CLASSES)) == ""


def test_a_model_kept_as_bytes_says_the_same_and_foreign_bytes_are_refused() -> None:
    model = light.of_phrases([(code, told) for code, tongue, told in phrases.phrases() if tongue == "pl"], version="pl")
    data = packed(model)

    again = unpacked(data)

    told = "czarny ekran"
    assert [each.code for each in again.propose(told)] == [each.code for each in model.propose(told)]
    assert again.propose(told)[0].share == pytest.approx(model.propose(told)[0].share, abs=0.01)
    assert packed(again) == data
    body = json.loads(gzip.decompress(data))
    for wrong in (
        b"",
        b"\x80\x04\x95pickled",
        gzip.compress(b"{}"),
        gzip.compress(b"[" * 100_000),
        data[:-20],
        gzip.compress(json.dumps(body | {"format": "another/1"}).encode()),
        gzip.compress(json.dumps(body | {"bias": [1.0]}).encode()),
        gzip.compress(json.dumps(body | {"lift": [[1.0]]}).encode()),
        gzip.compress(json.dumps(body | {"codes": None}).encode()),
    ):
        with pytest.raises(UnreadableModel):
            unpacked(wrong)
