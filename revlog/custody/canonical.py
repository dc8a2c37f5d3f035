"""Canonical JSON (RFC 8785): one sequence of bytes for one value, which is what every digest is taken over.

Two rules live here. ``dumps`` is the standard, whole: any JSON value, floats included. ``payload_text`` is narrower on
purpose: what goes on the ledger must give the same bytes in every language and after every database, so it holds
only strings, whole numbers that fit a double, booleans, and lists and objects of these, under ASCII keys. Money and
weights are strings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import rfc8785

MAX_INTEGER: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (IEEE 754 double)."""
MAX_DEPTH: Final = 16
"""Levels of lists and objects in a payload, the payload itself being the first."""
MAX_PAYLOAD_BYTES: Final = 65_536
"""A fact says what happened; bytes (photos, reports) are artifacts and are cited by digest."""


class UnfitPayload(ValueError):
    """A payload that may not go on the ledger; says where (``path``, such as ``payload.media[2].capacity``) and why."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} {why}")
        self.path = path


class UnreadableJson(ValueError):
    """Bytes that are not the strict JSON we accept; the message is one sentence with the position where known."""


def dumps(value: object) -> bytes:
    """Return the RFC 8785 bytes of any JSON value (dict, list, tuple, str, int, float, bool, None).

    Raises ValueError for what JSON cannot carry: NaN, infinities, integers beyond 2^53-1, lone surrogates, other types.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # the package checks the type itself
    except UnicodeEncodeError as error:  # a lone surrogate in a key; in a value the package says so itself
        raise rfc8785.CanonicalizationError("a key holds a lone surrogate, which UTF-8 cannot carry") from error
    except RecursionError as error:
        raise rfc8785.CanonicalizationError("the value is nested too deeply, or holds itself") from error


# For our restricted payloads the C encoder of the standard library gives exactly the RFC 8785 bytes, some ten times
# faster than the general one: ASCII keys sort alike by code point and by UTF-16 unit, there are no floats, and the
# escapes are the same. tests/custody/test_canonical.py holds the two against each other.
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def payload_text(payload: Mapping[str, Any]) -> str:
    """Return the canonical JSON text of a payload after checking it; its UTF-8 form equals ``dumps(payload)``.

    Raises UnfitPayload, which names the first offending path.
    """
    if type(payload) is not dict:
        if not isinstance(payload, Mapping):
            raise UnfitPayload("payload", f"must be an object, not {_name(payload)}")
        payload = dict(payload)
    if not _fits(payload):
        _refuse(payload)
    text = _encode(payload)
    # PostgreSQL's jsonb cannot hold U+0000. The escape may also be the text of a harmless backslash: look closer then.
    if "\\u0000" in text:
        _refuse_unstorable_text(payload)
    # No character takes more than four bytes, so the exact count is needed only near the limit.
    if len(text) * 4 > MAX_PAYLOAD_BYTES and (size := len(text.encode("utf-8", "surrogatepass"))) > MAX_PAYLOAD_BYTES:
        raise UnfitPayload("payload", f"takes {size:,} bytes; at most {MAX_PAYLOAD_BYTES:,} go on the ledger")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            _refuse_unstorable_text(payload)
    return text


def check_payload(payload: Mapping[str, Any]) -> None:
    """Raise UnfitPayload, naming the path, unless the payload may go on the ledger."""
    payload_text(payload)


