"""Every fact: a kind that is forever, a sentence for staff that renders, a digest that never changes by accident.

``REVLOG_WRITE_GOLDEN=1`` writes the golden digests anew; a changed line is a changed format and needs a new ``version`` of the fact.
"""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from revlog.common.words import Audience
from revlog.custody import facts, outbox
from revlog.custody.digests import FIRST_PREVIOUS, entry_digest

GOLDEN = Path(__file__).parent / "golden_digests.json"
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def declared() -> dict[str, type[facts.Fact]]:
    return {kind: fact for kind, fact in facts.kinds().items() if not fact.__module__.startswith("tests.")}


def sample(annotation: Any, name: str) -> Any:
    """A value that a field of this type can hold, always the same."""
    origin = typing.get_origin(annotation)
    if origin in {typing.Union, types.UnionType}:
        return sample(next(each for each in typing.get_args(annotation) if each is not type(None)), name)
    if origin in {list, tuple} or str(annotation).startswith(("collections.abc.Sequence", "collections.abc.Iterable")):
        inner = [each for each in typing.get_args(annotation) if each is not Ellipsis] or [str]
        return [sample(inner[0], name)]
    if origin is dict or str(annotation).startswith("collections.abc.Mapping"):
        return {"code": "value"}
    if annotation is bool:
        return True
    if annotation is int:
        return 7
    if annotation is Any:
        return "value"
    return f"<{name}>"


def instance(fact: type[facts.Fact]) -> facts.Fact:
    hints = typing.get_type_hints(fact)
    return fact(**{field.name: sample(hints[field.name], field.name) for field in dataclasses.fields(fact)})  # type: ignore[arg-type]


def digest(fact: type[facts.Fact]) -> str:
    return entry_digest(
        chain="unit:00000000-0000-7000-8000-000000000001", sequence=1, kind=fact.kind, version=fact.version, occurred_at=AT,
        actor="system:test", key="", payload=instance(fact).payload(), previous=FIRST_PREVIOUS,
    )  # fmt: skip


def test_the_digest_of_every_fact_is_the_golden_one() -> None:
    now = {f"{kind}/{fact.version}": digest(fact) for kind, fact in declared().items()}
    if os.environ.get("REVLOG_WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    golden = json.loads(GOLDEN.read_text())

    changed = {kind for kind in golden if now.get(kind) not in {None, golden[kind]}}
    assert not changed, f"the payload of {sorted(changed)} changed under its version; write a new version"
    assert set(now) == set(golden), "facts came or went; run with REVLOG_WRITE_GOLDEN=1 and look at the difference"


@pytest.mark.parametrize("kind", sorted(declared()))
def test_every_fact_has_sentences_that_render(kind: str, db: None) -> None:
    fact = declared()[kind]
    payload = instance(fact).payload()

    for audience in fact.sentences:
        told = facts.told(kind, fact.version, payload, audience)
        assert told
        assert "{" not in told, told
        assert "!" not in told, told
    assert Audience.STAFF in fact.sentences


def test_kinds_are_dotted_and_named_after_their_app() -> None:
    for kind, fact in declared().items():
        app = fact.__module__.partition(".facts")[0].split(".")[-1]
        assert kind.split(".")[0] == app, (kind, fact.__module__)


def test_no_fact_uses_the_names_that_the_mover_writes() -> None:
    reserved = {"state_from", "state_to", "tag"}
    clash = {
        kind: names & reserved
        for kind, fact in declared().items()
        if (names := {field.name for field in dataclasses.fields(fact)}) & {"state_from", "state_to"}  # type: ignore[arg-type]
    }
    assert not clash


def test_every_listener_listens_to_a_fact_that_exists() -> None:
    assert set(outbox.listeners()) - {kind for kind in outbox.listeners() if kind.startswith("test.")} <= set(
        declared()
    )
