"""A Report as plain JSON values and back, so that a child process can hand it over without pickling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from triage.reports.normal import Report

Value: TypeAlias = Any  # whatever a foreign file holds


def to_plain(value: object) -> Value:
    """Dataclasses become objects without their None and empty members; tuples lists; enums their value."""
    if is_dataclass(value) and not isinstance(value, type):
        members = {item.name: getattr(value, item.name) for item in fields(value)}
        return {
            name: to_plain(member) for name, member in members.items() if member is not None and member not in ((), {})
        }
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {str(name): to_plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(member) for member in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"a report doesn't hold {type(value).__name__}")


def encode(report: Report) -> dict[str, Any]:
    return cast("dict[str, Any]", to_plain(report))


def decode(plain: dict[str, Any]) -> Report:
    """The report of ``encode``. Raises ValueError for anything else."""
    try:
        return cast("Report", _reader(Report)(plain))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not an encoded report") from error


@cache
def _reader(wanted: Value) -> Callable[[Value], Value]:
    origin: object = get_origin(wanted)
    inner = get_args(wanted)
    if origin in {Union, UnionType}:
        (one,) = [option for option in inner if option is not NoneType]
        read_one = _reader(one)
        return lambda value: None if value is None else read_one(value)
    if origin is tuple:
        read_item = _reader(inner[0])
        return lambda value: tuple(read_item(item) for item in value)
    if origin is dict:
        return lambda value: {str(name): str(member) for name, member in value.items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = get_type_hints(wanted)
        readers = {item.name: _reader(hints[item.name]) for item in fields(wanted)}
        make = cast("Callable[..., Value]", wanted)
        return lambda value: make(**{name: readers[name](member) for name, member in value.items()})
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return wanted
    return _exactly(wanted)


def _exactly(wanted: type) -> Callable[[Value], Value]:
    def read(value: Value) -> Value:
        if type(value) is not wanted:
            raise TypeError(f"expected {wanted.__name__}")
        return value

    return read
