"""The kinds of labels there are. Each app says its own in its ``labels.py``, found at the start."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.labels.drawing.shapes import Label

Text = str | Promise


@dataclass(frozen=True)
class Thing:
    """Something that can have a label: its chain, what is printed on it, and who may read of it."""

    id: uuid.UUID
    name: str
    label: Label
    hub: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    url: str = ""
    stored: Artifact | None = None
    """A label that somebody else made, as PDF: the carrier's own. It is printed instead of ours."""
    chain: uuid.UUID | None = None
    """Where it has no chain of its own: the one that tells of it."""


Find = Callable[[Actor, Sequence[str], str], Sequence[Thing]]
Say = Callable[[Sequence[Thing], Fact, Actor, datetime], None]
Group = Callable[[Actor, str], Sequence[str] | None]


def say_each(things: Sequence[Thing], fact: Fact, by: Actor, at: datetime) -> None:
    """The fact on the chain of each thing, in the order of their ids."""
    for thing in sorted(things, key=lambda one: one.id):
        ledger.append(thing.chain or thing.id, fact, by=by, at=at, owner=thing.owner, hub=thing.hub)


def nothing_against(_things: Sequence[Thing]) -> Sequence[Reason]:
    return ()


@dataclass(frozen=True)
class Kind:
    """A kind of label. ``find`` gives the things that these texts name (ids or codes) among what the person may see, in that order,
    none for those that nobody knows; its last argument is the variant.

    ``permissions``: one of them is needed. ``hand`` is the kind of the floor's registry whose things have it. ``variants`` are what one
    chooses from, the first where nothing is said. ``stock`` is what it is printed on where no printer says so.
    """

    name: str
    title: Text
    permissions: tuple[str, ...]
    find: Find
    stock: str = "100x50"
    hand: str = ""
    variants: Sequence[tuple[str, Text]] = ()
    say: Say = say_each
    against: Callable[[Sequence[Thing]], Sequence[Reason]] = nothing_against
    """Why these may not have such a label now, whoever asks."""

    def may(self, by: Actor) -> bool:
        return by.is_operator and any(by.may(one) for one in self.permissions)

    def variant(self, told: str) -> str:
        """The variant that is meant; the first, where it is none of them."""
        known = [code for code, _label in self.variants]
        return told if told in known else (known[0] if known else "")


KINDS: dict[str, Kind] = {}
_grouping: dict[str, list[Group]] = {}
"""What a code may stand for several: a container for the units in it, a row of places, a receiving session."""


def kind(made: Kind) -> Kind:
    if made.name in KINDS:
        raise RuntimeError(f"There are two kinds of label called {made.name!r}.")
    KINDS[made.name] = made
    return made


def group(name: str) -> Callable[[Group], Group]:
    """Declare what stands for several things of kind ``name``; the decorated function gives their codes or ids, or None."""

    def declare(found: Group) -> Group:
        _grouping.setdefault(name, []).append(found)
        return found

    return declare


def spread(one: Kind, by: Actor, texts: Sequence[str]) -> list[str]:
    """The texts with those that stand for several replaced by what they stand for."""
    found: list[str] = []
    for text in texts:
        several = next((told for each in _grouping.get(one.name, []) if (told := each(by, text)) is not None), None)
        found.extend([text] if several is None else several)
    return list(dict.fromkeys(found))


def for_hand(by: Actor, hand: str) -> list[Kind]:
    return [one for one in KINDS.values() if one.hand == hand and one.may(by)]


def mine(by: Actor) -> list[Kind]:
    return [one for one in KINDS.values() if one.may(by)]


def ids_in(texts: Sequence[str]) -> list[uuid.UUID]:
    """Those of the texts that are ids."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def in_order(texts: Sequence[str], rows: Sequence[Any], names: Callable[[Any], Sequence[str]]) -> list[Any]:
    """``rows`` in the order of the texts that name them, each once."""
    by_name = {name.casefold(): row for row in rows for name in names(row)}
    found = {id(row): row for text in texts if (row := by_name.get(text.strip().casefold())) is not None}
    return list(found.values())