def loads_strict(data: bytes, *, floats: bool = False, max_bytes: int = 32 * 1024 * 1024) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON from outside, refusing what two readers could understand differently.

    Refused: more than ``max_bytes``, not UTF-8, a byte order mark, the same key twice in an object, NaN and infinities,
    lone surrogates, nesting too deep to walk, and numbers that are not whole or lie beyond 2^53-1. With ``floats=True``
    numbers are IEEE 754 doubles, as RFC 8785 reads them. Raises UnreadableJson.
    """
    if len(data) > max_bytes:
        raise UnreadableJson(f"The JSON takes {len(data):,} bytes; at most {max_bytes:,} are read.")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_double if floats else _refuse_float,
            parse_int=_number if floats else _whole_number,
        )
        # Surrogates can only be seen once the escapes are read.
        _encode(value).encode()
    except UnicodeDecodeError as error:
        raise UnreadableJson(f"The JSON is not UTF-8 (at byte {error.start}).") from error
    except UnicodeEncodeError as error:
        raise UnreadableJson("The JSON holds a lone surrogate, which is no character.") from error
    except RecursionError as error:
        raise UnreadableJson("The JSON is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise UnreadableJson(f"Not JSON: {error.msg} (at line {error.lineno}, column {error.colno}).") from error
    return value


def _fits(payload: dict[str, Any]) -> bool:  # noqa: PLR0912 - one flat loop: it runs for every entry
    """Say whether all values and keys are of the allowed kinds; level by level."""
    boxes: list[Any] = [payload]
    depth = 0
    while boxes:
        depth += 1
        if depth > MAX_DEPTH:
            return False
        inner: list[Any] = []
        for box in boxes:
            if isinstance(box, dict):
                for key in box:
                    if not (isinstance(key, str) and key.isascii()):
                        return False
                values: Any = box.values()
            else:
                values = box
            for value in values:
                kind = type(value)
                if kind is str or kind is bool:
                    continue
                if kind is int:
                    if not -MAX_INTEGER <= value <= MAX_INTEGER:
                        return False
                elif kind is dict or kind is list or kind is tuple:
                    inner.append(value)
                elif isinstance(value, str):  # members of str enumerations: written as their value
                    continue
                elif isinstance(value, int):
                    if not -MAX_INTEGER <= value <= MAX_INTEGER:
                        return False
                elif isinstance(value, (dict, list, tuple)):
                    inner.append(value)
                else:
                    return False
        boxes = inner
    return True


def _refuse(payload: dict[str, Any]) -> NoReturn:
    """Raise UnfitPayload for the first value that ``_fits`` turned down."""
    waiting: list[tuple[str, int, Any]] = [("payload", 1, payload)]
    while waiting:
        path, depth, value = waiting.pop()
        if isinstance(value, (dict, list, tuple)):
            if depth > MAX_DEPTH:
                raise UnfitPayload(path, f"is nested too deeply: at most {MAX_DEPTH} levels go on the ledger")
            members = value.items() if isinstance(value, dict) else enumerate(value)
            found = []
            for name, member in members:
                if isinstance(value, dict):
                    if not isinstance(name, str):
                        raise UnfitPayload(path, f"has the key {name!r}: keys must be strings")
                    if not name.isascii():
                        raise UnfitPayload(path, f"has the key {name!a}: keys must be ASCII")
                found.append((f"{path}.{name}" if isinstance(value, dict) else f"{path}[{name}]", depth + 1, member))
            waiting.extend(reversed(found))
        elif value is None:
            raise UnfitPayload(path, "is null: leave the key out instead")
        elif isinstance(value, float):
            raise UnfitPayload(path, "is a float: write money, weights and measures as strings")
        elif isinstance(value, int):
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise UnfitPayload(path, "lies beyond 2^53-1, where JSON readers lose digits: write it as a string")
        elif not isinstance(value, str):
            raise UnfitPayload(path, f"is of the type {_name(value)}: only str, int, bool, list and dict are allowed")
    raise UnfitPayload("payload", "could not be checked")


def _refuse_unstorable_text(payload: dict[str, Any]) -> None:
    """Raise UnfitPayload for the first string or key that holds U+0000 or a lone surrogate, if there is one."""
    waiting: list[tuple[str, Any]] = [("payload", payload)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                raise UnfitPayload(path, "holds the character U+0000, which PostgreSQL cannot store")
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise UnfitPayload(path, "holds a lone surrogate, which is no character")
        elif isinstance(value, dict):
            for name in value:
                if "\0" in name:
                    raise UnfitPayload(path, "has a key with the character U+0000, which PostgreSQL cannot store")
            waiting.extend(reversed([(f"{path}.{name}", member) for name, member in value.items()]))
        elif isinstance(value, (list, tuple)):
            waiting.extend(reversed([(f"{path}[{index}]", member) for index, member in enumerate(value)]))


def _name(value: object) -> str:
    return type(value).__name__


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise UnreadableJson(f"The key {key!a} stands twice in one object.")
            seen.add(key)
    return members


def _refuse_constant(text: str) -> NoReturn:
    raise UnreadableJson(f"{text} is not a JSON number.")


def _refuse_float(text: str) -> NoReturn:
    raise UnreadableJson(f"{text[:40]} is not a whole number; other numbers must be strings here.")


def _whole_number(text: str) -> int:
    # The length first: reading a number of a million digits takes quadratic time.
    if len(text) > len(str(-MAX_INTEGER)) or not -MAX_INTEGER <= (number := int(text)) <= MAX_INTEGER:
        raise UnreadableJson(f"{text[:40]} lies beyond 2^53-1, where JSON readers lose digits.")
    return number


def _double(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableJson(f"{text[:40]} is too large for a double.")
    return number


def _number(text: str) -> int | float:
    if len(text) <= len(str(MAX_INTEGER)) and -MAX_INTEGER <= (number := int(text)) <= MAX_INTEGER:
        return number
    return _double(text)
