from __future__ import annotations

import enum
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revlog.custody import canonical

# A busy machine is no counterexample.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
keys = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8)
scalars = texts | st.booleans() | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
payloads = st.dictionaries(keys, values, max_size=6)


class Level(enum.StrEnum):
    PURGE = "purge"


class Pass(enum.IntEnum):
    SECOND = 2


def nested(levels: int) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for _ in range(levels - 1):
        payload = {"in": payload}
    return payload


@unhurried
@given(payloads)
def test_the_fast_path_gives_the_very_bytes_of_rfc_8785(payload: dict[str, Any]) -> None:
    assert canonical.payload_text(payload).encode() == rfc8785.dumps(payload) == canonical.dumps(payload)


@unhurried
@given(payloads)
def test_a_payload_reads_back_as_it_was_written(payload: dict[str, Any]) -> None:
    assert canonical.loads_strict(canonical.payload_text(payload).encode()) == payload


def test_it_writes_keys_in_order_without_spaces_and_escapes_only_what_it_must() -> None:
    text = canonical.payload_text({"b": 1, "a": 'é "\\\n\x1f\x7f\u2028/', "A": [True, {}]})

    assert text == '{"A":[true,{}],"a":"é \\"\\\\\\n\\u001f\x7f\u2028/","b":1}'


def test_it_takes_members_of_enumerations_as_their_values() -> None:
    assert canonical.payload_text({"level": Level.PURGE, "pass": Pass.SECOND}) == '{"level":"purge","pass":2}'


def test_it_takes_tuples_as_lists() -> None:
    assert canonical.payload_text({"reasons": ("dent", "crack")}) == '{"reasons":["dent","crack"]}'


@pytest.mark.parametrize(
    ("payload", "path", "why"),
    [
        ({"price": 12.5}, "payload.price", "float"),
        ({"media": [{"size": 1}, {"size": None}]}, "payload.media[1].size", "null"),
        ({"count": 2**53}, "payload.count", "2^53"),
        ({"count": [-(2**53)]}, "payload.count[0]", "2^53"),
        ({"größe": 1}, "payload", "ASCII"),
        ({"a": {7: "x"}}, "payload.a", "keys must be strings"),
        ({"photo": b"\xff"}, "payload.photo", "bytes"),
        ({"note": "a\0b"}, "payload.note", "U+0000"),
        ({"a": {"k\0": 1}}, "payload.a", "U+0000"),
        ({"note": ["fine", "\ud800"]}, "payload.note[1]", "surrogate"),
        ({"who": {1, 2}}, "payload.who", "set"),
        ({"not": float("nan")}, "payload.not", "float"),
        (nested(17), "payload" + ".in" * 16, "nested"),
        ({"text": "x" * 65_536}, "payload", "65,547 bytes"),
        ({"text": "€" * 30_000}, "payload", "90,011 bytes"),
        (["no", "object"], "payload", "object"),
    ],
)
def test_it_refuses_what_others_could_read_differently_and_names_the_path(payload: Any, path: str, why: str) -> None:
    with pytest.raises(canonical.UnfitPayload) as refused:
        canonical.check_payload(payload)

    assert refused.value.path == path
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        nested(16),
        {"most": 2**53 - 1, "least": -(2**53) + 1},
        {"text": "x" * 65_525},
        {"literal": "\\u0000 is written with a backslash"},
        {"emoji": "📦", "empty": ""},
    ],
)
def test_it_takes_what_lies_just_inside_the_limits(payload: dict[str, Any]) -> None:
    canonical.check_payload(payload)


def test_a_payload_that_holds_itself_is_refused() -> None:
    payload: dict[str, Any] = {}
    payload["again"] = payload

    with pytest.raises(canonical.UnfitPayload, match="nested too deeply"):
        canonical.check_payload(payload)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (56.0, "56"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-7, "1e-7"),
        (0.000001, "0.000001"),
        (-0.0, "0"),
        (None, "null"),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'),
    ],
)
def test_the_general_form_writes_numbers_and_orders_keys_as_rfc_8785_says(value: Any, text: str) -> None:
    assert canonical.dumps(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"\ud800": 1}, {1: 2}, object()])
def test_the_general_form_refuses_what_json_cannot_carry(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical.dumps(value)


def test_the_general_form_refuses_a_value_that_holds_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ValueError, match="nested too deeply"):
        canonical.dumps(endless)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"a":1,"b":2,"a":3}', "'a' stands twice"),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1.5]", "1.5 is not a whole number"),
        (b"[9007199254740992]", "beyond 2^53-1"),
        (b"[" + b"9" * 100_000 + b"]", "beyond 2^53-1"),
        (b'{"a":', "line 1, column 6"),
        (b"", "line 1, column 1"),
        (b'{"a":"\xff"}', "not UTF-8 (at byte 6)"),
        (b"\xef\xbb\xbf{}", "Not JSON"),
        (b'"\\ud800"', "lone surrogate"),
        (b'{"\\udfff":1}', "lone surrogate"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":1} {"a":2}', "Extra data"),
    ],
)
def test_strict_reading_refuses_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(canonical.UnreadableJson) as refused:
        canonical.loads_strict(data)

    assert why in str(refused.value)


def test_strict_reading_refuses_more_than_it_was_told_to_read() -> None:
    with pytest.raises(canonical.UnreadableJson, match="at most 4"):
        canonical.loads_strict(b"[1,2]", max_bytes=4)


def test_reading_with_floats_takes_numbers_as_doubles() -> None:
    read = canonical.loads_strict(b"[4.50, 1E30, 9007199254740993, -0, 12]", floats=True)

    assert read == [4.5, 1e30, 9007199254740992.0, 0, 12]
    assert canonical.dumps(read) == b"[4.5,1e+30,9007199254740992,0,12]"


def test_reading_with_floats_refuses_what_no_double_holds() -> None:
    with pytest.raises(canonical.UnreadableJson, match="too large"):
        canonical.loads_strict(b"[1e999]", floats=True)
    with pytest.raises(canonical.UnreadableJson, match="too large"):
        canonical.loads_strict(b"[" + b"9" * 400 + b"]", floats=True)


@unhurried
@given(st.binary(max_size=60) | texts.map(lambda text: json.dumps({"a": text}).encode()[:-1]))
def test_strict_reading_answers_or_refuses_any_bytes(data: bytes) -> None:
    try:
        canonical.loads_strict(data)
    except canonical.UnreadableJson as refused:
        assert str(refused).endswith(".")
