"""Facts: all that can be said on the ledger. Each stage declares its own in its ``facts.py``; this is what they share.

A fact is a frozen dataclass. Its kind is dotted, past tense, and forever; its sentences are rendered per audience and language when
somebody reads, never when it is written. Its fields hold ids, codes, digests, integers and strings, money and weights as strings,
and nothing about a person.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, dataclass_transform

from typing_extensions import override

from revlog.common.words import Audience, Text, sentence
from revlog.custody.canonical import check_payload

_registry: dict[tuple[str, int], type[Fact]] = {}
_latest: dict[str, type[Fact]] = {}


Instead = Callable[[Mapping[str, Any]], Mapping[Audience, Text] | None]


class UnknownFact(LookupError):
    """The ledger holds a kind that no code here declares."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Fact:
    """What was done, in the words of the stage that did it.

    Subclasses name themselves: ``class Graded(Fact, kind="triage.graded", staff=_("Graded {grade}."), customer=None)``.
    An audience without a sentence (None, the default for all but staff) isn't shown the entry.
    """

    kind: ClassVar[str]
    version: ClassVar[int]
    sentences: ClassVar[Mapping[Audience, Text]]
    instead: ClassVar[Instead | None]
    """Other sentences for some payloads, where what was done has another name in them; None of a payload that has none."""

    @override
    def __init_subclass__(
        cls,
        *,
        kind: str,
        staff: Text,
        customer: Text | None = None,
        client: Text | None = None,
        auditor: Text | None = None,
        version: int = 1,
        instead: Instead | None = None,
    ) -> None:
        super().__init_subclass__()
        cls.kind = kind
        cls.version = version
        cls.instead = staticmethod(instead) if instead is not None else None
        told = {
            Audience.STAFF: staff,
            Audience.CUSTOMER: customer,
            Audience.CLIENT: client,
            Audience.AUDITOR: auditor if auditor is not None else staff,
        }
        cls.sentences = {audience: text for audience, text in told.items() if text is not None}
        dataclass(frozen=True, kw_only=True)(cls)
        if (kind, version) in _registry:
            raise TypeError(f"Two facts are called {kind}/{version}.")
        _registry[kind, version] = cls
        if kind not in _latest or _latest[kind].version < version:
            _latest[kind] = cls

    @classmethod
    def text_for(cls, payload: Mapping[str, Any], audience: Audience) -> Text | None:
        """The text an audience reads: of a payload that has words of its own, those."""
        own = cls.instead(payload) if cls.instead is not None else None
        if own is None:
            return cls.sentences.get(audience)
        return own.get(audience, own.get(Audience.STAFF) if audience == Audience.AUDITOR else None)

    def payload(self) -> dict[str, Any]:
        """The fields as the ledger keeps them: nothing for None, text for ids, times, money and weights."""
        values = {
            field.name: plain(value)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, field.name)) is not None
        }
        check_payload(values)
        return values


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value as canonical JSON can carry it; UTC for times, text for decimals and UUIDs, None left out of mappings."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    raise TypeError(f"A fact can't hold a {type(value).__name__}.")


def known(kind: str, version: int | None = None) -> type[Fact]:
    try:
        return _latest[kind] if version is None else _registry[kind, version]
    except KeyError:
        raise UnknownFact(kind) from None


def kinds() -> dict[str, type[Fact]]:
    """Every declared kind, by name."""
    return dict(sorted(_latest.items()))


def told(kind: str, version: int, payload: Mapping[str, Any], audience: Audience) -> str | None:
    """The sentence ``audience`` reads for an entry, or None when it isn't theirs to read."""
    try:
        text = known(kind, version).text_for(payload, audience)
    except UnknownFact:
        return kind if audience == Audience.STAFF else None
    return None if text is None else sentence(text, payload, audience)
